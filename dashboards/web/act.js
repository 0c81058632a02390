// What people press. A press is kept until the gateway has confirmed it: said
// at once, tried on every 2 s, and refused aloud.
import { S, LINK } from "./state.js";
import { w, problem } from "./words.js";

const intents = new Map();   // alarm id → what is being done about it
let changed = () => {};
export const onAct = f => { changed = f; };

export const intent = id => intents.get(id);
export const guarded = () => performance.now() < S.guard;

export function send(method, url, body, head) {
  return fetch(url, {
    method, headers: { "Content-Type": "application/json", ...head },
    body: body && JSON.stringify(body), signal: AbortSignal.timeout(12_000),
  });
}
export const post = (url, body) => send("POST", url, body || {});

// get reads something of the interface. Of what it throws why says the reason.
export async function get(path) {
  const r = await fetch(`/api/v1${path}`, { signal: AbortSignal.timeout(20_000) });
  if (!r.ok) throw Object.assign(new Error(), { status: r.status, told: problem(await r.json()) });
  return r.json();
}
export const why = e => e.told || w.signInFailed;

export const path = (id, action) =>
  LINK ? `/api/v1/links/${LINK}/${action}` : `/api/v1/alarms/${encodeURIComponent(id)}/${action}`;

// answer does something about an alarm.
export async function answer(alarm, action, body) {
  if (guarded()) return;
  S.guard = performance.now() + 800;   // a double tap is one tap
  setTimeout(changed, 820);
  if (S.alarms.has(alarm.id)) S.sel = alarm.id;   // a technical alarm is answered where it stands
  const mine = { action, key: body?.outcome || action, busy: true, seen: alarm, say: "", phone: false };
  intents.set(alarm.id, mine);
  changed();
  while (intents.get(alarm.id) === mine) {
    try {
      const r = await post(path(alarm.id, action), body);
      if (r.ok) return done(alarm.id, mine);
      const f = await r.json().catch(() => ({}));
      if (r.status === 401) {
        S.signedOut = true;
        return finish(alarm.id, mine, problem(f));
      }
      if (r.status < 500 && r.status !== 429) {
        return finish(alarm.id, mine, problem(f) || String(r.status));
      }
      mine.say = w.notYet;
    } catch {
      mine.say = w.notSent;
    }
    mine.phone = true;
    changed();
    await new Promise(f => setTimeout(f, 2000));
  }
}

// done waits for the stream to show what was done, so that the old button does
// not come back for a moment.
function done(id, mine) {
  const start = performance.now();
  const wait = () => {
    if (intents.get(id) !== mine) return;
    if ((S.alarms.get(id) || S.technical.get(id)) !== mine.seen || performance.now() - start > 3000) {
      intents.delete(id);
      changed();
    } else setTimeout(wait, 50);
  };
  wait();
}

// finish says what came of it.
function finish(id, mine, text) {
  if (intents.get(id) === mine) say(id, text);
}

// say shows a sentence at an alarm for a while.
export function say(id, text) {
  const told = { busy: false, say: text };
  intents.set(id, told);
  changed();
  setTimeout(() => {
    if (intents.get(id) === told) {
      intents.delete(id);
      changed();
    }
  }, 10_000);
}
