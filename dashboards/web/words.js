// The words of the page, in the language that the gateway has served it in. Only
// they are loaded.
const LANG = document.documentElement.lang;
const { w: words } = await (LANG === "pl" ? import("./pl.js") : import("./en.js"));
export const w = words;

// speak serves the page in another language from now on, in this browser.
export function speak(lang) {
  document.cookie = `telecare-lang=${lang}; path=/; max-age=31536000; samesite=lax`;
  location.reload();
}

// problem says why something could not be done: as the gateway says it in this
// language, else by the code, which every failure has.
export function problem(f) {
  if (f.says) return f.says;
  const s = f.holder && w.problems[`${f.code} by name`] || w.problems[f.code];
  return s ? s.replaceAll("{name}", () => f.holder || "") : f.message;
}

// fault says what is broken, and what that means.
export function fault(code, name) {
  const f = w.faults[code] || { what: `{name}: ${code.replaceAll("_", " ")}`, means: "" };
  return [f.what.replaceAll("{name}", () => name), f.means];
}
