package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// disk is a journal in memory: what Append has taken is on it, whatever
// happens to the gateway afterwards.
type disk struct {
	mu        sync.Mutex
	recs      []alerting.Record
	snapshots []alerting.Snapshot
	stall     chan struct{} // while not nil, Append waits for it
	fail      error
	unread    error // reading and writing fail: it cannot be opened
	fresh     bool  // the next Append finds a new journal
	damaged   bool  // the next reading finds that it is, and a new one begins
}

func (d *disk) unreadable(err error) { d.mu.Lock(); defer d.mu.Unlock(); d.unread = err }

func (d *disk) Append(ctx context.Context, recs []alerting.Record) error {
	if err := ctx.Err(); err != nil { // as the real one
		return err
	}
	d.mu.Lock()
	stall, fail := d.stall, errors.Join(d.fail, d.unread)
	if d.fresh {
		d.fresh = false
		d.mu.Unlock()
		return errFresh
	}
	d.mu.Unlock()
	if stall != nil {
		select {
		case <-stall:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if fail != nil {
		return fail
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, r := range recs {
		if want := int64(len(d.recs) + 1); r.Seq != want {
			return fmt.Errorf("record %d where %d belongs", r.Seq, want)
		}
		d.recs = append(d.recs, r)
	}
	return nil
}

func (d *disk) length() int { d.mu.Lock(); defer d.mu.Unlock(); return len(d.recs) }

func (d *disk) SaveSnapshot(ctx context.Context, s alerting.Snapshot) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.snapshots = slices.Insert(d.snapshots, 0, s)
	return nil
}

func (d *disk) Snapshots(context.Context) ([]alerting.Snapshot, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.unread != nil {
		return nil, d.unread
	}
	return slices.Clone(d.snapshots), nil
}

func (d *disk) Records(_ context.Context, after int64, each func(alerting.Record) error) error {
	d.mu.Lock()
	recs, err, damaged := slices.Clone(d.recs), d.unread, d.damaged
	if damaged {
		d.recs, d.snapshots, d.damaged = nil, nil, false
	}
	d.mu.Unlock()
	if err != nil {
		return err
	}
	for _, r := range recs[after:] {
		if err := each(r); err != nil {
			return err
		}
	}
	if damaged {
		return errFresh
	}
	return nil
}

// phone is a channel that rings.
type phone struct {
	mu    sync.Mutex
	calls []alerting.Call
	at    []time.Time
	hang  bool
	err   error
}

func (p *phone) Notify(ctx context.Context, c alerting.Call) (bool, error) {
	p.mu.Lock()
	hang, err := p.hang, p.err
	p.mu.Unlock()
	if hang {
		<-ctx.Done()
		return true, ctx.Err()
	}
	if err != nil {
		return true, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls, p.at = append(p.calls, c), append(p.at, time.Now())
	return true, nil
}

// first is when the first call came; the zero time before.
func (p *phone) first() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.at) == 0 {
		return time.Time{}
	}
	return p.at[0]
}

// rang lists what came, in words.
func (p *phone) rang() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := []string{}
	for _, c := range p.calls {
		out = append(out, fmt.Sprintf("%s %s %s to %s", c.Reason, c.Kind, c.Place, c.To))
	}
	return out
}

// board remembers what was published.
type board struct {
	mu     sync.Mutex
	alarms map[alerting.AlarmID]alerting.Alarm
	lives  map[devices.ID]devices.Status
	faults map[string]bool
}

func newBoard() *board {
	return &board{alarms: map[alerting.AlarmID]alerting.Alarm{}, lives: map[devices.ID]devices.Status{}, faults: map[string]bool{}}
}

func (b *board) Alarm(a alerting.Alarm)  { b.mu.Lock(); defer b.mu.Unlock(); b.alarms[a.ID] = a }
func (b *board) Device(s devices.Status) { b.mu.Lock(); defer b.mu.Unlock(); b.lives[s.ID] = s }
func (b *board) Fault(f alerting.Fault, on bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.faults[string(f.Code)+" "+f.Subject] = on
}

func (b *board) open() []alerting.Alarm {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []alerting.Alarm
	for _, a := range b.alarms {
		if a.Open() {
			out = append(out, a)
		}
	}
	return out
}

func (b *board) fault(name string) bool { b.mu.Lock(); defer b.mu.Unlock(); return b.faults[name] }
func (b *board) life(id devices.ID) devices.Life {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.lives[id].Life
}

type noMeter struct{}

