package mqtt

import "telecare/devices"

// aboutChirpStack is what there is to know of ChirpStack.
func aboutChirpStack() devices.Format {
	f := aboutLoRaWAN("ChirpStack publishes at QoS 0 unless its qos is set.")
	f.Name, f.Answered = FormatChirpStack, devices.AnsweredAtQoS1
	f.Reads = "LoRaWAN devices behind ChirpStack v4 or v3: the decoded object, or raw bytes by the maker's codec."
	f.Address, f.Named = "chirpstack/24e124535b316056", "its DevEUI in small letters"
	f.Readings = append(f.Readings, "margin")
	return f
}

// aboutTTN is what there is to know of The Things Stack.
func aboutTTN() devices.Format {
	f := aboutLoRaWAN("The Things Stack publishes at QoS 0 only: what comes while the gateway is away is lost.")
	f.Name, f.Answered = FormatTTN, devices.AnsweredNever
	f.Reads = "LoRaWAN devices behind The Things Stack v3: the decoded payload, or raw bytes by the maker's codec."
	f.Address, f.Named = "ttn/24e124535b316056", "its DevEUI in small letters, or its device id where it has none"
	return f
}

// aboutLoRaWAN is what there is to know of LoRaWAN devices behind any network
// server, and what that server cannot tell.
func aboutLoRaWAN(cannot string) devices.Format {
	return devices.Format{
		Over:     devices.OverLoRaWAN,
		Devices:  "Milesight WS101 and VS373, Netvox R312A, Browan TBPB100, MOKO LW004-PB, Dragino TrackerD, Abeeway and Digital Matter trackers, and any whose maker's codec names its fields as makers do.",
		Events:   []devices.Kind{devices.Panic, devices.Fall, devices.Inactivity, devices.Medical, devices.Smoke, devices.Gas, devices.CO, devices.Heat, devices.Flood, devices.Intruder, devices.BedExit, devices.Cancel, devices.Test, devices.Button, devices.Tamper, devices.BatteryLow, devices.MainsLost, devices.Online, devices.Fault},
		Readings: []devices.Quantity{devices.Battery, devices.Voltage, devices.RSSI, devices.SNR, devices.Temperature, devices.Humidity, devices.Illuminance, devices.Contact, devices.Occupancy, devices.InBed},
		Supervision: []devices.Supervised{
			{Of: "buttons and pendants", Every: 45 * 3600, Name: "24e124535b316056", Role: devices.Panic},
			{Every: 25 * 3600, Name: "24e124535b316057"},
		},
		CannotTell: []string{
			"A LoRaWAN button is not told that a press was heard unless its uplinks are confirmed; without that nobody repeats a lost one.",
			"The clock of a device is not believed; a frame is as old as its gateway says.",
			"Presses that the network server drops by itself (a wrong key, a reset counter) are seen as a fault of the device, not as presses.",
			cannot,
		},
	}
}
