package modem

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"telecare/alerting/notify/modem/at"
)

// look sees whether people can be reached, and says so. An error is the
// session's end.
func (s *session) look() error {
	s.changed, s.looked = false, time.Now()
	why, soft, err := s.inspect()
	if err != nil {
		return err
	}
	s.m.is(why, soft)
	if why != nil && !soft {
		s.m.failAll(why)
	}
	return nil
}

func (s *session) inspect() (why *Error, soft bool, err error) {
	if why, err = s.sim(); why != nil || err != nil {
		s.armed = false
		return why, false, err
	}
	if why, err = s.network(); why != nil || err != nil {
		return why, false, err
	}
	if !s.armed {
		if why, err = s.arm(); why != nil || err != nil {
			return why, false, err
		}
		s.armed, s.mail = true, true
	}
	if why, err = s.signal(); why != nil || err != nil {
		return why, true, err
	}
	why, err = s.inbox()
	return why, true, err
}

// sim has the card ready. [3GPP TS 27.007 8.3]
func (s *session) sim() (*Error, error) {
	lines, err := s.do("AT+CPIN?")
	if ends(err) {
		return nil, err
	}
	if e, ok := errors.AsType[*at.Error](err); ok {
		if e.Kind == "CME" && e.Code == 14 { // it is busy, after its start
			return s.m.because(NoSIM, errors.New("the SIM card is not ready yet")), nil
		}
		return s.m.because(NoSIM, fmt.Errorf("is there a SIM card in it? %w", err)), nil
	}
	says := value(lines, 0)
	switch {
	case says == "READY":
		return nil, nil
	case says != "SIM PIN":
		return s.m.because(PIN, fmt.Errorf("the SIM card wants %s: put it into a telephone and unlock it", says)), nil
	case s.m.cfg.PIN == "":
		return s.m.because(PIN, errors.New("the SIM card asks for its PIN: write it to the channel as pin, or take it off the card")), nil
	case s.m.pinRefused, s.m.cfg.PINs != nil && s.m.cfg.PINs.Refused():
		return s.m.because(PIN, errors.New("the SIM card has refused the PIN; it is not tried again, for the third time locks the card: correct pin")), nil
	}
	// How many tries are left, where the modem says it. [3GPP TS 27.007 8.65]
	lines, err = s.do("AT+CPINR")
	if ends(err) {
		return nil, err
	}
	if left := number(value(lines, 1)); err == nil && (left == 0 || left == 1) {
		return s.m.because(PIN, errors.New("the SIM card has one try left, which is not risked: put it into a telephone and unlock it")), nil
	}
	_, err = s.do(`AT+CPIN="` + s.m.cfg.PIN + `"`)
	switch {
	case ends(err):
		return nil, err
	case err != nil:
		s.m.pinRefused = true
		if s.m.cfg.PINs != nil {
			if err := s.m.cfg.PINs.Refuse(); err != nil {
				s.m.log.Error("it is not kept that the SIM card has refused its PIN: do not start the gateway again before it is corrected", "error", err)
			}
		}
		return s.m.because(PIN, err), nil
	}
	return s.m.because(NoSIM, errors.New("the SIM card is not ready yet")), nil // the next look sees
}

// network sees whether the modem is registered. [3GPP TS 27.007 7.2]
func (s *session) network() (*Error, error) {
	lines, err := s.do("AT+CREG?")
	if ends(err) {
		return nil, err
	}
	switch value(lines, 1) {
	case "1", "6":
		return nil, s.registered(false)
	case "5", "7":
		return nil, s.registered(true)
	case "3":
		return s.m.because(NoNetwork, errors.New("the network refuses the SIM card")), nil
	case "2":
		return s.m.because(NoNetwork, errors.New("it searches one: is the antenna connected?")), nil
	}
	return s.m.because(NoNetwork, errors.New("it is not registered with one: is the antenna connected?")), nil
}

func (s *session) registered(roaming bool) error {
	s.m.mu.Lock()
	s.m.state.Roaming = roaming
	s.m.mu.Unlock()
	return nil
}

// signal reads its strength; none is no reason not to try. [3GPP TS 27.007 8.5]
func (s *session) signal() (*Error, error) {
	lines, err := s.do("AT+CSQ")
	if ends(err) {
		return nil, err
	}
	dbm := 0
	if n := number(value(lines, 0)); n >= 0 && n <= 31 {
		dbm = -113 + 2*n
	}
	s.m.mu.Lock()
	s.m.state.Signal = dbm
	s.m.mu.Unlock()
	if dbm != 0 && dbm < weakest {
		return s.m.because(NoNetwork, fmt.Errorf("the signal is too weak (%d dBm): put the antenna elsewhere", dbm)), nil
	}
	return nil, nil
}

// weakest is the signal at which messages begin to be lost.
const weakest = -109

// arm sets the modem up for messages. What some modems do not have is left out.
func (s *session) arm() (*Error, error) {
	mode := "AT+CMGF=0" // [3GPP TS 27.005 3.2.3]
	if s.m.cfg.Text {
		mode = "AT+CMGF=1"
	}
	if _, err := s.do(mode); err != nil {
		if ends(err) {
			return nil, err
		}
		if !s.m.cfg.Text {
			err = fmt.Errorf("%w; it may have text mode only: write text_mode: true", err)
		}
		return s.m.because(Refused, err), nil
	}
	first := [][]string{
		{"AT+CREG=1"},
		{`AT+CPMS="SM","SM","SM"`, `AT+CPMS="ME","ME","ME"`, `AT+CPMS="SM"`},
		// Messages are kept and told, reports come by themselves. [3GPP TS 27.005 3.4.1]
		{"AT+CNMI=2,1,0,1,0", "AT+CNMI=2,1,0,2,0", "AT+CNMI=1,1,0,1,0", "AT+CNMI=2,1"},
	}
	if s.m.cfg.Text {
		first = append(first,
			[]string{`AT+CSCS="UCS2"`},
			// A report is wanted; tried for an hour. The alphabet is set for each.
			[]string{"AT+CSMP=49,11,0,0"})
	}
	for _, ways := range first {
		for _, command := range ways {
			_, err := s.do(command)
			if ends(err) {
				return nil, err
			}
			if err == nil {
				break
			}
		}
	}
	return nil, nil
}

// value is the so-manyeth of the last line's.
func value(lines []string, n int) string {
	if len(lines) == 0 {
		return ""
	}
	v := at.Values(lines[len(lines)-1])
	if n >= len(v) {
		return ""
	}
	return strings.TrimSpace(v[n])
}
