// test_ring.mjs FOLDER - opens the page of a ring as an investigator would who was sent it: what it begins with, what its card
// says, what a click unfolds, what can be taken along.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { launch, open, wait } from "./browser.mjs";
import { chosen, counts, createChecks, heading, text } from "./steps.mjs";
import { hoursOf, readPage } from "./truth.mjs";

const browser = await launch();
const { check, end } = createChecks();

const shownNodes = (page) => page.evaluate(() => [...ringfence.store.nodeShown.keys()].filter((i) => ringfence.store.nodeShown[i] > 0));
const neighboursOf = (truth, i) => new Set(truth.edges.filter((e) => e.from === i || e.to === i).map((e) => (e.from === i ? e.to : e.from)));

const CLOSEST = 1.6;

/** These nodes are inside the picture, and it is no larger than they need: they reach over half of one of its sides, or it is as
 * close as a picture begins. */
async function isFitted(page, list) {
  const { places, width, height, scale } = await page.evaluate((nodes) => {
    const box = document.getElementById("overlay").getBoundingClientRect();
    return { places: nodes.map((i) => ringfence.view.placeOf(i)), width: box.width, height: box.height, scale: ringfence.view.transform().k };
  }, list);
  for (const [x, y] of places) assert.ok(x > 0 && y > 0 && x < width && y < height, `${x}, ${y} of ${width}, ${height}`);
  const spread = (c) => Math.max(...places.map((p) => p[c])) - Math.min(...places.map((p) => p[c]));
  assert.ok(spread(0) > width / 2 || spread(1) > height / 2 || scale >= CLOSEST, `${spread(0)} and ${spread(1)} of ${width}, ${height}`);
}

async function beginsWithTheRing(page, truth) {
  const ring = truth.head.clusters[0];
  assert.deepEqual(await shownNodes(page), [...ring.nodes].sort((a, b) => a - b));
  const members = new Set(ring.nodes);
  const among = truth.edges.filter((e) => members.has(e.from) && members.has(e.to)).length;
  assert.deepEqual(await counts(page), { nodes: ring.nodes.length, edges: among });
  await isFitted(page, ring.nodes);
}

async function theTitleNamesTheRing(page, truth) {
  const ring = truth.head.clusters[0];
  const [from, to] = [ring.first, ring.last].map((us) => new Date(us / 1000));
  const months = [from, to].map((d) => d.toLocaleString("en", { month: "long", timeZone: "UTC" }));
  const days = months[0] === months[1] ? `${from.getUTCDate()}–${to.getUTCDate()} ${months[1]}` : `${from.getUTCDate()} ${months[0]} – ${to.getUTCDate()} ${months[1]}`;
  const name = `${ring.users} users, ${ring.entities} entities, ${days} ${to.getUTCFullYear()}`;
  assert.equal(await page.title(), `ringfence: ${name}`);
  assert.equal(await text(page, "#title"), name);
  assert.equal(await text(page, "#card h2"), name);
}

/** The commonest tag, and the median of a signal over those whose signal holds. */
async function theCardSaysWhy(page, truth) {
  const ring = truth.head.clusters[0];
  assert.deepEqual(await page.$$eval("#card .tag-head b", (list) => list.map((one) => one.textContent)), ring.tags.map(([type]) => type));
  const members = new Set(ring.nodes);
  const pairs = new Set(truth.edges.filter((e) => members.has(e.from) && members.has(e.to)).map((e) => `${e.from} ${e.to}`)).size;
  const card = await text(page, "#card");
  assert.ok(card.includes(`${pairs} of ${ring.users * ring.entities} possible pairs met`), card);
  const highest = ring.nodes.map((i) => truth.nodes[i]).filter((node) => node.kind === "user").reduce((a, b) => (b.percentile > a.percentile ? b : a));
  assert.ok(card.includes(`${highest.name}: ${highest.why}`), card);
  const observed = ring.nodes
    .flatMap((i) => truth.nodes[i].tags.filter((tag) => truth.head.rules[tag[0]].type === ring.tags[0][0]).map((tag) => tag[3]))
    .map((flat) => (flat[1] >= 0.5 ? flat[2] : null)) // the rule's first signal
    .filter((value) => value !== null)
    .sort((a, b) => a - b);
  const said = await text(page, "#card .signals li .numbers");
  assert.ok(said.includes(`median of ${observed.length}`), said);
  assert.equal(Number(/^[\d.,]+/.exec(said)[0].replaceAll(",", "")), Number(observed[(observed.length - 1) >> 1].toPrecision(4)));
  const shared = await page.$$eval("#card section:nth-of-type(2) .id", (list) => list.map((one) => one.textContent));
  assert.deepEqual(shared, ring.common.map(([id]) => id));
  const users = await page.$$eval("#card section:nth-of-type(2) .share", (list) => list.map((one) => one.textContent));
  const others = (n) => (n === 0 ? "" : `, and ${n} other${n === 1 ? "" : "s"}`);
  assert.deepEqual(users, ring.common.map(([, , n, all]) => `${n} of ${ring.users} users${others(all - n)}`));
  assert.ok(ring.common.some(([, , n, all]) => all > n)); /* others meet them, too */
}

