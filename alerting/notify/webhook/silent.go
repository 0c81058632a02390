package webhook

import (
	"context"
	"net/http"

	"telecare/alerting/notify/connection"
)

// Test asks the receiver for something that it cannot take for a call, by a
// connection of its own. With a TestURL that is a GET of it, to be answered with
// 2xx. Without one it is the options of the server as a whole, which no path of
// it sees [RFC 9110 9.3.7]: whatever it says to that it is there, and trusted,
// unless a server before it says that it is not (5xx). Whether it would take a
// call, by its path and secret, is not known then. An err is always an *Error.
func (w *Webhook) Test(ctx context.Context) error {
	method, at := http.MethodGet, w.testURL
	whole := at == ""
	if whole {
		method, at = http.MethodOptions, w.machine
	}
	req, err := http.NewRequest(method, at, http.NoBody)
	if err != nil {
		return w.failed(err)
	}
	if whole {
		req.URL.Path = "*"
	}
	req.Header.Set("User-Agent", "telecare")
	good := connection.OK
	if whole {
		good = func(status int) bool {
			return status < 500 || status == http.StatusNotImplemented || status == http.StatusHTTPVersionNotSupported
		}
	}
	if _, err := w.tester.Ask(ctx, req, good); err != nil {
		return w.failed(err)
	}
	return nil
}
