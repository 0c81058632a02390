// The page: what is shown where, the keys, and what is said aloud.
import { h, page } from "./dom.js";
import { w, problem, speak } from "./words.js";
import { S, LINK, BOARD, stale, silence, raised, open, current, choose, groups, settled, now } from "./state.js";
import { clock, shortClock, age, ms } from "./time.js";
import { start, reconnect, say } from "./live.js";
import { onAct, post, send } from "./act.js";
import { phone, wide, press, kind, place } from "./alarm.js";
import { list, others, rest, quiet, faults, waitingBar, keysOn } from "./list.js";
import { offered, shown, refresh } from "./views.js";
import { prepare, remember, offer } from "./phone.js";
import { signOut } from "./account.js";
import { board } from "./board.js";
import * as sound from "./sound.js";

const root = document.documentElement, body = document.getElementById("page");
const narrow = matchMedia("(max-width: 60rem)");

// ---- drawing ----------------------------------------------------------------------

let due = 0;
S.redraw = () => { due ||= setTimeout(draw, 0); };

function draw() {
  clearTimeout(due);
  due = 0;
  if (S.you && !shown(S.view)) S.view = { technician: "devices", family: "own" }[S.you.role] || "alarms";
  if (S.you) was = who(S.you);
  S.narrow = narrow.matches;
  const old = stale();
  root.className = [BOARD ? "board" : S.narrow ? "phone" : "wide", S.view, old ? "stale" : ""].filter(Boolean).join(" ");
  document.title = titleOf(old);
  let content;
  if (BOARD && (S.site || old) && !S.signedOut) content = board();
  else if (!S.you && !S.signedOut) content = [old ? notLive() : h("p", { class: "boot", key: "boot" }, w.connecting)];
  else if (S.signedOut) content = [S.you ? notLive(w.signedOut) : null, signIn(), S.you && S.site ? lastKnown() : null];
  else content = desk(old);
  page(body, content.flat(9).filter(Boolean));
  sound.ring();
  sound.answers(say);
}

function titleOf(old) {
  const n = S.site ? raised().length : 0, all = S.site ? open().length : 0;
  const what = old || S.signedOut && S.you ? w.titleStale : !S.site ? w.connecting : n ? w.titleRaised(n) : all ? w.titleOpen(all) : w.quiet;
  return S.site?.name ? `${what} · ${S.site.name}` : what;
}

function desk(old) {
  groups();
  const top = [waitingBar(), old ? notLive() : soundBar(), S.view === "own" ? null : resting()];
  const view = shown(S.view);
  if (view.draw && !LINK) {   // alarms that nobody has are never out of sight
    return [top, S.narrow ? plainHead(view.name()) : bar(), ["technician", "family"].includes(S.you.role) ? null : others(null), view.draw(), S.narrow ? foot() : null];
  }
  const a = current();
  if (S.narrow) {
    if (a) return [top, phone(a, others(a), LINK ? offer() : [rest(a), faults()]), foot()];
    return [top, plainHead(S.site.name || w.alarms),
      h("main", { id: "main", key: "main", tabindex: "-1" }, LINK ? h("p", { class: "boot" }, w.gone) : [quiet(), rest(null), faults()]), foot()];
  }
  return [top, bar(), h("div", { class: "cols", key: "cols" }, LINK ? null : list(),
    h("main", { class: "detail", id: "main", key: "detail", tabindex: "-1" }, a ? wide(a) : LINK ? h("p", { class: "boot" }, w.gone) : quiet())), faults()];
}

// resting tells a family carer that others answer now.
function resting() {
  const t = now(), r = (S.you.rests || []).find(r => ms(r.from) <= t && (!r.until || t < ms(r.until)));
  if (!r) return null;
  return h("p", { class: "resting", key: "resting" }, h("b", {}, r.until ? w.restsUntil(clock(ms(r.until), t)) : w.rests), r.stand_ins.length ? [" ", w.standIn(r.stand_ins)] : null);
}

const plainHead = name => h("header", { class: "head none", key: "plain" }, h("h1", {}, name), h("p", { class: "state" }, live()));
const live = () => h("span", { class: "live" }, stale() ? w.notLive : w.live);

const link = v => h("li", { key: v.key }, h("a", { href: v.href || `#${v.key}`, "aria-current": S.view === v.key ? "page" : null }, v.short?.() || v.name()));
const views = list => LINK ? null : h("nav", { "aria-label": w.views, key: "views" }, h("ul", {}, list.map(link)));

// The bar is one line at 1280 px, with wide letters too: what has no room there,
// or is chosen once, is in a menu, which lies over the page and moves nothing.
const inBar = 6, roomForAll = 3;
function bar() {
  const all = LINK ? [] : offered(), few = all.length <= roomForAll, mine = few || S.you.open ? account() : null;   // the demo says to sign in
  return h("header", { class: "bar", key: "bar" }, h("a", { class: "skip", href: "#main", onclick: e => { e.preventDefault(); document.getElementById("main")?.focus(); } }, w.toContent),
    h("b", { class: "site" }, S.site.name), views(all.slice(0, inBar)), few ? null : menu(all.slice(inBar)),
    h("div", { class: "end" }, live(), soundButton(), few ? [modes(), language()] : null, pause(), mine));
}

