"""Auckland's road graph: distances published beside the graph (54,370 nodes, 4 sources), and random closures."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

from models.graph import build_graph
from models.paths import customise, matrix, one_to_all, prepare, scenario_matrices, shortest_path
from tests.shared import shared_path


@pytest.fixture(scope="module")
def auckland():
    folder = shared_path("bench/path_roads/instances")
    nodes = np.loadtxt(folder / "auckland.nodes.csv", delimiter=",", skiprows=1, usecols=0, dtype=np.int64)
    arcs = np.loadtxt(folder / "auckland.arcs.csv", delimiter=",", skiprows=1, dtype=np.int64)
    where = {int(node): k for k, node in enumerate(nodes)}
    graph, order = build_graph(
        len(nodes), np.array([where[a] for a in arcs[:, 0].tolist()]), np.array([where[b] for b in arcs[:, 1].tolist()])
    )
    return graph, arcs[order, 2].astype(np.float64), where, prepare(graph)


def test_published_sums_and_eccentricities(auckland):
    _, weight, where, hierarchy = auckland
    metric = customise(hierarchy, weight)
    with shared_path("bench/path_roads/bks.csv").open() as lines:
        rows = [row for row in csv.DictReader(lines) if row["instance"] == "auckland"]
    assert len(rows) == 12
    for row in rows:
        source = where[int(row["params"].split("=")[1])]
        found = one_to_all(hierarchy, metric, np.array([source]))[0]
        reached = found[np.isfinite(found)]
        value = {"ecce": reached.max(), "numb": len(reached), "sum ": reached.sum()}[
            row["objective"].split(": ")[1][:4]
        ]
        assert value == int(row["bks"])


def test_published_pairs(auckland):
    _, weight, where, hierarchy = auckland
    metric = customise(hierarchy, weight)
    pairs = np.loadtxt(
        shared_path("bench/path_roads/instances/auckland.od.csv"), delimiter=",", skiprows=1, dtype=np.int64
    )
    for source, target, distance in pairs.tolist():
        ends = where[source], where[target]
        assert matrix(hierarchy, metric, np.array([ends[0]]), np.array([ends[1]]))[0, 0] == distance
        assert weight[shortest_path(hierarchy, metric, weight, *ends)].sum() == distance


def test_closures_of_one_percent_equal_scipy_and_some_pairs_are_out_of_reach(auckland):
    graph, weight, _, hierarchy = auckland
    rng = np.random.default_rng(11)
    sources, targets = rng.choice(graph.n, 5, replace=False), rng.choice(graph.n, 300, replace=False)
    changes = [(e, np.full(len(e), np.inf)) for e in (rng.choice(graph.m, graph.m // 100) for _ in range(20))]
    found = scenario_matrices(hierarchy, weight, changes, sources, targets)
    for scenario in (0, 7, 19):
        closed = weight.copy()
        closed[changes[scenario][0]] = np.inf
        is_open = np.isfinite(closed)
        ends = graph.tail[is_open].astype(np.int64), graph.head[is_open].astype(np.int64)
        key, first = np.unique(ends[0] * graph.n + ends[1], return_index=True)
        least = np.full(len(key), np.inf)
        np.minimum.at(least, np.searchsorted(key, ends[0] * graph.n + ends[1]), closed[is_open])
        table = coo_matrix((least, (ends[0][first], ends[1][first])), shape=(graph.n, graph.n)).tocsr()
        assert np.array_equal(found[scenario], dijkstra(table, indices=sources)[:, targets])
    assert np.isinf(found).any()
