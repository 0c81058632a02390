// Package smsanswer says what a text message from a responder's telephone
// means. It guarantees:
//
//   - 1 takes the alarm, 2 says that its sender cannot come. Words may follow
//     ("1 jadę") as long as they leave no doubt; TAK, NIE and the like answer only
//     where nothing else is said: see Read. Whatever else a telephone sends by
//     itself (an automatic "I am driving", an advertisement) answers nothing.
//   - Only a number that the registry has for a channel answers, and only for
//     the person to whom a message went at that number.
//   - It answers the alarm of which that number was told last. One that is
//     closed by then, or that somebody else has, is not exchanged for an older
//     one: the machine refuses it, and the sender is told so.
//
// It keeps nothing: whom a message was sent to stands in the alarms themselves,
// so that an answer finds its alarm also after a restart.
//
// The number of a text message can be forged. Whoever can do that and knows a
// responder's number can answer for them.
package smsanswer

import (
	"errors"
	"strings"
	"time"
	"unicode"

	"telecare/alerting"
)

// Line is a responder's number on a channel.
type Line struct {
	Channel alerting.ChannelID
	Person  alerting.Person
	Number  string // as the registry has it
}

// Answer is what a text message means.
type Answer struct {
	Alarm alerting.Alarm
	By    alerting.Person
	Takes bool // else declines
}

// Input is the answer as the machine is told it.
func (a Answer) Input() alerting.Input {
	if a.Takes {
		return alerting.Take{Alarm: a.Alarm.ID, By: a.By}
	}
	return alerting.Decline{Alarm: a.Alarm.ID, By: a.By}
}

// Why a text message answers nothing. None of them is worth a reply but
// ErrNothing: a telephone that replies by itself would reply to that, too.
var (
	ErrUnclear  = errors.New("neither 1 nor 2, or in doubt")
	ErrStranger = errors.New("the number is nobody's")
	ErrNothing  = errors.New("nothing was sent to this number lately")
)

// recently is how long a closed alarm can be what an answer means: a text
// message takes its time.
const recently = 10 * time.Minute

// Of finds out what a text means that came from a number. lines are those of
// the channel that it came by.
func Of(from, text string, lines []Line, alarms []alerting.Alarm, now time.Time) (Answer, error) {
	takes, ok := Read(text)
	if !ok {
		return Answer{}, ErrUnclear
	}
	mine := linesOf(from, lines)
	if len(mine) == 0 {
		return Answer{}, ErrStranger
	}
	var best told
	for _, a := range alarms {
		if !a.Open() && now.Sub(a.ClosedAt) > recently {
			continue
		}
		for _, n := range a.Calls {
			t, ok := toldBy(a, n, mine)
			if ok && t.newer(best) {
				best = t
			}
		}
	}
	if best.by == "" {
		return Answer{}, ErrNothing
	}
	return Answer{Alarm: best.alarm, By: best.by, Takes: takes}, nil
}

// told is that a person was told of an alarm.
type told struct {
	alarm alerting.Alarm
	by    alerting.Person
	at    time.Time
	sure  bool // not only tried
}

func toldBy(a alerting.Alarm, n alerting.Notification, lines []Line) (told, bool) {
	if n.Reason == alerting.Stopped || n.State == alerting.Withdrawn || n.State == alerting.Missed {
		return told{}, false
	}
	for _, l := range lines {
		if l.Channel != n.Channel || l.Person != n.To {
			continue
		}
		t := told{alarm: a, by: n.To, at: n.At, sure: n.State != alerting.Failing}
		if !n.DoneAt.IsZero() {
			t.at = n.DoneAt
		}
		return t, true
	}
	return told{}, false
}

// newer orders by what has arrived, then by time, then by the alarms' numbers.
func (t told) newer(than told) bool {
	if than.by == "" || t.sure != than.sure {
		return than.by == "" || t.sure
	}
	if !t.at.Equal(than.at) {
		return t.at.After(than.at)
	}
	return t.alarm.Number > than.alarm.Number
}

// linesOf are the lines of a number: those that are the same to the last digit,
// else those that end alike, as one is written with its country and the other
// without. Of two different numbers that end alike nobody knows which it is.
func linesOf(from string, lines []Line) (out []Line) {
	number := digits(from)
	if number == "" {
		return nil
	}
	for _, l := range lines {
		if digits(l.Number) == number {
			out = append(out, l)
		}
	}
	if len(out) > 0 {
		return out
	}
	for _, l := range lines {
		n := digits(l.Number)
		if !endAlike(n, number) {
			continue
		}
		if len(out) > 0 && digits(out[0].Number) != n {
			return nil
		}
		out = append(out, l)
	}
	return out
}

// national is how many digits a number has at least without its country, where
// it can stand for itself: nine in Poland.
const national = 9

func endAlike(a, b string) bool {
	a, b = strings.TrimPrefix(a, "0"), strings.TrimPrefix(b, "0") // as is dialled within some countries
	return min(len(a), len(b)) >= national && (strings.HasSuffix(a, b) || strings.HasSuffix(b, a))
}

// digits is a number without what it is written with. A sender that is a word
// is no number.
func digits(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case unicode.IsLetter(r):
			return ""
		}
	}
	return strings.TrimPrefix(b.String(), "00")
}
