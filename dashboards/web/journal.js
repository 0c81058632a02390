// Alarms of any time: found by what they were, and one of them told again, with
// what was known after each thing that happened. Nobody is named there who
// called: it is over.
import { h } from "./dom.js";
import { w } from "./words.js";
import { S, now, may } from "./state.js";
import { get, why } from "./act.js";
import { ms, clock, span, wall, moment, dayAfter } from "./time.js";
import { kind, place, title, stateLine, nextLine, tried, pmark } from "./alarm.js";

const none = { q: "", from: "", until: "", place: "", kind: "", outcome: "", state: "", person: "" };
let asked = { ...none }, people = null;
let found = null, next = "", until = "", behind = false, busy = false, said = "", turn = 0, later = 0;
let story = null, at = 0, known = new Map(), wanted = "";

// refreshJournal reads what the address asks for, once.
export function refreshJournal() {
  if (S.arg && wanted !== S.arg) open(S.arg);
  if (!S.arg) wanted = "";
  if (!S.arg && !found && !busy && !said) search();
  if (!people && may("people:read") && !S.arg) {
    people = [];
    get("/people").then(x => { people = x.people; S.redraw(); }).catch(() => {});
  }
}

// ---- looking ---------------------------------------------------------------------------

function query(cursor) {
  const q = new URLSearchParams();
  for (const k of ["q", "place", "kind", "outcome", "state", "person"]) if (asked[k]) q.set(k, asked[k]);
  if (asked.from) q.set("from", new Date(moment(asked.from)).toISOString());
  if (asked.until) q.set("until", new Date(moment(dayAfter(asked.until, 1))).toISOString());
  if (cursor) q.set("cursor", cursor);
  return q;
}

// search looks anew, or for those behind a cursor. An answer that comes after a
// newer question is not shown.
async function search(cursor) {
  const mine = ++turn;
  busy = true;
  said = "";
  S.redraw();
  try {
    const x = await get(`/journal?${query(cursor)}`);
    if (mine !== turn) return;
    found = cursor ? [...found, ...x.alarms] : x.alarms;
    next = x.next || "";
    until = x.until;
    behind = !!x.behind;
    busy = false;
    if (behind && !cursor && S.view === "journal") search();
  } catch (e) {
    if (mine !== turn) return;
    said = why(e);
    busy = false;
  }
  S.redraw();
}

// ask takes a field in. What is typed is looked for when the hand rests.
function ask(field, value) {
  asked[field] = value;
  clearTimeout(later);
  later = setTimeout(() => search(), field === "q" ? 400 : 0);
}

function choice(field, name, options) {
  return h("label", { key: field }, name, h("select", { value: asked[field], onchange: e => ask(field, e.target.value) },
    h("option", { value: "" }, w.journal.all), options.map(([v, text]) => h("option", { key: v, value: v }, text))));
}

const names = (of, list) => list.map(k => [k, of[k] || k]);

function fields() {
  const t = w.journal, date = (field, name) => h("label", { key: field }, name,
    h("input", { init: { type: "date", value: asked[field] }, onchange: e => ask(field, e.target.value) }));
  return h("form", { class: "asking", key: "asking", role: "search", onsubmit: e => { e.preventDefault(); clearTimeout(later); search(); } },
    h("label", { class: "text", key: "q" }, t.text, h("input", { id: "journal-q", init: { type: "search", value: asked.q, autocomplete: "off" }, oninput: e => ask("q", e.target.value), placeholder: may("people:read") ? t.textNames : t.textPlaces })),
    date("from", t.from), date("until", t.until),
    h("details", { key: "more", init: { open: !S.narrow } }, h("summary", {}, t.more), h("div", { class: "more" },
      choice("place", w.byHandWhere, (S.site.places || []).map(p => [p.id, p.name])),
      choice("kind", w.byHandWhat, [...names(w.kinds, w.order.kinds), ["technical", t.technical]]),
      choice("state", w.deviceCols.state, names(t.states, ["open", "raised", "acknowledged", "attended", "closed"])),
      choice("outcome", t.ended, [...names(w.outcomes, [...w.order.outcomes, "cancelled"]), ["drill", t.drill]]),
      people?.length ? choice("person", t.who, people.map(p => [p.id, p.name])) : null)),
    h("button", { key: "go", class: "act" }, t.look));
}

