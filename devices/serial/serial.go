// Package serial reads what devices say on a serial line.
//
// What it guarantees: a complete line that reached this machine after the port
// was opened is handed over, whatever noise stood before or behind it; a port
// that is unplugged, mute or held by somebody else is a state that Ready and
// Config.OnLink tell, never an end and never a busy loop; no damaged byte stops
// the line or swallows a neighbour.
//
// Receivers of alarms wait for an acknowledgment: they get it when what they said
// is on disk, and say it again until then (see answers).
//
// What it cannot: the other formats have no acknowledgment, so a line that was
// sent while nobody listened is gone, and every Frame says Unanswered.
//
// Decoding is pure and builds everywhere; Line, which opens a port, is for
// Linux, and elsewhere New says so.
package serial

import "telecare/devices"

// Jablotron is the format of the Turris Gadgets USB dongle.
const Jablotron = "jablotron"

// Decoded is one frame cut from the stream, and what it said.
type Decoded struct {
	Raw     []byte          // the frame's bytes without its delimiters; the receiver's to keep
	Message devices.Message // as much as was understood: Device is set where an address was readable
	Err     error           // why the frame means nothing to us; nil when it was understood
}

// A Decoder cuts a byte stream into frames and reads each of them. The frames
// do not depend on how the stream was cut into pieces, Idle apart, and memory
// is bounded whatever comes. It is for one goroutine.
type Decoder interface {
	// Feed takes the next bytes and returns the frames which they complete.
	Feed(b []byte) []Decoded
	// End says that nothing more follows, returns what was left unfinished,
	// and leaves the decoder ready for a new stream.
	End() []Decoded
}

// An idler is a Decoder that may hold back frames behind a beginning of one
// which never came, such as noise that looks like a header.
type idler interface {
	// Idle says that the line has been silent for longer than it is within a
	// frame, and returns the whole frames that stood behind such a beginning.
	// That beginning stays: it may have been slow.
	Idle() []Decoded
}