const shut = () => { for (const d of document.querySelectorAll("details.menu[open]")) d.open = false; };
const menu = list => h("details", { class: "menu", key: "menu", onclick: e => { if (e.target.closest("a")) shut(); },
  onkeydown: e => { if (e.key === "Escape") { shut(); e.currentTarget.querySelector("summary").focus(); } },
  onfocusout: e => { if (e.relatedTarget && !e.currentTarget.contains(e.relatedTarget)) shut(); } },
  h("summary", { class: list.some(v => v.key === S.view) ? "here" : null }, w.moreViews),
  h("div", {}, list.length ? h("nav", { "aria-label": w.moreViews }, h("ul", {}, list.map(link))) : null, modes(), h("p", { key: "own" }, language(), S.you.open ? null : account())));

function foot() {
  return h("footer", { class: "foot", key: "foot" }, live(), views(offered()), soundButton(), modes(), language(), pause(), account());
}

// pause says that one is on a break, or back.
function pause() {
  if (LINK || S.you.role !== "nurse" && S.you.role !== "centre") return null;
  const until = S.you.break_until && Date.parse(S.you.break_until);
  const say = async () => {
    const url = `/api/v1/people/${encodeURIComponent(S.you.person)}/break`, end = new Date(Date.now() + 30 * 60_000);
    await (until ? send("DELETE", url) : send("PUT", url, { until: end.toISOString() })).catch(() => {});
  };
  return h("button", { type: "button", key: "break", "aria-pressed": String(!!until), onclick: say }, until ? w.back(shortClock(until)) : w.takeBreak);
}

function account() {
  if (LINK) return null;
  if (S.you.open) return h("button", { type: "button", key: "in", onclick: () => { S.you = null; S.signedOut = true; draw(); } }, w.signIn);   // the demo, to see what others see
  return h("button", { type: "button", key: "out", title: w.signedInAs(S.you.name), onclick: signOut }, w.signOut);
}

// language offers the other one, in its own words.
const language = () => h("button", { type: "button", key: "lang", lang: w.other.lang, onclick: () => speak(w.other.lang) }, w.other.name);

// ---- brightness -------------------------------------------------------------------

const MODE = "telecare.mode";
function modes() {
  const mode = localStorage.getItem(MODE);
  return h("fieldset", { class: "modes", key: "modes" }, h("legend", { class: "sr" }, w.brightness), ["light", "dark", "night"].map(m =>
    h("label", { key: m }, h("input", { init: { type: "radio", name: "mode", value: m, checked: mode === m }, onchange: () => setMode(m) }), w[m])));
}
function setMode(m) {
  localStorage.setItem(MODE, m);
  root.dataset.mode = m;
}
if (localStorage.getItem(MODE)) root.dataset.mode = localStorage.getItem(MODE);
else if (BOARD) root.dataset.mode = "dark";

// ---- sound --------------------------------------------------------------------------

let muted = false;   // the bar is taken away only when no hand would notice it move
function soundBar() {
  if (sound.blocked()) muted = true;
  else if (settled()) muted = false;
  return muted ? h("button", { type: "button", class: "nosound", key: "nosound", onclick: () => { sound.unlock(true); setTimeout(draw, 300); } }, w.soundOff) : null;
}
function soundButton() {
  if (!sound.rings()) return null;
  const until = sound.paused();
  return h("button", { type: "button", key: "sound", "aria-keyshortcuts": "P", onclick: () => { sound.unlock(false); sound.pause(); draw(); } },
    until ? w.paused(clock(until)) : w.soundOn, S.narrow ? null : h("kbd", { "aria-hidden": "true" }, "P"));
}

// ---- not live -----------------------------------------------------------------------

function notLive(why) {
  const since = S.heardServer;
  return h("section", { class: "notlive", key: "notlive" }, h("h1", {}, w.notLive),
    since ? h("p", { class: "age" }, age(silence())) : null,
    h("p", {}, why || [since ? w.noWord(clock(since)) : w.noWordYet, " ", w.triedOn]),
    h("p", { class: "do" }, h("b", {}, w.goByPhones), S.site?.phone ? [" ", w.centre, " ", h("a", { href: `tel:${S.site.phone}` }, S.site.phone)] : null,
      since ? h("span", { class: "asat" }, w.asAt(clock(since))) : null));
}

// lastKnown keeps what was known in sight, also when a sign-in has run out.
const lastKnown = () => h("section", { class: "others", key: "lastknown" }, h("h2", {}, w.asAt(clock(S.heardServer))),
  open().map(a => h("p", { key: a.id }, `${kind(a)}, ${place(a)}: ${a.holder || w.nobodyHasIt}`)));

