package main

import (
	"go/ast"
	"go/token"
	"go/types"
)

func (r *rewriter) rewrite() {
	for _, d := range r.file.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		r.fn = fn.Name.Name
		if fn.Recv != nil {
			r.fn = types.ExprString(fn.Recv.List[0].Type) + "." + r.fn
			if fn.Recv.List[0].Type.Pos() != fn.Recv.List[0].Type.End() && r.fn[0] == '*' {
				r.fn = r.fn[1:]
			}
		}
		r.block(fn.Body.List, fn.Type)
	}
}

// block drops statements, one at a time, where the rest compiles without.
func (r *rewriter) block(list []ast.Stmt, fn *ast.FuncType) {
	for _, s := range list {
		if r.droppable(s, fn) {
			id := r.change(s, "dropped")
			r.wrap(s, "if !mut("+itoa(id)+") { ", " }")
		}
		r.stmt(s, fn)
	}
}

func (r *rewriter) droppable(s ast.Stmt, fn *ast.FuncType) bool {
	switch s := s.(type) {
	case *ast.ExprStmt:
		call, ok := s.X.(*ast.CallExpr)
		if !ok {
			return false
		}
		id, ok := call.Fun.(*ast.Ident)
		return !ok || id.Name != "panic"
	case *ast.AssignStmt:
		return s.Tok != token.DEFINE && len(s.Lhs) == 1
	case *ast.IncDecStmt:
		return true
	case *ast.BranchStmt:
		return s.Label == nil && (s.Tok == token.CONTINUE || s.Tok == token.BREAK)
	case *ast.ReturnStmt:
		return fn.Results == nil && len(s.Results) == 0
	}
	return false
}

func (r *rewriter) stmt(s ast.Stmt, fn *ast.FuncType) {
	switch s := s.(type) {
	case *ast.ExprStmt:
		r.value(s.X) // a condition that nobody reads is none
	case *ast.AssignStmt:
		r.assign(s)
	case *ast.DeclStmt:
		if d, ok := s.Decl.(*ast.GenDecl); ok && d.Tok == token.VAR {
			for _, spec := range d.Specs {
				for _, v := range spec.(*ast.ValueSpec).Values {
					r.expr(v)
				}
			}
		}
	case *ast.ReturnStmt:
		for _, x := range s.Results {
			r.expr(x)
		}
	case *ast.BlockStmt:
		r.block(s.List, fn)
	case *ast.IfStmt:
		r.simple(s.Init, fn)
		r.expr(s.Cond)
		r.block(s.Body.List, fn)
		if s.Else != nil {
			r.stmt(s.Else, fn)
		}
	case *ast.ForStmt:
		r.simple(s.Init, fn)
		if s.Cond != nil {
			r.expr(s.Cond)
		}
		r.simple(s.Post, fn)
		r.block(s.Body.List, fn)
	case *ast.RangeStmt:
		r.expr(s.X)
		r.block(s.Body.List, fn)
	case *ast.SwitchStmt:
		r.simple(s.Init, fn)
		if s.Tag != nil {
			r.expr(s.Tag)
		}
		for _, c := range s.Body.List {
			clause := c.(*ast.CaseClause)
			for _, x := range clause.List {
				if s.Tag != nil {
					r.label(x)
				} else {
					r.expr(x)
				}
			}
			r.block(clause.Body, fn)
		}
	case *ast.TypeSwitchStmt:
		for _, c := range s.Body.List {
			r.block(c.(*ast.CaseClause).Body, fn)
		}
	}
}

func (r *rewriter) simple(s ast.Stmt, fn *ast.FuncType) {
	if s != nil {
		r.stmt(s, fn)
	}
}

// assign keeps what was there before, of one place at a time.
func (r *rewriter) assign(s *ast.AssignStmt) {
	for _, x := range s.Lhs {
		if i, ok := x.(*ast.IndexExpr); ok {
			r.expr(i.Index)
		}
	}
	for i, x := range s.Rhs {
		blank, isIdent := s.Lhs[i].(*ast.Ident)
		if s.Tok == token.ASSIGN && len(s.Rhs) > 1 && !(isIdent && blank.Name == "_") {
			id := r.mutant(s.Lhs[i], r.text(s.Lhs[i])+" = "+r.text(x)+" → kept")
			r.wrap(x, "mutKeep("+itoa(id)+", "+r.text(s.Lhs[i])+", ", ")")
		}
		r.expr(x)
	}
}

// label takes a word out of a case.
func (r *rewriter) label(x ast.Expr) {
	if name, ok := r.typeName(x); ok && isString(r.info.TypeOf(x)) {
		r.wrap(x, "mutLabel["+name+"]("+itoa(r.change(x, "no case"))+", ", ")")
	}
}
