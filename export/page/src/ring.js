// ring.js - a ring on the card: who is in it, why it is flagged, what its users share; and its ids, to take along.

import { copy, lines } from "./copy.js";
import { h, idText } from "./dom.js";
import { count, number, period, plural, share } from "./format.js";
import { membersOfKind, membersText } from "./kinds.js";
import { sinceLastRun } from "./past.js";
import { startRow } from "./starts.js";

const MEMBERS = 6;
const SIGNALS = 4;

/** "22 users, 8 entities, 1–20 January 2026"; of several kinds "27 users, 4 shops, 2 devices, 2–7 January 2026" */
export function ringName({ kinds }, cluster) {
  const when = cluster.last ? `, ${period(cluster.first / 1000, cluster.last / 1000)}` : "";
  return `${membersText(kinds, cluster)}${when}`;
}

const median = (values) => values.sort((a, b) => a - b)[(values.length - 1) >> 1];

/** Signals of a tag that hold for most of the members who have the tag: {signal, holds, observed, threshold}, the commonest first. */
function signalsOf(store, members, type) {
  const { nodes, head } = store.data;
  const found = new Map();
  for (const i of members)
    for (const [rule, , , flat] of nodes.field(i, "tags")) {
      if (head.rules[rule].type !== type) continue;
      for (let at = 0; at + 4 < flat.length; at += 5) {
        const [signal, strength, observed, threshold] = flat.slice(at, at + 4);
        if (strength < 0.5 || observed === null) continue;
        if (!found.has(signal)) found.set(signal, { signal, observed: [], threshold: [] });
        found.get(signal).observed.push(observed);
        found.get(signal).threshold.push(threshold);
      }
    }
  return [...found.values()]
    .map((one) => ({ signal: head.signals[one.signal], holds: one.observed.length, observed: median(one.observed), threshold: median(one.threshold) }))
    .sort((a, b) => b.holds - a.holds)
    .slice(0, SIGNALS);
}

/** What is odd about the highest of its users: of a ring without tags nothing else says it. */
function worstSays(store, cluster) {
  const { nodes } = store.data;
  const [worst] = membersOf(store, cluster, 0);
  const sentence = worst === undefined ? null : nodes.field(worst, "why");
  return sentence ? h("p", { class: "note" }, "The highest user, ", idText(nodes.name[worst]), ": ", sentence) : null;
}

function whySection(store, cluster, members) {
  const { head, kinds } = store.data;
  const all = cluster.users + cluster.entities;
  const tags = cluster.tags.map(([type, n], at) => {
    const rule = head.rules.find((one) => one.type === type);
    const signals = at > 0 ? [] : signalsOf(store, members, type); // of the commonest
    return h("li", { class: "tag" },
      h("div", { class: "tag-head" }, h("b", {}, h("bdi", {}, type)), h("span", { class: "share" }, `${count(n)} of ${plural(all, "member")}`)),
      rule && rule.about ? h("p", { class: "about" }, rule.about) : null,
      signals.length
        ? h("ul", { class: "signals" }, signals.map(({ signal, holds, observed, threshold }) =>
            h("li", { class: "holds" }, h("span", { class: "tick", "aria-hidden": "true" }, "✓"), h("bdi", { class: "about", title: signal.value }, signal.about || signal.name),
              h("span", { class: "numbers" }, h("b", {}, number(observed)), ` ${signal.above ? "≥" : "≤"} ${number(threshold)}`, h("small", {}, `median of ${count(holds)}`)))))
        : null);
  });
  const possible = cluster.users * cluster.entities;
  return h("section", {}, h("h3", {}, "Why it is flagged"),
    h("p", { class: "note" }, `${count(Math.round(cluster.density * possible))} of ${count(possible)} possible pairs${kinds.length > 1 ? " of users and entities" : ""} met (${share(cluster.density)}); ${share(cluster.score_mass)} of all that stands out.`),
    worstSays(store, cluster),
    tags.length ? h("ul", { class: "tags" }, tags) : null);
}

