package words

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Unsaid is a sentence in English whose values are still beside it, so that it
// can be said in another language. A value may be such a sentence itself.
type Unsaid interface {
	error
	Unsaid() (format string, values []any)
}

// Mistake says what is wrong with what somebody has written. What it has no words
// for stays English, in which the sentences stand beside the checks.
func Mistake(l Lang, err error) string {
	if l != Polish {
		return err.Error()
	}
	said, _ := inPolish(polishOfMistakes(), err)
	return said
}

// Untold are the sentences within a mistake that have no words in a language.
func Untold(l Lang, err error) []string {
	if l != Polish {
		return nil
	}
	_, left := inPolish(polishOfMistakes(), err)
	return left
}

// Mistakes are the sentences that there are words for, in English.
func Mistakes() []string { return slices.Sorted(maps.Keys(polishOfMistakes())) }

func inPolish(polish map[string]string, err error) (said string, left []string) {
	format, values := "", []any(nil)
	if u := Unsaid(nil); errors.As(err, &u) {
		format, values = u.Unsaid()
	} else {
		format = err.Error()
	}
	own, ok := polish[format]
	if !ok {
		own, left = format, append(left, format)
	}
	if len(values) == 0 && !ok {
		return err.Error(), left
	}
	put := make([]any, len(values))
	for i, v := range values {
		put[i] = v
		if inner, ok := v.(error); ok {
			text, more := inPolish(polish, inner)
			put[i], left = text, append(left, more...)
		}
	}
	return fmt.Sprintf(own, put...), left
}
