package mqtt

import (
	"bytes"
	"crypto/rand"
	"io"
	"net"
	"testing"
)

// TestQuickConnReads reads what was written, in pieces of any size, up to the
// end.
func TestQuickConnReads(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	sent := make([]byte, 100_000)
	rand.Read(sent)
	go func() {
		c, err := l.Accept()
		if err != nil {
			return // the test has failed already
		}
		defer c.Close()
		for i := 0; i < len(sent); i += 777 {
			if _, err := c.Write(sent[i:min(i+777, len(sent))]); err != nil {
				return
			}
		}
	}()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	q := newQuickConn(c)
	var got []byte
	for size := 1; ; size = size%5000 + 13 {
		b := make([]byte, size)
		n, err := q.Read(b)
		got = append(got, b[:n]...)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(got, sent) {
		t.Errorf("read %d bytes that differ from the %d sent", len(got), len(sent))
	}
}
