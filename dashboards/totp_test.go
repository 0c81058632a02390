package dashboards

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// The vectors of RFC 6238, Appendix B (SHA-1), by their last six digits.
func TestCodesOfTheRFC(t *testing.T) {
	s := &Second{Secret: []byte("12345678901234567890")}
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		if got := s.code(uint64(at / 30)); got != want {
			t.Errorf("at %d the code is %s, want %s", at, got, want)
		}
	}
}

// A code is good for its time, a step before and after, and once; a code on
// paper once; over a restart too.
func TestCodesAreUsedUp(t *testing.T) {
	paper := "ABCD-EFGH-IJKL-MNOP"
	s := &Second{Secret: []byte("12345678901234567890"), Recovery: [][sha256.Size]byte{RecoveryHash(paper)}}
	now := time.Unix(1234567890, 0)
	step := uint64(now.Unix() / 30)
	fresh := func() *usedCodes { return &usedCodes{by: map[string]*usedUp{}, changed: func() {}} }
	for off, want := range map[int]bool{-2: false, -1: true, 0: true, 1: true, 2: false} {
		if got := fresh().take("adam", s, s.code(uint64(int(step)+off)), now); got != want {
			t.Errorf("a code of %+d steps is %v", off, got)
		}
	}
	u := fresh()
	if !u.take("adam", s, s.code(step), now) || u.take("adam", s, s.code(step), now) || u.take("adam", s, s.code(step-1), now) {
		t.Error("a code, or one before it, is good twice")
	}
	if !u.take("eva", s, s.code(step), now) {
		t.Error("another's code was used up")
	}
	for _, wrong := range []string{"", "000000", "12345", "1234567", "abcdef", paper[:10], strings.Repeat("A", 16)} {
		if u.take("adam", s, wrong, now.Add(time.Hour)) {
			t.Errorf("%q is a code", wrong)
		}
	}
	if !u.take("adam", s, "abcd efgh ijkl mnop", now) || u.take("adam", s, paper, now) {
		t.Error("a code on paper is not good once")
	}
	later := fresh()
	if err := later.restore(u.kept()); err != nil {
		t.Fatal(err)
	}
	if later.take("adam", s, s.code(step), now) || later.take("adam", s, paper, now) {
		t.Error("after a restart codes are good again")
	}
	if !later.take("adam", s, s.code(step+2), now.Add(time.Minute)) {
		t.Error("the next code is not good")
	}
}

// Who has a second factor gets nowhere by the password alone.
func TestSignInWithACode(t *testing.T) {
	second := &Second{Secret: []byte("12345678901234567890")}
	kept := &drawer{}
	with := func(o *Options) {
		o.Codes = kept
		for i := range o.Accounts {
			if o.Accounts[i].Name == "adam" {
				o.Accounts[i].Second = second
			}
		}
	}
	h := newHouse(t, newWard(same), with)
	c := h.caller(t, "")
	body := func(password, code string) string {
		return fmt.Sprintf(`{"name":"adam","password":%q,"code":%q}`, password, code)
	}
	now := func(off int) string { return second.code(uint64(time.Now().Unix()/30) + uint64(off)) }
	if text := c.want(401, "POST", "/api/v1/session", `{"name":"adam","password":"`+wardWord+`"}`); !strings.Contains(text, `"code_needed"`) {
		t.Errorf("without a code: %s", text)
	}
	// By a wrong password nobody learns that there is one, and no code is used up.
	if text := c.want(401, "POST", "/api/v1/session", body("wrong", now(0))); !strings.Contains(text, `"wrong_password"`) {
		t.Errorf("a wrong password: %s", text)
	}
	if text := c.want(401, "POST", "/api/v1/session", body(wardWord, "000000")); !strings.Contains(text, `"wrong_code"`) {
		t.Errorf("a wrong code: %s", text)
	}
	c.want(401, "GET", "/api/v1/session", "")
	good := now(1) // good for longer than this takes
	c.want(200, "POST", "/api/v1/session", body(wardWord, good))
	c.want(200, "GET", "/api/v1/session", "")
	h.Close()
	again := newHouse(t, newWard(same), with).caller(t, "")
	again.want(401, "POST", "/api/v1/session", body(wardWord, good))
	// Guessing codes is trying passwords.
	tries := 0
	for range 20 {
		if status, _ := h.from("192.0.2.1:1", "adam", wardWord, nil); status == 401 {
			tries++
		}
	}
	if tries > maxFailures {
		t.Errorf("codes can be tried %d times a minute", tries)
	}
	broken := &drawer{broken: errors.New("no disk")}
	ill := newHouse(t, newWard(same), func(o *Options) { with(o); o.Codes = broken })
	ill.caller(t, "").want(200, "POST", "/api/v1/session", body(wardWord, now(1)))
}
