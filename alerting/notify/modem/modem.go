// Package modem calls people by a GSM modem: by text message and by ringing
// their telephones, which works when the internet does not. It takes their
// answers by text message.
//
// It guarantees that one goroutine owns the modem, so that nothing that is said
// to it or by it gets mixed up; that a try ends with its context, whatever the
// modem does; that a modem which is unplugged, mute, without SIM card or without
// network is known within seconds, fails every try at once with the reason, so
// that people are called in other ways, and is used again by itself when it is
// back. Calls go before what can wait. A message that was interrupted goes out
// again, its parts under the same reference, so that a phone shows it once.
//
// A text that the network has accepted is not one that was read; a telephone
// that rang is not one that was heard, and one that was answered may have been
// answered by a mailbox.
package modem

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"telecare/alerting/notify/modem/at"
)

// Port is an open serial port. Read gives 0, nil when nothing has come for a
// moment, and an error when the port is gone. Write does not block. Close comes
// after both.
type Port interface {
	Read(b []byte) (int, error)
	Write(b []byte) (int, error)
	Close() error
}

// What may be said of text messages that come in.
const (
	Answered = "answered"
	Ignored  = "ignored" // no answer, or from nobody whom we know
	Failed   = "failed"  // a report that a message could not be delivered
)

// Config says which modem it is, and whom to tell.
type Config struct {
	Name string // for people and logs
	Open func() (Port, error)
	PIN  string // of the SIM card; "" when it asks for none
	Text bool   // text mode, for modems that have no PDU mode

	// PINs remembers beyond the process that the card has refused this PIN; nil
	// forgets. The third wrong one locks a card.
	PINs PINs

	// Timeout is how long the network may take to accept a message, or a part of
	// one; 0 is 50 s. [3GPP TS 27.005 says nothing; networks take up to a minute]
	Timeout time.Duration

	// Answer deals with a text message, and gives the words to send back; ""
	// when there are none. It may take its time, and may be told of the same one
	// again. Nil leaves all messages where they are.
	Answer func(ctx context.Context, from, text string) (reply string)
	// OnLink is told whether people can be reached, each time that this changes.
	OnLink func(up bool)
	// OnReceipt is told what the network reports of a message that it had accepted,
	// once. It must not block. Of what was sent before the last start nothing is
	// told.
	OnReceipt func(Receipt)
	// Count is told of each text message that came in. It must not block.
	Count func(kind string)
}

// PINs remembers whether a card has refused its PIN.
type PINs interface {
	Refused() bool
	Refuse() error
}

// timing is how patient a modem is treated. It is fixed; tests are shorter.
type timing struct {
	retry, retryMax time.Duration // before a port is opened again
	answer          time.Duration // to commands that only look
	send            time.Duration // to a message
	look            time.Duration // between two looks at SIM card and network
	inbox           time.Duration // between two looks for messages of which nothing was said
	beat            time.Duration // between two looks at a call
	setup           time.Duration // until a telephone must ring
	ring            time.Duration // from ring to ring [ETSI TS 122 001 leaves it to networks: about five seconds]
}

func patience() timing {
	return timing{
		retry: 200 * time.Millisecond, retryMax: 2 * time.Second,
		answer: 5 * time.Second, send: 50 * time.Second,
		look: 10 * time.Second, inbox: time.Minute,
		beat: 500 * time.Millisecond, setup: 20 * time.Second, ring: 5 * time.Second,
	}
}

// Modem is one modem. Run is its task; everything else may be called from any
// goroutine.
type Modem struct {
	cfg    Config
	log    *slog.Logger
	timing timing
	wake   chan struct{}

	mu     sync.Mutex
	queue  []*job
	before map[string]time.Time // when what waits, or was tried, was first asked for
	known  bool                 // a first state was told
	why    *Error               // why nobody can be reached; nil when people can
	soft   bool                 // that is for technicians: trying is worth it
	state  State

	awaited    map[byte]*awaited // the owner's: messages by the network's reference
	pinRefused bool              // the owner's: the card is not asked again, it has three tries
}

// State is what was seen of the modem last.
type State struct {
	Signal  int // dBm; 0 when it is not known
	Roaming bool
}

