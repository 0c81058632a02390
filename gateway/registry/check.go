package registry

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"telecare/alerting"
	"telecare/devices"
	"telecare/gateway/strictyaml"
)

// checker says what is wrong with what a document means. Its methods report
// and go on, so that every mistake is found at once.
type checker struct{ *strictyaml.Document }

// Bounds of what is meant.
const (
	minLeave               = time.Minute // to arrive or to finish
	maxArrive, maxFinish   = 4 * time.Hour, 24 * time.Hour
	maxAfter               = 10 * time.Minute // of a further contact
	maxName, maxNotes      = 100, 4000
	oldest, youngest       = 1880, 2100
	maxBeds                = 200
	defaultArrive          = 15 * time.Minute
	defaultFinish          = time.Hour
	rosterPrefix           = "roster:"
	roleNone               = "none"
	roleCancel             = string(devices.Cancel)
	rolePanic              = string(devices.Panic)
	roleMedical            = string(devices.Medical)
	jablotron, zigbee, own = "jablotron", "zigbee2mqtt", "telecare"
	chirpstack, ttn        = "chirpstack", "ttn"
	esp3, r60, tinyframe   = "esp3", "r60", "tinyframe"
)

var (
	word      = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$`)
	telephone = regexp.MustCompile(`^\+?[0-9][0-9 ()/-]{1,30}$`)
	jabloID   = regexp.MustCompile(`^[0-9]{8}$`)
	enocean   = regexp.MustCompile(`^[0-9A-F]{8}$`)
	devEUI    = regexp.MustCompile(`^[0-9a-f]{16}$`)
)

func path(format string, args ...any) string { return fmt.Sprintf(format, args...) }

func (c checker) document(d *data) {
	c.key("site", d.Site, nil)
	c.text("name", d.Name, false, maxName)
	c.zone(d.Zone)
	c.language("language", d.Language)
	c.phone("centre_phone", d.CentrePhone)

	places := c.places(d)
	residents := c.residents(d)
	c.stays(d, places, residents)
	responders := c.responders(d)
	rosters := c.rosters(d, responders)
	c.standIns("stand_ins", d.StandIns, d, responders, rosters)
	policies := c.policies(d, responders, rosters)
	c.rules(d, places, residents, policies)
	c.faults(d, policies)
	c.devices(d, places, residents, policies)
	c.watches(d, places, residents, policies)

	c.inform(d, responders)

	c.lastResort(d, responders)
	if len(d.Policies) == 0 {
		c.Errorf("policies", "missing; say who is called: a policy with one step at least")
	} else {
		c.reference("default_policy", "policy", d.DefaultPolicy, policies, "policies:")
	}
}

func (c checker) zone(name string) {
	switch _, err := time.LoadLocation(name); {
	case name == "":
		c.Errorf("zone", "missing; write the site's time zone, such as zone: Europe/Warsaw")
	case err != nil || name == "Local":
		c.Errorf("zone", "%q is not known; write the site's time zone, such as zone: Europe/Warsaw", name)
	}
}

// languages are those of alerting/words.
func languages() []string { return []string{"en", "pl"} }

func (c checker) language(at, name string) {
	if name != "" && !slices.Contains(languages(), name) {
		c.Errorf(at, "%q is none that this gateway speaks; write en or pl", name)
	}
}

// lastResort: without one nobody might be called, so that it is refused.
func (c checker) lastResort(d *data, responders map[string]bool) {
	const what = "the contact outside all rosters who is called when nobody else answers"
	if d.LastResort == "" {
		c.Errorf("last_resort", "missing; name "+what)
		return
	}
	if !c.reference("last_resort", "responder", d.LastResort, responders, "responders:") {
		return
	}
	for i, r := range d.Responders {
		if r.Key == d.LastResort && len(r.Channels) == 0 && !c.Unread(path("responders[%d].channels", i)) {
			c.Errorf("last_resort", "%q has no channel and cannot be called; give it channels:", d.LastResort)
		}
	}
	for _, r := range d.Rosters {
		if r.has(d.LastResort) {
			c.Errorf("last_resort", "%q is in roster %q; name "+what, d.LastResort, r.Key)
			return
		}
	}
}

func (c checker) places(d *data) map[string]bool {
	seen := c.keys("places", len(d.Places))
	for i, p := range d.Places {
		at := path("places[%d]", i)
		c.key(at+".key", p.Key, seen)
		c.text(at+".name", p.Name, true, maxName)
		c.text(at+".way_in", p.WayIn, false, maxNotes)
		c.phone(at+".phone", p.Phone)
		c.answers(at+".answer", p.Answer)
		c.plan(at+".plan", p.Plan)
		if c.Has(at+".beds") && (p.Beds < 1 || p.Beds > maxBeds) {
			c.Errorf(at+".beds", "%d beds are out of range; write how many people may stay there at once, from 1 to %d", p.Beds, maxBeds)
		}
	}
	return seen
}

func (c checker) residents(d *data) map[string]bool {
	seen := c.keys("residents", len(d.Residents))
	for i, r := range d.Residents {
		at := path("residents[%d]", i)
		c.key(at+".key", r.Key, seen)
		c.text(at+".name", r.Name, true, maxName)
		c.text(at+".notes", r.Notes, false, maxNotes)
		c.text(at+".key_safe", r.KeySafe, false, maxName)
		if c.Has(at+".born") && (r.Born < oldest || r.Born > youngest) {
			c.Errorf(at+".born", "%d is no year of birth; write one such as 1942", r.Born)
		}
		for j, f := range r.Family {
			at := path("%s.family[%d]", at, j)
			c.text(at+".name", f.Name, true, maxName)
			c.phone(at+".phone", f.Phone)
			c.text(at+".from", f.From, false, maxName)
		}
	}
	return seen
}

func (c checker) responders(d *data) map[string]bool {
	seen := c.keys("responders", len(d.Responders))
	for i, r := range d.Responders {
		at := path("responders[%d]", i)
		c.key(at+".key", r.Key, seen)
		c.text(at+".name", r.Name, true, maxName)
		c.text(at+".role", r.Role, false, maxName)
		c.language(at+".language", r.Language)
		used := map[string]bool{}
		for j, contact := range r.Channels {
			at := path("%s.channels[%d]", at, j)
			if !word.MatchString(contact.Channel) {
				c.Errorf(at, "%q is no channel; write the name of one in telecare.yaml", contact.Channel)
			} else if used[contact.Channel] {
				c.Errorf(at, "channel %q is used twice; take one out", contact.Channel)
			}
			used[contact.Channel] = true
			c.text(at+".address", contact.Address, false, maxName*2)
			c.within(at+".after", contact.After, alerting.MinWait, maxAfter)
		}
		if len(r.Channels) > 0 && !slices.ContainsFunc(r.Channels, func(k docContact) bool { return k.After == 0 }) {
			c.Errorf(at+".channels", "each of them waits; take after: out of the one that is tried first")
		}
		c.rests(at, r, d.LastResort, d.location())
	}
	return seen
}

func (c checker) devices(d *data, places, residents, policies map[string]bool) {
	seen, addresses := map[string]bool{}, map[string]int{}
	for i, v := range d.Devices {
		at := path("devices[%d]", i)
		c.key(at+".key", v.Key, seen)
		c.text(at+".name", v.Name, true, maxName)
		c.address(at+".address", v.Address)
		if first, twice := addresses[v.Address]; twice && v.Address != "" {
			line, _ := c.At(path("devices[%d]", first))
			c.Errorf(at+".address", "%q belongs to the device in line %d already; a device has one entry", v.Address, line)
		} else {
			addresses[v.Address] = i
		}
		c.role(at+".role", v.Role)
		if v.Resident != "" {
			c.reference(at+".resident", "resident", v.Resident, residents, "residents:")
		}
		if v.Resident == "" || v.Place != "" {
			c.reference(at+".place", "place", v.Place, places, "places:")
		}
		if v.Policy != "" {
			c.reference(at+".policy", "policy", v.Policy, policies, "policies:")
		}
		c.answers(at+".answer", v.Answer)
	}
}

func alarmKinds() []string {
	var out []string
	for _, k := range devices.AlarmKinds() {
		out = append(out, string(k))
	}
	return out
}

func (c checker) role(at, role string) {
	if role == "" || role == roleNone || role == roleCancel || devices.Kind(role).RaisesAlarm() {
		return
	}
	known := append(alarmKinds(), roleCancel, roleNone)
	hint := strictyaml.Textf("write what a press of it means, one of: %s", strings.Join(known, ", "))
	if near := strictyaml.Nearest(role, known); near != "" {
		hint = strictyaml.Textf("did you mean %q?", near)
	}
	c.Errorf(at, "%q is no role; %s", role, hint)
}

// addressFormats are what an address may begin with: the formats that devices
// are heard in.
func addressFormats() []string {
	return []string{zigbee, jablotron, own, chirpstack, ttn, "rtl_433", "shelly", "tasmota", "esphome", "theengs", "homie", "mysensors", "milesight", "mapping",
		esp3, r60, tinyframe, "surgard", "ademco685", "easywave", "alarmdecoder", "mysensors-serial", "rflink"}
}

func (c checker) address(at, a string) {
	const example = "such as zigbee2mqtt/Room 7 button or jablotron/08300001"
	format, name, ok := strings.Cut(a, "/")
	formats := addressFormats()
	switch {
	case a == "":
		c.Errorf(at, "missing; write the device's name on the wire, "+example)
	case !ok || name == "":
		c.Errorf(at, "%q is no address; write format/name, "+example, a)
	case !slices.Contains(formats, format):
		c.Errorf(at, "%s", unknown("format", format, formats, strings.Join(formats, ", ")))
	case format == jablotron && !jabloID.MatchString(name):
		c.Errorf(at, "%q is no jablotron address; write the eight digits on its label, such as jablotron/08300001", a)
	case format == esp3 && !enocean.MatchString(name):
		c.Errorf(at, "%q is no esp3 address; write the eight digits on its label, with capital letters, such as esp3/0181B744", a)
	case format == chirpstack && !devEUI.MatchString(name):
		c.Errorf(at, "%q is no chirpstack address; write the DevEUI in small letters, such as chirpstack/24e124535b316056", a)
	case format == ttn && name != strings.ToLower(name):
		c.Errorf(at, "%q cannot be heard; write the DevEUI in small letters, such as ttn/24e124535b316056", a)
	case name != strings.TrimSpace(name) || len(a) > 300:
		c.Errorf(at, "begins or ends with a space, or is longer than 300 bytes")
	}
}

// key checks a key that must be there, be a word and be unique.
func (c checker) key(at, key string, seen map[string]bool) {
	switch {
	case key == "":
		c.Errorf(at, "missing; give it a short word of its own, such as room-7")
	case !word.MatchString(key):
		c.Errorf(at, "%q cannot be a key; write small letters, digits and hyphens, at most 48, such as room-7", key)
	case seen[key]:
		c.Errorf(at, "the key %q is used twice; give each its own", key)
	}
	if seen != nil && key != "" {
		seen[key] = true
	}
}

func (c checker) text(at, s string, required bool, most int) {
	switch {
	case required && strings.TrimSpace(s) == "":
		c.Errorf(at, "missing; write what people call it")
	case utf8.RuneCountInString(s) > most:
		c.Errorf(at, "longer than %d letters", most)
	}
}

func (c checker) phone(at, s string) {
	if s != "" && !telephone.MatchString(s) {
		c.Errorf(at, "%q is no telephone number; write digits, such as \"+48 600 100 200\"", s)
	}
}

// incomplete is among the known keys when there is one that could not be read.
const incomplete = "?"

// keys begins the set of a list's keys.
func (c checker) keys(list string, n int) map[string]bool {
	seen := map[string]bool{}
	unread := c.Unread(list)
	for i := range n {
		unread = unread || c.Unread(path("%s[%d].key", list, i))
	}
	if unread {
		seen[incomplete] = true
	}
	return seen
}

// reference checks that a key is that of a record there is.
func (c checker) reference(at, what, key string, known map[string]bool, where string) bool {
	if known[key] {
		return true
	}
	if known[incomplete] {
		return false // it may be the one whose entry could not be read
	}
	if key == "" {
		c.Errorf(at, "missing; write the key of a %s under %s", strictyaml.Text{Format: what}, where)
		return false
	}
	words := make([]string, 0, len(known))
	for k := range known {
		words = append(words, k)
	}
	slices.Sort(words)
	c.Errorf(at, "%s", unknown(what, key, words, where))
	return false
}

func unknown(what, got string, known []string, where string) strictyaml.Text {
	is := strictyaml.Text{Format: what}
	if near := strictyaml.Nearest(got, known); near != "" {
		return strictyaml.Textf("unknown %s %q; did you mean %q?", is, got, near)
	}
	var there any = strictyaml.Text{Format: where}
	if where == strings.Join(known, ", ") {
		there = where // keys have no words
	}
	return strictyaml.Textf("unknown %s %q; those there are stand under %s", is, got, there)
}
