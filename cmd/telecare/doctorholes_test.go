package main

import (
	"strings"
	"testing"
	"time"

	"telecare/gateway/registry"
)

// The doctor says when nobody is on call, the first time of all rosters and
// policies, and is content where somebody always is.
func TestDoctorSeesHoles(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, x := range []struct{ shifts, level, want string }{
		{`[{days: daily, from: "07:00", to: "07:00", who: [jan]}]`, fine, "at all hours"},
		{`[{days: daily, from: "07:00", to: "19:00", who: [jan]}]`, warn, "nobody is on call from 2026-11-23 19:00 CET to 2026-11-24 07:00 CET in policy ward, and in the next 30 days 30 times in all"},
	} {
		text := strings.Replace(registryOf, "      - {call: [marta], wait: 2s}\n      - {call: [jan], wait: 60s}\n", "      - {call: [\"roster:nurses\"], wait: 60s}\n", 1)
		doc, err := registry.Parse("registry.yaml", []byte(text+"rosters:\n  - {key: nurses, shifts: "+x.shifts+"}\n"))
		if err != nil {
			t.Fatal(err)
		}
		site, err := doc.ByKey()
		if err != nil {
			t.Fatal(err)
		}
		if f := holesFinding(site, now); f.Level != x.level || !strings.Contains(f.Says, x.want) {
			t.Errorf("with shifts %s it says %s: %s, want %s: %s", x.shifts, f.Level, f.Says, x.level, x.want)
		}
	}
}
