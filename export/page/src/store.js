// store.js - what is chosen and filtered, in one place; everything else listens.

import { kindOf, otherEnd } from "./data.js";
import { hasEventsIn } from "./moments.js";

export const SHOWN = { HIDDEN: 0, NEAR: 1, MATCH: 2 };

// open: nodes whose neighbours are unfolded; also: nodes that were asked for by name while they were folded
const nothing = (data) => ({ kinds: new Set(data.nodes.kindNames), hidesKind: false, tags: new Set(), cluster: -1, percentile: 0, time: null, near: true, open: new Set(), also: new Set() });

export function createStore(data) {
  const listeners = new Map();
  const store = {
    data,
    selected: null, // {type: "node" | "edge", i}
    filters: nothing(data),
    view: "graph",
    nodeShown: new Uint8Array(data.nodes.n).fill(SHOWN.MATCH),
    edgeShown: new Uint8Array(data.edges.n).fill(1),
    folded: new Uint32Array(data.nodes.n), // neighbours of a node that are hidden because only a ring is shown
    matches: { nodes: data.nodes.n, edges: data.edges.n },

    on(name, listener) {
      if (!listeners.has(name)) listeners.set(name, []);
      listeners.get(name).push(listener);
    },
    tell(name, value) {
      for (const listener of listeners.get(name) || []) listener(value);
    },
    /** move: also bring it into the picture */
    select(selected, move = false) {
      store.selected = selected;
      unhide(store);
      store.tell("select", { move });
    },
    /** Chosen from a list: the picture shows it with all that it is connected to. */
    open(selected) {
      store.select(selected, true);
      store.tell("open", selected);
    },
    filter(change) {
      Object.assign(store.filters, change);
      store.filters.hidesKind = store.filters.kinds.size < data.nodes.kindNames.length;
      apply(store);
      store.tell("filter");
    },
    clearFilters() {
      store.filter(nothing(data));
      store.tell("ring");
    },
    /** One cluster alone, its neighbours folded; -1: everything again. */
    ring(c) {
      store.filter({ cluster: c, near: c < 0, open: new Set(), also: new Set() });
      store.tell("ring");
    },
    /** Shows what a node is connected to, or folds it again. */
    unfold(i) {
      const open = new Set(store.filters.open);
      if (!open.delete(i)) open.add(i);
      store.filter({ open, also: new Set(store.filters.also).add(i) });
      store.tell("ring");
    },
    isFiltered() {
      const f = store.filters;
      return f.hidesKind || f.tags.size > 0 || f.cluster >= 0 || f.percentile > 0 || f.time !== null;
    },
    show(view) {
      store.view = view;
      store.tell("view");
    },
  };
  return store;
}

/** Between them the filters leave one cluster, and its neighbours can be unfolded. */
export const isRing = (f) => f.cluster >= 0 && !f.hidesKind;

const overlaps = (nodes, i, time) => time === null || !(nodes.last[i] < time[0] || nodes.first[i] > time[1]);
const wasMet = ({ moments }, e, time) => time === null || hasEventsIn(moments, e, time);

/** What is chosen by name is seen, even if it was folded. */
function unhide(store) {
  const { selected, filters, data } = store;
  if (selected === null || !isRing(filters)) return;
  const ends = selected.type === "node" ? [selected.i] : [data.edges.from[selected.i], data.edges.to[selected.i]];
  if (ends.every((i) => store.nodeShown[i] !== SHOWN.HIDDEN)) return;
  store.filter({ also: new Set([...filters.also, ...ends]) });
}

function nodeMatches(store, i, ring) {
  const { nodes } = store.data;
  const f = store.filters;
  return (
    f.kinds.has(kindOf(nodes, i)) &&
    nodes.percentile[i] >= f.percentile &&
    (f.tags.size === 0 || nodes.types[i].some((type) => f.tags.has(type))) &&
    (ring === null || ring.has(i)) &&
    overlaps(nodes, i, f.time)
  );
}

/** Neighbours of what was unfolded, and what was asked for by name. */
function showUnfolded(store) {
  const { edges, around } = store.data;
  const { filters: f, nodeShown } = store;
  const show = (i) => {
    if (nodeShown[i] === SHOWN.HIDDEN) nodeShown[i] = SHOWN.NEAR;
  };
  f.also.forEach(show);
  for (const i of f.open)
    for (let at = around.ptr[i]; at < around.ptr[i + 1]; at++)
      if (wasMet(store.data, around.edge[at], f.time)) show(otherEnd(edges, around.edge[at], i));
}

/** Neighbours of a match stay, faint, where that is wanted: a ring without its shops is no ring. */
function showEdges(store) {
  const { edges } = store.data;
  const { nodeShown, edgeShown, filters: f } = store;
  const near = f.near && !f.hidesKind && (f.tags.size > 0 || f.cluster >= 0 || f.percentile > 0);
  const before = isRing(f) ? nodeShown.slice() : null;
  let shown = 0;
  for (let e = 0; e < edges.n; e++) {
    const a = edges.from[e];
    const b = edges.to[e];
    const one = nodeShown[a] === SHOWN.MATCH || nodeShown[b] === SHOWN.MATCH;
    const both = nodeShown[a] === SHOWN.MATCH && nodeShown[b] === SHOWN.MATCH;
    const unfolded = before !== null && before[a] !== SHOWN.HIDDEN && before[b] !== SHOWN.HIDDEN && (one || f.open.has(a) || f.open.has(b));
    edgeShown[e] = (both || unfolded || (near && one)) && wasMet(store.data, e, f.time) ? 1 : 0;
    if (!edgeShown[e]) continue;
    shown++;
    if (nodeShown[a] === SHOWN.HIDDEN) nodeShown[a] = SHOWN.NEAR;
    if (nodeShown[b] === SHOWN.HIDDEN) nodeShown[b] = SHOWN.NEAR;
  }
  return shown;
}

/** How many neighbours of each shown node are hidden; parallel edges lead to one. */
function countFolded(store) {
  const { edges, nodes, around } = store.data;
  const { nodeShown, folded, filters: f } = store;
  folded.fill(0);
  if (!isRing(f)) return;
  const seen = new Int32Array(nodes.n).fill(-1);
  for (let i = 0; i < nodes.n; i++) {
    if (nodeShown[i] === SHOWN.HIDDEN) continue;
    for (let at = around.ptr[i]; at < around.ptr[i + 1]; at++) {
      const j = otherEnd(edges, around.edge[at], i);
      if (nodeShown[j] !== SHOWN.HIDDEN || seen[j] === i || !wasMet(store.data, around.edge[at], f.time)) continue;
      seen[j] = i;
      folded[i]++;
    }
  }
}

function apply(store) {
  const { nodes, head } = store.data;
  const { nodeShown, filters: f } = store;
  const ring = f.cluster < 0 ? null : new Set(head.clusters[f.cluster].nodes);
  let matches = 0;
  for (let i = 0; i < nodes.n; i++) {
    nodeShown[i] = nodeMatches(store, i, ring) ? SHOWN.MATCH : SHOWN.HIDDEN;
    matches += nodeShown[i] === SHOWN.MATCH ? 1 : 0;
  }
  if (isRing(f)) showUnfolded(store);
  store.matches = { nodes: matches, edges: showEdges(store) };
  countFolded(store);
}
