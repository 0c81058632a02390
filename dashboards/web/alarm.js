// One alarm: what, how long, where, who, how to get in, in that order. On a
// phone the action is under the thumb; on a desk it is under the title.
import { h, mark } from "./dom.js";
import { w, problem, fault } from "./words.js";
import { S, LINK, now, stale } from "./state.js";
import { ms, age, clock, span, date, minutes } from "./time.js";
import { answer, intent, guarded, post, path, say } from "./act.js";
import { where as onPlan } from "./plan.js";

export const kind = a => a.faults?.codes?.length ? fault(a.faults.codes[0], "")[0].replace(/^: /, "") : w.kinds[a.kind] || a.kind;
export const place = a => a.place || w.nowhere;
export const title = a => w.alarmAt(kind(a), place(a));
export const pmark = (a, held) => mark(a.priority, w.priority[a.priority], held ?? a.state !== "raised");
const at = t => clock(ms(t), now());

// ended names how it ended, or may: of a technical alarm nobody was to be helped.
export const ended = (a, o) => a.faults && o === "not_needed" ? w.notNeeded : w.outcomes[o] || o;

// stateLine says who has it.
export function stateLine(a) {
  const asked = !a.offered ? "" : a.offered === S.you.name ? `, ${w.askedYou}` : `, ${w.asked(a.offered)}`;
  const more = asked + (a.help_wanted ? `, ${w.wantsHelp}` : "");
  switch (a.state) {
    case "acknowledged": return "→ " + (a.yours ? w.youOnTheWay(at(a.held_from)) : w.onTheWay(a.holder, at(a.held_from))) + more;
    case "attended": return "● " + (a.yours ? w.youThere(at(a.held_from)) : w.isThere(a.holder, at(a.held_from))) + more;
    case "closed": return w.closedAs(at(a.closed_at), ended(a, a.outcome));
  }
  return calledLine(a);
}

// calledLine says which step it is at, and who is called.
export function calledLine(a) {
  if (a.waits) return w.waits[a.waits];
  const who = a.called?.length ? w.called(w.list(a.called)) : w.notCalled;
  return a.step ? `${w.step(a.step, a.steps?.length)}, ${who}` : who;
}

// nextLine says what comes when nobody answers; null where nothing does.
export function nextLine(a) {
  if (!a.deadline || a.state === "closed" || a.waits === "over") return null;   // it is called again only if the fault comes back
  if (a.state !== "raised" && !a.help_wanted) return [ms(a.deadline), w.nextLapse(a.state === "attended")];
  const next = a.steps?.[a.step];
  return [ms(a.deadline), next ? w.nextStep(a.step + 1, next.call) : w.nextAgain];
}

export const left = t => h("time", { role: "timer" }, span(t - now()));

// ageOf counts from the press; of a closed alarm it stands.
export const ageOf = (a, props) => age((a.state === "closed" ? ms(a.closed_at) : now()) - ms(a.raised_at), props);

let closing = "";          // the alarm whose outcome is asked for
let handing = "";          // the alarm that somebody is chosen for
const codes = new Map();   // alarm id → key-safe codes that were shown

// press is what a button does.
export function press(a, action) {
  if (action === "hand-over") return hand(a);
  if (action === "reopen") closing = "";
  if (action !== "close") return answer(a, action);
  const box = document.querySelector("input[name=outcome]:checked");
  if (box && closing === a.id) return answer(a, "close", { outcome: box.value });
  if (guarded()) return;
  closing = a.id;
  say(a.id, w.chooseFirst);
  setTimeout(() => {
    const first = document.querySelector("input[name=outcome]");
    first?.closest("fieldset").scrollIntoView({ block: "center" });
    first?.focus({ preventScroll: true });
  }, 0);
}

function button(a, action, props) {
  const i = intent(a.id), busy = i?.busy && i.action === action;
  return h("button", {
    type: "button", key: action, disabled: guarded() || i?.busy,
    onclick: () => press(a, action), ...props,
  }, busy ? w.doing[action] : w.buttons[action], S.narrow || busy ? null : kbd(action));
}