async function unfoldByClick(page, truth) {
  const members = new Set(truth.head.clusters[0].nodes);
  const outside = (i) => [...neighboursOf(truth, i)].filter((j) => !members.has(j));
  const numbers = await page.evaluate(() => [...ringfence.store.folded]);
  truth.nodes.forEach((_, i) => assert.equal(numbers[i], members.has(i) ? outside(i).length : 0));
  const i = [...members].reduce((best, one) => (numbers[one] > numbers[best] ? one : best));
  const click = async () => {
    const [x, y] = await page.evaluate((node) => {
      const box = document.getElementById("overlay").getBoundingClientRect();
      const [dx, dy] = ringfence.view.badgeOf(node);
      return [box.left + dx, box.top + dy];
    }, i);
    await page.mouse.click(x, y);
    await wait(300);
  };
  await click();
  const all = [...new Set([...members, ...outside(i)])].sort((a, b) => a - b);
  assert.deepEqual(await shownNodes(page), all);
  assert.equal(await chosen(page), null, "a number is no node");
  await isFitted(page, all);
  await click();
  assert.equal((await shownNodes(page)).length, members.size);
}

/** From the keyboard, and from the card; what is asked for by name is shown though it was folded. */
async function unfoldWithoutAPointer(page, truth) {
  const members = new Set(truth.head.clusters[0].nodes);
  const stranger = truth.nodes.findIndex((node, i) => !members.has(i) && node.role === "neighbour" && neighboursOf(truth, i).size > 1);
  await page.keyboard.press("/");
  await page.keyboard.type(truth.nodes[stranger].name);
  await page.keyboard.press("Enter");
  assert.equal(await heading(page), truth.nodes[stranger].name);
  assert.deepEqual(await shownNodes(page), [...members, stranger].sort((a, b) => a - b));
  const member = truth.head.clusters[0].nodes.find((i) => [...neighboursOf(truth, i)].some((j) => !members.has(j) && j !== stranger));
  await page.evaluate((i) => ringfence.store.open({ type: "node", i }), member);
  await page.focus("#overlay");
  await page.keyboard.press("e");
  const shown = new Set(await shownNodes(page));
  for (const j of neighboursOf(truth, member)) assert.ok(shown.has(j));
  await page.click("#unfold button");
  assert.deepEqual(await shownNodes(page), [...members, stranger].sort((a, b) => a - b));
  await page.keyboard.press("Escape");
}

const folder = process.argv[2];
const openCard = (page, i) => page.evaluate((node) => ringfence.store.open({ type: "node", i: node }), i);

/** The highest user of the ring that met someone more than once. */
function busyMember(truth) {
  const often = (i) => truth.edges.some((e) => e.from === i && e.events > 1);
  return truth.head.clusters[0].nodes.filter((i) => truth.nodes[i].kind === "user" && often(i)).reduce((best, i) => (truth.nodes[i].percentile > truth.nodes[best].percentile ? i : best));
}

/** The events of a user, in the order of the file. */
function eventsOf(name) {
  const lines = readFileSync(join(folder, "events.jsonl"), "utf8").split("\n").filter((line) => line.includes(`"user":"${name}"`));
  return lines.map((line) => JSON.parse(line)).filter((event) => event.user === name);
}

const hourOf = (event) => event.time.slice(0, 13);

