"""DOT as Graphviz reads it (dot -Tdot_json, dot -Tplain): dot.py JSON PLAIN, with truth.json beside them."""

import json
import sys

from truth import SHAPES, Truth, fail, unspell

truth = Truth("truth.json")


def item_of(pairs):
    """A node's own name comes first and its attribute `name` second, if it is not empty."""
    item = dict(pairs)
    names = [value for key, value in pairs if key == "name"]
    if "_gvid" in item and "tail" not in item:
        item["key"], item["name"] = names[0], names[1] if len(names) > 1 else ""
    return item


with open(sys.argv[1], encoding="utf-8") as file:
    graph = json.load(file, object_pairs_hook=item_of, strict=False)  # Graphviz leaves tabs in texts as they are
if graph["directed"] or graph["strict"] or truth.subjects not in graph["comment"]:
    fail(f"Graphviz: directed {graph['directed']}, strict {graph['strict']}, {graph.get('comment')!r}")
nodes = {item["_gvid"]: item for item in graph["objects"]}
for node in nodes.values():
    if node["shape"] != SHAPES[node["kind"]]:
        fail(f"{node['key']} is a {node['shape']}")
    known = truth.by_name[node["kind"], unspell(node["name"])]
    if node["fillcolor"] != truth.look(known, node["kind"])[1]:
        fail(f"{node['key']} has the colour {node['fillcolor']}")
    if ("dotted" in node.get("style", "")) != (node["suppressed"] == "true"):
        fail(f"{node['key']} has the style {node.get('style')}")
if "promo_abuse (" not in graph["label"] or ("devices triangles" if truth.named else "users round") not in graph["label"]:
    fail(f"Graphviz: the legend is {graph['label']!r}")
edges = []
for item in graph["edges"]:
    item.setdefault("event_id", "")
    user, entity = nodes[item["tail"]], nodes[item["head"]]
    edges.append((user["name"], entity["name"], item))
print("Graphviz: ", end="")
truth.compare_all(list(nodes.values()), edges, texts_only=True)

# places: inches from the lower left corner in the plain output, points around 0, 0 in the file
plain = [line.split(" ") for line in open(sys.argv[2], encoding="utf-8") if line.startswith(("node ", "edge "))]
if [line[0] for line in plain].count("node") != len(nodes) or len(plain) != len(nodes) + len(edges):
    fail("Graphviz draws another number of nodes or edges")
places = [tuple(map(float, node["pos"].split(","))) for node in nodes.values()]
width = max(x for x, _ in places) - min(x for x, _ in places)
drawn = [float(line[2]) for line in plain if line[0] == "node"]  # keys hold no blank
if not 0.9 * width < 72 * (max(drawn) - min(drawn)) <= width + 1:
    fail(f"Graphviz draws {72 * (max(drawn) - min(drawn)):.0f} points wide, not {width:.0f}")
print(f"Graphviz: drawn {width:.0f} points wide")
