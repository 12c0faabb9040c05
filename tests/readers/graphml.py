"""GraphML as NetworkX and igraph read it: graphml.py FILE, with truth.json beside it."""

import sys
from xml.etree import ElementTree

import igraph
import networkx

from truth import Truth, fail, unspell

path = sys.argv[1]
truth = Truth("truth.json")

graph = networkx.read_graphml(path)
if not graph.is_multigraph() or graph.is_directed():
    fail("NetworkX: parallel edges or their lack of direction got lost")
desc = ElementTree.parse(path).find("{*}graph/{*}desc").text
if "percentile=0" not in desc or "291 subjects" not in desc:
    fail(f"the graph says {desc!r}")
names = {key: data["name"] for key, data in graph.nodes(data=True)}
for key, data in graph.nodes(data=True):
    data["key"] = key
    for visual, kind in (("label", str), ("r", int), ("g", int), ("b", int), ("x", float), ("y", float), ("size", float)):
        if type(data[visual]) is not kind:
            fail(f"NetworkX: {visual} of {key!r} is {data[visual]!r}")


def ends(a, b):
    return (names[a], names[b]) if a.startswith("user:") else (names[b], names[a])


print("NetworkX: ", end="")
truth.compare_all([data for _, data in graph.nodes(data=True)],
                  [(*ends(a, b), data) for a, b, data in graph.edges(data=True)])

graph = igraph.Graph.Read_GraphML(path)  # all numbers are doubles there: no comparison of types
if graph.vcount() != len(truth.nodes) or graph.ecount() != len(truth.edges) or graph.is_directed():
    fail(f"igraph: {graph.vcount()} nodes, {graph.ecount()} edges")
for vertex in graph.vs:
    known = truth.by_name[vertex["kind"], unspell(vertex["name"])]
    if abs(vertex["score"] - known["score"]) > 1e-5 or vertex["degree"] != known["degree"]:
        fail(f"igraph: node {vertex['id']!r}")
print(f"igraph: {graph.vcount()} nodes and {graph.ecount()} edges")
