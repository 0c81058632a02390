package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"telecare/alerting"
	"telecare/gateway/sqlite"
)

// Start reads a journal as a gateway does that starts. One with damage where it
// must be read would stand in the way for ever: whatever can be read behind the
// damage is given, too, the journal is set aside, whole, and a new one begins.
// The error is ErrFresh then.
type Start struct{ *Store }

// badRecord is a record that is missing or not what was written.
type badRecord struct {
	seq int64
	why string
}

func (b badRecord) Error() string { return fmt.Sprintf("journal: record %d %s", b.seq, b.why) }

// Records is Reader.Records, but for damage. What each makes of a record that
// comes behind damage counts for nothing; one that it cannot read is damage.
func (s Start) Records(ctx context.Context, after int64, each func(alerting.Record) error) error {
	j, err := s.open(ctx)
	if err != nil {
		return err
	}
	var refused error
	err = j.Records(ctx, after, func(rec alerting.Record) error {
		after = rec.Seq
		refused = each(rec)
		return refused
	})
	var newer interface{ Newer() bool }
	switch {
	case err == nil, ctx.Err() != nil, errors.As(err, &newer) && newer.Newer():
		return err
	case refused == nil && !sqlite.Damaged(err) && !errors.As(err, new(badRecord)):
		return err // the disk, and not what is on it
	}
	given := 0
	if e := j.rest(ctx, after, func(rec alerting.Record) {
		if each(rec) == nil {
			given++
		}
	}); e != nil {
		err = errors.Join(err, e)
	}
	s.log.Error("the journal is damaged behind a record; what can be read of the rest is in force", "record", after, "of the rest", given)
	return s.renew(err)
}

// outOfReach is how many records in a row that cannot be read end the rest: by
// then it is the tables above them that are damaged.
const outOfReach = 10_000

// rest calls each with the records after a number that can be read, one by one.
func (r *Reader) rest(ctx context.Context, after int64, each func(alerting.Record)) error {
	return r.db.Read(ctx, func(db *sql.DB) error {
		stmt, err := db.PrepareContext(ctx, "SELECT "+columns+" FROM records WHERE seq = ?")
		if err != nil {
			return err
		}
		defer stmt.Close()
		for seq, missed := after+1, 0; missed < outOfReach; seq++ {
			if err := ctx.Err(); err != nil {
				return err
			}
			row, err := scan(stmt.QueryRowContext(ctx, seq))
			if err != nil || row.bad != "" {
				missed++
				continue
			}
			missed = 0
			each(row.rec)
		}
		return nil
	})
}
