package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"telecare/gateway/config"
)

type runCommand struct {
	Config string `short:"c" default:"${config}" help:"The configuration." type:"path"`
}

func (c *runCommand) Run(ctx context.Context, s streams) (err error) {
	hup := make(chan os.Signal, 1) // from the beginning: by itself it would end the process
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	cfg, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	if err := folder(cfg.Data).asOwner(); err != nil {
		return err
	}
	if os.Getenv("GOGC") == "" {
		// On a small machine memory is scarcer than the few percent of a
		// processor that collecting twice as often takes.
		debug.SetGCPercent(40)
	}
	level := new(slog.LevelVar)
	level.Set(cfg.Log)
	log := slog.New(slog.NewJSONHandler(s.err, &slog.HandlerOptions{Level: level}))
	h, err := assemble(ctx, cfg, nil, log)
	defer func() { err = errors.Join(err, h.close()) }()
	if err != nil {
		return err
	}
	h.file, h.level, h.hangups = c.Config, level, hup
	log.Info("gateway starts", "site", cfg.Site, "version", version, "page", cfg.Page.Listen)
	defer log.Info("gateway has ended")
	return h.run(ctx)
}
