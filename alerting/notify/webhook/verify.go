package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The headers of a call.
const (
	HeaderKey       = "Idempotency-Key"      // the same key is the same call: ring once
	HeaderTimestamp = "X-Telecare-Timestamp" // when this try was made, in seconds since 1970
	HeaderSignature = "X-Telecare-Signature" // "sha256=" and HMAC-SHA256(secret, timestamp + "." + body) in hex
)

// Why a request is not a call of ours, or not a fresh one.
var (
	ErrSignature = errors.New("signature is missing or wrong")
	ErrStale     = errors.New("timestamp is missing or too far from now; check both clocks")
)

// Verify is for receivers: it reports whether a request was made by somebody
// who knows the secret, not longer than maxAge before now, and not longer after
// it, for clocks differ. body is the request's, byte for byte. It does not know
// repeats: within maxAge a request may come again, so the receiver keeps the
// idempotency keys it has seen.
func Verify(secret []byte, header http.Header, body []byte, now time.Time, maxAge time.Duration) error {
	timestamp, ok := one(header, HeaderTimestamp)
	if !ok {
		return ErrStale
	}
	given, ok := one(header, HeaderSignature)
	if !ok || len(secret) == 0 {
		return ErrSignature
	}
	// The signature first: an unsigned timestamp says nothing.
	if !hmac.Equal([]byte(given), []byte(signature(secret, timestamp, body))) {
		return ErrSignature
	}
	// Canonical digits only, as we write them.
	at, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || strconv.FormatInt(at, 10) != timestamp {
		return ErrStale
	}
	// Sub saturates, so that an absurd time is far away and never near.
	if age := now.Sub(time.Unix(at, 0)); age > maxAge || age < -maxAge {
		return ErrStale
	}
	return nil
}

// one gives a header that must be there exactly once, as a proxy that folds two
// into one must not choose for us.
func one(h http.Header, name string) (string, bool) {
	v := h.Values(name)
	if len(v) != 1 || strings.TrimSpace(v[0]) == "" {
		return "", false
	}
	return v[0], true
}

func signature(secret []byte, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(timestamp))
	mac.Write([]byte("."))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}
