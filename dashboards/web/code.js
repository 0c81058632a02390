// A code beside one's password: a device that shows codes is set up here, and
// counts once a code of it has shown that it works. The secret is in the page
// only until then, and never in an address.
import { h } from "./dom.js";
import { w, problem } from "./words.js";
import { S, now } from "./state.js";
import { ms, clock } from "./time.js";
import { send, why } from "./act.js";

let step = "", begun = null, papers = [], busy = false, said = "";   // "", password, device, papers, remove

// go shows a step, with the hands where it begins.
function go(to, codes) {
  step = to;
  said = "";
  if (to !== "device") begun = null;
  papers = codes || [];
  S.redraw();
  setTimeout(() => document.querySelector(to === "" ? ".second button" : to === "device" || to === "papers" ? ".second h3" : ".second input")?.focus(), 0);
}

// ask asks for something of one's code, and goes on with the answer.
async function ask(method, path, body, then) {
  if (busy) return;
  busy = true;
  said = "";
  S.redraw();
  try {
    const r = await send(method, `/api/v1/session/code${path}`, body);
    if (r.ok) await then(r.status === 204 ? null : await r.json());
    else said = problem(await r.json());
  } catch (e) {
    said = why(e);
  }
  busy = false;
  S.redraw();
  if (said) setTimeout(() => document.querySelector(".second input")?.select(), 0);
}

const field = (name, label, props) => h("div", { class: "field" }, h("label", {}, label, h("input", { init: { name, required: true, ...props }, "aria-describedby": said ? "second-said" : null })));
const password = () => field("password", w.password, { type: "password", autocomplete: "current-password" });
const digits = label => field("code", label, { autocomplete: "one-time-code", inputMode: "numeric", maxLength: 40 });

// form is a step: its fields, what it says of a mistake, and what goes on.
const form = (key, name, onsubmit, ...inside) => h("form", { key, class: "record", novalidate: true, "aria-label": name, onsubmit: e => { e.preventDefault(); onsubmit(Object.fromEntries(new FormData(e.target))); } },
  ...inside, h("p", { key: "said", id: "second-said", role: "alert", class: said ? "said" : null }, said),
  h("div", { class: "row" }, h("button", { class: "go", disabled: busy }, busy ? w.saving : name), h("button", { type: "button", onclick: () => go("") }, w.cancel)));

// picture draws the rows of a QR code, a path of one square a module.
function picture(rows) {
  const n = rows.length + 8, dark = rows.map((r, y) => [...r].map((c, x) => c === "#" ? `M${x + 4} ${y + 4}h1v1h-1z` : "").join("")).join("");
  return h("svg", { class: "qr", viewBox: `0 0 ${n} ${n}`, role: "img", "aria-label": w.second.picture }, h("path", { d: dark }));
}

function device(again) {
  const t = w.second, link = h("p", {}, h("a", { href: begun.uri }, t.link));
  return [h("h3", { tabindex: "-1" }, t.take), S.narrow ? link : null,   // no telephone photographs itself
    begun.picture.length ? [h("p", {}, t.takeHow), picture(begun.picture)] : null, S.narrow ? null : link,
    h("p", {}, t.typed, " ", h("code", {}, begun.secret.match(/.{1,4}/g).join(" "))),
    form("device", t.confirm, f => ask("PUT", "", { code: f.code }, body => { go("papers", body.recovery); again(); }),
      digits(t.proof), h("p", { class: "quiet-text" }, t.by(clock(ms(begun.until), now()))))];
}

const paper = () => [h("h3", { tabindex: "-1" }, w.second.papers), h("p", {}, w.second.papersHow), h("ol", { class: "papers" }, papers.map(c => h("li", { key: c }, h("code", {}, c)))),
  h("div", { class: "row" }, h("button", { type: "button", onclick: () => go("") }, w.second.written))];

// codePanel is drawn under one's account; again reads that anew.
export function codePanel(known, again) {
  const t = w.second;
  if (!known.account) return null;
  if (step === "device" && ms(begun.until) <= now()) go("");
  return h("section", { key: "code", class: "second" }, h("h2", {}, w.account.code), h("p", { key: "is", role: "status" }, known.code ? w.account.coded : w.account.notCoded),
    step === "password" ? form("password", t.next, f => ask("POST", "", { password: f.password }, body => { begun = body; go("device"); }), password())
      : step === "device" ? device(again)
      : step === "papers" ? paper()
      : step === "remove" ? form("remove", t.remove, f => ask("POST", "/remove", f, async () => { await again(); go(""); }), password(), digits(t.proofOrPaper))
      : !known.code ? [h("p", { class: "quiet-text" }, t.means), h("button", { type: "button", key: "begin", onclick: () => go("password") }, t.begin)]
      : !known.code_own ? h("p", { class: "quiet-text" }, t.inFile(known.account))
      : S.you.role === "administrator" ? h("p", { class: "quiet-text" }, t.demanded)
      : h("button", { type: "button", key: "remove", onclick: () => go("remove") }, t.remove));
}
