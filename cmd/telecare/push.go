package main

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"telecare/alerting"
	"telecare/alerting/notify/webpush"
	"telecare/dashboards"
	"telecare/gateway/config"
	"telecare/gateway/phones"
)

// phones is where it is kept which phones ring.
func (f folder) phones() string { return filepath.Join(string(f), "phones.json") }

// pushKeys are what push services know us by. They are made when they are first
// needed; beside an error they last as long as the process.
func (f folder) pushKeys() (*webpush.Keys, error) {
	path := filepath.Join(string(f), "push.key")
	b, err := os.ReadFile(path)
	if err == nil {
		var keys *webpush.Keys
		if keys, err = webpush.ParseKeys(b); err == nil {
			return keys, nil
		}
	}
	keys, made := webpush.NewKeys()
	if made != nil || !errors.Is(err, fs.ErrNotExist) { // one that is there is not written over
		return keys, errors.Join(err, made)
	}
	if b, err = keys.Bytes(); err != nil {
		return keys, err
	}
	return keys, os.WriteFile(path, b, 0o600)
}

// pushPart is the channel that rings phones.
type pushPart struct {
	*webpush.Push
	name    alerting.ChannelID
	key     string // what a browser subscribes with; "" when that would not last
	byLink  bool
	private bool
}

// push makes the channel that rings phones.
func (h *house) push(next, old *parts, c config.Channel) error {
	made := []any{c, contents(authorities(c))}
	if old != nil && old.channels[c.Name] != nil && reflect.DeepEqual(old.channels[c.Name].made, made) {
		next.channels[c.Name], next.push = old.channels[c.Name], old.push
		return nil
	}
	ca, err := trust(c.Push.CAFile)
	if err != nil {
		return err
	}
	keys, err := h.data.pushKeys()
	if keys == nil {
		return err
	}
	p := &pushPart{name: c.Name, key: keys.Public(), byLink: c.Push.ByLink, private: c.Push.Private}
	if err != nil {
		h.log.Error("the keys for web push cannot be kept: no phone can be switched on, and those that are may not ring", "error", err)
		p.key = ""
	}
	p.Push, err = webpush.New(webpush.Config{
		Name: string(c.Name), Keys: keys, Subject: c.Push.Subject, Phones: pushPhones{ownPhones{h}}, Timeout: c.Push.Timeout, TLS: ca, Private: c.Push.Private,
	})
	if err != nil {
		return err
	}
	next.channels[c.Name], next.push = &channelPart{made, p.Push}, p
	return nil
}

// ownPhones gives the channel people's phones, and the page what it may do with
// them.
type ownPhones struct{ h *house }

func forPush(all []phones.Phone) (out []webpush.Phone) {
	for _, p := range all {
		out = append(out, webpush.Phone{ID: p.ID, Endpoint: p.Endpoint, P256dh: p.P256dh, Auth: p.Auth})
	}
	return out
}

// pushPhones are the phones as the channel wants them.
type pushPhones struct{ ownPhones }

// Of lists a person's.
func (r pushPhones) Of(who alerting.Person) []webpush.Phone { return forPush(r.h.phones.Of(who)) }

// All lists everybody's.
func (r pushPhones) All() []webpush.Phone { return forPush(r.h.phones.All()) }

// Gone forgets one that its push service does not know any more.
func (r pushPhones) Gone(who alerting.Person, p webpush.Phone) {
	r.h.phones.Gone(p.ID)
	r.h.log.Warn("a phone's push service does not know it any more: it has to be switched on again", "person", who, "phone", p.ID)
	r.news(who)
}

// Proven reports whether one of theirs has lately shown a message.
func (r pushPhones) Proven(who alerting.Person) bool { return r.h.phones.Proven(who, time.Now()) }

// news has it known at once how somebody's contact is now.
func (r ownPhones) news(who alerting.Person) {
	if p := r.h.pushing.Load(); p != nil {
		retry, err := p.TestPerson(context.Background(), who) // it looks at what is in memory
		r.h.gateway.ContactKnown(p.name, who, retry, err)
	}
}

// Ringing implements dashboards.Phones.
func (r ownPhones) Ringing() dashboards.Ringing {
	p := r.h.pushing.Load()
	if p == nil || p.key == "" {
		return dashboards.Ringing{}
	}
	return dashboards.Ringing{Channel: p.name, Key: p.key, ByLink: p.byLink}
}

// Of implements dashboards.Phones.
func (r ownPhones) Of(who alerting.Person) (out []dashboards.Phone) {
	for _, p := range r.h.phones.Of(who) {
		out = append(out, dashboards.Phone{ID: p.ID, Name: p.Name, Key: webpush.Key(p.P256dh), Added: p.Added, Shown: p.Shown})
	}
	return out
}

