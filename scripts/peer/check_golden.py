#!/usr/bin/env python3
"""Compares the peer with golden files of the reference: losses and gradients. Status 1 where they differ.

    scripts/peer/check_golden.py golden_G1.h5 …

Tolerances: 1e-6 in float64 and 1e-5 in float32; losses absolutely, gradients times the tensor's largest entry, or times 2.
"""
import sys

import h5py
import numpy as np
import torch

from aggregate import Graph, Pairs
from graphbean import GraphBEAN, losses


def attributes(file):
    at = file.attrs
    return {"hidden": tuple(int(at[f"hidden_{s}"]) for s in "uve"), "latent": (int(at["latent_u"]), int(at["latent_v"])),
            "edge_latent": int(at["edge_pred_latent"]), "n_encoder": int(at["n_layers_encoder"]),
            "n_decoder": int(at["n_layers_decoder"]), "n_mlp": int(at["n_layers_mlp"])}


def worst_gradient(model, grads, tolerance):
    """The largest difference in tolerances, and whose."""
    worst = (0.0, "")
    for name, p in model.named_parameters():
        want = grads[name.replace(".", "/")][()]
        have = np.zeros_like(want) if p.grad is None else p.grad.numpy()
        allowed = tolerance * max(np.abs(want).max(), 2)
        worst = max(worst, (float(np.abs(have - want).max() / allowed), name))
    return worst


def compare(path, dtype, tolerance):
    with h5py.File(path) as file:
        number = lambda name: torch.from_numpy(file[name][()].astype(np.int64))
        x = [torch.from_numpy(file[f"{side}/x"][()]).to(dtype) for side in "uve"]
        model = GraphBEAN(tuple(part.shape[1] for part in x), **attributes(file)).to(dtype)
        graph = Graph(len(x[0]), len(x[1]), number("e/u"), number("e/v"), dtype)
        state = {name: torch.from_numpy(np.asarray(file["model"][name.replace(".", "/")][()])) for name in model.state_dict()}
        model.load_state_dict(state)
        keys = number("samples/u") * len(x[1]) + number("samples/v")
        keys, order = torch.sort(keys)
        truth = torch.from_numpy(file["samples/y"][()]).to(dtype)[order]
        terms = losses(model, graph, x, model.keep(graph, *x), Pairs(keys, len(x[0]), len(x[1]), dtype), truth, file.attrs["eta"])
        terms["total"].backward()
        loss = max(abs(terms[name].item() - float(file[f"f64/loss/{name}"][()])) / tolerance for name in terms)
        gradient, name = worst_gradient(model, file["f64/grad"], tolerance)
    print(f"{path} {dtype}: losses at {loss:.2g} of what is allowed, gradients at {gradient:.2g} ({name})")
    return loss <= 1 and gradient <= 1


def main():
    good = [compare(path, dtype, tolerance) for path in sys.argv[1:] for dtype, tolerance in ((torch.float64, 1e-6), (torch.float32, 1e-5))]
    sys.exit(0 if good and all(good) else 1)


if __name__ == "__main__":
    main()
