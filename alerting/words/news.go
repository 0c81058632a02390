package words

import (
	"strings"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// newsWords are the parts of what a carer is told who is not called.
type newsWords struct {
	Raised, There, Closed, Reopened string // how it begins
	Calling                         string // what is done about it
	Goes                            string // somebody sees to it again
	Shared                          string
	NoAnswer                        string // nothing is expected of you

	Signs   string // the subject
	Sights  map[alerting.Sight]string
	Last    func(sight, when string) string
	AsUsual string
	NoneYet func(sight, when string) string // today; the last one before
	Never   string
	Unknown func(since string) string // no sensor is heard, since then or ever
	Partly  func(silent, of int) string
	NoEyes  string // nothing there can show it
	Away    string
	Open    string
	Others  string
}

// news is a message to somebody who is told and not called. It has no link, and
// fits into one text message.
func (w Words) news(c alerting.Call) Message {
	zone := time.UTC
	if c.Zone.Location != nil {
		zone = c.Zone.Location
	}
	n := w.newsWords
	place := oneLine(c.Place)
	if who := oneLine(c.Who); who != "" {
		place = strings.TrimSuffix(who+", "+place, ", ")
	}
	if place == "" {
		place = w.call.Nil
	}
	at := c.News.At.In(zone)
	if s := c.News.Signs; s != nil {
		said := strings.Join(w.signs(s, c.News, zone), " ")
		head := place + ", " + at.Format("15:04") + ". "
		return Message{
			Subject: n.Signs + ", " + place, Line: head + said, Short: cut("", place, ", "+at.Format("15:04")+". "+said),
			Text: head + said + "\n\n" + n.NoAnswer + "\n", Notice: at.Format("15:04") + ". " + said,
		}
	}
	begin, end := n.Raised, n.Calling
	switch c.News.What {
	case alerting.NewsThere:
		begin, end = n.There, ""
	case alerting.NewsClosed:
		begin, end = n.Closed, w.Outcomes[c.News.Outcome]+"."
	case alerting.NewsReopened:
		begin, end = n.Reopened, n.Goes
	}
	kind := w.Kind(devices.Kind(c.Kind))
	tail := ", " + at.Format("15:04") + "."
	if end != "" {
		tail += " " + end
	}
	raised := c.RaisedAt.In(zone)
	lines := []string{w.call.Raised(raised.Format(time.TimeOnly), w.call.Date(raised.Day(), raised.Month()))}
	if c.Late {
		lines = append(lines, w.call.Late)
	}
	if c.News.Shared {
		tail += " " + n.Shared
		lines = append(lines, n.Shared)
	}
	lines = append(lines, n.NoAnswer)
	subject := begin + ": " + kind + ", " + place + tail
	return Message{
		Subject: subject, Line: subject, Short: cut(begin+": "+kind+", ", place, tail),
		Text: subject + "\n" + strings.Join(lines, "\n") + "\n", Notice: strings.Join(lines, "\n"),
	}
}

// Signs says what is known of somebody's signs of life as the message of every
// day does. shared: it may be of somebody else in the room.
func (w Words) Signs(s alerting.CallSigns, at time.Time, shared bool, zone *time.Location) []string {
	return w.signs(&s, &alerting.CallNews{At: at, Shared: shared}, zone)
}

// signs says what is known of somebody's signs of life, and nothing better than
// that.
func (w Words) signs(s *alerting.CallSigns, news *alerting.CallNews, zone *time.Location) (said []string) {
	n := w.newsWords
	at := news.At.In(zone)
	clock := func(t time.Time) (text string, today bool) {
		t = t.In(zone)
		if t.Year() == at.Year() && t.YearDay() == at.YearDay() {
			return t.Format("15:04"), true
		}
		return w.call.Date(t.Day(), t.Month()) + " " + t.Format("15:04"), false
	}
	last, today := clock(s.Last)
	today = today && !s.Last.IsZero()
	sight := n.Sights[s.By]
	if s.Alarm {
		said = append(said, n.Open)
	}
	if s.Away {
		said = append(said, n.Away)
	}
	switch {
	case today && s.Heard == s.Sensors && s.Sensors > 0 && !s.Away && !s.Alarm && !news.Shared:
		return []string{n.Last(sight, last), n.AsUsual}
	case today:
		said = append(said, n.Last(sight, last))
	case s.Sensors == 0:
		said = append(said, n.NoEyes)
	case s.Heard == 0:
		since, _ := clock(s.HeardAt)
		if s.HeardAt.IsZero() {
			since = ""
		}
		return append(said, n.Unknown(since))
	case s.Last.IsZero():
		said = append(said, n.Never)
	default:
		said = append(said, n.NoneYet(sight, last))
	}
	if s.Heard < s.Sensors {
		said = append(said, n.Partly(s.Sensors-s.Heard, s.Sensors))
	}
	if news.Shared && !s.Last.IsZero() {
		said = append(said, n.Others)
	}
	return said
}

// cut writes a text message in one part, and shortens the place where it must.
func cut(head, place, tail string) string {
	head, place, tail = GSM7(head), GSM7(place), GSM7(tail)
	if septets(head+place+tail) <= onePart {
		return head + place + tail
	}
	return shortened(head, place, "..."+tail, septets, onePart)
}
