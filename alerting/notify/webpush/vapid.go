package webpush

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"
)

// Keys are what a push service knows us by. A browser's subscription is bound to
// them: with others it is worth nothing.
type Keys struct {
	private *ecdsa.PrivateKey
	public  []byte
}

// NewKeys makes some.
func NewKeys() (*Keys, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make keys for web push: %w", err)
	}
	return keysOf(private)
}

// ParseKeys reads what Bytes gave.
func ParseKeys(b []byte) (*Keys, error) {
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), b)
	if err != nil {
		return nil, errors.New("these are no keys for web push: want the 32 bytes that were made here")
	}
	return keysOf(private)
}

func keysOf(private *ecdsa.PrivateKey) (*Keys, error) {
	public, err := private.PublicKey.Bytes()
	if err != nil {
		return nil, fmt.Errorf("keys for web push: %w", err)
	}
	return &Keys{private, public}, nil
}

// Bytes is what is kept, and kept secret.
func (k *Keys) Bytes() ([]byte, error) { return k.private.Bytes() }

// Public is what a page subscribes with (applicationServerKey), in base64url.
func (k *Keys) Public() string { return b64.EncodeToString(k.public) }

var b64 = base64.RawURLEncoding

// tokenFor is how long a token counts; a push service takes 24 h at most. [RFC 8292 2]
const tokenFor = 12 * time.Hour

// authorization says to a push service who sends, for itself alone. [RFC 8292 2, 3]
func (k *Keys) authorization(endpoint *url.URL, subject string, now time.Time) (string, error) {
	claims, err := json.Marshal(struct {
		Audience string `json:"aud"`
		Expires  int64  `json:"exp"`
		Subject  string `json:"sub"`
	}{endpoint.Scheme + "://" + endpoint.Host, now.Add(tokenFor).Unix(), subject})
	if err != nil {
		return "", err
	}
	what := b64.EncodeToString([]byte(`{"typ":"JWT","alg":"ES256"}`)) + "." + b64.EncodeToString(claims)
	sum := sha256.Sum256([]byte(what))
	r, s, err := ecdsa.Sign(rand.Reader, k.private, sum[:])
	if err != nil {
		return "", err
	}
	var signature [64]byte // r and s side by side. [RFC 7518 3.4]
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return "vapid t=" + what + "." + b64.EncodeToString(signature[:]) + ", k=" + k.Public(), nil
}
