package dashboards

import (
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"telecare/alerting"
	"telecare/alerting/report"
	"telecare/devices"
)

const about = `What the page does, for programs.

Sign in as a person does (POST /session, a cookie), or send a token (Authorization: Bearer …; ` + "`telecare token`" + ` makes one).
What an alarm shows depends on who asks: names of those who call are shown while their alarm is open, to the centre, to the nurse who has
the alarm, and to a token with people:read; who stays where, to the centre and to a token with stays:read beside it. Every such look is recorded. Without it there are opaque ids in their place.

Times are RFC 3339. An answer (take, arrive, close, …) is answered with 204 when it is decided and on disk, an alarm that is raised
with 201 and its id; 503 says that it is not known to be, and it may be sent again: answering twice does no harm. An error is
application/problem+json with a code that never changes its meaning.

Changes are pushed by websocket at /api/v1/live: a snapshot of all this, then the changes after it without gaps, and a beat every 2 s.`

// schemaName names a shape by what it is a view of.
func schemaName(t reflect.Type, hint string) string {
	name := strings.TrimSuffix(huma.DefaultSchemaNamer(t, hint), "View")
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if whole := reflect.TypeFor[report.Report](); t.PkgPath() == whole.PkgPath() && t != whole {
		return "Report" + name // a device of it is another shape than a device
	}
	return name
}

// failing is the way in which every operation fails with a status.
func failing(api huma.API, status int) *huma.Response {
	c := api.OpenAPI().Components
	name := strings.ReplaceAll(http.StatusText(status), " ", "")
	c.Responses[name] = &huma.Response{
		Description: http.StatusText(status),
		Content:     map[string]*huma.MediaType{problemType: {Schema: c.Schemas.Schema(reflect.TypeFor[failure](), true, "")}},
	}
	return &huma.Response{Ref: "#/components/responses/" + name}
}

// code is a failure's word for programs, and when it is said.
type code struct{ word, when string }

// codes lists them all. A word is never given another meaning.
func codes() []code {
	return []code{
		{"signed_out", "nobody is signed in"}, {"bad_token", "the token is not known"}, {"wrong_password", "name or password is wrong"}, {"code_needed", "the password is right, and the account has a device that shows codes"}, {"wrong_code", "the code is wrong, or was used"}, {"codes_lost", "the gateway cannot read who has a code asked for, so no password is enough"}, {"glass_closed", "break the glass first, with a reason: there is no alarm"}, {"no_such_session", "there is no sign-in of yours with this id"}, {"not_signed_in", "the account is signed in nowhere"},
		{"has_code", "a code is asked for beside the password already"}, {"no_code", "the account has no code beside the password"}, {"no_code_begun", "this sign-in has begun none, or too long ago"}, {"no_account", "it is no sign-in by an account of telecare.yaml"}, {"code_in_file", "telecare.yaml has the secret"}, {"code_demanded", "an administrator must have one"}, {"changed_meanwhile", "the account is another one than when it was asked for"}, {"not_kept", "it could not be written, and does not count"},
		{"not_for_you", "the role or the token has not the scope"}, {"other_origin", "a cookie came from another site's page"},
		{"too_many", "too many wrong tries; see Retry-After"}, {"not_json", "the content type is not application/json"}, {"bad_json", "the body cannot be read"},
		{"too_large", "the body is more than 64 KiB, a calendar more than 1 MiB"}, {"too_slow", "the body did not come"}, {"invalid", "something in it is not as described; see where"},
		{"not_found", "there is no such address"}, {"no_stream", "the websocket was not opened"}, {"too_many_screens", "300 are open with this sign-in, link or token"}, {"no_such_link", "the link is not complete, or of another gateway"},
		{"no_such_alarm", "the alarm is not known, or was closed long ago"}, {"no_such_device", "the device is not known"}, {"no_such_channel", "there is no channel of this name that can be tested silently"}, {"no_such_place", "the place is not known"},
		{"no_such_phone", "you have no such phone"}, {"too_many_phones", "you have five already"}, {"no_phone", "this is no subscription that can be used"}, {"not_reached", "its push service has not taken it"}, {"no_such_receipt", "nobody waits for it, or not any more"},
		{"not_an_alarm", "this kind raises none"}, {"no_outcome", "an outcome is missing"}, {"already_held", "somebody else has it; see holder"},
		{"already_closed", "it is closed"}, {"not_closed", "it is open"}, {"not_holder", "only whoever has it can hand it over"},
		{"cannot_call", "whom it is handed to has no contact, or has it"}, {"too_late", "it was closed more than 10 minutes ago"},
		{"not_yours", "codes are for whoever has the alarm"}, {"not_yet", "it is not known to be on disk: send it again"},
		{"no_such_person", "nobody is known by this id"}, {"only_yourself", "people say it of themselves, and the centre of anybody"}, {"no_break", "a break ends within 12 hours, and not in the past"},
		{"edited", "the registry is of another edition than If-Match"}, {"no_such_record", "the registry has no such record"}, {"nothing_to_undo", "the registry has changed since, or it was long ago"},
		{"not_their_name", "the name is not theirs"}, {"alarm_is_open", "an alarm of theirs, or in their hands, is open"}, {"stays_now", "a stay of theirs runs"},
		{"no_report", "the journal cannot be read now, or the gateway ends"},
		{"cannot", "the simulated device cannot do this"}, {"internal", "a defect of the gateway"},
	}
}

