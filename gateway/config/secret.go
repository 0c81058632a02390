package config

import "log/slog"

// Secret is a text that must not be seen. However it is printed, logged or
// encoded it is <secret>; only Reveal gives it away. The zero Secret is none.
type Secret struct{ text *string } // a pointer: not even %v of a struct around it follows it

const hidden = "<secret>"

// NewSecret hides a text.
func NewSecret(s string) Secret { return Secret{&s} }

// Reveal gives the text.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsZero reports whether there is none.
func (s Secret) IsZero() bool { return s.Reveal() == "" }

// String never gives the text.
func (s Secret) String() string {
	if s.IsZero() {
		return ""
	}
	return hidden
}

// GoString never gives the text.
func (s Secret) GoString() string { return s.String() }

// LogValue never gives the text.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText never gives the text.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText takes the text.
func (s *Secret) UnmarshalText(b []byte) error { *s = NewSecret(string(b)); return nil }
