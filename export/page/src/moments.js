// moments.js - when the events of each edge were: exactly, within an hour (or more, as the page was made), or, where the file does
// not say, somewhere between the first and the last one.

const HOUR = 3600e3;

/** The pieces of time in which an edge had events, ascending: [from, to, events], from and to being one where the moment is known. */
function piecesOf(edges, e, step, start) {
  const [first, last] = [edges.first[e], edges.last[e]];
  if (!Number.isFinite(first)) return [];
  const events = edges.value(e, "events");
  const all = events === null ? 1 : Number(events);
  const flat = edges.field(e, "times");
  if (flat === null || first === last) return [[first, last, all]];
  const pieces = [];
  let at = start;
  for (let i = 0; i + 1 < flat.length; i += 2) {
    at += flat[i] * step;
    const [from, to] = [Math.max(at, first), Math.min(at + step, last)];
    if (flat[i + 1] > 1 || (from !== first && to !== last)) pieces.push([from, to, flat[i + 1]]);
    else pieces.push(from === first ? [first, first, 1] : [last, last, 1]);
  }
  return pieces;
}

/** Pieces of edge e: from[ptr[e]] … from[ptr[e + 1]], likewise to and events; step: the longest that a known one is. */
export function momentsOf(edges, head) {
  const step = head.times ? head.times.step / 1000 : HOUR;
  const lists = Array.from({ length: edges.n }, (_, e) => piecesOf(edges, e, step, head.times ? head.times.from / 1000 : 0));
  const ptr = new Uint32Array(edges.n + 1);
  lists.forEach((list, e) => (ptr[e + 1] = ptr[e] + list.length));
  const [from, to, events] = [0, 1, 2].map((k) => Float64Array.from(lists.flatMap((list) => list.map((piece) => piece[k]))));
  return { ptr, from, to, events, step: Math.max(step, HOUR) };
}

/** Calls add(bin, events) for each of n equal pieces of [start, end] that edge e had events in. */
export function countInto(moments, e, [start, end], n, add) {
  const bin = (ms) => Math.min(n - 1, Math.max(0, Math.floor(((ms - start) / (end - start)) * n)));
  for (let k = moments.ptr[e]; k < moments.ptr[e + 1]; k++) {
    const [a, b] = [bin(moments.from[k]), bin(moments.to[k])];
    for (let i = a; i <= b; i++) add(i, moments.events[k] / (b - a + 1));
  }
}

/** Did edge e have events in [start, end]? Yes where nobody knows. */
export function hasEventsIn(moments, e, [start, end]) {
  const { ptr, from, to } = moments;
  for (let k = ptr[e]; k < ptr[e + 1]; k++) if (to[k] >= start && from[k] <= end) return true;
  return ptr[e] === ptr[e + 1];
}

/**
 * Events of these edges by the hour (or the page's step), the newest first: {from, to, exact, edges: [{e, events}]}; what
 * nobody knows better than from the first to the last event is a row of its own, by its last one.
 */
export function byHour(moments, list) {
  const rows = new Map();
  const { ptr, from, to, events, step } = moments;
  for (const e of list)
    for (let k = ptr[e]; k < ptr[e + 1]; k++) {
      const long = to[k] - from[k] > step;
      const hour = Math.floor(from[k] / step) * step;
      const key = long ? `${e} ${k}` : hour;
      if (!rows.has(key)) rows.set(key, { from: long ? from[k] : Infinity, to: long ? to[k] : -Infinity, hour, exact: true, edges: [] });
      const row = rows.get(key);
      if (!long) [row.from, row.to] = [Math.min(row.from, from[k]), Math.max(row.to, to[k])];
      row.exact = row.exact && from[k] === to[k];
      row.edges.push({ e, events: events[k] });
    }
  return [...rows.values()].sort((a, b) => b.to - a.to || b.from - a.from);
}
