package main

import (
	"context"
	"time"

	"telecare/alerting"
	"telecare/devices/mqtt"
	"telecare/devices/serial"
	"telecare/gateway"
	"telecare/gateway/config"
)

// source makes what listens to devices, if it is not there already.
func (h *house) source(next, old *parts, s config.Source) error {
	name := sourceTask(s.Name)
	made := []any{s}
	var cert *certificate
	if s.MQTT != nil {
		made = append(made, contents(s.MQTT.CAFile))
	}
	if s.Listen != nil && s.Listen.TLS != nil {
		var err error
		if cert, err = next.certificate(old, s.Listen.TLS); err != nil {
			return err
		}
	}
	if next.keep(name, old, made) {
		return nil
	}
	p := &part{
		made: made,
		// Until it is heard of, it is not known to be there.
		begin: func() { h.link(s.Name, false) },
		ended: func(next *part) { h.unlink(s, next == nil) },
	}
	var err error
	switch {
	case s.MQTT != nil:
		err = h.client(p, s)
	case s.Listen != nil:
		err = h.embedded(next, old, p, s, cert)
	case s.Serial != nil:
		p.task, err = serial.New(serial.Config{
			Name: s.Name, Port: s.Serial.Port, Format: s.Serial.Format, Baud: s.Serial.Baud,
			Profiles: s.Serial.Profiles, ProfilesFile: h.data.profiles(s.Name, s.Serial.Format),
			OnLink: func(up bool) { h.link(s.Name, up) },
		}, h.gateway.Handle, h.log)
	}
	if err != nil {
		return err
	}
	next.tasks[name] = p
	return nil
}

func (h *house) client(p *part, s config.Source) error {
	ca, err := trust(s.MQTT.CAFile)
	if err != nil {
		return err
	}
	id := s.MQTT.ClientID
	if id == "" {
		id = "telecare-" + string(h.site.Plan.Site) + "-" + s.Name
	}
	c := mqtt.NewClient(mqtt.ClientConfig{
		Name: s.Name, URL: s.MQTT.URL, ClientID: id, Username: s.MQTT.Username, Password: s.MQTT.Password.Reveal(),
		TLS: ca, Topics: s.MQTT.Topics, Codec: h.codecs(s), Mappings: mappings(s.Mappings), SessionFile: h.data.session(s.Name), OnLink: func(up bool) { h.link(s.Name, up) },
	}, h.gateway.Handle, h.log)
	p.task = c
	ended := p.ended
	p.ended = func(next *part) {
		if next != nil {
			if after, ok := next.task.(*mqtt.Client); ok {
				after.Follow(c)
			}
		}
		ended(next)
	}
	return nil
}

func (h *house) embedded(next, old *parts, p *part, s config.Source, cert *certificate) error {
	b, err := embedded(s.Name, s.Listen)
	if err != nil {
		return err
	}
	if cert != nil {
		b.TLS = cert.config()
	}
	if b.Listener, err = next.listen(old, s.Listen.Listen); err != nil {
		return err
	}
	b.Codec, b.Mappings = h.codecs(s), mappings(s.Mappings)
	p.listens = s.Listen.Listen
	p.task = linked{mqtt.NewBroker(b, h.gateway.Handle, h.log), func(up bool) { h.link(s.Name, up) }}
	return nil
}

// link notes whether a source hears its devices.
func (h *house) link(source string, up bool) {
	h.gateway.Condition(alerting.LinkLost, source, !up)
	value := 0.0
	if up {
		value = 1
	}
	h.meter.Set("telecare_link_up", source, value)
}

// unlink forgets how a source was that has ended.
func (h *house) unlink(s config.Source, gone bool) {
	for _, c := range s.Codecs {
		h.codecDown(s.Name, c, false)
	}
	h.gateway.Condition(alerting.ChainDown, s.Name, false)
	h.gateway.Condition(alerting.LinkLost, s.Name, false)
	if gone {
		h.meter.Drop("telecare_link_up", s.Name)
	}
}

// linked tells of a task that does not tell it by itself whether it is ready.
type linked struct {
	gateway.Task
	link func(up bool)
}

func (l linked) Run(ctx context.Context) error {
	ended := make(chan error, 1)
	go func() { ended <- l.Task.Run(ctx) }()
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	for was := false; ; {
		select {
		case err := <-ended:
			return err
		case <-look.C:
			if up := l.Ready() == nil; up != was {
				was = up
				l.link(up)
			}
		}
	}
}
