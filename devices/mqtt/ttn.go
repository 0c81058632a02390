package mqtt

import (
	"bytes"
	"fmt"
	"strings"

	"telecare/devices"
)

// The Things Stack v3: v3/<application>@<tenant>/devices/<device id>/<event>
// (thethingsindustries.com/docs, "MQTT server").
func ttnTopic(topic string) bool {
	_, event := cutTTN(topic)
	return event != ""
}

func cutTTN(topic string) (device, event string) {
	parts := strings.SplitN(topic, "/", 5)
	if len(parts) != 5 || parts[0] != "v3" || parts[1] == "" || parts[2] != "devices" || parts[3] == "" {
		return "", ""
	}
	if event = parts[4]; event == "down/push" || event == "down/replace" {
		return "", "" // a command to the device
	}
	return parts[3], event
}

// decodeTTN understands what The Things Stack v3 publishes. It leaves out
// whatever is zero or empty. A device is its DevEUI, which the whole world has
// once; one without (ABP) is what its application calls it.
func decodeTTN(codec Codec, topic string, payload []byte, retained bool) (devices.Message, error) {
	device, event := cutTTN(topic)
	if event == "" {
		return devices.Message{}, fmt.Errorf("topic %q is not v3/<application>@<tenant>/devices/<device>/<event>", clip(topic))
	}
	if err := checkName(device); err != nil {
		return devices.Message{}, err
	}
	d := collector{m: devices.Message{Device: device}, late: retained}
	payload = bytes.TrimSpace(payload)
	if err := checkText(payload); err != nil {
		return d.m, err
	}
	var ids, received, uplink value
	for name, v := range members(payload) {
		switch string(name) {
		case "end_device_ids":
			ids = v
		case "received_at":
			received = v
		case "uplink_message":
			uplink = v
		}
	}
	d.m.At = received.moment()
	address := ""
	for name, v := range members(ids) {
		switch string(name) {
		case "dev_eui":
			s, _ := v.text()
			if e := eui(s); e != "" {
				d.m.Device = e
			}
		case "dev_addr":
			address, _ = v.text()
		}
	}
	switch event {
	case "up":
		return d.ttnUp(codec, uplink, address)
	case "join":
		if !retained {
			d.now(devices.Online)
		}
	case "down/ack": // the device has answered
	default: // what became of a command, and what others say of the device
		d.m.Hearsay = true
	}
	return d.done()
}

func (d *collector) ttnUp(codec Codec, uplink value, session string) (devices.Message, error) {
	var received, port, counter, data, object, gateways, status, version value
	for name, v := range members(uplink) {
		switch string(name) {
		case "received_at":
			received = v
		case "f_port":
			port = v
		case "f_cnt":
			counter = v
		case "frm_payload":
			data = v
		case "decoded_payload":
			object = v
		case "rx_metadata":
			gateways = v
		case "last_battery_percentage":
			status = v
		case "version_ids":
			version = v
		case "session_key_id":
			if s, ok := v.text(); ok && s != "" {
				session = s
			}
		}
	}
	if t := received.moment(); !t.IsZero() {
		d.m.At = t
	}
	d.radio(gateways, "snr")
	b, err := frameBytes(data)
	if err != nil {
		return d.m, err
	}
	f, _ := port.number()
	d.uplink(codec, Uplink{
		Device: d.m.Device, Profile: ttnProfile(version), Port: int(f), Bytes: b, At: d.m.At,
	}, object, frameReference(session, counter, d.m.At))
	d.ttnBattery(status, counter)
	return d.done()
}

// ttnBattery reads the last DevStatusAns, which every later uplink repeats: it
// belongs to this one when the counters are the same. What the device itself
// says of its battery goes before it.
func (d *collector) ttnBattery(status, counter value) {
	var percent, at value
	for name, v := range members(status) {
		switch string(name) {
		case "value":
			percent = v
		case "f_cnt":
			at = v
		}
	}
	was, _ := at.number()
	is, _ := counter.number()
	if was == is && !d.has(devices.Battery) {
		d.number(percent, devices.Battery, "%", 0, 100)
	}
}

func ttnProfile(version value) string {
	brand, model := "", ""
	for name, v := range members(version) {
		switch string(name) {
		case "brand_id":
			brand, _ = v.text()
		case "model_id":
			model, _ = v.text()
		}
	}
	if brand == "" {
		return model
	}
	return brand + "/" + model
}
