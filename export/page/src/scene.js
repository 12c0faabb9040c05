// scene.js - the picture: edges, nodes, labels on one canvas, what is chosen on a second one above it.
//
// Drawing thousands of shapes is fast when few paths are made: edges and nodes are grouped by how they look, once for each
// filter, and a frame runs over typed arrays. A path of very many segments is slow to fill, so paths are cut into pieces;
// lines of at most one pixel take a faster way through the rasteriser. While the picture moves faint edges are thinned out.

import { labelFont } from "./labels.js";
import { createBadges } from "./badges.js";
import { shapeOf } from "./data.js";
import { shapePath } from "./kinds.js";
import { SHOWN } from "./store.js";
import { cssColor, edgeColor, nodeColor } from "./theme.js";

const PIECE = 400; // segments or shapes of one path
const MOVING_EDGES = 4000;
const LABELS = { still: 90, moving: 40 };

/** How much of its size in points a node has on the screen: less than the zoom takes away. */
export const scaleOf = (k) => Math.min(1.8, Math.max(0.2, k ** 0.62));
const thin = (k) => Math.min(1.2, Math.max(0.35, k ** 0.5));

/** Numbers i of a side, grouped by a key; groups come in the order of `before`. */
function group(numbers, keyOf, make, before) {
  const groups = new Map();
  for (const i of numbers) {
    const key = keyOf(i);
    if (!groups.has(key)) groups.set(key, { ...make(i), list: [] });
    groups.get(key).list.push(i);
  }
  const out = [...groups.values()].sort(before);
  for (const one of out) one.list = Uint32Array.from(one.list);
  return out;
}

function groupEdges(store) {
  const { edges } = store.data;
  const ascending = Array.from(edges.byPercentile).reverse();
  return group(
    ascending.filter((e) => store.edgeShown[e]),
    (e) => edges.color[e] * 64 + edges.width[e],
    (e) => ({ color: edges.color[e], width: edges.width[e] }),
    (a, b) => a.width - b.width,
  );
}

function groupNodes(store) {
  const { nodes } = store.data;
  const ascending = Array.from(nodes.byPercentile).reverse();
  const hollow = (i) => (nodes.suppression.has(i) ? 1 : 0);
  const subjects = nodes.role.reduce((sum, role) => sum + (role === "subject" ? 1 : 0), 0);
  const ringed = (i) => (nodes.role[i] === "subject" && subjects < nodes.n / 2 ? 1 : 0); // where they are not the rule
  return group(
    ascending.filter((i) => store.nodeShown[i] !== SHOWN.HIDDEN),
    (i) => (((nodes.color[i] * 32 + nodes.kind[i]) * 2 + hollow(i)) * 2 + ringed(i)) * 4 + store.nodeShown[i],
    (i) => ({
      color: nodes.color[i],
      shape: shapeOf(nodes, i),
      hollow: hollow(i),
      ringed: ringed(i),
      faint: store.nodeShown[i] === SHOWN.NEAR,
      rank: nodes.percentile[i],
    }),
    (a, b) => b.faint - a.faint || a.ringed - b.ringed || a.rank - b.rank,
  );
}

