package webpush

import (
	"encoding/json"
	"net/url"
	"strings"
	"unicode/utf8"

	"telecare/alerting"
	"telecare/alerting/words"
)

// What a message is.
const (
	kindCall = "call"
	kindStop = "stop" // nobody needs to come: it takes the place of the call
	kindTry  = "try"  // to see that the phone rings
)

// message is what the page's service worker reads (dashboards/web/sw.js). What it
// names is as much as the channel is trusted with. Addresses are paths of the
// page's own host.
type message struct {
	Kind    string `json:"kind"`
	Tag     string `json:"tag"` // messages with the same one take each other's place
	Title   string `json:"title"`
	Body    string `json:"body,omitempty"`
	Lang    string `json:"lang"`
	Open    string `json:"open"` // what a press on it opens
	Take    button `json:"take,omitzero"`
	Decline button `json:"decline,omitzero"`
	Receipt string `json:"receipt,omitempty"` // to be sent back when it is shown

	alarm alerting.AlarmID
}

// button is an answer: where it is posted to.
type button struct {
	Label string `json:"label"`
	Post  string `json:"post"`
}

func messageOf(c alerting.Call) message {
	said := words.Call(c)
	m := message{
		Kind: kindCall, Tag: topic(c.Alarm), Title: said.Subject, Body: strings.TrimSpace(said.Notice), Lang: c.Lang, Open: path(c.Link), alarm: c.Alarm,
	}
	if c.Reason == alerting.Stopped {
		m.Kind = kindStop
		return m
	}
	if c.News != nil { // as quiet, and in a place of its own
		m.Kind, m.alarm = kindStop, alerting.AlarmID(c.ID)
		m.Tag, m.Body = topic(m.alarm), said.Line
		return m
	}
	if take, decline, ok := c.Answers(); ok {
		m.Take, m.Decline = button{said.Take, path(take)}, button{said.Decline, path(decline)}
	}
	return m
}

// tryAlarm is no alarm's id: a phone that is tried shows that in a place of its own.
const tryAlarm alerting.AlarmID = "try"

func tryMessage(lang string) message {
	title, body := words.PhoneRings(lang)
	return message{Kind: kindTry, Tag: string(tryAlarm), Title: title, Body: body, Lang: lang, Open: "/#thisphone", alarm: tryAlarm}
}

// path is an address without its host: the worker opens none but its own.
func path(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Path == "" {
		return "/"
	}
	return u.EscapedPath()
}

// encode shortens what is said before it leaves out where to answer.
func (m message) encode() []byte {
	for {
		b, err := json.Marshal(m)
		if err == nil && len(b) <= maxPlain || m.Body == "" && m.Title == "" {
			return b
		}
		if m.Body = half(m.Body); m.Body == "" {
			m.Title = half(m.Title)
		}
	}
}

func half(s string) string {
	n := len(s) / 2
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
