package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"telecare/alerting"
	"telecare/alerting/report"
	"telecare/devices"
	"telecare/devices/serial"
	"telecare/gateway"
	"telecare/gateway/config"
	"telecare/gateway/registry"
)

// numbers makes reports of a gateway's journal, one at a time.
type numbers struct {
	history gateway.History
	marks   gateway.Marks
	rest    func(worked time.Duration) // nil: there is nobody to give way to
	now     func() (*config.Config, *registry.Site)
	turn    chan struct{} // holds one while nobody works

	mu   sync.Mutex
	made []madeReport // that nothing can change any more, the newest last
}

type madeReport struct {
	span     report.Span
	revision int64
	*report.Report
}

// keptReports are as many as somebody compares.
const keptReports = 4

func newNumbers(h gateway.History, m gateway.Marks, rest func(time.Duration), now func() (*config.Config, *registry.Site)) *numbers {
	n := &numbers{history: h, marks: m, rest: rest, now: now, turn: make(chan struct{}, 1)}
	n.turn <- struct{}{}
	return n
}

// Report implements dashboards.Numbers.
func (n *numbers) Report(ctx context.Context, span report.Span) (*report.Report, error) {
	select {
	case <-n.turn:
		defer func() { n.turn <- struct{}{} }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	cfg, site := n.now()
	if r := n.find(span, site.Revision); r != nil {
		return r, nil
	}
	fold := report.New(report.Options{
		Span: span, Zone: site.Zone.Location, Behind: behind(cfg, site), Unsupervised: unsupervised(site),
	})
	at := time.Now()
	past := gateway.Past{History: n.history, Marks: n.marks, Rest: n.rest}
	if err := past.Tell(ctx, span.From, []time.Time{span.Until}, counting{fold}); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	r := fold.Report(at)
	r.Site, r.Lang = site.Key, site.Lang
	if fold.Over() {
		n.keep(madeReport{span, site.Revision, r})
	}
	return r, nil
}

func (n *numbers) find(span report.Span, revision int64) *report.Report {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, m := range n.made {
		if m.span.From.Equal(span.From) && m.span.Until.Equal(span.Until) && m.span.Month == span.Month && m.revision == revision {
			return m.Report
		}
	}
	return nil
}

func (n *numbers) keep(m madeReport) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.made = append(n.made, m); len(n.made) > keptReports {
		n.made = slices.Delete(n.made, 0, 1)
	}
}

// counting has a fold listen to what happened.
type counting struct{ *report.Fold }

func (c counting) Next(m *alerting.Machine, x gateway.Moment) bool {
	c.Step(x.At, x.Input, x.Effects, m, x.Same)
	return c.Over()
}

// giveWay rests as long as was worked: a report is in no hurry, and presses are.
func giveWay(worked time.Duration) { time.Sleep(min(worked, 100*time.Millisecond)) }

// unsupervised says which devices give no sign of life.
func unsupervised(site *registry.Site) func(devices.ID) bool {
	none := map[devices.ID]bool{}
	for _, d := range site.Devices {
		none[d.ID] = d.Unsupervised || d.HeardEvery <= 0
	}
	return func(d devices.ID) bool { return none[d] }
}

// behind says through which sources devices can be heard: a serial line of their
// format, or any broker for what comes over MQTT. Which of several brokers it
// is, the journal does not know.
func behind(cfg *config.Config, site *registry.Site) func(devices.ID) []string {
	ways := map[string][]string{} // by format
	var brokers []string
	for _, s := range cfg.Sources {
		if s.Serial != nil {
			ways[s.Serial.Format] = append(ways[s.Serial.Format], s.Name)
		} else {
			brokers = append(brokers, s.Name)
		}
	}
	formats := map[devices.ID]string{}
	for _, d := range site.Devices {
		formats[d.ID], _, _ = strings.Cut(string(d.Address), "/")
	}
	return func(d devices.ID) []string {
		f := formats[d]
		if f == "" || ways[f] != nil || slices.Contains(serial.Formats(), f) {
			return ways[f]
		}
		return brokers
	}
}

// marksFolder keeps states of the machine, a file each. All of it may be
// deleted: it is made of the journal, and only saves time. It holds opaque ids, as
// the journal does.
type marksFolder struct {
	dir string
	log *slog.Logger
}

func (f folder) marks(log *slog.Logger) marksFolder {
	return marksFolder{filepath.Join(string(f), "reports"), log}
}

const markName = "20060102T150405Z.state"

// mostMarks are those of two years of months, and of some other periods.
const mostMarks = 40

func (f marksFolder) Before(at time.Time) []byte {
	names, err := f.names()
	if err != nil {
		f.log.Warn("states for reports cannot be read: the whole journal is", "error", err)
	}
	for _, name := range slices.Backward(names) {
		if t, err := time.Parse(markName, name); err == nil && !t.After(at) {
			b, err := os.ReadFile(filepath.Join(f.dir, name))
			if err == nil {
				return b
			}
		}
	}
	return nil
}

func (f marksFolder) Keep(at time.Time, mark []byte) {
	if err := f.write(at.UTC().Format(markName), mark); err != nil {
		f.log.Warn("a state for reports is not kept: the next report of that time takes as long", "error", err)
	}
}

func (f marksFolder) write(name string, mark []byte) error {
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return err
	}
	path := filepath.Join(f.dir, name)
	if err := os.WriteFile(path+".new", mark, 0o600); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	names, err := f.names()
	for len(names) > mostMarks {
		err = errors.Join(err, os.Remove(filepath.Join(f.dir, names[0])))
		names = names[1:]
	}
	return err
}

// names lists the files, the oldest moment first.
func (f marksFolder) names() ([]string, error) {
	list, err := os.ReadDir(f.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var out []string
	for _, e := range list {
		if strings.HasSuffix(e.Name(), ".state") {
			out = append(out, e.Name())
		}
	}
	return out, err
}