const letter = { take: "T", arrive: "A", close: "C", help: "H", "hand-over": "O" };
const kbd = action => letter[action] && h("kbd", { "aria-hidden": "true" }, letter[action]);

// main is the one thing to do next.
const order = ["take", "arrive", "close", "reopen"];
export const next = a => (a.can || []).find(x => order.includes(x));

function spoken(a) {
  const i = intent(a.id);
  if (!i?.say) return null;
  return h("p", { class: "said", key: "said", role: "status" }, h("b", {}, i.say), " ",
    i.phone && S.site?.phone ? [`${w.orPhone} `, h("a", { href: `tel:${S.site.phone}` }, S.site.phone)] : null);
}

function outcomes(a) {
  if (!a.can?.includes("close") || a.state !== "attended" && closing !== a.id) return null;
  if (a.state === "attended") closing = a.id;
  return h("section", { class: "ending", key: `end-${a.id}` },
    h("fieldset", { class: "outcomes" }, h("legend", {}, w.howEnded),
      (a.faults ? w.order.fixed : w.order.outcomes).map(k =>
        h("label", { key: k }, h("input", { init: { type: "radio", name: "outcome", value: k } }), ended(a, k)))));
}

// hand opens the choice of who is asked to take over, or closes it.
function hand(a) {
  if (guarded()) return;
  handing = handing === a.id ? "" : a.id;
  S.redraw();
  setTimeout(() => document.querySelector(handing ? "select[name=to]" : "button.handing")?.focus(), 0);
}

// chooseWho asks whom to hand over to. Whoever has it keeps it until then.
function chooseWho(a) {
  if (!a.can?.includes("hand-over") || handing !== a.id) return null;
  const all = a.hand_to || [], option = p => h("option", { key: p.id, value: p.id }, p.name);
  const on = all.filter(p => p.on_call), off = all.filter(p => !p.on_call);
  return h("section", { class: "ending hand", key: `hand-${a.id}` }, h("form", { onsubmit: e => {
    e.preventDefault();
    const to = e.target.elements.to.value;
    if (guarded() || !to) return;
    handing = "";
    answer(a, "hand-over", { to });
  } },
    h("label", {}, h("b", {}, w.handWho), h("select", { name: "to", required: true }, h("option", { value: "" }, w.choose),
      on.length ? h("optgroup", { key: "on", label: w.onCallNow }, on.map(option)) : null,
      off.length ? h("optgroup", { key: "off", label: w.notOnCall }, off.map(option)) : null)),
    h("p", { class: "quiet-text" }, w.handTill),
    h("div", { class: "row" }, h("button", { class: "go", disabled: guarded() }, w.handDo), h("button", { type: "button", onclick: () => hand(a) }, w.cancel))));
}

// handButton stands in the page of a phone: the bar under the thumb is for what
// cannot wait.
const handButton = a => a.can?.includes("hand-over") && handing !== a.id
  ? h("section", { key: "handing" }, button(a, "hand-over", { class: "handing" })) : null;

// faultsOf says what a technical alarm is of.
export const faultsOf = f => w.technicalOf(f.count, f.at?.join("; "), f.people, f.everybody, f.without?.join("; "));

function people(a) {
  if (a.faults) return h("p", { class: "person" }, faultsOf(a.faults));
  const list = a.persons || [];
  if (!list.length) return S.you.role === "technician" ? null : h("p", { class: "person quiet-text" }, w.noPerson);
  return list.map(p => h("p", { class: "person" }, h("b", {}, p.name || p.initials),
    p.born ? `, ${w.born(p.born)}` : null, p.until ? `, ${w.until(date(ms(p.until)))}` : null,
    a.hidden ? [" ", h("span", { class: "quiet-text" }, w.hidden)] : null));
}

const notes = a => (a.persons || []).filter(p => p.notes);
const family = a => (a.persons || []).flatMap(p => p.family || []);
const contact = c => h("li", {}, c.name, ": ", h("a", { href: `tel:${c.phone}` }, c.phone), c.note ? `, ${c.note}` : null);

