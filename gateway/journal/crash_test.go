package journal

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"telecare/alerting"
)

// With this in the environment the test binary is the writer that is killed.
const writerEnv = "TELECARE_JOURNAL_WRITER"

func TestMain(m *testing.M) {
	if path := os.Getenv(writerEnv); path != "" {
		err := write(context.Background(), path)
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// write goes on where the journal ends, for ever, and prints each record's
// number once it may be answered.
func write(ctx context.Context, path string) error {
	j, err := Open(ctx, path)
	if err != nil {
		return err
	}
	seq, _, err := j.Head(ctx)
	if err != nil {
		return err
	}
	for {
		n := 1 + rand.Int64N(8)
		if err := j.Append(ctx, span(seq+1, seq+n)); err != nil {
			return err
		}
		for range n {
			seq++
			fmt.Println(seq)
		}
		if rand.IntN(20) == 0 {
			if err := j.SaveSnapshot(ctx, snapshot(seq)); err != nil {
				return err
			}
		}
		if err := j.Checkpoint(ctx); err != nil {
			return err
		}
	}
}

// TestKill kills the writer at random moments: nothing that it had printed may
// be missing. It says nothing about power cuts, which fsync is for.
func TestKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	var answered int64
	for range 20 {
		cmd := exec.Command(os.Args[0], "-test.run=^$")
		cmd.Env = append(os.Environ(), writerEnv+"="+path)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		var kill *time.Timer
		lines := bufio.NewScanner(out)
		for lines.Scan() { // to the end of what it had said
			if kill == nil { // it is under way
				kill = time.AfterFunc(time.Duration(rand.IntN(60_000))*time.Microsecond, func() { cmd.Process.Kill() })
			}
			seq, err := strconv.ParseInt(lines.Text(), 10, 64)
			if err != nil || seq != answered+1 {
				t.Fatalf("it said %q after %d", lines.Text(), answered)
			}
			answered = seq
		}
		cmd.Wait()
		if kill == nil {
			t.Fatal("the writer said nothing")
		}

		r, err := OpenReader(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		rep := verify(t, r)
		if !rep.OK() || rep.Records < answered {
			t.Fatalf("%d were answered\n%s", answered, rep)
		}
		next := int64(1)
		err = r.Records(t.Context(), 0, func(got alerting.Record) error {
			if want := record(next); got.Delivery != want.Delivery || string(got.Body) != string(want.Body) {
				return fmt.Errorf("record %d is another one", next)
			}
			next++
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		answered = rep.Records // what was there unanswered stays there, too
		r.Close()
	}
	t.Logf("20 kills, %d records answered, none lost", answered)
}
