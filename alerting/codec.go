package alerting

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
)

// EncodeInput gives an input's name and JSON, as the journal keeps them.
func EncodeInput(in Input) (kind string, body []byte, err error) {
	body, err = json.Marshal(in)
	if err != nil {
		return "", nil, fmt.Errorf("encode input %T: %w", in, err)
	}
	return inputName(in), body, nil
}

// inputName names an input in the journal. A name is never given to another
// input.
func inputName(in Input) string {
	switch in.(type) {
	case Start:
		return "start"
	case Tick:
		return "tick"
	case Apply:
		return "apply"
	case Heard:
		return "heard"
	case Cleared:
		return "cleared"
	case Sign:
		return "sign"
	case Away:
		return "away"
	case SetTest:
		return "set_test"
	case Pause:
		return "pause"
	case RaiseByHand:
		return "raise_by_hand"
	case Take:
		return "take"
	case Decline:
		return "decline"
	case Arrive:
		return "arrive"
	case NeedHelp:
		return "need_help"
	case HandOver:
		return "hand_over"
	case Close:
		return "close"
	case Reopen:
		return "reopen"
	case Recover:
		return "recover"
	case BreakBegins:
		return "break_begins"
	case BreakEnds:
		return "break_ends"
	case ClockSet:
		return "clock_set"
	case Sent:
		return "sent"
	case Adopt:
		return "adopt"
	case Through:
		return "through"
	case FaultEdge:
		return "fault"
	}
	panic(fmt.Sprintf("alerting: input %T is not one of input.go", in))
}

// DecodeInput reads what EncodeInput wrote, also what an earlier release did.
func DecodeInput(kind string, body []byte) (Input, error) {
	switch kind {
	case "start":
		return decode[Start](kind, body)
	case "tick":
		return decode[Tick](kind, body)
	case "apply":
		return decode[Apply](kind, body)
	case "heard":
		return decode[Heard](kind, body)
	case "cleared":
		return decode[Cleared](kind, body)
	case "sign":
		return decode[Sign](kind, body)
	case "away":
		return decode[Away](kind, body)
	case "set_test":
		return decode[SetTest](kind, body)
	case "pause":
		return decode[Pause](kind, body)
	case "raise_by_hand":
		return decode[RaiseByHand](kind, body)
	case "take":
		return decode[Take](kind, body)
	case "decline":
		return decode[Decline](kind, body)
	case "arrive":
		return decode[Arrive](kind, body)
	case "need_help":
		return decode[NeedHelp](kind, body)
	case "hand_over":
		return decode[HandOver](kind, body)
	case "close":
		return decode[Close](kind, body)
	case "reopen":
		return decode[Reopen](kind, body)
	case "recover":
		return decode[Recover](kind, body)
	case "break_begins":
		return decode[BreakBegins](kind, body)
	case "break_ends":
		return decode[BreakEnds](kind, body)
	case "clock_set":
		return decode[ClockSet](kind, body)
	case "sent":
		return decode[Sent](kind, body)
	case "adopt":
		return decode[Adopt](kind, body)
	case "through":
		return decode[Through](kind, body)
	case "fault":
		return decode[FaultEdge](kind, body)
	}
	return nil, fmt.Errorf("input kind %q is not known: %w", kind, ErrNewer)
}

func decode[T Input](kind string, body []byte) (Input, error) {
	var in T
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, fmt.Errorf("decode input %q: %w", kind, err)
	}
	return in, nil
}

// Digest is a short hash of decisions, in the form in which a script shows
// them. The same decisions have the same digest on every machine.
func Digest(effects []Effect) (d [8]byte) {
	h := sha256.New()
	for _, e := range effects {
		h.Write([]byte(EffectText(e, Zone{})))
		h.Write([]byte{'\n'})
	}
	copy(d[:], h.Sum(nil))
	return d
}

// ErrNewer says that a newer release wrote something.
var ErrNewer error = newer{}

type newer struct{}

func (newer) Error() string {
	return "written by a newer release: install that release, or a later one"
}

// Newer tells this error from others without naming it.
func (newer) Newer() bool { return true }
