package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// mutant is one break.
type mutant struct {
	id   int
	file string
	line int
	key  string // file, function and change: what the list calls it
	fate fate
}

// mutated is a package with all its mutants in it.
type mutated struct {
	name    string
	mutants []*mutant
	sources map[string][]byte // by absolute path
}

func (p *mutated) has(key string) bool {
	return slices.ContainsFunc(p.mutants, func(m *mutant) bool { return m.key == key })
}

// mutate rewrites the files of a package, without its tests and without those
// that are left out.
func mutate(dir string, without map[string]bool) (*mutated, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	var files []*ast.File
	sources := map[*ast.File][]byte{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		src, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		f, err := parser.ParseFile(fset, name, src, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
		sources[f] = src
	}
	imports, err := exports(dir)
	if err != nil {
		return nil, err
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{}, Implicits: map[ast.Node]types.Object{}}
	pkg, err := (&types.Config{Importer: importer.ForCompiler(fset, "gc", imports)}).Check(dir, fset, files, info)
	if err != nil {
		return nil, err
	}
	p := &mutated{name: pkg.Name(), sources: map[string][]byte{}}
	same := map[string]int{}
	for _, f := range files {
		name := fset.Position(f.Pos()).Filename
		if without[filepath.Base(name)] {
			continue
		}
		r := &rewriter{fset: fset, info: info, pkg: pkg, file: f, src: sources[f], out: p, same: same,
			before: map[int][]string{}, after: map[int][]string{}, instead: map[int]replacement{}}
		r.rewrite()
		abs, err := filepath.Abs(name)
		if err != nil {
			return nil, err
		}
		p.sources[abs] = r.render()
	}
	return p, nil
}

// exports finds what the compiler exports of the packages that are imported.
func exports(dir string) (importer.Lookup, error) {
	cmd := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Export", "./"+dir)
	cmd.Stderr = os.Stderr
	b, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	where := map[string]string{}
	for d := json.NewDecoder(bytes.NewReader(b)); ; {
		var x struct{ ImportPath, Export string }
		if err := d.Decode(&x); err == io.EOF {
			break
		} else if err != nil {
			return nil, err
		}
		where[x.ImportPath] = x.Export
	}
	return func(path string) (io.ReadCloser, error) { return os.Open(where[path]) }, nil
}

type replacement struct {
	until int
	text  string
}

// rewriter puts choices into one file. They are inserted around what is there,
// so that lines stay where they are.
type rewriter struct {
	fset *token.FileSet
	info *types.Info
	pkg  *types.Package
	file *ast.File
	src  []byte
	out  *mutated
	same map[string]int

	fn      string // the function at hand
	before  map[int][]string
	after   map[int][]string
	instead map[int]replacement
}

func (r *rewriter) offset(p token.Pos) int { return r.fset.Position(p).Offset }

func (r *rewriter) text(n ast.Node) string {
	return strings.Join(strings.Fields(string(r.src[r.offset(n.Pos()):r.offset(n.End())])), " ")
}

// mutant adds one and returns its number.
func (r *rewriter) mutant(n ast.Node, change string) int {
	pos := r.fset.Position(n.Pos())
	m := &mutant{id: len(r.out.mutants) + 1, file: filepath.Base(pos.Filename), line: pos.Line}
	m.key = fmt.Sprintf("%s %s: %s", m.file, r.fn, change)
	r.same[m.key]++
	if k := r.same[m.key]; k > 1 {
		m.key = fmt.Sprintf("%s #%d", m.key, k)
	}
	r.out.mutants = append(r.out.mutants, m)
	return m.id
}

func (r *rewriter) change(n ast.Node, into string) int {
	return r.mutant(n, r.text(n)+" → "+into)
}

// wrap puts text around a node. Of nested nodes the outer is wrapped first.
func (r *rewriter) wrap(n ast.Node, before, after string) {
	r.before[r.offset(n.Pos())] = append(r.before[r.offset(n.Pos())], before)
	r.after[r.offset(n.End())] = append([]string{after}, r.after[r.offset(n.End())]...)
}

func (r *rewriter) replace(from, until int, text string) {
	r.instead[from] = replacement{until, text}
}

func (r *rewriter) render() []byte {
	var b bytes.Buffer
	at := map[int]bool{}
	for _, m := range []map[int][]string{r.before, r.after} {
		for o := range m {
			at[o] = true
		}
	}
	for o := range r.instead {
		at[o] = true
	}
	offsets := make([]int, 0, len(at))
	for o := range at {
		offsets = append(offsets, o)
	}
	slices.SortFunc(offsets, cmp.Compare)
	done := 0
	for _, o := range offsets {
		if o > done {
			b.Write(r.src[done:o])
			done = o
		}
		b.WriteString(strings.Join(r.after[o], ""))
		if x, ok := r.instead[o]; ok {
			b.WriteString(x.text)
			done = x.until
		}
		b.WriteString(strings.Join(r.before[o], ""))
	}
	b.Write(r.src[done:])
	return b.Bytes()
}
