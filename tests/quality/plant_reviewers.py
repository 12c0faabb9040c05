"""plant_reviewers.py: a table of reviews (user, item, stars, label) without times, with planted groups of copy-paste reviewers.

    plant_reviewers.py --ring wiki_ring_0.csv.gz [--groups 50] [--seed 0] --output reviews.csv
    plant_reviewers.py --made 2000x250 [--groups 12] [--seed 0] --output reviews.csv

The ordinary reviews are the pairs of editors and pages of a ring file (without its rings), or made ones, 4 to 13 a user, whose
items' popularity follows a power law. Their stars scatter around the item's own mean. A group's 4 to 10 reviewers share a list of
4 to 8 items of middling popularity; each writes most of them, with the group's stars, and up to 5 reviews of popular items as
camouflage. Half of the reviewers are new, half are people with few reviews whose accounts are sold. The label is 1 on the copied
reviews. For each new reviewer there is an innocent twin (its name begins with t) with as many reviews of as popular items, but of
his own choice and taste: activity alone does not tell them apart.
"""
import argparse
import csv
import gzip
import random


def ring_pairs(path):
    pairs = set()
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["ring"] == "0":
                pairs.add((int(row["user"]), int(row["page"])))
    return sorted(pairs)


def made_pairs(rng, n_users, n_items):
    pairs = set()
    for user in range(n_users):
        for _ in range(rng.randint(4, 13)):
            pairs.add((user, int(n_items * rng.random() ** 2.5)))
    return sorted(pairs)


def with_stars(rng, pairs):
    return [(f"u{user}", f"p{item}", ordinary_stars(rng, f"p{item}"), 0) for user, item in pairs]


def ordinary_stars(rng, item):
    liking = random.Random(item).triangular(2, 5, 4.2)
    return min(5, max(1, round(rng.gauss(liking, 1))))


def by_count(names):
    """Distinct names, the rarest first."""
    count = {}
    for name in names:
        count[name] = count.get(name, 0) + 1
    return sorted(count, key=lambda name: (count[name], name)), count


def planted(rng, reviews, n_groups):
    items, _ = by_count(item for _, item, _, _ in reviews)
    users, activity = by_count(user for user, _, _, _ in reviews)
    middling = items[len(items) // 4:len(items) * 3 // 4]
    popular = items[len(items) * 9 // 10:]
    quiet = [user for user in users if activity[user] <= 5]
    rng.shuffle(quiet)
    known = {(user, item) for user, item, _, _ in reviews}
    added = []
    for group in range(n_groups):
        listed = rng.sample(middling, rng.randint(4, 8))
        stars = rng.choice([5, 5, 5, 1])
        for member in range(rng.randint(4, 10)):
            user = quiet.pop() if member % 2 and quiet else f"g{group}m{member}"
            copied = [item for item in listed if rng.random() < 0.85]
            plain = rng.sample(popular, min(len(popular), rng.randint(0, 5)))
            for item in copied + plain:
                if (user, item) in known:
                    continue
                known.add((user, item))
                added.append((user, item, stars if item in copied else ordinary_stars(rng, item), int(item in copied)))
            if user.startswith("g"):
                own = rng.sample(middling, len(copied)) + rng.sample(popular, len(plain))
                added += [(f"t{user}", item, ordinary_stars(rng, item), 0) for item in own]
    return added


def main():
    parser = argparse.ArgumentParser()
    base = parser.add_mutually_exclusive_group(required=True)
    base.add_argument("--ring", help="a ring file")
    base.add_argument("--made", metavar="USERSxITEMS")
    parser.add_argument("--groups", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", required=True)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    pairs = ring_pairs(options.ring) if options.ring else made_pairs(rng, *map(int, options.made.split("x")))
    reviews = with_stars(rng, pairs)
    reviews += planted(rng, reviews, options.groups)
    rng.shuffle(reviews)
    with open(options.output, "w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["user", "item", "stars", "label"])
        writer.writerows(reviews)


if __name__ == "__main__":
    main()
