package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"telecare/gateway/config"
)

// remote is how a command finds a gateway to speak with. Without an address it
// is the one on this machine, and the token is the one it has left in its data
// folder.
type remote struct {
	Config string `short:"c" default:"${config}" help:"The configuration, where the gateway is on this machine." type:"path"`
	URL    string `env:"TELECARE_URL" help:"The address of a gateway elsewhere, such as https://care.example.org."`
	Token  string `env:"TELECARE_TOKEN" help:"A token for it; telecare token makes one. Others on this machine can see what stands on a command line: use the variable."`
	JSON   bool   `help:"Write what the gateway says, for programs."`
}

// client speaks with a gateway.
type client struct {
	base, token string
	local       bool // found by telecare.yaml
	http        http.Client
}

// apiLimit is longer than the gateway may take to have an answer on disk.
const apiLimit = 15 * time.Second

func (r remote) client() (*client, error) {
	c := &client{token: r.Token, http: http.Client{Timeout: apiLimit, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // a token goes where it was sent, and nowhere else
	}}}
	if r.URL != "" {
		u, err := url.Parse(r.URL)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, fmt.Errorf("--url %q: write an address such as https://care.example.org", r.URL)
		}
		c.base = u.Scheme + "://" + u.Host
		return c, nil
	}
	cfg, err := config.Load(r.Config)
	if err != nil {
		return nil, fmt.Errorf("%w; or name a gateway elsewhere by --url", err)
	}
	c.local, c.base = true, "http://"+reachable(cfg.Page.Listen)
	if cfg.Page.TLS != nil {
		own, err := loadCertificate(cfg.Page.TLS)
		if err != nil {
			return nil, fmt.Errorf("page: %w", err)
		}
		c.base = "https://" + reachable(cfg.Page.Listen)
		c.http.Transport = &http.Transport{TLSClientConfig: onlyOurs(own)}
	}
	if c.token == "" {
		b, err := os.ReadFile(folder(cfg.Data).localToken())
		switch {
		case errors.Is(err, fs.ErrPermission):
			return nil, fmt.Errorf("the token of this machine's gateway cannot be read: run this as its user or as root, or give a token: %w", err)
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("the token of this machine's gateway: %w", err)
		}
		c.token = strings.TrimSpace(string(b))
	}
	return c, nil
}

// reachable is where to find what listens: everywhere is here, too.
func reachable(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return listen
	}
	switch ip := net.ParseIP(host); {
	case host == "" || ip != nil && ip.IsUnspecified() && ip.To4() != nil:
		host = "127.0.0.1"
	case ip != nil && ip.IsUnspecified():
		host = "::1"
	}
	return net.JoinHostPort(host, port)
}

// refusal is the gateway's no.
type refusal struct {
	Status  int
	Code    string
	Message string
	Where   string
}

func (r *refusal) Error() string {
	text := strings.TrimSuffix(r.Message, ".")
	if r.Where != "" {
		text += " at " + r.Where
	}
	return fmt.Sprintf("the gateway says: %s (%s)", text, r.Code)
}

// call asks the gateway and returns what it says.
func (c *client) call(ctx context.Context, method, path string, in any) ([]byte, error) {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(ctx, method, c.base+"/api/v1"+path, body)
	if err != nil {
		return nil, err
	}
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := c.http.Do(r)
	if err != nil {
		return nil, c.unreachable(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, 64<<20))
	if err != nil {
		return nil, c.unreachable(err)
	}
	if resp.StatusCode/100 == 2 {
		return b, nil
	}
	no := &refusal{Status: resp.StatusCode}
	if json.Unmarshal(b, no) != nil || no.Code == "" {
		return nil, fmt.Errorf("%s answers %s: is it a telecare gateway?", c.base, resp.Status)
	}
	if no.Status == http.StatusUnauthorized {
		hint := "give a token by --token or TELECARE_TOKEN; `telecare token` makes one"
		if c.local && no.Code == "bad_token" {
			hint = "the gateway was started anew, or is another one; try again"
		}
		return nil, fmt.Errorf("%w; %s", no, hint)
	}
	if no.Status == http.StatusForbidden && no.Code == "not_for_you" {
		return nil, fmt.Errorf("%w; the token has not the scope for it", no)
	}
	return nil, no
}

func (c *client) unreachable(err error) error {
	var e *url.Error
	if errors.As(err, &e) {
		err = e.Err
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED) && c.local:
		return fmt.Errorf("no gateway runs at %s, where telecare.yaml has the page: `telecare run` starts it", c.base)
	case errors.As(err, new(*tls.CertificateVerificationError)):
		return fmt.Errorf("%s cannot be trusted: %w", c.base, err)
	}
	return fmt.Errorf("%s cannot be reached: %w", c.base, err)
}

// get asks for something and reads it; as JSON it is written out as it came,
// and false returned.
func (r remote) get(ctx context.Context, s streams, c *client, path string, into any) (bool, error) {
	b, err := c.call(ctx, http.MethodGet, path, nil)
	if err != nil {
		return false, err
	}
	if r.JSON {
		_, err := s.out.Write(b)
		return false, err
	}
	if err := json.Unmarshal(b, into); err != nil {
		return false, fmt.Errorf("%s answers what is not understood: %w", c.base, err)
	}
	return true, nil
}

// table writes columns.
func table(w io.Writer, head string, rows [][]string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, head)
	for _, r := range rows {
		for i, cell := range r {
			if cell == "" {
				r[i] = "-"
			}
		}
		fmt.Fprintln(t, strings.Join(r, "\t"))
	}
	return t.Flush()
}

// zone is the site's, for the times that people read.
func (c *client) zone(ctx context.Context) *time.Location {
	var site struct{ Zone string }
	if b, err := c.call(ctx, http.MethodGet, "/site", nil); err == nil && json.Unmarshal(b, &site) == nil {
		if l, err := time.LoadLocation(site.Zone); err == nil {
			return l
		}
	}
	return time.UTC
}

// clock is a time as people read it.
func clock(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format("2006-01-02 15:04:05")
}
