package email

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	netmail "net/mail"
	"net/url"
	"strings"
	"unicode"

	"telecare/alerting"
	"telecare/alerting/words"

	"github.com/wneessen/go-mail"
)

// Address reads a mail address, with a name before it or without.
func Address(s string) (*netmail.Address, error) {
	a, err := netmail.ParseAddress(s)
	if err != nil || strings.ContainsFunc(a.Address, unicode.IsSpace) || strings.ContainsFunc(a.Address, unicode.IsControl) ||
		strings.ContainsAny(a.Address, `<>"`) || strings.ContainsFunc(a.Name, unicode.IsControl) {
		return nil, errors.New("no e-mail address; write one such as marta@example.org")
	}
	return a, nil
}

// message writes a mail, or says in a word why that cannot be.
func (e *Email) message(c alerting.Call) (*mail.Msg, string) {
	to, err := Address(c.Address)
	if err != nil {
		return nil, "no address"
	}
	said := words.Call(c)
	m := mail.NewMsg(mail.WithNoDefaultUserAgent())
	m.FromMailAddress(e.from)
	m.ToMailAddress(&netmail.Address{Address: to.Address})
	m.Subject(oneLine(said.Subject))
	m.SetDate()
	// Deterministic: what is sent again is the same mail. Short, too, since not
	// everybody reads one that is folded behind the header's name.
	own := sha256.Sum256([]byte(c.ID))
	m.SetMessageIDWithValue(e.id(fmt.Sprintf("%s.%x", cmp.Or(c.Alarm, "m"), own[:6])))
	// Every mail of an alarm refers to the alarm, so that mail programs show
	// them together also after a restart, with nothing to remember.
	if thread := "<" + e.id(string(c.Alarm)) + ">"; c.Alarm != "" {
		m.SetGenHeader(mail.HeaderReferences, thread)
		if c.Reason != alerting.Calling {
			m.SetGenHeader(mail.HeaderInReplyTo, thread)
		}
	}
	m.SetGenHeader("Auto-Submitted", "auto-generated") // no "I am away" comes back [RFC 3834 5]
	if c.Reason != alerting.Stopped && c.News == nil {
		m.SetImportance(mail.ImportanceHigh)
	}
	m.SetBodyString(mail.TypeTextPlain, said.Text)
	return m, ""
}

// id is the inside of a Message-ID. Ids of ours need no escaping.
func (e *Email) id(s string) string { return url.QueryEscape(s) + "@" + e.domain }

func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }), " ")
}
