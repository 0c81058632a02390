package config

import (
	"cmp"
	"fmt"
	"net"
	netmail "net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	"telecare/alerting"
	"telecare/gateway/strictyaml"
)

func (c *checker) channels(r rawConfig) []Channel {
	seen, out := map[string]bool{}, []Channel{}
	for i, ch := range r.Channels {
		path := fmt.Sprintf("channels[%d]", i)
		c.names(path+".name", ch.Name, seen)
		channel := Channel{
			Name: alerting.ChannelID(ch.Name), Says: alerting.Says(cmp.Or(ch.Says, string(usuallySays(ch)))),
			TestEvery: c.testEvery(path+".test_every", ch.TestEvery),
		}
		c.oneOf(path+".says", string(channel.Says), string(alerting.SaysPseudonym), string(alerting.SaysPlace), string(alerting.SaysName))
		if c.oneOf(path+".type", ch.Type, "webhook", "email", "kannel", "sms", "ntfy", "push", "shoutrrr", "screen", "modem") {
			c.keysOf(path, ch.Type, channelKeys)
			switch ch.Type {
			case "webhook":
				channel.Webhook = c.webhook(path, ch)
			case "email":
				channel.Email = c.email(path, ch)
			case "kannel", "sms":
				channel.SMS = c.sms(path, ch)
			case "shoutrrr":
				channel.Service = c.service(path, ch)
			case "ntfy":
				channel.Ntfy = c.ntfy(path, ch)
			case "push":
				channel.Push = c.push(path, ch, out)
			case "screen":
				channel.Screen = true
			case "modem":
				channel.Modem = c.modem(path, ch, out)
			}
		}
		out = append(out, channel)
	}
	return out
}

// defaultTestEvery is how often a channel is tested silently.
const defaultTestEvery = 24 * time.Hour

func (c *checker) testEvery(path, every string) time.Duration {
	var d strictyaml.Duration
	switch {
	case every == "":
		return defaultTestEvery
	case every == "never":
		return 0
	case d.UnmarshalText([]byte(every)) != nil:
		c.Errorf(path, "%q is no length of time; write one such as 24h, or never", every)
		return defaultTestEvery
	}
	return c.between(path, &d, 0, time.Minute, 31*24*time.Hour)
}

func (c *checker) webhook(path string, ch rawChannel) *Webhook {
	c.http(path+".url", ch.URL, "such as https://example.org/call")
	if !ch.TestURL.IsZero() {
		c.http(path+".test_url", ch.TestURL, "such as https://example.org/health")
	}
	secret := c.secret(path, "secret", ch.Secret, ch.SecretFile)
	switch n := len(secret.Reveal()); {
	case n == 0 && ch.SecretFile == "":
		c.Errorf(path+".secret", "missing; the receiver tells our calls from others' by it: `openssl rand -hex 32` makes one")
	case n < 16 && n > 0:
		c.Errorf(path+".secret", "too short to be safe; use 16 letters or more: `openssl rand -hex 32` makes one")
	}
	return &Webhook{
		URL: ch.URL, Secret: secret, TestURL: ch.TestURL,
		Timeout: c.between(path+".timeout", ch.Timeout, defaultTimeout, minTimeout, maxTimeout),
	}
}

// usuallySays is how much of who called a channel is trusted with where nothing
// is said. What goes through servers that belong to nobody here names an id.
func usuallySays(ch rawChannel) alerting.Says {
	if u, err := url.Parse(ch.URL.Reveal()); ch.Type == "shoutrrr" || ch.Type == "ntfy" && err == nil && u.Hostname() == "ntfy.sh" {
		return alerting.SaysPseudonym
	}
	return alerting.SaysPlace
}

// securities are the ways to speak to a mail server, with their usual ports.
var securities = map[string]int{"starttls": 587, "tls": 465, "none": 25}

func (c *checker) email(path string, ch rawChannel) *Email {
	e := &Email{
		Host: ch.Host, Security: cmp.Or(ch.Security, "starttls"), From: ch.From,
		Username: ch.Username,
		Password: c.secret(path, "password", ch.Password, ch.PasswordFile),
		CAFile:   c.authorities(path+".ca_file", ch.CAFile),
		Timeout:  c.between(path+".timeout", ch.Timeout, defaultMailTimeout, minTimeout, maxTimeout),
	}
	local := loopback(net.JoinHostPort(ch.Host, "25"))
	switch {
	case ch.Host == "":
		c.Errorf(path+".host", "missing; write the mail server's name, such as host: smtp.example.org")
	case strings.ContainsAny(ch.Host, ":/ @") && net.ParseIP(ch.Host) == nil:
		c.Errorf(path+".host", "%q is no name of a machine; write one such as smtp.example.org, and the port under port:", ch.Host)
	}
	e.Port, _ = strconv.Atoi(ch.Port)
	if c.oneOf(path+".security", e.Security, "starttls", "tls", "none") && e.Port == 0 {
		e.Port = securities[e.Security]
	}
	if e.Security == "none" && ch.Host != "" && !local {
		c.Errorf(path+".security", "the password and who is called for would be sent in the clear; only a mail server on this machine is spoken to without encryption: write starttls, or tls")
	}
	if c.Has(path+".port") && (e.Port < 1 || e.Port > 65535) {
		c.Errorf(path+".port", "%s is no port; leave it out for the usual one, 587", ch.Port)
	}
	if a, err := netmail.ParseAddress(ch.From); ch.From == "" {
		c.Errorf(path+".from", "missing; write who mails come from, such as from: telecare@example.org")
	} else if err != nil || strings.ContainsAny(a.Address, "<>\" ") {
		c.Errorf(path+".from", "%q is no mail address; write one such as telecare@example.org", ch.From)
	}
	secret := !e.Password.IsZero() || ch.PasswordFile != ""
	switch {
	case secret && e.Username == "":
		c.Errorf(path+".username", "missing; a mail server takes no password without a user")
	case e.Username != "" && !secret:
		c.Errorf(path+".password", "missing; write it, or password_file: with the name of a file that holds it")
	}
	return e
}
