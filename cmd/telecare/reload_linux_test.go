package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"telecare/gateway/gatewaytest"
)

// TestReloadWhileTheDiskStandsStill reloads in the middle of it: what was
// pressed before is known again on the new connection, without a disk, and is
// answered when there is one. It is not run beside others: who syncs all disks
// would wait for this one.
func TestReloadWhileTheDiskStandsStill(t *testing.T) {
	broker := gatewaytest.Mosquitto(t)
	phone, other := gatewaytest.NewPhone(t, []byte(phoneSecret)), gatewaytest.NewPhone(t, []byte(phoneSecret))
	dir := t.TempDir()
	disk := ownDisk(t, dir, 64)
	yaml := func(topic, url string) string {
		return fmt.Sprintf(`
sources:
  - {name: house, type: mqtt, url: %q, topics: [%q, "zigbee2mqtt/#"]}
channels:
  - {name: phone, type: webhook, url: %q, secret: %s}
`, broker.URL, topic, url, phoneSecret)
	}
	h := newHomeIn(t, dir, yaml("one", phone.URL), manyDevices(0, 10))
	h.start()
	up := func() bool { return h.metrics()[`telecare_link_up{source="house"}`] == 1 }
	h.eventually("mosquitto", 10*time.Second, up)
	p := newPresser(t, broker.URL)
	defer p.close()
	if out, err := exec.Command("fsfreeze", "-f", disk).CombinedOutput(); err != nil {
		t.Skipf("freeze: %v %s", err, out)
	}
	thaw := func() { _ = exec.Command("fsfreeze", "-u", disk).Run() }
	defer thaw() // before the gateway is ended
	for i := range 3 {
		name := fmt.Sprint("house", i)
		p.publish(name, "zigbee2mqtt/"+name, `{"action":"emergency"}`)
		phone.Expect(t, 10*time.Second, func(r gatewaytest.Ring) bool { return r.Number == i+1 })
	}
	h.eventually("degraded", 10*time.Second, func() bool { return !h.ready() })
	h.rewire(yaml("two", other.URL))
	if out, err := h.reload(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	h.eventually("mosquitto again", 10*time.Second, up)
	h.eventually("they came again and are known", 10*time.Second, func() bool { return h.metrics()[`telecare_redeliveries_total{source="house"}`] == 3 })
	p.publish("house3", "zigbee2mqtt/house3", `{"action":"emergency"}`)
	other.Expect(t, 10*time.Second, func(r gatewaytest.Ring) bool { return r.Number == 4 })
	thaw()
	h.eventually("ready", 20*time.Second, h.ready)
	for name, a := range h.alarms() {
		if len(a) != 1 || a[0].Presses != 1 {
			t.Errorf("%s was pressed once and is %v", name, a)
		}
	}
	h.stop()
}

// writePair writes a certificate and its key, and returns the certificate.
func writePair(t *testing.T, dir string) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	like := &x509.Certificate{SerialNumber: serial, NotAfter: time.Now().Add(time.Hour)}
	cert, err := x509.CreateCertificate(rand.Reader, like, like, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{"page.crt": {Type: "CERTIFICATE", Bytes: cert}, "page.key": {Type: "PRIVATE KEY", Bytes: der}} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert
}

// TestReloadPage moves the page, gives it TLS, renews its certificate, and takes
// an account away.
func TestReloadPage(t *testing.T) {
	beside(t)
	phone := gatewaytest.NewPhone(t, []byte(phoneSecret))
	h := newHome(t, fmt.Sprintf(`
sources: []
channels: [{name: phone, type: webhook, url: %q, secret: %s}]
`, phone.URL, phoneSecret), manyDevices(1, 0))
	h.start()
	first := h.page
	text, err := os.ReadFile(filepath.Join(h.dir, "telecare.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	change := func(from, to string) string {
		t.Helper()
		text = []byte(strings.Replace(string(text), from, to, 1))
		h.write("telecare.yaml", string(text))
		out, err := h.reload()
		if err != nil {
			t.Fatalf("%s: %v", out, err)
		}
		return out
	}
	h.page = gatewaytest.FreePort(t)
	change(first, h.page)
	h.alarms() // signs in there
	if r, err := http.Get("http://" + first + "/healthz"); err == nil {
		r.Body.Close()
		t.Error("the page is where it was, too")
	}
	// On every address, which the old listener stands in the way of.
	local := h.page
	_, port, _ := strings.Cut(local, ":")
	change("listen: "+local, "behind_proxy: true\n  public_url: https://care.example\n  listen: 0.0.0.0:"+port)
	h.eventually("there", 10*time.Second, h.ready)

	shows := func() []byte {
		var got []byte
		c := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
		r, err := c.Get("https://" + local + "/healthz")
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			t.Fatal(err)
		}
		got = r.TLS.PeerCertificates[0].Raw
		return got
	}
	cert := writePair(t, h.dir)
	change("behind_proxy: true", "tls: {cert: page.crt, key: page.key}")
	if string(shows()) != string(cert) {
		t.Error("the page does not show its certificate")
	}
	cert = writePair(t, h.dir)
	if out := change("nothing", "nothing"); !strings.Contains(out, "renewed") {
		t.Errorf("a new certificate: %s", out)
	}
	if string(shows()) != string(cert) {
		t.Error("the page shows its old certificate")
	}
	// Half a pair is refused, and the old one stays.
	h.write("page.key", "not a key")
	if out, err := h.reload(); err == nil || !strings.Contains(out, "page.key") {
		t.Errorf("a broken key: %v: %s", err, out)
	}
	if string(shows()) != string(cert) {
		t.Error("after a refusal the page shows another certificate")
	}
	if err := h.process.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := h.process.Wait(); err != nil {
		t.Errorf("the gateway ended with %v", err)
	}
	h.process = nil
	h.log.Close()
}