function keySafe(a) {
  if (!a.key_safe) return null;
  const shown = codes.get(a.id);
  if (shown) {
    return h("div", { key: "codes" }, shown.codes.length ? shown.codes.map(c => h("p", { class: "code" }, c)) : h("p", {}, w.noCode));
  }
  const show = h("button", { type: "button", key: "keysafe", onclick: async () => {
    try {
      const r = await post(path(a.id, "keysafe"));
      const body = await r.json();
      if (r.ok) codes.set(a.id, body);
      else say(a.id, problem(body));
    } catch {
      say(a.id, w.signInFailed);
    }
    S.redraw();
  } }, S.narrow ? h("span", {}, w.showCode, h("small", {}, ` ${w.recorded}`)) : w.showShort);
  return S.narrow ? show : [show, " ", h("span", { class: "quiet-text" }, w.recordedShort)];
}

function history(a) {
  const list = [], n = nextLine(a);
  for (const e of a.history || []) {   // what several channels say of one person is one line
    const last = list.at(-1);
    if (last && last.what === e.what && last.who === e.who && last.step === e.step && last.text === e.text && ["reached", "not_reached"].includes(e.what)) last.times++;
    else list.push({ ...e, times: 1 });
  }
  list.reverse();
  if (!list.length) return null;
  return h("section", { key: "history" }, h("h2", {}, w.happened), h("ol", { class: "timeline" },
    n && h("li", { class: "next", key: "next" }, left(n[0]), h("span", {}, n[1])),
    list.map((e, i) => h("li", { key: list.length - i }, h("time", {}, at(e.at)),
      h("span", {}, w.times(w.history[e.what]?.(e) || e.what, e.times))))));
}

const extras = a => [a.drill ? w.drill : null, a.away ? w.away : null, a.presses > 1 ? w.presses(a.presses) : null, a.late ? w.late : null,
  a.raised_by ? w.byHand(a.raised_by) : null].filter(Boolean).join(", ");

const talk = (a, cls) => a.phone && a.state !== "closed" ? h("a", { class: cls, href: `tel:${a.phone}` }, w.talk) : null;

// phone draws an alarm for one thumb, at three in the morning.
export function phone(a, others, rest) {
  const open = a.state !== "closed", main = next(a);
  const also = ["decline", "help"].filter(x => a.can?.includes(x));
  return [
    h("header", { key: "head", class: `head ${a.state} ${a.priority}` },
      open ? pmark(a) : h("span", { class: "tick", "aria-hidden": "true" }, "✓"),
      h("h1", {}, kind(a)), h("p", { class: "age" }, ageOf(a)),
      h("p", { class: "state" }, a.state === "raised" ? [`${w.nobodyHasIt}. `, calledLine(a)] : stateLine(a))),
    h("main", { id: "main", key: "main", tabindex: "-1" },
      h("section", { key: "where" }, h("p", { class: "place" }, place(a)), people(a),
        extras(a) ? h("p", { class: "quiet-text" }, extras(a)) : null),
      others,
      spoken(a),
      outcomes(a),
      chooseWho(a),
      notes(a).length ? h("section", { key: "notes" }, h("h2", {}, w.takeCare), notes(a).map(p => h("p", { class: "note" }, p.notes))) : null,
      open && (a.way_in || a.phone || a.key_safe) ? h("section", { key: "way" }, h("h2", {}, w.howIn), h("p", {}, a.way_in || w.noWayIn),
        h("div", { class: "two" }, talk(a, "button"), keySafe(a))) : null,
      open ? onPlan(a) : null,
      !open ? h("section", { key: "closed" }, h("p", { class: "quiet-text" }, LINK ? w.linkClosed : a.reopen_until && ms(a.reopen_until) > now() ? w.reopenUntil(at(a.reopen_until)) : null),
        main === "reopen" && ms(a.reopen_until) > now() ? button(a, "reopen") : null) : null,
      !open ? rest : null,
      handButton(a),
      history(a),
      family(a).length ? h("section", { key: "family" }, h("h2", {}, w.family), h("ul", {}, family(a).map(contact))) : null,
      open ? rest : null),
    open && main ? h("div", { key: "thumb", class: `thumb n${also.length}` }, also.map(x => button(a, x)), button(a, main, { class: "act", key: "act" })) : null,
  ];
}

