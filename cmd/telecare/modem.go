package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"telecare/alerting"
	"telecare/alerting/notify/modem"
	"telecare/devices/serial"
	"telecare/gateway"
	"telecare/gateway/config"
)

// modemConfig is what a channel says of its modem.
func modemConfig(c *config.Modem, data folder) modem.Config {
	return modem.Config{
		PINs: refusedPIN{data, c.Port + "\x00" + c.PIN.Reveal()},
		Name: c.Port, PIN: c.PIN.Reveal(), Text: c.TextMode,
		Open: func() (modem.Port, error) {
			p, err := serial.Open(c.Port, c.Baud)
			if err != nil {
				return nil, err // no *serial.Port in a modem.Port
			}
			return p, nil
		},
	}
}

// refusedPIN remembers in the data folder that a card has refused a PIN: a file
// whose name says of which modem and PIN to those alone who have the folder's key.
type refusedPIN struct {
	data folder
	what string
}

func (p refusedPIN) file() (string, error) {
	key, err := os.ReadFile(filepath.Join(string(p.data), "link.key"))
	if err != nil {
		return "", err
	}
	h := hmac.New(sha256.New, key)
	h.Write([]byte("pin\x00" + p.what))
	return filepath.Join(string(p.data), "pin-refused."+hex.EncodeToString(h.Sum(nil)[:8])), nil
}

func (p refusedPIN) Refused() bool {
	file, err := p.file()
	return err == nil && exists(file)
}

func (p refusedPIN) Refuse() error {
	file, err := p.file()
	if err != nil {
		return err
	}
	return os.WriteFile(file, nil, 0o600)
}

// by is the way of a channel to reach people by its modem.
func by(m *modem.Modem, c config.Channel) gateway.Notifier {
	if c.Modem.Rings > 0 {
		return m.Rings(c.Name, c.Modem.Rings)
	}
	return m.Texts(c.Name, c.Modem.AllLetters)
}

// modem makes the channel of a modem, and the task that drives it, which all of
// its channels share.
func (h *house) modem(next, old *parts, c config.Channel) error {
	m, err := h.modemTask(next, old, c.Modem)
	if err != nil {
		return err
	}
	made := []any{c, fmt.Sprintf("%p", m)} // comparing what is behind it would be a race
	if old != nil && old.channels[c.Name] != nil && reflect.DeepEqual(old.channels[c.Name].made, made) {
		next.channels[c.Name] = old.channels[c.Name]
		return nil
	}
	next.channels[c.Name] = &channelPart{made, by(m, c)}
	return nil
}

func (h *house) modemTask(next, old *parts, c *config.Modem) (*modem.Modem, error) {
	name := "modem " + c.Port
	if p := next.tasks[name]; p != nil {
		return p.task.(*modem.Modem), nil
	}
	var channels []alerting.ChannelID
	for _, o := range next.cfg.Channels {
		if o.Modem != nil && o.Modem.Port == c.Port {
			channels = append(channels, o.Name)
		}
	}
	made := []any{c.Port, c.Baud, c.PIN, c.TextMode, channels}
	if next.keep(name, old, made) {
		return next.tasks[name].task.(*modem.Modem), nil
	}
	cfg := modemConfig(c, h.data)
	cfg.Answer = func(ctx context.Context, from, text string) string { return h.textAnswer(ctx, channels, from, text) }
	cfg.Count = func(kind string) { h.meter.Count("telecare_text_messages_total", kind, 1) }
	cfg.OnReceipt = func(r modem.Receipt) { h.receipt(r.Channel, r.Alarm, r.Notification, r.Arrived) }
	cfg.OnLink = func(up bool) {
		for _, name := range channels {
			h.gateway.Condition(alerting.ChannelDown, string(name), !up)
		}
	}
	m, err := modem.New(cfg, h.log)
	if err != nil {
		return nil, err
	}
	next.tasks[name] = &part{made: made, task: m}
	return m, nil
}

// tryModem looks whether a modem could reach people, unless the gateway has it.
func tryModem(ctx context.Context, cfg *config.Config, c config.Channel, running bool) finding {
	for _, o := range cfg.Channels {
		if o.Name == c.Name {
			break
		}
		if o.Modem != nil && o.Modem.Port == c.Modem.Port {
			return well("", "has the modem of channel %q", o.Name)
		}
	}
	m, err := modem.New(modemConfig(c.Modem, folder(cfg.Data)), slog.New(slog.DiscardHandler))
	if err != nil {
		return failed(err)
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = m.Run(ctx) // it says what is wrong below
	}()
	defer func() {
		cancel()
		<-ended
	}()
	switch err := m.Texts(c.Name, false).Test(ctx); {
	case err == nil:
		return well("", "the modem at %q is in the network (%d dBm); nobody was called", c.Modem.Port, m.State().Signal)
	case running && strings.Contains(err.Error(), "in use"):
		return well("", "the modem at %q is in use, and the gateway runs", c.Modem.Port)
	default:
		return finding{Level: awful, Says: err.Error()} // it says what to do itself
	}
}
