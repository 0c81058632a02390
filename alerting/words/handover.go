package words

import (
	"cmp"
	"fmt"
	"strings"
)

// Handover are the words of the sheet for the change of shift. A time goes where
// {a} and {b} are, a number where {n} is.
type Handover struct {
	Name       string // "Hand-over sheet"
	Since      string // {a} to {b}
	Open       string // a title, as those that follow
	Shift      string
	Faults     string
	Silent     string
	Came       string
	Went       string
	Soon       string // in the next 24 hours
	Rests      string
	Next       string // who is on call
	None       string // nothing in a list
	More       string // {n} more
	Number     string
	What       string
	Where      string
	Who        string
	Raised     string
	State      string
	Holder     string
	WhoCame    string
	Took       string // a title: how long until somebody took it
	Arrived    string // until somebody was there
	Closed     string
	Outcome    string
	Until      string // {a}
	From       string // {a}
	Now        string
	Nobody     string
	StandIn    string // {a}: names
	SinceWhen  string // {a}
	Never      string // nothing is known of a device
	Comes      string
	Goes       string
	DayCare    string
	Presses    string // {n}
	Minutes    func(seconds float64) string
	Print      string
	Signatures string // who hands over, who takes over
	HandsOver  string
	TakesOver  string
	Back       string
	SignIn     string
	NotYours   string
	Limited    string // {a}: alarms closed before that are not known here
	BadSince   string
}

// Daily says when somebody comes or goes, and whether that is day care's.
func (t Handover) Daily(when string, day bool) string {
	if day {
		return when + ", " + t.DayCare
	}
	return when
}

// FaultLine says that a fault is on, perhaps at a place.
func (t Handover) FaultLine(what, place, since string) string {
	return what + behind(place) + ", " + about(t.SinceWhen, since)
}

// SilentLine says of a device when it was heard last; "" is never.
func (t Handover) SilentLine(name, place, last string) string {
	if last == "" {
		return name + behind(place) + ": " + t.Never
	}
	return name + behind(place) + ": " + about(t.SinceWhen, last)
}

// RestLine says who rests, until when if that is known, and who is called
// instead.
func (t Handover) RestLine(who, until string, standIns []string) string {
	if until != "" {
		who += " " + about(t.Until, until)
	}
	if len(standIns) > 0 {
		who += ", " + about(t.StandIn, strings.Join(standIns, ", "))
	}
	return who
}

// OnCallLine says who of a roster is on call, and who is next if that is known.
func (t Handover) OnCallLine(roster string, now []string, until string, next []string) string {
	names := func(who []string) string { return cmp.Or(strings.Join(who, ", "), t.Nobody) }
	line := roster + ": " + t.Now + " " + names(now)
	if until != "" {
		line += "; " + about(t.From, until) + " " + names(next)
	}
	return line
}

func about(s, a string) string { return strings.ReplaceAll(s, "{a}", a) }

// behind puts a place behind a name, where there is one.
func behind(place string) string {
	if place == "" {
		return ""
	}
	return ", " + place
}

func englishHandover() Handover {
	return Handover{
		Name: "Hand-over sheet", Since: "From {a} to {b}", Open: "Open alarms", Shift: "Alarms of the shift", Faults: "Faults", Silent: "Devices without a sign of life",
		Came: "Came", Went: "Went", Soon: "In the next 24 hours", Rests: "Family carers who rest", Next: "On call", None: "none", More: "and {n} more",
		Number: "No", What: "What", Where: "Where", Who: "Who", Raised: "Raised", State: "State", Holder: "Who has it", WhoCame: "Who came", Took: "Taken after", Arrived: "There after",
		Closed: "Closed", Outcome: "How it ended", Until: "until {a}", From: "from {a}", Now: "now", Nobody: "nobody", StandIn: "called instead: {a}",
		SinceWhen: "since {a}", Never: "never heard", Comes: "comes", Goes: "goes", DayCare: "day care", Presses: "pressed {n} times", Minutes: minutes,
		Print: "To print it, use the browser's own command.", Signatures: "Handed over", HandsOver: "Hands over", TakesOver: "Takes over", Back: "All alarms",
		SignIn: "Sign in on the first page, then come back.", NotYours: "This account may not read the hand-over sheet.",
		Limited:  "Alarms that were closed before {a} are not on it.",
		BadSince: "This is no time; write it as 2026-11-24T07:00.",
	}
}

func polishHandover() Handover {
	return Handover{
		Name: "Karta przekazania dyżuru", Since: "Od {a} do {b}", Open: "Otwarte alarmy", Shift: "Alarmy dyżuru", Faults: "Usterki", Silent: "Urządzenia bez znaku życia",
		Came: "Przyjęci", Went: "Wypisani", Soon: "W ciągu 24 godzin", Rests: "Odpoczywający opiekunowie rodzinni", Next: "Dyżur", None: "brak", More: "oraz {n}",
		Number: "Nr", What: "Co", Where: "Gdzie", Who: "Kto", Raised: "Zgłoszono", State: "Stan", Holder: "Kto go ma", WhoCame: "Kto przyszedł", Took: "Przyjęto po", Arrived: "Na miejscu po",
		Closed: "Zamknięto", Outcome: "Jak się skończył", Until: "do {a}", From: "od {a}", Now: "teraz", Nobody: "nikt", StandIn: "zamiast nich wzywani: {a}",
		SinceWhen: "od {a}", Never: "nigdy nie słyszano", Comes: "przychodzi", Goes: "odchodzi", DayCare: "pobyt dzienny", Presses: "naciśnięć: {n}", Minutes: minutes,
		Print: "Aby wydrukować, użyj polecenia przeglądarki.", Signatures: "Przekazano", HandsOver: "Przekazuje", TakesOver: "Przejmuje", Back: "Wszystkie alarmy",
		SignIn: "Zaloguj się na pierwszej stronie, potem wróć.", NotYours: "To konto nie może czytać karty dyżuru.",
		Limited:  "Nie ma na niej alarmów zamkniętych przed {a}.",
		BadSince: "To nie jest czas; zapisz go jako 2026-11-24T07:00.",
	}
}

// minutes is a length of time on a sheet: 47 s, 3:05 min, 1:02:03 h.
func minutes(seconds float64) string {
	n := int(seconds + 0.5)
	switch {
	case n < 60:
		return fmt.Sprintf("%d s", n)
	case n < 3600:
		return fmt.Sprintf("%d:%02d min", n/60, n%60)
	}
	return fmt.Sprintf("%d:%02d:%02d h", n/3600, n/60%60, n%60)
}
