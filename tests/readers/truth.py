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
SHIPPED = {  # colours of tags, as docs/FORMATS.md has them
    "account_farm": "6040c0", "account_takeover": "c02000", "card_testing": "ff6000", "collusion": "2000a0",
    "device_farm": "0080a0", "mule_fan_in_out": "600060", "promo_abuse": "e000ff", "refund_abuse": "60a080",
    "review_farm": "ffc080", "self_dealing": "800000", "unknown_pattern": "804060", "velocity_bot": "e080ff"}
TIMES = ("first_seen", "last_seen", "suppression_expires")
LEVELS = ("", ", top 10 %", ", top 1 %", ", top 0.1 %")
UNTAGGED = {"user": ("b9c0c8", "e8a93b", "dd5a2b", "a50f23"), "entity": ("a8c6de", "5f9fd3", "2f6db5", "1b2f7f"),
            "edge": ("d3d7db", "e8c485", "dd8a6b", "b03a48")}
UNTAGGED |= {"shop": UNTAGGED["entity"], "device": ("bfe0d0", "7fc4a4", "3e9e78", "14613f"), "card": ("d6c7e6", "ae8fd0", "7e55b0", "4c2580")}
SHAPES = {"user": "circle", "entity": "square", "shop": "square", "device": "triangle", "card": "diamond"}


def fail(text):
    print(f"FAILED: {text}", file=sys.stderr)
    sys.exit(1)


def skip(text):
    print(f"SKIP: {text}", file=sys.stderr)
    sys.exit(77)


def unspell(text):
    """The bytes that extract_text.c spelled: \\u{1B} is a character, \\x{FF} a byte."""
    raw = text if isinstance(text, bytes) else text.encode("utf-8")
    return SPELLED.sub(
        lambda m: bytes([int(m[2], 16)]) if m[1] == b"x" else chr(int(m[2], 16)).encode("utf-8"), raw)


def key_of(kind, name):
    """The node's key: bytes that no name token holds become :HH."""
    return kind + ":" + re.sub(rb"[^A-Za-z0-9._-]", lambda m: b":%02X" % m[0][0], name).decode("ascii")


