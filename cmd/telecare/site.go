package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"telecare/alerting"
	"telecare/dashboards"
	"telecare/devices"
	"telecare/gateway"
	"telecare/gateway/registry"
)

// siteOf gives the gateway what it must know of the registry: ids, wire
// addresses, and the words that messages carry.
func siteOf(r *registry.Site) gateway.Site {
	s := gateway.Site{
		Plan: r.Plan, Devices: map[devices.Address]gateway.Device{}, Places: map[alerting.PlaceID]string{},
		Addresses: map[alerting.Person]map[alerting.ChannelID]string{},
		Langs:     map[alerting.Person]string{}, Lang: r.Lang, Names: map[alerting.ResidentID]string{},
	}
	for _, p := range r.Residents {
		s.Names[p.ID] = p.Name
	}
	for _, d := range r.Devices {
		g := gateway.Device{ID: d.ID, Role: d.Role, Window: d.HeardEvery}
		if d.Unsupervised {
			g.Window = 0
			if d.Role == devices.Panic || d.Role == devices.Medical {
				g.TestEvery = r.TestEvery
			}
		}
		s.Devices[d.Address] = g
	}
	for _, p := range r.Places {
		s.Places[p.ID] = p.Name
	}
	for _, p := range r.Responders {
		s.Addresses[p.ID] = map[alerting.ChannelID]string{}
		s.Langs[p.ID] = p.Lang
		for _, c := range p.Contacts {
			s.Addresses[p.ID][c.Channel] = c.Address
		}
	}
	return s
}

// wardOf gives the page the names behind the ids.
func wardOf(r *registry.Site) dashboards.Ward {
	w := dashboards.Ward{
		Site: r.Key, Name: r.Name, Zone: r.Zone.String(), Lang: r.Lang, CentrePhone: r.CentrePhone,
		Langs:    map[alerting.Person]string{},
		Policies: map[alerting.PolicyID][]dashboards.Step{},
		Plan:     r.Plan,
	}
	for _, p := range r.Places {
		w.Places = append(w.Places, dashboards.Place{ID: p.ID, Name: p.Name, WayIn: p.WayIn, Phone: p.Phone, Plan: (*dashboards.Plan)(p.Plan)})
	}
	names := map[alerting.Person]string{}
	for _, p := range r.Responders {
		names[p.ID] = p.Name
		w.Langs[p.ID] = p.Lang
		w.People = append(w.People, dashboards.Person{ID: p.ID, Name: p.Name, Role: p.Role})
	}
	for _, p := range r.Residents {
		one := dashboards.Resident{ID: p.ID, Name: p.Name, Born: p.Born, Notes: p.Notes, KeySafe: p.KeySafe}
		for _, f := range p.Family {
			one.Family = append(one.Family, dashboards.Contact{Name: f.Name, Phone: f.Phone, Note: f.From})
		}
		w.Residents = append(w.Residents, one)
	}
	for _, s := range r.Stays {
		w.Stays = append(w.Stays, dashboards.Stay{ID: string(s.ID), Kind: s.Kind, Stay: s.Stay})
	}
	w.RosterNames = map[alerting.RosterID]string{}
	for _, x := range r.Rosters {
		w.RosterNames[x.ID] = x.Name
	}
	for _, p := range r.Responders {
		for _, rest := range r.Plan.People[p.ID].Rests {
			w.Rests = append(w.Rests, dashboards.Rest{
				ID: string(registry.RestIDOf(p.ID, rest.From)), Person: p.ID, Rest: rest, StandIns: r.Plan.StandInsOf(p.ID),
			})
		}
	}
	for _, d := range r.Devices {
		w.Devices = append(w.Devices, dashboards.Device{
			ID: d.ID, Name: d.Name, Kind: string(d.Role), Source: wire(d.Address), Place: d.Place, Address: d.Address,
		})
	}
	w.PolicyNames = map[alerting.PolicyID]string{}
	for _, x := range r.Policies {
		w.PolicyNames[x.ID] = x.Name
	}
	for id, p := range r.Plan.Policies {
		w.Policies[id] = steps(p, r, names)
	}
	return w
}

// steps says a policy in words.
func steps(p alerting.Policy, r *registry.Site, names map[alerting.Person]string) []dashboards.Step {
	var out []dashboards.Step
	for _, s := range p.Steps {
		var who []string
		for _, t := range s.Call {
			if t.Person != "" {
				who = append(who, names[t.Person])
				continue
			}
			i := slices.IndexFunc(r.Rosters, func(x registry.Roster) bool { return x.ID == t.Roster })
			if i >= 0 {
				who = append(who, r.Rosters[i].Name)
			}
		}
		out = append(out, dashboards.Step{Call: strings.Join(who, ", "), Wait: s.Wait.Seconds()})
	}
	return out
}

