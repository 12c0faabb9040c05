// starts.js - a row of a list of subjects: its name, its tags or what is odd about it, and its rank; a click opens it.

import { shapeOf } from "./data.js";
import { h, idText } from "./dom.js";
import { top } from "./format.js";
import { nodeColor } from "./theme.js";

export function startRow(store, open, i) {
  const { nodes, palette } = store.data;
  const says = nodes.types[i].length ? nodes.types[i].join(", ") : nodes.field(i, "why");
  return h("li", {},
    h("button", { type: "button", class: "start", onclick: open({ type: "node", i }) },
      h("i", { class: `swatch ${shapeOf(nodes, i)}`, style: { background: nodeColor(palette[nodes.color[i]][0]) } }),
      h("span", { class: "start-text" }, idText(nodes.name[i]), says ? h("small", {}, says) : null),
      h("span", { class: "share" }, top(nodes.percentile[i]))));
}
