// Who stays where, until when, and how they and theirs are reached; the places
// with their devices and the floor plan; who comes. Names are not in the list:
// whoever opens somebody sees theirs.
import { h } from "./dom.js";
import { w } from "./words.js";
import { S, now, open, may } from "./state.js";
import { ms, date, dayClock, rough, wall as onTheWall } from "./time.js";
import { plan, floors, stateAt } from "./plan.js";
import { title } from "./alarm.js";
import { glass } from "./glass.js";
import { get, why } from "./act.js";
import { readParts, parts, records, find, editable, edit, editing, form, told, onSaved, choices, head, button } from "./records.js";
import { kept, erased } from "./kept.js";

let stays = null, rests = null, read = -1e9, shown = "", filter = "", failed = "";

async function readAll() {
  read = performance.now();
  try {
    const [a, b] = await Promise.all([may("stays:read") && may("people:read") ? get("/stays?all=true") : null, may("alarms:read") ? get("/rests") : null,
      may("registry:read") ? readParts(...mine) : null]);
    stays = a?.stays || [];
    rests = b?.rests || [];
    failed = "";
  } catch (e) {
    failed = why(e);
  }
  S.redraw();
}

// refresh reads it all anew while it is looked at; each look at names is recorded.
export async function refresh() {
  if (editing(mine)) return;
  onSaved(readAll);
  if (performance.now() - read < 60_000) return;
  await readAll();
}

const mine = ["residents", "places", "responders", "stays"];
const initials = name => name.split(/\s+/).map(x => `${[...x][0]}.`).join(" ");
const at = t => dayClock(ms(t), now());
const staysOf = id => stays.filter(s => s.resident_id === id && s.now !== "over").sort((a, b) => ms(a.from) - ms(b.from));
// everybody are the residents; for who may not read the registry, those of the stays.
const everybody = () => parts.residents ? records("residents") : [...new Map(stays.filter(s => s.now !== "over").map(s => [s.resident_id, { key: s.resident_id, id: s.resident_id, record: { name: s.resident } }])).values()];
const hereOf = id => stays.find(s => s.resident_id === id && s.now === "here");
const toggle = key => { shown = shown === key ? "" : key; S.redraw(); };

// ---- the forms ----------------------------------------------------------------------

const family = () => ({ name: "family", label: w.family, add: w.addContact, rows: [
  { name: "name", label: w.whoAre }, { name: "phone", label: w.placePhone, type: "tel" }, { name: "from", label: w.whenToRing }] });
const residentFields = () => [
  { name: "name", label: w.fullName }, { name: "born", label: w.bornYear, mode: "numeric" },
  { name: "notes", label: w.takeCare, long: true, secret: true, hint: w.notShown }, { name: "key_safe", label: w.keySafe, secret: true, hint: w.notShown }, family()];
const placeFields = () => [
  { name: "name", label: w.placeName }, { name: "way_in", label: w.wayIn, long: true }, { name: "phone", label: w.placePhone, type: "tel" }, { name: "beds", label: w.beds, mode: "numeric" },
  { name: "plan.floor", label: w.planFloor, hint: w.planHint }, ...["x", "y", "w", "h"].map(k => ({ name: `plan.${k}`, label: w.planSides[k], mode: "decimal" }))];
const responderFields = () => [
  { name: "name", label: w.shownName }, { name: "role", label: w.theirRole, hint: w.roleHint },
  { name: "language", label: w.theirLanguage, options: () => Object.entries(w.languages), empty: w.asTheSite },
  { name: "channels", label: w.reachedBy, add: w.addContact, rows: [{ name: "channel", label: w.viaChannel }, { name: "address", label: w.address }, { name: "after", label: w.onlyAfter }] }];
const stayFields = () => [
  { name: "resident", label: w.person, options: choices("residents") }, { name: "place", label: w.where, options: choices("places") },
  { name: "kind", label: w.stayKind, watch: true, options: () => Object.entries(w.stayKinds), empty: w.stayPlain },
  { name: "from", label: w.stayFrom, when: true }, { name: "until", label: w.stayUntil, when: true, hint: w.untilHint },
  { name: "days", label: w.stayDays, days: true, show: e => e.record.kind === "day" }, { name: "hours", label: w.stayHours, hint: "08:00-16:00", show: e => e.record.kind === "day" }];

