"""Criticality on hand-made roads: what a cut costs is worked out in one's head; and on Andorra against itself."""

from __future__ import annotations

import numpy as np
import pytest

from dispatch.roads.criticality import detours, isolating_edges, lifelines, rank_edges
from dispatch.roads.profiles import travel_ms
from tests import tiny
from tests.shared import shared_path


def square():
    """Depot at 0; square 0-1-2-3 of 10 km sides but 2-3 of 30 km; a dead end 2-4 over a bridge of 5 km."""
    roads = tiny.network([(0, 1, 10), (1, 2, 10), (0, 3, 10), (2, 3, 30), (2, 4, 5)])
    roads.bridge[[roads.edge_index["r24:2-4"], roads.edge_index["r24:4-2"]]] = True
    return roads, travel_ms(roads, tiny.TRUCK)


PLACES = {"A": 1, "B": 2, "C": 3, "D": 4, "far": -1}


def test_detours_by_hand():
    roads, crossing = square()
    table = detours(roads, crossing, [0], PLACES)
    rows = {(r.edge, r.place): (r.before_min, r.after_min) for r in table.itertuples()}
    assert rows == {
        ("r01:0-1", "A"): (10.0, 50.0),  # 0-3-2-1
        ("r01:0-1", "B"): (20.0, 40.0),
        ("r01:0-1", "D"): (25.0, 45.0),
        ("r12:1-2", "B"): (20.0, 40.0),
        ("r12:1-2", "D"): (25.0, 45.0),
        ("r03:0-3", "C"): (10.0, 50.0),
        ("r24:2-4", "D"): (25.0, np.inf),
    }


def test_ranking_puts_people_cut_off_before_minutes():
    roads, crossing = square()
    people = {"A": 100.0, "B": 10.0, "C": 1.0, "D": 2.0}
    ranked = rank_edges(roads, detours(roads, crossing, [0], PLACES), people)
    assert ranked["edge"].tolist() == ["r24:2-4", "r01:0-1", "r12:1-2", "r03:0-3"]
    assert ranked["person_minutes"].tolist() == [0.0, 4000.0 + 200.0 + 40.0, 240.0, 40.0]
    assert ranked["people_cut_off"].tolist() == [2.0, 0.0, 0.0, 0.0]
    assert ranked["places_delayed"].tolist() == [0, 3, 2, 1]
    assert ranked["bridge"].tolist() == [True, False, False, False]


def test_bridges_only():
    roads, crossing = square()
    assert detours(roads, crossing, [0], PLACES, bridges_only=True)["edge"].tolist() == ["r24:2-4"]


def test_lifelines_and_least_cuts_by_hand():
    roads, crossing = square()
    assert lifelines(roads, crossing, [0], PLACES) == {"A": (), "B": (), "C": (), "D": ("r24:2-4",), "far": None}
    assert isolating_edges(roads, crossing, [0], 4) == ("r24:2-4",)
    assert len(isolating_edges(roads, crossing, [0], 2)) == 2
    assert isolating_edges(roads, crossing, [0], 2, bridges_only=True) is None
    assert isolating_edges(roads, crossing, [0], 0) is None
    # a second depot on the far side leaves nobody with a last road but the dead end's own
    assert lifelines(roads, crossing, [0, 4], PLACES)["D"] == ()


def test_no_cut_costs_nothing_in_the_table():
    roads, crossing = square()
    assert (detours(roads, crossing, [0], PLACES)["detour_min"] > 0).all()


@pytest.mark.slow
def test_andorra_lost_places_are_those_behind_a_last_road():
    from dispatch.roads.profile_norms import read_profiles
    from dispatch.roads.read import read_network

    roads = read_network(shared_path("data/roads_andorra/andorra-20250118.osm.pbf"))
    crossing = travel_ms(roads, read_profiles()["truck_5t"])
    random = np.random.default_rng(3)
    places = {str(k): int(node) for k, node in enumerate(random.choice(roads.graph.n, 200, replace=False))}
    sources = random.choice(roads.graph.n, 2).tolist()
    table = detours(roads, crossing, sources, places)
    lost = {(r.edge, r.place) for r in table[np.isinf(table["detour_min"])].itertuples()}
    lines = lifelines(roads, crossing, sources, places)
    assert lost == {(edge, place) for place, edges in lines.items() for edge in edges or ()}
    assert len(lost) > 100
