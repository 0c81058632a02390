package alarmtopic_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
	"github.com/google/go-cmp/cmp"

	"telecare/alerting"
	"telecare/alerting/notify/alarmtopic"
	"telecare/gateway/gatewaytest"
)

const patience = 20 * time.Second

// start runs a topic until the returned function or the test ends it.
func start(t *testing.T, url string, more ...func(*alarmtopic.Config)) (topic *alarmtopic.Topic, stop func()) {
	t.Helper()
	cfg := alarmtopic.Config{Site: "north", URL: url, ClientID: "gateway"}
	for _, f := range more {
		f(&cfg)
	}
	topic, err := alarmtopic.New(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var run sync.WaitGroup
	run.Go(func() {
		if err := topic.Run(ctx); err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	stop = func() { cancel(); run.Wait() }
	t.Cleanup(stop)
	return topic, stop
}

// retained is what the broker has kept under telecare/.
func retained(t *testing.T, url string) map[string]string {
	t.Helper()
	kept := map[string]string{}
	var mu sync.Mutex
	done := make(chan struct{}, 1)
	c := mqtt.NewClient(mqtt.NewClientOptions().AddBroker(url).SetClientID("observer").SetProtocolVersion(4).SetAutoReconnect(false))
	must := func(token mqtt.Token) {
		t.Helper()
		if !token.WaitTimeout(patience) || token.Error() != nil {
			t.Fatalf("observer: %v", token.Error())
		}
	}
	must(c.Connect())
	defer c.Disconnect(250)
	must(c.Subscribe("telecare/#", 1, func(_ mqtt.Client, m mqtt.Message) {
		mu.Lock()
		defer mu.Unlock()
		if m.Retained() {
			kept[m.Topic()] = string(m.Payload())
		}
	}))
	// What the broker had kept for us comes before what it is told afterwards.
	must(c.Subscribe("end", 1, func(mqtt.Client, mqtt.Message) { done <- struct{}{} }))
	must(c.Publish("end", 1, false, "x"))
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatal("observer: no end")
	}
	mu.Lock()
	defer mu.Unlock()
	return maps.Clone(kept)
}

// expect waits until the broker holds exactly want.
func expect(t *testing.T, url string, want map[string]string) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		got := retained(t, url)
		if cmp.Equal(want, got) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the broker does not come to hold this (-want +got):\n%s", cmp.Diff(want, got))
		}
	}
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); {
		if time.Now().After(deadline) {
			t.Fatalf("never happened: %s", what)
		}
		<-time.After(5 * time.Millisecond) // the next look at a real condition
	}
}

func alarm(n int, state alerting.State) alerting.Alarm {
	return alerting.Alarm{
		ID: alerting.AlarmID(fmt.Sprint("a-", n)), Number: n, Kind: "panic", Priority: alerting.High, State: state,
		Place: "p-7", RaisedAt: time.Date(2026, 8, 14, 2, 10, 0, 0, time.UTC), Holder: "nurse-1", Step: 2, Device: "d-1",
	}
}

func text(n int, state alerting.State) string {
	return fmt.Sprintf(`{"id":"a-%d","number":%d,"kind":"panic","priority":"high","state":%q,"place":"p-7",`+
		`"raised_at":"2026-08-14T02:10:00Z","holder":"nurse-1","step":2}`, n, n, state)
}

const (
	gateway = "telecare/north/gateway"
	a1      = "telecare/north/alarm/a-1"
	a2      = "telecare/north/alarm/a-2"
	a3      = "telecare/north/alarm/a-3"
)

