package alerting

import (
	"strings"
	"testing"
	"time"

	"telecare/devices"
)

// TestPlanIsChecked: every mistake in a plan is refused in its own words, and
// the last value that is still allowed is not.
func TestPlanIsChecked(t *testing.T) {
	if err := ward().Check(); err != nil {
		t.Fatalf("a good plan is refused: %v", err)
	}
	all := days("mon-sun")
	at := time.Date(2026, 11, 17, 3, 0, 0, 0, time.UTC)
	roster := func(change func(*Roster)) func(*Plan) {
		return func(p *Plan) {
			r := p.Rosters["nurses"]
			change(&r)
			p.Rosters["nurses"] = r
		}
	}
	layer := func(change func(*Layer)) func(*Plan) {
		return roster(func(r *Roster) {
			l := Layer{Days: 7, Start: Date{2026, 11, 16}, HandOver: 7 * 60, Turns: [][]Person{{"marta"}, {"jan"}}}
			change(&l)
			r.Layers = []Layer{l}
		})
	}
	policy := func(change func(*Policy)) func(*Plan) {
		return func(p *Plan) {
			x := p.Policies["ward"]
			change(&x)
			p.Policies["ward"] = x
		}
	}
	watch := func(id WatchID, change func(*Watch)) func(*Plan) {
		return func(p *Plan) {
			w := p.Watches[id]
			change(&w)
			p.Watches[id] = w
		}
	}
	stay := func(change func(*Stay)) func(*Plan) { return func(p *Plan) { change(&p.Stays[0]) } }
	rule := func(r Rule) func(*Plan) { return func(p *Plan) { p.Rules = []Rule{r} } }
	hours := func(from, to int) *Hours { return &Hours{all, from, to} }
	faults := func(change func(*FaultPlan)) func(*Plan) { return func(p *Plan) { change(p.Faults) } }

	for name, c := range map[string]struct {
		spoil func(*Plan)
		want  string // the errors, a line each; "" is none
	}{
		"no site":                 {func(p *Plan) { p.Site = "" }, `plan names no site`},
		"no last resort":          {func(p *Plan) { p.LastResort = "" }, `plan has no last-resort contact: name somebody outside all rosters who is called when nobody else comes`},
		"last resort without way": {func(p *Plan) { p.LastResort = "nobody" }, `last-resort contact "nobody" has no channel: nobody could be reached`},
		"last resort a stranger":  {func(p *Plan) { p.LastResort = "who" }, `last-resort contact "who" has no channel: nobody could be reached`},
		"last resort rests":       {func(p *Plan) { p.LastResort = "jan" }, `last-resort contact "jan" rests at times: name somebody who can always be called`},
		"last resort on the rota": {func(p *Plan) { p.LastResort = "marta" }, `last-resort contact "marta" is in roster "nurses": name somebody outside all rosters`},
		"unknown default":         {func(p *Plan) { p.Default = "no" }, `default policy "no" does not exist`},

		"policy without steps":       {func(p *Plan) { p.Policies["empty"] = Policy{} }, `policy "empty" has no steps: nobody would be called`},
		"nobody is wanted":           {policy(func(p *Policy) { p.Takers = -1 }), `policy "ward" wants -1 people: give 1 to 4`},
		"nought is one":              {policy(func(p *Policy) { p.Takers = 0 }), ``},
		"four are wanted":            {policy(func(p *Policy) { p.Takers = MaxTakers }), ``},
		"five are wanted":            {policy(func(p *Policy) { p.Takers = MaxTakers + 1 }), `policy "ward" wants 5 people: give 1 to 4`},
		"step that waits too short":  {policy(func(p *Policy) { p.Steps[0].Wait = MinWait - 1 }), `policy "ward" step 1 waits 999.999999ms: give 1s to 1h0m0s`},
		"step of a second":           {policy(func(p *Policy) { p.Steps[1].Wait = MinWait }), ``},
		"step of an hour":            {policy(func(p *Policy) { p.Steps[1].Wait = MaxWait }), ``},
		"step that waits too long":   {policy(func(p *Policy) { p.Steps[1].Wait = MaxWait + 1 }), `policy "ward" step 2 waits 1h0m0.000000001s: give 1s to 1h0m0s`},
		"step that calls nobody":     {policy(func(p *Policy) { p.Steps[1].Call = nil }), `policy "ward" step 2 calls nobody`},
		"step that calls a stranger": {policy(func(p *Policy) { p.Steps[1].Call[0] = Target{Person: "who"} }), `policy "ward" step 2 calls neither one responder nor one roster: "who" ""`},
		"step that calls two":        {policy(func(p *Policy) { p.Steps[1].Call[0].Roster = "nurses" }), `policy "ward" step 2 calls neither one responder nor one roster: "jan" "nurses"`},
		"stranger stands in":         {policy(func(p *Policy) { p.StandIns = []Target{{Person: "who"}} }), `policy "ward" has neither one responder nor one roster stand in: "who" ""`},
		"jan stands in":              {policy(func(p *Policy) { p.StandIns = []Target{{Person: "jan"}} }), ``},
		"stranger stands in for all": {func(p *Plan) { p.StandIns = []Target{{Roster: "no"}} }, `neither one responder nor one roster stands in: "" "no"`},

		"rule without policy":        {rule(Rule{Policy: "no"}), `rule 1 has policy "no", which does not exist`},
		"rule of the day":            {rule(Rule{Policy: "ward", Hours: hours(0, 24*60)}), ``},
		"rule to midnight":           {rule(Rule{Policy: "ward", Hours: hours(24*60-1, 0)}), ``},
		"rule from before midnight":  {rule(Rule{Policy: "ward", Hours: hours(-1, 60)}), `rule 1 has hours outside 00:00 to 24:00`},
		"rule from midnight to come": {rule(Rule{Policy: "ward", Hours: hours(24*60, 60)}), `rule 1 has hours outside 00:00 to 24:00`},
		"rule to before midnight":    {rule(Rule{Policy: "ward", Hours: hours(60, -1)}), `rule 1 has hours outside 00:00 to 24:00`},
		"rule beyond midnight":       {rule(Rule{Policy: "ward", Hours: hours(60, 24*60+1)}), `rule 1 has hours outside 00:00 to 24:00`},

		"device with no such policy": {func(p *Plan) { p.Devices["d0"] = Device{Policy: "no"} }, `device "d0" has policy "no", which does not exist`},
		"fall that waits backwards":  {func(p *Plan) { p.Devices["d0"] = Device{PreAlarm: -1} }, `device "d0" lets a fall wait -1ns: give at most 1m0s`},
		"fall that waits a minute":   {func(p *Plan) { p.Devices["d0"] = Device{PreAlarm: MaxPreAlarm} }, ``},
		"fall that waits too long":   {func(p *Plan) { p.Devices["d0"] = Device{PreAlarm: MaxPreAlarm + 1} }, `device "d0" lets a fall wait 1m0.000000001s: give at most 1m0s`},

		"rest without end":  {func(p *Plan) { p.People["jan"].Rests[0].Until = time.Time{} }, ``},
		"rest of no length": {func(p *Plan) { p.People["jan"].Rests[0] = Rest{at, at} }, `responder "jan" rests from 2026-11-17 03:00:00 +0000 UTC until 2026-11-17 03:00:00 +0000 UTC, which is not after it`},

		"stay of nobody":             {stay(func(s *Stay) { s.Resident = "" }), `stay 1 names no resident or no place: "" "room-2"`},
		"stay nowhere":               {stay(func(s *Stay) { s.Place = "" }), `stay 1 names no resident or no place: "anna" ""`},
		"stay of no length":          {stay(func(s *Stay) { s.From, s.Until = at, at }), `stay 1 of "anna" is from 2026-11-17 03:00:00 +0000 UTC until 2026-11-17 03:00:00 +0000 UTC, which is not after it`},
		"stay with an end":           {stay(func(s *Stay) { s.From, s.Until = at, at.Add(1) }), ``},
		"stay day and night":         {stay(func(s *Stay) { s.Hours = nil }), ``},
		"stay on no day":             {stay(func(s *Stay) { s.Hours.Days = nil }), `stay 1 of "anna" has no days or hours outside 00:00 to 24:00`},
		"stay of the whole day":      {stay(func(s *Stay) { s.Hours = hours(0, 24*60) }), ``},
		"stay to midnight":           {stay(func(s *Stay) { s.Hours = hours(24*60-1, 0) }), ``},
		"stay from before midnight":  {stay(func(s *Stay) { s.Hours.From = -1 }), `stay 1 of "anna" has no days or hours outside 00:00 to 24:00`},
		"stay from midnight to come": {stay(func(s *Stay) { s.Hours.From = 24 * 60 }), `stay 1 of "anna" has no days or hours outside 00:00 to 24:00`},
		"stay to before midnight":    {stay(func(s *Stay) { s.Hours.To = -1 }), `stay 1 of "anna" has no days or hours outside 00:00 to 24:00`},
		"stay beyond midnight":       {stay(func(s *Stay) { s.Hours.To = 24*60 + 1 }), `stay 1 of "anna" has no days or hours outside 00:00 to 24:00`},

		"watch of no kind":            {watch("w-3", func(w *Watch) { w.Kind = devices.Panic }), `watch "w-3" is of kind "panic": give inactivity, wandering or bed_exit`},
		"watch of nobody":             {watch("w-3", func(w *Watch) { w.Place = "" }), `watch "w-3" names neither one resident nor one place`},
		"watch of both":               {watch("w-3", func(w *Watch) { w.Resident = "anna" }), `watch "w-3" names neither one resident nor one place`},
		"watch of no door":            {watch("w-4", func(w *Watch) { w.Devices = nil }), `watch "w-4" names no door`},
		"watch without hours":         {watch("w-3", func(w *Watch) { w.Times = nil }), `watch "w-3" has no hours`},
		"watch on no day":             {watch("w-2", func(w *Watch) { w.Times[1].Days = nil }), `watch "w-2" has no days or hours outside 00:00 to 24:00 in its time 2`},
		"watch of the whole day":      {watch("w-2", func(w *Watch) { w.Times[1].From, w.Times[1].To = 0, 24*60 }), ``},
		"watch to midnight":           {watch("w-2", func(w *Watch) { w.Times[1].From, w.Times[1].To = 24*60-1, 0 }), ``},
		"watch from before midnight":  {watch("w-2", func(w *Watch) { w.Times[1].From = -1 }), `watch "w-2" has no days or hours outside 00:00 to 24:00 in its time 2`},
		"watch from midnight to come": {watch("w-2", func(w *Watch) { w.Times[1].From = 24 * 60 }), `watch "w-2" has no days or hours outside 00:00 to 24:00 in its time 2`},
		"watch to before midnight":    {watch("w-2", func(w *Watch) { w.Times[1].To = -1 }), `watch "w-2" has no days or hours outside 00:00 to 24:00 in its time 2`},
		"watch beyond midnight":       {watch("w-2", func(w *Watch) { w.Times[1].To = 24*60 + 1 }), `watch "w-2" has no days or hours outside 00:00 to 24:00 in its time 2`},
		"silence of a minute":         {watch("w-1", func(w *Watch) { w.Times[0].After = MinWatch }), ``},
		"silence of less":             {watch("w-1", func(w *Watch) { w.Times[0].After = MinWatch - 1 }), `watch "w-1" calls 59.999999999s too long: give 1m0s to 48h0m0s`},
		"silence of two days":         {watch("w-1", func(w *Watch) { w.Times[0].After = MaxWatch }), ``},
		"silence of more":             {watch("w-1", func(w *Watch) { w.Times[0].After = MaxWatch + 1 }), `watch "w-1" calls 48h0m0.000000001s too long: give 1m0s to 48h0m0s`},
		"bed left for a second":       {watch("w-3", func(w *Watch) { w.Times[0].After = time.Second }), ``},
		"bed left since before":       {watch("w-3", func(w *Watch) { w.Times[0].After = -1 }), `watch "w-3" calls -1ns too long: give 1m0s to 48h0m0s`},
		"watch without such policy":   {watch("w-4", func(w *Watch) { w.Policy = "no" }), `watch "w-4" has policy "no", which does not exist`},

		"faults by a policy that is none":  {faults(func(f *FaultPlan) { f.Policy = "no" }), `faults have policy "no", which does not exist`},
		"faults without a policy":          {faults(func(f *FaultPlan) { f.Policy = "" }), `faults have policy "", which does not exist`},
		"unheard by a policy that is none": {faults(func(f *FaultPlan) { f.Unheard = "no" }), `faults have policy "no", which does not exist`},
		"both policies are none":           {faults(func(f *FaultPlan) { f.Policy, f.Unheard = "no", "nor" }), `faults have policy "no", which does not exist`},
		"unheard by the same":              {faults(func(f *FaultPlan) { f.Unheard = "" }), ``},
		"nobody is told of faults":         {func(p *Plan) { p.Faults = nil }, ``},
		"faults at any hour":               {faults(func(f *FaultPlan) { f.Hours = nil }), ``},
		"faults all day":                   {faults(func(f *FaultPlan) { f.Hours.From, f.Hours.To = 0, 24*60 }), ``},
		"faults to midnight":               {faults(func(f *FaultPlan) { f.Hours.From, f.Hours.To = 24*60-1, 0 }), ``},
		"faults from before midnight":      {faults(func(f *FaultPlan) { f.Hours.From = -1 }), `faults have no days or hours outside 00:00 to 24:00`},
		"faults from midnight to come":     {faults(func(f *FaultPlan) { f.Hours.From = 24 * 60 }), `faults have no days or hours outside 00:00 to 24:00`},
		"faults to before midnight":        {faults(func(f *FaultPlan) { f.Hours.To = -1 }), `faults have no days or hours outside 00:00 to 24:00`},
		"faults beyond midnight":           {faults(func(f *FaultPlan) { f.Hours.To = 24*60 + 1 }), `faults have no days or hours outside 00:00 to 24:00`},
		"faults on no day":                 {faults(func(f *FaultPlan) { f.Hours.Days = nil }), `faults have no days or hours outside 00:00 to 24:00`},
		"faults gathered backwards":        {faults(func(f *FaultPlan) { f.Gather = -1 }), `faults are gathered -1ns: give at most 1h0m0s`},
		"faults gathered as usual":         {faults(func(f *FaultPlan) { f.Gather = 0 }), ``},
		"faults gathered for an hour":      {faults(func(f *FaultPlan) { f.Gather = MaxGather }), ``},
		"faults gathered for longer":       {faults(func(f *FaultPlan) { f.Gather = MaxGather + 1 }), `faults are gathered 1h0m0.000000001s: give at most 1h0m0s`},

		"shift of a stranger":            {roster(func(r *Roster) { r.Shifts[0].Who[0] = "who" }), `roster "nurses" shift 1 names "who", who is not a responder`},
		"shift on no day":                {roster(func(r *Roster) { r.Shifts[0].Days = nil }), `roster "nurses" shift 1 has no days or hours outside 00:00 to 24:00`},
		"shift of the whole day":         {roster(func(r *Roster) { r.Shifts[0].From, r.Shifts[0].To = 0, 24*60 }), ``},
		"shift to midnight":              {roster(func(r *Roster) { r.Shifts[0].From, r.Shifts[0].To = 24*60-1, 0 }), ``},
		"shift from before midnight":     {roster(func(r *Roster) { r.Shifts[0].From = -1 }), `roster "nurses" shift 1 has no days or hours outside 00:00 to 24:00`},
		"shift from midnight to come":    {roster(func(r *Roster) { r.Shifts[0].From = 24 * 60 }), `roster "nurses" shift 1 has no days or hours outside 00:00 to 24:00`},
		"shift to before midnight":       {roster(func(r *Roster) { r.Shifts[0].To = -1 }), `roster "nurses" shift 1 has no days or hours outside 00:00 to 24:00`},
		"shift beyond midnight":          {roster(func(r *Roster) { r.Shifts[0].To = 24*60 + 1 }), `roster "nurses" shift 1 has no days or hours outside 00:00 to 24:00`},
		"layer of a week":                {layer(func(l *Layer) {}), ``},
		"layer of no days":               {layer(func(l *Layer) { l.Days = 0 }), `roster "nurses" layer 1 has turns of 0 days: give 1 to 366`},
		"layer of a day":                 {layer(func(l *Layer) { l.Days = 1 }), ``},
		"layer of a year":                {layer(func(l *Layer) { l.Days = MaxTurn }), ``},
		"layer of more":                  {layer(func(l *Layer) { l.Days = MaxTurn + 1 }), `roster "nurses" layer 1 has turns of 367 days: give 1 to 366`},
		"layer handed over before":       {layer(func(l *Layer) { l.HandOver = -1 }), `roster "nurses" layer 1 has no first day or a hand-over outside 00:00 to 24:00`},
		"layer handed over at midnight":  {layer(func(l *Layer) { l.HandOver = 0 }), ``},
		"layer handed over at last":      {layer(func(l *Layer) { l.HandOver = 24*60 - 1 }), ``},
		"layer handed over after":        {layer(func(l *Layer) { l.HandOver = 24 * 60 }), `roster "nurses" layer 1 has no first day or a hand-over outside 00:00 to 24:00`},
		"layer without a first day":      {layer(func(l *Layer) { l.Start = Date{} }), `roster "nurses" layer 1 has no first day or a hand-over outside 00:00 to 24:00`},
		"layer without turns":            {layer(func(l *Layer) { l.Turns = nil }), `roster "nurses" layer 1 has no turns, or one with nobody in it`},
		"layer with an empty turn":       {layer(func(l *Layer) { l.Turns[1] = nil }), `roster "nurses" layer 1 has no turns, or one with nobody in it`},
		"layer with a stranger":          {layer(func(l *Layer) { l.Turns[1] = []Person{"who"} }), `roster "nurses" layer 1 names "who", who is not a responder`},
		"layer limited to no days":       {layer(func(l *Layer) { l.Only = []Hours{{nil, 0, 60}} }), `roster "nurses" layer 1 is limited to no days or to hours outside 00:00 to 24:00`},
		"layer limited to hours":         {layer(func(l *Layer) { l.Only = []Hours{{all, 0, 60}} }), ``},
		"covers no days":                 {roster(func(r *Roster) { r.Cover = []Hours{{nil, 0, 60}} }), `roster "nurses" is to cover no days or hours outside 00:00 to 24:00`},
		"swap":                           {roster(func(r *Roster) { r.Swaps = []Swap{{"marta", Date{2026, 11, 16}, "jan", Date{2026, 11, 17}}} }), ``},
		"swap with a stranger":           {roster(func(r *Roster) { r.Swaps = []Swap{{"marta", Date{2026, 11, 16}, "who", Date{2026, 11, 17}}} }), `roster "nurses" swap 1 names "who", who is not a responder`},
		"swap by a stranger":             {roster(func(r *Roster) { r.Swaps = []Swap{{"who", Date{2026, 11, 16}, "jan", Date{2026, 11, 17}}} }), `roster "nurses" swap 1 names "who", who is not a responder`},
		"swap with oneself":              {roster(func(r *Roster) { r.Swaps = []Swap{{"jan", Date{2026, 11, 16}, "jan", Date{2026, 11, 17}}} }), `roster "nurses" swap 1 lacks a second person or a day`},
		"swap of no day":                 {roster(func(r *Roster) { r.Swaps = []Swap{{"marta", Date{}, "jan", Date{2026, 11, 17}}} }), `roster "nurses" swap 1 lacks a second person or a day`},
		"swap for no day":                {roster(func(r *Roster) { r.Swaps = []Swap{{"marta", Date{2026, 11, 16}, "jan", Date{}}} }), `roster "nurses" swap 1 lacks a second person or a day`},
		"override":                       {roster(func(r *Roster) { r.Overrides = []Override{{at, at.Add(1), []Person{"jan"}, ""}} }), ``},
		"override of no length":          {roster(func(r *Roster) { r.Overrides = []Override{{at, at, []Person{"jan"}, "marta"}} }), `roster "nurses" override 1 names nobody or ends before it begins`},
		"override with nobody":           {roster(func(r *Roster) { r.Overrides = []Override{{at, at.Add(1), nil, "marta"}} }), `roster "nurses" override 1 names nobody or ends before it begins`},
		"override with a stranger":       {roster(func(r *Roster) { r.Overrides = []Override{{at, at.Add(1), []Person{"who"}, ""}} }), `roster "nurses" override 1 names "who", who is not a responder`},
		"override instead of a stranger": {roster(func(r *Roster) { r.Overrides = []Override{{at, at.Add(1), []Person{"jan"}, "who"}} }), `roster "nurses" override 1 names "who", who is not a responder`},
	} {
		p := ward()
		c.spoil(&p)
		got := ""
		if err := p.Check(); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
	}
	p := Plan{}
	if err := p.Check(); err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("the zero plan lacks three things, and is told %v", err)
	}
}
