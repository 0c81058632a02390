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
