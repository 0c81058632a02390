// Package report makes a month's numbers: how long people waited, who came, how
// it ended, and which devices could be heard. It guarantees:
//
//   - It is made of what the machine decided and of nothing else: the journal
//     played again gives the same report on every machine.
//   - Every alarm that was raised in the period is counted once. What is not
//     known is said to be unknown and counted as nothing else: an alarm that is
//     still open, a time at which the gateway did not run, a month that is not
//     over. A miss of a limit is listed once, with what was tried.
//   - An alarm's times are those of alerting.Alarm.Took, as in InfluxDB and in
//     the metrics.
//   - It holds opaque ids. Names are put in for those who may see them, and not
//     before.
//   - It keeps a few hundred bytes of an alarm once that is over, and its
//     history only while it is open.
package report
