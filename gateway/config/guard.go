package config

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/crypto/bcrypt"
)

// Ranges of what can be set.
const (
	minTimeout, maxTimeout = time.Second, time.Minute
	minEvery, maxEvery     = 5 * time.Second, time.Hour
	minQuota               = 16 << 20
	minCost                = 10
	maxFile                = 64 << 10 // of a password or a certificate
)

// guard refuses a listener that others can reach unless it asks who they are
// and hides what is said. A proxy in front can hide it; it cannot stand for
// credentials.
func (c *checker) guard(path, listen, credentials string, have, tls, proxy bool) {
	if listen == "" || loopback(listen) {
		return
	}
	if !have && !c.Unread(path+"."+credentials) {
		c.Errorf(path+".listen", "%s is open to others, and there are no %s; add %s:, or listen on 127.0.0.1", listen, credentials, credentials)
	}
	if !tls && !proxy && !c.Unread(path+".tls") && !c.Unread(path+".behind_proxy") {
		c.Errorf(path+".listen", "%s is open to others without TLS; add tls: {cert, key}, or listen on 127.0.0.1, or write behind_proxy: true when a proxy in front does TLS", listen)
	}
}

func loopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// listen checks an address to listen on.
func (c *checker) listen(path, s, otherwise string) string {
	s = cmp.Or(s, otherwise)
	host, port, err := net.SplitHostPort(s)
	if n, nerr := strconv.ParseUint(port, 10, 16); err != nil || nerr != nil || strconv.FormatUint(n, 10) != port || strings.ContainsAny(host, "/ ") {
		c.Errorf(path, "%q is no address to listen on; write one such as %s", s, otherwise)
		return ""
	}
	return s
}

func (c *checker) page(path string, r rawPage) Page {
	p := Page{
		Listen:      c.listen(path+".listen", r.Listen, defaultPage),
		TLS:         c.tls(path+".tls", r.TLS),
		BehindProxy: r.BehindProxy,
	}
	seen := map[string]bool{}
	for i, a := range r.Accounts {
		at := fmt.Sprintf("%s.accounts[%d]", path, i)
		switch {
		case a.Name == "" || len(a.Name) > 64:
			c.Errorf(at+".name", "missing or too long; write what is typed to sign in")
		case seen[a.Name]:
			c.Errorf(at+".name", "the name %q is used twice; give each account its own", a.Name)
		}
		seen[a.Name] = true
		hash := c.hash(at+".password_hash", a.PasswordHash)
		c.oneOf(at+".role", a.Role, append(workRoles(), string(Family))...)
		c.family(at, a)
		totp, recovery := c.second(at, a)
		if a.Person == "" && (a.Role == string(Nurse) || a.Role == string(Centre)) {
			c.Errorf(at+".person", "missing; write the key of the responder who answers alarms by this account")
		}
		p.Accounts = append(p.Accounts, Account{Name: a.Name, PasswordHash: hash, Person: a.Person, Role: Role(a.Role), Of: a.Of, TOTP: totp, Recovery: recovery})
	}
	p.SignIn = c.signIn(path+".sign_in", r.SignIn)
	p.Tokens = c.tokens(path+".tokens", r.Tokens)
	c.guard(path, p.Listen, "accounts", len(p.Accounts) > 0, r.TLS != nil, p.BehindProxy)
	p.PublicURL = c.publicURL(path, r, p)
	return p
}

// family checks whose family an account is.
func (c *checker) family(at string, a rawAccount) {
	switch {
	case a.Role == string(Family) && len(a.Of) == 0 && !c.Unread(at+".of"):
		c.Errorf(at+".of", "missing; write the keys of the residents whose family this is, such as of: [aniela]")
	case a.Role != string(Family) && len(a.Of) > 0:
		c.Errorf(at+".of", "is for accounts with role: family; take it out")
	case a.Role == string(Board) && a.Person != "":
		c.Errorf(at+".person", "an account with role: %s answers nothing; take it out, or give the person an account of their own", a.Role)
	}
	for k, key := range a.Of {
		if key == "" || slices.Contains(a.Of[:k], key) {
			c.Errorf(fmt.Sprintf("%s.of[%d]", at, k), "%q is empty or written twice", key)
		}
	}
}

func (c *checker) publicURL(path string, r rawPage, p Page) string {
	open := p.Listen != "" && !loopback(p.Listen) || p.BehindProxy
	const example = "such as https://care.example.org"
	if r.PublicURL == "" {
		if open {
			c.Errorf(path+".public_url", "missing; links in calls begin with it: write the address by which people reach the page, %s", example)
		}
		scheme := "http://"
		if p.TLS != nil {
			scheme = "https://"
		}
		return scheme + p.Listen
	}
	u := c.http(path+".public_url", NewSecret(r.PublicURL), example)
	if u == nil {
		return ""
	}
	if u.RawQuery != "" || u.ForceQuery || strings.Trim(u.Path, "/") != "" {
		c.Errorf(path+".public_url", "want scheme and host only, %s", example)
	}
	if u.Scheme == "http" && !loopback(net.JoinHostPort(u.Hostname(), "80")) {
		c.Errorf(path+".public_url", "people would send their passwords in the clear; use https://")
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host}).String()
}

