package serial

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestFindPort(t *testing.T) {
	byID := t.TempDir()
	for _, n := range []string{"usb-FTDI_A-if00-port0", "usb-FTDI_B-if00-port0", "usb-Other-if00"} {
		must(t, os.Symlink("/dev/null", filepath.Join(byID, n)))
	}
	tests := []struct{ name, want, err string }{
		{"usb-FTDI_A-if00-port0", "usb-FTDI_A-if00-port0", ""},
		{"usb-FTDI_B*", "usb-FTDI_B-if00-port0", ""},
		{byID + "/usb-Oth?r*", "usb-Other-if00", ""},
		{"usb-FTDI*", "", "matches 2, name one"},
		{"usb-Gone*", "", `plugged in: ["usb-FTDI_A-if00-port0"`},
		{"/dev/ttyNONE", "", "file does not exist"},
		{"usb-[", "", "syntax error in pattern"},
	}
	for _, tt := range tests {
		got, err := findPort(tt.name, byID)
		switch {
		case tt.err != "":
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%q: %q, error %v, want %q", tt.name, got, err, tt.err)
			}
		case err != nil || got != filepath.Join(byID, tt.want):
			t.Errorf("%q: %q, error %v", tt.name, got, err)
		}
	}
	if _, err := findPort("usb-X", filepath.Join(byID, "none")); err == nil || !strings.Contains(err.Error(), "no adapter is plugged in") {
		t.Errorf("error %v", err)
	}
}

func TestOpenErrors(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	tests := []struct {
		name string
		err  error
		want string
	}{
		{file, nil, "is not a serial port"},
		{"/dev/null", nil, "is not a serial port"},
		{"/dev/ttyNONE", nil, "does not exist"},
		{"", os.ErrPermission, "add the user to group dialout"}, // root, who runs the tests, is never refused
		{"", unix.EBUSY, "another program has it alone"},
		{"", unix.ENXIO, "is the adapter plugged in?"},
	}
	for _, tt := range tests {
		err := tt.err
		if err == nil {
			_, err = openPort(tt.name, byID, 57600, time.Second)
		} else {
			err = openError("/dev/ttyUSB0", err)
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: error %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestConfig(t *testing.T) {
	for _, tt := range []struct {
		cfg  Config
		want string
	}{
		{Config{Port: "/dev/ttyUSB0", Format: Jablotron}, "needs a name"},
		{Config{Name: "hall", Format: Jablotron}, "needs a port"},
		{Config{Name: "hall", Port: "/dev/ttyUSB0", Format: "morse"}, `"morse" is not known`},
		{Config{Name: "hall", Port: "/dev/ttyUSB0", Format: Jablotron, Baud: 250000}, "250000 baud"},
	} {
		if _, err := New(tt.cfg, nil, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: error %v, want %q", tt.cfg, err, tt.want)
		}
	}
	line, err := New(Config{Name: "hall", Port: "/dev/ttyUSB0", Format: Jablotron}, nil, slog.New(slog.DiscardHandler))
	must(t, err)
	if got := line.String(); got != `serial line "hall": jablotron at 57600 baud on /dev/ttyUSB0` {
		t.Errorf("it is called %s", got)
	}
}

// A port is closed to programs that know of no lock, until the gateway has ended.
// A pseudo-terminal is not: a gateway that is killed would leave it so.
func TestPortIsClaimed(t *testing.T) {
	d := plugIn(t)
	p, err := openPort(d.Port(), byID, 57600, 100*time.Millisecond)
	must(t, err)
	tty, err := os.OpenFile(p.device, os.O_RDWR|unix.O_NOCTTY, 0)
	must(t, err)
	defer tty.Close()
	claimed := func() bool {
		n, err := unix.IoctlGetInt(int(tty.Fd()), unix.TIOCGEXCL)
		must(t, err)
		return n != 0
	}
	if claimed() {
		t.Error("a pseudo-terminal is claimed")
	}
	must(t, p.claim())
	if !claimed() {
		t.Error("it cannot be claimed")
	}
	p.close()
	if claimed() {
		t.Error("the port stays closed to others after the gateway has ended")
	}
	for dev, want := range map[uint64]bool{unix.Mkdev(4, 64): false, unix.Mkdev(188, 0): false, unix.Mkdev(166, 0): false, unix.Mkdev(136, 7): true, unix.Mkdev(143, 1): true} {
		if got := outlastsUs(dev); got != want {
			t.Errorf("device %d:%d outlasts us: %v, want %v", unix.Major(dev), unix.Minor(dev), got, want)
		}
	}
}
