package mqtt

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"telecare/devices"
)

// mysensorsTopic knows <prefix>-out/<node>/<child>/<command>/<ack>/<type>
// (core/MyGatewayTransportMQTTClient.cpp; the prefix is the sketch's
// MY_MQTT_PUBLISH_TOPIC_PREFIX).
func mysensorsTopic(topic string) bool {
	_, _, ok := cutMySensors(topic)
	return ok
}

func cutMySensors(topic string) (prefix string, n [5]int, ok bool) {
	prefix = topic
	for i := 4; i >= 0; i-- {
		var s string
		prefix, s = cutField(prefix)
		v, err := strconv.Atoi(s)
		if err != nil || v < 0 || v > 255 || prefix == "" {
			return "", n, false
		}
		n[i] = v
	}
	prefix, ok = strings.CutSuffix(prefix, "-out")
	return prefix, n, ok && prefix != ""
}

// mysensorsDefault is the prefix of every example sketch; its nodes are named
// by their number alone.
const mysensorsDefault = "mygateway1"

// Commands and types of core/MyMessage.h.
const (
	mysensorsSet      = 1
	mysensorsInternal = 3
)

// decodeMySensors understands a MySensors gateway. A tripped sensor is a press
// each time and never a state: by radio the message that ends it may be lost.
func decodeMySensors(topic string, payload []byte, retained bool) (devices.Message, error) {
	prefix, n, ok := cutMySensors(topic)
	if !ok {
		return devices.Message{}, errors.New("topic is not <prefix>-out/<node>/<child>/<command>/<ack>/<type>")
	}
	node, command, ack, kind := n[0], n[2], n[3], n[4]
	name := strconv.Itoa(node)
	switch {
	case node == 0:
		name = boxName([]string{prefix})
	case prefix != mysensorsDefault:
		name = prefix + "/" + name
	}
	if err := checkName(name); err != nil {
		return devices.Message{}, err
	}
	d := collector{m: devices.Message{Device: name}, late: retained}
	if !utf8.Valid(payload) {
		return d.m, errors.New("payload is not valid UTF-8")
	}
	v := plain(trim(payload))
	switch {
	case ack == 1: // our own command, coming back
	case command == mysensorsSet:
		d.sensed(kind, v)
	case command == mysensorsInternal:
		switch kind {
		case 0: // I_BATTERY_LEVEL
			d.number(v, devices.Battery, "%", 0, 100)
		case 14: // I_GATEWAY_READY
			if !retained {
				d.now(devices.Online)
			}
		case 22, 25, 32, 33: // I_HEARTBEAT_RESPONSE, I_PONG, I_PRE_SLEEP, I_POST_SLEEP
			d.press(devices.Heartbeat, "")
		case 31: // I_SIGNAL_REPORT_RESPONSE; a report of anything else is positive
			d.number(v, devices.RSSI, "dBm", -200, -1)
		}
	}
	return d.done()
}

// sensed reads the values that a node reports.
func (d *collector) sensed(kind int, v value) {
	switch kind {
	case 0: // V_TEMP, metric unless the controller said otherwise
		d.number(v, devices.Temperature, "°C", -273.15, 1000)
	case 1: // V_HUM
		d.number(v, devices.Humidity, "%", 0, 100)
	case 16: // V_TRIPPED
		switch yes, ok := v.truth(); {
		case !ok:
			d.wrong("V_TRIPPED", v)
		case yes:
			d.press(devices.Button, "")
		}
	case 19: // V_SCENE_ON, with the scene's number
		d.press(devices.Button, "")
	case 38: // V_VOLTAGE
		d.volts(v)
	case 47: // V_TEXT
		if w, _ := v.word(); strings.HasPrefix(w+" ", "help ") || strings.HasPrefix(w, "help!") {
			d.press(devices.Panic, "")
		} else if w != "" {
			for _, e := range pressed(nil, w) {
				if e.Kind == devices.Panic {
					d.press(devices.Panic, "")
				}
			}
		}
	}
}

// aboutMySensors is what there is to know of a MySensors gateway over MQTT.
func aboutMySensors() devices.Format {
	return devices.Format{
		Name: FormatMySensors, Over: devices.OverMQTT, Answered: devices.AnsweredNever,
		Reads:   "Nodes behind a MySensors gateway over MQTT.",
		Devices: "Anything that is built with it: a tripped sensor or a scene is a press.",
		Address: "mysensors/12", Named: "the node: 12; with another prefix than mygateway1 prefix/12",
		Events:   []devices.Kind{devices.Panic, devices.Button, devices.Online, devices.Heartbeat},
		Readings: []devices.Quantity{devices.Battery, devices.Voltage, devices.RSSI, devices.Temperature, devices.Humidity},
		Supervision: []devices.Supervised{
			{Every: 25 * 3600, Name: "12", Role: devices.Panic},
		},
		CannotTell: []string{
			"Whether what tripped was a button, a door or a detector: its role says so, and all children of a node have one.",
			"The radio acknowledges to the next node only.",
		},
	}
}
