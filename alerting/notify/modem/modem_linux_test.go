package modem

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"telecare/alerting"
	"telecare/alerting/notify/modem/modemtest"
)

func TestTexts(t *testing.T) {
	r := newRig(t, nil)
	r.ready()
	r.notify(r.texts, callFor("n1", "+48 600-100-200"))
	sent := r.sim.Sent()
	want := "ALARM: Upadek, Pokoj 7, lazienka, 02:59 https://care.example/a/4k7m2q8n\n1 = Ide, 2 = Nie moge"
	if len(sent) != 1 || sent[0].To != anna || sent[0].Text != want || !sent[0].Report {
		t.Errorf("sent %+v, want %q", sent, want)
	}
	// With Polish letters it has parts.
	long := callFor("n2", anna)
	long.Place = "Oddział 2, pokój nr 7 w głębi korytarza"
	r.notify(r.Texts("gsm", true), long)
	text := ""
	for i, s := range r.sim.Sent()[1:] {
		if s.Part != i+1 || s.Of < 2 {
			t.Errorf("part %d is %+v", i+1, s)
		}
		text += s.Text
	}
	if want := "ALARM: Upadek, Oddział 2, pokój nr 7 w głębi korytarza, 02:59 https://care.example/a/4k7m2q8n\n1 = Idę, 2 = Nie mogę"; text != want {
		t.Errorf("sent %q, want %q", text, want)
	}
	// Sent again, it is the same to the last octet: a phone shows it once.
	n := len(r.sim.Sent())
	r.notify(r.Texts("gsm", true), long)
	all := r.sim.Sent()
	for i, s := range all[n:] {
		if s.PDU != all[1+i].PDU {
			t.Errorf("sent again, part %d differs", i+1)
		}
	}
	// Whoever cannot be sent to is told at once, and for good.
	for _, to := range []string{"", "600100200", "anna", "+48 600", "+0048600100200", "+48600100200123456"} {
		if retry, err := r.try(r.texts, callFor("n3", to)); retry || err == nil {
			t.Errorf("to %q: %v, again: %v", to, err, retry)
		}
	}
}

func TestTextMode(t *testing.T) {
	r := newRig(t, func(r *rig, c *Config) {
		c.Text = true
		r.sim.Refuse("AT+CMGF=0", "ERROR")
		r.reply = "Dobrze"
	})
	r.ready()
	long := callFor("n", anna)
	long.Place = strings.Repeat("Żółw ", 30)
	r.notify(r.Texts("gsm", true), long)
	text := ""
	for _, s := range r.sim.Sent() {
		if len([]rune(s.Text)) > 70 || !strings.HasPrefix(s.Text, "(") {
			t.Errorf("sent %q", s.Text)
		}
		_, rest, _ := strings.Cut(s.Text, ") ")
		text += rest
	}
	if !strings.HasPrefix(text, "ALARM: Upadek, Żółw") || !strings.HasSuffix(text, "2 = Nie mogę") {
		t.Errorf("sent %q", text)
	}
	r.sim.Refuse("AT+CMGF=0", "")
	if err := r.sim.Receive(anna, "1"); err != nil {
		t.Fatal(err)
	}
	r.eventually("it is answered", func() bool { return r.sim.Inbox() == 0 && slices.Equal(r.heard(), []string{anna + ": 1"}) })
}

func TestPDUModeMissing(t *testing.T) {
	r := newRig(t, func(r *rig, c *Config) { r.sim.Refuse("AT+CMGF=0", "ERROR") })
	r.down(Refused)
	if err := r.Ready(); !strings.Contains(err.Error(), "text_mode: true") {
		t.Errorf("it says %v", err)
	}
}

