package alerting

import "slices"

// opened finds the open alarms of a device and kind, oldest first. There is more
// than one where one was recovered or reopened beside another: a press counts in
// the newest. It is not part of the state, so it may depend on nothing else.
type opened map[trigger][]*alarm

func (o opened) add(a *alarm) {
	t := trigger{a.Device, a.Kind}
	if a.Device == "" || slices.Contains(o[t], a) {
		return
	}
	o[t] = append(o[t], a)
	slices.SortFunc(o[t], func(a, b *alarm) int { return a.Number - b.Number })
}

func (o opened) remove(a *alarm) {
	t := trigger{a.Device, a.Kind}
	if o[t] = slices.DeleteFunc(o[t], func(b *alarm) bool { return a == b }); len(o[t]) == 0 {
		delete(o, t)
	}
}

// newest is nil when there is none.
func (o opened) newest(t trigger) *alarm {
	if n := len(o[t]); n > 0 {
		return o[t][n-1]
	}
	return nil
}
