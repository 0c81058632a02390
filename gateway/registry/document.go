package registry

import (
	"reflect"
	"slices"

	"telecare/alerting"
	"telecare/gateway/strictyaml"
)

// Document is a checked registry: everything of one site, by the keys that its
// people use. It comes from Parse and goes into Apply.
type Document struct {
	data
	pos *strictyaml.Document // where everything is written; for Check
}

// data is the document as it is written. The yaml tags are its format.
type data struct {
	Site          string         `yaml:"site"`
	Name          string         `yaml:"name,omitempty"`
	Zone          string         `yaml:"zone"`
	Language      string         `yaml:"language,omitempty"` // of the page and of messages
	CentrePhone   string         `yaml:"centre_phone,omitempty"`
	TestEvery     Every          `yaml:"test_every,omitempty"` // for buttons without a sign of life
	LastResort    string         `yaml:"last_resort"`
	DefaultPolicy string         `yaml:"default_policy"`
	StandIns      []string       `yaml:"stand_ins,flow,omitempty"` // for carers who rest
	Places        []docPlace     `yaml:"places,omitempty"`
	Residents     []docResident  `yaml:"residents,omitempty"`
	Stays         []docStay      `yaml:"stays,omitempty"`
	Responders    []docResponder `yaml:"responders,omitempty"`
	Rosters       []docRoster    `yaml:"rosters,omitempty"`
	Policies      []docPolicy    `yaml:"policies,omitempty"`
	Rules         []docRule      `yaml:"rules,omitempty"`
	Faults        *docFaults     `yaml:"faults,omitempty,flow"`
	Devices       []docDevice    `yaml:"devices,omitempty"`
	Watches       []docWatch     `yaml:"watches,omitempty"`
}

type docPlace struct {
	Key    string      `yaml:"key"`
	Name   string      `yaml:"name"`
	WayIn  string      `yaml:"way_in,omitempty"`
	Phone  string      `yaml:"phone,omitempty"`
	Beds   int         `yaml:"beds,omitempty"` // how many may stay there at once; 0 is one
	Plan   *docPlan    `yaml:"plan,omitempty,flow"`
	Answer []docAnswer `yaml:"answer,omitempty"`
}

// docAnswer is how a lamp, siren or speaker is told that help is coming: by its
// address, or by a topic and what to publish there.
type docAnswer struct {
	To     string `yaml:"to,omitempty"`     // format/name
	As     string `yaml:"as,omitempty"`     // siren, or lamp
	Source string `yaml:"source,omitempty"` // of telecare.yaml
	Topic  string `yaml:"topic,omitempty"`
	Coming string `yaml:"coming,omitempty"`
	There  string `yaml:"there,omitempty"`
	Over   string `yaml:"over,omitempty"`
}

type docResident struct {
	Key     string      `yaml:"key"`
	Name    string      `yaml:"name"`
	Born    int         `yaml:"born,omitempty"`
	Notes   string      `yaml:"notes,omitempty"`
	KeySafe string      `yaml:"key_safe,omitempty"`
	Family  []docFamily `yaml:"family,omitempty"`
	Inform  []docInform `yaml:"inform,omitempty"` // who is told of them and not called
}

type docFamily struct {
	Name  string `yaml:"name"`
	Phone string `yaml:"phone,omitempty"`
	From  string `yaml:"from,omitempty"` // when they may be rung, in words
}

type docStay struct {
	Resident string `yaml:"resident"`
	Place    string `yaml:"place"`
	Kind     string `yaml:"kind,omitempty"`
	From     When   `yaml:"from"`
	Until    When   `yaml:"until,omitempty"` // a day is inclusive; zero is open, or the kind's
	Days     Days   `yaml:"days,flow,omitempty"`
	Hours    Hours  `yaml:"hours,omitempty"`
}

type docResponder struct {
	Key      string       `yaml:"key"`
	Name     string       `yaml:"name"`
	Role     string       `yaml:"role,omitempty"`
	Language string       `yaml:"language,omitempty"` // what they read, if not the site's
	Channels []docContact `yaml:"channels,omitempty"`
	Rests    []docRest    `yaml:"rests,omitempty"`
}

// docContact is written as the channel's name alone when there is no address.
type docContact struct {
	Channel string              `yaml:"channel"`
	Address string              `yaml:"address,omitempty"`
	After   strictyaml.Duration `yaml:"after,omitempty"` // only if there was no answer by then
}

// UnmarshalText reads the short form.
func (c *docContact) UnmarshalText(b []byte) error { c.Channel = string(b); return nil }

// MarshalYAML writes the short form where it says everything.
func (c docContact) MarshalYAML() (any, error) {
	if c.Address == "" && c.After == 0 {
		return c.Channel, nil
	}
	type long docContact
	return long(c), nil
}

