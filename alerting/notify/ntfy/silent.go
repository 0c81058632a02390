package ntfy

import (
	"context"
	"encoding/json"
	"net/http"

	"telecare/alerting/notify/connection"
)

// Test asks the server whether it is well, and whether it knows us where we sign
// in. Nothing is published.
func (n *Ntfy) Test(ctx context.Context) error {
	a, err := n.do(ctx, http.MethodGet, n.url+"v1/health", nil)
	if err != nil {
		return err
	}
	var health struct{ Healthy bool }
	if json.Unmarshal(a.Body, &health) != nil || !health.Healthy {
		return n.failed(connection.Failure(connection.Garbage, nil))
	}
	if n.cfg.Token == "" && n.cfg.Username == "" {
		return nil
	}
	_, err = n.do(ctx, http.MethodGet, n.url+"v1/account", nil) // 401 for a token that there is not
	return err
}

// TestContact says what is known of a topic without publishing to it.
func (n *Ntfy) TestContact(_ context.Context, address string) (retry bool, err error) {
	if Address(address) != nil {
		return false, n.failed(connection.Failure("no address", nil))
	}
	return true, nil
}
