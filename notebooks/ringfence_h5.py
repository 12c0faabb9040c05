"""ringfence_h5 - what a run of ringfence wrote, as pandas tables and SciPy sparse matrices.

    import ringfence_h5
    run = ringfence_h5.open_run("runs/demo")
    run.users                        # one row a user: id, events, times, label, score, percentile, tags, cluster
    run.graph.features("user")       # its features in raw units, NaN where there was no data
    run.graph.adjacency("events")    # users x entities, sparse
    run.evidence("user", [17])       # which signals a tag rests on

Only files are read, never written: graph.h5 and scores.h5 as docs/FORMATS.md describes them, and actions.jsonl,
evaluation.json and summary.json where they are there. Big matrices are read when asked for; the files stay
open until close(), so that a run that replaces them meanwhile does not mix two runs in one notebook.

`kind` is "user", "entity" or "edge" everywhere. Where the graph names several kinds of entity (graph.kinds), these are the
main kind's, and "device" and "edge:device" are the entities and the edges of another one. A row is the number of a subject within its kind, counted from 0 as in
the files; every table of one kind has the rows as its index. An edge is a pair of user and entity with all their
events, or one event (graph.granularity).
"""
from __future__ import annotations

import codecs
import json
from functools import cached_property
from pathlib import Path
from typing import Any, Iterable, NamedTuple, Sequence

import h5py
import numpy as np
import pandas as pd
from scipy import sparse

KINDS = {"user": "u", "entity": "v", "edge": "e"}
METHODS = ("communities", "dense")
CHANGES = ("new", "grown", "shrunk", "changed", "same", "gone")
NOBODY = np.uint32(0xFFFFFFFF)  # no edge, no entity: in columns of row numbers
FLOAT_STEP = 2.0**-23  # relative distance of neighbouring float32
BLOCK = 1 << 16  # rows read at a time where a whole matrix is not needed


class FormatError(ValueError):
    """A file is not what it should be; the message names the file, the dataset and what to do."""


class Reason(NamedTuple):
    """A feature that the model did not expect, in raw units; share is of the subject's squared error, [0, 1]."""

    feature: str
    observed: float  # NaN: no data
    expected: float
    share: float

    def __str__(self) -> str:
        observed = "no data" if np.isnan(self.observed) else f"{self.observed:.4g}"
        return f"{self.feature} {observed} instead of {self.expected:.4g} ({100 * self.share:.0f} %)"


