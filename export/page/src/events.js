// events.js - the events of a node or an edge in the order of time, as a list of the card: by the hour, the newest first.

import { h, idText } from "./dom.js";
import { count, plural, times as timesText } from "./format.js";
import { byHour } from "./moments.js";

const NAMES = 6; // partners of an hour that are named

/** "2026-01-20 09:28" where it is known, else the hour. */
function whenText({ from, to, hour, exact }, step) {
  if (exact) return timesText(from, to);
  return to - from > step ? timesText(from, to) : timesText(hour, hour + step);
}

/** How many they are: an event is on an edge of each kind of entity that it names. */
export function eventsOf({ nodes, edges }, list) {
  const ofKind = new Map();
  for (const { e, events } of list) {
    const kind = nodes.kind[edges.to[e]];
    ofKind.set(kind, (ofKind.get(kind) || 0) + events);
  }
  return Math.max(...ofKind.values());
}

/** Rows of the list for these edges; who(e): the node that an edge is listed by, null where that goes without saying. */
export function eventRows(store, list, who, open) {
  const { moments, nodes } = store.data;
  return byHour(moments, list).map((row) => {
    const n = eventsOf(store.data, row.edges);
    const names = row.edges.slice(0, NAMES).map(({ e, events }) => {
      const i = who(e);
      if (i === null) return null;
      return h("button", { type: "button", class: "link", title: "the meeting itself", onclick: open({ type: "edge", i: e }) },
        idText(nodes.name[i]), events > 1 ? ` ×${count(events)}` : null);
    });
    const rest = row.edges.length - NAMES;
    return h("li", { class: "event" },
      h("span", { class: "at" }, whenText(row, moments.step)),
      h("span", { class: "n" }, plural(n, "event")),
      names.some(Boolean) ? h("span", { class: "detail" }, names, rest > 0 ? `and ${count(rest)} more` : null) : null);
  });
}
