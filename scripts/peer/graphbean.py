"""graphbean.py: GraphBEAN of one kind of entity in PyTorch, as well as someone who knows both would write it by hand.

The first layer's messages never change and are kept. Weights are split, so that no message and no E x d matrix is concatenated but where
the product is wider than what goes in. Sums over edges are in aggregate.py. What can be overwritten is.
"""
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from aggregate import AddEnds, Edges, JoinEnds, PairLogits, Pairs, Partners


class Convolution(nn.Module):
    """BEANConv and batch norm. d, o: widths of users, entities, edges; d_e or o_e = 0: edges have no columns."""

    def __init__(self, d, o, itself=True):
        super().__init__()
        self.d, self.itself = d, itself
        (d_u, d_v, d_e), (o_u, o_v, o_e) = d, o
        self.lin_u, self.bn_u = nn.Linear(itself * d_u + 2 * (d_v + d_e), o_u), nn.BatchNorm1d(o_u)
        self.lin_v, self.bn_v = nn.Linear(itself * d_v + 2 * (d_u + d_e), o_v), nn.BatchNorm1d(o_v)
        if o_e > 0:
            self.lin_e, self.bn_e = nn.Linear(d_e + d_u + d_v, o_e), nn.BatchNorm1d(o_e)
        self.o_e = o_e

    def heard(self, graph, xu, xv, xe):
        """Parts of the users' and of the entities' messages."""
        of_edges = Edges.apply(xe, graph) if self.d[2] > 0 else ()
        to_u = ([xu] if self.itself else []) + [*Partners.apply(xv, graph.by_u, graph.by_v), *of_edges[:2]]
        to_v = ([xv] if self.itself else []) + [*Partners.apply(xu, graph.by_v, graph.by_u), *of_edges[2:]]
        return to_u, to_v

    @staticmethod
    def product(linear, parts):
        weights = linear.weight.split([part.shape[1] for part in parts], 1)
        out = F.linear(parts[0], weights[0], linear.bias)
        for part, weight in zip(parts[1:], weights[1:]):
            out.addmm_(part, weight.t())
        return out

    def edges(self, graph, xu, xv, xe):
        d_u, d_v, d_e = self.d
        if self.o_e > d_u + d_v + d_e:
            return self.lin_e(JoinEnds.apply(xe, xu, xv, graph))
        w_e, w_u, w_v = self.lin_e.weight.split([d_e, d_u, d_v], 1)
        own = F.linear(xe, w_e, self.lin_e.bias) if d_e > 0 else self.lin_e.bias.repeat(graph.n_e, 1)
        return AddEnds.apply(own, F.linear(xu, w_u), F.linear(xv, w_v), graph)

    def forward(self, graph, xu, xv, xe, kept=None):
        to_u, to_v = kept or self.heard(graph, xu, xv, xe)
        out_u, out_v = self.bn_u(self.product(self.lin_u, to_u)), self.bn_v(self.product(self.lin_v, to_v))
        return out_u, out_v, self.bn_e(self.edges(graph, xu, xv, xe)) if self.o_e > 0 else None


class GraphBEAN(nn.Module):
    """ins, hidden: widths of users, entities, edges; latent: of users and entities."""

    def __init__(self, ins, hidden=(32, 32, 32), latent=(32, 32), edge_latent=32, n_encoder=2, n_decoder=2, n_mlp=2):
        super().__init__()
        self.n_mlp = n_mlp
        widths = [ins] + [hidden] * (n_encoder - 1) + [(*latent, 0)]
        self.encoder_convs = nn.ModuleList(Convolution(d, o, o[2] > 0) for d, o in zip(widths, widths[1:]))
        widths = [(*latent, 0)] + [hidden] * (n_decoder - 1) + [ins]
        self.decoder_convs = nn.ModuleList(Convolution(d, o) for d, o in zip(widths, widths[1:]))
        for name, d in (("u_mlp_layers", latent[0]), ("v_mlp_layers", latent[1])):
            setattr(self, name, nn.ModuleList(nn.Linear(edge_latent if i else d, edge_latent) for i in range(n_mlp)))

    def keep(self, graph, xu, xv, xe):
        """The first layer's messages, in one piece each: constants."""
        with torch.no_grad():
            return tuple([torch.cat(parts, 1)] for parts in self.encoder_convs[0].heard(graph, xu, xv, xe))

    def mlp(self, layers, z):
        for layer in layers[:-1]:
            z = F.relu_(layer(z))
        return layers[-1](z)

    def forward(self, graph, x, kept, pairs):
        state = x
        for i, layer in enumerate(self.encoder_convs):
            state = layer(graph, *state, kept if i == 0 else None)
            if i < len(self.encoder_convs) - 1:
                state = tuple(F.relu_(part) for part in state)
        zu, zv, _ = state
        logits = PairLogits.apply(self.mlp(self.u_mlp_layers, zu), self.mlp(self.v_mlp_layers, zv), pairs)
        for i, layer in enumerate(self.decoder_convs):
            state = layer(graph, *state)
            if i < len(self.decoder_convs) - 1:
                state = tuple(F.relu_(part) for part in state)
        return state, logits


class SquaredError(torch.autograd.Function):
    """Mean squared error. `made`, which batch norm does not need again, becomes the difference and then its gradient."""

    @staticmethod
    def forward(ctx, made, x):
        ctx.difference = made.detach().sub_(x)
        return torch.linalg.vector_norm(ctx.difference).square() / x.numel()

    @staticmethod
    def backward(ctx, d):
        return ctx.difference.mul_(2 * d / ctx.difference.numel()), None


def losses(model, graph, x, kept, pairs, truth, eta=0.2):
    made, logits = model(graph, x, kept, pairs)
    terms = dict(zip(("xu", "xv", "xe"), map(SquaredError.apply, made, x)))
    terms["e"] = F.binary_cross_entropy_with_logits(logits, truth)
    terms["total"] = terms["xu"] + terms["xv"] + terms["xe"] + eta * terms["e"]
    return terms


def draw_pairs(graph, n_random, rng, dtype=torch.float32):
    """Every true pair once and n_random others, none twice; a random pair that is a true one counts as true."""
    keys = np.concatenate([rng.integers(graph.n_u * graph.n_v, size=n_random), graph.keys.numpy()])
    keys.sort()
    keys = keys[np.concatenate([[True], keys[1:] != keys[:-1]])]
    at = np.minimum(np.searchsorted(keys, graph.keys.numpy()), keys.size - 1)
    truth = torch.zeros(keys.size, dtype=dtype)
    truth[torch.from_numpy(at)] = 1
    return Pairs(torch.from_numpy(keys), graph.n_u, graph.n_v, dtype), truth
