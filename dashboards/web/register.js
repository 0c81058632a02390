// A device that is heard and that nobody knows becomes one of the house: its
// address stays as it was heard, and what it seems to be is proposed.
import { h } from "./dom.js";
import { w } from "./words.js";
import { S, may } from "./state.js";
import { readParts, records, choices, editable, edit, editing, form, told, onSaved, slug } from "./records.js";

// meaning are the fields that say what a press means, and where.
export const meaning = () => [
  { name: "role", label: w.deviceRole, options: () => Object.entries(w.deviceRoles), empty: w.noRole },
  { name: "place", label: w.where, options: choices("places") }];

let failed = "";

// register opens the form. saved is called when the device is one of the house.
async function register(u, saved) {
  failed = "";
  onSaved(saved);
  try {
    await readParts("devices", "places");
    if (!editable("devices")) throw new Error();
  } catch {
    failed = w.signInFailed;
    return S.redraw();
  }
  edit("devices", null, { address: u.address, ...w.deviceRoles[u.role] && { role: u.role } },
    [...meaning().map(f => ({ ...f, watch: propose })), { name: "name", label: w.shownName }, { name: "key", label: w.keyOf, hint: w.keyHint }], w.registerOf(u.address));
}

// propose calls it by what it is and where: the name on the wire can be
// somebody's. What was written by hand stays.
function propose(e, { elements: { role, place, name, key } }) {
  const where = records("places").find(r => r.key === place.value)?.record.name;
  const text = where ? `${w.registerName[role.value] || w.registerName.none}, ${where}` : "";
  if (name.value === (e.proposed?.text || "")) name.value = text;
  const its = text && slug(text, "devices");
  if (key.value === (e.proposed?.its || "")) key.value = its;
  e.proposed = { text, its };
}

// registerForm is the form, and what came of it.
export const registerForm = () => [told(), failed ? h("p", { class: "said", key: "failed", role: "alert" }, failed) : null,
  editing(["devices"]) ? h("section", { key: "editor", class: "editor" }, form()) : null];

// registerButton is for whoever may see addresses and change the registry.
export const registerButton = (u, saved) => may("frames:read") && may("registry:write")
  ? h("button", { type: "button", "aria-label": w.registerOf(u.address), onclick: () => register(u, saved) }, w.register) : null;
