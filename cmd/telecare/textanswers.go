package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"telecare/alerting"
	"telecare/alerting/notify/smsanswer"
	"telecare/alerting/words"
	"telecare/gateway"
)

// textAnswer has a text message from a responder's telephone answer a call, and
// says what to send back; "" is nothing, for what is no answer of anybody's: a
// telephone that replies by itself would reply to that too.
func (h *house) textAnswer(ctx context.Context, by []alerting.ChannelID, from, text string) (reply string) {
	h.mu.Lock()
	site := h.site
	h.mu.Unlock()
	var lines []smsanswer.Line
	names, langs := map[alerting.Person]string{}, map[alerting.Person]string{}
	for _, p := range site.Responders {
		names[p.ID], langs[p.ID] = p.Name, p.Lang
		for _, c := range p.Contacts {
			if slices.Contains(by, c.Channel) {
				lines = append(lines, smsanswer.Line{Channel: c.Channel, Person: p.ID, Number: c.Address})
			}
		}
	}
	a, err := smsanswer.Of(from, text, lines, h.hub.Alarms(), time.Now())
	switch {
	case errors.Is(err, smsanswer.ErrNothing):
		return words.NothingToAnswer(site.Lang)
	case err != nil:
		h.log.Info("a text message answers nothing", "channels", by, "why", err)
		return ""
	}
	lang := string(words.Or(langs[a.By], words.Lang(site.Lang)))
	place, says := "", h.callers.Load().Says()
	secret := slices.ContainsFunc(by, func(c alerting.ChannelID) bool { return says[c] == alerting.SaysPseudonym })
	for _, p := range site.Places {
		if p.ID == a.Alarm.Place && !secret {
			place = p.Name
		}
	}
	refusal, holder := "", ""
	var refused *gateway.Refusal
	switch err := h.gateway.Act(ctx, a.Input()); {
	case errors.As(err, &refused):
		refusal, holder = string(refused.Why), names[refused.Holder]
	case err != nil:
		refusal = "not_yet"
	}
	return words.Answered(lang, a.Alarm.Kind, place, a.Takes, refusal, holder)
}
