// screenshots.mjs - pictures of a page for the README (scripts/screenshots.sh).
//
//   cluster PAGE       prints the worst cluster that is tagged with more than "unknown"; else the worst one
//   take PAGE FOLDER   FOLDER/page-ring.png, the picture, and page-card.png, the evidence of its worst user

import { join } from "node:path";
import { LAPTOP, launch, open, wait } from "./browser.mjs";
import { readPage } from "./truth.mjs";

const [what, file, folder] = process.argv.slice(2);
const truth = readPage(file);

if (what === "cluster") {
  const communities = truth.head.clusters.filter((cluster) => cluster.method !== "dense");
  const tagged = communities.filter((cluster) => cluster.tags.some(([type, members]) => type !== "unknown_pattern" && members > 2));
  const best = tagged[0] || communities[0] || truth.head.clusters[0];
  if (best === undefined) throw new Error("the run has no clusters");
  console.log(best.id);
  process.exit(0);
}

const browser = await launch();
const shots = [
  ["page-ring.png", "light", null],
  ["page-card.png", "dark", "worst"],
];
for (const [name, scheme, choose] of shots) {
  const page = await open(browser, file, LAPTOP, scheme);
  if (choose)
    await page.evaluate(() => {
      const { nodes } = ringfence.store.data;
      const tagged = Array.from(nodes.byPercentile).filter((i) => !nodes.isEntity[i] && nodes.role[i] === "subject");
      const i = tagged.find((one) => nodes.types[one].some((type) => type !== "unknown_pattern")) ?? tagged[0];
      ringfence.store.select({ type: "node", i }, true);
    });
  await wait(600);
  await page.screenshot({ path: join(folder, name) });
  await page.close();
}
await browser.close();
