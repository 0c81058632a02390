package influx

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	influxdb2 "github.com/influxdata/influxdb-client-go/v2"
	"github.com/influxdata/influxdb-client-go/v2/api"
)

// Config says where points go.
type Config struct {
	URL    string
	Token  string // "user:password" for InfluxDB 1.8
	Org    string // "" for InfluxDB 1.8
	Bucket string // "database/retention policy" for InfluxDB 1.8
	// Timeout of one write; 10 s when zero.
	Timeout time.Duration
}

// Limits of one write: what InfluxDB recommends, and a size that a slow line
// carries within the timeout.
const (
	maxPoints = 5000
	maxBytes  = 1 << 20
)

// writeEvery is how far apart writes are while InfluxDB keeps up. Each costs it,
// and us, much the same for few points as for many.
const writeEvery = 100 * time.Millisecond

// Forwarder empties a spool into InfluxDB. It is a task: see Run.
type Forwarder struct {
	cfg     Config
	spool   *Spool
	log     *slog.Logger
	onFault func(on bool, why string)

	// Of Run.
	api    api.WriteAPIBlocking
	proven bool   // InfluxDB has accepted something with this configuration
	why    string // the fault that was told, "" when there is none

	mu      sync.Mutex
	state   error // for Ready
	written int64
}

// NewForwarder makes a forwarder. The function onFault is called by Run when
// InfluxDB stops taking points, again when the reason changes, and when it
// takes them again.
func NewForwarder(cfg Config, spool *Spool, log *slog.Logger, onFault func(on bool, why string)) *Forwarder {
	cfg.Timeout = cmp.Or(cfg.Timeout, 10*time.Second)
	return &Forwarder{
		cfg: cfg, spool: spool, log: log, onFault: onFault,
		state: errors.New("nothing has been written to influxdb yet"), // unknown is not well
	}
}

// Run brings batches to InfluxDB, oldest first, until ctx ends. Whatever goes
// wrong is a fault and is tried again for ever; it returns nil.
func (f *Forwarder) Run(ctx context.Context) error {
	client, err := f.connect()
	if err != nil {
		// No retry can help, and nothing may end because readings wait.
		f.fault(err)
		<-ctx.Done()
		return nil
	}
	defer client.CloseIdleConnections()
	for tries := 0; ctx.Err() == nil; {
		began := time.Now()
		l, err := f.once(ctx)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			f.fault(err)
			sleep(ctx, pause(err, tries))
			tries++
		case l.points > 0:
			f.well()
			tries = 0
			if !l.full {
				sleep(ctx, writeEvery-time.Since(began))
			}
		default: // empty
			select {
			case <-f.spool.wake:
			case <-ctx.Done():
			}
		}
	}
	return nil
}

// once brings one load, which has no points when there was none.
func (f *Forwarder) once(ctx context.Context) (load, error) {
	l, err := f.spool.next(ctx, maxPoints, maxBytes)
	if err != nil || l.points == 0 {
		return l, err
	}
	poison, err := f.write(ctx, strings.TrimSuffix(l.lines, "\n"))
	if err != nil {
		return l, err
	}
	// What InfluxDB has it has, also when we are told to end now.
	if err := f.spool.settle(context.WithoutCancel(ctx), l, poison); err != nil {
		return l, err
	}
	f.mu.Lock()
	f.written += int64(l.points - len(poison))
	f.mu.Unlock()
	if len(poison) > 0 {
		f.log.Warn("influxdb refused points; they were set aside in the spool's table poison", "points", len(poison))
	}
	return l, nil
}

// write brings lines, the last without its end, to InfluxDB and returns the
// points that it will never take. What it refuses is halved until those are
// found that it refuses alone.
func (f *Forwarder) write(ctx context.Context, lines string) ([]Poison, error) {
	err := refusalOf(f.api.WriteRecord(ctx, lines))
	var refused *refusal
	switch {
	case err == nil:
		f.proven = true
		return nil, nil
	case !errors.As(err, &refused) || !refused.data:
		return nil, err
	case !f.proven && !refused.aboutPoints():
		// It has never taken anything from us and does not speak of points:
		// setting everything aside because of a wrong setting would lose it.
		refused.data, refused.config = false, true
		return nil, refused
	}
	if points := strings.Count(lines, "\n") + 1; points == 1 || refused.dropped() >= points {
		var poison []Poison
		for line := range strings.SplitSeq(lines, "\n") {
			poison = append(poison, Poison{Line: line, Message: refused.message})
		}
		return poison, nil
	}
	one, other := halves(lines)
	first, err := f.write(ctx, one)
	if err != nil {
		return nil, err
	}
	second, err := f.write(ctx, other)
	return append(first, second...), err
}

