package dashboards

import (
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// set is what is kept now, and why it cannot be.
func (d *drawer) set(b []byte, broken error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.b, d.broken = b, broken
}

// shows is the code that a device shows, off steps from now.
func shows(t testing.TB, secret string, off int) string {
	t.Helper()
	b, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(secret, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return (&Second{Secret: b}).code(uint64(time.Now().Unix()/30 + int64(off)))
}

// begins begins to set up a device, and says its secret.
func (c *caller) begins() begunView {
	c.t.Helper()
	var out begunView
	if err := json.Unmarshal([]byte(c.want(200, "POST", "/api/v1/session/code", `{"password":"`+wardWord+`"}`)), &out); err != nil {
		c.t.Fatal(err)
	}
	return out
}

func coded(code string) string { return fmt.Sprintf(`{"code":%q}`, code) }

func withCode(name, code string) string {
	return fmt.Sprintf(`{"name":%q,"password":%q,"code":%q}`, name, wardWord, code)
}

// Whoever has an account has a code asked for beside the password, once a code has
// shown that the device works; it outlasts a restart, and is taken away by the
// password and a code.
func TestSetUpACode(t *testing.T) {
	kept, used, book, log := &drawer{}, &drawer{}, &paper{}, new(syncBuffer)
	with := func(o *Options) {
		o.Seconds, o.Codes, o.Book, o.Log = kept, used, book, slog.New(slog.NewTextHandler(log, nil))
	}
	h := newHouse(t, newWard(same), with)
	marta, other, jan := h.caller(t, "marta"), h.caller(t, "marta"), h.caller(t, "jan")
	marta.want(401, "POST", "/api/v1/session/code", `{"password":"wrong"}`)
	marta.want(409, "PUT", "/api/v1/session/code", coded("000000")) // nothing is begun
	marta.want(404, "POST", "/api/v1/session/code/remove", `{"password":"`+wardWord+`","code":"000000"}`)
	first, set := marta.begins(), marta.begins()
	if first.Secret == set.Secret || set.URI != "otpauth://totp/Lipowa%20House%2C%20ward%202:marta?issuer=Lipowa%20House%2C%20ward%202&secret="+set.Secret || len(set.Picture) < 21 || len(set.Picture[0]) != len(set.Picture) {
		t.Errorf("it begins with %+v", set)
	}
	if kept.b != nil {
		t.Errorf("before a code it keeps %s", kept.b)
	}
	h.caller(t, "marta").want(200, "GET", "/api/v1/session", "") // by the password alone
	marta.want(401, "PUT", "/api/v1/session/code", coded("000000"))
	marta.want(401, "PUT", "/api/v1/session/code", coded(shows(t, first.Secret, 0))) // of the one before
	code := shows(t, set.Secret, 0)
	var papers papersView
	if err := json.Unmarshal([]byte(marta.want(200, "PUT", "/api/v1/session/code", coded(code))), &papers); err != nil || len(papers.Recovery) != 8 {
		t.Fatalf("%v: %+v", err, papers)
	}

	// This sign-in goes on, the others of the account have ended, and nobody else's.
	if text := marta.want(200, "GET", "/api/v1/sessions", ""); !strings.Contains(text, `"code":true,"code_own":true`) {
		t.Errorf("it says %s", text)
	}
	other.want(401, "GET", "/api/v1/session", "")
	jan.want(200, "GET", "/api/v1/session", "")
	marta.want(409, "POST", "/api/v1/session/code", `{"password":"`+wardWord+`"}`)
	strange := h.caller(t, "")
	strange.want(401, "POST", "/api/v1/session", withCode("marta", ""))
	// The code that was good a moment ago is good no more.
	if text := strange.want(401, "POST", "/api/v1/session", withCode("marta", code)); !strings.Contains(text, `"wrong_code"`) {
		t.Errorf("a code that was used is told %s", text)
	}
	strange.want(200, "POST", "/api/v1/session", withCode("marta", shows(t, set.Secret, 1)))
	strange.want(200, "POST", "/api/v1/session", withCode("marta", papers.Recovery[0]))

	// A reload knows nothing of it, and changes nothing of it.
	h.Change(Settings{Accounts: h.o.Accounts})
	marta.want(200, "GET", "/api/v1/session", "")
	h.caller(t, "").want(401, "POST", "/api/v1/session", withCode("marta", ""))
	h.Close()
	h = newHouse(t, newWard(same), with)
	again := h.caller(t, "")
	again.want(401, "POST", "/api/v1/session", withCode("marta", ""))
	again.want(401, "POST", "/api/v1/session", withCode("marta", papers.Recovery[0]))
	again.want(200, "POST", "/api/v1/session", withCode("marta", papers.Recovery[1]))

	// It is taken away by both, or not at all.
	remove := func(password, code string) string { return fmt.Sprintf(`{"password":%q,"code":%q}`, password, code) }
	again.want(401, "POST", "/api/v1/session/code/remove", remove("wrong", papers.Recovery[2]))
	again.want(401, "POST", "/api/v1/session/code/remove", remove(wardWord, "000000"))
	again.want(401, "POST", "/api/v1/session/code/remove", remove(wardWord, ""))
	again.want(204, "POST", "/api/v1/session/code/remove", remove(wardWord, papers.Recovery[2]))
	again.want(200, "GET", "/api/v1/session", "")
	h.caller(t, "marta")
	if text, _ := kept.Load(); strings.Contains(string(text), "marta") {
		t.Errorf("after it is taken away it keeps %s", text)
	}
	h.Close()
	codes, _ := used.Load()
	said := log.String() + string(codes)
	_ = book.Read(func(line []byte) { said += string(line) })
	for _, s := range append(papers.Recovery, set.Secret, strings.ReplaceAll(papers.Recovery[0], "-", ""), code, wardWord) {
		if strings.Contains(said, s) {
			t.Errorf("%q is in the log, the book or the codes that were used:\n%s", s, said)
		}
	}
	if !strings.Contains(said, `"what":"code set up","account":"marta"`) || !strings.Contains(said, `"what":"code taken away"`) {
		t.Errorf("the book has %s", said)
	}
}

// The attacker's list: whoever has somebody's open page, or another's, gets no
// code of their own in the place of theirs.
func TestAttackSetUpACode(t *testing.T) {
	h := newHouse(t, newWard(same), nil)
	marta, hers, jan := h.caller(t, "marta"), h.caller(t, "marta"), h.caller(t, "jan")
	set := marta.begins()
	confirm := coded(shows(t, set.Secret, 0))
	// By another account's sign-in, by another of her own, by a token, by nobody.
	for name, c := range map[string]*caller{"jan": jan, "another sign-in of hers": hers, "a token": h.program(t, "p-9", AlarmsRead, AccessWrite)} {
		if text := c.want(409, "PUT", "/api/v1/session/code", confirm); !strings.Contains(text, `"no_code_begun"`) && !strings.Contains(text, `"no_account"`) {
			t.Errorf("%s is told %s", name, text)
		}
	}
	h.caller(t, "").want(401, "PUT", "/api/v1/session/code", confirm)
	// From another site's page.
	cross := []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://other.example"}
	marta.want(403, "POST", "/api/v1/session/code", `{"password":"`+wardWord+`"}`, cross...)
	marta.want(403, "PUT", "/api/v1/session/code", confirm, cross...)
	marta.want(415, "PUT", "/api/v1/session/code", confirm, "Content-Type", "text/plain")
	marta.want(403, "POST", "/api/v1/session/code/remove", `{"password":"`+wardWord+`","code":"1"}`, cross...)
	// An open page without the password gets no secret, and no more tries than the door.
	tried := 0
	for range 20 {
		if status, text, _ := jan.do("POST", "/api/v1/session/code", `{"password":"guess"}`); status == 401 {
			tried++
		} else if status != 429 || strings.Contains(text, "secret") {
			t.Fatalf("a guess is told %d: %s", status, text)
		}
	}
	if tried != maxFailures {
		t.Errorf("passwords are tried %d times a minute, want %d", tried, maxFailures)
	}
	tried = 0
	for range 20 {
		if status, _, _ := marta.do("PUT", "/api/v1/session/code", coded("000000")); status == 401 {
			tried++
		}
	}
	if tried > maxFailures {
		t.Errorf("codes are tried %d times a minute, want %d", tried, maxFailures)
	}
}

// What is begun is over with its sign-in, and after a while.
func TestBegunCodeIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := Account{Name: "marta", Role: RoleNurse}
		s := newSessions([]Account{a})
		x := s.find(s.open(a.viewer(), a, ""))
		s.begin(x, NewSecond(), time.Now())
		time.Sleep(begunFor - time.Second)
		if s.begun(x, time.Now()) == nil {
			t.Error("it is over too soon")
		}
		time.Sleep(time.Second)
		if s.begun(x, time.Now()) != nil {
			t.Error("it is never over")
		}
		s.closeOf("marta", "")
	})
}

