package mqtt

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/url"
	"sync"
	"time"

	"telecare/devices"

	paho "github.com/eclipse/paho.mqtt.golang"
)

// ClientConfig says where to listen for devices.
type ClientConfig struct {
	Name     string // the source's name in telecare.yaml
	URL      string // tcp://host:1883 or ssl://host:8883
	ClientID string // fixed, and ours alone on that broker: two of one name throw each other out
	Username string
	Password string
	TLS      *tls.Config // for ssl://; nil trusts the system's authorities

	// Topics to subscribe to, by default those of every known format; those of
	// the mappings come with either.
	Topics []string

	// Mappings read what no format knows.
	Mappings Mappings

	// Codec, when set, is asked for LoRaWAN frames. A frame waits for it.
	Codec Codec

	// WillTopic, when set, holds a retained "online" while we are connected and
	// "offline" otherwise; the broker says it when we cannot.
	WillTopic string

	// SessionFile keeps the session's name over a restart, so that messages
	// which the broker repeats are known for what they are. "" keeps it in
	// memory: after a restart they are then taken for new ones.
	SessionFile string

	// OnLink is told at each change whether the broker is connected and
	// subscribed. It must not block.
	OnLink func(up bool)
}

// Times of a connection. The broker is asked every keepAliveEvery whether it
// still answers; one that hangs is given up after that, pingTimeout and a check
// interval of the library, about 18 s in all.
const (
	connectTimeout   = 5 * time.Second
	keepAliveEvery   = 10 * time.Second
	pingTimeout      = 5 * time.Second
	subscribeTimeout = 30 * time.Second // the answer stands behind all that is redelivered
	publishTimeout   = 5 * time.Second
	farewellTimeout  = time.Second
	leaveWithin      = time.Second // waited for answers before a connection is left

	backoffMost   = 10 * time.Second
	backoffFirst  = 250 * time.Millisecond
	overtakeAfter = time.Second // see answers

	stableAfter = 10 * time.Second // a connection that held so long starts the backoff anew
)

var errNotConnected = errors.New("not connected to the broker")

// A Client is a source behind a broker that somebody else runs. It holds a
// durable session there, so that what is published while the gateway is away
// waits, and answers a message only when its frame was answered. It takes a new
// library client for each connection: with the library's own reconnection an
// answer could leave on a connection on which the message never came.
type Client struct {
	cfg    ClientConfig
	handle devices.Handler
	log    *slog.Logger

	keepAlive, pingTimeout time.Duration
	overtake               time.Duration // see answers

	session session // Run's alone
	talk    talk

	mu      sync.Mutex
	ready   error
	conn    paho.Client // the live connection, nil when there is none
	refused int         // connections in a row that were given up for an unanswered message
	last    time.Time   // when the last of them was
}

// NewClient makes the source; Run connects it.
func NewClient(cfg ClientConfig, handle devices.Handler, log *slog.Logger) *Client {
	if len(cfg.Topics) == 0 {
		cfg.Topics = DefaultTopics()
	}
	cfg.Topics = cfg.Mappings.Topics(cfg.Topics)
	if cfg.ClientID == "" {
		cfg.ClientID = "telecare-" + cfg.Name
	}
	return &Client{
		cfg: cfg, handle: handle, log: log.With("source", cfg.Name),
		keepAlive: keepAliveEvery, pingTimeout: pingTimeout, overtake: overtakeAfter,
		session: session{source: cfg.Name, path: cfg.SessionFile, wait: time.Second},
		ready:   errNotConnected,
	}
}

// Follow takes up the session of a client that has ended and whose place this
// one takes, before Run: what the broker repeats of it is known for what it is,
// also when the disk cannot be read. At another broker there is nothing to take
// up.
func (c *Client) Follow(old *Client) {
	if c.cfg.URL == old.cfg.URL && c.cfg.ClientID == old.cfg.ClientID && c.cfg.Name == old.cfg.Name {
		c.session.epoch = old.session.epoch
		old.talk.mu.Lock()
		c.talk.settled = old.talk.settled
		old.talk.mu.Unlock()
	}
}

// String names the task.
func (c *Client) String() string { return fmt.Sprintf("mqtt client %q", c.cfg.Name) }

// Ready is nil while the broker is connected and has granted every
// subscription, and otherwise says why not.
func (c *Client) Ready() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ready
}

