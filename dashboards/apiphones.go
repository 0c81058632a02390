package dashboards

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"telecare/alerting"
)

// Phones are the phones that ring by web push, each for whoever switched it on.
type Phones interface {
	// Ringing says how phones ring just now.
	Ringing() Ringing
	// Of lists a person's.
	Of(alerting.Person) []Phone
	// Add has one ring from now on, on disk when that is said, and ring once to be
	// seen. It returns a *Wrong when it cannot be one, and ErrTooManyPhones.
	Add(context.Context, alerting.Person, NewPhone) (id string, err error)
	// Remove has one of a person's ring no more; false: they have no such one.
	Remove(ctx context.Context, who alerting.Person, id string) (bool, error)
	// Try has one of a person's ring now, for them to see. It returns
	// ErrNoSuchPhone, or why it could not be reached.
	Try(ctx context.Context, who alerting.Person, id string) error
	// Shown takes a phone's word that it showed a message; false: by a receipt
	// that nobody waits for.
	Shown(receipt string) bool
}

// Ringing is how phones ring.
type Ringing struct {
	Channel alerting.ChannelID // "" when none can
	Key     string             // what a browser subscribes with
	ByLink  bool               // also whoever has but a link may have one ring
}

// What Phones says no by.
var (
	ErrTooManyPhones = errors.New("this person has as many phones as there may be")
	ErrNoSuchPhone   = errors.New("this person has no such phone")
)

// Phone is one that rings.
type Phone struct {
	ID    string
	Name  string // as its owner sees it: "Android, Chrome"
	Key   string // what it has of its subscription that is no secret: its public key
	Added time.Time
	Shown time.Time // when it last said that it showed a message; zero: never
}

// NewPhone is a browser's subscription, as its PushSubscription has it.
type NewPhone struct{ Name, Endpoint, P256dh, Auth string }

type phoneList struct {
	Key    string      `json:"key" doc:"What a browser subscribes with (applicationServerKey); empty when no phone can ring: there is no channel of type push."`
	Called bool        `json:"called" doc:"The registry has you called by it."`
	Phones []phoneView `json:"phones" doc:"Yours, in the order in which they were switched on."`
}

type phoneView struct {
	ID      string    `json:"id" doc:"Opaque id."`
	Name    string    `json:"name" doc:"As it was called when it was switched on." example:"Android, Chrome"`
	Key     string    `json:"p256dh" doc:"Its public key, by which a browser knows itself."`
	AddedAt time.Time `json:"added_at" doc:"When it was switched on."`
	ShownAt time.Time `json:"shown_at,omitzero" doc:"When it last said that it showed a message; absent when it never did. The gateway does not know whether it rings until then."`
}

type subscribing struct {
	Name     string `json:"name" maxLength:"60" doc:"What its owner knows it by." example:"Android, Chrome"`
	Endpoint string `json:"endpoint" maxLength:"2000" doc:"The address at its push service: https, and not of this network." example:"https://push.example.org/x"`
	P256dh   string `json:"p256dh" maxLength:"100" doc:"Its public key, in base64url, as PushSubscription.toJSON has it." example:"BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"`
	Auth     string `json:"auth" maxLength:"40" doc:"Its secret, in base64url." example:"BTBZMqHH6r4Tts7J_aSIgg"`
}

type receiving struct {
	Receipt string `json:"receipt" maxLength:"40" doc:"What the message had." example:"JBSWY3DPEHPK3PXPJBSWY3DPEH"`
}

// owner is whose phones are meant: one's own, and nobody else's.
func (h *Handler) owner(v viewer) (alerting.Person, error) {
	if v.person == "" {
		return "", forbidden()
	}
	return v.person, nil
}

// linkOwner is the same for whoever comes with a link. A link is for one alarm,
// and a phone for all to come: that is allowed only where telecare.yaml says so.
func (h *Handler) linkOwner(token string) (alerting.Person, error) {
	v, err := h.byLink(token)
	if err != nil {
		return "", err
	}
	if h.o.Phones == nil || !h.o.Phones.Ringing().ByLink {
		return "", forbidden()
	}
	return h.owner(v)
}

