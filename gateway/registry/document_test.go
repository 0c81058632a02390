package registry

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite testdata/bad/*.txt")

func ward(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/lipowa.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func parse(t testing.TB, b []byte) *Document {
	t.Helper()
	d, err := Parse("lipowa.yaml", b)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// changed is the ward with some texts replaced; each must be there.
func changed(t testing.TB, oldnew ...string) *Document {
	t.Helper()
	text := string(ward(t))
	for i := 0; i < len(oldnew); i += 2 {
		if !strings.Contains(text, oldnew[i]) {
			t.Fatalf("the ward has no %q", oldnew[i])
		}
		text = strings.ReplaceAll(text, oldnew[i], oldnew[i+1])
	}
	return parse(t, []byte(text))
}

func TestParse(t *testing.T) {
	d := parse(t, ward(t))
	if len(d.Residents) != 13 || len(d.Stays) != 15 || len(d.Devices) != 14 {
		t.Errorf("%d residents, %d stays, %d devices", len(d.Residents), len(d.Stays), len(d.Devices))
	}
	if d.SiteID() != "lipowa" || !d.HasResponder("marta") || d.HasResponder("aniela") {
		t.Error("the site or its responders are not as written")
	}
	if got := d.Residents[0]; got.Family[0].Phone != "+48600100201" || got.KeySafe != "4719" || got.Notes != "Walks with a frame.\nHard of hearing on the left.\n" {
		t.Errorf("resident %+v", got)
	}
	if d.Residents[3].KeySafe != "0471" {
		t.Errorf("a key safe's code %q lost its zero", d.Residents[3].KeySafe)
	}
	if err := d.Fits("lipowa", []Channel{{Name: "desk"}, {Name: "phones"}}); err != nil {
		t.Error(err)
	}
	err := d.Fits("lipowa", []Channel{{Name: "desk"}, {Name: "phone"}})
	if err == nil || !strings.HasPrefix(err.Error(), `lipowa.yaml:72:58: responders[0] "marta": channels[0]: unknown channel "phones"; did you mean "phone"?`) {
		t.Errorf("unknown channel: %v", err)
	}
}

// Each bad file is a document with one mistake, and beside it stands what
// people are told.
func TestBad(t *testing.T) {
	files, _ := filepath.Glob("testdata/bad/*.yaml")
	if len(files) < 15 {
		t.Fatalf("%d bad files", len(files))
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, err = Parse(filepath.Base(file), b)
			if err == nil {
				t.Fatal("accepted")
			}
			beside(t, file, err.Error()+"\n")
		})
	}
}

// beside compares with the text that stands beside a document.
func beside(t *testing.T, file, got string) {
	t.Helper()
	golden := strings.TrimSuffix(file, ".yaml") + ".txt"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// roundTrip writes a document and reads it again.
func roundTrip(t *testing.T, d *Document) {
	t.Helper()
	b, err := encode(&d.data)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Parse("exported", b)
	if err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	if !again.Equal(d) {
		t.Errorf("(-written +read):\n%s\n%s", cmp.Diff(d.data, again.data), b)
	}
	b2, err := encode(&again.data)
	if err != nil || string(b2) != string(b) {
		t.Errorf("written twice, it differs: %v\n%s", err, cmp.Diff(string(b), string(b2)))
	}
}

func TestEncode(t *testing.T) { roundTrip(t, parse(t, ward(t))) }

// Texts that YAML would like to be something else.
func TestEncodeText(t *testing.T) {
	for _, s := range []string{
		"no", "yes", "true", "null", "~", "0471", "+48600100200", "1e3", "0x1f", ".inf", "-", "- a", "? a", "a: b", "a #b", "#a", "a:", ":a",
		"[a", "{a", "*a", "&a", "!a", "%a", "@a", "`a", "|", ">", "'", "\"", "'a'", "\"a\"", "a'b\"c\\d", "\\n", " a", "a ", "\ta", "a\t",
		"a\nb", "a\n", "a\n\n", "\na", " a\n  b\n", "a\n b\n\nc", "---", "...", "<<", "=", "2026-11-10", "07:00", "190:20:30", "ąęł", "e\u0301", "🛟", "a\n---\nb", "a\n# b",
		"\n", "\n\n", " \n a", "a \nb", "a\n\tb", "\u00a0a", "{{x}}", "a, b", "Takes warfarin: never small",
	} {
		d := parse(t, ward(t))
		d.Residents[0].Notes = s
		d.Places[0].WayIn = s
		b, err := encode(&d.data)
		if err != nil {
			t.Errorf("%q: %v", s, err)
			continue
		}
		again, err := Parse("exported", b)
		if err != nil {
			t.Errorf("%q: %v", s, err)
			continue
		}
		if got := again.Residents[0].Notes; got != s {
			t.Errorf("%q became %q", s, got)
		}
		if got := again.Places[0].WayIn; got != s {
			t.Errorf("%q became %q", s, got)
		}
	}
}

// idsOf gives each record an id that says which it is.
func idsOf(d *Document) idOf {
	ids := idOf{}
	for _, r := range d.records() {
		if ids[r.kind] == nil {
			ids[r.kind] = map[string]string{}
		}
		ids[r.kind][r.key] = prefixes[r.kind] + r.key
	}
	return ids
}

func FuzzParse(f *testing.F) {
	f.Add(string(ward(f)))
	files, _ := filepath.Glob("testdata/bad/*.yaml")
	for _, file := range files {
		if b, err := os.ReadFile(file); err == nil {
			f.Add(string(b))
		}
	}
	f.Fuzz(func(t *testing.T, in string) {
		if half, err := Inspect("f", []byte(in)); half != nil && err != nil { // check goes on with it
			_ = half.Fits("a", []Channel{{Name: "desk"}})
			half.LacksResponder("marta")
			half.Hears(zigbee)
		}
		d, err := Parse("f", []byte(in))
		if err != nil {
			if !strings.HasPrefix(err.Error(), "f:") {
				t.Fatalf("no place in %q", err)
			}
			return
		}
		roundTrip(t, d)
		warnings, notes := d.Warnings(time.Date(2026, 3, 1, 20, 17, 0, 0, time.UTC))
		for _, w := range append(warnings, notes...) {
			if w.Line < 1 || w.Path == "" {
				t.Fatalf("a warning without a place: %v", w)
			}
		}
		s, err := d.site(1, idsOf(d))
		if err != nil {
			t.Fatalf("accepted, and then no site: %v", err)
		}
		if err := s.Plan.Check(); err != nil {
			t.Fatalf("accepted, and then refused by the machine: %v", err)
		}
	})
}

// FuzzText holds the encoder against every text, not only those in YAML files.
func FuzzText(f *testing.F) {
	f.Add("a\n b\n\n")
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return // no document holds one
		}
		d := parse(t, []byte(least))
		d.Places[0].Name = s
		b, err := encode(&d.data)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse("f", b)
		if err != nil {
			return // a text that no document may have
		}
		if got := again.Places[0].Name; got != s {
			t.Fatalf("%q became %q in\n%s", s, got, b)
		}
	})
}

// least is the smallest document there is.
const least = `site: a
zone: UTC
last_resort: centre
default_policy: all
places: [{key: home, name: Home}]
responders: [{key: centre, name: Centre, channels: [desk]}]
policies: [{key: all, steps: [{call: [centre], wait: 1m}]}]
`
