package strictyaml

import (
	"strconv"
	"strings"
	"time"
)

// Duration is a length of time as people write it: 30s, 15m, 25h.
type Duration time.Duration

// UnmarshalText reads it.
func (d *Duration) UnmarshalText(b []byte) error {
	t, err := time.ParseDuration(string(b))
	if err != nil {
		return Textf("%q is no length of time; write a number with its unit, such as 30s, 15m or 25h", b)
	}
	*d = Duration(t)
	return nil
}

// MarshalText writes it in its shortest form.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// String is 15m, not 15m0s.
func (d Duration) String() string {
	s := time.Duration(d).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// Size is a number of bytes as people write it: 512MiB, 2GiB.
type Size int64

var units = []struct {
	name  string
	bytes int64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40}}

// UnmarshalText reads it.
func (s *Size) UnmarshalText(b []byte) error {
	text := strings.TrimSpace(string(b))
	for _, u := range units {
		number, ok := strings.CutSuffix(text, u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64)
		if err == nil && n > 0 && n <= (1<<62)/u.bytes {
			*s = Size(n * u.bytes)
			return nil
		}
	}
	return Textf("%q is no size; write a whole number with its unit, such as 512MiB or 2GiB", b)
}

// String is the size in its largest whole unit.
func (s Size) String() string {
	for i := len(units) - 1; i >= 0; i-- {
		if n := int64(s); n != 0 && n%units[i].bytes == 0 {
			return strconv.FormatInt(n/units[i].bytes, 10) + units[i].name
		}
	}
	return strconv.FormatInt(int64(s), 10)
}
