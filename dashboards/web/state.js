// What this screen knows, as the stream told it, and which alarm it shows.
import { ms, setZone } from "./time.js";

export const S = {
  you: null, site: null, since: "", demo: [], duty: [],
  alarms: new Map(), devices: new Map(), faults: new Map(), technical: new Map(),
  seq: 0,
  heardAt: 0,       // performance.now() when the gateway was last heard; 0 never
  heardDate: 0,     // Date.now() then: the other clock stands still while a laptop sleeps
  heardServer: 0,   // the gateway's time then
  rings: [],        // calls to this screen that were not answered yet: {id, alarm}
  signedOut: false,
  view: "alarms",
  arg: "",          // what of it: the part of the address after a slash
  sel: "",          // the alarm that is shown
  chosen: false,    // by hand
  wanted: "",       // a simulated device whose alarm is to be shown
  pointer: -1e9,    // performance.now() of the last thing a hand did
  overList: -1e9,   // and of the last thing it did over the list
  guard: 0,         // until then buttons take nothing
  narrow: false,
};

export const may = scope => S.you?.scopes?.includes(scope);

const token = location.pathname.match(/^\/a\/([^/]+)$/);
export const LINK = token ? token[1] : "";
export const BOARD = !LINK && new URLSearchParams(location.search).has("board");

// time is the gateway's time; now is the time that ages are told by: on a
// screen that is not live they stand still.
let offset = null;
export const time = () => offset === null ? Date.now() : performance.now() + offset;
export const now = () => S.heardServer && stale() ? S.heardServer : time();

// silence is how long nothing was heard, in ms.
export function silence() {
  if (!S.heardAt) return Infinity;
  return Math.max(performance.now() - S.heardAt, Date.now() - S.heardDate);
}
const started = performance.now();
export const stale = () => S.heardAt ? silence() > 5000 : performance.now() - started > 5000;

// apply takes one message of the stream; false when one was missed. told hears
// what is new: (alarm, before).
export function apply(m, told) {
  const at = ms(m.at), estimate = at - performance.now();
  if (offset === null || m.type === "snapshot" || Math.abs(estimate - offset) > 1000 || estimate > offset) offset = estimate;
  S.heardAt = performance.now();
  S.heardDate = Date.now();
  S.heardServer = at;
  if (m.type === "beat") return LINK || m.seq === S.seq;
  if (m.type === "ring") {
    S.rings.push(m.ring);
    return true;
  }
  if (m.type === "snapshot") {
    const before = S.alarms;
    Object.assign(S, { you: m.you, site: m.site, since: m.since, demo: m.demo || [], duty: m.duty || [], seq: m.seq });
    setZone(m.site.zone || "UTC");
    S.alarms = new Map((m.alarms || []).map(a => [a.id, a]));
    S.devices = new Map((m.devices || []).map(d => [d.id, d]));
    S.faults = new Map((m.faults || []).map(f => [faultKey(f), f]));
    S.technical = new Map((m.technical_alarms || []).map(a => [a.id, a]));
    for (const a of S.alarms.values()) told(a, before.get(a.id));
    return true;
  }
  if (!LINK && m.seq !== S.seq + 1) return false;
  S.seq = m.seq;
  if (m.alarm) {
    const before = S.alarms.get(m.alarm.id);
    S.alarms.set(m.alarm.id, m.alarm);
    told(m.alarm, before);
  }
  if (m.technical) S.technical.set(m.technical.id, m.technical);
  for (const d of m.devices || []) S.devices.set(d.id, d);
  for (const f of m.faults || []) {
    if (f.on) S.faults.set(faultKey(f), f);
    else S.faults.delete(faultKey(f));
  }
  return true;
}

const faultKey = f => `${f.code} ${f.subject}`;

const rank = { high: 0, medium: 1, low: 2 };
const stateRank = a => a.state === "raised" ? 0 : a.help_wanted ? 1 : a.state === "acknowledged" ? 2 : 3;

// urgent orders open alarms: nobody has it, then by priority, then the oldest.
const urgent = (a, b) => stateRank(a) - stateRank(b) || rank[a.priority] - rank[b.priority] || a.number - b.number;

export const open = () => [...S.alarms.values()].filter(a => a.state !== "closed").sort(urgent);
export const raised = () => open().filter(a => a.state === "raised");
export const closed = () => [...S.alarms.values()]
  .filter(a => a.state === "closed" && now() - ms(a.closed_at) < 3600_000)
  .sort((a, b) => ms(b.closed_at) - ms(a.closed_at));

// settled: no hand has moved for a second, so nothing can move under one.
export const settled = () => performance.now() - S.pointer > 1000;

// The list stands still while a hand is over it; on a phone, where it is part
// of the page, while a hand is anywhere.
const calm = () => S.narrow ? settled() : performance.now() - S.overList > 1000;

// groups is the list as it is shown: alarms come and change places only while
// calm; until then new ones wait above it.
let shown = { raised: [], held: [], closed: [] };
export function groups() {
  if (calm() || BOARD) {
    const list = open();
    shown = {
      raised: list.filter(a => a.state === "raised").map(a => a.id),
      held: list.filter(a => a.state !== "raised").map(a => a.id),
      closed: closed().map(a => a.id),
    };
  }
  const get = ids => ids.map(id => S.alarms.get(id)).filter(Boolean);
  return { raised: get(shown.raised), held: get(shown.held), closed: get(shown.closed) };
}

// waiting are the raised alarms that the list does not show yet.
export const waiting = () => raised().filter(a => !shown.raised.includes(a.id) && a.id !== S.sel);

// current is the alarm in the detail: the one chosen; else the most urgent.
export function current() {
  if (LINK) return [...S.alarms.values()][0];
  const have = S.alarms.get(S.sel), list = open(), top = list[0];
  const wanted = S.wanted && list.find(a => a.device === S.wanted && a.state === "raised");
  if (wanted && !(have && have.state !== "closed" && have.yours)) {
    if (!settled() && have) return have;
    S.wanted = "";
    return pick(wanted.id, true);
  }
  if (!have) return settled() && top ? pick(top.id, false) : null;
  const leave = have.state === "closed" ? top?.state === "raised" : !S.chosen && !have.yours && top && urgent(top, have) < 0;
  return leave && settled() ? pick(top.id, false) : have;
}

function pick(id, chosen) {
  if (S.sel !== id) S.guard = performance.now() + 800;   // the button under the thumb is now another alarm's
  if (S.narrow && S.sel !== id) scrollTo(0, 0);
  S.sel = id;
  S.chosen = chosen;
  return S.alarms.get(id);
}

export function choose(id) {
  S.sel = id;
  S.chosen = true;
  S.guard = performance.now() + 800;
}
