package dashboards

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// A screen that says more than any page does is let go, by whichever way it says
// it; one that says what a page does stays.
func TestAttackScreenThatTalks(t *testing.T) {
	h := newHouse(t, newWard(same), nil)
	h.Press("d-1")
	link := "?link=" + h.token(h.alarm(t, "d-1"), "p-1")
	for name, say := range map[string]func(*websocket.Conn) error{
		"messages": func(c *websocket.Conn) error { return c.WriteMessage(websocket.TextMessage, []byte(`{"rang":"x"}`)) },
		"no JSON":  func(c *websocket.Conn) error { return c.WriteMessage(websocket.BinaryMessage, []byte{0}) },
		"pings": func(c *websocket.Conn) error {
			return c.WriteControl(websocket.PingMessage, nil, time.Now().Add(time.Second))
		},
		"pongs": func(c *websocket.Conn) error {
			return c.WriteControl(websocket.PongMessage, nil, time.Now().Add(time.Second))
		},
		"too large": func(c *websocket.Conn) error { return c.WriteMessage(websocket.TextMessage, make([]byte, readLimit+1)) },
	} {
		for _, query := range []string{"", link} {
			conn, _, err := h.caller(t, "marta").live(query)
			if err != nil {
				t.Fatal(err)
			}
			next(t, conn, "snapshot")
			gone := make(chan struct{})
			go func() {
				defer close(gone)
				for {
					if _, _, err := conn.ReadMessage(); err != nil {
						return
					}
				}
			}()
			over := time.After(30 * time.Second)
			for n := 0; ; n++ {
				_ = say(conn) // it may be gone
				select {
				case <-gone:
				case <-over:
					t.Errorf("%s%s: after %d it is there still", name, query, n)
				default:
					continue
				}
				break
			}
			conn.Close()
			<-gone
		}
	}
	quiet, _, err := h.caller(t, "marta").live("")
	if err != nil {
		t.Fatal(err)
	}
	defer quiet.Close()
	next(t, quiet, "snapshot")
	for range maxSaid / 3 {
		if err := quiet.WriteMessage(websocket.TextMessage, []byte(`{"rang":"x"}`)); err != nil {
			t.Fatal(err)
		}
	}
	next(t, quiet, "beat")
}

// Whoever asks to sign in elsewhere over and over keeps nobody else from coming
// back: not those of another address.
func TestAttackLeavingOverAndOver(t *testing.T) {
	p := newFakeProvider(t)
	h := newHouse(t, newWard(same), withProvider(p))
	c := h.stays(t)
	back := p.allow(t, c.leaves())
	for i := range 3 * maxLeaving {
		r := httptest.NewRequest("GET", h.url+"/sign-in", nil)
		r.RemoteAddr = fmt.Sprintf("198.51.100.7:%d", i+1)
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != http.StatusSeeOther {
			t.Fatalf("leaving is answered with %d", w.Code)
		}
	}
	c.want(303, "GET", back, "")
}

// Whoever opens screen after screen is refused after so many; others, and those
// that are open, notice nothing, and a screen that is closed makes room.
func TestAttackScreenAfterScreen(t *testing.T) {
	h := newHouse(t, newWard(same), nil)
	h.Press("d-1")
	link := "?link=" + h.token(h.alarm(t, "d-1"), "p-1")
	marta := h.caller(t, "marta")
	for _, query := range []string{"", link} {
		var open []*websocket.Conn
		for range maxStreams {
			conn, _, err := marta.live(query)
			if err != nil {
				t.Fatalf("screen %d: %v", len(open)+1, err)
			}
			open = append(open, conn)
		}
		_, resp, err := marta.live(query)
		if err == nil || resp == nil || resp.StatusCode != http.StatusTooManyRequests {
			t.Errorf("one more%s: %v %v", query, resp, err)
		}
		other, _, err := h.caller(t, "marta").live("")
		if err != nil {
			t.Fatalf("another sign-in: %v", err)
		}
		next(t, other, "snapshot")
		other.Close()
		next(t, open[0], "snapshot")
		open[0].Close()
		for since := time.Now(); ; { // until the server has noticed
			conn, _, err := marta.live(query)
			if err == nil {
				conn.Close()
				break
			}
			if time.Since(since) > 10*time.Second {
				t.Fatal("a screen that was closed makes no room")
			}
		}
		for _, conn := range open {
			conn.Close()
		}
	}
}
