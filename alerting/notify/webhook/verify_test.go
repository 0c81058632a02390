package webhook_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"testing"
	"time"

	"telecare/alerting/notify/webhook"
)

var now = time.Unix(1_790_000_000, 0)

// sign is the documentation's rule once more, apart from the package's code.
func sign(secret []byte, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(timestamp + "." + string(body)))
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

func signed(timestamp string, body []byte) http.Header {
	h := http.Header{}
	h.Set("X-Telecare-Timestamp", timestamp)
	h.Set("X-Telecare-Signature", sign(secret, timestamp, body))
	return h
}

func TestVerify(t *testing.T) {
	body := []byte(`{"version":1}`)
	at := func(d time.Duration) string { return strconv.FormatInt(now.Add(d).Unix(), 10) }
	// From `printf '%s' '1790000000.{"version":1}' | openssl dgst -sha256 -hmac 'a secret shared with the phone'`.
	const independent = "sha256=68a4a9fc135c2cf333dce7b8d189e19dd91d628696ef0260fd3691ad28523b41"
	fresh := signed(at(0), body)
	if got := fresh.Get("X-Telecare-Signature"); got != independent {
		t.Errorf("signature %s, want %s", got, independent)
	}
	for _, c := range []struct {
		name   string
		header http.Header
		body   []byte
		secret []byte
		want   error
	}{
		{"fresh", fresh, body, secret, nil},
		{"at the edge", signed(at(-5*time.Minute), body), body, secret, nil},
		{"too old", signed(at(-5*time.Minute-time.Second), body), body, secret, webhook.ErrStale},
		{"from a clock ahead", signed(at(5*time.Minute), body), body, secret, nil},
		{"too far ahead", signed(at(5*time.Minute+time.Second), body), body, secret, webhook.ErrStale},
		{"other body", fresh, []byte(`{"version":2}`), secret, webhook.ErrSignature},
		{"other secret", fresh, body, []byte("x"), webhook.ErrSignature},
		{"no secret", fresh, body, nil, webhook.ErrSignature},
		{"no headers", http.Header{}, body, secret, webhook.ErrStale},
		{"no signature", http.Header{"X-Telecare-Timestamp": {at(0)}}, body, secret, webhook.ErrSignature},
		{"two timestamps", http.Header{"X-Telecare-Timestamp": {at(0), at(1)}, "X-Telecare-Signature": fresh["X-Telecare-Signature"]}, body, secret, webhook.ErrStale},
		{"later timestamp", http.Header{"X-Telecare-Timestamp": {at(time.Second)}, "X-Telecare-Signature": fresh["X-Telecare-Signature"]}, body, secret, webhook.ErrSignature},
		{"words", signed("now", body), body, secret, webhook.ErrStale},
		{"signed number", signed("+"+at(0), body), body, secret, webhook.ErrStale},
		{"the end of time", signed("9223372036854775807", body), body, secret, webhook.ErrStale},
		{"its beginning", signed("-9223372036854775808", body), body, secret, webhook.ErrStale},
		{"beyond", signed("9223372036854775808", body), body, secret, webhook.ErrStale},
	} {
		if err := webhook.Verify(c.secret, c.header, c.body, now, 5*time.Minute); !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
}

// Whatever comes, what Verify accepts was signed with the secret and is fresh.
func FuzzVerify(f *testing.F) {
	body := []byte(`{"version":1}`)
	f.Add("1790000000", sign(secret, "1790000000", body), body)
	f.Add("1790000300", sign(secret, "1790000300", body), body)
	f.Add("9223372036854775807", sign(secret, "9223372036854775807", body), body)
	f.Add("", "sha256=", []byte{})
	f.Add("1790000000", "sha256=zz", body)
	f.Fuzz(func(t *testing.T, timestamp, signature string, body []byte) {
		h := http.Header{"X-Telecare-Timestamp": {timestamp}, "X-Telecare-Signature": {signature}}
		accepted := webhook.Verify(secret, h, body, now, 5*time.Minute) == nil
		n, err := strconv.ParseInt(timestamp, 10, 64)
		fresh := err == nil && n >= now.Unix()-300 && n <= now.Unix()+300
		if accepted && (!fresh || signature != sign(secret, timestamp, body)) {
			t.Errorf("accepted timestamp %q, signature %q", timestamp, signature)
		}
		// And rightly signed, fresh ones are always accepted.
		if fresh && strconv.FormatInt(n, 10) == timestamp {
			if err := webhook.Verify(secret, signed(timestamp, body), body, now, 5*time.Minute); err != nil {
				t.Errorf("refused a good one of %q: %v", timestamp, err)
			}
		}
	})
}