// A modem that talks into its own answers, and one that is refused something.
func TestChatter(t *testing.T) {
	r := newRig(t, func(r *rig, _ *Config) { r.sim.Chatter(true); r.reply = "Dobrze" })
	r.ready()
	for _, id := range []string{"a", "b", "c"} {
		r.notify(r.texts, callFor(id, anna))
		if err := r.sim.Receive(anna, "1"); err != nil {
			t.Fatal(err)
		}
	}
	r.eventually("three answers, each answered", func() bool { return r.count(Answered) == 3 && len(r.sim.Sent()) == 6 })
	r.sim.Refuse("AT+CMGS", "+CMS ERROR: 38")
	retry, err := r.try(r.texts, callFor("d", anna))
	if e, ok := errors.AsType[*Error](err); !retry || !ok || e.Word() != Refused || !strings.Contains(err.Error(), "CMS 38") {
		t.Errorf("refused: %v, again: %v", err, retry)
	}
}

func TestAnswers(t *testing.T) {
	r := newRig(t, func(r *rig, _ *Config) { r.reply = "Alarm jest Twój"; r.hold = make(chan struct{}) })
	r.ready()
	if err := r.sim.Receive(anna, "1"); err != nil {
		t.Fatal(err)
	}
	r.eventually("the answer is heard", func() bool { return slices.Equal(r.heard(), []string{anna + ": 1"}) })
	// While it is being decided, calls go out and the message stays.
	r.notify(r.texts, callFor("n", "+48600100201"))
	if r.sim.Inbox() != 1 || len(r.heard()) != 1 {
		t.Errorf("%d in the inbox, heard %q", r.sim.Inbox(), r.heard())
	}
	close(r.hold)
	r.eventually("it is answered and deleted", func() bool { return r.sim.Inbox() == 0 && len(r.sim.Sent()) == 2 })
	if s := r.sim.Sent()[1]; s.To != anna || s.Text != "Alarm jest Twój" {
		t.Errorf("replied %+v", s)
	}
	// Nothing to say: nothing is sent.
	r.mu.Lock()
	r.reply = ""
	r.mu.Unlock()
	if err := r.sim.Receive("+48600100999", "Wygrałeś!"); err != nil {
		t.Fatal(err)
	}
	r.eventually("it is deleted", func() bool { return r.sim.Inbox() == 0 && r.count(Ignored) == 1 })
	if len(r.sim.Sent()) != 2 {
		t.Errorf("sent %+v", r.sim.Sent())
	}
}

func TestCalls(t *testing.T) {
	r := newRig(t, nil)
	r.ready()
	for _, c := range []struct {
		phone modemtest.Phone
		word  string
	}{{modemtest.Rings, ""}, {modemtest.Answers, ""}, {modemtest.Engaged, Busy}, {modemtest.Unreachable, NotRinging}} {
		r.sim.Telephones(c.phone)
		retry, err := r.try(r.bells, callFor("n", anna))
		e, _ := errors.AsType[*Error](err)
		if (err == nil) != (c.word == "") || e != nil && e.Word() != c.word || retry != (err != nil) {
			t.Errorf("phone %d: %v, again: %v", c.phone, err, retry)
		}
		calls := r.sim.Calls()
		if last := calls[len(calls)-1]; last.Number != anna || !last.Over {
			t.Errorf("phone %d: %+v", c.phone, last)
		}
	}
	n := len(r.sim.Calls())
	stop := callFor("s", anna)
	stop.Reason = alerting.Stopped
	r.notify(r.bells, stop)
	if len(r.sim.Calls()) != n {
		t.Error("a telephone rang to say that nobody need come")
	}
}

// A call that nobody wants any more ends at once; texts go out meanwhile.
func TestWithdrawnCall(t *testing.T) {
	r := newRig(t, nil)
	r.Modem.mu.Lock()
	r.bells = r.Rings("bell", 100000)
	r.Modem.mu.Unlock()
	r.ready()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		_, err := r.bells.Notify(ctx, callFor("n", anna))
		done <- err
	}()
	r.eventually("it rings", func() bool { return len(r.sim.Calls()) == 1 })
	r.notify(r.texts, callFor("m", "+48600100201"))
	if r.sim.Calls()[0].Over {
		t.Error("the text ended the call")
	}
	cancel()
	if err := <-done; err == nil {
		t.Error("it was accepted")
	}
	r.eventually("it stops", func() bool { return r.sim.Calls()[0].Over })
}

