package serial

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// Slots are listed, learned and erased, and who presses meanwhile is heard.
func TestSlots(t *testing.T) {
	d := plugIn(t)
	var heard []string
	s, closePort, err := OpenSlots(d.Port(), func(f Decoded) { heard = append(heard, told(f)) })
	must(t, err)
	is := func(want string, slots []Slot, err error) {
		t.Helper()
		if got := fmt.Sprint(slots, err); got != want {
			t.Errorf("got %s\nwant %s", got, want)
		}
	}
	slots, err := s.List()
	is("[] <nil>", slots, err)

	slots, err = s.Learn("06662032") // a detector
	is("[{0 06662032}] <nil>", slots, err)
	must(t, d.Panic("08300001"))
	slots, err = s.Learn("09437185") // the second address of a pendant
	is("[{1 08388609} {2 09437185}] <nil>", slots, err)
	slots, err = s.Learn("08388609")
	is("[{1 08388609} {2 09437185}] <nil>", slots, err)
	slots, err = s.List()
	is("[{0 06662032} {1 08388609} {2 09437185}] <nil>", slots, err)

	slots, err = s.Erase("06662032")
	is("[{0 06662032}] <nil>", slots, err)
	slots, err = s.Learn("08388608") // one of its addresses fits before, one behind
	is("[{0 08388608} {3 09437184}] <nil>", slots, err)
	slots, err = s.Erase("08388609")
	is("[{1 08388609} {2 09437185}] <nil>", slots, err)
	slots, err = s.Erase("08388609")
	is("[] the dongle does not know 08388609", slots, err)
	for _, wrong := range []string{"", "8388609", "0838860x", "-8388609", "083886090"} {
		if _, err := s.Learn(wrong); err == nil || !strings.Contains(err.Error(), "eight digits") {
			t.Errorf("%q: %v", wrong, err)
		}
	}

	for i := range slotCount - 2 {
		_, err = s.Learn(fmt.Sprintf("%08d", 1000000+i))
		must(t, err)
	}
	if _, err = s.Learn("02000000"); err == nil || !strings.Contains(err.Error(), "no slot is free") {
		t.Errorf("a full dongle: %v", err)
	}
	must(t, s.EraseAll())
	slots, err = s.List()
	is("[] <nil>", slots, err)
	if got := fmt.Sprint(heard); got != "[08300001 panic cleared:battery_low]" {
		t.Errorf("heard %s", got)
	}

	if _, _, err := OpenSlots(d.Port(), nil); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("opened twice: %v", err)
	}
	closePort()
	h := listen(t, d.Port())
	h.link(t, true)
}

// A port where nobody answers, or what is there refuses, is said to be so.
func TestSlotsRefused(t *testing.T) {
	d := plugIn(t)
	d.Mute(true)
	p, err := openPort(d.Port(), byID, 57600, 100*time.Millisecond)
	must(t, err)
	defer p.close()
	decoder, err := NewDecoder(Jablotron)
	must(t, err)
	x := &exchange{port: p, decoder: decoder, heard: func(Decoded) {}, wait: 100 * time.Millisecond}
	if _, err := (&Slots{ask: x.ask}).List(); err == nil || !strings.Contains(err.Error(), "does not answer") {
		t.Errorf("a mute dongle: %v", err)
	}
	refuse := &Slots{ask: func(command string, fits func(string) bool) (string, error) {
		if strings.HasPrefix(command, "GET") {
			return command[len("GET "):] + " [--------]", nil
		}
		return "ERROR", nil
	}}
	if _, err := refuse.Learn("01000000"); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("a dongle that refuses: %v", err)
	}
	forgets := &Slots{ask: func(command string, fits func(string) bool) (string, error) {
		if strings.HasPrefix(command, "GET") {
			return command[len("GET "):] + " [--------]", nil
		}
		return "OK", nil
	}}
	if _, err := forgets.Learn("01000000"); err == nil || !strings.Contains(err.Error(), "holds") {
		t.Errorf("a dongle that forgets: %v", err)
	}
}
