package mqtt

import (
	"fmt"
	"math"
	"slices"

	"telecare/devices"
)

// A collector gathers what a frame means. bad is a field that could have
// been an alarm and cannot be read: an error, unless something else in the
// frame calls for help, which must not be lost for it.
type collector struct {
	m    devices.Message
	late bool
	bad  error
}

func (d *collector) wrong(field string, v value) {
	if d.bad == nil {
		d.bad = fmt.Errorf("%s has an unreadable value %q", field, clip(string(v)))
	}
}

// event adds a state's event once. What one field of a frame calls for, no
// other takes back.
func (d *collector) event(k devices.Kind) {
	for _, e := range d.m.Events {
		if e.Kind == k && e.Level {
			return
		}
	}
	d.m.Cleared = slices.DeleteFunc(d.m.Cleared, func(c devices.Kind) bool { return c == k })
	d.m.Events = append(d.m.Events, devices.Event{Kind: k, Level: true, Late: d.late})
}

// clear says that a state is normal, unless something in this frame says that
// it is not.
func (d *collector) clear(k devices.Kind) {
	for _, e := range d.m.Events {
		if e.Kind == k && e.Level {
			return
		}
	}
	for _, c := range d.m.Cleared {
		if c == k {
			return
		}
	}
	d.m.Cleared = append(d.m.Cleared, k)
}

// level reads a yes or no.
func (d *collector) level(field string, v value, k devices.Kind) {
	if !v.present() {
		return
	}
	switch yes, ok := v.truth(); {
	case !ok:
		d.wrong(field, v)
	case yes:
		d.event(k)
	default:
		d.clear(k)
	}
}

func (d *collector) add(q devices.Quantity, v float64, unit string) {
	d.m.Readings = append(d.m.Readings, devices.Reading{Quantity: q, Value: v, Unit: unit})
}

func (d *collector) number(v value, q devices.Quantity, unit string, least, most float64) {
	if f, ok := v.number(); ok && f >= least && f <= most {
		d.add(q, f, unit)
	}
}

func (d *collector) truth(v value, q devices.Quantity) {
	switch yes, ok := v.truth(); {
	case ok && yes:
		d.add(q, 1, "")
	case ok:
		d.add(q, 0, "")
	}
}

// counted is press for what the device numbers with a counter that begins anew
// when it starts, or wraps.
func (d *collector) counted(k devices.Kind, ref string) {
	if !d.late {
		d.m.Events = append(d.m.Events, devices.Event{Kind: k, Ref: ref, Counter: ref != ""})
	}
}

// press adds a momentary event. One that the broker stored was some time ago,
// and raises nothing.
func (d *collector) press(k devices.Kind, ref string) {
	if !d.late {
		d.m.Events = append(d.m.Events, devices.Event{Kind: k, Ref: ref})
	}
}

// now adds an event that is the state of things now also when a broker kept
// it: a device or a bridge is there, or it is not.
func (d *collector) now(k devices.Kind) {
	d.m.Events = append(d.m.Events, devices.Event{Kind: k})
}

// fahrenheit adds a temperature that is said in °F.
func (d *collector) fahrenheit(v value) {
	if f, ok := v.number(); ok && f >= -459.67 && f <= 1832 {
		d.add(devices.Temperature, math.Round((f-32)/1.8*100)/100, "°C")
	}
}

// open adds what a door says, of which a sensor speaks as open.
func (d *collector) open(v value) {
	switch open, ok := v.truth(); {
	case ok && open:
		d.add(devices.Contact, 0, "")
	case ok:
		d.add(devices.Contact, 1, "")
	}
}

// volts adds a battery's voltage, which comes in V or in mV: no battery here
// has between 100 and 500 of either.
func (d *collector) volts(v value) {
	if f, ok := v.number(); ok && f > 0 && f < 100_000 {
		if f >= 500 {
			f /= 1000
		}
		d.add(devices.Voltage, f, "V")
	}
}

// done gives the message, or why there is none.
func (d *collector) done() (devices.Message, error) {
	if d.bad != nil && len(d.m.Events) == 0 {
		return d.m, d.bad
	}
	return d.m, nil
}
