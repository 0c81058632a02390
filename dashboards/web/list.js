// The list of alarms, and what else stands beside the alarm that is shown.
import { h } from "./dom.js";
import { w, problem, fault } from "./words.js";
import { S, now, time, groups, choose, waiting, open, closed } from "./state.js";
import { ms, age, clock, span } from "./time.js";
import { title, stateLine, calledLine, pmark, ageOf } from "./alarm.js";
import { post } from "./act.js";
import { technical, technicals } from "./technical.js";

const at = t => clock(ms(t), now());

function row(a) {
  const done = a.state === "closed";
  const taken = ms(a.acked_at) ? span(ms(a.acked_at) - ms(a.raised_at)) : "";
  return h("button", {
    type: "button", key: a.id, class: `item ${a.state} ${a.priority}`, "aria-current": a.id === S.sel ? "true" : null,
    onclick: () => {
      choose(a.id);
      if (S.view !== "alarms") location.hash = "#alarms";
      if (S.narrow) scrollTo(0, 0);
      S.redraw();
    },
  },
    done ? h("span", { class: "mark-none", "aria-hidden": "true" }, "✓") : pmark(a),
    h("span", { class: "p" }, title(a)),
    done ? h("span", { class: "a" }) : ageOf(a, { class: "a" }),
    h("span", { class: "s" }, done ? w.closedLine(at(a.closed_at), w.outcomesShort[a.outcome] || a.outcome, taken)
      : a.state === "raised" ? calledLine(a) : stateLine(a)));
}

const group = (name, list) => list.length ? h("div", { key: name, class: "group" }, h("h2", {}, w.heading[name](list.length)), list.map(row)) : null;

// list is the desk's left column.
export function list() {
  const g = groups();
  return h("nav", { class: "list", key: "list", "aria-label": w.openAlarms },
    h("div", { class: "rows", key: "rows" },
      group("raised", g.raised), group("held", g.held),
      !g.raised.length && !g.held.length ? h("p", { class: "none", key: "none" }, w.noAlarmKnown) : null,
      group("closed", g.closed)),
    h("div", { class: "foot", key: "foot" }, demo(), byHand(), keys()));
}

// others are the alarms that nobody has and a phone does not show, as rows to
// choose: how many, and the first two, above the fold.
const first = 2;
export function others(a) {
  const r = groups().raised.filter(x => x.id !== a?.id);
  return r.length ? h("section", { class: "others", key: "others" }, h("h2", {}, a ? w.otherRaised(r.length) : w.heading.raised(r.length)), r.slice(0, first).map(row)) : null;
}

export function rest(a) {
  const g = groups(), not = x => x.id !== a?.id;
  const more = a ? g.raised.filter(not).slice(first) : g.raised, held = g.held.filter(not), done = g.closed.filter(not);
  return [
    more.length ? h("section", { class: "others", key: "more" }, h("h2", {}, w.heading.raised(more.length)), more.map(row)) : null,
    demo(),
    held.length ? h("section", { class: "others", key: "held" }, h("h2", {}, w.otherHeld), held.map(row)) : null,
    done.length ? h("section", { class: "others", key: "done" }, h("h2", {}, w.heading.closed(done.length)), done.map(row)) : null,
    byHand(),
  ];
}

// waitingBar tells of alarms that wait until no hand is over the list. It lies
// over the page, so that nothing moves.
export function waitingBar() {
  const list = waiting();
  if (!list.length) return null;
  const a = list[0];
  return h("p", { class: "waiting", key: "waiting" }, pmark(a, true), h("span", {}, h("b", {}, w.newAlarm), ` ${title(a)}`), 
    h("button", { type: "button", onclick: () => { S.pointer = S.overList = -1e9; choose(a.id); S.redraw(); } }, w.show));
}

// quiet says that all is quiet, with proof: since when, and how many devices
// were heard.
export function quiet() {
  const ended = closed().map(a => ms(a.closed_at)), from = Math.max(ms(S.since), ...ended);
  const devices = [...S.devices.values()], n = life => devices.filter(d => d.life === life).length;
  const able = devices.length - n("unsupervised"), lost = n("unknown") + n("silent");
  const sweep = Math.floor(time() / 1000) % 60 / 60 * 100;
  return h("section", { class: "allquiet", key: "quiet" },
    h("svg", { class: "ring", viewBox: "0 0 100 100", "aria-hidden": "true" },
      h("circle", { cx: 50, cy: 50, r: 46 }),
      h("circle", { class: "sweep", cx: 50, cy: 50, r: 46, pathLength: 100, "stroke-dasharray": `${sweep} 100`, transform: "rotate(-90 50 50)" })),
    h("div", {},
      h("h1", { class: lost || S.faults.size ? "long" : null }, lost || S.faults.size ? w.noAlarm : w.quiet),
      h("p", {}, w.quietFor(age(now() - from)), ", ", w.since(at(new Date(from).toISOString())), "."),
      devices.length ? h("p", {}, w.heardOf(n("heard"), able), " ", n("unsupervised") ? w.unsupervised(n("unsupervised")) : null) : null,
      lost ? h("p", { class: "lost-devices" }, w.notHeard(lost)) : null));
}

