package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"telecare/devices/serial"
)

type serialCommand struct {
	List  serialList  `cmd:"" default:"1" help:"List the serial ports of this machine, with the name to write in telecare.yaml."`
	Sniff serialSniff `cmd:"" help:"Show what comes on a serial line: bytes in hex, and beside them what they mean."`
}

type serialList struct{}

func (serialList) Run(s streams) error {
	adapters, err := serial.Adapters()
	if err != nil {
		return err
	}
	if len(adapters) == 0 {
		fmt.Fprintln(s.out, "No serial port: no adapter is plugged in.")
		return nil
	}
	var rows [][]string
	for _, a := range adapters {
		name := a.Name
		if name == "" {
			name = a.Device
		}
		rows = append(rows, []string{name, a.Device, a.ID, strings.TrimSpace(a.Maker + " " + a.Product), a.Serial})
	}
	return table(s.out, "PORT\tDEVICE\tUSB\tADAPTER\tSERIAL", rows)
}

type serialSniff struct {
	Port   string        `arg:"" help:"The port: a name that telecare serial lists, a device or a pattern."`
	Baud   int           `help:"Its speed; the format's own, when not given."`
	Format string        `help:"What it speaks, such as jablotron or surgard: shows what the bytes mean."`
	Guess  bool          `help:"Try all formats at their speeds, asking in each, and say which was understood."`
	For    time.Duration `default:"0s" help:"How long to listen; with --guess at each speed, 6 seconds when not given."`
}

func (c *serialSniff) Run(ctx context.Context, s streams) error {
	if c.Guess {
		return c.guess(ctx, s)
	}
	var decoder serial.Decoder
	baud, ask := c.Baud, []byte(nil)
	if c.Format != "" {
		var err error
		if decoder, err = serial.NewDecoder(c.Format); err != nil {
			return err
		}
		own, question := serial.Talk(c.Format)
		if ask = question; baud == 0 {
			baud = own
		}
	}
	if baud == 0 {
		return fmt.Errorf("at what speed does port %q speak? Write --baud or --format, or --guess to find out", c.Port)
	}
	if c.For > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, c.For)
		defer stop()
	}
	fmt.Fprintf(s.err, "Listening to %s at %d baud; Ctrl-C ends. Nothing is acknowledged.\n", c.Port, baud)
	started := time.Now()
	return serial.Sniff(ctx, c.Port, baud, ask, func(b []byte) {
		var said []serial.Decoded
		if decoder != nil && len(b) > 0 {
			said = decoder.Feed(b)
		}
		dump(s.out, time.Since(started), b, said)
	})
}

// dump writes bytes in rows of sixteen, and beside the last of them what the
// frames mean that they have completed.
func dump(w io.Writer, at time.Duration, b []byte, said []serial.Decoded) {
	const row = 16
	when := fmt.Sprintf("%9.3fs", at.Seconds())
	for len(b) > 0 || len(said) > 0 {
		n := min(row, len(b))
		text := make([]byte, n)
		for i, c := range b[:n] {
			if text[i] = '.'; c >= ' ' && c <= '~' {
				text[i] = c
			}
		}
		meaning := ""
		if n == len(b) && len(said) > 0 {
			meaning, said = meant(said[0]), said[1:]
		}
		line := fmt.Sprintf("%-10s  %-47s  %-16s  %s", when, fmt.Sprintf("% x", b[:n]), text, meaning)
		fmt.Fprintln(w, strings.TrimRight(line, " "))
		b, when = b[n:], ""
	}
}

func meant(d serial.Decoded) string {
	out := decoded{Message: d.Message}
	if d.Err != nil {
		out.Error = d.Err.Error()
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(out); err != nil {
		return err.Error()
	}
	return strings.TrimSpace(b.String())
}

func (c *serialSniff) guess(ctx context.Context, s streams) error {
	listen := c.For
	if listen == 0 {
		listen = 6 * time.Second
	}
	found, err := serial.GuessPort(ctx, c.Port, c.Baud, listen, func(baud int) {
		fmt.Fprintf(s.err, "Listening at %d baud for up to %v …\n", baud, listen)
	})
	if err != nil {
		return err
	}
	var rows [][]string
	for _, g := range found {
		rows = append(rows, []string{g.Format, fmt.Sprint(g.Baud), fmt.Sprint(g.Understood), fmt.Sprint(g.Bad)})
	}
	return table(s.out, "FORMAT\tBAUD\tUNDERSTOOD\tNOT UNDERSTOOD", rows)
}
