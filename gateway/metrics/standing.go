package metrics

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"telecare/alerting"
	"telecare/devices"

	"github.com/prometheus/client_golang/prometheus"
)

// maxStanding bounds the devices, and the faults, that have a series of their
// own. Both are of registered things, never of what anybody makes up on the
// air; the gauges in the table count them all.
const maxStanding = 2000

// Standing shows what stands now, each thing by its opaque id: every registered
// device's life, every open fault, and how old the oldest alarm is that nobody
// has. A fault that ends and a device that is taken out of the registry take
// their series with them. It is told by the gateway as the page is; its methods
// may be called from any goroutine and never wait.
type Standing struct {
	life, lastHeard, fault, unacknowledged *prometheus.Desc

	mu      sync.Mutex
	devices map[devices.ID]devices.Status
	faults  map[faultKey]bool
	raised  map[alerting.AlarmID]time.Time // since when; with its monotonic part
}

type faultKey struct {
	code    alerting.FaultCode
	subject string
}

// NewStanding registers it in reg.
func NewStanding(reg *prometheus.Registry) *Standing {
	s := &Standing{devices: map[devices.ID]devices.Status{}, faults: map[faultKey]bool{}, raised: map[alerting.AlarmID]time.Time{}}
	desc := map[string]*prometheus.Desc{}
	for _, d := range standing() {
		desc[d.Name] = prometheus.NewDesc(d.Name, d.Help, d.Labels, nil)
	}
	s.life, s.lastHeard = desc["telecare_device_life"], desc["telecare_device_last_heard_timestamp_seconds"]
	s.fault, s.unacknowledged = desc["telecare_fault"], desc["telecare_alarm_unacknowledged_seconds"]
	reg.MustRegister(s)
	return s
}

// Alarm notes whether somebody has it.
func (s *Standing) Alarm(a alerting.Alarm) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a.State != alerting.Raised {
		delete(s.raised, a.ID)
		return
	}
	if _, known := s.raised[a.ID]; !known {
		now := time.Now()
		// From here on by the monotonic clock, which nobody sets.
		s.raised[a.ID] = now.Add(-max(now.Sub(a.RaisedAt), 0))
	}
}

// Device notes how a registered device stands.
func (s *Standing) Device(d devices.Status) {
	d.Readings, d.Faults = nil, nil // not shown here, and not ours
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.devices[d.ID]; known || len(s.devices) < maxStanding {
		s.devices[d.ID] = d
	}
}

// Fault notes that a fault begins or ends.
func (s *Standing) Fault(f alerting.Fault, on bool) {
	key := faultKey{f.Code, f.Subject}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !on {
		delete(s.faults, key)
	} else if len(s.faults) < maxStanding {
		s.faults[key] = true
	}
}

// Keep forgets the devices that are not registered any more.
func (s *Standing) Keep(registered func(devices.ID) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id := range s.devices {
		if !registered(id) {
			delete(s.devices, id)
		}
	}
}

// Describe implements prometheus.Collector.
func (s *Standing) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{s.life, s.lastHeard, s.fault, s.unacknowledged} {
		out <- d
	}
}

// Collect implements prometheus.Collector. What reads from out may be slow, so
// it is given to a copy.
func (s *Standing) Collect(out chan<- prometheus.Metric) {
	s.mu.Lock()
	list := make([]devices.Status, 0, len(s.devices))
	for _, d := range s.devices {
		list = append(list, d)
	}
	faults := make([]faultKey, 0, len(s.faults))
	for f := range s.faults {
		faults = append(faults, f)
	}
	oldest := time.Duration(0)
	for _, since := range s.raised {
		oldest = max(oldest, time.Since(since))
	}
	s.mu.Unlock()

	slices.SortFunc(list, func(a, b devices.Status) int { return cmp.Compare(a.ID, b.ID) })
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		for i := range labels {
			labels[i] = fit(labels[i])
		}
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	for _, d := range list {
		if d.Life != "" {
			gauge(s.life, 1, string(d.ID), string(d.Life))
		}
		if !d.LastSeen.IsZero() {
			gauge(s.lastHeard, float64(d.LastSeen.UnixMilli())/1000, string(d.ID))
		}
	}
	for _, f := range faults {
		gauge(s.fault, 1, string(f.code), f.subject)
	}
	gauge(s.unacknowledged, oldest.Seconds())
}
