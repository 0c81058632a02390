package journal

import (
	"log/slog"
	"os"
	"sync"
	"time"
)

// reserve is disk space that nobody else can take: a file that is removed when
// the disk is full, so that alarms still have some. It is best effort: an alarm
// never waits for it.
type reserve struct {
	path string

	mu    sync.Mutex
	there bool
	tried time.Time
}

const (
	reserveBytes = 8 << 20 // some 20,000 inputs
	reserveEvery = time.Minute
)

// keep makes the reserve, when it is not there, at most once a minute.
func (r *reserve) keep(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.there || now.Sub(r.tried) < reserveEvery {
		return
	}
	r.tried = now
	if info, err := os.Stat(r.path); err == nil && info.Size() == reserveBytes {
		r.there = true
		return
	}
	f, err := os.OpenFile(r.path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return
	}
	// Written, not made with holes: only then is the space taken.
	block := make([]byte, 1<<20)
	for range reserveBytes / len(block) {
		if _, err = f.Write(block); err != nil {
			break
		}
	}
	if f.Close() != nil || err != nil {
		os.Remove(r.path) // half a reserve would keep the disk full
		return
	}
	r.there = true
}

// release gives the space up.
func (r *reserve) release(log *slog.Logger) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.there, r.tried = false, time.Now()
	if err := os.Remove(r.path); err == nil {
		log.Error("the disk is full; the reserve is given up for the journal: make room")
	}
}
