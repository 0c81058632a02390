// The catalogue of the formats that are understood, read when it is opened.
import { h } from "./dom.js";
import { w } from "./words.js";
import { S } from "./state.js";
import { rough } from "./time.js";
import { get } from "./act.js";

let formats = null;

async function readFormats() {
  try {
    formats = (await get(`/formats?lang=${document.documentElement.lang}`)).formats;
    S.redraw();
  } catch { /* the page says by itself when the gateway does not answer */ }
}

const names = (list, of) => (list || []).map(x => of[x] || x).join(", ");

function supervision(f) {
  const t = w.formats;
  return f.supervision.map(s => {
    const how = s.every ? t.window.replace("{name}", rough(s.every * 1000)) : t.noSign;
    return s.of ? `${s.of}: ${how}` : f.supervision.length > 1 ? `${t.others}: ${how}` : how;
  }).join("; ");
}

export function formatsPanel() {
  const t = w.formats, kinds = { ...w.kinds, ...t.kinds };
  const line = (name, text) => text ? [h("dt", {}, name), h("dd", {}, text)] : null;
  return h("section", { key: "formats", class: "formats" }, h("h2", {}, t.title),
    formats ? null : h("button", { type: "button", onclick: readFormats }, w.show),
    (formats || []).map(f => h("details", { key: f.name }, h("summary", {}, h("code", {}, f.name), " ", t.transports[f.over]),
      h("dl", {},
        line(t.reads, f.reads), line(t.devices, f.devices), line(t.address, `${f.address} (${f.named})`),
        line(t.wiring, f.baud ? t.baud.replace("{name}", f.baud) : (f.topics || []).join(" ")),
        line(t.events, names(f.events, kinds)), line(t.readings, names(f.readings, t.quantities)),
        line(t.answered, t.answers[f.answered]), line(t.supervised, supervision(f)), line(t.asked, f.asked),
        h("dt", {}, t.cannotTell), f.cannot_tell.map(c => h("dd", {}, c))))));
}