func TestLifeOfAnAlarm(t *testing.T) {
	broker := gatewaytest.Mosquitto(t)
	topic, stop := start(t, broker.URL)
	topic.Open(nil)
	expect(t, broker.URL, map[string]string{gateway: "online"})
	topic.Alarm(alarm(1, alerting.Raised))
	topic.Alarm(alarm(2, alerting.Raised))
	expect(t, broker.URL, map[string]string{gateway: "online", a1: text(1, alerting.Raised), a2: text(2, alerting.Raised)})
	topic.Alarm(alarm(1, alerting.Acknowledged))
	topic.Alarm(alarm(1, alerting.Attended))
	expect(t, broker.URL, map[string]string{gateway: "online", a1: text(1, alerting.Attended), a2: text(2, alerting.Raised)})
	topic.Alarm(alarm(1, alerting.Closed))
	expect(t, broker.URL, map[string]string{gateway: "online", a2: text(2, alerting.Raised)})
	if err := topic.Ready(); err != nil {
		t.Error(err)
	}
	// The gateway goes; the alarm is open for all that.
	stop()
	if got := retained(t, broker.URL); !cmp.Equal(got, map[string]string{gateway: "offline", a2: text(2, alerting.Raised)}) {
		t.Errorf("after the end: %v", got)
	}
}

// A gateway that has been away clears up what it left behind.
func TestNextLifeClearsUp(t *testing.T) {
	broker := gatewaytest.Mosquitto(t)
	topic, stop := start(t, broker.URL)
	strange := alarm(4, alerting.Raised)
	strange.ID = "a/4 +#"
	topic.Open([]alerting.Alarm{alarm(1, alerting.Raised), alarm(2, alerting.Raised), strange})
	until(t, "all are published", func() bool { return len(retained(t, broker.URL)) == 4 })
	stop()

	topic, _ = start(t, broker.URL)
	until(t, "it connects", func() bool { return topic.Ready() == nil })
	topic.Alarm(alarm(3, alerting.Raised))
	until(t, "the new one is published", func() bool { return retained(t, broker.URL)[a3] != "" })
	if got := retained(t, broker.URL); len(got) != 5 {
		t.Errorf("something was removed before it was known what is open: %v", got)
	}
	topic.Open([]alerting.Alarm{alarm(2, alerting.Attended), alarm(3, alerting.Raised)})
	expect(t, broker.URL, map[string]string{gateway: "online", a2: text(2, alerting.Attended), a3: text(3, alerting.Raised)})
}

func TestBrokerThatForgets(t *testing.T) {
	broker := gatewaytest.Mosquitto(t) // the stock one keeps nothing on disk
	links := make(chan bool, 10)
	topic, _ := start(t, broker.URL, func(c *alarmtopic.Config) { c.OnLink = func(up bool) { links <- up } })
	topic.Open([]alerting.Alarm{alarm(1, alerting.Raised), alarm(2, alerting.Raised)})
	until(t, "all are published", func() bool { return len(retained(t, broker.URL)) == 3 })
	broker.Kill()
	until(t, "the end of the connection is noticed", func() bool { return topic.Ready() != nil })
	topic.Alarm(alarm(1, alerting.Closed))
	topic.Alarm(alarm(2, alerting.Attended))
	topic.Alarm(alarm(3, alerting.Raised))
	broker.Start()
	expect(t, broker.URL, map[string]string{gateway: "online", a2: text(2, alerting.Attended), a3: text(3, alerting.Raised)})
	for i, want := range []bool{true, false, true} {
		if got := <-links; got != want {
			t.Errorf("edge %d of the link is %v", i, got)
		}
	}
	if len(links) > 0 {
		t.Errorf("%d more edges", len(links))
	}
}

// cable is a connection to the broker that can be cut without a goodbye.
type cable struct {
	url   string
	to    string
	mu    sync.Mutex
	cut   bool
	conns []net.Conn
}

func newCable(t *testing.T, url string) *cable {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cable{url: "tcp://" + l.Addr().String(), to: strings.TrimPrefix(url, "tcp://")}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			c.mu.Lock()
			out, err := net.Dial("tcp", c.to)
			if c.cut || err != nil {
				in.Close()
				if err == nil {
					out.Close()
				}
				c.mu.Unlock()
				continue
			}
			c.conns = append(c.conns, in, out)
			c.mu.Unlock()
			running.Go(func() { io.Copy(in, out); in.Close(); out.Close() })
			running.Go(func() { io.Copy(out, in); in.Close(); out.Close() })
		}
	})
	t.Cleanup(func() { l.Close(); c.set(true); running.Wait() })
	return c
}

