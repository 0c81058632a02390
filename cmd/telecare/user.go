package main

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"

	"telecare/dashboards"
)

type userCommand struct {
	TOTP userTOTP `cmd:"" name:"totp" help:"Make the secret of a device that shows codes, and codes on paper, for an account."`
}

type userTOTP struct {
	Name string `arg:"" help:"The account's name in telecare.yaml."`
	Site string `default:"telecare" help:"What the device calls it."`
}

// papers is how many codes on paper there are.
const papers = 8

func (c *userTOTP) Run(s streams) error {
	secret := make([]byte, 20) // as long as what is made of it [RFC 4226, 4 R6]
	rand.Read(secret)
	text := dashboards.SecretText(secret)
	uri := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + c.Site + ":" + c.Name, RawQuery: url.Values{"secret": {text}, "issuer": {c.Site}}.Encode()}
	var codes, hashes []string
	for range papers {
		code := rand.Text()[:16]
		sum := dashboards.RecoveryHash(code)
		codes = append(codes, fmt.Sprintf("%s-%s-%s-%s", code[:4], code[4:8], code[8:12], code[12:]))
		hashes = append(hashes, fmt.Sprintf("%q", hex.EncodeToString(sum[:])))
	}
	_, err := fmt.Fprintf(s.out, `The secret for the device that shows codes, to be typed there:

  %s

or, for a program that makes a picture of it to photograph:

  %s

Codes on paper, for the day on which the device is lost; each is good once, and
they are nowhere kept:

  %s

Put this into the account of %q in telecare.yaml, and then telecare reload:

      totp: %s
      recovery: [%s]
`, text, uri.String(), strings.Join(codes, "\n  "), c.Name, text, strings.Join(hashes, ", "))
	return err
}
