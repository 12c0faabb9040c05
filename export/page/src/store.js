// store.js - what is chosen and filtered, in one place; everything else listens.

export const SHOWN = { HIDDEN: 0, NEAR: 1, MATCH: 2 };

const nothing = () => ({ kinds: new Set(["user", "entity"]), tags: new Set(), cluster: -1, percentile: 0, time: null, near: true });

export function createStore(data) {
  const listeners = new Map();
  const store = {
    data,
    selected: null, // {type: "node" | "edge", i}
    filters: nothing(),
    view: "graph",
    nodeShown: new Uint8Array(data.nodes.n).fill(SHOWN.MATCH),
    edgeShown: new Uint8Array(data.edges.n).fill(1),
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
      store.tell("select", { move });
    },
    filter(change) {
      Object.assign(store.filters, change);
      apply(store);
      store.tell("filter");
    },
    clearFilters() {
      store.filter(nothing());
    },
    isFiltered() {
      const f = store.filters;
      return f.kinds.size < 2 || f.tags.size > 0 || f.cluster >= 0 || f.percentile > 0 || f.time !== null;
    },
    show(view) {
      store.view = view;
      store.tell("view");
    },
  };
  return store;
}

const overlaps = (first, last, time) => time === null || !(last < time[0] || first > time[1]);

function nodeMatches(store, i) {
  const { nodes, cluster } = store.data;
  const f = store.filters;
  return (
    f.kinds.has(nodes.isEntity[i] ? "entity" : "user") &&
    nodes.percentile[i] >= f.percentile &&
    (f.tags.size === 0 || nodes.types[i].some((type) => f.tags.has(type))) &&
    (f.cluster < 0 || cluster[i] === f.cluster) &&
    overlaps(nodes.first[i], nodes.last[i], f.time)
  );
}

/** Neighbours of a match stay, faint, where that is wanted: a ring without its shops is no ring. */
function apply(store) {
  const { nodes, edges } = store.data;
  const { nodeShown, edgeShown } = store;
  const f = store.filters;
  for (let i = 0; i < nodes.n; i++) nodeShown[i] = nodeMatches(store, i) ? SHOWN.MATCH : SHOWN.HIDDEN;
  let matches = 0;
  for (let i = 0; i < nodes.n; i++) matches += nodeShown[i] === SHOWN.MATCH ? 1 : 0;
  const near = f.near && f.kinds.size === 2 && (f.tags.size > 0 || f.cluster >= 0 || f.percentile > 0);
  let shown = 0;
  for (let e = 0; e < edges.n; e++) {
    const a = edges.from[e];
    const b = edges.to[e];
    const one = nodeShown[a] === SHOWN.MATCH || nodeShown[b] === SHOWN.MATCH;
    const both = nodeShown[a] === SHOWN.MATCH && nodeShown[b] === SHOWN.MATCH;
    edgeShown[e] = (both || (near && one)) && overlaps(edges.first[e], edges.last[e], f.time) ? 1 : 0;
    if (!edgeShown[e]) continue;
    shown++;
    if (nodeShown[a] === SHOWN.HIDDEN) nodeShown[a] = SHOWN.NEAR;
    if (nodeShown[b] === SHOWN.HIDDEN) nodeShown[b] = SHOWN.NEAR;
  }
  store.matches = { nodes: matches, edges: shown };
}
