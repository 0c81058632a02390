package words

import (
	"strings"

	"telecare/alerting"
)

// faultWords are the parts of a call to a technician.
type faultWords struct {
	Fault, Worse string              // how its subject begins
	Faults       func(n int) string  // how many there are
	At           func(string) string // places of devices
	Without      func(places string, people int) string
	Everybody    string // has no working button
	Nobody       string // is without one
	WorseNow     string // to whoever has it
}

// faultCall is what a technical call says in the place of kind and place: what is
// wrong, what it hangs on, how many faults there are, and who is left without a
// working button.
func (w Words) faultCall(f *alerting.CallFaults) (what, place string, lines []string) {
	var names []string
	for _, c := range f.Codes {
		said, _ := w.Fault(c, "")
		names = append(names, strings.TrimPrefix(said, ": "))
	}
	at, without := oneLine(strings.Join(f.At, "; ")), oneLine(strings.Join(f.Without, "; "))
	if what = w.faults.Fault; len(names) > 0 {
		what = names[0]
	}
	if place = oneLine(f.Root); place == "" {
		place = at
	}
	if f.Count > 1 {
		lines = append(lines, w.faults.Faults(f.Count)+" "+strings.Join(names, ", ")+".")
	}
	if at != "" {
		lines = append(lines, w.faults.At(at))
	}
	switch {
	case f.Everybody:
		lines = append(lines, w.faults.Everybody)
	case f.People > 0:
		lines = append(lines, w.faults.Without(without, f.People))
	default:
		lines = append(lines, w.faults.Nobody)
	}
	return what, place, lines
}
