package config

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"strings"
)

// minShared is the shortest secret that a device may share. [RFC 4226, 4 R6]
const minShared = 16

// Shared reads such a secret as devices take it.
func Shared(text string) ([]byte, error) {
	text = strings.ToUpper(strings.NewReplacer(" ", "", "-", "", "=", "").Replace(text))
	b, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(text)
	if err == nil && len(b) < minShared {
		err = fmt.Errorf("%d bytes are too short", len(b))
	}
	return b, err
}

// second checks what an account has beside its password.
func (c *checker) second(at string, a rawAccount) (totp Secret, recovery [][sha256.Size]byte) {
	const how = "`telecare user totp` makes it"
	totp = c.secret(at, "totp", a.TOTP, a.TOTPFile)
	if !totp.IsZero() {
		if _, err := Shared(totp.Reveal()); err != nil {
			c.Errorf(at+".totp", "is no secret of a device that shows codes (16 bytes or more in base32); %s", how)
		}
	}
	missing := totp.IsZero() && a.TOTPFile == "" && !c.Unread(at+".totp")
	switch {
	case a.Role == string(Administrator) && missing:
		c.Errorf(at+".totp", "missing; an administrator needs a device that shows codes beside the password: %s", how)
	case missing && len(a.Recovery) > 0:
		c.Errorf(at+".recovery", "codes on paper are for accounts with totp; take them out, or %s", how)
	}
	for k, text := range a.Recovery {
		sum, err := hex.DecodeString(text)
		if err != nil || len(sum) != sha256.Size {
			c.Errorf(fmt.Sprintf("%s.recovery[%d]", at, k), "want 64 hexadecimal digits; the code itself must not stand here: %s", how)
			continue
		}
		recovery = append(recovery, [sha256.Size]byte(sum))
	}
	return totp, recovery
}
