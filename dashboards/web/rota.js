// The rota: a week or a month of days, who is on call by each roster, and the
// hours in which nobody is, hatched and in words. A day opens: there a hole is
// filled, and turns are exchanged. Days are those of the site's clock, and have
// 23, 24 or 25 hours.
import { h } from "./dom.js";
import { w, problem } from "./words.js";
import { S, now, may } from "./state.js";
import { ms, wall, moment, dayAfter, shortClock, dayClock, shortDay, weekday, month } from "./time.js";
import { get, send } from "./act.js";

let mode = localStorage.getItem("telecare.rota") || "week";
let first = "", chosen = "", toOpen = "", known = null, read = -1e9, busy = false, said = "", done = "";

const today = () => wall(now()).day;
const monday = d => dayAfter(d, -((new Date(`${d}T00:00:00Z`).getUTCDay() + 6) % 7));
const length = () => mode === "week" ? 7 : 42;
const begin = () => mode === "week" ? monday(first) : monday(`${first.slice(0, 8)}01`);
const all = () => Array.from({ length: length() }, (_, i) => dayAfter(begin(), i));

// refreshRota reads what is shown, now and then, while it is looked at.
export async function refreshRota() {
  const wanted = /^\d{4}-\d\d-\d\d$/.test(S.arg) ? S.arg : first || today();
  if (wanted !== first) {
    first = wanted;
    read = -1e9;
  }
  if (busy || performance.now() - read < 60_000) return;
  busy = true;
  read = performance.now();
  const from = begin(), iso = d => encodeURIComponent(new Date(moment(d)).toISOString());
  try {
    const [x, holes, people, rests] = await Promise.all([
      get(`/rosters?at=${iso(from)}&until=${iso(dayAfter(from, length()))}`), get("/rosters/holes"), get("/people"), get("/rests")]);
    known = { from, rosters: x.rosters, holes: holes.holes, holesUntil: ms(holes.until), people: people.people, rests: rests.rests };
  } catch (e) {
    if (e.told) said = e.told;
  }
  busy = false;
  if (known && known.from !== begin()) read = -1e9;   // another one was asked for meanwhile
  S.redraw();
  if (toOpen && toOpen === first && known?.from === begin()) {
    chosen = "";
    choose(toOpen);
    toOpen = "";
  }
}

// open goes to a day, and opens it there.
function open(e, day) {
  e.preventDefault();
  show(day);
  toOpen = day;
  refreshRota();
}

function show(day) {
  first = chosen = "";
  location.hash = `#rota/${day}`;
}

function look(m) {
  mode = m;
  localStorage.setItem("telecare.rota", m);
  read = -1e9;
  refreshRota();
  S.redraw();
}

const overlaps = (x, from, until) => ms(x.from) < until && (!x.until || ms(x.until) > from);
const names = who => w.list(who.map(p => p.name));

// part says which hours of a day something takes: nothing for all of it.
const part = (x, from, until) => {
  const a = ms(x.from) > from ? shortClock(ms(x.from)) : "", b = x.until && ms(x.until) < until ? shortClock(ms(x.until)) : "";
  return a || b ? `${a || "00:00"}–${b || "24:00"}` : "";
};

function cell(day) {
  const t = w.rota, from = moment(day), until = moment(dayAfter(day, 1)), hours = Math.round((until - from) / 3_600_000);
  const holes = known.holes.filter(x => overlaps(x, from, until));
  return h("li", { key: day, class: [day === today() ? "today" : "", mode === "month" && day.slice(0, 7) !== first.slice(0, 7) ? "other" : ""].filter(Boolean).join(" ") || null },
    h("button", { type: "button", class: "day", "data-day": day, "aria-expanded": String(chosen === day), onclick: () => choose(day) }, h("span", {}, shortDay(moment(day, "12:00"))), hours !== 24 ? h("small", {}, t.hours(hours)) : null),
    known.rosters.map(r => h("div", { key: r.id, class: "roster" }, h("b", {}, r.name), r.on_call.filter(x => overlaps(x, from, until)).map(x => {
      const hole = !x.who.length && holes.some(o => o.id === r.id && overlaps(o, ms(x.from), ms(x.until) || until));
      return h("p", { class: hole ? "hole" : x.who.length ? null : "quiet-text" }, h("time", {}, part(x, from, until)), " ", hole ? t.hole : x.who.length ? names(x.who) : w.noOneOnCall);
    }))),
    holes.filter(x => x.what === "policy").map((x, i) => h("p", { key: `hole ${i}`, class: "hole" }, h("time", {}, part(x, from, until)), ` ${x.name}: ${w.holeIn.policy}`)));
}

function choose(day) {
  chosen = chosen === day ? "" : day;
  said = done = "";
  S.redraw();
  if (chosen) setTimeout(() => document.getElementById("rota-day")?.focus(), 0);
}

