package serial

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"telecare/devices"
)

func TestProfileNames(t *testing.T) {
	for s, want := range map[string]bool{"A5-02-05": true, "A5-07-03": true, "A5-20-01": false, "D5-00-01": true, "F6-05-01": true, "D2-01-0F": false, "A5-2-5": false, "A5-02-05 ": false, "a5-02-05": true, "": false, "A5-02-GG": false} {
		if got := ReadsProfile(s); got != want {
			t.Errorf("%q is read: %v, want %v", s, got, want)
		}
	}
}

// A detector of water or smoke says what it is by its profile; without one it is
// a push button.
func TestDetectors(t *testing.T) {
	known := &profiles{taught: map[string]profile{}, fixed: map[string]profile{"0181B744": {rorgRPS, 0x05, 0x01}}}
	d := newESP3With(known)
	says := func(data byte) string {
		m := decodeOne(t, d, telegram(rorgRPS, data))
		m.Readings, m.Note = nil, ""
		return said(m, nil)
	}
	for _, tt := range []struct {
		kind byte
		data byte
		want string
	}{
		{0x01, 0x11, "0181B744 flood cleared:battery_low"}, {0x01, 0x00, "0181B744 cleared:battery_low"}, {0x02, 0x10, "0181B744 smoke cleared:battery_low"}, {0x02, 0x30, "0181B744 battery_low/level"}, {0x00, 0x10, "0181B744 cleared:battery_low"},
	} {
		known.fixed["0181B744"] = profile{rorgRPS, 0x05, tt.kind}
		if got := says(tt.data); got != tt.want {
			t.Errorf("F6-05-%02X %02X is %q, want %q", tt.kind, tt.data, got, tt.want)
		}
	}
	delete(known.fixed, "0181B744")
	if got := says(0x11); got != "0181B744 button" {
		t.Errorf("without a profile it is %q", got)
	}
}

// TestTaughtInOverARestart: what a sensor is taught in with is known to the next
// start, and what telecare.yaml says goes before it.
func TestTaughtInOverARestart(t *testing.T) {
	d := plugIn(t)
	d.Mute(true)
	file := filepath.Join(t.TempDir(), "profiles.hall")
	start := func(fixed map[string]string) *listener {
		h := &listener{frames: make(chan devices.Frame, 100), links: make(chan bool, 100)}
		line, err := New(Config{Name: "hall", Port: d.Port(), Format: ESP3, Profiles: fixed, ProfilesFile: file, OnLink: func(up bool) { h.links <- up }},
			func(f devices.Frame, answer func(error)) { h.frames <- f; answer(nil) }, slog.New(slog.DiscardHandler))
		must(t, err)
		h.Line = line
		h.run(t)
		return h
	}
	hears := func(h *listener, packet []byte) string {
		t.Helper()
		_, err := d.Write(packet)
		must(t, err)
		f := <-h.frames
		f.Message.Readings = f.Message.Readings[:max(0, len(f.Message.Readings)-1)] // without its strength
		return told(Decoded{Message: f.Message, Err: f.Err})
	}
	teach := func(function, kind byte) []byte {
		return telegram(rorg4BS, function<<2|kind>>5, kind<<3|0x07, 0xff, 0x80)
	}
	measured := telegram(rorg4BS, 0, 100, 125, 0x0a)

	h := start(nil)
	if got := hears(h, measured); got != "0181B744 humidity=40% temperature=20°C" {
		t.Errorf("by its shape it says %s", got)
	}
	hears(h, teach(0x04, 0x02))
	h.stop()
	h = start(nil)
	if got := hears(h, telegram(rorg4BS, 0, 100, 250, 0x0a)); got != "0181B744 humidity=40% temperature=60°C" {
		t.Errorf("after a restart it says %s", got)
	}
	h.stop()
	h = start(map[string]string{"0181B744": "A5-02-05"})
	hears(h, teach(0x04, 0x01))
	if got := hears(h, measured); got != "0181B744 temperature=20.4°C" {
		t.Errorf("against telecare.yaml it says %s", got)
	}
	h.stop()

	// A file that cannot be read is no end.
	must(t, os.WriteFile(file, []byte(`{"0181B744":"A5-04-02","x":"y"}`), 0o600))
	if all, err := loadProfiles(file); err == nil || len(all) != 1 {
		t.Errorf("of a damaged file there is %v, error %v", all, err)
	}
	must(t, os.WriteFile(file, []byte(`{`), 0o600))
	h = start(nil)
	if got := hears(h, measured); !strings.Contains(got, "humidity") {
		t.Errorf("with a damaged file it says %s", got)
	}
	h.stop()
}
