package mqtt

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestSessionName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "session")
	now := time.Date(2026, 3, 1, 2, 10, 0, 0, time.UTC)
	name := func(s *session, kept bool, wantErr string) string {
		t.Helper()
		now = now.Add(time.Second)
		n, err := s.name(kept, now)
		if wantErr == "" && err != nil || wantErr != "" && (err == nil || !strings.Contains(err.Error(), wantErr)) {
			t.Errorf("error %v, want %q", err, wantErr)
		}
		if !strings.HasPrefix(n, "house/") || n == "house/" {
			t.Errorf("name %q", n)
		}
		return n
	}
	begin := func(path string) *session { return &session{source: "house", path: path, wait: time.Minute} }

	s := begin(path)
	first := name(s, false, "")
	if name(s, true, "") != first {
		t.Error("another name for the same session")
	}
	if name(begin(path), true, "") != first {
		t.Error("another name for the same session after our restart")
	}
	if name(s, false, "") == first {
		t.Error("the same name for a session that began anew")
	}
	if name(begin(path), false, "") == first {
		t.Error("the same name for a session that began anew while we were away")
	}
	if err := os.WriteFile(path, []byte("\x00half"), 0o600); err != nil {
		t.Fatal(err)
	}
	damaged := name(begin(path), true, "damaged")
	if name(begin(path), true, "") != damaged {
		t.Error("the new name was not kept")
	}
	memory := begin("")
	once := name(memory, true, "")
	if name(memory, true, "") != once {
		t.Error("another name in memory")
	}
	name(begin(filepath.Join(path, "nowhere")), false, "keep the session's name")
	left, err := filepath.Glob(path + ".*")
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestSessionLeavesASlowDiskBehind(t *testing.T) {
	s := &session{source: "house", path: "x", wait: time.Millisecond}
	hang := make(chan struct{})
	defer close(hang)
	if _, err := s.within(func() (string, error) { <-hang; return "", nil }); err == nil {
		t.Error("waited for the disk")
	}
}
