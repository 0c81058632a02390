package serial

import (
	"fmt"
	"math"

	"telecare/devices"
)

// Kinds of EnOcean telegrams, and what is known of them (EnOcean Equipment
// Profiles 2.6.8; the values agree with those that kipe/enocean@80a253b tests).
const (
	rorgRPS    = 0xf6 // rockers, push buttons, pull cords, window handles
	rorg1BS    = 0xd5 // one byte: contacts
	rorg4BS    = 0xa5 // four bytes: sensors
	rorgUTE    = 0xd4 // universal teach-in
	rorgSignal = 0xd0 // what a device says of itself
)

// radio reads an ERP1 telegram: its kind, its payload, the sender (4) and a
// status; and of the optional data how strong it came: number of subtelegrams,
// destination (4), dBm without its sign, security.
//
// The sender is eight hex digits, as on the label.
func (e *esp3) radio(data, optional []byte) (devices.Message, error) {
	n := len(data)
	if n < 7 {
		return devices.Message{}, fmt.Errorf("a telegram of %d bytes is too short", n)
	}
	payload, sender, status := data[1:n-5], data[n-5:n-1], data[n-1]
	m := devices.Message{Device: fmt.Sprintf("%X", sender)}
	alone := m
	if err := e.telegram(&m, data[0], payload, status); err != nil {
		return alone, err
	}
	if len(m.Events)+len(m.Readings) == 0 && data[0] != rorgRPS {
		return m, nil // nothing is known of it
	}
	if len(optional) >= 6 && optional[5] != 0 && optional[5] != 0xff {
		m.Readings = append(m.Readings, devices.Reading{Quantity: devices.RSSI, Value: -float64(optional[5]), Unit: "dBm"})
	}
	return m, nil
}

func (e *esp3) telegram(m *devices.Message, rorg byte, payload []byte, status byte) error {
	want := len(payload)
	switch rorg {
	case rorgRPS, rorg1BS:
		want = 1
	case rorg4BS:
		want = 4
	case rorgUTE:
		want = 7
	}
	if len(payload) != want {
		return fmt.Errorf("a telegram %02X of %d bytes, not %d", rorg, len(payload), want)
	}
	switch rorg {
	case rorgRPS:
		if p, known := e.profiles.of(m.Device); known && p.rorg == rorgRPS && p.function == 0x05 {
			detector(m, p.kind, payload[0])
		} else {
			switches(m, payload[0], status)
		}
	case rorg1BS:
		if payload[0]&0x08 == 0 {
			m.Note = "teach-in D5-00-01"
			return nil
		}
		m.Readings = append(m.Readings, devices.Reading{Quantity: devices.Contact, Value: float64(payload[0] & 1)})
	case rorg4BS:
		e.fourBytes(m, [4]byte(payload))
	case rorgUTE: // …, type, function, kind
		e.learn(m, profile{rorg: payload[6], function: payload[5], kind: payload[4]})
	case rorgSignal:
		signal(m, payload)
	}
	return nil
}

// switches reads a telegram of a rocker or a push button. Which it is cannot be
// told, nor whether it is a call button: bit 4 is pressed in each (F6-01-01;
// F6-02: the energy bow), and what a press means is the device's role. A
// release is no news. A press is never a state: by radio the release may be
// lost, and the next press must count.
func switches(m *devices.Message, data, status byte) {
	const normal = 0x10 // NU: one button, and which
	switch {
	case status&normal == 0 && data&0xc0 == 0xc0:
		// A window handle (F6-10-00): down is closed.
		r := devices.Reading{Quantity: devices.Contact}
		if data&0xf0 == 0xf0 {
			r.Value = 1
		}
		m.Readings = append(m.Readings, r)
	case data&0x10 != 0:
		m.Events = append(m.Events, devices.Event{Kind: devices.Button})
		if status&normal != 0 {
			m.Note = "button " + [8]string{"AI", "AO", "BI", "BO", "CI", "CO", "DI", "DO"}[data>>5]
		}
	}
}

// detector reads a telegram of F6-05, which looks like that of a push button: 00
// wind, 01 water, 02 smoke. 10 (with water 11) is an alarm, and 30 that its
// energy is low. No alarm is a level: by radio its end may be lost.
func detector(m *devices.Message, kind, data byte) {
	const low = 0x30
	alarm := data&0x10 != 0 && data != low
	switch {
	case data == low:
		m.Events = append(m.Events, devices.Event{Kind: devices.BatteryLow, Level: true})
		return
	case alarm && kind == 0x01:
		m.Events = append(m.Events, devices.Event{Kind: devices.Flood})
	case alarm && kind == 0x02:
		m.Events = append(m.Events, devices.Event{Kind: devices.Smoke})
	}
	m.Cleared = append(m.Cleared, devices.BatteryLow)
}

