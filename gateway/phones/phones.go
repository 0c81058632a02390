// Package phones keeps which of people's phones ring by web push: one small file
// of subscriptions in the data folder, for nobody's eyes but ours.
//
// It guarantees that a phone that was added or removed is so on disk when that
// is said, and that who calls never waits for a disk: what is known is known in
// memory. The file is whole at any moment. What is removed is gone from it.
package phones

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	"telecare/alerting"
	"telecare/gateway/sqlite"
)

// MaxOf is how many phones a person may have.
const MaxOf = 5

// ErrTooMany says that somebody has so many.
var ErrTooMany = errors.New("this person has as many phones as there may be; remove one first")

// provenFor is for how long a phone that showed a message counts as one that
// works.
const provenFor = 31 * 24 * time.Hour

// Phone is a browser's subscription.
type Phone struct {
	ID       string          `json:"id"` // opaque
	Person   alerting.Person `json:"person"`
	Name     string          `json:"name"` // as its owner sees it: "Android, Chrome"
	Endpoint string          `json:"endpoint"`
	P256dh   []byte          `json:"p256dh"`
	Auth     []byte          `json:"auth"`
	Added    time.Time       `json:"added"`
	Shown    time.Time       `json:"shown,omitzero"` // when it last said that it showed a message
}

// Store is the file. Its methods may be called from any goroutine.
type Store struct {
	path string
	log  *slog.Logger
	bad  error // why it may not be written: what is in it would be lost

	writing sync.Mutex // over the file, and whoever changes it

	mu     sync.Mutex // never held over a disk
	phones []Phone
	kept   map[string]time.Time // Shown, as it is on disk
	gone   map[string]bool      // forgotten, and perhaps still in phones
	later  sync.WaitGroup
}

// Open reads the file, if there is one. The store is of use beside an error: then
// nobody has a phone, and none can be added.
func Open(path string, log *slog.Logger) (*Store, error) {
	s := &Store{path: path, log: log, kept: map[string]time.Time{}, gone: map[string]bool{}}
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err == nil {
		d := json.NewDecoder(bytes.NewReader(b))
		d.DisallowUnknownFields() // what a newer program has written is not thrown away
		err = d.Decode(&s.phones)
	}
	if err != nil {
		s.phones, s.bad = nil, fmt.Errorf("phones of %q cannot be read; put the file of a backup in its place, or move it away and have every phone switched on again: %w", path, err)
		return s, s.bad
	}
	for _, p := range s.phones {
		s.kept[p.ID] = p.Shown
	}
	return s, nil
}

// Close waits for what is still written.
func (s *Store) Close() error {
	s.later.Wait()
	return nil
}

// Of lists a person's phones, in the order in which they were added.
func (s *Store) Of(who alerting.Person) []Phone {
	return slices.DeleteFunc(s.All(), func(p Phone) bool { return p.Person != who })
}

// All lists them all.
func (s *Store) All() []Phone {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.phones), func(p Phone) bool { return s.gone[p.ID] })
}

// Add adds a phone. A browser that is there already becomes this person's: it has
// one subscription, and rings for whoever switched it on last.
func (s *Store) Add(p Phone) error {
	return s.change(func(all []Phone) ([]Phone, error) {
		all = slices.DeleteFunc(all, func(x Phone) bool { return x.Endpoint == p.Endpoint })
		n := 0
		for _, x := range all {
			if x.Person == p.Person {
				n++
			}
		}
		if n >= MaxOf {
			return nil, ErrTooMany
		}
		return append(all, p), nil
	})
}

// Remove removes a phone of a person; false: they have none of that id.
func (s *Store) Remove(who alerting.Person, id string) (bool, error) {
	if !slices.ContainsFunc(s.Of(who), func(p Phone) bool { return p.ID == id }) {
		return false, nil
	}
	return true, s.change(func(all []Phone) ([]Phone, error) {
		return slices.DeleteFunc(all, func(p Phone) bool { return p.ID == id && p.Person == who }), nil
	})
}

// Gone forgets a phone at once, and on disk in its own time.
func (s *Store) Gone(id string) {
	s.mu.Lock()
	s.gone[id] = true
	s.mu.Unlock()
	s.soon(func(all []Phone) ([]Phone, error) { return all, nil })
}

// Only forgets the phones of everybody who is not one of these.
func (s *Store) Only(known func(alerting.Person) bool) {
	for _, p := range s.All() {
		if !known(p.Person) {
			s.Gone(p.ID)
		}
	}
}

// Shown notes that a phone showed a message; on disk it is at most a day older.
func (s *Store) Shown(id string, at time.Time) {
	s.mu.Lock()
	old := true
	for i := range s.phones {
		if p := &s.phones[i]; p.ID == id && at.After(p.Shown) {
			p.Shown, old = at, at.Sub(s.kept[id]) < 24*time.Hour
		}
	}
	s.mu.Unlock()
	if !old {
		s.soon(func(all []Phone) ([]Phone, error) { return all, nil })
	}
}

// Proven reports whether a phone of somebody has lately shown a message.
func (s *Store) Proven(who alerting.Person, now time.Time) bool {
	return slices.ContainsFunc(s.Of(who), func(p Phone) bool { return now.Sub(p.Shown) < provenFor })
}

func (s *Store) soon(f func([]Phone) ([]Phone, error)) {
	s.later.Go(func() {
		if err := s.change(f); err != nil {
			s.log.Error("what became of a phone is not kept for the next start", "error", err)
		}
	})
}

// change puts other phones on disk and then in force.
func (s *Store) change(f func([]Phone) ([]Phone, error)) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.bad != nil {
		return s.bad
	}
	next, err := f(s.All())
	if err != nil {
		return err
	}
	if err := s.write(next); err != nil {
		return fmt.Errorf("keep the phones: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := map[string]time.Time{}
	for _, p := range s.phones {
		now[p.ID] = p.Shown
	}
	clear(s.kept)
	still := map[string]bool{}
	for i, p := range next {
		s.kept[p.ID] = p.Shown
		if now[p.ID].After(p.Shown) { // it showed one meanwhile
			next[i].Shown = now[p.ID]
		}
		if s.gone[p.ID] {
			still[p.ID] = true
		}
	}
	s.phones, s.gone = next, still
	return nil
}

// write puts the file in its place whole.
func (s *Store) write(all []Phone) error {
	b, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	return sqlite.Replace(s.path, b)
}