// alarmKind is a kind that raises an alarm.
type alarmKind devices.Kind

// Schema lists them.
func (alarmKind) Schema(huma.Registry) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString, Examples: []any{string(devices.Medical)}}
	for _, k := range devices.AlarmKinds() {
		s.Enum = append(s.Enum, string(k))
	}
	return s
}

// outcome is how an alarm ended.
type outcome alerting.Outcome

// Schema lists them.
func (outcome) Schema(huma.Registry) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString, Examples: []any{string(alerting.Helped)}}
	for _, o := range append(alerting.Outcomes(), alerting.Fixed) {
		s.Enum = append(s.Enum, string(o))
	}
	return s
}

// elsewhere describes the parts of shapes that the library cannot describe: those
// from packages that do not know it.
func elsewhere() map[string]string {
	return map[string]string{
		"Device.id":         "Opaque id.",
		"Device.life":       "heard, silent, unsupervised (it gives no sign of life; only a press proves it), or unknown: never to be taken for fine.",
		"Device.last_seen":  "When it was heard last; absent when it was not.",
		"Device.due_every":  "It must be heard once in so many seconds; absent when it gives no sign of life.",
		"Device.last_press": "When it was pressed last.",
		"Device.readings":   "The newest value of each quantity.",
		"Device.faults":     "Its open faults: battery_low, tamper, silent, …",
		"Reading.quantity":  "battery, voltage, rssi, snr, link_quality, temperature, …",
		"Reading.value":     "The value, in unit.",
		"Reading.unit":      "%, V, dBm, dB, °C, lx; absent where the quantity has none.",
		"Fault.code":        "What is wrong: battery_low, silent, tamper, mains_lost, link_lost, chain_down, channel_down, store_down, …",
		"Fault.subject":     "Opaque id of the device, source or channel; of contact_bad the responder's, a slash, and the channel.",
		"Fault.chain":       "What it hung on when it began: faults of one chain are one technical alarm.",
		"Chain.kind":        "source, channel, gateway, rosters or other.",
		"Chain.id":          "The source or channel as telecare.yaml calls it, or an opaque id; absent for devices that nobody has heard yet.",
		"Fault.since":       "When it began.",
	}
}

// describe finishes the description: arrays here are never null, what we answer
// may grow while what we take is exact, and shapes of the library that nothing
// uses are taken out.
func describe(o *huma.OpenAPI) {
	shapes := o.Components.Schemas.Map()
	taken := map[string]bool{}
	for _, path := range o.Paths {
		for _, op := range []*huma.Operation{path.Post, path.Patch} {
			if op != nil && op.RequestBody != nil {
				taken[strings.TrimPrefix(op.RequestBody.Content["application/json"].Schema.Ref, "#/components/schemas/")] = true
			}
		}
	}
	var list []string
	for _, c := range codes() {
		list = append(list, "`"+c.word+"`: "+c.when)
	}
	shapes["Failure"].Properties["code"].Description += " " + strings.Join(list, "; ") + "."
	delete(shapes, "ErrorModel")
	delete(shapes, "ErrorDetail")
	for name, s := range shapes {
		if !taken[name] {
			s.AdditionalProperties = nil
		}
		for key, p := range s.Properties {
			if p.Type == huma.TypeArray {
				p.Nullable = false
			}
			if text := elsewhere()[name+"."+key]; text != "" && p.Description == "" {
				p.Description = text
			}
		}
		s.PrecomputeMessages()
	}
}
