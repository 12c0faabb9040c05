#!/usr/bin/env python3
"""Takes a shipped configuration of a public data set through the program, on a small file in that shape.

    try_config.py RINGFENCE CONFIG [--rows N] [--seed S] [--keep FOLDER]

CONFIG is the name of a file of configs/ that names several kinds of entity; with -2018, the file with the flags that its comments tell
for files of that year. What `check` counts of each kind, and of its pairs with users, must
be what this script reads from the same file by itself; then `build` makes the graph.
"""
import argparse
import collections
import csv
import gzip
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

import shapes

QUICK = ["--set", "train.epochs=2", "--set", "train.hidden=8", "--set", "train.latent=8", "--threads", "1", "--quiet", "--no-progress"]
REPOSITORY = pathlib.Path(__file__).resolve().parent.parent.parent


def fail(*words):
    print("FAILED:", *words, file=sys.stderr)
    sys.exit(1)


def run(*words):
    done = subprocess.run([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    print(done.stdout, done.stderr)
    if done.returncode != 0:
        fail(" ".join(map(str, words)), "ends with status", done.returncode)
    return done.stdout


# ---- files


def rows(path):
    """Of a table; the second column of a name is NAME#2, as `fields` have it."""
    with open(path, newline="", encoding="utf-8") as lines:
        read = csv.reader(lines)
        seen, names = collections.Counter(), []
        for name in next(read):
            seen[name] += 1
            names.append(name if seen[name] == 1 else "%s#%d" % (name, seen[name]))
        return [dict(zip(names, row)) for row in read]


def objects(path):
    opened = gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else open(path, encoding="utf-8")
    with opened as lines:
        return [json.loads(line) for line in lines]


def with_devices(path):
    """IEEE-CIS, joined with its second table: a column more, empty for most."""
    devices = ["Windows", "iOS Device", "SAMSUNG SM-G892A  Build/NRD90M", "samsung sm-g892a build/nrd90m"]
    with open(path, newline="", encoding="utf-8") as lines:
        header, *records = csv.reader(lines)
    shapes.table(pathlib.Path("train.csv"), header + ["DeviceInfo"],
                 [record + [devices[n % 4] if n % 3 == 0 else ""] for n, record in enumerate(records)])
    return pathlib.Path("train.csv")


# ---- who meets what: (user, {kind: entity}) of a record, None where the configuration does not want it


def joined(record, *names):
    return "|".join(record[name] for name in names) if all(record[name] for name in names) else None


def plain(text):
    return " ".join(text.lower().split()) or None


def paysim(r):
    return r["nameOrig"], {"receiver": r["nameDest"], "sum": joined(r, "step", "amount")}


def ieee_cis(r):
    cards = ["card%d" % i for i in range(1, 7)]
    if not joined(r, *cards):
        return None
    return joined(r, *cards), {"mail": r["P_emaildomain"] or r["ProductCD"], "address": joined(r, "addr1", "addr2"),
                               "device": plain(r["DeviceInfo"]), "recipient": r["R_emaildomain"] or None}


def ibm_aml(r):
    return joined(r, "From Bank", "Account"), {"receiver": joined(r, "To Bank", "Account#2"), "sum": joined(r, "Payment Currency", "Amount Paid"),
                                               "route": joined(r, "From Bank", "To Bank")}


def sparkov(r):
    return r["cc_num"], {"merchant": r["merchant"], "address": plain(joined(r, "street", "zip")),
                         "person": plain(joined(r, "first", "last", "dob"))}


COPIED = [word for word in re.findall("[a-z]+", shapes.review(0, True).lower())]


def text_of(text):
    """Copies, whatever their one word is, are one."""
    words = re.findall("[a-z]+", text.lower())
    same = sum(a == b for a, b in zip(words, COPIED))
    return "copied" if same > 30 else text


def yelp(r):
    return r["user_id"], {"business": r["business_id"], "text": text_of(r["text"])}


def amazon(r):
    return r["user_id"], {"product": r["asin"], "family": r["parent_asin"], "text": text_of(r["text"])}


def amazon_of_2018(r):
    return r["reviewerID"], {"product": r["asin"], "family": r["asin"], "text": text_of(r["reviewText"])}


# The shape, its files, how they are read here, and who meets what.
CONFIGS = {
    "paysim": ("paysim", "PS_*.csv", rows, paysim),
    "ieee-cis": ("ieee_cis", "train_transaction.csv", lambda path: rows(with_devices(path)), ieee_cis),
    "ibm-aml": ("ibm_aml", "HI-Small_Trans.csv", rows, ibm_aml),
    "sparkov": ("sparkov", "fraudTrain.csv", rows, sparkov),
    "yelp": ("yelp", "yelp_*.json", objects, yelp),
    "amazon-reviews": ("amazon_2023", "All_Beauty.jsonl", objects, amazon),
    "amazon-reviews-2018": ("amazon", "Gift_Cards_5.json.gz", objects, amazon_of_2018),
}


def flags_told(config):
    """Those of the second command that the file's comments show."""
    shown = re.sub(r"\\\n# *", "", config.read_text())
    return shlex.split(re.findall(r"^#  *ringfence run --config \S+(.*)$", shown, re.M)[1])


def expected(records, meets):
    """{kind: (entities, pairs)}, and how many events there are."""
    entities, pairs, events = collections.defaultdict(set), collections.defaultdict(set), 0
    for record in records:
        met = meets(record)
        if met is None:
            continue
        user, kinds = met
        events += 1
        for kind, entity in kinds.items():
            entities[kind] |= {entity} - {None}
            pairs[kind] |= {(user, entity)} if entity is not None else set()
    return {kind: (len(entities[kind]), len(pairs[kind])) for kind in entities}, events


def counted(said):
    """The same from the table of `check`. Of texts, which are joined as they are near, those in the window."""
    table = said[said.index("\nkind "):].strip().split("\n\n")[0].splitlines()[2:]
    kinds = {}
    for line in table:
        name, entities, pairs, inside, edges = line.replace(",", "").split()[:5]
        kinds[name] = (int(inside), int(edges)) if name == "text" else (int(entities), int(pairs))
    accepted = re.search(r"read: ([0-9,]+) accepted, 0 rejected", said)
    return kinds, int(accepted.group(1).replace(",", "")) if accepted else -1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ringfence", type=pathlib.Path)
    parser.add_argument("config", choices=CONFIGS)
    parser.add_argument("--rows", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=pathlib.Path)
    given = parser.parse_args()
    program = given.ringfence.resolve()
    shape, files, read, meets = CONFIGS[given.config]
    of_2018 = given.config.endswith("-2018")
    config = REPOSITORY / "configs" / (given.config.replace("-2018", "") + ".yaml")
    flags = flags_told(config) if of_2018 else []
    with tempfile.TemporaryDirectory(prefix="ringfence-config-") as made:
        folder = given.keep or pathlib.Path(made)
        shapes.write(shape, folder, given.rows, given.seed)
        os.chdir(folder)
        want = expected(read(next(pathlib.Path().glob(files))), meets)
        got = counted(run(program, "check", "--config", config, *flags))
        if want != got:
            fail(given.config, "has", want, "but check counts", got)
        run(program, "run", "--config", config, *flags, "--set", "output=out", *QUICK)


if __name__ == "__main__":
    main()
