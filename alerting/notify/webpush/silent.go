package webpush

import (
	"context"
	"net/http"
	"net/url"

	"telecare/alerting"
	"telecare/alerting/notify/connection"
)

// TestPerson says what is known of a responder's phones: a browser shows whatever
// comes, so nothing can be sent in silence. It is well when one of them has
// lately said that it showed a message, and nothing is known before that.
func (p *Push) TestPerson(_ context.Context, who alerting.Person) (retry bool, err error) {
	if len(p.cfg.Phones.Of(who)) == 0 {
		return false, p.failed(noPhone())
	}
	return !p.cfg.Phones.Proven(who), nil
}

// Test asks whether the push services of all phones answer at all; what they say
// does not matter. No phone notices.
func (p *Push) Test(ctx context.Context) error {
	asked := map[string]bool{}
	for _, phone := range p.cfg.Phones.All() {
		u, err := url.Parse(phone.Endpoint)
		if err != nil || asked[u.Scheme+u.Host] {
			continue
		}
		asked[u.Scheme+u.Host] = true
		req, err := http.NewRequest(http.MethodGet, u.Scheme+"://"+u.Host+"/", nil)
		if err != nil {
			return p.failed(connection.Failure(connection.Broken, nil))
		}
		a, err := p.tester.Do(ctx, req)
		if err != nil {
			return p.failed(err)
		}
		if a.Status >= http.StatusInternalServerError {
			return p.failed(connection.Failure(connection.Status(a.Status), nil))
		}
	}
	return nil
}
