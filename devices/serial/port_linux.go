package serial

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	tarm "github.com/tarm/serial"
	"golang.org/x/sys/unix"
)

// port is an open serial port that nobody else has. It is for one goroutine.
//
// It has two descriptors of one device. tarm/serial's sets the line up and
// reads it. The other, never blocking, does what that library cannot: it holds
// the lock (tarm opens a port that is in use, and the bytes are then divided
// between both readers), tells a hang-up from a time-out (tarm's Read returns
// 0, io.EOF for either), and writes (tarm's Write blocks for ever when the
// peer does not drain, and then its Close does too).
type port struct {
	name   string // as found: a device or a link to one
	device string // what it leads to
	tarm   *tarm.Port
	fd     int
	dev    uint64 // the device's number
}

// openPort finds, locks and opens the port.
func openPort(name, byID string, baud int, readTimeout time.Duration) (*port, error) {
	found, err := findPort(name, byID)
	if err != nil {
		return nil, err
	}
	device, err := filepath.EvalSymlinks(found)
	if err != nil {
		return nil, fmt.Errorf("serial port %q: %w", found, err)
	}
	fd, err := lockDevice(device)
	if err != nil {
		return nil, err
	}
	p := &port{name: found, device: device, fd: fd}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		p.close()
		return nil, fmt.Errorf("serial port %q: %w", device, err)
	}
	p.dev = uint64(st.Rdev)
	p.tarm, err = tarm.OpenPort(&tarm.Config{Name: device, Baud: baud, ReadTimeout: readTimeout})
	if err != nil {
		p.close()
		return nil, openError(device, err)
	}
	// From here on nobody else can open it, whether they know of our lock or
	// not (root can). Only now: before, it would have shut tarm out too.
	if outlastsUs(p.dev) {
		return p, nil
	}
	if err := p.claim(); err != nil {
		p.close()
		return nil, fmt.Errorf("serial port %q: claim it for this process: %w", device, err)
	}
	return p, nil
}

func (p *port) claim() error { return unix.IoctlSetInt(p.fd, unix.TIOCEXCL, 0) }

// outlastsUs reports whether a device would stay claimed after a kill: the claim
// of a pseudo-terminal (majors 136 to 143, admin-guide/devices.txt) ends with its
// master, that of a port when the last who has it open is gone. The next start
// could not open it. The lock does for those.
func outlastsUs(dev uint64) bool { return unix.Major(dev) >= 136 && unix.Major(dev) <= 143 }

// lockDevice opens the device for the things beside reading, and locks it
// against every other gateway.
func lockDevice(device string) (fd int, err error) {
	fd, err = unix.Open(device, unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, openError(device, err)
	}
	defer func() {
		if err != nil {
			unix.Close(fd)
		}
	}()
	if _, err := unix.IoctlGetTermios(fd, unix.TCGETS); err != nil {
		return -1, openError(device, err)
	}
	if err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB); err != nil {
		if errors.Is(err, unix.EWOULDBLOCK) {
			return -1, fmt.Errorf("serial port %q is in use: another gateway reads it, stop that one or give this one a port of its own", device)
		}
		return -1, fmt.Errorf("lock serial port %q: %w", device, err)
	}
	return fd, nil
}

// openError says what can be done about it.
func openError(device string, err error) error {
	var hint string
	switch {
	case errors.Is(err, fs.ErrPermission):
		hint = "add the user to group dialout, then start anew"
	case errors.Is(err, unix.EBUSY):
		hint = "it is in use: another program has it alone, stop that one"
	case errors.Is(err, unix.ENOTTY):
		return fmt.Errorf("%q is not a serial port", device)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, unix.ENXIO), errors.Is(err, unix.ENODEV):
		hint = "is the adapter plugged in?"
	default:
		return fmt.Errorf("open serial port %q: %w", device, err)
	}
	return fmt.Errorf("open serial port %q: %w (%s)", device, err, hint)
}

// findPort returns the one device or link that name means now.
func findPort(name, byID string) (string, error) {
	pattern := name
	if !strings.Contains(name, "/") {
		pattern = filepath.Join(byID, name)
	}
	if _, err := os.Lstat(pattern); err == nil {
		return pattern, nil
	}
	matches, err := filepath.Glob(pattern)
	if err != nil {
		return "", fmt.Errorf("serial port %q: %w", name, err)
	}
	switch len(matches) {
	case 1:
		return matches[0], nil
	case 0:
		return "", fmt.Errorf("serial port %q: %w (%s)", name, fs.ErrNotExist, adapters(byID))
	}
	return "", fmt.Errorf("serial port %q matches %d, name one: %q", name, len(matches), matches)
}

// adapters is what the user could have meant.
func adapters(byID string) string {
	links, err := os.ReadDir(byID)
	if err != nil || len(links) == 0 {
		return "no adapter is plugged in"
	}
	names := make([]string, len(links))
	for i, l := range links {
		names[i] = l.Name()
	}
	return fmt.Sprintf("plugged in: %q", names)
}

func (p *port) read(b []byte) (int, error) { return p.tarm.Read(b) }

// write never blocks: what the port does not take is lost.
func (p *port) write(b []byte) {
	_, _ = unix.Write(p.fd, b) // an error is an answer that will be missed
}

// gone returns an error when the port no longer leads to a device: hung up, its
// node removed, or the link turned to another device.
func (p *port) gone() error {
	fds := []unix.PollFd{{Fd: int32(p.fd)}}
	if _, err := unix.Poll(fds, 0); err == nil && fds[0].Revents != 0 {
		return fmt.Errorf("port %q hung up: the adapter was unplugged", p.device)
	}
	if _, err := os.Stat(p.device); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("port %q: %w: the adapter was unplugged", p.device, fs.ErrNotExist)
	}
	var st unix.Stat_t
	if err := unix.Stat(p.name, &st); err == nil && uint64(st.Rdev) != p.dev {
		return fmt.Errorf("port %q leads to another device now", p.name)
	}
	return nil
}

func (p *port) close() {
	// Nothing can be done about an error here, and the kernel closes anyway.
	if p.tarm != nil {
		_ = unix.IoctlSetInt(p.fd, unix.TIOCNXCL, 0) // it would outlive us while anybody else has the port open
		_ = p.tarm.Close()
	}
	_ = unix.Close(p.fd)
}
