package mqtt

import (
	"net"
	"syscall"
)

// quickAcks returns what acknowledges the bytes that were read from a TCP
// connection. The kernel forgets the wish soon, so it is said after each read.
// [tcp(7), TCP_QUICKACK]
func quickAcks(c net.Conn) func() {
	s, ok := c.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return nil // then they come when the kernel likes
	}
	say := func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1) // a wish
	}
	return func() { _ = raw.Control(say) }
}
