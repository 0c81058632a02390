package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"

	"telecare/alerting"
	"telecare/gateway/config"
	"telecare/gateway/journal"
	"telecare/gateway/strictyaml"
)

type doctorCommand struct {
	place
	JSON   bool `help:"Say it in JSON."`
	Strict bool `help:"End with status 3 when there is something to look at."`
}

// Help says what the statuses mean.
func (doctorCommand) Help() string {
	return "Run it as the gateway's user, or as root. Status 0: nothing is bad. 1: something is bad. 3: with --strict, something is to be looked at."
}

// Run looks at the machine round a gateway, whether it runs or not.
func (c *doctorCommand) Run(ctx context.Context, s streams) error {
	d := &doctor{ports: portHolders()} // as root still, who sees them all
	d.configuration(c.place)
	if err := d.data.asOwner(); err != nil {
		return err
	}
	d.runs, d.pid = d.data.process(ctx)
	found := append(d.found, run(ctx, d.probes())...)
	if d.runs && d.cfg != nil {
		ctx, cancel := context.WithTimeout(ctx, tryFor)
		defer cancel()
		found = append(found, d.channels(ctx, c.Config)...)
	}
	if err := found.print(s.out, c.JSON); err != nil {
		return err
	}
	switch {
	case found.count(awful) > 0:
		return exitStatus(1)
	case c.Strict && found.count(warn) > 0:
		return exitStatus(3)
	}
	return nil
}

// doctor is what is known of the gateway it looks at.
type doctor struct {
	cfg   *config.Config // nil when it cannot be read
	data  folder         // "" when it is not known
	ports map[string]string
	runs  bool
	pid   int
	found findings
}

func (d *doctor) add(what string, f finding) {
	f.What = what
	d.found = append(d.found, f)
}

func (d *doctor) configuration(p place) {
	d.add("program", well("", "telecare %s, %s/%s", version, runtime.GOOS, runtime.GOARCH))
	cfg, _, err := config.InspectFile(p.Config)
	d.data = folder(p.Data)
	var mistakes strictyaml.Errors
	switch {
	case err == nil:
		d.cfg = cfg
		if p.Data == "" {
			d.data = folder(cfg.Data)
		}
		d.add("configuration", well("", "%s is good", near(p.Config)))
	case errors.As(err, &mistakes):
		if p.Data == "" && cfg != nil {
			d.data = folder(cfg.Data)
		}
		d.add("configuration", finding{Level: awful, Says: fmt.Sprintf("%s has %d mistakes", near(p.Config), len(mistakes)), Do: "`telecare check` says them; a gateway that runs is not disturbed by them until it starts anew"})
	default:
		d.add("configuration", failed(err))
	}
}

// probes are what there is to look at.
func (d *doctor) probes() []probe {
	var list []probe
	add := func(what string, try func(context.Context) finding) { list = append(list, probe{what, try}) }
	add("clock", clockFinding)
	if d.data == "" {
		return list
	}
	add("data folder", func(context.Context) finding { return d.folder() })
	add("disk", func(context.Context) finding { return diskFinding(string(d.data)) })
	add("gateway", func(context.Context) finding { return d.running() })
	add("journal", d.journal)
	add("registry", d.registry)
	add("rosters", d.holes)
	if _, err := os.Lstat(d.data.seconds()); !errors.Is(err, fs.ErrNotExist) {
		add("codes", func(context.Context) finding { return d.codes() })
	}
	if d.cfg == nil {
		return list
	}
	if d.runs {
		add("ready", d.ready)
	}
	if d.cfg.Influx != nil {
		add("readings", d.spool)
	}
	add("page", func(context.Context) finding { return d.listen(d.cfg.Page.Listen) })
	certificate := func(what string, t *config.TLS) {
		if t != nil {
			add(what+" certificate", func(context.Context) finding { return certificateFinding(t, time.Now()) })
		}
	}
	certificate("page", d.cfg.Page.TLS)
	for _, src := range d.cfg.Sources {
		what := fmt.Sprintf("source %q", src.Name)
		switch {
		case src.Serial != nil:
			add(what, func(context.Context) finding { return d.serial(src.Name, src.Serial) })
		case src.Listen != nil:
			add(what, func(context.Context) finding { return d.listen(src.Listen.Listen) })
			certificate(what, src.Listen.TLS)
		}
	}
	if d.cfg.Deadman == nil {
		add("deadman", func(context.Context) finding {
			return finding{Level: warn, Says: "nobody outside notices when this machine is dead", Do: "give deadman: an address that alarms when it is not pinged"}
		})
	}
	return list
}

