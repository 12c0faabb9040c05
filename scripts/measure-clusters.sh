#!/usr/bin/env bash
# measure-clusters.sh - measures how well clusters match the rings that the simulator plants.
#
#   scripts/measure-clusters.sh [SEED]...        default 1 2 3; python3 with h5py is needed
#
#   EVENTS=200000 FOLDER=build/measure/clusters RINGFENCE=build/release/cli/ringfence CLUSTER="--set cluster.excess=4"
#   RULES=FILE tags by these rules in place of the shipped ones
#   CONFIG=configs/simulated-orders.yaml reads the events by that configuration in place of the one that the simulator writes
#
# Makes one run for each seed and keeps it in FOLDER/seed-N; an existing run is used again. Prints for each seed and method:
# clusters, their users, the share of users that are in any ring (all clusters, and the ten of highest score mass), the mean over
# clusters of the share that their commonest ring has, and rings found: a cluster has at least half of the ring's users, and they are at least half of its users.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=${FOLDER:-build/measure/clusters}
ringfence=${RINGFENCE:-}
if [ -z "$ringfence" ]; then
  cmake --preset release > /dev/null
  cmake --build --preset release --target ringfence -- -j 2 > /dev/null
  ringfence=$(find build/release -type f -name ringfence -perm -u+x | head -n 1)
fi
[ $# -gt 0 ] || set -- 1 2 3

for seed in "$@"; do
  to=$folder/seed-$seed
  if [ ! -e "$to/scores.h5" ]; then
    mkdir -p "$to"
    "$ringfence" simulate --events "${EVENTS:-200000}" --seed "$seed" --output "$to/events.jsonl" --write-config "$to/job.yaml" \
      --quiet --set "output=$to"
    if [ -n "${CONFIG:-}" ]; then
      sed "s|^  paths: .*|  paths: [\"$(realpath "$to")/events.jsonl\"]|" "$CONFIG" > "$to/job.yaml"
    fi
    "$ringfence" run --config "$to/job.yaml" --set "output=$to" --quiet > /dev/null
  fi
  rm -f "$to/clusters.h5"
  "$ringfence" tag --config "$to/job.yaml" --set "output=$to" --quiet ${RULES:+--rules "$RULES"} > /dev/null
  # shellcheck disable=SC2086
  "$ringfence" cluster --config "$to/job.yaml" --set "output=$to" --quiet ${CLUSTER:-} > "$to/clusters.txt"
done

python3 - "$folder" "$@" <<'END'
import collections, json, sys

import h5py

folder, seeds = sys.argv[1], sys.argv[2:]


def planted(path):
    rings = collections.defaultdict(lambda: ["", set()])
    with open(path) as events:
        for line in events:
            event = json.loads(line)
            if event["ring"] and event["fraud_type"]:
                rings[event["ring"]][0] = event["fraud_type"]
                rings[event["ring"]][1].add(event["user"])
    return {ring: (kind, users) for ring, (kind, users) in rings.items() if len(users) > 1}


def found(to, method):
    with h5py.File(to + "/graph.h5") as graph, h5py.File(to + "/scores.h5") as scores:
        names = graph["u/id"].asstr()[:]
        clusters = scores["clusters"]
        ptr, user, method_of = clusters["user_ptr"][:], clusters["user"][:], clusters["method"][:]
        return [set(names[user[ptr[i]:ptr[i + 1]]]) for i in range(len(method_of))
                if method_of[i] == method and ptr[i + 1] > ptr[i]]


def share(part, whole):
    return f"{part / whole:10.2f}" if whole else "         -"


types = collections.defaultdict(lambda: [0, 0])
print("seed  method       clusters  users  in a ring  worst ten  commonest  rings found")
for seed in seeds:
    to = f"{folder}/seed-{seed}"
    rings = planted(to + "/events.jsonl")
    everybody = set().union(*(users for _, users in rings.values()))
    for method, name in enumerate(["communities", "dense"]):
        clusters = found(to, method)
        hit = [ring for ring, (_, users) in rings.items()
               if any(2 * len(c & users) >= max(len(users), len(c)) for c in clusters)]
        commonest = sum(max(len(c & users) for _, users in rings.values()) / len(c) for c in clusters)
        ten = clusters[:10]
        print(f"{seed:>4}  {name:<11}  {len(clusters):>8}  {sum(map(len, clusters)):>5} "
              + share(sum(len(c & everybody) for c in clusters), sum(map(len, clusters))) + " "
              + share(sum(len(c & everybody) for c in ten), sum(map(len, ten))) + " "
              + share(commonest, len(clusters)) + f"  {len(hit):>4} of {len(rings)}")
        if method == 0:
            for ring, (kind, _) in rings.items():
                types[kind][0] += ring in hit
                types[kind][1] += 1
print("\ntype of fraud       rings found by communities")
for kind in sorted(types):
    print(f"{kind:<18}  {types[kind][0]:>3} of {types[kind][1]}")
END
