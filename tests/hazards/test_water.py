"""Depths over time as closures of roads and places reached: exact rows by hand, and rules that must never break."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.hazards.along import street_points
from dispatch.hazards.disruption import Disruption
from dispatch.hazards.outcomes import joined, one_of
from dispatch.hazards.terrain import Terrain
from dispatch.hazards.timed import timed_edges
from dispatch.hazards.water import Told, reached, suffered
from dispatch.hazards.water_chance import with_chance
from tests import tiny
from tests.hazards.water_worlds import Known, roads, wet
from tests.hazards.worlds import with_attributes
from tests.qinshui import county as qinshui

TOLD = Told("flash_flood", "flood", 300.0)
COUNTY = tiny.one_depot().county
EAST = 112.005
"""A point on the first road only, in a cell that touches no other."""


def rows(depths: list[float], network=None, told: Told = TOLD):
    flood = suffered(wet(EAST, depths), network or roads(), COUNTY, told)
    return [
        (str(row.edge), row.start_s, row.end_s, round(row.depth_m, 6)) for row in flood.edges.itertuples(index=False)
    ]


def test_intervals_worked_by_hand():
    # records every ten minutes; each span counts the deeper end, rounded up to five centimetres
    network = roads()
    mine = [str(edge) for edge in network.edge_id if edge.startswith("r01")]
    found = rows([0.0, 0.12, 0.14, 0.31, 0.0, 0.0], network)
    expected = [(0, 1200, 0.15), (1200, 2400, 0.35)]
    assert found == [(edge, a, b, depth) for edge in mine for a, b, depth in expected]


def test_water_still_there_in_the_end_stays_until_it_is_cleared():
    assert {end for _, _, end, _ in rows([0.0, 0.2])} == {np.inf}
    assert {end for _, _, end, _ in rows([0.0, 0.2], told=Told("flood", "g", 0.0, cleared_s=7200.0))} == {7200.0}


def test_water_no_class_wades_is_kept_in_coarse_steps():
    assert {depth for *_, depth in rows([0.0, 0.63, 0.0])} == {1.0}
    assert {depth for *_, depth in rows([0.0, 0.58, 0.0])} == {0.6}


def test_bridge_feels_only_what_stands_above_its_deck():
    # the norm's deck stands three metres above the land
    bridge = with_attributes(roads(), bridge={"r01": True})
    assert rows([0.0, 2.9, 0.0], bridge) == []
    assert {depth for *_, depth in rows([0.0, 3.2, 0.0], bridge)} == {0.2}


def test_no_water_no_rows():
    flood = suffered(wet(EAST, [0.0, 0.04, 0.0]), roads(), COUNTY, TOLD)
    assert flood.edges.empty
    assert flood.places.empty


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(0, 3), min_size=3, max_size=8), st.floats(0, 2), st.floats(0.1, 0.7))
def test_deeper_water_never_opens_a_road(depths: list[float], more: float, wading: float):
    network = roads()
    free = np.full(network.graph.m, 60_000, dtype=np.int64)
    less, deep = (
        timed_edges(network, free, "truck_5t", wading, suffered(wet(EAST, series), network, COUNTY, TOLD))
        for series in (depths, [depth + more for depth in depths])
    )

    def permille(timed, edge: int, at_ms: int) -> int:
        span = range(timed.first[edge], timed.first[edge + 1])
        return min([int(timed.permille[k]) for k in span if timed.start_ms[k] <= at_ms < timed.end_ms[k]], default=1000)

    for edge in range(network.graph.m):
        for at_ms in range(0, 600_000 * len(depths), 300_000):
            assert permille(deep, edge, at_ms) <= permille(less, edge, at_ms)


def test_place_is_reached_with_its_lead_time():
    places = qinshui().table("places")
    village = places[places["kind"] == "village"].iloc[0]
    z = np.zeros((3, 3))
    terrain = Terrain(z, village["lon"] - 0.0015, village["lat"] + 0.0015, 1e-3, 1e-3, 90.0, 111.0, z > 0)
    series = np.zeros((4, 9))
    series[:, 4] = [0.0, 0.1, 0.5, 0.0]
    flood = Known(terrain, 600.0 * np.arange(4), series)
    table = reached(flood, roads(), qinshui(), 60.0)
    assert table["place"].tolist() == [village["place"]]
    row = table.iloc[0]
    assert row["arrival_s"] == pytest.approx(300.0)  # five centimetres half-way to the first record
    assert row["lead_s"] == pytest.approx(240.0)
    assert (row["peak_m"], row["peak_s"]) == (0.5, 1200.0)
    assert row["people"] == village["population"]
    share = suffered(flood, roads(), qinshui(), Told("flood", "g", 0.0, 0.3)).places
    assert share["share"].tolist() == [0.3]
    assert (share["start_s"].tolist(), share["end_s"].tolist()) == ([0.0], [1800.0])


def test_points_lie_no_farther_apart_than_asked_and_end_at_both_ends():
    network = roads()
    points = street_points(network, 130.0)
    for street, edge in enumerate(points.edge):
        mine = points.street == street
        lon = points.lon[mine]
        shape = slice(network.shape_first[edge], network.shape_first[edge + 1])
        assert (lon[0], lon[-1]) == pytest.approx((network.shape_lon[shape][0], network.shape_lon[shape][-1]))
        gap = np.abs(np.diff(lon)) * np.radians(1) * 6_371_009 * np.cos(np.radians(35.5))
        assert gap.max() <= 130.0 + 1e-6
        assert mine.sum() == np.ceil(gap.sum() / 130.0 - 1e-9) + 1


def outcomes() -> Disruption:
    low, mode, high = (
        with_chance(suffered(wet(EAST, [0.0, depth, 0.0]), roads(), COUNTY, TOLD), 1.0, "flood")
        for depth in (0.1, 0.3, 0.55)
    )
    return one_of(mode, (low, mode, high), "flood")


def test_planners_see_the_forecast_and_the_roads_feel_the_outcome():
    flood = outcomes()
    rng = np.random.default_rng(4)
    felt = set()
    for _ in range(40):
        night = flood.sample(rng)
        lasting = night.edges[night.edges["end_s"] > night.edges["start_s"]]
        felt.add(float(lasting["depth_m"].max()))
        foreseen = night.forecast().edges
        foreseen = foreseen[foreseen["end_s"] > foreseen["start_s"]]
        assert set(foreseen["depth_m"].round(6)) == {0.3}
    assert {round(depth, 6) for depth in felt} == {0.1, 0.3, 0.55}


def test_an_outcome_becomes_known_as_it_begins():
    night = outcomes().sample(np.random.default_rng(1))
    lasting = night.edges[night.edges["end_s"] > night.edges["start_s"]]
    assert (lasting["known_s"] == lasting["start_s"]).all()


def test_flood_that_need_not_come_comes_as_often_as_said():
    flood = with_chance(suffered(wet(EAST, [0.0, 0.5, 0.0]), roads(), COUNTY, TOLD), 0.3, "flood")
    rng = np.random.default_rng(2)
    count = sum(not flood.sample(rng).edges.empty for _ in range(300))
    assert count == pytest.approx(90, abs=4 * np.sqrt(300 * 0.3 * 0.7))


def test_joined_hazards_draw_for_themselves_and_keep_their_groups_apart():
    first, second = outcomes(), with_chance(suffered(wet(EAST, [0.0, 0.5, 0.0]), roads(), COUNTY, TOLD), 1.0, "other")
    both = joined([first, second])
    assert len(both.edges) == len(first.edges) + len(second.edges)
    night = both.sample(np.random.default_rng(0))
    lasting = night.edges[night.edges["end_s"] > night.edges["start_s"]]
    assert lasting["group"].str.startswith("flood/").any()
    assert (lasting["group"] == "flood").any()  # the second, beside one of the first's ways
    assert len(both.forecast().edges) == len(both.edges)
    assert joined([first]) is first
    with pytest.raises(ValueError, match="two hazards"):
        joined([first, first])