type docPolicy struct {
	Key    string              `yaml:"key"`
	Name   string              `yaml:"name,omitempty"`
	Steps  []docStep           `yaml:"steps"`
	Arrive strictyaml.Duration `yaml:"arrive,omitempty"`
	Finish strictyaml.Duration `yaml:"finish,omitempty"`
	// StandIns stand in under this policy instead of the site's.
	StandIns []string `yaml:"stand_ins,flow,omitempty"`
	Takers   int      `yaml:"takers,omitempty"` // how many have to take an alarm
}

type docStep struct {
	Call []string            `yaml:"call,flow"`
	Wait strictyaml.Duration `yaml:"wait"`
	// OneByOne: one after another, each for as long.
	OneByOne bool `yaml:"one_by_one,omitempty"`
}

type docDevice struct {
	Key        string      `yaml:"key"`
	Name       string      `yaml:"name"`
	Address    string      `yaml:"address"`
	Role       string      `yaml:"role,omitempty"`
	Place      string      `yaml:"place,omitempty"`
	Resident   string      `yaml:"resident,omitempty"` // who wears it
	Policy     string      `yaml:"policy,omitempty"`
	PreAlarm   PreAlarm    `yaml:"pre_alarm,omitempty"`
	HeardEvery Every       `yaml:"heard_every,omitempty"`
	Answer     []docAnswer `yaml:"answer,omitempty"`
}

// Parse reads and checks a document. name is what errors call the file. The
// error is of type strictyaml.Errors; it quotes the document and belongs to
// whoever applies it, not into a log.
func Parse(name string, b []byte) (*Document, error) {
	d, err := Inspect(name, b)
	if err != nil {
		return nil, err
	}
	return d, nil
}

// Inspect is Parse that gives what it could read also beside an error, for
// checks that go on. Such a document is never to be applied. It is nil where
// nothing could be read.
func Inspect(name string, b []byte) (*Document, error) {
	d := &Document{}
	var err error
	if d.pos, err = strictyaml.Decode(name, b, &d.data); d.pos == nil {
		return nil, err
	}
	c := checker{Document: d.pos}
	c.document(&d.data)
	return d, d.pos.Err()
}

// Equal reports whether two documents say the same in the same order.
func (d *Document) Equal(other *Document) bool { return reflect.DeepEqual(d.data, other.data) }

// SiteID is the site that the document is about.
func (d *Document) SiteID() alerting.SiteID { return alerting.SiteID(d.Site) }

// HasResponder reports whether somebody of that key can answer alarms.
func (d *Document) HasResponder(key string) bool {
	return slices.ContainsFunc(d.Responders, func(r docResponder) bool { return r.Key == key })
}

// LacksResponder reports whether nobody has that key, and none of the entries
// whose key could not be read may have it.
func (d *Document) LacksResponder(key string) bool {
	return !d.HasResponder(key) && !checker{d.pos}.keys("responders", len(d.Responders))[incomplete]
}

// Channel is what Fits knows of a channel of telecare.yaml.
type Channel struct {
	Name alerting.ChannelID
	// Address checks what a contact gives as address on the channel, "" too;
	// nil takes everything.
	Address func(string) error
	// Of checks whether a responder, by key, can be reached by it; nil: anybody.
	Of func(responder string) error
	// Rings: it carries no words.
	Rings bool
}

// Fits says where the document does not go together with telecare.yaml: another
// site, channels that it does not have, addresses that a channel cannot use.
// With channels nil they are not known and not checked.
func (d *Document) Fits(site alerting.SiteID, channels []Channel) error {
	pos := d.pos.Fresh()
	if site != "" && word.MatchString(d.Site) && d.SiteID() != site {
		pos.Errorf("site", "%q, and telecare.yaml is of site %q; both must be the same", d.Site, site)
	}
	words := make([]string, len(channels))
	for i, k := range channels {
		words[i] = string(k.Name)
	}
	for i, r := range d.Responders {
		for j, contact := range r.Channels {
			at := path("responders[%d].channels[%d]", i, j)
			if !word.MatchString(contact.Channel) || channels == nil {
				continue
			}
			known := slices.Index(words, contact.Channel)
			if known < 0 {
				pos.Errorf(at, "%s", unknown("channel", contact.Channel, words, "channels: of telecare.yaml"))
			} else if check := channels[known].Address; check != nil {
				if err := check(contact.Address); err != nil {
					pos.Errorf(at+".address", "channel %q: %v", contact.Channel, err)
				}
			}
			if known >= 0 && channels[known].Of != nil {
				if err := channels[known].Of(r.Key); err != nil {
					pos.Errorf(at, "channel %q: %v", contact.Channel, err)
				}
			}
		}
	}
	d.informFits(func(channel string) bool {
		return slices.ContainsFunc(channels, func(c Channel) bool { return string(c.Name) == channel && c.Rings })
	}, pos.Errorf)
	return pos.Err()
}