function sharedSection({ kinds }, cluster, open) {
  if (cluster.common.length === 0) return null;
  return h("section", {}, h("h3", {}, "What its users share"),
    h("ul", { class: "starts" }, cluster.common.map(([id, node, users, all, kind]) =>
      h("li", {}, h("button", { type: "button", class: "start", disabled: node < 0, onclick: node >= 0 ? open({ type: "node", i: node }) : null },
        kind === undefined ? null : h("i", { class: `swatch outline ${kinds[kind].shape}`, title: kinds[kind].name }),
        h("span", { class: "start-text" }, idText(id), kind === undefined ? null : h("small", {}, kinds[kind].name)), h("span", { class: "share" }, `${count(users)} of ${plural(cluster.users, "user")}${all > users ? `, and ${plural(all - users, "other")}` : ""}`))))));
}

/** Members of a kind that are on this page, the worst first. */
function membersOf(store, cluster, kind) {
  const { nodes } = store.data;
  return cluster.nodes.filter((i) => nodes.kind[i] === kind).sort((a, b) => nodes.exact[b] - nodes.exact[a] || a - b);
}

function copyButton(store, cluster, kind) {
  const ids = membersOf(store, cluster, kind).map((i) => store.data.nodes.name[i]);
  const name = store.data.nodes.kindNames[kind];
  const [one, all] = [`${name} id`, membersOfKind(cluster, kind)];
  if (ids.length === 0) return null;
  const button = h("button", { type: "button", class: "take", "data-copy": name, title: "one a line", onclick: async () => {
    button.textContent = (await copy(lines(ids))) ? `${plural(ids.length, "id")} copied` : "this browser does not allow it";
  } }, `Copy ${ids.length < all ? `${count(ids.length)} of ` : ""}${plural(all, one)}`);
  return button;
}

function membersSection(store, open, cluster, kind) {
  const here = membersOf(store, cluster, kind);
  const [many, all] = [kind === 0 ? "users" : store.data.kinds[kind - 1].plural, membersOfKind(cluster, kind)];
  if (here.length === 0) return null;
  const list = h("ul", { class: "starts" }, here.slice(0, MEMBERS).map((i) => startRow(store, open, i)));
  const more = here.length > MEMBERS
    ? h("button", { type: "button", class: "link", onclick: (event) => {
        list.append(...here.slice(MEMBERS).map((i) => startRow(store, open, i)));
        event.currentTarget.remove();
      } }, `all ${count(here.length)}`)
    : null;
  const missing = here.length < all ? ` (${count(here.length)} of ${count(all)} are on this page)` : "";
  return h("section", {}, h("h3", {}, `Its ${many}${missing}`), list, more);
}

/** A ring of which members are missing must not pass for the whole. */
function cutNote(cluster) {
  const all = cluster.users + cluster.entities;
  const here = cluster.nodes.length;
  return here < all ? h("p", { class: "cut" }, `Only ${count(here)} of its ${plural(all, "member")} are on this page: export it with --select cluster=${cluster.id}, and a higher --max-nodes if it was cut.`) : null;
}

function foldedNote(store) {
  const { nodes, head } = store.data;
  const rest = nodes.n - store.matches.nodes;
  if (rest === 0) return null;
  const left = head.partners_left;
  return h("p", { class: "note" },
    `${plural(rest, "other node")} of this page ${rest === 1 ? "is" : "are"} folded: a number beside a node, such as +3, opens its neighbours. `,
    left > 0 ? `${plural(left, "other partner")} of the exported ring ${left === 1 ? "is" : "are"} not in this file. ` : null,
    h("button", { type: "button", class: "link", onclick: () => store.ring(-1) }, "Show everything"));
}

export function ringSections(store, open) {
  const cluster = store.data.head.clusters[store.filters.cluster];
  return [
    h("header", {}, h("div", { class: "kicker" }, cluster.method === "dense" ? "dense block" : "ring", cluster.change ? h("span", { class: "badge" }, cluster.change) : null),
      h("h2", {}, ringName(store.data, cluster)), h("div", { class: "ring-id" }, cluster.id)),
    h("p", { class: "takes" }, store.data.nodes.kindNames.map((_, kind) => copyButton(store, cluster, kind))),
    cutNote(cluster),
    foldedNote(store),
    sinceLastRun(store, open, cluster),
    whySection(store, cluster, cluster.nodes),
    sharedSection(store.data, cluster, open),
    store.data.nodes.kindNames.map((_, kind) => membersSection(store, open, cluster, kind)),
  ];
}
