package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"telecare/devices"
	"telecare/devices/serial"
	"telecare/gateway/config"
	"telecare/gateway/registry"
)

type learnCommand struct {
	remote
	For     time.Duration `default:"1m" help:"How long to listen."`
	Address string        `help:"Only this one, where several speak: its address as telecare learn says it."`
	Add     bool          `help:"Register what was pressed, at once."`
	Place   string        `help:"Where it hangs or who wears it: the key or name of a place in the registry."`
	Role    string        `help:"What a press of it means, such as panic; as proposed, when not given."`
	Name    string        `help:"What people call it; made of the place, when not given."`
	Key     string        `help:"Its key in the registry; made of the place, when not given."`
}

// learned is a device that spoke while we listened.
type learned struct {
	Address string         `json:"address"`
	Source  string         `json:"source"`
	Format  string         `json:"format"`
	Topic   string         `json:"topic,omitempty"`
	Role    string         `json:"role,omitempty"`    // as proposed
	Profile string         `json:"profile,omitempty"` // that an EnOcean sensor was taught in with
	Means   []devices.Kind `json:"means,omitempty"`   // by itself, without a role
	Frames  int            `json:"frames"`
	Error   string         `json:"error,omitempty"` // why it was not understood
}

// pressed reports whether it said something that can raise an alarm.
func (l learned) pressed() bool { return l.Role != "" }

// heardNow is what a gateway has heard of all devices.
type heardNow struct {
	Unknown []struct {
		Address, Source, Role string
		Frames                int
		Newest                []struct{ Topic, Decoded, Error string }
	}
	Devices []struct {
		ID, Name, Place string
		LastPress       time.Time `json:"last_press"`
	}
}

func (c *learnCommand) Run(ctx context.Context, s streams) error {
	if c.Add && (c.URL != "" || c.Place == "") {
		if c.URL != "" {
			return errors.New("--add works on the gateway's own machine; elsewhere paste what telecare learn says into the registry's file")
		}
		return errors.New("--add wants --place, the key or name of the place where it is")
	}
	gw, err := c.client()
	if err != nil {
		return err
	}
	before, err := c.listen(ctx, gw)
	if err != nil {
		return err
	}
	if !c.JSON {
		fmt.Fprintf(s.out, "Press it now. Listening for %v; Ctrl-C ends it.\n", c.For)
	}
	found, registered, err := c.wait(ctx, gw, before)
	if err != nil {
		return err
	}
	for _, name := range registered {
		fmt.Fprintf(s.err, "telecare: %s was pressed. It is registered, and calls people.\n", name)
	}
	pressed := slices.DeleteFunc(slices.Clone(found), func(l learned) bool { return !l.pressed() })
	if c.JSON && !c.Add {
		return json.NewEncoder(s.out).Encode(found)
	}
	switch {
	case len(pressed) == 0 && len(registered) > 0 && !c.Add:
		return nil
	case len(found) == 0:
		return errors.New("nothing unknown was heard; is its source connected (telecare devices faults), and does it speak on a topic that is subscribed to?")
	case len(pressed) == 0:
		for _, l := range found {
			l.say(s)
		}
		if !c.Add || c.Address == "" {
			return errors.New("nothing that was heard is a press; if it is one of these all the same, name it by --address")
		}
		pressed = found
	case len(pressed) > 1:
		for _, l := range pressed {
			l.say(s)
		}
		return errors.New("several were pressed; press one alone, or name it by --address")
	}
	return c.learned(ctx, s, pressed[0])
}

// learned tells of the one that was pressed, and registers it if that is wanted.
func (c *learnCommand) learned(ctx context.Context, s streams, l learned) (err error) {
	l.say(s)
	n := registry.NewDevice{Key: c.Key, Name: c.Name, Address: l.Address, Role: c.Role, Place: c.Place}
	if n.Role == "" {
		n.Role = l.Role
	}
	if !c.Add {
		fmt.Fprintf(s.out, "\nFor the registry, under devices::\n%sOr: telecare learn --add --place PLACE, and press it again.\n", n.YAML())
		return nil
	}
	cfg, pos, err := config.InspectFile(c.Config)
	if err != nil {
		return err
	}
	data := folder(cfg.Data)
	if err := data.asOwner(); err != nil {
		return err
	}
	store, err := registry.Open(ctx, data.registry())
	if err != nil {
		return err
	}
	defer func() {
		if e := store.Close(); err == nil {
			err = e
		}
	}()
	n, changes, err := store.Add(ctx, n, func(d *registry.Document) error { return fits(cfg, pos, d) })
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "\n%s%s\n", n.YAML(), changes)
	_, err = data.ask(ctx, s, "registry")
	return err
}

