package journal

import (
	"crypto/sha256"
	"encoding/binary"

	"telecare/alerting"
)

// format is the version of the encoding below. A journal of another one is
// refused.
const format = 1

// genesis stands before the first record.
var genesis = make([]byte, sha256.Size)

// chain is the hash of a record that follows one with the hash previous.
// Everything of variable length has its length in front, so that no two records
// encode alike.
func chain(previous []byte, r *alerting.Record) []byte {
	b := make([]byte, 0, 128+len(r.Body))
	b = appendBytes(b, previous)
	b = binary.BigEndian.AppendUint64(b, uint64(r.Seq))
	b = binary.BigEndian.AppendUint64(b, uint64(r.At.UnixNano()))
	b = binary.BigEndian.AppendUint64(b, uint64(r.Version))
	b = appendBytes(b, []byte(r.Kind))
	b = appendBytes(b, r.Body)
	b = appendBytes(b, r.Digest[:])
	b = appendBytes(b, []byte(r.Delivery))
	sum := sha256.Sum256(b)
	return sum[:]
}

// checksum covers a snapshot and, by the record's hash, all that led to it.
func checksum(head []byte, s *alerting.Snapshot) []byte {
	b := make([]byte, 0, 128)
	b = appendBytes(b, head)
	b = binary.BigEndian.AppendUint64(b, uint64(s.Seq))
	b = binary.BigEndian.AppendUint64(b, uint64(s.At.UnixNano()))
	b = binary.BigEndian.AppendUint64(b, uint64(s.Version))
	b = binary.BigEndian.AppendUint64(b, uint64(len(s.State)))
	h := sha256.New()
	h.Write(b)
	h.Write(s.State) // megabytes, not to be copied
	return h.Sum(nil)
}

func appendBytes(b, v []byte) []byte {
	return append(binary.BigEndian.AppendUint64(b, uint64(len(v))), v...)
}
