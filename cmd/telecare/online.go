package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	"telecare/devices/mqtt"
	"telecare/devices/serial"
	"telecare/gateway"
	"telecare/gateway/config"

	paho "github.com/eclipse/paho.mqtt.golang"
)

// online tries everything that the configuration names, all at once. Nothing is
// sent that anybody would notice. It returns how much does not work.
func online(ctx context.Context, s streams, cfg *config.Config) (bad int) {
	running := folder(cfg.Data).running(ctx)
	var probes []probe
	add := func(what string, try func(context.Context) finding) { probes = append(probes, probe{what, try}) }
	for _, src := range cfg.Sources {
		what := fmt.Sprintf("source %q", src.Name)
		switch {
		case src.MQTT != nil:
			add(what, func(ctx context.Context) finding { return tryBroker(ctx, src.MQTT, true) })
		case src.Listen != nil:
			add(what, func(context.Context) finding { return tryListen(src.Listen.Listen, running) })
		case src.Serial != nil:
			add(what, func(context.Context) finding { return trySerial(src.Name, src.Serial, running) })
		}
	}
	for _, c := range cfg.Channels {
		add(fmt.Sprintf("channel %q", c.Name), func(ctx context.Context) finding {
			if c.Modem != nil {
				return tryModem(ctx, cfg, c, running)
			}
			if c.Push != nil {
				return tryPush(ctx, cfg, c)
			}
			return tryChannel(ctx, c)
		})
	}
	if cfg.Influx != nil {
		add("influx", func(ctx context.Context) finding { return tryInflux(ctx, cfg.Influx) })
	}
	if cfg.Alarms != nil {
		add("alarms_mqtt", func(ctx context.Context) finding { return tryBroker(ctx, cfg.Alarms, false) })
	}
	if cfg.Deadman != nil {
		add("deadman", func(ctx context.Context) finding {
			return tryHTTP(ctx, cfg.Deadman.URL.Reveal(), "its machine answers; no sign of life was sent")
		})
	}
	add("page", func(context.Context) finding { return tryListen(cfg.Page.Listen, running) })
	found := run(ctx, probes)
	_ = found.print(s.out, false)
	return found.count(awful)
}

// tryBroker signs in to a broker under a name of its own, so that the gateway's
// session is left alone.
func tryBroker(ctx context.Context, b *config.Broker, listens bool) finding {
	ca, err := trust(b.CAFile)
	if err != nil {
		return failed(err)
	}
	o := paho.NewClientOptions().AddBroker(b.URL).SetClientID("telecare-check-" + rand.Text()[:8]).SetCleanSession(true).
		SetAutoReconnect(false).SetConnectRetry(false).SetConnectTimeout(tryFor).
		SetUsername(b.Username).SetPassword(b.Password.Reveal()).SetTLSConfig(ca)
	client := paho.NewClient(o)
	defer client.Disconnect(0)
	if err := token(ctx, client.Connect()); err != nil {
		f := failed(err)
		if text := strings.ToLower(err.Error()); strings.Contains(text, "not authorized") || strings.Contains(text, "user name or password") {
			f.Do = "the broker does not let us in: correct username and password, there or here"
		}
		return f
	}
	if !listens {
		return well("", "the broker at %s lets us in", b.URL)
	}
	filters := map[string]byte{}
	topics := b.Topics
	if len(topics) == 0 {
		topics = mqtt.DefaultTopics()
	}
	for _, t := range topics {
		filters[t] = 1
	}
	t := client.SubscribeMultiple(filters, func(paho.Client, paho.Message) {})
	if err := token(ctx, t); err != nil {
		return failed(err)
	}
	for topic, granted := range t.(*paho.SubscribeToken).Result() {
		switch granted {
		case 0x80: // [MQTT-3.9.3-2]
			return finding{Level: awful, Says: fmt.Sprintf("the broker refuses topic %q", topic), Do: "let this user read it, in the broker's access list"}
		case 0:
			return finding{Level: warn, Says: fmt.Sprintf("the broker gives topic %q at QoS 0 only", topic), Do: "what comes while the gateway is down is lost: allow QoS 1 at the broker"}
		}
	}
	return well("", "the broker at %s lets us in and gives us %d topics", b.URL, len(topics))
}

