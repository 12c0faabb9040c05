// table.js - nodes or edges as a table: only the rows that are seen exist, whatever their number.

import { kindOf, sideOf } from "./data.js";
import { byId, h, idText } from "./dom.js";
import { downloadCsv } from "./csv.js";
import { count, iso, number, time } from "./format.js";
import { SHOWN } from "./store.js";

const ROW = 30;
const EXTRA = 8;

/** Text that sums up what the file holds as structure. */
function reasonsText(side, names, i) {
  const flat = side.field(i, "reasons");
  const out = [];
  for (let at = 0; at + 3 < flat.length; at += 4)
    out.push(`${names[flat[at]]} ${number(flat[at + 1])} instead of ${number(flat[at + 2])} (${Math.round(100 * flat[at + 3])} %)`);
  return out.join("; ");
}

function columnsOf(store, which) {
  const { nodes, edges, head } = store.data;
  const side = which === "nodes" ? nodes : edges;
  const namesOf = (i) => head.features[which === "edges" ? sideOf(edges, i) : kindOf(nodes, i)];
  const own = side.columns.map((column) => ({ ...column, get: (i) => side.value(i, column.key) }));
  const text = (key, about, get) => ({ key, about, type: "text", get });
  const made = [
    text("tags", "types of fraud that it looks like", (i) => side.types[i].join(" ")),
    text("why", "what is odd about it", (i) => side.field(i, "why")),
    text("reasons", "observed against expected, worst first", (i) => reasonsText(side, namesOf(i), i)),
  ];
  if (which === "nodes") {
    const at = own.findIndex((column) => column.key === "percentile") + 1;
    return [...own.slice(0, at), made[0], ...own.slice(at), ...made.slice(1)];
  }
  return [
    text("user", "the user's id", (i) => nodes.name[edges.from[i]]),
    text("entity", "the entity's id", (i) => nodes.name[edges.to[i]]),
    ...own.slice(0, 3), made[0], ...own.slice(3), ...made.slice(1),
  ];
}

const cellText = (column, value) => {
  if (value === null || value === undefined) return "";
  return column.type === "time" ? time(value / 1000) : column.type === "text" ? String(value) : number(value);
};

