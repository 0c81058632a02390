// Package modemtest simulates a GSM modem on a pseudo-terminal: for tests and
// for trying things without one. It speaks as much as our driver and gammu ask
// of a modem, each in its own way, and can be unplugged, lose its card or its
// network, fall silent and talk into its own answers.
package modemtest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// Text is a message, or a part of one, that went out.
type Text struct {
	To, Text string
	Part, Of int    // 0 for a whole one
	Report   bool   // a report was wanted
	PDU      string // in hex; "" in text mode
}

// Call is a telephone that was rung.
type Call struct {
	Number string
	Over   bool
}

// Phone is how telephones behave that are rung.
type Phone int

// Ways.
const (
	Rings       Phone = iota // and nobody answers
	Answers                  // after having rung
	Engaged                  // busy
	Unreachable              // switched off
)

// Modem is a simulated modem. All methods are safe for concurrent use.
type Modem struct {
	link string

	mu    sync.Mutex
	wire  *wire // nil while unplugged
	name  string
	ended chan struct{}

	echo, textMode bool
	line           []byte
	prompt         string // the command whose message is awaited
	charset        string
	asked          []string

	noSIM, locked, mute, chatty bool
	garbled, twice, slow        bool
	pin                         string
	wrong                       int // PINs
	counts                      bool
	stat                        int // of registration
	signal                      int
	capacity                    int
	inbox                       map[int]stored
	sent                        []Text
	reference                   byte
	references                  []byte // of what was sent
	calls                       []Call
	phone                       Phone
	looks                       int // at the call under way
	refusals                    map[string]string
	unplugAt, muteAt            string
	inMessage                   bool
	held                        []string // answers, while it is slow
}

type stored struct {
	stat int
	pdu  string
	from string // for text mode
	text string
}

func fresh(link string) *Modem {
	return &Modem{link: link, stat: 1, signal: 20, capacity: 10, inbox: map[int]stored{}, refusals: map[string]string{}, charset: "IRA"}
}

// reset is what a modem is like after it was plugged in.
func (m *Modem) reset() {
	m.echo, m.textMode, m.line, m.prompt = true, false, nil, ""
	m.locked = m.pin != ""
	for i := range m.calls {
		m.calls[i].Over = true
	}
}

// Port is the name to open.
func (m *Modem) Port() string {
	if m.link != "" {
		return m.link
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.name
}

// Sent are the messages that the network has taken.
func (m *Modem) Sent() []Text {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.sent)
}

// Asked are all commands that came.
func (m *Modem) Asked() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.asked)
}

// Calls are the telephones that were rung.
func (m *Modem) Calls() []Call {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.calls)
}

// Inbox is how many messages are kept.
func (m *Modem) Inbox() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.inbox)
}

// set changes something under the lock.
func (m *Modem) set(f func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f()
}

// Telephones behave so from now on.
func (m *Modem) Telephones(p Phone) { m.set(func() { m.phone = p }) }

// Mute makes the modem deaf, or ends that.
func (m *Modem) Mute(on bool) { m.set(func() { m.mute = on }) }

// MuteAt makes the modem deaf as soon as a command comes that begins so; with
// inMessage when its message has come.
func (m *Modem) MuteAt(command string, inMessage bool) {
	m.set(func() { m.muteAt, m.inMessage = command, inMessage })
}

// Garble has it answer everything with noise.
func (m *Modem) Garble(on bool) { m.set(func() { m.garbled = on }) }

// Twice has it say twice that the network has taken a message.
func (m *Modem) Twice(on bool) { m.set(func() { m.twice = on }) }

// Slow has it take messages, and say so only when that ends.
func (m *Modem) Slow(on bool) {
	m.set(func() {
		m.slow = on
		if !on {
			for _, l := range m.held {
				m.ok(l)
			}
			m.held = nil
		}
	})
}

// Chatter makes it talk into its own answers.
func (m *Modem) Chatter(on bool) { m.set(func() { m.chatty = on }) }

// SetSIM takes the card out, or puts it in again.
func (m *Modem) SetSIM(in bool) {
	m.set(func() {
		m.noSIM, m.locked = !in, m.pin != ""
		if !in {
			m.say("+CPIN: NOT READY")
		} else {
			m.say("^SIMST: 1")
		}
	})
}

// SetPIN has the card ask for a PIN, from the next start on.
func (m *Modem) SetPIN(pin string) { m.set(func() { m.pin, m.locked = pin, pin != "" }) }

// CountPINs has the modem say how many tries are left, as some do.
func (m *Modem) CountPINs(on bool) { m.set(func() { m.counts = on }) }

// Wrong is how many wrong PINs were tried.
func (m *Modem) Wrong() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.wrong
}

// SetNetwork sets the registration, as +CREG has it: 1 at home, 2 searching.
func (m *Modem) SetNetwork(stat int) {
	m.set(func() {
		m.stat = stat
		m.say(fmt.Sprintf("+CREG: %d", stat))
	})
}

// SetSignal sets the signal, as +CSQ has it.
func (m *Modem) SetSignal(n int) { m.set(func() { m.signal = n }) }

// Refuse has commands that begin so answered so; "" ends it.
func (m *Modem) Refuse(command, answer string) {
	m.set(func() {
		if answer == "" {
			delete(m.refusals, command)
		} else {
			m.refusals[command] = answer
		}
	})
}

// UnplugAt pulls the modem out as soon as a command comes that begins so; with
// inMessage when half of its message has come.
func (m *Modem) UnplugAt(command string, inMessage bool) {
	m.set(func() { m.unplugAt, m.inMessage = command, inMessage })
}

// Say says a line by itself.
func (m *Modem) Say(line string) { m.set(func() { m.say(line) }) }

// Fill fills the inbox with what is no answer.
func (m *Modem) Fill() {
	m.set(func() {
		for i := 1; i <= m.capacity; i++ {
			m.inbox[i] = stored{stat: 1, pdu: "00000B918406100002F0000062113220957000" + "02" + "4F35"}
		}
	})
}

// Receive has a message come in, kept in the inbox and told. An error says that
// there is no room.
func (m *Modem) Receive(from, text string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	place := 1
	for ; m.inbox[place].pdu != ""; place++ {
	}
	if place > m.capacity {
		return errors.New("the inbox is full")
	}
	p, err := deliver(from, text)
	if err != nil {
		return err
	}
	m.inbox[place] = stored{pdu: p, from: from, text: text}
	m.say(fmt.Sprintf(`+CMTI: "SM",%d`, place))
	return nil
}

// Report says what became of the message sent last, as 3GPP TS 23.040 9.2.3.15
// has it: 0 is that it arrived.
func (m *Modem) Report(status byte) { m.ReportOf(len(m.Sent())-1, status) }

// ReportOf is Report of the so-manyeth of what was sent.
func (m *Modem) ReportOf(i int, status byte) {
	m.set(func() {
		if m.textMode {
			now := time.Now().UTC().Format("06/01/02,15:04:05") + "+00"
			m.say(fmt.Sprintf(`+CDS: 6,%d,"%s",145,"%s","%s",%d`, m.references[i], ucs2(m.sent[i].To), now, now, status))
			return
		}
		p := report(m.references[i], m.sent[i].To, status)
		m.say(fmt.Sprintf("+CDS: %d\r\n%s", len(p)/2-1, p))
	})
}

func (m *Modem) places() []int {
	return slices.Sorted(maps.Keys(m.inbox))
}

// say writes a line; m.mu is held.
func (m *Modem) say(line string) { m.write("\r\n" + line + "\r\n") }
