package alerting

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Contact is a way to reach a responder: a channel, and how long after the
// first ones it is used while the responder has not answered. An SMS may come
// 30 s after the push.
type Contact struct {
	Channel ChannelID
	After   time.Duration
}

// longContact is a Contact as it is written where it is more than a channel.
type longContact struct {
	Channel ChannelID     `json:"channel"`
	After   time.Duration `json:"after"`
}

// MarshalJSON writes the channel alone where that says everything.
func (c Contact) MarshalJSON() ([]byte, error) {
	if c.After == 0 {
		return json.Marshal(c.Channel)
	}
	return json.Marshal(longContact(c))
}

// UnmarshalJSON reads both forms.
func (c *Contact) UnmarshalJSON(b []byte) error {
	if err := json.Unmarshal(b, &c.Channel); err == nil {
		c.After = 0
		return nil
	}
	var long longContact
	if err := json.Unmarshal(b, &long); err != nil {
		return fmt.Errorf("contact %s: neither a channel nor an object: %w", b, err)
	}
	*c = Contact(long)
	return nil
}

// On reports whether one of the responder's contacts is on a channel.
func (r Responder) On(ch ChannelID) bool {
	return slices.ContainsFunc(r.Contacts, func(c Contact) bool { return c.Channel == ch })
}

// Later is a call that is made if the person has not answered by then.
type Later struct {
	To      Person    `json:"to"`
	Channel ChannelID `json:"channel"`
	At      time.Time `json:"at"`
}

// call asks a person to come: over the first contacts now, over the others
// later.
func (m *Machine) call(a *alarm, to Person) {
	contacts := m.plan.People[to].Contacts
	first := slices.MinFunc(contacts, func(a, b Contact) int { return cmp.Compare(a.After, b.After) }).After
	for _, c := range contacts {
		if c.After == first {
			m.dropLater(a, func(l Later) bool { return l.To == to && l.Channel == c.Channel })
			m.notifyOn(a, to, c.Channel, Calling)
		} else if !slices.ContainsFunc(a.Later, func(l Later) bool { return l.To == to && l.Channel == c.Channel }) {
			a.Later = append(a.Later, Later{To: to, Channel: c.Channel, At: m.now.Add(c.After - first)})
		}
	}
	a.trim()
	m.schedule(a)
}

// callLater makes the calls that match, of those that were left for later; not
// to somebody whose rest has begun since.
func (m *Machine) callLater(a *alarm, match func(Later) bool) {
	for _, l := range m.dropLater(a, match) {
		if m.plan.Resting(l.To, a.StepAt.Add(-m.behind)) || !m.plan.Resting(l.To, m.wall()) {
			m.notifyOn(a, l.To, l.Channel, Calling)
		}
	}
	a.trim()
}

// nextContact uses a person's next contact at once: one before it has failed.
func (m *Machine) nextContact(a *alarm, to Person) {
	var next *Later
	for i, l := range a.Later {
		if l.To == to && (next == nil || l.At.Before(next.At)) {
			next = &a.Later[i]
		}
	}
	if next != nil {
		one := *next
		m.callLater(a, func(l Later) bool { return l == one })
	}
}

// dropLater takes out what matches, in order.
func (m *Machine) dropLater(a *alarm, match func(Later) bool) []Later {
	var out, left []Later
	for _, l := range a.Later {
		if match(l) {
			out = append(out, l)
		} else {
			left = append(left, l)
		}
	}
	if len(out) > 0 {
		a.Later = left
		m.schedule(a)
	}
	return out
}

// nextLater is when the next of them is due, zero when none is.
func (a *alarm) nextLater() (at time.Time) {
	for _, l := range a.Later {
		if at.IsZero() || l.At.Before(at) {
			at = l.At
		}
	}
	return at
}
