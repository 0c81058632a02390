package config

import (
	"regexp"

	"telecare/alerting"
)

// simPIN is what a SIM card takes. [3GPP TS 31.101 9.5.1]
var simPIN = regexp.MustCompile(`^[0-9]{4,8}$`)

const (
	defaultRings = 6
	maxRings     = 8 // of about five seconds, within a try's time
)

// modem reads a channel by a GSM modem. What is said of the modem itself is said
// once, where several channels share it.
func (c *checker) modem(path string, ch rawChannel, before []Channel) *Modem {
	m := &Modem{
		Port: ch.Port, Baud: ch.Baud, PIN: c.secret(path, "pin", ch.PIN, ch.PINFile), TextMode: ch.TextMode, AllLetters: ch.Letters == "all",
	}
	if m.Port == "" {
		c.Errorf(path+".port", "missing; write the modem's name in /dev/serial/by-id: `telecare serial` lists them")
	}
	if pin := m.PIN.Reveal(); pin != "" && !simPIN.MatchString(pin) {
		c.Errorf(path+".pin", "a PIN has 4 to 8 digits; write it in quotes")
	}
	switch m.Baud {
	case 0:
		m.Baud = 115200
	case 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600:
	default:
		c.Errorf(path+".baud", "%d is no speed of a modem; leave it out for 115200", m.Baud)
	}
	if !c.oneOf(path+".mode", ch.Mode, "sms", "call") {
		return m
	}
	only := func(key, mode string) {
		if c.Has(path+"."+key) && ch.Mode != mode {
			c.Errorf(path+"."+key, "has a meaning with mode: %s only", mode)
		}
	}
	only("rings", "call")
	only("letters", "sms")
	if ch.Mode == "call" {
		m.Rings = defaultRings
		if c.Has(path + ".rings") {
			if m.Rings = ch.Rings; m.Rings < 1 || m.Rings > maxRings {
				c.Errorf(path+".rings", "%d is not between 1 and %d", ch.Rings, maxRings)
			}
		}
	}
	if c.Has(path + ".letters") {
		c.oneOf(path+".letters", ch.Letters, "plain", "all")
	}
	for _, b := range before {
		if b.Modem != nil && b.Modem.Port == m.Port {
			c.shared(path, ch, m, b.Modem, b.Name)
			break
		}
	}
	return m
}

// shared takes what the first channel of a modem says of it.
func (c *checker) shared(path string, ch rawChannel, m, first *Modem, name alerting.ChannelID) {
	differs := func(key string, same bool) {
		if c.Has(path+"."+key) && !same {
			c.Errorf(path+"."+key, "channel %q has the same modem and says something else; say it there only", name)
		}
	}
	differs("baud", m.Baud == first.Baud)
	differs("pin", m.PIN.Reveal() == first.PIN.Reveal())
	differs("pin_file", m.PIN.Reveal() == first.PIN.Reveal())
	differs("text_mode", m.TextMode == first.TextMode)
	m.Baud, m.PIN, m.TextMode = first.Baud, first.PIN, first.TextMode
}
