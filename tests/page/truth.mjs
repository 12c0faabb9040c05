// truth.mjs - what a page holds, read by other means than its own: for the tests to compare with.

import { readFileSync } from "node:fs";

export function readPage(file) {
  const text = readFileSync(file, "utf8");
  const from = text.indexOf('id="data">') + 'id="data">'.length;
  const data = JSON.parse(text.slice(from, text.indexOf("</script>", from)));
  const rows = (list, fields, columns) => {
    const names = [...fields, ...columns.map((column) => column.key)];
    return list.map((row) => {
      if (row.length !== names.length) throw new Error(`a row has ${row.length} values, not ${names.length}`);
      return Object.fromEntries(names.map((name, i) => [name, row[i]]));
    });
  };
  const { head } = data;
  return {
    head,
    bytes: Buffer.byteLength(text),
    nodes: rows(data.nodes, head.node_fields, head.node_columns),
    edges: rows(data.edges, head.edge_fields, head.edge_columns),
    palette: data.tail.palette,
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

/** Ids of truth.json (hex) as the export spells them: bytes that are no UTF-8 as \x{FF}. */
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
