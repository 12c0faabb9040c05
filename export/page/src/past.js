// past.js - what earlier runs said: of a node its scores then, of a ring who joined and who left.

import { h, idText } from "./dom.js";
import { count, day, number, plural, time, top } from "./format.js";

const NAMES = 12;

/** "Earlier runs flagged it 3 times, first on 2026-01-20." */
const lifeText = ({ first, times }) => `Earlier runs flagged it ${plural(times, "time")}, first on ${day(first / 1000)}.`;

/** Scores of the last runs, this one first; null where no earlier run had an alert of it. */
export function pastScores(data, i) {
  const past = data.past.get(i);
  if (past === undefined) return null;
  const { nodes } = data;
  const row = (when, score, percentile, gone) =>
    h("li", { class: "past-run" }, h("span", {}, when), h("b", {}, gone ? "not flagged" : number(score)), h("span", { class: "share" }, gone ? "" : top(percentile)));
  return h("section", {}, h("h3", {}, "In the last runs"),
    h("ul", { class: "past" },
      row("this run", nodes.score[i], nodes.percentile[i], false),
      past.runs.map(([at, score, percentile, , gone]) => row(time(at / 1000), score, percentile, gone))),
    h("p", { class: "note small" }, lifeText(past)));
}

/** Did this node join its cluster since the last run? */
export const joinedSince = (cluster, i) => cluster.joined_nodes !== undefined && cluster.joined_nodes.includes(i);

/** Ids with commas between; those that are here are links. */
function names(store, open, list) {
  const { nodes } = store.data;
  return list.slice(0, NAMES).flatMap((one, at) => [
    at > 0 ? ", " : "",
    typeof one === "number" ? h("button", { type: "button", class: "link", onclick: open({ type: "node", i: one }) }, idText(nodes.name[one])) : idText(one),
  ]);
}

function changeLine(store, open, what, n, list) {
  if (n === 0) return null;
  const rest = n - Math.min(NAMES, list.length);
  return h("p", { class: "note" }, h("b", {}, `${count(n)} ${what}`), list.length ? ": " : "", names(store, open, list), rest > 0 && list.length ? ` and ${count(rest)} more` : "");
}

/** What became of a ring since the last run. */
export function sinceLastRun(store, open, cluster) {
  const { past } = cluster;
  if (!cluster.previous && past === null) return null;
  return h("section", { class: "since" }, h("h3", {}, "Since the last run"),
    cluster.previous ? h("p", { class: "note" }, cluster.joined + cluster.left === 0 ? `The same ${plural(cluster.previous, "member")}.` : `It had ${plural(cluster.previous, "member")}.`) : null,
    changeLine(store, open, "joined", cluster.joined, cluster.joined_nodes || []),
    changeLine(store, open, "left", cluster.left, cluster.left_ids || []),
    past ? h("p", { class: "note small" }, lifeText(past)) : null);
}
