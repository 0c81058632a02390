package mqtt

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"sync"

	"golang.org/x/crypto/bcrypt"
)

// users checks who may connect to the broker. bcrypt is slow on purpose, and
// after a restart every device comes at once: so a password that was right is
// remembered as a keyed hash, and only one is tried by bcrypt at a time.
type users struct {
	hashes    map[string]string
	anonymous bool

	mu    sync.Mutex
	key   []byte
	known map[string][]byte // name to the keyed hash of its password

	slow sync.Mutex
}

// nobody is a hash to spend time on when a name is unknown, so that the time of
// the answer does not tell which names exist. No password has it.
const nobody = "$2a$10$7EqJtq98hPqEX7fNZaFWoOaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

func (u *users) check(name string, password []byte) bool {
	if name == "" {
		return u.anonymous
	}
	mac := u.mac(password)
	u.mu.Lock()
	known := u.known[name]
	u.mu.Unlock()
	if known != nil && hmac.Equal(known, mac) {
		return true
	}
	hash, exists := u.hashes[name]
	if !exists {
		hash = nobody
	}
	u.slow.Lock()
	err := bcrypt.CompareHashAndPassword([]byte(hash), password)
	u.slow.Unlock()
	if err != nil || !exists {
		return false
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.known == nil {
		u.known = map[string][]byte{}
	}
	u.known[name] = mac
	return true
}

func (u *users) mac(password []byte) []byte {
	u.mu.Lock()
	if u.key == nil {
		u.key = make([]byte, 32)
		rand.Read(u.key) // never fails
	}
	h := hmac.New(sha256.New, u.key)
	u.mu.Unlock()
	h.Write(password)
	return h.Sum(nil)
}
