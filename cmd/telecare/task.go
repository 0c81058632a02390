package main

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"telecare/gateway"
)

// tasks are what runs beside the gateway. Each can be ended by itself.
type tasks struct {
	ctx  context.Context // ends them all
	log  *slog.Logger
	wait sync.WaitGroup
}

// start runs a task until all end, or stop is called, which waits for its end.
func (s *tasks) start(t gateway.Task) (stop func()) {
	ctx, cancel := context.WithCancel(s.ctx)
	ended := make(chan struct{})
	s.log.Info("task starts", "task", t.String())
	s.wait.Go(func() {
		defer close(ended)
		defer cancel()
		keep(ctx, t, s.log)
	})
	return func() {
		cancel()
		<-ended
	}
}

// keep runs a task for as long as ctx lasts. A task that gives up is started
// again, later and later: only the gateway's own loop may end the process. Why it
// does is said once.
func keep(ctx context.Context, t gateway.Task, log *slog.Logger) {
	const most = 10 * time.Second
	said := ""
	for wait := 250 * time.Millisecond; ; wait = min(2*wait, most) {
		began := time.Now()
		err := t.Run(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > time.Minute {
			wait, said = 250*time.Millisecond, ""
		}
		if why := fmt.Sprint(err); why != said {
			said = why
			log.Error("task ended; it is started again and again", "task", t.String(), "error", err)
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return
		}
	}
}
