package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"telecare/gateway/journal"
	"telecare/gateway/sqlite"
)

// sumsFile lists a backup's files as sha256sum(1) does, the journal first, the
// registry last.
const sumsFile = "SHA256SUMS"

type backupCommand struct {
	place
	To string `arg:"" help:"The folder to make; each backup has one of its own." type:"path"`
}

// Run copies what a gateway must not lose, also while it runs. The folder gets
// its name last, so that half a backup never looks like one.
func (c *backupCommand) Run(ctx context.Context, s streams) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("backup: %w", err)
		}
	}()
	data, err := c.data()
	if err != nil {
		return err
	}
	if asked, err := data.ask(ctx, s, "backup", c.To); asked || err != nil {
		return err
	}
	if _, err := os.Lstat(c.To); err == nil {
		return fmt.Errorf("%q is there already: give a new name, the day's for example", c.To)
	}
	part, err := os.MkdirTemp(filepath.Dir(c.To), filepath.Base(c.To)+".part-") // 0700
	if err != nil {
		return fmt.Errorf("%w; the gateway's user writes it: take a folder in which that may write, /var/backups/telecare where it was installed as a package", err)
	}
	defer os.RemoveAll(part) // nothing is there any more when all went well
	said, err := data.backUp(ctx, folder(part))
	if err != nil {
		return err
	}
	if err := os.Rename(part, c.To); err != nil {
		return err
	}
	if err := sqlite.SyncDir(filepath.Dir(c.To)); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s: %s\ntelecare.yaml is not in it: keep a copy of that, too\n", c.To, said)
	return nil
}

// backUp copies into an empty folder. The journal is copied last: alarms are
// what must be newest.
func (f folder) backUp(ctx context.Context, to folder) (said string, err error) {
	if err := sqlite.Copy(ctx, f.registry(), to.registry(), sqlite.Options{Shared: true}); err != nil {
		return "", err
	}
	files := []string{filepath.Base(f.registry())}
	small, err := filepath.Glob(f.session("*"))
	if err != nil {
		return "", err
	}
	for _, path := range append(small, filepath.Join(string(f), "link.key"), filepath.Join(string(f), "push.key"), f.seconds(), f.phones()) {
		switch _, err := copyFile(path, filepath.Join(string(to), filepath.Base(path))); {
		case err == nil:
			files = append(files, filepath.Base(path))
		case !missing(err, path):
			return "", err
		}
	}
	for _, path := range []string{f.spool(), f.journal()} {
		switch err := sqlite.Copy(ctx, path, filepath.Join(string(to), filepath.Base(path)), sqlite.Options{}); {
		case err == nil:
			files = append(files, filepath.Base(path))
		case !missing(err, path):
			return "", err
		}
	}
	if said, err = to.verified(ctx); err != nil {
		return "", err
	}
	return said, to.writeSums(files)
}

// writeSums lists the files, the last that was copied first.
func (f folder) writeSums(files []string) error {
	var sums []byte
	for _, name := range slices.Backward(files) {
		sum, err := copyTo(io.Discard, filepath.Join(string(f), name))
		if err != nil {
			return err
		}
		sums = fmt.Appendf(sums, "%x  %s\n", sum, name)
	}
	out, err := os.OpenFile(filepath.Join(string(f), sumsFile), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = out.Write(sums)
	if err := errors.Join(err, out.Sync(), out.Close()); err != nil {
		return err
	}
	return sqlite.SyncDir(string(f))
}

type restoreCommand struct {
	place
	From string `arg:"" help:"A folder that backup has made." type:"existingdir"`
}

// Run fills an empty data folder. The registry comes last: without it a gateway
// does not start, so that none starts on half a restore.
func (c *restoreCommand) Run(ctx context.Context, s streams) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("restore: %w", err)
		}
	}()
	data, err := c.data()
	if err != nil {
		return err
	}
	sums, err := os.ReadFile(filepath.Join(c.From, sumsFile))
	if err != nil {
		return fmt.Errorf("%q is not a backup: %w", c.From, err)
	}
	if err := data.make(); err != nil {
		return err
	}
	unlock, err := data.lock()
	if err != nil {
		return err
	}
	defer unlock()
	if err := data.isEmpty(); err != nil {
		return err
	}
	said, err := data.restore(ctx, folder(c.From), sums)
	if err != nil {
		return errors.Join(err, data.clear())
	}
	fmt.Fprintf(s.out, "%s: %s\nstop the gateway it comes from before this one runs: a broker keeps one session for both\n", string(data), said)
	return nil
}

