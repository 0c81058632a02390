package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"telecare/devices/devicetest"
	"telecare/gateway/config"
	"telecare/gateway/gatewaytest"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// expect checks that something is said, line by line.
func expect(t *testing.T, said string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(said, w) {
			t.Errorf("nothing says %q in\n%s", w, said)
		}
	}
}

// TestOnline tries the real neighbours, well and broken in every way, and calls
// nobody.
func TestOnline(t *testing.T) {
	beside(t)
	broker := gatewaytest.Mosquitto(t)
	influx := gatewaytest.Influxd(t)
	secret := "between the gateway and the phone"
	phone := gatewaytest.NewPhone(t, []byte(secret))
	post := newPost(t)
	link := filepath.Join(t.TempDir(), "ttyUSB0")
	dongle, err := devicetest.NewDongle(link)
	if err != nil {
		t.Skipf("no pseudo-terminal: %v", err)
	}
	t.Cleanup(func() { dongle.Close() })
	yaml := fmt.Sprintf(`
sources:
  - {name: house, type: mqtt, url: %q}
  - {name: radio, type: serial, port: %q, format: jablotron}
channels:
  - {name: marta-phone, type: webhook, url: %q, secret: %q}
  - {name: jan-phone, type: webhook, url: %q, secret: %q}
  - {name: mail, type: email, host: 127.0.0.1, port: %d, security: none, username: gw, password: mail-password, from: telecare@example.org}
influx: {url: %q, token: %q, bucket: %q}
`, broker.URL, link, phone.URL, secret, phone.URL, secret, post.port, influx.URL, influx.Token, influx.Bucket)
	h := newHome(t, yaml, registryOf+"faults: {policy: ward}\n")

	said, status := h.status("check", "--online")
	expect(t, said, `ok    source "house": the broker at tcp://`, `ok    source "radio": port "`, `ok    channel "marta-phone": the webhook's machine answers; nobody was called`,
		`ok    channel "mail": the mail server 127.0.0.1 lets us in; no mail was sent`, `ok    influx: answers, and takes readings for bucket "telecare/events"`, "ok    page: "+h.page+" is free", "7 well, 0 to look at, 0 bad")
	if status != 0 {
		t.Errorf("status %d", status)
	}

	// A gateway that runs keeps its ports, its session and its alarms.
	h.start()
	h.eventually("the line and the broker are up", 20*time.Second, func() bool {
		m := h.metrics()
		return m[`telecare_link_up{source="radio"}`] == 1 && m[`telecare_link_up{source="house"}`] == 1
	})
	said, status = h.status("check", "--online")
	expect(t, said, "is in use, and the gateway runs", "ok    page: "+h.page+" is in use, and the gateway runs", "7 well")
	if status != 0 {
		t.Errorf("status %d\n%s", status, said)
	}
	if m := h.metrics(); m[`telecare_link_up{source="radio"}`] != 1 || m[`telecare_link_up{source="house"}`] != 1 {
		t.Error("trying has disturbed the gateway")
	}
	said, status = h.status("doctor", "--json")
	var found findings
	if err := json.Unmarshal([]byte(said), &found); err != nil {
		t.Fatalf("%v in\n%s", err, said)
	}
	at := map[string]finding{}
	for _, f := range found {
		at[f.What] = f
	}
	for _, what := range []string{"program", "configuration", "data folder", "gateway", "journal", "registry", "ready", "readings", "page", `source "radio"`} {
		if f := at[what]; f.Level != fine {
			t.Errorf("%s: %+v", what, f)
		}
	}
	if status != 0 || at["gateway"].Says != fmt.Sprintf("runs, process %d", h.process.Process.Pid) || at["deadman"].Level != warn {
		t.Errorf("status %d, %+v", status, found)
	}
	if _, status = h.status("doctor", "--strict"); status != 3 {
		t.Errorf("with something to look at, and --strict, status %d", status)
	}
	h.stop()

	// Everything broken at once.
	broker.Kill()
	other, err := net.Listen("tcp", h.page)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	good, err := os.ReadFile(filepath.Join(h.dir, "telecare.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	change := func(oldnew ...string) {
		t.Helper()
		h.write("telecare.yaml", strings.NewReplacer(oldnew...).Replace(string(good)))
	}
	change("gw:gw-password", "gw:wrong", "mail-password", "wrong", link, link+"1", phone.URL, "http://"+gatewaytest.FreePort(t)+"/call")
	said, status = h.status("check", "--online")
	expect(t, said, `bad   source "house": `, "nobody listens there: start it", `bad   source "radio": serial port`, "no adapter is plugged in",
		`bad   channel "marta-phone": `, `bad   channel "mail": `, "the mail server does not let us in", "bad   influx: refuses the token (401)",
		"bad   page: "+h.page+" is taken by ", fmt.Sprintf("(process %d)", os.Getpid()), "0 well, 0 to look at, 7 bad")
	if status != 1 || strings.Contains(said, "gw:wrong") {
		t.Errorf("status %d\n%s", status, said)
	}
	change("telecare/events", "nowhere/events", influx.URL, "http://"+post.address)
	said, _ = h.status("check", "--online")
	expect(t, said, "bad   influx: ")
	change("telecare/events", "nowhere/events")
	said, _ = h.status("check", "--online")
	expect(t, said, `bad   influx: has no bucket "nowhere/events" (404)`)

	if n := len(phone.Calls()); n > 0 {
		t.Errorf("%d calls", n)
	}
	if n := post.mails.Load(); n > 0 {
		t.Errorf("%d mails", n)
	}
	if rows := influx.Query(t, `from(bucket:"telecare/events") |> range(start:-1h) |> filter(fn: (r) => r._measurement != "device")`); len(rows) > 0 {
		t.Errorf("something was written: %v", rows)
	}
}

// post is a mail server that counts.
type post struct {
	port    int
	address string
	mails   atomic.Int32
	last    atomic.Pointer[string]
	refuse  atomic.Pointer[string]        // a recipient
	hang    atomic.Pointer[chan struct{}] // whoever writes waits for it
	hung    atomic.Int32
}

func newPost(t *testing.T) *post {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &post{port: l.Addr().(*net.TCPAddr).Port, address: l.Addr().String()}
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return postSession{p}, nil }))
	s.AllowInsecureAuth = true
	s.ErrorLog = log.New(io.Discard, "", 0)
	ended := make(chan struct{})
	go func() { defer close(ended); s.Serve(l) }()
	t.Cleanup(func() { s.Close(); <-ended })
	return p
}

