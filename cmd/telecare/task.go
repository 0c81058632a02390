package main

import (
	"context"
	"log/slog"
	"time"

	"telecare/gateway"
)

// keep runs a task for as long as ctx lasts. A task that gives up is started
// again, later and later: only the gateway's own loop may end the process.
func keep(ctx context.Context, t gateway.Task, log *slog.Logger) {
	const most = 10 * time.Second
	for wait := 250 * time.Millisecond; ; wait = min(2*wait, most) {
		began := time.Now()
		err := t.Run(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > time.Minute {
			wait = 250 * time.Millisecond
		}
		log.Error("task ended; it is started again", "task", t.String(), "error", err, "in", wait.String())
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
	}
}