// wall is a time as the registry writes it, on the site's clock.
const wall = t => { const x = onTheWall(t); return `${x.day} ${x.time}`; };

const newStay = (resident, kind) => edit("stays", "new", { resident, kind, from: wall(now()) }, stayFields(), kind ? w.stayNew[kind] : w.stayNew.plain);

function changeStay(s) {
  const r = find("stays", s.id);
  if (r) edit("stays", r.key, r.record, stayFields(), w.stayChange(s.resident));
}

// ---- residents ----------------------------------------------------------------------

function resident(r) {
  const key = `r ${r.key}`, name = r.record.name, is = shown === key, here = hereOf(r.id), next = staysOf(r.id).find(s => s.now === "to_come");
  const where = here ? `${here.place}${here.until ? `, ${w.until(date(ms(here.until)))}` : ""}` : next ? w.comes(next.place, at(next.from)) : w.notHere;
  return h("li", { key, class: here ? null : "off" },
    h("button", { type: "button", class: "line", "aria-expanded": String(is), onclick: () => toggle(key) }, h("b", {}, is ? name : initials(name)), h("span", {}, where)),
    is ? h("div", { class: "open" },
      r.record.born ? h("p", {}, w.born(r.record.born)) : null,
      glass(r.id, name),
      parts.residents ? h("h3", {}, w.family) : null,
      !parts.residents ? null : r.record.family?.length ? h("ul", {}, r.record.family.map(c => h("li", {}, c.name, c.phone ? [": ", h("a", { href: `tel:${c.phone}` }, c.phone)] : null, c.from ? `, ${c.from}` : null))) : h("p", { class: "quiet-text" }, w.noFamily),
      h("h3", {}, w.staysAhead),
      staysOf(r.id).length ? h("ul", { class: "stays" }, staysOf(r.id).map(s => h("li", { key: s.id },
        h("span", {}, h("b", {}, s.place), h("small", {}, [s.kind ? w.stayKinds[s.kind] : null, s.until ? w.holeLine(at(s.from), at(s.until)) : w.since(at(s.from)), s.hours].filter(Boolean).join(", "))),
        editable("stays") ? button(w.change, `${s.place}, ${at(s.from)}`, () => changeStay(s)) : null))) : h("p", { class: "quiet-text" }, w.noStays),
      h("div", { class: "row" },
        editable("stays") ? [button(w.respite, name, () => newStay(r.key, "respite")), button(w.dayCare, name, () => newStay(r.key, "day")), button(w.otherStay, name, () => newStay(r.key))] : null,
        editable("residents") ? button(w.change, name, () => edit("residents", r.key, r.record, residentFields(), name)) : null),
      kept(r.id, name, readAll)) : null);
}

const has = (text, ...all) => all.some(x => x && x.toLowerCase().includes(text));

function residents() {
  const want = filter.toLowerCase();
  const all = everybody(), list = all.filter(r => !want || has(want, r.record.name, hereOf(r.id)?.place));
  list.sort((a, b) => !hereOf(a.id) - !hereOf(b.id) || (hereOf(a.id)?.place || "").localeCompare(hereOf(b.id)?.place || "", w.locale, { numeric: true }) || a.record.name.localeCompare(b.record.name, w.locale));
  return h("section", { key: "residents" }, head(w.residents(all.length), editable("residents") && [w.addResident, () => edit("residents", null, {}, residentFields(), w.addResident)]),
    all.length > 8 ? h("label", { class: "find" }, h("span", { class: "sr" }, w.find), h("input", { init: { type: "search", value: filter }, placeholder: w.find, oninput: e => { filter = e.target.value; S.redraw(); } })) : null,
    h("ul", { class: "lines" }, list.map(resident)));
}

// ---- places -------------------------------------------------------------------------

const life = d => d.life === "heard" && d.last_seen ? w.heardAgo(rough(now() - ms(d.last_seen))) : w.life[d.life] || d.life;

