package gateway

import (
	"cmp"
	"context"
	"maps"
	"runtime"
	"slices"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// item is one thing for the loop. Exactly one of frame, in, site, wiring,
// condition, look, told, renew and recovered is set.
type item struct {
	frame   *devices.Frame
	heard   time.Time // when the frame came
	in      alerting.Input
	decided func([]alerting.Effect) // for a person's input
	answer  func(error)             // when it is on disk
	site    *Site
	wiring  *Wiring

	condition *condition
	on        bool
	channel   alerting.ChannelID // whose condition it is, if one's
	via       Notifier           // and what that was then

	look      func(*alerting.Machine) // a question
	told      *toldSigns
	renew     int       // the journal begins anew, for the so-manyeth time
	recovered *replayer // the journal can be read at last
}

// condition is what becomes a fault when it lasts.
type condition struct {
	code    alerting.FaultCode
	subject string
}

// loop owns the machine. It waits for nothing but its inbox, the machine's
// next deadline and its own beat; it never touches a disk or a socket.
func (g *Gateway) loop(ctx context.Context) error {
	beat := time.NewTicker(time.Second)
	defer beat.Stop()
	deadline := time.NewTimer(time.Hour)
	defer deadline.Stop()
	var items []item
	for {
		g.turned.Store(max(int64(g.clock.mono()), 1))
		g.arm(deadline)
		select {
		case <-ctx.Done():
			// What came before is decided still: not everybody says it again.
			items = g.inbox.take(items)
			for i := range items {
				g.item(&items[i])
			}
			g.snapshot()
			return nil
		case <-g.inbox.wake:
			items = g.inbox.take(items)
			for i := range items {
				g.item(&items[i])
			}
		case <-deadline.C:
			g.tick()
		case <-beat.C:
			g.beat()
		}
	}
}

// arm sets the timer to the machine's next deadline.
func (g *Gateway) arm(t *time.Timer) {
	next := g.machine.Next()
	if next.IsZero() {
		t.Reset(time.Hour)
		return
	}
	t.Reset(max(next.Sub(g.clock.now()), 0))
}

// tick passes deadlines, if one is due: a Tick is journalled only when it
// decides something.
func (g *Gateway) tick() {
	if next := g.machine.Next(); !next.IsZero() && !next.After(g.clock.now()) {
		g.step(alerting.Tick{}, "", nil)
	}
}

func (g *Gateway) item(it *item) {
	switch {
	case it.frame != nil:
		g.o.Meter.Observe("telecare_loop_lag_seconds", "", time.Since(it.heard).Seconds())
		g.frame(it)
	case it.site != nil:
		g.apply(*it.site)
	case it.wiring != nil:
		g.rewire(it.wiring)
	case it.look != nil:
		it.look(g.machine)
	case it.told != nil:
		g.told(it.told)
	case it.renew > 0:
		g.renew(it.renew)
	case it.recovered != nil:
		g.rejoin(it.recovered)
	case it.condition != nil:
		if it.channel == "" || it.via == g.o.Notifiers[it.channel] {
			if it.condition.code == alerting.ChainDown && !it.on {
				g.forgetBoxes(it.condition.subject)
			}
			g.changeCondition(*it.condition, it.on)
		}
	default:
		effects := g.step(it.in, "", it.answer)
		if it.decided != nil {
			it.decided(effects)
		}
	}
}

func refusal(effects []alerting.Effect) *alerting.Refused {
	for _, e := range effects {
		if r, ok := e.(alerting.Refused); ok {
			return &r
		}
	}
	return nil
}

// step decides one input, has it carried out, and then journalled.
func (g *Gateway) step(in alerting.Input, delivery string, done func(error)) []alerting.Effect {
	rec, effects := g.decide(in, delivery)
	g.keep(unit{recs: []alerting.Record{rec}, done: done})
	return effects
}

// decide is step without the journal: the caller commits the record.
func (g *Gateway) decide(in alerting.Input, delivery string) (alerting.Record, []alerting.Effect) {
	began := time.Now()
	now := g.clock.now()
	if last := g.machine.Now(); g.beginning && !last.IsZero() {
		now = last
	}
	effects := g.machine.Step(now, in)
	g.carryOut(effects) // help first
	g.o.Meter.Observe("telecare_step_seconds", "", time.Since(began).Seconds())
	return g.record(in, effects, delivery), effects
}

// keep hands a unit to the committer, or holds it while the journal cannot be
// read: only then is it known what comes before it.
func (g *Gateway) keep(u unit) {
	if g.detached.Load() {
		g.held = append(g.held, u)
		return
	}
	u.epoch = g.epoch
	g.commit.put(u)
	g.snapshotIfDue()
}

// record is an input that has been decided, as the journal keeps it.
func (g *Gateway) record(in alerting.Input, effects []alerting.Effect, delivery string) alerting.Record {
	kind, body, err := alerting.EncodeInput(in)
	if err != nil { // only a value that JSON does not know, which no input has
		panic(err)
	}
	g.seq++
	return alerting.Record{
		Seq: g.seq, At: g.machine.Now(), Version: alerting.Version,
		Kind: kind, Body: body, Digest: alerting.Digest(effects), Delivery: delivery,
	}
}

// carryOut hands effects on. Nothing here waits.
func (g *Gateway) carryOut(effects []alerting.Effect) {
	latest := map[alerting.AlarmID]alerting.Alarm{}
	var order []alerting.AlarmID
	calls := false
	for _, e := range effects {
		switch e := e.(type) {
		case alerting.Notify:
			calls = true
			if a, ok := g.machine.Alarm(e.Alarm); ok {
				g.senders.send(e, g.site.call(e, a, g.o.Says[e.Channel], g.o.Link(a, e.To)))
			}
		case alerting.Inform:
			g.tell(e)
		case alerting.Withdraw:
			g.senders.withdraw(e)
		case alerting.Changed:
			if _, ok := latest[e.Alarm.ID]; !ok {
				order = append(order, e.Alarm.ID)
			}
			latest[e.Alarm.ID] = e.Alarm
			g.account(e)
		case alerting.AwayChanged:
			g.lookAgain = 0
		case alerting.BreakChanged:
			g.onBreak(e.Who, e.Until)
		case alerting.FaultChanged:
			g.watch.fault(e.Fault, e.On)
			for _, p := range g.o.Publishers {
				p.Fault(e.Fault, e.On)
			}
		}
	}
	if calls {
		// Let the senders have this processor first: on a busy machine another
		// one may be far away, and what is left to do here can wait.
		runtime.Gosched()
	}
	for _, id := range order {
		g.publish(latest[id])
	}
}

// publish shows an alarm to everybody who watches; a technical one only to those
// who show such.
func (g *Gateway) publish(a alerting.Alarm) {
	for _, p := range g.o.Publishers {
		if a.Kind != alerting.Technical {
			p.Alarm(a)
		} else if t, ok := p.(Technicians); ok {
			t.Technical(a)
		}
	}
}

// forPeople are the alarms of people, without the technical ones.
func forPeople(all []alerting.Alarm) []alerting.Alarm {
	return slices.DeleteFunc(all, func(a alerting.Alarm) bool { return a.Kind == alerting.Technical })
}

// account counts what happened to an alarm and sends a closed one to the
// reading store.
func (g *Gateway) account(c alerting.Changed) {
	a, m := c.Alarm, g.o.Meter
	if a.Kind == alerting.Technical {
		return // no number of the service's
	}
	// What was reached by this very entry, and for the first time.
	now := func(name string, to alerting.Milestone) {
		if took, ok := a.Took(to); ok && a.RaisedAt.Add(took).Equal(c.Entry.At) {
			m.Observe(name, "", took.Seconds())
		}
	}
	if a.Drill || c.Entry.What == alerting.WasClosed && a.Messages == 0 {
		if c.Entry.What == alerting.WasClosed {
			m.Count("telecare_alarms_closed_total", string(a.Counted()), 1)
			g.spool.put(kept{closed: &a}) // nobody waited for anybody
		}
		return
	}
	switch c.Entry.What {
	case alerting.WasRaised:
		m.Count("telecare_alarms_raised_total", string(a.Kind), 1)
	case alerting.Taken, alerting.Arrived, alerting.WasClosed:
		now("telecare_time_to_acknowledge_seconds", alerting.ToAcknowledge)
	}
	switch c.Entry.What {
	case alerting.Arrived:
		now("telecare_time_to_attend_seconds", alerting.ToAttend)
	case alerting.WasClosed:
		m.Count("telecare_alarms_closed_total", string(a.Outcome), 1)
		now("telecare_time_to_close_seconds", alerting.ToClose)
		g.spool.put(kept{closed: &a})
	}
}

// apply puts another site in force.
func (g *Gateway) apply(s Site) {
	g.site = s
	g.watch.apply(s)
	g.tests.inbox.put(testNotice{site: &s})
	g.judgeChains()
	g.lookAgain = 0
	if !samePlan(g.machine.Plan(), s.Plan) {
		g.step(alerting.Apply{Plan: s.Plan}, "", nil)
	}
}

// beat is about once a second: the wall clock, conditions that have lasted,
// gauges, the watchdog.
func (g *Gateway) beat() {
	g.followClock()
	g.changeCondition(condition{alerting.ClockStepped, "clock"}, g.clock.wrong())
	g.changeCondition(condition{alerting.StoreDown, "journal"}, g.journalReady() != nil)
	g.passBeats()
	g.passHeld()
	g.lookRound()
	g.tellPaths()
	g.passConditions()
	g.snapshotIfDue()
	g.gauges()
	g.o.Beat()
}

func (g *Gateway) changeCondition(c condition, on bool) {
	if _, was := g.conditions[c]; was != on {
		g.watch.chain(c, on)
	}
	if on {
		if _, was := g.conditions[c]; !was {
			g.conditions[c] = time.Now()
		}
		return
	}
	delete(g.conditions, c)
	if g.machine.FaultOn(c.code, c.subject) {
		g.step(alerting.FaultEdge{Code: c.code, Subject: c.subject}, "", nil)
	}
}

// passConditions makes faults of what has lasted, in an order that does not
// depend on chance: the journal says the same whenever the same happens.
func (g *Gateway) passConditions() {
	for _, c := range slices.SortedFunc(maps.Keys(g.conditions), func(a, b condition) int {
		return cmp.Or(cmp.Compare(a.code, b.code), cmp.Compare(a.subject, b.subject))
	}) {
		if time.Since(g.conditions[c]) >= alerting.FaultTypeOf(c.code).Visible && !g.machine.FaultOn(c.code, c.subject) {
			g.step(alerting.FaultEdge{Code: c.code, Subject: c.subject, On: true}, "", nil)
		}
	}
}

func (g *Gateway) gauges() {
	states := map[alerting.State]int{alerting.Raised: 0, alerting.Acknowledged: 0, alerting.Attended: 0}
	for s, n := range g.machine.Count() {
		states[s] = n
	}
	for s, n := range states {
		g.o.Meter.Set("telecare_alarms_open", string(s), float64(n))
	}
	faults := map[alerting.FaultCode]int{}
	for _, f := range g.machine.Faults() {
		faults[f.Code]++
	}
	for _, t := range alerting.FaultTypes() {
		g.o.Meter.Set("telecare_faults_open", string(t.Code), float64(faults[t.Code]))
	}
}
