// labels.js - which ids can be read: the most suspicious first, none over another, more of them the closer one looks.

const FONT = "11px";
const HEIGHT = 14;
const CELL = 48;
const DISC = 5; // a node from this radius on keeps labels of others off
const DISCS = 300;

export function createLabels(nodes) {
  const width = new Float32Array(nodes.n); // measured once
  const text = nodes.label;
  const order = importance(nodes);
  const measure = (ctx, i) => {
    if (width[i] === 0) width[i] = ctx.measureText(text[i]).width + 6;
    return width[i];
  };

  /** Places for at most `most` labels: {i, x, y}. at(i) is the node's place on the screen, or null. */
  function place(ctx, at, most, size, first) {
    const taken = new Map();
    const placed = [];
    const discs = new Map();
    for (let k = 0; k < order.length && discs.size < DISCS; k++) {
      const p = at(order[k]);
      if (p === null || p.r < DISC) continue;
      const box = { x: p.x - p.r, y: p.y - p.r, w: 2 * p.r, h: 2 * p.r };
      discs.set(order[k], box);
      keep(taken, box);
    }
    const isFree = (box) => {
      for (const other of boxesNear(taken, box)) if (touch(other, box)) return false;
      return true;
    };
    const tryOne = (i) => {
      const p = text[i] === "" ? null : at(i);
      if (p === null) return;
      const box = boxesOf(p, measure(ctx, i)).find((one) => one.x + one.w <= size.width + 40 && isFree(one));
      if (box === undefined) return;
      keep(taken, box);
      placed.push({ i, x: box.x + 2, y: box.y + HEIGHT / 2, text: text[i] });
    };
    if (first !== null) tryOne(first);
    for (let k = 0; k < order.length && placed.length < most; k++) if (order[k] !== first) tryOne(order[k]);
    return placed;
  }
  return { place, text };
}

/** Where a label may stand: right of its node, else left of it, below, above. */
function boxesOf(p, w) {
  const [beside, middle] = [p.y - HEIGHT / 2, p.x - w / 2];
  return [[p.x + p.r + 2, beside], [p.x - p.r - 2 - w, beside], [middle, p.y + p.r + 2], [middle, p.y - p.r - 2 - HEIGHT]].map(([x, y]) => ({ x, y, w, h: HEIGHT }));
}

/** Subjects before neighbours before ordinary ones; within each the highest first. */
function importance(nodes) {
  const rank = (i) => (nodes.role[i] === "subject" ? 2 : nodes.role[i] === "context" ? 0 : 1);
  return Array.from(nodes.byPercentile).sort((a, b) => rank(b) - rank(a) || nodes.percentile[b] - nodes.percentile[a]);
}

const touch = (a, b) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

function* cells(box) {
  for (let cx = Math.floor(box.x / CELL); cx <= Math.floor((box.x + box.w) / CELL); cx++)
    for (let cy = Math.floor(box.y / CELL); cy <= Math.floor((box.y + box.h) / CELL); cy++) yield cx * 4096 + cy;
}
function keep(taken, box) {
  for (const cell of cells(box)) {
    if (!taken.has(cell)) taken.set(cell, []);
    taken.get(cell).push(box);
  }
}
function* boxesNear(taken, box) {
  for (const cell of cells(box)) yield* taken.get(cell) || [];
}

export const labelFont = () => `${FONT} ${getComputedStyle(document.body).fontFamily}`;
