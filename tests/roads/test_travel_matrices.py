"""Matrices, ways and service areas of road networks: by hand, and against the search that planner and checker use."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.roads.isochrones import area_polygon, reached_lines, service_area
from dispatch.roads.matrices import (
    closure_matrices,
    fastest_way,
    nearest_nodes,
    time_matrix,
    time_matrix_with_lengths,
    times_to_all,
)
from dispatch.roads.prepared import prepare_roads
from dispatch.roads.profiles import travel_ms
from dispatch.roads.travel import NEVER, arrivals
from dispatch.scenario import travel
from tests import tiny

MINUTE = 60_000


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("RELIEF_DISPATCH_CACHE", str(tmp_path))


def triangle(*, with_turns=False):
    """0-1 and 1-2 of 10 km each, 0-2 of 25 km; with turns, from 0-1 one may not turn into 1-2."""
    roads = tiny.network([(0, 1, 10), (1, 2, 10), (0, 2, 25)])
    banned = np.array([[roads.edge_index["r01:0-1"], roads.edge_index["r12:1-2"]]], dtype=np.int32)
    roads = replace(roads, banned_turns=banned) if with_turns else roads
    return prepare_roads(roads), travel_ms(roads, tiny.TRUCK)


def test_matrix_equals_the_planners_arrivals():
    scenario = tiny.one_depot()
    night = travel(scenario)
    roads = prepare_roads(scenario.network)
    found = time_matrix(roads, night.timed["truck_5t"].free_ms, night.node, night.node)
    for i, site in enumerate(night.sites):
        assert found[i].tolist() == arrivals(night, "truck_5t", site, 0).tolist()


def test_banned_turns_are_kept():
    free, crossing = triangle()
    kept, _ = triangle(with_turns=True)
    assert time_matrix(free, crossing, [0, 1], [2])[:, 0].tolist() == [20 * MINUTE, 10 * MINUTE]
    # from 0: straight on over the long side; from 1 itself the turn plays no part
    assert time_matrix(kept, crossing, [0, 1], [2, 1, 0])[0].tolist() == [25 * MINUTE, 10 * MINUTE, 0]
    assert time_matrix(kept, crossing, [1], [2])[0, 0] == 10 * MINUTE
    assert times_to_all(kept, crossing, [0]).tolist() == [[0, 10 * MINUTE, 25 * MINUTE]]
    assert fastest_way(kept, crossing, 0, 2).edge_id == ("r02:0-2",)
    assert fastest_way(free, crossing, 0, 2).edge_id == ("r01:0-1", "r12:1-2")
    # to node 1 and beyond it: the part of node 1 behind the banned turn still leads back
    assert fastest_way(kept, crossing, 0, 1).edge_id == ("r01:0-1",)
    position, time = nearest_nodes(kept, crossing, [0], [2, 1], 3)
    assert position.tolist() == [[1, 0, -1]]
    assert time.tolist() == [[10 * MINUTE, 25 * MINUTE, np.inf]]


def test_lengths_ways_and_lines():
    roads, crossing = triangle()
    time, length = time_matrix_with_lengths(roads, crossing, [0, 2], [2, 1])
    assert time.tolist() == [[20 * MINUTE, 10 * MINUTE], [0, 10 * MINUTE]]
    assert length.tolist() == [[20_000.0, 10_000.0], [0.0, 10_000.0]]
    way = fastest_way(roads, crossing, 0, 2)
    assert (way.time_ms, way.length_m) == (20 * MINUTE, 20_000.0)
    assert way.lon.tolist() == roads.network.node_lon.tolist()
    assert len(fastest_way(roads, crossing, 1, 1).edges) == 0
    cut = np.full_like(crossing, NEVER)
    assert fastest_way(roads, cut, 0, 2) is None
    assert np.isinf(time_matrix_with_lengths(roads, cut, [0], [2])[1][0, 0])


def test_scenarios_of_closures_and_slowdowns():
    roads, crossing = triangle()
    found = closure_matrices(
        roads, crossing, [{}, {"r12:1-2": NEVER}, {"r12:1-2": NEVER, "r02:0-2": 40 * MINUTE}], [0], [2]
    )
    assert found[:, 0, 0].tolist() == [20 * MINUTE, 25 * MINUTE, 40 * MINUTE]
    with pytest.raises(KeyError):
        closure_matrices(roads, crossing, [{"nowhere": NEVER}], [0], [2])


def test_a_vehicle_too_heavy_for_a_bridge_goes_round():
    roads, _ = triangle()
    limits = roads.network.max_weight_t
    limits[roads.network.edge_index["r12:1-2"]] = 5.0
    heavy = travel_ms(roads.network, tiny.TRUCK)
    light = travel_ms(roads.network, replace(tiny.TRUCK, gross_t=4.0))
    assert time_matrix(roads, heavy, [0], [2])[0, 0] == 25 * MINUTE
    assert time_matrix(roads, light, [0], [2])[0, 0] == 20 * MINUTE


def test_preparation_comes_back_from_disk_the_same(tmp_path):
    first, crossing = triangle()
    (file,) = (tmp_path / "hierarchies").glob("*.npz")
    again, _ = triangle()
    assert np.array_equal(first.hierarchy.up_head, again.hierarchy.up_head)
    assert np.array_equal(time_matrix(first, crossing, [0, 1, 2], [0, 1, 2]),
                          time_matrix(again, crossing, [0, 1, 2], [0, 1, 2]))  # fmt: skip
    file.write_bytes(b"damaged")
    assert time_matrix(triangle()[0], crossing, [0], [2])[0, 0] == 20 * MINUTE
    # other turns, other file
    triangle(with_turns=True)
    assert len(list((tmp_path / "hierarchies").glob("*.npz"))) == 2


def test_service_area_by_hand():
    roads, crossing = triangle()
    area = service_area(roads.network, crossing, [0], 15 * MINUTE)
    assert area.time_ms.tolist() == [0.0, 10 * MINUTE, np.inf]
    by_edge = dict(zip(roads.network.edge_id.tolist(), area.share.tolist(), strict=True))
    # fifteen minutes: all of 0-1, half of 1-2, 15 of 25 km of 0-2; back from 1 half way
    assert by_edge == {
        "r01:0-1": 1.0, "r01:1-0": 0.5, "r12:1-2": 0.5, "r12:2-1": 0.0, "r02:0-2": 0.6, "r02:2-0": 0.0,
    }  # fmt: skip
    assert area.source.tolist() == [0, 0, -1]
    lines = reached_lines(roads.network, area)
    assert max(line.bounds[2] for line in lines.geoms) == pytest.approx(112.015)
    kept, _ = triangle(with_turns=True)
    barred = service_area(kept.network, crossing, [0], 15 * MINUTE)
    by_edge = dict(zip(kept.network.edge_id.tolist(), barred.share.tolist(), strict=True))
    assert (by_edge["r12:1-2"], by_edge["r01:1-0"], by_edge["r01:0-1"]) == (0.0, 0.5, 1.0)
    assert (barred.time_ms.tolist(), barred.source.tolist()) == ([0.0, 10 * MINUTE, np.inf], [0, 0, -1])
    assert area_polygon(roads.network, area, 100.0).contains(lines)
    with pytest.raises(ValueError, match="positive"):
        area_polygon(roads.network, area, 0.0)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(1, 9)), min_size=1, max_size=9,
             unique_by=lambda r: (min(r[:2]), max(r[:2]))),
    st.integers(0, 9), st.integers(0, 5),
)  # fmt: skip
def test_fastest_way_takes_as_long_as_the_matrix_says(roads, closed, source):
    network = tiny.network([(a, b, km) for a, b, km in roads if a != b] + [(0, 5, 20)])
    crossing = travel_ms(network, tiny.TRUCK).copy()
    crossing[closed % network.graph.m] = NEVER
    prepared = prepare_roads(network, cache=False)
    times = time_matrix(prepared, crossing, [source], range(network.graph.n))[0]
    for target in range(network.graph.n):
        way = fastest_way(prepared, crossing, source, target)
        assert (np.inf if way is None else way.time_ms) == times[target]
