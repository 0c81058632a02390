package smshttp

import (
	"crypto/tls"
	"net/http"
	"net/url"
	"time"
)

// Kannel says how Kannel's smsbox is spoken to. [Kannel 1.4.5 user's guide, 6
// "Using SMS sendsms interface"]
type Kannel struct {
	Name     string
	URL      string // of sendsms, such as http://127.0.0.1:13013/cgi-bin/sendsms
	Username string
	Password string
	From     string
	SMSC     string // by which centre; "" leaves it to Kannel
	Reports  string // see Config
	Timeout  time.Duration
	TLS      *tls.Config
}

// The reports of Kannel, as its dlr-mask and %d number them.
const (
	KannelDelivered = "^1$"      // to the telephone
	KannelFailed    = "^(2|16)$" // to the telephone; at the message centre
	kannelMask      = "19"       // both, and nothing in between
)

// Config is Kannel as a template.
func (k Kannel) Config() Config {
	login := "username=" + url.QueryEscape(k.Username) + "&password=" + url.QueryEscape(k.Password)
	// A telephone that was off for longer is called by the next message.
	q := login + "&to={to}&text={text}&charset=UTF-8&coding={coding}&validity=15"
	if k.From != "" {
		q += "&from={from}"
	}
	if k.SMSC != "" {
		q += "&smsc=" + url.QueryEscape(k.SMSC)
	}
	if k.Reports != "" {
		q += "&dlr-mask=" + kannelMask + "&dlr-url={report}%25d" // %d in what Kannel calls is the status
	}
	return Config{
		Name: k.Name, Method: http.MethodGet, URL: k.URL + "?" + q, Probe: k.URL + "?" + login, From: k.From, Reports: k.Reports, Timeout: k.Timeout, TLS: k.TLS,
		// 202 is both "0: Accepted for delivery" and "3: Queued for later
		// delivery"; 400 is a number or text that it does not take. 403 and 503
		// can be mended while an alarm is open.
		Sent: Says{Status: []int{http.StatusAccepted}}, Refused: Says{Status: []int{http.StatusBadRequest}},
	}
}
