package main

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	endian "encoding/binary"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"telecare/gateway/gatewaytest"
)

// TestOwnCodeIsKept sets up a code beside a password in a running gateway and
// kills that: what was answered is there after it, is in a backup, and is for
// nobody else's eyes.
func TestOwnCodeIsKept(t *testing.T) {
	beside(t)
	phone := gatewaytest.NewPhone(t, []byte(phoneSecret))
	wiring := fmt.Sprintf("\nsources:\n  - {name: own, type: broker, listen: %q}\nchannels:\n  - {name: phone, type: webhook, url: %q, secret: %s}\n", gatewaytest.FreePort(t), phone.URL, phoneSecret)
	h := newHome(t, wiring, manyDevices(1, 0))
	h.start()
	const path = "/api/v1/session/code"
	status, b := h.send("centre", "POST", path, `{"password":"a good password"}`)
	var begun struct{ Secret string }
	if err := json.Unmarshal(b, &begun); status != 200 || err != nil {
		t.Fatalf("begin: %d %s", status, b)
	}
	status, b = h.send("centre", "PUT", path, fmt.Sprintf(`{"code":%q}`, codeOf(t, begun.Secret, time.Now())))
	var papers struct{ Recovery []string }
	if err := json.Unmarshal(b, &papers); status != 200 || err != nil || len(papers.Recovery) == 0 {
		t.Fatalf("confirm: %d %s", status, b)
	}
	h.kill()
	h.start()
	for code, want := range map[string]int{"": 401, papers.Recovery[0]: 200} {
		in := fmt.Sprintf(`{"name":"centre","password":"a good password","code":%q}`, code)
		r, err := http.Post("http://"+h.page+"/api/v1/session", "application/json", strings.NewReader(in))
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode != want {
			t.Errorf("after a kill, with the code %q, the sign-in is %d, want %d", code, r.StatusCode, want)
		}
	}
	h.command("backup", "copy")
	for _, at := range []string{"data", "copy"} {
		if info, err := os.Stat(filepath.Join(h.dir, at, secondsFile)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("in %s: %v", at, err)
		}
	}
	h.stop()
	err := filepath.WalkDir(h.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Base(path) == secondsFile {
			return err
		}
		b, err := os.ReadFile(path)
		for _, secret := range append(papers.Recovery, begun.Secret) {
			if strings.Contains(string(b), secret) {
				t.Errorf("%s has a secret", d.Name())
			}
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// codeOf is what a device shows. [RFC 6238]
func codeOf(t *testing.T, secret string, now time.Time) string {
	t.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		t.Fatal(err)
	}
	m := hmac.New(sha1.New, key)
	m.Write(endian.BigEndian.AppendUint64(nil, uint64(now.Unix()/30)))
	sum := m.Sum(nil)
	return fmt.Sprintf("%06d", endian.BigEndian.Uint32(sum[sum[19]&0xf:])&0x7fffffff%1_000_000)
}

// What cannot be read keeps everybody out who has only a password, until it is
// forgotten by command; what can be read is not forgotten.
func TestForgetCodes(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, secondsFile)
	command := func(words ...string) (int, string) {
		var out strings.Builder
		code := Main(t.Context(), append(words, "--data", dir), streams{in: strings.NewReader(""), out: &out, err: &out})
		return code, out.String()
	}
	forget := func() (int, string) { return command("user", "forget") }
	doctor := func() string {
		_, said := command("doctor", "--config", filepath.Join(dir, "none.yaml"))
		return said
	}
	if said := doctor(); strings.Contains(said, "codes") {
		t.Errorf("doctor looks for codes where there are none: %s", said)
	}
	if code, said := forget(); code != 1 || !strings.Contains(said, "nobody has set up") {
		t.Errorf("without the file: %d %s", code, said)
	}
	for _, good := range []string{`{}`, `{"marta":{"secret":"MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=","recovery":[]}}`} {
		if err := os.WriteFile(path, []byte(good), 0o600); err != nil {
			t.Fatal(err)
		}
		if code, said := forget(); code != 1 || !strings.Contains(said, "can be read") {
			t.Errorf("%s: %d %s", good, code, said)
		}
		if said := doctor(); !strings.Contains(said, "codes: those set up on the page can be read") {
			t.Errorf("%s: doctor says: %s", good, said)
		}
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if said := doctor(); !strings.Contains(said, "nobody can sign in by password") || !strings.Contains(said, "telecare user forget") {
		t.Errorf("doctor of an empty file: %s", said)
	}
	if code, said := forget(); code != 0 || !strings.Contains(said, "telecare reload") {
		t.Errorf("an empty file: %d %s", code, said)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("it is still there: %v", err)
	}
	if aside, _ := filepath.Glob(path + ".unreadable-*"); len(aside) != 1 {
		t.Errorf("it is nowhere aside: %v", aside)
	}
}
