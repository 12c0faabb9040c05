// test_page.mjs FOLDER - uses the pages in FOLDER as an investigator would, and compares what is shown with what they hold.
//
// Times are printed, never judged: how fast a page is depends on the machine.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { downloadOf, LAPTOP, launch, open, PHONE, readCsv, wait } from "./browser.mjs";
import { chosen, counts, createChecks, everything, heading, text } from "./steps.mjs";
import { filtered, readPage, spelled } from "./truth.mjs";

const folder = process.argv[2];
const browser = await launch();
const { check, end } = createChecks();
const file = (name) => join(folder, name);

/** The highest node that has a few neighbours on the page. */
function worst(truth) {
  const degree = truth.nodes.map(() => 0);
  for (const edge of truth.edges) for (const i of [edge.from, edge.to]) degree[i]++;
  const connected = [...truth.nodes.keys()].filter((i) => degree[i] >= 3);
  return connected.reduce((best, i) => (truth.nodes[i].percentile > truth.nodes[best].percentile ? i : best));
}
const clear = (page) => page.$eval("#clear", (button) => button.click());

/* ---- 500 nodes: everything that can be done ---- */

async function pictureIsThere(page) {
  const colors = await page.evaluate(() => {
    const canvas = document.getElementById("picture");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const seen = new Set();
    for (let i = 0; i < data.length; i += 4) if (data[i + 3] === 255) seen.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
    return seen.size;
  });
  assert.ok(colors > 20, `only ${colors} colours on the canvas`);
}

async function searchByKeyboard(page, truth) {
  const { name } = truth.nodes[worst(truth)];
  await page.keyboard.press("/");
  await page.keyboard.type(name.toUpperCase()); // the case does not matter
  const found = await page.$$eval("#found [role=option] .id", (list) => list.map((one) => one.textContent));
  assert.equal(found[0], name);
  const holding = truth.nodes.filter((node) => node.name.toLowerCase().includes(name.toLowerCase()));
  assert.equal(found.length, Math.min(12, holding.length));
  await page.keyboard.press("ArrowDown");
  assert.equal(await page.$eval("#search", (input) => input.getAttribute("aria-activedescendant")), "found-0");
  await page.keyboard.press("Enter");
  assert.equal(await heading(page), name);
  await page.keyboard.press("Escape");
  assert.equal(await chosen(page), null);
}

const centre = (page, i) =>
  page.evaluate((node) => {
    const [x, y] = ringfence.view.placeOf(node);
    const box = document.getElementById("overlay").getBoundingClientRect();
    return [box.left + x, box.top + y];
  }, i);

async function clickOnNode(page, truth) {
  const i = worst(truth);
  await page.evaluate((node) => ringfence.store.select({ type: "node", i: node }, true), i); // brings it into the middle
  await wait(200);
  await page.evaluate(() => ringfence.store.select(null));
  const [x, y] = await centre(page, i);
  await page.mouse.move(x, y);
  await wait(80);
  assert.match(await text(page, "#tip"), /top|highest/);
  await page.mouse.click(x, y);
  assert.deepEqual(await chosen(page), { type: "node", i });
  assert.equal(await heading(page), truth.nodes[i].name);
}

async function cardSaysWhatTheFileHolds(page, truth) {
  const i = worst(truth);
  const node = truth.nodes[i];
  const card = await text(page, "#card");
  if (node.why) assert.ok(card.includes(node.why));
  assert.equal((await page.$$("#card .chart .bar")).length, truth.head.population[node.kind].counts.length);
  const features = await page.$$eval("#card .reason .feature", (list) => list.map((one) => one.textContent));
  const expected = [];
  for (let at = 0; at < node.reasons.length; at += 4) expected.push(truth.head.features[node.kind][node.reasons[at]]);
  assert.ok(expected.length > 0);
  assert.deepEqual(features, expected);
  const tags = await page.$$eval("#card .tag-head b", (list) => list.map((one) => one.textContent));
  assert.deepEqual(tags, node.tags.map((tag) => truth.head.rules[tag[0]].type));
  const known = tags.filter((type) => type !== "unknown_pattern"); // its percentile is no confidence
  assert.equal((await page.$$("#card .tag-head .share")).length, known.length);
  const signals = await page.$$("#card .signals li");
  assert.equal(signals.length, node.tags.reduce((sum, tag) => sum + tag[3].length / 5, 0));
  const meetings = await page.$$("#card .meeting");
  const here = truth.edges.filter((e) => e.from === i || e.to === i).length;
  assert.ok(meetings.length >= Math.min(12, here) && meetings.length > 0);
}

