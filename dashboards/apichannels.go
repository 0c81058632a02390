package dashboards

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"telecare/alerting"
)

// Channels says how the ways to reach people are.
type Channels interface {
	Channels() []Channel
	// TestChannel begins a silent test; false: there is none of that name that
	// can be tested so.
	TestChannel(alerting.ChannelID) bool
}

// Channel is what is known of one by its silent tests and its calls.
type Channel struct {
	Name     alerting.ChannelID
	Result   string // "well", "failed", "untested", "untestable"
	Error    string // a word
	TestedAt time.Time
	Testing  bool
	Next     time.Time
	CalledAt time.Time
	CallWord string // why the newest call failed
	Contacts []ChannelContact
}

// ChannelContact is a responder's contact on it.
type ChannelContact struct {
	Person   alerting.Person
	Result   string
	Error    string
	TestedAt time.Time
}

type channelList struct {
	At       time.Time     `json:"at" doc:"The gateway's time."`
	Channels []channelView `json:"channels" doc:"All channels of telecare.yaml, and those that contacts name and it does not have."`
}

type channelView struct {
	Name      string               `json:"name" doc:"As in telecare.yaml."`
	Result    string               `json:"result" enum:"well,failed,untested,untestable" doc:"Of the newest silent test. untested: not since the start. untestable: it cannot be tested silently; neither is to be taken for fine."`
	Error     string               `json:"error,omitempty" doc:"Why it failed, in a word: timeout, refused, login, status 503, …"`
	TestedAt  time.Time            `json:"tested_at,omitzero" doc:"When it was tested last."`
	Testing   bool                 `json:"testing,omitempty" doc:"It is being tested now."`
	NextAt    time.Time            `json:"next_at,omitzero" doc:"When it is tested next; absent when it is not by itself."`
	CalledAt  time.Time            `json:"called_at,omitzero" doc:"When the newest call by it was accepted or failed; absent when there was none since the start."`
	CallError string               `json:"call_error,omitempty" doc:"Why that call failed, in a word."`
	Contacts  []channelContactView `json:"contacts" doc:"The responders who are called by it."`
}

type channelContactView struct {
	ID       alerting.Person `json:"id" doc:"The responder's opaque id."`
	Who      string          `json:"who" doc:"Their name; the id again without people:read."`
	Result   string          `json:"result" enum:"well,failed,untested,untestable" doc:"failed: their address is refused or missing, or there is no such channel."`
	Error    string          `json:"error,omitempty" doc:"Why, in a word."`
	TestedAt time.Time       `json:"tested_at,omitzero" doc:"When it was tested last."`
}

type channelTesting struct {
	Channel string `json:"channel" maxLength:"100" doc:"The channel's name, as in telecare.yaml." example:"mail"`
}

func (h *Handler) channelOperations(api huma.API) {
	op := func(method, id, path, summary, more string) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary, Description: more, Tags: []string{"site"}}
	}
	add(h, api, DevicesRead, op(http.MethodGet, "list-channels", "/channels", "List the ways to reach people, and how their silent tests went", "No address is told."),
		func(_ context.Context, v viewer, _ *none) (*list[channelList], error) {
			if v.role == RoleBoard { // the names of all who can be called hang on no wall
				return nil, forbidden()
			}
			out := channelList{time.Now(), []channelView{}}
			if h.o.Channels == nil {
				return &list[channelList]{out}, nil
			}
			w := h.hub.names()
			for _, c := range h.o.Channels.Channels() {
				x := channelView{
					Name: string(c.Name), Result: c.Result, Error: c.Error, TestedAt: c.TestedAt, Testing: c.Testing, NextAt: c.Next,
					CalledAt: c.CalledAt, CallError: c.CallWord, Contacts: []channelContactView{},
				}
				for _, k := range c.Contacts {
					x.Contacts = append(x.Contacts, channelContactView{k.Person, v.name(w, k.Person), k.Result, k.Error, k.TestedAt})
				}
				out.Channels = append(out.Channels, x)
			}
			return &list[channelList]{out}, nil
		})
	add(h, api, TestsWrite, op(http.MethodPost, "test-channel", "/channel-tests", "Test a channel and its contacts silently, now", "Nobody is called. It begins when no call was sent by the channel for a minute, and ends at once when one is."),
		func(_ context.Context, _ viewer, in *struct{ Body channelTesting }) (*none, error) {
			if h.o.Channels == nil || !h.o.Channels.TestChannel(alerting.ChannelID(in.Body.Channel)) {
				return nil, problem(http.StatusNotFound, "no_such_channel")
			}
			return nil, nil
		}, http.StatusNotFound)
}
