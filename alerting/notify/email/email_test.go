package email_test

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"telecare/alerting"
	"telecare/alerting/notify/email"
	"telecare/alerting/words"

	"github.com/emersion/go-smtp"
)

// own is the Message-ID of a message.
func own(id string) string {
	sum := sha256.Sum256([]byte(id))
	return fmt.Sprintf("<a-4k7m.%x@example.org>", sum[:6])
}

func call(id alerting.NotificationID, why alerting.Reason) alerting.Call {
	return alerting.Call{
		Lang: "pl",
		ID:   id, Alarm: "a-4k7m", Number: 7, Site: "north", Kind: "panic", Priority: alerting.High,
		Reason: why, State: alerting.Raised, Step: 2, Presses: 1,
		RaisedAt: time.Date(2026, 8, 14, 2, 10, 0, 0, time.UTC),
		Place:    "Pokój 7, łazienka", Link: "https://desk.example/a/1?t=" + strings.Repeat("x", 90), To: "s-1", Address: "Marta <marta@example.org>",
	}
}

// A mail names kind, place and link; what follows the call is shown with it,
// and what is sent again is the same mail.
func TestMail(t *testing.T) {
	for how, implicit := range map[email.Security]bool{email.STARTTLS: false, email.Implicit: true} {
		t.Run(string(how), func(t *testing.T) {
			s := serve(t, implicit)
			e := newEmail(t, s.config(how))
			calls := []alerting.Call{call("a-4k7m.1", alerting.Calling), call("a-4k7m.1", alerting.Calling), call("a-4k7m.2", alerting.Again), call("a-4k7m.3", alerting.Stopped)}
			for _, c := range calls {
				if retry, err := e.Notify(t.Context(), c); retry || err != nil {
					t.Fatal(retry, err)
				}
			}
			mails := s.received()
			if len(mails) != len(calls) {
				t.Fatalf("%d mails", len(mails))
			}
			var ids, refs, replies, urgent []string
			for i, r := range mails {
				m := r.parse(t)
				h := m.Header
				ids, refs = append(ids, h.Get("Message-ID")), append(refs, h.Get("References"))
				replies, urgent = append(replies, h.Get("In-Reply-To")), append(urgent, h.Get("Importance"))
				subject, err := new(mime.WordDecoder).DecodeHeader(h.Get("Subject"))
				if want := words.Call(calls[i]).Subject; err != nil || subject != want || !strings.HasSuffix(want, ", Pokój 7, łazienka") {
					t.Errorf("subject %q (%v), want %q", subject, err, want)
				}
				if r.from != "telecare@example.org" || r.to != "marta@example.org" || h.Get("To") != "<marta@example.org>" || h.Get("Auto-Submitted") != "auto-generated" {
					t.Errorf("from %q to %q, header %q", r.from, r.to, h)
				}
				text, err := io.ReadAll(quotedprintable.NewReader(m.Body))
				if err != nil || !strings.Contains(string(text), calls[i].Link+"\r\n") {
					t.Errorf("%v: no link in\n%s", err, text)
				}
			}
			if diff := cmp.Diff([]string{own("a-4k7m.1"), own("a-4k7m.1"), own("a-4k7m.2"), own("a-4k7m.3")}, ids); diff != "" {
				t.Error(diff)
			}
			const thread = "<a-4k7m@example.org>"
			if diff := cmp.Diff([][]string{{thread, thread, thread, thread}, {"", "", thread, thread}, {"high", "high", "high", ""}}, [][]string{refs, replies, urgent}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What the server answers decides whether the mail is tried again.
func TestAnswers(t *testing.T) {
	s := serve(t, false)
	e := newEmail(t, s.config(email.STARTTLS))
	for _, c := range []struct {
		at    string
		code  int
		retry bool
	}{
		{"mail", 451, true}, {"mail", 550, true}, {"rcpt", 451, true}, {"rcpt", 550, false}, {"data", 451, true}, {"data", 554, false}, {"data", 421, true},
	} {
		answer := &smtp.SMTPError{Code: c.code, Message: "marta@example.org: no"}
		s.set(func() { s.mail, s.rcpt, s.data = nil, nil, nil })
		s.set(func() { *map[string]*error{"mail": &s.mail, "rcpt": &s.rcpt, "data": &s.data}[c.at] = answer })
		retry, err := e.Notify(t.Context(), call("a-1.1", alerting.Calling))
		if retry != c.retry {
			t.Errorf("%s %d: retry is %v", c.at, c.code, retry)
		}
		wantWord(t, err, "status "+string([]byte{byte('0' + c.code/100), byte('0' + c.code/10%10), byte('0' + c.code%10)}))
		if strings.Contains(err.Error(), "marta") {
			t.Errorf("the error names the recipient: %v", err)
		}
	}
	s.set(func() { s.mail, s.rcpt, s.data = nil, nil, nil })
	if _, err := e.Notify(t.Context(), call("a-1.1", alerting.Calling)); err != nil {
		t.Errorf("after it the server is well, and the channel is not: %v", err)
	}
}

// A line that is cut after the mail has gone out brings it twice, as one.
func TestCutAfterData(t *testing.T) {
	s := serve(t, false)
	e := newEmail(t, s.config(email.STARTTLS))
	s.set(func() { s.cut = true })
	retry, err := e.Notify(t.Context(), call("a-1.1", alerting.Calling))
	wantWord(t, err, "broken")
	if !retry {
		t.Error("it is not tried again")
	}
	s.set(func() { s.cut = false })
	if _, err := e.Notify(t.Context(), call("a-1.1", alerting.Calling)); err != nil {
		t.Fatal(err)
	}
	mails := s.received()
	if len(mails) != 2 || mails[0].parse(t).Header.Get("Message-Id") != mails[1].parse(t).Header.Get("Message-Id") {
		t.Errorf("%d mails, not the same one twice", len(mails))
	}
}

// A server that hangs holds a try until its deadline, wherever it hangs, and
// no longer than the caller wants.
func TestHang(t *testing.T) {
	s := serve(t, false)
	hang := make(chan struct{})
	s.set(func() { s.hang = hang })
	defer close(hang)
	silent, greeted := rawServer(t, ""), rawServer(t, "220 mail.example\r\n")
	for name, change := range map[string]func(*email.Config){
		"in the mail":      func(*email.Config) {},
		"before a word":    func(c *email.Config) { c.Port = silent },
		"in the handshake": func(c *email.Config) { c.Port, c.Security = silent, email.Implicit },
		"after a word":     func(c *email.Config) { c.Port = greeted },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := s.config(email.STARTTLS)
			cfg.Timeout = 500 * time.Millisecond
			change(&cfg)
			retry, err := newEmail(t, cfg).Notify(t.Context(), call("a-1.1", alerting.Calling))
			wantWord(t, err, "timeout")
			if !retry {
				t.Error("it is not tried again")
			}
			cfg.Timeout = time.Hour
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() {
				_, err := newEmail(t, cfg).Notify(ctx, call("a-1.1", alerting.Calling))
				ended <- err
			}()
			cancel()
			select {
			case err := <-ended:
				wantWord(t, err, "canceled")
			case <-time.After(30 * time.Second):
				t.Fatal("it does not end with its caller")
			}
		})
	}
}

// Without a login, without TLS, without a server: each has its word, all can
// be mended while an alarm is open.
func TestNoWay(t *testing.T) {
	s, noTLS := serve(t, false), serve(t, false, func(s *smtp.Server) { s.TLSConfig = nil; s.AllowInsecureAuth = true })
	secure := serve(t, true)
	for word, cfg := range map[string]func() email.Config{
		"login": func() email.Config { c := s.config(email.STARTTLS); c.Password = "wrong"; return c },
		"tls, not offered": func() email.Config {
			return noTLS.config(email.STARTTLS)
		},
		"tls, not trusted": func() email.Config { c := s.config(email.STARTTLS); c.TLS = nil; return c },
		"tls, of another name": func() email.Config {
			c := s.config(email.STARTTLS)
			c.Host = "localhost"
			c.TLS = &tls.Config{RootCAs: s.trust}
			return c
		},
		"tls, not trusted from the first byte": func() email.Config { c := secure.config(email.Implicit); c.TLS = nil; return c },
		"tls, not spoken":                      func() email.Config { return s.config(email.Implicit) },
		"refused": func() email.Config {
			c := s.config(email.STARTTLS)
			c.Port = 1
			return c
		},
		"login, none given": func() email.Config { c := s.config(email.STARTTLS); c.Username = ""; return c },
	} {
		t.Run(word, func(t *testing.T) {
			e := newEmail(t, cfg())
			retry, err := e.Notify(t.Context(), call("a-1.1", alerting.Calling))
			word, _, _ := strings.Cut(word, ",")
			wantWord(t, err, word)
			if !retry {
				t.Error("it is not tried again")
			}
			if strings.Contains(err.Error(), password) {
				t.Errorf("the password is seen: %v", err)
			}
		})
	}
	if len(s.received())+len(noTLS.received()) > 0 {
		t.Error("a mail has gone out all the same")
	}
	for _, s := range []*server{s, noTLS, secure} { // and all is well when it is asked for as it is
		how := map[*server]email.Security{s: email.STARTTLS, noTLS: email.None, secure: email.Implicit}[s]
		if err := newEmail(t, s.config(how)).Test(t.Context()); err != nil {
			t.Errorf("%s: %v", how, err)
		}
	}
	if n := len(s.received()); n > 0 {
		t.Errorf("a try has sent %d mails", n)
	}
}

// What cannot be an address is not sent to, and what stands in a place's name
// does not become a header.
func TestInjection(t *testing.T) {
	s := serve(t, false)
	e := newEmail(t, s.config(email.STARTTLS))
	for _, address := range []string{"", "marta", "marta@example.org\r\nRCPT TO:<eve@example.org>", "\"a\r\nb\"@example.org", "a@b, eve@example.org",
		"<a@b> SIZE=1", "\"a b\"@example.org", "=?utf-8?q?a=0Ab?= <a@b>", "a@b\x00"} {
		c := call("a-1.1", alerting.Calling)
		c.Address = address
		retry, err := e.Notify(t.Context(), c)
		if err == nil || retry {
			t.Errorf("%q: retry %v, error %v", address, retry, err)
			continue
		}
		wantWord(t, err, "no address")
	}
	c := call("a-1.1\r\nX-A: 1", alerting.Stopped)
	c.Alarm = "a-1>\r\nX-B: 1"
	c.Place = "Bath\r\nBcc: eve@example.org\r\n\r\nand a body\u2028X-C: 1" + strings.Repeat(" ąęł", 300)
	c.Kind = "panic\nX-D: 1"
	c.Link = "https://x\r\n.\r\nMAIL FROM:<eve@example.org>\r\n"
	if _, err := e.Notify(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	mails := s.received()
	if len(mails) != 1 {
		t.Fatalf("%d mails", len(mails))
	}
	h := mails[0].parse(t).Header
	for key := range h {
		if strings.HasPrefix(key, "X-") && key != "X-Priority" && key != "X-Msmail-Priority" || key == "Bcc" {
			t.Errorf("a header %s: %q came in", key, h[key])
		}
	}
	if got, err := new(mime.WordDecoder).DecodeHeader(h.Get("Subject")); err != nil || strings.ContainsAny(got, "\r\n\u2028") {
		t.Errorf("subject %q, %v", got, err)
	}
}

// What cannot work is refused before anybody is to be called.
func TestNew(t *testing.T) {
	good := (&server{host: "mail.example", port: 587}).config(email.STARTTLS)
	if _, err := email.New(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*email.Config){
		"from": func(c *email.Config) { c.From = "telecare" }, "host": func(c *email.Config) { c.Host = "" }, "port": func(c *email.Config) { c.Port = 0 },
		"security": func(c *email.Config) { c.Security = "maybe" }, "timeout": func(c *email.Config) { c.Timeout = -1 },
	} {
		c := good
		change(&c)
		if _, err := email.New(c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// FuzzAddress: what is taken for an address is one word with an at sign, which
// is a line of its own in SMTP.
func FuzzAddress(f *testing.F) {
	for _, s := range []string{"marta@example.org", "Marta <marta@example.org>", "\"a\r\nb\"@x", "ż@ó.pl", "a@[1.2.3.4]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := email.Address(s)
		if err != nil {
			if errors.Unwrap(err) != nil {
				t.Fatal("the cause quotes the address")
			}
			return
		}
		if strings.ContainsAny(a.Address, "\r\n\x00 <>") || !strings.Contains(a.Address, "@") {
			t.Fatalf("%q became %q", s, a.Address)
		}
	})
}
