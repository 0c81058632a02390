package serial

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"telecare/devices"
)

// timing is how patient a line is. It is fixed; tests are shorter.
type timing struct {
	read     time.Duration // one read; the longest that Run outlives its context
	silence  time.Duration // without an understood line, until the peer is asked
	answer   time.Duration // for an answer to that
	misses   int           // answers missed, until the link is down
	retry    time.Duration // first wait before a port is opened again
	retryMax time.Duration // the wait doubles up to this
}

// patience keeps a replugged port's recovery under two seconds and a mute
// dongle's detection at a minute and a half.
func patience() timing {
	return timing{
		read:     200 * time.Millisecond,
		silence:  time.Minute,
		answer:   10 * time.Second,
		misses:   3,
		retry:    100 * time.Millisecond,
		retryMax: time.Second,
	}
}

// Line reads one serial port and hands over what it hears. Run is its only
// task; Ready and String may be called at any time.
type Line struct {
	cfg    Config
	format format
	// decoder outlives a port: what was taught in holds over a replug.
	decoder Decoder
	handle  devices.Handler
	log     *slog.Logger
	timing  timing
	byID    string

	answers answers
	repeats repeats
	toKeep  chan map[string]profile // the newest that is taught in, to be written

	mu    sync.Mutex
	known bool  // the first state was told
	err   error // why the link is not up; nil when it is
}

// New returns the line of a valid configuration. It opens nothing.
func New(cfg Config, handle devices.Handler, log *slog.Logger) (*Line, error) {
	t, err := cfg.validate()
	if err != nil {
		return nil, err
	}
	l := &Line{
		cfg: cfg, format: t, decoder: t.decoder(), handle: handle, repeats: repeats{within: t.repeats},
		log:    log.With("source", cfg.Name, "port", cfg.Port),
		timing: patience(), byID: byID, toKeep: make(chan map[string]profile, 1),
		err: errors.New("the port was not opened yet"),
	}
	if t.name == ESP3 {
		l.decoder = newESP3With(l.profiles())
	}
	return l, nil
}

// profiles are those that are kept, and those of the configuration.
func (l *Line) profiles() *profiles {
	p := &profiles{taught: map[string]profile{}, fixed: map[string]profile{}}
	for sender, s := range l.cfg.Profiles {
		p.fixed[sender], _ = profileOf(s) // it is valid
	}
	if l.cfg.ProfilesFile == "" {
		return p
	}
	var err error
	if p.taught, err = loadProfiles(l.cfg.ProfilesFile); err != nil {
		l.log.Error("what sensors were taught in with cannot be read, or not all of it: teach them in again", "error", err)
	}
	p.changed = func(all map[string]profile) {
		select {
		case <-l.toKeep: // older than this
		default:
		}
		l.toKeep <- all
	}
	return p
}

// keepProfiles writes what is taught in beside the line, which waits for no disk.
func (l *Line) keepProfiles(ctx context.Context) {
	save := func(all map[string]profile) {
		if err := saveProfiles(l.cfg.ProfilesFile, all); err != nil {
			l.log.Error("what a sensor was taught in with is not kept for the next start", "error", err)
		}
	}
	for {
		select {
		case all := <-l.toKeep:
			save(all)
		case <-ctx.Done():
			select {
			case all := <-l.toKeep:
				save(all)
			default:
			}
			return
		}
	}
}

// String names the task.
func (l *Line) String() string {
	return fmt.Sprintf("serial line %q: %s at %d baud on %s", l.cfg.Name, l.cfg.Format, l.cfg.Baud, l.cfg.Port)
}

// Ready is nil while the link is up, else why it is not.
func (l *Line) Ready() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return fmt.Errorf("serial line %q: %w", l.cfg.Name, l.err)
	}
	return nil
}