// Add implements dashboards.Phones.
func (r ownPhones) Add(_ context.Context, who alerting.Person, n dashboards.NewPhone) (id string, err error) {
	push := r.h.pushing.Load()
	if push == nil || push.key == "" {
		return "", &dashboards.Wrong{Why: "there is no channel of type push"}
	}
	p, err := webpush.ReadPhone(n.Endpoint, n.P256dh, n.Auth, push.private)
	if err != nil {
		return "", &dashboards.Wrong{Why: err.Error()}
	}
	p.ID = "h-" + strings.ToLower(rand.Text()[:12])
	err = r.h.phones.Add(phones.Phone{ID: p.ID, Person: who, Name: n.Name, Endpoint: p.Endpoint, P256dh: p.P256dh, Auth: p.Auth, Added: time.Now().UTC().Truncate(time.Second)})
	if errors.Is(err, phones.ErrTooMany) {
		return "", dashboards.ErrTooManyPhones
	}
	if err != nil {
		return "", err
	}
	r.news(who)
	go func() { // the answer does not wait for it: the worker may not be awake yet
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := push.Try(ctx, who, p, r.lang(who)); err != nil {
			r.h.log.Warn("a phone that was switched on is not reached", "person", who, "phone", p.ID, "error", err)
		}
	}()
	return p.ID, nil
}

// Remove implements dashboards.Phones.
func (r ownPhones) Remove(_ context.Context, who alerting.Person, id string) (bool, error) {
	ok, err := r.h.phones.Remove(who, id)
	if ok && err == nil {
		r.news(who)
	}
	return ok, err
}

// Try implements dashboards.Phones.
func (r ownPhones) Try(ctx context.Context, who alerting.Person, id string) error {
	push := r.h.pushing.Load()
	for _, p := range forPush(r.h.phones.Of(who)) {
		if p.ID == id && push != nil {
			return push.Try(ctx, who, p, r.lang(who))
		}
	}
	return dashboards.ErrNoSuchPhone
}

// Shown implements dashboards.Phones.
func (r ownPhones) Shown(receipt string) bool {
	push := r.h.pushing.Load()
	if push == nil {
		return false
	}
	of, ok := push.Shown(receipt)
	if !ok {
		return false
	}
	r.h.phones.Shown(of.Phone, time.Now())
	if of.Call {
		r.h.meter.Count("telecare_notifications_arrived_total", string(push.name), 1)
	}
	r.news(of.Person)
	return true
}

// lang is what somebody reads.
func (r ownPhones) lang(who alerting.Person) string {
	r.h.mu.Lock()
	defer r.h.mu.Unlock()
	for _, p := range r.h.site.Responders {
		if p.ID == who && p.Lang != "" {
			return p.Lang
		}
	}
	return r.h.site.Lang
}

// openPhones reads which phones ring. Without them people are called by their
// other contacts.
func (h *house) openPhones() {
	var err error
	if h.phones, err = phones.Open(h.data.phones(), h.log); err != nil {
		h.log.Error("no phone rings by web push", "error", err)
	}
	h.closing(h.phones.Close)
	h.forgetPhones()
}

// forgetPhones forgets the phones of those who are not registered any more.
func (h *house) forgetPhones() {
	h.phones.Only(func(who alerting.Person) bool { _, ok := h.site.Plan.People[who]; return ok })
}

// tryPush asks the push services of all phones whether they answer. No phone
// rings.
func tryPush(ctx context.Context, cfg *config.Config, c config.Channel) finding {
	const how = "each person does that on the page, under This phone"
	data := folder(cfg.Data)
	store, err := phones.Open(data.phones(), slog.New(slog.DiscardHandler))
	if err != nil {
		return failed(err)
	}
	n := len(store.All())
	if n == 0 {
		return finding{Level: warn, Says: "no phone is switched on yet", Do: how}
	}
	keys, err := webpush.NewKeys() // a test signs nothing
	if err != nil {
		return failed(err)
	}
	ca, err := trust(c.Push.CAFile)
	if err != nil {
		return failed(err)
	}
	push, err := webpush.New(webpush.Config{
		Name: string(c.Name), Keys: keys, Subject: c.Push.Subject, Timeout: c.Push.Timeout, TLS: ca, Private: c.Push.Private, Phones: pushPhones{ownPhones{&house{phones: store}}},
	})
	if err != nil {
		return failed(err)
	}
	if err := push.Test(ctx); err != nil {
		return failed(err)
	}
	return well("", "the push services of %d phones answer; none was rung", n)
}
