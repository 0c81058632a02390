// The registry, record by record: reads parts of it, and edits one record at a
// time by a form whose fields are called as the registry calls them, so that
// what is wrong stands at its field. Nothing is in force before it is saved, and
// what was saved can be taken back.
import { h } from "./dom.js";
import { w, problem } from "./words.js";
import { S } from "./state.js";
import { get, send, post } from "./act.js";

export const parts = {};   // by name: {edition, edit, records}; null: not for this viewer
let open = null;           // the one editor: see edit
let done = null;           // what was done last: {said, edition}
let said = "";
let after = async () => {};
export const onSaved = f => { after = f; };

const url = (part, key) => `/api/v1/registry/${part}/${encodeURIComponent(key)}`;

// readParts reads them anew.
export async function readParts(...names) {
  const not = e => { if (e.status === 403 || e.status === 409) return null; throw e; };   // not for this viewer, or not kept here
  const got = await Promise.all(names.map(n => get(`/registry/${n}`).catch(not)));
  names.forEach((n, i) => { parts[n] = got[i]; });
}

export const records = part => parts[part]?.records || [];
export const find = (part, id) => records(part).find(r => r.id === id || r.key === id);
export const editable = part => !!parts[part]?.edit;
export const nameOf = (part, key) => find(part, key)?.record.name || key;

// choices are the records of a part, to choose one. head is a heading with what
// adds one more; button says aloud what it is about.
export const choices = part => () => records(part).map(r => [r.key, r.record.name || r.key]);
export const head = (name, add) => h("div", { class: "top" }, h("h2", {}, name), add ? h("button", { type: "button", onclick: add[1] }, add[0]) : null);
export const button = (word, of, onclick) => h("button", { type: "button", "aria-label": `${word}: ${of}`, onclick }, word);

// edit opens the form of a record. fields are described below; record is what
// it begins with, and a key of null asks for one.
export function edit(part, key, record, fields, title, text) {
  open = { part, key, fields, title, record: structuredClone(record || {}), text, base: find(part, key)?.text, edition: parts[part]?.edition, rows: {}, errors: [], n: (open?.n || 0) + 1, from: document.activeElement };
  done = null;
  said = "";
  S.redraw();
  setTimeout(() => {
    const f = document.querySelector("form.record");
    f?.scrollIntoView({ block: "nearest" });
    f?.querySelector("input:not([type=checkbox]), select, textarea")?.focus({ preventScroll: true });
  }, 0);
}

// editing is the editor, if it is of one of these parts.
export const editing = parts => parts.includes(open?.part) ? open : null;

function shut() {
  const back = open?.from;
  open = null;
  S.redraw();
  setTimeout(() => back?.isConnected && back.focus(), 0);
}

