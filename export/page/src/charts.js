// charts.js - small pictures inside the card: the score among all others, what was expected, when it met whom.

import { axisBottom } from "d3-axis";
import { scaleLinear, scaleLog, scaleUtc } from "d3-scale";
import { select } from "d3-selection";
import { h, svg } from "./dom.js";
import { number, share, time } from "./format.js";
import { countInto } from "./moments.js";

const WIDTH = 320;

/** All scores of a kind as bars, their heights by root so that a short tail is seen; a mark shows the score of this one. */
export function populationChart(population, score) {
  const { low, high, log, counts } = population;
  const x = (log ? scaleLog() : scaleLinear()).domain(high > low ? [low, high] : [low - 1, low + 1]).range([6, WIDTH - 6]);
  const height = 64;
  const most = Math.sqrt(Math.max(...counts));
  const step = (WIDTH - 12) / counts.length;
  const at = x(Math.min(high, Math.max(low, score)));
  const bars = counts.map((n, i) => {
    const tall = n === 0 ? 0 : Math.max(1.5, (Math.sqrt(n) / most) * height);
    const left = 6 + i * step;
    return svg("rect", {
      x: left.toFixed(1), y: (height - tall).toFixed(1), width: (step - 1).toFixed(1), height: tall.toFixed(1),
      class: left + step > at ? "bar beyond" : "bar",
    });
  });
  const axis = svg("g", { transform: `translate(0,${height + 8})`, class: "axis" });
  select(axis).call(axisBottom(x).ticks(log ? 4 : 5, log ? "~g" : undefined).tickSize(3).tickPadding(3));
  return svg("svg", { viewBox: `0 -8 ${WIDTH} ${height + 36}`, class: "chart", role: "img", "aria-label": `score ${number(score)} among all; bars grow with the root of their number` },
    bars,
    svg("line", { x1: 0, x2: WIDTH, y1: height + 0.5, y2: height + 0.5, class: "base" }),
    svg("line", { x1: at, x2: at, y1: 2, y2: height + 4, class: "mark" }),
    svg("path", { d: `M${at - 5},-6h10l-5,8z`, class: "mark-head" }),
    axis);
}

/** One feature: two bars on one scale, the numbers beside them. */
export function reasonBars(name, observed, expected, part) {
  const most = Math.max(Math.abs(observed || 0), Math.abs(expected || 0)) || 1;
  const bar = (what, value) =>
    h("div", { class: `compare ${what}` },
      h("span", { class: "what" }, what),
      h("span", { class: "track" },
        value === null ? null : h("span", { class: "fill", style: { width: `${Math.max(1, (100 * Math.abs(value)) / most)}%` } })),
      h("span", { class: "value" }, value === null ? "no data" : number(value)));
  return h("li", { class: "reason" },
    h("div", { class: "reason-head" }, h("bdi", { class: "feature" }, name), h("span", { class: "share" }, `${share(part)} of the error`)),
    bar("observed", observed), bar("expected", expected));
}

/** How a score is put together: shares that add up to one. */
export function partsBar(parts) {
  const shown = parts.filter((part) => part.share > 0.004);
  return h("div", { class: "parts" },
    h("div", { class: "stack", role: "img", "aria-label": shown.map((p) => `${p.name} ${share(p.share)}`).join(", ") },
      shown.map((part) => h("span", { class: part.class, style: { width: `${100 * part.share}%` }, title: `${part.name}: ${share(part.share)}` }))),
    h("ul", { class: "keys" }, shown.map((part) => h("li", {}, h("i", { class: part.class }), `${part.name} ${share(part.share)}`))));
}

const TICKS = 52;

/** When a meeting had its events inside the window: ticks that grow with the root of their number. */
export function timeTicks({ times, moments, edges }, e, color) {
  const ticks = new Float64Array(TICKS);
  countInto(moments, e, times, TICKS, (i, events) => (ticks[i] += events));
  const most = Math.sqrt(Math.max(...ticks));
  const [first, last] = [edges.first[e], edges.last[e]];
  return h("span", { class: "span", title: first === last ? time(first) : `${time(first)} – ${time(last)}` },
    [...ticks].map((n, i) => (n > 0 ? h("i", { style: { left: `${(100 * i) / TICKS}%`, width: `${100 / TICKS}%`, height: `${Math.round(35 + (65 * Math.sqrt(n)) / most)}%`, background: color } }) : null)));
}

/** Room for "Jan 04"; d3 asks how many ticks there should be, but gives as many as its calendar has. */
const DATE_WIDTH = 40;

export function timeAxis(times, width = 104) {
  const x = scaleUtc().domain(times).range([0, width]);
  const axis = svg("g", { transform: "translate(0,18)", class: "axis" });
  const format = x.tickFormat(2);
  let last = -DATE_WIDTH;
  const apart = x.ticks(2).filter((at) => x(at) - last >= DATE_WIDTH && (last = x(at)) >= 0);
  select(axis).call(axisBottom(x).tickValues(apart).tickFormat(format).tickSize(-3).tickPadding(-15));
  return svg("svg", { width, height: 19, class: "chart fixed", "aria-hidden": "true" }, axis);
}
