package mqtt

import (
	"strings"

	"telecare/devices"
)

// rpc reads a notification of Gen2 and later (General/Notifications).
func (d *shelly) rpc(payload []byte) (devices.Message, error) {
	if err := checkObject(payload); err != nil {
		return d.m, err
	}
	var method, params value
	for k, v := range fields(payload) {
		switch k {
		case "method":
			method = v
		case "params":
			params = v
		}
	}
	if len(params) == 0 || params[0] != '{' {
		return d.m, nil // an answer to somebody's question
	}
	d.m.At = seconds(inner(params, "ts"))
	switch m, _ := method.text(); m {
	case "NotifyEvent":
		for _, e := range arrayOf(inner(params, "events")) {
			if len(e) > 0 && e[0] == '{' {
				d.notified(e)
			}
		}
	case "NotifyStatus", "NotifyFullStatus":
		d.overlay(params)
	}
	return d.done()
}

// notified reads one event of a component. A BLU device behind a gateway is a
// component of it, and a device of its own to us.
func (d *shelly) notified(e value) {
	var component, event, ts, data value
	for k, v := range fields(e) {
		switch k {
		case "component":
			component = v
		case "event":
			event = v
		case "ts":
			ts = v
		case "data":
			data = v
		}
	}
	name, _ := component.text()
	word, _ := event.word()
	switch kind, _, _ := strings.Cut(name, ":"); kind {
	case "bthomedevice", "bthomesensor", "input":
		if len(pressed(nil, word)) == 0 {
			return // btn_down, btn_up and toggle: the push itself follows
		}
		if kind == "bthomedevice" {
			d.behind(name)
		}
		d.press(devices.Button, refAt(name, ts))
	case "smoke":
		d.alarmEvent(word, devices.Smoke)
	case "flood":
		d.alarmEvent(word, devices.Flood)
	case "script":
		if word == "shelly-blu" && len(data) > 0 && data[0] == '{' {
			d.blu(data)
		}
	}
	if at := seconds(ts); !at.IsZero() {
		d.m.At = at
	}
}

func (d *shelly) alarmEvent(word string, kind devices.Kind) {
	switch word {
	case "alarm":
		d.event(kind)
	case "alarm_off":
		d.clear(kind)
	case "alarm_test":
		d.press(devices.Test, "")
	case "cable_unplugged":
		d.event(devices.Fault)
	}
}

// behind makes the message that of a BLU device behind this one, unless it
// speaks for another already.
func (d *shelly) behind(component string) {
	if len(d.m.Events) == 0 && len(component) < 64 {
		d.m.Device += "/" + component
	}
}

// blu reads what the maker's script ble-shelly-blu.js says of an advertisement:
// BTHome by name (bthome.io/format), and the address of the device.
func (d *shelly) blu(data value) {
	var pid value
	pushed := false
	address := ""
	inner := collector{late: d.late}
	for k, v := range fields(data) {
		switch k {
		case "address":
			address, _ = v.word()
		case "pid":
			pid = v
		case "button":
			all := arrayOf(v) // several keys: a remote
			if all == nil {
				all = []value{v}
			}
			for _, b := range all {
				if n, ok := b.number(); ok && n > 0 {
					pushed = true
				}
			}
		case "battery":
			inner.number(v, devices.Battery, "%", 0, 100)
		case "rssi":
			inner.number(v, devices.RSSI, "dBm", -200, -1)
		case "temperature":
			inner.number(v, devices.Temperature, "°C", -100, 200)
		case "humidity":
			inner.number(v, devices.Humidity, "%", 0, 100)
		case "illuminance":
			inner.number(v, devices.Illuminance, "lx", 0, 1e6)
		case "motion":
			inner.truth(v, devices.Occupancy)
		case "window":
			inner.open(v)
		}
	}
	if address == "" || checkName(address) != nil || len(d.m.Events)+len(d.m.Readings) > 0 {
		return
	}
	d.m.Device, d.m.Readings = address, inner.m.Readings
	if pushed {
		ref := ""
		if _, ok := pid.number(); ok {
			ref = refAt("pid", pid)
		}
		d.counted(devices.Button, ref)
	}
}

// overlay reads the status of several components at once.
func (d *shelly) overlay(params value) {
	var blu string
	var status value
	components := 0
	for k, v := range fields(params) {
		if k == "ts" || len(v) == 0 || v[0] != '{' {
			continue
		}
		components++
		if strings.HasPrefix(k, "bthomedevice:") {
			blu, status = k, v
		}
	}
	if blu != "" && components == 1 {
		d.status(blu, status)
		return
	}
	for k, v := range fields(params) {
		if len(v) > 0 && v[0] == '{' && !strings.HasPrefix(k, "bthome") {
			d.status(k, v)
		}
	}
}

// status reads the state of one component.
func (d *shelly) status(component string, payload []byte) {
	if err := checkObject(payload); err != nil {
		if d.bad == nil {
			d.bad = err
		}
		return
	}
	kind, _, _ := strings.Cut(component, ":")
	if kind == "bthomedevice" {
		d.behind(component)
		d.m.At = seconds(inner(payload, "last_updated_ts"))
	}
	for k, v := range fields(payload) {
		switch kind + "." + k {
		case "devicepower.battery":
			d.number(member(v, "percent"), devices.Battery, "%", 0, 100)
			d.volts(member(v, "V"))
		case "bthomedevice.battery":
			d.number(v, devices.Battery, "%", 0, 100)
		case "bthomedevice.rssi", "wifi.rssi":
			d.number(v, devices.RSSI, "dBm", -200, -1)
		case "temperature.tC":
			d.number(v, devices.Temperature, "°C", -100, 200)
		case "humidity.rh":
			d.number(v, devices.Humidity, "%", 0, 100)
		case "illuminance.lux":
			d.number(v, devices.Illuminance, "lx", 0, 1e6)
		case "smoke.alarm":
			d.level(component, v, devices.Smoke)
		case "flood.alarm":
			d.level(component, v, devices.Flood)
		case "presence.state", "occupancy.value", "motion.motion":
			d.truth(v, devices.Occupancy)
		case "input.state":
			// null for a button, whose presses are events; true or false for
			// a switch, which tells nothing else.
			d.level(component, v, devices.Button)
		}
	}
}

// member is a member of an object, nil when it is none.
func member(v value, name string) value {
	if len(v) == 0 || v[0] != '{' {
		return nil
	}
	return inner(v, name)
}
