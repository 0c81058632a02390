package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"telecare/alerting"
	"telecare/alerting/past"
	"telecare/gateway"
	"telecare/gateway/archive"
)

func (f folder) archive() string { return filepath.Join(string(f), "archive.db") }

// lookback finds alarms of any time: in an archive that is made of the journal
// while somebody looks, and is opened when somebody first does.
type lookback struct {
	path    string
	history gateway.History
	rest    func(worked time.Duration)
	log     *slog.Logger

	turn     chan struct{} // holds one while nobody reads the journal on
	archive  *archive.Archive
	follower *gateway.Follower
}

func newLookback(path string, h gateway.History, rest func(time.Duration), log *slog.Logger) *lookback {
	l := &lookback{path: path, history: h, rest: rest, log: log, turn: make(chan struct{}, 1)}
	l.turn <- struct{}{}
	return l
}

// patience is how long somebody waits for the journal to be read on before they
// are shown what there is.
const patience = 2 * time.Second

// follow brings the archive up to date, as far as that goes in a moment.
func (l *lookback) follow(ctx context.Context) (a *archive.Archive, until time.Time, done bool, err error) {
	select {
	case <-l.turn:
		defer func() { l.turn <- struct{}{} }()
	case <-ctx.Done():
		return nil, until, false, ctx.Err()
	}
	if l.archive == nil {
		if err := l.open(ctx); err != nil {
			return nil, until, false, err
		}
	}
	brief, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	until, done, err = l.follower.Follow(brief)
	if err == nil {
		err = l.archive.Err()
	}
	if err != nil {
		l.begin()
		return nil, until, false, err
	}
	return l.archive, until, done, nil
}

func (l *lookback) open(ctx context.Context) error {
	a, err := archive.Open(ctx, l.path)
	if err != nil {
		l.log.Error("the archive of alarms cannot be opened; a new one is made of the journal", "error", err)
		for _, suffix := range []string{"-wal", "-shm", ""} {
			_ = os.Remove(l.path + suffix) // opening says what is wrong
		}
		if a, err = archive.Open(ctx, l.path); err != nil {
			return err
		}
	}
	l.archive = a
	l.begin()
	return nil
}

// begin reads on from what was kept last.
func (l *lookback) begin() {
	a := l.archive
	_ = a.Err() // it begins anew behind it
	l.follower = &gateway.Follower{
		Past:  gateway.Past{History: l.history, Marks: a, Rest: l.rest},
		Fresh: a.Clear,
		Each: func(ctx context.Context, x gateway.Moment) error {
			if err := a.Err(); err != nil {
				return err
			}
			for _, e := range x.Effects {
				if c, ok := e.(alerting.Changed); ok {
					if err := a.Add(ctx, c); err != nil {
						return err
					}
				}
			}
			return nil
		},
	}
}

// Find implements dashboards.Lookback.
func (l *lookback) Find(ctx context.Context, q past.Query) (past.Page, error) {
	a, until, done, err := l.follow(ctx)
	if err != nil {
		return past.Page{}, fmt.Errorf("look back: %w", err)
	}
	alarms, more, err := a.Find(ctx, q)
	return past.Page{Alarms: alarms, More: more, Until: until, Behind: !done}, err
}

// Story implements dashboards.Lookback.
func (l *lookback) Story(ctx context.Context, id alerting.AlarmID) (*past.Story, error) {
	a, _, _, err := l.follow(ctx)
	if err != nil {
		return nil, fmt.Errorf("look back: %w", err)
	}
	return a.Story(ctx, id)
}

// close closes the archive.
func (l *lookback) close() error {
	<-l.turn // and nobody reads on after it
	if l.archive == nil {
		return nil
	}
	return l.archive.Close()
}
