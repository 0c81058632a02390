package gateway

import (
	"time"

	"telecare/alerting"
)

// Absences lists who is away now.
func (g *Gateway) Absences() []alerting.Absence {
	return ask(g.lookAt, (*alerting.Machine).Absences)
}

// Tests lists the test windows that are open now.
func (g *Gateway) Tests() []alerting.TestWindow {
	return ask(g.lookAt, (*alerting.Machine).Tests)
}

// lookAt has the loop show the machine.
func (g *Gateway) lookAt(look func(*alerting.Machine)) { g.inbox.put(item{look: look}) }

// ask has a goroutine answer a question about what it owns; show hands it the
// question. It gives up after a second: nobody waits for a page.
func ask[Owned, Answer any](show func(func(Owned)), question func(Owned) Answer) Answer {
	answer := make(chan Answer, 1)
	show(func(o Owned) { answer <- question(o) })
	patience := time.NewTimer(time.Second)
	defer patience.Stop()
	select {
	case a := <-answer:
		return a
	case <-patience.C:
		var none Answer
		return none
	}
}
