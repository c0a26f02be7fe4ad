"""What a hazard does, in tables: counted by hand on a line of roads, recomputed on the embedded county."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd
import pytest

from dispatch.hazards.disruption import EDGE_COLUMNS, GROUP_COLUMNS, PLACE_COLUMNS, no_disruption
from dispatch.hazards.snow import snow
from dispatch.hazards.summary import summary
from dispatch.roads.profile_norms import read_profiles
from tests import tiny
from tests.hazards import worlds
from tests.hazards.test_snow import NIGHT, PLOUGH

TRUCK = read_profiles()["truck_5t"]
HOUR = 3600.0
DAY = 24 * HOUR


def _edges(*rows: dict) -> pd.DataFrame:
    plain = {"vehicle_class": "", "depth_m": math.nan, "speed_permille": math.nan, "known_s": 0.0, "cause": "flood",
             "group": ""}  # fmt: skip
    made = []
    for row in rows:
        start, end = row.pop("hours")
        spans = {"forecast_start_s": start * HOUR, "forecast_end_s": end * HOUR, "start_s": start * HOUR,
                 "end_s": end * HOUR}  # fmt: skip
        made.append({**plain, **spans, **row})
    return pd.DataFrame(made)[list(EDGE_COLUMNS)].astype(EDGE_COLUMNS)


def _of(*rows: dict, **changes):
    return replace(no_disruption(), edges=_edges(*rows), **changes)


def _told(disruption, models=(), nights=0, county=None):
    some = tiny.one_depot().county if county is None else county
    return summary(worlds.line(), some, disruption, models, TRUCK, DAY, nights)


def test_streets_are_counted_once_and_shut_by_the_depth_of_the_class():
    deep, shallow = TRUCK.wading_m, TRUCK.wading_m / 2
    found = _told(_of(
        {"edge": "r01:0-1", "hours": (1, 3), "depth_m": deep}, {"edge": "r01:1-0", "hours": (1, 3), "depth_m": deep},
        {"edge": "r12:1-2", "hours": (2, 5), "depth_m": shallow},
        {"edge": "r23:2-3", "hours": (2, 4), "speed_permille": 0.0, "vehicle_class": "car"},
        {"edge": "r23:3-2", "hours": (2.5, 4), "speed_permille": 300.0},
    ))  # fmt: skip
    by_hour = found.hours.groupby("hour")[["closed", "slowed"]].sum().to_dict("index")
    assert by_hour == {1: {"closed": 1, "slowed": 0}, 2: {"closed": 1, "slowed": 1}, 3: {"closed": 0, "slowed": 2},
                       4: {"closed": 0, "slowed": 1}}  # fmt: skip
    assert found.streets["edge"].tolist() == ["r01:0-1"]
    assert found.streets["closed_h"].tolist() == [2.0]
    assert found.streets["deepest_m"].tolist() == [pytest.approx(deep)]
    assert found.foreseen


def test_gaps_and_overlaps_do_not_count_as_shut():
    found = _told(_of({"edge": "r01:0-1", "hours": (1, 3), "speed_permille": 0.0},
                      {"edge": "r01:0-1", "hours": (2, 4), "speed_permille": 0.0},
                      {"edge": "r01:1-0", "hours": (20, math.inf), "speed_permille": 0.0}))  # fmt: skip
    street = found.streets.iloc[0]
    assert (street["closed_s"], street["open_s"], street["closed_h"]) == (HOUR, math.inf, 3.0 + 4.0)


def test_what_nobody_foresees_is_shown_as_it_happens_and_hours_before_zero_too():
    quake = _of({"edge": "r01:0-1", "hours": (-1.5, 3), "speed_permille": 0.0, "cause": "earthquake"})
    edges = quake.edges.assign(forecast_end_s=quake.edges["forecast_start_s"])
    found = _told(replace(quake, edges=edges))
    assert not found.foreseen
    assert found.hours["hour"].tolist() == [-1, 0, 1, 2]


def test_drawn_nights_give_the_average():
    group = dict.fromkeys(GROUP_COLUMNS, 0.0) | {"group": "g", "probability": 0.25, "duration_low": 1.0,
                                                 "duration_mode": 1.0, "duration_high": 1.0}  # fmt: skip
    groups = pd.DataFrame([group]).astype(GROUP_COLUMNS)
    chance = _of({"edge": "r01:0-1", "hours": (1, 3), "speed_permille": 0.0, "group": "g"}, groups=groups)
    mean = _told(chance, nights=100).nights.set_index("hour")["mean"]
    assert mean[0] == mean[3] == 0.0
    assert mean[1] == mean[2] == pytest.approx(0.25, abs=4 * math.sqrt(0.25 * 0.75 / 100))
    assert _told(_of({"edge": "r01:0-1", "hours": (1, 3), "speed_permille": 0.0}), nights=5).nights.empty


def test_places_of_a_drawn_hazard_come_with_people_and_warning():
    county = tiny.one_depot().county
    place = county.table("places")["place"].iloc[0]
    people = county.table("places")["population"].iloc[0]
    rows = [{"place": place, "start_s": when, "end_s": DAY, "share": share, "depth_m": math.nan, "cause": "wildfire",
             "group": ""} for when, share in ((7200.0, 0.5), (3600.0, 0.25))]  # fmt: skip
    places = pd.DataFrame(rows)[list(PLACE_COLUMNS)].astype(PLACE_COLUMNS)
    hazard = _of({"edge": "r01:0-1", "hours": (1, 3), "speed_permille": 0.0, "cause": "wildfire", "known_s": 600.0},
                 places=places)  # fmt: skip
    found = _told(hazard).places
    assert len(found) == 1
    row = found.iloc[0]
    assert (row["arrival_s"], row["lead_s"], row["roads_stopped"]) == (3600.0, 3000.0, -1)
    assert row["people"] == round(people * 0.5)


def test_ploughs_of_the_hazard_come_in_their_order():
    model = snow(replace(NIGHT, snow_mm=60.0, ploughs=(PLOUGH,)))
    county = tiny.one_depot().county
    found = _told(model.over(worlds.line(), county), (model,))
    assert found.ploughed["order"].tolist() == [1, 2, 3]
    assert found.ploughed["done_s"].is_monotonic_increasing
    assert _told(no_disruption()).hours.empty
