package dashboards

import (
	"encoding/json"
	"sync"

	"github.com/gorilla/websocket"

	"telecare/alerting"
)

// common is what the screens of a kind are sent of one change: rendered and
// written down once for all of them, by the first that sends it.
type common struct {
	mu sync.Mutex
	by map[kindOfViewer]*websocket.PreparedMessage
}

// kindOfViewer are viewers who are shown the same of devices and faults.
type kindOfViewer struct {
	role                     Role
	technical, hears, people bool
	faults                   bool
	person                   alerting.Person // who is shown what nobody else is
}

func (v viewer) kind() kindOfViewer {
	k := kindOfViewer{role: v.role, technical: v.technical, hears: v.hears(), people: v.may(PeopleRead), faults: v.faults()}
	switch v.role {
	case RoleNurse, RoleCentre, RoleTechnician, RoleBoard, RoleProgram:
	default:
		k.person = v.person
	}
	return k
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
