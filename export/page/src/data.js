// data.js - what html.c wrote, as arrays that drawing and filtering can run over.
//
// A node or an edge is a row; its first values are named by node_fields (edge_fields), the rest by node_columns.
// Times are microseconds in the file and milliseconds here.

function table(rows, fields, columns) {
  const at = new Map();
  fields.forEach((name, i) => at.set(name, i));
  const place = new Map();
  columns.forEach((column, i) => place.set(column.key, fields.length + i));
  return {
    n: rows.length,
    rows,
    columns,
    field: (i, name) => rows[i][at.get(name)],
    has: (key) => place.has(key),
    value: (i, key) => (place.has(key) ? rows[i][place.get(key)] : null),
    numbers(key, type = Float64Array, scale = 1) {
      const out = new type(rows.length);
      const c = at.has(key) ? at.get(key) : place.get(key);
      for (let i = 0; i < rows.length; i++) {
        const x = c === undefined ? null : rows[i][c];
        out[i] = x === null ? NaN : Number(x) * scale;
      }
      return out;
    },
  };
}

/** Edges of each node: edge[ptr[i]] … edge[ptr[i + 1]], the highest first. */
function adjacency(n, edges) {
  const ptr = new Uint32Array(n + 1);
  for (let e = 0; e < edges.n; e++) {
    ptr[edges.from[e] + 1]++;
    ptr[edges.to[e] + 1]++;
  }
  for (let i = 0; i < n; i++) ptr[i + 1] += ptr[i];
  const edge = new Uint32Array(2 * edges.n);
  const next = ptr.slice(0, n);
  for (const e of edges.byPercentile) {
    edge[next[edges.from[e]]++] = e;
    edge[next[edges.to[e]]++] = e;
  }
  return { ptr, edge };
}

const ROOM = 2 ** 20; // more than there are rows

/** Row numbers, the highest value (of [0, 1]) first, equal ones by number: as one number each, which sorts fast. */
function descending(values) {
  const keys = Float64Array.from(values, (value, i) => Math.round((1 - (value || 0)) * 2 ** 30) * ROOM + i).sort();
  return Uint32Array.from(keys, (key) => key % ROOM);
}

function tagsOf(side, rules) {
  const types = new Array(side.n);
  for (let i = 0; i < side.n; i++) types[i] = side.field(i, "tags").map((tag) => rules[tag[0]].type);
  return types;
}

function readNodes(text, head) {
  const nodes = table(text.nodes, head.node_fields, head.node_columns);
  nodes.x = nodes.numbers("x", Float32Array);
  nodes.y = nodes.numbers("y", Float32Array);
  nodes.radius = nodes.numbers("size", Float32Array, 0.5);
  nodes.color = nodes.numbers("color", Uint16Array);
  nodes.score = nodes.numbers("score");
  nodes.percentile = nodes.numbers("percentile", Float32Array);
  nodes.first = nodes.numbers("first_seen", Float64Array, 1e-3);
  nodes.last = nodes.numbers("last_seen", Float64Array, 1e-3);
  nodes.isEntity = Uint8Array.from(text.nodes, (_, i) => (nodes.value(i, "kind") === "entity" ? 1 : 0));
  nodes.role = text.nodes.map((_, i) => nodes.value(i, "role"));
  nodes.name = text.nodes.map((_, i) => String(nodes.value(i, "name")));
  nodes.types = tagsOf(nodes, head.rules);
  nodes.byPercentile = descending(nodes.percentile);
  nodes.suppression = new Map(head.suppressed.map((s) => [s.node, s]));
  return nodes;
}

function readEdges(text, head) {
  const edges = table(text.edges, head.edge_fields, head.edge_columns);
  edges.from = edges.numbers("from", Uint32Array);
  edges.to = edges.numbers("to", Uint32Array);
  edges.width = edges.numbers("width", Float32Array);
  edges.color = edges.numbers("color", Uint16Array);
  edges.score = edges.numbers("score");
  edges.percentile = edges.numbers("percentile", Float32Array);
  edges.first = edges.numbers("first_seen", Float64Array, 1e-3);
  edges.last = edges.numbers("last_seen", Float64Array, 1e-3);
  edges.types = tagsOf(edges, head.rules);
  edges.byPercentile = descending(edges.percentile);
  return edges;
}

function clustersOf(head, n) {
  const of = new Int32Array(n).fill(-1);
  head.clusters.forEach((cluster, c) => {
    for (const i of cluster.nodes) if (of[i] < 0) of[i] = c;
  });
  return of;
}

/** From the first to the last event shown, or the graph's window. */
function timesOf(head, edges) {
  if (head.window) return head.window.map((us) => us / 1000);
  let low = Infinity;
  let high = -Infinity;
  for (let e = 0; e < edges.n; e++) {
    if (edges.first[e] < low) low = edges.first[e];
    if (edges.last[e] > high) high = edges.last[e];
  }
  return high > low ? [low, high] : null;
}

export function readData(source) {
  const text = JSON.parse(source);
  const head = text.head;
  if (head.version !== 1) throw new Error(`this page reads data of version 1, not ${head.version}`);
  const nodes = readNodes(text, head);
  const edges = readEdges(text, head);
  return {
    head,
    nodes,
    edges,
    palette: text.tail.palette,
    around: adjacency(nodes.n, edges),
    cluster: clustersOf(head, nodes.n),
    times: timesOf(head, edges),
  };
}

export const kindOf = (nodes, i) => (nodes.isEntity[i] ? "entity" : "user");
export const otherEnd = (edges, e, i) => (edges.from[e] === i ? edges.to[e] : edges.from[e]);
