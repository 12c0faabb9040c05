"""What an export must say, and the comparison with what a program read from it.

A reader hands over nodes and edges as dictionaries; texts as str (or bytes), numbers as int or float, times as int
(microseconds) or ISO 8601. Every attribute of every node and edge is compared, by value and by type.
"""

import datetime
import json
import re
import struct
import sys

SPELLED = re.compile(rb"\\(u|x)\{([0-9A-F]+)\}")
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
REASON_COLUMNS = 3


def fail(text):
    print(f"FAILED: {text}", file=sys.stderr)
    sys.exit(1)


def skip(text):
    print(f"SKIP: {text}", file=sys.stderr)
    sys.exit(77)


def unspell(text):
    """The bytes that plain_text.c spelled: \\u{1B} is a character, \\x{FF} a byte."""
    raw = text if isinstance(text, bytes) else text.encode("utf-8")
    return SPELLED.sub(
        lambda m: bytes([int(m[2], 16)]) if m[1] == b"x" else chr(int(m[2], 16)).encode("utf-8"), raw)


def key_of(kind, name):
    """The node's key: bytes that no name token holds become :HH."""
    return kind + ":" + re.sub(rb"[^A-Za-z0-9._-]", lambda m: b":%02X" % m[0][0], name).decode("ascii")


def float32(value):
    return struct.unpack("f", struct.pack("f", value))[0]


def microseconds(value):
    if isinstance(value, int):
        return value
    moment = datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
    return round((moment - EPOCH) / datetime.timedelta(microseconds=1))


class Truth:
    def __init__(self, path):
        with open(path, encoding="ascii") as file:
            data = json.load(file)
        self.nodes, self.edges = data["nodes"], data["edges"]
        for item in self.nodes + self.edges:
            for key in ("name", "user", "entity", "event_id"):
                if key in item:
                    item[key] = bytes.fromhex(item[key])
        self.by_name = {(n["kind"], n["name"]): n for n in self.nodes}
        if len(self.by_name) != len(self.nodes):
            fail("the truth itself has two nodes of one id")

    # ---- one subject ----

    def expected(self, item, kind):
        """The attributes that the item must have; those that it must not have are None."""
        want = {k: item.get(k) for k in ("score", "percentile", "robust_z", "x_error", "events", "first_seen",
                                         "last_seen", "degree", "name", "kind", "event_id") if k in item}
        for time in ("first_seen", "last_seen"):
            want.setdefault(time, None)
        for r in range(REASON_COLUMNS):
            known = item["reasons"][r] if r < len(item["reasons"]) else None
            shown = known if known is not None and known["share"] > 0 else None
            feature = bytes.fromhex(shown["feature"]) if shown else None
            want[f"reason_{r + 1}_feature"] = feature
            for part in ("observed", "expected", "share"):
                want[f"reason_{r + 1}_{part}"] = shown[part] if shown else None
        for key, value in zip(FEATURE_KEYS[kind], item["features"]):
            want[key] = value
        for other, keys in FEATURE_KEYS.items():
            if other != kind and (kind == "edge") == (other == "edge"):
                want.update(dict.fromkeys(keys))
        return want

    def compare(self, item, kind, have, where, texts_only=False):
        for key, value in self.expected(item, kind).items():
            got = have.get(key)
            if texts_only and got is not None and not isinstance(value, bytes) and key != "kind":
                got = float(got) if not key.endswith("_seen") else got
            if value is None or got is None:
                if value is not None or got is not None:
                    fail(f"{where}: {key} is {got!r}, not {value!r}")
            elif isinstance(value, bytes):
                if unspell(got) != value:
                    fail(f"{where}: {key} is {got!r}, not {value!r}")
            elif key == "kind":
                if got != value:
                    fail(f"{where}: kind is {got!r}, not {value!r}")
            elif key.endswith("_seen"):
                if microseconds(got) != value:
                    fail(f"{where}: {key} is {got!r}, not {value}")
            elif key in ("events", "degree"):
                if not texts_only and not (isinstance(got, int) and got == value):
                    fail(f"{where}: {key} is {got!r}, not the whole number {value}")
                if texts_only and int(have[key]) != value:
                    fail(f"{where}: {key} is {have[key]!r}, not {value}")
            elif not isinstance(got, float) and not (texts_only or isinstance(got, int)):
                fail(f"{where}: {key} is {got!r}, no number")
            elif float32(got) != float32(value):
                fail(f"{where}: {key} is {got!r}, not {value!r}")
        if item["reasons"] and item["reasons"][0]["share"] > 0 and " instead of " not in str(have.get("reasons")):
            fail(f"{where}: reasons is {have.get('reasons')!r}")
        if kind == "edge" and not abs(float(have["probability"]) - item["probability"]) < 1e-6:
            fail(f"{where}: probability is {have['probability']!r}, not {item['probability']}")

    # ---- all ----

    def compare_all(self, nodes, edges, texts_only=False):
        """nodes: attribute dictionaries; edges: (user's name, entity's name, attributes)."""
        if len(nodes) != len(self.nodes):
            fail(f"{len(nodes)} nodes were read, not {len(self.nodes)}")
        if len(edges) != len(self.edges):
            fail(f"{len(edges)} edges were read, not {len(self.edges)}")
        seen = set()
        for have in nodes:
            key = (have["kind"], unspell(have["name"]))
            if key not in self.by_name or key in seen:
                fail(f"node {key}: unknown, or read twice")
            seen.add(key)
            if have["key"] != key_of(*key):
                fail(f"node {key}: its key is {have['key']!r}")
            if have["role"] != "subject":
                fail(f"node {key}: role is {have['role']!r}")
            self.compare(self.by_name[key], key[0], have, f"node {key}", texts_only)
        by_event = {(e["user"], e["entity"], e["event_id"]): e for e in self.edges}
        if len(by_event) != len(self.edges):
            fail("the truth itself has two edges of one event")
        for user, entity, have in edges:
            key = (unspell(user), unspell(entity), unspell(have["event_id"]))
            if key not in by_event:
                fail(f"edge {key}: unknown, or read twice")
            self.compare(by_event.pop(key), "edge", have, f"edge {key}", texts_only)
        print(f"{len(nodes)} nodes and {len(edges)} edges, every attribute as in the source")


# keys of the features that make_exports.c's graph has, in the order of its columns
FEATURE_KEYS = {
    "user": ["user_amount____key__", "user__cmd__", "user_log1p_x"],
    "entity": ["entity_v_0", "entity_v_1"],
    "edge": ["edge_e_0", "edge_e_1"],
}
