package mqtt

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"telecare/devices"
	"telecare/devices/devicetest"
	"telecare/gateway/gatewaytest"

	paho "github.com/eclipse/paho.mqtt.golang"
	"github.com/mochi-mqtt/server/v2/packets"
	"golang.org/x/crypto/bcrypt"
)

// A wire is a client made of bare packets, of MQTT 3.1.1 or 5.
type wire struct {
	t       testing.TB
	conn    net.Conn
	r       *bufio.Reader
	version byte
}

func dialWire(t testing.TB, addr string, version byte) *wire {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return &wire{t, conn, bufio.NewReader(conn), version}
}

func (w *wire) connect(id string) {
	w.t.Helper()
	pk := packets.Packet{FixedHeader: packets.FixedHeader{Type: packets.Connect}, ProtocolVersion: w.version,
		Connect: packets.ConnectParams{ProtocolName: []byte("MQTT"), ClientIdentifier: id, Keepalive: 60, Clean: true}}
	var b bytes.Buffer
	if err := pk.ConnectEncode(&b); err != nil {
		w.t.Fatal(err)
	}
	w.write(b.Bytes())
	if kind, _ := w.read(); kind != packets.Connack {
		w.t.Fatalf("packet %d instead of CONNACK", kind)
	}
}

func (w *wire) publish(id uint16, qos byte, topic, payload string) {
	w.t.Helper()
	pk := packets.Packet{FixedHeader: packets.FixedHeader{Type: packets.Publish, Qos: qos}, ProtocolVersion: w.version,
		PacketID: id, TopicName: topic, Payload: []byte(payload)}
	var b bytes.Buffer
	if err := pk.PublishEncode(&b); err != nil {
		w.t.Fatal(err)
	}
	w.write(b.Bytes())
}

func (w *wire) pubrel(id uint16) {
	w.write([]byte{packets.Pubrel<<4 | 2, 2, byte(id >> 8), byte(id)})
}

func (w *wire) write(b []byte) {
	w.t.Helper()
	if _, err := w.conn.Write(b); err != nil {
		w.t.Fatal(err)
	}
}