// save puts what the form says in force, or says at its fields what is wrong.
async function save(form, method) {
  const e = open;
  if (!e || e.busy) return;
  const { map = {}, ...shape } = e.text === undefined ? read(e, form) : { text: form.elements.text.value };
  const key = e.key ?? (shape.record ? shape.record.key || slug(shape.record.name || "", e.part) : shape.text.match(/^key:\s*["']?([^\s"']+)/m)?.[1] || "?");
  if (shape.record && !["stays", "site"].includes(e.part)) shape.record.key = key;
  e.busy = true;
  e.errors = [];
  said = "";
  S.redraw();
  try {
    if (shape.record?.key && e.key === null && find(e.part, key)) throw new Taken();   // one more never overwrites one there is
    const ask = () => send(method, url(e.part, key), method === "PUT" ? shape : undefined, e.edition && { "If-Match": String(e.edition) });
    let r = await ask();
    let body = await r.json();
    if (r.status === 409 && body.code === "edited" && await untouched(e, key)) {   // somebody has edited something else
      r = await ask();
      body = await r.json();
    }
    e.busy = false;
    if (r.ok) {
      const name = shape.record?.name || e.record.name || e.title;
      done = { said: method === "PUT" ? w.saved(name) : w.removed(name), edition: body.edition };
      shut();
      await after();
    } else {
      e.errors = (body.fields || []).map(x => ({ field: map[x.field] || x.field, message: x.says || x.message }));
      said = body.fields?.length ? w.notSaved : problem(body);
    }
  } catch (why) {
    e.busy = false;
    said = why instanceof Taken ? w.notSaved : w.signInFailed;
    if (why instanceof Taken) e.errors = [{ field: "key", message: w.keyTaken }];
  }
  S.redraw();
  setTimeout(() => (document.querySelector("form.record [aria-invalid]") || document.querySelector("form.record .said"))?.focus(), 0);
}

class Taken extends Error {}

// untouched reads what there is now, and reports whether this record is as it was.
async function untouched(e, key) {
  await readParts(e.part);
  if (e.key === null && find(e.part, key)) throw new Taken();
  if (find(e.part, e.key)?.text !== e.base) return false;
  e.edition = parts[e.part].edition;
  return true;
}

// read makes a record of what stands in the form. Empty fields are left out, and
// so are empty rows.
function read(e, form) {
  const record = structuredClone(e.record), map = {};
  for (const f of e.fields) {
    if (f.rows) {
      const list = [], n = e.rows[f.name] ?? (e.record[f.name] || []).length;
      for (let i = 0; i < n; i++) {
        const was = e.record[f.name]?.[i], one = was && typeof was === "object" ? structuredClone(was) : {};
        for (const sub of f.rows) put(one, sub, form, `${f.name}[${i}].${sub.name}`);
        if (!Object.keys(one).length) continue;
        for (const sub of f.rows) map[`${f.name}[${list.length}].${sub.name}`] = `${f.name}[${i}].${sub.name}`;
        map[`${f.name}[${list.length}]`] = `${f.name}[${i}].${f.rows[0].name}`;
        list.push(one);
      }
      if (list.length) record[f.name] = list;
      else delete record[f.name];
    } else put(record, f, form, f.name);
  }
  return { record, map };
}

function put(whole, f, form, name) {
  const [group, leaf] = f.name.includes(".") ? f.name.split(".") : ["", f.name];
  const record = group ? { ...whole[group] } : whole;
  set(record, { ...f, name: leaf }, form, name);
  if (!group) return;
  if (Object.keys(record).length) whole[group] = record;
  else delete whole[group];
}

const value = (record, name) => name.split(".").reduce((x, k) => x?.[k], record);

function set(record, f, form, name) {
  if (f.days) {
    const days = [...form.querySelectorAll(`[name="${name}"]:checked`)].map(x => x.value);
    if (days.length) record[f.name] = days;
    else delete record[f.name];
    return;
  }
  const input = form.elements[name];
  if (!input) return;
  let v = input.value.trim();
  if (f.when && v && form.elements[`${name}.time`].value) v += ` ${form.elements[`${name}.time`].value}`;
  if (v) record[f.name] = v;
  else if (!f.secret) delete record[f.name];
  if (f.secret && form.elements[`${name}.clear`]?.checked) record[f.name] = "";
}

// slug makes a key of a name.
export function slug(name, part) {
  const base = name.toLowerCase().replaceAll("ł", "l").normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 40).replace(/-$/, "") || part.slice(0, -1);
  let key = base;
  for (let i = 2; find(part, key); i++) key = `${base}-${i}`;
  return key;
}

// undo takes back what was done last.
async function undo() {
  const d = done;
  done = null;
  S.redraw();
  try {
    const r = await post("/api/v1/registry/undo", { edition: d.edition });
    said = r.ok ? "" : problem(await r.json());
    if (r.ok) done = { said: w.takenBack };
    await after();
  } catch {
    said = w.signInFailed;
  }
  S.redraw();
}

// told says what was done, with a button that takes it back.
export const told = () => h("div", { key: "told", class: "told", role: "status" },
  said && !open ? h("p", { class: "said" }, said) : null,
  done ? h("p", { class: "said" }, done.said, " ", done.edition ? h("button", { type: "button", onclick: undo }, w.undo) : null) : null);

// form draws the editor.
export function form() {
  const e = open, wrong = e.errors.filter(x => !fieldNames(e).includes(x.field));
  const draw = f => f.rows ? group(e, f) : one(e, f, f.name, value(e.record, f.name));
  return h("form", { class: "record", key: `record ${e.n}`, novalidate: true, "aria-label": e.title, onsubmit: ev => { ev.preventDefault(); save(ev.target, "PUT"); } },
    h("h2", {}, e.title),
    said || wrong.length ? h("div", { class: "said", role: "alert", tabindex: "-1" }, said ? h("p", {}, said) : null, wrong.map(x => h("p", {}, x.field ? h("code", {}, x.field) : null, x.field ? ": " : null, x.message))) : null,
    e.text !== undefined ? area(e) : e.fields.map(draw),
    h("div", { class: "row" }, h("button", { class: "go", disabled: e.busy }, e.busy ? w.saving : w.save), h("button", { type: "button", onclick: shut }, w.cancel),
      e.base !== undefined && e.key !== "all" ? h("button", { type: "button", class: "remove", disabled: e.busy, onclick: ev => save(ev.target.form, "DELETE") }, w.remove) : null));
}

const area = e => h("label", { key: "text" }, w.asYaml, h("textarea", { init: { name: "text", value: e.text }, rows: Math.min(24, e.text.split("\n").length + 2), spellcheck: "false", class: "code", "aria-invalid": e.errors.length ? "true" : null }));

const rowsOf = (e, f) => e.rows[f.name] ?? (e.record[f.name] || []).length;
const fieldNames = e => e.text !== undefined ? [] : e.fields.flatMap(f => f.rows ? Array.from({ length: rowsOf(e, f) }, (_, i) => f.rows.map(s => `${f.name}[${i}].${s.name}`)).flat() : [f.name]);

function group(e, f) {
  const n = rowsOf(e, f);
  const plain = (i, sub) => { const v = e.record[f.name]?.[i]; return typeof v === "string" ? (sub === f.rows[0] ? v : undefined) : v?.[sub.name]; };
  return h("fieldset", { key: f.name, class: "rows" }, h("legend", {}, f.label),
    Array.from({ length: n }, (_, i) => h("div", { key: i, class: "one" }, f.rows.map(sub => one(e, sub, `${f.name}[${i}].${sub.name}`, plain(i, sub))))),
    n ? h("p", { class: "quiet-text" }, w.emptyRow) : null,
    h("button", { type: "button", onclick: () => { e.rows[f.name] = n + 1; S.redraw(); setTimeout(() => document.getElementsByName(`${f.name}[${n}].${f.rows[0].name}`)[0]?.focus(), 0); } }, f.add));
}

function one(e, f, name, now) {
  const wrong = e.errors.filter(x => x.field === name || f.days && x.field?.startsWith(`${name}[`)), id = `f-${name}`;
  const hint = f.secret && !e.key ? "" : f.hint;
  const about = { id, "aria-invalid": wrong.length ? "true" : null, "aria-describedby": wrong.length || hint ? `${id}-said` : null };
  const below = wrong.length || hint ? h("small", { id: `${id}-said`, class: wrong.length ? "wrong" : null }, wrong.length ? wrong.map(x => x.message).join("; ") : hint) : null;
  if (f.show && !f.show(e)) return null;
  if (f.days) {
    return h("fieldset", { key: name, class: "days" }, h("legend", {}, f.label), Object.entries(w.weekdays).map(([d, word]) =>
      h("label", { key: d, class: "check" }, h("input", { init: { type: "checkbox", name, value: d, checked: now === "daily" || (now || []).includes(d) } }), word)), below);
  }
  const text = now === undefined ? "" : String(now);
  let input;
  if (f.options) {
    const list = f.options(), known = !text || list.some(([v]) => v === text);
    input = h("select", { ...about, init: { name }, onchange: f.watch ? ev => { e.record[f.name] = ev.target.value; f.watch.call?.(null, e, ev.target.form); S.redraw(); } : null },
      f.empty === false ? null : h("option", { value: "" }, f.empty || w.choose), known ? null : h("option", { value: text, selected: true }, text),
      list.map(([v, word]) => h("option", { key: v, value: v, selected: v === text }, word)));
  } else if (f.long) input = h("textarea", { ...about, rows: 3, init: { name, value: text } });
  else if (f.when) {
    const [day, time] = text.split(" ");
    return h("div", { key: name, class: "when" }, h("label", {}, f.label, h("input", { ...about, init: { name, type: "date", value: day || "" } })),
      h("label", {}, w.atTime, h("input", { init: { name: `${name}.time`, type: "time", value: time || "" }, "aria-label": `${f.label}, ${w.atTime}` })), below);
  } else input = h("input", { ...about, init: { name, type: f.type || "text", value: text, autocomplete: "off" }, inputmode: f.mode || null });
  return h("div", { key: name, class: f.long ? "field long" : "field" }, h("label", {}, f.label, input), below,
    f.secret && e.key ? h("label", { class: "check" }, h("input", { init: { type: "checkbox", name: `${name}.clear` } }), w.takeOut) : null);
}
