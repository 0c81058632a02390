// Technical alarms, which are of faults: in the strip of faults, and in no list
// of those of people.
import { h } from "./dom.js";
import { w } from "./words.js";
import { S, now, stale } from "./state.js";
import { ms } from "./time.js";
import { kind, stateLine, next, faultsOf, ended } from "./alarm.js";
import { answer, intent, guarded } from "./act.js";

// technicals are those that are open, and those that somebody may still open
// again.
export const technicals = () => [...S.technical.values()].filter(a =>
  a.state !== "closed" || a.outcome !== "faults_over" && a.can?.includes("reopen") && ms(a.reopen_until) > now());

// technical is one of them, with what whoever looks may do about it: the next
// thing first, always in one place.
export function technical(a) {
  const does = intent(a.id), off = stale() || guarded() || does?.busy;
  const button = (key, action, text, body) => h("button", { type: "button", key, disabled: off, onclick: () => answer(a, action, body) },
    does?.busy && does.key === key ? w.doing[action] : text);
  const main = next(a), can = x => a.can?.includes(x);
  return h("div", { class: "technical", key: a.id, role: "group", "aria-label": w.technicalNumber(a.number) },
    h("p", {}, h("b", {}, `${w.technicalNumber(a.number)}: ${a.faults.root ? w.alarmAt(kind(a), a.faults.root) : kind(a)}. `), faultsOf(a.faults), " ", stateLine(a)),
    does?.say ? h("p", { class: "said", role: "status" }, h("b", {}, does.say)) : null,
    !a.can ? null : h("div", { class: "does" },
      main && main !== "close" ? button(main, main, w.buttons[main]) : null,
      can("close") ? w.order.fixed.map(o => button(o, "close", ended(a, o), { outcome: o })) : null,
      can("decline") ? button("decline", "decline", w.buttons.decline) : null));
}
