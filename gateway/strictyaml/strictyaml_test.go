package strictyaml

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type file struct {
	Site    string   `yaml:"site"`
	Devices []device `yaml:"devices"`
	Page    *page    `yaml:"page"`
	Wait    Duration `yaml:"wait"`
	Quota   Size     `yaml:"quota"`
	Who     people   `yaml:"who"`
}

type device struct {
	Key   string   `yaml:"key"`
	Name  string   `yaml:"name,omitempty"`
	Place string   `yaml:"place"`
	Call  []target `yaml:"call"`
	Baud  int      `yaml:"baud"`
}

type page struct {
	BehindProxy bool   `yaml:"behind_proxy"`
	Listen      string `yaml:"listen"`
}

// target is written as one word or as keys with values.
type target struct {
	Channel string `yaml:"channel"`
	Address string `yaml:"address"`
}

func (t *target) UnmarshalText(b []byte) error { t.Channel = string(b); return nil }

// people are written as a word or as a list.
type people []string

func (p *people) UnmarshalText(b []byte) error {
	if string(b) != "all" {
		return errors.New(`want "all" or a list`)
	}
	*p = people{"everybody"}
	return nil
}

func TestDecode(t *testing.T) {
	var got file
	d, err := Decode("f.yaml", []byte("\ufeff# a comment\r\nsite: lipowa # home\r\n"+`
devices:
  - key: pendant-7
    name: "Pendant, room 7"
    place: 0471
    call: [marta, {channel: sms, address: +48600100200}]
    baud: 57600
  - key: no
    place: 07:00
    name: >-
      folded
      text
page:
  behind_proxy: true
  listen:
wait: 15m
quota: 2GiB
who: all
`), &got)
	if err != nil {
		t.Fatal(err)
	}
	want := file{
		Site: "lipowa",
		Devices: []device{
			{Key: "pendant-7", Name: "Pendant, room 7", Place: "0471", Baud: 57600,
				Call: []target{{Channel: "marta"}, {Channel: "sms", Address: "+48600100200"}}},
			{Key: "no", Name: "folded text", Place: "07:00"},
		},
		Page:  &page{BehindProxy: true},
		Wait:  Duration(15 * time.Minute),
		Quota: 2 << 30,
		Who:   people{"everybody"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("decoded (-want +got):\n%s", diff)
	}
	for _, c := range []struct {
		path         string
		line, column int
	}{
		{"site", 2, 7},
		{"$.devices[0].place", 7, 12},
		{"devices[0].call[1].address", 8, 43},
		{"devices[0].call[1].nothing", 8, 19}, // its nearest ancestor
		{"devices[1].key", 10, 10},
		{"devices[7].key", 5, 3},
		{"page.listen", 17, 3}, // nothing stands there but the key
		{"nothing.at.all", 1, 1},
		{"", 1, 1},
	} {
		if l, col := d.At(c.path); l != c.line || col != c.column {
			t.Errorf("At(%q) = %d:%d, want %d:%d", c.path, l, col, c.line, c.column)
		}
	}
	if !d.Has("devices[0].baud") || d.Has("devices[1].baud") || d.Has("page.listen") {
		t.Error("Has does not tell what is written from what is not")
	}
	if diff := cmp.Diff([]string{"behind_proxy", "listen"}, d.Keys("page")); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

func TestMistakes(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"every mistake at once": {"sit: x\ndevices:\n  - key: a\n    plaice: b\n    baud: fast\n  - name: B b\n    call: x\npage: {behind_proxy: yes}\n",
			"f:1:1: unknown key \"sit\"; did you mean \"site\"?\n" +
				"f:4:5: devices[0] \"a\": unknown key \"plaice\"; did you mean \"place\"?\n" +
				"f:5:11: devices[0] \"a\": baud: want a whole number, found text\n" +
				"f:7:11: devices[1] \"B b\": call: want a list, such as [a, b], found text\n" +
				"f:8:22: page.behind_proxy: want true or false, found text"},
		"nothing near":         {"colour: x", `f:1:1: unknown key "colour"; known here: site, devices, page, wait, quota, who`},
		"twice":                {"site: a\nsite: b", `f:2:1: key "site" for the second time; the first is in line 1`},
		"twice, nested":        {"devices: [{key: a, key: b}]", `f:1:20: devices[0] "a": key "key" for the second time; the first is in line 1`},
		"two documents":        {"site: a\n---\nsite: b\n", `f:3:1: a second document; put it into a file of its own and take --- out`},
		"empty":                {"# nothing\n", `f:1:1: the file is empty`},
		"a list":               {"- a\n", `f:1:1: want keys with values, found a list`},
		"an alias":             {"site: &x a\nwho: *x\n", "f:1:7: site: an anchor (&) is not understood here; write the value out\nf:2:6: who: an alias (*) is not understood here; write the value out"},
		"a merge":              {"page:\n  <<: {listen: a}\n", `f:2:3: page: a merge (<<) for a key; write a plain word`},
		"a tag":                {"site: !!binary aGk=\n", `f:1:7: site: a tag (!) is not understood here; write the value out`},
		"a directive":          {"%YAML 1.2\n---\nsite: a\n", `f:1:1: a % directive; take the line out`},
		"a tab":                {"page:\n\tlisten: a\n", `f:2:1: a tab; indent with spaces`},
		"a colon":              {"devices:\n  - name: Room: 7\n", `f:2:11: mapping value is not allowed in this context; put text that holds ": " in quotes, and check the indentation`},
		"unclosed":             {"devices: [a\n", `f:1:10: sequence end token ']' not found`},
		"an empty item":        {"devices:\n  -\n", `f:2:5: devices[0]: an empty item; write it or take it out`},
		"keys for text":        {"site: {a: b}", `f:1:7: site: want text, found keys with values; put text that holds ": " in quotes`},
		"text for keys":        {"page: on", `f:1:7: page: want keys with values, found text`},
		"no duration":          {"wait: 25", `f:1:7: wait: "25" is no length of time; write a number with its unit, such as 30s, 15m or 25h`},
		"no size":              {"quota: 2GB", `f:1:8: quota: "2GB" is no size; write a whole number with its unit, such as 512MiB or 2GiB`},
		"own type":             {"who: some", `f:1:6: who: want "all" or a list`},
		"no UTF-8":             {"site: a\nwho: \xff\n", `f:2:6: byte 0xff is not UTF-8; save the file as plain UTF-8 text`},
		"control":              {"site: a\x00b\n", `f:1:8: control character U+0000; save the file as plain UTF-8 text`},
		"control in quotes":    {`site: "a\x1bb"`, `f:1:7: site: holds a control character; take it out`},
		"a number out of size": {"devices: [{baud: 99999999999999999999}]", `f:1:18: devices[0].baud: want a whole number, found text`},
		"a dotted key":         {"devices[0].key: a", `f:1:1: unknown key "devices[0].key"; known here: site, devices, page, wait, quota, who`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Decode("f", []byte(c.in), new(file))
			if _, ok := err.(Errors); !ok {
				t.Fatalf("got %T %v; want Errors", err, err)
			}
			if diff := cmp.Diff(c.want, err.Error()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What could not be read is no reason to keep quiet about the rest, and is not
// told of twice.
func TestUnread(t *testing.T) {
	var v file
	d, err := Decode("f", []byte("sit: a\ndevices:\n  - {key: a, place: [b], baud: 9600}\n  - plain text\npage: {behind_proxy: maybe}\nwait: 1m\nwait: 2m\n"), &v)
	if d == nil || err == nil {
		t.Fatalf("got %v, %v", d, err)
	}
	if len(v.Devices) != 2 || v.Devices[0].Baud != 9600 {
		t.Errorf("what could be read was not: %+v", v)
	}
	before := err.Error()
	for path, unread := range map[string]bool{
		"site": true, "devices[0].place": true, "devices[1]": true, "devices[1].key": true, "page.behind_proxy": true, "wait": true,
		"": false, "devices": false, "devices[0]": false, "devices[0].key": false, "devices[0].placement": false, "page": false, "quota": false,
	} {
		if d.Unread(path) != unread {
			t.Errorf("%q: unread is %v", path, !unread)
		}
		if unread {
			d.Errorf(path, "is wrong")
		}
	}
	if got := d.Err().Error(); got != before {
		t.Errorf("a mistake is told twice:\n%s", got)
	}
	d.Errorf("devices[0].key", "is wrong")
	if got := d.Err().Error(); !strings.Contains(got, `f:3:11: devices[0] "a": key: is wrong`) {
		t.Errorf("a mistake beside others is not told:\n%s", got)
	}
}

func TestErrorf(t *testing.T) {
	d, err := Decode("f", []byte("devices:\n  - key: pendant-12\n    place: room-7\nsite: a\n"), new(file))
	if err != nil {
		t.Fatal(err)
	}
	if d.Err() != nil {
		t.Fatalf("nothing reported, got %v", d.Err())
	}
	d.Errorf("site", "no good")
	d.Errorf("devices[0].place", "unknown place %q", "room-7")
	want := "f:3:12: devices[0] \"pendant-12\": place: unknown place \"room-7\"\nf:4:7: site: no good"
	if got := d.Err().Error(); got != want {
		t.Errorf("got\n%s\nwant, in the order of the file,\n%s", got, want)
	}
	var one Error
	if !errors.As(d.Err(), &one) || one.Path != "devices[0].place" || one.Line != 3 || one.Column != 12 || one.Item != "devices[0]" || one.Label != "pendant-12" {
		t.Errorf("first mistake = %+v", one)
	}
}

// What the parser would choke on is refused before it sees it.
func TestBounds(t *testing.T) {
	for name, in := range map[string]string{
		"too big":      "site: " + strings.Repeat("a", MaxSize),
		"flow lists":   strings.Repeat("[", 100_000),
		"flow keys":    strings.Repeat("{a: ", 50_000),
		"block lists":  strings.Repeat("- ", 100_000),
		"question":     strings.Repeat("? ", 100_000),
		"quoted":       strings.Repeat(`"a" `, 100_000),
		"aliases":      strings.Repeat("*a ", 100_000),
		"deep":         deep(500),
		"many errors":  "devices:\n" + strings.Repeat("  - {a: 1}\n", 5_000),
		"many repeats": strings.Repeat("a: 1\n", 50_000),
		"many in flow": "{" + strings.Repeat("a: 1,\n", 50_000) + "}",
		"many between": strings.Repeat("a:\n - b: 1\n", 30_000),
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			_, err := Decode("f", []byte(in), new(file))
			if err == nil {
				t.Fatal("accepted")
			}
			var errs Errors
			if errors.As(err, &errs); len(errs) > maxErrors+1 {
				t.Errorf("%d mistakes reported", len(errs))
			}
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

func deep(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

func TestNearest(t *testing.T) {
	known := []string{"type", "url", "topics", "client_id", "to", "room-7"}
	for word, want := range map[string]string{
		"tpye": "type", "topic": "topics", "clientid": "client_id", "URL": "", "colour": "", "type": "", "t": "to", "": "", "room-8": "", "rom-7": "room-7", "room-7x": "room-7",
	} {
		if got := Nearest(word, known); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
}

func TestValues(t *testing.T) {
	for in, want := range map[string]string{"90s": "1m30s", "15m": "15m", "25h": "25h", "1h30m": "1h30m", "24h0m1s": "24h0m1s", "0s": "0s", "10m": "10m"} {
		var d Duration
		if err := d.UnmarshalText([]byte(in)); err != nil || d.String() != want {
			t.Errorf("%q reads as %v, %v; want %s", in, d, err, want)
		}
	}
	for in, want := range map[string]string{"512MiB": "512MiB", "2 GiB": "2GiB", "1024KiB": "1MiB", "1536MiB": "1536MiB"} {
		var s Size
		if err := s.UnmarshalText([]byte(in)); err != nil || s.String() != want {
			t.Errorf("%q reads as %v, %v; want %s", in, s, err, want)
		}
	}
	for _, in := range []string{"0GiB", "-1GiB", "1.5GiB", "9999999999TiB", "GiB", "12"} {
		if err := new(Size).UnmarshalText([]byte(in)); err == nil {
			t.Errorf("size %q accepted", in)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("site: lipowa\ndevices:\n  - {key: a, call: [x, {channel: y}]}\npage:\n  behind_proxy: true\nwait: 1h\n")
	f.Add("site: |\n  a\n  b\nwho: [a, \"b\\u00e9\", 'c']\n")
	f.Add("a: &x [*x]\n<<: *x\n? a\n: b\n--- !t\n...\n%YAML\n")
	f.Add("devices:\n- key: a\n- - b\n -\n\t- c\n")
	f.Fuzz(func(t *testing.T, in string) {
		began := time.Now()
		var v file
		d, err := Decode("f", []byte(in), &v)
		if d == nil && err == nil || d != nil && (d.Err() == nil) != (err == nil) {
			t.Fatalf("document %v with error %v", d, err)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Fatalf("took %v", took)
		}
		var errs Errors
		if err != nil && !errors.As(err, &errs) {
			t.Fatalf("%T is not Errors", err)
		}
		lines := strings.Count(in, "\n") + 2
		for _, e := range errs {
			if e.Line < 1 || e.Line > lines || e.Column < 1 || e.Msg == "" {
				t.Fatalf("mistake without a place: %+v", e)
			}
		}
	})
}
