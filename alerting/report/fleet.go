package report

import (
	"slices"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

// class is how a device fares at a moment.
type class int

const (
	away class = iota // not registered
	well
	silent
	faulty
	cut     // every way to hear it is down
	unknown // the gateway does not run
	classes
)

// fleet sums up how long each device was of which class.
type fleet struct {
	o       Options
	devices map[devices.ID]*device
	down    map[string]map[alerting.FaultCode]bool // lines and bridges
}

type device struct {
	place  alerting.PlaceID
	ways   []string
	in     bool // registered now
	silent bool
	faulty bool
	since  time.Time
	sums   [classes]time.Duration
	before class // what it was in the gap that may be one: see gap
}

func newFleet(o Options) fleet {
	return fleet{o: o, devices: map[devices.ID]*device{}, down: map[string]map[alerting.FaultCode]bool{}}
}

// plan takes in which devices are registered.
func (f *fleet) plan(p alerting.Plan, at time.Time) {
	for id, d := range p.Devices {
		x := f.devices[id]
		if x == nil {
			x = &device{since: at}
			if f.o.Behind != nil {
				x.ways = f.o.Behind(id)
			}
			f.devices[id] = x
		}
		if !x.in {
			f.settle(x, at)
			x.in = true
		}
		x.place = d.Place
	}
	for id, x := range f.devices {
		if _, ok := p.Devices[id]; !ok && x.in {
			f.settle(x, at)
			x.in = false
		}
	}
}

// class is how a device fares now. A fault of its own comes before silence: it
// has spoken of it.
func (f *fleet) class(x *device) class {
	switch {
	case !x.in:
		return away
	case x.faulty:
		return faulty
	case x.silent:
		return silent
	case f.isCut(x):
		return cut
	}
	return well
}

func (f *fleet) isCut(x *device) bool {
	return len(x.ways) > 0 && !slices.ContainsFunc(x.ways, func(w string) bool { return len(f.down[w]) == 0 })
}

// settle counts the time until at, clipped to the period.
func (f *fleet) settle(x *device, at time.Time) {
	if d := f.o.clamp(at).Sub(f.o.clamp(x.since)); d > 0 {
		x.sums[f.class(x)] += d
	}
	x.since = at
}

func (f *fleet) settleAll(at time.Time) {
	for _, x := range f.devices {
		f.settle(x, at)
	}
}

// fault takes in a fault's edge at a time.
func (f *fleet) fault(x alerting.Fault, on bool, at time.Time) {
	switch x.Code {
	case alerting.Silent, alerting.DeviceFault:
		d := f.devices[devices.ID(x.Subject)]
		if d == nil {
			return
		}
		f.settle(d, at)
		if x.Code == alerting.Silent {
			d.silent = on
		} else {
			d.faulty = on
		}
	case alerting.LinkLost, alerting.ChainDown:
		f.settleAll(at)
		if f.down[x.Subject] == nil {
			f.down[x.Subject] = map[alerting.FaultCode]bool{}
		}
		if on {
			f.down[x.Subject][x.Code] = true
		} else {
			delete(f.down[x.Subject], x.Code)
		}
	}
}

// mark notes what each device is in a time that may turn out to be a gap: from
// the newest record until at.
func (f *fleet) mark(from, at time.Time) {
	f.settleAll(from)
	for _, x := range f.devices {
		x.before = f.class(x)
	}
	f.settleAll(at)
}

// gap makes that time unknown.
func (f *fleet) gap(g Gap) {
	d := f.o.clamp(g.Until).Sub(f.o.clamp(g.From))
	if d <= 0 {
		return
	}
	for _, x := range f.devices {
		if x.before != away {
			x.sums[x.before] -= d
			x.sums[unknown] += d
		}
	}
}

// starting looks for starts of the gateway. What it writes down before Start
// itself comes after the gap: a state that it takes over, the clock, the plan, and
// faults that only a running gateway can know of.
func (f *Fold) starting(at time.Time, in alerting.Input) {
	_, start := in.(alerting.Start)
	if !start && !f.mayStart(in) {
		f.burst = f.burst[:0]
		return
	}
	if len(f.burst) == 0 {
		// Of all records of a start the first comes after the gap, by far the
		// longest time between two of them.
		f.fleet.mark(f.last, at)
		f.burst = append(f.burst, f.last, at)
	} else if at.Sub(f.last) > f.burst[1].Sub(f.burst[0]) {
		f.fleet.mark(f.last, at)
		f.burst[0], f.burst[1] = f.last, at
	}
	if !start {
		return
	}
	g := Gap{f.burst[0], f.burst[1]}
	f.burst = f.burst[:0]
	if f.first || !g.From.Before(f.o.Until) || !g.Until.After(f.o.From) {
		f.first = false
		return
	}
	f.fleet.gap(g)
	f.gaps = append(f.gaps, g)
}

func (f *Fold) mayStart(in alerting.Input) bool {
	switch in := in.(type) {
	case alerting.Apply, alerting.ClockSet, alerting.Adopt:
		return true
	case alerting.FaultEdge:
		return !in.On && f.fleet.devices[devices.ID(in.Subject)] == nil
	}
	return false
}
