package registry

import (
	"slices"
	"strings"
	"time"

	"telecare/alerting"
	"telecare/devices"
	"telecare/gateway/strictyaml"
)

const kindWatch = "watch"

// docWatch is a watch as it is written.
type docWatch struct {
	Key      string          `yaml:"key"`
	Kind     string          `yaml:"kind"` // inactivity, wandering, bed_exit
	Resident string          `yaml:"resident,omitempty"`
	Place    string          `yaml:"place,omitempty"`
	Devices  []string        `yaml:"devices,flow,omitempty"`
	Hours    []docWatchHours `yaml:"hours"`
	Policy   string          `yaml:"policy,omitempty"`
}

// docWatchHours are hours of a watch: every day without days, the whole day without
// from and to.
type docWatchHours struct {
	Days  Days                `yaml:"days,omitempty,flow"`
	From  Clock               `yaml:"from,omitempty"`
	To    Clock               `yaml:"to,omitempty"`
	After strictyaml.Duration `yaml:"after,omitempty"`
}

func (h docWatchHours) hours() alerting.Hours {
	days := h.Days
	if len(days) == 0 {
		days = week
	}
	return alerting.Hours{Days: days.weekdays(), From: int(h.From), To: int(h.To)}
}

// length is how long the hours are; a day that the clocks change is forgotten.
func (h docWatchHours) length() time.Duration {
	d := time.Duration(h.To-h.From) * time.Minute
	if d <= 0 {
		d += 24 * time.Hour
	}
	return d
}

// Watch is a watch with its key.
type Watch struct {
	ID  alerting.WatchID
	Key string
}

// watches are those of the plan.
func (d *data) watches(b *builder) map[alerting.WatchID]alerting.Watch {
	if len(d.Watches) == 0 {
		return nil
	}
	out := map[alerting.WatchID]alerting.Watch{}
	for _, v := range d.Watches {
		w := alerting.Watch{Kind: devices.Kind(v.Kind)}
		if v.Resident != "" {
			w.Resident = alerting.ResidentID(b.id(kindResident, v.Resident))
		} else {
			w.Place = alerting.PlaceID(b.id(kindPlace, v.Place))
		}
		for _, k := range v.Devices {
			w.Devices = append(w.Devices, devices.ID(b.id(kindDevice, k)))
		}
		for _, h := range v.Hours {
			t := alerting.WatchTime{Hours: h.hours(), After: time.Duration(h.After)}
			if w.Kind == devices.BedExit && t.After == 0 {
				t.After = alerting.BedLeft
			}
			w.Times = append(w.Times, t)
		}
		if v.Policy != "" {
			w.Policy = alerting.PolicyID(b.id(kindPolicy, v.Policy))
		}
		out[alerting.WatchID(b.id(kindWatch, v.Key))] = w
	}
	return out
}

// sensor reports whether a device shows by itself that somebody moves. A button
// does not, nor a smoke detector.
func (v docDevice) sensor() bool {
	switch devices.Kind(v.Role) {
	case "", roleNone, devices.Fall, devices.Inactivity, devices.Wandering, devices.BedExit:
		return true
	}
	return false
}