// Run reads the port until ctx ends, then returns nil. Whatever is wrong with
// the port is a state of the link; Run opens it again and again.
func (l *Line) Run(ctx context.Context) error {
	kept := make(chan struct{})
	defer func() {
		select {
		case <-kept:
		case <-time.After(2 * time.Second): // the disk hangs
		}
	}()
	go func() {
		defer close(kept)
		l.keepProfiles(ctx)
	}()
	wait := l.timing.retry
	for {
		err := l.session(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if l.Ready() == nil {
			wait = l.timing.retry
		}
		l.down(err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
		wait = min(2*wait, l.timing.retryMax)
	}
}

// session opens the port and reads it until it is gone or ctx ends.
func (l *Line) session(ctx context.Context) error {
	p, err := openPort(l.cfg.Port, l.byID, l.cfg.Baud, l.timing.read)
	if err != nil {
		return err
	}
	defer p.close()
	l.log.Info("serial port opened", "device", p.device)
	decoder := l.decoder
	defer decoder.End() // what is left of this session means nothing in the next
	l.answers.open(func(b byte) { p.write([]byte{b}) })
	defer l.answers.open(nil) // before the port is closed
	peer := prober{timing: l.timing, heard: time.Now(), quiet: l.format.quiet}
	peer.ask(p, l.format.probe, time.Now())

	buf := make([]byte, 1024)
	early := 0
	for ctx.Err() == nil {
		began := time.Now()
		n, err := p.read(buf)
		now := time.Now()
		if l.deliver(decoder.Feed(buf[:n])) {
			peer.answered(now)
			l.up()
		}
		switch {
		case err == nil:
			early = 0
		case errors.Is(err, io.EOF) && now.Sub(began) >= l.timing.read/2:
			early = 0 // nothing was said within the time
			if d, ok := decoder.(idler); ok && l.deliver(d.Idle()) {
				peer.answered(now)
				l.up()
			}
		case errors.Is(err, io.EOF) && early < 2:
			early++ // an unplugged port ends each read at once, for ever
		default:
			l.deliver(decoder.End())
			return fmt.Errorf("port %q is gone: %w", p.device, err)
		}
		if err != nil {
			if err := p.gone(); err != nil {
				l.deliver(decoder.End())
				return err
			}
		}
		if err := peer.check(p, l.format.probe, now); err != nil {
			return err
		}
	}
	return nil
}

// deliver hands the frames over and reports whether one was understood.
func (l *Line) deliver(frames []Decoded) bool {
	understood := false
	for _, f := range frames {
		understood = understood || f.Err == nil && !f.Message.Hearsay
		if l.format.answers {
			l.answered(f)
			continue
		}
		l.repeats.mark(&f.Message, time.Now())
		frame := l.frame(f)
		frame.Unanswered = true
		l.handle(frame, func(error) {}) // the dongle knows no acknowledgment
	}
	return understood
}

func (l *Line) frame(f Decoded) devices.Frame {
	if l.format.nameless && f.Message.Device != "" {
		f.Message.Device = l.cfg.Name
	}
	return devices.Frame{Source: l.cfg.Name, Format: l.cfg.Format, Message: f.Message, Raw: f.Raw, Err: f.Err}
}

// answered hands over a frame that waits for its answer.
func (l *Line) answered(f Decoded) {
	frame := l.frame(f)
	switch {
	case f.Err == nil && f.Message.Device == Dongle:
		l.answers.alive(f, time.Now())
		l.handle(frame, func(error) {})
	case f.Err != nil && !isText(f.Raw), l.answers.refuse(f):
		l.handle(frame, func(error) {})
	default:
		packet, again, answer := l.answers.came(f, time.Now())
		frame.Session, frame.Packet, frame.Dup = l.cfg.Name+"/line", packet, again
		l.handle(frame, func(err error) { answer(err, time.Now()) })
	}
}

func (l *Line) up() {
	l.mu.Lock()
	changed := l.err != nil
	l.known, l.err = true, nil
	l.mu.Unlock()
	if !changed {
		return
	}
	l.log.Info("serial link is up")
	if l.cfg.OnLink != nil {
		l.cfg.OnLink(true)
	}
}

func (l *Line) down(err error) {
	l.mu.Lock()
	changed := l.err == nil || !l.known
	news := changed || l.err.Error() != err.Error()
	l.known, l.err = true, err
	l.mu.Unlock()
	if news {
		l.log.Warn("serial link is down", "err", err)
	}
	if changed && l.cfg.OnLink != nil {
		l.cfg.OnLink(false)
	}
}

// prober tells a quiet line from a dead one by asking.
type prober struct {
	timing timing
	heard  time.Time // the last understood line, or the opening
	asked  time.Time // the open question; zero when there is none
	missed int
	quiet  time.Duration // after so long a silence a peer is dead that cannot be asked
}

func (p *prober) answered(now time.Time) {
	p.heard, p.asked, p.missed = now, time.Time{}, 0
}

// ask puts the question. A port that does not take it is as good as one that
// does not answer.
func (p *prober) ask(port *port, probe []byte, now time.Time) {
	if probe == nil {
		return // the protocol has no question: a silent line may be well
	}
	port.write(probe)
	p.asked = now
}

// check asks when it is time to, and returns an error when the peer is dead.
func (p *prober) check(port *port, probe []byte, now time.Time) error {
	switch {
	case probe == nil:
		if p.quiet > 0 && now.Sub(p.heard) >= p.quiet {
			return fmt.Errorf("port %q is open, but nothing was understood for %v, not even a heartbeat: is it the right port, at the right speed?", port.device, p.quiet)
		}
	case p.asked.IsZero():
		if now.Sub(p.heard) >= p.timing.silence {
			p.ask(port, probe, now)
		}
	case now.Sub(p.asked) >= p.timing.answer:
		p.missed++
		if p.missed >= p.timing.misses {
			return fmt.Errorf("port %q is open, but the dongle did not answer %d times: is it the right port?", port.device, p.missed)
		}
		p.ask(port, probe, now)
	}
	return nil
}