export function createScene(store, canvas, overlay, labels) {
  const { nodes, edges, palette, around } = store.data;
  const ctx = canvas.getContext("2d", { alpha: true });
  const top = overlay.getContext("2d");
  const sx = new Float32Array(nodes.n);
  const sy = new Float32Array(nodes.n);
  const size = { width: 0, height: 0, ratio: 1 };
  let edgeGroups = null;
  let nodeGroups = null;
  let paint = null;
  let view = { k: 1, x: 0, y: 0 };

  const badges = createBadges(store);
  const regroup = () => (edgeGroups = nodeGroups = null);
  store.on("filter", regroup);

  function colors() {
    paint = {
      node: palette.map((c) => nodeColor(c[0])),
      edge: palette.map((c) => edgeColor(c[0])),
      ground: cssColor("--ground"),
      ink: cssColor("--ink"),
      accent: cssColor("--accent"),
      muted: cssColor("--muted"),
      panel: cssColor("--panel"),
      line: cssColor("--line"),
      font: labelFont(),
    };
  }

  function resize(width, height) {
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    Object.assign(size, { width, height, ratio });
    for (const c of [canvas, overlay]) {
      c.width = Math.round(width * ratio);
      c.height = Math.round(height * ratio);
      c.style.width = `${width}px`;
      c.style.height = `${height}px`;
    }
  }

  function project() {
    const { k, x, y } = view;
    for (let i = 0; i < nodes.n; i++) {
      sx[i] = nodes.x[i] * k + x;
      sy[i] = nodes.y[i] * k + y;
    }
  }

  /** Every step-th of the list, so that faint edges keep their look while fewer are drawn. */
  function strokeEdges(list, step) {
    const { width, height } = size;
    let n = 0;
    ctx.beginPath();
    for (let at = 0; at < list.length; at += step) {
      const a = edges.from[list[at]];
      const b = edges.to[list[at]];
      const ax = sx[a];
      const bx = sx[b];
      if ((ax < 0 && bx < 0) || (ax > width && bx > width)) continue;
      const ay = sy[a];
      const by = sy[b];
      if ((ay < 0 && by < 0) || (ay > height && by > height)) continue;
      ctx.moveTo(ax, ay);
      ctx.lineTo(bx, by);
      if (++n % PIECE === 0) {
        ctx.stroke();
        ctx.beginPath();
      }
    }
    ctx.stroke();
  }

  function drawEdges(moving) {
    let shown = 0;
    for (const one of edgeGroups) shown += one.list.length;
    const step = moving ? Math.max(1, Math.ceil(shown / MOVING_EDGES)) : 1;
    for (const one of edgeGroups) {
      const width = one.width * 0.55 * thin(view.k);
      ctx.strokeStyle = paint.edge[one.color];
      ctx.globalAlpha = one.width > 1 ? 0.85 : 0.6;
      ctx.lineWidth = moving ? Math.min(width, 1 / size.ratio) : Math.max(width, 0.5);
      strokeEdges(one.list, one.width > 1 && one.list.length < MOVING_EDGES / 2 ? 1 : step);
    }
    ctx.globalAlpha = 1;
  }

  const DOT = 2.6; // below this radius nobody misses a disc's roundness while it moves

  function paintNodes(one, scale, moving, each) {
    const { width, height } = size;
    let n = 0;
    ctx.beginPath();
    for (const i of one.list) {
      const r = nodes.radius[i] * scale;
      const x = sx[i];
      const y = sy[i];
      if (x < -r || y < -r || x > width + r || y > height + r) continue;
      if (moving && r < DOT) {
        ctx.fillRect(x - 0.88 * r, y - 0.88 * r, 1.76 * r, 1.76 * r);
        continue;
      }
      shapePath(ctx, one.shape, x, y, r);
      if (++n % PIECE === 0) {
        each();
        ctx.beginPath();
      }
    }
    each();
  }

  function drawNodes(scale, moving) {
    for (const one of nodeGroups) {
      ctx.globalAlpha = one.faint ? 0.32 : 1;
      ctx.fillStyle = one.hollow ? paint.ground : paint.node[one.color];
      ctx.strokeStyle = one.hollow ? paint.node[one.color] : one.ringed ? paint.ink : paint.ground;
      ctx.lineWidth = one.hollow ? 1.6 : one.ringed ? 1.3 : 0.8;
      paintNodes(one, scale, moving, () => {
        ctx.fill();
        if (one.hollow || scale > 0.45) ctx.stroke();
      });
    }
    ctx.globalAlpha = 1;
  }

  const MARGIN = 30;
  function placeOf(i, scale) {
    if (store.nodeShown[i] !== SHOWN.MATCH && scale < 0.7) return null;
    if (store.nodeShown[i] === SHOWN.HIDDEN) return null;
    const r = nodes.radius[i] * scale;
    const x = sx[i];
    const y = sy[i];
    if (x < -MARGIN || y < 0 || x > size.width || y > size.height) return null;
    // when much is shown, only what is large enough to be meant has its name beside it
    if (r < 3.2) return null;
    return { x, y, r };
  }

  function drawText(c, placed, halo) {
    c.font = paint.font;
    c.textBaseline = "middle";
    c.lineJoin = "round";
    if (halo) {
      c.strokeStyle = paint.ground;
      c.lineWidth = 3;
      for (const one of placed) c.strokeText(one.text, one.x, one.y);
    }
    c.fillStyle = paint.ink;
    for (const one of placed) c.fillText(one.text, one.x, one.y);
  }

  function drawLabels(scale, moving) {
    ctx.font = paint.font;
    const placed = labels.place(ctx, (i) => placeOf(i, scale), moving ? LABELS.moving : LABELS.still, size, null);
    drawText(ctx, placed, !moving);
  }

  function draw(transform, moving) {
    view = transform;
    if (paint === null) colors();
    if (edgeGroups === null) {
      edgeGroups = groupEdges(store);
      nodeGroups = groupNodes(store);
    }
    const scale = scaleOf(view.k);
    project();
    ctx.setTransform(size.ratio, 0, 0, size.ratio, 0, 0);
    ctx.clearRect(0, 0, size.width, size.height);
    drawEdges(moving);
    drawNodes(scale, moving);
    drawLabels(scale, moving);
    badges.draw(ctx, (i) => (store.nodeShown[i] === SHOWN.MATCH || store.filters.open.has(i) ? placeOf(i, scale) : null), paint);
  }

  /* ---- what is chosen, above a dimmed picture ---- */

  function line(e, width, color) {
    top.strokeStyle = color;
    top.lineWidth = width;
    top.beginPath();
    top.moveTo(sx[edges.from[e]], sy[edges.from[e]]);
    top.lineTo(sx[edges.to[e]], sy[edges.to[e]]);
    top.stroke();
  }

  function disc(i, scale, ring) {
    const r = nodes.radius[i] * scale;
    top.beginPath();
    shapePath(top, shapeOf(nodes, i), sx[i], sy[i], r);
    top.fillStyle = nodes.suppression.has(i) ? paint.ground : paint.node[nodes.color[i]];
    top.fill();
    top.strokeStyle = nodes.suppression.has(i) ? paint.node[nodes.color[i]] : paint.ground;
    top.lineWidth = 1.2;
    top.stroke();
    if (!ring) return;
    top.beginPath();
    shapePath(top, shapeOf(nodes, i), sx[i], sy[i], r + 3.5);
    top.strokeStyle = ring;
    top.lineWidth = 2.2;
    top.stroke();
  }

  /** The chosen node, its shown edges and neighbours. */
  function drawAround(i, scale) {
    const near = new Set();
    for (let at = around.ptr[i + 1] - 1; at >= around.ptr[i]; at--) {
      const e = around.edge[at];
      if (!store.edgeShown[e]) continue;
      line(e, Math.max(1, edges.width[e] * 0.7 * thin(view.k)), paint.edge[edges.color[e]]);
      near.add(edges.from[e] === i ? edges.to[e] : edges.from[e]);
    }
    for (const j of near) disc(j, scale, null);
    disc(i, scale, paint.accent);
    near.add(i);
    return near;
  }

  function drawEnds(e, scale) {
    line(e, 3, paint.accent);
    disc(edges.from[e], scale, null);
    disc(edges.to[e], scale, null);
    return new Set([edges.from[e], edges.to[e]]);
  }

  function drawHover(hover, scale) {
    if (hover.type === "badge") return;
    if (hover.type === "edge") line(hover.i, 2.5, paint.accent);
    else disc(hover.i, scale, paint.muted);
  }

  function drawTop(hover) {
    if (paint === null) return;
    const scale = scaleOf(view.k);
    const { selected, filters } = store;
    top.setTransform(size.ratio, 0, 0, size.ratio, 0, 0);
    top.clearRect(0, 0, size.width, size.height);
    canvas.classList.toggle("dimmed", selected !== null);
    if (hover) drawHover(hover, scale);
    if (selected === null) return;
    const named = selected.type === "node" ? drawAround(selected.i, scale) : drawEnds(selected.i, scale);
    const first = selected.type === "node" ? selected.i : edges.from[selected.i];
    top.font = paint.font;
    const at = (i) => (named.has(i) ? { x: sx[i], y: sy[i], r: nodes.radius[i] * scale + (i === first ? 4 : 0) } : null);
    drawText(top, labels.place(top, at, 40, size, first), true);
    if (selected.type === "node" && filters.cluster >= 0) badges.drawOne(top, selected.i, placeOf(selected.i, scale), paint);
  }

  return { draw, drawTop, resize, size, recolor: () => (paint = null), canvas, badgeAt: badges.at, badgeOf: badges.placeOf };
}
