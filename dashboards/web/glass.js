// Somebody's notes and key-safe code without an alarm: for a reason, for a quarter
// of an hour, and written down. What was read is not kept on the screen longer.
import { h } from "./dom.js";
import { w, problem } from "./words.js";
import { S, now, may } from "./state.js";
import { ms, clock, rough } from "./time.js";
import { get, post, why } from "./act.js";

const panes = new Map();   // resident → {until, by, seen, codes}
let asking = "", said = "", about = "", busy = false;

// breaks reports whether the viewer may.
export const breaks = () => may("codes:read") && S.you.person && !S.you.link;

// open is what the viewer has open of somebody; nothing when the time is over.
function open(id) {
  const p = panes.get(id);
  if (p && (now() >= p.until || p.by !== S.you.person)) panes.delete(id);
  return panes.get(id);
}

async function act(id, f) {
  if (busy) return;
  busy = true;
  said = "";
  about = id;
  S.redraw();
  try {
    said = await f() || "";
  } catch (e) {
    said = why(e);
  }
  busy = false;
  S.redraw();
}

async function look(id) {
  const p = panes.get(id);
  p.seen = await get(`/glass/${encodeURIComponent(id)}`);
  p.until = ms(p.seen.until);
}

const broken = (id, form) => act(id, async () => {
  const reason = form.elements.reason;
  if (reason.value.trim().length < 10) {
    reason.focus();
    return w.glass.reasonShort;
  }
  const r = await post(`/api/v1/glass/${encodeURIComponent(id)}`, { reason: reason.value.trim() });
  const body = await r.json();
  if (!r.ok) return problem(body);
  panes.set(id, { until: ms(body.until), by: S.you.person });
  asking = "";
  await look(id);
}).then(() => setTimeout(() => open(id)?.seen && document.querySelector(".glass h3")?.focus(), 0));   // once it is drawn

const code = id => act(id, async () => {
  const r = await post(`/api/v1/glass/${encodeURIComponent(id)}/keysafe`), body = await r.json();
  if (!r.ok) return problem(body);
  if (open(id)) open(id).codes = body.codes;
});

const ask = id => {
  asking = asking === id ? "" : id;
  said = "";
  S.redraw();
  setTimeout(() => asking && document.querySelector(".glass textarea")?.focus(), 0);
};

const button = (key, words, onclick, props) => h("button", { type: "button", key, disabled: busy, onclick, ...props }, words);

function shown(id, p) {
  const t = w.glass, s = p.seen, who = s.person;
  return [h("h3", { key: "head", tabindex: "-1" }, t.openUntil(clock(p.until), rough(p.until - now()))),
    h("dl", { key: "facts", class: "facts" },
      h("dt", {}, w.person), h("dd", {}, h("b", {}, who.name), who.born ? `, ${w.born(who.born)}` : null),
      h("dt", {}, w.where), h("dd", {}, s.place || w.notHere),
      h("dt", {}, w.wayIn), h("dd", {}, s.way_in || w.noWayIn),
      h("dt", {}, w.takeCare), h("dd", {}, who.notes || w.none),
      who.family?.length ? [h("dt", {}, w.family), h("dd", {}, who.family.map(c => h("p", {}, c.name, ": ", h("a", { href: `tel:${c.phone}` }, c.phone), c.note ? `, ${c.note}` : null)))] : null,
      h("dt", {}, w.keySafe), h("dd", {}, p.codes ? p.codes.length ? p.codes.map(c => h("p", { class: "code" }, c)) : w.noCode
        : s.key_safe ? [button("code", w.showShort, () => code(id)), h("small", {}, ` ${w.recordedShort}`)] : w.noCode)),
    button("hide", w.hide, () => { p.seen = p.codes = null; S.redraw(); })];
}

// glass is the part of somebody's card.
export function glass(id, name) {
  if (!breaks()) return null;
  const t = w.glass, p = open(id), mine = about === id && said;
  return h("section", { key: "glass", class: p ? "glass broken" : "glass" },
    p?.seen ? shown(id, p) : p ? button("again", t.again, () => act(id, () => look(id)))
      : asking !== id ? button("ask", t.ask, () => ask(id), { "aria-label": `${t.ask}: ${name}` })
        : h("form", { key: "why", novalidate: true, onsubmit: e => { e.preventDefault(); broken(id, e.target); } },
          h("h3", {}, t.ask), h("p", {}, t.means),
          h("label", {}, t.reason, h("textarea", { init: { name: "reason", rows: 3, maxLength: 300 }, "aria-invalid": mine ? "true" : null, "aria-describedby": mine ? "glass-said" : null })),
          h("div", { class: "row" }, h("button", { class: "go", disabled: busy }, t.do), button("cancel", w.cancel, () => ask(id)))),
    mine ? h("p", { key: "said", id: "glass-said", class: "said", role: "alert" }, said) : null);
}