async function neighboursByClickAndKeys(page, truth) {
  const i = worst(truth);
  const next = new Set(truth.edges.filter((e) => e.from === i || e.to === i).map((e) => (e.from === i ? e.to : e.from)));
  await page.click("#card .meeting button.who");
  assert.ok(next.has((await chosen(page)).i));
  await page.evaluate((node) => ringfence.store.select({ type: "node", i: node }, true), i);
  await page.focus("#overlay");
  await page.keyboard.press("n");
  assert.ok(next.has((await chosen(page)).i));
  await page.evaluate((node) => ringfence.store.select({ type: "node", i: node }, true), i);
  let walked = 0;
  for (const key of ["ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown"]) {
    await page.keyboard.press(key);
    const now = (await chosen(page)).i;
    if (now === i) continue;
    assert.ok(next.has(now));
    walked++;
    await page.evaluate((node) => ringfence.store.select({ type: "node", i: node }, true), i);
  }
  assert.ok(walked > 0, "no arrow leads to a neighbour");
  assert.match(await text(page, "#live"), /user|entity/);
  await page.click("#card .meeting button.how:not(:disabled)");
  assert.equal((await chosen(page)).type, "edge");
  assert.equal(await text(page, "#card .kicker"), "meeting");
  await page.keyboard.press("Escape");
  assert.equal(await chosen(page), null);
}

async function filterByKindAndScore(page, truth) {
  await page.click("input[name=kind][value=entity]");
  assert.deepEqual(await counts(page), filtered(truth, { kind: "user" }));
  await page.click("input[name=kind][value=entity]");
  await page.focus("#score");
  for (let i = 0; i < 7; i++) await page.keyboard.press("ArrowRight");
  assert.equal(await text(page, "#score-said"), "top 1 %");
  assert.deepEqual(await counts(page), filtered(truth, { percentile: 0.99 }));
  await clear(page);
  assert.deepEqual(await counts(page), { nodes: truth.nodes.length, edges: truth.edges.length });
  assert.equal(await text(page, "#score-said"), "all");
}

async function filterByTag(page, truth) {
  const all = new Set(truth.nodes.flatMap((node) => node.tags.map((tag) => truth.head.rules[tag[0]].type)));
  assert.ok(all.size > 0, "no node of the simulated run is tagged");
  assert.equal((await page.$$("input[name=tag]")).length, all.size);
  for (const tag of [...all].slice(0, 3)) {
    await page.click(`input[name=tag][value="${tag}"]`);
    assert.deepEqual(await counts(page), filtered(truth, { tag }));
    await page.click(`input[name=tag][value="${tag}"]`);
  }
}

async function filterByTime(page, truth) {
  const [from, to] = truth.head.window;
  await page.focus("#timeline .handle.from");
  for (let i = 0; i < 6; i++) await page.keyboard.press("PageUp"); // half of 120 bins
  const middle = await page.evaluate(() => ringfence.store.filters.time[0] * 1000);
  assert.ok(Math.abs(middle - (from + to) / 2) < 1e6);
  const left = await counts(page);
  assert.deepEqual(left, filtered(truth, { time: [middle, to] }));
  assert.ok(left.edges < truth.edges.length);
  await page.keyboard.press("Escape");
  assert.deepEqual(await counts(page), { nodes: truth.nodes.length, edges: truth.edges.length });
  const box = await (await page.$("#timeline")).boundingBox();
  await page.mouse.move(box.x + box.width * 0.25, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.5, box.y + 20, { steps: 4 });
  await page.mouse.up();
  const time = await page.evaluate(() => ringfence.store.filters.time.map((ms) => ms * 1000));
  assert.ok(Math.abs(time[0] - (from + 0.25 * (to - from))) < 0.01 * (to - from));
  assert.deepEqual(await counts(page), filtered(truth, { time }));
  await clear(page);
}

