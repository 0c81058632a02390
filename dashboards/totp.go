package dashboards

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Second is what somebody has beside a password: a device that shows codes
// (RFC 6238: SHA-1, six digits, thirty seconds, as all such devices can), and
// codes on paper for the day it is lost.
type Second struct {
	Secret   []byte              // at least 128 bits [RFC 4226, 4 R6]
	Recovery [][sha256.Size]byte // of the codes on paper, each of which is good once
	own      bool                // its owner has set it up on the page
}

// NewSecond makes one for an account, without codes on paper.
func NewSecond() *Second {
	secret := make([]byte, sha1.Size) // as long as what is made of it [RFC 4226, 4 R6]
	rand.Read(secret)
	return &Second{Secret: secret}
}

// papers is how many codes on paper there are.
const papers = 8

// Papers makes codes on paper, each with 80 random bits. What is known of them
// is in Recovery; they themselves are nowhere kept.
func (s *Second) Papers() (codes []string) {
	s.Recovery = nil
	for range papers {
		c := rand.Text()[:16]
		codes = append(codes, c[:4]+"-"+c[4:8]+"-"+c[8:12]+"-"+c[12:])
		s.Recovery = append(s.Recovery, RecoveryHash(c))
	}
	return codes
}

// URI is the secret as devices take it from a picture or a link, with what they
// call it. [Google Authenticator, Key Uri Format] Blanks are %20: some show a +.
func (s *Second) URI(site, account string) string {
	q := strings.ReplaceAll(url.Values{"secret": {SecretText(s.Secret)}, "issuer": {site}}.Encode(), "+", "%20")
	return "otpauth://totp/" + url.PathEscape(site) + ":" + url.PathEscape(account) + "?" + q
}

// code is the six digits of a time step. [RFC 4226, 5.3]
func (s *Second) code(step uint64) string {
	m := hmac.New(sha1.New, s.Secret)
	_ = binary.Write(m, binary.BigEndian, step) // a hash takes everything
	sum := m.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[at:at+4])&0x7fffffff%1_000_000)
}

const (
	stepTime = 30 * time.Second
	drift    = 1 // steps that a device's clock may be before or behind
)

// usedCodes are the codes that were good once. They are kept over a restart.
type usedCodes struct {
	mu      sync.Mutex
	by      map[string]*usedUp // by the account's name
	changed func()
}

type usedUp struct {
	Step     uint64   `json:"step"` // that was used last; it and all before are over
	Recovery []string `json:"recovery,omitempty"`
}

// take reports whether a code is good now, and uses it up. A step is over once a
// later one was used [RFC 6238, 5.2].
func (u *usedCodes) take(name string, s *Second, given string, now time.Time) bool {
	given = strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(given))
	u.mu.Lock()
	defer u.mu.Unlock()
	was := u.by[name]
	if was == nil {
		was = &usedUp{}
	}
	if len(given) == 6 {
		step := uint64(now.Unix() / int64(stepTime/time.Second))
		for at := step - drift; at <= step+drift; at++ {
			if subtle.ConstantTimeCompare([]byte(s.code(at)), []byte(given)) == 1 && at > was.Step {
				was.Step = at
				u.by[name] = was
				u.changed()
				return true
			}
		}
		return false
	}
	sum := RecoveryHash(given)
	for _, r := range s.Recovery {
		text := hex.EncodeToString(r[:])
		if subtle.ConstantTimeCompare(sum[:], r[:]) != 1 {
			continue
		}
		for _, old := range was.Recovery {
			if old == text {
				return false
			}
		}
		was.Recovery = append(was.Recovery, text)
		u.by[name] = was
		u.changed()
		return true
	}
	return false
}

// RecoveryHash is what is known of a code on paper: it has 80 random bits, so
// nothing slower is needed.
func RecoveryHash(code string) [sha256.Size]byte {
	return sha256.Sum256([]byte(strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(code))))
}

func (u *usedCodes) kept() []byte {
	u.mu.Lock()
	defer u.mu.Unlock()
	b, err := json.Marshal(u.by)
	if err != nil {
		panic(err) // it is texts and numbers
	}
	return b
}

func (u *usedCodes) restore(b []byte) error {
	if len(bytes.TrimSpace(b)) == 0 {
		return nil
	}
	by := map[string]*usedUp{}
	if err := json.Unmarshal(b, &by); err != nil {
		return fmt.Errorf("the codes that were used before the start: %w", err)
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	for name, x := range by {
		if x != nil {
			u.by[name] = x
		}
	}
	return nil
}

// SecretText is a secret as devices take it.
func SecretText(secret []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}