type postSession struct{ *post }

func (postSession) AuthMechanisms() []string { return []string{sasl.Plain} }
func (postSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "gw" || password != "mail-password" {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}
func (p postSession) Mail(string, *smtp.MailOptions) error {
	if hang := p.hang.Load(); hang != nil {
		p.hung.Add(1)
		<-*hang
	}
	return nil
}
func (p postSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	if no := p.refuse.Load(); no != nil && *no == to {
		return &smtp.SMTPError{Code: 550, Message: to + ": no such mailbox"}
	}
	return nil
}
func (p postSession) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	text := string(b)
	p.last.Store(&text)
	p.mails.Add(1)
	return err
}
func (postSession) Reset()        {}
func (postSession) Logout() error { return nil }

// TestMail: a press reaches a nurse by e-mail, as telecare.yaml and the registry
// say.
func TestMail(t *testing.T) {
	beside(t)
	post := newPost(t)
	listen := gatewaytest.FreePort(t)
	h := newHome(t, fmt.Sprintf(`
sources: [{name: own, type: broker, listen: %q}]
channels:
  - {name: marta-phone, type: email, host: 127.0.0.1, port: %d, security: none, username: gw, password: mail-password, from: "Telecare <telecare@example.org>"}
  - {name: jan-phone, type: webhook, url: "http://127.0.0.1:1/", secret: 0123456789abcdef}
`, listen, post.port), strings.Replace(registryOf, "channels: [marta-phone]", "channels: [{channel: marta-phone, address: marta@example.org}]", 1))
	h.start()
	zigbee := devicetest.NewZigbee(devicetest.ZigbeeConfig{URL: "tcp://" + listen})
	t.Cleanup(func() { zigbee.Close(t.Context()) })
	if err := zigbee.Press(t.Context(), "Anna bedroom"); err != nil {
		t.Fatal(err)
	}
	h.eventually("a mail", 20*time.Second, func() bool { return post.mails.Load() > 0 })
	mail := *post.last.Load()
	expect(t, mail, "To: <marta@example.org>", "From: \"Telecare\" <telecare@example.org>", "Room 3", "Message-ID: <a-", "http://"+h.page+"/a/")
	if strings.Contains(mail, "Anna") {
		t.Errorf("a mail names somebody:\n%s", mail)
	}
}

