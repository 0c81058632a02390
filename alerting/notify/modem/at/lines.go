package at

import (
	"strings"
)

// maxLine bounds a line; no answer of a modem is as long.
const maxLine = 2048

// splitter cuts what a modem says into lines. It is pure.
type splitter struct {
	line []byte
	// prompt says that a prompt is awaited: it has no end of line.
	// [3GPP TS 27.005 3.5.1]
	prompt bool
}

// feed takes octets and gives the lines that they complete; a prompt is ">".
func (s *splitter) feed(b []byte) (lines []string) {
	for _, c := range b {
		switch {
		case c == '\r' || c == '\n':
			if len(s.line) > 0 {
				lines = append(lines, strings.TrimRight(string(s.line), " "))
				s.line = s.line[:0]
			}
		case c == '>' && s.prompt && len(s.line) == 0:
			lines = append(lines, ">")
			s.prompt = false
		case c == ' ' && len(s.line) == 0: // the rest of a prompt
		case c < ' ' || c > '~': // noise, such as a modem says while it starts
			if len(s.line) < maxLine {
				s.line = append(s.line, '?')
			}
		case len(s.line) < maxLine:
			s.line = append(s.line, c)
		}
	}
	return lines
}

// Notice is what a modem says without having been asked.
type Notice struct {
	Line string
	PDU  string // the line behind it, where it has one
}

// Is reports whether a notice is of a name such as "+CMTI".
func (n Notice) Is(name string) bool { return n.Line == name || strings.HasPrefix(n.Line, name+":") }

// command is one that waits for its answer.
type command struct {
	text    string // as it was sent, without its end
	prefix  string // of the lines of its answer, "+CSQ:"
	dial    bool   // a lost carrier is an answer to it
	answer  []string
	body    bool // the last line of the answer has another one behind it
	done    bool
	problem *Error
}

func newCommand(text string) *command {
	c := &command{text: text}
	name := strings.TrimPrefix(text, "AT")
	if i := strings.IndexAny(name, "=?"); i >= 0 {
		name = name[:i]
	}
	if strings.HasPrefix(name, "+") {
		c.prefix = name + ":"
	}
	c.dial = strings.HasPrefix(name, "D")
	return c
}

// take gives a line to the command, and reports whether it was one of its
// answer. [3GPP TS 27.007 4.3; ITU-T V.250 5.7]
func (c *command) take(line string) bool {
	switch {
	case line == c.text: // an echo
		return true
	case line == "OK":
		c.done = true
		return true
	case line == "ERROR":
		c.done, c.problem = true, &Error{}
		return true
	case strings.HasPrefix(line, "+CME ERROR:"), strings.HasPrefix(line, "+CMS ERROR:"):
		c.done, c.problem = true, errorOf(line)
		return true
	case c.dial && ended(line):
		c.done, c.problem = true, &Error{Text: line}
		return true
	case c.body && isHex(line):
		c.answer, c.body = append(c.answer, line), false
		return true
	case c.prefix == "" || !strings.HasPrefix(line, c.prefix):
		return false
	case c.prefix == "+CREG:" && !strings.Contains(line, ","):
		return false // what changed, not what was asked [3GPP TS 27.007 7.2]
	}
	c.answer = append(c.answer, line)
	c.body = c.prefix == "+CMGL:" || c.prefix == "+CMGR:"
	return true
}

// ended reports whether a line ends a call. [ITU-T V.250 6.3.1]
func ended(line string) bool {
	switch line {
	case "NO CARRIER", "BUSY", "NO ANSWER", "NO DIALTONE":
		return true
	}
	return false
}

func isHex(line string) bool {
	for _, c := range []byte(line) {
		if (c < '0' || c > '9') && (c < 'A' || c > 'F') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return line != ""
}

// hasBody reports whether a notice has a message behind it: by its length, in
// PDU mode. [3GPP TS 27.005 3.4.1]
func hasBody(line string) bool {
	switch name, rest, _ := strings.Cut(line, ":"); name {
	case "+CDS":
		return !strings.Contains(rest, ",")
	case "+CMT", "+CBM":
		return true
	}
	return false
}
