package alerting

// CallFaults is what the call of a technical alarm says of the faults: no name
// of a device or of a person, as in every call.
type CallFaults struct {
	Root  string      `json:"root,omitempty"` // what they hang on, as telecare.yaml calls it
	Count int         `json:"count"`
	Codes []FaultCode `json:"codes"` // the worst first
	At    []string    `json:"at,omitempty"`
	// Without lists places of people who are left without a working button:
	// People of them in all (mostNamed or more), or Everybody.
	Without   []string `json:"without,omitempty"`
	People    int      `json:"people,omitempty"`
	Everybody bool     `json:"everybody,omitempty"`
}

// ForCall is what a call says of the faults; call is what it may call a place.
func (s *FaultSum) ForCall(call func(PlaceID) string) *CallFaults {
	if s == nil {
		return nil
	}
	c := &CallFaults{Count: s.Count, Codes: s.Codes, People: s.People, Everybody: s.Everybody}
	switch s.Chain.Kind {
	case OfSource, OfChannel, OfGateway:
		c.Root = s.Chain.ID
	}
	named := func(ids []PlaceID) (out []string) {
		for _, p := range ids {
			if name := call(p); name != "" {
				out = append(out, name)
			}
		}
		return out
	}
	c.At, c.Without = named(s.At), named(s.Bare)
	return c
}
