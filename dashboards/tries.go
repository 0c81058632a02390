package dashboards

import (
	"cmp"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"hash/maphash"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// How many wrong passwords there may be. A browser in which somebody has signed
// in before is counted alone, so that nobody is kept out by what others try:
// [OWASP, Slow Down Online Guessing Attacks with Device Cookies].
const (
	maxFailures = 10 // of one name from one address or known browser, a minute
	maxAddress  = 50 // of all names from one address, a minute
	maxName     = 30 // of one name from all addresses, in nameWindow
	nameWindow  = 15 * time.Minute
	maxTracked  = 10_000
)

// tries counts wrong passwords by something. It has so many counters and no
// more; by its seed nobody knows which things share one, so that nobody can be
// kept out by a choice of names, and none is forgotten because there are many.
type tries struct {
	most int
	per  time.Duration
	seed maphash.Seed

	mu sync.Mutex
	by [1 << 14]struct {
		n     int32
		since uint32 // Unix seconds: four tables of times would be 2 MiB
	}
}

func newTries(most int, per time.Duration) *tries {
	return &tries{most: most, per: per, seed: maphash.MakeSeed()}
}

// begin counts a try before it is known to be wrong, or those that are under way
// together would all count as the first. It reports whether it may be made, and
// when not, after how long one may.
func (t *tries) begin(what string, now time.Time) (ok bool, wait time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	x := &t.by[maphash.String(t.seed, what)%uint64(len(t.by))]
	since := time.Unix(int64(x.since), 0)
	if d := now.Sub(since); d < 0 || d >= t.per { // d < 0: the clock was set back
		x.n, x.since = 0, uint32(now.Unix())
	}
	if int(x.n) >= t.most {
		return false, since.Add(t.per).Sub(now)
	}
	x.n++
	return true, 0
}

// right takes back what begin has counted: the password was right.
func (t *tries) right(what string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if x := &t.by[maphash.String(t.seed, what)%uint64(len(t.by))]; x.n > 0 {
		x.n--
	}
}

// counting is one counter and what it counts.
type counting struct {
	in   *tries
	what string
}

// door keeps those who try passwords waiting.
type door struct {
	pair, address, name, browser *tries
	// hashing lets one bcrypt run at a time, and one more for browsers that are
	// known: a flood of sign-ins must leave the processor to the alarms, and
	// whoever was here before must not wait behind it.
	hashing, knownHashing chan struct{}
}

func newDoor() *door {
	return &door{
		pair: newTries(maxFailures, time.Minute), address: newTries(maxAddress, time.Minute),
		name: newTries(maxName, nameWindow), browser: newTries(maxFailures, time.Minute),
		hashing: make(chan struct{}, 1), knownHashing: make(chan struct{}, 1),
	}
}

// begin counts a try of a name, from an address or by a browser that is known
// for it. All of them are counted, or none.
func (d *door) begin(name, address, browser string, now time.Time) (begun []counting, wait time.Duration) {
	all := []counting{{d.pair, address + "\x00" + name}, {d.address, address}, {d.name, name}}
	if browser != "" {
		all = []counting{{d.browser, browser}}
	}
	for i, c := range all {
		if ok, wait := c.in.begin(c.what, now); !ok {
			right(all[:i])
			return nil, max(wait, time.Second)
		}
	}
	return all, 0
}

func right(begun []counting) {
	for _, c := range begun {
		c.in.right(c.what)
	}
}

// address is whom to count wrong passwords and tokens against: where the
// connection comes from, or behind a proxy what it says it came from. Of IPv6
// it is the /64, all of which one subscriber has [RFC 6177].
func (h *Handler) address(r *http.Request) string {
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	if h.settings.Load().Proxied {
		// The last one is the proxy's own word; those before are anybody's.
		all := r.Header.Values("X-Forwarded-For")
		if len(all) > 0 {
			parts := strings.Split(all[len(all)-1], ",")
			host = cmp.Or(strings.TrimSpace(parts[len(parts)-1]), host)
		}
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	if ip = ip.Unmap().WithZone(""); ip.Is6() {
		if p, err := ip.Prefix(64); err == nil {
			return p.String()
		}
	}
	return ip.String()
}

// knownFor is how long a browser is known after a sign-in.
const knownFor = 180 * 24 * time.Hour

// knownCookie names the cookie of a browser in which somebody has signed in. It
// opens nothing.
func (h *Handler) knownCookie() string { return h.cookie() + "-known" }

// known is such a cookie's value, for one account's name.
func (h *Handler) known(name, nonce string) string {
	m := hmac.New(sha256.New, h.o.LinkKey)
	m.Write([]byte("known\x00" + nonce + "\x00" + name))
	return nonce + "." + b64.EncodeToString(m.Sum(nil)[:16])
}

// browser is by what a browser is known for an account's name; "" when it is
// not.
func (h *Handler) browser(r *http.Request, name string) string {
	c, err := r.Cookie(h.knownCookie())
	if err != nil {
		return ""
	}
	nonce, _, _ := strings.Cut(c.Value, ".")
	if !hmac.Equal([]byte(c.Value), []byte(h.known(name, nonce))) {
		return ""
	}
	return c.Value
}

func newNonce() string { return rand.Text() }
