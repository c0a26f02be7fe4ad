"""Closures as a person sees them: streets, not directed edges and vehicle classes."""

from __future__ import annotations

import dataclasses

import numpy as np

from dispatch.report.closures import closure_table, closures
from models.traversal import NEVER
from tests import tiny

HIGH = dataclasses.replace(tiny.TRUCK, vehicle_class="truck_10t", wading_m=0.8)
FLEET = {"truck_5t": tiny.TRUCK, "truck_10t": HIGH}
ROADS = tiny.network([(0, 1, 10), (1, 2, 10), (2, 3, 10)])


def found(*rows, forecast=True, profiles=FLEET):
    return closures(ROADS, tiny.disruption(rows), profiles, forecast=forecast)


def wet(edge, depth_m, **other):
    return tiny.closure(edge, 60, 120, speed_permille=np.nan, depth_m=depth_m, **other)


def test_both_directions_of_a_street_are_one_closure():
    both = found(tiny.closure("r12:1-2", 60, 120), tiny.closure("r12:2-1", 60, 120))
    assert [(c.street, c.start_ms, c.end_ms, c.state) for c in both] == [
        (min(ROADS.edge_index["r12:1-2"], ROADS.edge_index["r12:2-1"]), 60_000, 120_000, "closed")
    ]


def test_water_stops_those_who_cannot_wade_it():
    # wading depths 0.5 and 0.8 m; at the depth itself a vehicle stops
    states = [found(wet("r01:0-1", depth))[0].state for depth in (0.3, 0.5, 0.79, 0.8)]
    assert states == ["slowed", "partial", "partial", "closed"]
    assert found(wet("r01:0-1", 0.6), profiles={"truck_5t": tiny.TRUCK})[0].state == "closed"


def test_a_closure_of_one_class_is_partial_and_of_all_is_closed():
    one = tiny.closure("r01:0-1", 60, 120, vehicle_class="truck_5t")
    other = tiny.closure("r01:0-1", 60, 120, vehicle_class="truck_10t")
    absent = tiny.closure("r01:0-1", 60, 120, vehicle_class="bus")
    assert found(one)[0].state == "partial"
    assert found(one, other)[0].state == "closed"
    assert found(absent) == []


def test_forecast_and_outcome_differ():
    row = {**tiny.closure("r01:0-1", 60, 120), "start_s": 90.0, "end_s": np.inf}
    assert [(c.start_ms, c.end_ms) for c in found(row)] == [(60_000, 120_000)]
    assert [(c.start_ms, c.end_ms) for c in found(row, forecast=False)] == [(90_000, NEVER)]


def test_pieces_of_a_road_are_one_row_of_the_table():
    named = dataclasses.replace(
        ROADS,
        ref=np.array(["S331"] * ROADS.graph.m, dtype=object),
        name=np.array(["沁水路"] * ROADS.graph.m, dtype=object),
    )
    rows = [tiny.closure("r01:0-1", 60, 120), tiny.closure("r01:1-0", 60, 120), tiny.closure("r12:1-2", 90, 300),
            tiny.closure("r12:1-2", 400, 500), wet("r23:2-3", 0.2)]  # fmt: skip
    table = closure_table(named, closures(named, tiny.disruption(rows), FLEET, forecast=True))
    assert table.drop(columns="depth_m").to_dict("records")[0] == {
        "road": "S331 沁水路", "cause": "flood", "state": "closed", "streets": 2, "start_ms": 60_000,
        "end_ms": 500_000, "length_m": 20_000.0,
    }  # fmt: skip
    assert np.isnan(table["depth_m"].iloc[0])
    assert table["state"].tolist() == ["closed", "slowed"]
    assert table["depth_m"].iloc[1] == 0.2


def test_no_closures_is_an_empty_table():
    assert closure_table(ROADS, []).empty