func (h *Handler) phoneOperations(api huma.API) {
	op := func(method, id, path, summary, more, tag string) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary, Description: more, Tags: []string{tag}}
	}
	const yours = "Your own, and nobody else's."
	const link = " Only where the channel has by_link: true, and while the alarm is open."
	const listing, adding, removing, trying = "List your phones that ring", "Have a phone ring from now on", "Have a phone ring no more", "Have a phone ring now, to see that it does"
	const added = "At most five. A browser has one subscription, and rings for whoever switched it on last."
	type made = list[madeView]
	sub := op(http.MethodPost, "add-phone", "/phones", adding, yours+" "+added, "people")
	subLink := op(http.MethodPost, "add-phone-by-link", "/links/{token}/phones", adding+", by a link", added+link, "links")
	sub.DefaultStatus, subLink.DefaultStatus = http.StatusCreated, http.StatusCreated
	refusals := []int{http.StatusConflict, http.StatusServiceUnavailable}
	linked := append([]int{http.StatusNotFound, http.StatusForbidden}, refusals...)

	add(h, api, AlarmsWrite, op(http.MethodGet, "list-phones", "/phones", listing, yours, "people"),
		func(_ context.Context, v viewer, _ *none) (*list[phoneList], error) {
			who, err := h.owner(v)
			return h.phonesOf(who, err)
		})
	add(h, api, everybody, op(http.MethodGet, "list-phones-by-link", "/links/{token}/phones", listing+", by a link", link[1:], "links"),
		func(_ context.Context, _ viewer, in *struct {
			Token string `path:"token" maxLength:"1000" doc:"What follows /a/ in the link of a call."`
		}) (*list[phoneList], error) {
			who, err := h.linkOwner(in.Token)
			return h.phonesOf(who, err)
		}, http.StatusNotFound, http.StatusForbidden, http.StatusConflict)

	add(h, api, AlarmsWrite, sub, func(ctx context.Context, v viewer, in *struct{ Body subscribing }) (*made, error) {
		who, err := h.owner(v)
		return h.addPhone(ctx, who, in.Body, err)
	}, refusals...)
	add(h, api, everybody, subLink, func(ctx context.Context, _ viewer, in *ofLink[subscribing]) (*made, error) {
		who, err := h.linkOwner(in.Token)
		return h.addPhone(ctx, who, in.Body, err)
	}, linked...)

	add(h, api, AlarmsWrite, op(http.MethodDelete, "remove-phone", "/phones/{id}", removing, yours, "people"),
		func(ctx context.Context, v viewer, in *struct {
			ID string `path:"id" maxLength:"40" doc:"The phone's id."`
		}) (*none, error) {
			who, err := h.owner(v)
			return nil, h.removePhone(ctx, who, in.ID, err)
		}, http.StatusNotFound, http.StatusServiceUnavailable)
	add(h, api, AlarmsWrite, op(http.MethodPost, "try-phone", "/phones/{id}/try", trying, yours+" Nobody else is told.", "people"),
		func(ctx context.Context, v viewer, in *struct {
			ID   string `path:"id" maxLength:"40" doc:"The phone's id."`
			Body *none
		}) (*none, error) {
			who, err := h.owner(v)
			return nil, h.tryPhone(ctx, who, in.ID, err)
		}, http.StatusNotFound, http.StatusBadGateway)

	add(h, api, everybody, op(http.MethodPost, "phone-showed", "/phone-receipts", "Say that a message was shown", "For the phone itself: the receipt was in the message, which nobody else can read. It counts once.", "people"),
		func(_ context.Context, _ viewer, in *struct{ Body receiving }) (*none, error) {
			if h.o.Phones == nil || !h.o.Phones.Shown(in.Body.Receipt) {
				return nil, problem(http.StatusNotFound, "no_such_receipt")
			}
			return nil, nil
		}, http.StatusNotFound)
}

func (h *Handler) phonesOf(who alerting.Person, err error) (*list[phoneList], error) {
	if err != nil {
		return nil, err
	}
	out := phoneList{Phones: []phoneView{}}
	if h.o.Phones == nil {
		return &list[phoneList]{out}, nil
	}
	now := h.o.Phones.Ringing()
	ward := h.hub.names()
	out.Key, out.Called = now.Key, ward.Plan.People[who].On(now.Channel)
	for _, p := range h.o.Phones.Of(who) {
		out.Phones = append(out.Phones, phoneView{p.ID, p.Name, p.Key, p.Added, p.Shown})
	}
	return &list[phoneList]{out}, nil
}

func (h *Handler) addPhone(ctx context.Context, who alerting.Person, in subscribing, err error) (*list[madeView], error) {
	if err != nil {
		return nil, err
	}
	if h.o.Phones == nil {
		return nil, problem(http.StatusUnprocessableEntity, "no_phone")
	}
	id, err := h.o.Phones.Add(ctx, who, NewPhone(in))
	wrong := new(Wrong)
	switch {
	case errors.Is(err, ErrTooManyPhones):
		return nil, problem(http.StatusConflict, "too_many_phones")
	case errors.As(err, &wrong):
		return nil, problem(http.StatusUnprocessableEntity, "no_phone").because(wrong.Why)
	case err != nil:
		h.o.Log.Error("a phone is not kept", "error", err)
		return nil, problem(http.StatusServiceUnavailable, "not_yet")
	}
	h.o.Log.Info("a phone rings from now on", "person", who, "phone", id)
	return &list[madeView]{madeView{id}}, nil
}

func (h *Handler) removePhone(ctx context.Context, who alerting.Person, id string, err error) error {
	if err != nil {
		return err
	}
	found := false
	if h.o.Phones != nil {
		found, err = h.o.Phones.Remove(ctx, who, id)
	}
	switch {
	case err != nil:
		h.o.Log.Error("a phone is not removed", "error", err)
		return problem(http.StatusServiceUnavailable, "not_yet")
	case !found:
		return problem(http.StatusNotFound, "no_such_phone")
	}
	h.o.Log.Info("a phone rings no more", "person", who, "phone", id)
	return nil
}

// triedPhones is when each was tried.
type triedPhones struct {
	mu sync.Mutex
	at map[string]time.Time
}

// may reports whether a phone may be tried again, and notes that it is.
func (t *triedPhones) may(id string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now.Sub(t.at[id]) < tryEvery {
		return false
	}
	if t.at == nil || len(t.at) >= maxTracked {
		t.at = map[string]time.Time{}
	}
	t.at[id] = now
	return true
}

// tryEvery is how soon a phone may be tried again: it is somebody else's push
// service that carries it.
const tryEvery = 5 * time.Second

func (h *Handler) tryPhone(ctx context.Context, who alerting.Person, id string, err error) error {
	if err != nil {
		return err
	}
	err = ErrNoSuchPhone
	if h.o.Phones != nil {
		if !h.tried.may(id, time.Now()) {
			return tooMany()
		}
		err = h.o.Phones.Try(ctx, who, id)
	}
	switch {
	case errors.Is(err, ErrNoSuchPhone):
		return problem(http.StatusNotFound, "no_such_phone")
	case err != nil:
		h.o.Log.Warn("a phone that was tried is not reached", "person", who, "phone", id, "error", err)
		return problem(http.StatusBadGateway, "not_reached")
	}
	return nil
}
