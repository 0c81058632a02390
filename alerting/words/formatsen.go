package words

import "telecare/devices"

func englishFormats() FormatWords {
	return FormatWords{
		Title: "Formats that are understood", Name: "Name", Over: "Over", Reads: "What is read", Devices: "Known devices", Address: "In the registry", Wiring: "Where it is heard",
		Events: "Events", Readings: "Readings", Answered: "Guaranteed", Supervised: "To be heard within", Asked: "Asked when quiet", CannotTell: "Cannot tell",
		Others: "others", NoSign: "no sign of life, only a press proves it", Window: "within {name}", Baud: "{name} baud",
		Transports: map[devices.Transport]string{devices.OverMQTT: "over MQTT", devices.OverLoRaWAN: "over LoRaWAN", devices.OverSerial: "on a serial line"},
		Answers: map[devices.Answered]string{
			devices.AnsweredAlways: "yes: acknowledged when it is on disk, and said again until then",
			devices.AnsweredAtQoS1: "as far as it is published at QoS 1",
			devices.AnsweredNever:  "no: what is said while the gateway is away is lost",
		},
		Kinds: map[devices.Kind]string{
			devices.Cancel: "taken back", devices.Reset: "reset", devices.Presence: "movement", devices.Test: "test", devices.Button: "press (the role says what for)",
			devices.FallWarning: "perhaps a fall", devices.Tamper: "opened", devices.TamperClear: "closed again", devices.BatteryLow: "battery low", devices.BatteryOK: "battery well",
			devices.MainsLost: "mains lost", devices.MainsRestored: "mains back", devices.Online: "reachable", devices.Offline: "not reachable", devices.Heartbeat: "sign of life",
			devices.Fault: "defect", devices.FaultClear: "defect over",
		},
		Quantities: map[devices.Quantity]string{
			devices.Battery: "battery", devices.Voltage: "voltage", devices.RSSI: "signal strength", devices.SNR: "signal to noise", devices.LinkQuality: "link quality",
			devices.Temperature: "temperature", devices.Humidity: "humidity", devices.Illuminance: "light", devices.Contact: "open or closed", devices.Occupancy: "somebody there", devices.InBed: "somebody in bed", "margin": "margin of the link",
		},
	}
}
