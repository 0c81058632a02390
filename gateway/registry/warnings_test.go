package registry

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Each file is a document that is allowed, and beside it stands what people are
// warned of.
func TestWarnings(t *testing.T) {
	warsaw, err := time.LoadLocation("Europe/Warsaw")
	if err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob("testdata/warn/*.yaml")
	if len(files) < 5 {
		t.Fatalf("%d files", len(files))
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			d, err := Parse(filepath.Base(file), b)
			if err != nil {
				t.Fatal(err)
			}
			// A Sunday evening, five weeks before the clocks change.
			now := time.Date(2026, 3, 1, 20, 17, 0, 0, warsaw)
			warnings, notes := d.Warnings(now)
			got := ""
			for _, w := range warnings {
				got += "warning: " + w.Error() + "\n"
			}
			for _, n := range notes {
				got += "note: " + n.Error() + "\n"
			}
			beside(t, file, got)
		})
	}
}

// A roster whose one shift is over for the month, or has no day left, leaves a
// policy with nobody at all.
func TestReachesNobody(t *testing.T) {
	d := parse(t, []byte(strings.ReplaceAll(strings.Replace(least, "responders: [", "responders: [{key: nurse, name: Nurse, channels: [desk]}, ", 1), "[centre]", `["roster:none"]`)+`rosters: [{key: none, shifts: [{days: [mon], from: "07:00", to: "08:00", who: [nurse]}]}]
`))
	d.Rosters[0].Shifts[0].Days = nil
	warnings, _ := d.Warnings(time.Date(2026, 3, 1, 20, 17, 0, 0, time.UTC))
	if len(warnings) != 1 || !strings.Contains(warnings[0].Msg, "reaches nobody but the last resort in the next 30 days") {
		t.Errorf("%v", warnings)
	}
}

// Fits says with its place what does not go together with telecare.yaml.
func TestFits(t *testing.T) {
	address := func(s string) error {
		if !strings.Contains(s, "@") {
			return os.ErrInvalid
		}
		return nil
	}
	d := parse(t, []byte(strings.Replace(least, "[desk]", "[desk, mail, {channel: post, address: a}]", 1)))
	err := d.Fits("b", []Channel{{Name: "desk"}, {Name: "mail", Address: address}, {Name: "post", Address: address}})
	want := `lipowa.yaml:1:7: site: "a", and telecare.yaml is of site "b"; both must be the same
lipowa.yaml:6:59: responders[0] "centre": channels[1].address: channel "mail": invalid argument
lipowa.yaml:6:90: responders[0] "centre": channels[2].address: channel "post": invalid argument`
	if err == nil || err.Error() != want {
		t.Errorf("(-want +got):\n%s", cmp.Diff(want, err.Error()))
	}
	if err := d.Fits("a", nil); err != nil {
		t.Errorf("channels that are not known are checked: %v", err)
	}
}
