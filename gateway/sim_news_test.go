package gateway

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"time"

	"telecare/alerting"
)

// Carers who are told and not called. Each is told each piece of news of an alarm
// once, in the moment in which it becomes so, over crashes too; never of a drill,
// and nothing new in a rest. Once a day, at their hour, the signs of life.

// simNews is a message to somebody who is told that was ordered.
type simNews struct {
	seq  int64
	id   alerting.NotificationID
	to   alerting.Person
	what alerting.News
	at   time.Time
	life int // of the process that ordered it
}

// carers of the simulated house: one who is told alone, one who is called too and
// rests, and one who rests and wants to know all the same.
func (w *world) carers() []alerting.Informed {
	all := alerting.AlarmNews()
	return []alerting.Informed{
		{Resident: "halina", To: "nina", Channel: "phone", Of: all, Signs: true, SignsAt: w.minute(2, 9)},
		{Resident: "halina", To: "kasia", Channel: "phone", Of: all},
		{Resident: "maria", To: "adam", Channel: "screen", Of: []alerting.News{alerting.NewsThere, alerting.NewsClosed}, Resting: alerting.TellAll},
		{Resident: "adela", To: "nina", Channel: "phone", Of: all},
		{Resident: "zofia", To: "nina", Channel: "phone", Of: []alerting.News{alerting.NewsClosed}},
	}
}

// newsOrdered: somebody is to be told.
func (o *oracle) newsOrdered(c alerting.Call) {
	m := o.s.g.machine
	n := simNews{o.s.g.seq + 1, c.ID, c.To, c.News.What, m.Now(), o.s.life}
	same := func(x simNews) bool { return x.id == n.id }
	again := func(x simNews) bool { return x.id == n.id && x.life == n.life }
	switch {
	case c.Link != "" || c.Repeat || c.Reason != alerting.Informing:
		o.fail("news to %s looks like a call: %+v", c.To, c)
	case o.delivered[c.ID]:
		o.fail("%s, which its channel had accepted by what is on disk, is sent again", c.ID)
	}
	if n.what == alerting.NewsSigns {
		// What came due before Start is what Start finds without a result: its
		// sender has it already, and knows it by its id.
		if slices.ContainsFunc(o.signs, again) && o.s.elapsed() > o.begunAt+time.Second {
			o.fail("%s is sent twice", c.ID)
		}
		if !slices.ContainsFunc(o.signs, same) {
			day, at := o.signsDue(o.wall())
			unseen := o.s.elapsed()-o.clockSet <= time.Second // the clock is looked at once a second
			if !unseen && (!strings.Contains(string(c.ID), day) || o.wall().Before(at)) {
				o.fail("%s is sent at %s", c.ID, o.wall().In(warsaw))
			}
		}
		o.signs = append(o.signs, n)
		return
	}
	x := o.alarm(c.Alarm)
	a, _ := m.Alarm(c.Alarm)
	before := slices.ContainsFunc(x.news, func(b simNews) bool { return b.to == n.to })
	switch resting := o.inForce().resting(n.to, o.wall()); {
	case a.Drill || a.Kind == alerting.Technical:
		o.fail("%s is told of alarm %d, which is a drill or technical", n.to, c.Number)
	case slices.ContainsFunc(x.news, again):
		o.fail("%s is sent twice", c.ID)
	case n.what == alerting.NewsClosed && a.Open():
		o.fail("%s is told that alarm %d is closed, which is open", n.to, c.Number)
	case slices.ContainsFunc(x.news, func(b simNews) bool {
		return b.to == n.to && b.what == n.what && b.id != n.id && (n.what == alerting.NewsRaised || n.what != alerting.NewsReopened && b.seq >= x.reopenedBy())
	}):
		o.fail("%s is told %q of alarm %d twice", n.to, n.what, c.Number)
	case resting && !before && o.informed(a.Residents, n.to, n.what).Resting != alerting.TellAll:
		o.fail("%s, who rests, is told of alarm %d", n.to, c.Number)
	}
	x.news = append(x.news, n)
}

// informed is how somebody is told of residents; the zero one when they are not.
func (o *oracle) informed(residents []alerting.ResidentID, to alerting.Person, what alerting.News) alerting.Informed {
	for _, i := range o.inForce().site.Plan.Informed {
		if i.To == to && slices.Contains(residents, i.Resident) && slices.Contains(i.Of, what) {
			return i
		}
	}
	return alerting.Informed{}
}