def color_of_tag(name):
    """Types of a user's own: a shipped one's colour, chosen by a hash of the name, darker."""
    shipped = SHIPPED.get(name.decode("utf-8", "replace"))
    if shipped:
        return "#" + shipped
    hashed = 2166136261
    for byte in name:
        hashed = (hashed ^ byte) * 16777619 % 2**32
    base = bytes.fromhex(SHIPPED[sorted(SHIPPED)[hashed % len(SHIPPED)]])
    return "#" + bytes(part * 6 // 10 for part in base).hex()


def label_of_tag(name):
    """The label that Neo4j has for a tag."""
    return "".join(word[:1].upper() + word[1:] for word in re.sub(rb"[^A-Za-z0-9]", b" ", name).decode("ascii").split())


def tag_words(name):
    """A tag's type, for people to read; these scores have no parts, which would name the kind of anomaly."""
    return b"unknown pattern" if name == b"unknown_pattern" else name


def evidence_text(item):
    """All evidence of an item, as rf_why_tags words it."""
    texts = []
    for tag in item["tags"]:
        text = tag_words(tag["type"])
        if "on_edge_to" in tag:
            text += b" on an edge to " + tag["on_edge_to"]
        for i, signal in enumerate(tag["evidence"]):
            text += (b"; " if i else b": ") + signal["words"]
            if "observed" not in signal:
                text += b" unknown"
                continue
            side = "above" if signal["observed"] > signal["threshold"] else "below"
            rank = f", percentile {signal['percentile']:.4g}" if "percentile" in signal else ""
            text += f" {signal['observed']:.4g} ({side} {signal['threshold']:.4g}{rank})".encode("ascii")
        texts.append(text)
    return b" | ".join(texts)


def float32(value):
    return struct.unpack("f", struct.pack("f", value))[0]


def microseconds(value):
    if isinstance(value, int):
        return value
    moment = datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
    return round((moment - EPOCH) / datetime.timedelta(microseconds=1))


def from_hex(data):
    """Turns texts back into bytes, at any depth."""
    for item in data if isinstance(data, list) else data.values():
        if isinstance(item, (list, dict)):
            from_hex(item)
    if isinstance(data, dict):
        for key in ("name", "user", "entity", "event_id", "feature", "type", "words", "on_edge_to", "reason", "author", "why"):
            if isinstance(data.get(key), str):
                data[key] = bytes.fromhex(data[key])


class Truth:
    def __init__(self, path):
        with open(path, encoding="ascii") as file:
            data = json.load(file)
        from_hex(data)
        self.nodes, self.edges, self.kinds = data["nodes"], data["edges"], data["kinds"] or ["entity"]
        self.named = bool(data["kinds"])
        self.subjects = f"{len(self.nodes)} subjects"
        self.suppressed = {(s["kind"], s["name"]): s for s in data["suppressions"]}
        self.clusters = [{"id": c["id"], "dense": c["dense"], "significance": c["significance"], "change": c["change"],
                          "members": {(k, m["name"]) for k in ("user", *self.kinds) for m in c[k]}} for c in data["clusters"]]
        self.by_name = {(n["kind"], n["name"]): n for n in self.nodes}
        if len(self.by_name) != len(self.nodes):
            fail("the truth itself has two nodes of one id")

    # ---- one subject ----

    def expected(self, item, kind):
        """The attributes that the item must have; those that it must not have are None."""
        want = {k: item.get(k) for k in ("score", "percentile", "robust_z", "x_error", "events", "first_seen",
                                         "last_seen", "degree", "name", "kind", "event_id", "share_of_features",
                                         "share_of_edges", "share_of_structure") if k in item}
        want["why"] = item["why"] or None
        for time in ("first_seen", "last_seen"):
            want.setdefault(time, None)
        for r in range(REASON_COLUMNS):
            known = item["reasons"][r] if r < len(item["reasons"]) else None
            shown = known if known is not None and known["share"] > 0 else None
            want[f"reason_{r + 1}_feature"] = shown["feature"] if shown else None
            for part in ("observed", "expected", "share"):
                want[f"reason_{r + 1}_{part}"] = shown[part] if shown else None
        own = f"{item['of']}_edge" if kind == "edge" and self.named else kind
        for key, value in zip(FEATURE_KEYS[own], item["features"]):
            want[key] = value
        for other, keys in FEATURE_KEYS.items():
            if other != own and own.endswith("edge") == other.endswith("edge") and (
                    other == "user" or other.removesuffix("_edge") in self.kinds):
                want.update(dict.fromkeys(keys))
        if kind == "edge" and self.named:
            want["kind"] = item["of"]
        want.update(self.expected_case(item, kind))
        return want

    def look(self, item, kind):
        """What its colour says, and the colour."""
        if item["tags"]:
            return item["tags"][0]["type"], color_of_tag(item["tags"][0]["type"])
        level = sum(float32(item["percentile"]) >= float32(p) for p in (0.9, 0.99, 0.999))
        return (kind + LEVELS[level]).encode("ascii"), "#" + UNTAGGED[kind][level]

    def suppression(self, item, kind):
        """The entry that holds, and whether the entries take all tags. An edge has those of both ends, the one for all tags
        before the other."""
        keys = [(kind, item["name"])] if kind != "edge" else [("user", item["user"]), (item["of"], item["entity"])]
        entries = [self.suppressed[key] for key in keys if key in self.suppressed]
        whole = [entry for entry in entries if "types" not in entry]
        if not entries or whole:
            return (whole or [{}])[0], bool(whole)
        taken = {name.encode("ascii") for entry in entries for name in entry["types"].strip("|").split("|")}
        types = [tag["type"] for tag in item["tags"]]
        return entries[0], bool(types) and taken.issuperset(types)

    def is_suppressed(self, kind, name):
        return self.suppression(self.by_name[kind, name], kind)[1]

    def expected_case(self, item, kind):
        """Tags, clusters and suppressions."""
        tags = item["tags"]
        types = list(dict.fromkeys(tag["type"] for tag in tags))
        want = {"look": self.look(item, kind)[0],
                "tag": types[0] if tags else None,
                "tag_confidence": tags[0]["confidence"] if tags else None,
                "tags": b"; ".join(tag_words(t["type"]) + f" ({t['confidence']:.2f})".encode("ascii") for t in tags) or None,
                "tag_types": types or None,
                "evidence": evidence_text(item) or None}
        ends = {(kind, item["name"])} if kind != "edge" else {("user", item["user"]), (item["of"], item["entity"])}
        found = [c for c in self.clusters if c["members"] and ends <= c["members"]]
        cluster = next((c for c in found if not c["dense"]), {})
        want["cluster"] = cluster["id"].encode("ascii") if cluster else None
        want["cluster_change"] = cluster["change"].encode("ascii") if cluster else None
        want["dense_block"] = next((c["id"].encode("ascii") for c in found if c["dense"]), None)
        want["dense_block_significance"] = next((c["significance"] for c in found if c["dense"]), None)
        suppression, want["suppressed"] = self.suppression(item, kind)
        want["suppression_reason"] = suppression.get("reason")
        want["suppression_author"] = suppression.get("author")
        want["suppression_expires"] = suppression.get("expires")
        want["suppression_types"] = "; ".join(suppression["types"].strip("|").split("|")).encode("ascii") if "types" in suppression else None
        return want

    def compare(self, item, kind, have, where, texts_only=False):
        for key, value in self.expected(item, kind).items():
            got = have.get(key)
            if self.drops_blank and got is None and isinstance(value, bytes) and (
                    not value.strip() or value.lower() == b"null"):
                continue
            if isinstance(value, bool):
                if got is not value and not (texts_only and got == str(value).lower()):
                    fail(f"{where}: {key} is {got!r}, not {value!r}")
                continue
            if isinstance(value, list):
                items = got if isinstance(got, list) else unspell(got or "").split(b";")  # see docs/FORMATS.md
                if [unspell(i) for i in items] != value:
                    fail(f"{where}: {key} is {got!r}, not {value!r}")
                continue
            if texts_only and got is not None and not isinstance(value, bytes) and key != "kind":
                got = float(got) if key not in TIMES else got
            if value is None or got is None:
                if value is not None or got is not None:
                    fail(f"{where}: {key} is {got!r}, not {value!r}")
            elif isinstance(value, bytes):
                if unspell(got) != value:
                    fail(f"{where}: {key} is {got!r}, not {value!r}")
            elif key == "kind":
                if got != value:
                    fail(f"{where}: kind is {got!r}, not {value!r}")
            elif key in TIMES:
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

    def compare_all(self, nodes, edges, texts_only=False, drops_blank=False):
        """nodes: attribute dictionaries; edges: (user's name, entity's name, attributes). texts_only: of a format without
        types; drops_blank: of a program that takes a blank text, or the word null, for none."""
        self.drops_blank = drops_blank
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
        by_event = {(e["user"], e["of"], e["entity"], e["event_id"]): e for e in self.edges}
        if len(by_event) != len(self.edges):
            fail("the truth itself has two edges of one event")
        for user, entity, have in edges:
            key = (unspell(user), have.get("kind", "entity"), unspell(entity), unspell(have["event_id"]))
            if key not in by_event:
                fail(f"edge {key}: unknown, or read twice")
            self.compare(by_event.pop(key), "edge", have, f"edge {key}", texts_only)
        print(f"{len(nodes)} nodes and {len(edges)} edges, every attribute as in the source")


# keys of the features that make_exports.c's graph has, in the order of its columns
FEATURE_KEYS = {
    "user": ["user_amount____key__", "user__cmd__", "user_log1p_x"],
    "entity": ["entity_v_0", "entity_v_1"],
    "edge": ["edge_e_0", "edge_e_1"],
    "shop": ["shop_v_0", "shop_v_1"],
    "device": ["device_v_0", "device_v_1"],
    "card": ["card_v_0"],
    "shop_edge": ["shop_e_0", "shop_e_1"],
    "device_edge": ["device_e_0"],
    "card_edge": ["card_e_0", "card_e_1"],
}