// folder looks at who may read and write where people's data are.
func (d *doctor) folder() finding {
	info, err := os.Stat(string(d.data))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return finding{Level: warn, Says: fmt.Sprintf("%q is not there yet", string(d.data)), Do: "`telecare apply` makes it"}
	case err != nil:
		return failed(err)
	case !info.IsDir():
		return finding{Level: awful, Says: fmt.Sprintf("%q is no folder", string(d.data)), Do: "move it away, or correct data: in telecare.yaml"}
	}
	try, err := os.CreateTemp(string(d.data), ".doctor-")
	if err != nil {
		return finding{Level: awful, Says: "cannot be written: " + err.Error(), Do: "give it to the gateway's user (chown), and look whether the disk is read-only"}
	}
	if err := errors.Join(try.Close(), os.Remove(try.Name())); err != nil {
		return failed(err)
	}
	if runtime.GOOS == "windows" {
		return well("", "%q can be written", string(d.data))
	}
	open := []string{}
	if info.Mode().Perm()&0o077 != 0 {
		open = append(open, string(d.data))
	}
	entries, err := os.ReadDir(string(d.data))
	if err != nil {
		return failed(err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().Perm()&0o077 != 0 && info.Mode()&fs.ModeSymlink == 0 && e.Name() != "lost+found" {
			open = append(open, filepath.Join(string(d.data), e.Name()))
		}
	}
	if info.Mode().Perm()&0o077 == 0 {
		open = nil // nobody else gets past the folder
	}
	if len(open) > 0 {
		return finding{Level: warn, Says: "people's data are open to other users: " + strings.Join(open, ", "), Do: fmt.Sprintf("chmod -R go= %s", d.data)}
	}
	return well("", "%q can be written, and by nobody else read", string(d.data))
}

// running says whether a gateway has the folder.
func (d *doctor) running() finding {
	switch holder := fileHolder(filepath.Join(string(d.data), "lock")); {
	case d.runs && d.pid != 0:
		return well("", "runs, process %d", d.pid)
	case d.runs:
		return well("", "runs")
	case holder != "":
		return finding{Level: awful, Says: holder + " has the data folder, and does not answer", Do: "look at its log; if it hangs, kill it: nothing that was answered is lost"}
	}
	if who := d.adrift(); who != "" {
		return finding{Level: awful, Says: who + " has the page's port and not the data folder", Do: "if it could not write the folder when it started, it calls people and answers nobody: make the folder writable before you stop it"}
	}
	return finding{Level: warn, Says: "does not run: nobody is called", Do: "`telecare run`, or systemctl start telecare"}
}

// adrift names a gateway that has our page's port and could not take the data
// folder, as on a read-only disk; "" when there is none.
func (d *doctor) adrift() string {
	if d.runs || d.cfg == nil {
		return ""
	}
	who := d.ports[portOf(d.cfg.Page.Listen)]
	name, _, _ := strings.Cut(who, " (") // the kernel keeps fifteen letters of it
	if name != "" && strings.HasPrefix(filepath.Base(os.Args[0]), name) {
		return who
	}
	return ""
}

// codes looks whether the codes that people have set up on the page can be read.
func (d *doctor) codes() finding {
	if err := d.data.trySeconds(); err != nil {
		return finding{Level: awful, Says: fmt.Sprintf("nobody can sign in by password, %s cannot be read: %v", secondsFile, err), Do: "put it back from a backup, or `telecare user forget` and `telecare reload`"}
	}
	return well("", "those set up on the page can be read")
}

