package mqtt

import (
	"testing"
	"time"
)

func TestTalkSettlesOnlyWhatTheSenderMustHave(t *testing.T) {
	zero := time.Date(2026, 11, 17, 3, 0, 0, 0, time.UTC)
	at := func(s int) time.Time { return zero.Add(time.Duration(s) * time.Second) }
	var k talk
	is := func(what string, got time.Time, want int) {
		t.Helper()
		if want < 0 && !got.IsZero() || want >= 0 && !got.Equal(at(want)) {
			t.Errorf("%s: settled until %s, want second %d", what, got, want)
		}
	}
	k.spoke(at(0))
	is("before a connection", k.heard(false, at(0)), -1)
	k.begin(at(1))
	k.spoke(at(30))
	is("connected for less than half a minute", k.heard(false, at(30)), -1)
	k.spoke(at(70))
	is("a ping later", k.heard(false, at(70)), 40)

	// It was away for a day, and has not had time to repeat.
	k.begin(at(86400))
	k.spoke(at(86401))
	is("repeats", k.heard(true, at(86401)), 40)
	k.spoke(at(86420))
	is("still repeats", k.heard(true, at(86420)), 40)
	k.spoke(at(86440))
	is("has just repeated", k.heard(false, at(86440)), 40)
	k.spoke(at(86460))
	is("repeats no more", k.heard(false, at(86460)), 86430)
}