/** The hours of each meeting in the file against the events themselves; the card lists them, the newest first. */
async function hoursAreThoseOfTheEvents(page, truth) {
  const i = busyMember(truth);
  const events = eventsOf(truth.nodes[i].name);
  const here = new Map();
  for (const edge of truth.edges.filter((e) => e.from === i)) {
    const own = events.filter((event) => event.entity === truth.nodes[edge.to].name);
    const found = hoursOf(truth, edge).map(([from, , n]) => [new Date(from / 1000).toISOString().slice(0, 13), n]);
    const hours = [...new Set(own.map(hourOf))].sort().map((hour) => [hour, own.filter((event) => hourOf(event) === hour).length]);
    assert.deepEqual(found, hours);
    for (const [hour, n] of hours) here.set(hour, (here.get(hour) || 0) + n);
  }
  await openCard(page, i);
  const rows = await page.$$eval("#card .event", (list) => list.map((row) => ["at", "n"].map((one) => row.querySelector(`.${one}`).textContent)));
  const newest = [...here].sort().reverse().slice(0, rows.length);
  assert.ok(rows.length > 1);
  assert.deepEqual(rows.map(([at, n]) => [at.slice(0, 13).replace(" ", "T"), Number(n.split(" ")[0])]), newest);
  await page.click("#card .event .link");
  assert.equal((await chosen(page)).type, "edge");
  await page.keyboard.press("Escape");
}

/** The bars of the timeline are where the events are: as many of them in each half of the window. */
async function theTimelineShowsEvents(page, truth) {
  const { from, step } = truth.head.times;
  assert.equal(step, 3600e6);
  const [a, b] = truth.head.window;
  const half = await page.evaluate(() => {
    const { data } = ringfence.store;
    const at = [];
    for (let k = 0; k < data.moments.ptr[data.edges.n]; k++) at.push([data.moments.from[k] * 1000, data.moments.events[k]]);
    return at;
  });
  const all = truth.edges.flatMap((edge) => hoursOf(truth, edge) || []);
  assert.ok(from >= a - step && all.every(([at]) => at >= a && at < b));
  const sum = (list) => list.reduce((n, one) => n + one[one.length - 1], 0);
  assert.equal(sum(half), sum(all));
  assert.equal(sum(half.filter(([at]) => at < (a + b) / 2)), sum(all.filter(([at]) => at < (a + b) / 2)));
  assert.equal(sum(all), truth.edges.reduce((n, edge) => n + edge.events, 0));
}

/** Times, events and amounts of each meeting against the events themselves. */
async function meetingsAreTheEvents(page, truth) {
  const i = busyMember(truth);
  const events = eventsOf(truth.nodes[i].name);
  await openCard(page, i);
  const rows = await page.$$eval("#card .meeting", (list) => list.map((row) => [row.querySelector(".id").textContent, row.querySelector(".detail")?.textContent]));
  let compared = 0;
  for (const [entity, said] of rows) {
    if (said === undefined) continue;
    const own = events.filter((event) => event.entity === entity);
    const times = own.map((event) => event.time.slice(0, 16).replace("T", " ")).sort();
    assert.ok(said.startsWith(times[0]), `${said}: not from ${times[0]}`);
    if (own.length > 1) assert.ok(said.includes(times[times.length - 1].slice(11)) && said.includes(`${own.length} events`), said);
    const total = own.reduce((sum, event) => sum + event.amount, 0);
    const shown = Number(/amount (?:[\d.,]+ on average, )?([\d.,]+)/.exec(said)[1].replaceAll(",", ""));
    assert.ok(Math.abs(shown - total) < 0.0101, `${said}: not ${total}`);
    compared++;
  }
  assert.ok(compared > 1 && rows.some(([, said]) => / events · amount .* on average/.test(said)), "no meeting of several events");
}

async function siblingsAreNamed(page, truth) {
  const i = busyMember(truth);
  const own = neighboursOf(truth, i);
  const shared = truth.nodes.map((node, j) => (j === i || node.kind !== "user" ? 0 : [...neighboursOf(truth, j)].filter((one) => own.has(one)).length));
  await openCard(page, i);
  const rows = await page.$$eval("#card .sibling", (list) => list.map((row) => ({ name: row.querySelector(".who .id").textContent, share: row.querySelector(".share").textContent, shared: [...row.querySelectorAll(".detail .id")].map((one) => one.textContent) })));
  const most = [...shared].sort((a, b) => b - a).slice(0, rows.length);
  assert.ok(rows.length > 2);
  assert.deepEqual(rows.map((row) => Number(row.share.split(" ")[0])), most);
  for (const row of rows) {
    const j = truth.nodes.findIndex((node) => node.kind === "user" && node.name === row.name);
    assert.equal(row.share, `${shared[j]} of ${own.size}`);
    for (const name of row.shared) assert.ok([...own].some((one) => truth.nodes[one].name === name && neighboursOf(truth, j).has(one)), `${row.name} did not meet ${name}`);
  }
  await page.click("#card .sibling .who");
  assert.equal(await heading(page), rows[0].name);
  await page.keyboard.press("Escape");
}

