package alerting

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"telecare/devices"
)

// show writes what is known at a moment, for "show alarm 1" and the like: what
// the desk, the report and the gateway ask the machine for.
func (n *night) show(f []string) (lines []string) {
	n.t.Helper()
	say := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	switch f[0] {
	case "alarm":
		a, ok := n.m.Alarm(n.alarm(f[1]))
		if !ok {
			say("alarm %s is not known", f[1])
			break
		}
		say("alarm %d is %s%s: %s of %s at %s, %s, priority %s, policy %s", a.Number, a.State, opt(" ", string(a.Counted())), a.Kind,
			cmpOr(string(a.Device), "no device"), a.Place, cmpOr(people(a.Residents), "nobody"), a.Priority, a.Policy)
		var took []string
		for _, m := range []Milestone{ToCall, ToAcknowledge, ToAttend, ToClose} {
			if d, ok := a.Took(m); ok {
				took = append(took, fmt.Sprintf("to %s %s", m, d))
			}
		}
		say("raised %s%s%s%s", ClockText(a.RaisedAt, n.plan.Zone), opt(", heard ", n.time(a.HeardAt)), opt(" by ", string(a.RaisedBy)), opt(": ", strings.Join(took, ", ")))
		say("pressed %d times, last at %s, %d repeats, refs %q", a.Presses, n.time(a.LastPress), a.Folded, a.Refs)
		say("step %d of turn %d%s, wait %s, reached %t%s", a.Step, a.Turn, opt(" at ", n.time(a.StepAt)), a.Wait, a.Reached, opt(", until ", n.time(a.Deadline)))
		if a.Holder != "" || !a.HeldFrom.IsZero() || len(a.With)+len(a.There) > 0 || a.Offered != "" {
			say("held by %s since %s, with %q, there %q, asked %q", a.Holder, n.time(a.HeldFrom), a.With, a.There, a.Offered)
		}
		say("wanted %d, more help wanted %t, declined %q, asked in this step %q", a.Wanted, a.HelpWanted, a.Declined, a.Asked)
		for _, l := range a.Later {
			say("later: %s on %s at %s", l.To, l.Channel, n.time(l.At))
		}
		for _, c := range a.Calls {
			say("%s to %s on %s (%s) in step %d at %s: %s%s%s%s", message(c.ID, "it"), c.To, c.Channel, c.Reason, c.Step, n.time(c.At), c.State,
				opt(" at ", n.time(c.DoneAt)), opt(", on the phone at ", n.time(c.OnPhoneAt)), opt(" ", c.Error))
		}
		for i, t := range a.Informed {
			undone := ""
			if t.Undone {
				undone = ", undone"
			}
			say("told %s at %s: %s%s%s%s", message(t.ID, "it"), n.time(t.At), t.State, opt(" at ", n.time(t.DoneAt)), opt(" ", t.Error), undone)
			a.Informed[i] = Told{} // whoever asks may do with it as they like
		}
	case "alarms":
		for _, a := range n.m.Alarms() {
			say("alarm %d %s", a.Number, a.State)
		}
		count := n.m.Count()
		say("%d raised, %d acknowledged, %d attended, %d closed", count[Raised], count[Acknowledged], count[Attended], count[Closed])
	case "sights":
		sights := n.m.Sights()
		for _, id := range slices.Sorted(maps.Keys(sights)) {
			slices.Sort(sights[id])
			say("%s sees by %q", id, sights[id])
		}
	case "device":
		d := devices.ID(f[1])
		moves, door, bed := n.m.WatchedFor(d)
		open, known := n.m.DoorIs(d)
		say("%s is at %s; watched: moves %t, door %t (open %t, known %t), bed %t (left %t)", d, n.m.PlaceOf(d), moves, door, open, known, bed, n.m.BedIs(d))
	case "away":
		for _, a := range n.m.Absences() {
			say("%s%s is away from %s until %s by %s", a.Resident, a.Place, n.time(a.From), n.time(a.Until), a.By)
		}
		out := n.m.AwayDevices()
		slices.Sort(out)
		say("devices of whoever is away: %q", out)
	case "tests":
		for _, w := range n.m.Tests() {
			say("test of %q %q from %s until %s by %s, heard %d", w.Device, w.Place, n.time(w.From), n.time(w.Until), w.By, len(w.Heard))
			for _, h := range w.Heard {
				say("heard %s at %s, alarm %d", h.Device, n.time(h.At), n.number(h.Alarm))
			}
		}
	case "waits":
		for _, w := range n.m.Waits() {
			say("fall of %s at %s from %s until %s, %d repeats", w.Heard.Device, w.Place, n.time(w.At), n.time(w.Until), w.Folded)
		}
	case "faults":
		for _, x := range n.m.Faults() {
			say("%s of %s since %s", x.Code, x.Subject, n.time(x.Since))
		}
	case "breaks":
		for _, b := range n.m.Breaks() {
			say("%s until %s", b.Who, n.time(b.Until))
		}
	case "signs":
		for _, s := range n.m.Signs() {
			last := "nothing"
			if t := s.Last; t != nil {
				last = fmt.Sprintf("%s at %s: %s%s%s, waits %t", t.ID, n.time(t.At), t.State, opt(" at ", n.time(t.DoneAt)), opt(" ", t.Error), n.m.SignsWait(t.ID))
				*t = Told{} // whoever asks may do with it as they like
			}
			done := "no day"
			if s.Day != (Date{}) {
				done = DayText(OnTheWall(s.Day, 0, n.plan.Zone), n.plan.Zone)
			}
			say("%s of %s at %02d:%02d, done with %s, last %s", s.To, s.Of, s.At/60, s.At%60, done, last)
		}
		say("one that was never sent waits %t", n.m.SignsWait("signs.never"))
	case "signs-of": // what is known of who is told of
		r := ResidentID(f[1])
		by, shared, away := n.m.ShownBy(r)
		say("%s is at %s, shown by %q, with others %t, away %t, an open alarm %t", r, cmpOr(string(n.m.PlaceOfResident(r)), "no place"), by, shared, away, n.m.OpenOf(r))
	case "next":
		say("something is due at %s", cmpOr(n.time(n.m.Next()), "no time"))
	default:
		n.t.Fatalf("not understood: show %q", f)
	}
	return lines
}

func (n *night) time(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return ClockText(t, n.plan.Zone)
}

func cmpOr(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
