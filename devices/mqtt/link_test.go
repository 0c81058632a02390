package mqtt

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"telecare/devices"
	"telecare/gateway/gatewaytest"

	paho "github.com/eclipse/paho.mqtt.golang"
)

// An inbox is a gateway that keeps what it is handed.
type inbox struct {
	mu      sync.Mutex
	frames  []devices.Frame
	answers []func(error)
	decide  func(devices.Frame) error // nil withholds every answer
}

func (b *inbox) handle(f devices.Frame, answer func(error)) {
	b.mu.Lock()
	b.frames = append(b.frames, f)
	b.answers = append(b.answers, answer)
	decide := b.decide
	b.mu.Unlock()
	if decide != nil {
		go answer(decide(f))
	}
}

func (b *inbox) all() []devices.Frame {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.frames)
}

func (b *inbox) from(device string) (out []devices.Frame) {
	for _, f := range b.all() {
		if f.Message.Device == device {
			out = append(out, f)
		}
	}
	return out
}

// answerAll answers what is withheld, in any order.
func (b *inbox) answerAll(err error) {
	b.mu.Lock()
	answers := b.answers
	b.answers = nil
	b.mu.Unlock()
	rand.Shuffle(len(answers), func(i, j int) { answers[i], answers[j] = answers[j], answers[i] })
	for _, a := range answers {
		a(err)
	}
}

func (b *inbox) set(decide func(devices.Frame) error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.decide = decide
}

func yes(devices.Frame) error { return nil }

// eventually waits for a condition outside of this process's control.
func eventually(t testing.TB, what string, cond func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(30 * time.Second)
	for !cond() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("not seen within 30 s: %s", what)
		}
	}
}

// A task is what both sources are.
type task interface {
	Run(context.Context) error
	Ready() error
	String() string
}

// run runs a task until the test or stop ends it, and holds it to ending clean.
func run(t testing.TB, s task) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("%s ended with %v", s, err)
			}
		case <-time.After(20 * time.Second):
			t.Errorf("%s does not end", s)
		}
		if s.Ready() == nil {
			t.Errorf("%s is ready after its end", s)
		}
	})
	t.Cleanup(stop)
	return stop
}

func ready(t testing.TB, s task) {
	t.Helper()
	eventually(t, "ready", func() bool { return s.Ready() == nil })
}

var quiet = slog.New(slog.DiscardHandler)

// startClient runs a Client on a broker.
func startClient(t testing.TB, url string, b *inbox, change func(*ClientConfig)) (*Client, func()) {
	t.Helper()
	cfg := ClientConfig{Name: "house", URL: url, ClientID: "gateway"}
	if change != nil {
		change(&cfg)
	}
	c := NewClient(cfg, b.handle, quiet)
	stop := run(t, c)
	ready(t, c)
	return c, stop
}

// startBroker runs a Broker.
func startBroker(t testing.TB, b *inbox, change func(*BrokerConfig)) (*Broker, func()) {
	t.Helper()
	cfg := BrokerConfig{Name: "house", Listen: "127.0.0.1:0", AllowAnonymous: true}
	if change != nil {
		change(&cfg)
	}
	s := NewBroker(cfg, b.handle, quiet)
	s.refuseAfter = 50 * time.Millisecond
	stop := run(t, s)
	ready(t, s)
	return s, stop
}

// both runs a test on each source with a URL where a device can publish.
func both(t *testing.T, test func(t *testing.T, b *inbox, url string, embedded bool)) {
	t.Run("mosquitto", func(t *testing.T) {
		m := gatewaytest.Mosquitto(t)
		b := &inbox{}
		startClient(t, m.URL, b, nil)
		test(t, b, m.URL, false)
	})
	t.Run("embedded", func(t *testing.T) {
		b := &inbox{}
		s, _ := startBroker(t, b, nil)
		test(t, b, "tcp://"+s.Addr(), true)
	})
}

// publisher connects a device or bridge as most do: MQTT 3.1.1, durable.
func publisher(t testing.TB, url, id string, change func(*paho.ClientOptions)) paho.Client {
	t.Helper()
	o := paho.NewClientOptions().AddBroker(url).SetClientID(id).SetProtocolVersion(4).SetCleanSession(false).
		SetConnectTimeout(5 * time.Second).SetMaxReconnectInterval(100 * time.Millisecond)
	if change != nil {
		change(o)
	}
	c := paho.NewClient(o)
	sent(t, c.Connect())
	t.Cleanup(func() { c.Disconnect(100) })
	return c
}

