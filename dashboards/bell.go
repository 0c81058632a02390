package dashboards

import (
	"context"
	"encoding/json"
	"time"

	"telecare/alerting"
)

// shownWithin is how long a screen may take to say that it rings.
const shownWithin = 5 * time.Second

// Bell is a channel: a call by it rings on the screens of whoever is called,
// and has arrived when one of them says that it shows the alarm and sounds. All
// bells of a hub are the same value.
type Bell struct{ hub *Hub }

// Bell rings on the hub's screens.
func (h *Hub) Bell() Bell { return Bell{h} }

// bellError is why nobody heard it, in a word that may be journalled.
type bellError string

// What a bell says.
const (
	noScreen  bellError = "no screen"    // none of theirs is there
	notShown  bellError = "not shown"    // those that are there do not say that they show it
	withoutIt bellError = "screen muted" // they show it, and cannot sound
)

func (e bellError) Word() string  { return string(e) }
func (e bellError) Error() string { return "the screen that rings: " + string(e) }

// Notify rings. That nobody needs to come any more the screens see by
// themselves.
func (b Bell) Notify(ctx context.Context, c alerting.Call) (retry bool, err error) {
	if c.Reason == alerting.Stopped || c.News != nil {
		return false, nil
	}
	answers, asked := b.hub.ring(c)
	defer b.hub.rung(c.ID)
	if asked == 0 {
		return true, noScreen
	}
	patience := time.NewTimer(shownWithin)
	defer patience.Stop()
	muted := 0
	for {
		select {
		case sounds := <-answers:
			if sounds {
				return false, nil
			}
			if muted++; muted == asked {
				return true, withoutIt
			}
		case <-patience.C:
			if muted > 0 {
				return true, withoutIt
			}
			return true, notShown
		case <-ctx.Done():
			return true, ctx.Err()
		}
	}
}

// ringView asks a screen to say that it shows an alarm, and whether it sounds.
type ringView struct {
	ID    alerting.NotificationID `json:"id"`
	Alarm alerting.AlarmID        `json:"alarm"`
}

// screenSays is all that a screen may say.
type screenSays struct {
	Rang  alerting.NotificationID `json:"rang"`
	Sound bool                    `json:"sound"`
}

// ringing is a call that waits for a screen of whoever is called to answer.
type ringing struct {
	of      alerting.Person
	answers chan<- bool
}

// ring asks the screens of whoever is called. Their answers come by the
// channel until rung.
func (h *Hub) ring(c alerting.Call) (answers <-chan bool, asked int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	got := make(chan bool, len(h.screens)+1)
	for s := range h.screens {
		if s.of == "" || s.of != c.To {
			continue
		}
		select {
		case s.rings <- ringView{c.ID, c.Alarm}:
			asked++
		default: // it will be closed for being slow
		}
	}
	h.rings[c.ID] = ringing{c.To, got}
	return got, asked
}

// rung ends the wait for answers.
func (h *Hub) rung(id alerting.NotificationID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.rings, id)
}

// hear takes what a screen of somebody says; what is none of what it may say is
// ignored.
func (h *Hub) hear(of alerting.Person, b []byte) {
	var m screenSays
	if json.Unmarshal(b, &m) != nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if r, ok := h.rings[m.Rang]; ok && r.of == of {
		select {
		case r.answers <- m.Sound:
		default:
		}
	}
}

// Rings reports whether a screen of somebody is there that could ring.
func (h *Hub) Rings(of alerting.Person) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.screens {
		if s.of == of {
			return true
		}
	}
	return false
}

// rings says whose screen rings for them: the centre's page, and no board, which
// nobody sits at.
func (v viewer) rings() alerting.Person {
	if v.role == RoleCentre && v.only == "" {
		return v.person
	}
	return ""
}
