// The board on the wall: read from five metres, nothing to press, nothing that
// a visitor may not read.
import { h } from "./dom.js";
import { w } from "./words.js";
import { S, now, time, stale, silence, open, closed } from "./state.js";
import { ms, age, clock, shortClock, dayClock, weekday } from "./time.js";
import { kind, place, pmark, left, ageOf, nextLine } from "./alarm.js";
import { quiet, faults } from "./list.js";

const at = t => clock(ms(t), now());
const who = a => (a.persons || []).map(p => p.initials).join(", ");

// Room 7, bathroom is Room 7 and, smaller, bathroom.
function where(a, small) {
  const [first, ...more] = place(a).split(", ");
  return small || !more.length ? place(a) : [first, " ", h("small", {}, more.join(", "))];
}

function panel(a, small) {
  const held = a.state !== "raised", n = nextLine(a);
  return h("article", { key: a.id, class: `panel ${held ? "held" : "raised"} ${a.priority}${small ? " small" : ""}` },
    pmark(a),
    h("div", {}, h("p", { class: "what" }, kind(a), " ", h("span", {}, who(a))), h("h2", { class: "where" }, where(a, held || small))),
    h("div", {}, h("p", { class: "age" }, ageOf(a)),
      h("p", { class: "age-note" }, held ? `${a.state === "attended" ? `● ${w.boardThere(a.holder)}` : `→ ${w.boardWay(a.holder)}`}${a.help_wanted ? `, ${w.wantsHelp}` : ""}`
        : w.sinceNobody(at(a.raised_at)))),
    held || small ? null : h("ol", { class: "steps" }, steps(a, n)));
}

// done says who was called in a step that is over: whoever was on a break was not.
function done(a, k, plan) {
  const was = a.called_before?.[k - 1] || [];
  return was.length ? [w.list(was), was.every(n => a.declined?.includes(n)) ? w.boardCannot : w.boardDone] : [plan, w.boardNobody];
}

// steps are the one before, the one now, and the next with its time.
function steps(a, n) {
  const all = a.steps || [], from = Math.max(0, Math.min(a.step - 2, all.length - 3));
  return all.slice(from, from + 3).map((s, i) => {
    const k = from + i + 1, next = k === a.step + 1;
    const over = k < a.step ? done(a, k, s.call) : null;
    const names = over ? over[0] : k === a.step && a.called?.length ? w.list(a.called) : s.call;
    return h("li", { key: k, class: over ? "done" : k > a.step ? "then" : null },
      h("b", {}, `${k} ${names}`),
      over ? over[1] : k === a.step ? w.boardNow : next && n ? w.boardIn(left(n[0])) : w.boardThen);
  });
}

function tiles() {
  const alarms = new Map(), rank = { high: 0, medium: 1, low: 2 };
  for (const a of open().reverse()) alarms.set(a.place_id, a);
  const unheard = new Set([...S.devices.values()].filter(d => d.life === "unknown" || d.life === "silent").map(d => d.place_id));
  const list = S.site.places || [];
  const short = n => n.split(", ")[0].replace(/^(room|pokój)\s+/i, "");   // a tile is small; panels say all
  return h("ul", { class: "places", key: "places", "aria-label": w.boardTiles }, list.map(p => {
    const a = stale() ? null : alarms.get(p.id), lost = stale() || unheard.has(p.id);
    const cls = a ? (a.state === "raised" ? `is-${a.priority}` : `is-held ${a.priority}`) : lost ? "is-unheard" : null;
    const sign = a ? `${w.stars[a.priority]}${a.state === "raised" ? "" : a.state === "attended" ? " ●" : " →"}` : lost ? "?" : "";
    const says = a ? (a.state === "raised" ? w.tileRaised : w.tileHeld) : lost ? w.tileUnheard : w.tileQuiet;
    return h("li", { key: p.id, class: [cls, short(p.name).length > 4 ? "long" : ""].filter(Boolean).join(" ") || null }, short(p.name), h("small", {}, h("span", { "aria-hidden": "true" }, sign), h("span", { class: "sr" }, says)));
  }));
}

