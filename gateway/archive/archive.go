// Package archive keeps every alarm for those who look back, beside the journal
// and made of it. It guarantees:
//
//   - Alarms, and how far the journal was read for them, are committed together:
//     after any crash it goes on where it was.
//   - It has a file of its own and is in nobody's way: neither a press nor an
//     answer waits for it. All of it may be deleted; it is made anew.
//
// Only opaque ids are in it, as in the journal.
package archive

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"telecare/alerting"
	"telecare/alerting/past"
	"telecare/gateway/sqlite"
)

//go:embed migrations/*.sql
var files embed.FS

// Archive is an open archive. One goroutine adds to it; any number read.
type Archive struct {
	db *sqlite.DB
	// waiting are stories with steps that are not on disk yet.
	waiting map[alerting.AlarmID]*past.Story
	failed  error // why the newest ones could not be kept
}

// Open opens an archive, creating it when missing.
func Open(ctx context.Context, path string) (*Archive, error) {
	sub, err := fs.Sub(files, "migrations")
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	db, err := sqlite.Open(ctx, path, sub, sqlite.Options{})
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	return &Archive{db: db, waiting: map[alerting.AlarmID]*past.Story{}}, nil
}

// Close closes it. What was added and not kept is read from the journal again.
func (a *Archive) Close() error { return a.db.Close() }

