// search.js - part of an id is enough; the keyboard alone is, too.

import { byId, h, idText } from "./dom.js";
import { kindOf } from "./data.js";
import { plural, top } from "./format.js";

const MOST = 12;

/** Ids that hold the words, those equal to it first, then those that begin with it, each by score. */
export function find(nodes, text) {
  const wanted = text.toLowerCase();
  if (wanted === "") return { list: [], n: 0 };
  const ranks = [[], [], []];
  let n = 0;
  for (const i of nodes.byPercentile) {
    const name = nodes.lower[i];
    const at = name.indexOf(wanted);
    if (at < 0) continue;
    n++;
    ranks[name === wanted ? 0 : at === 0 ? 1 : 2].push(i);
  }
  return { list: ranks.flat().slice(0, MOST), n };
}

export function createSearch(store) {
  const { nodes } = store.data;
  const input = byId("search");
  const list = byId("found");
  let found = [];
  let active = -1;
  nodes.lower = nodes.name.map((name) => name.toLowerCase());

  function close() {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }
  function choose(i) {
    close();
    input.blur();
    byId("overlay").focus({ preventScroll: true });
    store.open({ type: "node", i });
  }
  function mark(next) {
    active = (next + found.length) % found.length;
    [...list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === active)));
    input.setAttribute("aria-activedescendant", `found-${active}`);
    list.children[active].scrollIntoView({ block: "nearest" });
  }
  function option(i, at) {
    return h("li", { id: `found-${at}`, role: "option", "aria-selected": "false", onmousedown: (event) => event.preventDefault(), onclick: () => choose(i) },
      idText(nodes.name[i]), h("small", {}, `${kindOf(nodes, i)}, ${top(nodes.percentile[i])}`));
  }
  function search() {
    const result = find(nodes, input.value);
    found = result.list;
    active = -1;
    if (input.value === "") return close();
    list.replaceChildren(...found.map(option));
    if (result.n > found.length) list.append(h("li", { class: "rest" }, `and ${plural(result.n - found.length, "other")}`));
    if (result.n === 0) list.append(h("li", { class: "rest" }, "no such id here"));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    byId("live").textContent = plural(result.n, "id");
  }
  function onKey(event) {
    if (event.key === "ArrowDown" && found.length) mark(active + 1);
    else if (event.key === "ArrowUp" && found.length) mark(active < 0 ? found.length - 1 : active - 1);
    else if (event.key === "Enter" && found.length) choose(found[Math.max(0, active)]);
    else if (event.key === "Escape") {
      if (list.hidden) input.blur();
      close();
      event.stopPropagation();
    } else return;
    event.preventDefault();
  }
  input.addEventListener("input", search);
  input.addEventListener("focus", search);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", onKey);
  return { focus: () => (input.focus(), input.select()) };
}
