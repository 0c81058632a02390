// This phone: whether it rings by web push when somebody is called, and the
// others of the same person. The gateway knows that one rings only when it has
// said so itself.
import { h } from "./dom.js";
import { w, problem } from "./words.js";
import { S, LINK, now } from "./state.js";
import { ms, clock } from "./time.js";
import { post, send } from "./act.js";

const at = LINK ? `/api/v1/links/${LINK}/phones` : "/api/v1/phones";
const worker = navigator.serviceWorker;
const can = !!(worker && window.PushManager && window.Notification);
const apple = /iPhone|iPad/.test(navigator.userAgent);

let list = null, mine = "", said = "", busy = false, asked = -1e9;   // read at once when it is opened

// prepare has the worker there: for a page that says that it is offline, and for
// a phone that rings.
export function prepare() {
  worker?.register("/sw.js").catch(() => {});
}

// remember keeps the one thing that the page without a network shows.
let kept = "";
export function remember() {
  const phone = S.site?.phone || "";
  if (!worker || !phone || phone === kept) return;
  kept = phone;
  caches.open("telecare-facts").then(c => c.put("/facts", new Response(JSON.stringify({ phone })))).catch(() => {});
}

async function read() {
  asked = performance.now();
  try {
    const r = await fetch(at);
    if (!r.ok) throw 0;
    list = await r.json();
    mine = can ? (await (await worker.getRegistration("/"))?.pushManager.getSubscription())?.toJSON().keys?.p256dh || "" : "";
  } catch {
    if (LINK) list = { phones: [] };   // not by a link here
  }
  S.redraw();
}

// refresh reads it while it is looked at, now and then: a phone says by itself
// that it rang. By a link it is read once.
export const refreshPhone = () => { if (!(LINK && list) && performance.now() - asked > 3000) read(); };

const bytes = key => Uint8Array.from(atob(key.replace(/-/g, "+").replace(/_/g, "/")), c => c.charCodeAt(0));
const same = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);

// browserOf is what somebody knows a browser by, of what it calls itself.
export function browserOf(agent) {
  const find = marks => agent.match(marks)?.[0];
  const on = find(/iPhone|iPad|Android|Windows|Mac|Linux/), by = find(/Edg|Firefox|FxiOS|SamsungBrowser|Chrome|CriOS|Safari/);
  return [on, by].filter(Boolean).join(", ");
}

async function act(f) {
  if (busy) return;
  busy = true;
  said = "";
  S.redraw();
  try {
    said = await f() || "";
  } catch {
    said = w.notSent;
  }
  busy = false;
  await read();
}

const answer = async r => r.ok ? "" : problem(await r.json());

const switchOn = () => act(async () => {
  if (await Notification.requestPermission() !== "granted") return w.phone.denied;
  await worker.register("/sw.js");
  const push = (await worker.ready).pushManager, key = bytes(list.key);
  let sub = await push.getSubscription();
  if (sub && !same(new Uint8Array(sub.options.applicationServerKey), key)) {   // the gateway has got other keys
    await sub.unsubscribe();
    sub = null;
  }
  try {
    sub ||= await push.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  } catch {
    return w.phone.noService;
  }
  const { endpoint, keys } = sub.toJSON();
  return answer(await post(at, { name: browserOf(navigator.userAgent) || w.phone.some, endpoint, p256dh: keys.p256dh, auth: keys.auth }));
});

const remove = p => act(async () => {
  const wrong = await answer(await send("DELETE", `${at}/${p.id}`));
  if (!wrong && p.p256dh === mine) await (await (await worker.getRegistration("/"))?.pushManager.getSubscription())?.unsubscribe();
  return wrong;
});

const ring = p => act(async () => await answer(await post(`${at}/${p.id}/try`)) || w.phone.sent);

const button = (key, words, onclick, props) => h("button", { type: "button", key, disabled: busy, onclick, ...props }, words);
const shown = p => p.shown_at ? w.phone.rang(clock(ms(p.shown_at), now())) : w.phone.neverRang;

function state() {
  const t = w.phone, here = list.phones.find(p => p.p256dh === mine);
  if (!list.key) return h("p", { key: "state" }, t.none);
  if (here) return h("p", { key: "state", class: "on" }, h("b", {}, `✓ ${t.on}`), " ", shown(here));
  if (!can) return h("p", { key: "state" }, apple ? t.apple : t.cannot);
  if (Notification.permission === "denied") return h("p", { key: "state" }, t.denied);
  return h("div", { key: "state" }, h("p", {}, t.off), button("on", t.ring, switchOn, { class: "act" }));
}

// phone draws the view.
export function phone() {
  const t = w.phone;
  return h("main", { id: "main", key: "thisphone", tabindex: "-1" }, S.narrow ? null : h("h1", {}, t.title),
    list ? [state(),
      list.key && !list.called ? h("p", { key: "uncalled", class: "quiet-text" }, t.uncalled) : null,
      h("p", { key: "said", role: "status" }, said),
      list.phones.length ? h("section", { key: "all" }, h("h2", {}, t.yours), h("ul", {}, list.phones.map(p => h("li", { key: p.id },
        h("b", {}, p.name), p.p256dh === mine ? ` (${t.thisOne})` : "", " ", h("small", {}, p.p256dh === mine ? t.since(clock(ms(p.added_at), now())) : shown(p)), " ",
        button("try", t.try, () => ring(p), { "aria-label": t.tryThis(p.name) }), button("remove", t.remove, () => remove(p), { "aria-label": t.removeThis(p.name) }))))) : null,
      h("p", { key: "note", class: "quiet-text" }, t.note)] : h("p", {}, w.loading));
}

// offer is the same, for whoever has but a link: where that is allowed, and this
// phone does not ring yet.
export function offer() {
  if (!list?.key || !can && !apple) return null;
  return h("section", { key: "phone" }, h("h2", {}, w.phone.title), state(), h("p", { role: "status" }, said));
}