async function sortTheTable(page, truth) {
  await page.keyboard.press("t");
  const column = (name) =>
    page.evaluate((key) => {
      const at = [...document.querySelectorAll("#table th button")].findIndex((one) => one.dataset.key === key);
      return [...document.querySelectorAll("#table tbody tr:not(.gap)")].map((row) => row.children[at].textContent);
    }, name);
  const names = [...truth.nodes].sort((a, b) => b.score - a.score);
  await page.click('#table th button[data-key="score"]');
  assert.equal((await column("name"))[0], names[0].name);
  assert.equal(await page.$eval('#table th:has(button[data-key="score"])', (th) => th.getAttribute("aria-sort")), "descending");
  await page.click('#table th button[data-key="score"]');
  assert.equal((await column("name"))[0], names[names.length - 1].name);
  await page.click('#table th button[data-key="name"]');
  const shown = await column("name");
  assert.deepEqual(shown, truth.nodes.map((node) => node.name).sort().slice(0, shown.length));
  assert.ok((await page.$$("#table tbody tr")).length < 80, "rows that nobody sees exist");
  await page.$eval("#table-scroll", (box) => box.scrollTo(0, box.scrollHeight));
  await wait(150);
  assert.equal((await column("name")).pop(), truth.nodes.map((node) => node.name).sort().pop());
  await page.click("#table tbody tr:not(.gap):last-of-type, #table tbody tr:nth-last-child(2)");
  assert.equal(await heading(page), truth.nodes.map((node) => node.name).sort().pop());
}

const asText = (value) => (value === null || value === undefined ? "" : typeof value === "string" && /^[=+\-@\t\r\n]/.test(value) ? `'${value}` : String(value));

async function saveCsv(page, truth, which) {
  await page.click(`#table-${which}`);
  const saved = await downloadOf(page, folder, () => page.click("#csv"));
  assert.equal(saved.name, `ringfence-${which}.csv`);
  const rows = readCsv(new TextDecoder("utf-8", { fatal: true }).decode(saved.bytes));
  const header = rows.shift();
  const side = which === "nodes" ? truth.nodes : truth.edges;
  assert.equal(rows.length, side.length);
  const columns = which === "nodes" ? truth.head.node_columns : truth.head.edge_columns;
  const order = side.map((_, i) => i).sort((a, b) => side[b].percentile - side[a].percentile || a - b);
  rows.forEach((row, k) => {
    const record = Object.fromEntries(header.map((key, c) => [key, row[c]]));
    const one = side[order[k]];
    for (const { key, type } of columns) {
      if (type === "time") assert.equal(record[key] === "" ? null : Math.floor(Date.parse(record[key]) * 1000), one[key] === null ? null : Math.floor(one[key] / 1000) * 1000);
      else assert.equal(record[key], asText(one[key]), `${key} of row ${k}`);
    }
    if (which === "edges") {
      assert.equal(record.user, asText(truth.nodes[one.from].name));
      assert.equal(record.entity, asText(truth.nodes[one.to].name));
    }
  });
}

async function savePicture(page) {
  const saved = await downloadOf(page, folder, () => page.click("#png"));
  assert.equal(saved.bytes.subarray(1, 4).toString(), "PNG");
  assert.ok(saved.bytes.length > 5000);
}