func (c *checker) influx(path string, r *rawInflux) *Influx {
	if r == nil {
		return nil
	}
	in := &Influx{Org: r.Org, Bucket: r.Bucket, Quota: int64(r.Quota)}
	if u := c.http(path+".url", r.URL, "such as url: http://127.0.0.1:8086"); u != nil {
		in.URL = strings.TrimSuffix(u.String(), "/")
	}
	if in.Token = c.secret(path, "token", r.Token, r.TokenFile); in.Token.IsZero() && r.TokenFile == "" {
		c.Errorf(path+".token", "missing; InfluxDB 1.8 takes \"user:password\"")
	}
	if in.Bucket == "" {
		c.Errorf(path+".bucket", "missing; InfluxDB 1.8 takes \"database/retention policy\"")
	}
	switch {
	case in.Quota == 0:
		in.Quota = defaultQuota
	case in.Quota < minQuota:
		c.Errorf(path+".quota", "%v is too little to last through an outage; write 16MiB or more", r.Quota)
	}
	return in
}

func (c *checker) deadman(path string, r *rawDeadman) *Deadman {
	if r == nil {
		return nil
	}
	c.http(path+".url", r.URL, "such as url: https://example.org/ping")
	return &Deadman{URL: r.URL, Every: c.between(path+".every", r.Every, defaultEvery, minEvery, maxEvery)}
}

// secret is written in the file itself or in one of its own, never in both.
func (c *checker) secret(path, key string, s Secret, file string) Secret {
	at := path + "." + key + "_file"
	if file == "" {
		return s
	}
	if !s.IsZero() {
		c.Errorf(at, "given beside %s; take one of them out", key)
		return s
	}
	b, err := c.file(file)
	if err != nil {
		c.Errorf(at, "%v", err)
		return Secret{}
	}
	text := strings.TrimRight(string(b), "\r\n")
	if text == "" || strings.ContainsAny(text, "\n\x00") {
		c.Errorf(at, "file %q holds no secret; write it on one line", file)
		return Secret{}
	}
	return NewSecret(text)
}

// file reads a small file that the configuration names.
func (c *checker) file(name string) ([]byte, error) { return c.fileUpTo(name, maxFile) }

func (c *checker) fileUpTo(name string, most int64) ([]byte, error) {
	path := c.path(name)
	if info, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("cannot be read: %w", err)
	} else if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%q is no file", name) // reading a device might never end
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("cannot be read: %w", err)
	}
	defer f.Close()
	b, err := readBounded(f, most+1)
	if err == nil && int64(len(b)) > most {
		err = fmt.Errorf("%q is larger than %d bytes", name, most)
	}
	return b, err
}

func readBounded(r io.Reader, n int64) ([]byte, error) { return io.ReadAll(io.LimitReader(r, n)) }

func (c *checker) tls(path string, r *rawTLS) *TLS {
	if r == nil {
		return nil
	}
	if r.Cert == "" || r.Key == "" {
		c.Errorf(path, "want two PEM files, tls: {cert: page.crt, key: page.key}")
		return nil
	}
	cert, err := c.file(r.Cert)
	if err != nil {
		c.Errorf(path+".cert", "%v", err)
	}
	key, kerr := c.file(r.Key)
	if kerr != nil {
		c.Errorf(path+".key", "%v", kerr)
	}
	if err != nil || kerr != nil {
		return nil
	}
	if _, err := tls.X509KeyPair(cert, key); err != nil {
		c.Errorf(path+".cert", "%q and %q are no certificate with its key: %v", r.Cert, r.Key, err)
		return nil
	}
	return &TLS{Cert: c.path(r.Cert), Key: c.path(r.Key)}
}

// authorities checks a file of certificates to trust.
func (c *checker) authorities(path, name string) string {
	if name == "" {
		return ""
	}
	b, err := c.file(name)
	if err == nil && !x509.NewCertPool().AppendCertsFromPEM(b) {
		err = errors.New("holds no certificate; want PEM")
	}
	if err != nil {
		c.Errorf(path, "%v", err)
	}
	return c.path(name)
}

// hash checks a password's hash. It is never printed.
func (c *checker) hash(path, s string) []byte {
	const how = "`telecare init` or `htpasswd -nB name` makes one"
	cost, err := bcrypt.Cost([]byte(s))
	switch {
	case s == "":
		c.Errorf(path, "missing; %s", how)
	case err != nil || len(s) != 60 || !slices.Contains([]string{"$2a$", "$2b$", "$2y$"}, s[:4]):
		c.Errorf(path, "is no bcrypt hash, and the password itself must not stand here: %s", how)
	case cost < minCost:
		c.Errorf(path, "cost %d is too easily tried out; use %d or more: %s", cost, minCost, how)
	}
	return []byte(s)
}
