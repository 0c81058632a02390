package smshttp

import (
	"context"
	"net/http"

	"telecare/alerting/notify/connection"
)

// Test finds out whether the gateway would take a message, and sends none. Kannel
// is asked to send one to nobody: it looks at user and password first. Of others
// it is known only whether their machine answers.
func (g *Gateway) Test(ctx context.Context) error {
	if g.cfg.Probe == "" {
		if err := g.http.Reach(ctx, g.url.fill(values{})); err != nil {
			return g.failed(err)
		}
		return nil
	}
	req, err := http.NewRequest(http.MethodGet, g.cfg.Probe, http.NoBody)
	if err != nil {
		return g.failed(connection.Failure("unencodable", nil))
	}
	a, err := g.http.Do(ctx, req)
	switch {
	case err != nil:
		return g.failed(err)
	case a.Status == http.StatusForbidden || a.Status == http.StatusUnauthorized:
		return g.failed(connection.Failure("login", nil))
	case a.Status != http.StatusBadRequest:
		return g.failed(connection.Failure(connection.Status(a.Status), nil))
	}
	return nil
}

// TestContact says what is known of a number without sending to it.
func (g *Gateway) TestContact(_ context.Context, address string) (retry bool, err error) {
	if number(address) == "" {
		return false, g.failed(connection.Failure("no address", nil))
	}
	return true, nil
}
