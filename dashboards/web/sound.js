// The centre's screen rings while an alarm is raised; Take stops it everywhere.
// Patterns after IEC 60601-1-8: high 3+2 pulses twice every 10 s, medium 3 every
// 25 s, low 1 every 30 s.
import { S, LINK, BOARD, raised, time as now } from "./state.js";

const patterns = {
  high: { every: 10_000, pitch: 660, length: 0.13, at: [0, 0.25, 0.5, 0.9, 1.15, 2, 2.25, 2.5, 2.9, 3.15] },
  medium: { every: 25_000, pitch: 520, length: 0.2, at: [0, 0.45, 0.9] },
  low: { every: 30_000, pitch: 440, length: 0.22, at: [0] },
};
const rank = { high: 0, medium: 1, low: 2 };

let audio = null, wave = null, last = -1e9, rung = new Set(), sounding = [];
let pausedUntil = 0, pausedFor = new Set();

export const rings = () => !LINK && !BOARD && S.you?.role === "centre";
export const blocked = () => rings() && (!audio || audio.state !== "running");
export const paused = () => now() < pausedUntil ? pausedUntil : 0;

// unlock lets the browser sound, after a press; it needs one.
export function unlock(tone) {
  if (!rings()) return;
  if (!audio) {
    try {
      audio = new AudioContext();
    } catch {
      return;
    }
    // A fundamental with four harmonics is found and heard better than a pure tone.
    wave = audio.createPeriodicWave(new Float32Array(6), new Float32Array([0, 1, 0.6, 0.4, 0.3, 0.2]));
  }
  if (audio.state !== "running") audio.resume().then(() => { if (tone) play(patterns.low); }).catch(() => {});
}

export function pause() {
  if (paused()) {
    pausedUntil = 0;
    last = -1e9;
    return;
  }
  pausedUntil = now() + 120_000;
  pausedFor = new Set(raised().map(a => a.id));
  hush();
}

// answers says to each call to this screen that its alarm is shown, and whether
// it sounds: one that a hand has paused does.
export function answers(say) {
  S.rings = S.rings.filter(r => {
    if (!S.alarms.has(r.alarm)) return true;   // it is on its way
    say({ rang: r.id, sound: !blocked() });
    return false;
  }).slice(-50);
}

// ring is called at least once a second.
export function ring() {
  if (!rings() || !audio || audio.state !== "running") return;
  const list = raised();
  if (!list.length) {
    if (rung.size) hush();
    rung.clear();
    return;
  }
  if (list.some(a => !pausedFor.has(a.id))) pausedUntil = 0;   // a new alarm breaks a pause
  if (paused()) return;
  const p = patterns[list.map(a => a.priority).sort((a, b) => rank[a] - rank[b])[0]];
  const fresh = list.some(a => !rung.has(a.id));
  if (!fresh && performance.now() - last < p.every) return;
  last = performance.now();
  rung = new Set(list.map(a => a.id));
  play(p);
}

function play(p) {
  hush();
  for (const at of p.at) {
    const t = audio.currentTime + 0.02 + at, o = audio.createOscillator(), g = audio.createGain();
    o.setPeriodicWave(wave);
    o.frequency.value = p.pitch;
    g.gain.setValueAtTime(0, t);
    g.gain.linearRampToValueAtTime(0.4, t + 0.02);
    g.gain.setValueAtTime(0.4, t + p.length - 0.03);
    g.gain.linearRampToValueAtTime(0, t + p.length);
    o.connect(g).connect(audio.destination);
    o.start(t);
    o.stop(t + p.length + 0.02);
    sounding.push(o);
  }
}

function hush() {
  for (const o of sounding) {
    try {
      o.stop();
    } catch { /* it has ended */ }
  }
  sounding = [];
}
