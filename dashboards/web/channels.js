// The ways to reach people, by their silent tests. What was not tested, or
// cannot be, is never shown as well.
import { h } from "./dom.js";
import { w, problem } from "./words.js";
import { S, now } from "./state.js";
import { ms, clock } from "./time.js";
import { get, post } from "./act.js";

let channels = null, said = "";

// read takes in how they are.
export async function read() {
  channels = (await get("/channels")).channels;
}

async function test(name) {
  said = "";
  try {
    const r = await post("/api/v1/channel-tests", { channel: name });
    if (!r.ok) said = problem(await r.json());
    const c = channels.find(x => x.name === name);
    if (r.ok && c) c.testing = true;
  } catch {
    said = w.notSent;
  }
  S.redraw();
}

const how = x => x.result === "failed" ? w.channels.failed(w.tryError(x.error)) : w.channels[x.result];
const mark = x => h("span", { class: x.result === "well" ? null : x.result === "failed" ? "tag" : "tag dash" }, how(x));

export function channelsPanel() {
  const t = w.channels, at = s => clock(ms(s), now());
  return h("section", { key: "channels", class: "channels" }, h("h2", {}, t.title),
    said ? h("p", { role: "alert" }, said) : null,
    channels && !channels.length ? h("p", {}, t.none) : null,
    h("ul", {}, (channels || []).map(c => h("li", { key: c.name }, h("code", {}, c.name), " ", c.testing ? t.testing : mark(c), " ",
      c.result === "untestable" || c.error === "no such channel" ? null : h("button", { key: "test", type: "button", "aria-label": `${t.test}: ${c.name}`, disabled: !!c.testing, onclick: () => test(c.name) }, t.test),
      c.tested_at ? h("small", {}, t.last(at(c.tested_at))) : null,
      c.next_at ? h("small", {}, t.next(at(c.next_at))) : null,
      c.called_at ? h("small", {}, c.call_error ? t.callFailed(at(c.called_at), w.tryError(c.call_error)) : t.called(at(c.called_at))) : null,
      c.contacts.filter(k => k.result !== "untestable" && k.result !== c.result).map(k => h("small", { key: k.id, class: k.result === "failed" ? "bad" : null }, `${k.who}: ${how(k)}`))))));
}
