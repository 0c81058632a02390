package dashboards

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"telecare/alerting"
)

const (
	beatEvery  = 2 * time.Second  // the page says "not live" after 5 s without one
	writeLimit = 5 * time.Second  // a screen that takes longer is closed
	pongLimit  = 15 * time.Second // a screen that answers no ping for so long is gone
	readLimit  = 1024             // a screen has little to say
	maxSaid    = 60               // that often, in saidIn: a pong every beat, and that it rang
	saidIn     = 10 * time.Second

	// signedOut is the close code that tells the page to ask for a sign-in.
	signedOut = 4401
)

// live streams one viewer's snapshot and changes until the screen goes, falls
// behind, or its sign-in ends. The request's context ends it too: cancel the
// server's BaseContext to let go of all screens.
func (h *Handler) live(w http.ResponseWriter, r *http.Request) {
	v, s, ok := h.liveViewer(w, r)
	if !ok {
		return
	}
	end := h.streams.begin(streamsOf(v, s))
	if end == nil {
		problem(http.StatusTooManyRequests, "too_many_screens").write(w)
		return
	}
	defer end()
	up := websocket.Upgrader{
		HandshakeTimeout: writeLimit,
		CheckOrigin:      h.sameOrigin,
		Error: func(w http.ResponseWriter, _ *http.Request, status int, err error) {
			problem(status, "no_stream").because(err.Error()).write(w)
		},
	}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return // Upgrade has answered
	}
	defer conn.Close()

	gone := make(chan struct{})
	go func() {
		defer close(gone)
		h.read(conn, v.rings())
	}()
	code, why := h.write(r, conn, v, gone, s)
	msg := websocket.FormatCloseMessage(code, why)
	conn.WriteControl(websocket.CloseMessage, msg, time.Now().Add(time.Second))
	conn.Close()
	<-gone
}

// liveViewer finds out who looks: by link, or by sign-in, which is s.
func (h *Handler) liveViewer(w http.ResponseWriter, r *http.Request) (v viewer, s *session, ok bool) {
	if token := r.URL.Query().Get("link"); token != "" {
		v, ok := h.linkViewer(token)
		if !ok {
			noSuchLink().write(w)
		}
		return v, nil, ok
	}
	v, s = h.viewer(r)
	switch {
	case v.role == "":
		h.nobody(r).write(w)
		return v, nil, false
	case !v.may(AlarmsRead) && !v.may(ownRead):
		forbidden().write(w)
		return v, nil, false
	}
	if v.token == nil && v.may(AlarmsRead) && r.URL.Query().Has("board") {
		v = viewer{role: RoleBoard} // a board shows what anybody may read who walks past
	}
	return v, s, true
}

// read takes what a screen sends until it is gone: pongs, and that it rings. One
// that says more than any page does is let go: it would keep the hub busy, which
// alarms go through, and be answered ping for ping.
func (h *Handler) read(conn *websocket.Conn, of alerting.Person) {
	var begun time.Time
	said := 0
	more := func() error {
		now := time.Now()
		if now.Sub(begun) > saidIn {
			begun, said = now, 0
		}
		if said++; said > maxSaid {
			return errTooMuchSaid
		}
		return nil
	}
	conn.SetReadLimit(readLimit)
	conn.SetReadDeadline(time.Now().Add(pongLimit))
	conn.SetPongHandler(func(string) error {
		return errors.Join(more(), conn.SetReadDeadline(time.Now().Add(pongLimit)))
	})
	answer := conn.PingHandler()
	conn.SetPingHandler(func(data string) error {
		if err := more(); err != nil {
			return err
		}
		return answer(data)
	})
	for {
		_, b, err := conn.ReadMessage()
		if err != nil || more() != nil {
			return
		}
		h.hub.hear(of, b)
	}
}

var errTooMuchSaid = errors.New("the screen says too much")

// write sends the stream, and says why it ended.
func (h *Handler) write(r *http.Request, conn *websocket.Conn, v viewer, gone <-chan struct{}, s *session) (code int, why string) {
	var ended <-chan struct{}
	if s != nil {
		ended = s.ended
	}
	state, screen := h.hub.subscribe(v.rings())
	defer h.hub.unsubscribe(screen)
	looks := map[alerting.AlarmID]bool{}
	sent := uint64(0)
	send := func(m message) error {
		if v.role == RoleFamily { // the stream's own numbers count what others do
			if m.Type != "beat" {
				sent++
			}
			m.Seq = sent
		}
		h.looked(v, looks, m)
		conn.SetWriteDeadline(time.Now().Add(writeLimit))
		return conn.WriteJSON(m)
	}
	seq := state.seq
	if send(h.snapshot(v, state)) != nil {
		return websocket.CloseGoingAway, ""
	}
	beat := time.NewTicker(beatEvery)
	defer beat.Stop()
	for {
		var err error
		select {
		case c, ok := <-screen.changes:
			if !ok {
				return websocket.CloseTryAgainLater, "too slow"
			}
			seq = c.seq
			if c.common != nil && v.only == "" && v.role != RoleFamily { // a family shares with nobody
				err = h.sendCommon(conn, v, c)
			} else if m := h.change(v, c); m != nil {
				err = send(*m)
			}
		case ring := <-screen.rings:
			err = send(message{Type: "ring", Seq: seq, At: time.Now(), Ring: &ring})
		case <-beat.C:
			if !h.valid(v) {
				return signedOut, "this token is not known any more"
			}
			if s != nil {
				h.sessions.stays(s) // a screen that hangs there is used
			}
			err = conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeLimit))
			if err == nil && (h.o.Alive == nil || h.o.Alive()) {
				err = send(message{Type: "beat", Seq: seq, At: time.Now()})
			}
		case <-ended:
			return signedOut, "signed out"
		case <-gone:
			return websocket.CloseGoingAway, ""
		case <-r.Context().Done():
			return websocket.CloseGoingAway, "the gateway stops"
		}
		if err != nil {
			return websocket.CloseGoingAway, ""
		}
	}
}

// sendCommon sends what all screens of this kind are sent.
func (h *Handler) sendCommon(conn *websocket.Conn, v viewer, c change) error {
	m, err := c.common.message(v.kind(), func() *message { return h.change(v, c) })
	if err != nil {
		return err
	}
	conn.SetWriteDeadline(time.Now().Add(writeLimit))
	return conn.WritePreparedMessage(m)
}

// looked records that names were shown, once an alarm and screen.
func (h *Handler) looked(v viewer, before map[alerting.AlarmID]bool, m message) {
	all := m.Alarms
	if m.Alarm != nil {
		all = []alarmView{*m.Alarm}
	}
	for _, a := range all {
		if len(a.Persons) > 0 && a.Persons[0].Name != "" && !before[a.ID] {
			before[a.ID] = true
			h.look(v, sawName, a.ID)
		}
	}
}

// sameOrigin reports whether a request comes from a page of this gateway. A
// request without an Origin is not from a browser's page.
func (h *Handler) sameOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" { // "null" has no host
		return false
	}
	return strings.EqualFold(u.Host, r.Host) || origin == h.settings.Load().public
}
