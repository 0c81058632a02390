package packaging

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// build makes packages of a version as `make release` does.
func build(t *testing.T, version, out string, boards ...string) {
	t.Helper()
	if _, err := os.Stat("../.ci/bin/nfpm"); err != nil {
		missing(t, "nfpm is not built (make .ci/bin/nfpm)")
	}
	if said, err := exec.Command("./build", append([]string{version, out}, boards...)...).CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", version, err, said)
	}
}

// give copies a package into the machine.
func (m *machine) give(deb string) {
	m.t.Helper()
	b, err := os.ReadFile(deb)
	if err == nil {
		err = os.WriteFile(filepath.Join(m.root, "root", filepath.Base(deb)), b, 0o644)
	}
	if err != nil {
		m.t.Fatal(err)
	}
}

// open says how many alarms are open, as the gateway counts them.
func (m *machine) open() int {
	m.t.Helper()
	out, _ := m.try(`curl -s http://127.0.0.1:8080/metrics | grep '^telecare_alarms_open{state="raised"}'`)
	n, err := strconv.Atoi(strings.TrimSpace(out[strings.LastIndexByte(strings.TrimSpace(out), ' ')+1:]))
	if err != nil {
		return -1
	}
	return n
}

// TestInstall lives through the package's whole life on a clean Debian: the
// first hour as it is written, what the service may not, a gateway that hangs,
// an upgrade with alarms open, removal, and purge.
func TestInstall(t *testing.T) {
	accept(t)
	packages := t.TempDir()
	build(t, "9.0", packages, board())
	build(t, "9.1", packages, board())
	m := boot(t)
	step := func(name string, f func(*testing.T)) {
		t.Helper()
		outer := m.t
		if !t.Run(name, func(t *testing.T) { m.t = t; f(t); m.t = outer }) {
			m.t = outer
			t.FailNow()
		}
	}
	old, newer := filepath.Join(packages, "telecare_9.0_"+board()+".deb"), filepath.Join(packages, "telecare_9.1_"+board()+".deb")

	m.give(old)
	m.follow("../docs/first-hour.md") // its windows last as long as t
	step("Sandbox", m.sandbox)
	step("Reload", func(t *testing.T) {
		const pid = "systemctl show -p MainPID --value telecare"
		if before, after := m.run(pid), m.run("systemctl reload telecare; sleep 1; systemctl is-active telecare >&2; "+pid); !strings.Contains(after, strings.TrimSpace(before)) {
			t.Errorf("a reload ended process %s: %s", before, after)
		}
	})
	step("PageTaken", m.pageTaken)
	step("Watchdog", m.watchdog)
	step("Upgrade", func(t *testing.T) {
		open := m.open()
		if open < 2 {
			t.Fatalf("%d alarms are open", open)
		}
		m.give(newer)
		out := m.run("apt-get install -y /root/" + filepath.Base(newer))
		if !strings.Contains(out, "what was there before is in /var/backups/telecare/before-upgrade-") {
			t.Errorf("no backup: %s", out)
		}
		m.run("systemctl is-active telecare; test -e /var/backups/telecare/before-upgrade-*/journal.db; test -e /var/backups/telecare/before-upgrade-*/telecare.yaml")
		if out := m.run("telecare --version; curl -s http://127.0.0.1:8080/metrics | grep ^telecare_build_info"); strings.Count(out, "9.1") != 2 {
			t.Errorf("the new version does not run: %s", out)
		}
		m.eventually("the alarms are open", 30*time.Second, func() bool { return m.open() == open })
	})
	step("Again", func(t *testing.T) {
		before := m.run("ls -ln /etc/telecare; stat -c '%n %U %a' /var/lib/telecare /var/backups/telecare; id telecare")
		m.run("dpkg -i --force-confnew /root/" + filepath.Base(newer) + "; systemctl is-active telecare")
		if after := m.run("ls -ln /etc/telecare; stat -c '%n %U %a' /var/lib/telecare /var/backups/telecare; id telecare"); after != before {
			t.Errorf("installed twice, this is not what it was:\n%s\nbut\n%s", before, after)
		}
	})
	step("Remove", func(t *testing.T) {
		open := m.open()
		m.run("apt-get remove -y telecare; test ! -e /usr/bin/telecare; ! systemctl is-active telecare; ! curl -s http://127.0.0.1:8080/healthz")
		m.run("test -s /var/lib/telecare/journal.db; test -s /var/lib/telecare/registry.db; test -s /etc/telecare/telecare.yaml; test -s /etc/telecare/registry.yaml")
		m.run("apt-get install -y /root/" + filepath.Base(newer) + "; systemctl is-active telecare; systemctl is-enabled telecare")
		m.eventually("the alarms are open again", 30*time.Second, func() bool { return m.open() == open })
	})
	step("Purge", func(t *testing.T) {
		out := m.run("apt-get purge -y telecare")
		if !strings.Contains(out, "/var/backups/telecare") {
			t.Errorf("nothing is said of the backups: %s", out)
		}
		m.run("test ! -e /etc/telecare; test ! -e /var/lib/telecare; test -e /var/backups/telecare/first/journal.db; ! systemctl cat telecare")
	})
}

