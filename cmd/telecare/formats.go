package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"telecare/alerting/words"
	"telecare/devices"
	"telecare/devices/mqtt"
	"telecare/devices/serial"
)

// catalogue is what there is to know of every format: the command, the page and
// the tables in docs/ say this and nothing else.
func catalogue() []devices.Format {
	all := slices.Concat(mqtt.Catalogue(), serial.Catalogue())
	slices.SortStableFunc(all, func(a, b devices.Format) int {
		return slices.Index(devices.Transports(), a.Over) - slices.Index(devices.Transports(), b.Over)
	})
	return all
}

type devicesFormats struct {
	Format string `arg:"" optional:"" help:"Only this one, with all there is to know of it."`
	All    bool   `help:"All there is to know of each, not a table."`
	JSON   bool   `help:"Say it in JSON."`
}

func (c *devicesFormats) Run(s streams) error {
	l := language()
	var all []devices.Format
	for _, f := range catalogue() {
		if c.Format == "" || f.Name == c.Format {
			all = append(all, words.Format(l, f))
		}
	}
	if len(all) == 0 {
		return fmt.Errorf("format %q is not known; telecare devices formats lists them", c.Format)
	}
	if c.JSON {
		e := json.NewEncoder(s.out)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(all)
	}
	w := words.In(l)
	if c.All || c.Format != "" {
		for i, f := range all {
			if i > 0 {
				fmt.Fprintln(s.out)
			}
			if err := explain(s.out, w, f); err != nil {
				return err
			}
		}
		return nil
	}
	var rows [][]string
	for _, f := range all {
		rows = append(rows, []string{f.Name, w.Formats.Transports[f.Over], w.Formats.Answers[f.Answered], w.Supervision(f), f.Asked, f.Reads})
	}
	head := []string{w.Formats.Name, w.Formats.Over, w.Formats.Answered, w.Formats.Supervised, w.Formats.Asked, w.Formats.Reads}
	return table(s.out, strings.ToUpper(strings.Join(head, "\t")), rows)
}

// explain writes all there is to know of a format.
func explain(out io.Writer, w words.Words, f devices.Format) error {
	events, readings := w.Says(f)
	wiring := strings.Join(f.Topics, " ")
	if f.Baud > 0 {
		wiring = strings.ReplaceAll(w.Formats.Baud, "{name}", fmt.Sprint(f.Baud))
	}
	rows := [][]string{}
	for _, r := range [][2]string{
		{w.Formats.Reads, f.Reads}, {w.Formats.Devices, f.Devices}, {w.Formats.Address, f.Address + " (" + f.Named + ")"}, {w.Formats.Wiring, wiring},
		{w.Formats.Events, events}, {w.Formats.Readings, readings}, {w.Formats.Answered, w.Formats.Answers[f.Answered]},
		{w.Formats.Supervised, w.Supervision(f)}, {w.Formats.Asked, f.Asked},
	} {
		if r[1] != "" {
			rows = append(rows, []string{"  " + r[0], r[1]})
		}
	}
	for i, c := range f.CannotTell {
		label := "  " + w.Formats.CannotTell
		if i > 0 {
			label = " "
		}
		rows = append(rows, []string{label, c})
	}
	return table(out, f.Name+", "+w.Formats.Transports[f.Over], rows)
}