/** Whatever runs inside the page reaches nothing outside. */
async function nothingLeaves(page) {
  const reached = await page.evaluate(async () => {
    const blocked = [];
    document.addEventListener("securitypolicyviolation", (event) => blocked.push(event.effectiveDirective));
    await fetch("http://127.0.0.1:9/x").catch(() => {});
    const script = document.createElement("script");
    script.textContent = "window.injected = true";
    document.body.append(script);
    const image = document.createElement("img");
    image.src = "http://127.0.0.1:9/x.png";
    document.body.append(image);
    await new Promise((done) => setTimeout(done, 200));
    return { blocked, injected: window.injected === true };
  });
  assert.equal(reached.injected, false);
  for (const directive of ["connect-src", "script-src-elem", "img-src"]) assert.ok(reached.blocked.includes(directive), directive);
}

async function themes(page) {
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const before = await ground();
  await page.click("#theme");
  assert.notEqual(await ground(), before);
  await page.click("#theme");
  assert.equal(await ground(), before);
}

async function tabOrder(page) {
  await page.evaluate(() => document.activeElement.blur());
  const seen = [];
  for (let i = 0; i < 90; i++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(() => document.activeElement === document.body)) continue; // round the end
    seen.push(
      await page.evaluate(() => {
        const at = document.activeElement;
        const ring = getComputedStyle(at).outlineStyle !== "none";
        return `${at.id || at.name || at.className || at.tagName}${ring ? "" : " WITHOUT RING"}`;
      }),
    );
  }
  for (const id of ["search", "view-graph", "view-table", "theme", "kind", "score", "overlay", "zoom-in"]) assert.ok(seen.includes(id), `${id} is not reached by Tab: ${seen.join(", ")}`);
  assert.ok(!seen.some((one) => one.includes("WITHOUT")), seen.join(", "));
}

async function everyControlHasAName(page) {
  const nameless = await page.evaluate(() =>
    [...document.querySelectorAll("button, input, [role=slider], [role=application], canvas[tabindex]")]
      .filter((one) => !(one.textContent.trim() || one.getAttribute("aria-label") || one.title || one.labels?.length))
      .map((one) => one.outerHTML.slice(0, 80)),
  );
  assert.deepEqual(nameless, []);
}

async function use500() {
  const truth = readPage(file("page-500.html"));
  assert.equal(truth.nodes.length, 500);
  const page = await open(browser, file("page-500.html"));
  await everything(page);
  const steps = {
    "the picture is drawn": () => pictureIsThere(page),
    "all is counted": async () => assert.deepEqual(await counts(page), { nodes: truth.nodes.length, edges: truth.edges.length }),
    "search by keyboard": () => searchByKeyboard(page, truth),
    "click on a node": () => clickOnNode(page, truth),
    "the card says what the file holds": () => cardSaysWhatTheFileHolds(page, truth),
    "neighbours by click and by keys": () => neighboursByClickAndKeys(page, truth),
    "filter by kind and score": () => filterByKindAndScore(page, truth),
    "filter by tag": () => filterByTag(page, truth),
    "filter by time": () => filterByTime(page, truth),
    "PNG": () => savePicture(page),
    "light and dark": () => themes(page),
    "tab order, with rings": () => tabOrder(page),
    "every control has a name": () => everyControlHasAName(page),
    "table: sorted, virtual, chosen": () => sortTheTable(page, truth),
    "CSV of nodes": () => saveCsv(page, truth, "nodes"),
    "CSV of edges": () => saveCsv(page, truth, "edges"),
    "no error, no request": () => assert.deepEqual(page.sins, []),
    "nothing leaves the page": () => nothingLeaves(page),
  };
  for (const [name, work] of Object.entries(steps)) await check(`500 nodes: ${name}`, work);
  await page.close();
}

/* ---- a phone ---- */

