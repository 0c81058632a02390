package at_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"telecare/alerting/notify/modem/at"
)

// modem answers what it is asked by a script: what comes, what it says, and
// after how long.
type modem struct {
	in    chan []byte
	asked []string
	say   func(asked string) (answer string, after time.Duration)
	gone  bool
}

func (m *modem) write(b []byte) error {
	if m.gone {
		return errors.New("no such device")
	}
	asked := strings.Trim(string(b), "\r")
	m.asked = append(m.asked, asked)
	answer, after := "", time.Duration(0)
	switch {
	case asked == "\x1b":
	case asked == "AT" && m.say != nil:
		if answer, after = m.say(asked); answer == "" {
			answer = "\r\nOK\r\n"
		}
	default:
		answer, after = m.say(asked)
	}
	if answer != "" {
		go func() {
			time.Sleep(after) // in a bubble
			for _, c := range []byte(answer) {
				m.in <- []byte{c} // an octet at a time, as a slow line
			}
		}()
	}
	return nil
}

func dialogue(say func(string) (string, time.Duration)) (*at.Dialogue, *modem) {
	m := &modem{in: make(chan []byte, 4096), say: say}
	return at.New(m.in, m.write), m
}

func TestAnswers(t *testing.T) {
	const pdu = "0006D60B911326880736F4111011719551401110117195714000"
	for _, c := range []struct {
		ask, says string
		want      []string
		notices   []string
		err       string
	}{
		{ask: "AT+CSQ", says: "\r\n+CSQ: 20,99\r\n\r\nOK\r\n", want: []string{"+CSQ: 20,99"}},
		{ask: "AT+CSQ", says: "AT+CSQ\r\r\n+CSQ: 20,99\r\nOK\r\n", want: []string{"+CSQ: 20,99"}}, // with its echo
		{ask: "AT+CSQ", says: "^RSSI:19\r\n+CSQ: 20,99\r\nRING\r\n+CMTI: \"SM\",3\r\nOK\r\n", want: []string{"+CSQ: 20,99"}, notices: []string{"^RSSI:19", "RING", `+CMTI: "SM",3`}},
		{ask: "AT+CREG?", says: "+CREG: 2\r\n+CREG: 1,5\r\nOK\r\n", want: []string{"+CREG: 1,5"}, notices: []string{"+CREG: 2"}},
		{ask: "AT+CSQ", says: "+CDS: 25\r\n" + pdu + "\r\n+CSQ: 1,99\r\nOK\r\n", want: []string{"+CSQ: 1,99"}, notices: []string{"+CDS: 25 " + pdu}},
		// A report between a message's head and itself.
		{ask: "AT+CMGL=4", says: "+CMGL: 1,1,,3\r\n+CDS: 25\r\n" + pdu + "\r\n00AA\r\n+CMGL: 2,1,,3\r\n00BB\r\nOK\r\n",
			want: []string{"+CMGL: 1,1,,3", "00AA", "+CMGL: 2,1,,3", "00BB"}, notices: []string{"+CDS: 25 " + pdu}},
		{ask: "AT+CPIN?", says: "+CME ERROR: 10\r\n", err: "error CME 10"},
		{ask: "AT+CPIN?", says: "+CME ERROR: SIM not inserted\r\n", err: "SIM not inserted"},
		{ask: "AT+X", says: "\xff\xfe\x00\r\nERROR\r\n", notices: []string{"???"}, err: "refuses"},
		{ask: "ATD112;", says: "BUSY\r\n", err: "BUSY"},
		{ask: "AT+CSQ", says: "NO CARRIER\r\n+CSQ: 9,99\r\nOK\r\n", want: []string{"+CSQ: 9,99"}, notices: []string{"NO CARRIER"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			d, _ := dialogue(func(asked string) (string, time.Duration) {
				if asked == c.ask {
					return c.says, time.Millisecond
				}
				return "", 0
			})
			got, err := d.Do(t.Context(), time.Second, c.ask)
			if !slices.Equal(got, c.want) || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("%q: %q, %v; want %q, %q", c.says, got, err, c.want, c.err)
			}
			var notices []string
			for _, n := range d.Notices() {
				notices = append(notices, strings.TrimSpace(n.Line+" "+n.PDU))
			}
			if !slices.Equal(notices, c.notices) {
				t.Errorf("%q: notices %q, want %q", c.says, notices, c.notices)
			}
		})
	}
}

