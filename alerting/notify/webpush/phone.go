package webpush

import (
	"crypto/ecdh"
	"errors"
	"net/netip"
	"net/url"
	"strings"

	"telecare/alerting"
	"telecare/alerting/notify/connection"
)

// Phone is a browser that is to ring: its subscription with the push service of
// its maker. Whoever knows the endpoint and a key of ours can make it ring, so
// it is a secret, and never in a log.
type Phone struct {
	ID       string // opaque
	Endpoint string
	P256dh   []byte // its public key
	Auth     []byte // its secret
}

// Phones are those of people. Nothing here may wait for a disk: a call does not.
type Phones interface {
	Of(alerting.Person) []Phone
	All() []Phone
	// Gone forgets one that its push service does not know any more.
	Gone(alerting.Person, Phone)
	// Proven reports whether one of theirs has lately said that it showed a
	// message.
	Proven(alerting.Person) bool
}

// Key is a phone's public key as a browser has it.
func Key(p256dh []byte) string { return b64.EncodeToString(p256dh) }

const (
	maxEndpoint = 2000
	maxName     = 253
)

// ReadPhone checks what a browser says of its subscription. Its address is
// somebody's words: it must lead out of here. private lets it stay here, and
// without TLS, for a push service of one's own.
func ReadPhone(endpoint, p256dh, auth string, private bool) (Phone, error) {
	p := Phone{Endpoint: endpoint}
	u, err := url.Parse(endpoint)
	switch {
	case err != nil || len(endpoint) > maxEndpoint || u.Hostname() == "" || len(u.Hostname()) > maxName || u.User != nil || u.Fragment != "" || u.Opaque != "":
		return p, errors.New("the endpoint is no address")
	case u.Scheme != "https" && !(private && u.Scheme == "http"):
		return p, errors.New("the endpoint is not https")
	case !private && !outside(u):
		return p, errors.New("the endpoint is of this machine or its network")
	}
	if p.P256dh, err = b64.DecodeString(strings.TrimRight(p256dh, "=")); err != nil {
		return p, errors.New("the key p256dh is not base64url")
	}
	if _, err := ecdh.P256().NewPublicKey(p.P256dh); err != nil || len(p.P256dh) != pointLen {
		return p, errors.New("the key p256dh is no point of P-256")
	}
	if p.Auth, err = b64.DecodeString(strings.TrimRight(auth, "=")); err != nil || len(p.Auth) != authSize {
		return p, errors.New("the secret auth is not 16 bytes in base64url")
	}
	return p, nil
}

// outside reports whether an address may be of a machine elsewhere. What a name
// stands for is seen when it is connected to.
func outside(u *url.URL) bool {
	if u.Port() != "" && u.Port() != "443" { // where all push services are
		return false
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if a, err := netip.ParseAddr(host); err == nil {
		return connection.IsPublic(a)
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	switch {
	case last == host: // a name without a dot is one of this network
		return false
	case last == "localhost", last == "local", last == "internal", last == "lan", last == "home", last == "test", last == "invalid":
		return false
	case strings.HasSuffix(host, ".home.arpa"):
		return false
	case strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x"): // an address in disguise
		return false
	}
	return true
}
