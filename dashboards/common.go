package dashboards

import (
	"encoding/json"
	"sync"

	"github.com/gorilla/websocket"
)

// common is what the screens of a kind are sent of one change: rendered and
// written down once for all of them, by the first that sends it.
type common struct {
	mu sync.Mutex
	by map[kindOfViewer]*websocket.PreparedMessage
}

// kindOfViewer are viewers who are shown the same of devices and faults.
type kindOfViewer struct {
	role                            Role
	technical, hears, people, stays bool
	faults                          bool
}

func (v viewer) kind() kindOfViewer {
	return kindOfViewer{role: v.role, technical: v.technical, hears: v.hears(), people: v.may(PeopleRead), stays: v.may(StaysRead), faults: v.faults()}
}

// message gives the one for a kind of viewer.
func (c *common) message(k kindOfViewer, render func() *message) (*websocket.PreparedMessage, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if m := c.by[k]; m != nil {
		return m, nil
	}
	b, err := json.Marshal(render())
	if err != nil {
		return nil, err
	}
	m, err := websocket.NewPreparedMessage(websocket.TextMessage, b)
	if err != nil {
		return nil, err
	}
	if c.by == nil {
		c.by = map[kindOfViewer]*websocket.PreparedMessage{}
	}
	c.by[k] = m
	return m, nil
}