// newsRight: everybody who wants to know is told in the same moment, but for who
// knows by a call or does it themselves.
func (o *oracle) newsRight(x *simAlarm, a *alerting.Alarm, was alerting.State) {
	if was == alerting.Closed && a.State != alerting.Closed {
		o.reopenedRight(x, a)
	}
	what := map[alerting.State]alerting.News{alerting.Raised: alerting.NewsRaised, alerting.Attended: alerting.NewsThere, alerting.Closed: alerting.NewsClosed}[a.State]
	if what == "" || a.State == was || a.Drill || a.Messages == 0 || what == alerting.NewsRaised && was != "" {
		return
	}
	h, seq := o.inForce(), o.s.g.seq+1
	for _, i := range h.site.Plan.Informed {
		told := func(n simNews) bool { return n.to == i.To }
		called := func(w simWord) bool { return w.to == i.To && (what == alerting.NewsRaised || w.seq == seq) }
		switch {
		case !slices.Contains(a.Residents, i.Resident) || !slices.Contains(i.Of, what) || i.To == o.s.actor:
		case slices.ContainsFunc(x.news, func(n simNews) bool {
			return told(n) && n.what == what && (what == alerting.NewsRaised || n.seq >= x.reopenedBy())
		}):
		case what != alerting.NewsClosed && (slices.ContainsFunc(x.words, called) || a.Holder == i.To || slices.Contains(a.With, i.To)):
		case h.resting(i.To, o.wall()) && i.Resting != alerting.TellAll && !slices.ContainsFunc(x.news, told):
		default:
			o.fail("%s is not told %q of alarm %d of %q%s", i.To, what, a.Number, a.Residents, o.story(a.ID))
		}
	}
}

// reopenedRight: whoever was told that an alarm is closed is told that it is not,
// in the same moment.
func (o *oracle) reopenedRight(x *simAlarm, a *alerting.Alarm) {
	newest := map[alerting.Person]simNews{}
	for _, n := range x.news {
		newest[n.to] = n
	}
	before := int64(0) // what was told by then that one took back
	if n := len(x.reopened); n > 1 {
		before = x.reopened[n-2]
	}
	for _, to := range slices.Sorted(maps.Keys(newest)) {
		n := newest[to]
		// What has failed so far is taken back, also where its result is on its way.
		if _, known := o.known[n.id]; n.what == alerting.NewsClosed && n.seq >= before && to != o.s.actor && known {
			o.fail("%s was told that alarm %d is closed, and not that it is open again%s", to, a.Number, o.story(a.ID))
		}
	}
}

// signsDue is the day on the wall, and when Nina is told on it.
func (o *oracle) signsDue(wall time.Time) (day string, at time.Time) {
	local := wall.In(warsaw)
	y, m, d := local.Date()
	minute := o.s.world.site.Plan.Informed[0].SignsAt
	return local.Format(time.DateOnly), time.Date(y, m, d, 0, minute, 0, 0, warsaw)
}

// missedSigns: her hour came and nobody told her.
func (o *oracle) missedSigns() {
	if o.s.boots > 1 && o.signsFrom.IsZero() || o.s.elapsed() < max(o.begunAt, o.clockSet)+8*time.Second {
		return // the plan itself was lost, and put in force anew
	}
	day, at := o.signsDue(o.wall())
	if o.wall().Before(at.Add(8*time.Second)) || at.Before(o.signsFrom.Add(8*time.Second)) {
		return
	}
	if !slices.ContainsFunc(o.signs, func(n simNews) bool {
		_, told, _ := strings.Cut(string(n.id), ".")
		return told[:len(day)] >= day
	}) {
		o.fail("nina was not told the signs of life at %s, and it is %s", at, o.wall().In(warsaw))
	}
}

// newsCrashed forgets what a crash forgot.
func (o *oracle) newsCrashed(survive int64) {
	lost := func(n simNews) bool { return n.seq > survive }
	o.signs = slices.DeleteFunc(o.signs, lost)
	for _, x := range o.alarms {
		x.news = slices.DeleteFunc(x.news, lost)
	}
}

// newsOutstanding: what had no result is sent again after a start, and nothing
// that had one.
func (o *oracle) newsOutstanding() {
	o.delivered = map[alerting.NotificationID]bool{}
	first := map[alerting.NotificationID]int64{} // what the network reports of one that a crash forgot is of none
	for _, n := range slices.Backward(o.signs) {
		first[n.id] = n.seq
	}
	for _, x := range o.alarms {
		for _, n := range slices.Backward(x.news) {
			first[n.id] = n.seq
		}
	}
	for _, r := range o.s.disk.recs {
		if r.Kind != "sent" || !bytes.Contains(r.Body, []byte("-")) {
			continue
		}
		in, err := alerting.DecodeInput(r.Kind, r.Body)
		if sent, ok := in.(alerting.Sent); err == nil && ok && sent.Error == "" && (!sent.Arrived || first[sent.Notification] != 0 && first[sent.Notification] <= r.Seq) {
			o.delivered[sent.Notification] = true
		}
	}
	for _, x := range o.alarms {
		newest := map[alerting.Person]simNews{}
		for _, n := range x.news {
			newest[n.to] = n
		}
		for _, n := range newest {
			undone := n.what == alerting.NewsClosed && n.seq < x.reopenedBy()
			if !undone && !o.carried[n.id] && !o.delivered[n.id] && o.now().Sub(n.at) < alerting.InformFor-time.Minute {
				o.resend[n.id] = true
			}
		}
	}
	if o.s.boots == 1 {
		o.signsFrom = o.s.world.wall()
	} else if len(o.s.g.machine.Signs()) == 0 {
		o.signsFrom = time.Time{}
	}
}
