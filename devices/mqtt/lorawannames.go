package mqtt

import "strings"

// What the fields of makers' objects mean. Every maker names them as it likes,
// so names are compared in small letters, without blanks and signs, and most of
// what is known stands in one table, senseOf. docs/formats-lorawan.md shows it to
// users.
type sense int

const (
	saysNothing   sense = iota
	saysFall            // once, or a state: it cannot be told, and then it happens each time
	saysPanic           // the same
	saysFallState       // a state that every frame repeats: only its beginning is news
	saysPanicState
	saysPosture // what a radar sees: a fall, or another posture
	saysPress   // momentary, and its meaning is the device's role
	saysAlarm   // momentary, of a device that has one kind of alarm
	saysEvent   // a word that names what happened
	saysStatus  // a word that names what goes on
	saysSmoke
	saysHeat
	saysGas
	saysCO
	saysFlood
	saysIntruder
	saysTamper
	saysLowBattery
	saysFailure
	saysBattery // %, or V, or a word
	saysBatteryVolt
	saysBatteryRank // Dragino: 0 and 1 of 0…3 are low
	saysPower
	saysTest
	saysTemperature
	saysBoardTemperature // the device's own, where it has no other
	saysHumidity
	saysIlluminance
	saysOccupancy
	saysInBed
	saysBedExit
	saysOpen    // a door: on is open
	saysClosed  // a contact: on is closed
	saysHistory // what is below it was some time ago
	saysConfig  // what is below it is how the device is set
)

