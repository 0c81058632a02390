package dashboards

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// People say that they are on a break, see it, and end it; the centre says it of
// others. Nobody else does.
func TestBreaks(t *testing.T) {
	h := newHouse(t, newWard(same), nil)
	marta, jan, centre := h.caller(t, "marta"), h.caller(t, "jan"), h.caller(t, "centre")
	var me struct{ Person string }
	if err := json.Unmarshal([]byte(marta.want(http.StatusOK, "GET", "/api/v1/session", "")), &me); err != nil {
		t.Fatal(err)
	}
	path := "/api/v1/people/" + me.Person + "/break"
	body := func(d time.Duration) string {
		return `{"until":"` + time.Now().Add(d).Format(time.RFC3339) + `"}`
	}
	marta.want(http.StatusNoContent, "PUT", path, body(time.Hour))
	if text := jan.want(http.StatusOK, "GET", "/api/v1/people", ""); strings.Count(text, "break_until") != 1 {
		t.Errorf("the list of people says %s", text)
	}
	if text := marta.want(http.StatusOK, "GET", "/api/v1/session", ""); !strings.Contains(text, "break_until") {
		t.Errorf("whoever is on a break is told %s", text)
	}
	jan.want(http.StatusForbidden, "PUT", path, body(time.Hour))
	jan.want(http.StatusForbidden, "DELETE", path, "")
	marta.want(http.StatusConflict, "PUT", path, body(13*time.Hour))
	marta.want(http.StatusConflict, "PUT", path, body(-time.Minute))
	marta.want(http.StatusUnprocessableEntity, "PUT", path, `{"until":"soon"}`)
	centre.want(http.StatusNotFound, "PUT", "/api/v1/people/x-1/break", body(time.Hour))
	centre.want(http.StatusNoContent, "DELETE", path, "")
	centre.want(http.StatusNoContent, "DELETE", path, "")
	if text := jan.want(http.StatusOK, "GET", "/api/v1/people", ""); strings.Contains(text, "break_until") {
		t.Errorf("after it the list of people says %s", text)
	}
}
