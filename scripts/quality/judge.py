"""judge.py: how well a score ranks the labelled, and the other rankings that ours is compared with."""
import os
import subprocess
import warnings

import h5py
import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score

SIDES = {"u": "users", "v": "entities", "e": "edges"}
DAY_US = 86400 * 1000000
DENSE = 1  # /clusters/method of a dense block


class Graph:
    def __init__(self, path):
        with h5py.File(path) as file:
            self.x = {side: file[side]["x"][:] for side in SIDES}
            self.names = {side: texts(file[side]["feature_names"]) for side in SIDES}
            self.y = {side: file[side]["y"][:] == 1 for side in SIDES if "y" in file[side]}
            self.u, self.v = file["e/u"][:], file["e/v"][:]
            self.time = file["e/first_time"][:] if "first_time" in file["e"] else None
            self.types = texts(file["fraud_types"]) if "fraud_types" in file else []
            self.type = {side: file[side]["fraud_type"][:] for side in SIDES if "fraud_type" in file[side]}
            self.id = {side: texts(file[side]["id"]) if "id" in file[side] else [str(row) for row in range(len(self.x[side]))]
                       for side in "uv"}
            self.kinds = file.attrs["kinds"].split(",") if "kinds" in file.attrs else []
            self.labelled = {"u": labelled(file["u"])}  # and kind of entity -> ids; None: the one without a name
            for kind in self.kinds or [None]:
                is_main = kind is None or kind == self.kinds[0]
                self.labelled[kind] = labelled(file["v"] if is_main else file[f"kinds/{kind}/v"])


def labelled(side):
    if "y" not in side:
        return set()
    rows = np.nonzero(side["y"][:] == 1)[0]
    return {side["id"][row].decode() for row in rows} if "id" in side else {str(row) for row in rows}


def texts(dataset):
    return [text.decode() for text in dataset[:]]


def measure(graph, score):
    """score: side -> values. Returns side -> [average precision, ROC-AUC] where both classes occur."""
    result = {}
    for side, values in score.items():
        y = graph.y.get(side)
        if y is None or not 0 < y.sum() < len(y):
            continue
        values = np.nan_to_num(values.astype(float))
        result[side] = [float(average_precision_score(y, values)), float(roc_auc_score(y, values))]
    return result


def measure_payments(graph, score):
    """Single payments, the last seven days: average precision of the edges, and card precision@100 in two ways."""
    week = last_week(graph)
    seen = graph.u[week], graph.time[week] // DAY_US, score[week], graph.y["e"][week]
    return {"week": measure_week(graph, score), "cards": card_precision(*seen), "again": card_precision(*seen, removed=False)}


def last_week(graph):
    day = graph.time // DAY_US
    return day > day.max() - 7


def measure_week(graph, score):
    week = last_week(graph)
    return float(average_precision_score(graph.y["e"][week], score[week]))


def card_precision(user, day, score, y, removed=True, n_cards=100):
    """The handbook's: each day the cards with the worst payments, without those that an earlier day has uncovered if `removed`."""
    uncovered, found = np.array([], dtype=user.dtype), []
    for today in np.unique(day):
        rows = np.nonzero((day == today) & ~np.isin(user, uncovered))[0]
        cards, at = np.unique(user[rows], return_inverse=True)
        worst, fraud = np.full(len(cards), -np.inf), np.zeros(len(cards), dtype=bool)
        np.maximum.at(worst, at, score[rows])
        fraud[at[y[rows]]] = True
        top = np.lexsort((cards, -worst))[:n_cards]
        found.append(fraud[top].sum() / n_cards)
        if removed:
            uncovered = np.append(uncovered, cards[top][fraud[top]])
    return float(np.mean(found))


def best_payment_column(graph):
    """What a single edge column reaches, the best for each measure: cards of the ten best of the week."""
    tried = []
    for column in graph.x["e"].T:
        tried += [(measure_week(graph, sign * column), sign, column) for sign in (1, -1)]
    tried.sort(key=lambda one: -one[0])
    judged = [measure_payments(graph, sign * column) for _, sign, column in tried[:10]]
    return {measure: max(one[measure] for one in judged) for measure in judged[0]}


# ---- scores.h5 ----

def stored_scores(path):
    """Name -> side -> values: `score`, and every part and voice."""
    scores = {}
    with h5py.File(path) as file:
        for side in SIDES:
            scores.setdefault("score", {})[side] = file[side]["score"][:]
            for group in ("part", "voice"):
                for name in file[side].get(group, {}):
                    scores.setdefault(f"{group} {name}", {})[side] = file[side][group][name][:]
    return scores


def dense_blocks(path, graph):
    """FRAUDAR's order: a subject has its densest block's average weight, and 0 outside all blocks."""
    score = {"u": np.zeros(len(graph.x["u"])), "v": np.zeros(len(graph.x["v"]))}
    with h5py.File(path) as file:
        clusters = file["clusters"]
        for i in np.nonzero(clusters["method"][:] == DENSE)[0]:
            for side, word in (("u", "user"), ("v", "entity")):
                rows = clusters[word][clusters[f"{word}_ptr"][i]:clusters[f"{word}_ptr"][i + 1]]
                score[side][rows] = np.maximum(score[side][rows], clusters["suspiciousness"][i])
    return score


# ---- rankings without the program ----

def best_column(graph):
    """The column, up or down, whose average precision is highest: labels choose it, nobody can without them."""
    best, name = {}, {}
    for side in graph.y:
        if not 0 < graph.y[side].sum() < len(graph.y[side]):
            continue
        tried = [(average_precision_score(graph.y[side], sign * graph.x[side][:, j].astype(float)), sign, j)
                 for j in range(graph.x[side].shape[1]) for sign in (1, -1)]
        _, sign, j = max(tried)
        best[side] = sign * graph.x[side][:, j]
        name[side] = ("" if sign > 0 else "-") + graph.names[side][j]
    return best, name


def isolation_forest(graph):
    from pyod.models.iforest import IForest
    return {side: IForest(random_state=0).fit(x).decision_scores_ for side, x in graph.x.items() if x.shape[1] > 0}


def ecod(graph):
    from pyod.models.ecod import ECOD
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {side: ECOD().fit(x).decision_scores_ for side, x in graph.x.items() if x.shape[1] > 0}


def midas(command, graph, folder):
    """Scores of a stream's events from an outside program; a node has its worst edge's."""
    order = np.argsort(graph.time, kind="stable")
    events, scores = os.path.join(folder, "midas.csv"), os.path.join(folder, "midas.txt")
    hours = (graph.time[order] - graph.time.min()) // (3600 * 1000000) + 1
    np.savetxt(events, np.column_stack([graph.u[order], graph.v[order], hours]), fmt="%d", delimiter=",")
    subprocess.run([*command.split(), events, scores], check=True)
    score = {side: np.zeros(len(graph.x[side])) for side in SIDES}
    score["e"][order] = np.loadtxt(scores)
    np.maximum.at(score["u"], graph.u, score["e"])
    np.maximum.at(score["v"], graph.v, score["e"])
    return score