async function chooseAnotherRing() {
  const file = join(folder, "page-500.html");
  const truth = readPage(file);
  const page = await open(browser, file);
  const other = truth.head.clusters.findIndex((cluster, c) => c > 0 && cluster.nodes.length > 2);
  await page.evaluate((id) => [...document.querySelectorAll("#card .start b")].find((one) => one.firstChild.textContent === id).closest("button").click(), truth.head.clusters[other].id);
  await wait(300);
  assert.deepEqual(await shownNodes(page), [...truth.head.clusters[other].nodes].sort((a, b) => a - b));
  await isFitted(page, truth.head.clusters[other].nodes);
  assert.ok((await text(page, "#title")).startsWith(`${truth.head.clusters[other].users} user`));
  await page.keyboard.press("Escape");
  assert.equal((await shownNodes(page)).length, truth.nodes.length);
  assert.equal(await text(page, "#title"), "percentile=0.9");
  assert.deepEqual(page.sins, []);
  await page.close();
}

/** What lies on the clipboard, by pasting it. */
async function pasted(page) {
  await page.evaluate(() => {
    const field = document.createElement("textarea");
    field.id = "pasted";
    document.body.append(field);
    field.focus();
  });
  await page.keyboard.press("v", { commands: ["Paste"] });
  return page.$eval("#pasted", (field) => {
    const { value } = field;
    field.remove();
    return value;
  });
}

async function copyTheIds(page, truth) {
  const ring = truth.head.clusters[0];
  for (const kind of ["user", "entity"]) {
    const ids = ring.nodes.filter((i) => truth.nodes[i].kind === kind).map((i) => truth.nodes[i].name);
    await page.click(`#card [data-copy=${kind}]`);
    await wait(100);
    assert.match(await text(page, `#card [data-copy=${kind}]`), new RegExp(`^${ids.length} ids? copied$`));
    assert.deepEqual((await pasted(page)).split("\n").sort(), ids.sort());
  }
}

async function useRing() {
  const file = join(folder, "page-ring.html");
  const truth = readPage(file);
  const page = await open(browser, file);
  const steps = {
    "the page begins with it": () => beginsWithTheRing(page, truth),
    "the title names it": () => theTitleNamesTheRing(page, truth),
    "the card says why": () => theCardSaysWhy(page, truth),
    "a number unfolds neighbours": () => unfoldByClick(page, truth),
    "without a pointer": () => unfoldWithoutAPointer(page, truth),
    "meetings of a member are its events": () => meetingsAreTheEvents(page, truth),
    "hours of a member's events": () => hoursAreThoseOfTheEvents(page, truth),
    "the timeline shows events": () => theTimelineShowsEvents(page, truth),
    "siblings of a member": () => siblingsAreNamed(page, truth),
    "another one": () => chooseAnotherRing(),
    "its ids on the clipboard": () => copyTheIds(page, truth),
    "no error, no request": () => assert.deepEqual(page.sins, []),
  };
  for (const [name, work] of Object.entries(steps)) await check(`ring: ${name}`, work);
  await page.close();
}

/** A ring that was cut says so, on its button too: whoever blocks the copied accounts must know that some are missing. */
async function useCutRing() {
  const file = join(folder, "page-cut.html");
  const truth = readPage(file);
  const ring = truth.head.clusters[0];
  const page = await open(browser, file);
  await check("a ring that was cut says so", async () => {
    const here = ring.nodes.filter((i) => truth.nodes[i].kind === "user").length;
    assert.ok(here < ring.users);
    assert.ok((await text(page, "#card .cut")).startsWith(`Only ${ring.nodes.length} of its ${ring.users + ring.entities} members`));
    assert.equal(await text(page, "#card [data-copy=user]"), `Copy ${here} of ${ring.users} user ids`);
    assert.deepEqual(page.sins, []);
  });
  await page.close();
}

/** Ids made to hurt: each line on the clipboard reads back as the id. */
async function useHostileRing() {
  const file = join(folder, "all.html");
  const truth = readPage(file);
  const page = await open(browser, file);
  await check("hostile ids on the clipboard", async () => {
    const ids = truth.head.clusters[0].nodes.filter((i) => truth.nodes[i].kind === "user").map((i) => truth.nodes[i].name);
    assert.ok(ids.includes('"'));
    await page.click("#card [data-copy=user]");
    await wait(100);
    const lines = (await pasted(page)).split("\n").map((line) => (line.startsWith('"') ? JSON.parse(line) : line));
    assert.deepEqual(lines.sort(), ids.sort());
    assert.deepEqual(page.sins, []);
  });
  await page.close();
}

try {
  await useRing();
  await useCutRing();
  await useHostileRing();
} finally {
  await browser.close();
}
end();
