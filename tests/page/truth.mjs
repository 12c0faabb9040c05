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
  const kinds = (node) => ({ ...node, kind: ["user", "entity"][node.kind], role: ["context", "neighbour", "subject"][node.role] });
  return {
    head,
    bytes: Buffer.byteLength(text),
    nodes: rows(looks.nodes, said.nodes, head.node_look, [...head.node_fields, ...keys(head.node_columns)]).map(kinds),
    edges: rows(looks.edges, said.edges, head.edge_look, [...head.edge_fields, ...keys(head.edge_columns)]),
  };
}

const types = (page, node) => node.tags.map((tag) => page.head.rules[tag[0]].type);

/** What a filter leaves: nodes that match, and edges between what is then shown. */
export function filtered(page, { kind = null, percentile = 0, tag = null, time = null } = {}) {
  const during = (one) => time === null || (one.first_seen !== null && !(one.last_seen < time[0] || one.first_seen > time[1]));
  const match = page.nodes.map(
    (node) => (kind === null || node.kind === kind) && Math.fround(node.percentile) >= percentile && (tag === null || types(page, node).includes(tag)) && during(node),
  );
  const near = kind === null && (percentile > 0 || tag !== null);
  const edges = page.edges.filter((e) => ((match[e.from] && match[e.to]) || (near && (match[e.from] || match[e.to]))) && during(e));
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
