package metrics

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

func newMeter() *Meter {
	m := New(prometheus.NewRegistry())
	m.strict = false // as in production
	return m
}

func scrape(t testing.TB, m *Meter) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	b, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func want(t testing.TB, page string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains("\n"+page, "\n"+line+"\n") {
			t.Errorf("/metrics has no line %q", line)
		}
	}
}

func TestPage(t *testing.T) {
	m := newMeter()
	page := scrape(t, m)
	want(t, page, // there before anything has happened
		`telecare_alarms_raised_total{kind="fall"} 0`,
		`telecare_alarms_open{state="raised"} 0`,
		`telecare_alarms_closed_total{outcome="not_needed"} 0`,
		`telecare_faults_open{code="store_down"} 0`,
		`telecare_devices{life="silent"} 0`,
		`telecare_press_to_call_seconds_bucket{le="0.0005"} 0`,
		`telecare_press_to_call_seconds_bucket{le="10"} 0`,
		`telecare_time_to_acknowledge_seconds_bucket{le="60"} 0`,
		`telecare_time_to_acknowledge_seconds_bucket{le="180"} 0`,
		`telecare_undeclared_total 0`,
	)
	if !strings.Contains(page, "go_goroutines ") {
		t.Error("the Go runtime's metrics are missing")
	}
	m.Count("telecare_frames_total", "zigbee", 2)
	m.Count("telecare_frames_total", "zigbee", 1)
	m.Set("telecare_alarms_open", "raised", 3)
	m.Set("telecare_screens", "", 2)
	m.Observe("telecare_press_to_call_seconds", "", 0.0007)
	m.Observe("telecare_notification_seconds", "phone", 0.2)
	m.Set("telecare_build_info", "v1", 1)
	want(t, scrape(t, m),
		`telecare_frames_total{source="zigbee"} 3`,
		`telecare_alarms_open{state="raised"} 3`,
		`telecare_screens 2`,
		`telecare_press_to_call_seconds_bucket{le="0.0005"} 0`,
		`telecare_press_to_call_seconds_bucket{le="0.001"} 1`,
		`telecare_notification_seconds_bucket{channel="phone",le="0.25"} 1`,
		`telecare_build_info{version="v1"} 1`,
	)
}

// The rules of `promtool check metrics`, by the library that it uses.
func TestNamesAndHelp(t *testing.T) {
	m := newMeter()
	for name, s := range m.series {
		if len(s.help) < 10 || !strings.HasSuffix(s.help, ".") {
			t.Errorf("%s: help %q is no sentence", name, s.help)
		}
		s.touch(s.value("x")...)
	}
	problems, err := testutil.GatherAndLint(m.reg)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

func TestLabelsAreBounded(t *testing.T) {
	m := newMeter()
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			for i := range 1000 {
				m.Count("telecare_frames_total", fmt.Sprint("s-", g, "-", i), 1)
			}
		})
	}
	all.Wait()
	if n := testutil.CollectAndCount(m.series["telecare_frames_total"].counter); n != maxValues+1 {
		t.Errorf("%d series, want %d and %q", n, maxValues, other)
	}
	want(t, scrape(t, m), fmt.Sprintf(`telecare_frames_total{source="other"} %d`, 4000-maxValues))
	// Those seen before go on by their name.
	m.Count("telecare_alarms_raised_total", "fall", 1)
	for i := range 2 * maxValues {
		m.Count("telecare_alarms_raised_total", fmt.Sprint("made-up-", i), 1)
	}
	m.Count("telecare_alarms_raised_total", "fall", 1)
	want(t, scrape(t, m), `telecare_alarms_raised_total{kind="fall"} 2`)
}

func TestNothingPanics(t *testing.T) {
	m := newMeter()
	for _, label := range []string{"", "\xff\xfe", "\x00", strings.Repeat("ä", 1000), "a\nb", `"`, `\`} {
		m.Count("telecare_events_total", label, 1)
		m.Set("telecare_link_up", label, 1)
		m.Observe("telecare_notification_seconds", label, 1)
		m.Set("telecare_screens", label, 1) // has no label: the value is left out
	}
	for _, n := range []float64{-1, math.NaN(), math.Inf(1), math.Inf(-1), 0, 1e300} {
		m.Count("telecare_readings_total", "s", n)
		m.Observe("telecare_commit_seconds", "", n)
		m.Set("telecare_spool_bytes", "", n)
	}
	page := scrape(t, m)
	want(t, page, `telecare_readings_total{source="s"} 1e+300`, `telecare_commit_seconds_count 3`)
	if strings.Contains(page, "telecare_commit_seconds_sum NaN") {
		t.Error("one NaN has spoilt the sum")
	}
}

func TestUndeclared(t *testing.T) {
	m := newMeter()
	m.Count("telecare_frames", "", 1)               // no such name
	m.Set("telecare_frames_total", "zigbee", 1)     // another kind
	m.Observe("telecare_frames_total", "zigbee", 1) // another kind
	want(t, scrape(t, m), "telecare_undeclared_total 3")

	strict := New(prometheus.NewRegistry())
	defer func() {
		if recover() == nil {
			t.Error("an undeclared metric does not panic in a test")
		}
	}()
	strict.Count("telecare_frames", "", 1)
}

// Two gateways in one process do not share.
func TestTwoMeters(t *testing.T) {
	a, b := newMeter(), newMeter()
	a.Count("telecare_frames_total", "zigbee", 1)
	if strings.Contains(scrape(t, b), "zigbee") {
		t.Error("one meter shows what another has counted")
	}
}

func FuzzLabel(f *testing.F) {
	m := newMeter()
	f.Add("zigbee")
	f.Add("\xff")
	f.Add(strings.Repeat("\xf0\x9f\x98", 40))
	f.Fuzz(func(t *testing.T, label string) {
		m.Count("telecare_frames_total", label, 1)
		m.Set("telecare_link_up", label, 1)
		m.Observe("telecare_notification_seconds", label, 1)
		for _, name := range []string{"telecare_frames_total", "telecare_link_up", "telecare_notification_seconds"} {
			s := m.series[name]
			if v := s.value(label); len(v) != 1 || !utf8.ValidString(v[0]) || len(s.seen) > maxValues {
				t.Errorf("%s: value %q, %d seen", name, v, len(s.seen))
			}
		}
	})
}

// What is no more has no value, and leaves its place to others.
func TestDrop(t *testing.T) {
	m := newMeter()
	for i := range 3 * maxValues {
		source := fmt.Sprint("source-", i)
		m.Set("telecare_link_up", source, 1)
		m.Drop("telecare_link_up", source)
	}
	m.Set("telecare_link_up", "newest", 1)
	page := scrape(t, m)
	want(t, page, `telecare_link_up{source="newest"} 1`)
	if strings.Contains(page, `source="source-`) || strings.Contains(page, `source="other"`) {
		t.Errorf("sources that were dropped are there: %s", page)
	}
	m.Drop("telecare_link_up", "never there")
	m.Drop("telecare_frames_total", "not a gauge")
}
