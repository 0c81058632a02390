package strictyaml

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// maxErrors bounds what is reported of one file.
const maxErrors = 100

// Error is one mistake in a file.
type Error struct {
	File         string
	Line, Column int    // from 1
	Path         string // "devices[3].place"; "" when it concerns the whole file
	Item, Label  string // the list item around it, "devices[3]", and its key or name; "" without one
	Msg          string
	Text         Text // Msg, before its values are put in
}

// Error is "telecare.yaml:12:5: devices[3] "pendant-12": place: …".
func (e Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d:%d: ", e.File, e.Line, e.Column)
	if e.Path == "" {
		b.WriteString(e.Msg)
		return b.String()
	}
	rest := e.Path
	if e.Item != "" {
		fmt.Fprintf(&b, "%s %q: ", e.Item, e.Label)
		rest = strings.TrimPrefix(strings.TrimPrefix(e.Path, e.Item), ".")
	}
	if rest != "" {
		b.WriteString(rest + ": ")
	}
	b.WriteString(e.Msg)
	return b.String()
}

// Errors are all the mistakes found in a file, in the order of the file.
type Errors []Error

// Error has one mistake a line.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i := range e {
		lines[i] = e[i].Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the mistakes one by one.
func (e Errors) Unwrap() []error {
	out := make([]error, len(e))
	for i := range e {
		out[i] = e[i]
	}
	return out
}

// At says where the value at path stands: "devices[3].place", a leading "$."
// allowed. A path that is not in the file stands where its nearest ancestor
// does.
func (d *Document) At(path string) (line, column int) {
	path = strings.TrimPrefix(strings.TrimPrefix(path, "$"), ".")
	for {
		if p, ok := d.at[path]; ok {
			return p.line, p.column
		}
		i := strings.LastIndexAny(path, ".[")
		path = path[:max(i, 0)]
	}
}

// Has reports whether something is written at path; a key alone is nothing.
func (d *Document) Has(path string) bool {
	_, ok := d.at[path]
	return ok && !d.empty[path]
}

// Keys lists the keys of the mapping at path, in their order in the file.
func (d *Document) Keys(path string) []string { return d.keys[path] }

// Unread reports whether the value at path, or what it is part of, is there and
// could not be read, which has been reported.
func (d *Document) Unread(path string) bool {
	for path != "" {
		if d.unread[path] {
			return true
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return d.unread[""]
}

// Errorf reports what is wrong with the value at path, unless it could not be
// read: then it is not known to be wrong in this way, too.
func (d *Document) Errorf(path, format string, args ...any) {
	if d.Unread(path) {
		return
	}
	line, column := d.At(path)
	d.report(position{line, column}, path, format, args...)
}

// Err is nil, or every mistake reported so far as [Errors].
func (d *Document) Err() error {
	if len(d.errs) == 0 {
		return nil
	}
	errs := slices.Clone(d.errs)
	slices.SortStableFunc(errs, func(a, b Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return errs
}

// bad reports a value that cannot be read.
func (d *Document) bad(p position, path, format string, args ...any) {
	d.report(p, path, format, args...)
	d.unread[path] = true
}

// Fresh is the same document with nothing reported, for a check of its own. It
// still says nothing of what could not be read.
func (d *Document) Fresh() *Document {
	fresh := *d
	fresh.errs = nil
	return &fresh
}

func (d *Document) report(p position, path, format string, args ...any) {
	switch {
	case len(d.errs) == maxErrors:
		format, args = "more mistakes follow; mend these first", nil
		p, path = position{d.errs[maxErrors-1].Line, d.errs[maxErrors-1].Column}, ""
	case len(d.errs) > maxErrors:
		return
	}
	item, label := d.label(path)
	text := Text{format, args}.alone()
	d.errs = append(d.errs, Error{
		File: d.name, Line: p.line, Column: max(p.column, 1),
		Path: path, Item: item, Label: label, Msg: text.Error(), Text: text,
	})
}

// label finds the innermost list item around path that has a key or a name.
func (d *Document) label(path string) (item, label string) {
	for {
		item = path[:strings.LastIndexByte(path, ']')+1]
		if label = d.labels[item]; item == "" || label != "" {
			return item, label
		}
		path = item[:len(item)-1]
	}
}
