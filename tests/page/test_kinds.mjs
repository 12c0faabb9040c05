// test_kinds.mjs PAGE - the page of a graph of several kinds of entity: what a ring is called, filters and shapes a kind, cards
// that speak of kinds, and who shares what.

import assert from "node:assert/strict";
import { launch, open, wait } from "./browser.mjs";
import { chosen, counts, createChecks, everything, text } from "./steps.mjs";
import { readPage } from "./truth.mjs";

const file = process.argv[2];
const truth = readPage(file);
const browser = await launch();
const { check, end } = createChecks();
const page = await open(browser, file);

const { kinds } = truth.head;
const ring = truth.head.clusters[0];
const ofKind = (kind) => truth.nodes.filter((node) => node.kind === kind).length;
const neighboursOf = (i) => new Set(truth.edges.filter((e) => e.from === i || e.to === i).map((e) => (e.from === i ? e.to : e.from)));
const openCard = (i) => page.evaluate((node) => ringfence.store.open({ type: "node", i: node }), i);

await check("kinds: the title counts members by kind", async () => {
  assert.deepEqual(kinds.map((kind) => [kind.name, kind.plural, kind.shape]), [["shop", "shops", "square"], ["device", "devices", "triangle"], ["card", "cards", "diamond"]]);
  const name = `${ring.users} users, ${ring.of_kind[0]} shops, ${ring.of_kind[1]} devices`;
  assert.equal(ring.of_kind[2], 0);
  assert.ok((await text(page, "#title")).startsWith(`${name}, `), await text(page, "#title"));
  assert.deepEqual(await page.$$eval("#card [data-copy]", (list) => list.map((one) => one.dataset.copy)), ["user", "shop", "device"]);
});

await check("kinds: each can be hidden", async () => {
  await everything(page);
  for (const { name } of kinds) {
    await page.click(`input[name=kind][value=${name}]`);
    const edges = truth.edges.filter((e) => truth.nodes[e.to].kind !== name).length;
    assert.deepEqual(await counts(page), { nodes: truth.nodes.length - ofKind(name), edges });
    await page.click(`input[name=kind][value=${name}]`);
  }
  assert.deepEqual(await counts(page), { nodes: truth.nodes.length, edges: truth.edges.length });
  assert.ok(await page.$("#filters .swatch.triangle"));
});

await check("kinds: a card speaks of its kind", async () => {
  const device = truth.nodes.findIndex((node) => node.kind === "device" && node.reasons.length > 0);
  await openCard(device);
  assert.ok((await text(page, "#card .kicker")).startsWith("device"));
  assert.ok((await text(page, "#card .figure")).endsWith(` of ${ofKind("device")} devices`));
  const features = [];
  for (let at = 0; at < truth.nodes[device].reasons.length; at += 4) features.push(truth.head.features.device[truth.nodes[device].reasons[at]]);
  assert.deepEqual(await page.$$eval("#card .feature", (list) => list.map((one) => one.textContent)), features);
  const edge = truth.edges.findIndex((e) => truth.nodes[e.to].kind === "card");
  await page.evaluate((i) => ringfence.store.open({ type: "edge", i }), edge);
  assert.ok((await text(page, "#card .kicker")).startsWith("meeting with a card"));
  assert.equal(await page.evaluate((i) => ringfence.store.data.edges.value(i, "kind"), edge), "card");
});

await check("kinds: who shares what with a user", async () => {
  const user = truth.nodes.findIndex((node, i) => node.kind === "user" && [...neighboursOf(i)].filter((j) => neighboursOf(j).size > 1).length > 2);
  await openCard(user);
  const rows = await page.$$eval("#card .sharers .sibling", (list) => list.map((row) => ({ what: row.querySelector(".who .id").textContent, said: row.querySelector(".share").textContent })));
  const shared = [...neighboursOf(user)].filter((j) => neighboursOf(j).size > 1);
  assert.equal(rows.length, Math.min(10, shared.length));
  const sizes = rows.map(({ said }) => Number(said.split(" ")[2].replaceAll(",", "")));
  assert.deepEqual(sizes, [...sizes].sort((a, b) => a - b));
  assert.deepEqual(sizes, shared.map((j) => neighboursOf(j).size - 1).sort((a, b) => a - b).slice(0, rows.length));
  for (const { said } of rows) assert.match(said, /^(shop|device|card) of [\d,]+ other users?$/);
  await page.click("#card .sharers .who");
  assert.notEqual((await chosen(page)).i, user);
});

await check("kinds: the table has them", async () => {
  await page.keyboard.press("Escape");
  await page.keyboard.press("t");
  await page.click("#table-edges");
  await wait(100);
  assert.ok((await page.$$eval("#table th button", (list) => list.map((one) => one.dataset.key))).includes("kind"));
  await page.keyboard.press("t");
});

await check("kinds: no error, no request", () => assert.deepEqual(page.sins, []));
await browser.close();
end();
