package strictyaml

import (
	"github.com/goccy/go-yaml/token"
)

// Bounds. The parser's time grows with the square of the nesting, of the
// tokens on one line and of the keys side by side, so all three are bounded
// before it sees them.
const (
	maxDepth      = 32
	maxLineTokens = 4000
	maxKeys       = 1000
)

// tooMuch finds the first token that is beyond a bound.
func tooMuch(tokens token.Tokens) (*token.Token, Text) {
	type level struct{ column, keys int }
	var block []level // mappings that may still go on, by their growing column
	flow := []int{0}  // keys in each open bracket; [0] is outside all
	line, onLine := 0, 0
	for i, t := range tokens {
		if t.Position.Line != line {
			line, onLine = t.Position.Line, 0
		}
		if onLine++; onLine > maxLineTokens {
			return t, Textf("too much on one line; write a line an item")
		}
		keys := 0
		switch t.Type {
		case token.MappingStartType, token.SequenceStartType:
			if flow = append(flow, 0); len(flow) > maxDepth {
				return t, Textf("more than %d levels", maxDepth)
			}
		case token.MappingEndType, token.SequenceEndType:
			flow = flow[:max(len(flow)-1, 1)]
		case token.SequenceEntryType, token.MappingValueType:
			if n := len(flow) - 1; n > 0 {
				flow[n]++
				keys = flow[n]
				break
			}
			column := t.Position.Column
			if t.Type == token.MappingValueType && i > 0 {
				column = tokens[i-1].Position.Column // the key's
			}
			for len(block) > 0 && block[len(block)-1].column > column {
				block = block[:len(block)-1]
			}
			if t.Type == token.SequenceEntryType {
				break
			}
			if len(block) == 0 || block[len(block)-1].column < column {
				block = append(block, level{column: column})
			}
			block[len(block)-1].keys++
			keys = block[len(block)-1].keys
		}
		if keys > maxKeys {
			return t, Textf("more than %d keys side by side", maxKeys)
		}
	}
	return nil, Text{}
}
