package config

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// SMS is an SMS gateway that is spoken to by HTTP. Kannel is set, or URL.
type SMS struct {
	Kannel *Kannel

	Method  string
	URL     Secret
	Headers []Header
	Body    Secret
	Secret  Secret // stands for {secret}
	Sent    Answers
	Refused Answers

	From    string
	Reports Reports
	CAFile  string // "" trusts the system's authorities
	Timeout time.Duration
}

// Kannel is Kannel's own interface.
type Kannel struct {
	URL      string
	Username string
	Password Secret
	SMSC     string
}

// Header is a header of a request. Its value may hold a secret.
type Header struct {
	Name  string
	Value Secret
}

// Answers tell which answers of a gateway mean something.
type Answers struct {
	Status []int
	Body   *regexp.Regexp
}

// Reports are how a gateway tells us what became of a message, and what people
// answer.
type Reports struct {
	URL   string // by which the gateway reaches our page; "" for none
	Token Secret // in the path of what it calls

	Status    string         // the parameter that has it; "" is ours
	Delivered *regexp.Regexp // what it says then
	Failed    *regexp.Regexp
	From      string // the parameters of a message that somebody has sent
	Text      string
}

func (c *checker) sms(path string, ch rawChannel) *SMS {
	s := &SMS{
		From: ch.From, CAFile: c.authorities(path+".ca_file", ch.CAFile),
		Timeout: c.between(path+".timeout", ch.Timeout, defaultMailTimeout, minTimeout, maxTimeout),
	}
	if len(ch.From) > 20 || strings.ContainsAny(ch.From, "\r\n{}") {
		c.Errorf(path+".from", "%q is no sender; write a number, or a word of at most 11 letters", ch.From)
	}
	s.Reports = c.reports(path, ch)
	if ch.Type == "kannel" {
		s.Kannel = c.kannel(path, ch)
		return s
	}
	s.URL, s.Method, s.Body = ch.URL, ch.Method, ch.Body
	if ch.Method != "" {
		c.oneOf(path+".method", ch.Method, "GET", "POST", "PUT")
	}
	s.Secret = c.secret(path, "secret", ch.Secret, ch.SecretFile)
	whole := ch.URL.Reveal() + ch.Body.Reveal()
	for i, h := range ch.Headers {
		if h.Name == "" {
			c.Errorf(fmt.Sprintf("%s.headers[%d]", path, i)+".name", "missing; write a header's name, such as Authorization")
		}
		s.Headers = append(s.Headers, Header(h))
		whole += h.Value.Reveal()
	}
	if uses := strings.Contains(whole, "{secret}"); uses && s.Secret.IsZero() && ch.SecretFile == "" {
		c.Errorf(path+".secret", "missing; {secret} stands for it: write it, or secret_file: with the name of a file that holds it")
	} else if !uses && !s.Secret.IsZero() {
		c.Errorf(path+".secret", "used nowhere; write {secret} into url, headers or body where the gateway wants it")
	}
	c.placeholders(path, whole)
	if u := c.http(path+".url", NewSecret(strings.NewReplacer("{", "", "}", "").Replace(ch.URL.Reveal())), "such as https://sms.example.org/send?to={to}&text={text}"); u != nil {
		c.hiddenFrom(path+".url", u)
	}
	s.Sent, s.Refused = c.answers(path+".sent", ch.Sent), c.answers(path+".refused", ch.Refused)
	return s
}

// placeholders checks what stands for something in a request.
func (c *checker) placeholders(path, whole string) {
	known := []string{"{to}", "{text}", "{from}", "{secret}", "{id}", "{coding}", "{report}"}
	for _, p := range regexp.MustCompile(`\{[a-z_]+\}`).FindAllString(whole, -1) {
		if !slices.Contains(known, p) {
			c.Errorf(path, "%s in url, headers or body stands for nothing; there are %s", p, strings.Join(known, ", "))
		}
	}
	for _, p := range known[:2] {
		if !strings.Contains(whole, p) {
			c.Errorf(path, "%s is nowhere in url, headers or body; nobody would be told anything", p)
		}
	}
}

