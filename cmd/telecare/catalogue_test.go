package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"telecare/alerting/words"
	"telecare/devices"
	"telecare/devices/mqtt"
	"telecare/devices/serial"
	"telecare/gateway/registry"
)

// Every format is in the catalogue, and every word of it in both languages.
func TestCatalogueOfFormats(t *testing.T) {
	var names []string
	for _, f := range catalogue() {
		names = append(names, f.Name)
		if f.Reads == "" || f.Devices == "" || f.Named == "" || len(f.Events) == 0 || len(f.Supervision) == 0 || len(f.CannotTell) == 0 || len(f.Topics) == 0 == (f.Baud == 0) && f.Name != mqtt.FormatMapping {
			t.Errorf("format %q is not described: %+v", f.Name, f)
		}
		if !strings.HasPrefix(f.Address, f.Name+"/") {
			t.Errorf("format %q has the address %q", f.Name, f.Address)
		}
		polish := words.Format(words.Polish, f)
		for _, s := range words.Texts(f) {
			if strings.ContainsAny(s, "`*|") {
				t.Errorf("%q is not plain text", s)
			}
			if slices.Contains(words.Texts(polish), s) && strings.Contains(s, " ") && !strings.ContainsAny(s, "0123456789?") {
				t.Errorf("no Polish for %q: write it in alerting/words", s)
			}
		}
		for _, l := range words.Langs() {
			w := words.In(l)
			for _, k := range f.Events {
				if w.Formats.Kinds[k] == "" == (w.Kinds[k] == "") {
					t.Errorf("%q of format %q has no word in %q, or two", k, f.Name, l)
				}
			}
			for _, q := range f.Readings {
				if w.Formats.Quantities[q] == "" {
					t.Errorf("%q of format %q has no word in %q", q, f.Name, l)
				}
			}
		}
	}
	want := append(slices.DeleteFunc(mqtt.Formats(), func(f string) bool { return f == mqtt.FormatDiscovery }), append(serial.Formats(), mqtt.FormatMapping)...)
	slices.Sort(want)
	slices.Sort(names)
	if !slices.Equal(names, want) {
		t.Errorf("the catalogue has %q, want %q", names, want)
	}
}

// Devices are supervised as the catalogue says, when the registry does not say
// it otherwise.
func TestCatalogueSupervision(t *testing.T) {
	doc := []byte(`site: lipowa
zone: Europe/Warsaw
last_resort: centre
default_policy: all
places: [{key: room-7, name: Room 7}]
responders: [{key: centre, name: Centre, channels: [phone]}]
policies: [{key: all, steps: [{call: [centre], wait: 60s}]}]
devices:
`)
	var want []devices.Supervised
	for _, f := range catalogue() {
		for _, s := range f.Supervision {
			role := s.Role
			if role == "" {
				role = "none"
			}
			doc = fmt.Appendf(doc, "  - {key: it-%d, name: It, address: %q, role: %s, place: room-7}\n", len(want), f.Name+"/"+s.Name, role)
			want = append(want, s)
		}
	}
	d, err := registry.Parse("registry.yaml", doc)
	if err != nil {
		t.Fatal(err)
	}
	store, err := registry.Open(t.Context(), filepath.Join(t.TempDir(), "registry.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if _, err := store.Apply(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	site, err := store.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range want {
		if got := site.Devices[i]; got.HeardEvery != s.Within() || got.Unsupervised != (s.Every == 0) {
			t.Errorf("%q: the registry waits %v (unsupervised %v), the catalogue says %v", got.Address, got.HeardEvery, got.Unsupervised, s.Within())
		}
	}
}

// made finds what stands in docs/ between a line that says what is made there,
// and one that ends it.
var made = regexp.MustCompile(`(?s)(<!-- catalogue: ([a-z]+) ([\w, -]+) -->\n).*?(<!-- -->)`)

// What docs/ say of formats in tables, and of what they cannot tell, is made of
// the catalogue, of each format once.
func TestCatalogueInDocs(t *testing.T) {
	told := map[string]int{}
	files, err := filepath.Glob(filepath.Join("..", "..", "docs", "formats-*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		was, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		now := made.ReplaceAllFunc(was, func(part []byte) []byte {
			m := made.FindSubmatch(part)
			of := strings.Split(string(m[3]), ", ")
			for _, name := range of {
				told[string(m[2])+" "+name]++
			}
			text, err := makeOf(string(m[2]), of)
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			return slices.Concat(m[1], []byte(text), m[4])
		})
		if *update {
			if err := os.WriteFile(file, now, 0o644); err != nil {
				t.Fatal(err)
			}
		} else if !bytes.Equal(was, now) {
			t.Errorf("%s does not say what the catalogue says; go test ./cmd/telecare -run CatalogueInDocs -update", file)
		}
	}
	for _, o := range devices.Transports() {
		for _, what := range []string{"wiring ", "gives "} {
			if n := told[what+string(o)]; n != 1 {
				t.Errorf("docs have %d tables of what is heard over %s (%s), want 1", n, o, what)
			}
		}
	}
	for _, f := range catalogue() {
		if n := told["cannot "+f.Name]; n != 1 && f.Over != devices.OverLoRaWAN {
			t.Errorf("docs say %d times what %s cannot tell, want once", n, f.Name)
		}
	}
}

