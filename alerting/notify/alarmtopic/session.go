package alarmtopic

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
)

const (
	patience  = 10 * time.Second // for the broker's answer to anything
	keepAlive = 10 * time.Second
	atOnce    = 100 // publications under way at the same time
	atLeast   = 1   // QoS
)

// session connects, tells the broker what is new until the connection is lost
// or ctx ends, and says goodbye.
//
// The client is new for each connection and does not reconnect by itself: paho
// completes the tokens of what was under way without an error when it
// reconnects, and would report as published what the broker never got. Nothing
// waits for a token without an end: Disconnect leaves some open for ever.
func (t *Topic) session(ctx context.Context) error {
	lost := make(chan error, 1)
	online := "telecare/" + string(t.cfg.Site) + "/gateway"
	alarms := "telecare/" + string(t.cfg.Site) + "/alarm/"

	o := mqtt.NewClientOptions().
		AddBroker(t.cfg.URL).
		SetClientID(t.cfg.ClientID).
		SetUsername(t.cfg.Username).
		SetPassword(t.cfg.Password).
		SetProtocolVersion(4).
		SetCleanSession(true).
		SetAutoReconnect(false).
		SetConnectTimeout(patience).
		SetDialer(&net.Dialer{Timeout: patience}).
		SetWriteTimeout(patience).
		SetKeepAlive(keepAlive).
		SetPingTimeout(patience/2).
		SetWill(online, "offline", atLeast, true).
		SetConnectionLostHandler(func(_ mqtt.Client, err error) {
			select {
			case lost <- fmt.Errorf("connection lost: %w", err):
			default:
			}
		})
	if t.cfg.TLS != nil {
		o.SetTLSConfig(t.cfg.TLS)
	}
	client := mqtt.NewClient(o)

	if err := wait(ctx, lost, client.Connect()); err != nil {
		client.Disconnect(0)
		return fmt.Errorf("connect: %w", err)
	}
	defer func() {
		if ctx.Err() != nil {
			// A goodbye withholds the last will, so it is said by ourselves.
			// The alarms stay: they are open for all that we go.
			client.Publish(online, atLeast, true, "offline").WaitTimeout(time.Second)
		}
		client.Disconnect(250)
	}()

	// What was retained comes after the SUBACK, at any time; what is published
	// from now on comes without the flag.
	sub := client.Subscribe(alarms+"+", atLeast, func(_ mqtt.Client, m mqtt.Message) {
		if m.Retained() && len(m.Payload()) > 0 {
			t.found(strings.TrimPrefix(m.Topic(), alarms))
		}
	})
	if err := wait(ctx, lost, sub); err != nil {
		return fmt.Errorf("subscribe to our own alarms: %w", err)
	}
	// paho does not make an error of a SUBACK that refuses. A lamp that may
	// stay lit is better than one that stays dark, so this is no reason to end.
	if s, ok := sub.(*mqtt.SubscribeToken); ok && s.Result()[alarms+"+"] == 0x80 {
		t.log.Warn("alarm topic: the broker does not let us read our own alarms, so that one closed while we were away may stay; allow it",
			"client", t.cfg.ClientID, "topic", alarms+"+")
	}
	if err := wait(ctx, lost, client.Publish(online, atLeast, true, "online")); err != nil {
		return fmt.Errorf("publish on %s: %w", online, err)
	}
	t.linked()

	for {
		select {
		case err := <-lost:
			return err
		case <-ctx.Done():
			return ctx.Err()
		case <-t.wake:
			if err := t.publish(ctx, lost, client, alarms); err != nil {
				return err
			}
		}
	}
}

// publish tells everything that is new. Publications of one call are confirmed
// before the next begin, so an alarm's states arrive in their order.
func (t *Topic) publish(ctx context.Context, lost <-chan error, client mqtt.Client, alarms string) error {
	news := t.news(atOnce)
	var tokens []mqtt.Token
	for key, body := range news {
		tokens = append(tokens, client.Publish(alarms+key, atLeast, true, body))
	}
	for _, token := range tokens {
		if err := wait(ctx, lost, token); err != nil {
			return fmt.Errorf("publish alarms: %w", err)
		}
	}
	t.told(news)
	return nil
}

// wait waits for a token, and never for ever.
func wait(ctx context.Context, lost <-chan error, token mqtt.Token) error {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-token.Done():
		return token.Error()
	case err := <-lost:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return fmt.Errorf("no answer within %v", patience)
	}
}
