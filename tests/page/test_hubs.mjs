// test_hubs.mjs FOLDER - hub.html shows an address that 80 users share, hubs.html one of these users: the graph has no edges
// between them, so the cards say it.

import assert from "node:assert/strict";
import { launch, open } from "./browser.mjs";
import { createChecks, text } from "./steps.mjs";
import { readPage } from "./truth.mjs";

const folder = process.argv[2];
const browser = await launch();
const { check, end } = createChecks();

async function cardOf(file, name) {
  const node = readPage(file).nodes.findIndex((one) => one.name === name);
  assert.ok(node >= 0, `${file} has no ${name}`);
  const page = await open(browser, file);
  await page.evaluate((i) => ringfence.store.open({ type: "node", i }), node);
  return page;
}

await check("hubs: a hub says how many users share it", async () => {
  const page = await cardOf(`${folder}/hub.html`, "nat");
  assert.match(await text(page, "#card .note"), /^A hub: 80 users share this ip, so that its meetings are left out of the graph/);
  assert.deepEqual(page.sins, []);
});

await check("hubs: a user says which hubs it met", async () => {
  const page = await cardOf(`${folder}/hubs.html`, "u01");
  assert.match(await text(page, "#card .hubs"), /^It also met hubs: ip nat \(80 users\)/);
  assert.deepEqual(page.sins, []);
});

await browser.close();
end();
