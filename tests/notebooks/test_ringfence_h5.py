"""ringfence_h5.py against what the program prints of the same run (RINGFENCE, RINGFENCE_RUN, RINGFENCE_BEFORE)."""

import json
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import ringfence_h5 as rf

PROGRAM, FOLDER = os.environ["RINGFENCE"], Path(os.environ["RINGFENCE_RUN"])


def program(*words):
    return subprocess.run([PROGRAM, *words], check=True, capture_output=True, text=True).stdout


def close(a, b):
    return np.isclose(a, b, rtol=2e-6, atol=1e-9, equal_nan=True)


class ARun(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.run_ = rf.open_run(FOLDER)
        words = ["--graph", str(FOLDER / "graph.h5"), "--scores", str(FOLDER / "scores.h5"), "--format", "cytoscapejs"]
        exported = json.loads(program("export", "--quiet", *words, "--select", "percentile=0.9", "--output", "-"))["elements"]
        cls.nodes = [node["data"] for node in exported["nodes"]]
        cls.edges = [edge["data"] for edge in exported["edges"]]
        cls.rows = {kind: {id_: row for row, id_ in enumerate(cls.run_.table(kind)["id"])} for kind in ("user", "entity")}

    @classmethod
    def tearDownClass(cls):
        cls.run_.close()

    def row_of(self, node):
        return self.rows[node["kind"]][node["name"]]

    def test_sizes_and_window_are_those_that_inspect_prints(self):
        said = json.loads(program("inspect", "--json", str(FOLDER / "graph.h5")))
        self.assertEqual(self.run_.graph.n, {"user": said["users"], "entity": said["entities"], "edge": said["edges"]})
        for name, time in zip(("window_from", "window_to"), self.run_.graph.window):
            self.assertEqual(pd.Timestamp(said[name]), time)
        self.assertEqual(said["user features"], self.run_.graph.feature_names("user", raw=False))
        self.assertEqual(json.loads(program("inspect", "--json", str(FOLDER / "scores.h5")))["run_id"], self.run_.scores.run_id)

    def test_nodes_are_those_of_the_export(self):
        self.assertGreater(len(self.nodes), 100)
        for node in self.nodes:
            kind, row = node["kind"], self.row_of(node)
            ours = self.run_.table(kind).loc[row]
            for column in ("score", "percentile", "robust_z", "x_error", "degree", "events"):
                self.assertTrue(close(ours[column], node[column]), (node["id"], column, ours[column], node[column]))
            for column in ("first_seen", "last_seen"):
                self.assertEqual(ours[column], pd.Timestamp(node[column]))
            self.assertEqual(ours["tags"], node.get("tag_types", []))
            self.assertEqual(ours["tag"], node.get("tag", ""))

    def test_edges_are_those_of_the_export(self):
        self.assertGreater(len(self.edges), 100)
        table = self.run_.edges.set_index(["user", "entity"])
        name = {node["id"]: node["name"] for node in self.nodes}
        for edge in self.edges:
            ours = table.loc[(name[edge["source"]], name[edge["target"]])]
            for column in ("score", "percentile", "probability", "events"):
                self.assertTrue(close(ours[column], edge[column]), (edge["id"], column, ours[column], edge[column]))

    def test_reasons_are_those_of_the_export_in_raw_units(self):
        for kind in ("user", "entity"):
            shown = {self.row_of(node): node for node in self.nodes if node["kind"] == kind}
            for line in self.run_.reasons(kind, shown).query("rank <= 3").itertuples():
                node, key = shown[line.row], f"reason_{line.rank}_"
                self.assertEqual(line.feature, node[key + "feature"])
                self.assertTrue(np.isclose(line.share, node[key + "share"], rtol=1e-6))
                for what in ("observed", "expected"):
                    ours, theirs = getattr(line, what), node.get(key + what, np.nan)
                    self.assertTrue(np.isclose(ours, theirs, rtol=2e-6, atol=1e-7, equal_nan=True), (node["id"], key + what, ours, theirs))

    def test_features_are_those_of_the_export_and_missing_where_it_has_none(self):
        keys = {kind: {"".join(c if c.isalnum() and c.isascii() else "_" for c in f.lower()): f
                       for f in self.run_.graph.feature_names(kind)} for kind in ("user", "entity")}  # fmt: skip
        compared = 0
        for kind in ("user", "entity"):
            shown = [node for node in self.nodes if node["kind"] == kind]
            features = self.run_.graph.features(kind)
            columns = {key for node in shown for key in node if key.startswith(kind + "_")}
            for column in columns & {f"{kind}_{key}" for key in keys[kind]}:
                ours = features[keys[kind][column.removeprefix(kind + "_")]]
                for node in shown:
                    theirs = node.get(column, np.nan)
                    self.assertTrue(np.isclose(ours[self.row_of(node)], theirs, rtol=2e-6, atol=1e-7, equal_nan=True), (node["id"], column))
                    compared += 1
        self.assertGreater(compared, 100)

    def test_some_data_is_missing_and_standardising_is_undone(self):
        graph = self.run_.graph
        raw, seen = graph.features("edge"), graph.features("edge", raw=False)
        self.assertTrue(((seen.to_numpy() == 0) & np.signbit(seen.to_numpy()))[raw.isna().to_numpy()].all())
        self.assertGreater(raw.isna().to_numpy().sum(), 0)
        # a count that is a feature as well is the same number
        users = graph.features("user", ["events"])["events"]
        self.assertTrue(np.allclose(users, graph.users["events"], rtol=1e-5))
        self.assertTrue(np.array_equal(graph.features("user", ["events"], rows=[5, 3])["events"], users[[5, 3]]))
        with self.assertRaisesRegex(KeyError, "no user feature is called nonsense"):
            graph.features("user", ["nonsense"])

    def test_the_adjacency_has_the_edges(self):
        graph = self.run_.graph
        events = graph.adjacency("events")
        self.assertEqual(events.shape, (graph.n["user"], graph.n["entity"]))
        self.assertTrue((events.sum(axis=1) == graph.users["events"]).all())
        self.assertTrue((events.sum(axis=0) == graph.entities["events"]).all())
        self.assertEqual(events.nnz, graph.n["edge"])
        edge = graph.edges.iloc[-1]
        self.assertEqual(events[edge["user_row"], edge["entity_row"]], edge["events"])
        self.assertTrue((graph.adjacency().sum(axis=1) == graph.users["degree"]).all())

    def test_labels_and_scores_give_the_figures_of_evaluation_json(self):
        for side, kind in (("u", "user"), ("v", "entity"), ("e", "edge")):
            said, table = self.run_.evaluation[side], self.run_.table(kind)
            positive, rank = table["label"] == 1, table["score"].rank()
            self.assertEqual((said["n"], said["positives"]), (len(table), positive.sum()))
            auc = (rank[positive].sum() - positive.sum() * (positive.sum() + 1) / 2) / (positive.sum() * (~positive).sum())
            self.assertAlmostEqual(auc, said["roc_auc"], places=9)
        types = {line["type"]: line["n"] for line in self.run_.evaluation["types"]["u"]}
        counts = self.run_.users["fraud_type"].value_counts()
        self.assertEqual(types, {t: counts[t] for t in types})

    def test_tags_and_evidence_are_those_of_the_actions(self):
        self.assertIsNotNone(self.run_.actions)
        tagged = 0
        for action in self.run_.actions.itertuples():
            if action.kind not in ("user", "entity"):
                continue
            row = self.row_of({"kind": action.kind, "name": getattr(action, action.kind)})
            tags, evidence = self.run_.scores.tags(action.kind, [row]), self.run_.evidence(action.kind, [row])
            told = action.tags
            self.assertEqual(list(tags["type"]), [tag["type"] for tag in told])
            self.assertTrue(np.allclose(tags["confidence"], [tag["confidence"] for tag in told], rtol=1e-6))
            for number, tag in zip(tags.index, told):
                lines = evidence[evidence["tag"] == number]
                self.assertEqual(list(lines["signal"]), [signal["signal"] for signal in tag["evidence"]])
                tagged += len(lines)
        self.assertGreater(tagged, 0)

    def test_clusters_have_the_members_that_users_name(self):
        clusters = self.run_.scores.clusters
        self.assertGreater(len(clusters), 0)
        self.assertTrue(clusters["id"].is_unique)
        for cluster in clusters[clusters["change"] != "gone"].itertuples():
            users, entities = self.run_.scores.members(cluster.id)
            self.assertEqual((len(users), len(entities)), (cluster.users, cluster.entities))
            inside = self.run_.edges["user_row"].isin(users) & self.run_.edges["entity_row"].isin(entities)
            self.assertEqual(inside.sum(), cluster.edges)
            self.assertAlmostEqual(inside.sum() / (len(users) * len(entities)), cluster.density)
            if cluster.method == "communities":
                self.assertTrue((self.run_.users.loc[users, "cluster"] == cluster.id).all())
        with self.assertRaisesRegex(KeyError, "no cluster is called c-0"):
            self.run_.scores.members("c-0")

    def test_latent_vectors_and_what_lies_around(self):
        self.assertEqual(len(self.run_.scores.latent("entity")), self.run_.graph.n["entity"])
        users, entities = self.run_.around([0])
        self.assertEqual((users, len(entities)), ({0}, self.run_.users["degree"][0]))
        more, _ = self.run_.around([0], hops=2)
        self.assertEqual(len(more), self.run_.edges.loc[self.run_.edges["entity_row"].isin(entities), "user_row"].nunique())


class SeveralKinds(unittest.TestCase):
    """A run of merchants, devices and cards."""

    @classmethod
    def setUpClass(cls):
        folder = Path(os.environ["RINGFENCE_KINDS"])
        cls.run_ = rf.open_run(folder)
        words = ["--graph", str(folder / "graph.h5"), "--scores", str(folder / "scores.h5"), "--format", "cytoscapejs"]
        exported = json.loads(program("export", "--quiet", *words, "--select", "percentile=0.95", "--output", "-"))["elements"]
        cls.nodes = [node["data"] for node in exported["nodes"]]
        cls.edges = [edge["data"] for edge in exported["edges"]]

    @classmethod
    def tearDownClass(cls):
        cls.run_.close()

    def test_kinds_are_named(self):
        graph = self.run_.graph
        self.assertEqual(graph.kinds, ["merchant", "device", "card"])
        self.assertEqual(graph.n["merchant"], graph.n["entity"])
        self.assertEqual(graph.table("merchant")["id"].tolist(), graph.entities["id"].tolist())
        with self.assertRaisesRegex(ValueError, "it is one of user, entity, edge, merchant, edge:merchant, device"):
            graph.table("ip")

    def test_nodes_are_those_of_the_export(self):
        tables = {kind: self.run_.table(kind).set_index("id") for kind in ("user", "merchant", "device", "card")}
        seen = set()
        for node in self.nodes:
            ours = tables[node["kind"]].loc[node["name"]]
            seen.add(node["kind"])
            for column in ("score", "percentile", "x_error", "degree", "events"):
                self.assertTrue(close(ours[column], node[column]), (node["id"], column, ours[column], node[column]))
            self.assertEqual(ours["tags"], node.get("tag_types", []))
            self.assertEqual(ours["cluster"] if isinstance(ours["cluster"], str) else None, node.get("cluster"))
        self.assertEqual(seen, set(tables))

    def test_edges_are_those_of_the_export(self):
        name = {node["id"]: node["name"] for node in self.nodes}
        tables = {kind: self.run_.table(f"edge:{kind}").set_index(["user", "entity"]) for kind in self.run_.graph.kinds}
        self.assertEqual({edge["kind"] for edge in self.edges}, set(tables))
        for edge in self.edges:
            ours = tables[edge["kind"]].loc[(name[edge["source"]], name[edge["target"]])]
            for column in ("score", "percentile", "probability", "events"):
                self.assertTrue(close(ours[column], edge[column]), (edge["id"], column, ours[column], edge[column]))

    def test_each_kind_has_features_reasons_and_a_matrix(self):
        graph = self.run_.graph
        for kind in ("device", "edge:card"):
            rows = self.run_.reasons(kind, [0, 1])
            raw = graph.features(kind, rows=[0, 1])
            for line in rows[rows["observed"].notna()].itertuples():
                self.assertTrue(close(raw.loc[line.row, line.feature], line.observed))
        matrix = graph.adjacency("events", kind="device")
        self.assertEqual(matrix.shape, (graph.n["user"], graph.n["device"]))
        self.assertEqual(matrix.sum(), graph.table("edge:device")["events"].sum())
        self.assertEqual(self.run_.scores.latent("card").shape[0], graph.n["card"])
        with self.assertRaises(ValueError):
            graph.ends("device")

    def test_clusters_have_members_of_all_kinds(self):
        scores = self.run_.scores
        tables = {kind: self.run_.table(kind) for kind in ("user", "entity", "device", "card")}
        for cluster in scores.clusters.query("method == 'communities' and change != 'gone'").itertuples():
            members = {kind: set(scores.members_of(cluster.id, kind)) for kind in tables}
            self.assertEqual(sum(map(len, members.values())), cluster.users + cluster.entities)
            for kind, table in tables.items():
                self.assertEqual(members[kind], set(table.index[table["cluster"] == cluster.id]))
            for row, users, kind in cluster.common:
                self.assertIn(row, members["entity" if kind == "merchant" else kind])
                self.assertLessEqual(users, cluster.users)


class WrongFiles(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        for name in ("graph.h5", "scores.h5"):
            shutil.copy(FOLDER / name, self.folder / name)

    def refused(self, words):
        with self.assertRaisesRegex(rf.FormatError, words):
            with rf.open_run(self.folder) as run:
                for kind in rf.KINDS:
                    run.table(kind), run.reasons(kind), run.evidence(kind)
                run.scores.clusters

    def change(self, file, name, value):
        with h5py.File(self.folder / file, "r+") as h5:
            h5[name][...] = value

    def test_another_format_or_version_is_named(self):
        shutil.copy(FOLDER / "scores.h5", self.folder / "graph.h5")
        self.refused("graph.h5 has the format 'ringfence-scores', not 'ringfence-graph'")
        shutil.copy(FOLDER / "graph.h5", self.folder / "graph.h5")
        with h5py.File(self.folder / "graph.h5", "r+") as h5:
            h5.attrs["version"] = 2
        self.refused("graph.h5 has version 2 of ringfence-graph; this module knows version 1")
        (self.folder / "graph.h5").write_bytes(b"not HDF5")
        self.refused("graph.h5 cannot be read as HDF5")

    def test_scores_of_another_graph_are_refused(self):
        shutil.copy(Path(os.environ["RINGFENCE_BEFORE"]) / "scores.h5", self.folder / "scores.h5")
        self.refused("they are of another graph; score it again")

    def test_rows_that_are_not_there_are_refused(self):
        with h5py.File(self.folder / "graph.h5", "r+") as h5:
            h5["e/u"][3] = 0xFFFFFFFE
        self.refused("/e/u has a row that is not below")
        shutil.copy(FOLDER / "graph.h5", self.folder / "graph.h5")
        for name in ("u/reason_feature", "e/tag_rule", "e/tag_signal", "u/tag_ptr", "clusters/user", "clusters/change", "u/cluster"):
            shutil.copy(FOLDER / "scores.h5", self.folder / "scores.h5")
            with h5py.File(self.folder / "scores.h5", "r+") as h5:
                data = h5[name]
                data[(0,) * data.ndim] = np.iinfo(data.dtype).max
            self.refused(f"/{name}")

    def test_tags_of_another_run_are_refused(self):
        with h5py.File(self.folder / "scores.h5", "r+") as h5:
            h5["tags"].attrs["run_id"] = "0" * 32
        self.refused("the tags are of another run")

    def test_scores_alone_are_enough(self):
        with h5py.File(self.folder / "scores.h5", "r+") as h5:
            for name in ("tags", "clusters", "u/cluster", "v/cluster", "u/reason_feature", "u/robust_z"):
                del h5[name]
        with rf.open_run(self.folder) as run:
            self.assertEqual((len(run.scores.clusters), len(run.scores.tags("user")), len(run.reasons("user"))), (0, 0, 0))
            self.assertEqual(set(run.users["tag"]), {""})
            self.assertIsNone(run.actions)

    def test_ids_that_are_no_text_stay_apart(self):
        with h5py.File(self.folder / "graph.h5", "r+") as h5:
            ids = list(h5["u/id"][...])
            ids[:3] = [b"\xff", b"\xfe", "\N{RIGHT-TO-LEFT OVERRIDE}\U0001F98A".encode()]
            del h5["u/id"]
            h5.create_dataset("u/id", data=ids, dtype=h5py.string_dtype())
        with rf.open_run(self.folder) as run:
            self.assertEqual(list(run.users["id"][:3]), ["\\x{FF}", "\\x{FE}", "\N{RIGHT-TO-LEFT OVERRIDE}\U0001F98A"])


if __name__ == "__main__":
    unittest.main()
