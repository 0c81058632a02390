package serial

import "telecare/devices"

// contactMeaning is what a Contact ID event code (SIA DC-05) says when it is
// new, and what when it is restored; "" is nothing but a sign of life. It is
// one table for every receiver that hands Contact ID on.
//
// A restored alarm says nothing: nobody takes a press back by it, and by
// telephone the restoral of one may never come. So no alarm here is a level
// that would swallow the next. Codes of the alarm class (1xx) that are not
// listed are read by their decade: better a call too many than one too few.
func contactMeaning(code string) (fresh, restored devices.Kind) {
	switch code {
	case "101": // personal emergency: the pendant
		return devices.Panic, ""
	case "102", "641": // fail to report in; senior watch trouble
		return devices.Inactivity, ""
	case "109", "137", "144", "145", "316", "341", "383":
		return devices.Tamper, devices.TamperClear
	case "114", "158": // heat; high temperature
		return devices.Heat, ""
	case "140": // general alarm
		return devices.Panic, ""
	case "146", "423": // silent burglary; forced access
		return devices.Intruder, ""
	case "147", "381", "382": // supervision of a sensor lost (147: Climax)
		return devices.Offline, devices.Online
	case "150": // a 24 hour zone of any use: its role decides
		return devices.Button, ""
	case "151":
		return devices.Gas, ""
	case "154":
		return devices.Flood, ""
	case "162":
		return devices.CO, ""
	case "301", "342":
		return devices.MainsLost, devices.MainsRestored
	case "302", "338", "384":
		return devices.BatteryLow, devices.BatteryOK
	case "305", "313":
		return devices.Reset, ""
	case "406":
		return devices.Cancel, ""
	case "601", "602", "603", "604", "607", "608":
		return devices.Test, ""
	case "606", "609", "611", "612", "613", "614", "615": // listen-in, video, points walked
		return "", ""
	case "616": // service request
		return devices.Fault, devices.FaultClear
	}
	switch code[:2] {
	case "10":
		return devices.Medical, ""
	case "11":
		return devices.Smoke, ""
	case "12":
		return devices.Panic, ""
	case "13":
		return devices.Intruder, ""
	}
	switch code[:1] {
	case "1", "2", "3": // modules, supervisory, troubles
		return devices.Fault, devices.FaultClear
	}
	return "", "" // open and close, bypass, programming, schedules, makers' own
}

// contactEvents is what a code says with a qualifier: E new event or opening, R
// restore or closing, P reported before and still so, which is history.
func contactEvents(qualifier byte, code string) []devices.Event {
	fresh, restored := contactMeaning(code)
	switch {
	case qualifier == 'R' && restored != "":
		return []devices.Event{{Kind: restored}}
	case qualifier != 'R' && fresh != "":
		return []devices.Event{{Kind: fresh, Late: qualifier == 'P' && fresh.RaisesAlarm()}}
	}
	return nil
}

// siaMeaning is what a SIA event code (DC-03) says, for receivers that hand SIA
// on. Restorals of conditions are codes of their own.
func siaMeaning(code string) devices.Kind {
	switch code {
	case "PA", "HA", "QA":
		return devices.Panic
	case "MA":
		return devices.Medical
	case "NA": // no activity
		return devices.Inactivity
	case "FA":
		return devices.Smoke
	case "KA":
		return devices.Heat
	case "GA":
		return devices.Gas
	case "WA":
		return devices.Flood
	case "BA", "BV":
		return devices.Intruder
	case "TA", "ES":
		return devices.Tamper
	case "TR", "EJ":
		return devices.TamperClear
	case "XT", "YT":
		return devices.BatteryLow
	case "XR", "YR":
		return devices.BatteryOK
	case "AT":
		return devices.MainsLost
	case "AR":
		return devices.MainsRestored
	case "UY", "BZ", "XS":
		return devices.Offline
	case "UJ", "XC":
		return devices.Online
	case "RP", "RX", "TS", "TX":
		return devices.Test
	case "OC":
		return devices.Cancel
	case "UA": // untyped alarm
		return devices.Button
	case "XQ", "UT", "BT", "FT", "MT", "PT", "QT", "GT", "KT", "WT", "ET", "LT", "YC", "YM", "YP", "YS":
		return devices.Fault
	case "XH", "UR", "BJ", "FJ", "MJ", "PJ", "QJ", "GJ", "KJ", "WJ", "LR", "YK", "YQ":
		return devices.FaultClear
	}
	return ""
}

// fits compares b with a pattern, byte by byte: h is a hexadecimal digit, d a
// decimal one, q a qualifier, t the first digit of 18 and 98, and anything else
// itself.
func fits(pattern, b string) bool {
	if len(pattern) != len(b) {
		return false
	}
	for i := range len(b) {
		c, ok := b[i], false
		switch p := pattern[i]; p {
		case 'h':
			ok = isHex(c)
		case 'd':
			ok = c >= '0' && c <= '9'
		case 'q':
			ok = c == 'E' || c == 'R' || c == 'P'
		case 't':
			ok = c == '1' || c == '9'
		default:
			ok = c == p
		}
		if !ok {
			return false
		}
	}
	return true
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'F' || c >= 'a' && c <= 'f'
}

func allHex(s string) bool {
	for i := range len(s) {
		if !isHex(s[i]) {
			return false
		}
	}
	return s != ""
}

// receiverCannotTell is the same for all receivers of alarms.
func receiverCannotTell() []string {
	return []string{
		"When something happened: a receiver that was cut off hands on late what it kept, without a time, and it is taken for now.",
		"Whether a zone is a pendant or a door, where the code leaves it open: its role.",
		"Whether the pendant at the other end lives: panels report losing it (381), pendants themselves nothing.",
		"After a restart of the gateway the repeat of an event whose acknowledgment was lost counts as a second press of the same alarm.",
	}
}

// receiverEvents are those of Contact ID and SIA.
func receiverEvents() []devices.Kind {
	return []devices.Kind{
		devices.Panic, devices.Inactivity, devices.Medical, devices.Smoke, devices.Gas, devices.CO, devices.Heat, devices.Flood, devices.Intruder,
		devices.Cancel, devices.Reset, devices.Test, devices.Button, devices.Tamper, devices.TamperClear, devices.BatteryLow, devices.BatteryOK,
		devices.MainsLost, devices.MainsRestored, devices.Online, devices.Offline, devices.Heartbeat, devices.Fault, devices.FaultClear,
	}
}
