package webpush

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rand"
	"os"
	"strings"
	"testing"

	"telecare/gateway/gatewaytest"
)

// The example of RFC 8291: what is sealed with its keys and salt is its body, and
// the browser of the tests reads it.
func TestVector(t *testing.T) {
	file, err := os.ReadFile("testdata/rfc8291.txt")
	if err != nil {
		t.Fatal(err)
	}
	v := map[string]string{}
	for line := range strings.Lines(string(file)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "\t")
		v[name] = value
	}
	raw := func(name string) []byte {
		b, err := b64.DecodeString(v[name])
		if err != nil || len(b) == 0 {
			t.Fatal(name, err)
		}
		return b
	}
	key, err := ecdh.P256().NewPrivateKey(raw("as_private"))
	if err != nil || !bytes.Equal(key.PublicKey().Bytes(), raw("as_public")) {
		t.Fatal(err)
	}
	got, err := sealWith(Phone{P256dh: raw("ua_public"), Auth: raw("auth")}, []byte(v["plaintext"]), key, raw("salt"), 0)
	if err != nil || !bytes.Equal(got, raw("body")) {
		t.Errorf("%s, %v", b64.EncodeToString(got), err)
	}
	theirs, err := ecdh.P256().NewPrivateKey(raw("ua_private"))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := gatewaytest.Unseal(theirs, raw("auth"), raw("body")); err != nil || string(plain) != v["plaintext"] {
		t.Errorf("%q, %v", plain, err)
	}
}

// Whatever is said, one browser reads it, the next one does not, and the length
// tells little.
func TestSeal(t *testing.T) {
	key, other := browser(t), browser(t)
	to := Phone{P256dh: key.PublicKey().Bytes(), Auth: make([]byte, authSize)}
	lengths := map[int]bool{}
	for _, n := range []int{0, 1, 500, 1022, 1023, 1024, 2000, maxPlain} {
		plain := bytes.Repeat([]byte("x"), n)
		body, err := seal(to, plain)
		if err != nil || len(body) > recordSize {
			t.Fatalf("%d: %d bytes, %v", n, len(body), err)
		}
		lengths[len(body)] = true
		if got, err := gatewaytest.Unseal(key, to.Auth, body); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%d: %q, %v", n, got, err)
		}
		if _, err := gatewaytest.Unseal(other, to.Auth, body); err == nil {
			t.Errorf("%d: another browser reads it", n)
		}
		again, err := seal(to, plain)
		if err != nil || bytes.Equal(again, body) {
			t.Errorf("%d: sealed twice alike, %v", n, err)
		}
	}
	if len(lengths) > 4 {
		t.Errorf("lengths %v", lengths)
	}
	if _, err := seal(Phone{P256dh: make([]byte, pointLen), Auth: to.Auth}, nil); err == nil {
		t.Error("a point that is on no curve is taken")
	}
}

func browser(t *testing.T) *ecdh.PrivateKey {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}
