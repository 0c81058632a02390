package main

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strconv"
)

func itoa(n int) string { return strconv.Itoa(n) }

func basic(t types.Type) types.BasicInfo {
	if b, ok := t.Underlying().(*types.Basic); ok && b.Kind() != types.UntypedNil {
		return b.Info()
	}
	return 0
}

func isString(t types.Type) bool { return t != nil && basic(t)&types.IsString != 0 }

// named reports whether a type is "time.Time", "time.Duration", ….
func named(t types.Type, name string) bool { return t != nil && types.TypeString(t, nil) == name }

// typeName writes the type of an expression as its file can; false: it cannot.
func (r *rewriter) typeName(x ast.Expr) (string, bool) {
	t := r.info.TypeOf(x)
	if t == nil || basic(t)&types.IsUntyped != 0 {
		return "", false
	}
	ok := true
	name := types.TypeString(t, func(p *types.Package) string {
		if p == r.pkg {
			return ""
		}
		for _, spec := range r.file.Imports {
			if path, _ := strconv.Unquote(spec.Path.Value); path == p.Path() && spec.Name == nil {
				return p.Name()
			}
		}
		ok = false
		return ""
	})
	return name, ok
}

// expr puts choices into an expression whose value is used.
func (r *rewriter) expr(x ast.Expr) {
	tv := r.info.Types[x]
	switch {
	case tv.IsType() || tv.IsBuiltin() || tv.IsNil():
	case tv.Value != nil:
		r.constant(x, tv)
	case tv.IsValue() && basic(tv.Type)&types.IsBoolean != 0:
		r.condition(x)
	default:
		r.value(x)
	}
}

// constant is one more, and one less; of a duration by a second, which a night
// can see.
func (r *rewriter) constant(x ast.Expr, tv types.TypeAndValue) {
	switch tv.Value.Kind() {
	case constant.Bool:
		into := strconv.FormatBool(!constant.BoolVal(tv.Value))
		r.wrap(x, "mutFlip("+itoa(r.change(x, into))+", ", ")")
	case constant.Int:
		name, ok := r.typeName(x)
		if !ok || basic(tv.Type)&types.IsInteger == 0 {
			return
		}
		one := "1"
		if named(tv.Type, "time.Duration") {
			one = "1s"
		}
		id := r.change(x, r.text(x)+"+"+one)
		r.change(x, r.text(x)+"-"+one)
		r.wrap(x, "mutInt["+name+"]("+itoa(id)+", ", ")")
	}
}

// condition is always true, always false, and the other way round.
func (r *rewriter) condition(x ast.Expr) {
	if tv := r.info.Types[x]; tv.Value != nil {
		r.constant(x, tv)
		return
	}
	switch e := x.(type) {
	case *ast.ParenExpr:
		r.condition(e.X)
		return
	case *ast.UnaryExpr:
		r.wrap(x, "mutFlip("+itoa(r.change(x, r.text(e.X)))+", ", ")")
		r.condition(e.X)
		return
	case *ast.BinaryExpr:
		if e.Op == token.LAND || e.Op == token.LOR {
			other := map[token.Token]string{token.LAND: " || ", token.LOR: " && "}[e.Op]
			on := "mut(" + itoa(r.change(x, r.text(e.X)+other+r.text(e.Y))) + ")"
			// By De Morgan's law, so that the second is looked at only where it is
			// today.
			r.wrap(x, "((", ") != "+on+")")
			r.wrap(e.X, "(", ") != "+on)
			r.wrap(e.Y, "(", ") != "+on)
			r.condition(e.X)
			r.condition(e.Y)
			return
		}
	}
	id := r.change(x, "true")
	r.change(x, "false")
	r.wrap(x, "mutBool("+itoa(id)+", ", ")")
	if e, ok := x.(*ast.BinaryExpr); ok {
		r.comparison(e)
		return
	}
	r.value(x)
}

func (r *rewriter) comparison(e *ast.BinaryExpr) {
	if r.countIsZero(e) {
		r.expr(e.X)
		return // no count is below it: what is left of it is true, false and the other way round
	}
	type other struct{ op, name string }
	switch o := map[token.Token]other{token.LSS: {"<=", "mutLess"}, token.LEQ: {"<", "mutAtMost"}, token.GTR: {">=", "mutMore"}, token.GEQ: {">", "mutAtLeast"}}[e.Op]; {
	case e.Op == token.EQL:
		r.wrap(e, "mutFlip("+itoa(r.change(e, r.text(e.X)+" != "+r.text(e.Y)))+", ", ")")
	case e.Op == token.NEQ:
		r.wrap(e, "mutFlip("+itoa(r.change(e, r.text(e.X)+" == "+r.text(e.Y)))+", ", ")")
	case o.name != "":
		r.infix(e, o.name, r.change(e, r.text(e.X)+" "+o.op+" "+r.text(e.Y)))
	}
	r.expr(e.X)
	r.expr(e.Y)
}

// countIsZero finds len(x) == 0 and its like.
func (r *rewriter) countIsZero(e *ast.BinaryExpr) bool {
	call, ok := e.X.(*ast.CallExpr)
	if !ok {
		return false
	}
	name, ok := call.Fun.(*ast.Ident)
	return ok && name.Name == "len" && r.info.Types[name].IsBuiltin() && r.text(e.Y) == "0"
}

// infix makes a call of an operator.
func (r *rewriter) infix(e *ast.BinaryExpr, name string, id int) {
	r.wrap(e, name+"("+itoa(id)+", ", ")")
	op := r.offset(e.OpPos)
	r.replace(op, op+len(e.Op.String()), ",")
}

