package tiny

import (
	"testing"
	"time"
)

func TestBell(t *testing.T) {
	at := time.Date(2026, 11, 17, 3, 0, 0, 0, time.UTC)
	b := bell{last: at}
	if b.press(at.Add(30*time.Second), false) || !b.press(at.Add(31*time.Second), true) || b.press(at.Add(80*time.Second), false) || !b.press(at.Add(2*time.Minute), false) {
		t.Fatal("rang when it should not have, or did not")
	}
	if b.rings != 4 {
		t.Fatalf("rang %d times", b.rings)
	}
}
