package main

import (
	"context"
	"fmt"
	"strconv"

	"telecare/gateway"
	"telecare/gateway/journal"
)

type journalCommand struct {
	Verify verifyCommand `cmd:"" help:"Check the journal's hash chain and snapshots."`
}

type verifyCommand struct {
	place
}

func (c *verifyCommand) Run(ctx context.Context, s streams) error {
	data, err := c.data()
	if err != nil {
		return err
	}
	if asked, err := data.ask(ctx, s, "journal", "verify"); asked || err != nil {
		return err
	}
	j, err := journal.OpenReader(ctx, data.journal())
	if err != nil {
		return err
	}
	defer j.Close()
	report, err := j.Verify(ctx)
	if err != nil {
		if report.Records > 0 {
			fmt.Fprintf(s.out, "records: %d sound, then the file cannot be read\n", report.Records)
		}
		return err
	}
	fmt.Fprintln(s.out, report)
	if !report.OK() {
		return exitStatus(1)
	}
	return nil
}

type replayCommand struct {
	place
	From int64 `help:"The first record to show." default:"1"`
}

func (c *replayCommand) Run(ctx context.Context, s streams) error {
	data, err := c.data()
	if err != nil {
		return err
	}
	if asked, err := data.ask(ctx, s, "replay", "--from", strconv.FormatInt(c.From, 10)); asked || err != nil {
		return err
	}
	j, err := journal.OpenReader(ctx, data.journal())
	if err != nil {
		return err
	}
	defer j.Close()
	done, err := gateway.Replay(ctx, j, c.From, s.out)
	if err != nil {
		return err
	}
	if done.Differ > 0 {
		return fmt.Errorf("%d of %d records are decided otherwise now", done.Differ, done.Records)
	}
	fmt.Fprintf(s.err, "%d records, all decided as they were\n", done.Records)
	return nil
}
