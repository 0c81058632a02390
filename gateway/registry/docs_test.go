package registry

import (
	"os"
	"regexp"
	"testing"
)

// The registry that docs/stays.md shows is taken as it stands.
func TestStaysOfDocs(t *testing.T) {
	b, err := os.ReadFile("../../docs/stays.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindSubmatch(b)
	if found == nil {
		t.Fatal("docs/stays.md has no registry")
	}
	parse(t, found[1])
}