func sent(t testing.TB, token paho.Token) {
	t.Helper()
	if err := paho.WaitTokenTimeout(token, 20*time.Second); err != nil {
		t.Fatal(err)
	}
}

const press = `{"action":"emergency","battery":100,"linkquality":90}`

func TestPressIsHeardAndAnswered(t *testing.T) {
	both(t, func(t *testing.T, b *inbox, url string, embedded bool) {
		p := publisher(t, url, "z2m", nil)
		token := p.Publish("zigbee2mqtt/Wohnung 3/Bad/Notruf", 1, false, press)
		eventually(t, "the press", func() bool { return len(b.all()) == 1 })
		f := b.all()[0]
		if f.Source != "house" || f.Format != FormatZigbee2MQTT || f.Message.Device != "Wohnung 3/Bad/Notruf" || f.Err != nil ||
			len(f.Message.Events) != 1 || string(f.Raw) != press || f.Unanswered || f.Session == "" || f.Packet == 0 || f.Dup || f.Retained {
			t.Errorf("%+v", f)
		}
		if embedded && token.WaitTimeout(50*time.Millisecond) {
			t.Error("answered before its frame was")
		}
		b.answerAll(nil)
		sent(t, token)

		sent(t, p.Publish("zigbee2mqtt/x", 0, false, press))
		eventually(t, "the second", func() bool { return len(b.all()) == 2 })
		if f := b.all()[1]; !f.Unanswered || f.Session != "" {
			t.Errorf("QoS 0: %+v", f)
		}
		b.answerAll(nil)

		sent2 := p.Publish("telecare/ward/p-12/event", 2, false, `{"events":[{"kind":"panic","ref":"1"}]}`)
		eventually(t, "the third", func() bool { return len(b.all()) == 3 })
		if embedded && sent2.WaitTimeout(50*time.Millisecond) {
			t.Error("QoS 2 answered before its frame was")
		}
		if f := b.all()[2]; f.Unanswered || f.Format != FormatTelecare || f.Message.Device != "p-12" {
			t.Errorf("QoS 2: %+v", f)
		}
		b.answerAll(nil)
		sent(t, sent2)
	})
}

// TestThousandsUnanswered withholds every answer: all are heard, none waits
// behind another, and they are answered in the end.
func TestThousandsUnanswered(t *testing.T) {
	both(t, func(t *testing.T, b *inbox, url string, embedded bool) {
		const each, bridges = 1500, 2
		var tokens []paho.Token
		for i := range bridges {
			p := publisher(t, url, fmt.Sprintf("z2m-%d", i), nil)
			for n := range each {
				tokens = append(tokens, p.Publish(fmt.Sprintf("zigbee2mqtt/b%d-%d", i, n), 1, false, press))
			}
		}
		eventually(t, "all of them", func() bool { return len(b.all()) == each*bridges })
		next := map[string]int{}
		for _, f := range b.all() {
			var i, n int
			if _, err := fmt.Sscanf(f.Message.Device, "b%d-%d", &i, &n); err != nil {
				t.Fatal(err)
			}
			if key := fmt.Sprint(i); next[key] != n {
				t.Fatalf("bridge %d: %d came when %d was due", i, n, next[key])
			} else {
				next[key]++
			}
		}
		if embedded {
			for _, token := range tokens {
				if token.WaitTimeout(0) {
					t.Fatal("answered before its frame was")
				}
			}
		}
		b.answerAll(nil)
		for _, token := range tokens {
			sent(t, token)
		}
		if got := len(b.all()); got != each*bridges {
			t.Errorf("%d frames after the answers, want %d: something came twice", got, each*bridges)
		}
	})
}

// TestLeftUnansweredComesAgain refuses a press twice, as a gateway with a full
// disk does: it comes again as a repetition, in the same session with the same
// identifier, and the ones behind it are not lost.
func TestLeftUnansweredComesAgain(t *testing.T) {
	both(t, func(t *testing.T, b *inbox, url string, embedded bool) {
		full := errors.New("disk full")
		b.set(func(f devices.Frame) error {
			if f.Message.Device == "refused" && len(b.from("refused")) <= 2 {
				return full
			}
			return nil
		})
		p := publisher(t, url, "z2m", nil)
		var tokens []paho.Token
		for _, name := range []string{"before", "refused", "behind"} {
			tokens = append(tokens, p.Publish("zigbee2mqtt/"+name, 1, false, press))
		}
		for _, token := range tokens {
			sent(t, token)
		}
		eventually(t, "the third try", func() bool { return len(b.from("refused")) >= 3 })
		first := b.from("refused")[0]
		for i, f := range b.from("refused") {
			if f.Session != first.Session || f.Packet != first.Packet || f.Dup != (i > 0) {
				t.Errorf("try %d: session %q packet %d dup %v, first was %q %d", i, f.Session, f.Packet, f.Dup, first.Session, first.Packet)
			}
		}
		eventually(t, "the one behind it, again", func() bool { return len(b.from("behind")) >= 2 })
		if n := len(b.from("before")); n != 1 {
			t.Errorf("the answered one came %d times", n)
		}
	})
}

