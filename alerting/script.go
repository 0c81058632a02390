package alerting

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// InputText shows an input as a line of a script, the form in which nights are
// tested and replayed. number finds what people call an alarm.
func InputText(in Input, number func(AlarmID) int) string {
	alarm := func(id AlarmID) string { return fmt.Sprintf("alarm %d", number(id)) }
	switch in := in.(type) {
	case Start:
		if in.Clock != nil {
			return "start, clock " + in.Clock.Behind.String() + " behind"
		}
		return "start"
	case Tick:
		return "tick"
	case Apply:
		return fmt.Sprintf("apply plan with %d devices, %d people", len(in.Plan.Devices), len(in.Plan.People))
	case Heard:
		return fmt.Sprintf("%s %s%s%s%s%s%s%s", in.Kind, in.Device, opt(" ref ", in.Ref), when(in.Counter, " counter"), opt(" delivery ", in.Delivery),
			when(in.Repeat, " repeat"), when(in.Level, " level"), when(in.Late, " late"))
	case Cleared:
		return fmt.Sprintf("clear %s %s", in.Kind, in.Device)
	case Sign:
		return fmt.Sprintf("%s %s%s", in.What, in.Device, when(in.Late, " late"))
	case Away:
		return fmt.Sprintf("away %s%s by %s%s", in.Resident, in.Place, in.By, opt(" until ", moment(in.Until)))
	case SetTest:
		return fmt.Sprintf("test %s by %s%s", cmp.Or(string(in.Device)+string(in.Place), "all"), in.By, opt(" until ", moment(in.Until)))
	case Pause:
		return fmt.Sprintf("pause %s by %s%s", in.Place, in.By, opt(" until ", moment(in.Until)))
	case RaiseByHand:
		return fmt.Sprintf("by hand %s %s %s%s", in.By, in.Kind, in.Place, when(in.Drill, " drill"))
	case Take:
		return fmt.Sprintf("take %s %s", in.By, alarm(in.Alarm))
	case Decline:
		return fmt.Sprintf("decline %s %s", in.By, alarm(in.Alarm))
	case Arrive:
		return fmt.Sprintf("arrive %s %s", in.By, alarm(in.Alarm))
	case NeedHelp:
		return fmt.Sprintf("help %s %s", in.By, alarm(in.Alarm))
	case HandOver:
		return fmt.Sprintf("hand %s to %s %s", in.By, in.To, alarm(in.Alarm))
	case Close:
		return fmt.Sprintf("close %s %s %s", in.By, alarm(in.Alarm), in.Outcome)
	case Reopen:
		return fmt.Sprintf("reopen %s %s", in.By, alarm(in.Alarm))
	case Recover:
		return fmt.Sprintf("recover %s %s %s%s%s raised %s", in.By, in.Alarm, in.Kind,
			opt(" device ", string(in.Device)), opt(" place ", string(in.Place)), in.RaisedAt.UTC().Format(time.RFC3339))
	case BreakBegins:
		return fmt.Sprintf("break %s until %s", in.By, in.Until.UTC().Format(time.RFC3339))
	case BreakEnds:
		return fmt.Sprintf("break over %s", in.By)
	case ClockSet:
		return fmt.Sprintf("clock %s behind", in.Behind)
	case Sent:
		if in.Error != "" {
			return fmt.Sprintf("failed %s %s", message(in.Notification, alarm(in.Alarm)), in.Error)
		}
		if in.Arrived {
			return "on-phone " + message(in.Notification, alarm(in.Alarm))
		}
		return "sent " + message(in.Notification, alarm(in.Alarm))
	case Adopt:
		return "adopt what was known"
	case Through:
		var b strings.Builder
		for _, d := range in.Devices {
			b.WriteString(" " + string(d))
		}
		return "through " + in.Source + b.String()
	case FaultEdge:
		if in.On {
			return fmt.Sprintf("fault %s %s", in.Code, in.Subject)
		}
		return fmt.Sprintf("fault over %s %s", in.Code, in.Subject)
	}
	return fmt.Sprintf("%T", in)
}

