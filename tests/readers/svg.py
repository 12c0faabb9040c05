"""SVG as an XML reader sees it: svg.py FILE, with truth.json beside it."""

import re
import sys
from xml.etree import ElementTree

from truth import SHAPES, Truth, fail, unspell

SVG = "{http://www.w3.org/2000/svg}"
DRAWN = {SVG + name for name in ("svg", "rect", "circle", "polygon", "path", "text", "title")}

truth = Truth("truth.json")
root = ElementTree.parse(sys.argv[1]).getroot()

# nothing that runs or is fetched, whatever the ids say
for element in root.iter():
    if element.tag not in DRAWN:
        fail(f"there is a {element.tag}")
    for name, value in element.attrib.items():
        if name.startswith("on") or "href" in name or name in ("style", "class"):
            fail(f"{element.tag} has {name}")
        if not name.startswith("data-") and ("url(" in value or ":" in value and name != "id"):
            fail(f"{element.tag} has {name}={value!r}")


def item_of(element):
    return {name[5:]: value for name, value in element.attrib.items() if name.startswith("data-")}


width, height = (float(root.get(name)) for name in ("width", "height"))
if root.get("viewBox") != f"0 0 {width:.0f} {height:.0f}":
    fail(f"viewBox is {root.get('viewBox')!r}")
nodes, edges, drawn = {}, [], []
for element in root:
    if element.get("id") is None:
        continue
    drawn.append(element.tag[len(SVG):])
    item = item_of(element)
    if element.tag == SVG + "path":
        edges.append((element, item))
        continue
    item["key"] = element.get("id")
    nodes[item["key"]] = item
    kind, known = item["kind"], truth.by_name[item["kind"], unspell(item["name"])]
    if element.tag != SVG + {"circle": "circle", "square": "rect"}.get(SHAPES[kind], "polygon"):
        fail(f"{item['key']} is a {element.tag}")
    if element.get("fill") != truth.look(known, kind)[1]:
        fail(f"{item['key']} has the colour {element.get('fill')}")
    if (element.get("stroke-dasharray") is not None) != (item["suppressed"] == "true"):
        fail(f"{item['key']} has a border {element.get('stroke-dasharray')}")
    if element.tag == SVG + "polygon":
        corners = [tuple(map(float, corner.split(","))) for corner in element.get("points").split(" ")]
        x, y = (sum(corner[c] for corner in corners) / len(corners) for c in (0, 1))
        if len(corners) != {"triangle": 3, "diamond": 4}[SHAPES[kind]]:
            fail(f"{item['key']} has {len(corners)} corners")
    else:
        x, y = (float(element.get(name)) for name in (("cx", "cy") if kind == "user" else ("x", "y")))
    if not (0 < x < width and 0 < y < height):
        fail(f"{item['key']} is at {x}, {y} of {width}, {height}")
    if not element.find(SVG + "title").text.startswith(item["name"]):
        fail(f"the tooltip of {item['key']} is {element.find(SVG + 'title').text!r}")
if drawn != sorted(drawn, key=lambda tag: tag != "path"):
    fail("an edge lies on a node")

triples = []
for element, item in edges:
    user, entity = nodes[item.pop("source")], nodes[item.pop("target")]
    if not re.fullmatch(r"M[-\d. ]+[QC][-\d. ]+", element.get("d")):
        fail(f"an edge is drawn as {element.get('d')}")
    item.setdefault("event_id", "")
    triples.append((user["name"], entity["name"], item))
print("SVG: ", end="")
truth.compare_all(list(nodes.values()), triples, texts_only=True)

texts = [element.text or "" for element in root.findall(SVG + "text")]
shapes = "Users are circles, shops squares, devices triangles, cards diamonds" if truth.named else "Users are round, entities square"
for part in ("ringfence: percentile=0", truth.subjects, shapes, "The highest edges"):
    if not any(part in text for text in texts):
        fail(f"no text says {part!r}")
if not any(text.startswith("promo_abuse (") for text in texts):
    fail("the legend lacks promo_abuse")
if any(re.search("[\x00-\x1f\u202a-\u202e\u2066-\u2069]", text) for text in texts):
    fail("a text that is drawn has control characters or turns its direction")
