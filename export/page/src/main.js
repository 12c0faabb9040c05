// main.js - puts the page together: data, the parts that show it, and the keys that work everywhere.

import { createCard } from "./card.js";
import { download } from "./csv.js";
import { firstRing, readDetails, readPicture } from "./data.js";
import { byId, h } from "./dom.js";
import { createFilters } from "./filters.js";
import { ringName } from "./ring.js";
import { createSearch } from "./search.js";
import { createStore } from "./store.js";
import { createTable } from "./table.js";
import { cssColor, onTheme, setUpTheme } from "./theme.js";
import { createTimeline } from "./timeline.js";
import { createView } from "./view.js";

const wide = () => matchMedia("(min-width: 900px)").matches;

/** The picture as it is now, on the background of the page. */
function savePicture(view) {
  const canvas = view.picture();
  const copy = h("canvas", { width: canvas.width, height: canvas.height });
  const ctx = copy.getContext("2d");
  ctx.fillStyle = cssColor("--ground");
  ctx.fillRect(0, 0, copy.width, copy.height);
  ctx.drawImage(canvas, 0, 0);
  ctx.drawImage(byId("overlay"), 0, 0);
  copy.toBlob((blob) => download("ringfence.png", blob));
}

function setUpViews(store) {
  for (const name of ["graph", "table"]) byId(`view-${name}`).addEventListener("click", () => store.show(name));
  store.on("view", () => {
    document.body.dataset.view = store.view;
    for (const name of ["graph", "table"]) byId(`view-${name}`).setAttribute("aria-pressed", String(store.view === name));
  });
}

/** On a small screen filters and card are sheets over the picture. */
function setUpSheets(store) {
  const toggle = (name, on) => {
    document.body.classList.toggle(`show-${name}`, on);
    byId(`show-${name}`).setAttribute("aria-expanded", String(on));
  };
  for (const [name, other] of [["filters", "card"], ["card", "filters"]])
    byId(`show-${name}`).addEventListener("click", () => {
      toggle(other, false);
      toggle(name, !document.body.classList.contains(`show-${name}`));
    });
  byId("close-filters").addEventListener("click", () => toggle("filters", false));
  store.on("select", () => {
    if (!wide()) toggle("filters", false);
    toggle("card", store.selected !== null);
  });
}

function setUpKeys(store, search) {
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) && event.target.type !== "checkbox" && event.target.type !== "range";
    if (event.key === "Escape" && !typing) {
      if (store.selected) store.select(null);
      else if (document.body.classList.contains("show-filters")) byId("close-filters").click();
      else if (store.isFiltered()) byId("clear").click();
    } else if (event.key === "/" && !typing) search.focus();
    else if (event.key === "t" && !typing) store.show(store.view === "graph" ? "table" : "graph");
    else return;
    event.preventDefault();
  });
}

/** The title names the ring that is shown, else what the page was made of. */
function setUpTitle(store) {
  const { head } = store.data;
  const set = () => {
    const ring = head.clusters[store.filters.cluster];
    const title = ring ? ringName(store.data, ring) : head.title.replace(/^ringfence: /, "");
    document.title = `ringfence: ${title}`;
    byId("title").textContent = title;
  };
  store.on("filter", set);
  set();
}

/** A page around one subject begins with that subject. */
function openSubject(store) {
  const { head, nodes } = store.data;
  if (wide() && /^around(-[a-z0-9_]+)?=/.test(head.selection)) store.open({ type: "node", i: nodes.role.indexOf("subject") });
}

/** Everything around the picture; built after the first picture, so that the picture appears at once. */
function furnish(store, view) {
  const card = createCard(store, view);
  const filters = createFilters(store);
  const timeline = createTimeline(store);
  const search = createSearch(store);
  createTable(store);
  setUpSheets(store);
  setUpKeys(store, search);
  byId("png").addEventListener("click", () => savePicture(view));
  onTheme(() => {
    view.recolor();
    card.render();
    filters.render();
    timeline.render();
  });
  openSubject(store);
  window.ringfence = { store, view }; // for tests, and for the curious
  document.body.classList.add("ready");
}

/** The document ends with the details: they may still be on their way. */
function whenComplete(work) {
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", work, { once: true });
  else work();
}

function start() {
  setUpTheme();
  const data = readPicture(byId("picture-data").textContent);
  const store = createStore(data);
  store.ring(firstRing(data.head));
  setUpTitle(store);
  setUpViews(store);
  const view = createView(store);
  view.measure();
  requestAnimationFrame(() => {
    performance.mark("first-picture"); // the frame that holds it is being shown
    const rest = () => {
      readDetails(data, byId("data").textContent);
      furnish(store, view);
    };
    setTimeout(whenComplete, 0, () => guarded(rest));
  });
}

function guarded(work) {
  try {
    work();
  } catch (error) {
    byId("trouble").hidden = false;
    byId("trouble").textContent = `This page cannot show its data: ${error.message}`;
    throw error;
  }
}

guarded(start);
