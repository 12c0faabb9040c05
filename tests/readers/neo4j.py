"""What Neo4j holds after the import (Neo4jDump.java): neo4j.py DUMP.jsonl, with truth.json beside it."""

import json
import sys

from truth import TIMES, Truth, fail, label_of_tag, unspell


def text(hexed):
    return bytes.fromhex(hexed).decode("utf-8")



TYPES = {"Boolean": {"74727565": True, "66616c7365": False}.get, "String[]": lambda items: [unspell(text(i)) for i in items],
         "String": text, "Long": int, "Double": float,
         "ZonedDateTime": lambda hexed: text(hexed).removesuffix("[UTC]")}
truth = Truth("truth.json")


def properties(item):
    have = {}
    for key, typed in item["properties"].items():
        (kind, value), = typed.items()
        if kind not in TYPES or (kind == "ZonedDateTime") != (key in TIMES) or (kind == "String[]") != (key == "tag_types"):
            fail(f"{key} is a {kind}")
        have[key] = TYPES[kind](value)
    return have


nodes, edges = {}, []
for line in open(sys.argv[1], encoding="ascii"):
    item = json.loads(line)
    have = properties(item)
    if "node" in item:
        known = truth.by_name[have["kind"], unspell(have["name"])]
        labels = {"User" if have["kind"] == "user" else "Entity", "Subject"} | {label_of_tag(t["type"]) for t in known["tags"]}
        if truth.named and have["kind"] != "user":
            labels.add(have["kind"].capitalize())
        if set(item["labels"]) != labels | ({"Suppressed"} if have["suppressed"] else set()):
            fail(f"{have['name']!r} has the labels {item['labels']}")
        if have["label"][:1] in ("=", "+", "-", "@"):
            fail(f"a spreadsheet would compute {have['label']!r}")
        nodes[item["node"]] = have
    else:
        met = "MET" if have.get("kind", truth.kinds[0]) == truth.kinds[0] else "MET_" + have["kind"].upper()
        if item["edge"] != met or nodes[item["from"]]["kind"] != "user" or nodes[item["to"]]["kind"] != have.get("kind", "entity"):
            fail(f"an edge {item['edge']} from {nodes[item['from']]['name']!r}")
        edges.append((nodes[item["from"]]["name"], nodes[item["to"]]["name"], have))
print("Neo4j: ", end="")
truth.compare_all(list(nodes.values()), edges)
rows = [int(line) for line in open(sys.argv[1] + ".queries", encoding="ascii")]
constraints = 1 + len(truth.kinds)
if any(rows[:constraints]) or len(rows) != 9 + constraints or min(rows[constraints:]) == 0:
    fail(f"the queries gave {rows} rows")
largest = max((c["members"] for c in truth.clusters if not c["dense"]), key=len)
within = sum({("user", edge["user"]), (edge["of"], edge["entity"])} <= largest for edge in truth.edges)
if rows[constraints + 3] != within:
    fail(f"the picture of a cluster has {rows[constraints + 3]} edges, not {within}")
print(f"Neo4j: the queries of queries.cypher give {rows[constraints:]} rows")
