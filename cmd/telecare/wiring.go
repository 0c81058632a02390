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
	"telecare/devices/mqtt"
	"telecare/gateway/config"
	"telecare/gateway/registry"

	"golang.org/x/crypto/bcrypt"
)

// warnOfChannels says which contacts name a channel that there is not.
func warnOfChannels(cfg *config.Config, site *registry.Site, log *slog.Logger) {
	known := map[alerting.ChannelID]bool{}
	for _, c := range cfg.Channels {
		known[c.Name] = true
	}
	for id, p := range site.Plan.People {
		for _, c := range p.Contacts {
			if !known[c.Channel] {
				log.Error("a responder has a contact on a channel that telecare.yaml does not have", "responder", id, "channel", c.Channel)
			}
		}
	}
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
		Name: name, Listen: e.Listen, AllowAnonymous: len(e.Users) == 0, Users: map[string]string{ownUser: string(hash)}, Ours: ownUser,
	}
	for _, u := range e.Users {
		if u.Name == ownUser {
			return b, fmt.Errorf("source %q: user %q is the gateway's own name there: choose another", name, ownUser)
		}
		b.Users[u.Name] = string(u.PasswordHash)
	}
	return b, nil
}

// alarmBroker finds the broker on which alarms are published, and says what it
// was found by; nil when there is none.
func (p *parts) alarmBroker() (at *alarmtopic.Config, made []any, err error) {
	site := p.cfg.Site
	id := "telecare-" + string(site) + "-alarms"
	broker := p.cfg.Alarms
	for _, s := range p.cfg.Sources {
		if broker != nil {
			break
		}
		broker = s.MQTT
		if s.Listen == nil {
			continue
		}
		at = &alarmtopic.Config{Site: site, URL: "tcp://" + s.Listen.Listen, ClientID: id, Username: ownUser, Password: ownPassword()}
		if s.Listen.TLS != nil {
			at.URL = "ssl://" + s.Listen.Listen
			at.TLS = onlyOurs(p.certs[*s.Listen.TLS])
		}
		return at, []any{at.URL, s.Listen.TLS}, nil
	}
	if broker == nil {
		return nil, nil, nil
	}
	ca, err := trust(broker.CAFile)
	if err != nil {
		return nil, nil, err
	}
	at = &alarmtopic.Config{
		Site: site, URL: broker.URL, ClientID: id, Username: broker.Username, Password: broker.Password.Reveal(), TLS: ca,
	}
	return at, []any{at.URL, at.Username, at.Password, contents(broker.CAFile)}, nil
}

// onlyOurs trusts the very certificate that our own broker shows, whatever
// name it is for: we connect to ourselves.
func onlyOurs(cert *certificate) *tls.Config {
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, // replaced by the comparison below
		VerifyConnection: func(s tls.ConnectionState) error {
			if len(s.PeerCertificates) == 0 || subtle.ConstantTimeCompare(s.PeerCertificates[0].Raw, cert.Load().Certificate[0]) != 1 {
				return errors.New("the broker shows another certificate than ours")
			}
			return nil
		},
	}
}
