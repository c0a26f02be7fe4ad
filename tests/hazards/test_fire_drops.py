"""Water from the air: litres become a wet line at the front, which holds for its time and never feeds the fire."""

from __future__ import annotations

import csv
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.hazards.fire_drops import (
    LOOK_S,
    WATER_COLUMNS,
    WaterDrop,
    line_litres,
    read_water_drops,
    watered,
    write_water_drops,
)
from dispatch.hazards.fire_spec import FireSpec
from dispatch.hazards.fire_works import FireBreak, FireWorks, works_rules
from dispatch.hazards.wildfire import forecast, wildfire
from dispatch.hazards.wildfire_footprints import wildfire_footprints
from dispatch.problems import InputProblems
from tests.hazards.fires import LAT, LON, windy


def fire(**changes) -> FireSpec:
    return windy(**{"reach_km": 2.0, "hours": 2.0, **changes})


def many(litres: float, every_s: float = 120.0, first_s: float = 900.0, until_s: float = 7200.0):
    return tuple(WaterDrop(LON, LAT, float(t), litres) for t in np.arange(first_s, until_s, every_s))


def burnt(prepared) -> int:
    return int(np.isfinite(forecast(prepared, prepared.spec.until_s)).sum())


def test_litres_of_a_line_by_hand():
    rules = works_rules()
    # short grass: 1 gallon on 100 square feet is 3.785 L on 9.290 m2; 50 m of cell, rules for width and loss
    litres = 3.785411784 / 9.290304 * rules["drop_width"] * 50 / rules["drop_on_target"]
    assert np.unique(line_litres(wildfire(fire()))) == pytest.approx([litres])
    # brush asks for three times as much
    assert np.unique(line_litres(wildfire(fire(fuel="shrub")))) == pytest.approx([3 * litres])
    assert np.isinf(line_litres(wildfire(fire(fuel="water", ignitions=(), centre=(LON, LAT))))).all()


def test_one_drop_closes_one_cell_beside_the_front_for_its_time():
    free = wildfire(fire())
    need = float(line_litres(free)[0, 0])
    (cell,) = np.argwhere(np.isfinite((wet := watered(free, (WaterDrop(LON, LAT, 1800.0, need),))).closed_s))
    at = tuple(cell)
    assert (wet.closed_s[at], wet.opens_s[at]) == (1800.0, 1800.0 + 60 * works_rules()["drop_hold"])
    arrival = forecast(free, free.spec.until_s)
    assert 1800.0 <= arrival[at] <= 1800.0 + LOOK_S
    # at the head: straight down the wind of the ignition
    assert abs(cell[0] - free.origins[0, 0]) <= 1
    assert cell[1] > free.origins[0, 1]
    after = forecast(wet, free.spec.until_s)
    assert after[at] == wet.opens_s[at] > arrival[at]
    # too little for a line across the cell: nothing is closed; twice as much: two cells side by side
    assert not np.isfinite(watered(free, (WaterDrop(LON, LAT, 1800.0, 0.9 * need),)).closed_s).any()
    two = np.argwhere(np.isfinite(watered(free, (WaterDrop(LON, LAT, 1800.0, 2.01 * need),)).closed_s))
    assert len(two) == 2
    assert abs(two[0] - two[1]).max() == 1


def test_water_saved_up_from_several_drops_makes_a_line_unless_it_has_dried():
    free = wildfire(fire())
    third = float(line_litres(free)[0, 0]) / 3 + 1
    quick = watered(free, many(third, 60.0, 1800.0, 1980.0))
    assert quick.closed_s[np.isfinite(quick.closed_s)].tolist() == [1920.0]  # with the third
    dried = 60 * works_rules()["drop_hold"] + 60
    assert not np.isfinite(watered(free, many(third, dried, 1000.0, 1001.0 + 2 * dried)).closed_s).any()


def test_much_water_stops_the_fire_and_a_hot_head_is_left_for_the_flanks():
    free = wildfire(fire())
    much = watered(free, many(60_000.0))
    assert burnt(much) < 0.5 * burnt(free)
    gale = (replace(fire().weather[0], wind_m_s=15.0),)
    hot = wildfire(fire(fuel="shrub", moisture_1h_pct=3.0, woody_pct=60.0, weather=gale, hours=1.0))
    assert hot.behaviours[0].intensity_kw_m.min() > works_rules()["drop_intensity"]
    flank = np.argwhere(np.isfinite(watered(hot, many(60_000.0, until_s=3600.0)).closed_s))
    away = flank - hot.origins[0]
    assert len(flank)  # only where the front runs slower than the head: to the sides and back
    assert abs(away[away[:, 1] > 2, 0]).min() >= 2


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 100), st.integers(300, 9000)), min_size=1, max_size=12))
def test_water_never_makes_a_fire_arrive_sooner_anywhere(drops: list[tuple[int, int]]):
    free = wildfire(fire(cell_m=100.0))
    wet = watered(free, tuple(sorted((WaterDrop(LON, LAT, 60.0 * minute, float(litres)) for minute, litres in drops),
                                     key=lambda drop: drop.time_s)))  # fmt: skip
    until = free.spec.until_s
    assert (forecast(wet, until) >= forecast(free, until)).all()


def test_a_break_that_holds_stays_closed_under_water():
    east = LON + 0.006
    line = np.array([[east, LAT - 0.004], [east, LAT + 0.004]])
    dry = wildfire(fire(works=FireWorks(breaks=(FireBreak("B", line, 60.0),))))
    held = dry.closed_s == -np.inf
    assert held.any()
    wet = watered(dry, many(20_000.0))
    assert (wet.closed_s[held] == -np.inf).all()
    assert (wet.opens_s[held] == np.inf).all()


def test_the_table_of_drops_and_what_is_wrong_with_one(tmp_path):
    path, drops = tmp_path / "water_drops.csv", many(2500.0, until_s=1500.0)
    write_water_drops(drops, path)
    assert read_water_drops(path) == drops
    with path.open(encoding="utf-8-sig") as stream:
        assert tuple(next(csv.reader(stream))) == WATER_COLUMNS
    rows = {"no column": "lon,lat,litres\n1,2,3", "text": "lon,lat,time_s,litres\n112,35,soon,900",
            "no number": "lon,lat,time_s,litres\n112,35,nan,900", "dry": "lon,lat,time_s,litres\n112,35,60,0",
            "short": "lon,lat,time_s,litres\n112,35"}  # fmt: skip
    for words in rows.values():
        path.write_text(words, encoding="utf-8")
        with pytest.raises(InputProblems) as caught:
            read_water_drops(path)
        assert [one.code for one in caught.value.problems] == ["hazards_fire_water_drops"]


def test_a_scenario_that_names_the_drops_has_the_smaller_fire(tmp_path):
    path = tmp_path / "water_drops.csv"
    write_water_drops(many(30_000.0), path)
    spec = fire(cell_m=100.0)
    area = [sum(f.polygon.area for f in wildfire_footprints(one) if f.effect.speed_permille == 0)
            for one in (spec, replace(spec, water_drops=path))]  # fmt: skip
    assert area[1] < 0.9 * area[0]
    assert all(map(math.isfinite, area))
