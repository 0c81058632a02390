// Package alerting decides who is called, and when. It is a pure state
// machine: Step is told the time and one input and returns what is to be done.
// It has no clock, goroutine, lock or I/O, so that the same inputs give the
// same decisions for ever, on any machine, and a night can be replayed from its
// journal.
//
// It guarantees that a raised alarm always has a next deadline and a next
// person: the deadline is at most the step's wait away, at most a minute when
// nobody was reached, and when it passes something is sent. The last step
// repeats until somebody comes.
package alerting