// value goes into everything that is neither a constant nor a condition.
func (r *rewriter) value(x ast.Expr) {
	switch e := x.(type) {
	case *ast.ParenExpr:
		r.expr(e.X)
	case *ast.SelectorExpr:
		if r.info.Selections[e] != nil {
			r.expr(e.X)
		}
	case *ast.StarExpr:
		r.expr(e.X)
	case *ast.TypeAssertExpr:
		r.expr(e.X)
	case *ast.IndexExpr:
		r.expr(e.X)
		r.expr(e.Index)
	case *ast.SliceExpr:
		r.expr(e.X)
		for _, i := range []ast.Expr{e.Low, e.High, e.Max} {
			if i != nil {
				r.expr(i)
			}
		}
	case *ast.UnaryExpr:
		if e.Op == token.SUB {
			r.wrap(e, "mutNeg("+itoa(r.change(e, r.text(e.X)))+", ", ")")
		}
		r.expr(e.X)
	case *ast.BinaryExpr:
		r.arithmetic(e)
	case *ast.FuncLit:
		r.block(e.Body.List, e.Type)
	case *ast.CompositeLit:
		r.composite(e)
	case *ast.CallExpr:
		r.call(e)
	}
}

func (r *rewriter) arithmetic(e *ast.BinaryExpr) {
	type other struct{ op, name string }
	o := map[token.Token]other{token.ADD: {"-", "mutAdd"}, token.SUB: {"+", "mutSub"}, token.MUL: {"/", "mutTimes"}, token.QUO: {"*", "mutOver"}, token.REM: {"*", "mutRest"}}[e.Op]
	if o.name != "" && basic(r.info.TypeOf(e))&types.IsInteger != 0 {
		r.infix(e, o.name, r.change(e, r.text(e.X)+" "+o.op+" "+r.text(e.Y)))
	}
	r.expr(e.X)
	r.expr(e.Y)
}

// composite leaves out fields of structs.
func (r *rewriter) composite(e *ast.CompositeLit) {
	_, fields := r.info.TypeOf(e).Underlying().(*types.Struct)
	for _, x := range e.Elts {
		v := x
		if kv, ok := x.(*ast.KeyValueExpr); ok {
			v = kv.Value
			if !fields {
				r.expr(kv.Key)
			}
		}
		tv := r.info.Types[v]
		switch {
		case !fields || tv.IsNil() || tv.Type == nil || basic(tv.Type)&types.IsBoolean != 0:
		case tv.Value == nil:
			if _, ok := v.(*ast.FuncLit); !ok {
				r.wrap(v, "mutZero("+itoa(r.change(x, "left out"))+", ", ")")
			}
		case isString(tv.Type) && constant.StringVal(tv.Value) != "":
			if name, ok := r.typeName(v); ok {
				r.wrap(v, "mutZero["+name+"]("+itoa(r.change(x, "left out"))+", ", ")")
			}
		}
		r.expr(v)
	}
}

func (r *rewriter) call(e *ast.CallExpr) {
	name, recv := "", types.Type(nil)
	switch f := e.Fun.(type) {
	case *ast.Ident:
		if r.info.Types[f].IsBuiltin() {
			name = f.Name
		}
	case *ast.SelectorExpr:
		if r.info.Selections[f] != nil {
			recv = r.info.TypeOf(f.X)
			name = "." + f.Sel.Name
			r.expr(f.X)
		} else if p, ok := f.X.(*ast.Ident); ok {
			name = p.Name + "." + f.Sel.Name
		}
	case *ast.FuncLit, *ast.CallExpr:
		r.expr(e.Fun)
	}
	clock := named(recv, "time.Time")
	switch {
	case name == "panic":
		return
	case name == "min" || name == "max":
		other := map[string]string{"min": "max", "max": "min"}[name]
		called := map[string]string{"min": "mutMin", "max": "mutMax"}[name]
		r.called(e, called, r.change(e, other))
	case clock && (name == ".Before" || name == ".After"):
		sel := e.Fun.(*ast.SelectorExpr)
		called, other := "mutBefore", ".After("
		if name == ".After" {
			called, other = "mutAfter", ".Before("
		}
		id := r.change(e, "!"+r.text(sel.X)+other+r.text(e.Args[0])+")")
		r.wrap(e, called+"("+itoa(id)+", ", ")")
		r.replace(r.offset(sel.X.End()), r.offset(e.Lparen)+1, ", ")
		r.expr(e.Args[0])
		r.replace(r.offset(e.Rparen), r.offset(e.Rparen)+1, "")
		return
	case clock && name == ".Add":
		if u, ok := e.Args[0].(*ast.UnaryExpr); !ok || u.Op != token.SUB {
			r.wrap(e.Args[0], "mutNeg("+itoa(r.change(e, "Add(-"+r.text(e.Args[0])+")"))+", ", ")")
		}
	case clock && (name == ".Sub" || name == ".Compare") || name == "cmp.Compare":
		r.wrap(e, "mutNeg("+itoa(r.change(e, "negative"))+", ", ")")
	case name == "slices.Backward":
		r.called(e, "mutBackward", r.change(e, "forward"))
	case name == "cmp.Or":
		for _, x := range e.Args {
			if tv := r.info.Types[x]; tv.Value == nil {
				r.wrap(x, "mutZero("+itoa(r.change(e, "without "+r.text(x)))+", ", ")")
			}
		}
	case name == "make":
		for _, x := range e.Args[1:min(len(e.Args), 2)] {
			r.expr(x)
		}
		return
	}
	for _, x := range e.Args {
		r.expr(x)
	}
}

// called has another function called.
func (r *rewriter) called(e *ast.CallExpr, name string, id int) {
	r.wrap(e, name+"("+itoa(id)+", ", "")
	r.replace(r.offset(e.Pos()), r.offset(e.Lparen)+1, "")
}