// An answer that comes too late is not taken for that of the next command.
func TestLateAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		late := 1500 * time.Millisecond
		d, _ := dialogue(func(asked string) (string, time.Duration) {
			switch asked {
			case "AT+COPS?":
				return "+COPS: 0\r\nOK\r\n", late
			case "AT+CMGD=1":
				return "+CMS ERROR: 321\r\n", 10 * time.Millisecond
			}
			return "", 0
		})
		if _, err := d.Do(t.Context(), time.Second, "AT+COPS?"); !errors.Is(err, at.ErrTimeout) {
			t.Fatalf("late: %v", err)
		}
		time.Sleep(490 * time.Millisecond) // the late one comes while it is found out whether the modem listens
		if _, err := d.Do(t.Context(), time.Second, "AT+CMGD=1"); err == nil || !strings.Contains(err.Error(), "321") {
			t.Errorf("the late answer was taken: %v", err)
		}
	})
}

func TestMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refuse := false
		d, m := dialogue(func(asked string) (string, time.Duration) {
			switch {
			case asked == "AT+CMGS=3" && refuse:
				return "\r\n+CMS ERROR: 331\r\n", 0
			case asked == "AT+CMGS=3":
				return "\r\n+CMTI: \"SM\",1\r\n\r\n> ", time.Second
			case asked == "001100\x1a":
				return "\r\n+CMGS: 7\r\n\r\nOK\r\n", 20 * time.Second
			}
			return "", 0
		})
		got, err := d.Send(t.Context(), time.Minute, "AT+CMGS=3", "001100")
		if err != nil || !slices.Equal(got, []string{"+CMGS: 7"}) {
			t.Errorf("sent: %q, %v", got, err)
		}
		if n := d.Notices(); len(n) != 1 || !n[0].Is("+CMTI") {
			t.Errorf("notices %+v", n)
		}
		refuse = true
		_, err = d.Send(t.Context(), time.Minute, "AT+CMGS=3", "001100")
		if e, ok := errors.AsType[*at.Error](err); !ok || e.Kind != "CMS" || e.Code != 331 {
			t.Errorf("refused: %v", err)
		}
		if n := len(m.asked); m.asked[n-1] != "AT+CMGS=3" {
			t.Errorf("it was given the message all the same: %q", m.asked)
		}
	})
}

// A modem that hangs at the prompt, is gone, or that nobody waits for.
func TestNoAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		deaf := false
		d, m := dialogue(func(asked string) (string, time.Duration) {
			if asked == "AT" && deaf {
				return "\r\n", 0
			}
			return "", 0
		})
		if _, err := d.Send(t.Context(), time.Second, "AT+CMGS=3", "001100"); !errors.Is(err, at.ErrTimeout) {
			t.Errorf("no prompt: %v", err)
		}
		deaf = true
		m.asked = nil
		if _, err := d.Do(t.Context(), time.Second, "AT+CSQ"); !errors.Is(err, at.ErrTimeout) {
			t.Errorf("deaf: %v", err)
		}
		if slices.Contains(m.asked, "AT+CSQ") || !slices.Contains(m.asked, "\x1b") {
			t.Errorf("asked %q: it waits for a message", m.asked)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := d.Do(ctx, time.Second, "AT+CSQ"); !errors.Is(err, context.Canceled) {
			t.Errorf("canceled: %v", err)
		}
		close(m.in)
		if _, err := d.Do(t.Context(), time.Second, "AT+CSQ"); !errors.Is(err, at.ErrGone) {
			t.Errorf("gone: %v", err)
		}
		m.gone = true
		if _, err := d.Do(t.Context(), time.Second, "AT+CSQ"); !errors.Is(err, at.ErrGone) {
			t.Errorf("gone: %v", err)
		}
	})
}

func TestValues(t *testing.T) {
	if got := at.Values(`+CLCC: 1,0,3,0,0,"+48,600",145`); !slices.Equal(got, []string{"1", "0", "3", "0", "0", "+48,600", "145"}) {
		t.Errorf("%q", got)
	}
	if at.Values("OK") != nil {
		t.Error("no values have values")
	}
}

// Whatever a modem says: memory is bounded, and the dialogue goes on.
func FuzzHear(f *testing.F) {
	f.Add([]byte("\r\n+CDS: 25\r\n0006\r\n> RING\r\nOK\r\n"))
	f.Add([]byte("+CMT: ,\r\n+CMT: ,\r\n\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		in := make(chan []byte, 3)
		d := at.New(in, func([]byte) error { return nil })
		d.Hear(b)
		d.Hear(b)
		n := d.Notices()
		if len(n) > 100 {
			t.Errorf("%d notices are kept", len(n))
		}
		for _, n := range n {
			at.Values(n.Line)
			if strings.ContainsAny(n.Line+n.PDU, "\r\n\x00\x1a\x1b") {
				t.Errorf("notice %q", n)
			}
		}
	})
}
