package looks

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// chunk is how much is read at once.
const chunk = 64 << 10

// Back gives the lines that stand before a place in the book, the newest first,
// each with its own place, until each returns false. A place of 0 or less is the
// end; lines that wait for the disk stand where they will be written. What is
// read is bounded by what is given. Places change with Rewrite: one of before it
// may repeat or pass lines.
func (b *Book) Back(before int64, each func(line []byte, place int64) bool) error {
	b.flush()
	b.file.Lock()
	f, err := os.Open(b.path) // Rewrite replaces the file, and this one stays as it is
	size := int64(0)
	if err == nil {
		defer f.Close()
		size, err = f.Seek(0, io.SeekEnd)
	}
	b.mu.Lock()
	waiting := b.waiting
	b.mu.Unlock()
	b.file.Unlock()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the book of looks: %w", err)
	}
	end := size
	for _, line := range waiting {
		end += int64(len(line)) + 1
	}
	for i := len(waiting) - 1; i >= 0; i-- {
		end -= int64(len(waiting[i])) + 1
		if (before <= 0 || end < before) && !each(waiting[i], end) {
			return nil
		}
	}
	if before > 0 && before < size {
		size = before
	}
	if size == 0 {
		return nil
	}
	if err := back(f, size, each); err != nil {
		return fmt.Errorf("the book of looks: %w", err)
	}
	return nil
}

// back gives the lines of the first size bytes of f.
func back(f io.ReaderAt, size int64, each func([]byte, int64) bool) error {
	var part []byte // from at to the end of the line that is looked for
	for at := size; at > 0; {
		n := min(at, chunk)
		if len(part)+int(n) > maxLine+2*chunk {
			return fmt.Errorf("a line of more than %d bytes", maxLine)
		}
		more := make([]byte, n, int(n)+len(part))
		if _, err := f.ReadAt(more, at-n); err != nil {
			return err
		}
		at, part = at-n, append(more, part...)
		for {
			line := bytes.TrimSuffix(part, []byte("\n"))
			i := bytes.LastIndexByte(line, '\n')
			if i < 0 && at > 0 || len(part) == 0 {
				break // the line begins further on
			}
			part = part[:i+1]
			if !each(line[i+1:], at+int64(i)+1) {
				return nil
			}
		}
	}
	return nil
}
