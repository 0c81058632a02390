package config

import (
	netmail "net/mail"
	"net/url"
	"strings"
	"time"
)

// Ntfy is a server of ntfy.
type Ntfy struct {
	URL      string
	Token    Secret // or Username and Password; none where it asks for nothing
	Username string
	Password Secret
	CAFile   string // "" trusts the system's authorities
	Timeout  time.Duration
}

// Push rings people's phones through the browser that has the page.
type Push struct {
	Subject string // whom a push service turns to
	ByLink  bool   // a phone can be switched on by the link of a call, too
	Private bool   // push services may be in this network
	CAFile  string // "" trusts the system's authorities
	Timeout time.Duration
}

// Service is a service of shoutrrr's.
type Service struct {
	URL     Secret // {address} in it is the responder's
	Timeout time.Duration
}

func (c *checker) service(path string, ch rawChannel) *Service {
	s := &Service{
		URL:     c.secret(path, "url", ch.URL, ch.URLFile),
		Timeout: c.between(path+".timeout", ch.Timeout, defaultTimeout, minTimeout, maxTimeout),
	}
	if s.URL.IsZero() && ch.URLFile == "" {
		c.Errorf(path+".url", "missing; write a URL of shoutrrr's, such as gotify://gotify.example.org/token, or url_file: with the name of a file that holds it")
	}
	return s
}

func (c *checker) push(path string, ch rawChannel, before []Channel) *Push {
	p := &Push{
		Subject: ch.Subject, ByLink: ch.ByLink, Private: ch.AllowPrivate,
		CAFile:  c.authorities(path+".ca_file", ch.CAFile),
		Timeout: c.between(path+".timeout", ch.Timeout, defaultTimeout, minTimeout, maxTimeout),
	}
	for _, o := range before {
		if o.Push != nil {
			c.Errorf(path+".type", "channel %q is of type push already; a phone that is switched on rings for one", o.Name)
		}
	}
	mail, isMail := strings.CutPrefix(p.Subject, "mailto:")
	u, err := url.Parse(p.Subject)
	if a, aerr := netmail.ParseAddress(mail); p.Subject == "" || isMail && (aerr != nil || a.Address != mail) || !isMail && (err != nil || u.Scheme != "https" || u.Host == "") {
		c.Errorf(path+".subject", "want whom a push service may turn to when something is wrong, such as mailto:technician@example.org")
	}
	return p
}

func (c *checker) ntfy(path string, ch rawChannel) *Ntfy {
	n := &Ntfy{
		URL: strings.TrimSuffix(ch.URL.Reveal(), "/"), Token: c.secret(path, "token", ch.Token, ch.TokenFile),
		Username: ch.Username, Password: c.secret(path, "password", ch.Password, ch.PasswordFile),
		CAFile:  c.authorities(path+".ca_file", ch.CAFile),
		Timeout: c.between(path+".timeout", ch.Timeout, defaultTimeout, minTimeout, maxTimeout),
	}
	const example = "such as https://ntfy.example.org"
	if u := c.http(path+".url", ch.URL, example); u != nil {
		if strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
			c.Errorf(path+".url", "want the server alone, %s; a topic is a person's, and is their address in the registry", example)
		}
		c.hiddenFrom(path+".url", u)
	}
	token := !n.Token.IsZero() || ch.TokenFile != ""
	password := !n.Password.IsZero() || ch.PasswordFile != ""
	switch {
	case token && (n.Username != "" || password):
		c.Errorf(path+".token", "given beside username and password; the server wants one of them")
	case password && n.Username == "":
		c.Errorf(path+".username", "missing; a password is somebody's")
	case n.Username != "" && !password:
		c.Errorf(path+".password", "missing; write it, or password_file: with the name of a file that holds it")
	}
	return n
}
