// cytoscapejs.js FILE OUT: opens an export as a page would, and writes what the library then holds.
const fs = require("fs");
const cytoscape = require("cytoscape");

const text = fs.readFileSync(process.argv[2], "utf8");
if (text.includes("</")) throw new Error("a </ in the file would end a script that it is pasted into");
const exported = JSON.parse(text);
const warnings = [];
console.warn = (...words) => warnings.push(words.join(" "));
console.error = console.warn;
const cy = cytoscape({ headless: true, styleEnabled: true, elements: exported.elements, style: exported.style,
                       layout: exported.layout });
fs.writeFileSync(process.argv[3], JSON.stringify({
  warnings,
  description: exported.data.description,
  nodes: cy.nodes().map((n) => ({ ...n.data(), key: n.id(), x: n.position("x"), y: n.position("y"),
                                  drawn: { width: n.width(), color: n.style("background-color"), shape: n.style("shape"),
                                           border: n.style("border-style"), opacity: n.style("background-opacity"),
                                           label: n.style("label") } })),
  edges: cy.edges().map((e) => ({ ...e.data(), drawn: { width: e.width() } })),
}));
process.exit(0); // the library would keep waiting for frames
