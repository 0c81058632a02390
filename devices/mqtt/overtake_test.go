package mqtt

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestOvertake: an answer that stays away for longer than a second is
// overtaken, never sooner, and is still given in the end.
func TestOvertake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAnswers(func(err error) { t.Errorf("given up: %v", err) })
		a.overtake = time.Second
		var mu sync.Mutex
		var got []int
		answered := func() []int { mu.Lock(); defer mu.Unlock(); return slices.Clone(got) }
		expect := func(n int) func(error) {
			answer, err := a.expect(func() error {
				mu.Lock()
				defer mu.Unlock()
				got = append(got, n)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			return answer
		}
		go a.run()
		one, two, three := expect(1), expect(2), expect(3)
		two(nil)
		three(nil)
		time.Sleep(900 * time.Millisecond)
		synctest.Wait()
		if got := answered(); len(got) != 0 {
			t.Errorf("%v were answered before 1, within a second", got)
		}
		time.Sleep(200 * time.Millisecond)
		synctest.Wait()
		if got := answered(); !slices.Equal(got, []int{2, 3}) {
			t.Errorf("after a second %v were answered, want 2 and 3", got)
		}
		four := expect(4)
		four(nil)
		synctest.Wait()
		one(nil)
		synctest.Wait()
		if got := answered(); !slices.Equal(got, []int{2, 3, 4, 1}) {
			t.Errorf("in the end %v were answered, want 2 3 4 1", got)
		}
		a.end()
	})
}
