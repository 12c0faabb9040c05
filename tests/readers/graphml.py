"""GraphML as NetworkX and igraph read it: graphml.py FILE, with truth.json beside it."""

import sys
from xml.etree import ElementTree

import igraph
import networkx

from truth import Truth, fail

path = sys.argv[1]
truth = Truth("truth.json")

graph = networkx.read_graphml(path)
if not graph.is_multigraph() or graph.is_directed():
    fail("NetworkX: parallel edges or their lack of direction got lost")
desc = ElementTree.parse(path).find("{*}graph/{*}desc").text
if "percentile=0" not in desc or truth.subjects not in desc:
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



def there(item, key=None):
    """igraph's attributes without those that are absent; all numbers are doubles there."""
    have = {k: v for k, v in item.attributes().items() if v == v and v != ""}
    have.setdefault("name" if key else "event_id", "")
    return {**have, "key": key}


graph = igraph.Graph.Read_GraphML(path)
if graph.is_directed():
    fail("igraph: the edges have a direction")
for item in truth.nodes + truth.edges:
    item["events"] = int(float(item["events"]))
vertices = [there(vertex, vertex["id"]) for vertex in graph.vs]
edges = []
for edge in graph.es:
    a, b = vertices[edge.source], vertices[edge.target]
    user, entity = (a, b) if a["kind"] == "user" else (b, a)
    edges.append((user["name"], entity["name"], there(edge)))
print("igraph: ", end="")
truth.compare_all(vertices, edges, texts_only=True, drops_blank=True)