// signal reads what a device says of itself, such as an STM 550.
func signal(m *devices.Message, payload []byte) {
	switch {
	case payload[0] == 0x08:
		m.Events = append(m.Events, devices.Event{Kind: devices.Heartbeat})
	case payload[0] == 0x06 && len(payload) > 1 && payload[1] <= 100:
		m.Readings = append(m.Readings, devices.Reading{Quantity: devices.Battery, Value: float64(payload[1]), Unit: "%"})
		if payload[1] == 0 { // its last message
			m.Events = append(m.Events, devices.Event{Kind: devices.BatteryLow, Level: true})
		} else {
			m.Cleared = append(m.Cleared, devices.BatteryLow)
		}
	}
}

func (e *esp3) learn(m *devices.Message, p profile) {
	m.Note = "teach-in " + p.String()
	e.profiles.learn(m.Device, p)
}

// fourBytes reads a 4BS telegram. What it measures is said by the teach-in
// alone; where none was heard, the shapes of A5-07-01, A5-04-01 and A5-02-05
// tell which it is. Others are not guessed.
func (e *esp3) fourBytes(m *devices.Message, d [4]byte) {
	if d[3]&0x08 == 0 { // the learn button
		if d[3]&0x80 == 0 {
			m.Note = "teach-in without a profile"
			return
		}
		e.learn(m, profile{rorg4BS, d[0] >> 2, d[0]&3<<5 | d[1]>>3})
		return
	}
	p, taught := e.profiles.of(m.Device)
	if !taught {
		p = shape(d)
	}
	measure(m, p, d)
}

// shape guesses the profile of an untaught sensor.
func shape(d [4]byte) profile {
	switch {
	case d[0] == 0 && d[1] == 0 && d[3] == 0x08:
		return profile{rorg4BS, 0x02, 0x05}
	case d[0] == 0 && d[1] <= 250 && d[2] <= 250 && d[3] == 0x0a:
		return profile{rorg4BS, 0x04, 0x01}
	case d[0] > 0 && d[0] <= 250 && d[1] == 0 && d[3]&^1 == 0x08:
		return profile{rorg4BS, 0x07, 0x01}
	}
	return profile{}
}

// measure adds what a sensor says by its profile.
func measure(m *devices.Message, p profile, d [4]byte) {
	// A value is as fine as one in so many of its unit.
	add := func(q devices.Quantity, v float64, per float64, unit string) {
		m.Readings = append(m.Readings, devices.Reading{Quantity: q, Value: math.Round(v*per)/per + 0, Unit: unit})
	}
	occupied := func(yes bool) {
		v := 0.0
		if yes {
			v = 1
		}
		m.Readings = append(m.Readings, devices.Reading{Quantity: devices.Occupancy, Value: v})
	}
	supply := func(raw byte) { // 0 is not known; above 250 it is a code of a fault
		if raw > 0 && raw <= 250 {
			add(devices.Voltage, float64(raw)*5/250, 100, "V")
		}
	}
	between := func(raw, most int, from, to float64) float64 {
		return from + float64(raw)*(to-from)/float64(most)
	}
	if p.rorg != rorg4BS {
		return
	}
	switch t := int(p.kind); p.function {
	case 0x02: // temperature; the scale runs downwards
		switch {
		case t >= 0x01 && t <= 0x0b: // forty degrees, from -40 up in tens
			from := float64(-50 + 10*t)
			add(devices.Temperature, between(int(d[2]), 255, from+40, from), 10, "°C")
		case t >= 0x10 && t <= 0x1b: // eighty
			from := float64(-60 + 10*(t-0x10))
			add(devices.Temperature, between(int(d[2]), 255, from+80, from), 10, "°C")
		case t == 0x20:
			add(devices.Temperature, between(int(d[1]&3)<<8|int(d[2]), 1023, 41.2, -10), 10, "°C")
		case t == 0x30:
			add(devices.Temperature, between(int(d[1]&3)<<8|int(d[2]), 1023, 62.3, -40), 10, "°C")
		}
	case 0x04: // temperature and humidity
		switch t {
		case 0x01, 0x02:
			if d[1] <= 250 {
				add(devices.Humidity, between(int(d[1]), 250, 0, 100), 10, "%")
			}
			if d[2] <= 250 && d[3]&0x02 != 0 {
				from, to := 0.0, 40.0
				if t == 0x02 {
					from, to = -20, 60
				}
				add(devices.Temperature, between(int(d[2]), 250, from, to), 10, "°C")
			}
		case 0x03:
			add(devices.Humidity, between(int(d[0]), 255, 0, 100), 10, "%")
			add(devices.Temperature, between(int(d[1]&3)<<8|int(d[2]), 1023, -20, 60), 10, "°C")
		}
	case 0x07: // occupancy
		supply(d[0])
		switch t {
		case 0x01:
			occupied(d[2] >= 128)
		case 0x02, 0x03:
			occupied(d[3]&0x80 != 0)
			if lux := int(d[1])<<2 | int(d[2])>>6; t == 0x03 && lux <= 1000 {
				add(devices.Illuminance, float64(lux), 1, "lx")
			}
		}
	}
}
