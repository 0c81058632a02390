package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"telecare/alerting"
	"telecare/devices"

	"golang.org/x/sync/errgroup"
)

// Journal keeps the machine's inputs. One caller at a time.
type Journal interface {
	// Append returns nil only when the records are on disk. After an error the
	// same records are given again until it does.
	Append(ctx context.Context, recs []alerting.Record) error
	SaveSnapshot(ctx context.Context, s alerting.Snapshot) error
}

// History is what a journal kept, read at the start and by replay.
type History interface {
	// Snapshots lists those that can be read, newest first.
	Snapshots(ctx context.Context) ([]alerting.Snapshot, error)
	// Records calls each for every record after seq, in order and without a gap.
	// At a start an error with a method Fresh() bool says that some could not be
	// read, that all others were given, and that the journal begins anew.
	Records(ctx context.Context, after int64, each func(alerting.Record) error) error
}

// ReadingStore keeps readings and closed alarms until they are where
// technicians look. Append returns nil only when they are on disk; the slices are
// its own only until it returns.
type ReadingStore interface {
	Append(ctx context.Context, samples []devices.Sample, closed []alerting.Alarm) error
}

// Notifier carries one message over one channel. It returns nil when the
// channel has accepted it, and else whether trying again can help. It honours
// ctx. An error with a method Word() string gives the reason that is shown.
type Notifier interface {
	Notify(ctx context.Context, c alerting.Call) (retry bool, err error)
}

// Publisher is told how things stand. Nothing it does blocks.
type Publisher interface {
	Alarm(alerting.Alarm)
	Device(devices.Status)
	Fault(f alerting.Fault, on bool)
}

// Breaks is a Publisher that shows who is on a break, too; with a zero time they
// are back.
type Breaks interface {
	Break(who alerting.Person, until time.Time)
}

// Technicians is a Publisher that shows technical alarms, which are kept from
// every other: they are of faults, and nobody needs help.
type Technicians interface {
	Technical(alerting.Alarm)
}

// Meter counts what technicians should see. Nothing it does blocks.
type Meter interface {
	Count(name, label string, n float64)
	Observe(name, label string, seconds float64)
	Set(name, label string, value float64)
}

// Task runs until its context ends. Whatever goes wrong inside it is retried;
// only what can never be put right is returned.
type Task interface {
	Run(ctx context.Context) error
	// Ready says why the task cannot do its work now, nil when it can.
	Ready() error
	String() string
}

// Options are the gateway's neighbours.
type Options struct {
	Site      Site
	Journal   Journal
	History   History
	Readings  ReadingStore // nil: readings are shown and not kept
	Lives     Lives        // nil: silence and batteries are judged anew at each start
	Tests     Lives        // nil: channels are untested at each start
	Notifiers map[alerting.ChannelID]Notifier
	// Says are the channels that name more or less than the place.
	Says map[alerting.ChannelID]alerting.Says
	// Fallback is the newest snapshot that is kept outside the journal, for a
	// start at which the journal cannot be read; false when there is none.
	Fallback func() (alerting.Snapshot, bool, error)
	// Link gives the address that opens an alarm for a responder.
	Link       func(alerting.Alarm, alerting.Person) string
	Publishers []Publisher
	Meter      Meter
	Log        *slog.Logger
	// Recovered is told all alarms that are remembered once the journal has
	// been read, before anything new happens.
	Recovered func([]alerting.Alarm)
	// Beat is called about once a second from inside the loop, only while it
	// turns: it feeds the watchdog.
	Beat func()
	// TryFor is how long one try of a notification may take, or a test.
	TryFor time.Duration
	// TestEvery is how often a channel is tested silently, where it is not
	// DefaultTestEvery; 0: only when somebody wants it.
	TestEvery map[alerting.ChannelID]time.Duration
}

// Gateway is one site's shell.
type Gateway struct {
	o       Options
	inbox   *mailbox[item]
	commit  committing
	watch   watching
	spool   spooling
	senders sending
	tests   *tests
	lanes   []func(context.Context) error // run the above

	turned atomic.Int64 // clock.mono at the loop's last turn

	// Owned by the loop:
	machine    *alerting.Machine
	site       Site
	clock      clock
	seq        int64
	snapAt     int64 // seq of the newest snapshot
	seen       deliveries
	conditions map[condition]time.Time        // since when
	unsure     map[devices.ID]map[string]bool // topics heard at QoS 0
	boxes      map[box]bool                   // bridges and receivers that are away
	beats      map[box]time.Duration          // when those last gave a sign of life that give some, by clock.mono
	epoch      int                            // counts the journals that had to begin anew
	shows      shows
	paths      paths
	lookAgain  time.Duration // when the second lane is told next who is watched, by clock.mono
	held       []unit        // decided while the journal could not be read
	detached   atomic.Bool   // as long as it cannot; others only read it
	beginning  bool          // no time goes by yet
	adopt      bool          // the journal is empty and something is known all the same
	saved      time.Time     // when the newest snapshot was queued
}

