// badges.js - the numbers beside nodes of a ring: how many of their neighbours are folded. A click on one unfolds them.

import { count } from "./format.js";

const HEIGHT = 13;
const FONT = "10px";

export function createBadges(store) {
  const { folded, filters } = store;
  const boxes = new Map(); // node: where its number is on the screen
  const textOf = (i) => (filters.open.has(i) ? "−" : folded[i] > 0 ? `+${count(folded[i])}` : "");

  function drawOne(ctx, i, place, paint) {
    const text = textOf(i);
    if (text === "" || place === null) return;
    ctx.font = paint.font.replace(/^\S+/, FONT);
    ctx.textBaseline = "middle";
    const w = ctx.measureText(text).width + 8;
    const box = { x: place.x - 0.6 * place.r - w, y: place.y - 0.6 * place.r - HEIGHT, w };
    boxes.set(i, box);
    ctx.beginPath();
    ctx.roundRect(box.x, box.y, w, HEIGHT, HEIGHT / 2);
    ctx.fillStyle = paint.panel;
    ctx.fill();
    ctx.strokeStyle = paint.muted;
    ctx.lineWidth = 1;
    ctx.stroke();
    ctx.fillStyle = paint.ink;
    ctx.fillText(text, box.x + 4, box.y + HEIGHT / 2 + 0.5);
  }

  /** at(i): the place of a node on the screen, or null where it is not there or too small. */
  function draw(ctx, at, paint) {
    boxes.clear();
    if (filters.cluster < 0) return;
    for (let i = 0; i < folded.length; i++) if (textOf(i) !== "") drawOne(ctx, i, at(i), paint);
  }

  /** The node whose number is under the point, or -1. */
  function at(x, y, slack) {
    const more = slack > 5 ? 6 : 1;
    for (const [i, box] of boxes)
      if (x >= box.x - more && x <= box.x + box.w + more && y >= box.y - more && y <= box.y + HEIGHT + more) return i;
    return -1;
  }
  /** The middle of a node's number. */
  function placeOf(i) {
    const box = boxes.get(i);
    return box === undefined ? null : [box.x + box.w / 2, box.y + HEIGHT / 2];
  }
  return { draw, drawOne, at, placeOf };
}
