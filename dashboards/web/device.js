// One device: how it is, when its battery ends, in which hours of the last week
// it was heard, what it says on the wire, and a test of it. An hour of which
// nothing is known is hatched: it is neither heard nor missed.
import { h } from "./dom.js";
import { w, problem } from "./words.js";
import { S, now } from "./state.js";
import { ms, clock, date, wall, moment, dayAfter } from "./time.js";
import { get, post } from "./act.js";

const HOUR = 3_600_000, DAYS = 7;
let of = "", week = null, tests = null, said = "", asked = -1e9;

// readDevice reads what is known of it, every half minute.
export async function readDevice() {
  if (S.arg !== of) {
    week = tests = null;
    said = "";
    asked = -1e9;
    of = S.arg;
  }
  if (!of || performance.now() - asked < 30_000) return;
  asked = performance.now();
  const mine = of;
  try {
    const [x, t] = await Promise.all([get(`/devices/${encodeURIComponent(mine)}/week`), get("/tests")]);
    if (mine !== of) return;
    week = x;
    tests = t.tests;
    S.redraw();
  } catch { /* the page says by itself when the gateway does not answer */ }
}

async function test(d, minutes) {
  said = "";
  try {
    const r = await post("/api/v1/tests", { what: d.id, minutes });
    if (!r.ok) said = problem(await r.json());
  } catch {
    said = w.signInFailed;
  }
  asked = -1e9;
  S.redraw();
}

function testing(d) {
  const t = w.device;
  if (!S.you.scopes?.includes("tests:write")) return null;
  const on = (tests || []).find(x => x.id === d.id);
  return h("section", { key: "test" }, h("h2", {}, t.test), said ? h("p", { class: "said", role: "alert" }, said) : null,
    on ? [h("p", { role: "status" }, on.heard.length ? t.testHeard : t.testRuns(clock(ms(on.until), now()))), h("button", { type: "button", onclick: () => test(d, 0) }, w.end)]
      : [h("p", { class: "quiet-text" }, t.testSays), h("button", { type: "button", onclick: () => test(d, 30) }, t.testDo)]);
}

// days are the last seven on the site's clock, each with its hours: 23, 24 or 25.
function days() {
  const heard = new Map(week.hours.map(x => [ms(x.at), x])), since = ms(week.since), end = ms(week.at), today = wall(end).day;
  return Array.from({ length: DAYS }, (_, i) => {
    const day = dayAfter(today, i - DAYS + 1), from = moment(day), until = moment(dayAfter(day, 1)), hours = [];
    for (let t = from; t < until && t <= end; t += HOUR) {
      const at = Math.floor(t / HOUR) * HOUR;
      hours.push({ t, is: heard.has(at) ? "heard" : at < since ? "unknown" : at + HOUR > end ? "running" : "missed" });
    }
    return { day, hours };
  });
}

function signs(d) {
  const t = w.device;
  if (!week) return h("p", { class: "quiet-text" }, w.loading);
  if (d.life === "unsupervised") return h("p", {}, t.noSigns);
  const n = (x, is) => x.hours.filter(o => o.is === is).length;
  return [h("p", { class: "quiet-text", key: "says" }, t.signsSays),
    h("ol", { class: "signs", key: "signs" }, days().map(x => h("li", { key: x.day }, h("b", {}, date(moment(x.day, "12:00"))),
      h("svg", { viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" },
        h("defs", {}, h("pattern", { id: `hatch-${x.day}`, width: 1.2, height: 10, patternUnits: "userSpaceOnUse" }, h("rect", { class: "hatch", width: .5, height: 10 }))),
        x.hours.map((o, i) => h("rect", { class: o.is, x: i * 4, y: o.is === "heard" ? 0 : 3, width: 3.6, height: o.is === "heard" ? 10 : 4, fill: o.is === "unknown" ? `url(#hatch-${x.day})` : null }))),
      h("span", {}, t.signsOf(n(x, "heard"), n(x, "missed"), n(x, "unknown"))))))];
}

// chart draws one quantity over the week.
function chart(name, unit, key, low, high) {
  const list = (week?.hours || []).filter(x => x[key] !== undefined).map(x => [ms(x.at), x[key]]);
  if (list.length < 2) return h("p", { class: "quiet-text", key }, w.device.tooFew(name));
  const end = ms(week.at), from = end - DAYS * 24 * HOUR, X = t => ((t - from) / (end - from) * 600).toFixed(1);
  const bottom = Math.min(low, ...list.map(x => x[1])), top = Math.max(high, ...list.map(x => x[1])), Y = v => ((top - v) / (top - bottom) * 100).toFixed(1);
  let path = "";
  list.forEach(([t, v], i) => { path += `${i && t - list[i - 1][0] <= 2 * HOUR ? "L" : "M"}${X(t)} ${Y(v)}`; });   // a gap stays one
  const say = v => `${Math.round(v)} ${unit}`.replace("-", "−"), last = list.at(-1)[1], least = Math.min(...list.map(x => x[1])), most = Math.max(...list.map(x => x[1]));
  return h("figure", { class: "chart", key }, h("figcaption", {}, w.device.chart(name, say(last), say(least), say(most))),
    h("div", {}, h("p", { "aria-hidden": "true" }, h("span", {}, say(top)), h("span", {}, say(bottom))),
      h("svg", { viewBox: "0 0 600 100", preserveAspectRatio: "none", "aria-hidden": "true" },
        [1, 2, 3, 4, 5, 6].map(i => h("path", { class: "grid", d: `M${i * 600 / 7} 0V100` })), h("path", { class: "curve", d: path }))));
}

function forecast(d) {
  const b = d.battery, t = w.device;
  if (!b?.weeks_left) return null;
  return t.empty(date(now() + b.weeks_left * 7 * 24 * HOUR));
}

// device draws one; parts are how the list says its state.
export function device(d, parts) {
  const t = w.device, c = w.deviceCols, fact = (name, ...value) => [h("dt", {}, name), h("dd", {}, ...value)];
  return h("main", { id: "main", key: `device ${d.id}`, class: "one", tabindex: "-1" },
    h("p", { key: "back" }, h("a", { class: "back", href: "#devices" }, t.back)),
    h("header", { key: "head" }, h("h1", {}, d.name), h("p", { class: "quiet-text" }, [w.roles[d.kind] || d.kind, d.place, d.source].filter(Boolean).join(", "))),
    h("section", { key: "facts" }, h("dl", { class: "facts" },
      fact(c.state, parts.state(d)), fact(c.last, parts.last(d)), fact(c.battery, parts.battery(d), forecast(d) ? h("p", {}, forecast(d)) : null,
        d.battery?.replaced ? h("p", { class: "quiet-text" }, t.replaced(wall(ms(d.battery.replaced)).day)) : null),
      fact(c.signal, parts.signal(d)), d.address ? fact(t.wire, h("code", { class: "wire" }, d.address)) : null)),
    h("section", { key: "signs" }, h("h2", {}, t.signs), signs(d)),
    h("section", { key: "charts" }, h("h2", {}, t.charts), week ? [chart(c.battery, "%", "battery", 0, 100), chart(c.signal, "dBm", "rssi", -110, -40)] : null),
    testing(d),
    S.you.technical ? h("section", { key: "wire", class: "side" }, parts.frames() || h("button", { type: "button", onclick: () => parts.readFrames(d.id) }, w.framesOf(d.name))) : null);
}
