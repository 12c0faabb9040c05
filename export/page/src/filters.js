// filters.js - kinds, tags and score, with how many there are of each; the legend says what colours mean.

import { byId, h } from "./dom.js";
import { count, plural } from "./format.js";
import { edgeColor, nodeColor } from "./theme.js";

// most of a run is ordinary: the steps are finest where few are left
const STEPS = [0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9999];
const stepText = (step) => (step === 0 ? "all" : `top ${Number((100 * (1 - STEPS[step])).toPrecision(2))} %`);

function tally(types) {
  const counts = new Map();
  for (const list of types) for (const type of new Set(list)) counts.set(type, (counts.get(type) || 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

export function createFilters(store) {
  const { nodes, palette, kinds, head } = store.data;
  const tags = tally(nodes.types);
  const many = nodes.kindNames.map(() => 0);
  for (const kind of nodes.kind) many[kind]++;
  const subjects = nodes.role.filter((role) => role === "subject").length;
  const colorOf = (type) => {
    const found = palette.find((c) => c[2] && c[1] === type);
    return found ? nodeColor(found[0]) : "var(--muted)";
  };

  function toggle(set, value) {
    const next = new Set(set);
    if (!next.delete(value)) next.add(value);
    return next;
  }
  function kind(name, at) {
    if (at > 1 && many[at] === 0) return null; // none is on this page
    return h("label", { class: "check" },
      h("input", { type: "checkbox", name: "kind", value: name, checked: store.filters.kinds.has(name), onchange: () => store.filter({ kinds: toggle(store.filters.kinds, name) }) }),
      h("i", { class: `swatch outline ${nodes.shapes[at]}` }), h("span", {}, at === 0 ? "users" : kinds[at - 1].plural), h("span", { class: "n" }, count(many[at])));
  }
  function tag([type, n]) {
    return h("label", { class: "check" },
      h("input", { type: "checkbox", name: "tag", value: type, checked: store.filters.tags.has(type), onchange: () => store.filter({ tags: toggle(store.filters.tags, type) }) }),
      h("i", { class: "swatch", style: { background: colorOf(type) } }), h("bdi", {}, type), h("span", { class: "n" }, count(n)));
  }
  function score() {
    const at = Math.max(0, STEPS.indexOf(store.filters.percentile));
    const said = h("output", { id: "score-said" }, stepText(at));
    const slide = (event) => {
      const step = Number(event.target.value);
      said.textContent = stepText(step);
      event.target.setAttribute("aria-valuetext", stepText(step));
      store.filter({ percentile: STEPS[step] });
    };
    return h("div", { class: "slider" },
      h("label", { for: "score" }, "Score of its kind"), said,
      h("input", { type: "range", id: "score", min: 0, max: STEPS.length - 1, step: 1, value: at, "aria-valuetext": stepText(at), oninput: slide }));
  }

  function legend() {
    const used = new Set(nodes.color);
    const lines = new Set(store.data.edges.color);
    const item = (c, i, line) =>
      c[1] && !(line && c[2]) ? h("li", {}, h("i", { class: line ? "swatch line" : `swatch ${nodes.shapes[c[3]]}`, style: { background: line ? edgeColor(c[0]) : nodeColor(c[0]) } }), c[1]) : null;
    return h("ul", { class: "legend" },
      palette.map((c, i) => (used.has(i) && !c[2] ? item(c, i, false) : null)),
      palette.map((c, i) => (lines.has(i) && !used.has(i) ? item(c, i, true) : null)),
      h("li", {}, h("span", { class: "sizes" }, h("i"), h("i"), h("i")), "larger: a higher rank in its kind"),
      kinds.length === 1
        ? h("li", {}, h("i", { class: "swatch outline" }), "round: a user", h("i", { class: "swatch outline square" }), "square: an entity")
        : nodes.kindNames.map((name, at) => (many[at] > 0 ? h("li", {}, h("i", { class: `swatch outline ${nodes.shapes[at]}` }), `${nodes.shapes[at]}: ${name}`) : null)),
      subjects > 0 && subjects < nodes.n / 2 ? h("li", {}, h("i", { class: "swatch ringed" }), "dark ring: chosen by the selection") : null,
      nodes.suppression.size ? h("li", {}, h("i", { class: "swatch hollow" }), "hollow: suppressed") : null);
  }

  function counts() {
    const { matches } = store;
    byId("counts").replaceChildren(
      h("b", {}, count(matches.nodes)), ` of ${plural(nodes.n, "node")}, `, h("b", {}, count(matches.edges)), ` ${matches.edges === 1 ? "edge" : "edges"}`);
    byId("clear").hidden = !store.isFiltered();
    if (byId("near")) byId("near").checked = store.filters.near;
  }

  function render() {
    byId("filters-body").replaceChildren(
      h("fieldset", {}, h("legend", {}, "Kind"), nodes.kindNames.map(kind)),
      tags.length
        ? h("fieldset", { class: "tag-list" }, h("legend", {}, "Tags"), tags.map(tag))
        : h("p", { class: "hint" }, head.rules.length ? "No tags: no rule holds for what is on this page." : "No tags: the scores were not tagged."),
      h("fieldset", {}, h("legend", {}, "Score"), score()),
      h("label", { class: "check near" },
        h("input", { type: "checkbox", id: "near", checked: store.filters.near, onchange: (event) => store.filter({ near: event.target.checked }) }),
        h("span", {}, "neighbours of what matches, faint")),
      h("h3", {}, "Legend"), legend());
    counts();
  }

  byId("clear").addEventListener("click", () => {
    store.clearFilters();
    render();
  });
  store.on("filter", counts);
  render();
  return { render };
}
