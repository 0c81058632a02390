package registry

import (
	"slices"
	"strings"

	"telecare/gateway/strictyaml"
)

// Answer is how a lamp, siren or speaker is told that help is coming. Either To
// or Topic is set.
type Answer struct {
	To     string // its address, where its format says how to switch it
	Siren  bool
	Source string // "" is the first MQTT source
	Topic  string
	Coming string // somebody has taken the alarm
	There  string // somebody is there; "" is Coming once more
	Over   string // nobody is needed; "" when it ends by itself
}

func answers(all []docAnswer) (out []Answer) {
	for _, a := range all {
		out = append(out, Answer{a.To, a.As == siren, a.Source, a.Topic, a.Coming, a.There, a.Over})
	}
	return out
}

// What can be told.
const (
	siren = "siren"
	lamp  = "lamp"
)

// toldFormats are those that can be told by an address alone.
func toldFormats() []string { return []string{zigbee, "shelly", "tasmota", "esphome"} }

func (c checker) answers(at string, all []docAnswer) {
	for i, a := range all {
		at := path("%s[%d]", at, i)
		switch {
		case a.To == "" && a.Topic == "":
			c.Errorf(at, "says nobody whom to tell; write to: with an address, such as zigbee2mqtt/Room 7 lamp, or topic: and coming:")
		case a.To != "" && a.Topic != "":
			c.Errorf(at+".topic", "to: says already whom to tell; take one out")
		case a.Topic != "" && a.Coming == "":
			c.Errorf(at+".coming", "missing; write what to publish when somebody comes")
		case a.Topic != "" && (strings.ContainsAny(a.Topic, "+#\x00") || len(a.Topic) > 300):
			c.Errorf(at+".topic", "%q is no topic to publish on; it may hold no + and #", a.Topic)
		case a.To != "":
			c.told(at, a)
		}
		for _, f := range []struct{ key, text string }{{"coming", a.Coming}, {"there", a.There}, {"over", a.Over}} {
			c.text(at+"."+f.key, f.text, false, maxNotes)
		}
		if a.Source != "" && !word.MatchString(a.Source) {
			c.Errorf(at+".source", "%q is no source; write the name of one in telecare.yaml", a.Source)
		}
	}
}

func (c checker) told(at string, a docAnswer) {
	format, name, _ := strings.Cut(a.To, "/")
	switch formats := toldFormats(); {
	case !slices.Contains(formats, format):
		c.Errorf(at+".to", "%q cannot be told by its address; write topic: and coming: instead, or one of: %s", a.To, strings.Join(formats, ", "))
	case strings.Trim(name, "/ ") == "" || strings.ContainsAny(name, "+#\x00") || len(a.To) > 300:
		c.Errorf(at+".to", "%q is no address; write format/name, such as zigbee2mqtt/Room 7 lamp", a.To)
	case format == "esphome" && !slices.ContainsFunc([]string{"/light/", "/switch/", "/fan/", "/siren/"}, func(s string) bool { return strings.Contains(name, s) }):
		c.Errorf(at+".to", "%q cannot be switched; write esphome/NAME/light/ID or esphome/NAME/switch/ID", a.To)
	}
	if known := []string{siren, lamp}; a.As != "" && !slices.Contains(known, a.As) {
		hint := strictyaml.Textf("write siren or lamp")
		if near := strictyaml.Nearest(a.As, known); near != "" {
			hint = strictyaml.Textf("did you mean %s?", near)
		}
		c.Errorf(at+".as", "%q cannot be told; %s", a.As, hint)
	}
}

// FitsAnswers says where a lamp, siren or speaker cannot be told as the document
// says, by the MQTT sources of telecare.yaml and by what a format takes. With
// sources nil they are not known and not checked.
func (d *Document) FitsAnswers(sources []string, takes func(Answer) error) error {
	pos := d.pos.Fresh()
	check := func(at string, all []docAnswer) {
		for i, a := range answers(all) {
			at := path("%s.answer[%d]", at, i)
			switch {
			case sources == nil:
			case len(sources) == 0:
				pos.Errorf(at, "telecare.yaml has no MQTT source to tell it by; add one, or take this out")
			case a.Source != "" && !slices.Contains(sources, a.Source):
				pos.Errorf(at+".source", "%s", unknown("MQTT source", a.Source, sources, "sources: of telecare.yaml"))
			}
			if a.To == "" && (a.Topic == "" || a.Coming == "") {
				continue // that was said
			}
			if err := takes(a); err != nil {
				pos.Errorf(at, "%v", err)
			}
		}
	}
	for i, p := range d.Places {
		check(path("places[%d]", i), p.Answer)
	}
	for i, v := range d.Devices {
		check(path("devices[%d]", i), v.Answer)
	}
	return pos.Err()
}
