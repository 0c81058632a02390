package alerting

import (
	"slices"
	"time"
)

// News is what somebody is told who is not called to come: a family carer who
// wants to know.
type News string

// News of an alarm, and once a day of the signs of life.
const (
	NewsRaised   News = "raised"
	NewsThere    News = "there"    // somebody is with the person
	NewsClosed   News = "closed"   // with its outcome
	NewsReopened News = "reopened" // to who was told that it is closed
	NewsSigns    News = "signs"
)

// AlarmNews lists the news of an alarm that somebody can want.
func AlarmNews() []News { return []News{NewsRaised, NewsThere, NewsClosed} }

// WhileResting says what is told to a carer who rests.
type WhileResting string

// What a carer is told who rests. Whoever was told of an alarm before the rest
// began is told how it goes on, whatever this says.
const (
	TellNothing WhileResting = ""
	TellSigns   WhileResting = "signs" // the signs of life alone
	TellAll     WhileResting = "all"
)

// Informed is somebody who is told of a resident, over one channel, and has no
// duty: nothing waits for them, and they answer nothing.
type Informed struct {
	Resident ResidentID   `json:"resident"`
	To       Person       `json:"to"`
	Channel  ChannelID    `json:"channel"`
	Of       []News       `json:"of,omitempty"`
	Resting  WhileResting `json:"resting,omitempty"`
	// Signs: once a day they are told the resident's signs of life, SignsAt
	// minutes after midnight on the wall.
	Signs   bool `json:"signs,omitempty"`
	SignsAt int  `json:"signs_at,omitempty"`
}

// Told is one message to somebody who is informed.
type Told struct {
	ID      NotificationID `json:"id"`
	To      Person         `json:"to"`
	Channel ChannelID      `json:"channel"`
	News    News           `json:"news"`
	Of      []ResidentID   `json:"of"`
	// Shared: the alarm may as well be of somebody else of the same room.
	Shared bool      `json:"shared,omitempty"`
	At     time.Time `json:"at"`
	State  Delivery  `json:"state"`
	DoneAt time.Time `json:"done_at,omitzero"`
	Error  string    `json:"error,omitempty"`
	// Undone: the alarm was reopened since, and this is to be told anew.
	Undone bool `json:"undone,omitempty"`
}

// InformFor is how long it is tried to bring such a message to somebody.
const InformFor = 6 * time.Hour

func (t *Told) waits() bool { return t.State == Sending || t.State == Failing }

// result takes in what a channel says of it.
func (t *Told) result(failure string, now time.Time) {
	switch {
	case failure == "" && t.waits():
		t.State, t.Error, t.DoneAt = Delivered, "", now
	case failure == "":
	case t.State == Sending:
		t.State, t.Error = Failing, failure
	case t.State == Delivered:
		t.State, t.Error = Missed, failure
	}
}

// setInformed finds out quickly who is told of whom.
func (m *Machine) setInformed() {
	m.informed = map[ResidentID][]Informed{}
	for _, i := range m.plan.Informed {
		m.informed[i.Resident] = append(m.informed[i.Resident], i)
	}
}

// checkInformed says what is wrong with those who are told.
func (p Plan) checkInformed(bad func(format string, args ...any)) {
	type pair struct {
		of ResidentID
		to Person
	}
	seen := map[pair]bool{}
	for n, i := range p.Informed {
		switch {
		case i.Resident == "":
			bad("informed %d is told of no resident", n+1)
		case seen[pair{i.Resident, i.To}]:
			bad("%q is told of %q twice", i.To, i.Resident)
		case !p.People[i.To].On(i.Channel):
			bad("%q is told of %q on channel %q, which is none of theirs", i.To, i.Resident, i.Channel)
		case len(i.Of) == 0 && !i.Signs:
			bad("%q is told nothing of %q", i.To, i.Resident)
		case i.SignsAt < 0 || i.SignsAt >= 24*60:
			bad("%q is told of %q at a time outside 00:00 to 24:00", i.To, i.Resident)
		case !slices.Contains([]WhileResting{TellNothing, TellSigns, TellAll}, i.Resting):
			bad("%q is told %q of %q while resting; give signs, all, or nothing", i.To, i.Resting, i.Resident)
		}
		for _, news := range i.Of {
			if !slices.Contains(AlarmNews(), news) {
				bad("%q is told of %q that it is %q, which is none of the news", i.To, i.Resident, news)
			}
		}
		seen[pair{i.Resident, i.To}] = true
	}
}
