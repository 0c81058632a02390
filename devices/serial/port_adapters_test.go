package serial

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A machine as sysfs shows it: an adapter on USB with a name by id, a port of
// the board, one that the board could have, and a terminal without hardware.
func TestAdapters(t *testing.T) {
	root := t.TempDir()
	class, byID := filepath.Join(root, "class"), filepath.Join(root, "by-id")
	write := func(name, s string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(s), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	link := func(to, name string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(to, name); err != nil {
			t.Skipf("no symbolic links here: %v", err)
		}
	}
	usb := filepath.Join(root, "devices/usb1/1-2")
	write(filepath.Join(usb, "idVendor"), "0403\n")
	write(filepath.Join(usb, "idProduct"), "6015\n")
	write(filepath.Join(usb, "manufacturer"), "FT\x1bDI\n")
	write(filepath.Join(usb, "product"), "FT230X Basic UART\n")
	write(filepath.Join(usb, "serial"), "DO001\n")
	write(filepath.Join(usb, "1-2:1.0/ttyUSB3/x"), "")
	write(filepath.Join(root, "devices/soc/uart/x"), "")
	write(filepath.Join(root, "devices/platform/serial8250/x"), "")
	link(filepath.Join(usb, "1-2:1.0/ttyUSB3"), filepath.Join(class, "ttyUSB3/device"))
	link(filepath.Join(root, "devices/soc/uart"), filepath.Join(class, "ttyAMA0/device"))
	link(filepath.Join(root, "devices/platform/serial8250"), filepath.Join(class, "ttyS0/device"))
	write(filepath.Join(class, "tty1/x"), "")
	link("../../ttyUSB3", filepath.Join(byID, "usb-FTDI_FT230X_DO001-if00-port0"))

	got, err := adaptersIn(class, byID)
	if err != nil {
		t.Fatal(err)
	}
	want := "[{usb-FTDI_FT230X_DO001-if00-port0 /dev/ttyUSB3 FTDI FT230X Basic UART DO001 0403:6015} { /dev/ttyAMA0    }]"
	if fmt.Sprint(got) != want {
		t.Errorf("found\n%v\nwant\n%v", got, want)
	}
	if _, err := adaptersIn(filepath.Join(root, "none"), byID); err == nil {
		t.Error("no error without sysfs")
	}
}

func TestGuessFrom(t *testing.T) {
	for _, format := range textFormats() {
		for _, v := range vectorsOf(t, format) {
			// Words such as OK and ERROR belong to several.
			if strings.Contains(v.Want, "error") || len(v.In) < 12 {
				continue
			}
			found := GuessFrom(latin1(v.In), 9600)
			if len(found) == 0 || found[0].Format != format {
				t.Errorf("%q of %s is guessed as %v", v.In, format, found)
			}
		}
	}
}