// sandbox looks at what the running service may, from outside and by trying.
func (m *machine) sandbox(t *testing.T) {
	if out := m.run("systemd-analyze verify /lib/systemd/system/telecare.service"); strings.TrimSpace(out) != "" {
		t.Errorf("systemd-analyze verify: %s", out)
	}
	out := m.run("systemd-analyze security --no-pager telecare")
	level := regexp.MustCompile(`exposure level for telecare.service: ([0-9.]+)`).FindStringSubmatch(out)
	if level == nil {
		t.Fatalf("systemd-analyze security: %s", out)
	}
	t.Logf("systemd-analyze security: %s", level[1])
	if n, err := strconv.ParseFloat(level[1], 64); err != nil || n > 1.6 {
		t.Errorf("exposure is %s, docs/install.md says 1.6", level[1])
	}
	status := m.run("cat /proc/$(systemctl show -p MainPID --value telecare)/status")
	for _, want := range []string{`(?m)^NoNewPrivs:\s1$`, `(?m)^Seccomp:\s2$`, `(?m)^CapEff:\s0+$`, `(?m)^CapBnd:\s0+$`, `(?m)^Uid:\s[1-9]`} {
		if !regexp.MustCompile(want).MatchString(status) {
			t.Errorf("%s is not so in %s", want, status)
		}
	}
	// A driver that is not loaded yet stands for an adapter that is plugged in
	// later: ENXIO means that the service might have had it.
	for number, want := range map[string]string{"188": "No such device or address", "166": "No such device or address", "204": "No such device or address", "189": "Operation not permitted"} {
		out := m.run(`mknod /dev/probe c ` + number + ` 200; trap 'rm /dev/probe' EXIT
			grep ^Device /lib/systemd/system/telecare.service | sed 's/^/-p\n/' >/run/rules
			mapfile -t rules </run/rules
			systemd-run --quiet --wait --pipe "${rules[@]}" cat /dev/probe 2>&1 || true`)
		if !strings.Contains(out, want) {
			t.Errorf("device %s: %q, want %q", number, out, want)
		}
	}
	if out := m.run(`find /var/lib/telecare /var/backups/telecare ! -user telecare ! -name telecare.yaml -o -perm /077 ! -name telecare.yaml`); out != "" {
		t.Errorf("not the service's alone:\n%s", out)
	}
	if out := m.run(`stat -c '%U:%G %a' /etc/telecare/*.yaml | sort -u`); out != "root:telecare 640\n" {
		t.Errorf("/etc/telecare is\n%s", out)
	}
	// What root does with the data is not in the service's way.
	m.run("cd /; telecare export >/root/registry.yaml; telecare apply -f /root/registry.yaml; telecare journal verify")
	if out, err := m.try("telecare backup /root/elsewhere"); err == nil || !strings.Contains(out, "/var/backups/telecare") {
		t.Errorf("a backup where the service cannot write: %v, %s", err, out)
	}
}

// pageTaken starts the gateway while something else has the page's port: it is
// a fault, and people are called.
func (m *machine) pageTaken(*testing.T) {
	m.t.Helper()
	mark := len(m.heard(0))
	m.run(`systemctl stop telecare
		systemd-run --quiet --unit=taken socat TCP-LISTEN:8080,bind=127.0.0.1,reuseaddr,fork SYSTEM:'sleep 1000'
		for i in $(seq 50); do (exec 3<>/dev/tcp/127.0.0.1/8080) 2>/dev/null && break; sleep 0.1; done
		systemctl start telecare
		systemctl is-active telecare
		mosquitto_pub -q 1 -t zigbee2mqtt/pendant -m '{"action":"emergency"}'`)
	m.eventually("it rings without a page", 30*time.Second, func() bool {
		return strings.Contains(m.heard(mark), "IT RINGS, alarm 1,")
	})
	m.run("systemctl stop taken")
	m.eventually("the page is there as soon as it can be", time.Minute, func() bool { return m.open() >= 0 })
}

// watchdog stops the process: systemd must end it and start another.
func (m *machine) watchdog(t *testing.T) {
	open := m.open()
	m.run(`mkdir -p /run/systemd/system/telecare.service.d
		printf '[Service]\nWatchdogSec=3\nTimeoutAbortSec=1\n' >/run/systemd/system/telecare.service.d/sooner.conf
		systemctl daemon-reload; systemctl restart telecare`)
	pid := func() string { return strings.TrimSpace(m.run("systemctl show -p MainPID --value telecare")) }
	hung := pid()
	m.run("kill -STOP " + hung)
	m.eventually("another runs in place of the one that hangs", time.Minute, func() bool {
		p := pid()
		return p != hung && p != "0" && m.open() == open
	})
	if out := m.run("journalctl --no-pager -o cat -u telecare"); !strings.Contains(out, "Watchdog timeout") {
		t.Errorf("it was not the watchdog:\n%s", tail(out, 2000))
	}
	m.run("rm -r /run/systemd/system/telecare.service.d; systemctl daemon-reload; systemctl restart telecare")
	m.eventually("the alarms are open", 30*time.Second, func() bool { return m.open() == open })
}

// board is this machine's name in Debian.
func board() string {
	if runtime.GOARCH == "arm" {
		return "armhf"
	}
	return runtime.GOARCH
}
