"""A computed wildfire: the front, lines that stop it, forecasts, and what it does to roads."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from dispatch.hazards.fire_norms import fire_rules, line_rate_m_h
from dispatch.hazards.fire_spec import Crew, Drop, FireWeather, Ignition
from dispatch.hazards.overlay import disrupt
from dispatch.hazards.wildfire import advance, break_breach, forecast, wildfire
from dispatch.hazards.wildfire_footprints import arrival_at, wildfire_footprints
from dispatch.hazards.wildfire_spots import with_spots
from dispatch.problems import InputProblems
from tests import tiny
from tests.hazards import worlds
from tests.hazards.fires import LAT, LON, calm, windy


def _burnt(arrival: np.ndarray, until: float) -> int:
    return int((arrival <= until).sum())


def _wall(fire, metres_east: float) -> tuple[tuple[float, float], ...]:
    """North-south line east of the ignition, across the whole grid."""
    lon = LON + metres_east / fire.grid.metres[0]
    half = 2900 / fire.grid.metres[1]
    return ((lon, LAT - half), (lon, LAT + half))


def test_head_runs_at_the_rate_of_the_model():
    fire = wildfire(windy())
    rate = fire.behaviours[0].ros_m_min.max()
    east = LON + 1500 / fire.grid.metres[0]
    # from cell middle to cell middle, 30 cells down the wind
    assert arrival_at(fire, np.array([east]), np.array([LAT]), 1e6)[0] == pytest.approx(60 * 1500 / rate, rel=1e-3)


def test_stronger_wind_burns_more_and_off_the_grid_fire_never_arrives():
    less, more = (forecast(wildfire(windy(), factor), 3600.0) for factor in (0.5, 1.0))
    assert _burnt(less, 3600.0) < _burnt(more, 3600.0)
    assert np.isinf(arrival_at(wildfire(windy()), np.array([LON + 1]), np.array([LAT]), 1e6)).all()


def test_steps_give_the_same_fire_as_one_run():
    fire = wildfire(windy())
    whole = forecast(fire, 7200.0)
    for hour in (1200.0, 3600.0, 5000.0, 7200.0):
        fire = advance(fire, hour)
    assert fire.burnt_s == pytest.approx(whole)
    with pytest.raises(ValueError, match="cannot advance"):
        advance(fire, 10.0)


def test_a_line_given_as_an_array_stops_the_front_from_then_on():
    fire = advance(wildfire(windy()), 1200.0)
    burnt = np.isfinite(fire.burnt_s)
    wall = np.full(fire.grid.shape, np.inf)
    column = np.flatnonzero(burnt.any(axis=0)).max() + 3
    wall[:, column] = 1200.0
    stopped = advance(fire, 7200.0, wall)
    assert np.isinf(stopped.burnt_s[:, column:]).all()
    assert (np.isfinite(stopped.burnt_s) & burnt == burnt).all()  # what has burnt stays burnt
    assert np.isfinite(advance(fire, 7200.0).burnt_s[:, column:]).any()


def test_a_line_over_burnt_ground_changes_nothing():
    fire = advance(wildfire(windy()), 3600.0)
    over = np.where(np.isfinite(fire.burnt_s), 0.0, np.inf)
    assert np.array_equal(advance(fire, 7200.0, over).burnt_s, advance(fire, 7200.0).burnt_s)


def test_crew_closes_cells_at_the_rate_of_the_fuel():
    fire = wildfire(windy())
    people = 40
    crew = Crew(_wall(fire, 1000.0), 600.0, people, True)
    built = wildfire(windy(crews=(crew,)))
    done = np.sort(built.closed_s[np.isfinite(built.closed_s)])
    rate = line_rate_m_h("short_grass", people, professional=True)
    assert done[-1] == pytest.approx(600.0 + 3600.0 * 5800 / rate, rel=1e-3)
    assert done[0] == pytest.approx(600.0 + 3600.0 * 50 / rate, rel=0.05)  # the first cell or part of one
    assert _burnt(forecast(built, 7200.0), 7200.0) <= _burnt(forecast(fire, 7200.0), 7200.0)


def test_twice_the_crew_never_loses_more_ground():
    burnt = []
    for people in (5, 20, 80, 320):
        crew = Crew(_wall(wildfire(windy()), 1000.0), 0.0, people, True)
        burnt.append(_burnt(forecast(wildfire(windy(crews=(crew,))), 7200.0), 7200.0))
    assert burnt == sorted(burnt, reverse=True)
    assert burnt[-1] < burnt[0]


def test_water_delays_the_fire_where_it_falls_and_not_for_ever():
    drop = Drop(LON + 0.005, LAT, 0.0, 200.0, 90.0)
    dry, wet = wildfire(windy()), wildfire(windy(drops=(drop,)))
    at = (np.array([drop.lon]), np.array([LAT]))
    assert arrival_at(wet, *at, 1e5)[0] == pytest.approx(5400.0, abs=600)
    assert arrival_at(dry, *at, 1e5)[0] < 5400.0


def _break_table(tmp_path, fire, width: float, planned: str) -> object:
    (west, south), (east, north) = _wall(fire, 800.0)
    path = tmp_path / "breaks.csv"
    path.write_text(
        f'name,geometry,width_m,planned\nB,"LINESTRING ({west} {south}, {east} {north})",{width},{planned}\n',
        encoding="utf-8",
    )
    return path


def test_a_wide_break_holds_a_narrow_one_does_not_a_planned_one_counts_when_told(tmp_path):
    fire = wildfire(windy())
    free = forecast(fire, 7200.0)
    wide = wildfire(windy(breaks=_break_table(tmp_path, fire, 40, "false")))
    assert break_breach(wide)[0] < 0.01
    assert _burnt(forecast(wide, 7200.0), 7200.0) < _burnt(free, 7200.0)
    narrow = wildfire(windy(breaks=_break_table(tmp_path, fire, 1, "false")))
    assert break_breach(narrow)[0] > 0.5
    assert np.array_equal(forecast(narrow, 7200.0), free)
    table = _break_table(tmp_path, fire, 40, "true")
    assert np.array_equal(forecast(wildfire(windy(breaks=table)), 7200.0), free)
    built = forecast(wildfire(windy(breaks=table, planned_breaks=True)), 7200.0)
    assert _burnt(built, 7200.0) < _burnt(free, 7200.0)


def test_breaches_are_drawn_with_their_probability(tmp_path):
    fire = wildfire(calm())
    table = _break_table(tmp_path, fire, 3, "false")
    spec = calm(breaks=table)
    chance = float(break_breach(wildfire(spec))[0])
    rng = np.random.default_rng(1)
    held = sum(bool((wildfire(spec, rng=rng).closed_s < np.inf).any()) for _ in range(60))
    assert abs(held / 60 - (1 - chance)) < 4 * np.sqrt(0.25 / 60)


def test_several_ignitions_each_at_its_time():
    spec = calm(ignitions=(Ignition(LON, LAT, 0.0), Ignition(LON + 0.008, LAT, 1800.0), Ignition(LON, LAT + 0.006, 0)))
    fire = wildfire(spec)
    assert arrival_at(fire, np.array([LON + 0.008]), np.array([LAT]), 1e5)[0] <= 1800.0
    assert (np.isfinite(advance(fire, 60.0).burnt_s)).sum() == 2


def test_an_ignition_on_water_is_said():
    with pytest.raises(InputProblems) as caught:
        wildfire(calm(fuel="water"))
    assert [problem.code for problem in caught.value.problems] == ["hazards_fire_not_burning"]


def test_wang_rule_burns_down_the_wind():
    arrival = forecast(wildfire(windy(rule="wang")), 7200.0)
    middle = arrival.shape[0] // 2
    east, west = (np.isfinite(part).sum() for part in (arrival[:, middle + 1 :], arrival[:, :middle]))
    assert east > 2 * west > 0


def test_spot_fires_only_add_and_the_seed_decides():
    spec = windy(fuel="young_pine", weather=(FireWeather(0.0, 15.0, 270.0, 28.0, 15.0),), moisture_1h_pct=3.0,
                 spotting=True, hours=4.0)  # fmt: skip
    fire = wildfire(spec)
    without = forecast(fire, 14_400.0)
    with_them, arrival = with_spots(fire, 14_400.0)
    assert len(with_them.origins) > 1
    assert (arrival <= without).all()
    assert _burnt(arrival, 14_400.0) > _burnt(without, 14_400.0)
    assert np.array_equal(with_spots(wildfire(spec), 14_400.0)[1], arrival)


def _disruption(**changes):
    network = worlds.line()
    spec = windy(ignitions=(Ignition(112.004, LAT, 0.0),), hours=1.5, **changes)
    return disrupt(network, tiny.one_depot().county, wildfire_footprints(spec), [])[0], spec


def test_fire_closes_the_road_that_it_reaches_and_smoke_slows_what_lies_downwind():
    night, _ = _disruption()
    closed = night.edges[night.edges["speed_permille"] == 0]
    slowed = night.edges[night.edges["speed_permille"] > 0]
    assert set(closed["cause"]) == {"wildfire"}
    assert closed["start_s"].min() == 0  # the road at the ignition, from the first band
    assert (closed["end_s"] - closed["start_s"]).min() >= 3600 * fire_rules()["closed_after"]
    assert len(slowed) > 0
    first_row = {edge: closed.loc[closed["edge"] == edge, "start_s"].min() for edge in set(closed["edge"])}
    east_first = sorted(first_row, key=first_row.get)
    assert east_first[0].startswith("r01")  # the fire runs east along the line of roads


def test_fire_is_known_once_detected_and_its_time_is_uncertain():
    night, _ = _disruption(detected=2400.0, wind_factor=(0.7, 1.0, 1.4))
    assert night.edges["known_s"].min() == 2400.0
    group = night.groups.iloc[0]
    assert group["shift_low_s"] < 0 < group["shift_high_s"]
    drawn = night.sample(np.random.default_rng(2)).edges["start_s"] - night.edges["start_s"]
    assert drawn.nunique() == 1  # the whole fire shifts together
    assert len(night.forecast(1200.0).edges) == 0


def test_footprints_hold_what_burnt_in_their_time():
    spec = windy()
    fire = wildfire(spec)
    arrival = forecast(fire, 7200.0)
    closing = [area for area in wildfire_footprints(spec) if area.effect.speed_permille == 0]
    row, column = np.nonzero(np.isfinite(arrival))
    points = shapely.points(fire.grid.lonlat(np.column_stack([column + 0.5, row + 0.5])))
    band = 60 * fire_rules()["band"]
    for point, time in zip(points[::97], arrival[row, column][::97], strict=True):
        inside = [area for area in closing if area.effect.start_s <= time < area.effect.start_s + band]
        assert any(shapely.covers(area.polygon, point) for area in inside)
