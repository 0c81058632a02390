package connection

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Words beside those of a connection itself.
const (
	Canceled = "canceled" // the caller no longer wanted it
	Garbage  = "garbage"  // an answer that says nothing
)

// Status is the word for an answer that refuses.
func Status(code int) string { return "status " + strconv.Itoa(code) }

// Failed is a try that failed, in a word. Error says no more than the word does;
// Unwrap may quote what the other side sent.
type Failed struct {
	word  string
	cause error
}

// Failure makes one; a cause is not needed.
func Failure(word string, cause error) *Failed { return &Failed{word, cause} }

// Word is what may be journalled and counted.
func (f *Failed) Word() string { return f.word }

func (f *Failed) Error() string {
	switch f.word {
	case Refused, Unreachable, TLS:
		if f.cause != nil {
			return f.word + ": " + f.cause.Error()
		}
	}
	return f.word
}

func (f *Failed) Unwrap() error { return f.cause }

// DefaultTimeout is how long one try may take when the configuration does not
// say.
const DefaultTimeout = 10 * time.Second

const (
	keepFor    = time.Second
	maxConns   = 64
	maxHeaders = 64 << 10
	maxBody    = 64 << 10
)

// HTTP carries requests to one service. A try ends within its deadline wherever
// the other side hangs: in connecting, in TLS, in the headers or in the body. An
// answer counts when it has come whole. Redirects are not followed: what is said
// would go to somebody whom nobody configured.
//
// No connection is used again, but see InBursts. One that was kept may have died in silence behind a
// router, and would swallow a call until the deadline; and a second answer to one
// call on it would be taken for that to the next, which nobody has heard of.
type HTTP struct {
	client  *http.Client
	timeout time.Duration
}

// NewHTTP makes one; timeout 0 is DefaultTimeout, and trust nil the system's
// certificate authorities.
func NewHTTP(timeout time.Duration, trust *tls.Config) *HTTP {
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	if trust != nil {
		trust = trust.Clone()
	}
	// HTTP/2 would put all calls on one connection, which may hang as a whole.
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	return &HTTP{timeout: timeout, client: &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: dial, TLSClientConfig: trust, TLSHandshakeTimeout: timeout,
			MaxResponseHeaderBytes: maxHeaders, MaxConnsPerHost: maxConns,
			DisableKeepAlives: true, Protocols: &protocols,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// InBursts is the same, but that a connection is used again within a second of its
// last answer: a call of many then waits for no connecting. It is for receivers
// that are trusted to answer once: what comes unasked ends a connection, but in
// the microseconds in which the next call is on its way it is taken for that one's
// answer.
func (h *HTTP) InBursts() *HTTP {
	client := *h.client
	transport := client.Transport.(*http.Transport).Clone()
	transport.DisableKeepAlives, transport.MaxIdleConnsPerHost, transport.IdleConnTimeout = false, maxConns, keepFor
	client.Transport = transport
	return &HTTP{&client, h.timeout}
}

// Answer is what came back, its body at most 64 KiB of it.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// OK reports whether it is a 2xx.
func (a Answer) OK() bool { return OK(a.Status) }

// OK reports whether a status is a 2xx.
func OK(status int) bool { return status >= 200 && status <= 299 }

// Do makes one try. An error is a *Failed and holds nothing of the address.
func (h *HTTP) Do(parent context.Context, req *http.Request) (Answer, error) {
	return h.Ask(parent, req, func(int) bool { return true })
}

// Ask is Do where a status that is not good has said enough: it is an error, and
// its body is not waited for.
func (h *HTTP) Ask(parent context.Context, req *http.Request, good func(status int) bool) (Answer, error) {
	ctx, cancel := context.WithTimeout(parent, h.timeout)
	defer cancel()
	resp, err := h.client.Do(req.WithContext(context.WithValue(ctx, tryKey{}, ctx)))
	if err != nil {
		return Answer{}, failed(parent, err)
	}
	defer resp.Body.Close()
	if !good(resp.StatusCode) {
		return Answer{}, Failure(Status(resp.StatusCode), nil)
	}
	// A service may send its status before it has done its work, so the answer
	// counts when it has ended. One that talks on and on has said enough.
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil {
		return Answer{}, failed(parent, err)
	}
	return Answer{resp.StatusCode, resp.Header, body}, nil
}

// failed finds the word for what went wrong. parent tells the caller's own end
// from the deadline of the try.
func failed(parent context.Context, err error) *Failed {
	if errors.Is(parent.Err(), context.Canceled) {
		return &Failed{Canceled, context.Canceled}
	}
	// A url.Error repeats the URL, which may hold a secret.
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	word := Word(err)
	if word == Broken && errors.Is(err, http.ErrSchemeMismatch) {
		word = TLS
	}
	return &Failed{word, err}
}

// tryKey finds in a dial's context that of the try it is made for.
type tryKey struct{}

// dial ends with its try. net/http by itself lets a dial go on for whoever may
// want the connection later: here nobody does, and it would hold a place of
// maxConns.
func dial(ctx context.Context, network, addr string) (net.Conn, error) {
	return dialBy(ctx, new(net.Dialer), network, addr)
}

func dialBy(ctx context.Context, d *net.Dialer, network, addr string) (net.Conn, error) {
	if try, ok := ctx.Value(tryKey{}).(context.Context); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(try, cancel)()
	}
	return d.DialContext(ctx, network, addr)
}

// Reach connects to the machine of an address, with TLS where it is spoken, and
// asks for nothing: for tests that nobody notices. Through a proxy it cannot.
func (h *HTTP) Reach(parent context.Context, address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return &Failed{Broken, nil} // the parser's error repeats the address
	}
	ctx, cancel := context.WithTimeout(parent, h.timeout)
	defer cancel()
	port := u.Port()
	if port == "" {
		port = map[bool]string{true: "443", false: "80"}[u.Scheme == "https"]
	}
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return failed(parent, err)
	}
	defer conn.Close()
	if u.Scheme != "https" {
		return nil
	}
	trust := &tls.Config{}
	if t := h.client.Transport.(*http.Transport).TLSClientConfig; t != nil {
		trust = t.Clone()
	}
	trust.ServerName = u.Hostname()
	if err := tls.Client(conn, trust).HandshakeContext(ctx); err != nil {
		return failed(parent, err)
	}
	return nil
}
