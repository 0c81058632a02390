package modemtest

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"telecare/alerting/notify/modem/pdu"
)

// take takes octets from the host; m.mu is held.
func (m *Modem) take(b []byte) {
	for _, c := range b {
		if m.wire == nil {
			return
		}
		switch {
		case m.mute:
		case m.garbled:
			if m.line, m.prompt = nil, ""; c == '\r' {
				m.write("\x00\x15\x03garbage\r\n")
			}
		case m.prompt != "" && c == 0x1a:
			command, message := m.prompt, string(m.line)
			m.prompt, m.line = "", nil
			if m.muteAt != "" && m.inMessage && strings.HasPrefix(command, m.muteAt) {
				m.muteAt, m.mute = "", true
				continue
			}
			m.message(command, message)
		case c == 0x1b:
			m.prompt, m.line = "", nil
		case m.prompt != "":
			m.line = append(m.line, c)
			if m.unplugAt != "" && m.inMessage && strings.HasPrefix(m.prompt, m.unplugAt) && len(m.line) > 20 {
				m.unplugAt = ""
				m.pull()
			}
		case c == '\r':
			command := strings.TrimSpace(string(m.line))
			m.line = nil
			if m.echo {
				m.write(command + "\r")
			}
			if command != "" {
				m.asked = append(m.asked, command)
				m.command(command)
			}
		case c != '\n':
			m.line = append(m.line, c)
		}
	}
}

func (m *Modem) ok(lines ...string) {
	for _, l := range lines {
		m.say(l)
		if m.chatty {
			m.say("^RSSI:19")
			m.say("+CREG: 1")
		}
	}
	m.say("OK")
}

// needsSIM are commands that a modem without a card refuses.
var needsSIM = []string{"AT+CMG", "AT+CNMI", "AT+CPMS", "AT+CSCA", "AT+CIMI", "ATD", "AT+CSMP"}

func (m *Modem) command(c string) {
	if m.unplugAt != "" && !m.inMessage && strings.HasPrefix(c, m.unplugAt) {
		m.unplugAt = ""
		m.pull()
		return
	}
	if m.muteAt != "" && !m.inMessage && strings.HasPrefix(c, m.muteAt) {
		m.muteAt, m.mute = "", true
		return
	}
	for prefix, answer := range m.refusals {
		if strings.HasPrefix(c, prefix) {
			m.say(answer)
			return
		}
	}
	if m.chatty {
		m.say("^BOOT:12345,0,0,0,6")
	}
	for _, prefix := range needsSIM {
		if strings.HasPrefix(c, prefix) && (m.noSIM || m.locked) {
			m.say("+CMS ERROR: 310")
			return
		}
	}
	name, value, set := strings.Cut(c, "=")
	switch {
	case strings.HasPrefix(c, "ATD"):
		m.dialed(strings.TrimSuffix(c[3:], ";"))
	case c == "ATH", c == "AT+CHUP":
		m.hungUp()
		m.ok()
	case strings.HasPrefix(c, "ATE"):
		m.echo = c != "ATE0"
		m.ok()
	case name == "AT+CMGF" && set && value != "?":
		m.textMode = value == "1"
		m.ok()
	case name == "AT+CMGF?":
		m.ok("+CMGF: " + map[bool]string{true: "1", false: "0"}[m.textMode])
	case name == "AT+CSCS" && set && value != "?":
		m.charset = strings.Trim(value, `"`)
		m.ok()
	case c == "AT+CPIN?":
		switch {
		case m.noSIM:
			m.say("+CME ERROR: 10")
		case m.locked:
			m.ok("+CPIN: SIM PIN")
		default:
			m.ok("+CPIN: READY")
		}
	case c == "AT+CPINR" && m.counts:
		m.ok(fmt.Sprintf("+CPINR: SIM PIN,%d", 3-m.wrong))
	case name == "AT+CPIN" && set:
		if strings.Trim(value, `"`) != m.pin {
			m.wrong++
			m.say("+CME ERROR: 16")
			return
		}
		m.locked = false
		m.ok()
	case c == "AT+CREG?":
		m.ok(fmt.Sprintf(`+CREG: 1,%d`, m.stat))
	case c == "AT+CSQ":
		m.ok(fmt.Sprintf("+CSQ: %d,99", m.signal))
	case c == "AT+CLCC":
		m.list()
	case c == "AT+CPMS?", name == "AT+CPMS" && set && value != "?":
		used := fmt.Sprintf("%d,%d", len(m.inbox), m.capacity)
		if set {
			m.ok("+CPMS: " + used + "," + used + "," + used)
		} else {
			m.ok(`+CPMS: "SM",` + used + `,"SM",` + used + `,"SM",` + used)
		}
	case name == "AT+CMGS" && set:
		if m.stat != 1 && m.stat != 5 {
			m.say("+CMS ERROR: 331")
			return
		}
		m.prompt = c
		m.write("\r\n> ")
	case strings.HasPrefix(c, "AT+CMGL"):
		var lines []string
		for _, i := range m.places() {
			lines = append(lines, m.stored("+CMGL: "+strconv.Itoa(i)+",", i, true))
		}
		m.ok(lines...)
	case name == "AT+CMGR" && set:
		i, _ := strconv.Atoi(value)
		if m.inbox[i].pdu == "" {
			m.say("+CMS ERROR: 321")
			return
		}
		m.ok(m.stored("+CMGR: ", i, false))
	case name == "AT+CMGD" && set && value != "?":
		i, _ := strconv.Atoi(strings.Split(value, ",")[0])
		delete(m.inbox, i)
		m.ok()
	default:
		m.other(c)
	}
}