function notLive() {
  const since = S.heardServer;
  return [
    h("section", { class: "notlive", key: "notlive" },
      h("h1", {}, w.notLive),
      h("p", { class: "age" }, since ? age(silence()) : null),
      h("p", {}, since ? w.noWord(clock(since)) : w.noWordYet),
      h("p", {}, w.triedOn),
      h("p", { class: "do" }, h("b", {}, w.goByPhones), S.site?.phone ? h("span", {}, ` ${w.centre} ${S.site.phone}`) : null)),
    since ? h("section", { class: "lastknown", key: "lastknown" }, h("h2", {}, w.asAt(clock(since))),
      open().slice(0, 4).map(a => h("article", { class: "panel was", key: a.id }, pmark(a, true),
        h("div", {}, h("p", { class: "what" }, kind(a), " ", h("span", {}, who(a))), h("h3", { class: "where" }, place(a))),
        h("div", {}, h("p", { class: "age" }, w.since(at(a.raised_at))), h("p", { class: "age-note" }, a.holder || w.nobodyHasIt))))) : null,
  ];
}

// duty is who is on call, roster by roster, and until when: who would be called.
function duty() {
  const t = time(), rows = S.duty.map(r => [r.name, r.spans.find(s => ms(s.from) <= t && t < ms(s.until))]).filter(([, s]) => s);
  return rows.length && !stale() ? h("section", { class: "oncall", key: "duty" }, h("h2", {}, w.dutyNow), h("ul", {}, rows.slice(0, 4).map(([name, s]) =>
    h("li", { key: name, class: s.who.length ? null : "hole" }, h("b", {}, s.who.length ? w.list(s.who) : w.noOneOnCall), h("span", {}, `${name}, ${w.untilWhen(dayClock(ms(s.until), t))}`))))) : null;
}

const most = 8;   // rows that fit; the first are those that nobody has

export function board() {
  const list = S.site ? open() : [], raised = list.filter(a => a.state === "raised");
  const t = time(), called = new Map();
  for (const a of raised) for (const n of a.called || []) called.set(n, place(a));
  const last = S.site && closed()[0];
  return [
    h("main", { key: "main", id: "main" },
      stale() ? notLive() : [
        h("header", { class: "top", key: "top" }, h("h1", {}, S.site.name),
          h("p", {}, list.length ? w.count(list.length, raised.length) : `${w.noAlarm}, ${S.faults.size ? w.faultsOpen(S.faults.size) : w.noFault}`)),
        list.length ? h("section", { class: `alarms${list.length > 5 || raised.length > 3 ? " many" : list.length > 2 ? " tight" : ""}`, key: "alarms", "aria-label": w.openAlarms },
          list.slice(0, most).map(a => panel(a, raised.length > 1)),
          list.length > most ? h("p", { class: "more", key: "more" }, w.boardMore(list.length - most)) : null) : quiet(),
      ],
      S.site ? tiles() : null),
    h("aside", { key: "aside" },
      h("div", {}, h("p", { class: "clock num" }, shortClock(t), h("small", {}, clock(t).slice(-2))), h("p", { class: "date" }, weekday(t))),
      called.size && !stale() ? h("section", { class: "oncall", key: "called" }, h("h2", {}, w.calledNow), h("ul", {}, [...called].slice(0, 6).map(([n, p]) => h("li", { key: n }, h("b", {}, n), h("span", {}, p))))) : null,
      duty(),
      h("div", { class: "link" },
        stale() ? [h("p", {}, h("b", {}, w.notLive)), h("p", {}, w.ownClock)]
          : [h("p", { class: "live" }, w.liveHeard(Math.round(silence() / 1000))), last ? h("p", {}, w.lastAlarm(place(last), at(last.closed_at))) : null],
        h("p", {}, h("a", { href: "/" }, w.alarms)))),
    stale() ? null : faults(),
  ];
}
