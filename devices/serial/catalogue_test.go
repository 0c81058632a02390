package serial

import (
	"slices"
	"testing"

	"telecare/devices"
)

// catalogued fails when a message says what its format's entry in the catalogue
// does not.
func catalogued(t testing.TB, name string, m devices.Message) {
	t.Helper()
	f, err := formatOf(name)
	if err != nil {
		t.Fatal(err)
	}
	about := f.about()
	for _, e := range m.Events {
		if !slices.Contains(about.Events, e.Kind) {
			t.Errorf("%s gives %q, which its catalogue does not name", name, e.Kind)
		}
	}
	for _, r := range m.Readings {
		if !slices.Contains(about.Readings, r.Quantity) {
			t.Errorf("%s measures %q, which its catalogue does not name", name, r.Quantity)
		}
	}
}

// The catalogue says of each format what the line does, and every event and
// quantity that the vectors give.
func TestCatalogue(t *testing.T) {
	for i, about := range Catalogue() {
		f := formats()[i]
		if about.Name != f.name || (about.Asked != "") != (f.probe != nil) || (about.Answered == devices.AnsweredAlways) != f.answers || about.Baud != f.baud {
			t.Errorf("format %q is %+v in the catalogue", f.name, about)
		}
	}
	hear := func(name string, b []byte) {
		d := decoderOf(t, name)
		for _, f := range append(d.Feed(b), d.End()...) {
			catalogued(t, name, f.Message)
		}
	}
	for _, name := range textFormats() {
		for _, v := range vectorsOf(t, name) {
			hear(name, latin1(v.In))
		}
	}
	for _, f := range packetFormats {
		for _, v := range readPackets(t, f.name) {
			hear(f.name, unhex(t, v.Hex))
		}
	}
	for _, v := range readVectors(t).FromDongle {
		hear(Jablotron, append(latin1(v.Line), '\n'))
	}
	for code := range 1000 {
		for _, q := range []byte("ERP") {
			events := contactEvents(q, string([]byte{byte('0' + code/100), byte('0' + code/10%10), byte('0' + code%10)}))
			for _, name := range []string{SurGard, Ademco685, AlarmDecoder} {
				catalogued(t, name, devices.Message{Events: events})
			}
		}
	}
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			if k := siaMeaning(string([]rune{a, b})); k != "" {
				catalogued(t, SurGard, devices.Message{Events: []devices.Event{{Kind: k}}})
			}
		}
	}
}