async function usePhone() {
  const truth = readPage(file("page-500.html"));
  const page = await open(browser, file("page-500.html"), PHONE, "dark");
  await everything(page);
  await check("phone: nothing is wider than the screen", async () => {
    assert.ok(await page.evaluate(() => document.scrollingElement.scrollWidth <= innerWidth && document.scrollingElement.scrollHeight <= innerHeight));
    await pictureIsThere(page);
  });
  await check("phone: dark as the system is", async () => assert.equal(await page.$eval("html", (html) => html.dataset.theme), "dark"));
  await check("phone: a tap opens the evidence, beside the node", async () => {
    const i = worst(truth);
    await page.evaluate((node) => ringfence.store.select({ type: "node", i: node }, true), i);
    await wait(300);
    await page.evaluate(() => ringfence.store.select(null));
    await wait(300);
    const [x, y] = await centre(page, i);
    await page.touchscreen.tap(x, y);
    await wait(400);
    assert.equal(await heading(page), truth.nodes[i].name);
    const card = await (await page.$("#card")).boundingBox();
    const [, now] = await centre(page, i);
    assert.ok(card.y > 200 && card.y < 700, `the card begins at ${card.y}`);
    assert.ok(now < card.y, "the node is under the card");
    await page.tap("#card .close");
    await wait(300);
    assert.equal(await chosen(page), null);
  });
  await check("phone: filters are a sheet", async () => {
    await page.tap("#show-filters");
    await wait(300);
    await page.tap("input[name=kind][value=entity]");
    assert.deepEqual(await counts(page), filtered(truth, { kind: "user" }));
    await page.tap("#close-filters");
    await wait(300);
    assert.equal(await page.$eval("#filters", (one) => getComputedStyle(one).visibility), "hidden");
  });
  await check("phone: no error, no request", async () => assert.deepEqual(page.sins, []));
  await page.close();
}

/* ---- 5,000 nodes: how fast ---- */

/** Milliseconds from frame to frame while step(i) is done in each. */
const frames = (page, n, step) =>
  page.evaluate(
    async (many, kind) => {
      const next = () => new Promise((done) => requestAnimationFrame(done));
      const { view } = ringfence;
      const { k, x, y } = view.transform();
      const { width, height } = document.getElementById("overlay").getBoundingClientRect();
      const steps = {
        nothing: () => {},
        zoom: (i) => {
          const to = k * Math.exp(3 * Math.sin((Math.PI * i) / many)); // twenty times closer and back
          view.zoomTo(to, width / 2 - ((width / 2 - x) / k) * to, height / 2 - ((height / 2 - y) / k) * to);
        },
        pan: (i) => view.zoomTo(k, x + 60 * Math.sin(i / 6), y + 40 * Math.cos(i / 6)),
        hover: (i) =>
          document.getElementById("overlay").dispatchEvent(
            new PointerEvent("pointermove", { clientX: 500 + 3 * i, clientY: 300 + 2 * i, bubbles: true, pointerType: "mouse" }),
          ),
      };
      const times = [];
      let last = await next();
      for (let i = 0; i < many; i++) {
        steps[kind](i);
        const now = await next();
        times.push(now - last);
        last = now;
      }
      times.sort((a, b) => a - b);
      return { median: times[many >> 1], p95: times[Math.floor(0.95 * many)] };
    },
    n,
    step,
  );