// say tells what was heard, and where.
func (l learned) say(s streams) {
	fmt.Fprintf(s.out, "\n%s\n  heard by source %q in format %s", l.Address, l.Source, l.Format)
	if l.Topic != "" {
		fmt.Fprintf(s.out, ", on topic %q", l.Topic)
	}
	fmt.Fprintln(s.out)
	if l.Profile != "" {
		_, id, _ := strings.Cut(l.Address, "/")
		read := "it is read so from now on"
		if !serial.ReadsProfile(l.Profile) {
			read = "which is not read here"
		}
		fmt.Fprintf(s.out, "  taught in with profile %s, %s. To fix it, at the source in telecare.yaml: profiles: [{device: %q, profile: %s}]\n", l.Profile, read, id, l.Profile)
	}
	switch {
	case l.Error != "":
		fmt.Fprintf(s.out, "  not understood: %s\n", l.Error)
	case l.Role == "":
		fmt.Fprintf(s.out, "  says: %s; no press\n", kinds(l.Means))
	case slices.Contains(l.Means, devices.Button):
		fmt.Fprintf(s.out, "  says: a press; what it means is its role's to say. Proposed: role %s\n", l.Role)
	default:
		fmt.Fprintf(s.out, "  says: %s, by itself. Proposed: role %s\n", kinds(l.Means), l.Role)
	}
}

func kinds(all []devices.Kind) string {
	if len(all) == 0 {
		return "readings or a sign of life"
	}
	words := make([]string, len(all))
	for i, k := range all {
		words[i] = string(k)
	}
	return strings.Join(words, ", ")
}

func (c *learnCommand) listen(ctx context.Context, gw *client) (h heardNow, err error) {
	for _, path := range []string{"/unknown", "/devices"} {
		b, err := gw.call(ctx, http.MethodGet, path, nil)
		if err != nil {
			return h, err
		}
		if err := json.Unmarshal(b, &h); err != nil {
			return h, fmt.Errorf("%s answers what is not understood: %w", gw.base, err)
		}
	}
	return h, nil
}

// wait listens until something was pressed, and a second longer: twin topics
// come together, and so may somebody else's press. It returns everything that
// spoke, and the names of registered devices that were pressed.
func (c *learnCommand) wait(ctx context.Context, gw *client, before heardNow) (found []learned, registered []string, err error) {
	end := time.After(c.For)
	look := time.NewTicker(500 * time.Millisecond)
	defer look.Stop()
	for last := false; ; {
		select {
		case <-look.C:
		case <-end:
			last = true
		case <-ctx.Done():
			return nil, nil, errors.New("ended")
		}
		now, err := c.listen(ctx, gw)
		if err != nil {
			return nil, nil, err
		}
		found, registered = c.news(before, now)
		switch {
		case last:
			return found, registered, nil
		case len(registered) > 0 || slices.ContainsFunc(found, func(l learned) bool { return l.pressed() || c.Address != "" }):
			last = true
			end = nil
			look.Reset(time.Second)
		}
	}
}

// news is what was heard since.
func (c *learnCommand) news(before, now heardNow) (found []learned, registered []string) {
	for _, u := range now.Unknown {
		was := 0
		for _, b := range before.Unknown {
			if b.Address == u.Address {
				was = b.Frames
			}
		}
		if u.Frames <= was || c.Address != "" && u.Address != c.Address {
			continue
		}
		l := learned{Address: u.Address, Source: u.Source, Frames: u.Frames - was}
		l.Format, _, _ = strings.Cut(u.Address, "/")
		for _, f := range u.Newest[:min(len(u.Newest), l.Frames)] {
			var m devices.Message
			if f.Error != "" {
				l.Error = f.Error
			} else if json.Unmarshal([]byte(f.Decoded), &m) != nil {
				continue
			}
			if l.Topic == "" {
				l.Topic = f.Topic
			}
			if p, ok := taughtIn(m); ok {
				l.Profile = p
			}
			for _, e := range m.Events {
				if !slices.Contains(l.Means, e.Kind) {
					l.Means = append(l.Means, e.Kind)
				}
				if e.Kind == devices.Button || e.Kind.RaisesAlarm() {
					l.Role, l.Topic = u.Role, f.Topic
				}
			}
		}
		if len(l.Means) > 0 {
			l.Error = ""
		}
		found = append(found, l)
	}
	for _, d := range now.Devices {
		for _, b := range before.Devices {
			if b.ID == d.ID && !d.LastPress.Equal(b.LastPress) {
				registered = append(registered, fmt.Sprintf("%q (%s)", d.Name, d.Place))
			}
		}
	}
	return found, registered
}
