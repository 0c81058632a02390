package devicetest

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
)

// ZigbeeConfig says which broker a simulated bridge speaks to.
type ZigbeeConfig struct {
	URL      string // tcp://host:port
	ClientID string // "zigbee2mqtt" when empty
	Username string
	Password string
	TLS      *tls.Config
}

// zigbeeBase is the default base topic of Zigbee2MQTT.
const zigbeeBase = "zigbee2mqtt/"

// A Zigbee is a Zigbee2MQTT bridge with its devices. What it publishes is what
// the real one does: a device's whole state as JSON, a press also as plain text
// on the /action topic, availability and the bridge's own state retained, and
// "offline" as its last will. All of it is at QoS 1, and a method returns when
// the broker has answered: with one that answers what is on disk, when the
// press is safe. The methods may be called by many goroutines at once.
//
// A bridge whose connection is gone connects again at the next call.
type Zigbee struct {
	cfg ZigbeeConfig

	mu     sync.Mutex
	conn   paho.Client
	states map[string]map[string]any // by device: the state that every publish repeats
}

// NewZigbee makes a bridge; its first call connects it.
func NewZigbee(cfg ZigbeeConfig) *Zigbee {
	if cfg.ClientID == "" {
		cfg.ClientID = "zigbee2mqtt"
	}
	return &Zigbee{cfg: cfg, states: map[string]map[string]any{}}
}

// Connect connects the bridge and says that it is online.
func (z *Zigbee) Connect(ctx context.Context) error {
	z.mu.Lock()
	defer z.mu.Unlock()
	return z.connect(ctx)
}

// Press presses a device's emergency button.
func (z *Zigbee) Press(ctx context.Context, name string) error {
	return z.Action(ctx, name, "emergency")
}

// Action performs any action, such as "single" or "emergency".
func (z *Zigbee) Action(ctx context.Context, name, action string) error {
	return z.publish(ctx, func() []message {
		state := z.state(name, nil)
		state["action"] = action // momentary: not part of what is repeated
		return []message{
			{topic: zigbeeBase + name, payload: encode(state)},
			{topic: zigbeeBase + name + "/action", payload: []byte(action)},
		}
	})
}

// Fall lets a radar see a fall.
func (z *Zigbee) Fall(ctx context.Context, name string) error {
	return z.set(ctx, name, map[string]any{"occupancy": true, "sensor_status": "activity", "fall_status": "fall_alarm"})
}

// Warn lets a radar see what may be a fall.
func (z *Zigbee) Warn(ctx context.Context, name string) error {
	return z.set(ctx, name, map[string]any{"occupancy": true, "sensor_status": "activity", "fall_status": "fall_warning"})
}

// Normal lets a radar see somebody up and about.
func (z *Zigbee) Normal(ctx context.Context, name string) error {
	return z.set(ctx, name, map[string]any{"occupancy": true, "sensor_status": "activity", "fall_status": "normal"})
}

// Report sends a device's regular sign of life. A battery below 10 % says that
// it is low.
func (z *Zigbee) Report(ctx context.Context, name string, battery float64, linkQuality int) error {
	return z.set(ctx, name, map[string]any{"battery": battery, "battery_low": battery < 10, "linkquality": linkQuality})
}

// Tamper opens or closes a device's case.
func (z *Zigbee) Tamper(ctx context.Context, name string, open bool) error {
	return z.set(ctx, name, map[string]any{"tamper": open})
}

// Raw publishes anything on a topic below the base topic.
func (z *Zigbee) Raw(ctx context.Context, topic string, payload []byte) error {
	return z.publish(ctx, func() []message { return []message{{topic: zigbeeBase + topic, payload: payload}} })
}

// Available says for a device whether the bridge can reach it.
func (z *Zigbee) Available(ctx context.Context, name string, online bool) error {
	return z.publish(ctx, func() []message { return []message{available(name, online)} })
}

// Health sends the bridge's own sign of life, which the real one does every ten
// minutes.
func (z *Zigbee) Health(ctx context.Context) error {
	payload := encode(map[string]any{
		"response_time": time.Now().UnixMilli(),
		"mqtt":          map[string]any{"connected": true, "queued": 0},
		"devices":       map[string]any{},
	})
	return z.publish(ctx, func() []message {
		return []message{{topic: zigbeeBase + "bridge/health", payload: payload, retain: true}}
	})
}

