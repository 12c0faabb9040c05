#!/usr/bin/env python3
"""Where a build spends its time, stage by stage: processor seconds of all threads, and seconds by the clock.

    cmake --preset release -B build/profile -DCMAKE_C_FLAGS="-fno-omit-frame-pointer -g1"
    cmake --build build/profile --target ringfence -- -j 2
    perf record -e cpu-clock -F 299 -g -o build.data build/profile/cli/ringfence build --config orders.yaml
    scripts/bench/build_stages.py build.data [FUNCTIONS]

The main thread says which stage it is in: the outermost of the functions below on its stack. Where libraries without frame
pointers hide that (HDF5), the time counts to the stage before. FUNCTIONS: the busiest ones to list for each stage (5).
"""
import bisect
import collections
import re
import subprocess
import sys

HERTZ = 299
STAGES = {
    "rf_bigraph_resume": "reading the state", "rf_build_read": "reading events", "rf_build_outlook": "before publishing",
    "rf_bigraph_settle": "before publishing", "rf_bigraph_sort_dedup": "before publishing",
    "rf_state_write_dedup": "writing the state", "rf_bigraph_renumber": "sorting the state",
    "rf_store_sort": "sorting the state", "rf_state_write": "writing the state", "rf_window_find": "freezing the window",
    "rf_window_freeze": "freezing the window", "rf_features_prepare": "structure and categories",
    "rf_nodes_make": "rows of nodes", "rf_pairs_stream": "rows of pairs", "rf_standardise": "nodes, edges and ids",
    "rf_h5_commit": "hashes and fsync", "rf_bigraph_free": "hashes and fsync",
}


def samples(path):
    """(thread, time, functions from the innermost on) of each sample."""
    script = subprocess.Popen(["perf", "script", "-i", path, "-F", "comm,tid,time,ip,sym"], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    head, stack = None, []
    for line in script.stdout:
        found = re.match(r".+?\s+(\d+)\s+([\d.]+):\s*$", line)
        if found:
            head, stack = (int(found[1]), float(found[2])), []
        elif line.strip():
            stack.append(re.sub(r"(\+0x|\.(isra|constprop|part|cold)).*", "", line.split(None, 1)[1].strip()))
        elif head:
            yield (*head, stack)
            head = None


def main():
    most = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    all_samples = sorted(samples(sys.argv[1]), key=lambda s: s[1])
    main_thread = next(thread for thread, _, stack in all_samples if "rf_build_one" in stack)
    begins, stages = [], []
    for thread, time, stack in all_samples:
        if thread != main_thread:
            continue
        name = next((STAGES[f] for f in reversed(stack) if f in STAGES), stages[-1] if stages else "starting")
        begins.append(time)
        stages.append(name)
    clock, cpu = collections.Counter(), collections.Counter()
    busiest = collections.defaultdict(collections.Counter)
    for i in range(len(begins) - 1):
        clock[stages[i]] += begins[i + 1] - begins[i]
    for _, time, stack in all_samples:
        name = stages[max(bisect.bisect_right(begins, time) - 1, 0)]
        cpu[name] += 1
        busiest[name][stack[0] if stack else "?"] += 1
    for name in dict.fromkeys(stages):
        listed = ", ".join(f"{f} {n / HERTZ:.2f}" for f, n in busiest[name].most_common(most))
        print(f"{name:26} {cpu[name] / HERTZ:6.2f} s  {clock[name]:6.2f} s by the clock  {listed}")
    print(f"{'all':26} {len(all_samples) / HERTZ:6.2f} s  {begins[-1] - begins[0]:6.2f} s by the clock")


main()
