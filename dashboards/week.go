package dashboards

import (
	"context"
	"math"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"telecare/devices"
)

// weekLong is how far back it is known in which hours a device was heard. It is
// kept in memory alone: what was before the start is unknown, and shown so.
const weekLong = 7 * 24 * time.Hour

// hour is what is kept of an hour in which a device was heard.
type hour struct {
	at            time.Time
	battery, rssi float32 // the newest; NaN when it said none
}

// weeks are the hours in which devices were heard, the oldest first.
type weeks map[devices.ID][]hour

// heard notes that a device was heard, and what it said last.
func (w weeks) heard(s devices.Status, now time.Time) {
	at := s.LastSeen.Truncate(time.Hour)
	if s.LastSeen.IsZero() || now.Sub(at) > weekLong || at.After(now) {
		return
	}
	x := hour{at, float32(math.NaN()), float32(math.NaN())}
	for _, r := range s.Readings {
		switch r.Quantity {
		case devices.Battery:
			x.battery = float32(r.Value)
		case devices.RSSI:
			x.rssi = float32(r.Value)
		}
	}
	list := w[s.ID]
	switch n := len(list); {
	case n > 0 && list[n-1].at.Equal(at):
		list[n-1] = x
	case n > 0 && list[n-1].at.After(at): // heard before what is known already
	default:
		for len(list) > 0 && now.Sub(list[0].at) > weekLong {
			list = list[1:]
		}
		w[s.ID] = append(slices.Clip(list), x)
	}
}

type weekView struct {
	At    time.Time   `json:"at" doc:"The gateway's time."`
	Since time.Time   `json:"since" doc:"Since when it is known; before that nothing is, unless an hour says so."`
	Hours []heardHour `json:"hours" doc:"The hours of the last week in which it was heard, the oldest first. In the others since then it was not."`
}

type heardHour struct {
	At      time.Time `json:"at" doc:"When the hour begins."`
	Battery *float32  `json:"battery,omitempty" doc:"In percent, as it said last in it."`
	RSSI    *float32  `json:"rssi,omitempty" doc:"In dBm, as it said last in it."`
}

func (h *Handler) weekOperation(api huma.API) {
	add(h, api, DevicesRead, huma.Operation{
		OperationID: "device-week", Method: http.MethodGet, Path: "/devices/{id}/week", Tags: []string{"devices"},
		Summary: "Say in which hours of the last week a device was heard", Description: "Kept in memory: what was before the gateway's start is not known.",
	}, func(_ context.Context, v viewer, in *devicePath) (*list[weekView], error) {
		hours, since, ok := h.hub.week(in.ID)
		if !ok {
			return nil, problem(http.StatusNotFound, "no_such_device")
		}
		out := weekView{At: time.Now(), Since: since, Hours: []heardHour{}}
		for _, x := range hours {
			one := heardHour{At: x.at}
			if v.role != RoleBoard {
				one.Battery, one.RSSI = number(x.battery), number(x.rssi)
			}
			out.Hours = append(out.Hours, one)
		}
		return &list[weekView]{out}, nil
	}, http.StatusNotFound)
}

func number(x float32) *float32 {
	if x != x { // NaN: it said none
		return nil
	}
	return &x
}

// week is what is known of a device's last week; false for one that is not
// registered.
func (h *Hub) week(id devices.ID) (hours []hour, since time.Time, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, ok = h.ward.deviceAt[id]
	for _, x := range h.weeks[id] {
		if time.Since(x.at) <= weekLong {
			hours = append(hours, x)
		}
	}
	return hours, h.since, ok
}