function place(p) {
  const key = `p ${p.id}`, r = find("places", p.id), is = shown === key, { state, alarm } = stateAt(p.id);
  const who = (stays || []).filter(s => s.place_id === p.id && s.now === "here").map(s => initials(s.resident)).join(", ");
  const all = [...S.devices.values()].filter(d => d.place_id === p.id);
  return h("li", { key, class: state },
    h("button", { type: "button", class: "line", id: `place-${p.id}`, "aria-expanded": String(is), onclick: () => toggle(key) }, h("b", {}, p.name), h("span", {}, [w.planStates[state], who].filter(Boolean).join(", "))),
    is ? h("div", { class: "open" },
      alarm ? h("p", {}, h("a", { href: "#alarms" }, title(alarm))) : null,
      r?.record.way_in ? h("p", {}, r.record.way_in) : null,
      r?.record.phone ? h("p", {}, h("a", { href: `tel:${r.record.phone}` }, r.record.phone)) : null,
      h("h3", {}, w.devices),
      all.length ? h("ul", {}, all.map(d => h("li", { key: d.id, class: d.life === "heard" ? null : "not" }, `${d.name}: ${life(d)}`))) : h("p", { class: "quiet-text" }, w.noDevices),
      r && editable("places") ? h("div", { class: "row" }, button(w.change, p.name, () => edit("places", r.key, r.record, placeFields(), p.name))) : null) : null);
}

function places() {
  return h("section", { key: "places" }, head(w.places(S.site.places.length), editable("places") && [w.addPlace, () => edit("places", null, {}, placeFields(), w.addPlace)]),
    floors().map(f => plan(f, "", id => { shown = `p ${id}`; S.redraw(); setTimeout(() => document.getElementById(`place-${id}`)?.focus(), 0); })),
    h("ul", { class: "lines" }, S.site.places.map(place)));
}

// ---- who comes ----------------------------------------------------------------------

function responder(r) {
  const key = `c ${r.key}`, is = shown === key, c = r.record, rest = rests.filter(x => x.person_id === r.id);
  return h("li", { key }, h("button", { type: "button", class: "line", "aria-expanded": String(is), onclick: () => toggle(key) },
    h("b", {}, c.name), h("span", {}, [w.accountRoles[c.role] || c.role, rest.some(x => x.now) ? w.atRest : null].filter(Boolean).join(", "))),
    is ? h("div", { class: "open" }, h("h3", {}, w.reachedBy),
      c.channels?.length ? h("ul", {}, c.channels.map(k => h("li", {}, typeof k === "string" ? k : [k.channel, k.address, k.after && w.ifNoAnswer(k.after)].filter(Boolean).join(", ")))) : h("p", { class: "quiet-text" }, w.noChannel),
      c.role === "carer" ? [h("h3", {}, w.rest), rest.length ? h("ul", {}, rest.map(x => h("li", {}, x.until ? w.holeLine(at(x.from), at(x.until)) : w.since(at(x.from))))) : h("p", { class: "quiet-text" }, w.noRests)] : null,
      editable("responders") ? h("div", { class: "row" }, c.role === "carer" ? button(w.addRest, c.name, () => edit("responders", r.key, { ...c, rests: [...(c.rests || []), { from: wall(now()), until: wall(now() + 14 * 86400_000) }] }, restFields(), `${w.rest}: ${c.name}`)) : null,
        button(w.change, c.name, () => edit("responders", r.key, c, responderFields(), c.name))) : null) : null);
}

const restFields = () => [{ name: "rests", label: w.rest, add: w.addRest, rows: [{ name: "from", label: w.stayFrom, when: true }, { name: "until", label: w.stayUntil, when: true }] }];

const responders = () => h("section", { key: "responders" }, head(w.whoComes(records("responders").length), editable("responders") && [w.addResponder, () => edit("responders", null, {}, responderFields(), w.addResponder)]),
  h("ul", { class: "lines" }, records("responders").map(responder)));

export function people() {
  const ready = stays && (parts.places !== undefined || !may("registry:read")), e = editing(mine);
  return h("main", { id: "main", key: "people", tabindex: "-1" },
    S.narrow ? null : h("h1", { class: "sr", key: "name" }, w.peopleView), told(), erased(),
    failed ? h("p", { class: "said", key: "failed", role: "alert" }, failed) : null,
    !ready ? h("p", { class: "boot", key: "boot" }, w.loading) : [
      e ? h("section", { key: "editor", class: "editor" }, form()) : null,
      parts.residents || stays.length ? residents() : null, places(), parts.responders ? responders() : null]);
}
