package mqtt

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"sync"
	"time"

	"telecare/devices"

	mochi "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"
)

// BrokerConfig says where devices connect to us.
type BrokerConfig struct {
	Name   string      // the source's name in telecare.yaml
	Listen string      // host:port
	TLS    *tls.Config // nil is without TLS
	// Listener, when set, listens there already; it is used once.
	Listener net.Listener

	// Users are the names that may connect, each with the bcrypt hash of its
	// password.
	Users map[string]string
	// Ours, when set, is the one of Users that is the gateway itself: it may
	// publish anything, and what it says is no frame.
	Ours string
	// AllowAnonymous lets in who gives no name.
	AllowAnonymous bool

	// Codec, when set, is asked for LoRaWAN frames. A frame waits for it.
	Codec Codec

	// Mappings read what no format knows.
	Mappings Mappings
}

// maxPacket bounds one packet: the largest payload that is decoded, and room
// for its topic and properties.
const maxPacket = maxPayload + 128<<10

var errNotListening = errors.New("not listening")

// A Broker is a source that devices connect to directly. It answers a publish
// only when its frame was answered, and passes it on to those who subscribed
// then. Sessions and retained messages live in memory: after a restart a device
// repeats what was not answered, as MQTT asks of it.
type Broker struct {
	cfg    BrokerConfig
	handle devices.Handler
	log    *slog.Logger
	users  *users

	// refuseAfter is how long a connection goes on being heard after one of its
	// messages was left unanswered. Then it is closed, so that the message
	// comes again.
	refuseAfter time.Duration

	mu     sync.Mutex
	ready  error
	addr   string
	server *mochi.Server // nil while it is down
	self   *mochi.Client // publishes what is ours and what is passed on
}

// NewBroker makes the source; Run starts it.
func NewBroker(cfg BrokerConfig, handle devices.Handler, log *slog.Logger) *Broker {
	return &Broker{
		cfg: cfg, handle: handle, log: log.With("source", cfg.Name),
		users:       &users{hashes: cfg.Users, anonymous: cfg.AllowAnonymous},
		refuseAfter: time.Second, ready: errNotListening,
	}
}

// String names the task.
func (b *Broker) String() string { return fmt.Sprintf("mqtt broker %q", b.cfg.Name) }

// Ready is nil while devices can connect, and otherwise says why not.
func (b *Broker) Ready() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ready
}

// Addr is where it listens, "" while it does not.
func (b *Broker) Addr() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.addr
}

// Run listens until ctx ends, and returns nil then.
func (b *Broker) Run(ctx context.Context) error {
	wait, said := backoffFirst, ""
	for ctx.Err() == nil {
		began := time.Now()
		err := b.serve(ctx)
		if ctx.Err() != nil {
			break
		}
		b.set(err, "", nil, nil)
		if err.Error() != said {
			said = err.Error()
			b.log.Warn("mqtt broker is down", "error", err)
		}
		if time.Since(began) > stableAfter {
			wait = backoffFirst
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
		wait = min(2*wait, backoffMost)
	}
	b.set(errNotListening, "", nil, nil)
	return nil
}

// Publish sends a message of our own to those who subscribed, and keeps it for
// those who will when retain is set. It never blocks on a subscriber for longer
// than writeTimeout.
func (b *Broker) Publish(topic string, payload []byte, retain bool) error {
	b.mu.Lock()
	server, self := b.server, b.self
	b.mu.Unlock()
	if server == nil {
		return fmt.Errorf("publish: %w", errNotListening)
	}
	err := server.InjectPacket(self, packets.Packet{
		FixedHeader: packets.FixedHeader{Type: packets.Publish, Qos: 1, Retain: retain},
		TopicName:   topic, Payload: payload, PacketID: 1,
	})
	if err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return nil
}

// serve is one life of the library's server; the error says why it ended.
func (b *Broker) serve(ctx context.Context) error {
	accept := b.cfg.Listener
	b.cfg.Listener = nil
	if accept == nil {
		var err error
		if accept, err = new(net.ListenConfig).Listen(ctx, "tcp", b.cfg.Listen); err != nil {
			return err
		}
	}
	addr := accept.Addr().String()
	if b.cfg.TLS != nil {
		accept = tls.NewListener(accept, b.cfg.TLS)
	}
	parent := ctx
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	server := mochi.New(&mochi.Options{
		// It logs addresses and payloads. What matters of it is told by hooks.
		Logger:                 slog.New(slog.DiscardHandler),
		SysTopicResendInterval: math.MaxInt32, // it stops the world to read the memory's state
		Capabilities: &mochi.Capabilities{
			MaximumClients:               maxConnections,
			MaximumClientWritesPending:   1024,
			MaximumSessionExpiryInterval: 24 * 60 * 60,
			MaximumPacketSize:            maxPacket,
			// Presses must not wait behind unanswered readings: all that the
			// protocol can number may be open. A message without an answer
			// takes nothing from this quota, which counts QoS 2 only here.
			ReceiveMaximum:  maxUnanswered,
			MaximumInflight: 8192,
			// Zero is for ever. It would end retained messages too.
			MaximumMessageExpiryInterval: 0,
			// An alias would reach the check of topics with an empty one.
			TopicAliasMaximum:      0,
			SharedSubAvailable:     1,
			MinimumProtocolVersion: 3,
			MaximumQos:             2,
			RetainAvailable:        1,
			WildcardSubAvailable:   1,
			SubIDAvailable:         1,
		},
	})
	self := server.NewClient(nil, mochi.LocalListener, "telecare", true)
	h := &hook{broker: b, server: server, self: self, ending: ctx.Done(), talks: map[string]*talk{}}
	if err := server.AddHook(h, nil); err != nil {
		accept.Close()
		return err
	}
	l := &listener{Listener: accept, failed: func(err error) { cancel(err) }, conns: map[net.Conn]struct{}{}}
	if err := server.AddListener(l); err != nil {
		accept.Close()
		return err
	}
	if err := server.Serve(); err != nil {
		accept.Close()
		return err
	}
	b.set(nil, addr, server, self)
	b.log.Info("mqtt broker listens", "address", addr)
	<-ctx.Done()
	if parent.Err() != nil {
		h.settle(leaveWithin)
	}
	b.set(errNotListening, "", nil, nil)
	if err := server.Close(); err != nil {
		return err
	}
	return context.Cause(ctx)
}

func (b *Broker) set(err error, addr string, server *mochi.Server, self *mochi.Client) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ready, b.addr, b.server, b.self = err, addr, server, self
}
