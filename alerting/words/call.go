package words

import (
	"slices"
	"strings"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// Message is a call in words.
type Message struct {
	Subject string // one line
	Line    string // says everything that a text message must, in one line with all letters, but for the link
	Text    string // some lines, with the link on a line of its own
	// Short is for a text message, link included: letters of GSM-7 only, in one
	// part of 160 where the link leaves room for kind and place, else in two.
	Short string
	// Answered is Short with how it is answered by text message, where there is
	// something to answer; Letters is that with all letters of the language, in
	// three parts at most.
	Answered, Letters string
	// Notice is for under the subject, where the link is a button: what else
	// there is to say.
	Notice string
	// Take and Decline are buttons that answer.
	Take, Decline string
}

// callWords are the parts of a message.
type callWords struct {
	Alarm, Help, Again, Stop string // how a subject begins
	Drill                    string // before that, when it is one
	DrillMeans, Away         string

	Raised  func(clock, date string) string
	Date    func(day int, month time.Month) string
	Presses func(n int) string // n is at least 2
	Late    string

	NobodyHasIt  string // and come
	HelpOnTheWay string // somebody is on the way, and wants help
	HelpThere    string
	AgainOnWay   string // pressed again while you are on the way
	AgainThere   string
	Offer        string
	Offered      string
	OthersCome   string // somebody else is on the way
	OthersThere  string
	Over         string // closed

	Open   string // what the link is for; it comes after it
	Look   string // the same when there is nothing to take
	NoLink string
	Number func(n, step int) string
	Nil    string // the place is not known

	Take, Decline string // buttons
	Yes, No       string // that answer a text message, beside 1 and 2

	// What a text message that answers is answered with.
	TextTaken, TextDeclined func(what string) string
	TextNothing             string

	PhoneRings, PhoneRingsFor string // a phone that is tried
}

// Call is what a notification says, in the language and the zone of the call.
func Call(c alerting.Call) Message {
	w := In(Lang(c.Lang))
	if c.News != nil {
		m := w.news(c) // there is nothing to answer
		m.Answered, m.Letters = m.Short, m.Line
		if units(m.Line) > mostLetters {
			m.Letters = m.Short
		}
		return m
	}
	at := c.RaisedAt.UTC()
	if c.Zone.Location != nil {
		at = c.RaisedAt.In(c.Zone.Location)
	}
	s := w.say(c)
	kind, begin := w.Kind(devices.Kind(c.Kind)), s.begin
	if c.Drill { // the last thing that a short text leaves out
		kind, begin = w.call.Drill+", "+kind, w.call.Drill+": "+begin
	}
	place := oneLine(c.Place)
	if place == "" {
		place = w.call.Nil
	}
	if who := oneLine(c.Who); who != "" {
		place = who + ", " + place
	}
	what := w.Kind(devices.Kind(c.Kind)) + ", " + place
	room, faults := place, []string(nil)
	if c.Faults != nil {
		what, room, faults = w.faultCall(c.Faults)
		if kind = what; room != "" {
			what += ", " + room
		}
		if begin == w.call.Alarm {
			begin = w.faults.Fault
		} else if c.Reason == alerting.Again {
			begin = w.faults.Worse
		}
		if c.Faults.People > 0 || c.Faults.Everybody { // the last line, also in a short text
			room = strings.TrimPrefix(room+". "+faults[len(faults)-1], ". ")
		}
		s.begin = begin
	}

	lines := []string{what, w.call.Raised(at.Format(time.TimeOnly), w.call.Date(at.Day(), at.Month()))}
	lines = append(lines, faults...)
	if c.Presses > 1 {
		lines = append(lines, w.call.Presses(c.Presses))
	}
	if c.Late {
		lines = append(lines, w.call.Late)
	}
	if c.Away {
		lines = append(lines, w.call.Away)
	}
	if c.Drill {
		lines = append([]string{w.call.DrillMeans}, lines...)
	}
	notice := strings.Join(append(slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return l == what }), s.now, w.call.Number(c.Number, c.Step)), "\n")
	lines = append(lines, "", s.now)
	switch {
	case c.Reason == alerting.Stopped && c.State == alerting.Closed: // its link has ended with it
	case c.Link == "":
		lines = append(lines, w.call.NoLink)
	default:
		lines = append(lines, s.open, c.Link)
	}
	lines = append(lines, "", w.call.Number(c.Number, c.Step))
	text := textMessage{s.begin, kind, room, at.Format("15:04"), s.link, w.howToAnswer(s)}
	return Message{
		Subject: begin + ": " + what, Line: begin + ": " + what,
		Text:  strings.Join(lines, "\n") + "\n",
		Short: text.without().plain(), Answered: text.plain(), Letters: text.letters(),
		Notice: notice,
		Take:   w.call.Take, Decline: w.call.Decline,
	}
}

// said is what a call says beside kind, place and time.
type said struct{ begin, now, open, link string }

func (w Words) say(c alerting.Call) said {
	s := said{begin: w.call.Alarm, now: w.call.NobodyHasIt, open: w.call.Open, link: c.Link}
	there := c.State == alerting.Attended
	switch {
	case c.Reason == alerting.Stopped:
		s = said{begin: w.call.Stop, now: w.call.OthersCome, open: w.call.Look}
		if there {
			s.now = w.call.OthersThere
		} else if c.State == alerting.Closed {
			s.now = w.call.Over
		}
	case c.Reason == alerting.Offered:
		s.begin, s.now = w.call.Offer, w.call.Offered
	case c.Reason == alerting.Again && c.State == alerting.Raised:
		s.begin = w.call.Again
	case c.Reason == alerting.Again:
		s.begin, s.now, s.open = w.call.Again, w.call.AgainOnWay, w.call.Look
		if there {
			s.now = w.call.AgainThere
		}
		if c.Faults != nil {
			s.now = w.faults.WorseNow
		}
	case c.State == alerting.Acknowledged:
		s.begin, s.now = w.call.Help, w.call.HelpOnTheWay
	case there:
		s.begin, s.now = w.call.Help, w.call.HelpThere
	}
	return s
}

// oneLine keeps a name from becoming a header or a line of its own.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// Answered is what somebody is told who has answered a call by a text message.
// refusal is why that could not be done, "" when it was; by is who has it, where
// that is the reason.
func Answered(lang string, kind devices.Kind, place string, takes bool, refusal, by string) string {
	w := In(Lang(lang))
	what := w.Kind(kind)
	if place = oneLine(place); place != "" {
		what += ", " + place
	}
	switch {
	case refusal != "":
		return GSM7(what + ": " + w.Problem(refusal, by))
	case takes:
		return GSM7(w.call.TextTaken(what))
	}
	return GSM7(w.call.TextDeclined(what))
}

// PhoneRings is what somebody's phone shows who tries whether it rings.
func PhoneRings(lang string) (title, text string) {
	w := In(Lang(lang))
	return w.call.PhoneRings, w.call.PhoneRingsFor
}

// NothingToAnswer is what somebody is told who answers, and was not called.
func NothingToAnswer(lang string) string { return GSM7(In(Lang(lang)).call.TextNothing) }