const when = t => { const x = wall(ms(t)); return `${x.day} ${x.time}:${x.seconds}`; };

// length is from one time to another; nothing when it never came.
const length = (a, t) => t ? span(ms(t) - ms(a.raised_at)) : "–";

function row(a) {
  const c = w.journal.cols, col = (name, ...x) => h("td", { "data-l": name }, ...x);
  return h("tr", { key: a.id },
    h("th", { scope: "row" }, h("a", { href: `#journal/${encodeURIComponent(a.id)}` }, `${a.number}`, h("span", { class: "sr" }, ` ${title(a)}`))),
    col(c.when, h("time", {}, when(a.raised_at))), col(c.what, kind(a), a.drill ? [" ", h("span", { class: "tag" }, w.journal.drill)] : null),
    col(c.where, place(a), a.persons?.length ? `, ${a.persons.map(p => p.initials).join(", ")}` : null),
    S.you.role === "technician" ? null : [col(c.taken, length(a, a.acked_at)), col(c.there, length(a, a.attended_at))],
    col(c.ended, a.state === "closed" ? w.outcomes[a.outcome] || a.outcome : h("b", {}, w.journal.states[a.state])));
}

function list() {
  const t = w.journal, cols = Object.entries(t.cols).filter(([k]) => S.you.role !== "technician" || k !== "taken" && k !== "there");
  return h("main", { id: "main", key: "journal", class: "journal", tabindex: "-1" },
    h("h1", { key: "h" }, t.title), fields(),
    h("p", { class: "quiet-text", key: "sum", role: "status" }, said || !found ? said || w.loading : [
      t.count(found.length, !!next), S.you.role === "nurse" ? ` ${t.yours}` : "", behind ? ` ${t.behind(when(until))}` : ""]),
    found?.length ? h("table", { class: "cards", key: "found" },
      h("thead", {}, h("tr", {}, cols.map(([, name]) => h("th", { scope: "col" }, name)))), h("tbody", {}, found.map(row))) : null,
    next ? h("button", { type: "button", key: "next", disabled: busy, onclick: () => search(next) }, t.next) : null);
}

// ---- one of them, told again ----------------------------------------------------------------

async function open(id) {
  wanted = id;
  if (story?.alarm.id !== id) {
    story = null;
    known = new Map();
  }
  said = "";
  S.redraw();
  try {
    const x = await get(`/journal/${encodeURIComponent(id)}`);
    if (wanted !== id) return;
    story = x;
    go(x.steps.length - 1);
  } catch (e) {
    if (wanted === id) said = why(e);
  }
  S.redraw();
}

// go shows what was known after a step. The newest choice wins.
async function go(step) {
  const s = story, to = Math.max(0, Math.min(s.steps.length - 1, step));
  at = to;
  S.redraw();
  if (known.has(to)) return;
  try {
    const a = await get(`/journal/${encodeURIComponent(s.alarm.id)}/steps/${to}`);
    if (story === s) known.set(to, a);
  } catch (e) {
    if (story === s) said = why(e);
  }
  S.redraw();
}

// journalKeys goes from event to event.
export function journalKeys(e) {
  if (e.key === "/" && !S.arg) {
    document.getElementById("journal-q")?.focus();
    return true;
  }
  if (!S.arg || !story) return false;
  const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: story.steps.length - 1 }[e.key];
  if (to === undefined) return false;
  go(to);
  return true;
}

