package alerting

// Says is how much of who called a channel is trusted with.
type Says string

// What a message names. Each names what the one before it does; the page behind
// its link says the rest to whoever may see it.
const (
	SaysPseudonym Says = "pseudonym" // an opaque id, of the resident or else of the place
	SaysPlace     Says = "place"     // the place in words; what is not said otherwise
	SaysName      Says = "name"      // and the residents' names
)
