// Package metrics counts what the gateway does, for Prometheus.
//
// It guarantees that nothing which is counted can hurt the gateway: no value
// panics or blocks, and no metric grows beyond 200 values of its label, however
// many a device or a broker makes up; the rest is counted as "other". What has
// a series for each registered device is bounded, too: see Standing. Only what
// the table declares is there. A label is an opaque id or a word of ours, never
// a name or an address.
package metrics

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const (
	maxValues = 200     // of one label
	other     = "other" // stands for those beyond
	maxLength = 100     // of a label's value, in bytes
)

// Meter counts. Its methods may be called from any goroutine.
type Meter struct {
	reg    *prometheus.Registry
	series map[string]*series
	strict bool // panic where a metric is not declared
}

// series is one declared metric with the label values that it has seen.
type series struct {
	metric
	counter   *prometheus.CounterVec
	gauge     *prometheus.GaugeVec
	histogram *prometheus.HistogramVec

	mu   sync.Mutex
	seen map[string]bool
}

// New registers the table, and the metrics of the Go runtime and the process,
// in reg, which must not have them yet. In a test binary the use of a metric
// that is not declared panics; otherwise it is counted.
func New(reg *prometheus.Registry) *Meter {
	m := &Meter{reg: reg, series: map[string]*series{}, strict: testing.Testing()}
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, d := range declared() {
		s := &series{metric: d, seen: map[string]bool{}}
		var labels []string
		if d.label != "" {
			labels = []string{d.label}
		}
		switch d.kind {
		case counter:
			s.counter = prometheus.NewCounterVec(prometheus.CounterOpts{Name: d.name, Help: d.help}, labels)
			reg.MustRegister(s.counter)
		case gauge:
			s.gauge = prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: d.name, Help: d.help}, labels)
			reg.MustRegister(s.gauge)
		case histogram:
			s.histogram = prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: d.name, Help: d.help, Buckets: d.buckets}, labels)
			reg.MustRegister(s.histogram)
		default:
			panic(fmt.Sprintf("metric %q has no kind", d.name))
		}
		if d.label == "" {
			s.touch()
		}
		for _, v := range d.values {
			s.touch(s.value(v)...)
		}
		m.series[d.name] = s
	}
	return m
}

// Count adds n to a counter. label is the value of its label, "" where it has
// none.
func (m *Meter) Count(name, label string, n float64) {
	s := m.find(name, counter)
	// Less than nothing cannot be counted; the library would panic.
	if s == nil || !(n >= 0) || math.IsInf(n, 0) {
		return
	}
	s.counter.WithLabelValues(s.value(label)...).Add(n)
}

// Observe adds one observation to a histogram.
func (m *Meter) Observe(name, label string, seconds float64) {
	s := m.find(name, histogram)
	// One NaN would make the sum NaN for ever.
	if s == nil || math.IsNaN(seconds) || math.IsInf(seconds, 0) {
		return
	}
	s.histogram.WithLabelValues(s.value(label)...).Observe(seconds)
}

// Set gives a gauge its value.
func (m *Meter) Set(name, label string, value float64) {
	if s := m.find(name, gauge); s != nil {
		s.gauge.WithLabelValues(s.value(label)...).Set(value)
	}
}

// Drop takes a gauge's value away: what it was of is no more.
func (m *Meter) Drop(name, label string) {
	s := m.find(name, gauge)
	if s == nil {
		return
	}
	labels := s.value(label)
	s.gauge.DeleteLabelValues(labels...)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range labels {
		delete(s.seen, l)
	}
}

// Handler serves /metrics.
func (m *Meter) Handler() http.Handler {
	return promhttp.HandlerFor(m.reg, promhttp.HandlerOpts{
		Registry:            m.reg, // counts its own errors there
		ErrorHandling:       promhttp.ContinueOnError,
		MaxRequestsInFlight: 4,
		Timeout:             10 * time.Second,
	})
}

// find gives the declared metric of that kind, or nil.
func (m *Meter) find(name string, k kind) *series {
	if s := m.series[name]; s != nil && s.kind == k {
		return s
	}
	if m.strict {
		panic(fmt.Sprintf("metric %q is not declared, or of another kind: declare it in gateway/metrics/table.go", name))
	}
	m.series[undeclared].counter.WithLabelValues().Inc()
	return nil
}

// touch makes a series appear at zero.
func (s *series) touch(labels ...string) {
	switch s.kind {
	case counter:
		s.counter.WithLabelValues(labels...)
	case gauge:
		s.gauge.WithLabelValues(labels...)
	case histogram:
		s.histogram.WithLabelValues(labels...)
	}
}

// value makes a label's value fit, and one of a bounded number.
func (s *series) value(label string) []string {
	if s.label == "" {
		return nil
	}
	label = fit(label)
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.seen[label] {
		if len(s.seen) >= maxValues {
			return []string{other}
		}
		s.seen[label] = true
	}
	return []string{label}
}

// fit cuts a label's value to length and makes it valid UTF-8: the library
// panics otherwise.
func fit(label string) string {
	if len(label) > maxLength {
		label = label[:maxLength]
	}
	return strings.ToValidUTF8(label, "\uFFFD")
}
