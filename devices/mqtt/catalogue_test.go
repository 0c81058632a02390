package mqtt

import (
	"slices"
	"testing"

	"telecare/devices"
)

// catalogued fails when a message says what its format's entry in the catalogue
// does not.
func catalogued(t testing.TB, format string, m devices.Message) {
	t.Helper()
	i := slices.IndexFunc(Catalogue(), func(f devices.Format) bool { return f.Name == format })
	if i < 0 {
		if format != FormatDiscovery {
			t.Fatalf("format %q is not in the catalogue", format)
		}
		return
	}
	about := Catalogue()[i]
	for _, e := range m.Events {
		if !slices.Contains(about.Events, e.Kind) {
			t.Errorf("%s gives %q, which its catalogue does not name", format, e.Kind)
		}
	}
	for _, r := range m.Readings {
		if !slices.Contains(about.Readings, r.Quantity) && format != FormatTelecare {
			t.Errorf("%s measures %q, which its catalogue does not name", format, r.Quantity)
		}
	}
}

// The catalogue names every format, and every event and quantity that the
// vectors give. The fuzz targets hold it to all they find, too.
func TestCatalogue(t *testing.T) {
	for _, f := range Formats() {
		catalogued(t, f, devices.Message{})
	}
	decode := func(v vector) {
		format := Recognise(v.Topic)
		if m, err := Decode(format, v.Topic, []byte(v.Payload), v.Retain); err == nil {
			catalogued(t, format, m)
		}
	}
	for _, v := range slices.Concat(vectors(t), others(t), lines[vector](t, "testdata/lorawan.jsonl", 14)) {
		decode(v)
	}
	for _, v := range rtlVectors(t) {
		decode(vector{Topic: "rtl_433/events", Payload: string(v.Line)})
	}
	for _, v := range lines[objectVector](t, "testdata/lorawan_objects.jsonl", 88) {
		d := collector{}
		d.uplink(func(Uplink) ([]byte, error) { return v.Object, nil }, Uplink{Port: v.Port, Bytes: []byte{1}}, nil, "x/1")
		if m, err := d.done(); err == nil {
			catalogued(t, FormatChirpStack, m)
		}
	}
}
