// The floor plan: each place where the registry says that it lies, with what is
// going on there. A state has a shape and a word, never a colour alone.
import { h } from "./dom.js";
import { w } from "./words.js";
import { S, open } from "./state.js";

const rank = { high: 0, medium: 1, low: 2 };

// stateAt says how a place is: raised, held, unheard, quiet or bare.
export function stateAt(id) {
  const alarms = open().filter(a => a.place_id === id).sort((a, b) => (a.state !== "raised") - (b.state !== "raised") || rank[a.priority] - rank[b.priority]);
  if (alarms.length) return { state: alarms[0].state === "raised" ? "raised" : "held", alarm: alarms[0] };
  const all = [...S.devices.values()].filter(d => d.place_id === id);
  if (!all.length) return { state: "bare" };
  const lost = all.filter(d => d.life === "unknown" || d.life === "silent");
  return { state: lost.length ? "unheard" : "quiet", lost };
}

export const floors = () => [...new Set((S.site?.places || []).filter(p => p.plan).map(p => p.plan.floor || ""))];

// lines breaks a name into n lines of about one length.
function lines(name, n) {
  const out = [];
  for (const x of name.split(/\s+/)) {
    if (out.length && (out.length === n || out.at(-1).length + x.length < name.length / n + 1)) out[out.length - 1] += ` ${x}`;
    else out.push(x);
  }
  return out;
}

const marks = {
  raised: (x, y, s) => h("path", { class: "m raised", d: `M${x} ${y - s}l${s} ${1.8 * s}h${-2 * s}z` }),
  held: (x, y, s) => h("path", { class: "m held", d: `M${x} ${y - s}l${s} ${1.8 * s}h${-2 * s}z` }),
  unheard: (x, y, s) => h("text", { class: "q", x, y: y + s * .8, "font-size": s * 2.4, "text-anchor": "middle" }, "?"),
};

function room(p, here, press) {
  const { x, y, w: wide, h: high } = p.plan;
  if (!p.name) return h("g", { class: "room other" }, h("rect", { x, y, width: wide, height: high }));   // by a link one place is told
  const { state } = stateAt(p.id), word = w.planStates[state], mark = marks[state];
  const sizeOf = text => Math.min(1.2, high / (text.length * 1.15 + (mark ? 2.4 : .4)), wide / Math.max(...text.map(t => t.length), 4) * 1.5);
  const text = [1, 2, 3].map(n => lines(p.name, n)).reduce((a, b) => sizeOf(b) > sizeOf(a) ? b : a), size = sizeOf(text), s = size * .7;
  const middle = x + wide / 2, top = y + high / 2 - (text.length - 1) * size * .58 + size * .35 + (mark ? size * .9 : 0);
  return h("g", { key: p.id, class: `room ${state}${p.id === here ? " here" : ""}`, role: press ? "button" : null, tabindex: press ? "0" : null,
    onclick: press ? () => press(p.id) : null, onkeydown: press ? e => { if (e.key === "Enter" || e.key === " ") { e.preventDefault(); press(p.id); } } : null },
    h("title", {}, `${p.name}: ${word}`),
    h("rect", { x, y, width: wide, height: high }),
    mark ? mark(middle, top - size * 1.9, s) : null,
    text.map((t, i) => h("text", { key: i, "aria-hidden": "true", x: middle, y: top + i * size * 1.15, "font-size": size, "text-anchor": "middle" }, t)));
}

// plan draws one floor. here is the place to point out; press is what a room does.
export function plan(floor, here, press) {
  const all = S.site.places.filter(p => p.plan && (p.plan.floor || "") === floor);
  const left = Math.min(...all.map(p => p.plan.x)), top = Math.min(...all.map(p => p.plan.y));
  const right = Math.max(...all.map(p => p.plan.x + p.plan.w)), low = Math.max(...all.map(p => p.plan.y + p.plan.h));
  const told = all.filter(p => p.name), words = [...new Set(told.map(p => stateAt(p.id).state))];
  return h("figure", { class: "plan", key: `plan ${floor}` }, floor ? h("figcaption", {}, floor) : null,
    h("svg", { preserveAspectRatio: "xMinYMin", viewBox: `${left - .2} ${top - .2} ${right - left + .4} ${low - top + .4}`, role: press ? "group" : "img", "aria-label": w.planOf(floor, told.map(p => `${p.name}: ${w.planStates[stateAt(p.id).state]}${p.id === here ? `, ${w.planHere}` : ""}`).join("; ")) },
      [...all].sort((a, b) => (a.id === here) - (b.id === here)).map(p => room(p, here, press))),
    h("ul", { class: "legend" }, ["raised", "held", "unheard", "quiet", "bare"].filter(s => words.includes(s)).map(s => h("li", { key: s },
      h("svg", { viewBox: "0 0 2 2", "aria-hidden": "true", class: "key" }, h("g", { class: `room ${s}` }, h("rect", { x: .1, y: .1, width: 1.8, height: 1.8 }), marks[s]?.(1, 1.1, .6))), w.planStates[s]))));
}

// where points out a place on its floor; nothing where there is no plan of it.
export function where(a) {
  const p = a.place_id && S.site?.places?.find(x => x.id === a.place_id);
  return p?.plan ? h("section", { key: "plan", class: "whereplan" }, h("h2", {}, w.onThePlan), plan(p.plan.floor || "", p.id)) : null;
}
