// pick.js - what lies under the pointer: nodes by a quadtree, edges by their distance.

import { quadtree } from "d3-quadtree";
import { SHOWN } from "./store.js";

export function createPicker(store) {
  const { nodes, edges } = store.data;
  let tree = null;
  let largest = 0;
  store.on("filter", () => (tree = null));

  function build() {
    tree = quadtree().x((i) => nodes.x[i]).y((i) => nodes.y[i]);
    const shown = [];
    largest = 0;
    for (let i = 0; i < nodes.n; i++) {
      if (store.nodeShown[i] === SHOWN.HIDDEN) continue;
      shown.push(i);
      if (nodes.radius[i] > largest) largest = nodes.radius[i];
    }
    tree.addAll(shown);
  }

  /** The nearest node whose disc, or a little more (slack, pixels), holds the point of the world. */
  function node(x, y, k, scale, slack) {
    if (tree === null) build();
    const reach = (largest * scale + slack) / k;
    let best = -1;
    let least = Infinity;
    tree.visit((quad, x0, y0, x1, y1) => {
      if (x0 > x + reach || x1 < x - reach || y0 > y + reach || y1 < y - reach) return true;
      for (let leaf = quad.length ? null : quad; leaf; leaf = leaf.next) {
        const i = leaf.data;
        const off = Math.hypot(nodes.x[i] - x, nodes.y[i] - y) * k - nodes.radius[i] * scale;
        if (off < slack && off < least) [best, least] = [i, off];
      }
      return false;
    });
    return best;
  }

  function edge(x, y, k, slack) {
    let best = -1;
    let least = (slack / k) ** 2;
    for (let e = 0; e < edges.n; e++) {
      if (!store.edgeShown[e]) continue;
      const off = distance(nodes, edges.from[e], edges.to[e], x, y);
      if (off < least) [best, least] = [e, off];
    }
    return best;
  }
  return { node, edge };
}

/** Squared, from a point to a segment. */
function distance(nodes, a, b, x, y) {
  const ax = nodes.x[a];
  const ay = nodes.y[a];
  const dx = nodes.x[b] - ax;
  const dy = nodes.y[b] - ay;
  const length = dx * dx + dy * dy;
  const t = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length));
  return (ax + t * dx - x) ** 2 + (ay + t * dy - y) ** 2;
}