// watches checks what is watched, and that it can be.
func (c checker) watches(d *data, places, residents, policies map[string]bool) {
	seen, devs := map[string]bool{}, c.keys("devices", len(d.Devices))
	for i, v := range d.Devices {
		if v.Key != "" && !c.Unread(path("devices[%d].key", i)) {
			devs[v.Key] = true
		}
	}
	for i, w := range d.Watches {
		at := path("watches[%d]", i)
		c.key(at+".key", w.Key, seen)
		kinds := []string{string(devices.Inactivity), string(devices.Wandering), string(devices.BedExit)}
		if !slices.Contains(kinds, w.Kind) {
			hint := strictyaml.Textf("write one of: %s", strings.Join(kinds, ", "))
			if near := strictyaml.Nearest(w.Kind, kinds); near != "" {
				hint = strictyaml.Textf("did you mean %q?", near)
			}
			c.Errorf(at+".kind", "%q is nothing to watch for; %s", w.Kind, hint)
		}
		switch {
		case w.Resident != "" && w.Place != "":
			c.Errorf(at, "names a resident and a place; write resident: to watch somebody wherever they stay, or place: to watch whoever is there")
		case w.Resident != "":
			c.reference(at+".resident", "resident", w.Resident, residents, "residents:")
		default:
			c.reference(at+".place", "place", w.Place, places, "places:")
		}
		for j, key := range w.Devices {
			c.reference(path("%s.devices[%d]", at, j), "device", key, devs, "devices:")
			if slices.Contains(w.Devices[:j], key) {
				c.Errorf(path("%s.devices[%d]", at, j), "%q is given twice; take one out", key)
			}
		}
		if w.Kind == string(devices.Wandering) && len(w.Devices) == 0 {
			c.Errorf(at+".devices", "missing; name the doors: a contact, or what moves or is pressed there")
		}
		if w.Policy != "" {
			c.reference(at+".policy", "policy", w.Policy, policies, "policies:")
		}
		if len(w.Hours) == 0 {
			c.Errorf(at+".hours", "missing; write when it watches, such as hours: [{from: \"22:00\", to: \"06:00\"}]")
		}
		for j, h := range w.Hours {
			c.watchHours(path("%s.hours[%d]", at, j), w, h)
		}
	}
}

func (c checker) watchHours(at string, w docWatch, h docWatchHours) {
	if c.Has(at+".from") != c.Has(at+".to") {
		c.Errorf(at, "needs from: and to:, or neither for the whole day")
	}
	c.days(at+".days", h.Days)
	after, whole := time.Duration(h.After), h.From == h.To
	switch {
	case w.Kind == string(devices.Wandering) && c.Has(at+".after"):
		c.Errorf(at+".after", "a door that opens is told at once; take it out")
	case w.Kind == string(devices.Inactivity) && !c.Has(at+".after"):
		c.Errorf(at+".after", "missing; write for how long nothing may move, such as after: 4h")
	case c.Has(at+".after") && (after < alerting.MinWatch || after > alerting.MaxWatch):
		c.Errorf(at+".after", "%v is out of range; write something from %v to %v", h.After, strictyaml.Duration(alerting.MinWatch), strictyaml.Duration(alerting.MaxWatch))
	case w.Kind == string(devices.Inactivity) && !whole && after >= h.length():
		c.Errorf(at+".after", "%v is as long as the hours themselves, so that it would never be told: what counts is how long nothing moves within them", h.After)
	}
}

// bed reports whether a device may tell that a bed is left: by its role, or in
// words of its own, as a radar does and what users make speak as they like.
func (v docDevice) bed() bool {
	switch format, _, _ := strings.Cut(v.Address, "/"); devices.Kind(v.Role) {
	case devices.BedExit, devices.Fall:
		return true
	case "", roleNone:
		return format == own || format == "mapping"
	}
	return false
}

// blindWatches warns of watches of places that have no sensor, and of beds that
// nothing tells of.
func (c checker) blindWatches(d *data) {
	for i, w := range d.Watches {
		if w.Kind == string(devices.BedExit) {
			c.blindBed(path("watches[%d]", i), w, d)
			continue
		}
		if len(w.Devices) > 0 || w.Place == "" || slices.ContainsFunc(d.Devices, func(v docDevice) bool { return v.Place == w.Place && v.sensor() }) {
			continue
		}
		c.Errorf(path("watches[%d]", i), "sees nothing: no sensor is at place %q; register one there, or name devices:", w.Place)
	}
}

func (c checker) blindBed(at string, w docWatch, d *data) {
	const role = "role: bed_exit, by which whether somebody is there, or a contact is closed, says whether they are in bed"
	for j, key := range w.Devices {
		if k := slices.IndexFunc(d.Devices, func(v docDevice) bool { return v.Key == key }); k >= 0 && !d.Devices[k].bed() {
			c.Errorf(path("%s.devices[%d]", at, j), "%q is taken for no bed; give it %s", key, role)
		}
	}
	if len(w.Devices) == 0 && w.Place != "" && !slices.ContainsFunc(d.Devices, func(v docDevice) bool { return v.Place == w.Place && v.bed() }) {
		c.Errorf(at, "sees nothing: no bed is at place %q; give what stands under it %s", w.Place, role)
	}
}
