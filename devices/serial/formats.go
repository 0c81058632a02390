package serial

import (
	"fmt"
	"strings"
)

// A format is one entry of the table of formats: what is known of it beyond its
// file.
type format struct {
	name    string
	decoder func() Decoder
	baud    int
	// probe asks the peer for a sign of life; nil where the protocol has no
	// such question.
	probe []byte
	// nameless says that no frame tells whose it is, because one device is at
	// the end of the line: it is called as the source is.
	nameless bool
}

// formats is the table.
func formats() []format {
	return []format{
		{name: Jablotron, decoder: func() Decoder { return &lines{decode: DecodeJablotron, next: nextJablotron} }, baud: 57600, probe: []byte("\x1bWHO AM I?\n")},
		{name: ESP3, decoder: newESP3, baud: 57600, probe: esp3Version},
		{name: R60, decoder: newR60, baud: 115200, probe: r60Fall, nameless: true},
		{name: TinyFrame, decoder: newTinyFrame, baud: 115200, probe: tinyParameters, nameless: true},
	}
}

// Formats lists the names of the formats that a line may speak.
func Formats() []string {
	var names []string
	for _, f := range formats() {
		names = append(names, f.name)
	}
	return names
}

func formatOf(name string) (format, error) {
	for _, f := range formats() {
		if f.name == name {
			return f, nil
		}
	}
	return format{}, fmt.Errorf("serial format %q is not known; known are %s", name, strings.Join(Formats(), ", "))
}

// NewDecoder returns a decoder of the format.
func NewDecoder(name string) (Decoder, error) {
	f, err := formatOf(name)
	if err != nil {
		return nil, err
	}
	return f.decoder(), nil
}
