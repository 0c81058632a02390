package gateway

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"telecare/alerting"
	"telecare/devices"
	"telecare/devices/mqtt"
	"telecare/gateway/gatewaytest"
	"telecare/gateway/influx"
	"telecare/gateway/journal"
)

// slowly delays a store's commits, each by its turn's share of most, so that
// the two lanes keep overtaking each other.
type slowly struct {
	most time.Duration
	turn int
}

func (s *slowly) wait() {
	s.turn++
	<-time.After(s.most * time.Duration(s.turn*7%10) / 10)
}

type slowJournal struct {
	slowly
	*journal.Journal
}

func (j *slowJournal) Append(ctx context.Context, recs []alerting.Record) error {
	j.wait()
	return j.Journal.Append(ctx, recs)
}

type slowSpool struct {
	slowly
	*influx.Spool
}

func (s *slowSpool) Append(ctx context.Context, samples []devices.Sample, closed []alerting.Alarm) error {
	s.wait()
	return s.Spool.Append(ctx, samples, closed)
}

// realHouse is a gateway with its real stores and a source that is given.
type realHouse struct {
	t     *testing.T
	g     *Gateway
	board *board
	count *counter
	start func()

	handed atomic.Int64 // frames that the sources have handed over
}

func (h *realHouse) handle(f devices.Frame, answer func(error)) {
	h.g.Handle(f, answer)
	h.handed.Add(1)
}

// counter is a Meter that counts.
type counter struct {
	noMeter
	mu sync.Mutex
	n  map[string]float64
}

func (c *counter) Count(name, _ string, n float64) { c.mu.Lock(); defer c.mu.Unlock(); c.n[name] += n }
func (c *counter) get(name string) float64         { c.mu.Lock(); defer c.mu.Unlock(); return c.n[name] }

func newRealHouse(t *testing.T, pendants int) *realHouse {
	t.Helper()
	n := newNight(t)
	h := &realHouse{t: t, board: n.board, count: &counter{n: map[string]float64{}}}
	for i := range pendants {
		id := devices.ID(fmt.Sprintf("d-own%d", i))
		n.site.Devices[devices.Address(fmt.Sprintf("telecare/own%d", i))] = Device{ID: id, Role: devices.Panic}
		n.site.Plan.Devices[id] = alerting.Device{Place: "p-7"}
	}
	dir := t.TempDir()
	j, err := journal.Open(t.Context(), filepath.Join(dir, "journal.db"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := influx.OpenSpool(t.Context(), filepath.Join(dir, "spool.db"), "lipowa", 1<<30, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	h.g = New(Options{
		Site: n.site, Journal: &slowJournal{slowly{most: 20 * time.Millisecond}, j}, History: j,
		Readings:  &slowSpool{slowly{most: 60 * time.Millisecond}, s},
		Notifiers: map[alerting.ChannelID]Notifier{"phone": n.marta, "screen": n.centre}, Publishers: []Publisher{n.board},
		Meter: h.count, Log: slog.New(slog.DiscardHandler),
	})
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	h.start = func() { h.run(task{h.g}) }
	return h
}

// task makes a Task of the gateway.
type task struct{ *Gateway }

// run runs a task until the test ends, those that were started last ending
// first.
func (h *realHouse) run(task Task) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- task.Run(ctx) }()
	h.t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			h.t.Errorf("%s ended with %v", task, err)
		}
	})
}

func (h *realHouse) eventually(what string, is func() bool) {
	h.t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for !is() {
		if time.Now().After(deadline) {
			h.t.Fatalf("not within a minute: %s", what)
		}
		<-time.After(2 * time.Millisecond)
	}
}

// wire is an MQTT 3.1.1 client that connects once, never repeats anything, and
// waits for its answers for ever.
type wire struct {
	t testing.TB
	net.Conn
	in *bufio.Reader
}

