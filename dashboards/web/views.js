// The views there are, in the order of the bar: who is offered each, what it
// draws, and what it reads anew while it is looked at.
import { w } from "./words.js";
import { S, LINK, BOARD, may } from "./state.js";
import { devices, refresh as readDevices } from "./devices.js";
import { duty, refreshDuty } from "./duty.js";
import { faults } from "./list.js";
import { rota, refreshRota, rotaKeys } from "./rota.js";
import { journal, refreshJournal, journalKeys } from "./journal.js";
import { people, refresh as readPeople } from "./people.js";
import { settings, refresh as readSettings } from "./settings.js";
import { phone, refreshPhone } from "./phone.js";
import { own, refreshOwn } from "./own.js";
import { looks, refreshLooks } from "./looks.js";
import { account, refreshAccount } from "./account.js";

const is = (...roles) => roles.includes(S.you?.role);
const reads = scope => may("registry:read") && may(scope);

// short is what the bar calls it, where the name is too long. A view with an href is a page of its own; one without draws itself at #key.
// draw returns its main; without one, the view is app.js's own. refresh is
// called twice a second while the view is shown to somebody; keys takes a key,
// and says whether it was one of the view's.
const views = [
  { key: "own", name: () => w.own.title, offered: () => is("family"), draw: own, refresh: refreshOwn },
  { key: "board", href: "/?board", name: () => w.board, offered: () => !is("family") },
  { key: "alarms", name: () => w.alarms, offered: () => !is("family") },
  { key: "duty", name: () => w.duty, offered: () => is("centre", "nurse"), draw: duty, refresh: refreshDuty },
  { key: "rota", name: () => w.rota.title, offered: () => is("centre", "nurse", "manager", "administrator"), draw: rota, refresh: refreshRota, keys: rotaKeys },
  { key: "handover", href: "/handover", name: () => w.handover, offered: () => is("centre", "nurse") },
  { key: "people", name: () => w.peopleView, short: () => w.peopleShort, offered: () => may("people:read") && may("stays:read"), draw: people, refresh: readPeople },
  { key: "devices", name: () => w.devices, offered: () => is("centre", "technician", "manager", "administrator"), draw: () => [faults(), devices()], refresh: readDevices },
  { key: "journal", name: () => w.journal.title, offered: () => is("centre", "technician", "nurse", "manager", "administrator"), draw: journal, refresh: refreshJournal, keys: journalKeys },
  { key: "thisphone", name: () => w.phone.title, offered: () => !!S.you?.person && may("alarms:write"), draw: phone, refresh: refreshPhone },
  { key: "report", href: "/report", name: () => w.report, offered: () => is("centre", "technician", "manager", "administrator") },
  { key: "looks", name: () => w.looks.title, offered: () => may("looks:read"), draw: looks, refresh: refreshLooks },
  { key: "settings", name: () => w.settings, offered: () => reads("devices:read"), draw: settings, refresh: readSettings },
  { key: "account", name: () => w.account.title, offered: () => !S.you?.link, draw: account, refresh: refreshAccount },
];

// offered lists what the viewer is offered.
export const offered = () => views.filter(v => v.offered());

// shown is the view that the address names; null is none of this page.
export const shown = key => views.find(v => v.key === key && !v.href) || null;

// refresh lets the view that is shown read what it shows.
export function refresh() {
  if (LINK) refreshPhone();
  else if (S.you && !S.signedOut && !BOARD) shown(S.view)?.refresh?.();
}
