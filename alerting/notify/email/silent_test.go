package email_test

import (
	"strings"
	"testing"
	"time"

	"telecare/alerting/notify/email"

	"github.com/emersion/go-smtp"
)

// A silent test signs in and offers mails, and none is sent: what the server
// refuses of one recipient is that contact's, all else the channel's.
func TestSilently(t *testing.T) {
	for how, implicit := range map[email.Security]bool{email.STARTTLS: false, email.Implicit: true} {
		s := serve(t, implicit)
		no := func(code int) error { return &smtp.SMTPError{Code: code, Message: "marta@example.org: no"} }
		s.refuse = map[string]error{"gone@example.org": no(550), "full@example.org": no(452)}
		e := newEmail(t, s.config(how))
		if err := e.Test(t.Context()); err != nil {
			t.Fatalf("%s: %v", how, err)
		}
		for _, c := range []struct {
			to, word string
			retry    bool
		}{
			{"marta@example.org", "", false}, {"Marta <marta@example.org>", "", false}, {"gone@example.org", "status 550", false},
			{"full@example.org", "status 452", true}, {"", "no address", false}, {"a@b>\r\nDATA", "no address", false},
		} {
			retry, err := e.TestContact(t.Context(), c.to)
			if c.word == "" {
				if err != nil || retry {
					t.Errorf("%s: %v, %v", c.to, retry, err)
				}
				continue
			}
			wantWord(t, err, c.word)
			if retry != c.retry || strings.Contains(err.Error(), "example.org") {
				t.Errorf("%s: retry %v, %v", c.to, retry, err)
			}
		}
		s.set(func() { s.mail = no(550) }) // we may not write: that is no contact's fault
		wantWord(t, e.Test(t.Context()), "status 550")
		retry, err := e.TestContact(t.Context(), "marta@example.org")
		wantWord(t, err, "status 550")
		if !retry {
			t.Error("a sender that is refused is the contact's fault")
		}
		s.set(func() { s.mail = no(530) })
		wantWord(t, e.Test(t.Context()), "login")
		if n := len(s.received()); n > 0 {
			t.Errorf("%s: %d mails", how, n)
		}
	}
}

// A server that hangs holds a test no longer than its deadline, and says nothing
// of the contact.
func TestSilentHang(t *testing.T) {
	s := serve(t, false)
	for _, port := range []int{rawServer(t, ""), rawServer(t, "220 mail.example\r\n")} {
		cfg := s.config(email.STARTTLS)
		cfg.Port, cfg.Timeout = port, 300*time.Millisecond
		e := newEmail(t, cfg)
		wantWord(t, e.Test(t.Context()), "timeout")
		retry, err := e.TestContact(t.Context(), "marta@example.org")
		wantWord(t, err, "timeout")
		if !retry {
			t.Error("it is said to be the contact's fault")
		}
	}
}