func dialWire(t testing.TB, address string) *wire {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(address, "tcp://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	w := &wire{t, conn, bufio.NewReader(conn)}
	w.send(0x10, append(text("MQTT"), append([]byte{4, 2, 0, 0}, text("wire")...)...)) // clean, no keep-alive
	if kind, body, err := packet(w.in); err != nil || kind != 0x20 || body[1] != 0 {
		t.Fatalf("connect: % x % x, %v", kind, body, err)
	}
	return w
}

func text(s string) []byte { return append(binary.BigEndian.AppendUint16(nil, uint16(len(s))), s...) }

func (w *wire) send(kind byte, body []byte) {
	w.t.Helper()
	if _, err := w.Write(append(binary.AppendUvarint([]byte{kind}, uint64(len(body))), body...)); err != nil {
		w.t.Fatal(err)
	}
}

// publish publishes at QoS 1, or at QoS 0 when id is 0.
func (w *wire) publish(id uint16, topic, payload string) {
	w.t.Helper()
	if id == 0 {
		w.send(0x30, append(text(topic), payload...))
		return
	}
	w.send(0x32, append(binary.BigEndian.AppendUint16(text(topic), id), payload...))
}

// packet reads one packet.
func packet(r *bufio.Reader) (kind byte, body []byte, err error) {
	if kind, err = r.ReadByte(); err != nil {
		return 0, nil, err
	}
	n, err := binary.ReadUvarint(r) // the same as MQTT's (3.1.1, section 2.2.3)
	if err != nil {
		return 0, nil, err
	}
	body = make([]byte, n)
	_, err = io.ReadFull(r, body)
	return kind, body, err
}

// flood publishes presses, readings and frames with both.
func (w *wire) flood(messages, pendants int) {
	for i := range messages {
		name := fmt.Sprintf("own%d", i%pendants)
		switch i % 3 {
		case 0:
			w.publish(uint16(i+1), "telecare/lipowa/"+name+"/event", fmt.Sprintf(`{"events":[{"kind":"button","ref":"%d"}]}`, i))
		case 1:
			w.publish(uint16(i+1), "telecare/lipowa/"+name+"/reading", fmt.Sprintf(`{"readings":[{"quantity":"battery","value":%d,"unit":"%%"}]}`, i%100))
		default:
			w.publish(uint16(i+1), "zigbee2mqtt/pendant 7", fmt.Sprintf(`{"action":"single","battery":%d,"linkquality":90}`, i%100))
		}
	}
}

// TestAnswersInOrderOfArrival has thousands of messages in flight on one
// connection, then disks that turn at different speeds. All are answered, in
// the order of arrival, on that connection. Only behind a broker elsewhere may
// a message be overtaken, when it has waited for a second.
func TestAnswersInOrderOfArrival(t *testing.T) {
	const pendants = 300
	t.Run("embedded", func(t *testing.T) {
		const messages = 4000
		h := newRealHouse(t, pendants)
		b := mqtt.NewBroker(mqtt.BrokerConfig{Name: "own", Listen: "127.0.0.1:0", AllowAnonymous: true}, h.handle, slog.New(slog.DiscardHandler))
		h.run(b)
		h.eventually("it listens", func() bool { return b.Ready() == nil })
		w := dialWire(t, b.Addr())
		done := make(chan error, 1)
		var first time.Time
		go func() {
			for want := range messages {
				kind, body, err := packet(w.in)
				if err != nil || kind != 0x40 || binary.BigEndian.Uint16(body) != uint16(want+1) {
					done <- fmt.Errorf("answer %d is % x % x, %w", want+1, kind, body, err)
					return
				}
				if want == 0 {
					first = time.Now()
				}
			}
			done <- nil
		}()
		w.flood(messages, pendants)
		h.eventually("all are heard", func() bool { return h.handed.Load() == messages })
		heard := time.Now()
		h.start()
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
		case <-time.After(time.Minute):
			t.Fatal("not all are answered within a minute")
		}
		if first.Before(heard) {
			t.Error("a message was answered before it was on disk")
		}
		t.Logf("%d in flight, answered in order within %s", messages, time.Since(heard))
	})
	t.Run("mosquitto", func(t *testing.T) {
		const messages = 3000
		m := gatewaytest.Mosquitto(t)
		tap := newTap(t, strings.TrimPrefix(m.URL, "tcp://"))
		h := newRealHouse(t, pendants)
		c := mqtt.NewClient(mqtt.ClientConfig{Name: "house", URL: "tcp://" + tap.Addr().String()}, h.handle, slog.New(slog.DiscardHandler))
		h.start()
		h.run(c)
		h.eventually("connected", func() bool { return c.Ready() == nil })
		w := dialWire(t, m.URL)
		go io.Copy(io.Discard, w.in)
		w.flood(messages, pendants)
		h.eventually("all are answered", func() bool { return len(tap.seen().answered) >= messages })
		seen := tap.seen()
		if seen.connections != 1 || len(seen.came) != messages {
			t.Errorf("%d messages came on %d connections, want %d on one", len(seen.came), seen.connections, messages)
		}
		overtaken := 0
		for _, answered := range seen.answered {
			for seen.came[0].at.IsZero() { // overtaken, and answered meanwhile
				seen.came = seen.came[1:]
			}
			for i, m := range seen.came {
				if m.id == answered.id {
					seen.came[i].at = time.Time{}
					break
				}
				if waited := answered.at.Sub(m.at); !m.at.IsZero() && waited < 900*time.Millisecond {
					t.Fatalf("message %d, which had waited for %s, is overtaken by %d", m.id, waited, answered.id)
				}
				overtaken++
			}
		}
		t.Logf("%d in flight at most, %d times overtaken", seen.most, overtaken)
	})
}

