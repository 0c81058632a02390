// A family's own person: whether there is an alarm and who comes, the last sign
// of life, where they are, who is called while the family rests, and what was
// sent. Nothing is to be answered here, and nothing is said to be well that is
// not known.
import { h } from "./dom.js";
import { w } from "./words.js";
import { S, now } from "./state.js";
import { ms, clock, date, dayClock } from "./time.js";
import { get, why } from "./act.js";
import { kind, place, pmark, ageOf } from "./alarm.js";

let known = null, read = -1e9, failed = "", before = "";

// refreshOwn reads what the stream does not tell: anew with every alarm that has
// changed, and now and then.
export async function refreshOwn() {
  const is = [...S.alarms.values()].map(a => `${a.id} ${a.state} ${a.holder}`).join();
  if (is === before && performance.now() - read < 30_000) return;
  before = is;
  read = performance.now();
  try {
    known = await get("/own");
    failed = "";
  } catch (e) {
    failed = why(e);
  }
  S.redraw();
}

const at = t => dayClock(ms(t), now());
const theirs = p => [...S.alarms.values()].filter(a => a.persons?.some(x => x.name === p.name)).sort((a, b) => ms(b.raised_at) - ms(a.raised_at));

// how says of an open alarm who comes.
function how(a) {
  const t = w.own;
  if (a.state === "raised") return t.calling;
  return a.state === "attended" ? `● ${t.isThere(a.holder, clock(ms(a.attended_at || a.acked_at), now()))}` : `→ ${t.comes(a.holder, clock(ms(a.acked_at), now()))}`;
}

const alarm = a => h("div", { key: a.id, class: `now ${a.state === "raised" ? "raised" : "held"} ${a.priority}` },
  pmark(a), h("p", { class: "what" }, h("b", {}, kind(a)), h("span", {}, place(a))), ageOf(a, { class: "age" }),
  h("p", { class: "state" }, how(a)), a.drill ? h("p", { class: "state" }, w.drill) : null);

// quiet is what is known when there is no alarm: by what listens.
function quiet(over) {
  const t = w.own, all = [...S.devices.values()], lost = all.filter(d => d.life === "unknown" || d.life === "silent"), deaf = !all.length || lost.length === all.length;
  return h("div", { key: "quiet", class: deaf ? "now unknown" : "now" },
    h("p", { class: "what" }, h("b", {}, deaf ? t.notKnown : t.noAlarm)),
    !all.length ? h("p", { class: "state" }, t.noDevice) : lost.length ? h("p", { class: deaf ? "state" : "state unknown" }, t.notHeard(w.list(lost.map(d => d.name)))) : h("p", { class: "state" }, t.heard(w.list(all.map(d => d.name)))),
    over ? h("p", { class: "state" }, t.over(kind(over), at(over.raised_at), at(over.closed_at), w.outcomes[over.outcome] || over.outcome)) : null);
}

function person(p) {
  const t = w.own, open = theirs(p).filter(a => a.state !== "closed"), over = theirs(p).find(a => a.state === "closed");
  const more = known?.people.find(x => x.id === p.id);
  return h("section", { key: p.id, class: "person" }, h("h2", {}, p.name),
    open.length ? open.map(alarm) : quiet(over),
    more ? h("dl", { class: "facts" },
      more.signs ? [h("dt", {}, t.signs), h("dd", {}, more.signs.says.map((x, i) => h("p", { key: i, class: i ? null : "first" }, x)))] : null,
      h("dt", {}, t.where), h("dd", {}, more.place ? [h("b", {}, more.place), [more.stay ? w.stayKinds[more.stay] : "", more.until ? w.until(date(ms(more.until))) : ""].filter(Boolean).map(x => `, ${x}`)] : t.nowhere)) : null);
}

function rests() {
  const t = w.own, list = (S.you.rests || []).filter(r => !r.until || ms(r.until) > now());
  return list.length ? h("section", { key: "rests" }, h("h2", {}, t.rest), list.map(r => h("p", { key: r.id, class: "rest" },
    h("b", {}, r.until ? w.holeLine(at(r.from), at(r.until)) : w.since(at(r.from))), " ", r.stand_ins.length ? w.standIn(r.stand_ins) : t.othersCome))) : null;
}

function told() {
  const t = w.own;
  if (!known || !S.you.person) return null;
  return h("section", { key: "told" }, h("h2", {}, t.told), known.told.length ? h("ol", {}, known.told.slice(0, 30).map((x, i) => h("li", { key: i },
    h("time", {}, at(x.at)), h("span", {}, h("b", {}, t.news[x.news]), x.kind ? `: ${w.alarmAt(kind(x), x.place)}` : null, h("small", {}, t.delivery[x.state]))))) : h("p", { class: "quiet-text" }, t.toldNothing));
}

export function own() {
  const t = w.own;
  return h("main", { id: "main", key: "own", tabindex: "-1" },
    S.narrow ? null : h("h1", { class: "sr", key: "name" }, t.title),
    failed ? h("p", { class: "said", key: "failed", role: "alert" }, failed) : null,
    (S.you.of || []).map(person), rests(), told(),
    S.site.phone ? h("section", { key: "call" }, h("a", { class: "button", href: `tel:${S.site.phone}` }, t.ring, h("small", {}, S.site.phone)),
      h("p", { class: "quiet-text" }, t.note)) : null);
}
