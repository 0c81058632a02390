package alerting

import (
	"slices"
	"time"
)

// Roster says who is on call at every moment, in wall time. At the bottom lie
// the shifts, all of them together; on them the layers, of which the last that
// has somebody at a moment is the one that counts, as in PagerDuty and Grafana
// OnCall: so that a rotation for the nights, a holiday plan or next year's order
// is laid over what there is, and what there is shows through its gaps. Swaps
// change turns and shifts before that; overrides come last and change the
// answer, in their order.
type Roster struct {
	// Zone is where its wall clock hangs; the zero Zone is the site's.
	Zone      Zone       `json:"zone,omitzero"`
	Shifts    []Shift    `json:"shifts"`
	Layers    []Layer    `json:"layers,omitempty"`
	Swaps     []Swap     `json:"swaps,omitempty"`
	Overrides []Override `json:"overrides,omitempty"`
	// Cover are the hours in which somebody is to be on call: that nobody will
	// be is a fault, a day before.
	Cover []Hours `json:"cover,omitempty"`
}

// Shift puts somebody on call on the given weekdays from From to To. To at or
// before From ends on the next day. Both are minutes after midnight.
type Shift struct {
	Days []time.Weekday `json:"days"`
	From int            `json:"from"`
	To   int            `json:"to"`
	Who  []Person       `json:"who"`
}

// Layer is a rotation: its turns follow each other, a turn lasts so many local
// days, and the last is followed by the first. A hand-over is at HandOver on the
// wall, however long the days between are. Before Start nobody is on call.
type Layer struct {
	Days     int        `json:"days"`
	Start    Date       `json:"start"`     // the day on which the first turn begins
	HandOver int        `json:"hand_over"` // minutes after midnight
	Turns    [][]Person `json:"turns"`
	// Only limits the layer to hours; without it, it is always on. A hand-over
	// in the middle of such hours is one all the same.
	Only []Hours `json:"only,omitempty"`
}

// Override puts Who on call from From to Until: in the place of Instead where
// that one is on call, or of everybody when Instead is "".
type Override struct {
	From    time.Time `json:"from"`
	Until   time.Time `json:"until"`
	Who     []Person  `json:"who"`
	Instead Person    `json:"instead,omitempty"`
}

// Swap exchanges turns: With does what Who has in the turns and shifts that
// begin on Turn, and Who what With has in those that begin on For.
type Swap struct {
	Who  Person `json:"who"`
	Turn Date   `json:"turn"`
	With Person `json:"with"`
	For  Date   `json:"for"`
}

// OnCall lists who is on call at t, in the order of the shifts or the turn. The
// zone is the site's. On the day the clocks change, a night is as long as it
// really is.
func (r Roster) OnCall(t time.Time, site Zone) []Person {
	who := r.regular(t, r.zone(site))
	for _, o := range r.Overrides {
		if !t.Before(o.From) && t.Before(o.Until) {
			who = o.apply(who)
		}
	}
	return who
}

func (r Roster) zone(site Zone) *time.Location {
	if r.Zone.Location != nil {
		return r.Zone.Location
	}
	return site.location()
}

// regular is who is on call when there is no override.
func (r Roster) regular(t time.Time, zone *time.Location) []Person {
	for _, l := range slices.Backward(r.Layers) {
		if who := r.layer(l, t, zone); len(who) > 0 {
			return who
		}
	}
	var who []Person
	for _, s := range r.Shifts {
		for day := range s.hours().begun(t, zone) {
			who = join(who, r.swapped(s.Who, day))
		}
	}
	return who
}

func (r Roster) layer(l Layer, t time.Time, zone *time.Location) []Person {
	if len(l.Only) > 0 && !slices.ContainsFunc(l.Only, func(h Hours) bool { return h.At(t, Zone{zone}) }) {
		return nil
	}
	n := l.turn(t, zone)
	if n < 0 {
		return nil
	}
	return join(nil, r.swapped(l.Turns[n%len(l.Turns)], l.begins(n)))
}

// turn counts the hand-overs before t, the first one as 0; -1 is before it.
func (l Layer) turn(t time.Time, zone *time.Location) int {
	if l.Days < 1 || len(l.Turns) == 0 {
		return -1 // no plan that passed Check has this
	}
	since := dayAt(t, zone) - l.Start.number()
	if since < 0 {
		// A hand-over cannot be on an earlier day than its own.
		return -1
	}
	// On the day itself it may be yet to come, and one just before midnight
	// that does not exist is after it.
	n := since / l.Days
	for n >= 0 && t.Before(onTheWall(l.begins(n), l.HandOver, zone)) {
		n--
	}
	return n
}

// begins is the day on which a turn begins.
func (l Layer) begins(turn int) int { return l.Start.number() + turn*l.Days }

// swapped is who does a turn or shift that begins on a day.
func (r Roster) swapped(who []Person, day int) []Person {
	for _, s := range r.Swaps {
		turn, other := s.Turn.number() == day, s.For.number() == day
		who = slices.Clone(who)
		for i, p := range who {
			switch {
			case turn && p == s.Who:
				who[i] = s.With
			case other && p == s.With:
				who[i] = s.Who
			}
		}
	}
	return who
}

// HasTurn reports whether a turn or shift of somebody begins on a day, as it is
// after the swaps.
func (r Roster) HasTurn(p Person, d Date) bool {
	day := d.number()
	for _, s := range r.Shifts {
		if slices.Contains(s.Days, weekday(day)) && slices.Contains(r.swapped(s.Who, day), p) {
			return true
		}
	}
	for _, l := range r.Layers {
		since := day - l.Start.number()
		if since >= 0 && l.Days > 0 && since%l.Days == 0 && len(l.Turns) > 0 &&
			slices.Contains(r.swapped(l.Turns[since/l.Days%len(l.Turns)], day), p) {
			return true
		}
	}
	return false
}

// apply changes who is on call.
func (o Override) apply(who []Person) []Person {
	if o.Instead == "" {
		return join(nil, o.Who)
	}
	i := slices.Index(who, o.Instead)
	if i < 0 {
		return who
	}
	return join(join(slices.Clone(who[:i]), o.Who), who[i+1:])
}

// join adds those who are not there yet.
func join(who, more []Person) []Person {
	for _, p := range more {
		if !slices.Contains(who, p) {
			who = append(who, p)
		}
	}
	return who
}

func (s Shift) hours() Hours { return Hours{s.Days, s.From, s.To} }
