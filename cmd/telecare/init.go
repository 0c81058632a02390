package main

import (
	"crypto/rand"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"telecare/gateway/config"

	"golang.org/x/crypto/bcrypt"
)

//go:embed registry.yaml
var firstRegistry []byte

type initCommand struct {
	Folder string `arg:"" optional:"" default:"." help:"Where to write telecare.yaml and registry.yaml." type:"path"`
}

func (c *initCommand) Run(s streams) error {
	password := rand.Text()[:16]
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.DefaultCost)
	if err != nil {
		return fmt.Errorf("make a password: %w", err)
	}
	if err := os.MkdirAll(c.Folder, 0o755); err != nil {
		return err
	}
	for _, f := range []struct {
		name string
		b    []byte
	}{{"telecare.yaml", config.Sample(string(hash), rand.Text())}, {"registry.yaml", firstRegistry}} {
		if err := create(filepath.Join(c.Folder, f.name), f.b); err != nil {
			return err
		}
		fmt.Fprintf(s.out, "wrote %s\n", filepath.Join(c.Folder, f.name))
	}
	fmt.Fprintf(s.out, `
The page's account is "centre" with the password %s
(telecare.yaml keeps only its hash). Next:

  telecare check -f registry.yaml    says what is wrong with both files
  telecare apply -f registry.yaml    puts people, places and devices in force
  telecare run
`, password)
	return nil
}

// create writes a new file, for nobody but us; it never replaces one.
func create(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%q is there already: move it away first", path)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Close())
}