// EffectText shows an effect as an indented line of a script, without the
// indent. Times are in the zone.
func EffectText(e Effect, zone Zone) string {
	switch e := e.(type) {
	case Notify:
		what := map[Reason]string{Calling: "call", Again: "call again", Offered: "ask to take over", Stopped: "tell it is taken care of"}[e.Reason]
		return fmt.Sprintf("%s: %s on %s, %s", what, e.To, e.Channel, message(e.ID, fmt.Sprintf("alarm %d", e.Number)))
	case Inform:
		what := map[News]string{NewsRaised: "it is raised", NewsThere: "somebody is there", NewsClosed: "it is closed", NewsReopened: "it is not closed after all", NewsSigns: "the signs of life"}[e.News]
		return fmt.Sprintf("tell of %s: %s on %s, %s%s, %s", people(e.Of), e.To, e.Channel, what, when(e.Shared, " (or of others there)"), message(e.ID, fmt.Sprintf("alarm %d", e.Number)))
	case Withdraw:
		return fmt.Sprintf("withdraw: %s on %s, %s", e.To, e.Channel, message(e.ID, fmt.Sprintf("alarm %d", e.Number)))
	case Changed:
		return fmt.Sprintf("alarm %d %s", e.Alarm.Number, entryText(e.Entry, e.Alarm, zone))
	case AwayChanged:
		who := string(e.Absence.Resident) + string(e.Absence.Place)
		if !e.On {
			return fmt.Sprintf("%s is back%s", who, opt(", by ", string(e.Absence.By)))
		}
		return fmt.Sprintf("%s is away until %s %s", who, DayText(e.Absence.Until, zone), ClockText(e.Absence.Until, zone))
	case TestChanged:
		what := cmp.Or(string(e.Window.Device)+string(e.Window.Place), "all")
		if !e.On {
			return fmt.Sprintf("test of %s ends%s", what, opt(", by ", string(e.Window.By)))
		}
		return fmt.Sprintf("test of %s until %s", what, ClockText(e.Window.Until, zone))
	case FallWaits:
		return fmt.Sprintf("fall of %s waits for a cancel, until %s", e.Device, ClockText(e.Until, zone))
	case FaultChanged:
		if e.On {
			return fmt.Sprintf("fault %s of %s begins", e.Fault.Code, e.Fault.Subject)
		}
		return fmt.Sprintf("fault %s of %s ends", e.Fault.Code, e.Fault.Subject)
	case BreakChanged:
		if e.Until.IsZero() {
			return fmt.Sprintf("%s is back", e.Who)
		}
		return fmt.Sprintf("%s is on a break until %s", e.Who, ClockText(e.Until, zone))
	case Refused:
		return fmt.Sprintf("refused %s: %s%s", e.By, e.Why, opt(" by ", string(e.Holder)))
	}
	return fmt.Sprintf("%T", e)
}

// entryText shows one thing that happened to an alarm.
func entryText(e Entry, a Alarm, zone Zone) string {
	var b strings.Builder
	b.WriteString(string(e.What))
	if f := a.Faults; f != nil && (e.What == WasRaised || e.What == FaultsChanged || e.What == FaultsWorse) {
		fmt.Fprintf(&b, ": %s", f.text())
	} else if e.What == WasRaised {
		fmt.Fprintf(&b, ": %s at %s%s%s", a.Kind, a.Place, opt(" of ", people(a.Residents)), when(a.Late, ", late")+when(a.Away, ", away")+when(a.Drill, ", drill"))
	}
	if e.What == PressedAgain {
		fmt.Fprintf(&b, ", press %d", a.Presses)
	}
	if e.Who != "" {
		fmt.Fprintf(&b, " %s", e.Who)
	}
	if e.To != "" {
		fmt.Fprintf(&b, " to %s", e.To)
	}
	if e.Step > 0 {
		fmt.Fprintf(&b, " step %d", e.Step)
	}
	if e.Text != "" {
		fmt.Fprintf(&b, " (%s)", e.Text)
	}
	if !e.Until.IsZero() {
		fmt.Fprintf(&b, ", until %s", ClockText(e.Until, zone))
	}
	return b.String()
}

// ClockText shows a time of day in the zone, with fractions only where there
// are any.
func ClockText(t time.Time, zone Zone) string {
	return t.In(zone.location()).Format("15:04:05.999")
}

// DayText shows a date in the zone.
func DayText(t time.Time, zone Zone) string { return t.In(zone.location()).Format(time.DateOnly) }

// message shows a notification's id as people can tell it: "message 3 of alarm 1".
func message(id NotificationID, alarm string) string {
	if strings.HasPrefix(string(id), signsPrefix) {
		return string(id)
	}
	_, n, _ := strings.Cut(string(id), ".")
	if n != "" && n[0] >= '0' && n[0] <= '9' { // what of, and to whom, is said beside it
		n, _, _ = strings.Cut(n, "-")
	}
	return fmt.Sprintf("message %s of %s", n, alarm)
}

// people shows residents: "anna or jan", of whom any may have called.
func people(residents []ResidentID) string {
	words := make([]string, len(residents))
	for i, r := range residents {
		words[i] = string(r)
	}
	return strings.Join(words, " or ")
}

// moment shows a time as inputs carry it; "" when there is none.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func opt(before, s string) string {
	if s == "" {
		return ""
	}
	return before + s
}

func when(on bool, s string) string {
	if !on {
		return ""
	}
	return s
}
