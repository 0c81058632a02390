package dashboards

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/gorilla/websocket"

	"telecare/alerting"
	"telecare/gateway/gatewaytest"
)

// rang calls somebody by the bell and says in a word what became of it.
func (h *house) rang(t *testing.T, to alerting.Person, id alerting.NotificationID, reason alerting.Reason) string {
	t.Helper()
	retry, err := h.hub.Bell().Notify(context.Background(), alerting.Call{ID: id, Alarm: h.alarm(t, "d-1").ID, To: to, Reason: reason})
	if err == nil {
		return "rang"
	}
	var w interface{ Word() string }
	if !retry || !errors.As(err, &w) {
		t.Errorf("retry %v, %v: a call to a screen can always be tried again", retry, err)
		return ""
	}
	return w.Word()
}

func (c *caller) screen(query string) *websocket.Conn {
	c.t.Helper()
	conn, _, err := c.live(query)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { conn.Close() })
	next(c.t, conn, "snapshot")
	return conn
}

// A call has arrived when a page of whoever is called says that it rings.
func TestBell(t *testing.T) {
	h := newHouse(t, newWard(same), nil)
	h.Press("d-1")
	expect := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	expect("without a page", h.rang(t, "p-9", "n-1", alerting.Calling), "no screen")
	expect("that somebody else has it", h.rang(t, "p-9", "n-1", alerting.Stopped), "rang")

	h.caller(t, "marta").screen("")         // a nurse's page does not ring
	h.caller(t, "centre").screen("?board=") // nor does a board, whoever opened it
	expect("with others' pages", h.rang(t, "p-9", "n-2", alerting.Calling), "no screen")
	expect("somebody whose pages do not ring", h.rang(t, "p-1", "n-3", alerting.Calling), "no screen")
	if h.hub.Rings("p-9") || h.hub.Rings("p-1") {
		t.Error("a page counts that does not ring")
	}

	var answering sync.WaitGroup
	answer := func(conn *websocket.Conn, id alerting.NotificationID, how string) {
		defer answering.Done()
		m, _ := next(t, conn, "ring")
		if m.Ring.ID != id || m.Ring.Alarm != h.alarm(t, "d-1").ID {
			t.Errorf("asked to ring for %+v, want %q", m.Ring, id)
		}
		for _, text := range []string{"}", `{"rang":"another","sound":true}`, strings.Replace(how, "ID", string(id), 1)} {
			if err := conn.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
				t.Error(err)
			}
		}
	}
	one := h.caller(t, "centre").screen("")
	if !h.hub.Rings("p-9") {
		t.Error("the centre's page is there and does not count")
	}
	answering.Add(1)
	go answer(one, "n-4", `{"rang":"ID","sound":true}`)
	expect("with one page", h.rang(t, "p-9", "n-4", alerting.Calling), "rang")
	answering.Wait()
	answering.Add(1)
	go answer(one, "n-5", `{"rang":"ID","sound":false}`)
	expect("with one page that cannot sound", h.rang(t, "p-9", "n-5", alerting.Calling), "screen muted")
	answering.Wait()
	two := h.caller(t, "centre").screen("")
	answering.Add(1)
	go answer(one, "n-6", `{"rang":"ID","sound":false}`)
	answering.Add(1)
	go answer(two, "n-6", `{"rang":"ID","sound":true}`)
	expect("with another one that can", h.rang(t, "p-9", "n-6", alerting.Calling), "rang")
	answering.Wait()
	answering.Add(1)
	go answer(one, "n-7", `{"rang":"ID","sound":false}`)
	expect("when that one hangs", h.rang(t, "p-9", "n-7", alerting.Calling), "screen muted")
	answering.Wait()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := h.hub.Bell().Notify(ctx, alerting.Call{ID: "n-8", To: "p-9"}); !errors.Is(err, context.Canceled) {
		t.Errorf("a call that is not wanted any more: %v", err)
	}
	if len(h.hub.rings) != 0 {
		t.Errorf("%d calls are waited for still", len(h.hub.rings))
	}

	// A nurse sees the alarm, and could guess the call; her word does not count.
	nurse := h.caller(t, "marta").screen("")
	answering.Add(1)
	go func() {
		defer answering.Done()
		next(t, one, "ring")
		nurse.WriteMessage(websocket.TextMessage, []byte(`{"rang":"n-9","sound":true}`))
	}()
	expect("answered by another", h.rang(t, "p-9", "n-9", alerting.Calling), "not shown")
	answering.Wait()
}

// The page itself: it cannot sound before the first press on it, says so, and
// rings after it.
func TestPageRings(t *testing.T) {
	h := newHouse(t, newWard(same), nil)
	tab := gatewaytest.Browser(t, 1280, 800)
	tab.Open(h.url)
	tab.One("button", "Sign in")
	gatewaytest.Eval[any](tab, `document.querySelector("[name=who]").value = "centre"`)
	gatewaytest.Eval[any](tab, `document.querySelector("[name=password]").value = "secret of the ward"`)
	tab.Press("Sign in")
	tab.Await(`document.querySelector(".bar")`)
	tab.Open(h.url)
	tab.One("button", "No sound: press here")
	h.Press("d-1")
	tab.One("button", "Take")
	if got := h.rang(t, "p-9", "n-1", alerting.Calling); got != "screen muted" {
		t.Errorf("before any press: %q", got)
	}
	tab.Press("No sound: press here")
	if got := h.rang(t, "p-9", "n-2", alerting.Calling); got != "rang" {
		t.Errorf("after a press: %q", got)
	}
}
