// data.js - what html.c wrote, as arrays that drawing and filtering can run over.
//
// It comes in two pieces: how everything looks, by node_look and edge_look, and what is said of it. There a node or an edge is
// a row, too; its first values are named by node_fields (edge_fields), the rest by node_columns (edge_columns). Times are microseconds in the file and milliseconds here.

import { kindsOf } from "./kinds.js";
import { momentsOf } from "./moments.js";

/** Rows by name; values that the picture has already come from there. */
function table(rows, fields, columns, looks) {
  const at = new Map();
  fields.forEach((name, i) => at.set(name, i));
  const place = new Map();
  for (const { key, look } of columns) if (!look) place.set(key, fields.length + place.size);
  const value = (i, key) => (place.has(key) ? rows[i][place.get(key)] : key in looks ? looks[key](i) : null);
  return {
    rows,
    columns,
    value,
    field: (i, name) => rows[i][at.get(name)],
    numbers(key, type = Float64Array, scale = 1) {
      const out = new type(rows.length);
      for (let i = 0; i < rows.length; i++) {
        const x = value(i, key);
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

/* ---- the picture: read first, drawn while the rest is on its way ---- */

const ROLES = ["context", "neighbour", "subject"];

function column(rows, fields, name, type, scale = 1) {
  const c = fields.indexOf(name);
  const out = new type(rows.length);
  for (let i = 0; i < rows.length; i++) out[i] = rows[i][c] * scale;
  return out;
}

function nodeLooks(rows, head) {
  const of = (name, type, scale) => column(rows, head.node_look, name, type, scale);
  const [role, label] = ["role", "label"].map((name) => head.node_look.indexOf(name));
  const percentile = of("percentile", Float32Array);
  return {
    n: rows.length,
    x: of("x", Float32Array),
    y: of("y", Float32Array),
    radius: of("size", Float32Array, 0.5),
    color: of("color", Uint16Array),
    kind: of("kind", Uint8Array), // 0 a user, 1 an entity of the first kind, and so on
    isEntity: of("kind", Uint8Array).map((kind) => (kind > 0 ? 1 : 0)),
    kindNames: ["user", ...kindsOf(head).map((kind) => kind.name)],
    shapes: ["round", ...kindsOf(head).map((kind) => kind.shape)],
    role: rows.map((row) => ROLES[row[role]]),
    label: rows.map((row) => row[label]),
    percentile,
    exact: of("percentile", Float64Array),
    byPercentile: descending(percentile),
    suppression: new Map(head.suppressed.map((s) => [s.node, s])),
    types: null, // with the details
  };
}

function edgeLooks(rows, head, nodes) {
  const of = (name, type) => column(rows, head.edge_look, name, type);
  const percentile = of("percentile", Float32Array);
  return {
    n: rows.length,
    from: of("from", Uint32Array),
    to: of("to", Uint32Array),
    kind: of("to", Uint32Array).map((i) => nodes.kind[i] - 1), // of the kinds of entity
    sides: kindsOf(head).map((kind) => (head.kinds ? `edge:${kind.name}` : "edge")), // as features and scores call them
    width: of("width", Float32Array),
    color: of("color", Uint16Array),
    percentile,
    exact: of("percentile", Float64Array), // as it is written; the other one compares as floats do
    byPercentile: descending(percentile),
    types: null,
  };
}

export function readPicture(source) {
  const text = JSON.parse(source);
  const head = text.head;
  if (head.version !== 1) throw new Error(`this page reads data of version 1, not ${head.version}`);
  const nodes = nodeLooks(text.nodes, head);
  const edges = edgeLooks(text.edges, head, nodes);
  return { head, nodes, edges, kinds: kindsOf(head), palette: head.palette, around: adjacency(nodes.n, edges), cluster: clustersOf(head, nodes.n), times: null, moments: null, past: new Map(head.past.map((one) => [one.node, one.past])) };
}

/* ---- the rest ---- */

function addRows(side, rows, fields, columns, rules) {
  const looks = {
    percentile: (i) => side.exact[i],
    kind: (i) => (side.kindNames ? kindOf(side, i) : side.sides[side.kind[i]].replace(/^edge:/, "")),
    role: (i) => side.role[i],
  };
  Object.assign(side, table(rows, fields, columns, looks));
  side.score = side.numbers("score");
  side.first = side.numbers("first_seen", Float64Array, 1e-3);
  side.last = side.numbers("last_seen", Float64Array, 1e-3);
  side.types = tagsOf(side, rules);
}

export function readDetails(data, source) {
  const { head, nodes, edges } = data;
  const text = JSON.parse(source);
  addRows(nodes, text.nodes, head.node_fields, head.node_columns, head.rules);
  addRows(edges, text.edges, head.edge_fields, head.edge_columns, head.rules);
  nodes.name = text.nodes.map((_, i) => String(nodes.value(i, "name")));
  data.times = timesOf(head, edges);
  data.moments = momentsOf(edges, head);
}

function clustersOf(head, n) {
  const of = new Int32Array(n).fill(-1);
  head.clusters.forEach((cluster, c) => {
    for (const i of cluster.nodes) if (of[i] < 0) of[i] = c;
  });
  return of;
}

/**
 * The cluster that the page begins with: the chosen one, else the worst of which most is here; -1: none. A page around one
 * subject begins with that subject.
 */
export function firstRing(head) {
  const [, word, value] = /^([^=]*)=([^]*)$/.exec(head.selection) || [null, "", ""];
  if (word.startsWith("around")) return -1;
  if (word === "cluster" && value !== "worst") return head.clusters.findIndex((cluster) => cluster.id === value);
  return head.clusters.findIndex((cluster) => cluster.nodes.length > 1 && 2 * cluster.nodes.length >= cluster.users + cluster.entities);
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

export const typesOf = (side, i) => (side.types === null ? [] : side.types[i]);
export const kindOf = (nodes, i) => nodes.kindNames[nodes.kind[i]];
export const shapeOf = (nodes, i) => nodes.shapes[nodes.kind[i]];
/** What features and scores of edge e go by. */
export const sideOf = (edges, e) => edges.sides[edges.kind[e]];
export const otherEnd = (edges, e, i) => (edges.from[e] === i ? edges.to[e] : edges.from[e]);
