package mqtt

import (
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/mochi-mqtt/server/v2/listeners"
)

// Bounds of what strangers can hold open.
const (
	maxConnections = 4096
	helloTimeout   = 10 * time.Second // from the connection to its CONNECT, TLS included
)

// A listener feeds connections to the broker library. The library's own ends
// for ever at the first failed Accept (too many open files), waits without end
// for a CONNECT, and hangs at Close while somebody has not sent one.
type listener struct {
	net.Listener
	failed func(error) // told when it can accept no more

	mu     sync.Mutex
	closed bool
	conns  map[net.Conn]struct{}
	tasks  sync.WaitGroup
}

func (l *listener) Init(*slog.Logger) error { return nil }
func (l *listener) ID() string              { return "telecare" }
func (l *listener) Address() string         { return l.Addr().String() }
func (l *listener) Protocol() string        { return "tcp" }

// Serve accepts until Close.
func (l *listener) Serve(establish listeners.EstablishFn) {
	for {
		conn, err := l.Accept()
		if err != nil {
			if l.isClosed() {
				return
			}
			var temporary interface{ Temporary() bool }
			if errors.As(err, &temporary) && temporary.Temporary() {
				time.Sleep(100 * time.Millisecond) // out of files: others must end first
				continue
			}
			l.failed(err)
			return
		}
		if !l.keep(conn) {
			conn.Close()
			continue
		}
		go func() {
			defer l.forget(conn)
			if conn.SetDeadline(time.Now().Add(helloTimeout)) == nil {
				// Its error is the end of one connection, which the client
				// sees too; it holds addresses, and nothing that we could do.
				_ = establish(l.ID(), &timedConn{Conn: conn})
			}
		}()
	}
}

// Close ends every connection and waits for their goroutines.
func (l *listener) Close(listeners.CloseFn) {
	l.mu.Lock()
	l.closed = true
	for c := range l.conns {
		c.Close()
	}
	l.mu.Unlock()
	l.Listener.Close()
	l.tasks.Wait()
}

func (l *listener) isClosed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closed
}

func (l *listener) keep(c net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || len(l.conns) >= maxConnections {
		return false
	}
	l.conns[c] = struct{}{}
	l.tasks.Add(1)
	return true
}

func (l *listener) forget(c net.Conn) {
	c.Close()
	l.mu.Lock()
	delete(l.conns, c)
	l.mu.Unlock()
	l.tasks.Done()
}
