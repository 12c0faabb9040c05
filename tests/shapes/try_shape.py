#!/usr/bin/env python3
"""Takes files in a public shape through the program, as somebody would who sees it for the first time.

    try_shape.py RINGFENCE SHAPE [--rows N] [--seed S] [--keep FOLDER]

`ringfence init` proposes a configuration from the file alone. Where it cannot know something, its output names the edit, and that
one is made. Then `run` must account for all records, and its graph must have the users, entities and edges that the generator knows, and
the labels where the shape has some.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import shapes

QUICK = ["--set", "train.epochs=2", "--set", "train.hidden=8", "--set", "train.latent=8", "--threads", "1", "--quiet", "--no-progress"]

# The file that is given; what init cannot know, by the words that it says, and the flags of the second try; keys that it must have
# understood, as its configuration says them.
SHAPES = {
    "paysim": ("PS_*.csv", None, ["user: nameOrig", "entity: nameDest", "format: h", "label: isFraud"]),
    "banksim": ("bs*.csv", ("--time-format d (days)", ["--time-format", "d"]), ["user: customer", "quote: ", "format: d, since: 2020-01-01", "label: fraud"]),
    "ieee_cis": ("train_transaction.csv", None, ["user: card1", "entity: P_emaildomain", "event_id: TransactionID", "label: isFraud"]),
    "ibm_aml": ("HI-Small_Trans.csv", ("join: [\"From Bank\", \"Account#1\"]", ["--user", "{join: [\"From Bank\", \"Account#1\"]}"]),
                ["format: \"%Y/%m/%d %H:%M\"", "Account#2", "label: \"Is Laundering\""]),
    "sparkov": ("fraudTrain.csv", None, ["user: cc_num", "entity: merchant", "field: trans_date_trans_time", "event_id: trans_num", "label: is_fraud"]),
    "tabformer": ("card_transaction.v1.csv", None, ["user: User", "entity: \"Merchant Name\"", "[Year, Month, Day, Time]", "currency: [\"$\"]", "label: \"Is Fraud?\""]),
    "elliptic": ("elliptic_flows.csv", ("--time-format d (days)", ["--time-format", "d"]), ["user: txId1", "entity: txId2", "format: d, since: 2020-01-01", "label: class", "true_values: [\"1\"]"]),
    "elliptic_edges": ("elliptic_txs_edgelist.csv", None, ["user: txId1", "entity: txId2"]),
    "bitcoin_otc": ("soc-*.csv", None, ["header: false", "user: \"#1\"", "entity: \"#2\"", "field: \"#4\", format: s"]),
    "taobao": ("UserBehavior.csv", None, ["header: false", "user: \"#1\"", "entity: \"#2\"", "field: \"#5\", format: s"]),
    "yelp": ("yelp_*.json", None, ["user: user_id", "entity: business_id", "field: date", "event_id: review_id", "field: stars"]),
    "amazon": ("Gift_Cards_5.json.gz", None, ["user: reviewerID", "entity: asin", "field: unixReviewTime, format: s", "field: overall"]),
    "amazon_2023": ("All_Beauty.jsonl", None, ["user: user_id", "asin", "field: timestamp, format: ms"]),
    "gh_archive": ("2015-*.json.gz", None, ["user: actor.id", "entity: repo.id", "field: created_at", "event_id: id"]),
    "stripe": ("payments.csv", None, ["user: [\"Customer ID\", \"Customer Email\"]", "entity: \"Card Fingerprint\"", "Created (UTC)", "event_id: id"]),
    "shopify": ("orders_export_1.csv", None, ["user: Email", "entity: \"Lineitem sku\"", "field: \"Created at\""]),
    "debezium": ("shop.public.orders.jsonl", None, ["op in c, r", "user: after.customer_id", "entity: after.merchant_id", "format: us", "event_id: after.id"]),
    "mongo": ("orders.json", None, ["user: customerId", "entity: \"shop._id.$oid\"", "createdAt.$date", "event_id: \"_id.$oid\"", "amount.$numberDecimal"]),
}
COUNTS = ("accepted", "waiting", "expired", "late", "duplicate", "rejected", "filtered")


def fail(*words):
    print("FAILED:", *words, file=sys.stderr)
    sys.exit(1)


def run(*words):
    done = subprocess.run([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    print(done.stdout)
    if done.returncode != 0:
        fail(" ".join(map(str, words)), "ends with status", done.returncode)
    return done.stdout


def propose(program, shape, name):
    """job.yaml, by init, after the edit that it names."""
    _, edit, known = SHAPES[shape]
    said = run(program, "init", "-o", "job.yaml", name)
    if edit:
        words, flags = edit
        if words not in said:
            fail("init does not say", words)
        run(program, "init", "-o", "job.yaml", "--force", *flags, name)
    proposed = pathlib.Path("job.yaml").read_text()
    for key in known:
        if key not in proposed:
            fail("init does not propose", key, "but:\n" + proposed)


def check(shape, held, summary):
    events = summary["events"]
    counted = sum(events.get(word, 0) for word in COUNTS)
    if events["read"] != counted or events["read"] != held["records"]:
        fail(shape, "has", held["records"], "records; read are", events["read"], "and accounted for", counted, events)
    for what, got in (("events", events["accepted"]), ("users", summary["users"]), ("entities", summary["entities"]), ("edges", summary["edges"])):
        if held[what] != got:
            fail(shape, "has", held[what], what, "but the graph", got, events)


def check_labels(held, path):
    if path.exists() != held["labelled"]:
        fail("labels are", "there, but nothing is evaluated" if held["labelled"] else "not there, but something is evaluated")
    if held["labelled"]:
        positives = json.loads(path.read_text())["e"]["positives"]
        if positives != held["fraud_edges"]:
            fail(held["fraud_edges"], "edges are planted frauds, but", positives, "are labelled")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ringfence", type=pathlib.Path)
    parser.add_argument("shape", choices=SHAPES)
    parser.add_argument("--rows", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=pathlib.Path)
    given = parser.parse_args()
    program = given.ringfence.resolve()
    with tempfile.TemporaryDirectory(prefix="ringfence-shape-") as made:
        folder = given.keep or pathlib.Path(made)
        held = shapes.write(given.shape, folder, given.rows, given.seed)
        os.chdir(folder)
        propose(program, given.shape, next(pathlib.Path().glob(SHAPES[given.shape][0])).name)
        run(program, "run", "--config", "job.yaml", "--set", "output=out", "--summary", "summary.json", *QUICK)
        check(given.shape, held, json.loads(pathlib.Path("summary.json").read_text()))
        check_labels(held, pathlib.Path("out/evaluation.json"))


if __name__ == "__main__":
    main()
