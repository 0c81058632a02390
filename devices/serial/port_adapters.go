package serial

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Adapter is a serial port of this machine.
type Adapter struct {
	// Name is what to write as port: in telecare.yaml it outlives that the
	// adapter is plugged in elsewhere. "" when the system has given it none.
	Name   string
	Device string // such as /dev/ttyUSB0; another one after the next plugging in
	// Of an adapter on USB: who made it, what it is, and its own number.
	Maker, Product, Serial string
	ID                     string // vendor and product, such as 0403:6015
}

// Adapters lists the serial ports of this machine, those on USB first.
func Adapters() ([]Adapter, error) { return adaptersIn("/sys/class/tty", byID) }

func adaptersIn(class, byID string) ([]Adapter, error) {
	entries, err := os.ReadDir(class)
	if err != nil {
		return nil, fmt.Errorf("list serial ports: %w", err)
	}
	names := namesIn(byID)
	var out []Adapter
	for _, e := range entries {
		// Terminals without hardware have no device.
		device, err := filepath.EvalSymlinks(filepath.Join(class, e.Name(), "device"))
		if err != nil || strings.Contains(device, "/serial8250") {
			continue // ports that a mainboard could have
		}
		a := Adapter{Device: "/dev/" + e.Name()}
		a.Name = names["/dev/"+e.Name()]
		for at := device; len(at) > 1; at = filepath.Dir(at) {
			if vendor := attribute(at, "idVendor"); vendor != "" {
				a.ID = vendor + ":" + attribute(at, "idProduct")
				a.Maker, a.Product, a.Serial = attribute(at, "manufacturer"), attribute(at, "product"), attribute(at, "serial")
				break
			}
		}
		out = append(out, a)
	}
	slices.SortStableFunc(out, func(a, b Adapter) int {
		return cmp.Or(cmp.Compare(b2i(a.ID == ""), b2i(b.ID == "")), cmp.Compare(a.Device, b.Device))
	})
	return out, nil
}

// namesIn are the links by id, by the device that they lead to.
func namesIn(byID string) map[string]string {
	out := map[string]string{}
	links, _ := os.ReadDir(byID) // none is none
	for _, l := range links {
		if target, err := os.Readlink(filepath.Join(byID, l.Name())); err == nil {
			out["/dev/"+filepath.Base(target)] = l.Name()
		}
	}
	return out
}

// attribute reads what the kernel says of a device; makers choose the bytes.
func attribute(dir, name string) string {
	b, _ := os.ReadFile(filepath.Join(dir, name))
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, strings.TrimSpace(string(b)))
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