// TestDoctorFinds breaks one thing after the other round a gateway that does
// not run.
func TestDoctorFinds(t *testing.T) {
	beside(t)
	h := newHome(t, "\nchannels:\n"+
		"  - {name: marta-phone, type: webhook, url: \"http://127.0.0.1:1/\", secret: 0123456789abcdef}\n"+
		"  - {name: jan-phone, type: webhook, url: \"http://127.0.0.1:1/\", secret: 0123456789abcdef}\n", registryOf+"faults: {policy: ward}\n")
	said, status := h.status("doctor")
	expect(t, said, "ok    configuration: telecare.yaml is good", "warn  gateway: does not run: nobody is called", "ok    journal: none yet",
		`ok    registry: in force, for site "lipowa"`, "ok    page: "+h.page+" is free", "ok    data folder: ")
	if status != 0 {
		t.Errorf("status %d", status)
	}

	// Somebody else's port; a folder and its files open to all; a registry that
	// is gone; a configuration with mistakes.
	l, err := net.Listen("tcp", h.page)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	data := filepath.Join(h.dir, "data")
	if err := errors.Join(os.Chmod(data, 0o755), os.Rename(filepath.Join(data, "registry.db"), filepath.Join(h.dir, "away.db"))); err != nil {
		t.Fatal(err)
	}
	said, status = h.status("doctor")
	expect(t, said, fmt.Sprintf("(process %d)", os.Getpid()), "stop that one, or listen on another port", "warn  data folder: people's data are open to other users", "chmod -R go=",
		"bad   registry: there is none: the gateway does not know whom to call")
	if status != 1 {
		t.Errorf("status %d", status)
	}

	// The folder is somebody's who does not answer.
	lock, err := os.OpenFile(filepath.Join(data, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	said, _ = h.status("doctor")
	expect(t, said, fmt.Sprintf("(process %d) has the data folder, and does not answer", os.Getpid()))

	h.write("telecare.yaml", "site: lipowa\nloog: info\n")
	said, status = h.status("doctor")
	expect(t, said, "bad   configuration: telecare.yaml has 1 mistakes", "bad   registry: ")
	if status != 1 {
		t.Errorf("status %d", status)
	}
	said, status = h.status("doctor", "-c", "nowhere.yaml")
	expect(t, said, "bad   configuration: ", "`telecare init` writes one")
	if status != 1 {
		t.Errorf("status %d", status)
	}
}

// A certificate is told of in time, and a key that is another's at once.
func TestCertificateFinding(t *testing.T) {
	dir := t.TempDir()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	pair := func(name string, from, until time.Time) *config.TLS {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: from, NotAfter: until}
		cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
		if err != nil {
			t.Fatal(err)
		}
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		files := &config.TLS{Cert: filepath.Join(dir, name+".crt"), Key: filepath.Join(dir, name+".key")}
		err = errors.Join(
			os.WriteFile(files.Cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}), 0o600),
			os.WriteFile(files.Key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600))
		if err != nil {
			t.Fatal(err)
		}
		return files
	}
	day := 24 * time.Hour
	good := pair("good", now.Add(-day), now.Add(90*day))
	other := pair("other", now.Add(-day), now.Add(90*day))
	for _, c := range []struct {
		files *config.TLS
		level string
		says  string
	}{
		{good, fine, "is valid until 2027-02-20"},
		{pair("soon", now.Add(-day), now.Add(10*day)), warn, "10 more days"},
		{pair("over", now.Add(-2*day), now.Add(-day)), awful, "was valid until 2026-11-21"},
		{pair("early", now.Add(day), now.Add(90*day)), awful, "is valid only from 2026-11-23"},
		{&config.TLS{Cert: good.Cert, Key: other.Key}, awful, "private key does not match"},
		{&config.TLS{Cert: filepath.Join(dir, "none"), Key: other.Key}, awful, "no such file"},
	} {
		if f := certificateFinding(c.files, now); f.Level != c.level || !strings.Contains(f.Says, c.says) {
			t.Errorf("%s: %+v, want %s %q", c.files.Cert, f, c.level, c.says)
		}
	}
}