// Of an administrator, and of one who has it in telecare.yaml, it stays. An
// administrator takes it from a nurse who has lost her telephone.
func TestWhoseCodeCanBeTakenAway(t *testing.T) {
	filed := NewSecond()
	h := newHouse(t, newWard(same), func(o *Options) {
		o.Seconds = &drawer{}
		for i := range o.Accounts {
			if o.Accounts[i].Name == "olga" {
				o.Accounts[i].Second = filed
			}
		}
	})
	adam, marta, olga := h.caller(t, "adam"), h.caller(t, "marta"), h.caller(t, "")
	olga.want(200, "POST", "/api/v1/session", withCode("olga", filed.code(uint64(time.Now().Unix()/30))))
	olga.want(409, "POST", "/api/v1/session/code", `{"password":"`+wardWord+`"}`)
	for _, c := range []*caller{adam, marta} {
		c.want(200, "PUT", "/api/v1/session/code", coded(shows(t, c.begins().Secret, 0)))
	}
	both := func(code string) string { return fmt.Sprintf(`{"password":%q,"code":%q}`, wardWord, code) }
	for who, want := range map[*caller]string{adam: "code_demanded", olga: "code_in_file"} {
		if text := who.want(409, "POST", "/api/v1/session/code/remove", both("000000")); !strings.Contains(text, want) {
			t.Errorf("want %s: %s", want, text)
		}
	}
	of := func(name string) string { return fmt.Sprintf(`{"account":%q}`, name) }
	for name, want := range map[string]string{"adam": "code_demanded", "olga": "code_in_file", "jan": "no_code", "nobody": "no_code"} {
		status, text, _ := adam.do("POST", "/api/v1/access/code/remove", of(name))
		if status/100 != 4 || !strings.Contains(text, want) {
			t.Errorf("of %s: %d %s", name, status, text)
		}
	}
	marta.want(403, "POST", "/api/v1/access/code/remove", of("adam"))
	adam.want(204, "POST", "/api/v1/access/code/remove", of("marta"))
	marta.want(401, "GET", "/api/v1/session", "") // the telephone that was lost is out
	h.caller(t, "marta").want(200, "GET", "/api/v1/session", "")
	adam.want(200, "GET", "/api/v1/session", "")
}