function strip(a) {
  const n = nextLine(a);
  const words = a.state === "raised"
    ? [h("b", {}, w.nobodyTook), " ", a.declined?.length ? `${w.cannotCome(a.declined)}. ` : null, calledLine(a)]
    : stateLine(a);
  return h("div", { class: `strip ${a.state}`, key: "strip" }, h("p", {}, words),
    n ? h("p", {}, w.nextIn(n[1], left(n[0]))) : null);
}

const fact = (name, ...value) => [h("dt", {}, name), h("dd", {}, ...value)];

// wide draws an alarm for a desk.
export function wide(a) {
  const main = next(a), also = (a.can || []).filter(x => x !== main);
  const reopenable = main !== "reopen" || ms(a.reopen_until) > now();
  return [
    strip(a),
    h("div", { class: `title ${a.state}`, key: "title" },
      a.state === "closed" ? h("span", { class: "tick", "aria-hidden": "true" }, "✓") : pmark(a),
      h("h1", {}, title(a)), h("p", { class: "age" }, ageOf(a))),
    h("div", { class: "actions", key: "actions" },
      main && reopenable ? button(a, main, { class: main === "reopen" ? null : "act", key: "act" }) : null,
      ["help", "decline", "arrive", "close"].filter(x => also.includes(x)).map(x => button(a, x)),
      also.includes("hand-over") ? button(a, "hand-over", { class: "handing", "aria-expanded": String(handing === a.id) }) : null,
      talk(a, "button"),
      extras(a) ? h("span", { class: "quiet-text" }, extras(a)) : null),
    spoken(a),
    outcomes(a),
    chooseWho(a),
    h("div", { class: "pair", key: "pair" },
      h("section", { key: "who" }, h("h2", {}, w.who), h("dl", { class: "facts" },
        S.you.role === "technician" ? null : fact(w.person, people(a)),
        fact(w.where, place(a)),
        a.way_in ? fact(w.wayIn, a.way_in) : null,
        a.key_safe ? fact(w.keySafe, keySafe(a)) : null,
        notes(a).length ? fact(w.takeCare, notes(a).map(p => h("p", {}, p.notes))) : null,
        family(a).length ? fact(w.family, h("ul", {}, family(a).map(contact))) : null,
        a.source ? fact(w.heardBy, a.source) : null)),
      history(a)),
    onPlan(a),
    tried(a),
  ];
}

// tried is every call, as it was at a time.
export function tried(a, then) {
  if (!a.calls?.length) return null;
  const cols = w.cols;
  const fine = t => `${clock(ms(t))}.${Math.floor(ms(t) % 1000 / 100)}`;
  const col = (name, ...c) => h("td", { "data-l": name }, ...c);
  return h("section", { class: "tried", key: "tried" }, h("table", { class: "cards" }, h("caption", {}, w.tried),
    h("thead", {}, h("tr", {}, Object.values(cols).map(c => h("th", { scope: "col" }, c)))),
    h("tbody", {}, [...a.calls].reverse().slice(0, 40).map(c => h("tr", {},
      col(cols.step, c.step, c.reason === "again" ? ` (${w.again})` : null), col(cols.who, c.to), col(cols.channel, c.channel), col(cols.sent, fine(c.at)),
      c.state === "delivered" ? col(cols.accepted, fine(c.done_at))
        : h("td", { class: "no", "data-l": cols.accepted }, w.delivery[c.state], c.error ? ` (${w.tryError(c.error)})` : null,
          c.state === "withdrawn" || stale() ? null : [", ", minutes((then || now()) - ms(c.at)), ` ${w.min}`]),
      c.on_phone_at ? col(cols.onPhone, fine(c.on_phone_at)) : h("td", { class: "no", "data-l": cols.onPhone }, c.state === "delivered" ? w.noReceipt : "–"),
      c.answer ? col(cols.person, `${clock(ms(c.answer_at))} ${w.answers[c.answer] || c.answer}`)
        : h("td", { class: "no", "data-l": cols.person }, a.state === "raised" ? w.noAnswer : "–"))))));
}