// New makes the task; Run opens the port.
func New(cfg Config, log *slog.Logger) (*Modem, error) {
	if cfg.Open == nil {
		return nil, fmt.Errorf("modem %q: nothing to open", cfg.Name)
	}
	if cfg.OnLink == nil {
		cfg.OnLink = func(bool) {}
	}
	if cfg.OnReceipt == nil {
		cfg.OnReceipt = func(Receipt) {}
	}
	if cfg.Count == nil {
		cfg.Count = func(string) {}
	}
	t := patience()
	if cfg.Timeout > 0 {
		t.send = cfg.Timeout
	}
	return &Modem{
		cfg: cfg, log: log.With("modem", cfg.Name), timing: t, wake: make(chan struct{}, 1), before: map[string]time.Time{}, awaited: map[byte]*awaited{},
		why: &Error{modem: cfg.Name, word: NoModem, err: errors.New("it was not opened yet")},
	}, nil
}

// String names the task.
func (m *Modem) String() string { return "modem " + strconv.Quote(m.cfg.Name) }

// Ready is nil while people can be reached, else why they cannot.
func (m *Modem) Ready() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.why != nil {
		return m.why
	}
	return nil
}

// State gives what was seen last.
func (m *Modem) State() State {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.state
}

// Run drives the modem until ctx ends. Whatever is wrong with it is told, and
// tried again.
func (m *Modem) Run(ctx context.Context) error {
	wait := m.timing.retry
	for {
		err := m.session(ctx)
		if ctx.Err() != nil {
			m.failAll(&Error{modem: m.cfg.Name, word: Canceled, err: context.Canceled})
			return nil
		}
		if m.Ready() == nil {
			wait = m.timing.retry
		}
		e := &Error{modem: m.cfg.Name, word: NoModem, err: err}
		m.is(e, false)
		m.failAll(e)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
		wait = min(2*wait, m.timing.retryMax)
	}
}

// is notes why nobody can be reached, nil when people can.
func (m *Modem) is(why *Error, soft bool) {
	m.mu.Lock()
	changed := !m.known || (m.why == nil) != (why == nil)
	news := changed || why != nil && m.why.Error() != why.Error()
	m.known, m.why, m.soft = true, why, soft
	m.mu.Unlock()
	switch {
	case news && why != nil:
		m.log.Warn("people cannot be reached by the modem", "error", why)
	case news:
		m.log.Info("people can be reached by the modem", "dbm", m.State().Signal)
	}
	if changed {
		m.cfg.OnLink(why == nil)
	}
}

// session opens the port and drives the modem until it is gone.
func (m *Modem) session(ctx context.Context) error {
	port, err := m.cfg.Open()
	if err != nil {
		return err
	}
	in, ended := make(chan []byte), make(chan struct{})
	over, stop := context.WithCancel(ctx)
	var read error
	go func() {
		defer close(ended)
		read = pump(over, port, in)
		close(in)
	}()
	defer func() {
		stop()
		<-ended
		_ = port.Close() // nothing can be done about it
	}()
	s := &session{m: m, in: in, ctx: over, handled: make(chan int), busy: map[int]bool{}}
	s.at = at.New(in, func(b []byte) error {
		n, err := port.Write(b)
		if err == nil && n < len(b) {
			err = errors.New("it takes no more octets")
		}
		return err
	})
	defer s.answers.Wait()
	defer stop()
	err = s.run()
	if errors.Is(err, at.ErrGone) {
		<-ended
		if read != nil {
			err = fmt.Errorf("%w (%w)", at.ErrGone, read)
		}
	}
	if s.dial != nil {
		s.finish(s.dial.job, m.failed(err))
	}
	return err
}

// pump hands over what comes until the port is gone or ctx ends.
func pump(ctx context.Context, port Port, in chan<- []byte) error {
	buf := make([]byte, 1024)
	for ctx.Err() == nil {
		n, err := port.Read(buf)
		if n > 0 {
			b := make([]byte, n)
			copy(b, buf)
			select {
			case in <- b:
			case <-ctx.Done():
				return nil
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}
