package gatewaytest

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// PushService is a push service of browsers, and the browsers behind it: it takes
// what is sent to them as RFC 8030 says, lets in who is known by RFC 8292, and
// decrypts by RFC 8291. It is written from those and shares nothing with what
// sends.
type PushService struct {
	*httptest.Server
	Pushed chan Push // what was taken, in order

	t        testing.TB
	mu       sync.Mutex
	browsers map[string]*Subscriber
}

// Subscriber is a browser that has subscribed.
type Subscriber struct {
	Endpoint, P256dh, Auth string // as PushSubscription.toJSON has them

	key    *ecdh.PrivateKey
	auth   []byte
	public string // the one key whose owner may send, in base64url
	status int    // what it is answered with; 0 is 201
	after  string // Retry-After
}

// Push is a message that a browser was sent.
type Push struct {
	To             string // the endpoint
	Topic, Urgency string
	TTL            int
	Length         int // of what the service sees
	Text           []byte
	Subject        string // whom the service may turn to
}

var b64url = base64.RawURLEncoding.Strict()

// NewPushService starts one, with TLS.
func NewPushService(t testing.TB) *PushService {
	s := &PushService{Pushed: make(chan Push, 1000), t: t, browsers: map[string]*Subscriber{}}
	s.Server = httptest.NewTLSServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

// CAFile is a file with the authority to trust.
func (s *PushService) CAFile() string {
	s.t.Helper()
	file := filepath.Join(s.t.TempDir(), "push.crt")
	b := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	if err := os.WriteFile(file, b, 0o600); err != nil {
		s.t.Fatal(err)
	}
	return file
}

// Subscribe makes a browser that the owner of an application server key alone may
// send to.
func (s *PushService) Subscribe(public string) *Subscriber {
	s.t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		s.t.Fatal(err)
	}
	b := &Subscriber{key: key, auth: make([]byte, 16), public: public}
	rand.Read(b.auth)
	name := "/push/" + rand.Text()
	b.Endpoint, b.P256dh, b.Auth = s.URL+name, b64url.EncodeToString(key.PublicKey().Bytes()), b64url.EncodeToString(b.auth)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.browsers[name] = b
	return b
}

// Answer has a browser's messages answered with a status from now on.
func (s *PushService) Answer(b *Subscriber, status int, retryAfter string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b.status, b.after = status, retryAfter
}

func (s *PushService) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	b := s.browsers[r.URL.Path]
	var to Subscriber
	if b != nil {
		to = *b
	}
	s.mu.Unlock()
	switch {
	case b == nil:
		http.NotFound(w, r)
		return
	case to.status != 0:
		w.Header().Set("Retry-After", to.after)
		w.WriteHeader(to.status)
		return
	}
	p, err := s.read(r, to)
	if err != nil {
		s.t.Errorf("the push service was sent: %v", err)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	select {
	case s.Pushed <- p:
	default:
	}
	w.Header().Set("Location", to.Endpoint+"/message")
	w.WriteHeader(http.StatusCreated)
}

// read takes a request of RFC 8030, section 5.
func (s *PushService) read(r *http.Request, to Subscriber) (p Push, err error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return p, err
	}
	p = Push{To: to.Endpoint, Topic: r.Header.Get("Topic"), Urgency: r.Header.Get("Urgency"), Length: len(body)}
	switch {
	case r.Method != http.MethodPost:
		return p, errors.New(r.Method)
	case len(body) > 4096:
		return p, fmt.Errorf("%d bytes, and need not take more than 4096 (RFC 8030 7.2)", len(body))
	case r.Header.Get("Content-Encoding") != "aes128gcm":
		return p, errors.New("no content encoding aes128gcm")
	case len(p.Topic) > 32 || strings.Trim(p.Topic, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "":
		return p, fmt.Errorf("the topic %q (RFC 8030 5.4)", p.Topic)
	}
	if p.TTL, err = strconv.Atoi(r.Header.Get("TTL")); err != nil || p.TTL < 0 {
		return p, fmt.Errorf("the TTL %q (RFC 8030 5.2)", r.Header.Get("TTL"))
	}
	if p.Subject, err = s.known(r.Header.Get("Authorization"), to); err != nil {
		return p, err
	}
	p.Text, err = Unseal(to.key, to.auth, body)
	return p, err
}