// wire says in words how a device is heard.
func wire(a devices.Address) string {
	format, _, _ := strings.Cut(string(a), "/")
	if words, ok := map[string]string{"jablotron": "868 MHz", "esp3": "EnOcean", "r60": "60 GHz", "tinyframe": "60 GHz", "zigbee2mqtt": "Zigbee", "telecare": "MQTT"}[format]; ok {
		return words
	}
	return format
}

// technician shows what was heard.
type technician struct{ g *gateway.Gateway }

func (t technician) Frames(id devices.ID) []dashboards.Frame { return newestFirst(t.g.Frames(id)) }

func newestFirst(frames []gateway.HeardFrame) []dashboards.Frame {
	var out []dashboards.Frame
	for _, f := range slices.Backward(frames) {
		d := dashboards.Frame{At: f.At, Source: f.Source, Topic: f.Topic, Raw: f.Raw}
		if f.Err != nil {
			d.Error = f.Err.Error()
		} else if b, err := json.Marshal(f.Message); err == nil {
			d.Decoded = string(b)
		}
		out = append(out, d)
	}
	return out
}

func (t technician) Unknown() []dashboards.Unknown {
	var out []dashboards.Unknown
	for _, u := range t.g.Unknown() {
		d := dashboards.Unknown{Address: u.Address, Source: u.Source, Frames: u.Count, Last: u.Last, Newest: newestFirst(u.Frames)}
		for _, f := range u.Frames {
			if p, ok := taughtIn(f.Message); ok {
				d.Proposed = "sensor " + p
			}
			for _, e := range f.Message.Events {
				switch {
				case e.Kind == devices.Button:
					d.Proposed, d.Role = "pendant", string(devices.Panic)
				case e.Kind.RaisesAlarm():
					d.Proposed, d.Role = string(e.Kind), string(e.Kind)
				}
			}
		}
		out = append(out, d)
	}
	return out
}

// taughtIn is the profile that an EnOcean device was just taught in with.
func taughtIn(m devices.Message) (profile string, ok bool) {
	return strings.CutPrefix(m.Note, "teach-in ")
}

// registryWatch puts a registry that has changed in force, also when nobody
// said so.
type registryWatch struct{ h *house }

func (w registryWatch) String() string { return "watch of the registry" }
func (w registryWatch) Ready() error   { return nil }

func (w registryWatch) Run(ctx context.Context) error {
	second := time.NewTicker(time.Second)
	defer second.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-second.C:
		}
		if err := w.h.followRegistry(ctx); err != nil {
			return err
		}
	}
}

// followRegistry puts the registry in force, when it is not what it was. One that
// cannot be read, or is gone, is a fault.
func (h *house) followRegistry(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	read := false
	defer func() {
		if ctx.Err() == nil { // else nothing is known of it
			h.gateway.Condition(alerting.RegistryDown, "registry", !read)
		}
	}()
	if h.registry != nil {
		revision, err := h.registry.Revision(ctx)
		if err != nil {
			return fmt.Errorf("read the registry's revision: %w", err)
		}
		if revision == h.site.Revision {
			read = revision > 0 // 0 is an empty one, and the site of the last start
			return nil
		}
	}
	site, err := h.loadRegistry(ctx)
	if errors.Is(err, registry.ErrEmpty) {
		return nil // as it was said at the start; it is in the place of nothing
	}
	if err != nil {
		return fmt.Errorf("read the registry: %w", err)
	}
	read = true
	if err := h.data.keepSite(site); err != nil {
		h.log.Error("the registry is not kept for a start without it", "error", err)
	}
	h.site = site
	h.forgetPhones()
	warnOfChannels(h.cfg, site, h.log)
	h.hub.SetWard(wardOf(site))
	settings, err := h.settings(h.cfg, site)
	if err != nil { // who it is about may not sign in
		h.log.Error("accounts or tokens of telecare.yaml are for nobody in the registry; they are closed")
	}
	h.page.handler.Change(settings)
	h.keepStanding(site)
	h.answers.Set(commandsOf(site))
	h.gateway.Apply(siteOf(site))
	h.log.Info("a changed registry is in force", "revision", site.Revision)
	return nil
}