// other is what identifies a modem, and what just has to be said.
func (m *Modem) other(c string) {
	for command, answer := range map[string]string{
		"AT+CGMI": "Telecare", "AT+CGMM": "SIMULATED", "AT+CGMR": "1.0", "AT+CGSN": "490154203237518", "AT+CIMI": "260011234567890",
		"AT+CSCS=?": `+CSCS: ("GSM","IRA","UCS2")`, "AT+CSCS?": `+CSCS: "` + m.charset + `"`,
		"AT+CNMI=?": "+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)", "AT+CNMI?": "+CNMI: 2,1,0,1,0",
		"AT+CPMS=?": `+CPMS: ("SM"),("SM"),("SM")`, "AT+CMGF=?": "+CMGF: (0,1)",
		"AT+CSCA?": `+CSCA: "+48602951111",145`, "AT+CSMS?": "+CSMS: 0,1,1,1", "AT+CSMS=0": "+CSMS: 1,1,1",
		"AT+CFUN?": "+CFUN: 1", "AT+COPS?": `+COPS: 0,2,"26001"`, "AT+CPBS=?": `+CPBS: ("SM")`, "AT+CSMP?": "+CSMP: 17,167,0,0",
		"AT+CMGD=?": "+CMGD: (1-10),(0-4)", "AT+CGREG?": "+CGREG: 0,1",
	} {
		if c == command {
			m.ok(answer)
			return
		}
	}
	switch {
	case c == "AT", c == "ATZ", strings.HasPrefix(c, "AT+CMEE="), strings.HasPrefix(c, "AT+CREG="), strings.HasPrefix(c, "AT+CGREG="),
		strings.HasPrefix(c, "AT+CNMI="), strings.HasPrefix(c, "AT+CSMP="), strings.HasPrefix(c, "AT+COPS="), strings.HasPrefix(c, "AT+CSCA="),
		strings.HasPrefix(c, "AT+CMMS="), strings.HasPrefix(c, "AT+CFUN="):
		m.ok()
	default:
		m.say("ERROR")
	}
}

func (m *Modem) stored(head string, i int, alpha bool) string {
	s := m.inbox[i]
	stat := s.stat
	s.stat = 1
	m.inbox[i] = s
	if m.textMode {
		status := []string{`"REC UNREAD"`, `"REC READ"`}[stat]
		return head + status + `,"` + ucs2(s.from) + `",,"` + time.Now().UTC().Format("06/01/02,15:04:05") + `+00"` + "\r\n" + ucs2(s.text)
	}
	return fmt.Sprintf("%s%d,,%d\r\n%s", head, stat, len(s.pdu)/2-1, s.pdu)
}

// message takes one to send.
func (m *Modem) message(command, body string) {
	_, value, _ := strings.Cut(command, "=")
	t := Text{}
	if m.textMode {
		t.To, t.Text = fromUCS2(strings.Trim(value, `"`)), fromUCS2(body)
	} else {
		b, err := hex.DecodeString(strings.TrimSpace(body))
		if err != nil || fmt.Sprint(len(b)-1-int(b[0])) != value {
			m.say("+CMS ERROR: 304") // invalid PDU mode parameter
			return
		}
		s, d, err := pdu.Outbound(b)
		if err != nil {
			m.say("+CMS ERROR: 304")
			return
		}
		t = Text{To: s.To, Text: s.Text, Report: s.Report, Part: d.Part.Number, Of: d.Part.Of, PDU: strings.ToUpper(strings.TrimSpace(body))}
	}
	m.reference++
	m.sent, m.references = append(m.sent, t), append(m.references, m.reference)
	if m.chatty {
		m.say("RING")
	}
	answer := fmt.Sprintf("+CMGS: %d", m.reference)
	if m.slow {
		m.held = append(m.held, answer)
		return
	}
	m.ok(answer)
	if m.twice {
		m.ok(answer)
	}
}

func (m *Modem) dialed(number string) {
	m.calls, m.looks = append(m.calls, Call{Number: number}), 0
	m.ok()
}

// list says how the call is. A telephone rings at the second look.
func (m *Modem) list() {
	if len(m.calls) == 0 || m.calls[len(m.calls)-1].Over {
		m.ok()
		return
	}
	m.looks++
	c := &m.calls[len(m.calls)-1]
	stat := 2
	switch {
	case m.looks < 2:
	case m.phone == Engaged:
		c.Over = true
		m.ok()
		m.say("BUSY")
		return
	case m.phone == Unreachable:
		c.Over = true
		m.ok()
		m.say("NO CARRIER")
		return
	case m.phone == Answers && m.looks > 3:
		stat = 0
	default:
		stat = 3
	}
	m.ok(fmt.Sprintf(`+CLCC: 1,0,%d,0,0,"%s",145`, stat, c.Number))
}

func (m *Modem) hungUp() {
	if n := len(m.calls); n > 0 {
		m.calls[n-1].Over = true
	}
}