// journal checks the chain, by the gateway itself when it runs.
func (d *doctor) journal(ctx context.Context) finding {
	if _, err := os.Stat(d.data.journal()); errors.Is(err, fs.ErrNotExist) {
		return well("", "none yet")
	}
	var out, said bytes.Buffer
	asked, err := d.data.ask(ctx, streams{out: &out, err: &said}, "journal", "verify")
	var status exitStatus
	switch {
	case ctx.Err() != nil:
		return finding{Level: warn, Says: "too long to be checked in passing", Do: "`telecare journal verify`"}
	case asked && errors.As(err, &status):
		return finding{Level: awful, Says: "is not what was written: " + bads(out.String(), said.String()), Do: "keep a copy of the data folder before anything else, then `telecare journal verify`"}
	case err != nil:
		return failed(err)
	case asked:
		first, _, _ := strings.Cut(out.String(), "\n")
		return well("", "%s", strings.TrimPrefix(first, "records: "))
	}
	j, err := journal.OpenReader(ctx, d.data.journal())
	if err != nil {
		return failed(err)
	}
	defer j.Close()
	report, err := j.Verify(ctx)
	switch {
	case ctx.Err() != nil:
		return finding{Level: warn, Says: "too long to be checked in passing", Do: "`telecare journal verify`"}
	case err != nil:
		return failed(err)
	case !report.OK():
		return finding{Level: awful, Says: "is not what was written: " + bads(report.String(), ""), Do: "keep a copy of the data folder before anything else, then `telecare journal verify`"}
	}
	var last time.Time
	err = j.Records(ctx, report.Head-1, func(r alerting.Record) error { last = r.At; return nil })
	if err != nil {
		return failed(err)
	}
	if ahead := time.Until(last); ahead > time.Minute {
		return finding{Level: awful, Says: fmt.Sprintf("its last record is %s ahead of this machine's clock", ahead.Round(time.Second)), Do: "set the clock before the gateway starts; it goes on from the last record until then"}
	}
	return well("", "%d records, all as they were written", report.Records)
}

// bads are the lines that say what is wrong, or the error where it could not be
// read.
func bads(report, err string) string {
	var out []string
	if err = strings.TrimSpace(err); err != "" {
		out = append(out, err)
	}
	for line := range strings.Lines(report) {
		if strings.Contains(line, "BAD") {
			out = append(out, strings.TrimSpace(line))
		}
	}
	return strings.Join(out, "; ")
}

// registry says whether there is one, and whether it has warnings.
func (d *doctor) registry(ctx context.Context) finding {
	if _, err := os.Stat(d.data.registry()); errors.Is(err, fs.ErrNotExist) {
		return finding{Level: awful, Says: "there is none: the gateway does not know whom to call", Do: "`telecare apply -f registry.yaml`"}
	}
	doc, _, err := (&checkCommand{}).registry(ctx, &config.Config{Data: string(d.data)})
	switch {
	case err != nil:
		return failed(err)
	case doc == nil:
		return finding{Level: awful, Says: "it is empty: the gateway does not know whom to call", Do: "`telecare apply -f registry.yaml`"}
	}
	if warnings, _ := doc.Warnings(time.Now()); len(warnings) > 0 {
		return finding{Level: warn, Says: fmt.Sprintf("in force, warnings: %d", len(warnings)), Do: "`telecare check` says them"}
	}
	return well("", "in force, for site %q", doc.SiteID())
}

// listen says whether a port is ours.
func (d *doctor) listen(addr string) finding {
	who := d.ports[portOf(addr)]
	ours := d.runs && (who == "" || d.pid == 0 || strings.HasSuffix(who, fmt.Sprintf("(process %d)", d.pid)))
	f := tryListen(addr, ours)
	switch {
	case f.Level == fine && d.runs && strings.HasSuffix(f.Says, "is free"):
		return finding{Level: awful, Says: fmt.Sprintf("the gateway runs, and does not listen on %s", addr), Do: "look at its log; was telecare.yaml changed since it started?"}
	case f.Level == awful && who != "" && who == d.adrift():
		f.Says, f.Do = fmt.Sprintf("%s is taken by %s", addr, who), "see \"gateway\", above"
	case f.Level == awful && who != "":
		f.Says = fmt.Sprintf("%s is taken by %s", addr, who)
	}
	return f
}

// serial says whether a port is there and ours.
func (d *doctor) serial(name string, c *config.Serial) finding {
	f := trySerial(name, c, d.runs)
	if f.Level == awful && strings.Contains(f.Says, "in use") {
		pattern := c.Port
		if !strings.Contains(pattern, "/") {
			pattern = filepath.Join("/dev/serial/by-id", pattern)
		}
		if matches, _ := filepath.Glob(pattern); len(matches) == 1 {
			if who := fileHolder(matches[0]); who != "" {
				f.Do = "it is held by " + who
			}
		}
	}
	return f
}

