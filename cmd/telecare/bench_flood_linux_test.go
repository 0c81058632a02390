package main

import (
	"bufio"
	bytesof "encoding/binary"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync/atomic"
	"testing"
	"time"
)

// flood publishes readings at QoS 1 as a thousand Zigbee sensors would. It
// speaks the protocol itself, because a library would use more of the machine
// than what is to be measured.
type flood struct {
	conn     net.Conn
	devices  int // that publish, in turn
	sent     int
	answered atomic.Int64
	failed   chan error
}

// window is how many publishes may be unanswered by the broker.
const window = 5000

func newFlood(t *testing.T, broker string) *flood {
	t.Helper()
	f := &flood{conn: dialTCP(t, broker), devices: sensors, failed: make(chan error, 1)}
	t.Cleanup(func() { f.conn.Close() })
	const id = "flood"
	// MQTT 3.1.1, section 3.1: clean session, keep alive off.
	connect := append([]byte{0x10, byte(12 + len(id)), 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 0, 0, byte(len(id))}, id...)
	if _, err := f.conn.Write(connect); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReaderSize(f.conn, 64<<10)
	var said [4]byte
	if _, err := io.ReadFull(in, said[:]); err != nil || said[3] != 0 {
		t.Fatalf("mosquitto says %x to the flood, %v", said, err)
	}
	go func() {
		for {
			if _, err := io.ReadFull(in, said[:]); err != nil {
				f.failed <- err
				return
			}
			if said[0] == 0x40 { // PUBACK
				f.answered.Add(1)
			}
		}
	}()
	return f
}

// publish sends n readings at so many a second, 0 is as fast as the broker
// answers, and returns when all are answered or stop is closed.
func (f *flood) publish(n, rate int, stop <-chan struct{}) error {
	began, from := time.Now(), f.sent
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	var out []byte
	for f.sent-from < n || int(f.answered.Load()) < f.sent {
		due := n
		if rate > 0 {
			due = min(n, int(time.Since(began).Seconds()*float64(rate)))
		}
		due = min(due, int(f.answered.Load())+window-from, f.sent-from+200)
		out = out[:0]
		for f.sent-from < due {
			out = f.append(out)
		}
		if len(out) > 0 {
			if _, err := f.conn.Write(out); err != nil {
				return err
			}
			if rate == 0 {
				continue
			}
		}
		select {
		case <-tick.C:
		case err := <-f.failed:
			return fmt.Errorf("the broker ended the flood: %w", err)
		case <-stop:
			return nil
		}
	}
	return nil
}

// fields is how many quantities a publish has.
const fields = 4

// append adds the next publish.
func (f *flood) append(b []byte) []byte {
	i := f.sent
	f.sent++
	var m [200]byte
	body := m[:2]
	body = append(append(body, "zigbee2mqtt/s"...), strconv.Itoa(i%f.devices)...)
	bytesof.BigEndian.PutUint16(body, uint16(len(body)-2))
	body = bytesof.BigEndian.AppendUint16(body, uint16(i%65535+1))
	body = append(body, `{"battery":`...)
	body = strconv.AppendInt(body, int64(40+i%60), 10)
	body = append(body, `,"linkquality":`...)
	body = strconv.AppendInt(body, int64(i%255), 10)
	body = append(body, `,"temperature":`...)
	body = strconv.AppendFloat(body, 18+float64(i%700)/100, 'f', 2, 64)
	body = append(body, `,"voltage":2900}`...)
	b = append(b, 0x32) // PUBLISH, QoS 1
	b = bytesof.AppendUvarint(b, uint64(len(body)))
	return append(b, body...)
}