// senseOf is the table, by the names of the makers' codecs: Milesight (WS101,
// VS373, VS370, EM, GS, WS), Netvox (R312A, RB11E), Browan, MerryIoT, MOKO
// (LW001, LW004), Dragino (TrackerD, LDS02, LWL02, LHT65), Abeeway, Digital
// Matter, Elsys, Sept-S, Yobiiq and Seeed.
func senseOf(name string) sense {
	switch name {
	case "fall", "fallen", "falldetected", "fallalarm", "fallalert", "fallevent", "falldown", "isfall":
		return saysFall
	case "sos", "sosevent", "sosalert", "sosalarm", "sosbutton", "sospressed", "panic", "panicalarm", "panicalert", "panicbutton",
		"panicevent", "emergency", "emergencyalarm", "emergencyalert", "emergencyevent", "emergencybutton", "emergencycall",
		"nursecall", "helpcall", "duress":
		return saysPanic
	case "fallstatus", "fallstate", "falldownstatus", "mandown", "mandownstatus", "mandownstate", "mandownalarm", "mandownflag":
		return saysFallState
	case "sosflag", "sosstatus", "sosstate", "sosmode", "sosactive", "panicstatus", "panicstate", "emergencystatus",
		"emergencystate":
		return saysPanicState
	case "detectionstatus":
		return saysPosture
	case "button", "buttonevent", "buttonstatus", "buttonstate", "buttonpressed", "buttonpress", "buttonaction", "press",
		"pressed", "pressevent", "pressstatus", "presstype", "click", "clicktype", "keypress", "keyevent", "keystatus",
		"pushbutton", "btn", "doorbell", "pullcord":
		return saysPress
	case "alarm", "alarmflag", "alarmactive", "alert":
		return saysAlarm
	case "event", "eventtype", "eventname", "alarmtype", "alarmevent", "notificationtype", "alerttype", "packtype", "packettype",
		"messagetype":
		return saysEvent
	case "devstatus", "operatingstatus":
		return saysStatus
	case "smoke", "smokealarm", "smokestatus", "smokedetected", "smokestate", "fire", "firealarm", "smokesensoralarm":
		return saysSmoke
	case "heatalarm", "heatdetected", "hightemperaturealarm":
		return saysHeat
	case "gasalarm", "gasstatus", "gasdetected", "gasleak", "gasleakage", "gasalarmstatus":
		return saysGas
	case "coalarm", "coalarmstatus", "codetected", "carbonmonoxidealarm":
		return saysCO
	case "waterleak", "waterleakstatus", "waterleakage", "waterleakdetected", "leak", "leakage", "leakagestatus", "leakstatus",
		"leakdetected", "flood", "flooding", "waterdetected":
		return saysFlood
	case "intrusion", "intrusionalarm", "burglaralarm":
		return saysIntruder
	case "tamper", "tamperstatus", "tamperalarm", "tamperdetected", "tamperflag", "tamperevent", "disassembledalarm", "demolishstate",
		"dismantled", "dismantlealarm", "antidismantlestatus":
		return saysTamper
	case "batterylow", "lowbattery", "lowbatteryalarm", "lowbatteryalert", "batlow", "lowbat", "lowpowerstate", "batteryalarm",
		"lowbatterystatus", "lowvoltage", "batterystatus", "batterystate",
		"batteryvoltagestate", "batterylowevent":
		return saysLowBattery
	case "faultalarm", "hardwarefailure", "devicefault", "sensorfault":
		return saysFailure
	case "battery", "batterylevel", "batterypercent", "batterypercentage", "batterylevelinpercentage", "batterylevle", "bat",
		"batt", "batlevel", "batteryremaining", "batterycapacity", "batpercent":
		return saysBattery
	case "batv", "batteryvoltage", "batteryvolt", "batvoltage", "battvoltage", "battv", "vbat", "vbatt", "vdd", "batteryv",
		"voltage", "batvolt":
		return saysBatteryVolt
	case "batstatus": // Dragino: 0 very low, 1 low, 2 fine, 3 good
		return saysBatteryRank
	case "powerevent", "mainspower", "acpower":
		return saysPower
	case "testbuttonpressed", "testalarm", "testbutton":
		return saysTest
	case "temperature", "temp", "tem", "tempc", "tempcsht", "airtemperature", "ambienttemperature", "temperaturemeasure":
		return saysTemperature
	case "temperatureboard", "boardtemperature", "ictemperature":
		return saysBoardTemperature
	case "humidity", "hum", "humi", "humsht", "airhumidity", "relativehumidity":
		return saysHumidity
	case "illuminance", "illumination", "light", "lux", "lightlux", "luminosity":
		return saysIlluminance
	case "occupancy", "occupied", "occupy", "occupancystatus", "presence", "presencedetected", "pir", "pirstatus", "pirtrigger",
		"motion", "motiondetected", "motmotionst", "peoplepresent":
		return saysOccupancy
	case "inbed", "bedoccupied", "bedoccupancy", "bedpresence", "bedstatus", "bedstate", "onbed":
		return saysInBed
	case "bedexit", "bedexitalarm", "outofbed", "leftbed":
		return saysBedExit
	case "open", "doorstatus", "dooropen", "door", "doorstate", "dooropenstatus", "magnetstatus", "magnet", "magnetcontactstatus",
		"windowdetection", "windowopen", "window":
		return saysOpen
	case "contact", "contactstatus", "contactclosed":
		return saysClosed
	case "history", "historydata", "historical", "datalog", "records", "storeddata":
		return saysHistory
	}
	switch {
	case strings.HasSuffix(name, "failure"):
		return saysFailure
	case numbered(name, "button"), numbered(name, "btn"): // button_1
		return saysPress
	}
	for _, part := range [...]string{"config", "setting", "threshold", "request", "calibration", "schedule", "parameter", "d2d", "rule", "plan"} {
		if strings.Contains(name, part) {
			return saysConfig
		}
	}
	return saysNothing
}

// numbered reports whether a name is another with one or two figures behind it.
func numbered(name, begin string) bool {
	figures, ok := strings.CutPrefix(name, begin)
	return ok && len(figures) > 0 && len(figures) <= 2 && figures[0] >= '0' && figures[0] <= '9'
}
