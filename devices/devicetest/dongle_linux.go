package devicetest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// errUnplugged is what a dongle says that is not plugged in.
var errUnplugged = errors.New("the simulated dongle is unplugged")

// sendTimeout bounds a send when nobody reads the line.
const sendTimeout = time.Second

// Dongle is a Turris Gadgets USB dongle on a pseudo-terminal, with pendants and
// sensors around it. It answers WHO AM I? as the real one does. Unlike a real
// one it keeps what it said while nobody had the port open, as far as the
// terminal's buffer goes. All methods are safe for concurrent use.
type Dongle struct {
	link string

	mu     sync.Mutex
	master *os.File // nil while unplugged
	slave  *os.File // held, so that reading the master does not fail while nobody listens
	name   string
	mute   bool
	asked  int
	slots  map[int]string // what each holds, in brackets
	ended  chan struct{}  // closed when the reader of this master has ended
}

// NewDongle plugs a dongle in. With a link that is not empty, a symbolic link
// of that name leads to the port, as in /dev/serial/by-id.
func NewDongle(link string) (*Dongle, error) {
	d := &Dongle{link: link}
	if err := d.Replug(); err != nil {
		return nil, err
	}
	return d, nil
}

// Port is the name to open: the link, or without one the terminal itself.
func (d *Dongle) Port() string {
	if d.link != "" {
		return d.link
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.name
}

// Send says a line, with a newline before and after it.
func (d *Dongle) Send(line string) error {
	_, err := d.Write([]byte("\n" + line + "\n"))
	return err
}

// Write puts bytes on the line as they are.
func (d *Dongle) Write(b []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.master == nil {
		return 0, errUnplugged
	}
	return write(d.master, b)
}

func write(f *os.File, b []byte) (int, error) {
	if err := f.SetWriteDeadline(time.Now().Add(sendTimeout)); err != nil {
		return 0, fmt.Errorf("simulated dongle: %w", err)
	}
	n, err := f.Write(b)
	if err != nil {
		return n, fmt.Errorf("simulated dongle: %w (does anybody read the line?)", err)
	}
	return n, nil
}

// Panic presses both buttons of the pendant with this address, eight decimal
// digits: its panic.
func (d *Dongle) Panic(address string) error {
	return d.Send("[" + address + "] RC-86K PANIC LB:0")
}

// Beacon is a motion detector's sign of life, as it comes every nine minutes.
// A pendant sends none.
func (d *Dongle) Beacon(address string, lowBattery bool) error {
	lb := "0"
	if lowBattery {
		lb = "1"
	}
	return d.Send("[" + address + "] JA-83P BEACON LB:" + lb)
}

// Mute makes the dongle deaf to what the host asks, or ends that.
func (d *Dongle) Mute(mute bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.mute = mute
}

// Asked is how often the host asked WHO AM I?, muted or not.
func (d *Dongle) Asked() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.asked
}

// Unplug pulls the dongle out: the line hangs up and the link is gone.
func (d *Dongle) Unplug() error {
	d.mu.Lock()
	master, slave, ended := d.master, d.slave, d.ended
	d.master, d.slave = nil, nil
	d.mu.Unlock()
	if master == nil {
		return nil
	}
	err := errors.Join(master.Close(), slave.Close())
	<-ended
	if d.link != "" {
		err = errors.Join(err, os.Remove(d.link))
	}
	return err
}

// Replug plugs the dongle in again: a new terminal behind the same link.
func (d *Dongle) Replug() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.master != nil {
		return errors.New("the simulated dongle is plugged in already")
	}
	m, slave, err := pty.Open()
	if err != nil {
		return fmt.Errorf("open a pseudo-terminal for the simulated dongle: %w", err)
	}
	master, err := pollable(m)
	if err == nil {
		err = raw(slave)
	}
	if err == nil && d.link != "" {
		err = symlink(slave.Name(), d.link)
	}
	if err != nil {
		m.Close()
		slave.Close()
		if master != nil {
			master.Close()
		}
		return fmt.Errorf("plug in the simulated dongle: %w", err)
	}
	m.Close()
	d.master, d.slave, d.name = master, slave, slave.Name()
	d.ended = make(chan struct{})
	go d.answer(master, d.ended)
	return nil
}

// Close unplugs the dongle for good.
func (d *Dongle) Close() error { return d.Unplug() }

// answer reads what the host asks until the dongle is unplugged. A command is
// ESC, text, newline.
func (d *Dongle) answer(master io.Reader, ended chan<- struct{}) {
	defer close(ended)
	var command []byte
	buf := make([]byte, 256)
	for {
		n, err := master.Read(buf)
		for _, c := range buf[:n] {
			switch {
			case c == 0x1b:
				command = append(command[:0], c)
			case len(command) == 0 || len(command) > len(buf):
			case c == '\n':
				d.reply(command[1:])
				command = command[:0]
			default:
				command = append(command, c)
			}
		}
		if err != nil {
			return
		}
	}
}

func (d *Dongle) reply(command []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	says := "ERROR"
	switch {
	case bytes.Equal(command, []byte("WHO AM I?")):
		d.asked++
		says = "TURRIS DONGLE V1.7"
	case string(command) == "ERASE ALL SLOTS":
		d.slots, says = nil, "OK"
	default:
		says = d.slot(string(command))
	}
	if d.mute || d.master == nil {
		return
	}
	// Nobody reads: the dongle does not mind, nor would a real one.
	_, _ = write(d.master, []byte("\n"+says+"\n"))
}

// slot reads or writes one of the dongle's 32 slots.
func (d *Dongle) slot(command string) string {
	verb, rest, _ := strings.Cut(command, " SLOT:")
	number, holds, set := strings.Cut(rest, " ")
	n, err := strconv.Atoi(number)
	switch {
	case err != nil || n < 0 || n > 31 || len(number) != 2:
	case verb == "GET" && !set && d.slots[n] == "":
		return "SLOT:" + number + " [--------]"
	case verb == "GET" && !set:
		return "SLOT:" + number + " " + d.slots[n]
	case verb == "SET" && holds == "[--------]":
		delete(d.slots, n)
		return "OK"
	case verb == "SET" && len(holds) == len("[08300001]"):
		if d.slots == nil {
			d.slots = map[int]string{}
		}
		d.slots[n] = holds
		return "OK"
	}
	return "ERROR"
}

// symlink makes the link, in place of one that a killed process left behind.
func symlink(target, link string) error {
	if fi, err := os.Lstat(link); err == nil && fi.Mode()&os.ModeSymlink == 0 {
		return fmt.Errorf("%q exists and is no symbolic link", link)
	}
	if err := os.Remove(link); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return os.Symlink(target, link)
}

// pollable returns the same open file in a form whose reads end when it is
// closed and whose writes have deadlines.
func pollable(f *os.File) (*os.File, error) {
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		unix.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), f.Name()), nil
}

// raw makes the terminal pass bytes as they are and echo nothing.
func raw(f *os.File) error {
	t, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	if err != nil {
		return err
	}
	t.Iflag, t.Oflag, t.Lflag = 0, 0, 0
	t.Cflag = t.Cflag&^(unix.CSIZE|unix.PARENB) | unix.CS8
	return unix.IoctlSetTermios(int(f.Fd()), unix.TCSETS, t)
}
