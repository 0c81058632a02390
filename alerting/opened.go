package alerting

import (
	"slices"

	"telecare/devices"
)

// opened finds the open alarms of a device and kind, oldest first, and those of a
// place and kind. There is more than one of a device where one was recovered or
// reopened beside another: a press counts in the newest. It is not part of the
// state, so it may depend on nothing else.
type opened struct {
	from sameAlarms[trigger]
	at   sameAlarms[spot]
}

type spot struct {
	place PlaceID
	kind  devices.Kind
}

func newOpened() opened { return opened{sameAlarms[trigger]{}, sameAlarms[spot]{}} }

func (o opened) add(a *alarm) {
	if a.Device == "" {
		return
	}
	o.from.add(trigger{a.Device, a.Kind}, a)
	o.at.add(spot{a.Place, a.Kind}, a)
}

func (o opened) remove(a *alarm) {
	o.from.remove(trigger{a.Device, a.Kind}, a)
	o.at.remove(spot{a.Place, a.Kind}, a)
}

// newest is nil when there is none.
func (o opened) newest(t trigger) *alarm {
	if n := len(o.from[t]); n > 0 {
		return o.from[t][n-1]
	}
	return nil
}

// sameAlarms are alarms that have something in common, oldest first.
type sameAlarms[K comparable] map[K][]*alarm

func (s sameAlarms[K]) add(k K, a *alarm) {
	s[k] = append(s[k], a)
	slices.SortFunc(s[k], func(a, b *alarm) int { return a.Number - b.Number })
}

func (s sameAlarms[K]) remove(k K, a *alarm) {
	if s[k] = slices.DeleteFunc(s[k], func(b *alarm) bool { return a == b }); len(s[k]) == 0 {
		delete(s, k)
	}
}