func (c *cable) set(cut bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = cut
	for _, conn := range c.conns {
		conn.Close()
	}
	c.conns = nil
}

func TestCutCable(t *testing.T) {
	broker := gatewaytest.Mosquitto(t)
	cable := newCable(t, broker.URL)
	topic, _ := start(t, cable.url)
	topic.Open([]alerting.Alarm{alarm(1, alerting.Raised), alarm(2, alerting.Raised)})
	expect(t, broker.URL, map[string]string{gateway: "online", a1: text(1, alerting.Raised), a2: text(2, alerting.Raised)})
	cable.set(true)
	// The last will, spoken by the broker.
	expect(t, broker.URL, map[string]string{gateway: "offline", a1: text(1, alerting.Raised), a2: text(2, alerting.Raised)})
	topic.Alarm(alarm(1, alerting.Closed))
	topic.Alarm(alarm(2, alerting.Acknowledged))
	cable.set(false)
	expect(t, broker.URL, map[string]string{gateway: "online", a2: text(2, alerting.Acknowledged)})
}

// A broker that hangs costs whoever tells of an alarm nothing.
func TestFrozenBroker(t *testing.T) {
	broker := gatewaytest.Mosquitto(t)
	topic, _ := start(t, broker.URL)
	topic.Open(nil)
	until(t, "it connects", func() bool { return topic.Ready() == nil })
	broker.Stop()
	began := time.Now()
	for i := range 10_000 {
		topic.Alarm(alarm(i, alerting.Raised))
		topic.Alarm(alarm(i, alerting.Closed))
	}
	topic.Alarm(alarm(1, alerting.Raised))
	topic.Alarm(alarm(1, alerting.Attended))
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("20,000 changes took %v", took)
	}
	broker.Cont()
	expect(t, broker.URL, map[string]string{gateway: "online", a1: text(1, alerting.Attended)})
}

func TestWrongPassword(t *testing.T) {
	broker := gatewaytest.Mosquitto(t, "allow_anonymous false")
	var log bytes.Buffer
	down := make(chan bool, 1)
	topic, err := alarmtopic.New(alarmtopic.Config{
		Site: "north", URL: broker.URL, ClientID: "gateway", Username: "gw", Password: "s3cret",
		OnLink: func(up bool) { down <- up },
	}, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var run sync.WaitGroup
	run.Go(func() { topic.Run(ctx) })
	if up := <-down; up {
		t.Error("a wrong password connects")
	}
	err = topic.Ready()
	if err == nil || !strings.Contains(strings.ToLower(err.Error()), "not auth") {
		t.Errorf("Ready says %v", err)
	}
	cancel()
	run.Wait()
	if strings.Contains(log.String(), "s3cret") || !strings.Contains(log.String(), "no connection") {
		t.Errorf("the log says %s", log.String())
	}
}

// A broker that is left holds no alarm, and another one is told of all.
func TestLeave(t *testing.T) {
	url := gatewaytest.Mosquitto(t).URL
	topic, stop := start(t, url)
	topic.Open([]alerting.Alarm{alarm(1, alerting.Raised)})
	topic.Alarm(alarm(2, alerting.Acknowledged))
	until(t, "both alarms are there", func() bool { return len(retained(t, url)) == 3 })
	topic.Leave()
	stop()
	if got := retained(t, url); len(got) != 1 || got["telecare/north/gateway"] != "offline" {
		t.Errorf("a broker that was left holds %v", got)
	}
	away, _ := start(t, "tcp://127.0.0.1:1")
	away.Alarm(alarm(1, alerting.Raised))
	away.Leave() // does not wait for ever
}
