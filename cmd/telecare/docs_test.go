package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"telecare/gateway/config"

	"github.com/alecthomas/kong"
)

// TestDocs holds the README and docs/ to what there is: commands that are
// understood, targets of make, files that are linked, tests that are named,
// sources that load.
func TestDocs(t *testing.T) {
	root := filepath.Join("..", "..")
	pages, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	pages = append(pages, filepath.Join(root, "README.md"), filepath.Join(root, "CONTRIBUTING.md"))
	makefile := read(t, filepath.Join(root, "Makefile"))
	var tests strings.Builder
	for _, dir := range []string{"alerting", "cmd", "dashboards", "devices", "gateway", "packaging"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d os.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, "_test.go") {
				tests.WriteString(read(t, path))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]int{}
	for _, page := range pages {
		name, text := filepath.Base(page), read(t, page)
		for _, m := range regexp.MustCompile(`(?m)^ {4,}(?:sudo )?(?:\./)?(?:go run \./cmd/)?telecare (.*)$`).FindAllStringSubmatch(text, -1) {
			seen["commands"]++
			if err := understood(m[1]); err != nil && !strings.Contains(err.Error(), "no such file") {
				t.Errorf("%s: telecare %s: %v", name, m[1], err)
			}
		}
		for _, m := range regexp.MustCompile("`make ([a-z]+)").FindAllStringSubmatch(text, -1) {
			seen["targets"]++
			if !strings.Contains(makefile, "\n"+m[1]+":") {
				t.Errorf("%s: there is no target %q", name, m[1])
			}
		}
		for _, m := range regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`).FindAllStringSubmatch(text, -1) {
			seen["links"]++
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), m[1])); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, m := range regexp.MustCompile("`(Test[A-Za-z0-9]+)").FindAllStringSubmatch(text, -1) {
			seen["tests"]++
			if !strings.Contains(tests.String(), "func "+m[1]+"(") {
				t.Errorf("%s: there is no test %q", name, m[1])
			}
		}
		for _, m := range regexp.MustCompile(`(?m)^    sources:\n(?:     +.*\n)+`).FindAllString(text, -1) {
			seen["sources"]++
			file := filepath.Join(t.TempDir(), "telecare.yaml")
			yaml := "site: home\ndata: data\npage: {listen: \"127.0.0.1:0\"}\n" + strings.ReplaceAll("\n"+m, "\n    ", "\n")
			if err := os.WriteFile(file, []byte(yaml), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := config.Load(file); err != nil && !strings.Contains(err.Error(), "no such file") { // a codec's
				t.Errorf("%s: %v\n%s", name, err, yaml)
			}
		}
	}
	for _, what := range []string{"commands", "targets", "links", "tests", "sources"} {
		if seen[what] < 3 {
			t.Errorf("%d %s were found: this test looks for them wrongly", seen[what], what)
		}
	}
}

// understood reports whether the command line is one, without running it.
func understood(line string) error {
	line, _, _ = strings.Cut(line, "#")
	line, _, _ = strings.Cut(line, ">")
	line, _, _ = strings.Cut(line, "|")
	line, _, _ = strings.Cut(line, "&")
	var c cli
	parser, err := kong.New(&c, kong.Vars{"version": version, "config": usualConfig()},
		kong.BindTo(context.Background(), (*context.Context)(nil)), kong.Writers(io.Discard, io.Discard), kong.Exit(func(int) {}))
	if err != nil {
		return err
	}
	_, err = parser.Parse(strings.Fields(line))
	return err
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
