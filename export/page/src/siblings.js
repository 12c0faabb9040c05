// siblings.js - who else met the partners of a node: of an account, the accounts that were at the same shops.

import { otherEnd } from "./data.js";

/** Whom a node met, each once. */
export function partnersOf({ edges, around }, i) {
  return new Set(Array.from(around.edge.subarray(around.ptr[i], around.ptr[i + 1]), (e) => otherEnd(edges, e, i)));
}

/**
 * Whom node i shares each of its partners with, the partners that fewest share first: {partner, others}. Those that it has for
 * itself are left out.
 */
export function sharersOf(data, i) {
  const list = [];
  for (const partner of partnersOf(data, i)) {
    const others = [...partnersOf(data, partner)].filter((other) => other !== i);
    if (others.length > 0) list.push({ partner, others: others.sort((a, b) => data.nodes.exact[b] - data.nodes.exact[a] || a - b) });
  }
  return list.sort((a, b) => a.others.length - b.others.length || a.partner - b.partner);
}

/**
 * Siblings of node i: {i, shared}, shared being the partners that both met. Those that share most come first; of equal ones
 * those that share the rarer partners, because everybody meets a popular shop; then the higher score.
 */
export function siblingsOf(data, i) {
  const { nodes } = data;
  const found = new Map();
  for (const partner of partnersOf(data, i)) {
    const others = partnersOf(data, partner);
    const rare = 1 / Math.log2(1 + others.size); // at least i itself
    for (const other of others) {
      if (other === i) continue;
      if (!found.has(other)) found.set(other, { i: other, shared: [], rare: 0 });
      const one = found.get(other);
      one.shared.push({ partner, rare });
      one.rare += rare;
    }
  }
  const list = [...found.values()];
  for (const one of list) one.shared = one.shared.sort((a, b) => b.rare - a.rare || a.partner - b.partner).map(({ partner }) => partner);
  return list.sort((a, b) => b.shared.length - a.shared.length || b.rare - a.rare || nodes.exact[b.i] - nodes.exact[a.i] || a.i - b.i);
}
