#!/usr/bin/env python3
"""Small files in the shapes of public data sets and of exports that people have: their columns, dialects, ids, times and label words.

    shapes.py SHAPE FOLDER [--rows N] [--seed S]     writes the files, and truth.json, what they hold; SHAPE may be `all`

Every value is invented. A few frauds are planted: a handful of users who meet the same few entities within an hour. A shape is a
function that takes a world, writes files, and returns for each record (user, entity, label), or None where it is no event.
"""
import argparse
import base64
import csv
import datetime
import gzip
import hashlib
import json
import pathlib
import random

DAY = 86400


def utc(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)


def stamp(seconds, pattern="%Y-%m-%d %H:%M:%S"):
    return utc(seconds).strftime(pattern)


class Event:
    """Who met whom, when, for how much, and whether it is a planted fraud. Users and entities are numbers from 0."""

    def __init__(self, user, entity, seconds, amount, fraud):
        self.user, self.entity, self.seconds, self.amount, self.fraud = user, entity, seconds, amount, fraud


class World:
    """Draws the events of a shape, and texts that look like its ids."""

    def __init__(self, rows, seed):
        self.rows = rows
        self.random = random.Random(seed)

    def events(self, begin, days, step=1):
        """Events in order of their times, which are multiples of `step` seconds after `begin`."""
        draw = self.random
        users, entities, ring = max(self.rows // 8, 12), max(self.rows // 16, 8), 6
        found = []
        for _ in range(self.rows - ring * 4):
            entity = min(int(draw.expovariate(4 / entities)), entities - 1)
            amount = round(draw.lognormvariate(3, 1) + 0.01, 2)
            found.append(Event(draw.randrange(users), entity, draw.random() * days * DAY, amount, False))
        at = days * DAY * 0.9
        for member in range(ring):
            for place in range(4):
                seconds = at + draw.random() * 3600
                found.append(Event(users + member, entities + place, seconds, round(draw.uniform(400, 900), 2), True))
        for event in found:
            event.seconds = begin + int(event.seconds) // step * step
        return sorted(found, key=lambda event: event.seconds)

    def text(self, what, number, length, alphabet="0123456789abcdef"):
        """Always the same letters for the same thing."""
        digest = hashlib.sha256(("%s %s" % (what, number)).encode()).digest()
        return "".join(alphabet[byte % len(alphabet)] for byte in digest * (length // 32 + 1))[:length]


SYLLABLES = "ba de fi go ku la me ni po ru sa te vi wo zu cha bre dri flo gra".split()
WORDS = [a + b for a in SYLLABLES for b in SYLLABLES]


def review(number, copied):
    """Forty words. What is copied has one word of its own, and the rest from one text."""
    own, same = random.Random("review %d" % number), random.Random("copied")
    words = [(same if copied else own).choice(WORDS) for _ in range(40)]
    if copied:
        words[own.randrange(len(words))] = own.choice(WORDS)
    return "%s, caf\u00e9.\n\n\"%s\" \U0001f600" % (" ".join(words[:20]).capitalize(), " ".join(words[20:]))


UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
MIXED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def table(path, header, rows, **dialect):
    with open(path, "w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, **{"lineterminator": "\n", **dialect})
        if header:
            writer.writerow(header)
        writer.writerows(rows)


def lines(path, records, end="\n"):
    opened = gzip.open(path, "wt", encoding="utf-8") if path.suffix == ".gz" else open(path, "w", encoding="utf-8")
    with opened as out:
        for record in records:
            out.write(json.dumps(record, separators=(",", ":"), ensure_ascii=False) + end)


def truth(events, user, entity, label=True):
    return [(user(e), entity(e), e.fraud if label else None) for e in events]


# ---- payments


def paysim(world, folder):
    """Hours of a month; a customer pays a merchant, or sends to another customer. Hardly anybody pays twice."""
    draw, events = world.random, world.events(0, 30, 3600)
    for number, e in enumerate(events):
        e.user += 0 if e.fraud or number % 20 == 0 else 1000 * (number + 1)
    origin = lambda e: "C%d" % (1000000000 + e.user * 7919 % 900000000)
    target = lambda e: "%s%d" % ("M" if e.entity % 3 else "C", 100000000 + e.entity * 104729)
    rows = []
    for e in events:
        kind = "TRANSFER" if e.fraud else draw.choice(["PAYMENT", "CASH_OUT", "CASH_IN", "TRANSFER", "DEBIT"])
        old = round(e.amount + draw.random() * 1000, 2)
        rows.append([e.seconds // 3600 + 1, kind, e.amount, origin(e), old, round(old - e.amount, 2), target(e), 0.0, 0.0, int(e.fraud), 0])
    header = "step,type,amount,nameOrig,oldbalanceOrg,newbalanceOrig,nameDest,oldbalanceDest,newbalanceDest,isFraud,isFlaggedFraud"
    table(folder / "PS_20174392719_1491204439457_log.csv", header.split(","), rows)
    return truth(events, origin, target)


def banksim(world, folder):
    """Days of half a year; texts in single quotes."""
    draw, events = world.random, world.events(0, 180, DAY)
    customer = lambda e: "C%d" % (1093826151 + e.user * 31)
    merchant = lambda e: "M%d" % (348934600 + e.entity * 97)
    with open(folder / "bs140513_032310.csv", "w", encoding="utf-8") as out:
        out.write("step,customer,age,gender,zipcodeOri,merchant,zipMerchant,category,amount,fraud\n")
        for e in events:
            age, gender = draw.choice(["1", "2", "3", "4", "5", "U"]), draw.choice("MFEU")
            kind = draw.choice(["es_transportation", "es_food", "es_health", "es_travel"])
            out.write("%d,'%s','%s','%s','28007','%s','28007','%s',%.2f,%d\n" %
                      (e.seconds // DAY, customer(e), age, gender, merchant(e), kind, e.amount, e.fraud))
    return truth(events, customer, merchant)


def ieee_cis(world, folder):
    """394 columns, most of them empty; seconds from a moment that nobody was told."""
    draw, events = world.random, world.events(DAY, 180)
    header = "TransactionID,isFraud,TransactionDT,TransactionAmt,ProductCD".split(",")
    header += ["card%d" % i for i in range(1, 7)] + "addr1,addr2,dist1,dist2,P_emaildomain,R_emaildomain".split(",")
    header += [letter + str(i) for letter, n in (("C", 14), ("D", 15), ("M", 9), ("V", 339)) for i in range(1, n + 1)]
    card = lambda e: str(1000 + e.user * 17)
    mails = ["gmail.com", "yahoo.com", "hotmail.com", "anonymous.com", "aol.com", "live.com.mx", "icloud.com"]
    mail = lambda e: "mail%d.example" % e.entity if e.entity >= len(mails) else mails[e.entity]
    rows, known = [], []
    for number, e in enumerate(events):
        seen = draw.random() > 0.1 or e.fraud
        row = [2987000 + number, int(e.fraud), e.seconds, "%.3f" % e.amount, draw.choice("WCHRS"), card(e)]
        row += [draw.choice(["490.0", "321.0", ""]), "150.0", draw.choice(["visa", "mastercard"]), "226.0", draw.choice(["debit", "credit"])]
        row += [draw.choice(["315.0", "325.0", ""]), "87.0", "", "", mail(e) if seen else "", ""]
        row += ["%.1f" % draw.randrange(4) for _ in range(14)] + [draw.choice(["14.0", "0.0", ""]) for _ in range(15)]
        row += [draw.choice(["T", "F", ""]) for _ in range(3)] + [draw.choice(["M0", "M1", "M2", ""])]
        row += [draw.choice(["T", "F", ""]) for _ in range(5)] + ["1.0", "0.0", ""] * 113
        rows.append(row)
        known.append((card(e), mail(e), e.fraud) if seen else None)
    table(folder / "train_transaction.csv", header, rows)
    return known


def ibm_aml(world, folder):
    """Two columns of one name; an account means something only with its bank."""
    draw, events = world.random, world.events(1661990400, 17, 60)
    bank = lambda number: "%03d" % (number % 40) if number % 3 else "%05d" % (number * 37 % 90000)
    account = lambda what, number: "8" + world.text(what, number, 8, UPPER[:6] + "0123456789")
    rows = []
    for e in events:
        currency, paid = draw.choice(["US Dollar", "Euro", "Bitcoin"]), "%.2f" % e.amount
        form = draw.choice(["Cheque", "Credit Card", "ACH", "Cash", "Wire", "Reinvestment"])
        rows.append([stamp(e.seconds, "%Y/%m/%d %H:%M"), bank(e.user), account("from", e.user), bank(e.entity), account("to", e.entity),
                     paid, currency, paid, currency, form, int(e.fraud)])
    header = "Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving Currency,Amount Paid,Payment Currency,Payment Format,Is Laundering"
    table(folder / "HI-Small_Trans.csv", header.split(","), rows)
    return truth(events, lambda e: bank(e.user) + "|" + account("from", e.user), lambda e: bank(e.entity) + "|" + account("to", e.entity))


def sparkov(world, folder):
    """An unnamed first column that counts the rows; two columns of time; card numbers of 12 to 19 digits."""
    draw, events = world.random, world.events(1546300800, 60)
    card = lambda e: "2703186%09d" % (e.user * 104729) if e.user % 5 else "60%010d" % (e.user * 7919)
    merchant = lambda e: "fraud_Rippin, Kub and M%03d" % e.entity if e.entity % 2 else "fraud_Kutch-Ferry %d" % e.entity
    header = ",trans_date_trans_time,cc_num,merchant,category,amt,first,last,gender,street,city,state,zip,lat,long,city_pop,job,dob,trans_num,"
    header += "unix_time,merch_lat,merch_long,is_fraud"
    rows = []
    for number, e in enumerate(events):
        person = random.Random(e.user)
        rows.append([number, stamp(e.seconds), card(e), merchant(e), draw.choice(["misc_net", "grocery_pos", "gas_transport"]), e.amount,
                     person.choice(["Jennifer", "Edward", "Tyler"]), "Banks%d" % e.user, person.choice("MF"), "%d Perry Cove" % e.user,
                     "Moravian Falls", person.choice(["NC", "WA", "ID"]), 28654 + e.user, "%.4f" % person.uniform(30, 45),
                     "%.4f" % person.uniform(-120, -80), person.randrange(200, 90000), person.choice(["Psychologist, counselling", "Surveyor"]),
                     "19%02d-03-09" % person.randrange(40, 99), world.text("transaction", number, 32), e.seconds - 220924800,
                     "%.6f" % draw.uniform(30, 45), "%.6f" % draw.uniform(-120, -80), int(e.fraud)])
    table(folder / "fraudTrain.csv", header.split(","), rows)
    return truth(events, card, merchant)


def tabformer(world, folder):
    """The time in four columns, amounts with a currency, merchants that are hashes below 0, words as labels."""
    draw, events = world.random, world.events(1577836800, 90, 60)
    merchant = lambda e: str((e.entity * 2654435761 + 12345) * 4294967311 % (1 << 63) - (1 << 62))
    rows = []
    for e in events:
        at = utc(e.seconds)
        amount = "$-%.2f" % e.amount if draw.random() < 0.05 else "$%.2f" % e.amount
        online = draw.random() < 0.2
        place = ["ONLINE", "", ""] if online else ["La Verne", "CA", "91750.0"]
        problem = draw.choice(["Bad PIN,", "Insufficient Balance,", "Technical Glitch,"]) if draw.random() < 0.03 else ""
        rows.append([e.user, draw.randrange(3), at.year, at.month, at.day, at.strftime("%H:%M"), amount,
                     "Online Transaction" if online else draw.choice(["Swipe Transaction", "Chip Transaction"]), merchant(e), *place,
                     draw.choice([5300, 5411, 5651]), problem, "Yes" if e.fraud else "No"])
    header = "User,Card,Year,Month,Day,Time,Amount,Use Chip,Merchant Name,Merchant City,Merchant State,Zip,MCC,Errors?,Is Fraud?"
    table(folder / "card_transaction.v1.csv", header.split(","), rows)
    return truth(events, lambda e: str(e.user), merchant)


def elliptic(world, folder):
    """Three files: features without a header, classes of transactions, and an edge list. One that has all is made by a join: an edge
    with the step and the class of the transaction that pays."""
    draw, events = world.random, world.events(0, 49, DAY)
    pays, paid = lambda e: str(230425980 + e.user * 613), lambda e: str(5530458 + e.entity * 1009)
    steps, classes, edges = {}, {}, {}
    for e in events:
        steps.setdefault(pays(e), e.seconds // DAY + 1)
        steps.setdefault(paid(e), e.seconds // DAY + 1)
        classes[pays(e)] = "1" if e.fraud else "2" if e.user % 3 else "unknown"
        classes.setdefault(paid(e), "unknown")
        edges[pays(e), paid(e)] = e
    table(folder / "elliptic_txs_features.csv", None,
          [[name, step] + ["%.12f" % draw.gauss(0, 1) for _ in range(165)] for name, step in sorted(steps.items())[:80]])
    table(folder / "elliptic_txs_classes.csv", ["txId", "class"], sorted(classes.items()))
    table(folder / "elliptic_txs_edgelist.csv", ["txId1", "txId2"], edges)
    table(folder / "elliptic_flows.csv", ["txId1", "txId2", "step", "class"], [[a, b, steps[a], classes[a]] for a, b in edges])
    return [(a, b, {"1": True, "2": False}.get(classes[a])) for a, b in edges]


def elliptic_edges(world, folder):
    """The edge list alone, as it is: without times, classes and attributes."""
    return [(a, b, None) for a, b, _ in elliptic(world, folder)]


def bitcoin_otc(world, folder):
    """No header: who rates whom, how, and when, in seconds with a fraction."""
    draw, events = world.random, world.events(1289241911, 900)
    member = lambda number: str(number + 1)
    pairs = {(e.user, e.entity): e for e in events}.values()  # everybody is rated once
    table(folder / "soc-sign-bitcoinotc.csv", None,
          [[member(e.user), member(e.entity + 9000), draw.choice([-10, 10]) if e.fraud else draw.randint(-2, 7), "%d.%05d" % (e.seconds, draw.randrange(100000))]
           for e in pairs])
    return truth(pairs, lambda e: member(e.user), lambda e: member(e.entity + 9000), label=False)


# ---- behaviour and reviews


def taobao(world, folder):
    """No header: user, item, category, what was done, seconds. A few clocks are wrong."""
    draw, events = world.random, world.events(1511539200, 9)
    item = lambda e: str(2268318 + e.entity * 511)
    rows = [[e.user + 1, item(e), 2520377 + e.entity % 7, draw.choices(["pv", "fav", "cart", "buy"], [80, 5, 10, 5])[0], e.seconds] for e in events]
    rows.insert(len(rows) // 2, [7, item(events[0]), 2520377, "pv", 2122867355])
    table(folder / "UserBehavior.csv", None, rows)
    return truth(events, lambda e: str(e.user + 1), item, label=False) + [None]


def yelp(world, folder):
    """JSON, one object a line; ids of 22 letters."""
    draw, events = world.random, world.events(1483228800, 300)
    user = lambda e: world.text("user", e.user, 22, MIXED)
    business = lambda e: world.text("business", e.entity, 22, MIXED)
    lines(folder / "yelp_academic_dataset_review.json",
          [{"review_id": world.text("review", n, 22, MIXED), "user_id": user(e), "business_id": business(e),
            "stars": 5.0 if e.fraud else float(draw.randint(1, 5)), "useful": int(draw.expovariate(0.7)), "funny": int(draw.expovariate(1.5)), "cool": int(draw.expovariate(1.2)),
            "text": review(n, e.fraud), "date": stamp(e.seconds)} for n, e in enumerate(events)])
    return truth(events, user, business, label=False)


def amazon(world, folder):
    """Reviews of 2018: JSON in gzip, the day as text and as seconds, a style that only some have."""
    draw, events = world.random, world.events(1514764800, 200, DAY)
    reviewer = lambda e: "A" + world.text("reviewer", e.user, 13, UPPER)
    item = lambda e: "B00" + world.text("item", e.entity, 7, UPPER)
    records = []
    for e in events:
        at = utc(e.seconds)
        record = {"overall": 5.0 if e.fraud else float(draw.randint(1, 5)), "verified": draw.random() < 0.8,
                  "reviewTime": at.strftime("%m ") + "%d, %d" % (at.day, at.year), "reviewerID": reviewer(e), "asin": item(e)}
        if draw.random() < 0.4:
            record["style"] = {"Format:": " Hardcover"}
        record.update(reviewerName="N. %d" % e.user, reviewText="Good \"value\" & fast", summary="ok", unixReviewTime=e.seconds)
        records.append(record)
    lines(folder / "Gift_Cards_5.json.gz", records)
    return truth(events, reviewer, item, label=False)


def amazon_2023(world, folder):
    """Reviews of 2023: JSON, times in milliseconds."""
    draw, events = world.random, world.events(1588687728, 200)
    user = lambda e: "A" + world.text("user", e.user, 27, UPPER)
    item = lambda e: "B0" + world.text("item", e.entity, 8, UPPER)
    lines(folder / "All_Beauty.jsonl",
          [{"rating": 5.0 if e.fraud else float(draw.randint(1, 5)), "title": "So so", "text": review(n, e.fraud) + "<br />", "images": [], "asin": item(e),
            "parent_asin": item(e) if e.entity % 3 else "B0FAMILY%02d" % (e.entity % 7), "user_id": user(e), "timestamp": e.seconds * 1000 + draw.randrange(1000), "helpful_vote": draw.randrange(3),
            "verified_purchase": draw.random() < 0.9} for n, e in enumerate(events)])
    return truth(events, user, item, label=False)


def gh_archive(world, folder):
    """An hour of public events, JSON in gzip; an id of the event that is a text, others that are numbers."""
    draw, events = world.random, world.events(1420124400, 1)
    actor, repo = lambda e: 665991 + e.user * 13, lambda e: 28688495 + e.entity * 7
    records = []
    for n, e in enumerate(events):
        login, kind = "octo-%d" % e.user, "WatchEvent" if e.fraud else draw.choice(["PushEvent", "CreateEvent", "IssuesEvent"])
        api = "https://api.github.example/"
        payload = {"action": "started"} if kind == "WatchEvent" else {"ref": "refs/heads/main", "size": 1, "commits": [{"sha": world.text("sha", n, 40), "distinct": True}]}
        record = {"id": str(2489651045 + n), "type": kind,
                  "actor": {"id": actor(e), "login": login, "gravatar_id": "", "url": api + "users/" + login, "avatar_url": "https://avatars.example/u/%d?" % actor(e)},
                  "repo": {"id": repo(e), "name": login + "/r%d" % e.entity, "url": api + "repos/r%d" % e.entity}, "payload": payload, "public": True,
                  "created_at": stamp(e.seconds, "%Y-%m-%dT%H:%M:%SZ")}
        if e.entity % 4 == 0:
            record["org"] = {"id": 9285252 + e.entity, "login": "org-%d" % e.entity, "gravatar_id": "", "url": api + "orgs/o", "avatar_url": "https://avatars.example/o"}
        records.append(record)
    lines(folder / "2015-01-01-15.json.gz", records)
    return truth(events, lambda e: str(actor(e)), lambda e: str(repo(e)), label=False)


# ---- exports of shops and databases

STRIPE = """id,Description,Seller Message,Created (UTC),Amount,Amount Refunded,Currency,Converted Amount,Converted Amount Refunded,Fee,Tax,Converted Currency,\
Mode,Status,Statement Descriptor,Customer ID,Customer Description,Customer Email,Captured,Card ID,Card Last4,Card Brand,Card Funding,Card Exp Month,\
Card Exp Year,Card Name,Card Address Line1,Card Address Line2,Card Address City,Card Address State,Card Address Country,Card Address Zip,Card Issue Country,\
Card Fingerprint,Card CVC Status,Card AVS Zip Status,Card AVS Line1 Status,Card Tokenization Method,Disputed Amount,Dispute Status,Dispute Reason,\
Dispute Date (UTC),Dispute Evidence Due (UTC),Invoice ID,Payment Source Type,Destination,Transfer,Transfer Group,PaymentIntent ID""".split(",")


def stripe(world, folder):
    """Payments of the dashboard: times to the minute, guests without a customer, disputes."""
    draw, events = world.random, world.events(1690848000, 25, 60)
    alphabet = MIXED[:-2]
    customer = lambda e: "cus_" + world.text("customer", e.user, 14, alphabet)
    mail = lambda e: "u%d@mail.example" % e.user
    card = lambda e: world.text("card", e.entity, 16, alphabet)
    rows, known = [], []
    for n, e in enumerate(events):
        guest = draw.random() < 0.02 and not e.fraud
        row = dict.fromkeys(STRIPE, "")
        row.update({"id": "ch_" + world.text("charge", n, 24, alphabet), "Seller Message": "Payment complete.", "Created (UTC)": stamp(e.seconds, "%Y-%m-%d %H:%M"),
                    "Amount": "%.2f" % e.amount, "Amount Refunded": "0.00", "Currency": "usd", "Converted Amount": "%.2f" % e.amount, "Converted Amount Refunded": "0.00",
                    "Fee": "%.2f" % (e.amount * 0.029 + 0.3), "Tax": "0.00", "Converted Currency": "usd", "Mode": "Live", "Status": "Paid", "Captured": "true",
                    "Customer ID": "" if guest else customer(e), "Customer Email": mail(e), "Card Last4": "%04d" % (e.entity * 7 % 10000),
                    "Card Brand": draw.choice(["Visa", "MasterCard"]), "Card Funding": draw.choice(["credit", "debit"]), "Card Exp Month": 1 + e.entity % 12,
                    "Card Exp Year": 2026, "Card Issue Country": draw.choice(["US", "GB", "DE"]), "Card Fingerprint": card(e), "Card CVC Status": "pass",
                    "Payment Source Type": "card", "PaymentIntent ID": "pi_" + world.text("intent", n, 24, alphabet)})
        if e.fraud:
            row.update({"Disputed Amount": "%.2f" % e.amount, "Dispute Status": "lost", "Dispute Reason": "fraudulent", "Dispute Date (UTC)": stamp(e.seconds + 9 * DAY, "%Y-%m-%d %H:%M")})
        rows.append([row[name] for name in STRIPE])
        known.append((mail(e) if guest else customer(e), card(e), None))
    table(folder / "payments.csv", STRIPE, rows)
    return known


SHOPIFY = """Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,\
Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem compare at price,Lineitem sku,Lineitem requires shipping,\
Lineitem taxable,Lineitem fulfillment status,Billing Name,Billing Street,Billing Address1,Billing Address2,Billing Company,Billing City,Billing Zip,\
Billing Province,Billing Country,Billing Phone,Shipping Name,Shipping Street,Shipping Address1,Shipping Address2,Shipping Company,Shipping City,\
Shipping Zip,Shipping Province,Shipping Country,Shipping Phone,Notes,Note Attributes,Cancelled at,Payment Method,Payment Reference,Refunded Amount,Vendor,\
Outstanding Balance,Employee,Location,Device ID,Id,Tags,Risk Level,Source,Lineitem discount,Tax 1 Name,Tax 1 Value,Tax 2 Name,Tax 2 Value,Tax 3 Name,\
Tax 3 Value,Tax 4 Name,Tax 4 Value,Tax 5 Name,Tax 5 Value,Phone,Receipt Number,Duties,Billing Province Name,Shipping Province Name,Payment ID,\
Payment Terms Name,Next Payment Due At,Payment References""".split(",")


def shopify(world, folder):
    """Orders: a row for each item, and only the first row of an order has what belongs to the order. Times with a space before the zone."""
    draw, events = world.random, world.events(1682899200, 40)
    mail = lambda e: "buyer%d@mail.example" % e.user
    rows, known, number = [], [], 1000
    zone = datetime.timezone(datetime.timedelta(hours=-4))
    for e in events:
        number += 1
        at = datetime.datetime.fromtimestamp(e.seconds, zone).strftime("%Y-%m-%d %H:%M:%S %z")
        items = [e.entity] if e.fraud or draw.random() < 0.7 else [e.entity, draw.randrange(e.entity + 1)]
        for place, entity in enumerate(items):
            row = dict.fromkeys(SHOPIFY, "")
            if place == 0:
                row.update({"Financial Status": "paid", "Paid at": at, "Fulfillment Status": "unfulfilled", "Accepts Marketing": draw.choice(["yes", "no"]), "Currency": "USD",
                            "Subtotal": "%.2f" % e.amount, "Shipping": "0.00", "Taxes": "0.00", "Total": "%.2f" % e.amount, "Discount Amount": "0.00",
                            "Shipping Method": "Standard", "Billing Name": "B. %d" % e.user, "Billing Street": "%d Elm St" % e.user, "Billing City": "Salem",
                            "Billing Zip": "'%05d" % (1970 + e.user), "Billing Province": "MA", "Billing Country": "US", "Shipping Name": "B. %d" % e.user, "Shipping City": "Salem",
                            "Shipping Zip": "'01970", "Shipping Country": "US", "Payment Method": "Shopify Payments", "Payment Reference": "c%d.1" % number, "Refunded Amount": "0.00",
                            "Outstanding Balance": "0.00", "Id": 5100000000000 + number, "Risk Level": "High" if e.fraud else "Low", "Source": "web"})
            row.update({"Name": "#%d" % number, "Email": mail(e), "Created at": at, "Lineitem quantity": draw.randint(1, 3), "Lineitem name": "Lamp, \"no. %d\"" % entity,
                        "Lineitem price": "%.2f" % e.amount, "Lineitem sku": "SKU-%04d" % entity, "Lineitem requires shipping": "true", "Lineitem taxable": "true",
                        "Lineitem fulfillment status": "pending", "Vendor": "Acme", "Lineitem discount": "0.00"})
            rows.append([row[name] for name in SHOPIFY])
            known.append((mail(e), "SKU-%04d" % entity, None))
    table(folder / "orders_export_1.csv", SHOPIFY, rows)
    return known


def mongo(world, folder):
    """A collection of orders as mongoexport writes it: types that JSON has not are objects with a "$" in front."""
    draw, events = world.random, world.events(1704067200, 20)
    shop = lambda e: world.text("shop", e.entity, 24)
    lines(folder / "orders.json",
          [{"_id": {"$oid": world.text("order", n, 24)}, "customerId": "c-%04d" % e.user, "shop": {"_id": {"$oid": shop(e)}, "city": draw.choice(["Oslo", "Bergen"])},
            "amount": {"$numberDecimal": "%.2f" % e.amount}, "items": draw.randint(1, 5), "createdAt": {"$date": stamp(e.seconds, "%Y-%m-%dT%H:%M:%S.000Z")}}
           for n, e in enumerate(events)])
    return truth(events, lambda e: "c-%04d" % e.user, shop, label=False)


def debezium(world, folder):
    """What a connector says of a table of orders: rows made, changed and deleted, in envelopes."""
    draw, events = world.random, world.events(1704067200, 20)
    records, known = [], []

    def envelope(operation, before, after, seconds):
        source = {"version": "2.5.0.Final", "connector": "postgresql", "name": "shop", "ts_ms": seconds * 1000, "snapshot": "false", "db": "shop",
                  "sequence": "[\"24023119\",\"24023128\"]", "schema": "public", "table": "orders", "txId": 555 + len(records), "lsn": 24023128 + len(records), "xmin": None}
        records.append({"before": before, "after": after, "source": source, "op": operation, "ts_ms": seconds * 1000 + draw.randrange(900), "transaction": None})

    for n, e in enumerate(events):
        order = {"id": 1001 + n, "customer_id": 40000 + e.user, "merchant_id": "m-%03d" % e.entity, "amount": e.amount, "status": "new",
                 "note": base64.b64encode(b"note %d" % n).decode(), "created_at": e.seconds * 1000000 + draw.randrange(1000000)}
        envelope("c", None, order, e.seconds)
        known.append((str(order["customer_id"]), order["merchant_id"], None))
        if draw.random() < 0.1:
            envelope("u", order, {**order, "status": "paid"}, e.seconds + 60)
            known.append(None)
        elif draw.random() < 0.05:
            envelope("d", order, None, e.seconds + 90)
            known.append(None)
    lines(folder / "shop.public.orders.jsonl", records)
    return known


SHAPES = {shape.__name__: shape for shape in (paysim, banksim, ieee_cis, ibm_aml, sparkov, tabformer, elliptic, elliptic_edges, bitcoin_otc, taobao, yelp, amazon, amazon_2023,
                                              gh_archive, stripe, shopify, debezium, mongo)}


def write(shape, folder, rows=300, seed=1):
    """Writes the files of a shape; returns what they hold."""
    folder.mkdir(parents=True, exist_ok=True)
    records = SHAPES[shape](World(rows, "%s %d" % (shape, seed)), folder)
    known = [record for record in records if record]
    held = {"records": len(records), "events": len(known), "users": len({k[0] for k in known}), "entities": len({k[1] for k in known}),
            "edges": len({k[:2] for k in known}), "fraud_edges": len({k[:2] for k in known if k[2]}),
            "labelled": any(k[2] is not None for k in known)}
    (folder / "truth.json").write_text(json.dumps(held) + "\n")
    return held


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shape", choices=[*SHAPES, "all"])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--rows", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    for name in SHAPES if given.shape == "all" else [given.shape]:
        print(name, write(name, given.folder / name if given.shape == "all" else given.folder, given.rows, given.seed))
