"""aggregate.py: what nodes hear from their edges and partners, in PyTorch, with hand-written gradients.

All sums over edges are products with sparse CSR matrices that are made once a graph. On CPUs `torch.sparse.mm` with a reduction is
the fastest that PyTorch 2 has: for a million edges of width 32 it takes half of the time of `segment_reduce`, a quarter of
`scatter_reduce`, and its own gradients, which sort the matrix anew in each call, six times that of the ones written here.
"""
import warnings

import torch

warnings.filterwarnings("ignore", message="Sparse CSR tensor support is in beta")
torch.sparse.check_sparse_tensor_invariants.disable()
REDUCE = torch.ops.aten._sparse_mm_reduce_impl


def csr(pointers, columns, values, shape):
    return torch.sparse_csr_tensor(pointers, columns, values, size=shape)


def pointers_of(rows, n):
    out = torch.zeros(n + 1, dtype=torch.int64)
    torch.cumsum(torch.bincount(rows, minlength=n), 0, out=out[1:])
    return out


class Side:
    """One direction of the edges: those of each user, or of each entity. `order`: edges in this side's order."""

    def __init__(self, n, near, far, n_far, order, dtype):
        n_e = near.numel()
        rows, far = near[order], far[order]
        ones = torch.ones(n_e, dtype=dtype)
        self.n, self.n_e, self.n_far, self.near = n, n_e, n_far, near
        self.pointers = pointers_of(rows, n)
        self.partners = csr(self.pointers, far, ones, (n, n_far))
        self.edges = csr(self.pointers, order, ones, (n, n_e))
        degree = self.pointers.diff()
        self.share = torch.where(degree > 0, 1.0 / degree.clamp(min=1), 0.0).to(dtype).unsqueeze(1)
        # the winner of a maximum is a place in the row's list; empty rows have one that does not count, behind the last
        self.empty = (degree == 0).unsqueeze(1) if bool((degree == 0).any()) else None
        self.far_at, self.edge_at = (torch.cat([at, at[:1]]) for at in (far, order))


class Graph:
    """Edges sorted by (u, v), with all that never changes."""

    def __init__(self, n_u, n_v, u, v, dtype=torch.float32):
        self.n_u, self.n_v, self.n_e, self.u, self.v = n_u, n_v, u.numel(), u, v
        self.by_u = Side(n_u, u, v, n_v, torch.arange(self.n_e), dtype)
        self.by_v = Side(n_v, v, u, n_u, torch.argsort(v, stable=True), dtype)
        ends = torch.stack([u, v + n_u], 1).view(-1)
        self.ends = csr(torch.arange(0, 2 * self.n_e + 1, 2), ends, torch.ones(2 * self.n_e, dtype=dtype), (self.n_e, n_u + n_v))
        self.keys = u * n_v + v


def to_winners(d_x, d_top, at, side):
    """Adds the gradients of a side's maxima to the rows that won."""
    d_x.scatter_add_(0, at, d_top if side.empty is None else d_top.masked_fill(side.empty, 0))


def maximum(matrix, x, with_place):
    """Largest of each row's entries, zeros where there are none; and the place of the winner, if anybody will ask for it."""
    if not with_place:
        return torch.sparse.mm(matrix, x, "amax"), None
    with torch.enable_grad():  # else the winners are not kept
        out, place = REDUCE(matrix, x.detach().requires_grad_(), "amax")
    return out.detach(), place


class Partners(torch.autograd.Function):
    """Mean and maximum of the other ends' rows."""

    @staticmethod
    def forward(ctx, x, side, back):
        top, place = maximum(side.partners, x, ctx.needs_input_grad[0])
        ctx.side, ctx.back = side, back
        ctx.save_for_backward(place)
        return torch.sparse.mm(side.partners, x, "mean"), top

    @staticmethod
    def backward(ctx, d_mean, d_top):
        place, = ctx.saved_tensors
        side = ctx.side
        d_x = torch.sparse.mm(ctx.back.partners, d_mean * side.share, "sum")
        to_winners(d_x, d_top, side.far_at[place], side)
        return d_x, None, None