// New makes a gateway; Run starts it.
func New(o Options) *Gateway {
	if o.TryFor <= 0 {
		o.TryFor = 10 * time.Second
	}
	if o.Link == nil {
		o.Link = func(alerting.Alarm, alerting.Person) string { return "" }
	}
	if o.Beat == nil {
		o.Beat = func() {}
	}
	if o.Fallback == nil {
		o.Fallback = func() (alerting.Snapshot, bool, error) { return alerting.Snapshot{}, false, nil }
	}
	if o.Recovered == nil {
		o.Recovered = func([]alerting.Alarm) {}
	}
	g := &Gateway{
		o: o, inbox: newMailbox[item](), site: o.Site,
		seen: deliveries{}, conditions: map[condition]time.Time{}, shows: shows{map[devices.ID]map[devices.Quantity]float64{}, map[string]time.Time{}, map[string]devices.ID{}}, unsure: map[devices.ID]map[string]bool{}, boxes: map[box]bool{}, beats: map[box]time.Duration{}, paths: paths{map[devices.ID]time.Duration{}, map[devices.ID]string{}}, clock: clock{times: realTimes()},
	}
	commit := newCommitter(o.Journal, o.Meter, o.Log, func(epoch int) { g.inbox.put(item{renew: epoch}) })
	spool := newSpooler(o.Readings, o.Meter, g.Condition)
	watch := newWatch(g)
	g.commit, g.spool, g.watch, g.senders, g.tests = commit, spool, watch, newSenders(g), newTests(g)
	g.lanes = []func(context.Context) error{commit.run, spool.run, watch.run, g.tests.run}
	return g
}

func (g *Gateway) String() string { return fmt.Sprintf("gateway of site %q", g.site.Plan.Site) }

// Run recovers what the journal holds, goes on from there, and returns when
// ctx ends. What was accepted by then is on disk when it returns.
func (g *Gateway) Run(ctx context.Context) error {
	if err := g.recover(ctx); err != nil {
		return fmt.Errorf("recover from the journal: %w", err)
	}
	lanes, stopLanes := context.WithCancel(context.WithoutCancel(ctx))
	defer stopLanes()
	var side errgroup.Group
	for _, run := range g.lanes {
		side.Go(func() error { return run(lanes) })
	}

	if g.detached.Load() {
		side.Go(func() error { return g.reattach(lanes) })
	}
	g.begin()
	err := g.loop(ctx)
	g.senders.stop()
	stopLanes()
	return errors.Join(err, side.Wait())
}

// Turning reports whether the loop has turned within the last five seconds.
func (g *Gateway) Turning() bool {
	last := g.turned.Load()
	return last != 0 && g.clock.mono()-time.Duration(last) < 5*time.Second
}

// Ready says why the gateway cannot keep its promises now.
func (g *Gateway) Ready() error {
	if !g.Turning() {
		return errors.New("the loop does not turn")
	}
	return g.journalReady()
}

func (g *Gateway) journalReady() error {
	if g.detached.Load() {
		return errors.New("the journal cannot be read")
	}
	return g.commit.ready()
}

// Handle takes a frame from a source; it is a devices.Handler.
func (g *Gateway) Handle(f devices.Frame, answer func(error)) {
	g.inbox.put(item{frame: &f, answer: answer, heard: time.Now()})
}

// Apply puts another site's plan and names in force, without a pause.
func (g *Gateway) Apply(s Site) { g.inbox.put(item{site: &s}) }

// Condition says that something is wrong, or right again. It becomes a fault
// when it lasts for the time its type declares.
func (g *Gateway) Condition(code alerting.FaultCode, subject string, on bool) {
	g.inbox.put(item{condition: &condition{code, subject}, on: on})
}

// OnPhone says that a message is on the telephone of whom it was sent to, as its
// channel reports it.
func (g *Gateway) OnPhone(a alerting.AlarmID, n alerting.NotificationID) {
	g.inbox.put(item{in: alerting.Sent{Alarm: a, Notification: n, Arrived: true}})
}

// NotArrived says that a message which its channel had accepted did not reach
// anybody.
func (g *Gateway) NotArrived(a alerting.AlarmID, n alerting.NotificationID) {
	g.inbox.put(item{in: alerting.Sent{Alarm: a, Notification: n, Error: alerting.NotArrived}})
}

// Refusal is why a person's answer could not be carried out.
type Refusal struct{ alerting.Refused }

func (r *Refusal) Error() string {
	return fmt.Sprintf("refused: %s", r.Why)
}

// Act gives the machine a person's answer. It returns when that is decided and
// on disk; when the disk takes longer than a second the decision stands and is
// in force. A *Refusal says why it could not be carried out; another error, that
// it was not kept before the gateway ended.
func (g *Gateway) Act(ctx context.Context, in alerting.Input) error {
	_, err := g.act(ctx, in)
	return err
}

// Raise raises an alarm by hand, as Act gives an answer, and says which it is.
func (g *Gateway) Raise(ctx context.Context, in alerting.RaiseByHand) (alerting.AlarmID, error) {
	effects, err := g.act(ctx, in)
	if err != nil {
		return "", err
	}
	for _, e := range effects {
		if c, ok := e.(alerting.Changed); ok && (c.Entry.What == alerting.WasRaised || c.Entry.What == alerting.Folded) {
			return c.Alarm.ID, nil
		}
	}
	return "", fmt.Errorf("no alarm was raised at place %q", in.Place)
}

func (g *Gateway) act(ctx context.Context, in alerting.Input) ([]alerting.Effect, error) {
	if hand, ok := in.(alerting.RaiseByHand); ok {
		if !g.watch.hasPlace(hand.Place) {
			return nil, &Refusal{alerting.Refused{By: hand.By, Why: alerting.NoSuchPlace}}
		}
	}
	decided := make(chan []alerting.Effect, 1)
	kept := make(chan error, 1)
	g.inbox.put(item{
		in:      in,
		decided: func(effects []alerting.Effect) { decided <- effects },
		answer:  func(err error) { kept <- err },
	})
	var effects []alerting.Effect
	select {
	case effects = <-decided:
		if r := refusal(effects); r != nil {
			return nil, &Refusal{*r}
		}
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for the decision: %w", ctx.Err())
	}
	patience := time.NewTimer(time.Second)
	defer patience.Stop()
	select {
	case err := <-kept:
		if err != nil {
			return nil, fmt.Errorf("keep the answer: %w", err)
		}
	case <-patience.C:
	case <-ctx.Done():
	}
	return effects, nil
}
