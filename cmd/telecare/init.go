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
	Data   string `help:"The data folder to name in telecare.yaml: \"data\" beside it, /var/lib/telecare for /etc/telecare." type:"string"`
}

// Where the Debian package has its files.
const (
	systemFolder = "/etc/telecare"
	systemData   = "/var/lib/telecare"
)

func (c *initCommand) Run(s streams) error {
	password := rand.Text()[:16]
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.DefaultCost)
	if err != nil {
		return fmt.Errorf("make a password: %w", err)
	}
	if err := os.MkdirAll(c.Folder, 0o755); err != nil {
		return err
	}
	data := c.Data
	switch {
	case data != "":
	case c.Folder == systemFolder:
		data = systemData
	default:
		data = "data"
	}
	for _, f := range []struct {
		name string
		b    []byte
	}{{"telecare.yaml", config.Sample(string(hash), rand.Text(), data)}, {"registry.yaml", firstRegistry}} {
		if err := create(filepath.Join(c.Folder, f.name), f.b); err != nil {
			return err
		}
		fmt.Fprintf(s.out, "wrote %s\n", filepath.Join(c.Folder, f.name))
	}
	next := "telecare run"
	if c.Folder == systemFolder {
		next = "systemctl start telecare"
	}
	there := ""
	if here, err := os.Getwd(); err != nil || here != c.Folder {
		there = "  cd " + c.Folder + "\n"
	}
	fmt.Fprintf(s.out, `
The page's account is "centre" with the password %s
(telecare.yaml keeps only its hash). Next:

%s  telecare check -f registry.yaml    says what is wrong with both files
  telecare apply -f registry.yaml    puts people, places and devices in force
  %s
`, password, there, next)
	return nil
}

// create writes a new file, for nobody but us; it never replaces one. Where the
// folder gives its group to what is in it (setgid), as the Debian package's
// does, the group may read: the service is in it.
func create(path string, b []byte) error {
	mode := fs.FileMode(0o600)
	if folder, err := os.Stat(filepath.Dir(path)); err == nil && folder.Mode()&fs.ModeSetgid != 0 {
		mode = 0o640
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%q is there already: move it away first", path)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Close())
}
