package main

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	pages "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"telecare/gateway/gatewaytest"
)

// painting opens the demo's page in a browser that has never seen it, on a desk
// and on a slow phone far away: until something is painted, and until the ward is
// on the screen.
func (f *figures) painting(t *testing.T) {
	demo := startDemo(t)
	for _, x := range []struct {
		name          string
		width, height int
		slower        float64 // processor, times
		latency, rate float64 // of the network: ms, bytes a second; 0: this machine
	}{
		{"desk", 1280, 800, 1, 0, 0},
		{"phone, a processor four times slower, 1.6 Mbit/s, 150 ms", 360, 740, 4, 150, 200_000},
	} {
		tab := gatewaytest.Browser(t, x.width, x.height)
		if _, err := chromedp.Call(tab.Context, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: x.slower}); err != nil {
			t.Fatal(err)
		}
		if x.rate > 0 {
			slow := network.Conditions{Latency: x.latency, DownloadThroughput: x.rate, UploadThroughput: x.rate}
			if _, err := chromedp.Call(tab.Context, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{&slow}}); err != nil {
				t.Fatal(err)
			}
		}
		const drawn = `new MutationObserver(() => { if (!window.drawn && document.querySelector("main")) window.drawn = performance.now(); }).observe(document, { childList: true, subtree: true });`
		if _, err := chromedp.Call(tab.Context, pages.AddScriptToEvaluateOnNewDocument, pages.AddScriptToEvaluateOnNewDocumentParams{Source: drawn}); err != nil {
			t.Fatal(err)
		}
		tab.Open(demo.url)
		tab.Await(`window.drawn && performance.getEntriesByName("first-contentful-paint").length`)
		name := "page, seen for the first time, " + x.name
		f.add(name+", first paint", "ms", gatewaytest.Eval[float64](tab, `performance.getEntriesByName("first-paint")[0].startTime`))
		f.add(name+", until the ward is drawn", "ms", gatewaytest.Eval[float64](tab, `window.drawn`))
		f.add(name+", all files on the wire", "KB", gatewaytest.Eval[float64](tab, `performance.getEntriesByType("resource").concat(performance.getEntriesByType("navigation")).filter(e => new URL(e.name).pathname === "/" || e.name.includes("/web/")).reduce((n, e) => n + e.transferSize, 0) / 1000`))
	}
	demo.stop(t)
}
