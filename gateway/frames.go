package gateway

import (
	"container/list"
	"slices"
	"time"

	"telecare/devices"
)

// Bounds of what is kept for the technician, in memory only.
const (
	frameBytes    = 4 << 10 // of each frame
	framesKept    = 20      // of each device, in a small house
	framesInAll   = 5000    // about: in a larger one there are fewer of each
	framesAtLeast = 2       // of each
	unknownsKept  = 1000    // devices
	unknownFrames = 5       // of each unknown device
)

// HeardFrame is a frame as the technician sees it. Raw and Topic may be
// personal data.
type HeardFrame struct {
	At      time.Time
	Source  string
	Topic   string
	Raw     []byte // the first 4 KiB
	Message devices.Message
	Err     error
}

// frames are the newest frames of a device.
type frames []HeardFrame

// framesOfEach is how many are kept of each of so many devices.
func framesOfEach(n int) int {
	return max(framesAtLeast, min(framesKept, framesInAll/max(n, 1)))
}

func (fs *frames) keep(most int, f *devices.Frame, at time.Time) {
	h := HeardFrame{At: at, Source: f.Source, Topic: f.Topic, Message: f.Message, Err: f.Err}
	h.Raw = append([]byte(nil), f.Raw[:min(len(f.Raw), frameBytes)]...)
	if over := len(*fs) + 1 - most; over > 0 {
		*fs = slices.Delete(*fs, 0, over)
	}
	*fs = append(*fs, h)
}

// UnknownDevice is somebody who speaks and is not registered.
type UnknownDevice struct {
	Address devices.Address
	Source  string
	Count   int
	Last    time.Time
	Frames  []HeardFrame
}

// unknowns are the devices that are not registered, the oldest out when there
// are too many. A frame that could not even be attributed counts under its
// source and topic.
type unknowns struct {
	order list.List // of *UnknownDevice, the one heard last in front
	by    map[devices.Address]*list.Element
}

func (u *unknowns) add(f *devices.Frame, at time.Time) {
	if u.by == nil {
		u.by = map[devices.Address]*list.Element{}
	}
	address := f.Address()
	if address == "" {
		address = devices.Address(f.Format + "/? " + clip(f.Topic, 200))
	}
	e := u.by[address]
	if e == nil {
		if u.order.Len() >= unknownsKept {
			oldest := u.order.Back()
			delete(u.by, oldest.Value.(*UnknownDevice).Address)
			u.order.Remove(oldest)
		}
		e = u.order.PushFront(&UnknownDevice{Address: address, Source: f.Source})
		u.by[address] = e
	}
	u.order.MoveToFront(e)
	d := e.Value.(*UnknownDevice)
	d.Count++
	d.Last = at
	(*frames)(&d.Frames).keep(unknownFrames, f, at)
}

func (u *unknowns) forget(a devices.Address) {
	if e := u.by[a]; e != nil {
		u.order.Remove(e)
		delete(u.by, a)
	}
}

func (u *unknowns) list() []UnknownDevice {
	var out []UnknownDevice
	for e := u.order.Front(); e != nil; e = e.Next() {
		d := *e.Value.(*UnknownDevice)
		d.Frames = append([]HeardFrame(nil), d.Frames...)
		out = append(out, d)
	}
	return out
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return s[:n]
}

// Frames lists a device's newest frames, oldest first.
func (g *Gateway) Frames(id devices.ID) []HeardFrame {
	return ask(g.watch.ask, func(w *watch) []HeardFrame {
		l := w.devices[id]
		if l == nil {
			return nil
		}
		return append([]HeardFrame(nil), l.frames...)
	})
}

// Unknown lists who speaks and is not registered, the newest first.
func (g *Gateway) Unknown() []UnknownDevice {
	return ask(g.watch.ask, func(w *watch) []UnknownDevice { return w.unknown.list() })
}
