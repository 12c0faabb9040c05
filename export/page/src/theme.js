// theme.js - light and dark: the system's wish, or the reader's; and colours of the data that stay visible on both.

import { byId } from "./dom.js";

const dark = matchMedia("(prefers-color-scheme: dark)");
let chosen = null;

export const isDark = () => (chosen === null ? dark.matches : chosen === "dark");

const listeners = [];
export const onTheme = (listener) => listeners.push(listener);

export function setUpTheme() {
  const button = byId("theme");
  const apply = () => {
    document.documentElement.dataset.theme = isDark() ? "dark" : "light";
    const offer = isDark() ? "Light colours" : "Dark colours";
    button.setAttribute("aria-label", offer);
    button.title = offer;
    for (const listener of listeners) listener();
  };
  button.addEventListener("click", () => {
    chosen = isDark() ? "light" : "dark";
    apply();
  });
  dark.addEventListener("change", apply);
  apply();
}

export const cssColor = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const parse = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
const print = (rgb) => `#${rgb.map((c) => Math.round(c).toString(16).padStart(2, "0")).join("")}`;
const mix = (a, b, t) => a.map((c, i) => c + (b[i] - c) * t);
const light = (rgb) => {
  const [r, g, b] = rgb.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

/** On a dark ground dark colours are lifted until they can be told from it. */
export function nodeColor(hex) {
  let rgb = parse(hex);
  if (!isDark()) return hex;
  for (let i = 0; i < 8 && light(rgb) < 0.16; i++) rgb = mix(rgb, [235, 240, 255], 0.16);
  return print(rgb);
}

/** Pale edges are the background of the picture: near to the ground on both. */
export function edgeColor(hex) {
  const rgb = parse(hex);
  if (!isDark()) return hex;
  if (light(rgb) <= 0.55) return print(mix(rgb, [255, 255, 255], 0.12));
  const isGrey = Math.max(...rgb) - Math.min(...rgb) < 40;
  return print(mix(rgb, parse("#161b22"), isGrey ? 0.74 : 0.4));
}
