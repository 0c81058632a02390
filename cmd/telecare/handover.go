package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"telecare/alerting"
	"telecare/alerting/words"
	"telecare/devices"
	"telecare/gateway/registry"
)

type handoverCommand struct {
	remote
	Since string `placeholder:"TIME" help:"From when: \"2026-11-24 07:00\" on the site's clock, or with an offset; the last hand-over of a roster at least four hours ago, when left out."`
	Text  bool   `help:"Write text, which is what is written anyway."`
}

// Help says what is on it.
func (handoverCommand) Help() string {
	return "Open alarms, those of the shift, faults, silent devices, who came and went, who is on call next. The page has the same at /handover, to print."
}

// handed is the sheet as the interface gives it.
type handed struct {
	Site, Zone         string
	Since, At, Limited time.Time
	Open, Shift        []struct {
		Number, Presses int
		Kind            devices.Kind
		State           alerting.State
		Place, Holder   string
		Persons, Came   []string
		RaisedAt        time.Time `json:"raised_at"`
		Taken           float64   `json:"taken_after"`
		Arrived         float64   `json:"arrived_after"`
		Outcome         alerting.Outcome
	}
	Faults []struct {
		Code        alerting.FaultCode
		Name, Place string
		Since       time.Time
	}
	Silent []struct {
		Name, Place string
		Last        time.Time `json:"last_seen"`
	}
	Came, Went []struct {
		Resident, Place string
		Hours           string
		From, Until     time.Time
	}
	Soon []struct {
		At         time.Time
		Comes, Day bool
		Who, Place string
	}
	Rests []struct {
		Person   string
		Until    time.Time
		StandIns []string `json:"stand_ins"`
	}
	OnCall []struct {
		Roster    string
		Now, Next []string
		Until     time.Time
	} `json:"on_call"`
}

func (c *handoverCommand) Run(ctx context.Context, s streams) error {
	gw, err := c.client()
	if err != nil {
		return err
	}
	path := "/handover"
	if c.Since != "" {
		since, err := registry.ParseMoment(c.Since, alerting.Zone{Location: gw.zone(ctx)})
		if err != nil {
			return fmt.Errorf("--since: %w", err)
		}
		path += "?since=" + url.QueryEscape(since.Format(time.RFC3339))
	}
	var sheet handed
	if ok, err := c.get(ctx, s, gw, path, &sheet); !ok {
		return err
	}
	return sheet.write(s.out, words.In(language()))
}

// write writes the sheet as the page does, with tables for columns.
func (s *handed) write(out io.Writer, all words.Words) error {
	t := all.Handover
	zone, err := time.LoadLocation(s.Zone)
	if err != nil {
		zone = time.UTC
	}
	clock := func(at time.Time) string {
		if at.IsZero() {
			return ""
		}
		return at.In(zone).Format("2006-01-02 15:04")
	}
	with := func(text, a string) string { return strings.ReplaceAll(text, "{a}", a) }
	took := func(seconds float64) string {
		if seconds == 0 {
			return ""
		}
		return t.Minutes(seconds)
	}
	fmt.Fprintf(out, "%s: %s\n%s\n", t.Name, s.Site, strings.ReplaceAll(with(t.Since, clock(s.Since)), "{b}", clock(s.At)))
	if !s.Limited.IsZero() {
		fmt.Fprintln(out, with(t.Limited, clock(s.Limited)))
	}
	section := func(title, head string, rows [][]string) error {
		fmt.Fprintf(out, "\n%s\n", title)
		if len(rows) == 0 {
			fmt.Fprintln(out, t.None)
			return nil
		}
		if head == "" {
			for _, r := range rows {
				fmt.Fprintln(out, "  "+strings.Join(r, ""))
			}
			return nil
		}
		return table(out, strings.ToUpper(head), rows)
	}
	what := func(kind devices.Kind, presses int) string {
		if presses < 2 {
			return all.Kind(kind)
		}
		return all.Kind(kind) + ", " + strings.ReplaceAll(t.Presses, "{n}", strconv.Itoa(presses))
	}
	var rows [][]string
	for _, a := range s.Open {
		rows = append(rows, []string{strconv.Itoa(a.Number), what(a.Kind, a.Presses), a.Place, strings.Join(a.Persons, ", "), clock(a.RaisedAt), all.States[a.State], a.Holder})
	}
	head := strings.Join([]string{t.Number, t.What, t.Where, t.Who, t.Raised}, "\t")
	if err := section(t.Open, head+"\t"+t.State+"\t"+t.Holder, rows); err != nil {
		return err
	}
	rows = nil
	for _, a := range s.Shift {
		rows = append(rows, []string{
			strconv.Itoa(a.Number), what(a.Kind, a.Presses), a.Place, strings.Join(a.Persons, ", "), clock(a.RaisedAt),
			took(a.Taken), took(a.Arrived), strings.Join(a.Came, ", "), all.Ended[a.Outcome],
		})
	}
	if err := section(t.Shift, strings.Join([]string{head, t.Took, t.Arrived, t.WhoCame, t.Outcome}, "\t"), rows); err != nil {
		return err
	}
	rows = nil
	for _, f := range s.Faults {
		text, _ := all.Fault(f.Code, f.Name)
		rows = append(rows, []string{t.FaultLine(text, f.Place, clock(f.Since))})
	}
	section(t.Faults, "", rows)
	rows = nil
	for _, d := range s.Silent {
		rows = append(rows, []string{t.SilentLine(d.Name, d.Place, clock(d.Last))})
	}
	section(t.Silent, "", rows)
	rows = nil
	for _, x := range s.Came {
		rows = append(rows, []string{x.Resident, comma(x.Place), ": ", t.Daily(clock(x.From), x.Hours != "")})
	}
	section(t.Came, "", rows)
	rows = nil
	for _, x := range s.Went {
		rows = append(rows, []string{x.Resident, comma(x.Place), ": ", t.Daily(clock(x.Until), x.Hours != "")})
	}
	section(t.Went, "", rows)
	rows = nil
	for _, x := range s.Soon {
		goes := t.Goes
		if x.Comes {
			goes = t.Comes
		}
		rows = append(rows, []string{x.Who, comma(x.Place), ": ", t.Daily(goes+" "+clock(x.At), x.Day)})
	}
	section(t.Soon, "", rows)
	rows = nil
	for _, r := range s.Rests {
		rows = append(rows, []string{t.RestLine(r.Person, clock(r.Until), r.StandIns)})
	}
	if len(rows) > 0 {
		section(t.Rests, "", rows)
	}
	rows = nil
	for _, o := range s.OnCall {
		rows = append(rows, []string{t.OnCallLine(o.Roster, o.Now, clock(o.Until), o.Next)})
	}
	return section(t.Next, "", rows)
}

// comma puts one before a text that is there.
func comma(s string) string {
	if s == "" {
		return ""
	}
	return ", " + s
}
