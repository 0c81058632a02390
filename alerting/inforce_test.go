package alerting

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"telecare/devices"
)

// A policy that calls nobody has a hole in just the hours in which an alarm can
// be raised with it.
func TestHolesOnlyWhileInForce(t *testing.T) {
	daily := []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	night, evening := &Hours{Days: daily, From: 22 * 60, To: 6 * 60}, &Hours{Days: daily, From: 18 * 60, To: 23 * 60}
	fall, panicked := []devices.Kind{devices.Fall}, []devices.Kind{devices.Fall, devices.Panic}
	here, both := []PlaceID{"room-1"}, []PlaceID{"room-1", "room-2"}
	for _, x := range []struct {
		name string
		plan Plan
		want string
	}{
		{"the default", Plan{Default: "p"}, "0-24"},
		{"of nobody", Plan{Default: "x"}, ""},
		{"a device's own", Plan{Default: "x", Devices: map[devices.ID]Device{"d": {Policy: "p"}}}, "0-24"},
		{"a watch's own", Plan{Default: "x", Watches: map[WatchID]Watch{"w": {Policy: "p"}}}, "0-24"},
		{"another watch's", Plan{Default: "x", Watches: map[WatchID]Watch{"w": {Policy: "x"}}}, ""},
		{"the default beside another watch's", Plan{Default: "p", Watches: map[WatchID]Watch{"w": {Policy: "x"}}}, "0-24"},
		{"hours that begin together", Plan{Default: "x", Rules: []Rule{{Hours: &Hours{daily, 22 * 60, 4 * 60}, Policy: "p"}, {Hours: night, Policy: "p"}}}, "0-6 22-24"},
		{"hours that end together", Plan{Default: "x", Rules: []Rule{{Hours: night, Policy: "p"}, {Hours: &Hours{daily, 20 * 60, 6 * 60}, Policy: "p"}}}, "0-6 20-24"},
		{"hours of other days", Plan{Default: "x", Rules: []Rule{{Hours: &Hours{daily[1:2], 22 * 60, 6 * 60}, Policy: "p"}, {Hours: &Hours{daily[2:3], 22 * 60, 6 * 60}, Policy: "p"}}}, "0-6 22-24"},
		{"by a rule at night", Plan{Default: "x", Rules: []Rule{{Hours: night, Policy: "p"}}}, "0-6 22-24"},
		{"the default where a rule has the nights", Plan{Default: "p", Rules: []Rule{{Hours: night, Policy: "x"}}}, "6-22"},
		{"the default where a rule has the falls of the nights", Plan{Default: "p", Rules: []Rule{{Kinds: fall, Hours: night, Policy: "x"}}}, "0-24"},
		{"a device's own where a rule has the nights", Plan{Default: "x", Devices: map[devices.ID]Device{"d": {Policy: "p"}}, Rules: []Rule{{Hours: night, Policy: "x"}}}, "6-22"},
		{"behind a rule of the evenings", Plan{Default: "x", Rules: []Rule{{Hours: evening, Policy: "x"}, {Hours: night, Policy: "p"}}}, "0-6 23-24"},
		{"before a rule of the evenings", Plan{Default: "x", Rules: []Rule{{Hours: night, Policy: "p"}, {Hours: evening, Policy: "x"}}}, "0-6 22-24"},
		{"by two rules", Plan{Default: "x", Rules: []Rule{{Kinds: fall, Hours: night, Policy: "p"}, {Places: here, Hours: evening, Policy: "p"}}}, "0-6 18-24"},
		{"behind the same falls", Plan{Default: "x", Rules: []Rule{{Kinds: fall, Hours: night, Policy: "x"}, {Kinds: fall, Policy: "p"}}}, "6-22"},
		{"behind more kinds", Plan{Default: "x", Rules: []Rule{{Kinds: panicked, Hours: night, Policy: "x"}, {Kinds: fall, Policy: "p"}}}, "6-22"},
		{"behind fewer kinds", Plan{Default: "x", Rules: []Rule{{Kinds: fall, Hours: night, Policy: "x"}, {Kinds: panicked, Policy: "p"}}}, "0-24"},
		{"behind falls at one place", Plan{Default: "x", Rules: []Rule{{Kinds: fall, Places: here, Hours: night, Policy: "x"}, {Kinds: fall, Policy: "p"}}}, "0-24"},
		{"behind all falls, at one place", Plan{Default: "x", Rules: []Rule{{Kinds: fall, Hours: night, Policy: "x"}, {Kinds: fall, Places: here, Policy: "p"}}}, "6-22"},
		{"behind more places", Plan{Default: "x", Rules: []Rule{{Places: both, Hours: night, Policy: "x"}, {Places: here, Policy: "p"}}}, "6-22"},
		{"behind somebody's own", Plan{Default: "x", Rules: []Rule{{Residents: []ResidentID{"anna"}, Hours: night, Policy: "x"}, {Policy: "p"}}}, "0-24"},
	} {
		x.plan.Policies = map[PolicyID]Policy{"p": {}, "x": {}}
		from := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
		var got []string
		for _, h := range x.plan.Holes("p", from, from.Add(24*time.Hour)) {
			got = append(got, fmt.Sprintf("%v-%v", h.From.Sub(from).Hours(), h.Until.Sub(from).Hours()))
		}
		if text := strings.Join(got, " "); text != x.want {
			t.Errorf("%s: in force %q, want %q", x.name, text, x.want)
		}
	}
}
