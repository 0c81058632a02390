package webhook

import (
	"context"
	"io"
	"net/http"
	"strconv"
)

// Test asks the receiver for something that it cannot take for a call, by a
// connection of its own. With a TestURL that is a GET of it, to be answered with
// 2xx. Without one it is the options of the server as a whole, which no path of
// it sees [RFC 9110 9.3.7]: whatever it says to that it is there, and trusted,
// unless a server before it says that it is not (5xx). Whether it would take a
// call, by its path and secret, is not known then. An err is always an *Error.
func (w *Webhook) Test(ctx context.Context) error {
	parent := ctx
	ctx, cancel := context.WithTimeout(ctx, w.timeout)
	defer cancel()
	method, at := http.MethodGet, w.testURL
	whole := at == ""
	if whole {
		method, at = http.MethodOptions, w.machine
	}
	req, err := http.NewRequestWithContext(context.WithValue(ctx, tryKey{}, ctx), method, at, http.NoBody)
	if err != nil {
		return w.failed(parent, err)
	}
	if whole {
		req.URL.Path = "*"
	}
	req.Header.Set("User-Agent", "telecare")
	resp, err := w.tester.Do(req)
	if err != nil {
		return w.failed(parent, err)
	}
	defer resp.Body.Close()
	if status := resp.StatusCode; !whole && status/100 != 2 || status >= 500 && status != http.StatusNotImplemented && status != http.StatusHTTPVersionNotSupported {
		return &Error{webhook: w.name, word: "status " + strconv.Itoa(status)}
	}
	if _, err := io.Copy(io.Discard, io.LimitReader(resp.Body, maxBody)); err != nil {
		return w.failed(parent, err)
	}
	return nil
}