func TestFaults(t *testing.T) {
	r := newRig(t, nil)
	r.ready()
	fails := func(word string) {
		t.Helper()
		r.down(word)
		retry, err := r.try(r.texts, callFor("n", anna))
		if e, ok := errors.AsType[*Error](err); !ok || e.Word() != word || !retry {
			t.Errorf("%s: a try says %v, again: %v", word, err, retry)
		}
	}
	r.sim.SetSIM(false)
	fails(NoSIM)
	r.sim.SetSIM(true)
	r.ready()
	r.sim.SetNetwork(2)
	fails(NoNetwork)
	r.sim.SetNetwork(5)
	r.ready()
	if !r.State().Roaming || r.State().Signal != -73 {
		t.Errorf("state %+v", r.State())
	}
	r.sim.SetSignal(1)
	r.down(NoNetwork)
	r.notify(r.texts, callFor("weak", anna)) // trying is worth it
	r.sim.SetSignal(20)
	r.ready()
	r.sim.Unplug()
	fails(NoModem)
	if err := r.sim.Replug(); err != nil {
		t.Fatal(err)
	}
	r.ready()
	r.sim.Mute(true)
	fails(NoModem)
	r.sim.Mute(false)
	r.ready()
	r.notify(r.texts, callFor("n", anna))
	r.mu.Lock()
	defer r.mu.Unlock()
	want := []bool{true, false, true, false, true, false, true, false, true, false, true}
	if !slices.Equal(r.links, want) {
		t.Errorf("told %v, want %v", r.links, want)
	}
}

func TestFullInbox(t *testing.T) {
	r := newRig(t, func(r *rig, _ *Config) {
		r.sim.Fill()
		r.sim.Refuse("AT+CMGD", "+CMS ERROR: 320")
	})
	r.down(InboxFull)
	r.notify(r.texts, callFor("n", anna)) // calling goes on
	r.sim.Refuse("AT+CMGD", "")
	r.ready()
	if r.sim.Inbox() != 0 {
		t.Errorf("%d left", r.sim.Inbox())
	}
}

func TestPIN(t *testing.T) {
	r := newRig(t, func(r *rig, c *Config) { r.sim.SetPIN("4711"); c.PIN = "4711" })
	r.ready()
	r.sim.Unplug()
	if err := r.sim.Replug(); err != nil {
		t.Fatal(err)
	}
	r.ready()
	for pin, says := range map[string]string{"0000": "not tried again", "": "write it to the channel"} {
		r := newRig(t, func(r *rig, c *Config) { r.sim.SetPIN("4711"); c.PIN = pin })
		r.eventually("it says what to do", func() bool { return r.Ready() != nil && strings.Contains(r.Ready().Error(), says) })
		r.sim.Unplug()
		if err := r.sim.Replug(); err != nil {
			t.Fatal(err)
		}
		n := len(r.sim.Asked())
		r.eventually("it has looked again", func() bool { return len(r.sim.Asked()) > n+10 })
		if got := r.sim.Wrong(); pin == "" && got != 0 || got > 1 {
			t.Errorf("PIN %q was tried %d times: the third locks the card", pin, got)
		}
	}
}

