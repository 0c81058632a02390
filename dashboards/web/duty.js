// Who is on call, when nobody is, and who or what is not as always now: on a
// break, away, tried. What can be ended has a button for it.
import { h } from "./dom.js";
import { w, problem } from "./words.js";
import { S, now, open, choose, may } from "./state.js";
import { ms, dayClock } from "./time.js";
import { get, send } from "./act.js";
import { title } from "./alarm.js";

const shown = 8;                    // holes; more are counted
const ahead = 14 * 24 * 3600_000;   // how far the next on call is looked for
let known = null, read = -1e9, said = "", ending = "", mine = "";

const at = t => dayClock(ms(t), now());

// refreshDuty reads it all anew while it is looked at.
export async function refreshDuty() {
  const key = S.you?.break_until || "";   // the stream has told that one's own break has begun or is over
  if (mine === key && performance.now() - read < 30_000) return;   // each look at names is recorded
  mine = key;
  read = performance.now();
  const until = encodeURIComponent(new Date(now() + ahead).toISOString());
  const part = (scope, url, key) => may(scope) ? get(url).then(x => x[key]) : Promise.resolve(null);
  try {
    const [rosters, holes, people, absences, rests, tests] = await Promise.all([
      part("people:read", `/rosters?until=${until}`, "rosters"), part("people:read", "/rosters/holes", "holes"), part("people:read", "/people", "people"),
      part("alarms:read", "/absences", "absences"), part("alarms:read", "/rests", "rests"), part("devices:read", "/tests", "tests"),
    ]);
    known = { rosters, holes, people, absences, rests, tests };
    S.redraw();
  } catch { /* the page says by itself when the gateway does not answer */ }
}

// end ends something, and reads anew what there is.
async function end(key, method, url, body) {
  ending = key;
  said = "";
  S.redraw();
  try {
    const r = await send(method, `/api/v1${url}`, body);
    if (!r.ok) said = problem(await r.json());
  } catch {
    said = w.signInFailed;
  }
  read = -1e9;
  await refreshDuty();
  ending = "";
  S.redraw();
}

const row = (key, who, more, word, ...how) => h("li", { key }, h("span", {}, h("b", {}, who), h("small", {}, more)),
  how.length ? h("button", { type: "button", disabled: ending === key, "aria-label": `${word}: ${who}`, onclick: () => end(key, ...how) }, word) : null);

const part = (name, none, rows) => h("section", { key: name }, h("h2", {}, name), rows.length ? h("ul", {}, rows) : h("p", { class: "quiet-text" }, none));

const names = who => who.length ? w.list(who.map(p => p.name)) : w.noOneOnCall;

function roster(r) {
  const [first, next] = r.on_call;
  return h("li", { key: r.id, class: first?.who.length ? null : "hole" }, h("span", {}, h("b", {}, r.name),
    h("small", {}, !first ? w.noOneOnCall : next ? `${w.onCallUntil(names(first.who), at(first.until))}, ${w.onCallNext(names(next.who))}` : names(first.who))));
}

function holes(list) {
  return h("section", { key: "holes" }, h("h2", {}, w.holes(list.length)),
    list.length ? h("ul", {}, list.slice(0, shown).map((x, i) => h("li", { key: i, class: "hole" }, h("span", {}, h("b", {}, w.holeLine(at(x.from), at(x.until))), h("small", {}, `${x.name}: ${w.holeIn[x.what]}`)))))
      : h("p", { class: "quiet-text" }, w.noHoles),
    list.length > shown ? h("p", { class: "quiet-text" }, w.moreHoles(list.length - shown)) : null);
}

function tests(list) {
  const drills = open().filter(a => a.drill);
  return part(w.tests, w.noTests, [
    ...drills.map(a => h("li", { key: a.id }, h("span", {}, h("b", {}, title(a)), h("small", {}, w.openDrill)),
      h("button", { type: "button", onclick: () => { choose(a.id); location.hash = "#alarms"; } }, w.show))),
    ...(list || []).map(t => {
      const more = [w.fromTo(at(t.from), at(t.until)), t.heard.length ? w.heardIn(t.heard.length) : null, t.by ? w.saidBy(t.by) : null];
      return row(`test ${t.id}`, t.id ? t.what : w.wholeSite, more.filter(Boolean).join(", "), w.end, ...may("tests:write") ? ["POST", "/tests", { what: t.id || undefined, minutes: 0 }] : []);
    })]);
}

export function duty() {
  const k = known || {};
  const ends = p => p.id === S.you.person || S.you.role === "centre";
  return h("main", { id: "main", key: "duty", tabindex: "-1" },
    S.narrow ? null : h("h1", { class: "sr", key: "name" }, w.duty),
    said ? h("p", { class: "said", key: "said", role: "alert" }, said) : null,
    !known ? h("p", { class: "boot", key: "boot" }, w.loading) : [
      k.rosters?.length ? h("section", { key: "rosters" }, h("h2", {}, w.dutyNow), h("ul", {}, k.rosters.map(roster))) : null,
      k.holes ? holes(k.holes) : null,
      k.people ? part(w.breaks, w.noBreaks, k.people.filter(p => p.break_until).map(p =>
        row(`break ${p.id}`, p.name, w.untilWhen(at(p.break_until)), w.end, ...ends(p) ? ["DELETE", `/people/${encodeURIComponent(p.id)}/break`] : []))) : null,
      k.absences ? part(w.awayNow, w.noAway, k.absences.map(a =>
        row(`away ${a.id}`, a.who, [w.fromTo(at(a.from), at(a.until)), a.by ? w.saidBy(a.by) : null].filter(Boolean).join(", "), w.isBack, ...may("alarms:write") ? ["POST", "/absences", { who: a.id }] : []))) : null,
      k.rests?.some(r => r.now) ? part(w.restsNow, w.noRests, k.rests.filter(r => r.now).map(r =>
        row(`rest ${r.id}`, r.person, [r.until ? w.fromTo(at(r.from), at(r.until)) : `${w.since(at(r.from))}, ${w.noEnd}`, r.stand_ins.length ? w.standIn(r.stand_ins) : null].filter(Boolean).join(". "), w.end,
          ...may("stays:write") ? ["PATCH", `/rests/${encodeURIComponent(r.id)}`, {}] : []))) : null,
      may("devices:read") || open().some(a => a.drill) ? tests(k.tests) : null,
    ]);
}
