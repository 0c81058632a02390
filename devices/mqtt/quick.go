package mqtt

import "net"

// A quickConn reads what has come in one go, and has it acknowledged to the
// broker's machine at once.
//
// The library reads a packet in three pieces, each a system call. And mosquitto
// leaves Nagle's algorithm on (mosquitto.conf, set_tcp_nodelay): while anything
// it sent is unacknowledged, what it sends next waits, a press too. The kernel
// holds acknowledgments back for up to 40 ms, hoping for something to send with
// them; but our answers wait for the disk.
type quickConn struct {
	net.Conn
	acknowledge func() // at once; nil where that cannot be asked for
	buffer      []byte
	unread      []byte // in buffer
}

func newQuickConn(c net.Conn) *quickConn {
	return &quickConn{Conn: c, acknowledge: quickAcks(c), buffer: make([]byte, 16<<10)}
}

// Read is for one goroutine at a time.
func (c *quickConn) Read(b []byte) (int, error) {
	if len(c.unread) == 0 {
		n, err := c.Conn.Read(c.buffer)
		if n == 0 {
			return 0, err
		}
		c.unread = c.buffer[:n] // an error with it comes again at the next read
		if c.acknowledge != nil {
			c.acknowledge()
		}
	}
	n := copy(b, c.unread)
	c.unread = c.unread[n:]
	return n, nil
}