// Leave removes a device from the network.
func (z *Zigbee) Leave(ctx context.Context, name string) error {
	payload := encode(map[string]any{"type": "device_leave", "data": map[string]any{"friendly_name": name, "ieee_address": "0xb4e3f9fffe907daf"}})
	return z.publish(ctx, func() []message {
		delete(z.states, name)
		return []message{{topic: zigbeeBase + "bridge/event", payload: payload}}
	})
}

// Close shuts the bridge down in order: it says that it is offline.
func (z *Zigbee) Close(ctx context.Context) error {
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.conn == nil {
		return nil
	}
	err := errors.New("the connection is gone")
	if z.conn.IsConnectionOpen() {
		err = finish(ctx, begin(z.conn, []message{bridgeState("offline")}))
	}
	z.conn.Disconnect(250)
	z.conn = nil
	return err
}

// set merges fields into a device's state and publishes it.
func (z *Zigbee) set(ctx context.Context, name string, changed map[string]any) error {
	return z.publish(ctx, func() []message {
		return []message{{topic: zigbeeBase + name, payload: encode(z.state(name, changed))}}
	})
}

// state gives, under the lock, a copy of a device's state with what changed in it.
func (z *Zigbee) state(name string, changed map[string]any) map[string]any {
	if z.states[name] == nil {
		z.states[name] = map[string]any{"linkquality": 120, "battery": 100.0}
	}
	maps.Copy(z.states[name], changed)
	return maps.Clone(z.states[name])
}

type message struct {
	topic   string
	payload []byte
	retain  bool
}

func bridgeState(state string) message {
	return message{topic: zigbeeBase + "bridge/state", payload: encode(map[string]any{"state": state}), retain: true}
}

func available(name string, online bool) message {
	state := "offline"
	if online {
		state = "online"
	}
	return message{topic: zigbeeBase + name + "/availability", payload: encode(map[string]any{"state": state}), retain: true}
}

// connect takes a new library client for each connection: with the library's
// own reconnection a token completes before the broker has answered.
func (z *Zigbee) connect(ctx context.Context) error {
	if z.conn != nil && z.conn.IsConnectionOpen() {
		return nil
	}
	if z.conn != nil {
		z.conn.Disconnect(0)
		z.conn = nil
	}
	will := bridgeState("offline")
	conn := paho.NewClient(paho.NewClientOptions().AddBroker(z.cfg.URL).SetClientID(z.cfg.ClientID).
		SetUsername(z.cfg.Username).SetPassword(z.cfg.Password).SetTLSConfig(z.cfg.TLS).
		SetProtocolVersion(4).SetCleanSession(true).SetAutoReconnect(false).
		SetConnectTimeout(5*time.Second).SetWriteTimeout(5*time.Second).
		SetBinaryWill(will.topic, will.payload, 1, will.retain))
	if err := wait(ctx, conn.Connect()); err != nil {
		conn.Disconnect(0)
		return fmt.Errorf("connect the bridge: %w", err)
	}
	z.conn = conn
	hello := []message{bridgeState("online")}
	for _, name := range slices.Sorted(maps.Keys(z.states)) {
		hello = append(hello, available(name, true))
	}
	return finish(ctx, begin(conn, hello))
}

// publish sends what build makes and waits outside of the lock, so that many
// devices can have a message under way at once.
func (z *Zigbee) publish(ctx context.Context, build func() []message) error {
	z.mu.Lock()
	if err := z.connect(ctx); err != nil {
		z.mu.Unlock()
		return err
	}
	tokens := begin(z.conn, build())
	z.mu.Unlock()
	return finish(ctx, tokens)
}

func begin(conn paho.Client, messages []message) (tokens []paho.Token) {
	for _, m := range messages {
		tokens = append(tokens, conn.Publish(m.topic, 1, m.retain, m.payload))
	}
	return tokens
}

func finish(ctx context.Context, tokens []paho.Token) error {
	for _, t := range tokens {
		if err := wait(ctx, t); err != nil {
			return fmt.Errorf("publish: %w", err)
		}
	}
	return nil
}

// wait waits for a token, at most 10 s: after some losses the library never
// completes it.
func wait(ctx context.Context, t paho.Token) error {
	timer := time.NewTimer(10 * time.Second)
	defer timer.Stop()
	select {
	case <-t.Done():
		return t.Error()
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return errors.New("the broker did not answer for 10 s")
	}
}

func encode(v map[string]any) []byte {
	b, err := json.Marshal(v)
	if err != nil { // only texts, numbers and truths go in
		panic(err)
	}
	return b
}