def _spell(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return "".join(f"\\x{{{byte:02X}}}" for byte in error.object[error.start : error.end]), error.end


codecs.register_error("ringfence_spell", _spell)


def _text(raw: bytes | str) -> str:
    """Bytes that are not UTF-8 are spelled \\x{FF}, as exports do, so that two ids never become one."""
    if isinstance(raw, str):
        return raw
    return raw.decode("utf-8", "ringfence_spell")


def _ranges(ptr: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Places ptr[r] .. ptr[r + 1] of each row r, one after the other, and the row of each."""
    counts = ptr[rows + 1] - ptr[rows]
    ends = np.cumsum(counts)
    places = np.arange(ends[-1] if len(ends) else 0) + np.repeat(ptr[rows] - ends + counts, counts)
    return places, np.repeat(rows, counts)


class _File:
    """An HDF5 file of one format and version."""

    def __init__(self, path: str | Path, form: str, version: int = 1) -> None:
        self.path = Path(path)
        try:
            self.h5 = h5py.File(self.path, "r")
        except FileNotFoundError:
            raise FileNotFoundError(f"{self.path} is not there; `ringfence run` writes it") from None
        except OSError as error:
            raise FormatError(f"{self.path} cannot be read as HDF5: {error}") from None
        try:
            found = self.attribute("format")
            if found != form:
                raise FormatError(f"{self.path} has the format {found!r}, not {form!r}")
            if self.attribute("version") != version:
                raise FormatError(
                    f"{self.path} has version {self.attribute('version')} of {form}; this module knows version {version}"
                )
        except FormatError:
            self.h5.close()
            raise

    def attribute(self, name: str, group: str = "/") -> Any:
        value = self.h5[group].attrs.get(name)
        if isinstance(value, bytes):
            return _text(value)
        return value.item() if isinstance(value, np.generic) else value

    def has(self, name: str) -> bool:
        return name in self.h5

    def dataset(self, name: str, *shape: int | None) -> h5py.Dataset:
        """The dataset, whose shape is as given (None: any length)."""
        if not self.has(name) or not isinstance(self.h5[name], h5py.Dataset):
            raise FormatError(f"{self.path}: the dataset {name} is missing")
        data = self.h5[name]
        if len(data.shape) != len(shape) or any(want not in (None, is_) for want, is_ in zip(shape, data.shape)):
            wanted = ", ".join("any" if n is None else str(n) for n in shape)
            raise FormatError(f"{self.path}: {name} has the shape {list(data.shape)}, expected [{wanted}]")
        return data

    def read(self, name: str, *shape: int | None) -> np.ndarray:
        return self.dataset(name, *shape)[...]

    def texts(self, name: str, n: int | None = None) -> list[str]:
        return [_text(raw) for raw in self.read(name, n)]

    def pointers(self, name: str, n: int, end: int) -> np.ndarray:
        """n + 1 places that lead from 0 to end and never back."""
        ptr = self.read(name, n + 1).astype(np.int64)
        if ptr[0] != 0 or ptr[-1] != end or (np.diff(ptr) < 0).any():
            raise FormatError(f"{self.path}: {name} does not lead from 0 to {end} in steps upwards")
        return ptr

    def rows(self, name: str, n: int | None, below: int, nobody: bool = False) -> np.ndarray:
        """Row numbers, each below `below`; with nobody also NOBODY."""
        rows = self.read(name, n)
        if ((rows >= below) & ~(nobody & (rows == NOBODY))).any():
            raise FormatError(f"{self.path}: {name} has a row that is not below {below}")
        return rows

    def close(self) -> None:
        self.h5.close()


def _untame(x: np.ndarray, mean: np.ndarray, scale: np.ndarray, tamed: np.ndarray) -> np.ndarray:
    value = x * scale + mean
    return np.where(tamed, np.sign(value) * np.expm1(np.abs(value)), value)


def _time(microseconds: Any) -> Any:
    return pd.to_datetime(microseconds, unit="us", utc=True)


def is_edge(kind: str) -> bool:
    return kind == "edge" or kind.startswith("edge:")


def entity_of(kind: str) -> str:
    """The kind of entity that a kind of edge leads to."""
    return "entity" if kind == "edge" else kind.removeprefix("edge:")


class Graph:
    """graph.h5: users, entities, the edges between them, and their features.

    n         {"user": n_u, "entity": n_v, "edge": n_e}, and of each kind that has a name {"device": …, "edge:device": …}
    kinds     names of the kinds of entity, the main kind first; ["entity"] where the file has one without a name
    window    (from, to) as UTC timestamps, `to` exclusive; None where the file does not say
    edge_user, edge_entity   uint32 [n_e]: rows of each edge's user and entity, of the main kind (ends() of others)
    """

    def __init__(self, path: str | Path) -> None:
        self.file = file = _File(path, "ringfence-graph")
        self.path = file.path
        named = (file.attribute("kinds") or "").split(",") if file.attribute("kinds") else []
        self.kinds: list[str] = named or ["entity"]
        self._groups = dict(KINDS)  # where in the files a kind's datasets are
        for number, name in enumerate(named):
            self._groups |= {name: f"kinds/{name}/v" if number else "v", f"edge:{name}": f"kinds/{name}/e" if number else "e"}
        self.n = {kind: int(file.dataset(f"/{group}/x", None, None).shape[0]) for kind, group in self._groups.items()}
        self.edge_user, self.edge_entity = self.ends("edge")
        self.granularity: str = file.attribute("granularity") or "pair"
        limits = file.attribute("window_from"), file.attribute("window_to")
        self.window = None if None in limits else tuple(_time(limit) for limit in limits)
        self.fraud_types: list[str] = file.texts("/fraud_types") if file.has("/fraud_types") else [""]

    def close(self) -> None:
        self.file.close()

    def group(self, kind: str) -> str:
        """The group of a kind in graph.h5 and scores.h5: "u", "v", "kinds/device/e"."""
        if kind not in self._groups:
            raise ValueError(f"kind is {kind!r}; it is one of {', '.join(self._groups)}")
        return self._groups[kind]

    def ends(self, kind: str) -> tuple[np.ndarray, np.ndarray]:
        """uint32 [n] each: rows of the users and of the entities of a kind's edges ("edge", "edge:device")."""
        if not is_edge(kind):
            raise ValueError(f"{kind!r} is no kind of edge")
        group, n = self.group(kind), self.n[kind]
        return self.file.rows(f"/{group}/u", n, self.n["user"]), self.file.rows(f"/{group}/v", n, self.n[entity_of(kind)])

    # ---- who there is ----

    def ids(self, kind: str) -> list[str]:
        """[n] ids as the events have them. An edge's is its event id; in pair granularity edges have none ("")."""
        name = f"/{self.group(kind)}/id"
        if self.file.has(name):
            return self.file.texts(name, self.n[kind])
        return [""] * self.n[kind] if is_edge(kind) else [str(row) for row in range(self.n[kind])]

    @cached_property
    def users(self) -> pd.DataFrame:
        """id, events, first_seen, last_seen (UTC), degree (edges of all kinds); label (0, 1) and fraud_type where events
        have them."""
        return self._nodes("user", [self.ends(kind)[0] for kind in self.edge_kinds])

    @cached_property
    def entities(self) -> pd.DataFrame:
        """As users; `hub` where the graph leaves out edges of entities that very many share."""
        return self._nodes("entity", [self.edge_entity])

    @cached_property
    def edges(self) -> pd.DataFrame:
        """user_row, entity_row, user, entity (ids), event_id in event granularity, and what users have but degree."""
        return self._edges("edge")

    @property
    def edge_kinds(self) -> list[str]:
        """The kinds of edge, the main one first: ["edge", "edge:device"]."""
        return ["edge"] + [f"edge:{name}" for name in self.kinds[1:]]

    def table(self, kind: str) -> pd.DataFrame:
        """users, entities or edges, or those of another kind of entity."""
        self.group(kind)
        kept = {"user": "users", "entity": "entities", "edge": "edges"}.get(kind)
        if kept:
            return getattr(self, kept)
        return self._edges(kind) if is_edge(kind) else self._nodes(kind, [self.ends(f"edge:{kind}")[1]])

    def _edges(self, kind: str) -> pd.DataFrame:
        user_row, entity_row = self.ends(kind)
        columns: dict[str, Any] = {
            "user_row": user_row.astype(np.int64),
            "entity_row": entity_row.astype(np.int64),
            "user": self.users["id"].to_numpy()[user_row],
            "entity": np.array(self.ids(entity_of(kind)), dtype=object)[entity_row],
        }
        if self.file.has(f"/{self.group(kind)}/id"):
            columns["event_id"] = self.ids(kind)
        return pd.DataFrame(columns | self._activity(kind))

    def _nodes(self, kind: str, ends: list[np.ndarray]) -> pd.DataFrame:
        degree = sum(np.bincount(rows, minlength=self.n[kind]) for rows in ends)
        hub = f"/{self.group(kind)}/hub"
        hubs = {"hub": self.file.read(hub, self.n[kind]) == 1} if self.file.has(hub) else {}
        return pd.DataFrame({"id": self.ids(kind)} | self._activity(kind) | {"degree": degree} | hubs)

    def _activity(self, kind: str) -> dict[str, Any]:
        side, n, columns = self.group(kind), self.n[kind], {}
        if self.file.has(f"/{side}/count"):
            columns["events"] = self.file.read(f"/{side}/count", n)
        for column, name in (("first_seen", "first_time"), ("last_seen", "last_time")):
            if self.file.has(f"/{side}/{name}"):
                columns[column] = _time(self.file.read(f"/{side}/{name}", n))
        if self.file.has(f"/{side}/y"):
            columns["label"] = self.file.read(f"/{side}/y", n)
        if self.file.has(f"/{side}/fraud_type"):
            codes = self.file.rows(f"/{side}/fraud_type", n, len(self.fraud_types))
            columns["fraud_type"] = np.array(self.fraud_types, dtype=object)[codes]
        return columns

    # ---- features ----

    def _width(self, kind: str) -> int:
        return int(self.file.dataset(f"/{self.group(kind)}/x", self.n[kind], None).shape[1])

    def _scales(self, kind: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """[d] each: mean, scale, and whether tamed."""
        side, d = self.group(kind), self._width(kind)
        given = [self.file.has(f"/{side}/{name}") for name in ("mean", "scale", "transform")]
        mean = self.file.read(f"/{side}/mean", d).astype(float) if given[0] else np.zeros(d)
        scale = self.file.read(f"/{side}/scale", d).astype(float) if given[1] else np.ones(d)
        tamed = self.file.read(f"/{side}/transform", d) == 1 if given[2] else np.zeros(d, dtype=bool)
        return mean, scale, tamed

    def feature_names(self, kind: str, raw: bool = True) -> list[str]:
        """[d] names of the columns; in raw units "amount_sum" for the tamed column "log1p_amount_sum"."""
        d, name = self._width(kind), f"/{self.group(kind)}/feature_names"
        names = self.file.texts(name, d) if self.file.has(name) else [f"x{column}" for column in range(d)]
        if not raw:
            return names
        tamed = self._scales(kind)[2]
        return [n.removeprefix("log1p_") if t else n for n, t in zip(names, tamed)]

    def features(
        self, kind: str, columns: Sequence[str] | None = None, rows: Sequence[int] | None = None, raw: bool = True
    ) -> pd.DataFrame:
        """[rows, columns] features; all of them without `columns` and `rows`.

        raw=True    raw units (docs/FEATURES.md has each one's), float64, NaN where the row has no data
        raw=False   as the model sees them: tamed, mean 0 and variance 1 over the graph, float32; 0 where no data
        """
        names = self.feature_names(kind, raw)
        unknown = [name for name in columns or [] if name not in names]
        if unknown:
            raise KeyError(f"{self.path}: no {kind} feature is called {', '.join(unknown)}")
        chosen = np.arange(len(names)) if columns is None else np.array([names.index(c) for c in columns], dtype=int)
        index = np.arange(self.n[kind]) if rows is None else np.asarray(rows, dtype=np.int64)
        x = self._rows_of_x(kind, index)[:, chosen]
        if raw:
            x = self.to_raw(kind, x, chosen, no_data=np.signbit(x) & (x == 0))
        return pd.DataFrame(x, columns=[names[c] for c in chosen], index=index)

    def to_raw(self, kind: str, x: np.ndarray, columns: np.ndarray, no_data: np.ndarray | None = None) -> np.ndarray:
        """Standardised values in raw units: the inverse of standardising and taming. `columns` broadcasts against x.
        Rounded to the digits that the standardised float holds, so that a count of 45 is not 44.999999."""
        x = np.asarray(x, dtype=float)
        scales = tuple(of[columns] for of in self._scales(kind))
        mean, scale = scales[:2]
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # what is expected may lie beyond all numbers
            value = _untame(x, *scales)
            lost = FLOAT_STEP * (np.abs(x) + np.abs(mean) / scale)
            place = 10.0 ** np.ceil(np.log10(np.abs(_untame(x + lost, *scales) - value)))
            rounded = np.round(value / place) * place
        value = np.where((place > 0) & np.isfinite(rounded), rounded, value)
        return value if no_data is None else np.where(no_data, np.nan, value)

    def _rows_of_x(self, kind: str, rows: np.ndarray) -> np.ndarray:
        data = self.file.dataset(f"/{self.group(kind)}/x", self.n[kind], None)
        if len(rows) * 4 > self.n[kind]:
            return data[...][rows]
        out = np.empty((len(rows), data.shape[1]), dtype=data.dtype)
        for block in np.unique(rows // BLOCK):  # few rows of a large matrix: a block at a time
            inside = np.flatnonzero(rows // BLOCK == block)
            out[inside] = data[block * BLOCK : (block + 1) * BLOCK][rows[inside] - block * BLOCK]
        return out

    # ---- structure ----

    def adjacency(self, values: str | np.ndarray | pd.Series | None = None, kind: str = "entity") -> sparse.csr_array:
        """[n_u, n_v] sparse, of users and the entities of a kind. Values are 1 an edge, a column of the kind's edges or a raw
        edge feature by name, or one value an edge. Parallel edges (event granularity) are added up. An edge of value 0 stays
        stored."""
        edges = "edge" if kind == "entity" else f"edge:{kind}"
        user_row, entity_row = self.ends(edges)
        if values is None:
            data = np.ones(self.n[edges])
        elif isinstance(values, str):
            table = self.table(edges)
            numbers = table if values in table else self.features(edges, [values])
            data = numbers[values].to_numpy()
        else:
            data = np.asarray(values)
        if data.shape != (self.n[edges],):
            raise ValueError(f"{data.shape} values for {self.n[edges]} edges")
        return sparse.coo_array((data, (user_row, entity_row)), (self.n["user"], self.n[kind])).tocsr()


class Scores:
    """scores.h5 of a graph: scores, reasons, latent vectors; tags and clusters where the run made them."""

    def __init__(self, path: str | Path, graph: Graph) -> None:
        self.file = file = _File(path, "ringfence-scores")
        self.path, self.graph = file.path, graph
        try:
            if (file.attribute("kinds") or None) != (graph.file.attribute("kinds") or None):
                raise FormatError(f"{self.path} is of other kinds of entity than {graph.path}; score it again")
            for kind in graph.n:
                side = graph.group(kind)
                n = file.dataset(f"/{side}/score", None).shape[0]
                if n != graph.n[kind]:
                    raise FormatError(
                        f"{self.path} has the scores of {n} {kind} rows, but {graph.path} has {graph.n[kind]}: "
                        "they are of another graph; score it again"
                    )
            self.run_id: str = file.attribute("run_id") or ""
            self._tags = self._read_rules() if file.has("/tags") else None
        except FormatError:
            self.close()
            raise

    def close(self) -> None:
        self.file.close()

    @property
    def tagged(self) -> bool:
        return self._tags is not None

    def table(self, kind: str) -> pd.DataFrame:
        """score, percentile [0, 1], robust_z, x_error; edges: ce and probability; nodes: cluster (its community's id, missing where
        it is in none)."""
        side, n, columns = self.graph.group(kind), self.graph.n[kind], {}
        for name in ("score", "percentile", "robust_z", "x_error"):
            if name != "robust_z" or self.file.has(f"/{side}/{name}"):
                columns[name] = self.file.read(f"/{side}/{name}", n)
        if is_edge(kind):
            columns["ce"] = self.file.read(f"/{side}/ce", n)
            columns["probability"] = np.exp(-columns["ce"].astype(float))
        elif self.file.has(f"/{side}/cluster"):
            places = self.file.read(f"/{side}/cluster", n)
            if (places >= len(self.clusters)).any() or (places < -1).any():
                raise FormatError(f"{self.path}: /{side}/cluster names a cluster that is not there; cluster again")
            columns["cluster"] = np.append(self.clusters["id"].to_numpy(object), None)[places]
        return pd.DataFrame(columns)

    def latent(self, kind: str) -> np.ndarray:
        """float32 [n, latent]: where the encoder puts each user or entity."""
        if is_edge(kind):
            raise ValueError("only users and entities have latent vectors")
        return self.file.read(f"/{self.graph.group(kind)}/z", self.graph.n[kind], None)

    # ---- reasons ----

    def reasons(self, kind: str, rows: Iterable[int] | None = None) -> pd.DataFrame:
        """row, rank (1 is worst), feature, observed, expected (raw units), share: a line a reason.

        observed is NaN where the row has no data (the model saw the mean there);
        share is of the row's squared error, [0, 1]."""
        side, n = self.graph.group(kind), self.graph.n[kind]
        columns = ["row", "rank", "feature", "observed", "expected", "share"]
        if not self.file.has(f"/{side}/reason_feature"):
            return pd.DataFrame(columns=columns)
        index = np.arange(n) if rows is None else np.asarray(list(rows), dtype=np.int64)
        names = np.array(self.graph.feature_names(kind), dtype=object)
        feature = self.file.read(f"/{side}/reason_feature", n, None)[index].astype(np.int64)
        if (feature >= len(names)).any():
            raise FormatError(f"{self.path}: /{side}/reason_feature names a column that {self.graph.path} has not")
        expected = self.file.read(f"/{side}/reason_expected", n, feature.shape[1])[index]
        share = self.file.read(f"/{side}/reason_share", n, feature.shape[1])[index]
        x = np.take_along_axis(self.graph._rows_of_x(kind, index), feature, axis=1)
        observed = self.graph.to_raw(kind, x, feature, no_data=np.signbit(x) & (x == 0))
        return pd.DataFrame(
            {
                "row": np.repeat(index, feature.shape[1]),
                "rank": np.tile(np.arange(1, feature.shape[1] + 1), len(index)),
                "feature": names[feature].ravel(),
                "observed": observed.ravel(),
                "expected": self.graph.to_raw(kind, expected, feature).ravel(),
                "share": share.ravel(),
            },
            columns=columns,
        )

    def reason_lists(self, kind: str, rows: Iterable[int] | None = None) -> pd.Series:
        """Of each row a list of Reason, worst first."""
        lists: dict[int, list[Reason]] = {}
        for line in self.reasons(kind, rows).itertuples(index=False):
            lists.setdefault(line.row, []).append(Reason(line.feature, line.observed, line.expected, line.share))
        return pd.Series(lists, name="reasons", dtype=object)

    # ---- tags ----

    def _read_rules(self) -> dict[str, Any]:
        file = self.file
        if file.attribute("run_id", "/tags") != self.run_id:
            raise FormatError(f"{self.path}: the tags are of another run than the scores; tag it again")
        types, names = file.texts("/tags/rule_type"), file.texts("/tags/signal_name")
        signals = pd.DataFrame(
            {
                "rule": file.rows("/tags/signal_rule", len(names), len(types)),
                "signal": names,
                "value": file.texts("/tags/signal_value", len(names)),
                "about": file.texts("/tags/signal_about", len(names)),
                "above": file.read("/tags/signal_above", len(names)) == 1,
            }
        )
        rules = pd.DataFrame({"type": types, "about": file.texts("/tags/rule_about", len(types))})
        if len(self.graph.kinds) > 1:
            rules["kind"] = file.rows("/tags/rule_kind", len(types), len(self.graph.kinds)).astype(np.int64)
        return {"rules": rules, "signals": signals}

    @property
    def rules(self) -> pd.DataFrame:
        """type, about: a line a rule; several rules may give one type. Empty before `ringfence tag`."""
        return self._tags["rules"] if self._tags else pd.DataFrame(columns=["type", "about"])

    def _places(self, kind: str, rows: Iterable[int] | None) -> tuple[np.ndarray, np.ndarray]:
        side, n = self.graph.group(kind), self.graph.n[kind]
        n_tags = self.file.dataset(f"/{side}/tag_rule", None).shape[0]
        ptr = self.file.pointers(f"/{side}/tag_ptr", n, n_tags)
        return _ranges(ptr, np.arange(n) if rows is None else np.asarray(list(rows), dtype=np.int64))

    def tags(self, kind: str, rows: Iterable[int] | None = None) -> pd.DataFrame:
        """row, type, confidence [0, 1], edge: a line a tag, a row's surest first; the index numbers the kind's tags.

        edge is the row of the edge that the tag was taken over from, -1 where it is the subject's own. Of several kinds of
        entity edge_kind says of which kind the edge is."""
        columns = ["row", "type", "confidence", "edge"]
        if self._tags is None:
            return pd.DataFrame(columns=columns)
        side = self.graph.group(kind)
        places, of = self._places(kind, rows)
        rule = self.file.rows(f"/{side}/tag_rule", None, len(self.rules))
        most = max(self.graph.n[edges] for edges in self.graph.edge_kinds)
        edge = self.file.rows(f"/{side}/tag_edge", len(rule), most, nobody=True).astype(np.int64)
        table = {
            "row": of,
            "type": self.rules["type"].to_numpy(object)[rule[places]],
            "confidence": self.file.read(f"/{side}/tag_confidence", len(rule))[places],
            "edge": np.where(edge == NOBODY, -1, edge)[places],
        }
        if len(self.graph.kinds) > 1:
            table["edge_kind"] = np.array(self.graph.edge_kinds, dtype=object)[self._tags["rules"]["kind"].to_numpy()[rule[places]]]
        return pd.DataFrame(table, index=places)

    def evidence(self, kind: str, rows: Iterable[int] | None = None) -> pd.DataFrame:
        """The signals that tags rest on, a line each: row, tag (index of `tags`), type, signal, value (what was looked
        at), about (in words), observed and threshold (raw units), above (True: suspicious above the threshold),
        percentile of the observed value in its segment (NaN: not ranked), strength [0, 1]."""
        columns = "row tag type signal value about observed threshold above percentile strength".split()
        if self._tags is None:
            return pd.DataFrame(columns=columns)
        side, tags = self.graph.group(kind), self.tags(kind, rows)
        n_tags = self.file.dataset(f"/{side}/tag_rule", None).shape[0]
        signal = self.file.rows(f"/{side}/tag_signal", None, len(self._tags["signals"]))
        ptr = self.file.pointers(f"/{side}/tag_evidence_ptr", n_tags, len(signal))
        places, tag = _ranges(ptr, tags.index.to_numpy(dtype=np.int64))
        found = self._tags["signals"].iloc[signal[places]].drop(columns="rule").reset_index(drop=True)
        of_tag = tags.loc[tag].reset_index(drop=True)
        found = found.assign(row=of_tag["row"], tag=tag, type=of_tag["type"])
        for name in ("observed", "threshold", "percentile", "strength"):
            found[name] = self.file.read(f"/{side}/tag_{name}", len(signal))[places]
        return found[columns]

    # ---- clusters ----

    @cached_property
    def clusters(self) -> pd.DataFrame:
        """A line a cluster, the worst first, communities before dense blocks, gone ones last.

        id, method (communities, dense), change since the run before (new, grown, shrunk, changed, same, gone), users,
        entities, edges, events, density (distinct pairs / (users x entities)), score_mass (share of all that stands
        out, [0, 1]), suspiciousness, first_seen, last_seen (UTC), tags and common: lists of (type, members) and
        (entity's row, users who share it; of several kinds also the entity's kind), previous_members, joined, left."""
        file = self.file
        if not file.has("/clusters"):
            return pd.DataFrame(columns=["id", "method", "change", "users", "entities", "tags", "common"])
        if file.attribute("run_id", "/clusters") != self.run_id:
            raise FormatError(f"{self.path}: the clusters are of another run than the scores; cluster it again")
        ids = file.texts("/clusters/id")
        n, types = len(ids), file.texts("/clusters/tag_types")
        table: dict[str, Any] = {"id": np.array(ids, dtype=object)}
        for name, words in (("method", METHODS), ("change", CHANGES)):
            table[name] = np.array(words, dtype=object)[file.rows(f"/clusters/{name}", n, len(words))]
        table["users"] = [len(rows) for rows in self._members["user"]]
        kinds = ["entity"] + self.graph.kinds[1:]
        table["entities"] = [sum(len(self._members[kind][i]) for kind in kinds) for i in range(n)]
        for name in ("edges", "events", "density", "score_mass", "suspiciousness"):
            table[name] = file.read(f"/clusters/{name}", n)
        for column, name in (("first_seen", "first_time"), ("last_seen", "last_time")):
            times = file.read(f"/clusters/{name}", n)
            table[column] = _time(pd.Series(times).where(times != 0))  # 0: the graph does not say
        rule, members = file.read("/clusters/tag_rule", n, None), file.read("/clusters/tag_members", n, None)
        common, sharing = file.read("/clusters/common", n, None), file.read("/clusters/common_users", n, None)
        of_kind = np.zeros(common.shape, dtype=np.int64)
        if file.has("/clusters/common_kind"):
            of_kind = file.read("/clusters/common_kind", n, common.shape[1]).astype(np.int64)
        if (of_kind >= len(kinds)).any():
            raise FormatError(f"{self.path}: /clusters/common_kind names a kind that is not there; cluster again")
        most = np.array([self.graph.n[kind] for kind in kinds])[of_kind]
        if (rule >= len(types)).any() or ((common >= most) & (common != NOBODY)).any():
            raise FormatError(f"{self.path}: /clusters names a tag or an entity that is not there; cluster again")
        table["tags"] = [[(types[r], int(k)) for r, k in zip(*line) if r >= 0] for line in zip(rule, members)]
        table["common"] = [
            [(int(v), int(users)) + ((self.graph.kinds[k],) if len(kinds) > 1 else ()) for v, users, k in zip(*line) if v != NOBODY]
            for line in zip(common, sharing, of_kind)
        ]
        for name in ("previous_members", "joined", "left"):
            table[name] = file.read(f"/clusters/{name}", n)
        return pd.DataFrame(table)

    @cached_property
    def _members(self) -> dict[str, list[np.ndarray]]:
        n, members = self.file.dataset("/clusters/id", None).shape[0], {}
        places = {"user": "user", "entity": "entity"} | {name: f"kinds/{name}/entity" for name in self.graph.kinds[1:]}
        for kind, name in places.items():
            rows = self.file.rows(f"/clusters/{name}", None, self.graph.n[kind]).astype(np.int64)
            members[kind] = np.split(rows, self.file.pointers(f"/clusters/{name}_ptr", n, len(rows))[1:-1]) if n else []
        return members

    def members(self, cluster: str) -> tuple[np.ndarray, np.ndarray]:
        """(rows of the cluster's users, rows of its entities of the main kind), ascending; none of a cluster that is gone."""
        return self.members_of(cluster, "user"), self.members_of(cluster, "entity")

    def members_of(self, cluster: str, kind: str) -> np.ndarray:
        """Rows of the cluster's users, or of its entities of a kind, ascending."""
        places = np.flatnonzero(self.clusters["id"] == cluster)
        if len(places) == 0:
            raise KeyError(f"{self.path}: no cluster is called {cluster}")
        return self._members["entity" if kind == self.graph.kinds[0] else kind][places[0]]


class Run:
    """A run's folder. `graph` and `scores`, and the two joined: users, entities, edges.

    actions      a line a message of actions.jsonl; None without the file, or where another run emitted it
    manifest     its last line, with the counts; evaluation, summary: evaluation.json, summary.json; each None without the file
    """

    def __init__(self, folder: str | Path, graph: str = "graph.h5", scores: str = "scores.h5") -> None:
        self.folder = Path(folder)
        if not self.folder.is_dir():
            raise FileNotFoundError(f"{self.folder} is not a folder; `scripts/demo.sh` makes one, runs/demo")
        self.graph = Graph(self.folder / graph)
        try:
            self.scores = Scores(self.folder / scores, self.graph)
        except (FormatError, FileNotFoundError):
            self.graph.close()
            raise
        self.evaluation: dict | None = self._json("evaluation.json")
        self.summary: dict | None = self._json("summary.json")
        self.actions, self.manifest = self._messages()

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.graph.close()
        self.scores.close()

    def _json(self, name: str) -> dict | None:
        path = self.folder / name
        return json.loads(path.read_text("utf-8")) if path.exists() else None

    def _messages(self) -> tuple[pd.DataFrame | None, dict | None]:
        path = self.folder / "actions.jsonl"
        if not path.exists():
            return None, None
        with path.open(encoding="utf-8") as lines:
            messages = [json.loads(line) for line in lines]
        messages = [message.get("value", message) for message in messages]  # with --envelope
        messages = [message for message in messages if message.get("run_id") == self.scores.run_id]
        manifest = [m for m in messages if m["schema"] == "ringfence.run.completed.v1"]
        actions = [m for m in messages if m["schema"] == "ringfence.action.v1"]
        return (pd.DataFrame(actions), manifest[-1]) if manifest else (None, None)

    @cached_property
    def users(self) -> pd.DataFrame:
        """graph.users and scores.table("user") side by side; with tags (list of types), tag and confidence (the surest)."""
        return self._joined("user")

    @cached_property
    def entities(self) -> pd.DataFrame:
        return self._joined("entity")

    @cached_property
    def edges(self) -> pd.DataFrame:
        return self._joined("edge")

    def table(self, kind: str) -> pd.DataFrame:
        """users, entities or edges, or those of another kind of entity: "device", "edge:device"."""
        self.graph.group(kind)
        kept = {"user": "users", "entity": "entities", "edge": "edges"}.get(kind)
        return getattr(self, kept) if kept else self._joined(kind)

    def _joined(self, kind: str) -> pd.DataFrame:
        table = self.graph.table(kind).join(self.scores.table(kind))
        tags = self.scores.tags(kind)
        lists = tags.groupby("row")["type"].agg(list)
        surest = tags.drop_duplicates("row").set_index("row")
        table["tags"] = [lists.get(row, []) for row in range(len(table))] if len(lists) else [[] for _ in range(len(table))]
        table["tag"] = surest["type"].astype(object).reindex(table.index).where(lambda type_: type_.notna(), "")
        table["confidence"] = surest["confidence"].astype(float).reindex(table.index)
        return table

    def reasons(self, kind: str, rows: Iterable[int] | None = None) -> pd.DataFrame:
        """As Scores.reasons."""
        return self.scores.reasons(kind, rows)

    def evidence(self, kind: str, rows: Iterable[int] | None = None) -> pd.DataFrame:
        """As Scores.evidence."""
        return self.scores.evidence(kind, rows)

    def around(
        self, user_rows: Iterable[int], entity_rows: Iterable[int] = (), hops: int = 1, kind: str = "entity"
    ) -> tuple[set[int], set[int]]:
        """(user rows, rows of entities of a kind) within `hops` hops over that kind's edges, the given ones included."""
        users, entities = set(map(int, user_rows)), set(map(int, entity_rows))
        ahead = self.graph.adjacency(kind=kind)
        back = ahead.T.tocsr()
        for _ in range(hops):
            met = set(map(int, ahead[sorted(users)].indices)) if users else set()
            meeting = set(map(int, back[sorted(entities)].indices)) if entities else set()
            users, entities = users | meeting, entities | met
        return users, entities


def open_graph(path: str | Path) -> Graph:
    """graph.h5. FormatError when it is something else."""
    return Graph(path)


def open_run(folder: str | Path, graph: str = "graph.h5", scores: str = "scores.h5") -> Run:
    """The run in a folder, as `ringfence run` left it. FormatError when a file is not what it should be, or when the
    scores are of another graph. Costs the tables' and ids' reading only when they are asked for."""
    return Run(folder, graph, scores)
