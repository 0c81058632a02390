package gateway

import (
	"time"

	"telecare/alerting"
)

// Absences lists who is away now.
func (g *Gateway) Absences() []alerting.Absence { return askMachine(g, (*alerting.Machine).Absences) }

// Tests lists the test windows that are open now.
func (g *Gateway) Tests() []alerting.TestWindow { return askMachine(g, (*alerting.Machine).Tests) }

// askMachine has the loop answer a question. It gives up after a second: nobody
// waits for a page.
func askMachine[T any](g *Gateway, question func(*alerting.Machine) T) T {
	answer := make(chan T, 1)
	g.inbox.put(item{look: func(m *alerting.Machine) { answer <- question(m) }})
	patience := time.NewTimer(time.Second)
	defer patience.Stop()
	select {
	case a := <-answer:
		return a
	case <-patience.C:
		var none T
		return none
	}
}
