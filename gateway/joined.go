package gateway

import "sync/atomic"

// joined is an answer that waits for several parts of a frame to be on disk.
// It is given once: with nil when all parts are, else with an error of one.
type joined struct {
	left   atomic.Int32
	failed atomic.Pointer[error]
	answer func(error)
}

func join(parts int, answer func(error)) *joined {
	j := &joined{answer: answer}
	j.left.Store(int32(parts))
	return j
}

func (j *joined) part(err error) {
	if failed := err; failed != nil { // its own variable: err itself would be on the heap each time
		j.failed.CompareAndSwap(nil, &failed)
	}
	if j.left.Add(-1) > 0 {
		return
	}
	if f := j.failed.Load(); f != nil {
		j.answer(*f)
		return
	}
	j.answer(nil)
}
