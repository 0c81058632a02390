// The service worker: it shows what is pushed to this phone, and says that it is
// offline when it is. It keeps no page and no data that could be taken for live.
// The gateway writes `version` before this, a new one whenever a file is another.
"use strict";

const KEPT = `telecare-${version}`;
const FILES = ["/offline", "/web/offline.js", "/web/tokens.css", "/web/desk.css", "/web/favicon.svg"];

self.addEventListener("install", e => {
  self.skipWaiting();
  e.waitUntil(caches.open(KEPT).then(c => c.addAll(FILES.map(f => new Request(f, { cache: "reload" })))));
});

self.addEventListener("activate", e => e.waitUntil((async () => {
  for (const k of await caches.keys()) if (/^telecare-[0-9a-f]+$/.test(k) && k !== KEPT) await caches.delete(k);
  await self.clients.claim();
})()));

// The network answers, or nobody does.
self.addEventListener("fetch", e => {
  const url = new URL(e.request.url);
  if (e.request.method !== "GET" || url.origin !== location.origin) return;
  const kept = e.request.mode === "navigate" ? "/offline" : FILES.includes(url.pathname) ? url.pathname : "";
  if (kept) e.respondWith(fetch(e.request).catch(async () => await (await caches.open(KEPT)).match(kept) || Response.error()));
});

async function post(path, body) {
  for (let tries = 0; ; tries++) {
    try {
      const r = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
      if (r.ok || r.status < 500 || tries === 3) return r.ok;
    } catch {
      if (tries === 3) return false;
    }
    await new Promise(done => setTimeout(done, 1000 << tries));
  }
}

// here is a path of our own page: a message opens no other.
const here = path => {
  const url = new URL(path || "/", location.origin);
  return url.origin === location.origin ? url.href : location.origin + "/";
};

async function show(m) {
  const call = m.kind === "call", stop = m.kind === "stop";
  await self.registration.showNotification(m.title || location.host, {
    body: m.body || "", lang: m.lang || "", tag: m.tag || "telecare", icon: "/web/icon-192.png", data: m,
    renotify: !stop, silent: stop, requireInteraction: call, ...stop ? {} : { vibrate: [400, 200, 400, 200, 800] },
    actions: call && m.take && m.decline ? [{ action: "take", title: m.take.label }, { action: "decline", title: m.decline.label }] : [],
  });
}

self.addEventListener("push", e => e.waitUntil((async () => {
  let m = {};
  try {
    m = e.data.json();
  } catch { /* a browser wants something to be shown all the same */ }
  await show(m);
  if (m.receipt) await post("/api/v1/phone-receipts", { receipt: m.receipt });
})()));

async function open(path) {
  const url = here(path);
  for (const c of await self.clients.matchAll({ type: "window", includeUncontrolled: true })) if (c.url === url) return c.focus();
  return self.clients.openWindow(url);
}

self.addEventListener("notificationclick", e => {
  const m = e.notification.data || {}, answer = e.action === "take" ? m.take : e.action === "decline" ? m.decline : null;
  e.notification.close();
  e.waitUntil((async () => {
    const said = answer ? post(here(answer.post), {}) : true;
    if (e.action !== "decline") await open(m.open);   // at once: a browser lets it only right after the press
    if (!await said && e.action === "decline") await show(m);   // nobody has heard it
  })());
});
