// truth.mjs - what a page holds, read by other means than its own: for the tests to compare with.

import { readFileSync } from "node:fs";

export function readPage(file) {
  const text = readFileSync(file, "utf8");
  const block = (id) => {
    const from = text.indexOf(`id="${id}">`) + id.length + 6;
    return JSON.parse(text.slice(from, text.indexOf("</script>", from)));
  };
  const looks = block("picture-data");
  const said = block("data");
  const { head } = looks;
  const rows = (look, list, lookNames, names) =>
    list.map((row, i) => {
      if (look[i].length !== lookNames.length || row.length !== names.length) throw new Error(`row ${i} has ${look[i].length} and ${row.length} values`);
      const named = (values, keys) => Object.fromEntries(keys.map((key, k) => [key, values[k]]));
      return { ...named(look[i], lookNames), ...named(row, names) };
    });
  const keys = (columns) => columns.filter((column) => !column.look).map((column) => column.key);
  const kinds = (node) => ({ ...node, kind: ["user", ...(head.kinds || [{ name: "entity" }]).map((kind) => kind.name)][node.kind], role: ["context", "neighbour", "subject"][node.role] });
  return {
    head,
    bytes: Buffer.byteLength(text),
    nodes: rows(looks.nodes, said.nodes, head.node_look, [...head.node_fields, ...keys(head.node_columns)]).map(kinds),
    edges: rows(looks.edges, said.edges, head.edge_look, [...head.edge_fields, ...keys(head.edge_columns)]),
  };
}

const types = (page, node) => node.tags.map((tag) => page.head.rules[tag[0]].type);

/** Hours of an edge's events, in microseconds: [begin, end, events], cut to its first and last event; null where the file has none. */
export function hoursOf(page, edge) {
  if (edge.times === null) return null;
  const { from, step } = page.head.times;
  let at = from;
  return edge.times.flatMap((gap, i, flat) => {
    if (i % 2 === 1) return [];
    at += gap * step;
    return [[Math.max(at, edge.first_seen), Math.min(at + step, edge.last_seen), flat[i + 1]]];
  });
}

/** Was it met then? An hour of one event that holds the first (or last) event of all is that moment. */
function isMet(page, edge, [start, end]) {
  const hours = hoursOf(page, edge) || [[edge.first_seen, edge.last_seen, edge.events]];
  const exact = ([a, b, n]) => (n > 1 || edge.first_seen === edge.last_seen ? [a, b] : a === edge.first_seen ? [a, a] : b === edge.last_seen ? [b, b] : [a, b]);
  return edge.first_seen !== null && hours.map(exact).some(([a, b]) => b >= start && a <= end);
}

/** What a filter leaves: nodes that match, and edges between what is then shown. */
export function filtered(page, { kind = null, percentile = 0, tag = null, time = null } = {}) {
  const during = (one) => time === null || (one.first_seen !== null && !(one.last_seen < time[0] || one.first_seen > time[1]));
  const match = page.nodes.map(
    (node) => (kind === null || node.kind === kind) && Math.fround(node.percentile) >= percentile && (tag === null || types(page, node).includes(tag)) && during(node),
  );
  const near = kind === null && (percentile > 0 || tag !== null);
  const edges = page.edges.filter((e) => ((match[e.from] && match[e.to]) || (near && (match[e.from] || match[e.to]))) && (time === null || isMet(page, e, time)));
  return { nodes: match.filter(Boolean).length, edges: edges.length };
}

/** Ids of truth.json (hex) as the export spells them: bytes that are not UTF-8 as \x{FF}. */
export function spelled(hex) {
  const bytes = Buffer.from(hex, "hex");
  let out = "";
  for (let at = 0; at < bytes.length; ) {
    const size = bytes[at] < 0x80 ? 1 : bytes[at] < 0xe0 ? 2 : bytes[at] < 0xf0 ? 3 : 4;
    const piece = bytes.subarray(at, at + size);
    let char = null;
    try {
      char = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(piece);
    } catch {
      out += `\\x{${bytes[at].toString(16).toUpperCase().padStart(2, "0")}}`;
      at++;
      continue;
    }
    const rest = bytes.subarray(at).toString("latin1");
    out += /^\\[ux]\{/.test(rest) ? "\\u{5C}" : char;
    at += size;
  }
  return out;
}
