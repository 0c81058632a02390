package metrics

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"telecare/alerting"
	"telecare/devices"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

func standingPage(t testing.TB, reg *prometheus.Registry) string {
	t.Helper()
	w := httptest.NewRecorder()
	promhttp.HandlerFor(reg, promhttp.HandlerOpts{}).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

func lacks(t testing.TB, page string, what ...string) {
	t.Helper()
	for _, w := range what {
		if strings.Contains(page, w) {
			t.Errorf("/metrics still has %q", w)
		}
	}
}

func TestStanding(t *testing.T) {
	reg := prometheus.NewRegistry()
	s := NewStanding(reg)
	want(t, standingPage(t, reg), "telecare_alarm_unacknowledged_seconds 0")

	heard := time.UnixMilli(1795313411500)
	s.Device(devices.Status{ID: "d-1", Life: devices.LifeHeard, LastSeen: heard})
	s.Device(devices.Status{ID: "d-2", Life: devices.LifeUnknown})
	silent := alerting.Fault{Code: alerting.Silent, Subject: "d-1"}
	s.Fault(silent, true)
	s.Fault(alerting.Fault{Code: alerting.LinkLost, Subject: "radio"}, true)
	page := standingPage(t, reg)
	want(t, page,
		`telecare_device_life{device="d-1",life="heard"} 1`,
		`telecare_device_life{device="d-2",life="unknown"} 1`,
		`telecare_device_last_heard_timestamp_seconds{device="d-1"} 1.7953134115e+09`,
		`telecare_fault{code="silent",subject="d-1"} 1`,
		`telecare_fault{code="link_lost",subject="radio"} 1`,
	)
	lacks(t, page, `last_heard_timestamp_seconds{device="d-2"}`)

	// What has ended, or has changed, is gone.
	s.Device(devices.Status{ID: "d-1", Life: devices.LifeSilent, LastSeen: heard})
	s.Fault(silent, false)
	s.Keep(func(id devices.ID) bool { return id == "d-1" })
	page = standingPage(t, reg)
	want(t, page, `telecare_device_life{device="d-1",life="silent"} 1`)
	lacks(t, page, `life="heard"`, "d-2", `code="silent"`)

	if problems, err := testutil.GatherAndLint(reg); err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
}

// The age of the oldest alarm that nobody has.
func TestUnacknowledged(t *testing.T) {
	reg := prometheus.NewRegistry()
	s := NewStanding(reg)
	age := func() float64 {
		t.Helper()
		found := regexp.MustCompile(`(?m)^telecare_alarm_unacknowledged_seconds (\S+)$`).FindStringSubmatch(standingPage(t, reg))
		if found == nil {
			t.Fatal("no age")
		}
		v, err := strconv.ParseFloat(found[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	old := alerting.Alarm{ID: "a-1", State: alerting.Raised, RaisedAt: time.Now().Add(-200 * time.Second)}
	s.Alarm(old)
	s.Alarm(alerting.Alarm{ID: "a-2", State: alerting.Raised, RaisedAt: time.Now().Add(-50 * time.Second)})
	s.Alarm(alerting.Alarm{ID: "a-3", State: alerting.Raised, RaisedAt: time.Now().Add(time.Hour)}) // by a clock that is ahead
	if v := age(); v < 200 || v > 260 {
		t.Errorf("%v s, want 200", v)
	}
	old.State = alerting.Acknowledged
	s.Alarm(old)
	if v := age(); v < 50 || v > 110 {
		t.Errorf("%v s, want 50", v)
	}
	old.State = alerting.Raised // given back
	s.Alarm(old)
	if v := age(); v < 200 {
		t.Errorf("%v s, want 200 again", v)
	}
	for _, id := range []alerting.AlarmID{"a-1", "a-2", "a-3"} {
		s.Alarm(alerting.Alarm{ID: id, State: alerting.Closed})
	}
	if v := age(); v != 0 || len(s.raised) != 0 {
		t.Errorf("%v s, %d remembered, want none", v, len(s.raised))
	}
}

// However many there are, and whatever they are called.
func TestStandingIsBounded(t *testing.T) {
	reg := prometheus.NewRegistry()
	s := NewStanding(reg)
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			for i := range maxStanding {
				id := fmt.Sprint("d-", g, "-", i)
				s.Device(devices.Status{ID: devices.ID(id), Life: devices.LifeHeard})
				s.Fault(alerting.Fault{Code: alerting.Silent, Subject: id}, true)
			}
		})
	}
	all.Wait()
	s.Keep(func(devices.ID) bool { return true })
	if n := testutil.CollectAndCount(s); n != 2*maxStanding+1 {
		t.Errorf("%d series, want %d", n, 2*maxStanding+1)
	}
	s = NewStanding(prometheus.NewRegistry())
	s.Device(devices.Status{ID: "\xff\n\"", Life: "\xfe"})
	s.Fault(alerting.Fault{Code: "\xff", Subject: strings.Repeat("ä", 1000)}, true)
	if n := testutil.CollectAndCount(s); n != 3 {
		t.Errorf("%d series, want 3", n)
	}
}

// Table is what there is: no metric of ours that it does not describe.
func TestTable(t *testing.T) {
	described := map[string]Description{}
	for _, d := range Table() {
		if len(d.Help) < 10 || !strings.HasSuffix(d.Help, ".") {
			t.Errorf("%s: help %q is no sentence", d.Name, d.Help)
		}
		described[d.Name] = d
	}
	reg := prometheus.NewRegistry()
	m := New(reg)
	s := NewStanding(reg)
	s.Device(devices.Status{ID: "d-1", Life: devices.LifeHeard, LastSeen: time.Now()})
	s.Fault(alerting.Fault{Code: alerting.Silent, Subject: "d-1"}, true)
	for _, one := range m.series {
		one.touch(one.value("x")...)
	}
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if !strings.HasPrefix(f.GetName(), "telecare_") {
			continue
		}
		d, ok := described[f.GetName()]
		if !ok {
			t.Errorf("%s is not described", f.GetName())
			continue
		}
		delete(described, f.GetName())
		for _, l := range f.GetMetric()[0].GetLabel() {
			if !strings.Contains(fmt.Sprint(d.Labels), l.GetName()) {
				t.Errorf("%s has label %q, described are %q", d.Name, l.GetName(), d.Labels)
			}
		}
	}
	for name := range described {
		t.Errorf("%s is described and not there", name)
	}
}
