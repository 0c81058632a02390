package smsanswer

import (
	"errors"
	"testing"
	"time"

	"telecare/alerting"
)

var (
	night = time.Date(2026, 2, 3, 2, 0, 0, 0, time.UTC)
	lines = []Line{
		{"sms", "r-marta", "+48 600 100 200"},
		{"sms", "r-jan", "601 100 200"},
		{"sms", "r-night", "+48 602 000 000"}, // two people, one telephone
		{"sms", "r-second", "0048602000000"},
		{"sms", "r-uk", "07700 900123"},
	}
)

func call(to alerting.Person, after time.Duration, state alerting.Delivery) alerting.Notification {
	n := alerting.Notification{To: to, Channel: "sms", Reason: alerting.Calling, At: night.Add(after), State: state}
	if state == alerting.Delivered {
		n.DoneAt = n.At.Add(time.Second)
	}
	return n
}

func alarm(number int, calls ...alerting.Notification) alerting.Alarm {
	return alerting.Alarm{ID: alerting.AlarmID("a" + string(rune('0'+number))), Number: number, State: alerting.Raised, Calls: calls}
}

func TestOf(t *testing.T) {
	stop := call("r-marta", 9*time.Minute, alerting.Delivered)
	stop.Reason = alerting.Stopped
	push := call("r-marta", 9*time.Minute, alerting.Delivered)
	push.Channel = "push"
	closed := alarm(4, call("r-marta", 5*time.Minute, alerting.Delivered))
	closed.State, closed.ClosedAt = alerting.Closed, night.Add(6*time.Minute)
	one := alarm(1, call("r-marta", 0, alerting.Delivered))
	for name, x := range map[string]struct {
		from, text string
		alarms     []alerting.Alarm
		now        time.Duration
		want       alerting.Input
		err        error
	}{
		"takes":                       {"+48600100200", "1", []alerting.Alarm{one}, 0, alerting.Take{Alarm: "a1", By: "r-marta"}, nil},
		"declines":                    {"+48600100200", "2", []alerting.Alarm{one}, 0, alerting.Decline{Alarm: "a1", By: "r-marta"}, nil},
		"without the plus":            {"48600100200", " 1.\n", []alerting.Alarm{one}, 0, alerting.Take{Alarm: "a1", By: "r-marta"}, nil},
		"without the country":         {"600100200", "1", []alerting.Alarm{one}, 0, alerting.Take{Alarm: "a1", By: "r-marta"}, nil},
		"the registry without it":     {"+48601100200", "1", []alerting.Alarm{alarm(1, call("r-jan", 0, alerting.Sending))}, 0, alerting.Take{Alarm: "a1", By: "r-jan"}, nil},
		"a country with a trunk zero": {"+447700900123", "1", []alerting.Alarm{alarm(1, call("r-uk", 0, alerting.Delivered))}, 0, alerting.Take{Alarm: "a1", By: "r-uk"}, nil},
		"in doubt":                    {"+48600100200", "1 godzina", []alerting.Alarm{one}, 0, nil, ErrUnclear},
		"with words":                  {"+48600100200", "1, już jadę", []alerting.Alarm{one}, 0, alerting.Take{Alarm: "a1", By: "r-marta"}, nil},
		"another number of it":        {"+48600100200", "12", []alerting.Alarm{one}, 0, nil, ErrUnclear},
		"both":                        {"+48600100200", "1 2", []alerting.Alarm{one}, 0, nil, ErrUnclear},
		"nothing":                     {"+48600100200", "", []alerting.Alarm{one}, 0, nil, ErrUnclear},
		"a stranger":                  {"+48699999999", "1", []alerting.Alarm{one}, 0, nil, ErrStranger},
		"a word for a number":         {"INFO 600100200", "1", []alerting.Alarm{one}, 0, nil, ErrStranger},
		"a short number":              {"100200", "1", []alerting.Alarm{one}, 0, nil, ErrStranger},
		"known, and not called":       {"+48601100200", "1", []alerting.Alarm{one}, 0, nil, ErrNothing},
		"the last of two": {"+48600100200", "1", []alerting.Alarm{alarm(2, call("r-marta", time.Minute, alerting.Delivered)), one}, 0,
			alerting.Take{Alarm: "a2", By: "r-marta"}, nil},
		"called again": {"+48600100200", "1", []alerting.Alarm{alarm(1, one.Calls[0], call("r-marta", 3*time.Minute, alerting.Delivered)), alarm(2, call("r-marta", time.Minute, alerting.Delivered))}, 0,
			alerting.Take{Alarm: "a1", By: "r-marta"}, nil},
		"a stop is no call":       {"+48600100200", "1", []alerting.Alarm{one, alarm(2, stop)}, 0, alerting.Take{Alarm: "a1", By: "r-marta"}, nil},
		"another channel":         {"+48600100200", "1", []alerting.Alarm{one, alarm(2, push)}, 0, alerting.Take{Alarm: "a1", By: "r-marta"}, nil},
		"withdrawn before":        {"+48600100200", "1", []alerting.Alarm{one, alarm(2, call("r-marta", time.Minute, alerting.Withdrawn))}, 0, alerting.Take{Alarm: "a1", By: "r-marta"}, nil},
		"failing after delivered": {"+48600100200", "1", []alerting.Alarm{alarm(2, call("r-marta", time.Minute, alerting.Failing)), one}, 0, alerting.Take{Alarm: "a1", By: "r-marta"}, nil},
		"only failing":            {"+48600100200", "1", []alerting.Alarm{alarm(2, call("r-marta", time.Minute, alerting.Failing))}, 0, alerting.Take{Alarm: "a2", By: "r-marta"}, nil},
		"just closed":             {"+48600100200", "1", []alerting.Alarm{one, closed}, 7 * time.Minute, alerting.Take{Alarm: "a4", By: "r-marta"}, nil},
		"closed long ago":         {"+48600100200", "1", []alerting.Alarm{one, closed}, time.Hour, alerting.Take{Alarm: "a1", By: "r-marta"}, nil},
		"one telephone for two":   {"+48602000000", "1", []alerting.Alarm{alarm(1, call("r-second", 0, alerting.Delivered)), alarm(2, call("r-night", time.Minute, alerting.Delivered))}, 0, alerting.Take{Alarm: "a2", By: "r-night"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := Of(x.from, x.text, lines, x.alarms, night.Add(x.now))
			if !errors.Is(err, x.err) {
				t.Fatalf("error %v, want %v", err, x.err)
			}
			if err == nil && a.Input() != x.want {
				t.Errorf("got %+v, want %+v", a.Input(), x.want)
			}
		})
	}
}

// Of two numbers that end alike, and neither of which is the very one, nobody
// knows which answers.
func TestOfTwoThatEndAlike(t *testing.T) {
	two := []Line{{"sms", "r-1", "+48600100200"}, {"sms", "r-2", "+49600100200"}}
	alarms := []alerting.Alarm{alarm(1, call("r-1", 0, alerting.Delivered), call("r-2", 0, alerting.Delivered))}
	if _, err := Of("600100200", "1", two, alarms, night); !errors.Is(err, ErrStranger) {
		t.Errorf("got %v", err)
	}
	if a, err := Of("+49600100200", "1", two, alarms, night); err != nil || a.By != "r-2" {
		t.Errorf("got %+v, %v", a, err)
	}
}

func FuzzOf(f *testing.F) {
	f.Add("+48600100200", "1")
	f.Add("INFO", "1\u200d2")
	f.Fuzz(func(t *testing.T, from, text string) {
		a, err := Of(from, text, lines, []alerting.Alarm{alarm(1, call("r-marta", 0, alerting.Delivered))}, night)
		if err == nil && (a.By != "r-marta" || a.Alarm.ID != "a1") {
			t.Errorf("%q from %q: %+v", text, from, a)
		}
	})
}
