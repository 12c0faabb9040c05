#!/usr/bin/env python3
"""Times epochs of the peer on a graph.h5 of one kind of entity; one JSON line (scripts/bench.sh --peer).

    scripts/peer/bench_peer.py GRAPH.h5 [--name NAME] [--threads N] [--epochs N]

An epoch is what ringfence's is: drawing pairs, a full-batch step, Adam. peak_bytes is the resident memory of the whole process at its
highest, of which `import_bytes` were taken when PyTorch was loaded.
"""
import argparse
import json
import resource
import time

import h5py
import numpy as np
import torch

from aggregate import Graph
from graphbean import GraphBEAN, draw_pairs, losses

NEGATIVES = 5


def peak_bytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def read(path):
    with h5py.File(path) as file:
        x = []
        for side in "uve":
            data = np.empty(file[f"{side}/x"].shape, dtype=np.float32)
            file[f"{side}/x"].read_direct(data)
            x.append(torch.from_numpy(data))
        u, v = (torch.from_numpy(file[f"e/{end}"][()].astype(np.int64)) for end in "uv")
    return x, Graph(len(x[0]), len(x[1]), u, v)


def epoch(model, optimiser, graph, x, kept, rng):
    pairs, truth = draw_pairs(graph, NEGATIVES * graph.n_e, rng)
    optimiser.zero_grad(set_to_none=True)
    total = losses(model, graph, x, kept, pairs, truth)["total"]
    total.backward()
    optimiser.step()
    return total.item()


def quartiles(values):
    values = sorted(values)
    return values[len(values) // 2], values[len(values) * 3 // 4] - values[len(values) // 4]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("graph")
    parser.add_argument("--name", default="graph")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    imported = peak_bytes()
    x, graph = read(options.graph)
    model = GraphBEAN(tuple(part.shape[1] for part in x))
    optimiser = torch.optim.Adam(model.parameters(), lr=0.01, fused=True)
    kept = model.keep(graph, *x)
    rng = np.random.default_rng(0)
    clock, cpu, loss = [], [], 0.0
    for number in range(options.epochs + 1):  # the first one only warms up
        at, used = time.perf_counter(), cpu_seconds()
        loss = epoch(model, optimiser, graph, x, kept, rng)
        if number > 0:
            clock.append(time.perf_counter() - at)
            cpu.append(cpu_seconds() - used)
    (seconds, spread), (cpu_median, cpu_spread) = quartiles(clock), quartiles(cpu)
    print(json.dumps({"case": "peer", "shape": options.name, "kinds": 1, "threads": options.threads, "runs": options.epochs,
                      "seconds": seconds, "spread": spread, "cpu_seconds": cpu_median, "cpu_spread": cpu_spread,
                      "peak_bytes": peak_bytes(), "import_bytes": imported, "torch": torch.__version__, "loss": loss}))


if __name__ == "__main__":
    main()
