// Describes elements with h and makes the document match with draw. What people
// and devices have said becomes text nodes and attributes, never markup. Nodes
// are kept where they can be, so that focus, a choice and a scroll position
// survive a redraw; a `key` names a node that must be kept.

const SVG = "http://www.w3.org/2000/svg";

// h describes an element. Children that are null, false or "" are left out.
export function h(tag, props, ...children) {
  return { tag, props: props || {}, children: children.flat(9).filter(c => c || c === 0) };
}

// draw makes parent's children match the list.
export function draw(parent, list) {
  let focused = parent === root ? document.activeElement : null;
  const keyed = new Map();
  for (const n of parent.childNodes) if (n._key !== undefined) keyed.set(n._key, n);
  const wanted = new Set(list.map(v => v.props?.key).filter(k => k !== undefined));
  let at = parent.firstChild;
  for (const v of list) {
    if (typeof v !== "object") {
      const text = String(v);
      if (at?.nodeType === Node.TEXT_NODE) {
        if (at.data !== text) at.data = text;
        at = at.nextSibling;
      } else parent.insertBefore(document.createTextNode(text), at);
      continue;
    }
    const key = v.props.key;
    // Nodes that nobody wants any more are skipped over, not moved around.
    while (at && at._key !== key && (at._key !== undefined ? !wanted.has(at._key) : key !== undefined && keyed.has(key))) {
      const gone = at;
      at = at.nextSibling;
      gone.remove();
    }
    let node = key !== undefined ? keyed.get(key) : at?._key === undefined ? at : null;
    if (node?._tag !== v.tag) node = null;
    if (!node) {
      const svg = v.tag === "svg" || parent.namespaceURI === SVG;
      node = svg ? document.createElementNS(SVG, v.tag) : document.createElement(v.tag);
      node._tag = v.tag;
      node._key = key;
      for (const [k, x] of Object.entries(v.props.init || {})) node[k] = x;   // set once, then it is the reader's
    }
    if (node === at) at = at.nextSibling;
    else parent.insertBefore(node, at);
    dress(node, v.props);
    draw(node, v.children);
    if (v.tag === "select" && "value" in v.props && node.value !== v.props.value) node.value = v.props.value;
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
  if (!focused || focused === document.activeElement) return;
  if (!focused.isConnected) focused = document.getElementById("main");   // what the keyboard was on is gone: it goes on beside it, not from the top
  focused?.focus({ preventScroll: true });
}

let root = null;

// page draws the whole page.
export function page(element, list) {
  root = element;
  draw(element, list);
}

function dress(node, props) {
  const old = node._props || {};
  for (const k of Object.keys(old)) if (!(k in props)) set(node, k, null);
  for (const [k, v] of Object.entries(props)) if (old[k] !== v) set(node, k, v);
  node._props = props;
}

// A button that takes nothing keeps the focus: with the attribute disabled a
// browser would drop it, and the keyboard would start again from the top.
addEventListener("click", e => {
  if (!e.target.closest?.("[aria-disabled=true]")) return;
  e.preventDefault();
  e.stopPropagation();
}, true);

function set(node, k, v) {
  if (k === "disabled") [k, v] = ["aria-disabled", v ? "true" : null];
  if (k === "key" || k === "init" || k === "value" && node._tag === "select") return;
  if (k.startsWith("on")) node[k] = v;
  else if (v === null || v === undefined || v === false) node.removeAttribute(k);
  else node.setAttribute(k, v === true ? "" : v);
}

// stars is the mark of a priority: shape, stars and colour say the same thing.
const star = x => `M${x} 1v8M${x - 3.5} 3l7 4m0-4l-7 4`;
export function mark(priority, words, held) {
  const n = { high: 3, medium: 2, low: 1 }[priority] || 1;
  const path = [5, 15, 25].slice(0, n).map(star).join("");
  return h("span", { class: `mark ${priority}${held ? " hollow" : ""}` },
    h("svg", { viewBox: `0 0 ${n * 10} 10`, "aria-hidden": "true" }, h("path", { d: path })),
    h("span", { class: "sr" }, words));
}
