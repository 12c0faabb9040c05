#!/usr/bin/env python3
"""Writes tests/golden/golden_K*.h5: GraphBEAN over several kinds of entity, computed by PyTorch in double precision.

    scripts/golden-kinds.py [FOLDER]

It needs torch, numpy and h5py, and shares nothing with the C code: messages are built node by node and
concatenated, gradients come from autograd, the steps from torch.optim.Adam. The files are committed;
tests/unit/test_golden_kinds.c compares. Inputs and parameters are numbers that float32 has exactly, so one copy,
in float64, serves both builds.

  K2  two kinds, the usual weights 1/2; unequal widths; three encoder layers
  K3  three kinds with weights of their own; one has edges without columns, one has users and entities that nobody
      meets, and equal maxima
  K4  two kinds; an edge counts in a mean with 1 / log(1 + degree) of the node at its other end
"""
import os
import sys

import h5py
import numpy as np
import torch
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
ETA = 0.2
ADAM_STEPS = 3


class Kind:
    """Entities and edges of one kind: their features, ends and sampled pairs."""

    def __init__(self, name, weight, n_v, n_e, d_v, d_e):
        self.name, self.weight = name, weight
        self.n_v, self.n_e, self.d_v, self.d_e = n_v, n_e, d_v, d_e
        self.prefix = ""  # of its parameters and datasets; the main kind has none


class Case:
    """A graph, the model's widths, and its parameters by their names."""

    def __init__(self, name, seed, n_u, d_u, hidden, latent, edge_latent, depths, kinds, rounded,
                 gated=False):
        self.name, self.n_u, self.d_u = name, n_u, d_u
        self.hidden, self.latent, self.edge_latent = hidden, latent, edge_latent
        self.n_enc, self.n_dec, self.n_mlp = depths
        self.kinds = kinds
        for kind in kinds[1:]:
            kind.prefix = f"kinds/{kind.name}/"
        self.rng = np.random.default_rng(seed)
        self.rounded, self.gated = rounded, gated
        self.make_graph()
        self.make_parameters()

    def numbers(self, *shape):
        x = self.rng.standard_normal(shape)
        if self.rounded:  # few different values: equal maxima
            x = np.round(x * 2) / 2
        return torch.tensor(x.astype(np.float32).astype(np.float64))

    def make_graph(self):
        self.xu = self.numbers(self.n_u, self.d_u)
        for k, kind in enumerate(self.kinds):
            # the last user and the last entity of a kind that is not the main one meet nobody
            spare = 0 if k == 0 else 1
            pairs = set()
            while len(pairs) < kind.n_e:
                user = int(self.rng.integers(self.n_u - spare))
                entity = int((self.rng.random() ** 2) * (kind.n_v - spare))
                pairs.add((user, entity))
            pairs = sorted(pairs)
            kind.u = torch.tensor([p[0] for p in pairs])
            kind.v = torch.tensor([p[1] for p in pairs])
            kind.xv = self.numbers(kind.n_v, kind.d_v)
            kind.xe = self.numbers(kind.n_e, kind.d_e)
            self.make_samples(kind, set(pairs))

    def make_samples(self, kind, pairs):
        others = {(int(self.rng.integers(self.n_u)), int(self.rng.integers(kind.n_v))) for _ in range(3 * kind.n_e)}
        samples = sorted(pairs | others)
        kind.sample_u = torch.tensor([p[0] for p in samples])
        kind.sample_v = torch.tensor([p[1] for p in samples])
        kind.sample_y = torch.tensor([float(p in pairs) for p in samples])

    def layers(self):
        """(part, number, input widths, output widths, with the node itself), the widths of users, entities, edges."""
        n = self.n_enc + self.n_dec
        for i in range(n):
            first, last_enc, first_dec, last = i == 0, i == self.n_enc - 1, i == self.n_enc, i == n - 1

            def width(kind, ends, at_latent):
                if ends:
                    return self.d_u, kind.d_v, kind.d_e
                return (*self.latent, 0) if at_latent else self.hidden

            part, number = ("encoder", i) if i < self.n_enc else ("decoder", i - self.n_enc)
            yield (part, number, lambda kind, f=first, d=first_dec: width(kind, f, d),
                   lambda kind, f=last, d=last_enc: width(kind, f, d), not last_enc)

    def linear(self, name, o, d):
        bound = 1 / np.sqrt(max(d, 1))
        if d > 0:
            self.parameter(f"{name}/weight", self.rng.uniform(-bound, bound, (o, d)))
        self.parameter(f"{name}/bias", self.rng.uniform(-bound, bound, o))

    def norm(self, name, d):
        self.parameter(f"{name}/weight", self.rng.uniform(0.5, 1.5, d))
        self.parameter(f"{name}/bias", self.rng.uniform(-0.3, 0.3, d))
        self.running[f"{name}/running_mean"] = self.exact(self.rng.uniform(-0.3, 0.3, d))
        self.running[f"{name}/running_var"] = self.exact(self.rng.uniform(0.5, 1.5, d))

    @staticmethod
    def exact(x):
        return torch.tensor(np.asarray(x).astype(np.float32).astype(np.float64))

    def parameter(self, name, value):
        self.parameters[name] = self.exact(value).requires_grad_(True)

    def make_parameters(self):
        self.parameters, self.running = {}, {}
        for part, number, widths_in, widths_out, itself in self.layers():
            for kind in self.kinds:
                owner = f"{kind.prefix}{part}_convs/{number}"
                d_u, d_v, d_e = widths_in(kind)
                o_u, o_v, o_e = widths_out(kind)
                if kind is self.kinds[0]:
                    k_u = itself * d_u + sum(2 * (widths_in(k)[1] + widths_in(k)[2]) for k in self.kinds)
                    self.linear(f"{owner}/lin_u", o_u, k_u)
                    self.norm(f"{owner}/bn_u", o_u)
                self.linear(f"{owner}/lin_v", o_v, itself * d_v + 2 * (d_u + d_e))
                self.norm(f"{owner}/bn_v", o_v)
                if o_e > 0:
                    self.linear(f"{owner}/lin_e", o_e, d_e + d_u + d_v)
                    self.norm(f"{owner}/bn_e", o_e)
        for kind in self.kinds:
            for letter, d in ("u", self.latent[0]), ("v", self.latent[1]):
                for i in range(self.n_mlp):
                    self.linear(f"{kind.prefix}{letter}_mlp_layers/{i}", self.edge_latent,
                                d if i == 0 else self.edge_latent)


