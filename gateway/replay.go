package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"

	"telecare/alerting"
)

// Replayed says how a replay went.
type Replayed struct {
	Records int
	Differ  int // decided otherwise than then
}

// Replay plays a journal from its beginning, or from the snapshot before the
// record from, and writes it as a script, the form in which nights are tested.
// A decision that is not the one of then is marked.
func Replay(ctx context.Context, h History, from int64, w io.Writer) (Replayed, error) {
	// A damaged snapshot only means more to replay.
	snapshots, damaged := h.Snapshots(ctx)
	for len(snapshots) > 0 && snapshots[0].Seq >= from {
		snapshots = snapshots[1:]
	}
	r, err := restoreNewest(snapshots)
	if damaged = errors.Join(damaged, err); damaged != nil {
		if _, err := fmt.Fprintf(w, "# %v\n", damaged); err != nil {
			return Replayed{}, err
		}
	}
	var done Replayed
	day := ""
	err = h.Records(ctx, r.seq, func(rec alerting.Record) error {
		same, err := r.replay(rec)
		if err != nil {
			return err
		}
		done.Records++
		if !same {
			done.Differ++
		}
		if rec.Seq < from {
			return nil
		}
		zone := r.machine.Plan().Zone
		if d := alerting.DayText(rec.At, zone); d != day {
			day = d
			if _, err := fmt.Fprintln(w, day); err != nil {
				return err
			}
		}
		number := func(id alerting.AlarmID) int { a, _ := r.machine.Alarm(id); return a.Number }
		if _, err := fmt.Fprintf(w, "%s %s\n", alerting.ClockText(rec.At, zone), alerting.InputText(r.input, number)); err != nil {
			return err
		}
		for _, e := range r.effects {
			if _, err := fmt.Fprintf(w, "\t%s\n", alerting.EffectText(e, zone)); err != nil {
				return err
			}
		}
		if !same {
			_, err = fmt.Fprintf(w, "\t# decided otherwise then, by version %d\n", rec.Version)
		}
		return err
	})
	return done, err
}
