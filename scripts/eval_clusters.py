"""eval_clusters.py FOLDER…: are rings of simulated orders whole in their clusters? (scripts/eval-clusters.sh makes the folders.)

A ring is what the simulator's events call so, with two users or more. What it has to itself: entities of kinds beside the main one that three or
more of its members met, and that have no more other users than members. Its best cluster is the one with most of its members (of equal
ones the smaller one). Prints for each folder, over the rings that have something to themselves, the means of
  recall     share of the ring's members that are in the best cluster
  precision  share of the best cluster's users that are members (of rings that have one)
and over what they have to themselves
  users      of all these entities, each user once an entity
  together   share of them that are in the entity's best cluster
  elsewhere  share of them that are in another cluster
  torn       entities with users in two or more clusters, of how many
and over everybody: clusters, their users, the share of these in any ring, and innocents: users in clusters without a fraudulent event.
The line `all` has sums of counts and means of shares over the folders.
"""
import argparse
import collections
import json
import os

import h5py


def planted(path):
    """(rings: number -> (type, users), users with a fraudulent event)"""
    rings, guilty = collections.defaultdict(lambda: ["", set()]), set()
    with open(path, encoding="utf-8") as events:
        for line in events:
            event = json.loads(line)
            if not event["label"]:
                continue
            guilty.add(event["user"])
            if event["ring"]:
                rings[event["ring"]][0] = event["fraud_type"]
                rings[event["ring"]][1].add(event["user"])
    return {ring: (kind, users) for ring, (kind, users) in rings.items() if len(users) > 1}, guilty


class Run:
    def __init__(self, folder):
        self.name = os.path.basename(os.path.normpath(folder))
        rings, guilty = planted(os.path.join(folder, "events.jsonl"))
        with h5py.File(os.path.join(folder, "graph.h5")) as graph, h5py.File(os.path.join(folder, "scores.h5")) as scores:
            ids = graph["u/id"].asstr()[:]
            row = {name: i for i, name in enumerate(ids)}
            self.rings = {ring: (kind, {row[u] for u in users if u in row}) for ring, (kind, users) in rings.items()}
            self.guilty = {row[u] for u in guilty if u in row}
            found = scores["clusters"]
            ptr, user, method = found["user_ptr"][:], found["user"][:], found["method"][:]
            self.clusters = [set(user[ptr[i]:ptr[i + 1]].tolist()) for i in range(len(method))
                             if method[i] == 0 and ptr[i + 1] > ptr[i]]
            self.users_of = {}
            for kind in graph.get("kinds", {}):
                edges = graph["kinds"][kind]["e"]
                of = collections.defaultdict(set)
                for u, v in zip(edges["u"][:].tolist(), edges["v"][:].tolist()):
                    of[v].add(u)
                self.users_of.update({(kind, v): users for v, users in of.items() if len(users) >= 3})

    def own(self, members):
        """Users of each entity that the ring has to itself."""
        for entity, users in self.users_of.items():
            if len(users & members) >= max(3, len(users) / 2):
                yield entity, users

    def best(self, users):
        return max(self.clusters, key=lambda c: (len(c & users), -len(c)), default=set())


def show(name, n):
    """One line; of several runs n has sums, and `runs` how many."""
    runs = n["runs"]
    print(f"{name:<10} {n['rings']:>5} {n['recall'] / runs:9.3f} {n['precision'] / runs:9.3f} {n['users']:>6} {n['together'] / runs:9.3f} "
          f"{n['elsewhere'] / runs:9.3f} {n['torn']:>4} of {n['own']:<4} {n['clusters']:>8} {n['named']:>6} {n['in_a_ring'] / runs:9.3f} "
          f"{n['innocents']:>9}")


def share(part, whole):
    return part / whole if whole else 0


def figures(run, types, verbose):
    recall, precision = [], []
    n = collections.Counter()
    for ring, (kind, members) in sorted(run.rings.items()):
        own = list(run.own(members))
        if not own:
            continue
        best = run.best(members)
        recall.append(len(best & members) / len(members))
        types[kind].append(recall[-1])
        if best & members:
            precision.append(len(best & members) / len(best))
        for entity, users in own:
            inside = sorted((len(c & users) for c in run.clusters if c & users), reverse=True)
            n["users"] += len(users)
            n["best"] += sum(inside[:1])
            n["other"] += sum(inside[1:])
            n["torn"] += len(inside) > 1
            if verbose:
                print(f"    ring {ring} {kind}, {len(members)} users, recall {recall[-1]:.2f}: {entity[0]} {entity[1]} of {len(users)}: {inside}")
        n["own"] += len(own)
    everybody = set().union(*(users for _, users in run.rings.values()))
    named = set().union(*run.clusters)
    n.update(runs=1, rings=len(recall), clusters=len(run.clusters), named=len(named), innocents=len(named - run.guilty),
             recall=share(sum(recall), len(recall)), precision=share(sum(precision), len(precision)),
             together=share(n["best"], n["users"]), elsewhere=share(n["other"], n["users"]), in_a_ring=share(len(named & everybody), len(named)))
    return n


parser = argparse.ArgumentParser()
parser.add_argument("--verbose", action="store_true", help="prints each entity that a ring has to itself")
parser.add_argument("folders", nargs="+")
options = parser.parse_args()
of_type, all_runs = collections.defaultdict(list), collections.Counter()
print("run        rings    recall precision  users  together elsewhere  torn         clusters  users in a ring innocents")
for folder in options.folders:
    run = Run(folder)
    one = figures(run, of_type, options.verbose)
    all_runs.update(one)
    show(run.name, one)
show("all", all_runs)
print("\ntype of fraud       rings  recall")
for name in sorted(of_type):
    print(f"{name:<18} {len(of_type[name]):>6} {sum(of_type[name]) / len(of_type[name]):7.3f}")