def mean_and_max(rows, d, gates):
    """Of a node's rows; zeros where it has none. The first of equal maxima gets the gradient."""
    if rows.shape[0] == 0 or d == 0:
        return torch.zeros(d), torch.zeros(d)
    first = rows.detach().argmax(0)
    mean = rows.mean(0) if gates is None else (gates[:, None] * rows).sum(0) / gates.sum()
    return mean, rows[first, torch.arange(d)]


def gathered(case, node, ends, others, x, xe):
    """[mean of the other ends, max of them, mean of the edges, max of them] of one node."""
    edges = (ends == node).nonzero().flatten()
    far = others[edges]
    gates = None
    if case.gated:
        gates = 1 / torch.log(1 + torch.bincount(others)[far].to(torch.get_default_dtype()))
    return torch.cat([*mean_and_max(x[far], x.shape[1], gates), *mean_and_max(xe[edges], xe.shape[1], gates)])


def linear(p, name, x):
    weight = p.get(f"{name}/weight")
    out = p[f"{name}/bias"].expand(x.shape[0], -1)
    return out if weight is None else x @ weight.T + out


def normalised(case, p, name, x, frozen):
    mean, var = case.running[f"{name}/running_mean"], case.running[f"{name}/running_var"]
    return F.batch_norm(x, mean, var, p[f"{name}/weight"], p[f"{name}/bias"], training=not frozen, momentum=0.1,
                        eps=1e-5)


