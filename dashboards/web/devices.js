// Devices by what they need. What has not been heard is unknown, never fine,
// and what it said before is said to be from before.
import { h } from "./dom.js";
import { w } from "./words.js";
import { S, now } from "./state.js";
import { ms, clock, rough } from "./time.js";
import { get, why } from "./act.js";
import { channelsPanel, read as readChannels } from "./channels.js";
import { device, readDevice } from "./device.js";
import { registerButton, registerForm } from "./register.js";

const at = t => clock(ms(t), now());
const reading = (d, q) => (d.readings || []).find(r => r.quantity === q);
const number = r => `${Math.round(r.value * 100) / 100}`.replace("-", "−").replace(".", w.decimal) + (r.unit ? ` ${r.unit}` : "");

let framesOf = "", frames = null, unknown = null, read = -1e9;

async function readFrames(id) {
  framesOf = id;
  frames = null;
  S.redraw();
  try {
    frames = (await get(`/devices/${encodeURIComponent(id)}/frames`)).frames;
  } catch (e) {
    frames = why(e);
  }
  S.redraw();
}

// refresh reads unknown devices and channels, or one device, while they are
// looked at.
export async function refresh() {
  readDevice();
  if (S.arg || !S.you.technical || performance.now() - read < 10_000) return;
  await readUnknown();
}

async function readUnknown() {
  read = performance.now();
  try {
    unknown = (await get("/unknown")).unknown;
    await readChannels();
    S.redraw();
  } catch { /* the page says by itself when the gateway does not answer */ }
}

function needs(d) {
  if (d.life === "unknown" || d.life === "silent") return "unheard";
  if ((d.faults || []).length) return "seeTo";
  return d.life === "unsupervised" ? "unsupervised" : "heard";
}

function state(d) {
  const tags = (d.faults || []).filter(f => f !== "silent").map(f => h("span", { class: "tag" }, w.faultTags[f] || f.replaceAll("_", " ")));
  const life = d.life === "heard" ? (tags.length ? null : w.life.heard) : h("span", { class: "tag dash" }, w.life[d.life] || d.life);
  return [life, tags];
}

function battery(d) {
  const pct = reading(d, "battery"), volt = reading(d, "voltage");
  const weeks = d.battery?.weeks_left && needs(d) !== "unheard" ? w.weeksLeft(Math.floor(d.battery.weeks_left)) : "";
  const text = [...[pct, volt].filter(Boolean).map(number), weeks].filter(Boolean).join(", ");
  if (!text) return h("span", { class: "quiet-text" }, w.notReported);
  return needs(d) === "unheard" ? h("span", { class: "quiet-text" }, w.was(text)) : text;
}

function signal(d) {
  const text = [reading(d, "rssi"), reading(d, "link_quality"), reading(d, "snr")].filter(Boolean)
    .map(r => r.quantity === "link_quality" ? `${number(r)} lqi` : number(r)).join(", ");
  if (needs(d) === "unheard") return "–";
  return text || h("span", { class: "quiet-text" }, w.notReported);
}

