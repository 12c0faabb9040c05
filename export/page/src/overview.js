// overview.js - what the card shows while nothing is chosen: what this page is of, and where to begin.

import { h, idText } from "./dom.js";
import { count, day, plural, share, time, top } from "./format.js";
import { nodeColor } from "./theme.js";
import { SHOWN } from "./store.js";

const WORST = 8;

function worst(store) {
  const { nodes } = store.data;
  const shown = Array.from(nodes.byPercentile).filter((i) => store.nodeShown[i] === SHOWN.MATCH);
  const subjects = shown.filter((i) => nodes.role[i] === "subject");
  return (subjects.length ? subjects : shown).slice(0, WORST);
}

function row(store, open, i) {
  const { nodes, palette } = store.data;
  const says = nodes.types[i].length ? nodes.types[i].join(", ") : nodes.field(i, "why");
  return h("li", {},
    h("button", { type: "button", class: "start", onclick: open({ type: "node", i }) },
      h("i", { class: nodes.isEntity[i] ? "swatch square" : "swatch", style: { background: nodeColor(palette[nodes.color[i]][0]) } }),
      h("span", { class: "start-text" }, idText(nodes.name[i]), says ? h("small", {}, says) : null),
      h("span", { class: "share" }, top(nodes.percentile[i]))));
}

function clusterRow(store, c) {
  const cluster = store.data.head.clusters[c];
  const on = store.filters.cluster === c;
  return h("li", {},
    h("button", { type: "button", class: "start", "aria-pressed": String(on), onclick: () => store.filter({ cluster: on ? -1 : c }) },
      h("span", { class: "start-text" },
        h("b", {}, cluster.id, cluster.change && cluster.change !== "same" ? h("span", { class: "badge" }, cluster.change) : null),
        h("small", {},
          `${plural(cluster.users, "user")}, ${plural(cluster.entities, "entity", "entities")}, density ${share(cluster.density)}` +
            `${cluster.tags.length ? ` · ${cluster.tags.map((t) => t[0]).join(", ")}` : ""}` +
            `${cluster.last ? ` · ${time(cluster.first / 1000).slice(0, 10)} – ${time(cluster.last / 1000).slice(0, 10)}` : ""}`))));
}

function commonOf(store, open) {
  const cluster = store.data.head.clusters[store.filters.cluster];
  if (cluster === undefined || cluster.common.length === 0) return null;
  return h("section", {}, h("h3", {}, `What users of ${cluster.id} share`),
    h("ul", { class: "starts" }, cluster.common.map(([id, node, users]) =>
      h("li", {}, h("button", { type: "button", class: "start", disabled: node < 0, onclick: node >= 0 ? open({ type: "node", i: node }) : null },
        h("span", { class: "start-text" }, idText(id)), h("span", { class: "share" }, plural(users, "user")))))));
}

function parts(head) {
  const said = [];
  if (head.subjects) said.push(plural(head.subjects, "subject"));
  if (head.neighbours) said.push(plural(head.neighbours, "neighbour"));
  if (head.context) said.push(`${plural(head.context, "ordinary node", "ordinary nodes")} to compare with`);
  return said.join(", ");
}

export function overview(store, open) {
  const { head, nodes } = store.data;
  const cut = head.nodes_cut + head.edges_cut > 0;
  return [
    h("header", {}, h("div", { class: "kicker" }, "this page"), h("h2", {}, head.title.replace(/^ringfence: /, ""))),
    h("p", { class: "note" }, `${parts(head)}${head.window ? `, events from ${day(head.window[0] / 1000)} to ${day(head.window[1] / 1000)}` : ""}.`),
    cut ? h("p", { class: "cut" }, `Cut by score: ${plural(head.nodes_cut, "node")} and ${plural(head.edges_cut, "edge")} that belong here were left out.`) : null,
    commonOf(store, open),
    h("section", {}, h("h3", {}, "Begin with the worst"), h("ul", { class: "starts" }, worst(store).map((i) => row(store, open, i)))),
    head.clusters.length
      ? h("section", {}, h("h3", {}, `Clusters (${count(head.clusters.length)})`), h("ul", { class: "starts" }, head.clusters.slice(0, 40).map((_, c) => clusterRow(store, c))))
      : null,
    h("section", { class: "keys-help" }, h("h3", {}, "Keys"),
      h("dl", {},
        ...[["/", "search"], ["arrows", "to the neighbour that lies there"], ["n p", "neighbours in turn"], ["+ − 0", "zoom, fit"], ["t", "table"], ["Esc", "back"]].map(([key, what]) =>
          h("div", {}, h("dt", {}, h("kbd", {}, key)), h("dd", {}, what))))),
    h("details", {}, h("summary", {}, "About this file"), h("p", { class: "note small" }, head.note)),
    nodes.n === 0 ? h("p", {}, "There is nothing here.") : null,
  ];
}
