package dashboards

import (
	"bufio"
	"net"
	"net/http"
	"time"
)

// policy lets the page load its own files and talk to its own host, and
// nothing else: no inline script or style, no frame around it.
const policy = "default-src 'self'; connect-src 'self'; img-src 'self'; object-src 'none'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// sendTime is how long a reader may take for one piece of an answer.
const sendTime = 30 * time.Second

// Guard serves next with what every answer has: no other site may frame it,
// read it, or guess what it is, and nothing of it is kept; and nobody may hold
// a connection by sending a body or taking an answer for ever.
//
// It does not say Strict-Transport-Security: with it a certificate that has run
// out would keep a nurse from an alarm, at night, with no way round.
func Guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		head := w.Header()
		head.Set("Content-Security-Policy", policy)
		head.Set("X-Content-Type-Options", "nosniff")
		head.Set("X-Frame-Options", "DENY")        // browsers that know no frame-ancestors
		head.Set("Referrer-Policy", "no-referrer") // a link's address is its key
		head.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		head.Set("Cross-Origin-Opener-Policy", "same-origin")
		head.Set("Cross-Origin-Resource-Policy", "same-origin")
		head.Set("Cache-Control", "no-store")
		control := http.NewResponseController(w)
		if r.ContentLength != 0 {
			// Also where nobody reads it: the server does, before it answers. A
			// deadline that cannot be set is a test's, which has no connection.
			_ = control.SetReadDeadline(time.Now().Add(bodyTime))
		}
		next.ServeHTTP(impatient{w, control}, r)
	})
}

// impatient gives every piece of an answer its time.
type impatient struct {
	http.ResponseWriter
	control *http.ResponseController
}

func (w impatient) Write(b []byte) (int, error) {
	_ = w.control.SetWriteDeadline(time.Now().Add(sendTime))
	return w.ResponseWriter.Write(b)
}

// Unwrap is for http.ResponseController.
func (w impatient) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Hijack is for websockets, which have deadlines of their own.
func (w impatient) Hijack() (net.Conn, *bufio.ReadWriter, error) { return w.control.Hijack() }
