// Who looked at whose names, notes and codes, the newest first: of one person, by
// one, in a time. Only those are offered to choose who are in the list: to list
// everybody would be one more look.
import { h } from "./dom.js";
import { w } from "./words.js";
import { S, now, may } from "./state.js";
import { ms, clock, moment, dayAfter } from "./time.js";
import { get, why } from "./act.js";

const asked = { person: "", resident: "", from: "", until: "" };
let found = null, next = "", said = "", busy = false, turn = 0, people = [], shownAt = -1e9;
const seen = new Map();   // residents, by id

// refreshLooks reads it whenever it is opened. While it is read nothing moves.
export function refreshLooks() {
  const opened = performance.now() - shownAt > 2000;
  shownAt = performance.now();
  if (opened && !busy) search();
}

// search looks anew, or for those before what is shown. An answer has read a part
// of the book, so that it may have found nothing yet.
async function search(cursor) {
  const mine = ++turn, q = new URLSearchParams({ limit: 100 });
  busy = true;
  said = "";
  for (const k of ["person", "resident"]) if (asked[k]) q.set(k, asked[k]);
  if (asked.from) q.set("from", new Date(moment(asked.from)).toISOString());
  if (asked.until) q.set("until", new Date(moment(dayAfter(asked.until, 1))).toISOString());
  S.redraw();
  try {
    if (!people.length && may("people:read")) people = (await get("/people")).people;
    let x = { next: cursor };
    do {
      if (x.next) q.set("cursor", x.next);
      x = await get(`/looks?${q}`);
      if (mine !== turn) return;
    } while (!x.looks.length && x.next);
    found = cursor ? [...found, ...x.looks] : x.looks;
    next = x.next || "";
    for (const l of x.looks) l.of.forEach((id, i) => seen.set(id, l.names[i]));
  } catch (e) {
    if (mine === turn) said = why(e);
  }
  if (mine === turn) busy = false;
  S.redraw();
}

function choice(field, name, options) {
  return h("label", { key: field }, name, h("select", { value: asked[field], onchange: e => { asked[field] = e.target.value; search(); } },
    h("option", { value: "" }, w.journal.all), options.map(([v, text]) => h("option", { key: v, value: v }, text))));
}

const day = (field, name) => h("label", { key: field }, name, h("input", { init: { type: "date", value: asked[field] }, onchange: e => { asked[field] = e.target.value; search(); } }));
const byName = (a, b) => a[1].localeCompare(b[1], w.locale);

// by says who it was: a person, a program, or an account without a name.
const by = l => [l.token ? w.looks.program(l.token) : l.person || w.accountRoles[l.role] || l.role, l.person && w.accountRoles[l.role] ? w.accountRoles[l.role] : "", l.link ? w.looks.byLink : ""].filter(Boolean).join(", ");

function row(l) {
  const t = w.looks, c = t.cols, col = (name, ...x) => h("td", { "data-l": name }, ...x);
  return h("tr", { class: l.why ? "broken" : null }, h("th", { scope: "row" }, h("time", {}, clock(ms(l.at), now()))),
    col(c.who, by(l)), col(c.whose, l.account || (l.names.length ? l.names.join(", ") : t.all)), col(c.what, t.whats[l.what] || l.what),
    col(c.why, l.why ? h("b", {}, l.why) : l.alarm ? h("a", { href: `#journal/${encodeURIComponent(l.alarm)}` }, t.alarm) : "–"));
}

export function looks() {
  const t = w.looks;
  return h("main", { id: "main", key: "looks", tabindex: "-1" },
    S.narrow ? null : h("h1", { key: "name" }, t.title), h("p", { key: "note", class: "quiet-text" }, t.note),
    h("form", { key: "ask", class: "asking", role: "search", onsubmit: e => { e.preventDefault(); search(); } },
      choice("resident", t.cols.whose, [...seen].sort(byName)), choice("person", t.cols.who, people.map(p => [p.id, p.name]).sort(byName)),
      day("from", w.journal.from), day("until", w.journal.until)),
    h("p", { key: "said", class: "quiet-text", role: "status" }, said || (found ? t.count(found.length, !!next) : w.loading)),
    found?.length ? h("table", { class: "cards", key: "found" }, h("thead", {}, h("tr", {}, Object.values(t.cols).map(c => h("th", { scope: "col" }, c)))), h("tbody", {}, found.map(row))) : null,
    next ? h("button", { type: "button", key: "more", disabled: busy, onclick: () => search(next) }, w.journal.next) : null);
}