async function use5000() {
  const truth = readPage(file("page-5000.html"));
  await check("5,000 nodes: as large as it should be", () => {
    assert.equal(truth.nodes.length, 5000);
    assert.equal(truth.edges.length, 20000);
    assert.ok(truth.bytes < 9.5e6, `${truth.bytes} bytes`);
  });
  const first = [];
  let page;
  for (let i = 0; i < 3; i++) {
    if (page) await page.close();
    page = await open(browser, file("page-5000.html"), LAPTOP);
    first.push(await page.evaluate(() => performance.getEntriesByName("first-picture")[0].startTime));
  }
  console.log(`first picture of 5,000 nodes and 20,000 edges (${(truth.bytes / 1e6).toFixed(1)} MB): ${first.map((ms) => `${Math.round(ms)} ms`).join(", ")} after it was asked for`);
  await everything(page);
  await wait(500);
  for (const step of ["nothing", "zoom", "pan", "hover"]) {
    const { median, p95 } = await frames(page, 90, step);
    console.log(`frames, ${step.padEnd(7)}: median ${median.toFixed(1)} ms, 95 % below ${p95.toFixed(1)} ms`);
    await wait(400);
  }
  await check("5,000 nodes: the picture is drawn", () => pictureIsThere(page));
  await check("5,000 nodes: click on a node", () => clickOnNode(page, truth));
  await check("5,000 nodes: filter by score", async () => {
    await page.keyboard.press("Escape");
    await filterByKindAndScore(page, truth);
  });
  await check("5,000 nodes: CSV of edges", async () => {
    await page.click("#view-table");
    await saveCsv(page, truth, "edges");
  });
  await check("5,000 nodes: no error, no request", () => assert.deepEqual(page.sins, []));
  await page.close();
}

/* ---- ids made to hurt ---- */

async function useHostile() {
  const truth = readPage(file("all.html"));
  const made = JSON.parse(readFileSync(file("truth.json"), "utf8"));
  const page = await open(browser, file("all.html"));
  await everything(page);
  const names = made.nodes.map((node) => spelled(node.name));
  await check("hostile ids: all in the file, as they are", () => {
    assert.ok(names.length >= 261);
    assert.deepEqual(truth.nodes.map((node) => node.name), names);
    assert.deepEqual(truth.edges.map((edge) => edge.event_id), made.edges.map((edge) => spelled(edge.event_id)));
  });
  await check("hostile ids: the file has nothing between its marks but letters", () => {
    const text = readFileSync(file("all.html"), "utf8");
    for (const id of ["picture-data", "data"]) {
      const from = text.indexOf(`id="${id}">`) + id.length + 6;
      const data = text.slice(from, text.indexOf("</script>", from));
      assert.ok(data.length > 10000 && !/[<>&\u2028\u2029]/.test(data));
    }
    assert.equal(text.split("</script>").length, 4);
  });
  await check("hostile ids: shown literally on the card", async () => {
    const shown = await page.evaluate((n) => {
      const out = [];
      for (let i = 0; i < n; i++) {
        ringfence.store.select({ type: "node", i }, true);
        out.push(document.querySelector("#card h2 .id").textContent);
      }
      return out;
    }, names.length);
    assert.deepEqual(shown, names.map((name) => (name === "" ? "(empty)" : name)));
  });
  await check("hostile ids: found and shown literally by the search", async () => {
    for (const wanted of ["</script>", "=cmd", "\u202e", "\u{1F600}", "onerror"]) {
      const found = await page.evaluate((value) => {
        const input = document.getElementById("search");
        input.focus();
        input.value = value;
        input.dispatchEvent(new Event("input"));
        return [...document.querySelectorAll("#found .id")].map((one) => one.textContent);
      }, wanted);
      assert.ok(found.length > 0 && found.every((name) => name.toLowerCase().includes(wanted.toLowerCase())), wanted);
    }
    await page.keyboard.press("Escape");
  });
  await check("hostile ids: the table, and CSV without formulas", async () => {
    await page.evaluate(() => ringfence.store.show("table"));
    await saveCsv(page, truth, "nodes");
    await saveCsv(page, truth, "edges");
  });
  await check("hostile ids: nothing of them became an element", async () => {
    const strangers = await page.evaluate(() => document.querySelectorAll("img, iframe, a, b > b, user, object, [onerror], [onmouseover], b > script").length);
    assert.equal(strangers, 0);
    assert.equal(await page.evaluate(() => document.scripts.length), 3);
  });
  await check("hostile ids: no error, no request, no dialog", () => assert.deepEqual(page.sins, []));
  await page.close();
}

try {
  await use500();
  await usePhone();
  await use5000();
  await useHostile();
} finally {
  await browser.close();
}
end();