// faults is the hatched strip: colourless, so that it is never taken for an
// alarm.
export function faults() {
  const order = { unheard: 0, soon: 1, nuisance: 2 };
  const list = [...S.faults.values()].sort((a, b) => (order[a.severity] ?? 3) - (order[b.severity] ?? 3) || ms(a.since) - ms(b.since));
  const alarms = technicals();
  if (!list.length && !alarms.length) return null;
  return h("section", { class: "faultbar", key: "faults", "aria-label": w.fault },
    h("span", { class: "mark fault" }, h("i", { "aria-hidden": "true" }, "T"), h("span", { class: "sr" }, w.fault)),
    h("p", {}, list.slice(0, 2).map((f, i) => {
      const [what, means] = fault(f.code, f.name);
      return h("span", {}, i ? " " : null, h("b", {}, `${what}, ${w.faultSince(at(f.since))}`), means ? `: ${means}.` : ".");
    })),
    h("p", {}, list.length > 2 ? w.moreFaults(list.length - 2) : null),
    alarms.map(technical));
}

// ---- the demo ------------------------------------------------------------------

let said = "";
const chosen = { press: "", fall: "" };

function simulate(does, device) {
  S.wanted = device.id;
  said = does === "press" ? w.demoPressed(device.name) : w.demoFell(device.name);
  post(`/api/v1/demo/${does}`, { device: device.id }).then(async r => {
    if (!r.ok) said = problem(await r.json());
    S.redraw();
  }).catch(() => { said = w.signInFailed; S.redraw(); });
  S.redraw();
}

export function demo() {
  if (!S.demo.length || !S.you.demo) return null;
  const busy = new Set(open().map(a => a.device));
  const part = (does, which, label) => {
    const list = S.demo.filter(d => d.does === does);
    if (!list.length) return null;
    const pick = list.find(d => d.id === chosen[does]) || list.find(d => !busy.has(d.id)) || list[0];
    return h("div", { class: "sim", key: does },
      h("select", { "aria-label": which, value: pick.id, onchange: e => { chosen[does] = e.target.value; S.redraw(); } },
        list.map(d => h("option", { key: d.id, value: d.id }, d.name))),
      h("button", { type: "button", class: does === "press" ? "go" : null, onclick: () => { chosen[does] = ""; simulate(does, pick); } }, label));
  };
  return h("section", { class: "demo", key: "demo" }, h("h2", {}, w.demo),
    h("p", { class: "quiet-text", role: "status" }, S.wanted && said || w.demoSays),
    part("press", w.demoWhich, w.press), part("fall", w.demoWhichFall, w.fall),
    h("details", { key: "each" }, h("summary", {}, w.demoEach), h("div", { class: "each" },
      S.demo.map(d => h("button", { type: "button", key: d.id, onclick: () => simulate(d.does, d) },
        d.does === "press" ? w.demoPress(d.name) : w.demoFall(d.name))))));
}

// ---- raise by hand ---------------------------------------------------------------

let raising = "";

export function byHand() {
  if (S.you.link || S.you.role !== "centre" && S.you.role !== "nurse") return null;
  const stars = k => ["panic", "fall", "medical", "smoke", "gas", "co"].includes(k) ? w.stars.high : k === "inactivity" ? w.stars.low : w.stars.medium;
  return h("details", { class: "byhand", key: "byhand" },
    h("summary", { id: "byhand" }, w.byHandTitle, S.narrow ? null : h("kbd", { "aria-hidden": "true" }, "N")),
    h("form", { onsubmit: async e => {
      e.preventDefault();
      const f = e.target;
      try {
        const r = await post("/api/v1/alarms", { place: f.place.value, kind: f.kind.value });
        raising = r.ok ? "" : problem(await r.json());
        if (r.ok) { f.reset(); f.parentNode.open = false; }
      } catch {
        raising = w.signInFailed;
      }
      S.redraw();
    } },
      h("label", {}, w.byHandWhere, h("select", { name: "place", required: true },
        h("option", { value: "" }, w.choose), (S.site.places || []).map(p => h("option", { key: p.id, value: p.id }, p.name)))),
      h("label", {}, w.byHandWhat, h("select", { name: "kind" }, w.order.kinds.map(k => h("option", { value: k }, `${stars(k)} ${w.kinds[k]}`)))),
      h("button", {}, w.byHandDo), raising ? h("p", { role: "status" }, raising) : null));
}

const KEYS = "telecare.keys";
export const keysOn = () => localStorage.getItem(KEYS) !== "off";

function keys() {
  return h("details", { class: "keys", key: "keys" }, h("summary", { id: "keys" }, w.keys, h("kbd", { "aria-hidden": "true" }, "?")),
    h("dl", {}, w.keyList.map(([k, what]) => [h("dt", {}, h("kbd", {}, k)), h("dd", {}, what)])),
    h("label", { class: "check" }, h("input", { init: { type: "checkbox", checked: keysOn() }, onchange: e => localStorage.setItem(KEYS, e.target.checked ? "on" : "off") }), w.keysOn));
}
