"""Auckland's road graph: distances published beside the graph (54,370 nodes, 4 sources), and random closures; Rome."""

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


def _by_scipy(graph, weight, sources, targets):
    """Dijkstra over the lightest of parallel open edges; one of no weight counts 1e-9, which is rounded off."""
    is_open = np.isfinite(weight)
    tail, head = graph.tail[is_open].astype(np.int64), graph.head[is_open].astype(np.int64)
    key, first = np.unique(tail * graph.n + head, return_index=True)
    least = np.full(len(key), np.inf)
    np.minimum.at(least, np.searchsorted(key, tail * graph.n + head), weight[is_open])
    table = coo_matrix((np.maximum(least, 1e-9), (tail[first], head[first])), shape=(graph.n, graph.n)).tocsr()
    return np.rint(dijkstra(table, indices=sources)[:, targets])


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
        assert np.array_equal(found[scenario], _by_scipy(graph, closed, sources, targets))
    assert np.isinf(found).any()


@pytest.mark.slow
def test_rome_equals_scipy_with_one_percent_closed():
    # 234,496 nodes; the instance has no times, so lengths on the map are the weights
    folder = shared_path("data/large_rome")
    points = np.fromfile(folder / "rome-roads.co.bin", dtype="<i4").reshape(-1, 2).astype(np.float64)
    links = np.fromfile(folder / "rome-roads.gr.bin", dtype="<i4").reshape(-1, 2).astype(np.int64) - 1
    graph, _ = build_graph(len(points), np.r_[links[:, 0], links[:, 1]], np.r_[links[:, 1], links[:, 0]])
    weight = np.rint(np.hypot(*(points[graph.tail] - points[graph.head]).T))
    rng = np.random.default_rng(6)
    sources, targets = rng.choice(graph.n, 3, replace=False), rng.choice(graph.n, 1000, replace=False)
    closed = rng.choice(graph.m, graph.m // 100, replace=False)
    hierarchy = prepare(graph)
    less = weight.copy()
    less[closed] = np.inf
    expected = [_by_scipy(graph, w, sources, targets) for w in (weight, less)]
    assert np.array_equal(matrix(hierarchy, customise(hierarchy, weight), sources, targets), expected[0])
    assert np.array_equal(matrix(hierarchy, customise(hierarchy, less), sources, targets), expected[1])
    found = scenario_matrices(hierarchy, weight, [(closed, np.full(len(closed), np.inf))], sources, targets)
    assert np.array_equal(found[0], expected[1])
    assert np.isinf(expected[1]).sum() > np.isinf(expected[0]).sum()