// Clear forgets everything: it is of another journal.
func (a *Archive) Clear(ctx context.Context) error {
	clear(a.waiting)
	err := a.db.Write(ctx, func(tx *sql.Tx) error {
		for _, table := range []string{"alarms", "persons", "mark"} {
			if _, err := tx.Exec("DELETE FROM " + table); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("archive: clear: %w", err)
	}
	return nil
}

// Add takes in what happened to an alarm. It is on disk after the next Keep.
func (a *Archive) Add(ctx context.Context, c alerting.Changed) error {
	s := a.waiting[c.Alarm.ID]
	if s == nil {
		var err error
		if s, err = a.Story(ctx, c.Alarm.ID); err != nil {
			return err
		}
		if s == nil {
			s = new(past.Story)
		}
		a.waiting[c.Alarm.ID] = s
	}
	s.Add(c)
	return nil
}

// Waiting is how many alarms have something that is not on disk.
func (a *Archive) Waiting() int { return len(a.waiting) }

// Before gives the state of the machine that was kept last, whenever that was.
func (a *Archive) Before(time.Time) []byte {
	var b []byte
	_ = a.db.Read(context.Background(), func(db *sql.DB) error { // an error only costs time
		return db.QueryRow("SELECT mark FROM mark").Scan(&b)
	})
	return b
}

// Keep commits what waits, and the state of the machine that it goes with. Err
// says how that went.
func (a *Archive) Keep(at time.Time, mark []byte) {
	a.failed = a.db.Write(context.Background(), func(tx *sql.Tx) error {
		for _, id := range slices.Sorted(maps.Keys(a.waiting)) {
			if err := put(tx, a.waiting[id]); err != nil {
				return err
			}
		}
		_, err := tx.Exec("INSERT OR REPLACE INTO mark (one, at, mark) VALUES (1, ?, ?)", at.UnixNano(), mark)
		return err
	})
	if a.failed != nil {
		a.failed = fmt.Errorf("archive: %w", a.failed)
		return
	}
	clear(a.waiting)
}

// Err is why the newest Keep failed: what was added since the one before has to
// be added again.
func (a *Archive) Err() error {
	err := a.failed
	if err != nil {
		clear(a.waiting)
	}
	a.failed = nil
	return err
}

func put(tx *sql.Tx, s *past.Story) error {
	story, err := s.Encode()
	if err != nil {
		return err
	}
	x := s.Newest()
	who := map[string]bool{}
	for _, c := range x.Calls {
		who[string(c.To)] = true
	}
	for _, e := range x.History {
		who[string(e.Who)], who[string(e.To)] = true, true
	}
	for _, r := range x.Residents {
		who[string(r)] = true
	}
	delete(who, "")
	x.History, x.Calls = nil, nil
	alarm, err := json.Marshal(x)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT OR REPLACE INTO alarms (id, raised, number, technical, kind, state, outcome, place, device, alarm, story)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		x.ID, x.RaisedAt.UnixNano(), x.Number, x.Faults != nil, string(x.Kind), string(x.State), string(x.Counted()), string(x.Place), string(x.Device), alarm, story)
	if err != nil {
		return err
	}
	for _, p := range slices.Sorted(maps.Keys(who)) {
		if _, err := tx.Exec("INSERT OR IGNORE INTO persons (alarm, person) VALUES (?, ?)", x.ID, p); err != nil {
			return err
		}
	}
	return nil
}

// Story reads what is kept of an alarm; nil when nothing is.
func (a *Archive) Story(ctx context.Context, id alerting.AlarmID) (*past.Story, error) {
	var b []byte
	err := a.db.Read(ctx, func(db *sql.DB) error {
		err := db.QueryRowContext(ctx, "SELECT story FROM alarms WHERE id = ?", string(id)).Scan(&b)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("archive: alarm %q: %w", id, err)
	}
	if b == nil {
		return nil, nil
	}
	return past.Decode(b)
}

// Find lists alarms, the newest first, without their history and calls.
func (a *Archive) Find(ctx context.Context, q past.Query) (alarms []alerting.Alarm, more bool, err error) {
	where, args := conditions(q)
	err = a.db.Read(ctx, func(db *sql.DB) error {
		alarms = nil
		rows, err := db.QueryContext(ctx, "SELECT alarm FROM alarms WHERE "+where+" ORDER BY raised DESC, id DESC LIMIT ?", append(args, q.Limit+1)...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var b []byte
			if err := rows.Scan(&b); err != nil {
				return err
			}
			var x alerting.Alarm
			if err := json.Unmarshal(b, &x); err != nil {
				return err
			}
			alarms = append(alarms, x)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, false, fmt.Errorf("archive: find: %w", err)
	}
	if more = len(alarms) > q.Limit; more {
		alarms = alarms[:q.Limit]
	}
	return alarms, more, nil
}

// conditions say a query in SQL. Values are never part of its text.
func conditions(q past.Query) (where string, args []any) {
	var all []string
	and := func(cond string, values ...any) {
		all = append(all, cond)
		args = append(args, values...)
	}
	and("technical = ?", q.Technical)
	if !q.From.IsZero() {
		and("raised >= ?", q.From.UnixNano())
	}
	if !q.Until.IsZero() {
		and("raised < ?", q.Until.UnixNano())
	}
	for _, x := range []struct{ col, value string }{
		{"kind", q.Kind}, {"state", string(q.State)}, {"outcome", string(q.Outcome)}, {"place", string(q.Place)}, {"device", q.Device},
	} {
		if x.value != "" {
			and(x.col+" = ?", x.value)
		}
	}
	if q.Open {
		and("state <> ?", string(alerting.Closed))
	}
	if q.Number != 0 {
		and("number = ?", q.Number)
	}
	const of = "id IN (SELECT alarm FROM persons WHERE person = ?)"
	for _, p := range []alerting.Person{q.Person, q.Mine} {
		if p != "" {
			and(of, string(p))
		}
	}
	if q.Any != nil {
		some := []string{"0"}
		or := func(cond string, value any) {
			some = append(some, cond)
			args = append(args, value)
		}
		for _, n := range q.Any.Numbers {
			or("number = ?", n)
		}
		for _, p := range q.Any.Places {
			or("place = ?", string(p))
		}
		for _, d := range q.Any.Devices {
			or("device = ?", d)
		}
		for _, p := range q.Any.People {
			or(of, string(p))
		}
		for _, r := range q.Any.Residents {
			or(of, string(r))
		}
		all = append(all, "("+strings.Join(some, " OR ")+")")
	}
	if q.After.ID != "" {
		and("(raised, id) < (?, ?)", q.After.Raised.UnixNano(), string(q.After.ID))
	}
	return strings.Join(all, " AND "), args
}
