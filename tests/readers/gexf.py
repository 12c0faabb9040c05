"""GEXF as NetworkX reads it: gexf.py FILE, with truth.json beside it."""

import sys
from xml.etree import ElementTree

import networkx

from truth import SHAPES, Truth, fail, microseconds, unspell

truth = Truth("truth.json")
graph = networkx.read_gexf(sys.argv[1], version="1.3")
if not graph.is_multigraph() or graph.is_directed() or graph.graph["mode"] != "dynamic":
    fail("NetworkX: parallel edges, their lack of direction or the timeline got lost")
names = {}
for key, data in graph.nodes(data=True):
    names[key] = data["name"]
    data["key"] = key
    viz = data["viz"]
    if not {"color", "position", "size", "shape"} <= viz.keys() or viz["size"] < 12:
        fail(f"NetworkX: {key!r} looks like {viz!r}")
    known = truth.by_name[data["kind"], unspell(data["name"])]
    color = "#" + bytes(viz["color"][part] for part in "rgb").hex()
    if color != truth.look(known, data["kind"])[1] or (viz["color"]["a"] < 1) != data["suppressed"]:
        fail(f"NetworkX: {key!r} has the colour {viz['color']}")
    if "first_seen" in data and microseconds(data["start"]) != microseconds(data["first_seen"]) // 1000 * 1000:
        fail(f"NetworkX: {key!r} starts at {data['start']}")
edges = []
for a, b, data in graph.edges(data=True):
    user, entity = (a, b) if a.startswith("user:") else (b, a)
    edges.append((names[user], names[entity], data))
# NetworkX looks for the shape under another name than GEXF 1.3 has it
for node in ElementTree.parse(sys.argv[1]).iter("{http://gexf.net/1.3}node"):
    shape = node.find("{http://gexf.net/1.3/viz}shape").get("value")
    kind = node.get("id").split(":")[0]
    suppressed = truth.is_suppressed(kind, unspell(names[node.get("id")]))
    if shape != ("diamond" if suppressed and not truth.named else SHAPES[kind].replace("circle", "disc")):
        fail(f"{node.get('id')} has the shape {shape}")
print("NetworkX: ", end="")
truth.compare_all([data for _, data in graph.nodes(data=True)], edges)
