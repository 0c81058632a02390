package main

import (
	"encoding/hex"
	"fmt"
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

func (c *userTOTP) Run(s streams) error {
	second := dashboards.NewSecond()
	codes, text := second.Papers(), dashboards.SecretText(second.Secret)
	var hashes []string
	for _, sum := range second.Recovery {
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
`, text, second.URI(c.Site, c.Name), strings.Join(codes, "\n  "), c.Name, text, strings.Join(hashes, ", "))
	return err
}
