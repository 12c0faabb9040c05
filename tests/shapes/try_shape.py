#!/usr/bin/env python3
"""Takes files in a public shape through a whole run.

    try_shape.py RINGFENCE SHAPE [--rows N] [--seed S] [--keep FOLDER]

All records must be accounted for, and the graph must have the users, entities and edges that the generator knows.
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

# The file that is given, and a configuration written by hand.
SHAPES = {
    "paysim": ("PS_*.csv", """
fields:
  user: nameOrig
  entity: nameDest
  time: {field: step, format: h, since: 2019-01-01}
  label: isFraud
  attributes: {amount: {type: number, log1p: true}, type: category, oldbalanceOrg: {type: number, log1p: true}}
"""),
    "banksim": ("bs*.csv", """
source: {csv: {quote: single}}
fields:
  user: customer
  entity: merchant
  time: {field: step, format: d, since: 2019-01-01}
  label: fraud
  attributes: {amount: number, category: category, age: category, gender: category}
"""),
    "ieee_cis": ("train_transaction.csv", """
source: {where: P_emaildomain exists}
fields:
  user: card1
  entity: P_emaildomain
  time: {field: TransactionDT, format: s, since: 2017-12-01}
  event_id: TransactionID
  label: isFraud
  attributes: {TransactionAmt: {type: number, log1p: true}, ProductCD: category, card4: {type: category, required: false},
               M1: {type: boolean, required: false}}
"""),
    "ibm_aml": ("HI-Small_Trans.csv", """
fields:
  user: {join: [From Bank, "Account#1"]}
  entity: {join: [To Bank, "Account#2"]}
  time: {field: Timestamp, format: "%Y/%m/%d %H:%M"}
  label: Is Laundering
  attributes: {Amount Paid: {type: number, log1p: true}, Payment Format: category, Payment Currency: category}
"""),
    "sparkov": ("fraudTrain.csv", """
fields:
  user: cc_num
  entity: merchant
  time: trans_date_trans_time
  event_id: trans_num
  label: is_fraud
  attributes: {amt: {type: number, log1p: true}, category: category, gender: category}
"""),
    "tabformer": ("card_transaction.v1.csv", """
fields:
  user: User
  entity: Merchant Name
  time: {field: [Year, Month, Day, Time], format: "%Y %m %d %H:%M"}
  label: "Is Fraud?"
  numbers: {currency: ["$"]}
  attributes: {Amount: {type: number, log1p: true}, Use Chip: category, MCC: category}
"""),
    "elliptic": ("elliptic_flows.csv", """
fields:
  user: txId1
  entity: txId2
  time: {field: step, format: d, since: 2019-01-01}
  label: class
  true_values: ["1"]
  false_values: ["2"]
"""),
    "bitcoin_otc": ("soc-*.csv", """
source: {columns: [source, target, rating, time]}
fields:
  user: source
  entity: target
  time: {field: time, format: s}
  attributes: {rating: number}
"""),
    "taobao": ("UserBehavior.csv", """
source: {columns: [user, item, category, behaviour, time]}
fields:
  user: user
  entity: item
  time: {field: time, format: s}
  attributes: {behaviour: category, category: category}
"""),
    "yelp": ("yelp_*.json", """
fields:
  user: user_id
  entity: business_id
  time: date
  event_id: review_id
  attributes: {stars: number, useful: number}
"""),
    "amazon": ("Gift_Cards_5.json.gz", """
fields:
  user: reviewerID
  entity: asin
  time: {field: unixReviewTime, format: s}
  attributes: {overall: number, verified: boolean}
"""),
    "amazon_2023": ("All_Beauty.jsonl", """
fields:
  user: user_id
  entity: parent_asin
  time: {field: timestamp, format: ms}
  attributes: {rating: number, verified_purchase: boolean}
"""),
    "gh_archive": ("2015-*.json.gz", """
fields:
  user: actor.id
  entity: repo.id
  time: created_at
  event_id: id
  attributes: {type: category}
"""),
    "stripe": ("payments.csv", """
source: {where: Customer ID exists}
fields:
  user: Customer ID
  entity: Card Fingerprint
  time: {field: Created (UTC), format: "%Y-%m-%d %H:%M"}
  event_id: id
  attributes: {Amount: {type: number, log1p: true}, Card Brand: category}
"""),
    "shopify": ("orders_export_1.csv", """
fields:
  user: Email
  entity: Lineitem sku
  time: {field: Created at, format: "%Y-%m-%d %H:%M:%S %z"}
  attributes: {Lineitem price: {type: number, log1p: true}, Lineitem quantity: number}
"""),
    "debezium": ("shop.public.orders.jsonl", """
source: {where: op = c}
fields:
  user: after.customer_id
  entity: after.merchant_id
  time: {field: after.created_at, format: us}
  event_id: after.id
  attributes: {amount: {field: after.amount, type: number, log1p: true}}
"""),
}
COUNTS = ("accepted", "waiting", "expired", "late", "duplicate", "rejected", "filtered")


def fail(*words):
    print("FAILED:", *words, file=sys.stderr)
    sys.exit(1)


def run(*words):
    done = subprocess.run([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        fail(" ".join(map(str, words)), "ends with status", done.returncode, "and says:\n" + done.stdout)
    return done.stdout


def check(shape, held, summary):
    events = summary["events"]
    counted = sum(events.get(word, 0) for word in COUNTS)
    if events["read"] != counted or events["read"] != held["records"]:
        fail(shape, "has", held["records"], "records; read are", events["read"], "and accounted for", counted, events)
    for what, want in (("events", events["accepted"]), ("users", summary["users"]), ("entities", summary["entities"]), ("edges", summary["edges"])):
        if held[what] != want:
            fail(shape, "has", held[what], what, "but the graph", want, events)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ringfence", type=pathlib.Path)
    parser.add_argument("shape", choices=SHAPES)
    parser.add_argument("--rows", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=pathlib.Path)
    given = parser.parse_args()
    program = given.ringfence.resolve()
    with tempfile.TemporaryDirectory(prefix="ringfence-shape-") as made:
        folder = given.keep or pathlib.Path(made)
        held = shapes.write(given.shape, folder, given.rows, given.seed)
        os.chdir(folder)
        pattern, configuration = SHAPES[given.shape]
        name = next(pathlib.Path().glob(pattern)).name
        pathlib.Path("job.yaml").write_text(configuration + "graph: {window: all}\noutput: out\n")
        print(run(program, "run", "--config", "job.yaml", "--set", "source.paths=[%s]" % name, "--summary", "summary.json", *QUICK))
        check(given.shape, held, json.loads(pathlib.Path("summary.json").read_text()))


if __name__ == "__main__":
    main()