// Run keeps a connection until ctx ends, and returns nil then.
func (c *Client) Run(ctx context.Context) error {
	wait, said := backoffFirst, ""
	for ctx.Err() == nil {
		began := time.Now()
		err := c.connection(ctx)
		if ctx.Err() != nil {
			break
		}
		c.setReady(nil, err)
		if err.Error() != said { // a broker that stays away is said once
			said = err.Error()
			c.log.Warn("mqtt connection ended", "error", err)
		}
		var refused *refusedError
		if errors.As(err, &refused) {
			continue // it has waited already, with the connection still up
		}
		if time.Since(began) > stableAfter {
			wait = backoffFirst
		}
		select {
		case <-time.After(wait/2 + rand.N(wait/2)):
		case <-ctx.Done():
		}
		wait = min(2*wait, backoffMost)
	}
	c.setReady(nil, errNotConnected)
	return nil
}

// Publish sends a message of our own and waits for the broker's answer.
func (c *Client) Publish(topic string, payload []byte, retain bool) error {
	c.mu.Lock()
	conn := c.conn
	c.mu.Unlock()
	if conn == nil {
		return fmt.Errorf("publish: %w", errNotConnected)
	}
	if err := waitFor(context.Background(), conn.Publish(topic, 1, retain, payload), publishTimeout); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return nil
}

// refusedError ends a connection on which a message was left unanswered.
type refusedError struct{ cause error }

func (e *refusedError) Error() string { return "a message was left unanswered: " + e.cause.Error() }
func (e *refusedError) Unwrap() error { return e.cause }

// connection is one connection from dial to end; the error says why it ended.
func (c *Client) connection(parent context.Context) error {
	u, err := url.Parse(c.cfg.URL)
	if err != nil {
		return errors.New("broker URL cannot be read; use tcp://host:1883 or ssl://host:8883")
	}
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)

	named := make(chan struct{}) // closed when the session has its name
	var session string
	queue := newAnswers(func(err error) { c.giveUp(ctx, cancel, err) })
	queue.overtake = c.overtake
	defer queue.end()

	var raw *timedConn // the library's goroutine's until Connect has its answer
	abort := func() bool { return true }
	opts := paho.NewClientOptions().AddBroker(c.cfg.URL).
		SetClientID(c.cfg.ClientID).SetUsername(c.cfg.Username).SetPassword(c.cfg.Password).
		SetProtocolVersion(4).SetCleanSession(false).
		SetAutoReconnect(false).SetConnectRetry(false).
		SetOrderMatters(true).SetAutoAckDisabled(true).
		SetStore(noStore{}).
		SetConnectTimeout(connectTimeout).SetWriteTimeout(writeTimeout).
		SetKeepAlive(c.keepAlive).SetPingTimeout(c.pingTimeout).
		SetConnectionLostHandler(func(_ paho.Client, err error) { cancel(fmt.Errorf("connection lost: %w", err)) }).
		SetCustomOpenConnectionFn(func(*url.URL, paho.ClientOptions) (net.Conn, error) {
			var err error
			if raw, err = dial(ctx, u, c.cfg.TLS, connectTimeout); err != nil {
				return nil, err
			}
			abort = context.AfterFunc(ctx, func() { raw.Close() })
			return raw, nil
		}).
		SetDefaultPublishHandler(func(_ paho.Client, m paho.Message) {
			// What the broker repeats comes before the token of Connect.
			select {
			case <-named:
			case <-ctx.Done():
				select {
				case <-named: // we leave, and hear to the end
				default:
					return
				}
			}
			if err := c.receive(m, session, queue); err != nil {
				cancel(err)
			}
		})
	if c.cfg.WillTopic != "" {
		opts.SetWill(c.cfg.WillTopic, "offline", 1, true)
	}
	conn := paho.NewClient(opts)
	connecting := conn.Connect()
	// The library's own goroutines end when the connection does.
	defer func() {
		cancel(nil)
		select {
		case <-connecting.Done():
			conn.Disconnect(uint(farewellTimeout / time.Millisecond))
			if raw != nil {
				raw.Close()
			}
		case <-time.After(connectTimeout):
		}
	}()
	if err := waitFor(ctx, connecting, 2*connectTimeout); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	abort() // from here on the end is a farewell
	var nameErr error
	session, nameErr = c.session.name(connecting.(*paho.ConnectToken).SessionPresent(), time.Now())
	c.talk.begin(time.Now())
	raw.talk.Store(&c.talk)
	queue.together = raw.together
	released := make(chan struct{})
	go func() {
		defer close(released)
		queue.run()
	}()
	close(named)

	denied, err := c.subscribe(ctx, conn)
	if err != nil {
		return err
	}
	if err := c.announce(ctx, conn, "online", publishTimeout); err != nil {
		return err
	}
	c.setReady(conn, errors.Join(denied, nameErr))
	c.log.Info("mqtt connected")
	<-ctx.Done()
	if parent.Err() != nil {
		queue.settle(leaveWithin)
		queue.end()
		select { // so that no answer and no farewell is gathered and goes with the connection
		case <-released:
		case <-time.After(farewellTimeout): // the broker reads nothing
		}
	}
	c.setReady(nil, errNotConnected)
	if parent.Err() != nil { // we leave, and after a farewell the broker does not say our will
		return c.announce(context.WithoutCancel(ctx), conn, "offline", farewellTimeout)
	}
	return context.Cause(ctx)
}

