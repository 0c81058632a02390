package mqtt

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"telecare/devices"
)

// ChirpStack's topics: application/<id>/device/<DevEUI>/event/<event>, in v3 and
// v4 alike; before 3.11 the event stood in the place of the word and was "rx".
func chirpstackTopic(topic string) bool {
	_, event := cutChirpstack(topic)
	return event != ""
}

func cutChirpstack(topic string) (device, event string) {
	parts := strings.Split(topic, "/")
	if len(parts) < 5 || parts[0] != "application" || parts[2] != "device" || parts[1] == "" || parts[3] == "" {
		return "", ""
	}
	switch {
	case len(parts) == 6 && parts[4] == "event" && parts[5] != "":
		event = parts[5]
	case len(parts) == 5 && parts[4] == "rx":
		event = "up"
	default:
		return "", "" // commands to the device, among others
	}
	device = parts[3]
	if e := eui(device); e != "" {
		device = e
	}
	return device, event
}

// chirpstackEvent is what matters of an event, of v4 and of v3 under its own
// names (api/proto/integration/integration.proto; v3 "Event types").
type chirpstackEvent struct {
	time, published                      value
	deviceInfo, profileName              value
	devAddr, fCnt, fPort, data           value
	object, objectJSON, rxInfo           value
	margin, external, unavailable, level value
	code, severity, kind, acknowledged   value
}

func (e *chirpstackEvent) field(name string) *value {
	switch name {
	case "time":
		return &e.time
	case "publishedAt": // v3
		return &e.published
	case "deviceInfo":
		return &e.deviceInfo
	case "deviceProfileName": // v3
		return &e.profileName
	case "devAddr":
		return &e.devAddr
	case "fCnt":
		return &e.fCnt
	case "fPort":
		return &e.fPort
	case "data":
		return &e.data
	case "object":
		return &e.object
	case "objectJSON": // v3
		return &e.objectJSON
	case "rxInfo":
		return &e.rxInfo
	case "margin":
		return &e.margin
	case "externalPowerSource":
		return &e.external
	case "batteryLevelUnavailable":
		return &e.unavailable
	case "batteryLevel":
		return &e.level
	case "code":
		return &e.code
	case "level":
		return &e.severity
	case "type": // v3
		return &e.kind
	case "acknowledged":
		return &e.acknowledged
	}
	return nil
}

// decodeChirpstack understands the events of ChirpStack v4 and v3. The device
// is taken from the topic, which a broker can guard.
func decodeChirpstack(codec Codec, topic string, payload []byte, retained bool) (devices.Message, error) {
	device, event := cutChirpstack(topic)
	if event == "" {
		return devices.Message{}, fmt.Errorf("topic %q is not application/<id>/device/<DevEUI>/event/<event>", clip(topic))
	}
	if err := checkName(device); err != nil {
		return devices.Message{}, err
	}
	d := collector{m: devices.Message{Device: device}, late: retained}
	payload = bytes.TrimSpace(payload)
	if err := checkText(payload); err != nil {
		return d.m, fmt.Errorf("%w; ChirpStack must publish JSON, not Protobuf", err)
	}
	var e chirpstackEvent
	for name, v := range members(payload) {
		if kept := e.field(string(name)); kept != nil {
			*kept = v
		}
	}
	d.m.At = e.at()
	switch event {
	case "up":
		return d.chirpstackUp(codec, e)
	case "join":
		if !retained {
			d.now(devices.Online)
		}
	case "status":
		d.chirpstackStatus(e)
	case "log", "error": // v3
		d.m.Hearsay = true
		d.chirpstackLog(e)
	case "ack": // the device has answered a command, or it has not in time
		yes, ok := e.acknowledged.truth()
		d.m.Hearsay = !ok || !yes
	default: // txack is the gateway's word; location and integration are others'
		d.m.Hearsay = true
	}
	return d.done()
}

func (d *collector) chirpstackUp(codec Codec, e chirpstackEvent) (devices.Message, error) {
	d.radio(e.rxInfo, e.snrName())
	b, err := frameBytes(e.data)
	if err != nil {
		return d.m, err
	}
	if !e.object.present() {
		if text, ok := e.objectJSON.text(); ok && text != "" {
			if !valid([]byte(text)) {
				return d.m, errMalformed
			}
			e.object = value(text)
		}
	}
	port, _ := e.fPort.number()
	profile := ""
	if codec != nil {
		profile = e.profile()
	}
	session, _ := e.devAddr.text()
	d.uplink(codec, Uplink{
		Device: d.m.Device, Profile: profile, Port: int(port), Bytes: b, At: d.m.At,
	}, e.object, frameReference(session, e.fCnt, d.m.At))
	return d.done()
}

// chirpstackStatus reads a DevStatusAns. Raw 0 is a device on mains, and raw 255
// one that cannot tell: both come with a level of 0, which is no empty battery
// (LoRaWAN 1.0.4, 5.5; chirpstack/src/maccommand/dev_status.rs).
func (d *collector) chirpstackStatus(e chirpstackEvent) {
	external, _ := e.external.truth()
	unavailable, _ := e.unavailable.truth()
	if !external && !unavailable {
		d.number(e.level, devices.Battery, "%", 0, 100)
	}
	d.number(e.margin, "margin", "dB", -32, 31)
}

// chirpstackLog reads what the server complains of. Where it means that the
// device's words are thrown away, that is a fault of the device: its codec
// fails, its counter was reset (every uplink is dropped then), it cannot join,
// its keys are wrong. A repeated counter is everyday life.
func (d *collector) chirpstackLog(e chirpstackEvent) {
	code, _ := e.code.text()
	if code == "" {
		code, _ = e.kind.text()
	}
	severity, _ := e.severity.text()
	switch code {
	case "UPLINK_CODEC", "UPLINK_F_CNT_RESET", "UPLINK_FCNT_RESET", "UPLINK_MIC":
		d.event(devices.Fault)
	case "OTAA":
		if severity != "INFO" && severity != "WARNING" {
			d.event(devices.Fault)
		}
	}
}

// at is when the server's first gateway heard the device. v3 has it with the
// gateways only.
func (e *chirpstackEvent) at() time.Time {
	if t := e.time.moment(); !t.IsZero() {
		return t
	}
	for g := range elements(e.rxInfo) {
		if len(g) == 0 || g[0] != '{' {
			continue
		}
		for key, v := range members(g) {
			if t := v.moment(); string(key) == "time" && !t.IsZero() {
				return t
			}
		}
	}
	return e.published.moment()
}

func (e *chirpstackEvent) snrName() string {
	if e.deviceInfo.present() {
		return "snr"
	}
	return "loRaSNR" // v3
}

func (e *chirpstackEvent) profile() string {
	if len(e.deviceInfo) > 0 && e.deviceInfo[0] == '{' {
		for key, v := range members(e.deviceInfo) {
			if string(key) == "deviceProfileName" {
				name, _ := v.text()
				return name
			}
		}
	}
	name, _ := e.profileName.text()
	return name
}
