package connection_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"telecare/alerting/notify/connection"
)

func TestIsPublic(t *testing.T) {
	for address, want := range map[string]bool{
		"93.184.216.34": true, "2606:2800:220:1:248:1893:25c8:1946": true, "::ffff:93.184.216.34": true,
		"127.0.0.1": false, "127.8.9.1": false, "::1": false, "::ffff:127.0.0.1": false, "0.0.0.0": false, "::": false, "0.1.2.3": false,
		"10.1.2.3": false, "172.16.0.1": false, "172.32.0.1": true, "192.168.1.1": false, "169.254.169.254": false, "fe80::1": false, "fe80::1%eth0": false,
		"fd00::1": false, "100.64.0.1": false, "100.128.0.1": true, "224.0.0.1": false, "ff02::1": false, "255.255.255.255": false,
		"192.0.2.1": false, "198.18.0.1": false, "203.0.113.9": false, "64:ff9b::7f00:1": false, "2002:7f00:1::": false, "2001:db8::1": false, "2001::1": false,
	} {
		if got := connection.IsPublic(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}

// A name that stands for this machine is not reached either, and a proxy of ours
// is.
func TestPublic(t *testing.T) {
	asked := make(chan string, 10)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { asked <- r.Host }))
	t.Cleanup(s.Close)
	get := func(h *connection.HTTP, address string) error {
		r, err := http.NewRequest(http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = h.Do(t.Context(), r)
		return err
	}
	plain := connection.NewHTTP(0, nil)
	if err := get(plain, s.URL); err != nil {
		t.Fatal(err)
	}
	<-asked
	for _, address := range []string{s.URL, strings.Replace(s.URL, "127.0.0.1", "localhost", 1), strings.Replace(s.URL, "127.0.0.1", "[::ffff:127.0.0.1]", 1)} {
		if err := get(plain.Public(), address); err == nil || !strings.HasPrefix(err.Error(), "unreachable") {
			t.Errorf("%s: %v", address, err)
		}
	}
	if len(asked) > 0 {
		t.Errorf("reached as %q", <-asked)
	}
	proxy, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	by := connection.NewHTTPBy(http.ProxyURL(proxy)).Public()
	if err := get(by, "http://push.example.org/x"); err != nil {
		t.Fatal(err)
	}
	if host := <-asked; host != "push.example.org" {
		t.Errorf("the proxy was asked for %q", host)
	}
}
