package webpush

import (
	"context"
	"crypto/rand"

	"telecare/alerting"
)

// Receipt is a phone that showed a message.
type Receipt struct {
	Person alerting.Person
	Phone  string
	Call   bool // and not a try
}

// receipts are those that are waited for, the newest.
type receipts struct {
	by  map[string]Receipt
	old []string // in their order
}

// maxReceipts bounds what is waited for.
const maxReceipts = 2000

// receipt makes one that nobody guesses: only the phone can read it.
func (p *Push) receipt(of Receipt) string {
	key := rand.Text()
	p.mu.Lock()
	defer p.mu.Unlock()
	r := &p.receipts
	if r.old = append(r.old, key); len(r.old) > maxReceipts {
		delete(r.by, r.old[0])
		r.old = r.old[1:]
	}
	r.by[key] = of
	return key
}

// Shown takes a receipt back, and says whose it is; false for one that is not
// waited for. Each counts once.
func (p *Push) Shown(receipt string) (Receipt, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r, ok := p.receipts.by[receipt]
	delete(p.receipts.by, receipt)
	return r, ok
}

// Try has one phone ring, so that somebody sees that it does.
func (p *Push) Try(ctx context.Context, to alerting.Person, phone Phone, lang string) error {
	_, err := p.send(ctx, to, []Phone{phone}, tryMessage(lang))
	return err
}
