package dashboards

import "sync"

// maxStreams is how many screens one sign-in, link or token may have open: more
// than a house has walls. Each costs memory that alarms need, too.
const maxStreams = 300

// streams counts them, by whatever tells whoever opened them from others.
type streams struct {
	mu   sync.Mutex
	open map[any]int
}

// begin takes a place, and says how to give it back; nil when there is none.
func (s *streams) begin(by any) (end func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[by] >= maxStreams {
		return nil
	}
	if s.open == nil {
		s.open = map[any]int{}
	}
	s.open[by]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.open[by]--; s.open[by] == 0 {
			delete(s.open, by)
		}
	}
}

// streamsOf tells whose stream this is.
func streamsOf(v viewer, s *session) any {
	switch {
	case s != nil:
		return s
	case v.token != nil:
		return v.token.Name
	}
	return [2]string{string(v.person), string(v.only)} // by link, however it is written
}