export function createTable(store) {
  const box = byId("table");
  const scroll = byId("table-scroll");
  const state = { which: "nodes", key: "percentile", down: true, order: [], columns: [], stale: true };
  const body = h("tbody");
  const headRow = h("tr");
  const grid = h("table", { "aria-label": "What is shown" }, h("thead", {}, headRow), body);
  scroll.replaceChildren(grid);

  function compare(column) {
    const sign = state.down ? -1 : 1;
    const texts = column.type === "text";
    const value = (i) => (texts ? column.get(i) : column.get(i) === null ? null : Number(column.get(i)));
    return (a, b) => {
      const [x, y] = [value(a), value(b)];
      if (x === y) return a - b;
      if (x === null || x === "") return 1; // absent ones last, however it is sorted
      if (y === null || y === "") return -1;
      return sign * (x < y ? -1 : 1);
    };
  }
  function refresh() {
    const { nodes, edges } = store.data;
    state.columns = columnsOf(store, state.which);
    const column = state.columns.find((c) => c.key === state.key) || state.columns[0];
    state.key = column.key;
    const side = state.which === "nodes" ? nodes : edges;
    const shown = state.which === "nodes" ? (i) => store.nodeShown[i] === SHOWN.MATCH : (i) => store.edgeShown[i] === 1;
    state.order = [...side.rows.keys()].filter(shown).sort(compare(column));
    state.stale = false;
  }
  function sortBy(column) {
    if (state.key === column.key) state.down = !state.down;
    else Object.assign(state, { key: column.key, down: column.type !== "text" });
    render();
    headRow.querySelector(`[data-key="${CSS.escape(column.key)}"]`).focus();
  }
  function renderHead() {
    headRow.replaceChildren(...state.columns.map((column) =>
      h("th", { scope: "col", "aria-sort": column.key === state.key ? (state.down ? "descending" : "ascending") : "none", class: column.type === "text" ? null : "num" },
        h("button", { type: "button", "data-key": column.key, title: column.about, onclick: () => sortBy(column) },
          column.key, column.key === state.key ? (state.down ? " ▾" : " ▴") : ""))));
  }
  const chosen = (i) => store.selected !== null && store.selected.type === (state.which === "nodes" ? "node" : "edge") && store.selected.i === i;

  function row(i, at) {
    const open = () => store.open({ type: state.which === "nodes" ? "node" : "edge", i });
    return h("tr", { tabindex: 0, "aria-rowindex": at + 2, "data-at": at, "aria-selected": String(chosen(i)), onclick: open, onkeydown: (event) => onKey(event, at, open) },
      state.columns.map((column) => {
        const value = column.get(i);
        const isId = ["name", "user", "entity", "event_id"].includes(column.key);
        const text = cellText(column, value);
        return h("td", { class: column.type === "text" ? null : "num", title: text.length > 24 ? text : null }, isId ? idText(text) : text);
      }));
  }
  function onKey(event, at, open) {
    if (event.key === "Enter" || event.key === " ") open();
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const next = at + (event.key === "ArrowDown" ? 1 : -1);
      if (next < 0 || next >= state.order.length) return;
      const y = next * ROW;
      if (y < scroll.scrollTop) scroll.scrollTop = y;
      if (y + 2 * ROW > scroll.scrollTop + scroll.clientHeight - ROW) scroll.scrollTop = y + 3 * ROW - scroll.clientHeight;
      renderRows();
      body.querySelector(`[data-at="${next}"]`)?.focus({ preventScroll: true });
    } else return;
    event.preventDefault();
  }
  const gap = (height) => h("tr", { class: "gap", "aria-hidden": "true" }, h("td", { colspan: state.columns.length, style: { height: `${height}px` } }));

  function renderRows() {
    const n = state.order.length;
    const from = Math.max(0, Math.floor(scroll.scrollTop / ROW) - EXTRA);
    const to = Math.min(n, Math.ceil((scroll.scrollTop + scroll.clientHeight) / ROW) + EXTRA);
    const focused = document.activeElement?.dataset?.at;
    body.replaceChildren(gap(from * ROW), ...state.order.slice(from, to).map((i, k) => row(i, from + k)), gap((n - to) * ROW));
    if (focused !== undefined) body.querySelector(`[data-at="${focused}"]`)?.focus({ preventScroll: true });
  }
  function render() {
    if (store.view !== "table") {
      state.stale = true;
      return;
    }
    refresh();
    renderHead();
    grid.setAttribute("aria-rowcount", state.order.length + 1);
    byId("table-count").textContent = `${count(state.order.length)} ${state.which}`;
    renderRows();
  }

  function csvValue(column, i) {
    const value = column.get(i);
    return column.type === "time" && value !== null ? iso(value) : value;
  }
  function save() {
    refresh();
    downloadCsv(`ringfence-${state.which}.csv`, state.columns.map((c) => c.key), state.order.map((i) => state.columns.map((c) => csvValue(c, i))));
  }

  let pending = 0;
  scroll.addEventListener("scroll", () => {
    if (!pending) pending = requestAnimationFrame(() => ((pending = 0), renderRows()));
  });
  byId("csv").addEventListener("click", save);
  for (const which of ["nodes", "edges"])
    byId(`table-${which}`).addEventListener("click", () => {
      Object.assign(state, { which, key: "percentile", down: true });
      for (const other of ["nodes", "edges"]) byId(`table-${other}`).setAttribute("aria-pressed", String(other === which));
      scroll.scrollTop = 0;
      render();
    });
  store.on("filter", render);
  store.on("view", () => {
    box.hidden = store.view !== "table";
    render();
  });
  store.on("select", () => store.view === "table" && renderRows());
  new ResizeObserver(() => store.view === "table" && !state.stale && renderRows()).observe(scroll);
}
