#!/usr/bin/env python3
"""validate_actions.py SCHEMA_FOLDER FILE...: checks every line of emitted action files.

Each line is an action, an alert that is gone, or a run.completed manifest, bare or as {"key", "headers", "value"}. Values are validated against
their JSON Schema; headers, counts, ranks, identities and order against what docs/FORMATS.md promises. Needs Python's
jsonschema (Debian: python3-jsonschema); without it exits with 77, which CTest shows as skipped.
"""
import json
import os
import sys

try:
    import jsonschema
except ImportError:
    print("SKIPPED: Python's jsonschema is not installed (apt install python3-jsonschema)", file=sys.stderr)
    sys.exit(77)

ACTION = "ringfence.action.v1"
CLEARED = "ringfence.cleared.v1"
MANIFEST = "ringfence.run.completed.v1"
HEADERS = {"ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time", "content-type"}


def validator(folder, name):
    with open(os.path.join(folder, name + ".schema.json"), encoding="utf-8") as file:
        schema = json.load(file)
    # Debian 12 has a jsonschema that knows draft 2020-12; older ones check what they understand of it
    kind = getattr(jsonschema, "Draft202012Validator", jsonschema.Draft7Validator)
    kind.check_schema(schema)
    return kind(schema)


def no_constants(name):
    raise ValueError(name + " is no JSON")


class Checker:
    def __init__(self, folder):
        self.validators = {name: validator(folder, name) for name in (ACTION, CLEARED, MANIFEST)}
        self.problems = []

    def check(self, ok, where, what):
        if not ok:
            self.problems.append("%s: %s" % (where, what))

    def check_headers(self, where, message):
        value, headers = message["value"], message["headers"]
        self.check(set(message) == {"key", "headers", "value"}, where, "envelope has keys %s" % sorted(message))
        self.check(set(headers) == HEADERS, where, "headers are %s" % sorted(headers))
        self.check(all(isinstance(text, str) for text in headers.values()), where, "a header is no string")
        self.check(headers.get("ce_specversion") == "1.0", where, "ce_specversion is not 1.0")
        self.check(headers.get("ce_id") == value.get("id"), where, "ce_id is not the value's id")
        self.check(headers.get("ce_type") == value.get("schema"), where, "ce_type is not the value's schema")
        self.check(headers.get("ce_time") == value.get("emitted_at"), where, "ce_time is not emitted_at")
        self.check(headers.get("content-type") == "application/json", where, "content-type")
        kind = "run" if value.get("kind") == "run.completed" else value.get("kind")
        self.check(headers.get("ce_subject") == "%s/%s" % (kind, message["key"]), where, "ce_subject and key differ")

    def check_value(self, where, value):
        name = value.get("schema")
        if name not in self.validators:
            self.check(False, where, "schema is %r" % name)
            return
        for error in self.validators[name].iter_errors(value):
            path = "/".join(str(part) for part in error.absolute_path)
            self.check(False, where, "%s: %s" % (path, error.message))

    def check_shares(self, where, value):
        """What adds up to one: parts; reasons and their rest. Edges and their rest are the parts' edges and structure."""
        def near(a, b):
            return abs(a - b) < 1e-5  # shares are written as floats

        if value["kind"] not in ("user", "entity", "edge"):
            return
        parts = value["parts"]
        self.check(near(sum(parts.values()), 1), where, "the parts' sum is %s" % sum(parts.values()))
        features = sum(reason["share"] for reason in value["reasons"]) + value["reasons_rest"]
        self.check(near(features, 1), where, "the reasons' sum is %s" % features)
        if "edges" in value:
            edges = sum(edge["share"] for edge in value["edges"]) + value["edges_rest"]
            self.check(near(edges, parts["edges"] + parts["structure"]), where, "the edges' sum is %s" % edges)

    def check_order(self, path, values, without_message):
        """Kinds in blocks, entities and edges kind by kind, worst first, ranks that follow the scores, identities that never repeat. Where subjects have no
        message (suppressed, inside a cluster, over the budget), or clusters have nobody flagged, ranks have gaps."""
        before = None
        kinds = [value.get("kind") for value in values]
        order = [kind for i, kind in enumerate(kinds) if i == 0 or kinds[i - 1] != kind]
        self.check(len(order) == len(set(order)), path, "kinds are mixed: %s" % order)
        for at, value in enumerate(values):
            where = "%s:%d" % (path, at + 1)
            side = (value["kind"], value.get("entity_kind"))
            if before is not None and (before["kind"], before.get("entity_kind")) == side:
                self.check(value["score"] <= before["score"], where, "scores rise")
                same = value["score"] == before["score"]
                self.check((value["rank"] == before["rank"]) == (same and value["kind"] != "cluster"), where,
                           "ranks do not follow the scores")
            elif without_message == 0 and value["kind"] != "cluster":
                self.check(value["rank"] == 1, where, "the first of its kind has rank %s" % value["rank"])
            before = value
        ids = [value["id"] for value in values]
        self.check(len(ids) == len(set(ids)), path, "ids repeat")

    def check_file(self, path):
        with open(path, encoding="utf-8", newline="\n") as file:
            lines = file.read().split("\n")
        self.check(lines[-1] == "", path, "the last line does not end")
        values = []
        for at, line in enumerate(lines[:-1]):
            where = "%s:%d" % (path, at + 1)
            message = json.loads(line, parse_constant=no_constants)
            if "value" in message:
                self.check_headers(where, message)
            values.append(message.get("value", message))
            self.check_value(where, values[-1])
        if self.problems:
            return 0
        manifest, actions = values[-1], [value for value in values[:-1] if value["schema"] == ACTION]
        gone = values[len(actions):-1]
        self.check(all(value["schema"] == CLEARED for value in gone), path, "alerts that are gone are not between actions and manifest")
        changes = manifest["changes"]
        self.check(changes["gone"] == len(gone), path, "%d alerts are gone, the manifest says %s" % (len(gone), changes["gone"]))
        for change in ("new", "worse"):
            found = sum(value["change"] == change for value in actions)
            self.check(changes[change] == found, path, "%d alerts are %s, the manifest says %s" % (found, change, changes[change]))
        self.check(len({value["alert_id"] for value in actions + gone}) == len(actions + gone), path, "alert_ids repeat")
        for at, value in enumerate(actions):
            self.check_shares("%s:%d" % (path, at + 1), value)
        self.check(manifest["kind"] == "run.completed", path, "the last line is no manifest")
        for kind, count in manifest["actions"].items():
            found = sum(value["kind"] == kind for value in actions)
            self.check(found == count, path, "%d messages of kind %s, the manifest says %s" % (found, kind, count))
        self.check(len({value["run_id"] for value in values}) == 1, path, "run_ids differ")
        self.check(manifest["budget"] == 0 or len(actions) <= manifest["budget"], path, "more messages than the budget")
        self.check_order(path, actions, sum(manifest.get(key, 0) for key in ("suppressed", "inside", "over_budget", "passed_over")) + changes["same"])
        return len(values)


def main():
    if len(sys.argv) < 3:
        print(__doc__.split("\n")[0], file=sys.stderr)
        return 2
    checker = Checker(sys.argv[1])
    for path in sys.argv[2:]:
        print("%s: %d messages valid" % (path, checker.check_file(path)))
    for problem in checker.problems[:20]:
        print(problem, file=sys.stderr)
    return 1 if checker.problems else 0


if __name__ == "__main__":
    sys.exit(main())
