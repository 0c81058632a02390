package strictyaml

import (
	"encoding"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
)

// index walks everything that is written, whatever it is to become: it notes
// where things stand and refuses what no file may hold.
func (d *Document) index(path string, n ast.Node, depth int) {
	if depth > maxDepth {
		d.bad(where(n), path, "more than %d levels", maxDepth)
		return
	}
	switch n := n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		seen := map[string]position{}
		for _, e := range entries(n) {
			p := where(e.Key)
			key, ok := keyText(e.Key)
			if !ok {
				d.report(p, path, "%s for a key; write a plain word", Text{Format: describe(e.Key)})
				continue
			}
			if first, twice := seen[key]; twice {
				d.report(p, path, "key %q for the second time; the first is in line %d", key, first.line)
				if plainKey(key) {
					d.unread[join(path, key)] = true // nobody knows which is meant
				}
				continue
			}
			seen[key] = p
			d.keys[path] = append(d.keys[path], key)
			if !plainKey(key) {
				continue // no field has such a name: it is reported as unknown
			}
			if (key == "key" || key == "name") && strings.HasSuffix(path, "]") {
				if text, ok := scalar(e.Value); ok && (key == "key" || d.labels[path] == "") && len(text) <= 64 {
					d.labels[path] = text
				}
			}
			child := join(path, key)
			d.at[child] = where(e.Value)
			if e.Value.Type() == ast.NullType {
				d.at[child], d.empty[child] = p, true
			}
			d.index(child, e.Value, depth+1)
		}
	case *ast.SequenceNode:
		for i, v := range n.Values {
			child := path + "[" + strconv.Itoa(i) + "]"
			d.at[child] = where(v)
			d.index(child, v, depth+1)
		}
	default:
		text, ok := scalar(n)
		switch {
		case n.Type() == ast.NullType:
		case !ok:
			d.bad(where(n), path, "%s is not understood here; write the value out", Text{Format: describe(n)})
		case !utf8.ValidString(text) || strings.ContainsFunc(text, control):
			d.bad(where(n), path, "holds a control character; take it out")
		}
	}
}

// decode puts what is written into v.
func (d *Document) decode(path string, n ast.Node, v reflect.Value) {
	if n.Type() == ast.NullType || d.unread[path] {
		return
	}
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		d.decode(path, n, v.Elem())
		return
	}
	text, isScalar := scalar(n)
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok && isScalar {
		if err := u.UnmarshalText([]byte(text)); err != nil {
			d.bad(where(n), path, "%v", err)
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		if es := entries(n); es != nil || n.Type() == ast.MappingType {
			d.fields(path, es, v)
			return
		}
	case reflect.Slice:
		if s, ok := n.(*ast.SequenceNode); ok {
			if len(s.Values) == 0 {
				return // an empty list is as good as none
			}
			v.Set(reflect.MakeSlice(v.Type(), len(s.Values), len(s.Values)))
			for i, item := range s.Values {
				child := path + "[" + strconv.Itoa(i) + "]"
				if item.Type() == ast.NullType {
					d.bad(where(item), child, "an empty item; write it or take it out")
					continue
				}
				d.decode(child, item, v.Index(i))
			}
			return
		}
	case reflect.String:
		if isScalar {
			v.SetString(text)
			return
		}
	case reflect.Bool:
		if b, ok := n.(*ast.BoolNode); ok {
			v.SetBool(b.Value)
			return
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if i, err := strconv.ParseInt(text, 10, v.Type().Bits()); isScalar && err == nil {
			v.SetInt(i)
			return
		}
	default:
		d.bad(where(n), path, "cannot be read into %s", v.Type())
		return
	}
	if want(v) == "text" && entries(n) != nil {
		d.bad(where(n), path, "want %s, found %s; put text that holds \": \" in quotes", Text{Format: want(v)}, Text{Format: describe(n)})
		return
	}
	d.bad(where(n), path, "want %s, found %s", Text{Format: want(v)}, Text{Format: describe(n)})
}

func (d *Document) fields(path string, es []*ast.MappingValueNode, v reflect.Value) {
	fields, names := map[string]int{}, []string{}
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
		if name != "" && name != "-" {
			fields[name] = i
			names = append(names, name)
		}
	}
	for _, e := range es {
		key, ok := keyText(e.Key)
		if !ok {
			continue // reported by index
		}
		i, ok := fields[key]
		if !ok {
			hint := Textf("known here: %s", strings.Join(names, ", "))
			if near := Nearest(key, names); near != "" {
				hint = Textf("did you mean %q?", near)
				if !d.Has(join(path, near)) {
					d.unread[join(path, near)] = true // it is there, only misspelt
				}
			}
			d.report(where(e.Key), path, "unknown key %q; %s", key, hint)
			continue
		}
		d.decode(join(path, key), e.Value, v.Field(i))
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// plainKey reports whether a key can be a part of a path.
func plainKey(s string) bool { return s != "" && !strings.ContainsAny(s, ".[]$") }

func entries(n ast.Node) []*ast.MappingValueNode {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	}
	return nil
}

// keyText is a key as it is written; only a plain or quoted word is one.
func keyText(k ast.MapKeyNode) (string, bool) {
	switch k := k.(type) {
	case *ast.StringNode:
		return k.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode, *ast.InfinityNode, *ast.NanNode:
		return k.GetToken().Value, true
	}
	return "", false
}

// scalar is a value as it is written, not as YAML would read it as a number.
func scalar(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	return "", false
}

// where a node begins: a block mapping's own token is its first colon.
func where(n ast.Node) position {
	switch m := n.(type) {
	case *ast.MappingNode:
		if !m.IsFlowStyle && len(m.Values) > 0 {
			return where(m.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return where(m.Key)
	}
	p := n.GetToken().Position
	return position{p.Line, p.Column}
}

// describe never prints a value: it may be a secret.
func describe(n ast.Node) string {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "keys with values"
	case *ast.SequenceNode:
		return "a list"
	case *ast.AnchorNode:
		return "an anchor (&)"
	case *ast.AliasNode:
		return "an alias (*)"
	case *ast.MergeKeyNode:
		return "a merge (<<)"
	case *ast.TagNode:
		return "a tag (!)"
	case *ast.NullNode:
		return "nothing"
	case *ast.BoolNode:
		return "true or false"
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "a number"
	case *ast.StringNode, *ast.LiteralNode:
		return "text"
	}
	return "something else"
}

func want(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Struct:
		if _, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
			return "text"
		}
		return "keys with values"
	case reflect.Slice:
		return "a list, such as [a, b]"
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "text"
	}
	return "a whole number"
}
