package mqtt

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// writeTimeout is how long a peer may leave what is written to it unread.
const writeTimeout = 5 * time.Second

// A timedConn gives up a peer that does not read: neither library sets a
// deadline on every write, and one that hangs would hold the answers of a
// connection, and in the broker those of its neighbours.
type timedConn struct {
	net.Conn
	talk atomic.Pointer[talk] // set when it is known who speaks; nil before

	mu        sync.Mutex // over writing
	gathering bool       // what is written waits in gathered
	gathered  []byte
}

// maxGathered is a thousand answers.
const maxGathered = 4 << 10

func (c *timedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if t := c.talk.Load(); t != nil && n > 0 {
		t.spoke(time.Now())
	}
	return n, err
}

func (c *timedConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gathering && len(c.gathered)+len(b) <= maxGathered {
		c.gathered = append(c.gathered, b...)
		return len(b), nil
	}
	if err := c.flush(); err != nil {
		return 0, err
	}
	return c.write(b)
}

// together has what is written while do runs leave in one piece. A packet by
// itself is a system call and wakes the peer up, which costs more than all that
// led to an answer of four bytes.
func (c *timedConn) together(do func()) {
	c.mu.Lock()
	c.gathering = true
	c.mu.Unlock()
	do()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gathering = false
	_ = c.flush() // it has closed the connection, which its reader notices
}

func (c *timedConn) flush() error {
	if len(c.gathered) == 0 {
		return nil
	}
	_, err := c.write(c.gathered)
	c.gathered = c.gathered[:0]
	return err
}

func (c *timedConn) write(b []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return 0, err
	}
	n, err := c.Conn.Write(b)
	if err != nil {
		c.Close() // half a packet may have left: nothing can follow it
	}
	return n, err
}

// dial opens a connection to a broker's URL.
func dial(ctx context.Context, u *url.URL, config *tls.Config, timeout time.Duration) (*timedConn, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var secure bool
	port := "1883"
	switch u.Scheme {
	case "tcp", "mqtt":
	case "ssl", "tls", "mqtts":
		secure, port = true, "8883"
	default:
		return nil, fmt.Errorf("broker URL has the scheme %q; use tcp:// or ssl://", u.Scheme)
	}
	if u.Hostname() == "" {
		return nil, errors.New("broker URL names no host; use tcp://host:1883")
	}
	if p := u.Port(); p != "" {
		port = p
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return nil, err
	}
	conn = newQuickConn(conn)
	if !secure {
		return &timedConn{Conn: conn}, nil
	}
	if config == nil {
		config = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if config.ServerName == "" {
		config = config.Clone()
		config.ServerName = u.Hostname()
	}
	t := tls.Client(conn, config)
	if err := t.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, fmt.Errorf("TLS: %w", err)
	}
	return &timedConn{Conn: t}, nil
}
