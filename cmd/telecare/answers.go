package main

import (
	"fmt"

	"telecare/alerting"
	"telecare/alerting/notify/helpcoming"
	"telecare/devices"
	"telecare/devices/mqtt"
	"telecare/gateway/config"
	"telecare/gateway/registry"
	"telecare/gateway/strictyaml"
)

// commandsOf are the lamps, sirens and speakers of a registry. One whose address
// cannot be told is left out: apply has refused it.
func commandsOf(r *registry.Site) helpcoming.Commands {
	c := helpcoming.Commands{Places: map[alerting.PlaceID][]helpcoming.Command{}, Devices: map[devices.ID][]helpcoming.Command{}}
	for _, p := range r.Places {
		c.Places[p.ID] = commands(string(p.ID), p.Answers)
	}
	for _, d := range r.Devices {
		c.Devices[d.ID] = commands(string(d.ID), d.Answers)
	}
	return c
}

func commands(subject string, all []registry.Answer) (out []helpcoming.Command) {
	payload := func(s, otherwise string) []byte {
		if s == "" {
			s = otherwise
		}
		if s == "" {
			return nil
		}
		return []byte(s)
	}
	for _, a := range all {
		how := mqtt.Command{Topic: a.Topic}
		if a.To != "" {
			var err error
			if how, err = mqtt.CommandTo(a.To, a.Siren); err != nil {
				continue
			}
		}
		out = append(out, helpcoming.Command{
			Subject: subject, Source: a.Source, Topic: how.Topic,
			Coming: payload(a.Coming, how.On), There: payload(a.There, ""), Over: payload(a.Over, how.Off),
		})
	}
	return out
}

// answering makes the task that tells them.
func (h *house) answering() *helpcoming.Answers {
	a := helpcoming.New(h.publish, func(subject string, on bool) { h.gateway.Condition(alerting.AnswerLost, subject, on) }, h.log)
	a.Set(commandsOf(h.site))
	return a
}

// publish sends through a source's own connection, "" being the first source
// that has one.
func (h *house) publish(source, topic string, payload []byte) error {
	h.mu.Lock()
	var through interface {
		Publish(topic string, payload []byte, retain bool) error
	}
	for _, s := range h.cfg.Sources {
		if source != "" && s.Name != source || h.parts.tasks[sourceTask(s.Name)] == nil {
			continue
		}
		switch task := h.parts.tasks[sourceTask(s.Name)].task.(type) {
		case *mqtt.Client:
			through = task
		case linked:
			if b, ok := task.Task.(*mqtt.Broker); ok {
				through = b
			}
		}
		if through != nil {
			break
		}
	}
	h.mu.Unlock()
	if through == nil {
		return fmt.Errorf("no MQTT source %q in telecare.yaml to publish on", source)
	}
	return through.Publish(topic, payload, false)
}

func sourceTask(name string) string { return `source "` + name + `"` }

// tellers are the sources by which a lamp, siren or speaker can be told; nil when
// they are not known.
func tellers(cfg *config.Config, pos *strictyaml.Document) []string {
	names := []string{}
	for _, s := range cfg.Sources {
		if s.Name == "" {
			return nil
		}
		if s.MQTT != nil || s.Listen != nil {
			names = append(names, s.Name)
		}
	}
	if pos.Unread("sources") {
		return nil
	}
	return names
}

// takes says why what an answer publishes would switch nothing.
func takes(a registry.Answer) error {
	if a.To != "" {
		if _, err := mqtt.CommandTo(a.To, a.Siren); err != nil {
			return err
		}
	}
	for _, c := range commands("", []registry.Answer{a}) {
		for _, payload := range [][]byte{c.Coming, c.There, c.Over} {
			if payload == nil {
				continue
			}
			if err := mqtt.CheckCommand(c.Topic, payload); err != nil {
				return err
			}
		}
	}
	return nil
}
