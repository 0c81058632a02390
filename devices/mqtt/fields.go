package mqtt

import (
	"bytes"
	"errors"
	"iter"
)

// fields walks the members of a JSON object without copying it; the object must
// be valid, and valid UTF-8. A state is mostly fields that mean nothing here, which this skips
// at the speed of a scan.
func fields(object []byte) iter.Seq2[string, value] {
	return func(yield func(string, value) bool) {
		for name, v := range members(object) {
			if !yield(string(name), v) {
				return
			}
		}
	}
}

// members is fields without a copy of the names either, and nothing when it is
// no object.
func members(object []byte) iter.Seq2[[]byte, value] {
	if len(object) > 0 && object[0] != '{' {
		object = nil
	}
	return func(yield func([]byte, value) bool) {
		for i := skipBlanks(object, 1); i < len(object) && object[i] == '"'; {
			end := skipValue(object, i)
			if end-i < 2 {
				return
			}
			name := object[i+1 : end-1]
			if bytes.IndexByte(name, '\\') >= 0 {
				s, _ := value(object[i:end]).text()
				name = []byte(s)
			}
			i = skipBlanks(object, skipBlanks(object, end)+1) // the colon
			end = skipValue(object, i)
			if !yield(name, value(object[i:end:end])) {
				return
			}
			i = skipBlanks(object, end)
			if i >= len(object) || object[i] != ',' {
				return
			}
			i = skipBlanks(object, i+1)
		}
	}
}

// checkObject refuses what fields cannot walk.
func checkObject(b []byte) error {
	switch {
	case len(b) == 0:
		return errors.New("payload is empty")
	case b[0] != '{':
		return errors.New("payload is not a JSON object")
	case !valid(b):
		return errors.New("payload is malformed JSON")
	}
	return nil
}

// skipValue gives the end of the value that begins at i.
func skipValue(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			for i++; i < len(b) && b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
			i++
			if depth == 0 {
				return min(i, len(b))
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',', ':', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return i
			}
		}
		i++
	}
	return i
}

func skipBlanks(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t' || b[i] == '\r' || b[i] == '\n') {
		i++
	}
	return i
}