// rotaKeys: arrows go from day to day, Enter opens one, Escape closes it.
export function rotaKeys(e) {
  const day = document.activeElement?.dataset?.day, by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[e.key];
  if (e.key === "Escape" && chosen) {
    const back = chosen;
    chosen = "";
    setTimeout(() => document.querySelector(`[data-day="${back}"]`)?.focus(), 0);
    return true;
  }
  if (!by || !known) return false;
  const days = all(), i = days.indexOf(day || today()), to = day ? days[i + by] : days[Math.max(0, i)];
  if (to) document.querySelector(`[data-day="${to}"]`)?.focus();
  else if (day) {
    show(dayAfter(day, by));
    refreshRota();
    setTimeout(() => document.querySelector(`[data-day="${dayAfter(day, by)}"]`)?.focus(), 300);
  }
  return true;
}

// ---- one day ---------------------------------------------------------------------------

async function change(method, url, body, words) {
  said = done = "";
  try {
    const r = await send(method, `/api/v1${url}`, body);
    if (r.ok) done = words;
    else said = problem(await r.json());
  } catch {
    said = w.signInFailed;
  }
  read = -1e9;
  await refreshRota();
  S.redraw();
  return !said;
}

// free are those who could do it: of a role of that roster, not on duty then, and
// not resting.
function free(r, from, until) {
  const busy = new Set(known.rosters.flatMap(x => x.on_call).filter(x => overlaps(x, from, until)).flatMap(x => x.who.map(p => p.id)));
  const resting = new Set(known.rests.filter(x => overlaps(x, from, until)).map(x => x.person_id));
  const roles = new Set(r.on_call.flatMap(x => x.who).map(p => known.people.find(q => q.id === p.id)?.role));
  const can = known.people.filter(p => !resting.has(p.id) && !p.last_resort);
  const best = can.filter(p => !busy.has(p.id) && (!roles.size || roles.has(p.role)));
  return [best, can.filter(p => !best.includes(p))];
}

const option = p => h("option", { key: p.id, value: p.id }, p.name || p.id);
const people = (name, groups, label) => h("label", {}, label, h("select", { name, required: true }, h("option", { value: "" }, w.choose),
  groups[0].length ? h("optgroup", { key: "free", label: w.rota.free }, groups[0].map(option)) : null,
  groups[1].length ? h("optgroup", { key: "rest", label: w.rota.others }, groups[1].map(option)) : null));

function forms(r, day, from, until) {
  if (!may("rosters:write")) return null;
  const t = w.rota, path = `/rosters/${encodeURIComponent(r.id)}`;
  const hole = known.holes.find(x => x.id === r.id && overlaps(x, from, until)) || known.holes.find(x => x.what === "policy" && overlaps(x, from, until) && r.on_call.some(o => !o.who.length && overlaps(o, ms(x.from), ms(x.until))));
  const a = hole ? Math.max(ms(hole.from), from) : from, b = hole ? ms(hole.until) : until, local = x => { const y = wall(x); return `${y.day}T${y.time}`; };
  const iso = v => { const [d, c] = v.split("T"); return new Date(moment(d, c)).toISOString(); };
  const times = f => ({ from: iso(f.from.value), until: iso(f.until.value) });
  return [
    h("form", { key: `put ${day} ${hole?.from || ""}`, class: "put", onsubmit: e => {
      e.preventDefault();
      const f = e.target.elements, body = { who: [f.who.value], ...times(f) };
      if (f.instead?.value) body.instead = f.instead.value;
      change("POST", `${path}/overrides`, body, t.put(known.people.find(p => p.id === f.who.value)?.name || "", r.name)).then(ok => ok && e.target.reset());
    } }, h("h4", {}, hole ? t.fill : t.override), people("who", free(r, a, b), t.who),
      h("label", {}, t.from, h("input", { name: "from", required: true, init: { type: "datetime-local", value: local(a), defaultValue: local(a) } })),
      h("label", {}, t.until, h("input", { name: "until", required: true, init: { type: "datetime-local", value: local(b), defaultValue: local(b) } })),
      hole ? null : h("label", {}, t.instead, h("select", { name: "instead" }, h("option", { value: "" }, t.everybody), known.people.filter(p => r.on_call.some(x => overlaps(x, from, until) && x.who.some(q => q.id === p.id))).map(option))),
      h("button", { class: "act" }, t.do)),
    h("details", { key: `swap ${day}` }, h("summary", {}, t.swap), h("form", { class: "put", onsubmit: e => {
      e.preventDefault();
      const f = e.target.elements;
      change("POST", `${path}/swaps`, { who: f.who.value, turn: f.turn.value, with: f.with.value, for: f.for.value }, t.swapped);
    } }, people("who", [known.people.filter(p => r.on_call.some(x => overlaps(x, from, until) && x.who.some(q => q.id === p.id))), []], t.gives),
      h("label", {}, t.turn, h("input", { name: "turn", required: true, init: { type: "date", value: day, defaultValue: day } })),
      people("with", [known.people.filter(p => r.on_call.some(x => x.who.some(q => q.id === p.id))), []], t.takes),
      h("label", {}, t.turnFor, h("input", { name: "for", required: true, init: { type: "date" } })), h("button", {}, t.swapDo))),
  ];
}