// TestHostileMessagesDisturbNobody sends what no device should, among presses.
func TestHostileMessagesDisturbNobody(t *testing.T) {
	both(t, func(t *testing.T, b *inbox, url string, embedded bool) {
		b.set(yes)
		bad := publisher(t, url, "stranger", nil)
		good := publisher(t, url, "z2m", nil)
		hostile := []struct{ topic, payload, err string }{
			{"zigbee2mqtt/bad", `{"action":`, "malformed"},
			{"zigbee2mqtt/bad", "\xff\xfe\x00", "UTF-8"},
			{"zigbee2mqtt/bad", strings.Repeat("x", 1<<20), "not a JSON object"},
			{"zigbee2mqtt/bad", strings.Repeat("x", 1<<20+1), "over the limit"},
			{"zigbee2mqtt/" + strings.Repeat("long/", 60), `{}`, "over the limit"},
			{"zigbee2mqtt//", `{}`, "no device"},
			{"telecare/ward/bad/event", `{"events":[{"kind":"fire"}]}`, "unknown kind"},
		}
		if embedded {
			hostile = append(hostile, struct{ topic, payload, err string }{"somewhere/else", "1", "no known format"})
		}
		for i, h := range hostile {
			sent(t, bad.Publish(h.topic, 1, false, h.payload))
			sent(t, good.Publish(fmt.Sprintf("zigbee2mqtt/good-%d", i), 1, false, press))
		}
		for i, h := range hostile {
			eventually(t, "the neighbour's press", func() bool { return len(b.from(fmt.Sprintf("good-%d", i))) == 1 })
			if !slices.ContainsFunc(b.all(), func(f devices.Frame) bool {
				return f.Err != nil && strings.Contains(f.Err.Error(), h.err) && f.Topic == h.topic && string(f.Raw) == h.payload
			}) {
				t.Errorf("no frame with the error %q", h.err)
			}
		}
	})
}

// TestRunLeavesNothingBehind ends each source with answers withheld.
func TestRunLeavesNothingBehind(t *testing.T) {
	m := gatewaytest.Mosquitto(t)
	before := runtime.NumGoroutine()
	for range 3 {
		b := &inbox{}
		_, stopClient := startClient(t, m.URL, b, func(c *ClientConfig) { c.WillTopic = "telecare/ward/gateway" })
		s, stopBroker := startBroker(t, b, nil)
		for _, url := range []string{m.URL, "tcp://" + s.Addr()} {
			n := len(b.all())
			p := publisher(t, url, "z2m", func(o *paho.ClientOptions) { o.SetAutoReconnect(false) })
			p.Publish("zigbee2mqtt/x", 1, false, press)
			eventually(t, "the press", func() bool { return len(b.all()) > n })
			p.Disconnect(100)
		}
		stopClient()
		stopBroker()
		b.answerAll(nil) // too late, and harmless
	}
	eventually(t, "as many goroutines as before", func() bool { return runtime.NumGoroutine() <= before })
}

// TestPublisherSurvivesOurRestart is the embedded broker's promise: what it did
// not answer, the device sends again.
func TestPublisherSurvivesOurRestart(t *testing.T) {
	b := &inbox{}
	addr := gatewaytest.FreePort(t)
	at := func(c *BrokerConfig) { c.Listen = addr }
	_, stop := startBroker(t, b, at)
	p := publisher(t, "tcp://"+addr, "z2m", nil)
	for range 100 {
		p.Publish("zigbee2mqtt/x", 1, false, press)
	}
	eventually(t, "all", func() bool { return len(b.all()) == 100 })
	stop()
	b.set(yes)
	startBroker(t, b, at)
	eventually(t, "all again", func() bool { return len(b.all()) == 200 })
	fs, known := b.all(), map[string]bool{}
	for _, f := range fs[:100] {
		known[fmt.Sprint(f.Session, f.Packet)] = true
	}
	for _, f := range fs[100:] {
		if id := fmt.Sprint(f.Session, f.Packet); !known[id] || !f.Dup {
			t.Fatalf("packet %s, dup %v, is none of the first", id, f.Dup)
		} else {
			delete(known, id)
		}
	}
}
