// view.js - zoom, pan, pointer and keys on the picture.

import { select } from "d3-selection";
import { zoom, zoomIdentity } from "d3-zoom";
import { byId } from "./dom.js";
import { count, plural, top } from "./format.js";
import { createLabels } from "./labels.js";
import { createPicker } from "./pick.js";
import { createScene, scaleOf } from "./scene.js";
import { kindOf, otherEnd, typesOf } from "./data.js";
import { isRing, SHOWN } from "./store.js";

const STILL_MS = 140; // without movement, then everything is drawn
const PADDING = { x: 34, label: 46, y: 34 }; // labels are to the right

/** What a click on the number beside a node does. */
export function unfoldText(store, i) {
  const n = store.folded[i];
  if (store.filters.open.has(i)) return "fold its other neighbours again";
  return n === 1 ? "show its other neighbour" : `show its ${count(n)} other neighbours`;
}

export function createView(store) {
  const { nodes, edges, around } = store.data;
  const stage = byId("stage");
  const overlay = byId("overlay");
  const scene = createScene(store, byId("picture"), overlay, createLabels(nodes));
  const picker = createPicker(store);
  const surface = select(overlay);
  const tip = byId("tip");
  let transform = zoomIdentity;
  let hover = null;
  let pending = 0;
  let moving = false;
  let still = 0;

  /* ---- frames ---- */

  function frame() {
    pending = 0;
    if (store.view !== "graph" || scene.size.width === 0) return;
    scene.draw(transform, moving);
    scene.drawTop(hover);
  }
  function redraw() {
    if (pending === 0) pending = requestAnimationFrame(frame);
  }
  function moved() {
    moving = true;
    clearTimeout(still);
    still = setTimeout(() => {
      moving = false;
      redraw();
    }, STILL_MS);
    redraw();
  }

  /* ---- zoom ---- */

  const behaviour = zoom()
    .scaleExtent([0.01, 8])
    .filter((event) => (!event.ctrlKey || event.type === "wheel") && !event.button)
    .clickDistance(4)
    .on("zoom", (event) => {
      transform = event.transform;
      moved();
    });
  surface.call(behaviour).on("dblclick.zoom", null);

  const go = (t) => surface.call(behaviour.transform, t);

  function boundsOf(list) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (const i of list) {
      box[0] = Math.min(box[0], nodes.x[i]);
      box[1] = Math.min(box[1], nodes.y[i]);
      box[2] = Math.max(box[2], nodes.x[i]);
      box[3] = Math.max(box[3], nodes.y[i]);
    }
    return box;
  }
  function fit(list = null, closest = 1.6) {
    const shown = list || [...nodes.x.keys()].filter((i) => store.nodeShown[i] !== SHOWN.HIDDEN);
    if (shown.length === 0) return;
    const [x0, y0, x1, y1] = boundsOf(shown);
    const { width, height } = free();
    const room = [Math.max(40, width - 2 * PADDING.x - PADDING.label), Math.max(40, height - 2 * PADDING.y)];
    const k = Math.min(closest, room[0] / Math.max(1, x1 - x0), room[1] / Math.max(1, y1 - y0));
    const middle = (width - PADDING.label) / 2;
    go(zoomIdentity.translate(middle - (k * (x0 + x1)) / 2, height / 2 - (k * (y0 + y1)) / 2).scale(k));
  }
  const zoomBy = (factor) => surface.call(behaviour.scaleBy, factor);

  const endsOf = (selected) => (selected.type === "node" ? [selected.i] : [edges.from[selected.i], edges.to[selected.i]]);

  /** What is left of the picture when, on a small screen, the card lies over it. */
  function free() {
    const { width, height } = scene.size;
    const card = byId("card").getBoundingClientRect();
    const under = stage.getBoundingClientRect();
    const below = byId("card").parentElement.getBoundingClientRect().bottom - under.bottom; // timeline and all that
    const covered = store.selected && card.left < under.right ? card.height - below : 0;
    return { width, height: Math.max(80, height - Math.max(0, covered)) };
  }

  /** Brings what is chosen into the middle, close enough to be read. */
  function bring(selected) {
    const [x0, y0, x1, y1] = boundsOf(endsOf(selected));
    const { width, height } = free();
    const k = Math.min(2, Math.max(transform.k, 0.8));
    go(zoomIdentity.translate(width / 2 - (k * (x0 + x1)) / 2, height / 2 - (k * (y0 + y1)) / 2).scale(k));
  }
  const CLOSEST = 1.6;
  const FARTHEST = 0.5; // of a popular shop the middle is enough: its name is to be read
  /** The picture with what is chosen and all that it is connected to. */
  function fitAround(selected) {
    const list = endsOf(selected);
    if (selected.type === "node") list.push(...shownEdges(selected.i).map((e) => otherEnd(edges, e, selected.i)));
    fit(list, CLOSEST);
    if (transform.k < FARTHEST) bring(selected);
  }
  const isInside = (selected) =>
    endsOf(selected).every((i) => {
      const [x, y] = transform.apply([nodes.x[i], nodes.y[i]]);
      const { width, height } = free();
      return x > 20 && y > 20 && x < width - 20 && y < height - 20;
    });

  /* ---- the pointer ---- */

  function under(event, slack) {
    const [px, py] = [event.offsetX, event.offsetY];
    const folded = scene.badgeAt(px, py, slack);
    if (folded >= 0) return { type: "badge", i: folded };
    const [x, y] = transform.invert([px, py]);
    const i = picker.node(x, y, transform.k, scaleOf(transform.k), slack);
    if (i >= 0) return { type: "node", i };
    const e = picker.edge(x, y, transform.k, 4);
    return e >= 0 ? { type: "edge", i: e } : null;
  }
  const same = (a, b) => (a === null ? b === null : b !== null && a.type === b.type && a.i === b.i);

  function point(event) {
    if (event.buttons !== 0 || event.pointerType === "touch") return;
    const found = under(event, 5);
    if (found) showTip(found, event.offsetX, event.offsetY);
    else tip.hidden = true;
    if (same(found, hover)) return;
    hover = found;
    overlay.classList.toggle("pointing", found !== null);
    requestAnimationFrame(() => scene.drawTop(hover));
  }
  function tipText(found) {
    const side = found.type === "node" ? nodes : edges;
    const what =
      found.type === "node"
        ? nodes.label[found.i]
        : `${nodes.label[edges.from[found.i]]} – ${nodes.label[edges.to[found.i]]}`;
    return `${what}  ·  ${top(side.percentile[found.i])}${typesOf(side, found.i).length ? `  ·  ${typesOf(side, found.i).join(", ")}` : ""}`;
  }
  function showTip(found, x, y) {
    tip.textContent = found.type === "badge" ? unfoldText(store, found.i) : tipText(found);
    tip.hidden = false;
    const left = Math.min(x + 14, scene.size.width - tip.offsetWidth - 6);
    tip.style.transform = `translate(${Math.max(4, left)}px, ${Math.max(4, y - 34)}px)`;
  }
  overlay.addEventListener("pointermove", point);
  overlay.addEventListener("pointerleave", () => {
    hover = null;
    tip.hidden = true;
    scene.drawTop(null);
  });
  overlay.addEventListener("click", (event) => {
    if (event.defaultPrevented) return;
    const found = under(event, event.pointerType === "touch" ? 14 : 5);
    if (found !== null && found.type === "badge") store.unfold(found.i);
    else store.select(found);
  });

  /* ---- keys ---- */

  const DIRECTIONS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

  function shownEdges(i) {
    return Array.from(around.edge.subarray(around.ptr[i], around.ptr[i + 1])).filter((e) => store.edgeShown[e]);
  }
  /** The neighbour that lies most nearly in this direction. */
  function neighbour(i, [dx, dy]) {
    let best = -1;
    let most = 0.15;
    for (const e of shownEdges(i)) {
      const j = otherEnd(edges, e, i);
      const x = nodes.x[j] - nodes.x[i];
      const y = nodes.y[j] - nodes.y[i];
      const cosine = (x * dx + y * dy) / (Math.hypot(x, y) || 1);
      if (cosine > most) [best, most] = [j, cosine];
    }
    return best;
  }
  function walk(key) {
    const { selected } = store;
    if (selected === null) {
      const first = nodes.byPercentile.find((i) => store.nodeShown[i] === SHOWN.MATCH);
      return first === undefined ? null : { type: "node", i: first };
    }
    const from = selected.type === "node" ? selected.i : edges.from[selected.i];
    const j = neighbour(from, DIRECTIONS[key]);
    return j < 0 ? null : { type: "node", i: j };
  }
  /** n, p: through the neighbours of the node walked from, the most suspicious meeting first. */
  let walkFrom = -1;
  function turn(by) {
    const { selected } = store;
    if (selected === null || selected.type !== "node") return null;
    const list = walkFrom >= 0 ? shownEdges(walkFrom).map((e) => otherEnd(edges, e, walkFrom)) : [];
    let at = list.indexOf(selected.i);
    if (at < 0) {
      walkFrom = selected.i;
      const own = shownEdges(selected.i).map((e) => otherEnd(edges, e, selected.i));
      return own.length ? { type: "node", i: by > 0 ? own[0] : own[own.length - 1] } : null;
    }
    at = (at + by + list.length) % list.length;
    return { type: "node", i: list[at] };
  }
  function onKey(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const plainKeys = { "+": () => zoomBy(1.4), "=": () => zoomBy(1.4), "-": () => zoomBy(1 / 1.4), 0: () => fit() };
    let next;
    if (event.key in DIRECTIONS) next = walk(event.key);
    else if (event.key === "n" || event.key === "p") next = turn(event.key === "n" ? 1 : -1);
    else if (event.key in plainKeys) plainKeys[event.key]();
    else if (event.key === "Enter" && store.selected) byId("card").focus();
    else if (event.key === "e" && store.selected?.type === "node" && isRing(store.filters)) store.unfold(store.selected.i);
    else return;
    event.preventDefault();
    if (next) store.select(next, true);
  }
  overlay.addEventListener("keydown", onKey);

  /* ---- what the rest of the page does ---- */

  store.on("select", ({ move }) => {
    queueMicrotask(() => {
      // the card has its height now
      if (store.selected && (!isInside(store.selected) || (move && transform.k < 0.35))) bring(store.selected);
    });
    tip.hidden = true;
    redraw();
    announce();
  });
  function announce() {
    const { selected } = store;
    if (selected === null) byId("live").textContent = "";
    else if (selected.type === "node") {
      const { i } = selected;
      byId("live").textContent =
        `${kindOf(nodes, i)} ${nodes.label[i]}, ${top(nodes.percentile[i])}` +
        `${typesOf(nodes, i).length ? `, ${typesOf(nodes, i).join(", ")}` : ""}, ${plural(shownEdges(i).length, "neighbour")} shown`;
    } else byId("live").textContent = "edge";
  }
  store.on("filter", redraw);
  store.on("ring", () => {
    hover = null;
    fit();
  });
  store.on("open", (selected) => queueMicrotask(() => fitAround(selected)));
  store.on("view", () => measure());

  function measure() {
    const { clientWidth, clientHeight } = stage;
    if (clientWidth === 0 || store.view !== "graph") return;
    const first = scene.size.width === 0;
    if (clientWidth === scene.size.width && clientHeight === scene.size.height) return redraw();
    const [cx, cy] = first ? [0, 0] : transform.invert([scene.size.width / 2, scene.size.height / 2]);
    scene.resize(clientWidth, clientHeight);
    if (first) fit();
    else go(zoomIdentity.translate(clientWidth / 2 - cx * transform.k, clientHeight / 2 - cy * transform.k).scale(transform.k));
    moving = false;
    if (pending) cancelAnimationFrame(pending);
    frame(); // at once: a canvas that was resized is empty
  }
  new ResizeObserver(measure).observe(stage);

  byId("zoom-in").addEventListener("click", () => zoomBy(1.5));
  byId("zoom-out").addEventListener("click", () => zoomBy(1 / 1.5));
  byId("zoom-fit").addEventListener("click", () => fit());

  return {
    measure,
    redraw,
    fit,
    recolor: () => {
      scene.recolor();
      redraw();
    },
    picture: () => scene.canvas,
    /** The place of a node on the screen: for tests, and for marks that point at it. */
    placeOf: (i) => transform.apply([nodes.x[i], nodes.y[i]]),
    badgeOf: (i) => scene.badgeOf(i),
    transform: () => transform,
    zoomTo: (k, x, y) => go(zoomIdentity.translate(x, y).scale(k)),
  };
}
