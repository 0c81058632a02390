// One's own account: where it is signed in and how to end that, and the code
// beside its password.
import { h } from "./dom.js";
import { w, problem } from "./words.js";
import { S, now } from "./state.js";
import { ms, dayClock } from "./time.js";
import { get, send, why } from "./act.js";
import { browserOf } from "./phone.js";
import { codePanel } from "./code.js";

let known = null, read = -1e9, said = "", busy = false;

export async function refreshAccount() {
  if (busy || performance.now() - read < 30_000) return;
  read = performance.now();
  try {
    known = await get("/sessions");
  } catch (e) {
    said = why(e);
  }
  S.redraw();
}

// signOut ends this sign-in, and the one of where it was made, as the answer says;
// what is shown without one is another page. Where the gateway has not heard of it,
// the sign-in goes on, and nobody is to walk away from the screen.
export async function signOut() {
  const r = await send("DELETE", "/api/v1/session").catch(() => null), there = r?.headers.get("location");
  if (!r?.ok) {
    said = w.account.notOut;
    location.hash = "#account";
    return S.redraw();
  }
  if (there) location.assign(there);
  else location.reload();
}

// end signs out elsewhere.
async function end(list) {
  if (busy) return;
  busy = true;
  said = "";
  S.redraw();
  try {
    for (const s of list) {
      const r = await send("DELETE", `/api/v1/sessions/${s.id}`);
      if (!r.ok && r.status !== 404) throw { told: problem(await r.json()) };   // 404: it has ended by itself
    }
    said = w.account.ended(list.length);
  } catch (e) {
    said = why(e);
  }
  busy = false;
  await again();
}

// again reads it when something has changed.
function again() {
  read = -1e9;
  return refreshAccount();
}

const at = t => dayClock(ms(t), now());
const button = (key, words, onclick, props) => h("button", { type: "button", key, disabled: busy, onclick, ...props }, words);

const browser = s => browserOf(s.agent || "") || w.account.some;

// place is one sign-in: in which browser, since when, and when it was used.
export const place = s => h("span", {}, h("b", {}, browser(s)), s.here ? ` (${w.account.here})` : null,
  h("small", {}, w.account.since(at(s.since))), h("small", {}, s.here ? w.account.until(at(s.until)) : w.account.used(at(s.used))));

function session(s) {
  const t = w.account, name = browser(s);
  return h("li", { key: s.id }, place(s),
    s.here ? button("out", w.signOut, signOut) : button("end", t.end, () => end([s]), { "aria-label": t.endThis(name, at(s.since)) }));
}

export function account() {
  const t = w.account, others = (known?.sessions || []).filter(s => !s.here);
  return h("main", { id: "main", key: "account", tabindex: "-1" }, S.narrow ? null : h("h1", { key: "name" }, t.title),
    h("p", { key: "who" }, h("b", {}, known?.account || S.you.name || t.nobody), S.you.name && known?.account ? `, ${S.you.name}` : null, `, ${w.accountRoles[S.you.role] || S.you.role}`),
    h("p", { key: "said", role: "status", class: said ? "said" : null }, said),
    known ? [
      known.sessions.length ? h("section", { key: "all" }, h("h2", {}, t.where), h("ul", { class: "lines" }, known.sessions.map(session)),
        others.length ? button("others", t.endOthers(others.length), () => end(others)) : h("p", { class: "quiet-text" }, t.nowhereElse)) : null,
      codePanel(known, again),
    ] : h("p", { key: "boot" }, w.loading));
}
