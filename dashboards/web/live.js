// Keeps the stream open: whatever happens it is tried again every 2 s.
import { S, LINK, BOARD, apply, silence, time } from "./state.js";
import { ms } from "./time.js";

let socket = null, opened = 0, changed = () => {}, told = () => {};

export function start(onChange, onAlarm) {
  changed = onChange;
  told = onAlarm;
  connect();
  setInterval(watch, 1000);
}

function connect() {
  const url = new URL("/api/v1/live", location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  if (LINK) url.searchParams.set("link", LINK);
  else if (BOARD) url.searchParams.set("board", "1");
  const s = new WebSocket(url);
  socket = s;
  opened = performance.now();
  s.onmessage = e => {
    if (s !== socket) return;
    let whole = false;
    try {
      const m = JSON.parse(e.data);
      whole = apply(m, told);
      if (m.type === "snapshot") S.signedOut = false;
    } catch (err) {
      console.error(err);
    }
    if (!whole) again();   // something was missed: a snapshot makes it whole
    changed();
  };
  s.onclose = e => {
    if (s !== socket) return;
    socket = null;
    if (e.code === 4401) S.signedOut = true;
    else if (!LINK) ask();
    setTimeout(() => { if (!socket && !S.signedOut) connect(); }, 1800 + Math.random() * 400);
    changed();
  };
}

function again() {
  const s = socket;
  socket = null;
  s?.close();
  setTimeout(() => { if (!socket && !S.signedOut) connect(); }, 300);
}

// say sends what this screen has to say.
export const say = m => { if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(m)); };

// ask finds out whether the stream is refused because nobody is signed in.
async function ask() {
  try {
    const r = await fetch("/api/v1/session", { signal: AbortSignal.timeout(4000) });
    if (r.status === 401) {
      S.signedOut = true;
      changed();
    }
  } catch { /* the gateway does not answer; the page says so by itself */ }
}

// known is whether a board still knows who is on call: it is told two days of it.
const known = () => !S.duty.length || S.duty.some(r => r.spans.some(s => time() < ms(s.until)));

// watch gives up on a connection that has gone silent, or has no more to tell.
function watch() {
  const since = performance.now() - opened;
  if (socket && (Math.min(silence(), since) > 6000 || !known() && since > 60_000)) again();
}

// signedIn starts again after a sign-in, or a sign-out.
export function reconnect() {
  S.signedOut = false;
  again();
}
