package gateway

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"

	"telecare/devices"
)

// deliveries tells a redelivery from a second press. A broker may use a packet
// id again only when we have answered it, so for each session the newest
// message of a packet id is all that has to be known: a DUP with the same id
// and content is that message again. Any other message with the id takes its
// place. Bounded by 65,535 ids a session and maxSessions.
type deliveries map[string]map[uint16]uint64

// maxSessions bounds what is remembered: more than any broker has here.
const maxSessions = 256

// again reports whether the frame is a redelivery of what was seen, and
// remembers it if it is not. carries says whether it has events at all:
// readings are the same point twice.
func (d deliveries) again(f *devices.Frame, carries bool) bool {
	if f.Session == "" {
		return false
	}
	packets := d[f.Session]
	h := contentHash(f)
	if f.Dup && packets != nil {
		if old, ok := packets[f.Packet]; ok && old == h {
			return true
		}
	}
	if !carries {
		delete(packets, f.Packet)
		return false
	}
	d.remember(f.Session, f.Packet, h)
	return false
}

func (d deliveries) remember(session string, packet uint16, hash uint64) {
	packets := d[session]
	if packets == nil {
		if len(d) >= maxSessions {
			for s := range d { // any one: sessions this many are not real ones
				delete(d, s)
				break
			}
		}
		packets = map[uint16]uint64{}
		d[session] = packets
	}
	packets[packet] = hash
}

func contentHash(f *devices.Frame) uint64 {
	h := fnv.New64a()
	h.Write([]byte(f.Topic))
	h.Write([]byte{0})
	h.Write(f.Raw)
	return h.Sum64()
}

// deliveryKey is the identity as the journal keeps it.
func deliveryKey(f *devices.Frame) string {
	if f.Session == "" {
		return ""
	}
	return fmt.Sprintf("%s/%d/%016x", f.Session, f.Packet, contentHash(f))
}

// restore reads a deliveryKey.
func (d deliveries) restore(key string) {
	parts := strings.Split(key, "/")
	if len(parts) < 3 {
		return
	}
	n := len(parts)
	packet, err1 := strconv.ParseUint(parts[n-2], 10, 16)
	hash, err2 := strconv.ParseUint(parts[n-1], 16, 64)
	if err1 == nil && err2 == nil {
		d.remember(strings.Join(parts[:n-2], "/"), uint16(packet), hash)
	}
}
