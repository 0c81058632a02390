// Package peer pins InfluxDB 1.8.10 as a neighbour for tests, apart from the
// gateway's own dependencies. Built by `make peers` with the ordinary Go client.
package peer