// subscribe asks for every topic at QoS 1. A topic that the broker denies is
// reported, and the others are heard all the same.
func (c *Client) subscribe(ctx context.Context, conn paho.Client) (denied, err error) {
	filters := map[string]byte{}
	for _, t := range c.cfg.Topics {
		filters[t] = 1
	}
	token := conn.SubscribeMultiple(filters, nil)
	if err := waitFor(ctx, token, subscribeTimeout); err != nil {
		return nil, fmt.Errorf("subscribe: %w", err)
	}
	for topic, code := range token.(*paho.SubscribeToken).Result() {
		if code == 0x80 { // 3.1.1, section 3.9.3
			denied = errors.Join(denied, fmt.Errorf("the broker denies the subscription %q: check its access list", topic))
		} else if code == 0 {
			denied = errors.Join(denied, fmt.Errorf("the broker grants %q at QoS 0 only: nothing can be promised for it", topic))
		}
	}
	return denied, nil
}

// announce says on the will's topic how we are.
func (c *Client) announce(ctx context.Context, conn paho.Client, state string, timeout time.Duration) error {
	if c.cfg.WillTopic == "" {
		return nil
	}
	if err := waitFor(ctx, conn.Publish(c.cfg.WillTopic, 1, true, state), timeout); err != nil {
		return fmt.Errorf("publish %q on the will's topic: %w", state, err)
	}
	return nil
}

// receive hands one message on.
func (c *Client) receive(m paho.Message, session string, queue *answers) error {
	f := devices.Frame{Source: c.cfg.Name, Topic: m.Topic(), Raw: m.Payload(), Retained: m.Retained()}
	f.Format, f.Message, f.Err = c.cfg.Mappings.decodeAny(c.cfg.Codec, f.Topic, f.Raw, f.Retained)
	if m.Qos() == 0 {
		f.Unanswered = true
		c.handle(f, func(error) {})
		return nil
	}
	f.Session, f.Packet, f.Dup = session, m.MessageID(), m.Duplicate()
	f.Settled = c.talk.heard(f.Dup, time.Now())
	// Ack hands over to the connection's writer and returns at once on a dead
	// one; only the queue's own goroutine waits in it.
	answer, err := queue.expect(func() error { m.Ack(); return nil })
	if err != nil {
		return err
	}
	c.handle(f, answer)
	return nil
}

// giveUp ends the connection after a while, so that what was left unanswered on
// it comes again. Until then it goes on hearing, because a new press must not
// wait for a store that is broken.
func (c *Client) giveUp(ctx context.Context, cancel context.CancelCauseFunc, cause error) {
	c.mu.Lock()
	if time.Since(c.last) > time.Minute {
		c.refused = 0
	}
	wait := min(backoffFirst<<min(c.refused, 10), backoffMost)
	c.refused++
	c.last = time.Now()
	c.mu.Unlock()
	select {
	case <-time.After(wait):
	case <-ctx.Done():
	}
	cancel(&refusedError{cause})
}

// setReady keeps the state, and tells OnLink when it changed.
func (c *Client) setReady(conn paho.Client, err error) {
	c.mu.Lock()
	changed := (c.conn == nil) != (conn == nil)
	c.conn, c.ready = conn, err
	c.mu.Unlock()
	if changed && c.cfg.OnLink != nil {
		c.cfg.OnLink(conn != nil)
	}
}

// waitFor waits for a token, which after some losses never completes by itself.
func waitFor(ctx context.Context, t paho.Token, timeout time.Duration) error {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case <-t.Done():
		return t.Error()
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return fmt.Errorf("the broker did not answer for %v", timeout)
	}
}