// read gives the next packet's kind and, for an answer, its identifier.
func (w *wire) read() (kind byte, id uint16) {
	w.t.Helper()
	first, err := w.r.ReadByte()
	if err != nil {
		w.t.Fatal(err)
	}
	n, _, err := packets.DecodeLength(w.r)
	if err != nil {
		w.t.Fatal(err)
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(w.r, body); err != nil {
		w.t.Fatal(err)
	}
	if len(body) >= 2 {
		id = uint16(body[0])<<8 | uint16(body[1])
	}
	return first >> 4, id
}

// TestBrokerAnswersInOrder looks at the bytes: many more messages unanswered
// than a stock broker lets be in flight, decided in any order, answered in the
// order of arrival; QoS 2 keeps its own handshake among them.
func TestBrokerAnswersInOrder(t *testing.T) {
	for _, version := range []byte{4, 5} {
		t.Run(fmt.Sprintf("version %d", version), func(t *testing.T) {
			const n = 5000
			b := &inbox{}
			s, _ := startBroker(t, b, nil)
			w := dialWire(t, s.Addr(), version)
			w.connect("bridge")
			for i := 1; i <= n; i++ {
				w.publish(uint16(i), byte(1+i%100/99), fmt.Sprintf("zigbee2mqtt/%d", i), press)
			}
			eventually(t, "all", func() bool { return len(b.all()) == n })
			go b.answerAll(nil)
			var rel int
			for i := 1; i <= n; {
				kind, id := w.read()
				switch {
				case kind == packets.Pubcomp:
					rel--
					continue
				case i%100 == 99 && kind == packets.Pubrec && id == uint16(i):
					w.pubrel(id)
					rel++
				case i%100 != 99 && kind == packets.Puback && id == uint16(i):
				default:
					t.Fatalf("packet %d for %d where %d was due", kind, id, i)
				}
				i++
			}
			for ; rel > 0; rel-- {
				if kind, _ := w.read(); kind != packets.Pubcomp {
					t.Fatalf("packet %d instead of PUBCOMP", kind)
				}
			}
		})
	}
}

// TestClientAnswersInOrder puts an ear between the client and a real broker.
func TestClientAnswersInOrder(t *testing.T) {
	m := gatewaytest.Mosquitto(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var mu sync.Mutex
	var acks []uint16
	go func() {
		us, err := l.Accept()
		if err != nil {
			return
		}
		defer us.Close()
		them, err := net.Dial("tcp", strings.TrimPrefix(m.URL, "tcp://"))
		if err != nil {
			return
		}
		defer them.Close()
		go io.Copy(us, them)
		r := bufio.NewReader(io.TeeReader(us, them))
		for {
			first, err := r.ReadByte()
			if err != nil {
				return
			}
			n, _, err := packets.DecodeLength(r)
			if err != nil {
				return
			}
			body := make([]byte, n)
			if _, err := io.ReadFull(r, body); err != nil {
				return
			}
			if first>>4 == packets.Puback {
				mu.Lock()
				acks = append(acks, uint16(body[0])<<8|uint16(body[1]))
				mu.Unlock()
			}
		}
	}()
	b := &inbox{}
	c := NewClient(ClientConfig{Name: "house", URL: "tcp://" + l.Addr().String(), ClientID: "gateway"}, b.handle, quiet)
	c.overtake = 0 // all answers are withheld for as long as it takes here
	run(t, c)
	ready(t, c)
	const n = 2000
	p := publisher(t, m.URL, "z2m", nil)
	for i := range n {
		p.Publish(fmt.Sprintf("zigbee2mqtt/%d", i), 1, false, press)
	}
	eventually(t, "all", func() bool { return len(b.all()) == n })
	b.answerAll(nil)
	count := func() int { mu.Lock(); defer mu.Unlock(); return len(acks) }
	eventually(t, "all answers", func() bool { return count() == n })
	for i, f := range b.all() {
		if acks[i] != f.Packet {
			t.Fatalf("answer %d is for %d, where %d was due", i, acks[i], f.Packet)
		}
	}
}

func TestBrokerPassesOn(t *testing.T) {
	b := &inbox{}
	s, _ := startBroker(t, b, nil)
	url := "tcp://" + s.Addr()
	var mu sync.Mutex
	var heard []string
	hear := func(_ paho.Client, m paho.Message) {
		mu.Lock()
		defer mu.Unlock()
		heard = append(heard, fmt.Sprintf("%s=%s q%d r%v", m.Topic(), m.Payload(), m.Qos(), m.Retained()))
	}
	sawAll := func(want ...string) {
		t.Helper()
		eventually(t, strings.Join(want, ", "), func() bool {
			mu.Lock()
			defer mu.Unlock()
			return slices.Equal(heard, want)
		})
		mu.Lock()
		heard = nil
		mu.Unlock()
	}
	watcher := publisher(t, url, "watcher", nil)
	sent(t, watcher.Subscribe("#", 2, hear))
	p := publisher(t, url, "z2m", nil)
	token := p.Publish("zigbee2mqtt/bridge/state", 1, true, "online")
	eventually(t, "the frame", func() bool { return len(b.all()) == 1 })
	if f := b.all()[0]; f.Retained {
		t.Error("a message that asks to be retained is said now")
	}
	sent(t, p.Publish("zigbee2mqtt/x", 0, false, "{}")) // waits for nobody
	sawAll("zigbee2mqtt/x={} q0 rfalse")
	b.answerAll(nil)
	sent(t, token)
	sawAll("zigbee2mqtt/bridge/state=online q1 rfalse")
	b.set(yes)
	sent(t, p.Publish("zigbee2mqtt/y", 2, false, "{}"))
	sawAll("zigbee2mqtt/y={} q2 rfalse")
	if err := s.Publish("telecare/ward/alarm/a-1", []byte("raised"), true); err != nil {
		t.Fatal(err)
	}
	sawAll("telecare/ward/alarm/a-1=raised q1 rfalse")
	for _, f := range b.all() {
		if strings.Contains(f.Topic, "alarm") {
			t.Error("we hear ourselves")
		}
	}
	late := publisher(t, url, "late", nil)
	sent(t, late.Subscribe("telecare/#", 1, hear))
	sawAll("telecare/ward/alarm/a-1=raised q1 rtrue")

	// Nobody else speaks in our name, at once or as a will.
	forger := publisher(t, url, "forger", func(o *paho.ClientOptions) { o.SetAutoReconnect(false) })
	forger.Publish("telecare/ward/alarm/a-1", 1, true, "closed")
	eventually(t, "the forger is thrown out", func() bool { return !forger.IsConnectionOpen() })
	will := paho.NewClient(paho.NewClientOptions().AddBroker(url).SetProtocolVersion(4).SetClientID("w").SetWill("telecare/ward/alarm/a-1", "closed", 1, true))
	if err := paho.WaitTokenTimeout(will.Connect(), 10*time.Second); err == nil {
		t.Error("a will in our name was accepted")
	}
	if err := s.Publish("telecare/ward/alarm/a-1", []byte("last"), false); err != nil {
		t.Fatal(err)
	}
	eventually(t, "nothing but ours", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(heard) == 2 && !strings.Contains(strings.Join(heard, " "), "closed")
	})
}

// TestBrokerKnowsUs: the gateway's own client may speak in its name, also by its
// will, and is no device.
func TestBrokerKnowsUs(t *testing.T) {
	hash, err := bcrypt.GenerateFromPassword([]byte("ours"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	b := &inbox{}
	b.set(yes)
	s, _ := startBroker(t, b, func(c *BrokerConfig) {
		c.AllowAnonymous, c.Users, c.Ours = true, map[string]string{"telecare": string(hash)}, "telecare"
	})
	url := "tcp://" + s.Addr()
	var mu sync.Mutex
	var heard []string
	watcher := publisher(t, url, "watcher", nil)
	sent(t, watcher.Subscribe("telecare/#", 1, func(_ paho.Client, m paho.Message) {
		mu.Lock()
		defer mu.Unlock()
		heard = append(heard, m.Topic()+"="+string(m.Payload()))
	}))
	saw := func(want ...string) {
		t.Helper()
		eventually(t, strings.Join(want, ", "), func() bool {
			mu.Lock()
			defer mu.Unlock()
			return slices.Equal(heard, want)
		})
	}
	us := dialWire(t, s.Addr(), 4)
	pk := packets.Packet{FixedHeader: packets.FixedHeader{Type: packets.Connect}, ProtocolVersion: 4, Connect: packets.ConnectParams{
		ProtocolName: []byte("MQTT"), ClientIdentifier: "us", Keepalive: 60, Clean: true,
		UsernameFlag: true, Username: []byte("telecare"), PasswordFlag: true, Password: []byte("ours"),
		WillFlag: true, WillTopic: "telecare/ward/gateway", WillPayload: []byte("offline"), WillQos: 1, WillRetain: true}}
	var buf bytes.Buffer
	if err := pk.ConnectEncode(&buf); err != nil {
		t.Fatal(err)
	}
	us.write(buf.Bytes())
	if kind, _ := us.read(); kind != packets.Connack {
		t.Fatalf("packet %d instead of CONNACK", kind)
	}
	p := publisher(t, url, "alarms", func(o *paho.ClientOptions) { o.SetUsername("telecare").SetPassword("ours") })
	sent(t, p.Publish("telecare/ward/gateway", 1, true, "online"))
	sent(t, p.Publish("telecare/ward/alarm/a-1", 1, true, "raised"))
	saw("telecare/ward/gateway=online", "telecare/ward/alarm/a-1=raised")
	us.conn.Close()
	saw("telecare/ward/gateway=online", "telecare/ward/alarm/a-1=raised", "telecare/ward/gateway=offline")
	if n := len(b.all()); n != 0 {
		t.Errorf("%d frames of our own", n)
	}
}

// TestBrokerHearsAWill lets a bridge vanish without a farewell.
func TestBrokerHearsAWill(t *testing.T) {
	b := &inbox{}
	b.set(yes)
	s, stop := startBroker(t, b, nil)
	z := devicetest.NewZigbee(devicetest.ZigbeeConfig{URL: "tcp://" + s.Addr()})
	if err := z.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	gone := dialWire(t, s.Addr(), 4)
	pk := packets.Packet{FixedHeader: packets.FixedHeader{Type: packets.Connect}, ProtocolVersion: 4, Connect: packets.ConnectParams{
		ProtocolName: []byte("MQTT"), ClientIdentifier: "gone", Keepalive: 60, Clean: true,
		WillFlag: true, WillTopic: "zigbee2mqtt/bridge/state", WillPayload: []byte(`{"state":"offline"}`), WillQos: 1, WillRetain: true}}
	var buf bytes.Buffer
	if err := pk.ConnectEncode(&buf); err != nil {
		t.Fatal(err)
	}
	gone.write(buf.Bytes())
	gone.read()
	gone.conn.Close()
	offline := func() int {
		n := 0
		for _, f := range b.from("bridge") {
			if len(f.Message.Events) == 1 && f.Message.Events[0].Kind == devices.Offline {
				n++
			}
		}
		return n
	}
	eventually(t, "the will", func() bool { return offline() == 1 })
	stop() // our own end says nothing about the bridge that is still there
	if n := offline(); n != 1 {
		t.Errorf("%d times offline", n)
	}
}

func TestBrokerLetsInWhoMay(t *testing.T) {
	hash, err := bcrypt.GenerateFromPassword([]byte("right"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		anonymous      bool
		user, password string
		want           bool
	}{
		"right":                {false, "z2m", "right", true},
		"wrong":                {false, "z2m", "wrong", false},
		"no password":          {false, "z2m", "", false},
		"unknown":              {false, "ghost", "right", false},
		"nobody":               {false, "", "", false},
		"anonymous":            {true, "", "", true},
		"wrong, not anonymous": {true, "z2m", "wrong", false},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := startBroker(t, &inbox{}, func(b *BrokerConfig) {
				b.AllowAnonymous, b.Users = c.anonymous, map[string]string{"z2m": string(hash)}
			})
			for range 2 { // the second time from memory
				p := paho.NewClient(paho.NewClientOptions().AddBroker("tcp://" + s.Addr()).SetProtocolVersion(4).SetClientID("x").SetUsername(c.user).SetPassword(c.password))
				err := paho.WaitTokenTimeout(p.Connect(), 10*time.Second)
				if (err == nil) != c.want {
					t.Errorf("connect: %v", err)
				}
				p.Disconnect(50)
			}
		})
	}
}

// TestBrokerOutlivesStrangers keeps listening and answering beside those who
// speak no MQTT, too much of it, or nothing at all, and ends while they stay.
func TestBrokerOutlivesStrangers(t *testing.T) {
	b := &inbox{}
	b.set(yes)
	s, stop := startBroker(t, b, nil)
	dialWire(t, s.Addr(), 4) // says nothing
	dialWire(t, s.Addr(), 4).write([]byte("GET / HTTP/1.1\r\n\r\n"))
	huge := dialWire(t, s.Addr(), 4)
	huge.connect("huge")
	huge.write([]byte{packets.Publish << 4, 0xff, 0xff, 0xff, 0x7f}) // 256 MB to come
	if _, err := huge.r.ReadByte(); !errors.Is(err, io.EOF) && err == nil {
		t.Error("a packet of 256 MB is waited for")
	}
	z := devicetest.NewZigbee(devicetest.ZigbeeConfig{URL: "tcp://" + s.Addr()})
	if err := z.Press(t.Context(), "sos"); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	stop()
}

func TestBrokerWaitsForItsPort(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := NewBroker(BrokerConfig{Name: "house", Listen: l.Addr().String()}, (&inbox{}).handle, quiet)
	run(t, s)
	eventually(t, "what is wrong", func() bool { return s.Ready() != nil && strings.Contains(s.Ready().Error(), "in use") })
	l.Close()
	ready(t, s)
}

// TestZigbeeBridge holds the simulated bridge against both sources.
func TestZigbeeBridge(t *testing.T) {
	both(t, func(t *testing.T, b *inbox, url string, embedded bool) {
		b.set(yes)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		z := devicetest.NewZigbee(devicetest.ZigbeeConfig{URL: url})
		for what, do := range map[string]func() error{
			"press":  func() error { return z.Press(ctx, "Anna/sos") },
			"fall":   func() error { return z.Fall(ctx, "radar") },
			"report": func() error { return z.Report(ctx, "weak", 4, 30) },
			"leave":  func() error { return z.Leave(ctx, "left") },
			"health": func() error { return z.Health(ctx) },
			"tamper": func() error { return z.Tamper(ctx, "open", true) },
			"absent": func() error { return z.Available(ctx, "absent", false) },
			"warn":   func() error { return z.Warn(ctx, "perhaps") },
		} {
			if err := do(); err != nil {
				t.Fatalf("%s: %v", what, err)
			}
		}
		if err := z.Normal(ctx, "radar"); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(ctx); err != nil {
			t.Fatal(err)
		}
		for device, want := range map[string]string{
			"Anna/sos": "panic panic", "radar": "fall", "weak": "battery_low", "left": "offline",
			"open": "tamper", "absent": "offline", "perhaps": "fall_warning", "bridge": "online heartbeat offline",
		} {
			eventually(t, device+": "+want, func() bool {
				var kinds []string
				for _, f := range b.from(device) {
					for _, e := range f.Message.Events {
						kinds = append(kinds, string(e.Kind))
					}
				}
				return strings.Join(kinds, " ") == want
			})
		}
		if fs := b.from("radar"); len(fs) != 2 || !slices.Contains(fs[1].Message.Cleared, devices.Fall) {
			t.Errorf("the radar's end: %+v", fs)
		}
	})
}