function last(d) {
  if (d.life === "unsupervised") {
    return [w.noSign, h("small", {}, d.last_press ? w.lastPressed(at(d.last_press)) : w.neverPressed)];
  }
  const seen = ms(d.last_seen), due = (d.due_every || 0) * 1000;
  const part = seen && due ? Math.min(100, (now() - seen) / due * 100) : 0;
  return [
    due ? h("svg", { class: `span${needs(d) === "unheard" ? " over" : ""}`, viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" },
      h("rect", { width: 100, height: 10 }), h("rect", { width: seen ? part.toFixed(1) : 0, height: 10 })) : null,
    seen ? w.ago(rough(now() - seen)) : w.never,
    due ? h("small", {}, w.dueEvery(rough(due))) : null,
  ];
}

function row(d) {
  const c = w.deviceCols, col = (name, ...x) => h("td", { "data-l": name }, ...x);
  return h("tr", { key: d.id, class: needs(d) === "unheard" ? "unheard" : null },
    h("th", { scope: "row" }, h("a", { href: `#devices/${encodeURIComponent(d.id)}` }, d.name), h("small", {}, [w.roles[d.kind] || d.kind, d.source, d.place].filter(Boolean).join(", ")), d.address ? h("small", { class: "wire" }, d.address) : null),
    col(c.state, state(d)), col(c.battery, battery(d)), col(c.signal, signal(d)), col(c.last, last(d)),
    S.you.technical ? h("td", {}, h("button", { type: "button", "aria-label": w.framesOf(d.name), onclick: () => readFrames(d.id) }, w.frames)) : null);
}

// A thousand rows are not drawn twice a second: of each group so many, the rest
// at a press, and a text finds any.
const part = 100;
let text = "", more = {};
const byName = new Intl.Collator(w.locale, { numeric: true }).compare;
const like = d => !text || [d.name, d.place, d.address].some(x => x?.toLowerCase().includes(text));

export function devices() {
  if (S.arg && S.devices.has(S.arg)) return device(S.devices.get(S.arg), { state, last, battery, signal, readFrames, frames: () => framesOf === S.arg ? framesPanel() : null });
  const all = [...S.devices.values()].filter(like).sort((a, b) => byName(a.name, b.name));
  const by = { unheard: [], seeTo: [], unsupervised: [], heard: [] };
  for (const d of all) by[needs(d)].push(d);
  const cols = Object.entries(w.deviceCols).filter(([k]) => k !== "frames" || S.you.technical);
  return h("main", { id: "main", key: "devices", class: S.you.technical ? "with-side" : null, tabindex: "-1" },
    h("section", {},
      h("div", { class: "sum" }, h("h1", {}, w.devices),
        h("p", {}, w.deviceSum(all.length, by.unheard.length, by.seeTo.length, by.unsupervised.length, by.heard.length)),
        S.devices.size > 20 ? h("label", { class: "find" }, w.device.find, h("input", { init: { type: "search" }, oninput: e => { text = e.target.value.trim().toLowerCase(); S.redraw(); } })) : null),
      h("table", { class: "cards" },
        h("thead", {}, h("tr", {}, cols.map(([k, name]) => h("th", { scope: "col" }, k === "frames" ? h("span", { class: "sr" }, name) : name)))),
        Object.entries(by).filter(([, list]) => list.length).map(([k, list]) => h("tbody", { key: k },
          h("tr", { class: `group ${k}` }, h("th", { colspan: cols.length, scope: "rowgroup" }, w.deviceGroups[k](list.length))), list.slice(0, more[k] || part).map(row),
          list.length > (more[k] || part) ? h("tr", { key: "more", class: "group" }, h("th", { colspan: cols.length }, h("button", { type: "button", onclick: () => { more[k] = (more[k] || part) + part; S.redraw(); } }, w.device.more(Math.min(part, list.length - (more[k] || part)), list.length - (more[k] || part))))) : null)))),
    S.you.technical ? h("div", { class: "side" }, framesPanel(), channelsPanel(), unknownPanel()) : null);
}

function bytes(b64) {
  return [...atob(b64)].map(c => c.charCodeAt(0).toString(16).padStart(2, "0")).join(" ");
}

function framesPanel() {
  const d = S.devices.get(framesOf);
  if (!d) return null;
  return h("section", { class: "frames", key: "frames" }, h("h2", {}, w.framesOf(d.name)),
    typeof frames === "string" ? h("p", {}, frames) : frames && !frames.length ? h("p", {}, w.noFrames) : null,
    h("ol", {}, Array.isArray(frames) ? frames.map(f => h("li", {},
      h("small", {}, [at(f.at), f.source, f.topic].filter(Boolean).join(", ")),
      h("code", {}, f.raw ?? (f.bytes ? bytes(f.bytes) : "")),
      f.decoded ? h("small", {}, f.decoded) : null,
      f.error ? h("small", { class: "bad" }, w.frameError(f.error)) : null)) : null),
    h("button", { type: "button", onclick: () => readFrames(framesOf) }, w.readAgain), " ",
    h("button", { type: "button", onclick: () => { framesOf = ""; S.redraw(); } }, w.hide));
}

function unknownPanel() {
  return h("section", { key: "unknown" }, h("h2", {}, w.unknownDevices(unknown?.length ?? "…")), registerForm(),
    unknown && !unknown.length ? h("p", {}, w.noUnknown) : null,
    h("ul", {}, (unknown || []).slice(0, 100).map(u => h("li", { key: u.address }, h("code", {}, u.address),
      h("small", {}, w.unknownLine(u.source, u.frames, at(u.last)), u.proposed ? `, ${w.proposed(w.roles[u.proposed] || u.proposed)}` : null), registerButton(u, readUnknown)))));
}
