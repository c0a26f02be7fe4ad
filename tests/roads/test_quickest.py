"""The quickest way on real and made networks, led or plain, beside the plain search."""

from __future__ import annotations

import numpy as np
import pytest

from dispatch.roads import quickest
from dispatch.roads.profile_norms import read_profiles
from dispatch.roads.profiles import travel_ms
from dispatch.roads.quickest import quickest_way
from dispatch.roads.read import read_network
from models.earliest_arrival import earliest_arrival
from models.graph import build_graph
from models.traversal import NEVER, time_edges, traverse_path
from models.turns import SplitGraph, whole
from tests.shared import shared_path

HOUR = 3_600_000


def _compare(split: SplitGraph, free, pairs, random) -> None:
    hit = random.choice(len(free), len(free) // 50, replace=False)
    start = random.integers(0, HOUR, len(hit))
    timed = time_edges(
        free, hit, start, start + random.integers(1, 2 * HOUR, len(hit)), random.choice([0, 400], len(hit))
    )
    for source, target in pairs:
        plain, _ = earliest_arrival(split, timed, int(source), 10 * 60_000, latest_ms=3 * HOUR)
        arrive, edges = quickest_way(split, timed, int(source), int(target), 10 * 60_000, latest_ms=3 * HOUR)
        assert arrive == plain[target]
        if len(edges):
            assert traverse_path(timed, edges, 10 * 60_000)[1][-1] == arrive
        else:
            assert source == target or arrive == NEVER


@pytest.mark.parametrize("vehicle_class", ["car", "truck_10t"])
def test_on_andorra_with_closures_that_end(vehicle_class: str) -> None:
    network = read_network(shared_path("data/roads_andorra/andorra-20250118.osm.pbf"))
    random = np.random.default_rng(5)
    assert network.drivable.n >= quickest.LEAST_NODES
    _compare(
        network.drivable,
        travel_ms(network, read_profiles()[vehicle_class]),
        random.choice(network.graph.n, (8, 2)),
        random,
    )


def test_led_and_plain_arrive_alike_and_guides_are_kept_by_class(monkeypatch: pytest.MonkeyPatch) -> None:
    """A grid of 12 × 12; led from one node on, then plain."""
    side = 12
    node = np.arange(side * side).reshape(side, side)
    tail = np.r_[node[:, :-1].ravel(), node[:, 1:].ravel(), node[:-1].ravel(), node[1:].ravel()]
    head = np.r_[node[:, 1:].ravel(), node[:, :-1].ravel(), node[1:].ravel(), node[:-1].ravel()]
    graph, _ = build_graph(side * side, tail, head)
    split = whole(graph)
    random = np.random.default_rng(3)
    free = random.integers(1, 20, graph.m) * 60_000
    pairs = random.choice(graph.n, (30, 2))
    _compare(split, free, pairs, random)
    assert split not in quickest._guides
    monkeypatch.setattr(quickest, "LEAST_NODES", 1)
    _compare(split, free, pairs, random)
    _compare(split, free.copy(), pairs, random)
    assert len(quickest._guides[split]) == 1
    _compare(split, free * 2, pairs, random)
    assert len(quickest._guides[split]) == 2
