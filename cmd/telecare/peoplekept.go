package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

type peopleExport struct {
	remote
	ID string `arg:"" help:"The opaque id of a resident or responder: r-… or s-…."`
}

type peopleErase struct {
	remote
	ID  string `arg:"" help:"The opaque id of a resident or responder: r-… or s-…."`
	Yes bool   `help:"Do it. Nothing of it can be taken back."`
}

// keptOf is what the gateway keeps of somebody, as it says it.
type keptOf struct {
	At            time.Time
	ID, Key, Name string
	Record        map[string]any
	KeySafe       bool `json:"key_safe"`
	Stays         []struct {
		Place, Kind, Hours string
		From, Until        time.Time
	}
	Devices []struct{ ID, Name, Address string }
	Watches []map[string]any
	Alarms  []struct {
		Number                     int
		Kind, Place, Device, State string
		Outcome                    string
		RaisedAt                   time.Time `json:"raised_at"`
		ClosedAt                   time.Time `json:"closed_at"`
		Steps                      []struct {
			At              time.Time
			What, Who, Text string
		}
		Messages []struct {
			At                         time.Time
			To, Channel, Reason, State string
		}
	}
	Behind bool
	Looks  []struct {
		At              time.Time
		Role, What, Why string
	}
	Phones []struct {
		Name  string
		Added time.Time
	}
	Readings []readingsOf
}

type readingsOf struct {
	Device      string
	From, Until time.Time
}

func (c *peopleExport) Run(ctx context.Context, s streams) error {
	gw, err := c.client()
	if err != nil {
		return err
	}
	var k keptOf
	if ok, err := c.get(ctx, s, gw, subjectPath(c.ID), &k); !ok {
		return err
	}
	return k.write(s.out, newReader(language()), gw.zone(ctx))
}

func subjectPath(id string) string { return "/subjects/" + url.PathEscape(id) }

// write says it to people.
func (k *keptOf) write(w io.Writer, r reader, zone *time.Location) error {
	text := new(strings.Builder)
	head := func(what string) { fmt.Fprintf(text, "\n%s\n", what) }
	line := func(parts ...string) {
		var said []string
		for _, p := range parts {
			if p != "" {
				said = append(said, p)
			}
		}
		fmt.Fprintln(text, "  "+strings.Join(said, ", "))
	}
	fmt.Fprintf(text, "%s (%s), %s\n", k.Name, k.ID, clock(k.At, zone))
	head(r.say("Record"))
	b, err := json.MarshalIndent(k.Record, "  ", "  ")
	if err != nil {
		return err
	}
	line(string(b))
	if k.KeySafe {
		line(r.say("a code of a key-safe, which is not written into files"))
	}
	if len(k.Stays) > 0 {
		head(r.say("Stays"))
	}
	for _, x := range k.Stays {
		line(clock(x.From, zone)+" – "+clock(x.Until, zone), x.Place, x.Kind, x.Hours)
	}
	if len(k.Devices) > 0 {
		head(r.say("What is worn"))
	}
	for _, x := range k.Devices {
		line(x.Name, x.Address, x.ID)
	}
	if len(k.Watches) > 0 {
		head(r.say("Watches"))
	}
	for _, x := range k.Watches {
		b, err := json.Marshal(x)
		if err != nil {
			return err
		}
		line(string(b))
	}
	head(r.say("Alarms"))
	for _, a := range k.Alarms {
		line(fmt.Sprint(a.Number), clock(a.RaisedAt, zone), r.kind(a.Kind), a.Place, a.Device, r.state(a.State), r.outcome(a.Outcome))
		for _, x := range a.Steps {
			line("  "+clock(x.At, zone), r.happened(x.What), x.Who, r.text(x.Text))
		}
		for _, x := range a.Messages {
			line("  "+clock(x.At, zone), r.say("message"), x.To, x.Channel, x.Reason, x.State)
		}
	}
	if k.Behind {
		line(r.say("the journal is not read to its end: ask again"))
	}
	head(r.say("Looks"))
	for _, x := range k.Looks {
		line(clock(x.At, zone), r.say(x.Role), r.say(x.What), x.Why)
	}
	if len(k.Phones) > 0 {
		head(r.say("Phones"))
	}
	for _, x := range k.Phones {
		line(x.Name, clock(x.Added, zone))
	}
	head(r.say("Readings in InfluxDB, by opaque ids of devices"))
	for _, x := range k.Readings {
		line(x.Device, clock(x.From, zone)+" – "+clock(x.Until, zone))
	}
	_, err = io.WriteString(w, text.String())
	return err
}

func (c *peopleErase) Run(ctx context.Context, s streams) error {
	gw, err := c.client()
	if err != nil {
		return err
	}
	b, err := gw.call(ctx, http.MethodGet, subjectPath(c.ID), nil)
	if err != nil {
		return err
	}
	var k keptOf
	if err := json.Unmarshal(b, &k); err != nil {
		return fmt.Errorf("%s answers what is not understood: %w", gw.base, err)
	}
	r := newReader(language())
	if !c.Yes {
		fmt.Fprintf(s.out, r.say("%s: record, %d stays, %d devices that are worn, %d watches would be erased for good; %d alarms stay, by the id alone")+"\n", k.Name, len(k.Stays), len(k.Devices), len(k.Watches), len(k.Alarms))
		return errors.New("nothing was erased: telecare people export writes what there is; then say --yes")
	}
	if b, err = gw.call(ctx, http.MethodPost, subjectPath(c.ID)+"/erase", map[string]string{"name": k.Name}); err != nil {
		return err
	}
	if c.JSON {
		_, err := s.out.Write(b)
		return err
	}
	var gone struct {
		Edition int64
		Stays   int
		Devices []string
		Watches int
		Reasons int
		Left    []string
		// Readings are what is left elsewhere.
		Readings []readingsOf
	}
	if err := json.Unmarshal(b, &gone); err != nil {
		return fmt.Errorf("%s answers what is not understood: %w", gw.base, err)
	}
	fmt.Fprintf(s.out, r.say("%s is erased: record, %d stays, %d devices, %d watches, %d reasons in the book of looks")+"\n", c.ID, gone.Stays, len(gone.Devices), gone.Watches, gone.Reasons)
	if len(gone.Left) > 0 {
		fmt.Fprintf(s.out, r.say("A part of the name still stands in: %s")+"\n", strings.Join(gone.Left, ", "))
	}
	fmt.Fprintln(s.out, r.say("Not reached: your own files for telecare apply, backups made before now, what was sent to telephones. After such a backup is restored, erase again by the same id."))
	if len(gone.Readings) > 0 {
		fmt.Fprintln(s.out, r.say("InfluxDB keeps readings by ids of devices. If they have to go, too:"))
	}
	for _, x := range gone.Readings {
		fmt.Fprintln(s.out, "  "+x.influx(time.Now()))
	}
	return nil
}

// influx is the command that deletes them: of InfluxDB 2.x, and of 1.8 the same
// predicate in DELETE FROM device WHERE.
func (x readingsOf) influx(now time.Time) string {
	if x.Until.IsZero() || x.Until.After(now) {
		x.Until = now
	}
	from := "1970-01-01T00:00:00Z"
	if !x.From.IsZero() {
		from = x.From.UTC().Format(time.RFC3339)
	}
	return fmt.Sprintf(`influx delete --bucket BUCKET --start %s --stop %s --predicate '_measurement="device" AND device="%s"'`, from, x.Until.UTC().Format(time.RFC3339), x.Device)
}
