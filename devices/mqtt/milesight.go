package mqtt

import (
	"errors"
	"strings"
	"unicode/utf8"

	"telecare/devices"
)

const milesightBase = "milesight/"

func milesightTopic(topic string) bool {
	return strings.HasPrefix(topic, milesightBase) && len(topic) > len(milesightBase)
}

// decodeMilesight understands the trigger report of a VS373 fall radar, which
// it sends by itself over Wi-Fi (milesight.com/docs, VS373, trigger report).
// The same document writes its keys with an underscore and with a blank.
func decodeMilesight(_ string, payload []byte, retained bool) (devices.Message, error) {
	if !utf8.Valid(payload) {
		return devices.Message{}, errors.New("payload is not valid UTF-8")
	}
	payload = trim(payload)
	if err := checkObject(payload); err != nil {
		return devices.Message{}, err
	}
	under := func(k string) string { return strings.ReplaceAll(strings.ToLower(k), " ", "_") }
	d := collector{late: retained}
	var info, trigger value
	for k, v := range fields(payload) {
		if len(v) > 0 && v[0] == '{' {
			switch under(k) {
			case "device_info":
				info = v
			case "trigger_data":
				trigger = v
			}
		}
	}
	if info == nil {
		return d.m, errors.New("the report has no device_info; is it from a VS373?")
	}
	var serial, mac string
	for k, v := range fields(info) {
		switch under(k) {
		case "device_sn":
			serial, _ = v.text()
		case "device_mac":
			mac, _ = v.text()
		case "time":
			d.m.At = v.moment()
		case "trigger_data": // as some of the maker's examples have it
			if trigger == nil && len(v) > 0 && v[0] == '{' {
				trigger = v
			}
		}
	}
	if d.m.Device = serial; serial == "" {
		d.m.Device = mac
	}
	if err := checkName(d.m.Device); err != nil {
		return devices.Message{}, err
	}
	if trigger == nil {
		return d.m, nil
	}
	var event, status, id value
	for k, v := range fields(trigger) {
		switch under(k) {
		case "event":
			event = v
		case "status":
			status = v
		case "trigger_id":
			id = v
		}
	}
	e, ok := event.number()
	if !ok {
		return d.m, errors.New("the trigger names no event")
	}
	s, ok := status.number()
	if !ok {
		return d.m, errors.New("the trigger has no status")
	}
	d.triggered(int(e), int(s), id)
	return d.done()
}

// triggered reads an event: 0 fall, 1 motionless, 2 dwell, 3 out of bed,
// 4 occupied, 5 vacant, 6 and 7 breathing too slow and too fast, 8 lying where no
// bed is. Its status is 1 alarm, 2 resolved, 3 ignored and 4 a state. The maker's
// older table begins at 0, which is taken for an alarm: it is the only other one
// it could be.
func (d *collector) triggered(event, status int, id value) {
	kinds := map[int]devices.Kind{0: devices.Fall, 1: devices.Inactivity, 2: devices.Inactivity, 3: devices.BedExit, 6: devices.Medical, 7: devices.Medical, 8: devices.Inactivity}
	if event == 4 || event == 5 {
		d.add(devices.Occupancy, float64(5-event), "")
		return
	}
	kind, ok := kinds[event]
	if !ok {
		return
	}
	if status == 2 && kind == devices.BedExit && !d.late {
		d.clear(kind) // back in bed, for which a watch waits
	}
	if status > 1 {
		return // over, ignored, or a state: it says nothing that anybody waits for
	}
	ref := ""
	if !d.m.At.IsZero() { // numbers alone begin anew with every start of the device
		ref = refAt(d.m.At.Format("20060102T150405Z"), id)
	}
	d.press(kind, ref)
}

// aboutMilesight is what there is to know of a VS373 over Wi-Fi.
func aboutMilesight() devices.Format {
	return devices.Format{
		Name: FormatMilesight, Over: devices.OverMQTT, Answered: devices.AnsweredAtQoS1,
		Reads:   "Trigger reports that a Milesight VS373 fall radar sends by itself over Wi-Fi, to a topic below milesight/.",
		Devices: "VS373.",
		Address: "milesight/6794D19802750012", Named: "the serial number",
		Events:   []devices.Kind{devices.Fall, devices.Inactivity, devices.Medical, devices.BedExit},
		Readings: []devices.Quantity{devices.Occupancy},
		Supervision: []devices.Supervised{
			{Name: "6794D19802750012", Role: devices.Fall},
		},
		CannotTell: []string{
			"That it is there: it reports triggers only.",
			"That somebody is back in bed, other than by the end of its own alarm.",
			"Status 0, which an older table of the maker uses, is taken for an alarm.",
		},
	}
}
