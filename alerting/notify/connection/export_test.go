package connection

import (
	"net/http"
	"net/url"
)

// NewHTTPBy is an HTTP by a proxy, which the environment cannot give in a test:
// net/http reads it once.
func NewHTTPBy(proxy func(*http.Request) (*url.URL, error)) *HTTP {
	h := NewHTTP(0, nil)
	h.client.Transport.(*http.Transport).Proxy = proxy
	return h
}
