// Package helpcoming tells those who called that help is coming: a lamp, siren
// or speaker at the place of an alarm is told when somebody takes the alarm and
// when somebody is there, and told again when it is over. It guarantees that
// what was decided waits for none of this, that a command which cannot be sent
// is tried again for as long as it is true, and that it is a fault meanwhile.
package helpcoming

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// Command is how one lamp, siren or speaker is told.
type Command struct {
	Subject string // the opaque id of what has it, for faults
	Source  string // through which broker: a source's name; "" is the first
	Topic   string
	Coming  []byte // somebody has taken the alarm
	There   []byte // somebody is there; nil is Coming once more
	Over    []byte // nobody is needed; nil when it ends by itself
}

// Commands are those of a site.
type Commands struct {
	Places  map[alerting.PlaceID][]Command
	Devices map[devices.ID][]Command
}

// stage is how far help is. The zero stage is none.
type stage int

const (
	none stage = iota
	coming
	there
)

// overFor is for how long after the close of an alarm that was closed while
// nobody could send, "over" is still said.
const overFor = 10 * time.Minute

// Answers is a gateway's publisher and a task.
type Answers struct {
	// send publishes. It may wait for some seconds.
	send func(source, topic string, payload []byte) error
	// fault says whether a command waits that could not be sent.
	fault func(subject string, on bool)
	log   *slog.Logger

	mu       sync.Mutex
	ctx      context.Context // nil before Run and after its end
	commands Commands
	alarms   map[alerting.AlarmID]standing
	targets  map[string]*target // by source and topic
	work     sync.WaitGroup
}

type standing struct {
	stage  stage
	place  alerting.PlaceID
	device devices.ID
}

// target is one thing that is told.
type target struct {
	command Command
	wanted  stage
	fresh   bool // wanted has not been sent
	driven  bool // somebody is at it
	wake    chan struct{}
}

// New makes the task; Run sends.
func New(send func(source, topic string, payload []byte) error, fault func(subject string, on bool), log *slog.Logger) *Answers {
	return &Answers{send: send, fault: fault, log: log, alarms: map[alerting.AlarmID]standing{}, targets: map[string]*target{}}
}

func (a *Answers) String() string { return "help is coming" }

// Ready is nil: what cannot be sent is a fault of its place.
func (a *Answers) Ready() error { return nil }

// Set puts other commands in force, for what happens from now on.
func (a *Answers) Set(c Commands) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.commands = c
}

// Alarm notes how an alarm stands. It does not block.
func (a *Answers) Alarm(now alerting.Alarm) {
	s := standing{none, now.Place, now.Device}
	switch now.State {
	case alerting.Acknowledged:
		s.stage = coming
	case alerting.Attended:
		s.stage = there
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	was, known := a.alarms[now.ID]
	switch {
	case known && was.stage == s.stage:
		return
	case s.stage == none:
		delete(a.alarms, now.ID)
		if !known && (now.Open() || now.AckedAt.IsZero() || time.Since(now.ClosedAt) > overFor) {
			return // it was over before, and that was said
		}
	default:
		a.alarms[now.ID] = s
	}
	for _, c := range a.of(s) {
		a.want(c)
	}
}

// Device and Fault are nothing to those who called.
func (a *Answers) Device(devices.Status) {}

// Fault is of no concern here.
func (a *Answers) Fault(alerting.Fault, bool) {}

// want decides what a target is to be told: of several alarms what is furthest.
func (a *Answers) want(c Command) {
	key := c.Source + "\x00" + c.Topic
	t := a.targets[key]
	if t == nil {
		t = &target{wake: make(chan struct{}, 1)}
		a.targets[key] = t
	}
	t.command, t.wanted, t.fresh = c, none, true
	for _, s := range a.alarms {
		if s.stage <= t.wanted {
			continue
		}
		for _, other := range a.of(s) {
			if other.Source == c.Source && other.Topic == c.Topic {
				t.wanted = s.stage
			}
		}
	}
	select {
	case t.wake <- struct{}{}: // also one that waits to try again
	default:
	}
	a.drive(t)
}

// of lists the commands that an alarm concerns.
func (a *Answers) of(s standing) []Command {
	return slices.Concat(a.commands.Places[s.place], a.commands.Devices[s.device])
}

// drive has somebody send to a target until it has been told.
func (a *Answers) drive(t *target) {
	if a.ctx == nil || t.driven {
		return
	}
	t.driven = true
	ctx := a.ctx
	a.work.Go(func() { a.tell(ctx, t) })
}

// Times of trying again.
const (
	firstWait = 500 * time.Millisecond
	mostWait  = 15 * time.Second
	faultFrom = 3 // tries in a row that failed
)

// tell sends what is wanted, until that is done or ctx ends.
func (a *Answers) tell(ctx context.Context, t *target) {
	failed, wait := 0, firstWait
	for {
		a.mu.Lock()
		select {
		case <-t.wake: // what it says is seen here
		default:
		}
		if !t.fresh || ctx.Err() != nil {
			t.driven = false
			a.mu.Unlock()
			return
		}
		t.fresh = false
		c, payload := t.command, t.payload()
		a.mu.Unlock()
		if payload == nil {
			continue
		}
		err := a.send(c.Source, c.Topic, payload)
		if err == nil {
			if failed > 0 {
				a.log.Info("a lamp, siren or speaker was told", "subject", c.Subject, "failures", failed)
			}
			a.fault(c.Subject, false)
			failed, wait = 0, firstWait
			continue
		}
		failed++
		if failed == faultFrom {
			a.log.Error("a lamp, siren or speaker cannot be told that help is coming, or that it is over; it is tried again", "subject", c.Subject, "error", err)
			a.fault(c.Subject, true)
		}
		a.mu.Lock()
		t.fresh = true
		a.mu.Unlock()
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
			wait = min(2*wait, mostWait)
		case <-t.wake: // something else is to be said
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

// payload is what to say; nil is nothing.
func (t *target) payload() []byte {
	switch {
	case t.wanted == none:
		return t.command.Over
	case t.wanted == there && t.command.There != nil:
		return t.command.There
	}
	return t.command.Coming
}

// Run sends until ctx ends.
func (a *Answers) Run(ctx context.Context) error {
	a.mu.Lock()
	a.ctx = ctx
	for _, t := range a.targets {
		a.drive(t)
	}
	a.mu.Unlock()
	<-ctx.Done()
	a.mu.Lock()
	a.ctx = nil
	a.mu.Unlock()
	a.work.Wait()
	return nil
}
