package dashboards

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// What docs/access.md says of roles is so.
func TestRolesAsDocumented(t *testing.T) {
	b, err := os.ReadFile("../docs/access.md")
	if err != nil {
		t.Fatal(err)
	}
	said := map[Role]bool{}
	for line := range strings.SplitSeq(string(b), "\n") {
		cells := strings.Split(line, "|")
		if len(cells) != 5 || !strings.HasPrefix(cells[1], " `") {
			continue
		}
		role := Role(strings.Trim(cells[1], " `"))
		said[role] = true
		got, want := strings.Fields(cells[3]), []string{}
		for _, s := range scopesOf(role) {
			want = append(want, string(s))
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s may %q, and docs/access.md says %q", role, want, got)
		}
	}
	for _, r := range []Role{RoleNurse, RoleCentre, RoleTechnician, RoleBoard, RoleManager, RoleAdministrator, RoleFamily} {
		if !said[r] {
			t.Errorf("docs/access.md does not say what %s may", r)
		}
	}
}
