// steps.mjs - what the tests of the page share: checks that go on after a failure, and what a page says of itself.

import assert from "node:assert/strict";

/** check(name, work) prints whether work() succeeds; end() exits with 1 if one did not. */
export function createChecks() {
  let failed = 0;
  async function check(name, work) {
    try {
      await work();
      console.log(`ok    ${name}`);
    } catch (error) {
      failed++;
      console.log(`FAIL  ${name}\n      ${String(error.stack).split("\n").slice(0, 6).join("\n      ")}`);
    }
  }
  function end() {
    console.log(failed === 0 ? "all right" : `${failed} failed`);
    process.exit(failed === 0 ? 0 : 1);
  }
  return { check, end };
}

export const text = (page, selector) => page.$eval(selector, (element) => element.textContent);

export async function counts(page) {
  const said = await text(page, "#counts");
  const found = /^([\d,]+) of [\d,]+ nodes?, ([\d,]+) edges?$/.exec(said);
  assert.ok(found, said);
  return { nodes: Number(found[1].replaceAll(",", "")), edges: Number(found[2].replaceAll(",", "")) };
}

export const chosen = (page) => page.evaluate(() => ringfence.store.selected);
export const heading = (page) => text(page, "#card h2 .id");

/** All of the page: it begins with a ring. */
export const everything = (page) => page.evaluate(() => ringfence.store.clearFilters());
