"""report.py: the figures of all cases as Markdown tables, means with the least and the greatest of the files."""
import os
import subprocess

import cases as data

MEASURES = {"u": "users", "v": "entities", "e": "edges", "week": "edges, last week", "cards": "card precision@100",
            "again": "the same, cards found before kept",
            "u roc": "users' ROC-AUC"}
WITH_ROC = ("reviews", "bans")  # kinds whose labels could be ranked upside down
RANKINGS = ["surprise", "graphbean", "best column", "isolation forest", "ECOD", "dense blocks", "MIDAS"]
KEPT = " Scored by that program; graphs and models may be an earlier program's (`KEEP=1`)."
BEGIN, END = "<!-- bench-quality -->", "<!-- end -->"


def value_of(result, ranking, measure):
    """Average precision or ROC-AUC of a side, or one of the payments' measures; None if there is none."""
    side, _, roc = measure.partition(" ")
    found = result["methods"].get(ranking, {}).get(side)
    return found[1 if roc else 0] if isinstance(found, list) else found


def number(value):
    return f"{value:.3f}"


def mean_of(values):
    values = [value for value in values if value is not None]
    return sum(values) / len(values) if values else None


def cell(values, whole=False):
    """Mean, and the spread of several files."""
    shown = (lambda value: f"{value:.0f}") if whole else number
    values = [value for value in values if value is not None]
    if not values:
        return "-"
    spread = f" ({shown(min(values))}-{shown(max(values))})" if len(values) > 1 else ""
    return shown(mean_of(values)) + spread


def table(head, rows):
    width = [max(len(row[i]) for row in [head] + rows) for i in range(len(head))]
    lines = [head, ["-" * w for w in width]] + rows
    return "\n".join("| " + " | ".join(text.ljust(w) for text, w in zip(line, width)) + " |" for line in lines)


def split(chosen, results, kind):
    """Results of a kind's files: tuned on, and held back."""
    return [[results[case.name] for case in chosen if case.kind == kind and case.tuned == tuned] for tuned in (True, False)]


def rankings_of(files):
    """The named rankings first, then parts and voices in the order of the file."""
    every = list(dict.fromkeys(name for result in files for name in result["methods"]))
    return [name for name in RANKINGS if name in every] + [name for name in every if name not in RANKINGS]


def summary(chosen, results, held_back):
    """A row a kind, a column a ranking, users / entities / edges in a cell."""
    shown, rows = RANKINGS[:5], []
    for kind, title in data.KINDS.items():
        files = split(chosen, results, kind)[held_back]
        if not files:
            continue
        cells = []
        for ranking in shown:
            means = [mean_of(value_of(result, ranking, side) for result in files) for side in "uve"]
            cells.append(" / ".join("-" if mean is None else number(mean) for mean in means))
        rows.append([title, str(len(files))] + cells)
    return table(["data", "files"] + shown, rows)


def kind_table(chosen, results, kind):
    tuned, held = split(chosen, results, kind)
    measures = [m for m in MEASURES if (m != "u roc" or kind in WITH_ROC) and any(value_of(r, name, m) is not None for r in tuned + held for name in r["methods"])]
    parts = [(word, files) for word, files in (("tuned on", tuned), ("held back", held)) if files]
    rows = []
    for ranking in rankings_of(tuned + held):
        cells = [cell([value_of(result, ranking, m) for result in files]) for m in measures for _, files in parts]
        rows.append([ranking] + cells)
    head = ["ranking"] + [f"{MEASURES[m]}, {word}" for m in measures for word, _ in parts]
    columns = [", ".join(sorted({result["columns"][side] for result in tuned + held if side in result["columns"]})) for side in "uve"]
    said = "; ".join(f"{MEASURES[side]}: `{names}`" for side, names in zip("uve", columns) if names)
    share = (tuned + held)[0]["positives"]
    counts = ", ".join(f"{share[side][0]} of {share[side][1]} {MEASURES[side]}" for side in "uve" if side in share)
    return f"### {data.KINDS[kind]}\n\nLabelled in the first file: {counts}. Best columns: {said}.\n\n" + table(head, rows)


def alert_table(chosen, results):
    """What the messages of a run are worth, kind by kind."""
    rows = []
    for kind, title in data.KINDS.items():
        for word, files in zip(("tuned on", "held back"), split(chosen, results, kind)):
            found = [result["alerts"] for result in files]
            if found:
                rows.append([title, word, cell([one["alerts"] for one in found], whole=True), cell([one["right"] / max(one["alerts"], 1) for one in found]),
                             cell([one["reached"] / one["labelled"] for one in found if one["labelled"]]),
                             cell([one["sure"][1] / one["sure"][0] for one in found if one.get("sure", [0])[0]])])
    return ("### Alerts of a run\n\nMessages of `emit` after `tag` and `cluster`; the share that names a labelled user or entity, and the share of the "
            "labelled users who are named: alone, as an edge's user, or as a member of a cluster. The last column has the same share of the users with "
            "a tag of a known type and a confidence of 0.9 or more.\n\n"
            + table(["data", "files", "alerts", "right", "labelled users named", "surely tagged users named"], rows))


def type_table(chosen, results, budget):
    tuned, held = ([r["alerts"] for r in files] for files in split(chosen, results, "orders"))
    rows = []
    for name in sorted({name for found in tuned + held for name in found["types"]}):
        cells = []
        for files in (tuned, held):
            pairs = [found["types"][name] for found in files if name in found["types"]]
            cells.append(cell([reached / n for n, reached in pairs]))
        rows.append([name, str(sum(f["types"].get(name, [0])[0] for f in tuned + held))] + cells)
    return (f"### Types of fraud in simulated orders\n\nShare of a type's labelled users who are named by the alerts of a run (`emit.budget: {budget}`).\n\n"
            + table(["type", "users in all seeds", "recall, seeds tuned on", "recall, seeds held back"], rows))


def program():
    here = os.path.dirname(os.path.abspath(__file__))
    git = ["git", "-C", here, "log", "-1", "--format=%h of %cs"]
    commit = subprocess.run(git, capture_output=True, text=True).stdout.strip() or "an unknown commit"
    return commit


def all_tables(chosen, results, budget):
    epochs = os.environ.get("EPOCHS")
    parts = [f"Made by `scripts/bench-quality.sh` with commit {program()}, " + (f"{epochs} epochs." if epochs else "default settings.") + KEPT * (os.environ.get("KEEP") == "1")]
    for held_back, title in ((True, "Files held back"), (False, "Files tuned on")):
        if any(case.tuned != held_back for case in chosen):
            parts.append(f"### {title}: mean average precision, users / entities / edges\n\n" + summary(chosen, results, held_back))
    parts += [kind_table(chosen, results, kind) for kind in data.KINDS if any(case.kind == kind for case in chosen)]
    parts.append(alert_table(chosen, results))
    if any(case.kind == "orders" for case in chosen):
        parts.append(type_table(chosen, results, budget))
    return "\n\n".join(parts)


def write_into(path, text, begin, end):
    """Puts text between two marks of a page."""
    with open(path, encoding="utf-8") as file:
        page = file.read()
    before, rest = page.split(begin, 1)
    _, after = rest.split(end, 1)
    with open(path + ".part", "w", encoding="utf-8") as file:
        file.write(f"{before}{begin}\n\n{text}\n\n{end}{after}")
    os.rename(path + ".part", path)
