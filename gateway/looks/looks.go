// Package looks keeps the book of who has looked at what is personal. It
// guarantees that a line is never changed by a later one, that what is read is
// whole, and that no disk keeps anybody waiting: lines that cannot be written
// are kept in memory, as many as fit, and written when it can be done. In the
// lines are opaque ids, and the reasons that people give, which can be taken out.
package looks

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"

	"telecare/gateway/sqlite"
)

const (
	maxWaiting = 10_000   // lines that a disk which cannot be written may cost
	maxLine    = 64 << 10 // of one
	again      = time.Minute
)

// Book is a file of lines. Its methods may be called from any goroutine.
type Book struct {
	path string
	log  *slog.Logger

	mu      sync.Mutex
	waiting [][]byte
	writing bool
	failed  bool
	timer   *time.Timer
	idle    *sync.Cond

	file sync.Mutex // over the file
}

// Open returns the book of a file, which need not be there.
func Open(path string, log *slog.Logger) *Book {
	b := &Book{path: path, log: log}
	b.idle = sync.NewCond(&b.mu)
	return b
}

// Add writes a line, without its end, behind whoever calls it.
func (b *Book) Add(line []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.waiting) >= maxWaiting {
		b.waiting = b.waiting[1:]
		b.log.Error("a look is not in the book: too many wait for the disk")
	}
	b.waiting = append(b.waiting, bytes.Clone(line))
	b.start()
}

// start has what waits written; b.mu is held.
func (b *Book) start() {
	if b.writing || len(b.waiting) == 0 {
		return
	}
	b.writing = true
	go func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		for len(b.waiting) > 0 {
			lines := b.waiting
			b.waiting = nil
			b.mu.Unlock()
			err := b.write(lines)
			b.mu.Lock()
			if err == nil {
				b.failed = false
				continue
			}
			if !b.failed {
				b.log.Error("looks wait for the disk", "error", err)
			}
			b.failed = true
			b.waiting = append(lines, b.waiting...)
			if b.timer == nil {
				b.timer = time.AfterFunc(again, b.retry)
			}
			break
		}
		b.writing = false
		b.idle.Broadcast()
	}()
}

func (b *Book) retry() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.timer = nil
	b.start()
}

// write puts lines behind those that are there, and on disk.
func (b *Book) write(lines [][]byte) error {
	b.file.Lock()
	defer b.file.Unlock()
	f, err := os.OpenFile(b.path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if end, err := f.Seek(0, io.SeekEnd); err == nil && end > 0 {
		last := make([]byte, 1)
		if _, err := f.ReadAt(last, end-1); err == nil && last[0] != '\n' {
			text.WriteByte('\n') // a power cut has left half a line
		}
	}
	for _, line := range lines {
		text.Write(bytes.ReplaceAll(line, []byte("\n"), []byte(" ")))
		text.WriteByte('\n')
	}
	_, err = f.Write(text.Bytes())
	return errors.Join(err, f.Sync(), f.Close())
}

// Read gives every line, the oldest first, and those that wait after them.
func (b *Book) Read(each func(line []byte)) error {
	b.flush()
	b.file.Lock()
	err := b.scan(each)
	b.file.Unlock()
	b.mu.Lock()
	waiting := b.waiting
	b.mu.Unlock()
	for _, line := range waiting {
		each(line)
	}
	return err
}

func (b *Book) scan(each func([]byte)) error {
	f, err := os.Open(b.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("the book of looks: %w", err)
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	s.Buffer(nil, maxLine)
	for s.Scan() {
		each(s.Bytes())
	}
	if err := s.Err(); err != nil {
		return fmt.Errorf("the book of looks: %w", err)
	}
	return nil
}

// Rewrite replaces every line by what change makes of it; nil takes it out. What
// was there before is not in the file any more when it returns.
func (b *Book) Rewrite(change func(line []byte) []byte) error {
	b.flush()
	b.file.Lock()
	defer b.file.Unlock()
	var text bytes.Buffer
	if err := b.scan(func(line []byte) {
		if line = change(line); line != nil {
			text.Write(line)
			text.WriteByte('\n')
		}
	}); err != nil {
		return err
	}
	if err := sqlite.Replace(b.path, text.Bytes()); err != nil {
		return fmt.Errorf("the book of looks: %w", err)
	}
	return nil
}

// flush waits until what can be written is.
func (b *Book) flush() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.writing {
		b.idle.Wait()
	}
}

// Close writes what waits, as far as it can be.
func (b *Book) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.timer != nil {
		b.timer.Stop()
		b.timer = nil
	}
	b.start()
	for b.writing {
		b.idle.Wait()
	}
	if b.timer != nil {
		b.timer.Stop()
	}
	if n := len(b.waiting); n > 0 {
		return fmt.Errorf("%d looks are not in the book", n)
	}
	return nil
}
