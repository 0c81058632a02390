// Package codec runs the JavaScript that makers publish for their LoRaWAN
// devices, as a user would install it in ChirpStack or The Things Stack. It
// guarantees that nothing in such a file can stop, slow for long or fill the
// memory of the gateway: not a line of it is parsed or run in the gateway's
// own process.
//
// The obvious way is to run it in the process and to interrupt it. The engine
// looks for an interruption between two of its instructions only, and one
// instruction may be a call that takes hours or all memory ("x".repeat(1e9), a
// regular expression that backtracks, an array of 1e9), and Go has no limit of
// memory for a part of a program. So a Runner starts a second process, which is
// cheap to lose: it ends itself when a codec takes too long or too much, it is
// killed when it cannot even do that, and the next frame starts another one. A
// frame costs some 100 µs. It has a JavaScript world of its own, so that nothing
// is left over from one frame to the next; the next one is made while nobody
// waits for it.
package codec

import (
	"errors"
	"time"
)

// Limits of one run. They are far from what an honest codec needs (well under
// a millisecond, and 2 MB), so that a loaded machine does not reach them.
const (
	maxSource = 1 << 20
	maxInput  = 4 << 10 // a LoRaWAN frame has 242 bytes at most
	maxObject = 64 << 10

	softTime = 500 * time.Millisecond // then the engine is interrupted
	hardTime = time.Second            // then the process ends itself
	killTime = 2 * time.Second        // then it is killed

	softMemory = 64 << 20
	hardMemory = 192 << 20

	maxDepth = 1000 // of JavaScript calls
)

// ErrLimit is why a codec did not come to an end: it took too long or too much
// memory. It is then left alone for ten times as long as it took.
var ErrLimit = errors.New("codec went over its limit")

// ErrUseless is why a codec can read no frame at all: it is no JavaScript, it
// fails before it is given a frame, or it has no function that decodes.
var ErrUseless = errors.New("codec cannot be used")

// Input is one uplink.
type Input struct {
	Port  int
	Bytes []byte
	// At is what the codec's clock shows; zero is now.
	At time.Time
}
