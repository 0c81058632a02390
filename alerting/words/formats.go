package words

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"telecare/devices"
)

// FormatWords are the labels of the catalogue of formats, and the words for what
// it lists.
type FormatWords struct {
	Title      string `json:"title"`
	Name       string `json:"name"`
	Over       string `json:"over"`
	Reads      string `json:"reads"`
	Devices    string `json:"devices"`
	Address    string `json:"address"`
	Wiring     string `json:"wiring"` // topics, or a speed
	Events     string `json:"events"`
	Readings   string `json:"readings"`
	Answered   string `json:"answered"`
	Supervised string `json:"supervised"`
	Asked      string `json:"asked"`
	CannotTell string `json:"cannotTell"`
	Others     string `json:"others"` // of a format's devices
	NoSign     string `json:"noSign"` // {name} are devices that give no sign of life
	Window     string `json:"window"` // {name} is how long
	Baud       string `json:"baud"`   // {name} is the speed

	Transports map[devices.Transport]string `json:"transports"`
	Answers    map[devices.Answered]string  `json:"answers"`
	Kinds      map[devices.Kind]string      `json:"kinds"` // beside those of alarms
	Quantities map[devices.Quantity]string  `json:"quantities"`
}

// Format puts a format's texts into a language. What it has no words for stays
// English, in which the texts stand beside the decoders.
func Format(l Lang, f devices.Format) devices.Format {
	if l != Polish {
		return f
	}
	polish := polishOfFormats()
	say := func(s string) string { return or(polish[s], s) }
	f.Reads, f.Devices, f.Named, f.Asked = say(f.Reads), say(f.Devices), say(f.Named), say(f.Asked)
	f.Supervision = slices.Clone(f.Supervision)
	for i := range f.Supervision {
		f.Supervision[i].Of = say(f.Supervision[i].Of)
	}
	f.CannotTell = slices.Clone(f.CannotTell)
	for i := range f.CannotTell {
		f.CannotTell[i] = say(f.CannotTell[i])
	}
	return f
}

// Texts are those that Format puts into words.
func Texts(f devices.Format) []string {
	all := append([]string{f.Reads, f.Devices, f.Named, f.Asked}, f.CannotTell...)
	for _, s := range f.Supervision {
		all = append(all, s.Of)
	}
	return slices.DeleteFunc(all, func(s string) bool { return s == "" })
}

// Says names what devices give: kinds and quantities, with commas.
func (w Words) Says(f devices.Format) (events, readings string) {
	var a, b []string
	for _, k := range f.Events {
		a = append(a, or(w.Formats.Kinds[k], strings.ToLower(w.Kind(k))))
	}
	for _, q := range f.Readings {
		b = append(b, or(w.Formats.Quantities[q], string(q)))
	}
	return strings.Join(a, ", "), strings.Join(b, ", ")
}

// Supervision says how a format's devices are supervised.
func (w Words) Supervision(f devices.Format) string {
	var all []string
	for _, s := range f.Supervision {
		how := w.Formats.NoSign
		if s.Every > 0 {
			how = with(w.Formats.Window, length(s.Within()))
		}
		switch {
		case s.Of != "":
			how = s.Of + ": " + how
		case len(f.Supervision) > 1:
			how = w.Formats.Others + ": " + how
		}
		all = append(all, how)
	}
	return strings.Join(all, "; ")
}

// length is a time in whole hours or minutes, the same in both languages.
func length(d time.Duration) string {
	if d%time.Hour == 0 {
		return fmt.Sprintf("%d h", d/time.Hour)
	}
	return fmt.Sprintf("%d min", d/time.Minute)
}
