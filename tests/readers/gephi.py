"""What Gephi made of GraphML and GEXF (GephiDump.java): gephi.py GRAPHML.jsonl GEXF.jsonl, with truth.json beside them."""

import json
import sys

from truth import Truth, fail, key_of, microseconds, unspell

truth = Truth("truth.json")
keys = {key_of(kind, name): name for kind, name in truth.by_name}
first = {kind: next((i for i, edge in enumerate(truth.edges) if edge["of"] == kind), 0) for kind in truth.kinds}


def text(hexed):
    return bytes.fromhex(hexed).decode("utf-8")


def value_of(typed):
    (kind, value), = typed.items()
    if kind == "String":
        return text(value)
    if kind in ("Long", "Integer"):
        return int(text(value))
    if kind == "Boolean":
        return {"true": True, "false": False}[text(value)]
    return value


def edge_of(name):
    """"e12" is an edge of the main kind, "device_e12" one of another."""
    kind, _, row = name.rpartition("e")
    return truth.edges[first[kind.rstrip("_") or truth.kinds[0]] + int(row)]


def give_back(have, item):
    """Gephi has no text that is blank or the word null; the key of a node (and an edge's number) still tells it apart."""
    key = "name" if "node" in item else "event_id"
    if key in have:
        return
    known = keys[text(item["node"])] if "node" in item else edge_of(text(item["edge"]))["event_id"]
    if known.strip() and known.lower() != b"null":
        fail(f"Gephi lost {known!r}")
    have[key] = known.decode("ascii")


def judge(path, timed):
    nodes, edges, times = {}, [], 0
    for line in open(path, encoding="ascii"):
        item = json.loads(line)
        if "issue" in item:
            level, message = item["issue"].split(" ")
            if level in ("WARNING", "SEVERE", "CRITICAL"):
                fail(f"{path}: Gephi says {level}: {text(message)}")
            continue
        attributes = item["attributes"]
        interval = attributes.pop("Interval", None)
        have = {key: value_of(typed) for key, typed in attributes.items()}
        for key, typed in attributes.items():
            if next(iter(typed)) not in ("String", "Long", "Double", "Boolean"):
                fail(f"{path}: {key} is a {next(iter(typed))}")
        if timed and "first_seen" in have:
            times += 1
            want = [microseconds(have[t]) // 1000 for t in ("first_seen", "last_seen")]
            if [interval["from"], interval["to"]] != want:
                fail(f"{path}: {interval} on the timeline, not {want}")
        elif interval is not None:
            fail(f"{path}: a time out of nothing: {interval}")
        give_back(have, item)
        if "node" in item:
            have["key"] = text(item["node"])
            nodes[have["key"]] = have
            if not text(item["label"]) and have["name"] not in ("", "\u200e") or item["size"] < 12:
                fail(f"{path}: the node {have['key']} has label {item['label']}, size {item['size']}")
            known = truth.by_name[have["kind"], unspell(have["name"])]
            if "#" + bytes((item["r"], item["g"], item["b"])).hex() != truth.look(known, have["kind"])[1]:
                fail(f"{path}: the node {have['key']} has the colour {item['r'], item['g'], item['b']}")
            if timed and (item["alpha"] < 0.5) != have["suppressed"]:
                fail(f"{path}: the node {have['key']} has the alpha {item['alpha']}")
        else:
            if item["directed"] or item["weight"] not in (1, 2, 3.5, 5):
                fail(f"{path}: edge {item['edge']}: directed {item['directed']}, weight {item['weight']}")
            edges.append((nodes[text(item["source"])], nodes[text(item["target"])], have))
    if len({(n["kind"], n["name"]) for n in nodes.values()}) != len(nodes):
        fail(f"{path}: nodes fell together")
    print(f"Gephi, {path}: ", end="")
    pairs = []
    for a, b, have in edges:
        user, entity = (a, b) if a["kind"] == "user" else (b, a)
        pairs.append((user["name"], entity["name"], have))
    truth.compare_all(list(nodes.values()), pairs, drops_blank=True)
    if timed:
        if times == 0:
            fail(f"{path}: nothing is on the timeline")
        print(f"Gephi, {path}: {times} times on the timeline")


judge(sys.argv[1], timed=False)
judge(sys.argv[2], timed=True)
