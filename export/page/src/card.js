// card.js - the evidence card: all that is known of what is chosen, the most important first.

import { amountsText } from "./amounts.js";
import { kindOf, otherEnd, shapeOf, sideOf } from "./data.js";
import { byId, h, idText } from "./dom.js";
import { count, iso, number, plural, share, span, time, times as timesText, top } from "./format.js";
import { partsBar, populationChart, reasonBars, timeAxis, timeTicks } from "./charts.js";
import { eventRows } from "./events.js";
import { membersText } from "./kinds.js";
import { edgeColor, nodeColor } from "./theme.js";
import { overview } from "./overview.js";
import { joinedSince, pastScores } from "./past.js";
import { partnersOf, sharersOf, siblingsOf } from "./siblings.js";
import { isRing } from "./store.js";
import { unfoldText } from "./view.js";

const MEETINGS = 12;
const HOURS = 8;
const SIBLINGS = 10;
const SHARERS = 8;
const SHARED = 4; // partners that are named
const MOST_ROWS = 400;
const UNKNOWN = "unknown_pattern"; // no type of fraud: its percentile is no confidence

export function createCard(store, view) {
  const { nodes, edges, head, around, times, palette, kinds } = store.data;
  const card = byId("card");
  const open = (selected) => () => store.open(selected);
  const section = (title, ...content) => h("section", {}, h("h3", {}, title), ...content);
  const swatch = (color, shape = "round") => h("i", { class: `swatch ${shape}`, style: { background: color } });
  const nodeSwatch = (i) => swatch(nodeColor(palette[nodes.color[i]][0]), shapeOf(nodes, i));

  /* ---- parts that nodes and edges share ---- */

  function header(kind, title, badges) {
    return h("header", {},
      h("div", { class: "kicker" }, kind, badges),
      title,
      h("button", { class: "close", type: "button", "aria-label": "Close the card", onclick: () => store.select(null) }, "×"));
  }

  function scoreSection(side, kind, i) {
    const population = head.population[kind];
    const many = side === edges ? "meetings" : kind === "user" ? "users" : kinds.find((one) => one.name === kind).plural;
    return section("Score",
      h("p", { class: "figure" }, h("strong", {}, number(side.score[i])), h("span", {}, `${top(side.percentile[i])} of ${count(population.n)} ${many}`)),
      populationChart(population, side.score[i]));
  }

  function partsSection(side, kind, i) {
    const said = side.field(i, "parts");
    if (said === null) return null;
    const [own, met, structure] = side === edges ? [1 - said, 0, said] : said;
    const parts = [
      { name: side === edges ? "its features" : `the ${kind}'s features`, share: own, class: "own" },
      { name: "features of its meetings", share: met, class: "met" },
      { name: "that it met whom it met", share: structure, class: "structure" },
    ];
    return section("What the score is made of", partsBar(parts));
  }

  function reasonsSection(side, kind, i) {
    const flat = side.field(i, "reasons");
    const items = [];
    for (let at = 0; at + 3 < flat.length; at += 4)
      items.push(reasonBars(head.features[kind][flat[at]], flat[at + 1], flat[at + 2], flat[at + 3]));
    return items.length === 0 ? null : section("Observed and expected", h("ul", { class: "reasons" }, items));
  }

  function signal(flat, at) {
    const [s, strength, observed, threshold, percentile] = flat.slice(at, at + 5);
    const { name, value, about, above } = head.signals[s];
    return h("li", { class: strength >= 0.5 ? "holds" : "fails" },
      h("span", { class: "tick", "aria-label": strength >= 0.5 ? "holds" : "does not hold" }, strength >= 0.5 ? "✓" : "·"),
      h("bdi", { class: "about", title: value }, about || name),
      h("span", { class: "numbers" },
        h("b", {}, number(observed)), ` ${above ? "≥" : "≤"} ${number(threshold)}`,
        percentile === null ? null : h("small", {}, ` ${above ? top(percentile) : `lowest ${share(percentile)}`}`)));
  }

  function tag([rule, confidence, edge, flat]) {
    const { type, about } = head.rules[rule];
    const items = [];
    for (let at = 0; at + 4 < flat.length; at += 5) items.push(signal(flat, at));
    return h("li", { class: "tag" },
      h("div", { class: "tag-head" }, swatch(tagColor(type)), h("b", {}, h("bdi", {}, type)), type === UNKNOWN ? null : h("span", { class: "share" }, `confidence ${share(confidence)}`)),
      type === UNKNOWN ? null : h("span", { class: "track" }, h("span", { class: "fill", style: { width: `${100 * confidence}%`, background: tagColor(type) } })),
      about ? h("p", { class: "about" }, about) : null,
      items.length ? h("ul", { class: "signals" }, items) : null,
      edge >= 0 ? h("button", { type: "button", class: "link", onclick: open({ type: "edge", i: edge }) }, "taken over from this meeting") : null);
  }
  const tagColor = (type) => {
    const found = palette.find((c) => c[2] && c[1] === type);
    return found ? nodeColor(found[0]) : "var(--muted)";
  };
  const tagsSection = (side, i) => {
    const tags = side.field(i, "tags");
    return tags.length === 0 ? null : section("Tags", h("ul", { class: "tags" }, tags.map(tag)));
  };

  const STRUCTURE = new Set(["name", "kind", "role", "score", "percentile", "cluster", "suppressed"]);
  function factsSection(side, i) {
    const items = side.columns
      .filter((column) => !STRUCTURE.has(column.key) && side.value(i, column.key) !== null)
      .map((column) => {
        const value = side.value(i, column.key);
        const text = column.type === "time" ? time(value / 1000) : column.type === "text" ? value : number(value);
        return h("div", { title: column.about }, h("dt", {}, column.key), h("dd", {}, h("bdi", { title: column.type === "time" ? iso(value) : null }, String(text))));
      });
    return h("details", {}, h("summary", {}, "All values"), h("dl", { class: "facts" }, items));
  }

  /* ---- a node's meetings ---- */

  /** Contributions first, in their order, then the other meetings that are here, the highest first. */
  function meetingsOf(i) {
    const list = [];
    const seen = new Set();
    const near = nodes.field(i, "near");
    for (let at = 0; at + 4 < near.length; at += 5) {
      const [who, e, part, score, percentile] = near.slice(at, at + 5);
      list.push({ who, e, part, score, percentile });
      if (e >= 0) seen.add(e);
    }
    for (let at = around.ptr[i]; at < around.ptr[i + 1]; at++) {
      const e = around.edge[at];
      if (!seen.has(e)) list.push({ who: otherEnd(edges, e, i), e, part: null, score: edges.score[e], percentile: edges.percentile[e] });
    }
    return list;
  }

  function meeting({ who, e, part, percentile }) {
    const here = typeof who === "number";
    const name = here ? nodes.name[who] : who;
    return h("li", { class: "meeting" },
      here
        ? h("button", { type: "button", class: "who", onclick: open({ type: "node", i: who }) }, nodeSwatch(who), idText(name))
        : h("span", { class: "who absent", title: "not part of this page" }, swatch("var(--line)"), idText(name)),
      h("button", { type: "button", class: "how", disabled: e < 0, title: "the meeting itself", onclick: e >= 0 ? open({ type: "edge", i: e }) : null },
        part === null ? top(percentile) : `${share(part)} of score`),
      e >= 0 && times && Number.isFinite(edges.first[e])
        ? timeTicks(store.data, e, edgeColor(palette[edges.color[e]][0]))
        : h("span", { class: "span" }),
      e >= 0 ? h("small", { class: "detail" }, whatHappened(e)) : null);
  }

  /** When, how often, and for how much: as the file holds it. */
  function whatHappened(e) {
    const events = edges.value(e, "events");
    const said = [];
    if (Number.isFinite(edges.first[e])) said.push(timesText(edges.first[e], edges.last[e]));
    if (events !== null && Number(events) !== 1) said.push(plural(events, "event"));
    said.push(...amountsText(kinds[edges.kind[e]].amounts, edges.field(e, "amounts"), events));
    return said.join(" · ");
  }

  /** A list whose end appears when it is asked for. */
  function growing(list, all, first, make) {
    list.append(...all.slice(0, first).map(make));
    if (all.length <= first) return [list];
    const rest = h("button", { type: "button", class: "link", onclick: () => {
      list.append(...all.slice(first, MOST_ROWS).map(make));
      rest.remove();
    } }, `all ${count(Math.min(MOST_ROWS, all.length))}`);
    return [list, rest];
  }

  function meetingsSection(i) {
    const all = meetingsOf(i);
    if (all.length === 0) return null;
    const degree = nodes.value(i, "degree");
    const here = new Set(all.filter(({ who }) => typeof who === "number").map(({ who }) => who)).size;
    return section("Who it met, by contribution",
      h("div", { class: "meetings-axis" },
        h("span", {}, degree !== null && degree > here ? `${count(here)} of its ${plural(degree, "partner")} are on this page` : plural(all.length, "meeting")),
        times ? timeAxis(times) : null),
      growing(h("ul", { class: "meetings" }), all, MEETINGS, meeting), h("p", { id: "unfold" }, unfoldButton(i)));
  }

  /** Its events on this page by the hour; of an edge without its partner's name. */
  function eventsSection(list, who) {
    const rows = eventRows(store, list, who, open);
    if (rows.length < 2) return null; // said already
    return section("Its events, the newest first", growing(h("ul", { class: "events-list" }, null), rows, HOURS, (row) => row));
  }

  function sibling(partners, { i, shared }) {
    const names = shared.slice(0, SHARED).flatMap((j, at) => [at > 0 ? ", " : "", idText(nodes.name[j])]);
    return h("li", { class: "sibling" },
      h("button", { type: "button", class: "who", onclick: open({ type: "node", i }) }, nodeSwatch(i), idText(nodes.name[i])),
      h("span", { class: "share" }, `${count(shared.length)} of ${count(partners)}`),
      h("small", { class: "detail" }, names, shared.length > SHARED ? `, and ${count(shared.length - SHARED)} more` : ""));
  }

  /** Of several kinds: who else is on each of its devices, cards, addresses. */
  function sharersSection(i) {
    const all = kinds.length > 1 && nodes.kind[i] === 0 ? sharersOf(store.data, i) : [];
    const row = ({ partner, others }) => h("li", { class: "sibling" },
      h("button", { type: "button", class: "who", onclick: open({ type: "node", i: partner }) }, nodeSwatch(partner), idText(nodes.name[partner])),
      h("span", { class: "share" }, `${kindOf(nodes, partner)} of ${plural(others.length, "other user", "other users")}`),
      h("small", { class: "detail" }, others.slice(0, SHARERS).map((j) => h("button", { type: "button", class: "link", onclick: open({ type: "node", i: j }) }, idText(nodes.name[j]))),
        others.length > SHARERS ? ` and ${count(others.length - SHARERS)} more` : ""));
    return all.length === 0 ? null : section("Who shares what with it", growing(h("ul", { class: "siblings sharers" }), all, SIBLINGS, row));
  }

  /** Who else met the same: of an account the other accounts, by what they share. */
  function siblingsSection(i) {
    const all = siblingsOf(store.data, i);
    if (all.length === 0) return null;
    const partners = partnersOf(store.data, i).size;
    const [title, said] = nodes.isEntity[i]
      ? ["Where its users also were", plural(all.length, "other entity was met by its users", "other entities were met by its users")]
      : ["Who else met the same", plural(all.length, "other user met the same entities", "other users met the same entities")];
    return section(title, h("p", { class: "note small" }, `${said}, as far as this page shows.`),
      growing(h("ul", { class: "siblings" }), all, SIBLINGS, (one) => sibling(partners, one)));
  }

  /** In a ring: what the number beside the node does, in words. */
  function unfoldButton(i) {
    if (!isRing(store.filters) || (store.folded[i] === 0 && !store.filters.open.has(i))) return null;
    const text = unfoldText(store, i);
    return h("button", { type: "button", class: "link", onclick: () => store.unfold(i) }, `${text[0].toUpperCase()}${text.slice(1)}`);
  }

  /* ---- cards ---- */

  function suppressedNote(i) {
    const s = nodes.suppression.get(i);
    if (s === undefined) return null;
    return h("p", { class: "suppressed" }, h("b", {}, "Suppressed: "), s.reason, h("br"),
      h("small", {}, `by ${s.author}, ${s.expires === null ? "never expires" : `until ${time(s.expires / 1000)}`}${s.types ? `, for ${s.types.trim().split(" ").join(", ")}` : ""}. No action is sent.`));
  }

  const usersOfHub = (i) => {
    const users = nodes.value(i, "hub_users");
    return users === null ? "many users" : plural(users, "user");
  };

  function hubNote(i) {
    return nodes.value(i, "hub") === true
      ? h("p", { class: "note" }, h("b", {}, "A hub: "), `${usersOfHub(i)} share this ${kindOf(nodes, i)}, so that its meetings are left out of the graph; it leads to nobody and is in no ring.`)
      : null;
  }

  function metHubsNote(i) {
    const met = nodes.value(i, "hubs");
    return met === null ? null : h("p", { class: "note hubs" }, h("b", {}, "It also met hubs: "), idText(met), ". So many users share them that these meetings are left out of the graph.");
  }

  function clusterLine(i) {
    const c = store.data.cluster[i];
    if (c < 0) return null;
    const cluster = head.clusters[c];
    return h("p", { class: "of-cluster" }, "in cluster ", h("button", { type: "button", class: "link", onclick: () => (store.select(null), store.ring(c)) }, cluster.id),
      ` with ${kinds.length > 1 ? membersText(kinds, cluster) : `${plural(cluster.users, "user")} and ${plural(cluster.entities, "entity", "entities")}`}${joinedSince(cluster, i) ? ", which it joined since the last run" : ""}`);
  }

  const why = (side, i) => {
    const sentence = side.field(i, "why");
    return sentence ? h("p", { class: "why" }, sentence) : null;
  };

  function nodeCard(i) {
    const kind = kindOf(nodes, i);
    return [
      header(kind, h("h2", {}, nodeSwatch(i), idText(nodes.name[i])),
        [h("span", { class: "badge" }, nodes.role[i]), nodes.suppression.has(i) ? h("span", { class: "badge warn" }, "suppressed") : null]),
      suppressedNote(i), hubNote(i), why(nodes, i), clusterLine(i), metHubsNote(i),
      scoreSection(nodes, kind, i), pastScores(store.data, i), tagsSection(nodes, i), meetingsSection(i),
      eventsSection(around.edge.subarray(around.ptr[i], around.ptr[i + 1]), (e) => otherEnd(edges, e, i)), sharersSection(i), siblingsSection(i), reasonsSection(nodes, kind, i), partsSection(nodes, kind, i), factsSection(nodes, i),
    ];
  }

  function edgeCard(e) {
    const end = (i) =>
      h("button", { type: "button", class: "who", onclick: open({ type: "node", i }) }, nodeSwatch(i), idText(nodes.name[i]));
    const when = Number.isFinite(edges.first[e])
      ? h("p", { class: "when" }, edges.first[e] === edges.last[e] ? time(edges.first[e]) : `${time(edges.first[e])} – ${time(edges.last[e])} (${span(edges.last[e] - edges.first[e])})`,
          edges.value(e, "events") === null ? null : `, ${plural(edges.value(e, "events"), "event")}`,
          amountsText(kinds[edges.kind[e]].amounts, edges.field(e, "amounts"), edges.value(e, "events")).map((said) => `, ${said}`))
      : null;
    return [
      header(kinds.length > 1 ? `meeting with ${/^[aeio]/.test(nodes.kindNames[1 + edges.kind[e]]) ? "an" : "a"} ${nodes.kindNames[1 + edges.kind[e]]}` : "meeting", h("h2", { class: "ends" }, end(edges.from[e]), h("span", { "aria-hidden": "true" }, "—"), end(edges.to[e])), null),
      when, why(edges, e), scoreSection(edges, sideOf(edges, e), e), eventsSection([e], () => null), tagsSection(edges, e), reasonsSection(edges, sideOf(edges, e), e), partsSection(edges, sideOf(edges, e), e), factsSection(edges, e),
    ];
  }

  function render() {
    const { selected } = store;
    const parts = selected === null ? overview(store, open) : selected.type === "node" ? nodeCard(selected.i) : edgeCard(selected.i);
    card.replaceChildren(...parts.filter(Boolean));
    card.scrollTop = 0;
    card.classList.toggle("chosen", selected !== null);
    document.body.classList.toggle("has-choice", selected !== null);
  }
  store.on("select", render);
  store.on("filter", () => {
    if (store.selected === null) render();
    else if (store.selected.type === "node") byId("unfold")?.replaceChildren(unfoldButton(store.selected.i) || "");
  });
  render();
  return { render };
}