// A PIN that was refused is not tried again after a start, nor when the card has
// one try left.
func TestPINRefused(t *testing.T) {
	sim, err := modemtest.New(filepath.Join(t.TempDir(), "modem"))
	if err != nil {
		t.Skipf("no pseudo-terminal: %v", err)
	}
	sim.SetPIN("4711")
	kept := &pins{}
	start := func(pin string, memory PINs, says string) {
		t.Helper()
		r := newRig(t, func(r *rig, c *Config) {
			r.sim.Close()
			if r.sim = sim; sim.Replug() != nil {
				sim.Unplug()
				if err := sim.Replug(); err != nil {
					t.Fatal(err)
				}
			}
			c.Open, c.PIN, c.PINs = openFile(sim), pin, memory
		})
		r.eventually("it says what to do", func() bool { return r.Ready() != nil && strings.Contains(r.Ready().Error(), says) })
		n := len(sim.Asked())
		r.eventually("it has looked again", func() bool { return len(sim.Asked()) > n+6 })
		r.stop()
	}
	for range 4 {
		start("0000", kept, "not tried again")
	}
	if got := sim.Wrong(); got != 1 {
		t.Errorf("the PIN was tried %d times in four starts: the third locks the card", got)
	}
	sim.CountPINs(true)
	start("1111", nil, "not tried again") // another one, and nothing is remembered
	start("2222", nil, "one try left")
	start("4711", nil, "one try left")
	if got := sim.Wrong(); got != 2 {
		t.Errorf("%d wrong PINs", got)
	}
}

type pins struct {
	mu      sync.Mutex
	refused bool
}

func (p *pins) Refused() bool { p.mu.Lock(); defer p.mu.Unlock(); return p.refused }
func (p *pins) Refuse() error { p.mu.Lock(); defer p.mu.Unlock(); p.refused = true; return nil }

// Pulled out at every moment of a message; after it is back the message goes
// out, once in effect.
func TestUnpluggedInMidMessage(t *testing.T) {
	for _, c := range []struct {
		command string
		inside  bool
	}{{"AT+CMGS", false}, {"AT+CMGS", true}, {"AT+CMGD", false}, {"AT+CLCC", false}} {
		r := newRig(t, nil)
		r.ready()
		channel := r.texts
		switch c.command {
		case "AT+CLCC":
			channel = r.bells
		case "AT+CMGD":
			if err := r.sim.Receive(anna, "1"); err != nil {
				t.Fatal(err)
			}
		}
		r.sim.UnplugAt(c.command, c.inside)
		if c.command == "AT+CMGD" {
			r.down(NoModem)
		}
		retry, err := r.try(channel, callFor("n", anna))
		if e, ok := errors.AsType[*Error](err); !ok || e.Word() != NoModem || !retry {
			t.Errorf("%s: %v, again: %v", c.command, err, retry)
		}
		r.down(NoModem)
		if err := r.sim.Replug(); err != nil {
			t.Fatal(err)
		}
		r.ready()
		r.notify(channel, callFor("n", anna))
		if channel == r.texts && len(r.sim.Sent()) != 1 {
			t.Errorf("%s: sent %+v", c.command, r.sim.Sent())
		}
		r.stop()
	}
}

// A try ends with its context, whatever the modem does, and the next finds a
// modem that listens.
func TestHangingModem(t *testing.T) {
	r := newRig(t, nil)
	r.ready()
	r.sim.Refuse("AT+CMGS", "") // nothing
	r.sim.Mute(true)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if retry, err := r.texts.Notify(ctx, callFor("n", anna)); err == nil || !retry {
		t.Errorf("%v, again: %v", err, retry)
	}
	r.sim.Mute(false)
	r.ready()
	r.notify(r.texts, callFor("n", anna))
}

func TestSelfTest(t *testing.T) {
	r := newRig(t, nil)
	r.ready()
	if err := r.texts.Test(t.Context()); err != nil {
		t.Error(err)
	}
	r.sim.SetSIM(false)
	r.down(NoSIM)
	if err := r.bells.Test(t.Context()); err == nil {
		t.Error("without a card all is well")
	}
	if len(r.sim.Sent())+len(r.sim.Calls()) != 0 {
		t.Error("somebody was called")
	}
	if _, err := r.texts.TestContact(t.Context(), "anna"); err == nil {
		t.Error("anna is a number")
	}
}
