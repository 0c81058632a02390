package gateway

import (
	"context"
	"encoding/json"
	"time"

	"telecare/alerting"
	"telecare/devices"
	"telecare/devices/battery"
)

// Lives keeps what is known of devices, or of channels, over a restart, as one
// small text.
type Lives interface {
	// Load gives what Save kept last; nothing, when it never did.
	Load() ([]byte, error)
	Save([]byte) error
}

// lives is when each device was last heard, as it is kept.
type lives struct {
	At      time.Time            `json:"at"` // when it was written, by the wall clock
	Devices map[devices.ID]kept1 `json:"devices"`
}

type kept1 struct {
	LastSeen  time.Time       `json:"last_seen,omitzero"`
	LastPress time.Time       `json:"last_press,omitzero"`
	Known     time.Time       `json:"known,omitzero"`
	Quiet     time.Duration   `json:"quiet"` // for how long it had not been heard then
	Battery   battery.History `json:"battery,omitzero"`
	Sight     time.Time       `json:"sight,omitzero"` // when it last showed that somebody is alive
	By        alerting.Sight  `json:"by,omitempty"`
}

// saveEvery is how often they are written: for a large house less often, to be
// kind to a memory card.
func saveEvery(n int) time.Duration { return 10 * time.Second * time.Duration(1+n/1000) }

// keepLives reads what was kept, and writes what saveLives gives it until ctx
// ends, both beside the watch, which waits for no disk. The channel is closed
// when the last was written, or the disk had its time.
func (w *watch) keepLives(ctx context.Context) <-chan struct{} {
	ended := make(chan struct{})
	store := w.g.o.Lives
	if store == nil {
		close(ended)
		return ended
	}
	w.toSave = make(chan *lives, 1)
	w.savedAt = w.g.clock.mono()
	go func() {
		defer close(ended)
		if b, err := store.Load(); err != nil {
			w.g.o.Log.Error("when devices were last heard is not known: silence is counted anew", "error", err)
		} else if len(b) > 0 {
			var l lives
			if err := json.Unmarshal(b, &l); err != nil {
				w.g.o.Log.Error("when devices were last heard cannot be read: silence is counted anew", "error", err)
			} else {
				w.inbox.put(notice{lives: &l})
			}
		}
		failed := false
		for l := range w.toSave {
			b, err := json.Marshal(l)
			if err == nil {
				err = store.Save(b)
			}
			if err != nil && !failed {
				w.g.o.Log.Error("when devices were last heard is not kept for the next start", "error", err)
			}
			failed = err != nil
		}
	}()
	return withPatience(ctx, ended)
}

// withPatience gives a disk that hangs at the end two seconds.
func withPatience(ctx context.Context, ended <-chan struct{}) <-chan struct{} {
	out := make(chan struct{})
	go func() {
		defer close(out)
		<-ctx.Done()
		patience := time.NewTimer(2 * time.Second)
		defer patience.Stop()
		select {
		case <-ended:
		case <-patience.C:
		}
	}()
	return out
}

// saveLives hands the writer a copy. One that still writes has enough to do.
func (w *watch) saveLives() {
	if w.toSave == nil {
		return
	}
	now := w.g.clock.mono()
	w.savedAt = now
	l := &lives{At: w.g.clock.wall(), Devices: make(map[devices.ID]kept1, len(w.devices))}
	for id, d := range w.devices {
		l.Devices[id] = kept1{d.lastSeen, d.lastPress, d.known, now - d.from, d.evidence.battery, d.sight.at, d.sight.by}
	}
	select {
	case w.toSave <- l:
	default:
	}
}

// endLives writes the last.
func (w *watch) endLives() {
	if w.toSave == nil {
		return
	}
	select {
	case <-w.toSave: // older than what comes now
	default:
	}
	w.saveLives()
	close(w.toSave)
}

// remember takes in what was kept before the start. While we were away a device
// may have given its sign of life: when that was for a third of its window at
// most it was one at most, and the next comes within the window, so that the
// silence goes on; else it begins anew. The time away itself is not counted.
func (w *watch) remember(kept *lives) {
	now := w.g.clock.mono()
	away := w.g.clock.wall().Add(-now).Sub(kept.At) // until this process began
	for id, k := range kept.Devices {
		l := w.devices[id]
		if l == nil || l.heardAt != 0 {
			continue
		}
		l.lastSeen, l.dirty = k.LastSeen, true
		if !k.Known.IsZero() {
			l.known = k.Known
		}
		if l.lastPress.IsZero() {
			l.lastPress = k.LastPress
		}
		l.sight = sight{k.Sight, k.By}
		l.evidence.battery = k.Battery
		l.evidence.health = battery.Judge(k.Battery, w.g.clock.wall())
		if !k.LastSeen.IsZero() && k.Quiet > 0 && away >= 0 && away <= l.device.Window/3 {
			l.from -= k.Quiet
		}
	}
	w.look()
}