let wrong = "", coded = false, ways = null, was = "";
const who = you => `${you.person} ${you.role}`;
function signIn() {
  if (!ways) {
    ways = {};
    fetch("/api/v1/sign-in").then(r => r.json()).then(v => { ways = v; draw(); }).catch(() => { ways = null; });
  }
  return h("form", { class: "signin", key: "signin", onsubmit: async e => {
    e.preventDefault();
    const f = e.target;
    try {
      const r = await post("/api/v1/session", { name: f.elements.who.value, password: f.elements.password.value, code: f.elements.code?.value || undefined });
      const body = await r.json();
      wrong = r.ok ? "" : problem(body);
      coded = !r.ok && (coded || body.code === "code_needed");
      if (r.ok && was && was !== who(body)) return location.reload();   // nothing is left of what somebody else was shown
      if (r.ok) {
        sound.unlock(false);
        reconnect();
      }
    } catch {
      wrong = w.signInFailed;
    }
    draw();
  } },
    h("h1", {}, w.signIn), h("p", {}, S.you ? null : w.signInFirst),
    h("label", {}, w.name, h("input", { name: "who", autocomplete: "username", required: true })),
    h("label", {}, w.password, h("input", { name: "password", autocomplete: "current-password", required: true, type: "password" })),
    coded ? h("label", {}, w.code, h("input", { name: "code", autocomplete: "one-time-code", required: true })) : null,
    wrong ? h("p", { class: "said", role: "alert" }, wrong) : null,
    h("button", { class: "act" }, w.signIn),
    ways?.path ? h("p", {}, h("a", { href: ways.path }, w.signInWith(ways.provider))) : null);
}

// ---- said aloud ----------------------------------------------------------------------

const loud = document.getElementById("alert"), soft = document.getElementById("status");
function told(a, before) {
  if (a.state === "raised" && before?.state !== "raised") {
    if (a.priority === "high") loud.textContent = w.alertRaised(kind(a), place(a));
    else soft.textContent = w.statusRaised(kind(a), place(a));
  } else if (before && a.state !== before.state) {
    const say = { acknowledged: before.state === "closed" ? w.statusReopened : w.statusTaken, attended: w.statusThere, closed: w.statusClosed }[a.state];
    soft.textContent = say(kind(a), place(a), a.holder);
    if (S.narrow && a.yours && a.id === S.sel) scrollTo(0, 0);   // what comes next is at the top
    if (!raised().length) loud.textContent = "";
  }
}

// ---- hands ---------------------------------------------------------------------------

const hand = e => {
  S.pointer = performance.now();
  if (e.target.closest?.(".rows")) S.overList = S.pointer;
};
for (const e of ["pointerdown", "pointermove", "keydown", "wheel", "touchmove"]) addEventListener(e, hand, { passive: true });
addEventListener("click", () => sound.unlock(false));
addEventListener("pointerdown", e => { if (!e.target.closest?.("details.menu")) shut(); });

addEventListener("keydown", e => {
  if (e.ctrlKey || e.metaKey || e.altKey || !keysOn() || !S.you || S.signedOut || BOARD) return;
  if (e.target.closest("input:not([type=radio]), select, textarea")) return;
  if (e.target.type === "radio" && !/^[a-z?]$/i.test(e.key)) return;   // its arrows are its own; C closes with the outcome chosen
  if (shown(S.view)?.key !== "alarms" && shown(S.view)?.keys?.(e)) {
    e.preventDefault();
    return draw();
  }
  const a = S.view === "alarms" ? current() : null;
  const act = { t: "take", a: "arrive", c: "close", h: "help", o: "hand-over" }[e.key.toLowerCase()];
  if (act && a?.can?.includes(act)) press(a, act);
  else if (e.key.toLowerCase() === "p") sound.pause();
  else if (e.key.toLowerCase() === "n") openDetails("byhand");
  else if (e.key === "?") openDetails("keys");
  else if (e.key === "ArrowDown" || e.key === "ArrowUp") step(e.key === "ArrowDown" ? 1 : -1);
  else if (e.key === "Enter" && e.target === document.body) document.getElementById("main")?.focus();
  else return;
  if (e.key !== "Enter") e.preventDefault();
  draw();
});

function openDetails(id) {
  const s = document.getElementById(id);
  if (!s) return;
  s.parentNode.open = !s.parentNode.open;
  if (s.parentNode.open) (s.parentNode.querySelector("select") || s).focus();
}

function step(by) {
  if (S.narrow || S.view !== "alarms") return;
  const g = groups(), all = [...g.raised, ...g.held, ...g.closed], i = all.findIndex(a => a.id === S.sel);
  const to = all[Math.max(0, Math.min(all.length - 1, i + by))];
  if (to) choose(to.id);
}

function route() {
  const [view, ...arg] = location.hash.slice(1).split("/");
  S.view = view;
  S.arg = decodeURIComponent(arg.join("/"));
  scrollTo(0, 0);
  refresh();
  S.redraw();
}
addEventListener("hashchange", route);
narrow.addEventListener("change", () => S.redraw());
addEventListener("online", () => S.redraw());

onAct(() => S.redraw());
route();
start(S.redraw, told);
prepare();
// Ages tick, and a screen that hears nothing has to notice by itself.
setInterval(() => { draw(); refresh(); remember(); }, 500);
