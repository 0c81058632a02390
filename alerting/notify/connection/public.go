package connection

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"syscall"
)

// errPrivate says that an address is nobody's outside.
var errPrivate = errors.New("the address is of this machine or its network, and calls go outside")

// Public is the same, and reaches no machine but public ones, whatever a name
// stands for at that moment: for addresses that somebody has handed in. A proxy
// of the environment is ours and may be anywhere; what it reaches is its own
// affair.
func (h *HTTP) Public() *HTTP {
	client := *h.client
	transport := client.Transport.(*http.Transport).Clone()
	proxies := &proxies{ask: transport.Proxy}
	transport.Proxy = proxies.of
	outside := &net.Dialer{ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
		if at, err := netip.ParseAddrPort(address); err != nil || !IsPublic(at.Addr()) {
			return errPrivate
		}
		return nil
	}}
	transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if _, ours := proxies.known.Load(addr); ours {
			return dial(ctx, network, addr)
		}
		return dialBy(ctx, outside, network, addr)
	}
	client.Transport = transport
	return &HTTP{client: &client, timeout: h.timeout}
}

// proxies remembers which addresses are proxies'.
type proxies struct {
	ask   func(*http.Request) (*url.URL, error)
	known sync.Map // host:port
}

func (p *proxies) of(r *http.Request) (*url.URL, error) {
	u, err := p.ask(r)
	if err == nil && u != nil {
		port := u.Port()
		if port == "" {
			port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
			if port == "" {
				port = "1080" // as net/http has it for socks5
			}
		}
		p.known.Store(net.JoinHostPort(u.Hostname(), port), true)
	}
	return u, err
}

// notPublic are the ranges beside those that net/netip knows by name. [IANA IPv4
// and IPv6 Special-Purpose Address Registries]
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),       // this network
	netip.MustParsePrefix("100.64.0.0/10"),   // a provider's own
	netip.MustParsePrefix("192.0.0.0/24"),    // protocols
	netip.MustParsePrefix("192.0.2.0/24"),    // documentation
	netip.MustParsePrefix("198.18.0.0/15"),   // benchmarks
	netip.MustParsePrefix("198.51.100.0/24"), // documentation
	netip.MustParsePrefix("203.0.113.0/24"),  // documentation
	netip.MustParsePrefix("240.0.0.0/4"),     // reserved
	netip.MustParsePrefix("64:ff9b::/96"),    // an IPv4 address behind a translator
	netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("2001::/23"), // protocols, Teredo
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"), // 6to4: an IPv4 address again
	netip.MustParsePrefix("fec0::/10"), // what was private once
}

// IsPublic reports whether an address is a machine's that anybody may reach.
func IsPublic(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, p := range notPublic {
		if p.Contains(a) {
			return false
		}
	}
	return true
}
