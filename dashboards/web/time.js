// How times read. An age is never written like a clock: 1:47 min, 13 s; a time
// of day has seconds and is in the site's zone.
import { h } from "./dom.js";
import { w } from "./words.js";

const two = n => String(n).padStart(2, "0");
let zone = "UTC";
let formats = {};

export function setZone(name) {
  try {
    new Intl.DateTimeFormat(w.locale, { timeZone: name });
    zone = name;
  } catch {
    zone = "UTC";
  }
  formats = {};
}

function format(options) {
  const k = JSON.stringify(options);
  formats[k] ||= new Intl.DateTimeFormat(w.locale, { timeZone: zone, hourCycle: "h23", ...options });
  return formats[k];
}

export const ms = t => t ? Date.parse(t) : 0;
const day = t => format({ day: "numeric", month: "short" }).format(t);

// clock is a time of day; with the date when it is not today.
export function clock(t, now) {
  const s = format({ hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(t);
  return now && day(t) !== day(now) ? w.dayClock(day(t), s) : s;
}
export const shortClock = t => format({ hour: "2-digit", minute: "2-digit" }).format(t);
// dayClock is a time of day without seconds; with the date when it is not today.
export const dayClock = (t, now) => day(t) !== day(now) ? w.dayClock(day(t), shortClock(t)) : shortClock(t);
export const date = t => format({ day: "numeric", month: "long" }).format(t);
export const weekday = t => format({ weekday: "long", day: "numeric", month: "long" }).format(t);

export const shortDay = t => format({ weekday: "short", day: "numeric", month: "short" }).format(t);
export const month = t => format({ month: "long", year: "numeric" }).format(t);

// minutes reads 1:47, or 1 h 47; min belongs behind it.
export function minutes(d) {
  const s = Math.max(0, Math.floor(d / 1000));
  if (s < 3600) return `${Math.floor(s / 60)}:${two(s % 60)}`;
  return `${Math.floor(s / 3600)} ${w.h} ${two(Math.floor(s / 60) % 60)}`;
}

// age is an element that says how long.
export const age = (d, props) =>
  h("time", { role: "timer", ...props }, minutes(d), h("span", { class: "unit" }, ` ${w.min}`));

// span reads 13 s or 1:47 min.
export const span = d => d < 60_000 ? w.seconds(Math.max(0, Math.round(d / 1000))) : `${minutes(d)} ${w.min}`;

// rough is for devices: 7 s, 16 min, 7 h 20 min, 3 days.
export function rough(d) {
  const s = Math.max(0, Math.floor(d / 1000));
  if (s < 60) return w.seconds(s);
  if (s < 3600) return `${Math.floor(s / 60)} ${w.min}`;
  if (s < 172_800) return w.hours(Math.floor(s / 3600), Math.floor(s / 60) % 60);
  return w.days(Math.floor(s / 86_400));
}

// ---- days and hours on the site's clock -----------------------------------------------

// wall is what the clock on the wall shows: the day as 2026-10-25, and the time.
export function wall(t) {
  const p = {};
  for (const x of format({ year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", numberingSystem: "latn", calendar: "gregory" }).formatToParts(t)) p[x.type] = x.value;
  return { day: `${p.year}-${p.month}-${p.day}`, time: `${p.hour}:${p.minute}`, seconds: p.second };
}

// moment is when the clock on the wall shows a time of a day. One that it shows
// twice is the first; one that it skips is as much later.
export function moment(d, clock) {
  const asked = Date.parse(`${d}T${clock || "00:00"}:00Z`);
  const off = t => { const x = wall(t); return Date.parse(`${x.day}T${x.time}:${x.seconds}Z`) - Math.floor(t / 1000) * 1000; };
  const before = off(asked - 86_400_000), after = off(asked + 86_400_000), a = asked - before, b = asked - after;
  return off(a) !== before && off(b) === after ? b : a;
}

// dayAfter is the day so many days later; a day has 23, 24 or 25 hours.
export const dayAfter = (d, n) => new Date(Date.parse(`${d}T00:00:00Z`) + n * 86_400_000).toISOString().slice(0, 10);
