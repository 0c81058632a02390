package phones

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"telecare/alerting"
)

func opened(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(path, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func phone(id string, who alerting.Person) Phone {
	return Phone{ID: id, Person: who, Name: "Android", Endpoint: "https://push.example.org/" + id, P256dh: []byte("p"), Auth: []byte("a"), Added: time.Date(2026, 2, 3, 2, 0, 0, 0, time.UTC)}
}

func add(t *testing.T, s *Store, p Phone) {
	t.Helper()
	if err := s.Add(p); err != nil {
		t.Fatal(err)
	}
}

func names(all []Phone) string {
	var out []string
	for _, p := range all {
		out = append(out, p.ID+" of "+string(p.Person))
	}
	return strings.Join(out, ", ")
}

// What was added is there after a start, for nobody else to read; what was
// removed or forgotten is not, nor in the file.
func TestKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "phones.json")
	s := opened(t, path)
	for _, id := range []string{"1", "2", "3", "4"} {
		add(t, s, phone(id, "marta"))
	}
	add(t, s, phone("9", "jan"))
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
	if ok, err := s.Remove("jan", "1"); ok || err != nil {
		t.Error("jan removes marta's:", ok, err)
	}
	if ok, err := s.Remove("marta", "1"); !ok || err != nil {
		t.Error(ok, err)
	}
	s.Gone("2")
	if got := names(s.Of("marta")); got != "3 of marta, 4 of marta" {
		t.Errorf("marta has %q", got)
	}
	s.Only(func(p alerting.Person) bool { return p == "marta" })
	s.Shown("3", time.Date(2026, 2, 4, 2, 0, 0, 0, time.UTC))
	s.Close()
	s = opened(t, path)
	if got := names(s.All()); got != "3 of marta, 4 of marta" || s.All()[0].Shown.IsZero() || !s.All()[1].Shown.IsZero() {
		t.Errorf("after a start: %q", got)
	}
	if b, err := os.ReadFile(path); err != nil || strings.Contains(string(b), "example.org/9") || strings.Contains(string(b), "example.org/2") {
		t.Errorf("%s, %v", b, err)
	}
}

func TestAdd(t *testing.T) {
	s := opened(t, filepath.Join(t.TempDir(), "phones.json"))
	for i := range MaxOf {
		add(t, s, phone(fmt.Sprint(i), "marta"))
	}
	if err := s.Add(phone("x", "marta")); !errors.Is(err, ErrTooMany) || len(s.Of("marta")) != MaxOf {
		t.Error(err)
	}
	same := phone("y", "marta")
	same.Endpoint = "https://push.example.org/0"
	add(t, s, same)
	same.ID, same.Person = "z", "jan"
	add(t, s, same)
	if got := names(s.All()); got != "1 of marta, 2 of marta, 3 of marta, 4 of marta, z of jan" {
		t.Errorf("there are %q", got)
	}
}

func TestProven(t *testing.T) {
	s := opened(t, filepath.Join(t.TempDir(), "phones.json"))
	add(t, s, phone("1", "marta"))
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	if s.Proven("marta", now) {
		t.Error("proven by nothing")
	}
	s.Shown("1", now)
	if !s.Proven("marta", now.Add(30*24*time.Hour)) || s.Proven("marta", now.Add(32*24*time.Hour)) || s.Proven("jan", now) {
		t.Error("proven at a wrong time")
	}
	s.Close()
}

// A file that cannot be understood is left as it is, and people are called by
// their other contacts.
func TestUnreadable(t *testing.T) {
	for _, text := range []string{"{", `[{"id":"1","later":true}]`, "\x00\x00"} {
		path := filepath.Join(t.TempDir(), "phones.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(path, slog.New(slog.DiscardHandler))
		if err == nil || len(s.All()) != 0 {
			t.Fatalf("%q: %v", text, err)
		}
		if s.Add(phone("1", "marta")) == nil {
			t.Error("one is added all the same")
		}
		s.Gone("1")
		s.Close()
		if b, err := os.ReadFile(path); err != nil || string(b) != text {
			t.Errorf("%q: now %q, %v", text, b, err)
		}
	}
	// A folder that cannot be written: what was not kept is not said to be.
	folder := filepath.Join(t.TempDir(), "data")
	s := opened(t, filepath.Join(folder, "phones.json"))
	if s.Add(phone("1", "marta")) == nil || len(s.All()) != 0 {
		t.Error("added, and not on disk")
	}
}

// Whoever comes and goes at once, what is in memory is on disk in the end.
func TestAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "phones.json")
	s := opened(t, path)
	var wait sync.WaitGroup
	for i := range 8 {
		who := alerting.Person(fmt.Sprint("p", i))
		wait.Go(func() {
			for j := range 3 {
				id := fmt.Sprint(i, "-", j)
				if err := s.Add(phone(id, who)); err != nil {
					t.Error(err)
				}
				s.Shown(id, time.Date(2026, 2, 4, 0, 0, 0, 0, time.UTC))
				if j == 1 {
					s.Gone(id)
				}
			}
		})
	}
	wait.Wait()
	s.Close()
	if len(s.All()) != 16 {
		t.Errorf("%d phones", len(s.All()))
	}
	kept := opened(t, path)
	if names(kept.All()) != names(s.All()) {
		t.Errorf("kept %q, known %q", names(kept.All()), names(s.All()))
	}
	for _, p := range kept.All() {
		if p.Shown.IsZero() {
			t.Errorf("%s has shown nothing", p.ID)
		}
	}
}