// known checks who sends. [RFC 8292 2 to 4]
func (s *PushService) known(authorization string, to Subscriber) (subject string, err error) {
	var token, public string
	rest, ok := strings.CutPrefix(authorization, "vapid ")
	if !ok {
		return "", fmt.Errorf("the authorization %q", authorization)
	}
	for _, part := range strings.Split(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "t":
			token = value
		case "k":
			public = value
		}
	}
	if public != to.public {
		return "", errors.New("another key than the browser has subscribed with")
	}
	point, err := b64url.DecodeString(public)
	if err != nil {
		return "", err
	}
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return "", err
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return "", errors.New("a token that is no JWT")
	}
	var header struct{ Typ, Alg string }
	var claims struct {
		Aud, Sub string
		Exp      int64
	}
	for i, to := range []any{&header, &claims} {
		b, err := b64url.DecodeString(parts[i])
		if err != nil {
			return "", err
		}
		if err := json.Unmarshal(b, to); err != nil {
			return "", err
		}
	}
	signature, err := b64url.DecodeString(parts[2])
	if err != nil || len(signature) != 64 || header.Alg != "ES256" {
		return "", fmt.Errorf("a signature of %d bytes, alg %q", len(signature), header.Alg)
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if !ecdsa.Verify(key, sum[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		return "", errors.New("a token that the key has not signed")
	}
	until := time.Until(time.Unix(claims.Exp, 0))
	switch {
	case claims.Aud != s.URL:
		return "", fmt.Errorf("a token for %q", claims.Aud)
	case until <= 0 || until > 24*time.Hour:
		return "", fmt.Errorf("a token that ends in %v", until)
	case !strings.HasPrefix(claims.Sub, "mailto:") && !strings.HasPrefix(claims.Sub, "https:"):
		return "", fmt.Errorf("a token whose subject is %q", claims.Sub)
	}
	return claims.Sub, nil
}

// Unseal decrypts as a browser does. [RFC 8188 2, RFC 8291 3.3 and 3.4]
func Unseal(key *ecdh.PrivateKey, auth, body []byte) ([]byte, error) {
	if len(body) < 21 || len(body) < 21+int(body[20]) {
		return nil, errors.New("a body without its header")
	}
	salt, size, id, text := body[:16], binary.BigEndian.Uint32(body[16:20]), body[21:21+int(body[20])], body[21+int(body[20]):]
	if uint32(len(text)) > size {
		return nil, errors.New("more than one record")
	}
	sender, err := ecdh.P256().NewPublicKey(id)
	if err != nil {
		return nil, err
	}
	secret, err := key.ECDH(sender)
	if err != nil {
		return nil, err
	}
	prkKey, err := hkdf.Extract(sha256.New, secret, auth)
	if err != nil {
		return nil, err
	}
	ikm, err := hkdf.Expand(sha256.New, prkKey, "WebPush: info\x00"+string(key.PublicKey().Bytes())+string(id), 32)
	if err != nil {
		return nil, err
	}
	prk, err := hkdf.Extract(sha256.New, ikm, salt)
	if err != nil {
		return nil, err
	}
	cek, err := hkdf.Expand(sha256.New, prk, "Content-Encoding: aes128gcm\x00", 16)
	if err != nil {
		return nil, err
	}
	nonce, err := hkdf.Expand(sha256.New, prk, "Content-Encoding: nonce\x00", 12)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(cek)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	plain, err := gcm.Open(nil, nonce, text, nil) // record 0: the nonce as it is
	if err != nil {
		return nil, err
	}
	plain = bytes.TrimRight(plain, "\x00")
	if len(plain) == 0 || plain[len(plain)-1] != 2 {
		return nil, errors.New("a record that is not said to be the last")
	}
	return plain[:len(plain)-1], nil
}
