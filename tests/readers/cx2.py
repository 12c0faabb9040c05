"""CX2 as ndex2 reads it, and what it does not check: cx2.py FILE, with truth.json beside it."""

import json
import math
import sys

from ndex2.cx2 import RawCX2NetworkFactory

from truth import Truth, fail

ASPECTS = ["CXVersion", "metaData", "attributeDeclarations", "networkAttributes", "nodes", "edges", "visualProperties",
           "status"]
PYTHON_TYPES = {"string": str, "double": (int, float), "long": int, "boolean": bool,
                "list_of_string": list}
path = sys.argv[1]
truth = Truth("truth.json")


def no_constant(name):
    fail(f"{name} is no JSON")


# ---- the file itself ----
with open(path, encoding="utf-8") as file:
    text = file.read()
if "</" in text:
    fail("a </ in the file would end a script that it is pasted into")
document = json.loads(text, parse_constant=no_constant)
if [next(iter(fragment)) for fragment in document] != ASPECTS:
    fail(f"the aspects are {[next(iter(f)) for f in document]}")
whole = {key: value for fragment in document for key, value in fragment.items()}
if whole["CXVersion"] != "2.0" or whole["hasFragments"] is not False or whole["status"][0]["success"] is not True:
    fail("CXVersion, hasFragments or status is wrong")
counts = {entry["name"]: entry["elementCount"] for entry in whole["metaData"]}
if counts != {name: len(whole[name]) for name in ASPECTS[2:-1]}:
    fail(f"metaData counts {counts}")
declared = whole["attributeDeclarations"][0]
ids = {node["id"] for node in whole["nodes"]}
for edge in whole["edges"]:
    if edge["s"] not in ids or edge["t"] not in ids:
        fail(f"edge {edge['id']} dangles")
for aspect in ("nodes", "edges", "networkAttributes"):
    for item in whole[aspect]:
        for key, value in item.get("v", item if aspect == "networkAttributes" else {}).items():
            kind = declared[aspect][key]["d"]
            if isinstance(value, bool) != (kind == "boolean") or isinstance(value, list) and not all(
                    isinstance(i, str) for i in value):
                fail(f"{aspect}: {key} is declared {kind}, but is {value!r}")
            if not isinstance(value, PYTHON_TYPES[kind]) or isinstance(value, float) and not math.isfinite(value):
                fail(f"{aspect}: {key} is declared {kind}, but is {value!r}")
mappings = whole["visualProperties"][0]
for aspect, mapping in (("nodes", "nodeMapping"), ("edges", "edgeMapping")):
    for name, definition in mappings[mapping].items():
        attribute = definition["definition"]["attribute"]
        if declared[aspect][attribute]["d"] != definition["definition"]["type"]:
            fail(f"{name} maps {attribute} as another type than it has")

for aspect, mapping, seen in (("nodes", "nodeMapping", "NODE_BACKGROUND_COLOR"), ("edges", "edgeMapping", "EDGE_LINE_COLOR")):
    colors = {entry["v"]: entry["vp"] for entry in mappings[mapping][seen]["definition"]["map"]}
    if {item["v"]["look"]: item["v"]["color"] for item in whole[aspect]} != colors:
        fail(f"{seen}: {colors} is not what the {aspect} have as look and color")

# ---- as ndex2 reads it ----
network = RawCX2NetworkFactory().get_cx2network(path)
if truth.subjects not in network.get_network_attributes()["description"]:
    fail(f"ndex2: {network.get_network_attributes()}")
nodes = {node_id: node["v"] for node_id, node in network.get_nodes().items()}
edges = [(nodes[edge["s"]]["name"], nodes[edge["t"]]["name"], edge["v"]) for edge in network.get_edges().values()]
for node in network.get_nodes().values():
    if not isinstance(node["x"], (int, float)) or not isinstance(node["y"], (int, float)):
        fail(f"ndex2: {node['v']['key']} has no place")
print("ndex2: ", end="")
truth.compare_all(list(nodes.values()), edges)
