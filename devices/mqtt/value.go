package mqtt

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
)

// A value is one JSON value as it was sent, read tolerantly: the same field
// comes as 1, true, "TRUE" or "yes", and as 92, 92.0, "92" or "92%", depending
// on the device. nil is a field that is not there.
type value json.RawMessage

// UnmarshalJSON keeps the bytes.
func (v *value) UnmarshalJSON(b []byte) error {
	*v = append((*v)[:0], b...)
	return nil
}

// present reports whether the field is there and not null.
func (v value) present() bool {
	return len(v) > 0 && !bytes.Equal(v, []byte("null"))
}

// text gives a JSON string's content.
func (v value) text() (string, bool) {
	if len(v) < 2 || v[0] != '"' {
		return "", false
	}
	if bytes.IndexByte(v, '\\') < 0 {
		return string(v[1 : len(v)-1]), true
	}
	var s string
	if json.Unmarshal(v, &s) != nil {
		return "", false
	}
	return s, true
}

// word is text in lower case without blanks around it.
func (v value) word() (string, bool) {
	s, ok := v.text()
	return strings.ToLower(strings.TrimSpace(s)), ok
}

// number reads a finite number, also from a string, with or without a percent
// sign behind it.
func (v value) number() (float64, bool) {
	if len(v) == 0 {
		return 0, false
	}
	s := string(v)
	if v[0] == '"' {
		t, _ := v.text()
		s = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(t), "%"))
	}
	// ParseFloat reads also "inf", "nan" and hexadecimal, which nobody sends.
	if s == "" || strings.Trim(s, "+-.0123456789eE") != "" {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return 0, false
	}
	return f, true
}

// truth reads yes or no; ok is false for anything else, so that what is not
// understood is never taken for "all is well".
func (v value) truth() (yes, ok bool) {
	if len(v) == 0 {
		return false, false
	}
	if v[0] == '"' {
		switch w, _ := v.word(); w {
		case "true", "yes", "on", "1":
			return true, true
		case "false", "no", "off", "0":
			return false, true
		}
		return false, false
	}
	switch string(v) {
	case "true":
		return true, true
	case "false":
		return false, true
	}
	switch f, ok := v.number(); {
	case ok && f == 1:
		return true, true
	case ok && f == 0:
		return false, true
	}
	return false, false
}

// moment reads a time: RFC 3339 with a zone, or milliseconds since 1970. What
// cannot be a time of today gives the zero time.
func (v value) moment() time.Time {
	if s, ok := v.text(); ok {
		if t, err := time.Parse(time.RFC3339, s); err == nil {
			return plausible(t)
		}
	}
	// Beyond ±1e15 ms (the year 33658) the conversion would overflow first.
	if ms, ok := v.number(); ok && math.Abs(ms) < 1e15 {
		return plausible(time.UnixMilli(int64(ms)))
	}
	return time.Time{}
}
