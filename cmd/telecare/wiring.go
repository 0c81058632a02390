package main

import (
	"crypto/rand"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"

	"telecare/alerting"
	"telecare/alerting/notify/alarmtopic"
	"telecare/alerting/notify/email"
	"telecare/alerting/notify/webhook"
	"telecare/devices/mqtt"
	"telecare/devices/serial"
	"telecare/gateway"
	"telecare/gateway/config"
	"telecare/gateway/metrics"
	"telecare/gateway/registry"

	"golang.org/x/crypto/bcrypt"
)

// channels makes the ways to reach people.
func channels(cfg *config.Config) (map[alerting.ChannelID]gateway.Notifier, error) {
	out := map[alerting.ChannelID]gateway.Notifier{}
	for _, c := range cfg.Channels {
		n, err := channel(c)
		if err != nil {
			return nil, fmt.Errorf("channel %q: %w", c.Name, err)
		}
		out[c.Name] = n
	}
	return out, nil
}

func channel(c config.Channel) (gateway.Notifier, error) {
	if c.Email != nil {
		return mailbox(c)
	}
	return webhook.New(webhook.Config{
		Name: string(c.Name), URL: c.Webhook.URL.Reveal(), Secret: []byte(c.Webhook.Secret.Reveal()), Timeout: c.Webhook.Timeout,
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

// warnOfChannels says which contacts name a channel that there is not.
func warnOfChannels(cfg *config.Config, site *registry.Site, log *slog.Logger) {
	known := map[alerting.ChannelID]bool{}
	for _, c := range cfg.Channels {
		known[c.Name] = true
	}
	for id, p := range site.Plan.People {
		for _, c := range p.Channels {
			if !known[c] {
				log.Error("a responder has a contact on a channel that telecare.yaml does not have", "responder", id, "channel", c)
			}
		}
	}
}

// sources makes what listens to devices.
func (h *house) sources(meter *metrics.Meter) error {
	for _, s := range h.cfg.Sources {
		link := func(up bool) {
			h.gateway.Condition(alerting.LinkLost, s.Name, !up)
			value := 0.0
			if up {
				value = 1
			}
			meter.Set("telecare_link_up", s.Name, value)
		}
		switch {
		case s.MQTT != nil:
			ca, err := trust(s.MQTT.CAFile)
			if err != nil {
				return fmt.Errorf("source %q: %w", s.Name, err)
			}
			id := s.MQTT.ClientID
			if id == "" {
				id = "telecare-" + string(h.cfg.Site) + "-" + s.Name
			}
			h.tasks = append(h.tasks, mqtt.NewClient(mqtt.ClientConfig{
				Name: s.Name, URL: s.MQTT.URL, ClientID: id, Username: s.MQTT.Username, Password: s.MQTT.Password.Reveal(),
				TLS: ca, Topics: s.MQTT.Topics, Codec: codecs(s.Codecs), SessionFile: h.data.session(s.Name), OnLink: link,
			}, h.gateway.Handle, h.log))
		case s.Listen != nil:
			b, err := embedded(s.Name, s.Listen)
			if err != nil {
				return err
			}
			b.Codec = codecs(s.Codecs)
			h.tasks = append(h.tasks, mqtt.NewBroker(b, h.gateway.Handle, h.log))
			meter.Set("telecare_link_up", s.Name, 1)
		case s.Serial != nil:
			l, err := serial.New(serial.Config{
				Name: s.Name, Port: s.Serial.Port, Format: s.Serial.Format, Baud: s.Serial.Baud, OnLink: link,
			}, h.gateway.Handle, h.log)
			if err != nil {
				return fmt.Errorf("source %q: %w", s.Name, err)
			}
			h.tasks = append(h.tasks, l)
		}
	}
	return nil
}

// trust reads the authorities to trust beside none; "" is the system's.
func trust(file string) (*tls.Config, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the certificate authority: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("certificate authority %q: no certificate in it", file)
	}
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, nil
}

// ownUser is how we connect to our own broker; its password lasts as long as
// the process.
const ownUser = "telecare"

var ownPassword = sync.OnceValue(rand.Text)

// embedded makes the configuration of a broker of our own.
func embedded(name string, e *config.Embedded) (mqtt.BrokerConfig, error) {
	hash, err := bcrypt.GenerateFromPassword([]byte(ownPassword()), bcrypt.MinCost)
	if err != nil {
		return mqtt.BrokerConfig{}, fmt.Errorf("source %q: %w", name, err)
	}
	b := mqtt.BrokerConfig{
		Name: name, Listen: e.Listen, AllowAnonymous: len(e.Users) == 0, Users: map[string]string{ownUser: string(hash)},
	}
	for _, u := range e.Users {
		if u.Name == ownUser {
			return b, fmt.Errorf("source %q: user %q is the gateway's own name there: choose another", name, ownUser)
		}
		b.Users[u.Name] = string(u.PasswordHash)
	}
	if e.TLS != nil {
		cert, err := tls.LoadX509KeyPair(e.TLS.Cert, e.TLS.Key)
		if err != nil {
			return b, fmt.Errorf("source %q: %w", name, err)
		}
		b.TLS = &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	}
	return b, nil
}

// alarmBroker finds the broker on which alarms are published; nil when there
// is none.
func alarmBroker(cfg *config.Config) (*alarmtopic.Config, error) {
	broker := cfg.Alarms
	for _, s := range cfg.Sources {
		if broker != nil {
			break
		}
		broker = s.MQTT
		if s.Listen == nil {
			continue
		}
		t := &alarmtopic.Config{
			Site: cfg.Site, URL: "tcp://" + s.Listen.Listen, ClientID: "telecare-" + string(cfg.Site) + "-alarms",
			Username: ownUser, Password: ownPassword(),
		}
		if s.Listen.TLS != nil {
			t.URL = "ssl://" + s.Listen.Listen
			own, err := onlyOurs(s.Listen.TLS)
			if err != nil {
				return nil, err
			}
			t.TLS = own
		}
		return t, nil
	}
	if broker == nil {
		return nil, nil
	}
	ca, err := trust(broker.CAFile)
	if err != nil {
		return nil, err
	}
	return &alarmtopic.Config{
		Site: cfg.Site, URL: broker.URL, ClientID: "telecare-" + string(cfg.Site) + "-alarms",
		Username: broker.Username, Password: broker.Password.Reveal(), TLS: ca,
	}, nil
}

// onlyOurs trusts the very certificate that our own broker shows, whatever
// name it is for: we connect to ourselves.
func onlyOurs(t *config.TLS) (*tls.Config, error) {
	cert, err := tls.LoadX509KeyPair(t.Cert, t.Key)
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, // replaced by the comparison below
		VerifyConnection: func(s tls.ConnectionState) error {
			if len(s.PeerCertificates) == 0 || subtle.ConstantTimeCompare(s.PeerCertificates[0].Raw, cert.Certificate[0]) != 1 {
				return errors.New("the broker shows another certificate than ours")
			}
			return nil
		},
	}, nil
}
