// Package gateway is the shell round the alerting machine: the clock, the one
// loop that owns the machine, and the tasks beside it.
//
// It guarantees, for every event of a registered device: people are called at
// the moment of the decision, before any disk is touched; the sender is
// answered only when the event is on disk; and no slow disk, reading store,
// page or channel delays the call of another.
//
// The way of a press: source → Handle → loop (Machine.Step) → senders, then
// committer, then the answer. Readings take a lane of their own behind the
// loop: watch (signs of life) → spooler → the answer.
package gateway