// client reaches the page on this machine, whatever name its certificate is for.
func (d *doctor) get(ctx context.Context, path string) (status int, body string, err error) {
	listen := d.cfg.Page.Listen
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return 0, "", err
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	scheme := "http"
	if d.cfg.Page.TLS != nil {
		scheme = "https"
	}
	// The page is ours and nothing secret is sent: what its certificate is worth
	// is looked at elsewhere.
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+net.JoinHostPort(host, port)+path, nil)
	if err != nil {
		return 0, "", err
	}
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, 4<<20))
	return resp.StatusCode, string(b), err
}

func (d *doctor) ready(ctx context.Context) finding {
	status, body, err := d.get(ctx, "/readyz")
	switch {
	case err != nil:
		return finding{Level: awful, Says: "the page does not answer: " + err.Error(), Do: "the gateway may call people all the same; look at its log"}
	case status != http.StatusOK:
		return finding{Level: awful, Says: strings.TrimSpace(body), Do: "people are still called; mend it soon"}
	}
	return well("", "the journal can be written and the loop turns")
}

var spoolMetrics = regexp.MustCompile(`(?m)^(telecare_spool_points|telecare_spool_bytes|telecare_spool_dropped_points_total)(?:\{[^}]*\})? ([0-9.e+]+)$`)

// spool says how many readings wait for InfluxDB.
func (d *doctor) spool(ctx context.Context) finding {
	if !d.runs {
		info, err := os.Stat(d.data.spool())
		if err != nil {
			return well("", "none wait")
		}
		return well("", "the spool is %d KiB; how many wait is known when the gateway runs", info.Size()>>10)
	}
	_, body, err := d.get(ctx, "/metrics")
	if err != nil {
		return failed(err)
	}
	values := map[string]float64{}
	for _, m := range spoolMetrics.FindAllStringSubmatch(body, -1) {
		values[m[1]], _ = strconv.ParseFloat(m[2], 64)
	}
	points, bytes, dropped := values["telecare_spool_points"], values["telecare_spool_bytes"], values["telecare_spool_dropped_points_total"]
	says := fmt.Sprintf("%.0f points wait for InfluxDB, %.0f KiB", points, bytes/1024)
	switch {
	case dropped > 0:
		return finding{Level: awful, Says: fmt.Sprintf("%s; %.0f were dropped, the oldest first", says, dropped), Do: "`telecare check --online` says what is wrong with InfluxDB"}
	case bytes > float64(d.cfg.Influx.Quota)/2:
		return finding{Level: warn, Says: says + ", more than half of the quota", Do: "`telecare check --online` says what is wrong with InfluxDB"}
	}
	return well("", "%s", says)
}

// certificateFinding looks at a certificate and its key.
func certificateFinding(t *config.TLS, now time.Time) finding {
	if _, err := tls.LoadX509KeyPair(t.Cert, t.Key); err != nil {
		return finding{Level: awful, Says: err.Error(), Do: "give a certificate and the key that it was made with"}
	}
	b, err := os.ReadFile(t.Cert)
	if err != nil {
		return failed(err)
	}
	block, _ := pem.Decode(b)
	if block == nil {
		return finding{Level: awful, Says: "holds no certificate", Do: "want PEM"}
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return failed(err)
	}
	left := cert.NotAfter.Sub(now)
	until := cert.NotAfter.UTC().Format("2006-01-02 15:04 UTC")
	const do = "renew it, and start the gateway anew"
	switch {
	case now.Before(cert.NotBefore):
		return finding{Level: awful, Says: "is valid only from " + cert.NotBefore.UTC().Format("2006-01-02 15:04 UTC"), Do: "look at this machine's clock"}
	case left <= 0:
		return finding{Level: awful, Says: "was valid until " + until, Do: do}
	case left < 14*24*time.Hour:
		return finding{Level: warn, Says: fmt.Sprintf("is valid until %s, %d more days", until, int(left.Hours()/24)), Do: do}
	}
	return well("", "is valid until %s", until)
}
