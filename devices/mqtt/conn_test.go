package mqtt

import (
	"bytes"
	"net"
	"slices"
	"testing"
	"time"
)

// pieces is a connection that notes what left in one piece.
type pieces struct {
	net.Conn
	left []string
}

func (p *pieces) SetWriteDeadline(time.Time) error { return nil }
func (p *pieces) Write(b []byte) (int, error) {
	p.left = append(p.left, string(b))
	return len(b), nil
}

func TestAnswersLeaveTogether(t *testing.T) {
	peer := &pieces{}
	c := &timedConn{Conn: peer}
	write := func(s string) {
		t.Helper()
		if n, err := c.Write([]byte(s)); n != len(s) || err != nil {
			t.Errorf("%d, %v", n, err)
		}
	}
	big := string(bytes.Repeat([]byte("x"), maxGathered))
	write("at once")
	c.together(func() {
		write("a")
		write("b")
		write("c")
		if len(peer.left) != 1 {
			t.Errorf("left alone: %q", peer.left)
		}
	})
	c.together(func() {})
	c.together(func() {
		write("before")
		write(big) // too much to wait
		write("behind")
	})
	write("after")
	if want := []string{"at once", "abc", "before", big, "behind", "after"}; !slices.Equal(peer.left, want) {
		t.Errorf("%q", peer.left)
	}
}
