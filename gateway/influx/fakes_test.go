package influx

import (
	"context"

	"github.com/influxdata/influxdb-client-go/v2/api"
	influxhttp "github.com/influxdata/influxdb-client-go/v2/api/http"
	"github.com/influxdata/influxdb-client-go/v2/api/write"
)

func bad(message string) error {
	return &influxhttp.Error{StatusCode: 400, Code: "invalid", Message: message}
}

func (m refusing) WritePoint(context.Context, ...*write.Point) error { return bad(string(m)) }
func (refusing) EnableBatching()                                     {}
func (refusing) Flush(context.Context) error                         { return nil }

type counting struct {
	n *int
	api.WriteAPIBlocking
}

func (c counting) WriteRecord(ctx context.Context, lines ...string) error {
	*c.n++
	return c.WriteAPIBlocking.WriteRecord(ctx, lines...)
}