def convolution(case, p, layer, xu, state, frozen):
    part, number, _, widths_out, itself = layer
    main = case.kinds[0]
    messages = []
    for user in range(case.n_u):
        own = [xu[user]] if itself else []
        received = [gathered(case, user, k.u, k.v, xv, xe) for k, (xv, xe) in zip(case.kinds, state)]
        messages.append(torch.cat(own + received))
    owner = f"{part}_convs/{number}"
    out_u = normalised(case, p, f"{owner}/bn_u", linear(p, f"{owner}/lin_u", torch.stack(messages)), frozen)
    out = []
    for kind, (xv, xe) in zip(case.kinds, state):
        owner = f"{kind.prefix}{part}_convs/{number}"
        messages = []
        for v in range(kind.n_v):
            own = [xv[v]] if itself else []
            messages.append(torch.cat(own + [gathered(case, v, kind.v, kind.u, xu, xe)]))
        out_v = normalised(case, p, f"{owner}/bn_v", linear(p, f"{owner}/lin_v", torch.stack(messages)), frozen)
        out_e = torch.zeros(kind.n_e, 0)
        if widths_out(kind)[2] > 0:
            ends = torch.cat([xe, xu[kind.u], xv[kind.v]], 1)
            out_e = normalised(case, p, f"{owner}/bn_e", linear(p, f"{owner}/lin_e", ends), frozen)
        out.append((out_v, out_e))
    return out_u, out


def mlp(case, p, name, z):
    for i in range(case.n_mlp):
        z = linear(p, f"{name}/{i}", z)
        z = F.relu(z) if i < case.n_mlp - 1 else z
    return z


def forward(case, p, frozen):
    xu, state = case.xu, [(k.xv, k.xe) for k in case.kinds]
    n = case.n_enc + case.n_dec
    for i, layer in enumerate(case.layers()):
        xu, state = convolution(case, p, layer, xu, state, frozen)
        if i == case.n_enc - 1:
            zu, zv = xu, [s[0] for s in state]
        elif i < n - 1:
            xu, state = F.relu(xu), [(F.relu(a), F.relu(b)) for a, b in state]
    out = {"x": {"": xu}, "z": {"": zu}, "kinds": []}
    for kind, z, (xv, xe) in zip(case.kinds, zv, state):
        a, b = mlp(case, p, f"{kind.prefix}u_mlp_layers", zu), mlp(case, p, f"{kind.prefix}v_mlp_layers", z)
        logit = (a[kind.sample_u] * b[kind.sample_v]).sum(1)
        out["kinds"].append({"xv": xv, "xe": xe, "zv": z, "logit": logit})
    return out


def losses(case, out):
    terms = {"xu": F.mse_loss(out["x"][""], case.xu), "xv": 0, "xe": 0, "e": 0}
    for kind, of in zip(case.kinds, out["kinds"]):
        terms["xv"] = terms["xv"] + kind.weight * F.mse_loss(of["xv"], kind.xv)
        if kind.d_e > 0:
            terms["xe"] = terms["xe"] + kind.weight * F.mse_loss(of["xe"], kind.xe)
        cross = F.binary_cross_entropy_with_logits(of["logit"], kind.sample_y)
        terms["e"] = terms["e"] + kind.weight * cross
    terms["total"] = terms["xu"] + terms["xv"] + terms["xe"] + ETA * terms["e"]
    return terms


def write(file, name, x):
    data = x.detach().numpy() if isinstance(x, torch.Tensor) else np.asarray(x)
    small = {"compression": "gzip", "compression_opts": 9} if data.size > 64 else {}
    file.create_dataset(name, data=data, track_times=False, **small)


