package gateway

import "telecare/alerting"

// What stands behind the loop, each with goroutines of its own. None of their
// methods blocks. The simulator puts lanes without goroutines in their place,
// so that a seed gives the same night bit by bit.
type (
	// committing writes units to the journal in order, then answers them.
	committing interface {
		put(unit)
		ready() error
	}
	// sending carries notifications until they are delivered or withdrawn.
	sending interface {
		send(alerting.Notify, alerting.Call)
		withdraw(alerting.Withdraw)
		replace(map[alerting.ChannelID]Notifier)
		stop()
	}
	// watching sees every frame after the loop: signs of life and readings.
	watching interface {
		put(seen)
		apply(Site)
		chain(condition, bool)
		fault(alerting.Fault, bool)
		ask(func(*watch))
		hasPlace(alerting.PlaceID) bool
		sights(sights)
	}
	// spooling writes readings to the reading store, then answers them.
	spooling interface {
		put(kept)
	}
)
