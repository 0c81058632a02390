package serial

import (
	"fmt"
	"strings"
	"time"

	"telecare/devices"
)

// A format is one entry of the table of formats: what is known of it beyond its
// file.
type format struct {
	name    string
	about   func() devices.Format
	decoder func() Decoder
	baud    int
	// probe asks the peer for a sign of life; nil where the protocol has no
	// such question.
	probe []byte
	// quiet is how long a peer that cannot be asked may say nothing: 0 for ever.
	quiet time.Duration
	// nameless says that no frame tells whose it is, because one device is at
	// the end of the line: it is called as the source is.
	nameless bool
	// answers says that each frame is acknowledged, or comes again: the formats
	// of which promise 1 can be kept.
	answers bool
	// repeats is within what time the same frame of a device is the same press,
	// sent again by radio; 0 where the receiver tells.
	repeats time.Duration
}

// formats is the table.
func formats() []format {
	return []format{
		{name: Jablotron, about: aboutJablotron, decoder: func() Decoder { return &lines{decode: DecodeJablotron, next: nextJablotron} }, baud: 57600, probe: []byte("\x1bWHO AM I?\n")},
		{name: ESP3, about: aboutESP3, decoder: newESP3, baud: 57600, probe: esp3Version},
		{name: R60, about: aboutR60, decoder: newR60, baud: 115200, probe: r60Fall, nameless: true},
		{name: TinyFrame, about: aboutTinyFrame, decoder: newTinyFrame, baud: 115200, probe: tinyParameters, nameless: true},
		// Newer receivers speak at 9600 baud, an MLR2E at 19200, an MLR2-DV at
		// 1200. All send a heartbeat about every 30 s, at most every 99.
		{name: SurGard, about: aboutSurGard, decoder: func() Decoder { return &lines{decode: DecodeSurGard, next: nextSurGard, end: 0x14} }, baud: 9600, quiet: 200 * time.Second, answers: true},
		{name: Ademco685, about: aboutAdemco685, decoder: func() Decoder { return &lines{decode: DecodeAdemco685, next: nextAdemco685} }, baud: 9600, answers: true},
		{name: Easywave, about: aboutEasywave, decoder: newEasywave, baud: 57600, probe: []byte("ID?\r\n"), repeats: time.Second},
		{name: AlarmDecoder, about: aboutAlarmDecoder, decoder: func() Decoder { return &lines{decode: DecodeAlarmDecoder, next: nextAlarmDecoder} }, baud: 115200, probe: []byte("V\r")},
		// I_VERSION, asked of the gateway itself.
		{name: MySensors, about: aboutMySensors, decoder: func() Decoder { return &lines{decode: DecodeMySensors, next: nextMySensors} }, baud: 115200, probe: []byte("0;255;3;0;2;\n")},
		{name: RFLink, about: aboutRFLink, decoder: func() Decoder { return &lines{decode: DecodeRFLink, next: nextRFLink} }, baud: 57600, probe: []byte("10;PING;\r\n")},
	}
}

// Catalogue is what there is to know of each format.
func Catalogue() []devices.Format {
	var all []devices.Format
	for _, f := range formats() {
		about := f.about()
		about.Baud = f.baud
		all = append(all, about)
	}
	return all
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

// Answers reports whether a format's frames are acknowledged, so that what was
// accepted is not lost, and comes again when it was not. Of any other what is
// said while nobody listens is gone.
func Answers(name string) bool {
	f, err := formatOf(name)
	return err == nil && f.answers
}

// Talk returns the speed of a format, and what asks its peer for a sign of
// life, if there is such a question.
func Talk(name string) (baud int, ask []byte) {
	f, _ := formatOf(name)
	return f.baud, f.probe
}

// NewDecoder returns a decoder of the format.
func NewDecoder(name string) (Decoder, error) {
	f, err := formatOf(name)
	if err != nil {
		return nil, err
	}
	return f.decoder(), nil
}
