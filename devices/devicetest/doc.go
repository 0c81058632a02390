// Package devicetest has devices that are not there: pendants, radars and the
// bridges they speak through, simulated for tests and the demo.
//
// They speak on the wire as the real ones do, so that what listens to them is
// the production code, whole. They know nothing of alarms and nothing of the
// gateway.
package devicetest
