// Command relay is what somebody would write in an afternoon instead of
// telecare, and what telecare's figures are held against: it hears devices at a
// broker, posts a webhook for a press, and writes readings to InfluxDB in
// batches. It holds nothing on disk, answers before anything is kept, tries
// once, and knows nobody's roster.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	influxdb2 "github.com/influxdata/influxdb-client-go/v2"
	"github.com/influxdata/influxdb-client-go/v2/api/write"
)

// state is what a Zigbee device says.
type state struct {
	Action      string   `json:"action"`
	Battery     *float64 `json:"battery"`
	LinkQuality *float64 `json:"linkquality"`
	Temperature *float64 `json:"temperature"`
	Voltage     *float64 `json:"voltage"`
}

func main() {
	broker := flag.String("broker", "", "the broker's URL")
	webhook := flag.String("webhook", "", "who is called")
	url := flag.String("influx", "", "InfluxDB's URL")
	token := flag.String("token", "", "its token")
	bucket := flag.String("bucket", "", "its bucket")
	flag.Parse()

	points := make(chan *write.Point, 20000)
	influx := influxdb2.NewClient(*url, *token)
	go forward(influx, *bucket, points)

	heard := func(_ paho.Client, m paho.Message) {
		device := strings.TrimPrefix(m.Topic(), "zigbee2mqtt/")
		var s state
		if err := json.Unmarshal(m.Payload(), &s); err != nil {
			log.Print(err)
			return
		}
		if s.Action != "" {
			go call(*webhook, device)
		}
		fields := map[string]any{}
		for name, v := range map[string]*float64{"battery": s.Battery, "link_quality": s.LinkQuality, "temperature": s.Temperature, "voltage": s.Voltage} {
			if v != nil {
				fields[name] = *v
			}
		}
		if len(fields) > 0 {
			points <- influxdb2.NewPoint("device", map[string]string{"device": device, "source": "house"}, fields, time.Now())
		}
	}
	client := paho.NewClient(paho.NewClientOptions().AddBroker(*broker).SetClientID("relay"))
	if t := client.Connect(); t.Wait() && t.Error() != nil {
		log.Fatal(t.Error())
	}
	if t := client.Subscribe("zigbee2mqtt/#", 1, heard); t.Wait() && t.Error() != nil {
		log.Fatal(t.Error())
	}
	fmt.Println("ready")
	select {}
}

// forward writes up to 5,000 points at once, at least ten times a second.
func forward(c influxdb2.Client, bucket string, points <-chan *write.Point) {
	api := c.WriteAPIBlocking("", bucket)
	tick := time.NewTicker(100 * time.Millisecond)
	var batch []*write.Point
	flush := func() {
		if len(batch) > 0 {
			if err := api.WritePoint(context.Background(), batch...); err != nil {
				log.Print(err)
			}
			batch = batch[:0]
		}
	}
	for {
		select {
		case p := <-points:
			if batch = append(batch, p); len(batch) == 5000 {
				flush()
			}
		case <-tick.C:
			flush()
		}
	}
}

func call(webhook, device string) {
	body, _ := json.Marshal(map[string]any{"kind": "panic", "place": device, "raised_at": time.Now()})
	r, err := http.Post(webhook, "application/json", bytes.NewReader(body))
	if err != nil {
		log.Print(err)
		return
	}
	io.Copy(io.Discard, r.Body)
	r.Body.Close()
}
