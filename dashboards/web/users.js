// Who may sign in, who is, and where; and which programs come. telecare.yaml has
// them: here the sign-ins of one account can be ended, and a code that it has set
// up be taken away.
import { h } from "./dom.js";
import { w, problem } from "./words.js";
import { S, may } from "./state.js";
import { post, why } from "./act.js";
import { place } from "./account.js";

let shown = "", busy = false, said = "", about = "";   // what was said last, and of which account

const toggle = key => { shown = shown === key ? "" : key; said = ""; S.redraw(); };

// act does something about an account and says what came of it; again reads who is
// signed in anew.
async function act(path, account, told, again) {
  if (busy) return;
  busy = true;
  said = "";
  about = account;
  S.redraw();
  try {
    const r = await post(`/api/v1/access/${path}`, { account }), body = r.status === 204 ? null : await r.json();
    said = r.ok ? told(body) : problem(body);
  } catch (e) {
    said = why(e);
  }
  busy = false;
  await again();
  setTimeout(() => (document.getElementById(`user ${account}`) || document.getElementById("users-said"))?.focus(), 0);   // the button is gone with the sign-ins
}

const role = r => w.accountRoles[r] || r;

// user is an account, which opens to where it is signed in, and to the code beside
// its password that may be lost. One without both does not open, but stays open
// while it is read what has become of them.
function user(name, facts, s, again, lost) {
  const open = shown === name, here = s?.sessions.some(x => x.here), n = s?.sessions.length || 0;
  const says = [h("b", {}, s?.elsewhere ? s.person || role(s.role) : name), h("span", {}, [...facts, w.signedInIn(n)].filter(Boolean).join(", "))];
  if (!n && !open && !lost) return h("li", { key: name }, h("div", { class: "line plain" }, says));
  return h("li", { key: name },
    h("button", { type: "button", class: "line", id: `user ${name}`, "aria-expanded": String(open), onclick: () => toggle(name) }, says),
    open ? h("div", { class: "open" },
      h("p", { key: "said", role: "status", class: said && about === name ? "said" : null }, about === name ? said : ""),
      n ? h("ul", { class: "signed" }, s.sessions.map(x => h("li", { key: x.id }, place(x)))) : null,
      here ? h("p", { class: "quiet-text" }, h("a", { href: "#account" }, w.usersYou)) : n && may("access:write") ? [
        h("p", { class: "quiet-text" }, w.usersMeans),
        h("div", { class: "row" }, h("button", { type: "button", disabled: busy, onclick: () => act("sign-out", name, body => w.account.ended(body.ended), again) }, w.usersEnd(s.elsewhere && s.person || name))),
      ] : null,
      lost && may("access:write") ? [
        h("p", { class: "quiet-text" }, w.usersCodeMeans),
        h("div", { class: "row" }, h("button", { type: "button", disabled: busy, onclick: () => act("code/remove", name, () => w.usersCodeGone, again) }, w.usersCode(name))),
      ] : null) : null);
}

export function usersPanel(access, again) {
  if (!access) return null;
  const at = name => access.sign_ins.find(s => s.account === name && !s.elsewhere), others = access.sign_ins.filter(s => s.elsewhere);
  const gone = said && ![...access.accounts.map(a => a.name), ...others.map(s => s.account)].includes(about);   // with its row
  return h("section", { key: "users", class: "users" }, h("h2", {}, w.users), h("p", { class: "quiet-text" }, w.usersWhere),
    h("p", { key: "said", id: "users-said", tabindex: "-1", role: "status", class: gone ? "said" : null }, gone ? said : ""),
    h("ul", { class: "lines" }, access.accounts.map(a => user(a.name, [role(a.role), a.person, a.code ? w.withCode : null], at(a.name), again, a.code_own && a.role !== "administrator"))),
    others.length ? [h("h2", {}, w.usersElsewhere), h("ul", { class: "lines" }, others.map(s => user(s.account, [s.person ? role(s.role) : null], s, again)))] : null,
    h("h2", {}, w.programs), access.tokens.length ? h("ul", { class: "lines" }, access.tokens.map(t => h("li", { key: t.name, class: "user" }, h("b", {}, t.name), h("small", {}, [t.person, t.scopes.join(" ")].filter(Boolean).join(", "))))) : h("p", { class: "quiet-text" }, w.none));
}