// restore fills an empty folder from a backup.
func (f folder) restore(ctx context.Context, from folder, sums []byte) (said string, err error) {
	if err := os.Chmod(string(f), 0o700); err != nil {
		return "", err
	}
	last := ""
	for line := range strings.Lines(string(sums)) {
		want, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		if !ok || name != filepath.Base(name) {
			return "", fmt.Errorf("%s of %q is damaged", sumsFile, string(from))
		}
		got, err := copyFile(filepath.Join(string(from), name), filepath.Join(string(f), name))
		if err != nil {
			return "", err
		}
		if fmt.Sprintf("%x", got) != want {
			return "", fmt.Errorf("%q is damaged: its content is not what was backed up: use another backup", filepath.Join(string(from), name))
		}
		last = name
	}
	if last != filepath.Base(f.registry()) {
		return "", fmt.Errorf("%s of %q is not whole", sumsFile, string(from))
	}
	if said, err = f.verified(ctx); err != nil {
		return "", err
	}
	if err := sqlite.SyncDir(filepath.Dir(string(f))); err != nil && !errors.Is(err, fs.ErrPermission) {
		return "", err
	}
	return said, nil
}

// isEmpty refuses a folder in which there is anything but what every one has.
func (f folder) isEmpty() error {
	entries, err := os.ReadDir(string(f))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() != "lock" && e.Name() != "lost+found" {
			return fmt.Errorf("data folder %q is not empty (%q): nothing is ever written over; give another, or move this one away", string(f), e.Name())
		}
	}
	return nil
}

// clear takes out again what was put into an empty folder.
func (f folder) clear() error {
	entries, err := os.ReadDir(string(f))
	for _, e := range entries {
		if e.Name() != "lock" && e.Name() != "lost+found" {
			err = errors.Join(err, os.Remove(filepath.Join(string(f), e.Name())))
		}
	}
	return err
}

// verified checks the journal from its first record and says where it ends.
func (f folder) verified(ctx context.Context) (said string, err error) {
	if _, err := os.Stat(f.journal()); errors.Is(err, fs.ErrNotExist) {
		return "no journal yet", nil
	}
	j, err := journal.OpenReader(ctx, f.journal())
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	report, err := j.Verify(ctx)
	if err != nil {
		return "", err
	}
	if report.FirstBad != 0 { // a bad snapshot only means more to replay
		return "", fmt.Errorf("journal %q:\n%s", f.journal(), report)
	}
	return fmt.Sprintf("the journal is sound: %d records, head %x", report.Records, report.Hash), nil
}

// missing reports whether an error only says that there is no such file: a
// gateway that has not run yet has no journal, one without InfluxDB no spool.
func missing(err error, path string) bool {
	_, look := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist) && errors.Is(look, fs.ErrNotExist)
}

// copyFile copies a file that nobody writes in place, and puts it on disk. It
// returns the SHA-256 of what it has copied.
func copyFile(from, to string) ([]byte, error) {
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	sum, err := copyTo(out, from)
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return nil, errors.Join(err, os.Remove(to))
	}
	return sum, sqlite.SyncDir(filepath.Dir(to))
}

func copyTo(w io.Writer, path string) (sum []byte, err error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	h := sha256.New()
	_, err = io.Copy(io.MultiWriter(w, h), in)
	return h.Sum(nil), err
}
