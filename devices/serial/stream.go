package serial

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"telecare/devices"
)

// maxHexFrame bounds a line of hex; a frame on a serial line has some hundred
// bytes.
const maxHexFrame = 64 << 10

// DecodeStream decodes all of r and calls each for every frame, in order: the
// bytes as they came from the line, or with asHex one frame a line in hex
// (blanks and colons allowed). A frame that cannot be decoded is an error for
// each; the error returned is about r or the format.
func DecodeStream(format string, r io.Reader, asHex bool, each func(devices.Message, error)) error {
	d, err := NewDecoder(format)
	if err != nil {
		return err
	}
	if asHex {
		return decodeHex(d, r, each)
	}
	emit := func(frames []Decoded) {
		for _, f := range frames {
			each(f.Message, f.Err)
		}
	}
	buf := make([]byte, 4096)
	for {
		n, err := r.Read(buf)
		emit(d.Feed(buf[:n]))
		if errors.Is(err, io.EOF) {
			emit(d.End())
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the stream: %w", err)
		}
	}
}

func decodeHex(d Decoder, r io.Reader, each func(devices.Message, error)) error {
	br := bufio.NewReaderSize(r, 4096)
	var line []byte
	long := false
	for n := 1; ; {
		part, err := br.ReadSlice('\n')
		if room := maxHexFrame - len(line); len(part) > room {
			part, long = part[:room], true
		}
		line = append(line, part...)
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read line %d: %w", n, err)
		}
		if long {
			each(devices.Message{}, fmt.Errorf("line %d: longer than %d characters", n, maxHexFrame))
		} else if len(bytes.TrimSpace(line)) > 0 {
			decodeHexLine(d, n, line, each)
		}
		if err != nil {
			return nil
		}
		line, long = line[:0], false
		n++
	}
}

func decodeHexLine(d Decoder, n int, line []byte, each func(devices.Message, error)) {
	digits := bytes.Map(func(r rune) rune {
		switch r {
		case ' ', '\t', '\r', '\n', ':':
			return -1
		}
		return r
	}, line)
	frame, err := hex.AppendDecode(nil, digits)
	if err != nil {
		each(devices.Message{}, fmt.Errorf("line %d: not hex: %w", n, err))
		return
	}
	out := append(d.Feed(frame), d.End()...)
	if len(out) == 0 {
		each(devices.Message{}, fmt.Errorf("line %d: an empty frame", n))
	}
	for _, f := range out {
		each(f.Message, f.Err)
	}
}
