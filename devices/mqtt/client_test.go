package mqtt

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"telecare/gateway/gatewaytest"

	paho "github.com/eclipse/paho.mqtt.golang"
)

func TestClientComesBackAfterKill(t *testing.T) {
	m := gatewaytest.Mosquitto(t)
	var mu sync.Mutex
	var links []bool
	b := &inbox{}
	b.set(yes)
	c, _ := startClient(t, m.URL, b, func(c *ClientConfig) {
		c.OnLink = func(up bool) { mu.Lock(); links = append(links, up); mu.Unlock() }
	})
	sent(t, publisher(t, m.URL, "one", nil).Publish("zigbee2mqtt/x", 1, false, press))
	eventually(t, "the press", func() bool { return len(b.all()) == 1 })
	m.Kill()
	eventually(t, "not ready", func() bool { return c.Ready() != nil })
	if err := c.Publish("t", nil, false); err == nil {
		t.Error("published to a broker that is gone")
	}
	m.Start()
	ready(t, c)
	sent(t, publisher(t, m.URL, "two", nil).Publish("zigbee2mqtt/x", 1, false, press))
	eventually(t, "the press after it", func() bool { return len(b.all()) >= 2 })
	fs := b.all()
	if fs[0].Packet != fs[1].Packet || fs[0].Session == fs[1].Session {
		t.Errorf("the broker lost its session and counts again, yet: %d %q and %d %q", fs[0].Packet, fs[0].Session, fs[1].Packet, fs[1].Session)
	}
	mu.Lock()
	defer mu.Unlock()
	if fmt.Sprint(links) != "[true false true]" {
		t.Errorf("OnLink was told %v", links)
	}
}

// TestSessionSurvivesBothEnds restarts us, and then a broker that keeps its
// store, with a press unanswered.
func TestSessionSurvivesBothEnds(t *testing.T) {
	m := gatewaytest.Mosquitto(t, "persistence true", "autosave_interval 1", "autosave_on_changes true")
	file := filepath.Join(t.TempDir(), "session")
	keep := func(c *ClientConfig) { c.SessionFile = file }
	b := &inbox{}
	_, stop := startClient(t, m.URL, b, keep)
	p := publisher(t, m.URL, "z2m", func(o *paho.ClientOptions) { o.SetAutoReconnect(false) })
	sent(t, p.Publish("zigbee2mqtt/x", 1, false, press))
	eventually(t, "the press", func() bool { return len(b.all()) == 1 })
	stop()
	b.answerAll(nil) // its connection is dead

	sent(t, p.Publish("zigbee2mqtt/away", 1, false, press)) // waits in the broker

	c, _ := startClient(t, m.URL, b, keep)
	eventually(t, "both", func() bool { return len(b.all()) == 3 })
	m.Kill()
	eventually(t, "not ready", func() bool { return c.Ready() != nil })
	m.Start()
	eventually(t, "both again", func() bool { return len(b.from("x")) == 3 && len(b.from("away")) == 2 })
	first := b.all()[0]
	for i, f := range b.from("x") {
		if f.Session != first.Session || f.Packet != first.Packet || f.Dup != (i > 0) {
			t.Errorf("time %d: %q %d dup %v; first %q %d", i, f.Session, f.Packet, f.Dup, first.Session, first.Packet)
		}
	}
	// It is marked when the broker has sent it first on the connection that we
	// were leaving.
	if f := b.from("away")[0]; f.Packet == first.Packet {
		t.Errorf("what waited: packet %d", f.Packet)
	}
}

func TestClientNoticesAFrozenBroker(t *testing.T) {
	m := gatewaytest.Mosquitto(t)
	b := &inbox{}
	c := NewClient(ClientConfig{Name: "house", URL: m.URL, ClientID: "gateway"}, b.handle, quiet)
	c.keepAlive, c.pingTimeout = time.Second, time.Second
	run(t, c)
	ready(t, c)
	m.Stop()
	eventually(t, "not ready", func() bool { return c.Ready() != nil })
	m.Cont()
	ready(t, c)
}

func TestClientWillAndRetained(t *testing.T) {
	m := gatewaytest.Mosquitto(t)
	p := publisher(t, m.URL, "watcher", nil)
	var mu sync.Mutex
	var states []string
	sent(t, p.Subscribe("telecare/ward/gateway", 1, func(_ paho.Client, m paho.Message) {
		mu.Lock()
		states = append(states, string(m.Payload()))
		mu.Unlock()
	}))
	sent(t, p.Publish("zigbee2mqtt/bridge/state", 1, true, `{"state":"online"}`))
	b := &inbox{}
	b.set(yes)
	c, stop := startClient(t, m.URL, b, func(c *ClientConfig) { c.WillTopic = "telecare/ward/gateway" })
	eventually(t, "the retained state", func() bool { return len(b.all()) == 1 })
	if f := b.all()[0]; !f.Retained || len(f.Message.Events) != 1 || f.Message.Events[0].Late {
		t.Errorf("a retained state is the state now: %+v", f)
	}
	if err := c.Publish("telecare/ward/gateway", []byte("hello"), false); err != nil {
		t.Fatal(err)
	}
	stop()
	eventually(t, "the farewell", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return strings.Join(states, " ") == "online hello offline"
	})
}

func TestClientSaysWhatIsWrong(t *testing.T) {
	m := gatewaytest.Mosquitto(t, "allow_anonymous false")
	for name, c := range map[string]struct {
		cfg  ClientConfig
		want string
	}{
		"password": {ClientConfig{URL: m.URL, Username: "a", Password: "b"}, "not Authorized"},
		"scheme":   {ClientConfig{URL: "http://127.0.0.1"}, "tcp://"},
		"host":     {ClientConfig{URL: "tcp://"}, "names no host"},
		"nobody":   {ClientConfig{URL: "tcp://" + gatewaytest.FreePort(t)}, "refused"},
		"tls":      {ClientConfig{URL: strings.Replace(m.URL, "tcp", "ssl", 1)}, "TLS"},
	} {
		t.Run(name, func(t *testing.T) {
			s := NewClient(c.cfg, (&inbox{}).handle, quiet)
			run(t, s)
			eventually(t, c.want, func() bool { err := s.Ready(); return err != nil && strings.Contains(err.Error(), c.want) })
		})
	}
}