function opened() {
  const t = w.rota, from = moment(chosen), until = moment(dayAfter(chosen, 1)), when = x => `${dayClock(Math.max(ms(x.from), from), from)} – ${x.until ? dayClock(ms(x.until), from) : "…"}`;
  const away = known.rests.filter(x => overlaps(x, from, until)), off = chosen === today() ? known.people.filter(p => p.break_until) : [];
  return h("section", { key: "opened", class: "opened", "aria-labelledby": "rota-day" }, h("h2", { id: "rota-day", tabindex: "-1" }, weekday(moment(chosen, "12:00"))),
    h("button", { type: "button", onclick: () => choose(chosen) }, w.hide),
    said ? h("p", { class: "said", role: "alert" }, said) : null, done ? h("p", { class: "said", role: "status" }, done) : null,
    away.length ? h("p", { class: "quiet-text" }, away.map(x => `${x.person}: ${t.rests}${x.stand_ins.length ? `. ${w.standIn(x.stand_ins)}` : ""}`).join(" ")) : null,
    off.length ? h("p", { class: "quiet-text" }, off.map(p => `${p.name}: ${t.onBreak(shortClock(ms(p.break_until)))}`).join(" ")) : null,
    known.rosters.map(r => h("div", { key: `${r.id} ${chosen}`, class: "one-roster" }, h("h3", {}, r.name),
      h("ul", {}, r.on_call.filter(x => overlaps(x, from, until)).map((x, i) => h("li", { key: i, class: x.who.length ? null : "hole" }, h("time", {}, when(x)), " ", x.who.length ? names(x.who) : w.noOneOnCall))),
      r.overrides.filter(x => overlaps(x, from, until)).map((x, i) => h("p", { key: `o${i}` }, t.overridden(names(x.who), `${dayClock(ms(x.from), from)} – ${dayClock(ms(x.until), from)}`), " ",
        may("rosters:write") ? h("button", { type: "button", onclick: () => change("DELETE", `/rosters/${encodeURIComponent(r.id)}/overrides?at=${encodeURIComponent(new Date(Math.max(ms(x.from), from)).toISOString())}`, null, t.takenOut) }, t.takeOut) : null)),
      forms(r, chosen, from, until), h("p", {}, h("a", { href: r.calendar }, t.calendar(r.name))))));
}

export function rota() {
  const t = w.rota;
  if (!known || known.from !== begin()) return h("main", { id: "main", key: "rota", class: "rota", tabindex: "-1" }, h("h1", { key: "h" }, t.title), h("p", { key: "boot", role: "status" }, said || w.loading));
  const days = all(), step = mode === "week" ? 7 : 0, to = by => step ? dayAfter(first, by * step) : dayAfter(`${first.slice(0, 8)}15`, by * 30).slice(0, 8) + "01";
  return h("main", { id: "main", key: "rota", class: `rota ${mode}`, tabindex: "-1" },
    h("h1", { key: "h" }, t.title),
    h("div", { class: "steer", key: "steer" }, h("button", { type: "button", onclick: () => show(to(-1)), "aria-label": t.earlier }, "←"), h("button", { type: "button", onclick: () => show(today()) }, t.today),
      h("button", { type: "button", onclick: () => show(to(1)), "aria-label": t.later }, "→"), h("b", {}, month(moment(first, "12:00"))),
      h("div", { class: "modes", role: "group", "aria-label": t.span }, ["week", "month"].map(m => h("button", { type: "button", key: m, "aria-pressed": String(mode === m), onclick: () => look(m) }, t[m])))),
    h("p", { key: "sum", role: "status", class: known.holes.length ? "hole" : "quiet-text" }, w.holes(known.holes.length), known.holes.length ? [": ", h("a", { href: `#rota/${wall(ms(known.holes[0].from)).day}`, onclick: e => open(e, wall(ms(known.holes[0].from)).day) }, `${known.holes[0].name}, ${dayClock(ms(known.holes[0].from), now())} – ${dayClock(ms(known.holes[0].until), now())}`)] : `: ${w.noHoles}`),
    known.rosters.length ? h("ol", { class: "days", key: "days" }, days.map(cell)) : h("p", { key: "none" }, t.none),
    chosen && days.includes(chosen) ? opened() : null);
}