def write_graph(file, case):
    file.attrs["kinds"] = ",".join(k.name for k in case.kinds)
    write(file, "weights", [k.weight for k in case.kinds])
    for name, value in ("hidden", case.hidden), ("latent", case.latent):
        file.attrs[name] = np.array(value, dtype=np.int32)
    for name, value in (("edge_latent", case.edge_latent), ("n_enc", case.n_enc), ("n_dec", case.n_dec),
                        ("n_mlp", case.n_mlp)):
        file.attrs[name] = np.int32(value)
    file.attrs["eta"] = ETA
    if case.gated:
        file.attrs["gated"] = np.int32(1)
    write(file, "u/x", case.xu)
    for kind in case.kinds:
        write(file, f"{kind.prefix}v/x", kind.xv)
        write(file, f"{kind.prefix}e/x", kind.xe)
        for name, x in ("e/u", kind.u), ("e/v", kind.v), ("samples/u", kind.sample_u), ("samples/v", kind.sample_v):
            write(file, f"{kind.prefix}{name}", x.numpy().astype(np.uint32))
        write(file, f"{kind.prefix}samples/y", kind.sample_y.numpy().astype(np.uint8))


def write_outputs(file, group, case, out):
    write(file, f"{group}/xu", out["x"][""])
    write(file, f"{group}/zu", out["z"][""])
    for kind, of in zip(case.kinds, out["kinds"]):
        for name in "xv", "xe", "zv":
            write(file, f"{group}/{kind.prefix}{name}", of[name])
        write(file, f"{group}/{kind.prefix}eprob", torch.sigmoid(of["logit"]))


def write_steps(file, case):
    adam = torch.optim.Adam(case.parameters.values(), lr=0.01)
    for step in range(ADAM_STEPS + 1):
        terms = losses(case, forward(case, case.parameters, False))
        if step == 0:
            for name, value in terms.items():
                write(file, f"loss/{name}", value)
        adam.zero_grad()
        terms["total"].backward()
        if step == 0:
            for name, p in case.parameters.items():
                write(file, f"grad/{name}", p.grad)
        if step < ADAM_STEPS:
            adam.step()
        else:
            write(file, "adam/loss", terms["total"])
    for name, p in case.parameters.items():
        write(file, f"adam/end/{name}", p)


def make(case, folder):
    with h5py.File(os.path.join(folder, f"golden_{case.name}.h5"), "w", libver=("v108", "v108")) as file:
        write_graph(file, case)
        for name, x in (case.parameters | case.running).items():
            write(file, f"model/{name}", x)
        saved = {name: x.clone() for name, x in case.running.items()}
        write_outputs(file, "out_eval", case, forward(case, case.parameters, True))
        write_outputs(file, "out", case, forward(case, case.parameters, False))
        for name, x in saved.items():
            case.running[name].copy_(x)
        write_steps(file, case)


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "..", "tests", "golden")
    make(Case("K2", 1, n_u=14, d_u=3, hidden=(6, 5, 7), latent=(4, 3), edge_latent=5, depths=(3, 2, 2),
              kinds=[Kind("shop", 0.5, n_v=9, n_e=32, d_v=4, d_e=5), Kind("device", 0.5, n_v=11, n_e=18, d_v=2, d_e=3)],
              rounded=False), folder)
    make(Case("K3", 2, n_u=13, d_u=4, hidden=(5, 6, 4), latent=(3, 4), edge_latent=6, depths=(2, 3, 2),
              kinds=[Kind("shop", 0.7, n_v=7, n_e=30, d_v=3, d_e=4), Kind("device", 0.25, n_v=10, n_e=17, d_v=5, d_e=0),
                     Kind("card", 1.2, n_v=8, n_e=12, d_v=2, d_e=6)], rounded=True), folder)
    make(Case("K4", 3, n_u=12, d_u=2, hidden=(4, 5, 3), latent=(3, 2), edge_latent=4, depths=(2, 2, 1),
              kinds=[Kind("shop", 0.5, n_v=6, n_e=26, d_v=3, d_e=2), Kind("device", 0.5, n_v=9, n_e=15, d_v=2, d_e=4)],
              rounded=False, gated=True), folder)


if __name__ == "__main__":
    main()