// halves cuts lines, of which there are several, at the end of one near the
// middle.
func halves(lines string) (one, other string) {
	middle := len(lines) / 2
	cut := strings.LastIndexByte(lines[:middle], '\n')
	if next := strings.IndexByte(lines[middle:], '\n'); next >= 0 {
		cut = middle + next
	}
	return lines[:cut], lines[cut+1:]
}

// connect makes the client. Only its blocking writes are used: the others keep
// points in memory, retry when the next point comes, and drop in silence.
func (f *Forwarder) connect() (*http.Client, error) {
	// The client would go on with half an address, and panic.
	if u, err := url.Parse(f.cfg.URL); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, errors.New("influxdb: the url is not like http://host:8086")
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	client := &http.Client{
		Timeout:   f.cfg.Timeout,
		Transport: only204{transport},
		// A redirected POST becomes a GET that succeeds and writes nothing.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	c := influxdb2.NewClientWithOptions(f.cfg.URL, f.cfg.Token, influxdb2.DefaultOptions().
		SetUseGZip(!nearby(f.cfg.URL)).SetPrecision(time.Nanosecond).SetHTTPClient(client))
	f.api = c.WriteAPIBlocking(f.cfg.Org, f.cfg.Bucket)
	return client, nil
}

// nearby says that InfluxDB is on this machine: there is no line to spare.
func nearby(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// only204 makes an error of every other success: a write is answered with 204,
// and a page that says 200 is somebody else's. The client takes both.
// https://docs.influxdata.com/influxdb/v2/api/#operation/PostWrite
type only204 struct{ *http.Transport }

func (t only204) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := t.Transport.RoundTrip(req)
	if err == nil && res.StatusCode/100 == 2 && res.StatusCode != http.StatusNoContent {
		res.Body.Close()
		return nil, fmt.Errorf("%w: status %d", errNotInflux, res.StatusCode)
	}
	return res, err
}

// fault tells a failure once, and again when its reason changes.
func (f *Forwarder) fault(err error) {
	f.mu.Lock()
	f.state = err
	f.mu.Unlock()
	if why := word(err); why != f.why {
		f.why = why
		f.log.Warn("influxdb takes no points; they are kept", "why", why, "error", err)
		f.onFault(true, why)
	}
}

func (f *Forwarder) well() {
	f.mu.Lock()
	f.state = nil
	f.mu.Unlock()
	if f.why != "" {
		f.why = ""
		f.log.Info("influxdb takes points again")
		f.onFault(false, "")
	}
}

// Ready says why points do not reach InfluxDB now. It is nil only after a write
// that succeeded: InfluxDB calls itself healthy with a wrong token, too.
func (f *Forwarder) Ready() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state
}

// String names the task and where it writes, without the token.
func (f *Forwarder) String() string {
	where := "an address that cannot be read"
	if u, err := url.Parse(f.cfg.URL); err == nil {
		where = u.Redacted()
	}
	return fmt.Sprintf("influxdb %s bucket %q", where, f.cfg.Bucket)
}

// Stats are for metrics.
type Stats struct {
	Points   int64 // waiting in the spool
	Bytes    int64 // their size
	Written  int64 // points that InfluxDB has accepted since the start
	Dropped  int64 // points given up for the quota or with a damaged file, ever
	Poisoned int64 // points that InfluxDB will never accept, ever
}

// Stats returns how much waits and what became of the rest.
func (f *Forwarder) Stats() Stats {
	s := f.spool.Stats()
	f.mu.Lock()
	defer f.mu.Unlock()
	s.Written = f.written
	return s
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
