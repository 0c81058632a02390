package gatewaytest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// witness keeps what a helper says against the test.
type witness struct {
	testing.TB
	mu   sync.Mutex
	said []string
}

func (w *witness) Errorf(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said = append(w.said, fmt.Sprintf(format, args...))
}

// A phone that accepted anything would prove nothing.
func TestPhoneChecksWhatItGets(t *testing.T) {
	const body = `{"version":1,"id":"n-1"}`
	secret := []byte("secret")
	now := strconv.FormatInt(time.Now().Unix(), 10)
	sign := func(secret []byte, stamp, body string) string {
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(stamp + "." + body))
		return "sha256=" + hex.EncodeToString(mac.Sum(nil))
	}
	type call struct{ body, stamp, signature, key string }
	for _, c := range []struct {
		name  string
		spoil func(*call)
		want  string // "" is accepted
	}{
		{"good", func(*call) {}, ""},
		{"other secret", func(c *call) { c.signature = sign([]byte("x"), now, body) }, "signature"},
		{"other body", func(c *call) { c.body = `{"version":1,"id":"n-2"}` }, "signature"},
		{"unsigned", func(c *call) { c.signature = "" }, "signature"},
		{"old", func(c *call) { c.stamp = "1"; c.signature = sign(secret, "1", body) }, "timestamp"},
		{"other key", func(c *call) { c.key = "n-2" }, "idempotency key"},
		{"other version", func(c *call) {
			c.body = `{"version":2,"id":"n-1"}`
			c.signature = sign(secret, now, c.body)
		}, "version"},
	} {
		w := &witness{TB: t}
		phone := NewPhone(w, secret)
		sent := call{body, now, sign(secret, now, body), "n-1"}
		c.spoil(&sent)
		req, err := http.NewRequest(http.MethodPost, phone.URL, strings.NewReader(sent.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("X-Telecare-Timestamp", sent.stamp)
		req.Header.Set("X-Telecare-Signature", sent.signature)
		req.Header.Set("Idempotency-Key", sent.key)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		phone.hangUp()
		said := strings.Join(w.said, "; ")
		if c.want == "" && (said != "" || len(phone.Rang()) != 1) || c.want != "" && (!strings.Contains(said, c.want) || len(phone.Rang()) != 0) {
			t.Errorf("%s: said %q, rang %d times", c.name, said, len(phone.Rang()))
		}
	}
}