// makeOf writes a part of docs: "wiring serial", "gives mqtt", "cannot r60".
func makeOf(what string, of []string) (string, error) {
	w := words.In(words.English)
	var b strings.Builder
	var cannot []string
	row := func(cells ...string) {
		for i, c := range cells {
			if c == "" {
				cells[i] = "–"
			}
		}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
	}
	code := func(s string) string {
		if s == "" {
			return ""
		}
		return "`" + s + "`"
	}
	switch what + " " + of[0] {
	case "wiring serial":
		row("format", "what is read", "known devices", "speed", "a device's address", "asked for a sign of life")
		b.WriteString("|---|---|---|---|---|---|\n")
	case "wiring mqtt", "wiring lorawan":
		row("format", "what is read", "topics", "the device's name", "an address")
		b.WriteString("|---|---|---|---|---|\n")
	case "gives serial", "gives mqtt", "gives lorawan":
		row("format", "events", "readings", "guaranteed", "to be heard within")
		b.WriteString("|---|---|---|---|---|\n")
	}
	for _, f := range catalogue() {
		switch {
		case what == "wiring" && string(f.Over) == of[0] && f.Over == devices.OverSerial:
			row(code(f.Name), f.Reads, f.Devices, fmt.Sprint(f.Baud), code(f.Address)+": "+f.Named, f.Asked)
		case what == "wiring" && string(f.Over) == of[0]:
			row(code(f.Name), f.Reads, code(strings.Join(f.Topics, "`, `")), f.Named, code(f.Address))
		case what == "gives" && string(f.Over) == of[0]:
			var events, readings []string
			for _, k := range f.Events {
				events = append(events, code(string(k)))
			}
			for _, q := range f.Readings {
				readings = append(readings, code(string(q)))
			}
			row(code(f.Name), strings.Join(events, " "), strings.Join(readings, " "), w.Formats.Answers[f.Answered], w.Supervision(f))
		case what == "cannot" && slices.Contains(of, f.Name):
			for _, c := range f.CannotTell {
				if !slices.Contains(cannot, c) {
					cannot = append(cannot, c)
				}
			}
		}
	}
	if what == "cannot" && cannot != nil {
		b.WriteString(fold("*Cannot tell:* "+strings.Join(cannot, " "), 150))
	}
	if b.Len() == 0 {
		return "", fmt.Errorf("%s %q: there is nothing of it in the catalogue", what, of)
	}
	return b.String(), nil
}

// fold breaks a text into lines.
func fold(s string, width int) string {
	var b strings.Builder
	n := 0
	for _, word := range strings.Fields(s) {
		if n > 0 && n+1+len(word) > width {
			b.WriteString("\n")
			n = 0
		} else if n > 0 {
			b.WriteString(" ")
			n++
		}
		b.WriteString(word)
		n += len(word)
	}
	return b.String() + "\n"
}