// line is a step in words. A technician is not told who.
function line(e) {
  const some = x => x === "…" ? w.journal.somebody : x;
  return w.history[e.what]?.({ ...e, who: some(e.who), to: some(e.to) }) || w.journal.whats[e.what] || e.what;
}

const fine = t => { const x = wall(ms(t)); return `${x.time}:${x.seconds}`; };

function replayed() {
  const t = w.journal, a = story.alarm, steps = story.steps, e = steps[at], then = known.get(at), day = wall(ms(a.raised_at)).day;
  return h("main", { id: "main", key: "story", class: "journal story", tabindex: "-1" },
    h("p", { key: "back", class: "back" }, h("a", { href: "#journal" }, t.back), " ", h("button", { type: "button", onclick: () => print() }, t.print)),
    h("header", { key: "head" }, pmark(a, true), h("div", {}, h("h1", {}, `${a.number}. ${title(a)}`),
      h("p", {}, [when(a.raised_at), a.persons?.map(p => p.initials).join(", "), a.drill ? w.drill : "", a.late ? w.late : "",
        a.state === "closed" ? w.outcomes[a.outcome] || a.outcome : t.states[a.state]].filter(Boolean).join(", ")),
      S.you.role === "technician" ? null : h("p", { class: "quiet-text" }, t.took(length(a, a.acked_at), length(a, a.attended_at), length(a, a.closed_at))))),
    said ? h("p", { class: "said", key: "said", role: "alert" }, said) : null,
    h("section", { key: "slide", class: "slide" },
      h("button", { type: "button", disabled: at === 0, "aria-label": t.earlier, onclick: () => go(at - 1) }, "←"),
      h("input", { init: { type: "range", min: 0, max: steps.length - 1, value: at, step: 1 }, key: a.id, "aria-label": t.slide, "aria-valuetext": `${fine(e.at)} ${line(e)}`, oninput: x => go(Number(x.target.value)) }),
      h("button", { type: "button", disabled: at === steps.length - 1, "aria-label": t.later, onclick: () => go(at + 1) }, "→"),
      h("p", { role: "status" }, h("b", {}, t.stepOf(at + 1, steps.length)), ` ${fine(e.at)}: ${line(e)}`)),
    h("div", { class: "pair", key: "pair" },
      h("section", { key: "steps" }, h("h2", {}, w.happened),
        story.left ? h("p", { class: "quiet-text" }, t.left(story.left)) : null,
        h("ol", { class: "timeline" }, steps.map((s, i) => h("li", { key: i, class: i > at ? "unknown" : null, "aria-current": i === at ? "step" : null },
          h("time", {}, wall(ms(s.at)).day === day ? fine(s.at) : when(s.at)),
          h("button", { type: "button", class: "line", onclick: () => go(i) }, line(s)))))),
      h("section", { key: "known", class: "known" }, h("h2", {}, t.known(fine(e.at))),
        then ? [h("p", { class: "state" }, S.you.role === "technician" ? h("b", {}, t.states[then.state]) : [then.state === "raised" ? `${w.nobodyHasIt}. ` : null, stateLine(then)]),
          then.presses > 1 ? h("p", {}, w.presses(then.presses)) : null,
          then.declined?.length ? h("p", {}, `${w.cannotCome(then.declined)}.`) : null,
          nextLine(then) && S.you.role !== "technician" ? h("p", {}, t.due(nextLine(then)[1], fine(then.deadline), span(ms(then.deadline) - ms(e.at)))) : null,
          tried(then, ms(e.at))] : h("p", { class: "quiet-text" }, w.loading))));
}

export function journal() {
  if (!S.arg) return list();
  if (story && story.alarm.id === S.arg) {
    const slider = document.querySelector(".slide input");
    if (slider && Number(slider.value) !== at) slider.value = at;
    return replayed();
  }
  return h("main", { id: "main", key: "story", class: "journal story", tabindex: "-1" }, h("p", { class: "back" }, h("a", { href: "#journal" }, w.journal.back)),
    h("p", { role: "status" }, said || w.loading));
}
