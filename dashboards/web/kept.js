// What is kept of one person: all of it in a file, for whoever asks; and erased for
// good, for whoever types their name, since nothing of that can be taken back.
import { h } from "./dom.js";
import { w, problem } from "./words.js";
import { S, may } from "./state.js";
import { post } from "./act.js";

let asked = "", busy = false, said = "", after = "";   // whose erasure is asked for; what it said

// kept is drawn under a person; done reads anew what is there.
export function kept(id, name, done) {
  if (!may("people:erase")) return null;
  const ask = is => { asked = is ? id : ""; said = ""; S.redraw(); };
  return h("div", { class: "kept" },
    h("h3", {}, w.kept.title),
    h("div", { class: "row" },
      h("a", { class: "button", href: `/api/v1/subjects/${encodeURIComponent(id)}`, download: `telecare-${id}.json` }, w.kept.file),
      h("button", { type: "button", "aria-expanded": String(asked === id), "aria-label": `${w.kept.erase}: ${name}`, onclick: () => ask(asked !== id) }, w.kept.erase)),
    asked !== id ? null : h("form", { class: "record", novalidate: true, "aria-label": w.kept.erase, onsubmit: e => { e.preventDefault(); erase(id, e.target.elements.name.value, done); } },
      h("p", {}, w.kept.means),
      said ? h("p", { class: "said", role: "alert" }, said) : null,
      h("div", { class: "field" }, h("label", {}, w.kept.type, h("input", { init: { name: "name", autocomplete: "off" }, spellcheck: "false" }))),
      h("div", { class: "row" }, h("button", { class: "go", disabled: busy }, busy ? w.saving : w.kept.forGood), h("button", { type: "button", onclick: () => ask(false) }, w.cancel))));
}

// erased says what was done, where the person was.
export const erased = () => h("div", { key: "erased", class: "told", role: "status" }, after ? h("p", { class: "said" }, after) : null);

async function erase(id, name, done) {
  if (busy) return;
  busy = true;
  said = after = "";
  S.redraw();
  try {
    const r = await post(`/api/v1/subjects/${encodeURIComponent(id)}/erase`, { name });
    const body = await r.json();
    if (r.ok) {
      asked = "";
      after = [w.kept.done, body.left.length ? w.kept.left(body.left.join(", ")) : ""].filter(Boolean).join(" ");
      busy = false;
      await done();
    } else said = body.code === "invalid" ? body.message : problem(body);
  } catch {
    said = w.signInFailed;
  }
  busy = false;
  S.redraw();
}