func (noMeter) Count(string, string, float64)   {}
func (noMeter) Observe(string, string, float64) {}
func (noMeter) Set(string, string, float64)     {}

// night is a small ward with a gateway that can be stopped and started.
type night struct {
	t             *testing.T
	site          Site
	disk          *disk
	marta, centre *phone
	board         *board
	g             *Gateway
	stop          func()
	packet        uint16
	clock         *setClock // nil: the bubble's own
	readings      ReadingStore
	lives         Lives
	fallback      func() (alerting.Snapshot, bool, error)
}

func newNight(t *testing.T) *night {
	n := &night{t: t, disk: &disk{}, marta: &phone{}, centre: &phone{}, board: newBoard()}
	n.site = Site{
		Plan: alerting.Plan{
			Site: "lipowa", Default: "ward", LastResort: "centre",
			Devices: map[devices.ID]alerting.Device{"d-1": {Place: "p-7"}, "d-2": {Place: "p-3"}, "d-3": {Place: "p-7"}},
			People: map[alerting.Person]alerting.Responder{
				"marta": {Contacts: []alerting.Contact{{Channel: "phone"}}}, "centre": {Contacts: []alerting.Contact{{Channel: "screen"}}},
			},
			Policies: map[alerting.PolicyID]alerting.Policy{"ward": {Steps: []alerting.PolicyStep{
				{Call: []alerting.Target{{Person: "marta"}}, Wait: 30 * time.Second},
				{Call: []alerting.Target{{Person: "centre"}}, Wait: 60 * time.Second},
			}}},
		},
		Devices: map[devices.Address]Device{
			"zigbee2mqtt/pendant 7": {ID: "d-1", Role: devices.Panic, Window: 25 * time.Hour},
			"zigbee2mqtt/door":      {ID: "d-2", Window: time.Minute},
			"zigbee2mqtt/radar":     {ID: "d-3", Window: time.Hour},
		},
		Places: map[alerting.PlaceID]string{"p-7": "Room 7", "p-3": "Room 3"},
	}
	return n
}

func (n *night) start() { n.t.Helper(); n.startShown(n.board) }

// startShown starts it with another board.
func (n *night) startShown(shown Publisher) {
	n.t.Helper()
	g := New(Options{
		Site: n.site, Journal: n.disk, History: n.disk, Readings: n.readings, Fallback: n.fallback, Lives: n.lives,
		Notifiers:  map[alerting.ChannelID]Notifier{"phone": n.marta, "screen": n.centre},
		Publishers: []Publisher{shown}, Meter: noMeter{}, Log: slog.New(slog.DiscardHandler),
	})
	if n.clock != nil {
		g.clock.times = n.clock.times()
	}
	n.startWith(g)
}

func (n *night) startWith(g *Gateway) {
	n.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- g.Run(ctx) }()
	n.g = g
	n.stop = func() {
		n.t.Helper()
		cancel()
		if err := <-ended; err != nil {
			n.t.Errorf("gateway ended: %v", err)
		}
	}
	synctest.Wait()
}

// says delivers a frame and returns whether it has been answered, and how.
func (n *night) says(device string, f devices.Frame) *answered {
	f.Source, f.Format, f.Message.Device = "zigbee", "zigbee2mqtt", device
	a := &answered{}
	n.g.Handle(f, a.give)
	synctest.Wait()
	return a
}

// presses is a press with an identity of its own on the link.
func (n *night) presses(device string) (devices.Frame, *answered) {
	n.packet++
	f := devices.Frame{
		Session: "zigbee", Packet: n.packet, Raw: []byte(`{"action":"single"}`), Topic: "zigbee2mqtt/" + device,
		Message: devices.Message{Events: []devices.Event{{Kind: devices.Button}}},
	}
	return f, n.says(device, f)
}

type answered struct {
	mu  sync.Mutex
	err []error
}

func (a *answered) give(err error) { a.mu.Lock(); defer a.mu.Unlock(); a.err = append(a.err, err) }
func (a *answered) String() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case len(a.err) == 0:
		return "not answered"
	case len(a.err) > 1:
		return fmt.Sprintf("answered %d times", len(a.err))
	case a.err[0] != nil:
		return "refused"
	}
	return "answered"
}

func (n *night) expect(what string, got, want any) {
	n.t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		n.t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

var errDisk = errors.New("input/output error")

// last is the newest call.
func (p *phone) last() alerting.Call {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls[len(p.calls)-1]
}

// fresh forgets everything, as a page that is opened after a restart.
func (b *board) fresh() {
	b.mu.Lock()
	defer b.mu.Unlock()
	clear(b.alarms)
}
