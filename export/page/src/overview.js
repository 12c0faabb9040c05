// overview.js - what the card shows while nothing is chosen: the ring that is shown, or what this page is of; and where to begin.

import { h } from "./dom.js";
import { count, day, period, plural, share } from "./format.js";
import { membersText } from "./kinds.js";
import { ringSections } from "./ring.js";
import { startRow } from "./starts.js";
import { SHOWN } from "./store.js";

const WORST = 8;

function worst(store) {
  const { nodes } = store.data;
  const shown = Array.from(nodes.byPercentile).filter((i) => store.nodeShown[i] === SHOWN.MATCH);
  const subjects = shown.filter((i) => nodes.role[i] === "subject");
  return (subjects.length ? subjects : shown).slice(0, WORST);
}

function clusterRow(store, c) {
  const cluster = store.data.head.clusters[c];
  const on = store.filters.cluster === c;
  const members = cluster.users + cluster.entities;
  return h("li", {},
    h("button", { type: "button", class: "start", "aria-pressed": String(on), onclick: () => store.ring(on ? -1 : c) },
      h("span", { class: "start-text" },
        h("b", {}, cluster.id, cluster.change && cluster.change !== "same" ? h("span", { class: "badge" }, cluster.change) : null),
        h("small", {},
          `${membersText(store.data.kinds, cluster)}, density ${share(cluster.density)}` +
            `${cluster.nodes.length < members ? `, ${count(cluster.nodes.length)} of them here` : ""}` +
            `${cluster.tags.length ? ` · ${cluster.tags.map((t) => t[0]).join(", ")}` : ""}` +
            `${cluster.last ? ` · ${period(cluster.first / 1000, cluster.last / 1000)}` : ""}`))));
}

function parts(head) {
  const said = [];
  if (head.subjects) said.push(plural(head.subjects, "subject"));
  if (head.neighbours) said.push(plural(head.neighbours, "neighbour"));
  if (head.context) said.push(`${plural(head.context, "ordinary node", "ordinary nodes")} to compare with`);
  return said.join(", ");
}

function clusterList(store, title) {
  const { clusters } = store.data.head;
  return clusters.length
    ? h("section", {}, h("h3", {}, `${title} (${count(clusters.length)})`), h("ul", { class: "starts" }, clusters.slice(0, 40).map((_, c) => clusterRow(store, c))))
    : null;
}

function pageSections(store, open) {
  const { head } = store.data;
  const cut = head.nodes_cut + head.edges_cut > 0;
  return [
    h("header", {}, h("div", { class: "kicker" }, "this page"), h("h2", {}, head.title.replace(/^ringfence: /, ""))),
    h("p", { class: "note" }, `${parts(head)}${head.window ? `, events from ${day(head.window[0] / 1000)} to ${day(head.window[1] / 1000)}` : ""}.`),
    cut ? h("p", { class: "cut" }, `Cut by score: ${plural(head.nodes_cut, "node")} and ${plural(head.edges_cut, "edge")} that belong here were left out.`) : null,
    h("section", {}, h("h3", {}, "Begin with the worst"), h("ul", { class: "starts" }, worst(store).map((i) => startRow(store, open, i)))),
    clusterList(store, "Clusters"),
  ];
}

const KEYS = [["/", "search"], ["arrows", "to the neighbour that lies there"], ["n p", "neighbours in turn"], ["e", "unfold, fold"], ["+ − 0", "zoom, fit"], ["t", "table"], ["Esc", "back"]];

export function overview(store, open) {
  const { head, nodes } = store.data;
  const isRing = store.filters.cluster >= 0;
  return [
    ...(isRing ? [...ringSections(store, open).flat(), clusterList(store, "Clusters on this page")] : pageSections(store, open)),
    h("section", { class: "keys-help" }, h("h3", {}, "Keys"),
      h("dl", {}, KEYS.map(([key, what]) => h("div", {}, h("dt", {}, h("kbd", {}, key)), h("dd", {}, what))))),
    h("details", {}, h("summary", {}, "About this file"), h("p", { class: "note small" }, head.note)),
    nodes.n === 0 ? h("p", {}, "There is nothing here.") : null,
  ];
}
