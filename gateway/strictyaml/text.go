package strictyaml

import "fmt"

// Text is what is wrong, before its values are put in, so that it can be said in
// another language, too. A value may be a Text itself.
type Text struct {
	Format string
	Args   []any
}

// Textf is such a text. It is an error.
func Textf(format string, args ...any) Text { return Text{format, args} }

// Error is the text in English.
func (t Text) Error() string { return fmt.Sprintf(t.Format, t.Args...) }

// Unsaid is its parts.
func (t Text) Unsaid() (format string, args []any) { return t.Format, t.Args }

// alone is a text that is nothing but another one.
func (t Text) alone() Text {
	if len(t.Args) == 1 && (t.Format == "%v" || t.Format == "%s") {
		if inner, ok := t.Args[0].(Text); ok {
			return inner
		}
	}
	return t
}
