// Package strictyaml reads YAML that people write by hand and that nobody may
// misread. It guarantees that nothing in a file is silently ignored: a key that
// is unknown or misspelt at any depth, a key given twice, a second document, a
// tag, an anchor or an alias is an error. So is a value of the wrong type.
// Every mistake is reported, not only the first, each with file, line, column
// and what to do.
//
// Text is taken as it is written: the phone number +48600100200 and the code
// 0471 are texts where the destination is a string, never numbers.
//
// Reading is bounded: MaxSize bytes, maxDepth levels, no aliases to multiply.
//
// After decoding, the caller checks what the values mean and reports with
// [Document.Errorf], which knows where each value stood. It does so also when
// something could not be read, so that all mistakes are told in one round:
// Errorf says nothing of a value that was not read, and [Document.Unread] tells
// a check that leans on other values whether they were.
package strictyaml

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
)

// MaxSize is how many bytes a file may have.
const MaxSize = 8 << 20 // some 90,000 devices, one a line

// Document is a file that has been read, with the place of everything in it.
type Document struct {
	name   string
	at     map[string]position // by path, of keys and list items
	empty  map[string]bool     // those with nothing behind them
	keys   map[string][]string // by path of a mapping, in order
	labels map[string]string   // by path of a list item: its key or name
	unread map[string]bool     // by path: what stands there could not be read
	errs   Errors
}

type position struct{ line, column int }

// Decode reads one YAML document into a struct. Fields are named by their yaml
// tag; a field may be a string, a bool, an integer, a slice, a struct, a
// pointer to one of these, or anything that implements
// [encoding.TextUnmarshaler]. A struct or slice that implements it too may be
// written either way. An empty value leaves the field alone.
//
// The error is of type [Errors]. name is what errors call the file. A file that
// is YAML gives a document also beside an error, and into holds what could be
// read: the caller goes on, and [Document.Err] has both its mistakes and these.
func Decode(name string, b []byte, into any) (*Document, error) {
	dst := reflect.ValueOf(into)
	if dst.Kind() != reflect.Pointer || dst.Elem().Kind() != reflect.Struct {
		return nil, fmt.Errorf("strictyaml: decode %s into %T: want a pointer to a struct", name, into)
	}
	d := &Document{
		name:   name,
		at:     map[string]position{"": {1, 1}},
		empty:  map[string]bool{},
		keys:   map[string][]string{},
		labels: map[string]string{},
		unread: map[string]bool{},
	}
	root := d.parse(b)
	if root == nil {
		return nil, d.Err()
	}
	d.index("", root, 0)
	d.decode("", root, dst.Elem())
	return d, d.Err()
}

// parse returns the document's root, nil after having reported why there is
// none.
func (d *Document) parse(b []byte) ast.Node {
	if len(b) > MaxSize {
		d.report(position{1, 1}, "", "%d bytes; a file may have %d", len(b), MaxSize)
		return nil
	}
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	b = bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
	if p, bad := invalid(b); bad.Format != "" {
		d.report(p, "", "%s; save the file as plain UTF-8 text", bad)
		return nil
	}
	file, err := d.guarded(b)
	if err != nil {
		d.syntax(err)
		return nil
	}
	var root ast.Node
	for _, doc := range file.Docs {
		switch {
		case doc.Body == nil:
		case doc.Body.Type() == ast.DirectiveType:
			d.report(where(doc.Body), "", "a %% directive; take the line out")
			return nil
		case root != nil:
			d.report(where(doc.Body), "", "a second document; put it into a file of its own and take --- out")
			return nil
		default:
			root = doc.Body
		}
	}
	if root == nil {
		d.report(position{1, 1}, "", "the file is empty")
		return nil
	}
	switch root.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return root
	}
	d.report(where(root), "", "want keys with values, found %s", Text{Format: describe(root)})
	return nil
}

// guarded parses; a panic of the parser is an error like any other.
func (d *Document) guarded(b []byte) (file *ast.File, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = Textf("not readable as YAML")
		}
	}()
	tokens := lexer.Tokenize(string(b))
	if t, what := tooMuch(tokens); t != nil {
		return nil, tooBig{what, position{t.Position.Line, t.Position.Column}}
	}
	return parser.Parse(tokens, 0, parser.AllowDuplicateMapKey()) // duplicates are found by index, all of them
}

// tooBig is what is beyond a bound, and where.
type tooBig struct {
	Text
	at position
}

// syntax reports what the parser says: in words of our own where they tell what to
// do, which have other languages.
func (d *Document) syntax(err error) {
	var y yaml.Error
	var text Text
	if big := (tooBig{}); errors.As(err, &big) {
		d.report(big.at, "", "%s", big.Text)
		return
	}
	if errors.As(err, &text) {
		d.report(position{1, 1}, "", "%s", text)
		return
	}
	if !errors.As(err, &y) || y.GetToken() == nil {
		d.report(position{1, 1}, "", "%s", firstLine(err.Error()))
		return
	}
	msg := y.GetMessage()
	what := Text{"%s", []any{msg}}
	switch {
	case strings.Contains(msg, "found character '\t'"):
		what = Textf("a tab; indent with spaces")
	case strings.Contains(msg, "mapping value is not allowed"):
		what = Textf("%s; put text that holds \": \" in quotes, and check the indentation", msg)
	case strings.Contains(msg, "not allowed in this context"), strings.Contains(msg, "non-map value"):
		what = Textf("%s; check the indentation and the quotes here and on the line before", msg)
	}
	p := y.GetToken().Position
	d.report(position{p.Line, p.Column}, "", "%s", what)
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

// invalid finds the first byte that is no text.
func invalid(b []byte) (position, Text) {
	p := position{1, 1}
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && n == 1:
			return p, Textf("byte 0x%02x is not UTF-8", b[0])
		case r == '\n':
			p = position{p.line + 1, 0}
		case r == '\t':
		case control(r):
			return p, Textf("control character %U", r)
		}
		p.column++
		b = b[n:]
	}
	return p, Text{}
}

// control says which characters no text here may hold: they hide or reorder
// what a reader sees.
func control(r rune) bool {
	return r < 0x20 && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 || r == 0x2028 || r == 0x2029 || r == 0xfeff
}
