"""eval_tags.py FOLDER…: compares tags with the truth of simulated orders (scripts/eval-tags.sh makes the folders).

A subject has the type of its label in the graph (/u/y and /u/fraud_type: more than graph.label_share of its events). A tagged subject
of another type, and one with too few fraudulent events for a label, counts against precision. An innocent look-alike is a user with an event
that imitates a fraud and with no fraudulent event.
"""
import argparse
import json
import os
import sys

import h5py
import numpy as np

SIDES = {"u": "users", "v": "entities", "e": "edges"}
# frauds whose merchant is part of them, so that its tag is judged too
COMPLICIT = ("collusion", "mule_fan_in_out", "review_farm", "self_dealing")


def ranks(x):
    """Mid-ranks from 1 on."""
    _, where, count = np.unique(x, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return (last - (count - 1) / 2)[where]


def areas(score, positive):
    """Area under the ROC curve, and average precision with ties taken together; None where a class is empty."""
    n, p = len(score), int(positive.sum())
    if p == 0 or p == n:
        return None, None
    roc = (ranks(score)[positive].sum() - p * (p + 1) / 2) / (p * (n - p))
    order = np.argsort(-score, kind="stable")
    s, hit = score[order], np.cumsum(positive[order])
    ends = np.append(np.nonzero(np.diff(s))[0], n - 1)
    recall = hit[ends] / p
    return float(roc), float(np.sum(np.diff(recall, prepend=0.0) * hit[ends] / (ends + 1)))


def ratio(a, b):
    return float(a) / float(b) if b else None


class Run:
    """One scored and tagged graph with its truth."""

    def __init__(self, folder):
        self.name = os.path.basename(os.path.normpath(folder)).replace("seed-", "")
        with h5py.File(os.path.join(folder, "graph.h5")) as graph, h5py.File(os.path.join(folder, "scores.h5")) as scores:
            types = [t.decode() for t in graph["fraud_types"][:]]
            rule_type = np.array([t.decode() for t in scores["tags/rule_type"][:]], dtype=object)
            self.types = sorted(t for t in types if t)
            self.user = {name.decode(): row for row, name in enumerate(graph["u/id"][:])}
            self.y, self.type, self.score, self.tagged = {}, {}, {}, {}
            for side in SIDES:
                self.y[side] = graph[side]["y"][:] == 1
                self.type[side] = np.array(types, dtype=object)[graph[side]["fraud_type"][:]]
                self.score[side] = scores[side]["score"][:].astype(float)
                self.tagged[side] = self.read_tags(scores[side], rule_type, len(self.y[side]))
        self.read_look_alikes(os.path.join(folder, "events.jsonl"))

    def read_tags(self, group, rule_type, n):
        """type -> which rows have it."""
        rows = np.repeat(np.arange(n), np.diff(group["tag_ptr"][:]))
        names = rule_type[group["tag_rule"][:]]
        tagged = {}
        for name in set(names):
            tagged[name] = np.zeros(n, dtype=bool)
            tagged[name][rows[names == name]] = True
        return tagged

    def read_look_alikes(self, path):
        n = len(self.user)
        self.look_alike, fraudulent = {}, np.zeros(n, dtype=bool)
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                if '"label":0' in line and '"look_alike":""' in line:
                    continue
                event = json.loads(line)
                row = self.user.get(event["user"])
                if row is None:  # not in the window
                    continue
                if event["label"]:
                    fraudulent[row] = True
                else:
                    self.look_alike.setdefault(event["look_alike"], np.zeros(n, dtype=bool))[row] = True
        for who in self.look_alike.values():
            who &= ~fraudulent

    def tags(self, side, kind):
        return self.tagged[side].get(kind, np.zeros(len(self.y[side]), dtype=bool))

    def named(self, side):
        """Which subjects have any tag but unknown_pattern."""
        held = [t for kind, t in self.tagged[side].items() if kind != "unknown_pattern"]
        return np.logical_or.reduce(held) if held else np.zeros(len(self.y[side]), dtype=bool)

    def judge(self, side, kind):
        tagged, y = self.tags(side, kind), self.y[side]
        true = y & (self.type[side] == kind)
        roc, pr = areas(self.score[side][true | ~y], true[true | ~y])
        return {"seed": self.name, "type": kind, "n": int(true.sum()), "tagged": int(tagged.sum()), "hits": int((tagged & true).sum()),
                "precision": ratio((tagged & true).sum(), tagged.sum()), "recall": ratio((tagged & true).sum(), true.sum()),
                "roc_auc": roc, "pr_auc": pr}

    def judge_look_alikes(self, kind):
        who = self.look_alike.get(kind)
        n = 0 if who is None else int(who.sum())
        tagged = 0 if who is None else int((who & self.named("u")).sum())
        same = 0 if who is None else int((who & self.tags("u", kind)).sum())
        return {"seed": self.name, "type": kind, "n": n, "tagged": tagged, "tagged_as_it": same, "share": ratio(tagged, n)}

    def judge_all_look_alikes(self):
        who = np.logical_or.reduce(list(self.look_alike.values())) if self.look_alike else np.zeros(len(self.user), dtype=bool)
        innocent = ~self.y["u"]
        unknown = self.tags("u", "unknown_pattern")
        return {"seed": self.name, "n": int(who.sum()), "tagged": int((who & self.named("u")).sum()),
                "share": ratio((who & self.named("u")).sum(), who.sum()), "unknown_pattern": int((who & unknown).sum()),
                "innocents": int(innocent.sum()), "innocents_tagged": int((innocent & self.named("u")).sum())}


def text(value, digits=3):
    return "-" if value is None else f"{value:.{digits}f}"


def table(title, head, rows):
    cells = [head] + [[str(c) for c in row] for row in rows]
    width = [max(len(row[i]) for row in cells) for i in range(len(head))]
    print(f"\n{title}\n")
    for i, row in enumerate(cells):
        print("  ".join(c.ljust(w) if j == 0 else c.rjust(w) for j, (c, w) in enumerate(zip(row, width))).rstrip())
        if i == 0:
            print("  ".join("-" * w for w in width))


def print_tags(side, rows):
    per_type = {}
    for row in rows:
        per_type.setdefault(row["type"], []).append(row)
    lines = []
    for kind, some in per_type.items():
        for row in some:
            lines.append([kind, row["seed"], row["n"], row["tagged"], text(row["precision"]), text(row["recall"]), text(row["roc_auc"]),
                          text(row["pr_auc"])])
        if len(some) > 1:
            n, tagged, hits = (sum(row[key] for row in some) for key in ("n", "tagged", "hits"))
            lines.append([kind, "all", n, tagged, text(ratio(hits, tagged)), text(ratio(hits, n)), "", ""])
    table(f"{SIDES[side].capitalize()}: the tag, and the score of those of the type against the innocent",
          ["type", "seed", "n", "tagged", "precision", "recall", "ROC-AUC", "PR-AUC"], lines)


def print_look_alikes(by_type, in_all):
    lines = []
    for row in by_type:
        lines.append([row["type"], row["seed"], row["n"], row["tagged"], row["tagged_as_it"], text(row["share"], 4)])
    for row in in_all:
        lines.append(["all", row["seed"], row["n"], row["tagged"], "", text(row["share"], 4)])
    table("Innocent look-alikes (users): with any named tag, with the tag of the type that they look like",
          ["look-alike of", "seed", "n", "tagged", "as it", "share"], lines)
    lines = [[row["seed"], row["innocents"], row["innocents_tagged"], text(ratio(row["innocents_tagged"], row["innocents"]), 4),
              row["unknown_pattern"]] for row in in_all]
    table("All innocent users", ["seed", "n", "tagged", "share", "look-alikes with unknown_pattern"], lines)


def print_summary(users, in_all):
    """One line each: over types and seeds the worst and the mean of users' tags; all look-alikes together."""
    for name, of in (("worst", min), ("mean", lambda x: sum(x) / len(x))):
        known = [[row[key] for row in users if row[key] is not None] for key in ("precision", "recall")]
        precision, recall = (text(of(values) if values else None, 2) for values in known)
        print(f"users, {name} of {len(users)} pairs of type and seed: precision {precision}, recall {recall}")
    n, tagged = (sum(row[key] for row in in_all) for key in ("n", "tagged"))
    worst = max(row["share"] or 0 for row in in_all)
    print(f"look-alikes with a named tag: {tagged} of {n}, at most {100 * worst:.2f} % in a seed")


def missed(users, in_all, limits):
    """One sentence a limit that does not hold. A type without a subject cannot be judged, which is a miss too."""
    for row in users:
        for key, least in (("precision", limits.min_precision), ("recall", limits.min_recall)):
            if row[key] is None or row[key] < least:
                yield f"seed {row['seed']}: {key} of {row['type']} is {text(row[key])}, below {least}"
    for row in in_all:
        if row["share"] is None or row["share"] >= limits.max_look_alikes:
            yield f"seed {row['seed']}: {text(row['share'], 4)} of the look-alikes are tagged, not below {limits.max_look_alikes}"


def main():
    parser = argparse.ArgumentParser(description="What tags are worth, by the truth of simulated orders.")
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--json", default="")
    parser.add_argument("--min-precision", type=float, default=0.8)
    parser.add_argument("--min-recall", type=float, default=0.6)
    parser.add_argument("--max-look-alikes", type=float, default=0.02)
    options = parser.parse_args()

    runs = [Run(folder) for folder in options.folders]
    types = runs[0].types
    result = {"users": [run.judge("u", kind) for kind in types for run in runs],
              "entities": [run.judge("v", kind) for kind in types if kind in COMPLICIT for run in runs],
              "edges": [run.judge("e", kind) for kind in types for run in runs],
              "look_alikes": [run.judge_look_alikes(kind) for kind in types for run in runs],
              "look_alikes_in_all": [run.judge_all_look_alikes() for run in runs]}
    print_tags("u", result["users"])
    if result["entities"]:
        print_tags("v", result["entities"])
    print_tags("e", result["edges"])
    print_look_alikes(result["look_alikes"], result["look_alikes_in_all"])

    result["missed"] = list(missed(result["users"], result["look_alikes_in_all"], options))
    if options.json:
        with open(options.json, "w", encoding="utf-8") as out:
            json.dump(result, out, indent=1)
            out.write("\n")
    print()
    print_summary(result["users"], result["look_alikes_in_all"])
    for sentence in result["missed"]:
        print(f"MISSED: {sentence}")
    if not result["missed"]:
        print(f"every type: precision >= {options.min_precision:g}, recall >= {options.min_recall:g}; "
              f"look-alikes tagged < {options.max_look_alikes:g}")
    return 1 if result["missed"] else 0


if __name__ == "__main__":
    sys.exit(main())
