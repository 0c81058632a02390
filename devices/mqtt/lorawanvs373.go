package mqtt

import (
	"slices"
	"strconv"
	"strings"

	"telecare/devices"
)

// What the radar VS373 says, as its maker's codecs write it
// (Milesight-IoT/SensorDecoders, vs-series/vs373). Until 2025 an alarm is one of
// a list, {"alarm_type":"fall","alarm_status":"alarm_triggered"}; since then it is
// a field of its own, "fall_alarm":{"alarm_id":"1, 2","alarm_status":"1, 2"}, with
// all of a frame in their order.

// posture reads what it sees: "fall", or where the person is.
func (w *walk) posture(v value, p spot) {
	s, _ := v.word()
	n, number := v.number()
	switch {
	case s == "fall" || number && n == 4:
		w.state("", value("true"), devices.Fall, p)
	case s == "normal" || s == "vacant" || s == "in_bed" || s == "out_of_bed" || number && n >= 0 && n < 4:
		w.state("", value("false"), devices.Fall, p)
		w.read(p, func() {
			vacant := s == "vacant" || number && n == 1
			w.once(devices.Occupancy, oneIf(!vacant), "")
			if in := s == "in_bed" || number && n == 2; in || vacant || s == "out_of_bed" || number && n == 3 {
				w.once(devices.InBed, oneIf(in), "")
			}
		})
	}
}

// alarmName is an alarm's name for its number, "" for one that is not known.
func alarmName(v value) string {
	names := [...]string{"fall", "motionless", "dwell", "out_of_bed", "occupied", "vacant", "bradypnea", "tachypnea", "lying"}
	if n, ok := v.number(); ok && n >= 0 && int(n) < len(names) {
		return names[int(n)]
	}
	return ""
}

// alarms reads the statuses of all alarms of one kind in a frame; false: it is no
// kind of alarm.
func (w *walk) alarms(t string, statuses value, p spot) bool {
	if k, _ := kindOf(t); k == "" && t != "occupied" && t != "vacant" {
		return false
	}
	s, ok := statuses.text()
	if !ok {
		w.alarm(t, statuses, p)
		return true
	}
	for one := range strings.SplitSeq(s, ",") {
		w.alarm(t, value(strconv.Quote(one)), p)
	}
	return true
}

// alarm reads one. The status is 1 (triggered), 2 (deactivated), 3 (ignored) or 4
// (a report of how things are), and was 0 to 2 in a table of the maker's: what is
// not known to be over goes on.
func (w *walk) alarm(t string, status value, p spot) {
	if t == "occupied" || t == "vacant" {
		w.read(p, func() { w.once(devices.Occupancy, oneIf(t == "occupied"), "") })
		return
	}
	k, _ := kindOf(t)
	if k == "" {
		return
	}
	s, _ := status.word()
	n, number := status.number()
	switch {
	case number && n == 4, strings.Contains(s, "status"):
	case number && (n == 2 || n == 3), strings.Contains(s, "deactivated"), strings.Contains(s, "ignored"), strings.Contains(s, "release"):
		if p.past {
			return
		}
		w.d.clear(k)
		if k == devices.BedExit { // back in bed by the end of the frame
			w.d.m.Events = slices.DeleteFunc(w.d.m.Events, func(e devices.Event) bool { return e.Kind == k && !e.Late })
		}
	default:
		if k == devices.BedExit {
			w.d.m.Cleared = slices.DeleteFunc(w.d.m.Cleared, func(c devices.Kind) bool { return c == k })
		}
		w.happened(k, p)
	}
}