class Edges(torch.autograd.Function):
    """Mean and maximum of the edges' rows, for users and for entities."""

    @staticmethod
    def forward(ctx, x, graph):
        ctx.graph, out, places = graph, [], []
        for side in (graph.by_u, graph.by_v):
            top, place = maximum(side.edges, x, ctx.needs_input_grad[0])
            out += [torch.sparse.mm(side.edges, x, "mean"), top]
            places.append(place)
        ctx.save_for_backward(*places)
        return tuple(out)

    @staticmethod
    def backward(ctx, *d):
        graph = ctx.graph
        means = torch.cat([d[0] * graph.by_u.share, d[2] * graph.by_v.share])
        d_x = torch.sparse.mm(graph.ends, means, "sum")
        for side, place, d_top in zip((graph.by_u, graph.by_v), ctx.saved_tensors, (d[1], d[3])):
            to_winners(d_x, d_top, side.edge_at[place], side)
        return d_x, None


class AddEnds(torch.autograd.Function):
    """Adds to each edge's row, in place, those of its user and its entity."""

    @staticmethod
    def forward(ctx, y, of_u, of_v, graph):
        ctx.graph = graph
        y.add_(torch.sparse.mm(graph.ends, torch.cat([of_u, of_v]), "sum"))
        ctx.mark_dirty(y)
        return y

    @staticmethod
    def backward(ctx, d_y):
        graph = ctx.graph
        return (d_y, torch.sparse.mm(graph.by_u.edges, d_y, "sum"), torch.sparse.mm(graph.by_v.edges, d_y, "sum"), None)


class JoinEnds(torch.autograd.Function):
    """[the edge's row | its user's | its entity's]: where the product is wider than all three."""

    @staticmethod
    def forward(ctx, e, x_u, x_v, graph):
        ctx.graph, ctx.widths = graph, (e.shape[1], x_u.shape[1], x_v.shape[1])
        out = torch.empty(graph.n_e, sum(ctx.widths), dtype=x_u.dtype)
        for part, value in zip(out.split(ctx.widths, 1), (e, x_u.index_select(0, graph.u), x_v.index_select(0, graph.v))):
            part.copy_(value)
        return out

    @staticmethod
    def backward(ctx, d):
        graph = ctx.graph
        d_e, d_u, d_v = d.split(ctx.widths, 1)
        return (d_e, torch.sparse.mm(graph.by_u.edges, d_u.contiguous(), "sum"),
                torch.sparse.mm(graph.by_v.edges, d_v.contiguous(), "sum"), None)


class Pairs:
    """The pairs that the structure decoder is asked about, sorted by (u, v), as sparse matrices both ways."""

    def __init__(self, keys, n_u, n_v, dtype):
        self.shape = (n_u, n_v)
        u, self.v = keys // n_v, keys % n_v
        zeros = torch.zeros(keys.numel(), dtype=dtype)
        self.pointers = pointers_of(u, n_u)
        self.matrix = csr(self.pointers, self.v, zeros, (n_u, n_v))
        # sorting (v, place) as whole numbers is several times faster than argsort
        bits = max(keys.numel() - 1, 1).bit_length()
        both = (self.v << bits) | torch.arange(keys.numel())
        both.numpy().sort()
        self.order = both & ((1 << bits) - 1)
        self.back_pointers, self.back_u = pointers_of(self.v, n_v), u[self.order]


class PairLogits(torch.autograd.Function):
    """a[u] . b[v] of each pair."""

    @staticmethod
    def forward(ctx, a, b, pairs):
        ctx.pairs = pairs
        ctx.save_for_backward(a, b)
        return torch.sparse.sampled_addmm(pairs.matrix, a, b.t(), beta=0).values()

    @staticmethod
    def backward(ctx, d):
        a, b = ctx.saved_tensors
        pairs = ctx.pairs
        n_u, n_v = pairs.shape
        d_a = torch.sparse.mm(csr(pairs.pointers, pairs.v, d, (n_u, n_v)), b, "sum")
        d_b = torch.sparse.mm(csr(pairs.back_pointers, pairs.back_u, d[pairs.order], (n_v, n_u)), a, "sum")
        return d_a, d_b, None