// tap is a wire tap between the gateway and its broker.
type tap struct {
	net.Listener
	mu   sync.Mutex
	sees tapped
}

type tapped struct {
	connections    int
	came, answered []passed // at QoS 1
	most           int      // in flight
}

type passed struct {
	id uint16
	at time.Time
}

func newTap(t *testing.T, broker string) *tap {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &tap{Listener: l}
	var tasks sync.WaitGroup
	t.Cleanup(func() { l.Close(); tasks.Wait() })
	tasks.Go(func() {
		for {
			gateway, err := l.Accept()
			if err != nil {
				return
			}
			up, err := net.Dial("tcp", broker)
			if err != nil {
				gateway.Close()
				continue
			}
			p.mu.Lock()
			p.sees.connections++
			p.mu.Unlock()
			tasks.Go(func() { p.copy(gateway, up) })
			tasks.Go(func() { p.copy(up, gateway) })
		}
	})
	return p
}

// copy hands packets on and notes publishes at QoS 1 and their answers.
func (p *tap) copy(to, from net.Conn) {
	defer to.Close()
	in := bufio.NewReader(from)
	for {
		kind, body, err := packet(in)
		if err != nil {
			return
		}
		p.mu.Lock()
		switch {
		case kind&0xf6 == 0x32: // a publish at QoS 1, first or again
			at := 2 + int(binary.BigEndian.Uint16(body))
			p.sees.came = append(p.sees.came, passed{binary.BigEndian.Uint16(body[at:]), time.Now()})
		case kind == 0x40:
			p.sees.answered = append(p.sees.answered, passed{binary.BigEndian.Uint16(body), time.Now()})
		}
		p.sees.most = max(p.sees.most, len(p.sees.came)-len(p.sees.answered))
		p.mu.Unlock()
		if _, err := to.Write(append(binary.AppendUvarint([]byte{kind}, uint64(len(body))), body...)); err != nil {
			return
		}
	}
}

func (p *tap) seen() tapped {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.sees
	s.came = slices.Clone(s.came)
	return s
}

