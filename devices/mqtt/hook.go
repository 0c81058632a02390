package mqtt

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"telecare/devices"

	mochi "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"
)

// A hook stands where the library would answer a publish by itself. It answers
// only when the frame was answered, which it can because ErrRejectPacket leaves
// a publish without any answer; every other error is answered as a success to
// clients of MQTT 3.
type hook struct {
	mochi.HookBase
	broker *Broker
	server *mochi.Server
	self   *mochi.Client
	ending <-chan struct{} // closed when the broker goes down

	queues sync.Map // *mochi.Client to *answers

	mu    sync.Mutex
	talks map[string]*talk // by client identifier
}

// ID names the hook.
func (h *hook) ID() string { return "telecare" }

// Provides lists what the hook wants to hear.
func (h *hook) Provides(b byte) bool {
	return bytes.IndexByte([]byte{
		mochi.OnConnect, mochi.OnConnectAuthenticate, mochi.OnACLCheck, mochi.OnSessionEstablished,
		mochi.OnDisconnect, mochi.OnPublish, mochi.OnWillSent,
	}, b) >= 0
}

// OnConnect refuses a will on a topic that its client may not publish on: the
// library does not check it when it says it.
func (h *hook) OnConnect(cl *mochi.Client, _ packets.Packet) error {
	if w := cl.Properties.Will; w.Flag != 0 && (!mochi.IsValidFilter(w.TopicName, true) || !mayPublish(w.TopicName) && !h.ours(cl)) {
		return packets.ErrTopicNameInvalid
	}
	return nil
}

// OnConnectAuthenticate checks name and password.
func (h *hook) OnConnectAuthenticate(cl *mochi.Client, pk packets.Packet) bool {
	return h.broker.users.check(string(pk.Connect.Username), pk.Connect.Password)
}

// OnACLCheck keeps devices from speaking in our name.
func (h *hook) OnACLCheck(cl *mochi.Client, topic string, write bool) bool {
	return !write || mayPublish(topic) || h.ours(cl)
}

// ours reports whether a client is the gateway itself.
func (h *hook) ours(cl *mochi.Client) bool {
	return h.broker.cfg.Ours != "" && string(cl.Properties.Username) == h.broker.cfg.Ours
}

// mayPublish reports whether a topic is open to devices: below telecare/ they
// may publish events and readings, the rest is ours.
func mayPublish(topic string) bool {
	return topic != "" && topic[0] != '$' && (!strings.HasPrefix(topic, "telecare/") || telecareTopic(topic))
}

// OnSessionEstablished is called just before the connection is read.
func (h *hook) OnSessionEstablished(cl *mochi.Client, _ packets.Packet) {
	q := newAnswers(func(err error) {
		// It goes on being heard for a while: a new press must not wait for a
		// store that is broken.
		select {
		case <-time.After(h.broker.refuseAfter):
		case <-h.ending:
		}
		cl.Stop(err)
	})
	if c, ok := cl.Net.Conn.(*timedConn); ok {
		t := h.talkOf(cl.ID)
		t.begin(time.Now())
		c.talk.Store(t)
	}
	h.queues.Store(cl, q)
	go q.run()
}

// OnDisconnect follows it always, when the connection is read no more.
func (h *hook) OnDisconnect(cl *mochi.Client, _ error, _ bool) {
	if q, ok := h.queues.LoadAndDelete(cl); ok {
		q.(*answers).end()
	}
}

// settle waits until every client has its answers, at most for so long.
func (h *hook) settle(within time.Duration) {
	until := time.Now().Add(within)
	h.queues.Range(func(_, q any) bool {
		q.(*answers).settle(time.Until(until))
		return true
	})
}

// OnPublish runs in the loop that reads the connection.
func (h *hook) OnPublish(cl *mochi.Client, pk packets.Packet) (packets.Packet, error) {
	if cl.Net.Inline || h.ours(cl) { // ours, or passed on: no device says it
		return pk, nil
	}
	f := h.frame(pk.TopicName, pk.Payload)
	if pk.FixedHeader.Qos == 0 {
		f.Unanswered = true
		h.broker.handle(f, func(error) {})
		return pk, nil // the library passes it on
	}
	f.Session, f.Packet, f.Dup = h.broker.cfg.Name+"/"+opaque(cl.ID), pk.PacketID, pk.FixedHeader.Dup
	f.Settled = h.talkOf(cl.ID).heard(f.Dup, time.Now())
	q, ok := h.queues.Load(cl)
	if !ok {
		cl.Stop(errors.New("published before its session"))
		return pk, packets.ErrRejectPacket
	}
	answer, err := q.(*answers).expect(func() error { return h.answer(cl, pk) })
	if err != nil {
		cl.Stop(err)
		return pk, packets.ErrRejectPacket
	}
	h.broker.handle(f, answer)
	return pk, packets.ErrRejectPacket
}

// OnWillSent hears what the broker says for a client that is gone, such as a
// bridge's "offline". Our own end says nothing about the clients.
func (h *hook) OnWillSent(cl *mochi.Client, pk packets.Packet) {
	if h.ours(cl) {
		return
	}
	select {
	case <-h.ending:
		return
	default:
	}
	f := h.frame(pk.TopicName, pk.Payload)
	f.Unanswered = true
	h.broker.handle(f, func(error) {})
}

// frame makes a frame of a message that is said now: its retain flag only asks
// to keep it for later subscribers.
func (h *hook) frame(topic string, payload []byte) devices.Frame {
	f := devices.Frame{Source: h.broker.cfg.Name, Topic: topic, Raw: bytes.Clone(payload)}
	f.Format, f.Message, f.Err = h.broker.cfg.Mappings.decodeAny(h.broker.cfg.Codec, topic, f.Raw, false)
	return f
}

// answer tells the client that its message is safe, and passes the message on.
func (h *hook) answer(cl *mochi.Client, pk packets.Packet) error {
	ack := packets.Packet{FixedHeader: packets.FixedHeader{Type: packets.Puback}, PacketID: pk.PacketID, Created: time.Now().Unix()}
	if pk.FixedHeader.Qos == 2 {
		// The library goes on from here: it knows the identifier by this entry
		// when PUBREL comes, and gives back the quota then (3.1.1, section 4.3.3).
		ack.FixedHeader.Type = packets.Pubrec
		cl.State.Inflight.DecreaseReceiveQuota()
		if cl.State.Inflight.Set(ack) {
			atomic.AddInt64(&h.server.Info.Inflight, 1)
		}
	}
	if err := cl.WritePacket(ack); err != nil {
		return err
	}
	pk.FixedHeader.Dup = false // it concerns our link to the sender only
	return h.server.InjectPacket(h.self, pk)
}

// talkOf finds how a client speaks, over all of its connections.
func (h *hook) talkOf(clientID string) *talk {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.talks[clientID]
	if t == nil {
		if len(h.talks) >= maxConnections {
			for id := range h.talks { // any one: what is not known is not settled
				delete(h.talks, id)
				break
			}
		}
		t = &talk{}
		h.talks[clientID] = t
	}
	return t
}

// opaque names a client without telling its identifier, which may be a person's.
func opaque(clientID string) string {
	sum := sha256.Sum256([]byte(clientID))
	return hex.EncodeToString(sum[:8])
}
