// kinds.js - the kinds of entity of a page: what one is called, what several are, and how it is drawn.

import { plural } from "./format.js";

/** A page of one kind, which has no name of its own, does not list it. */
export const kindsOf = (head) => head.kinds || [{ name: "entity", plural: "entities", shape: "square", amounts: head.amounts }];

/** "27 users, 4 shops, 2 devices": members of a cluster, those that there are. */
export function membersText(kinds, cluster) {
  const n = cluster.of_kind || [cluster.entities];
  const said = kinds.map((kind, k) => (n[k] > 0 || kinds.length === 1 ? plural(n[k], kind.name, kind.plural) : null));
  return [plural(cluster.users, "user"), ...said.filter(Boolean)].join(", ");
}

/** How many members of a kind a cluster has in all: kind 0 are its users. */
export const membersOfKind = (cluster, kind) => (kind === 0 ? cluster.users : (cluster.of_kind || [cluster.entities])[kind - 1]);

/** Corners of the shapes that have some, around 0, 0 with radius 1, downwards. */
const CORNERS = { triangle: 3, diamond: 4, hexagon: 6, pentagon: 5, star: 10 };
const corners = Object.fromEntries(
  Object.entries(CORNERS).map(([shape, n]) => [
    shape,
    Array.from({ length: n }, (_, i) => {
      const r = 1.15 * (shape === "star" && i % 2 === 1 ? 0.5 : 1);
      return [r * Math.sin((2 * Math.PI * i) / n), -r * Math.cos((2 * Math.PI * i) / n)];
    }),
  ]),
);

/** Adds a shape to the path of a canvas. */
export function shapePath(c, shape, x, y, r) {
  if (shape === "round") {
    c.moveTo(x + r, y);
    c.arc(x, y, r, 0, 2 * Math.PI);
  } else if (shape === "square") c.rect(x - 0.88 * r, y - 0.88 * r, 1.76 * r, 1.76 * r);
  else {
    corners[shape].forEach(([dx, dy], i) => (i === 0 ? c.moveTo(x + r * dx, y + r * dy) : c.lineTo(x + r * dx, y + r * dy)));
    c.closePath();
  }
}
