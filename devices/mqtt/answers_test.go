package mqtt

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestAnswersLeaveInOrderOfArrival(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 2000
		a := newAnswers(func(err error) { t.Errorf("failed: %v", err) })
		go a.run()
		var sent []int
		var decide []func(error)
		for i := range n {
			answer, err := a.expect(func() error { sent = append(sent, i); return nil })
			if err != nil {
				t.Fatal(err)
			}
			decide = append(decide, answer)
		}
		for _, i := range rand.New(rand.NewPCG(1, 2)).Perm(n) {
			if i == 700 {
				continue
			}
			go func() {
				decide[i](nil)
				decide[i](errors.New("a second answer counts nothing"))
			}()
		}
		synctest.Wait()
		if len(sent) != 700 {
			t.Fatalf("%d left while 700 is undecided, want 700", len(sent))
		}
		decide[700](nil)
		synctest.Wait()
		if len(sent) != n || !slices.IsSorted(sent) {
			t.Fatalf("%d left, sorted %v", len(sent), slices.IsSorted(sent))
		}
		a.end()
		a.end()
	})
}

func TestAnswersStopAtTheFirstFailure(t *testing.T) {
	for name, c := range map[string]struct{ release, decided error }{
		"left unanswered": {nil, errors.New("disk full")},
		"cannot be sent":  {errors.New("broken pipe"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var sent []int
				var why []error
				a := newAnswers(func(err error) { why = append(why, err) })
				go a.run()
				var decide []func(error)
				for i := range 5 {
					answer, err := a.expect(func() error {
						if i == 2 {
							return c.release
						}
						sent = append(sent, i)
						return nil
					})
					if err != nil {
						t.Fatal(err)
					}
					decide = append(decide, answer)
				}
				for i, d := range decide {
					if i == 2 {
						d(c.decided)
					} else {
						d(nil)
					}
				}
				synctest.Wait()
				if fmt.Sprint(sent) != "[0 1]" {
					t.Errorf("sent %v, want those before the failure", sent)
				}
				if len(why) != 1 || why[0] != cmp.Or(c.release, c.decided) {
					t.Errorf("failed told %v", why)
				}
				answer, err := a.expect(func() error { t.Error("answered on a dead connection"); return nil })
				if err != nil {
					t.Fatal(err)
				}
				answer(nil)
				decide[4](nil)
			})
		})
	}
}

func TestAnswersAreDroppedWhenTheConnectionEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAnswers(func(err error) { t.Errorf("failed: %v", err) })
		go a.run()
		answer, err := a.expect(func() error { t.Error("answered"); return nil })
		if err != nil {
			t.Fatal(err)
		}
		a.end()
		answer(nil)
		answer(errors.New("late"))
	})
}

// Who settles closes the connection next: what waits to leave in one piece must
// have left by then.
func TestAnswersSettleWhenTheyHaveLeft(t *testing.T) {
	for name, decideFirst := range map[string]bool{"decided before": true, "decided meanwhile": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newAnswers(func(err error) { t.Errorf("failed: %v", err) })
				var gathered, left atomic.Int32
				a.together = func(do func()) {
					do()
					if gathered.Load() > 0 { // a processor that has others to run first
						time.Sleep(100 * time.Millisecond)
					}
					left.Add(gathered.Swap(0))
				}
				go a.run()
				answer, err := a.expect(func() error { gathered.Add(1); return nil })
				if err != nil {
					t.Fatal(err)
				}
				if decideFirst {
					answer(nil)
					synctest.Wait()
				} else {
					time.AfterFunc(50*time.Millisecond, func() { answer(nil) })
				}
				a.settle(time.Second)
				if left.Load() != 1 {
					t.Errorf("settled with %d gathered and %d gone", gathered.Load(), left.Load())
				}
				a.end()
				time.Sleep(time.Second) // run ends
			})
		})
	}
}

func TestAnswersAreBounded(t *testing.T) {
	a := newAnswers(nil)
	for range maxUnanswered {
		if _, err := a.expect(nil); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := a.expect(nil); !errors.Is(err, errTooManyUnanswered) {
		t.Fatalf("error %v", err)
	}
}