// TestQoS0IsAFault: a device that publishes at QoS 0 is heard and named, until
// it does so no more. A broker hands on the lower of what was published and
// what was subscribed to; we subscribe at QoS 1.
func TestQoS0IsAFault(t *testing.T) {
	test := func(t *testing.T, h *realHouse, w *wire) {
		h.start()
		go io.Copy(io.Discard, w.in)
		fault := func(what string, want bool) {
			t.Helper()
			h.eventually(what, func() bool { return h.board.fault("not_guaranteed d-1") == want })
		}
		w.publish(0, "zigbee2mqtt/pendant 7/availability", `{"state":"online"}`)
		w.publish(1, "zigbee2mqtt/pendant 7", `{"battery":80}`)
		h.eventually("both are heard", func() bool { return h.count.get("telecare_frames_total") == 2 })
		w.publish(0, "zigbee2mqtt/pendant 7", `{"action":"single","battery":80}`)
		fault("a press at QoS 0", true)
		if n := len(h.board.open()); n != 1 {
			t.Errorf("the press has raised %d alarms, want 1", n)
		}
		w.publish(2, "zigbee2mqtt/pendant 7", `{"action":"single","battery":80}`)
		fault("at QoS 1 again", false)
		w.publish(0, "zigbee2mqtt/pendant 7", `{"battery":79}`)
		fault("a reading at QoS 0", true)
	}
	t.Run("embedded", func(t *testing.T) {
		h := newRealHouse(t, 0)
		b := mqtt.NewBroker(mqtt.BrokerConfig{Name: "own", Listen: "127.0.0.1:0", AllowAnonymous: true}, h.handle, slog.New(slog.DiscardHandler))
		h.run(b)
		h.eventually("it listens", func() bool { return b.Ready() == nil })
		test(t, h, dialWire(t, b.Addr()))
	})
	t.Run("mosquitto", func(t *testing.T) {
		m := gatewaytest.Mosquitto(t)
		h := newRealHouse(t, 0)
		c := mqtt.NewClient(mqtt.ClientConfig{Name: "house", URL: m.URL}, h.handle, slog.New(slog.DiscardHandler))
		h.run(c)
		h.eventually("connected", func() bool { return c.Ready() == nil })
		test(t, h, dialWire(t, m.URL))
	})
}

// TestNotGuaranteedByTopic: two topics of one device, a will, what was kept, a
// serial line.
func TestNotGuaranteedByTopic(t *testing.T) {
	n := newNight(t)
	g := New(Options{Site: n.site, Journal: n.disk, History: n.disk, Meter: noMeter{}, Publishers: []Publisher{n.board}})
	g.machine = alerting.New()
	g.clock.start(time.Time{}, 0)
	button := devices.Message{Events: []devices.Event{{Kind: devices.Button}}}
	offline := devices.Message{Events: []devices.Event{{Kind: devices.Offline}}}
	dev := n.site.Devices["zigbee2mqtt/pendant 7"]
	for i, c := range []struct {
		f    devices.Frame
		want bool
	}{
		{devices.Frame{Topic: "", Unanswered: true, Message: button}, false},
		{devices.Frame{Topic: "a", Unanswered: true, Retained: true, Message: button}, false},
		{devices.Frame{Topic: "a", Unanswered: true, Message: offline}, false},
		{devices.Frame{Topic: "a", Unanswered: true, Message: button}, true},
		{devices.Frame{Topic: "b", Unanswered: true, Message: button}, true},
		{devices.Frame{Topic: "a", Session: "s", Packet: 1, Message: button}, true},
		{devices.Frame{Topic: "b", Session: "s", Packet: 2, Message: button}, false},
	} {
		g.guarantee(&c.f, dev)
		if got := g.machine.FaultOn(alerting.NotGuaranteed, "d-1"); got != c.want {
			t.Errorf("after frame %d: fault %t, want %t", i, got, c.want)
		}
	}
}
