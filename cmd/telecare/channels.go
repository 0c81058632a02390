package main

import (
	"strconv"
	"strings"

	"telecare/alerting"
	"telecare/alerting/notify/email"
	"telecare/alerting/notify/modem"
	"telecare/alerting/notify/ntfy"
	"telecare/alerting/notify/services"
	"telecare/alerting/notify/smshttp"
	"telecare/alerting/notify/webhook"
	"telecare/gateway"
	"telecare/gateway/config"
	"telecare/gateway/strictyaml"
)

// notifier makes a way to reach people.
func notifier(c config.Channel) (gateway.Notifier, error) {
	switch {
	case c.Email != nil:
		return mailbox(c)
	case c.SMS != nil:
		return texts(c)
	case c.Ntfy != nil:
		return pushes(c)
	case c.Service != nil:
		return services.New(services.Config{Name: string(c.Name), URL: c.Service.URL.Reveal(), Timeout: c.Service.Timeout})
	}
	return webhook.New(webhook.Config{
		Name: string(c.Name), URL: c.Webhook.URL.Reveal(), Secret: []byte(c.Webhook.Secret.Reveal()), Timeout: c.Webhook.Timeout,
		TestURL: c.Webhook.TestURL.Reveal(),
	})
}

func mailbox(c config.Channel) (*email.Email, error) {
	ca, err := trust(c.Email.CAFile)
	if err != nil {
		return nil, err
	}
	return email.New(email.Config{
		Name: string(c.Name), Host: c.Email.Host, Port: c.Email.Port, Security: email.Security(c.Email.Security),
		Username: c.Email.Username, Password: c.Email.Password.Reveal(), From: c.Email.From, Timeout: c.Email.Timeout, TLS: ca,
	})
}

func texts(c config.Channel) (*smshttp.Gateway, error) {
	s := c.SMS
	ca, err := trust(s.CAFile)
	if err != nil {
		return nil, err
	}
	reports := ""
	if s.Reports.URL != "" {
		reports = s.Reports.URL + hookPath(c.Name, s.Reports.Token) + "/report"
	}
	if k := s.Kannel; k != nil {
		return smshttp.New(smshttp.Kannel{
			Name: string(c.Name), URL: k.URL, Username: k.Username, Password: k.Password.Reveal(), SMSC: k.SMSC, From: s.From,
			Reports: reports, Timeout: s.Timeout, TLS: ca,
		}.Config())
	}
	headers := map[string]string{}
	for _, h := range s.Headers {
		headers[h.Name] = h.Value.Reveal()
	}
	return smshttp.New(smshttp.Config{
		Name: string(c.Name), Method: s.Method, URL: s.URL.Reveal(), Headers: headers, Body: s.Body.Reveal(), Secret: s.Secret.Reveal(),
		Sent: smshttp.Says(s.Sent), Refused: smshttp.Says(s.Refused), From: s.From, Reports: reports, Timeout: s.Timeout, TLS: ca,
	})
}

func pushes(c config.Channel) (*ntfy.Ntfy, error) {
	ca, err := trust(c.Ntfy.CAFile)
	if err != nil {
		return nil, err
	}
	return ntfy.New(ntfy.Config{
		Name: string(c.Name), URL: c.Ntfy.URL, Token: c.Ntfy.Token.Reveal(), Username: c.Ntfy.Username, Password: c.Ntfy.Password.Reveal(),
		Timeout: c.Ntfy.Timeout, TLS: ca,
	})
}

// authorities is the file of those that a channel trusts, "" for the system's.
func authorities(c config.Channel) string {
	switch {
	case c.Email != nil:
		return c.Email.CAFile
	case c.SMS != nil:
		return c.SMS.CAFile
	case c.Ntfy != nil:
		return c.Ntfy.CAFile
	case c.Push != nil:
		return c.Push.CAFile
	}
	return ""
}

// addressOn checks what a contact gives as address on a channel, "" too; nil
// takes everything.
func addressOn(c config.Channel) func(string) error {
	var check func(string) error
	example := ""
	switch {
	case c.Email != nil:
		check, example = func(s string) error { _, err := email.Address(s); return err }, "marta@example.org"
	case c.SMS != nil:
		check, example = smshttp.Address, `"+48 600 100 200"`
	case c.Modem != nil:
		check, example = func(s string) error { _, err := modem.Number(s); return err }, `"+48 600 100 200"`
	case c.Ntfy != nil:
		check, example = ntfy.Address, "the topic that the telephone is subscribed to"
	case c.Push != nil:
		return func(s string) error {
			if s != "" {
				return strictyaml.Textf("takes no address; the person switches their phones on, on the page")
			}
			return nil
		}
	case c.Service != nil && services.Personal(c.Service.URL.Reveal()):
		check, example = func(string) error { return nil }, "what stands for {address} in the channel's url"
	case c.Service != nil:
		return func(s string) error {
			if s != "" {
				return strictyaml.Textf("takes no address; write {address} into the channel's url where it belongs, or take it out here")
			}
			return nil
		}
	default:
		return nil
	}
	return func(s string) error {
		if s == "" {
			return strictyaml.Textf("needs an address; write {channel: …, address: %s}", strictyaml.Text{Format: example})
		}
		return unsaid(check(s), s)
	}
}

// unsaid is an error that quotes what was written, before that was put in: so the
// page can say it in another language.
func unsaid(err error, written string) error {
	if err == nil {
		return nil
	}
	format, ok := strings.CutPrefix(err.Error(), strconv.Quote(written))
	if !ok || strings.Contains(format, "%") {
		return err
	}
	return strictyaml.Textf("%q"+format, written)
}

// hookPath is where an SMS gateway tells us things about a channel. The token
// makes it nobody else's.
func hookPath(channel alerting.ChannelID, token config.Secret) string {
	return strings.Join([]string{"/hooks", string(channel), token.Reveal()}, "/")
}