// What cannot be written does not count, and what could not be read is not
// written over.
func TestCodeThatIsNotKept(t *testing.T) {
	kept := &drawer{}
	h := newHouse(t, newWard(same), func(o *Options) { o.Seconds = kept })
	marta := h.caller(t, "marta")
	set := marta.begins()
	kept.set(nil, errors.New("no disk"))
	marta.want(503, "PUT", "/api/v1/session/code", coded(shows(t, set.Secret, 0)))
	h.caller(t, "marta").want(200, "GET", "/api/v1/session", "")
	kept.set(nil, nil)
	marta.want(200, "PUT", "/api/v1/session/code", coded(shows(t, set.Secret, 1))) // the other was used
}

// Where nobody knows who had a code asked for, no password is enough: who had one
// would come in without it. Who was signed in without one stays so, and once the
// file is mended or forgotten a reload lets them in again.
func TestCodesThatCannotBeRead(t *testing.T) {
	kept, signedIn, log := &drawer{}, &drawer{}, new(syncBuffer)
	with := func(o *Options) {
		o.Seconds, o.Sessions, o.Log = kept, signedIn, slog.New(slog.NewTextHandler(log, nil))
	}
	h := newHouse(t, newWard(same), with)
	marta, jan := h.caller(t, "marta"), h.caller(t, "jan")
	set := marta.begins()
	marta.want(200, "PUT", "/api/v1/session/code", coded(shows(t, set.Secret, 0)))
	h.Close()
	good, _ := kept.Load()
	password := func(name string) string { return fmt.Sprintf(`{"name":%q,"password":%q}`, name, wardWord) }
	for _, bad := range []string{"", " ", "null", "{", string(good[:len(good)-1]), `{"marta":null}`, `{"jan":{"secret":"eA=="}}`, `{"jan":{"secret":"MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=","recovery":["x"]}}`} {
		kept.set([]byte(bad), nil)
		h := newHouse(t, newWard(same), with)
		h.Press("d-1")
		strange := h.caller(t, "")
		for name, body := range map[string]string{"marta": password("marta"), "with a code": withCode("marta", shows(t, set.Secret, 1)), "jan": password("jan")} {
			if text := strange.want(503, "POST", "/api/v1/session", body); !strings.Contains(text, `"codes_lost"`) || !strings.Contains(text, "telecare user forget") {
				t.Errorf("%q: %s is told %s", bad, name, text)
			}
		}
		// Nothing is told to whoever does not know the password.
		strange.want(401, "POST", "/api/v1/session", `{"name":"marta","password":"wrong"}`)
		for _, x := range []struct {
			who    *caller
			status int
		}{{jan, 200}, {marta, 401}} {
			c := *x.who
			c.h = h
			c.want(x.status, "GET", "/api/v1/session", "")
		}
		strange.want(204, "POST", "/api/v1/links/"+h.token(h.alarm(t, "d-1"), "p-1")+"/take", "{}")
		if b, _ := kept.Load(); string(b) != bad {
			t.Errorf("%q was written over with %q", bad, b)
		}
		if !strings.Contains(log.String(), "telecare user forget") {
			t.Error("the log does not say what to do")
		}
		kept.set(good, nil)
		h.Change(Settings{Accounts: h.o.Accounts})
		strange.want(401, "POST", "/api/v1/session", password("marta"))
		strange.want(200, "POST", "/api/v1/session", password("jan"))
		h.Close()
	}
	kept.set(nil, errors.New("input/output error"))
	h = newHouse(t, newWard(same), with)
	h.caller(t, "").want(503, "POST", "/api/v1/session", password("marta"))
	kept.set(nil, nil) // forgotten
	h.Change(Settings{Accounts: h.o.Accounts})
	h.caller(t, "").want(200, "POST", "/api/v1/session", password("marta"))
}