func token(ctx context.Context, t paho.Token) error {
	select {
	case <-t.Done():
		return t.Error()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// tryListen takes a port and lets go of it.
func tryListen(addr string, running bool) finding {
	l, err := net.Listen("tcp", addr)
	switch {
	case err == nil:
		l.Close()
		return well("", "%s is free", addr)
	case errors.Is(err, syscall.EADDRINUSE) && running:
		return well("", "%s is in use, and the gateway runs", addr)
	case errors.Is(err, syscall.EADDRINUSE):
		f := finding{Level: awful, Says: fmt.Sprintf("%s is taken by another program", addr), Do: "stop that one, or listen on another port"}
		if who := portHolders()[portOf(addr)]; who != "" {
			f.Says = fmt.Sprintf("%s is taken by %s", addr, who)
		}
		return f
	case errors.Is(err, syscall.EACCES):
		return finding{Level: awful, Says: err.Error(), Do: "ports below 1024 are for root: take a higher one"}
	}
	return finding{Level: awful, Says: err.Error(), Do: "is the address one of this machine's?"}
}

func portOf(addr string) string {
	_, port, _ := net.SplitHostPort(addr)
	return port
}

func trySerial(name string, c *config.Serial, running bool) finding {
	err := serial.Try(serial.Config{Name: name, Port: c.Port, Format: c.Format, Baud: c.Baud})
	switch {
	case err == nil:
		return well("", "port %q can be opened; whether a receiver answers there is not known", c.Port)
	case running && strings.Contains(err.Error(), "in use"):
		return well("", "port %q is in use, and the gateway runs", c.Port)
	}
	return finding{Level: awful, Says: err.Error()} // it says what to do itself
}

// tryHTTP connects to a service, with TLS where it is spoken, and asks for
// nothing.
func tryHTTP(ctx context.Context, address, says string) finding {
	u, err := url.Parse(address)
	if err != nil {
		return finding{Level: awful, Says: "the address cannot be read"} // it may hold a secret
	}
	proxy, err := http.ProxyFromEnvironment(&http.Request{URL: u})
	if err != nil {
		return finding{Level: awful, Says: "the proxy in the environment cannot be read", Do: "correct HTTPS_PROXY or HTTP_PROXY"}
	}
	host, secure := u, u.Scheme == "https"
	if proxy != nil {
		host, secure, says = proxy, proxy.Scheme == "https", "the proxy "+proxy.Host+" answers; what is behind it was not tried"
	}
	port := host.Port()
	if port == "" {
		port = map[bool]string{true: "443", false: "80"}[host.Scheme == "https"]
	}
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(host.Hostname(), port))
	if err != nil {
		return failed(err)
	}
	defer conn.Close()
	if secure {
		if err := tls.Client(conn, &tls.Config{ServerName: host.Hostname(), MinVersion: tls.VersionTLS12}).HandshakeContext(ctx); err != nil {
			return failed(err)
		}
	}
	return well("", "%s", says)
}

// tryChannel tests a way to reach people as the gateway does on schedule.
func tryChannel(ctx context.Context, c config.Channel) finding {
	if c.Screen {
		return well("", "rings on the centre's page; the gateway sees by itself whether one is open")
	}
	n, err := notifier(c)
	if err != nil {
		return failed(err)
	}
	test, ok := n.(gateway.SilentTest)
	if !ok {
		return finding{Level: warn, Says: "cannot be tested silently", Do: "run a drill, or press a pendant: only a call shows that it works"}
	}
	if err := test.Test(ctx); err != nil {
		f := failed(err)
		var w interface{ Word() string }
		if errors.As(err, &w) && w.Word() == "login" {
			f.Do = "it does not let us in: correct username and password, or the token"
			if c.Email != nil {
				f.Do = "the mail server does not let us in: correct username and password"
			}
		}
		return f
	}
	switch {
	case c.Email != nil:
		return well("", "the mail server %s lets us in; no mail was sent", c.Email.Host)
	case c.Webhook == nil:
		return well("", "%v takes calls; nobody was called", n)
	case !c.Webhook.TestURL.IsZero():
		return well("", "the webhook's test_url answers; nobody was called")
	}
	return well("", "the webhook's machine answers; nobody was called")
}

// tryInflux writes nothing, to where readings would be written: that asks for
// token and bucket alike in 1.8 and in 2.x.
func tryInflux(ctx context.Context, in *config.Influx) finding {
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	ask := func(method, address string) (int, string, error) {
		req, err := http.NewRequestWithContext(ctx, method, address, http.NoBody)
		if err != nil {
			return 0, "", errors.New("the address cannot be read")
		}
		req.Header.Set("Authorization", "Token "+in.Token.Reveal())
		resp, err := client.Do(req)
		if err != nil {
			var u *url.Error
			if errors.As(err, &u) {
				err = u.Err
			}
			return 0, "", err
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(io.LimitReader(resp.Body, 300))
		if resp.Header.Get("X-Influxdb-Version") == "" && resp.Header.Get("X-Influxdb-Build") == "" {
			return 0, "", errors.New("something answers there that is not InfluxDB")
		}
		return resp.StatusCode, strings.TrimSpace(string(body)), nil
	}
	if _, _, err := ask(http.MethodGet, in.URL+"/ping"); err != nil {
		return failed(err)
	}
	q := url.Values{"org": {in.Org}, "bucket": {in.Bucket}, "precision": {"ns"}}
	status, body, err := ask(http.MethodPost, in.URL+"/api/v2/write?"+q.Encode())
	switch {
	case err != nil:
		return failed(err)
	case slices.Contains([]int{200, 204, 400}, status): // 2.x: there was nothing to write
		return well("", "answers, and takes readings for bucket %q", in.Bucket)
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return finding{Level: awful, Says: fmt.Sprintf("refuses the token (%d)", status), Do: "give a token that may write to the bucket; InfluxDB 1.8 takes \"user:password\""}
	case status == http.StatusNotFound:
		return finding{Level: awful, Says: fmt.Sprintf("has no bucket %q (404)", in.Bucket), Do: "make it there, or correct bucket (and org); InfluxDB 1.8 takes \"database/retention policy\""}
	}
	return finding{Level: awful, Says: fmt.Sprintf("answers %d: %s", status, body)}
}

// running reports whether a gateway runs on this folder.
func (f folder) running(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	c, err := new(net.Dialer).DialContext(ctx, "unix", f.control())
	if err != nil {
		return false
	}
	c.Close()
	return true
}
