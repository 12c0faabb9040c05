// timeline.js - events over the window, and two handles that cut a piece out of it.

import { axisBottom } from "d3-axis";
import { scaleUtc } from "d3-scale";
import { select } from "d3-selection";
import { byId, h, svg } from "./dom.js";
import { time } from "./format.js";
import { countInto } from "./moments.js";

const HEIGHT = 30;
const BINS = 120;

/** Events a bin, of the edges that are shown. */
function eventsByBin({ edges, times, moments }, shown) {
  const bins = new Float64Array(BINS);
  for (let e = 0; e < edges.n; e++) if (shown[e]) countInto(moments, e, times, BINS, (bin, events) => (bins[bin] += events));
  return bins;
}

export function createTimeline(store) {
  const box = byId("timeline");
  const { edges, times } = store.data;
  if (times === null) {
    box.hidden = true;
    return { render() {} };
  }
  const step = (times[1] - times[0]) / BINS;
  const drawn = svg("svg", { class: "events", "aria-hidden": "true" });
  const range = h("div", { class: "range" });
  const said = h("output", { class: "said" });
  const handles = ["from", "to"].map((which) =>
    h("div", { class: `handle ${which}`, role: "slider", tabindex: 0, "aria-label": which === "from" ? "Events from" : "Events until", onkeydown: (event) => onKey(event, which) }));
  box.append(drawn, range, ...handles, said);

  const current = () => store.filters.time || times;
  const place = (ms) => ((ms - times[0]) / (times[1] - times[0])) * 100;

  function set(from, to) {
    const a = Math.max(times[0], Math.min(from, to));
    const b = Math.min(times[1], Math.max(from, to));
    store.filter({ time: a <= times[0] && b >= times[1] ? null : [a, b] });
  }
  function onKey(event, which) {
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10, Home: -BINS, End: BINS }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const [from, to] = current();
    if (which === "from") set(Math.min(to - step, Math.max(times[0], from + by * step)), to);
    else set(from, Math.max(from + step, Math.min(times[1], to + by * step)));
  }

  /* dragging: a handle, the piece between them, or a new piece */
  const toMs = (event) => {
    const { left, width } = box.getBoundingClientRect();
    return times[0] + Math.min(1, Math.max(0, (event.clientX - left) / width)) * (times[1] - times[0]);
  };
  box.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const start = toMs(event);
    const [from, to] = current();
    const handle = handles.indexOf(event.target);
    const inside = event.target === range && store.filters.time !== null;
    let moved = false;
    const move = (next) => {
      const ms = toMs(next);
      if (!moved && Math.abs(next.clientX - event.clientX) < 4) return;
      moved = true;
      if (handle === 0) set(ms, to);
      else if (handle === 1) set(from, ms);
      else if (inside) {
        const by = Math.max(times[0] - from, Math.min(times[1] - to, ms - start));
        set(from + by, to + by);
      } else set(start, ms);
    };
    const up = () => {
      box.removeEventListener("pointermove", move);
      if (!moved && handle < 0 && !inside) store.filter({ time: null });
    };
    box.setPointerCapture(event.pointerId);
    box.addEventListener("pointermove", move);
    box.addEventListener("pointerup", up, { once: true });
    box.addEventListener("pointercancel", up, { once: true });
  });
  box.addEventListener("dblclick", () => store.filter({ time: null }));

  function drawEvents() {
    const width = box.clientWidth || 600;
    const all = new Uint8Array(edges.n).fill(1);
    const bins = eventsByBin(store.data, all);
    const shown = eventsByBin(store.data, store.edgeShown);
    const most = Math.sqrt(Math.max(1, ...bins));
    const w = width / BINS;
    const bar = (n, i, name) => {
      const tall = n > 0 ? Math.max(1, (Math.sqrt(n) / most) * HEIGHT) : 0;
      return tall ? svg("rect", { x: (i * w).toFixed(1), y: (HEIGHT + 2 - tall).toFixed(1), width: Math.max(1, w - 1).toFixed(1), height: tall.toFixed(1), class: name }) : null;
    };
    const axis = svg("g", { class: "axis", transform: `translate(0,${HEIGHT + 3})` });
    select(axis).call(axisBottom(scaleUtc().domain(times).range([0, width])).ticks(Math.max(3, Math.floor(width / 110))).tickSize(3).tickPadding(3));
    // a date at the very edge would be cut
    for (const tick of axis.querySelectorAll(".tick")) {
      const x = Number(/\(([-\d.]+)/.exec(tick.getAttribute("transform"))[1]);
      if (x < 18 || x > width - 18) tick.remove();
    }
    drawn.setAttribute("viewBox", `0 0 ${width} ${HEIGHT + 22}`);
    drawn.replaceChildren(...[...bins].map((n, i) => bar(n, i, "bar all")).filter(Boolean), ...[...shown].map((n, i) => bar(n, i, "bar shown")).filter(Boolean), axis);
  }
  function drawRange() {
    const [from, to] = current();
    range.style.left = `${place(from)}%`;
    range.style.width = `${place(to) - place(from)}%`;
    range.classList.toggle("on", store.filters.time !== null);
    handles.forEach((handle, i) => {
      const ms = i === 0 ? from : to;
      handle.style.left = `${place(ms)}%`;
      handle.setAttribute("aria-valuemin", 0);
      handle.setAttribute("aria-valuemax", 100);
      handle.setAttribute("aria-valuenow", Math.round(place(ms)));
      handle.setAttribute("aria-valuetext", time(ms));
    });
    said.textContent = store.filters.time === null ? "" : `${time(from)} – ${time(to)}`;
  }
  let pending = 0;
  const render = () => {
    if (pending) return;
    pending = requestAnimationFrame(() => {
      pending = 0;
      drawEvents();
      drawRange();
    });
  };
  store.on("filter", render);
  new ResizeObserver(render).observe(box);
  return { render };
}
