package devicetest

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// What the dongle says on the line is tested where it is read, in
// devices/serial. This is about plugging it in.
func TestDonglePlug(t *testing.T) {
	link := filepath.Join(t.TempDir(), "dongle")
	if err := os.Symlink("/left/by/a/killed/process", link); err != nil {
		t.Fatal(err)
	}
	d, err := NewDongle(link)
	if err != nil {
		t.Fatal(err)
	}
	if d.Port() != link {
		t.Errorf("the port is %q", d.Port())
	}
	if err := d.Replug(); err == nil {
		t.Error("plugged in twice")
	}
	if err := d.Panic("08300001"); err != nil {
		t.Error(err)
	}
	if err := d.Unplug(); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(link); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the link is still there: %v", err)
	}
	if err := d.Panic("08300001"); !errors.Is(err, errUnplugged) {
		t.Errorf("unplugged it said a line: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}

	if err := os.WriteFile(link, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := NewDongle(link); err == nil {
		t.Error("a file was taken for the link")
	}
	if b, err := os.ReadFile(link); err != nil || string(b) != "mine" {
		t.Errorf("the file is %q, %v", b, err)
	}
}

// A line that nobody reads fills up; saying more fails in time.
func TestDongleUnread(t *testing.T) {
	d, err := NewDongle("")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	line := make([]byte, 4096)
	for range 1000 {
		if _, err = d.Write(line); err != nil {
			break
		}
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	began := time.Now()
	if err := d.Unplug(); err != nil || time.Since(began) > 10*time.Second {
		t.Errorf("unplugged after %v: %v", time.Since(began), err)
	}
}
