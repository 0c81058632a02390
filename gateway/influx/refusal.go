package influx

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	influxhttp "github.com/influxdata/influxdb-client-go/v2/api/http"
)

// refusal is a write that did not succeed, and what can be done about it.
type refusal struct {
	status  int           // 0 when there was no answer
	data    bool          // it is about what was sent
	config  bool          // it is about where to and as whom: people must act
	after   time.Duration // InfluxDB's wish
	message string
	err     error
}

func (r *refusal) Error() string { return "influxdb: " + r.err.Error() }
func (r *refusal) Unwrap() error { return r.err }

var errNotInflux = errors.New("answered, but not as influxdb does: check the url")

// refusalOf tells what an error of the client means.
// https://docs.influxdata.com/influxdb/v2/write-data/troubleshoot/
func refusalOf(err error) error {
	if err == nil {
		return nil
	}
	r := &refusal{err: err}
	var e *influxhttp.Error
	if errors.As(err, &e) {
		r.status, r.message, r.after = e.StatusCode, e.Message, time.Duration(e.RetryAfter)*time.Second
	}
	if r.status != 0 {
		r.err = fmt.Errorf("status %d: %s", r.status, e.Message)
	}
	switch {
	case errors.Is(err, errNotInflux):
		r.config = true
	case r.status == 0, r.status == http.StatusRequestTimeout, r.status == http.StatusTooManyRequests, r.status >= 500:
		// Later.
	case r.status == http.StatusBadRequest, r.status == http.StatusRequestEntityTooLarge, r.status == http.StatusUnprocessableEntity:
		r.data = true
	default:
		r.config = true // 401, 403, 404, a redirection, …
	}
	return r
}

// aboutPoints reports whether InfluxDB speaks of points, and not of the request
// around them, where both have status 400.
func (r *refusal) aboutPoints() bool {
	for _, s := range []string{"partial write", "parse", "retention policy", "field type conflict", "line protocol"} {
		if strings.Contains(r.message, s) {
			return true
		}
	}
	return r.status == http.StatusRequestEntityTooLarge
}

var droppedCount = regexp.MustCompile(`\bdropped=(\d+)$`)

// dropped is how many points InfluxDB says it did not store, 0 when it does not
// say. After weeks without InfluxDB whole loads are beyond its retention:
// halving them down to single points would take hours.
func (r *refusal) dropped() int {
	m := droppedCount.FindStringSubmatch(strings.TrimSpace(r.message))
	if m == nil {
		return 0
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return 0
	}
	return n
}

// word is a failure in few words, without what InfluxDB said.
func word(err error) string {
	var r *refusal
	if !errors.As(err, &r) {
		return "the spool cannot be read or written"
	}
	var n net.Error
	switch {
	case errors.Is(err, errNotInflux):
		return "what answers is not influxdb: check the url"
	case r.status == http.StatusUnauthorized, r.status == http.StatusForbidden:
		return fmt.Sprintf("status %d: check the token", r.status)
	case r.status == http.StatusNotFound:
		return "status 404: check the bucket and the organisation"
	case r.status != 0:
		return "status " + strconv.Itoa(r.status)
	case errors.As(err, &n) && n.Timeout():
		return "timeout"
	}
	return "no connection"
}

// pause is how long to wait after a failure: longer each time, up to 15 s, or
// 30 s where people must act first, and never shorter than InfluxDB asks for.
// Jitter keeps the gateways of a town from returning all at once.
func pause(err error, tries int) time.Duration {
	first, most := 250*time.Millisecond, 15*time.Second
	var r *refusal
	if errors.As(err, &r) && r.config {
		first, most = time.Second, 30*time.Second
	}
	d := min(first<<min(tries, 10), most)
	d = d/2 + rand.N(d/2+1)
	if r != nil {
		d = max(d, min(r.after, 10*time.Minute))
	}
	return d
}
