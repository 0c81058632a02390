// Package tiny has decisions that its test notices, and one that it does not.
package tiny

import "time"

type bell struct {
	rings int
	last  time.Time
}

func (b *bell) press(now time.Time, hard bool) (rang bool) {
	if now.Before(b.last.Add(time.Minute)) && !hard {
		return false
	}
	b.last = now
	for range 2 {
		b.rings++
	}
	return true
}

func (b *bell) never() int { return b.rings - 1 }