func (c *checker) kannel(path string, ch rawChannel) *Kannel {
	k := &Kannel{URL: ch.URL.Reveal(), Username: ch.Username, Password: c.secret(path, "password", ch.Password, ch.PasswordFile), SMSC: ch.SMSC}
	if u := c.http(path+".url", ch.URL, "such as http://127.0.0.1:13013/cgi-bin/sendsms"); u != nil {
		if u.RawQuery != "" {
			c.Errorf(path+".url", "want the address alone; username, password and from have keys of their own")
		}
		c.hiddenFrom(path+".url", u)
	}
	if k.Username == "" {
		c.Errorf(path+".username", "missing; write the user of sendsms-user in kannel.conf")
	}
	if k.Password.IsZero() && ch.PasswordFile == "" {
		c.Errorf(path+".password", "missing; write it, or password_file: with the name of a file that holds it")
	}
	return k
}

// hiddenFrom refuses to send passwords and who is called for in the clear.
func (c *checker) hiddenFrom(path string, u *url.URL) {
	if u.Scheme == "http" && !loopback(net.JoinHostPort(u.Hostname(), "80")) {
		c.Errorf(path, "the password and who is called for would be sent in the clear; only a service on this machine is spoken to without encryption: write https://")
	}
}

func (c *checker) reports(path string, ch rawChannel) Reports {
	r := Reports{Token: c.secret(path, "token", ch.Token, ch.TokenFile)}
	at := path + ".reports"
	if ch.Reports == nil {
		if !r.Token.IsZero() {
			c.Errorf(path+".token", "used nowhere; write reports: {url: …} with the address by which the gateway reaches this page")
		}
		return r
	}
	if u := c.http(at+".url", NewSecret(ch.Reports.URL), "such as http://127.0.0.1:8080: the address by which the gateway reaches this page"); u != nil {
		r.URL = strings.TrimSuffix(u.String(), "/")
		if u.RawQuery != "" {
			c.Errorf(at+".url", "want the page's address alone; the rest is ours")
		}
	}
	switch n := len(r.Token.Reveal()); {
	case n == 0 && ch.TokenFile == "":
		c.Errorf(path+".token", "missing; reports and answers are told from others' by it: `openssl rand -hex 32` makes one")
	case n > 0 && n < 16:
		c.Errorf(path+".token", "too short to be safe; use 16 letters or more: `openssl rand -hex 32` makes one")
	case strings.Trim(r.Token.Reveal(), "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "":
		c.Errorf(path+".token", "becomes part of an address: letters, digits, - and _ only; `openssl rand -hex 32` makes one")
	}
	r.Status, r.From, r.Text = ch.Reports.Status, ch.Reports.From, ch.Reports.Text
	r.Delivered, r.Failed = c.pattern(at+".delivered", ch.Reports.Delivered), c.pattern(at+".failed", ch.Reports.Failed)
	return r
}

func (c *checker) answers(path string, r *rawAnswers) Answers {
	if r == nil {
		return Answers{}
	}
	for i, n := range r.Status {
		if n < 200 || n > 599 {
			c.Errorf(fmt.Sprintf("%s.status[%d]", path, i), "%d is no answer's status; write one from 200 to 599", n)
		}
	}
	if len(r.Status) == 0 && r.Body == "" {
		c.Errorf(path, "says nothing; write status: with a list, or body: with a pattern")
	}
	return Answers{r.Status, c.pattern(path+".body", r.Body)}
}

func (c *checker) pattern(path, s string) *regexp.Regexp {
	if s == "" {
		return nil
	}
	p, err := regexp.Compile(s)
	if err != nil {
		c.Errorf(path, "is no pattern: %v", err)
	}
	return p
}
