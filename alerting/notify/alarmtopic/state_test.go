package alarmtopic

import (
	"fmt"
	"log/slog"
	"testing"

	"pgregory.net/rapid"

	"telecare/alerting"
)

func newTopic(t testing.TB) *Topic {
	topic, err := New(Config{Site: "north", URL: "tcp://127.0.0.1:1", ClientID: "gw"}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return topic
}

// While the broker is away nothing is kept of alarms that have come and gone.
func TestOutageIsBoundedByOpenAlarms(t *testing.T) {
	topic := newTopic(t)
	topic.Open(nil)
	for i := range 10_000 {
		a := alerting.Alarm{ID: alerting.AlarmID(fmt.Sprint("a-", i)), State: alerting.Raised}
		topic.Alarm(a)
		a.State = alerting.Closed
		topic.Alarm(a)
	}
	if n := len(topic.open) + len(topic.dirty) + len(topic.shown); n != 0 {
		t.Errorf("%d entries are kept of 10,000 closed alarms", n)
	}
	// Nor of what a broker claims to have retained.
	for i := range 2 * maxFound {
		topic.found(fmt.Sprint("x-", i))
	}
	if n := len(topic.shown); n > maxFound {
		t.Errorf("%d foreign topics are remembered", n)
	}
}

// Whatever happens in whatever order, once a connection has stood long enough
// the broker holds exactly what is open, in its newest state.
func TestBrokerComesToHoldWhatIsOpen(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		topic := newTopic(t)
		truth := map[string]alerting.Alarm{}   // open alarms
		broker := map[string]string{"a-9": ""} // retained; a-9 from an earlier life
		var flight map[string][]byte           // published, not yet confirmed
		connected := false

		arrive := func() {
			for key, body := range flight {
				if body == nil {
					delete(broker, key)
				} else {
					broker[key] = string(body)
				}
			}
		}
		connect := func() {
			connected = true
			topic.linked()
			for key := range broker {
				topic.found(key)
			}
		}
		flush := func(n int) {
			flight = topic.news(n)
			arrive()
			topic.told(flight)
			flight = nil
		}
		ids := rapid.SampledFrom([]string{"a-1", "a-2", "a-3"})
		r.Repeat(map[string]func(*rapid.T){
			"change": func(r *rapid.T) {
				id := ids.Draw(r, "id")
				a := alerting.Alarm{ID: alerting.AlarmID(id), State: alerting.Raised, Step: rapid.IntRange(1, 9).Draw(r, "step")}
				truth[id] = a
				topic.Alarm(a)
			},
			"close": func(r *rapid.T) {
				id := ids.Draw(r, "id")
				delete(truth, id)
				topic.Alarm(alerting.Alarm{ID: alerting.AlarmID(id), State: alerting.Closed})
			},
			"open": func(*rapid.T) {
				var all []alerting.Alarm
				for _, a := range truth {
					all = append(all, a)
				}
				topic.Open(all)
			},
			"connect": func(r *rapid.T) {
				if connected {
					r.Skip()
				}
				connect()
			},
			"cut": func(r *rapid.T) {
				if connected && rapid.Bool().Draw(r, "in flight") {
					flight = topic.news(2)
					if rapid.Bool().Draw(r, "arrived") {
						arrive()
					}
					flight = nil
				}
				connected = false
				if rapid.Bool().Draw(r, "broker forgets") {
					clear(broker)
				}
			},
			"publish": func(r *rapid.T) {
				if !connected {
					r.Skip()
				}
				flush(2)
			},
		})

		var all []alerting.Alarm
		for _, a := range truth {
			all = append(all, a)
		}
		topic.Open(all)
		if !connected {
			connect()
		}
		for range 10 {
			flush(2)
		}
		want := map[string]string{}
		for id, a := range truth {
			want[id] = string(payload(a))
		}
		if fmt.Sprint(broker) != fmt.Sprint(want) {
			r.Fatalf("the broker holds %v, want %v", broker, want)
		}
		if len(topic.shown) != len(truth) || len(topic.dirty) != 0 {
			r.Fatalf("left over: shown %v, dirty %v, with %d open", topic.shown, topic.dirty, len(truth))
		}
	})
}

func TestNothingIsRemovedBeforeItIsKnownWhatIsOpen(t *testing.T) {
	topic := newTopic(t)
	topic.linked()
	topic.found("a-1")
	if news := topic.news(9); len(news) != 0 {
		t.Errorf("removes %v", news)
	}
	topic.Open(nil)
	if news := topic.news(9); len(news) != 1 || news["a-1"] != nil {
		t.Errorf("tells %v, want a-1 removed", news)
	}
}

func TestNewRefuses(t *testing.T) {
	good := Config{Site: "north", URL: "tcp://127.0.0.1:1883", ClientID: "gw"}
	for name, spoil := range map[string]func(*Config){
		"no site":       func(c *Config) { c.Site = "" },
		"wildcard site": func(c *Config) { c.Site = "+" },
		"two levels":    func(c *Config) { c.Site = "a/b" },
		"no client id":  func(c *Config) { c.ClientID = "" },
		"no url":        func(c *Config) { c.URL = "" },
		"bare host":     func(c *Config) { c.URL = "localhost" },
		"other scheme":  func(c *Config) { c.URL = "http://localhost:1883" },
	} {
		cfg := good
		spoil(&cfg)
		if _, err := New(cfg, slog.New(slog.DiscardHandler)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
