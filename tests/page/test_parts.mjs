// test_parts.mjs SRC - parts of the page that need no browser: where labels stand, so that what a ring shares is named though its users
// crowd around it, and how many events an hour had.

import assert from "node:assert/strict";
import { join } from "node:path";
import { createChecks } from "./steps.mjs";

const { createLabels } = await import(join(process.argv[2], "labels.js"));
const { eventsOf } = await import(join(process.argv[2], "events.js"));
const { check, end } = createChecks();
const ctx = { measureText: (text) => ({ width: 7 * text.length }) };
const SIZE = { width: 400, height: 300 };

/** Labels of nodes at these places, the first one the highest; all are discs of radius 10. */
function labels(places) {
  const n = places.length;
  const nodes = { n, label: places.map((_, i) => `node${i}`), role: places.map(() => "subject"), byPercentile: [...places.keys()], percentile: places.map((_, i) => 1 - i / n) };
  return createLabels(nodes).place(ctx, (i) => ({ x: places[i][0], y: places[i][1], r: 10 }), 100, SIZE, null);
}
const byNode = (placed) => new Map(placed.map((one) => [one.i, one]));

await check("with room it is right of its node", () => {
  const [one] = labels([[100, 100]]);
  assert.ok(one.x > 110 && one.y === 100);
});
await check("with a neighbour there it is left of it, then below, then above", () => {
  const right = [130, 100];
  const left = [70, 100];
  const below = [100, 122];
  assert.ok(byNode(labels([[100, 100], right])).get(0).x < 90);
  assert.ok(byNode(labels([[100, 100], right, left])).get(0).y > 110);
  assert.ok(byNode(labels([[100, 100], right, left, below])).get(0).y < 90);
});
await check("without room there is none", () => {
  const around = [[130, 100], [70, 100], [100, 122], [100, 78]];
  assert.equal(byNode(labels([[100, 100], ...around])).has(0), false);
});
await check("none lies over another", () => {
  const places = Array.from({ length: 40 }, (_, i) => [40 + (i % 8) * 40, 30 + Math.floor(i / 8) * 24]);
  const boxes = labels(places).map((one) => ({ left: one.x - 2, right: one.x - 2 + 7 * one.text.length + 6, top: one.y - 7, bottom: one.y + 7 }));
  for (const a of boxes) for (const b of boxes) assert.ok(a === b || a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top);
});
await check("an event that names a shop, a card and a device is one", () => {
  const data = { nodes: { kind: [0, 1, 2, 3, 3] }, edges: { to: [1, 2, 3, 4] } };
  const listed = (...events) => events.map((n, e) => ({ e, events: n }));
  assert.equal(eventsOf(data, listed(1, 1, 1)), 1);
  assert.equal(eventsOf(data, listed(2, 1, 1, 2)), 3); /* two devices, one of them in an event whose card nobody knows */
  assert.equal(eventsOf(data, listed(4)), 4);
});
end();
