// build.mjs OUT: one file out of template, style and script; equal sources give equal bytes. scripts/build-page.sh runs it.
//
// The script begins with the licences of the libraries inside it, and the page lets nothing run but this very script.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const read = (name) => readFileSync(join(here, name), "utf8");

async function bundle() {
  const result = await build({
    absWorkingDir: here,
    entryPoints: ["src/main.js"],
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2020",
    charset: "ascii",
    legalComments: "none",
    metafile: true,
    write: false,
  });
  return { text: result.outputFiles[0].text.trim(), inputs: Object.keys(result.metafile.inputs) };
}

/** Packages of the bundle by the text of their licence. */
function licences(inputs) {
  const names = new Set(inputs.map((input) => /node_modules\/([^/]+)\//.exec(input)).filter(Boolean).map((match) => match[1]));
  const byText = new Map();
  for (const name of [...names].sort()) {
    const file = ["LICENSE", "LICENSE.md", "LICENCE"].map((f) => `node_modules/${name}/${f}`).find((f) => existsSync(join(here, f)));
    if (file === undefined) throw new Error(`${name} has no licence file`);
    const version = JSON.parse(read(`node_modules/${name}/package.json`)).version;
    const text = read(file).trim().replaceAll("*/", "* /");
    byText.set(text, [...(byText.get(text) || []), `${name} ${version}`]);
  }
  return [...byText].map(([text, who]) => `${who.join(", ")}:\n\n${text}`).join("\n\n----\n\n");
}

const hash = (text) => `sha256-${createHash("sha256").update(text, "utf8").digest("base64")}`;

const { text, inputs } = await bundle();
const script = `/*! The page of ringfence (GPL-3.0), made by scripts/build-page.sh. It holds these libraries:\n\n${licences(inputs)}\n*/\n${text}\n`;
const style = (await transform(read("src/style.css"), { loader: "css", minify: true, target: ["chrome111", "firefox113", "safari16.2"], charset: "ascii" })).code.trim();
if (/<\/(script|style)/i.test(script) || /<\//.test(style)) throw new Error("the script or the style would end its element");

const parts = { STYLE: style, SCRIPT: script, STYLE_HASH: hash(style), SCRIPT_HASH: hash(script) };
const page = read("src/template.html").replace(/@(STYLE|SCRIPT|STYLE_HASH|SCRIPT_HASH)@/g, (_, name) => parts[name]);
for (const mark of ["@RINGFENCE_PICTURE@", "@RINGFENCE_DATA@"])
  if (page.split(mark).length !== 2) throw new Error(`the page needs one ${mark}`);
writeFileSync(process.argv[2], page);
