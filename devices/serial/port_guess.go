package serial

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"
)

// Guess is what a line may speak.
type Guess struct {
	Format     string
	Baud       int
	Understood int // frames
	Bad        int // pieces that were none
	bytes      int // of what was understood
}

// likelier orders guesses, the best first: by how much was understood. A word
// such as OK belongs to several formats, a whole telegram to one.
func likelier(a, b Guess) int {
	return cmp.Or(cmp.Compare(b.bytes, a.bytes), cmp.Compare(a.Bad, b.Bad))
}

// GuessFrom reads a recording of a line in every format and returns those in
// which something was understood, the likeliest first.
func GuessFrom(heard []byte, baud int) []Guess {
	var out []Guess
	for _, f := range formats() {
		g := Guess{Format: f.name, Baud: baud}
		d := f.decoder()
		for _, frame := range append(d.Feed(heard), d.End()...) {
			if frame.Err != nil {
				g.Bad++
			} else {
				g.Understood++
				g.bytes += len(frame.Raw)
			}
		}
		if g.Understood > 0 {
			out = append(out, g)
		}
	}
	slices.SortStableFunc(out, likelier)
	return out
}

// GuessPort listens to the port at the speeds of all formats, or at one speed,
// for a while each, and asks in every format that has a question for a sign of
// life. It ends early where it has understood enough. trying is told each speed.
func GuessPort(ctx context.Context, port string, baud int, listen time.Duration, trying func(baud int)) ([]Guess, error) {
	return guessPort(ctx, port, byID, baud, listen, trying)
}

func guessPort(ctx context.Context, port, byID string, baud int, listen time.Duration, trying func(baud int)) ([]Guess, error) {
	var best []Guess
	for _, speed := range speeds(baud) {
		trying(speed)
		found, err := guessAt(ctx, port, byID, speed, listen)
		if err != nil {
			return nil, err
		}
		best = append(best, found...)
		if len(found) > 0 && found[0].enough() {
			break
		}
	}
	slices.SortStableFunc(best, likelier)
	if len(best) == 0 && ctx.Err() == nil {
		return nil, errors.New("nothing was understood: is something plugged in that speaks? Press a button of it while this listens, or listen longer with --for")
	}
	return best, nil
}

// enough says that this is no accident: a few letters may be one.
func (g Guess) enough() bool { return g.bytes >= 8 && g.Understood >= g.Bad }

// speeds are those at which formats are spoken, each once.
func speeds(only int) []int {
	if only != 0 {
		return []int{only}
	}
	var out []int
	for _, f := range formats() {
		out = append(out, f.baud)
	}
	out = append(out, 19200, 1200) // receivers of alarms
	seen := map[int]bool{}
	return slices.DeleteFunc(out, func(b int) bool { was := seen[b]; seen[b] = true; return was })
}

func guessAt(ctx context.Context, port, byID string, baud int, listen time.Duration) ([]Guess, error) {
	var heard []byte
	var ask [][]byte
	for _, f := range formats() {
		if f.probe != nil && f.baud == baud {
			ask = append(ask, f.probe)
		}
	}
	var found []Guess
	// Each question has its share of the time: together they would be noise.
	share := listen / time.Duration(max(1, len(ask)))
	for i := range max(1, len(ask)) {
		var question []byte
		if i < len(ask) {
			question = ask[i]
		}
		part, cancel := context.WithTimeout(ctx, share)
		err := sniff(part, port, byID, baud, question, func(b []byte) {
			if len(heard) < 1<<20 {
				heard = append(heard, b...)
			}
			if len(b) == 0 && len(heard) > 0 { // it paused: is that enough?
				if found = GuessFrom(heard, baud); len(found) > 0 && found[0].enough() {
					cancel()
				}
			}
		})
		cancel()
		if err != nil {
			return nil, err
		}
		if len(found) > 0 && found[0].enough() {
			break
		}
	}
	return GuessFrom(heard, baud), ctx.Err()
}
