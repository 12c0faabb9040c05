"""What cytoscape.js holds (cytoscapejs.js): cytoscapejs.py JSON, with truth.json beside it."""

import json
import sys

from truth import SHAPES, Truth, fail, unspell

truth = Truth("truth.json")
for item in truth.nodes + truth.edges:
    item["events"] = int(float(item["events"]))  # all numbers of JavaScript are doubles
with open(sys.argv[1], encoding="utf-8") as file:
    held = json.load(file)
if held["warnings"] or truth.subjects not in held["description"]:
    fail(f"cytoscape.js says {held['warnings'][:3]}; the note is {held['description']!r}")
for node in held["nodes"]:
    drawn = node["drawn"]
    color = "rgb({},{},{})".format(*bytes.fromhex(node["color"][1:]))
    if drawn["width"] != node["size"] or drawn["color"] != color or drawn["label"] != node["label"].strip(" \ufeff\u00a0"):
        fail(f"{node['key']} is drawn as {drawn}")
    if drawn["shape"] != {"circle": "ellipse", "square": "rectangle"}.get(SHAPES[node["kind"]], SHAPES[node["kind"]]):
        fail(f"{node['key']} is drawn as {drawn}")
    if (drawn["border"] == "dotted" and float(drawn["opacity"]) < 0.5) != node["suppressed"]:
        fail(f"{node['key']} is drawn as {drawn}")
    if truth.look(truth.by_name[node["kind"], unspell(node["name"])], node["kind"])[1] != node["color"]:
        fail(f"{node['key']} has the colour {node['color']}")
nodes = {node["key"]: node for node in held["nodes"]}
if len({(node["x"], node["y"]) for node in held["nodes"]}) < len(nodes) / 2:
    fail("the nodes lie on each other")
edges = [(nodes[edge["source"]]["name"], nodes[edge["target"]]["name"], edge) for edge in held["edges"]]
print("cytoscape.js: ", end="")
truth.compare_all(held["nodes"], edges)
