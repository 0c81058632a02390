// What the site is called, the ways to reach people, the devices, and who is
// called when, as it is written in the registry.
import { h } from "./dom.js";
import { w } from "./words.js";
import { S, may } from "./state.js";
import { get, why } from "./act.js";
import { channelsPanel, read as readChannels } from "./channels.js";
import { formatsPanel } from "./formats.js";
import { usersPanel } from "./users.js";
import { meaning } from "./register.js";
import { readParts, parts, records, editable, edit, editing, form, told, onSaved, nameOf, choices, head, button } from "./records.js";

const mine = ["site", "policies", "rules", "faults", "watches", "devices"];
let access = null, read = -1e9, failed = "", shown = "";

async function readAll() {
  read = performance.now();
  try {
    const who = may("access:read") ? get("/access") : null;   // beside the others: what came first would be moved by what comes after
    await Promise.all([who, may("devices:read") ? readChannels() : null, readParts(...mine, "places", "residents", "rosters", "responders")]);
    access = await who;
    failed = "";
  } catch (e) {
    failed = why(e);
  }
  S.redraw();
}

// refresh reads it anew while it is looked at.
export async function refresh() {
  if (editing(mine)) return;
  onSaved(readAll);
  if (performance.now() - read < 60_000) return;
  await readAll();
}

const siteFields = () => [
  { name: "name", label: w.siteName }, { name: "language", label: w.siteLanguage, options: () => Object.entries(w.languages), empty: w.languages.en },
  { name: "zone", label: w.siteZone, hint: "Europe/Warsaw" }, { name: "centre_phone", label: w.centrePhone, type: "tel" }, { name: "test_every", label: w.testEvery, hint: w.testEveryHint }];
const deviceFields = () => [
  { name: "name", label: w.shownName }, { name: "address", label: w.wireAddress, hint: "zigbee2mqtt/Room 7 button" }, ...meaning(),
  ...parts.residents ? [{ name: "resident", label: w.worn, options: choices("residents"), empty: w.wornByNobody }] : [],
  { name: "heard_every", label: w.heardEvery, hint: w.heardEveryHint }];

const toggle = key => { shown = shown === key ? "" : key; S.redraw(); };

function site() {
  const s = records("site")[0]?.record;
  if (!s) return null;
  const fact = (name, value) => [h("dt", {}, name), h("dd", {}, value || "–")];
  return h("section", { key: "site" }, head(w.theSite, editable("site") && [w.change, () => edit("site", "all", s, siteFields(), w.theSite)]),
    h("dl", { class: "facts" }, fact(w.siteName, s.name), fact(w.siteLanguage, w.languages[s.language || "en"]), fact(w.siteZone, s.zone), fact(w.centrePhone, s.centre_phone)));
}

function devices() {
  if (!parts.devices) return null;
  return h("section", { key: "devices" }, head(w.devices, editable("devices") && [w.addDevice, () => edit("devices", null, {}, deviceFields(), w.addDevice)]),
    h("ul", { class: "lines" }, records("devices").map(r => h("li", { key: r.key },
      h("button", { type: "button", class: "line", "aria-expanded": String(shown === r.key), onclick: () => toggle(r.key) }, h("b", {}, r.record.name), h("span", {}, [w.deviceRoles[r.record.role] || r.record.role, nameOf("places", r.record.place)].filter(Boolean).join(", "))),
      shown === r.key ? h("div", { class: "open" }, h("p", {}, h("code", {}, r.record.address)), r.record.heard_every ? h("p", {}, `${w.heardEvery}: ${r.record.heard_every}`) : null,
        editable("devices") ? h("div", { class: "row" }, button(w.change, r.record.name, () => edit("devices", r.key, r.record, deviceFields(), r.record.name))) : null) : null))));
}

// steps says a policy in words.
const called = key => key.startsWith("roster:") ? nameOf("rosters", key.slice(7)) : nameOf("responders", key);
const steps = p => h("ol", {}, (p.steps || []).map((s, i) => h("li", { key: i }, w.policyStep(i + 1, w.list(s.call.map(called)), s.wait))));

// written is a part that is read and edited as it is written.
function written(part, name, more) {
  if (!parts[part]) return null;
  const empty = r => Object.keys(r.record).length === 0 || r.key === "all" && !(Array.isArray(r.record[part]) ? r.record[part].length : r.record[part]);
  return h("section", { key: part }, head(name, more && editable(part) && [w.addOne, () => edit(part, null, {}, [], name, more)]),
    records(part).length ? h("ul", { class: "lines" }, records(part).map(r => h("li", { key: r.key },
      r.key === "all" ? null : h("button", { type: "button", class: "line", "aria-expanded": String(shown === `${part} ${r.key}`), onclick: () => toggle(`${part} ${r.key}`) }, h("b", {}, r.record.name || r.key)),
      r.key === "all" || shown === `${part} ${r.key}` ? h("div", { class: "open" }, empty(r) ? h("p", { class: "quiet-text" }, w.none) : part === "policies" ? steps(r.record) : h("pre", {}, r.text),
        editable(part) ? h("div", { class: "row" }, button(w.change, r.record.name || name, () => edit(part, r.key, r.record, [], `${name}: ${r.record.name || r.key}`, empty(r) ? "" : r.text))) : null) : null))) : h("p", { class: "quiet-text" }, w.none));
}

// columns are side by side where there is room. What is in which is fixed, so that
// a line that opens moves nothing to another.
const columns = (...all) => S.narrow ? all : all.map((list, i) => list.some(Boolean) ? h("div", { key: `column ${i}`, class: "column" }, list) : null);

const policy = "key: new-policy\nname: \nsteps:\n  - {call: [], wait: 60s}\n";
const watch = "key: new-watch\nkind: inactivity\nplace: \nhours: [{from: \"08:00\", to: \"20:00\", after: 4h}]\n";

export function settings() {
  const e = editing(mine);
  return h("main", { id: "main", key: "settings", tabindex: "-1" },
    S.narrow ? null : h("h1", { class: "sr", key: "name" }, w.settings), told(),
    failed ? h("p", { class: "said", key: "failed", role: "alert" }, failed) : null,
    e ? h("section", { key: "editor", class: "editor" }, form()) : null,
    columns([site(), may("devices:read") ? channelsPanel() : null, usersPanel(access, readAll)], [devices()],
      [written("policies", w.policies, policy), written("rules", w.ruleList), written("faults", w.faultsPlan), written("watches", w.watchList, watch), formatsPanel()]));
}
