"""pictures - how the notebooks draw: one look for all, colours that the colour-blind tell apart.

A tag has the colour that it has in ringfence's exports and page, and a marker of its own, so that nothing is said by
colour alone.
"""
from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

BLUE, ORANGE, GREEN, GREY, DARK, RED = "#0072B2", "#E69F00", "#009E73", "#B9C0C8", "#3C4650", "#A50F23"
TAG_COLOURS = {
    "account_farm": "#6040C0", "account_takeover": "#C02000", "card_testing": "#FF6000", "collusion": "#2000A0",
    "device_farm": "#0080A0", "mule_fan_in_out": "#600060", "promo_abuse": "#E000FF", "refund_abuse": "#60A080",
    "review_farm": "#FFC080", "self_dealing": "#800000", "unknown_pattern": "#804060", "velocity_bot": "#E080FF",
}  # fmt: skip
MARKERS = "osD^v<>PXph*"


def tag_colour(tag: str) -> str:
    return TAG_COLOURS.get(tag, "#606060")


def tag_marker(tag: str) -> str:
    return MARKERS[sorted(TAG_COLOURS).index(tag)] if tag in TAG_COLOURS else "d"


def look() -> None:
    """The look of all figures of a notebook."""
    plt.rcParams.update(
        {
            "figure.figsize": (9, 4.5), "figure.dpi": 96, "figure.constrained_layout.use": True, "font.size": 10.5,
            "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "grid.color": "#E4E7EA",
            "axes.axisbelow": True, "axes.titlelocation": "left", "axes.titlesize": 11.5, "legend.frameon": False,
        }
    )  # fmt: skip
    pd.set_option("display.max_colwidth", 90, "display.precision", 4)


def place(edges: pd.DataFrame, steps: int = 200) -> dict:
    """(x, y) of each node of edges' columns a and b: springs along edges, every two nodes push each other away
    (Fruchterman and Reingold 1991). Always the same for the same edges; O(nodes squared) a step."""
    names = sorted(set(edges["a"]) | set(edges["b"]))
    number = {name: i for i, name in enumerate(names)}
    a, b = edges["a"].map(number).to_numpy(), edges["b"].map(number).to_numpy()
    at = np.random.default_rng(0).normal(size=(len(names), 2))
    ideal = 1 / np.sqrt(max(len(names), 1))
    for heat in np.linspace(0.15, 0.005, steps):
        apart = at[:, None] - at[None]
        distance = np.maximum(np.linalg.norm(apart, axis=2), 1e-3)
        push = (apart * (ideal**2 / distance**2)[..., None]).sum(axis=1) - at * ideal  # and a little to the middle
        pull = (at[a] - at[b]) * (np.linalg.norm(at[a] - at[b], axis=1) / ideal)[:, None]
        np.add.at(push, a, -pull)
        np.add.at(push, b, pull)
        length = np.maximum(np.linalg.norm(push, axis=1, keepdims=True), 1e-9)
        at += push / length * np.minimum(length, heat)
    return {name: tuple(xy) for name, xy in zip(names, at)}


def draw_graph(ax: Axes, edges: pd.DataFrame, nodes: pd.DataFrame, label: set) -> None:
    """Users are round, entities square. edges: a, b, percentile; nodes, indexed by the names in a and b: kind, id,
    percentile, tag. Darker lines are the higher edges; those in `label` are named."""
    at = place(edges)
    for a, b, percentile in edges[["a", "b", "percentile"]].itertuples(index=False):
        strong = percentile >= 0.99
        line = {"color": RED, "lw": 1.6, "alpha": 0.75} if strong else {"color": GREY, "lw": 0.8, "alpha": 0.8}
        ax.plot(*zip(at[a], at[b]), zorder=2 if strong else 1, **line)
    for kind, marker in (("user", "o"), ("entity", "s")):
        some = nodes[nodes["kind"] == kind]
        xy = np.array([at[name] for name in some.index]).reshape(-1, 2)
        colour = [tag_colour(t) if t else (GREY if kind == "user" else "#A8C6DE") for t in some["tag"]]
        size = 40 + 160 * np.clip((some["percentile"].to_numpy(float) - 0.9) * 10, 0, 1)
        ax.scatter(*xy.T, s=size, c=colour, marker=marker, edgecolors=DARK, linewidths=0.7, zorder=3)
    for name in label:
        ax.annotate(nodes.loc[name, "id"][:20], at[name], (6, 5), textcoords="offset points", fontsize=9, zorder=4)
    handles = [ax.scatter([], [], marker=m, c="white", edgecolors=DARK, label=k) for k, m in (("user", "o"), ("entity", "s"))]
    for tag in sorted(set(nodes["tag"]) - {""}):
        handles.append(ax.scatter([], [], c=tag_colour(tag), edgecolors=DARK, label=tag))
    handles += ax.plot([], [], color=RED, lw=1.6, label="edge in the top 1 %")
    handles += ax.plot([], [], color=GREY, lw=0.8, label="other edge")
    ax.legend(handles=handles, loc="center left", bbox_to_anchor=(1, 0.5))
    ax.set(xticks=[], yticks=[])
    ax.margins(0.08)
    ax.spines[:].set_visible(False)
