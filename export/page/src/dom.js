// dom.js - elements made of text, never of markup: whatever an id says, it is shown and not read.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, props, children) {
  for (const [key, value] of Object.entries(props || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "style") for (const [name, text] of Object.entries(value)) element.style.setProperty(name, text);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  for (const child of children.flat(2)) {
    if (child === undefined || child === null || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return element;
}

/** h("button", {class: "x", onclick: f}, "text", child, …) */
export const h = (name, props, ...children) => fill(document.createElement(name), props, children);
export const svg = (name, props, ...children) => fill(document.createElementNS(SVG, name), props, children);
export const byId = (id) => document.getElementById(id);

/** An id to read: isolated, so that marks of direction inside do not affect the text around it. */
export const idText = (text, props = {}) =>
  h("bdi", { ...props, class: `id ${props.class || ""}`.trim() }, text === "" ? "(empty)" : text);
