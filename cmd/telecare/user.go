package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"telecare/dashboards"
	"telecare/gateway/sqlite"
)

type userCommand struct {
	TOTP   userTOTP   `cmd:"" name:"totp" help:"Make the secret of a device that shows codes, and codes on paper, for an account."`
	Forget userForget `cmd:"" help:"Forget the codes that people have set up on the page, when the gateway cannot read them: their passwords alone are enough then."`
}

type userForget struct{ place }

// Run puts the file aside that keeps everybody out, and no other.
func (c *userForget) Run(s streams) error {
	data, err := c.data()
	if err != nil {
		return err
	}
	path := data.seconds()
	err = data.trySeconds()
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no %q: nobody has set up a code on the page", path)
	}
	if err == nil {
		return fmt.Errorf("%q can be read, and is kept: who has lost a device signs in by a code from paper, or asks an administrator, who takes it away under Settings", path)
	}
	aside := fmt.Sprintf("%s.unreadable-%s", path, time.Now().UTC().Format("20060102T150405Z"))
	if err := os.Rename(path, aside); err != nil {
		return err
	}
	if err := sqlite.SyncDir(string(data)); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, `%s is %s now.
After a telecare reload, or a start, people sign in by their passwords. Have
those who had a code set it up anew, on the page under "Your sign-ins".
`, secondsFile, filepath.Base(aside))
	return err
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
