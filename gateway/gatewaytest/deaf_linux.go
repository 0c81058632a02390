package gatewaytest

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// listenDeaf listens at a loopback address with the shortest queue there is,
// fills the queue and never takes anybody from it. Linux then drops further
// SYNs, so that whoever connects waits until he gives up.
func listenDeaf(addr string) (io.Closer, error) {
	ap, err := netip.ParseAddrPort(addr)
	if err != nil {
		return nil, err
	}
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	d := &deafListener{fd: fd}
	if err := syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err != nil {
		d.Close()
		return nil, err
	}
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Port: int(ap.Port()), Addr: ap.Addr().As4()}); err != nil {
		d.Close()
		return nil, fmt.Errorf("bind to %s: %w", addr, err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		d.Close()
		return nil, err
	}
	for range 16 {
		c, err := net.DialTimeout("tcp", addr, 200*time.Millisecond)
		if err != nil {
			return d, nil // the queue is full: this one hung
		}
		d.waiting = append(d.waiting, c)
	}
	d.Close()
	return nil, fmt.Errorf("listener at %s took 16 connections into a queue of none", addr)
}

type deafListener struct {
	fd      int
	waiting []net.Conn
}

func (d *deafListener) Close() error {
	for _, c := range d.waiting {
		c.Close()
	}
	return syscall.Close(d.fd)
}
