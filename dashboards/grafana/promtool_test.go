package grafana

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"telecare/gateway/gatewaytest"
)

// written puts the files into a folder of the test's own.
func written(t testing.TB, o Options) string {
	t.Helper()
	files, err := Files(o)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Prometheus' and Alertmanager's own tools are content with what is written, and
// the rules speak when they should and keep quiet when they should.
func TestRules(t *testing.T) {
	dir := written(t, Options{})
	story, err := os.ReadFile("testdata/telecare.rules.test.yml")
	if err != nil {
		t.Fatal(err)
	}
	stories := filepath.Join(dir, "prometheus", "telecare.rules.test.yml")
	if err := os.WriteFile(stories, story, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"check", "rules", "--lint=all", "--lint-fatal", filepath.Join(dir, "prometheus", "telecare.rules.yml")},
		{"check", "config", filepath.Join(dir, "prometheus", "prometheus.yml")},
		{"test", "rules", stories},
	} {
		if out, err := gatewaytest.Promtool(t, nil, args...); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	if out, err := gatewaytest.Amtool(t, "check-config", filepath.Join(dir, "alertmanager", "alertmanager.yml")); err != nil {
		t.Errorf("amtool check-config: %v\n%s", err, out)
	}
}

// Every expression of a panel is one that promtool takes for a rule.
func TestExpressions(t *testing.T) {
	var b strings.Builder
	b.WriteString("groups:\n  - name: panels\n    rules:\n")
	for where, expr := range everyExpr(t) {
		if strings.HasPrefix(where, "rule ") || strings.Contains(where, ", variable ") {
			continue
		}
		b.WriteString("      # " + where + "\n      - record: panel:x\n        expr: |-\n          " +
			strings.NewReplacer("$__rate_interval", "1m").Replace(expr) + "\n        labels: {where: '" + strings.ReplaceAll(where, "'", "") + "'}\n")
	}
	path := filepath.Join(t.TempDir(), "panels.yml")
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := gatewaytest.Promtool(t, nil, "check", "rules", path); err != nil {
		t.Errorf("promtool check rules: %v\n%s", err, out)
	}
}
