"""A fire of its own for every night: drawn by the seed, the same anywhere, unforeseen where it is not given."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dispatch.hazards.computed import read_computed
from dispatch.hazards.disruption import PLACE_COLUMNS
from dispatch.hazards.fire_nights import fire_nights
from dispatch.hazards.fire_spec import MEMBERS, FireSpec, Ignition, read_fire
from dispatch.hazards.outcomes import joined
from dispatch.hazards.overlay import disrupt
from dispatch.hazards.wildfire import forecast, wildfire
from dispatch.hazards.wildfire_footprints import wildfire_footprints
from tests import tiny
from tests.hazards import worlds
from tests.hazards.fires import LAT, LON, REFERENCE, windy

WIDE = {"wind_factor": (0.5, 1.0, 2.0), "wind_turn_deg": (-60.0, 0.0, 60.0), "moisture_factor": (0.7, 1.0, 1.5)}


def spec(**changes) -> FireSpec:
    return windy(**{"reach_km": 2.0, "hours": 1.0, "cell_m": 100.0, "members": 6, **changes})


def county(**places):
    rows = [{"place": "V", "name": "V", "kind": "village", "parent": "", "lon": LON + 0.004, "lat": LAT, **places}]
    return tiny.county(places=rows)


def told(fires):
    """What a member does, in a form that compares."""
    return [[(area.name, area.polygon.wkb, area.effect) for area in fire] for fire in fires]


def test_certain_members_are_the_fire_as_forecast():
    made = fire_nights(spec(), county(), REFERENCE)
    alone = wildfire(spec(centre=(LON, LAT)))
    for arrival in made.arrival_s:
        assert np.array_equal(arrival, forecast(alone, spec().until_s).astype(np.float32))
    assert all(one == told([made.forecast])[0] for one in told(made.fires))
    assert told([wildfire_footprints(spec(centre=(LON, LAT)))])[0] == told([made.forecast])[0]
    cells = np.isfinite(forecast(alone, spec().until_s)).sum()
    assert made.burnt_ha == pytest.approx(np.full(6, float(cells)))  # cells of one hectare
    assert set(np.unique(made.burn_probability)) == {0.0, 1.0}


def test_members_hang_on_the_seed_and_their_number_alone():
    uncertain = spec(**WIDE, ignition_error_m=300.0, spotting=True)
    made, again = (fire_nights(uncertain, county(), REFERENCE) for _ in range(2))
    assert made.arrival_s.tobytes() == again.arrival_s.tobytes()
    assert told(made.fires) == told(again.fires)
    more = fire_nights(replace(uncertain, members=8), county(), REFERENCE)
    assert told(more.fires)[:6] == told(made.fires)
    other = fire_nights(replace(uncertain, seed=2), county(), REFERENCE)
    assert told(other.fires) != told(made.fires)
    assert len({arrival.tobytes() for arrival in made.arrival_s}) == 6
    # planners see the fire at the mode of everything
    assert told([made.forecast]) == told([other.forecast]) == told([wildfire_footprints(
        spec(centre=(LON, LAT), spotting=True))])  # fmt: skip


def test_more_wind_and_less_moisture_burn_more():
    calm, strong = (fire_nights(spec(members=2, wind_factor=(f, f, f)), county(), REFERENCE) for f in (0.5, 2.0))
    assert (calm.burnt_ha < strong.burnt_ha).all()
    wet, dry = (fire_nights(spec(members=2, moisture_factor=(f, f, f)), county(), REFERENCE) for f in (1.5, 0.6))
    assert (wet.burnt_ha < dry.burnt_ha).all()
    # wetter than the moisture of extinction (15 %; 6 % is the mode) nothing burns: two nights of three
    soaked = fire_nights(spec(members=12, moisture_factor=(1.0, 1.0, 9.0)), county(), REFERENCE)
    out = [not fire for fire in soaked.fires]
    assert 3 <= sum(out) < 12
    assert (soaked.burnt_ha[out] == 0).all()


def test_every_night_draws_one_member():
    network = worlds.line()
    made = fire_nights(spec(**WIDE, members=4), county(), REFERENCE)
    laid = made.over(network, county())
    assert laid.groups["probability"].to_numpy() == pytest.approx(0.25)
    nights = [laid.sample(np.random.default_rng(seed)).edges for seed in range(60)]
    drawn = [set(edges.loc[edges["end_s"] > edges["start_s"], "group"]) for edges in nights]
    assert max(map(len, drawn)) == 1
    assert len(set().union(*drawn)) > 1
    pd.testing.assert_frame_equal(nights[7], laid.sample(np.random.default_rng(7)).edges)


def test_planners_see_the_places_of_the_forecast_and_a_night_reaches_its_own():
    network = worlds.line()
    places = [{"place": f"V{k}", "name": f"V{k}", "kind": "village", "parent": "", "lon": LON + 0.003 * k, "lat": LAT}
              for k in range(-3, 6)]  # fmt: skip
    people = tiny.county(places=places)
    made = fire_nights(spec(**WIDE, members=8), people, REFERENCE)
    laid = made.over(network, people)
    seen = laid.places[laid.places["share"] > 0]
    alone = disrupt(network, people, made.forecast, ())[0].places
    assert seen[["place", "start_s", "share"]].reset_index(drop=True).equals(alone[["place", "start_s", "share"]])
    nights = [laid.sample(np.random.default_rng(seed)) for seed in range(40)]
    for night in nights:
        (group,) = set(night.edges.loc[night.edges["end_s"] > night.edges["start_s"], "group"])
        own = disrupt(network, people, made.fires[int(group.split("/")[1]) - 1], ())[0].places
        hit = night.places[night.places["share"] > 0]
        assert list(night.places.columns) == list(PLACE_COLUMNS)
        assert sorted(zip(hit["place"], hit["start_s"], strict=True)) == sorted(
            zip(own["place"], own["start_s"], strict=True))  # fmt: skip
    assert len({tuple(night.places.loc[night.places["share"] > 0, "place"]) for night in nights}) > 1
    # beside another hazard, whose places are hit as forecast
    other = replace(disrupt(network, people, made.forecast, ())[0], groups=laid.groups.iloc[:0])
    both = joined([laid, other]).sample(np.random.default_rng(3)).places
    assert len(both[(both["share"] > 0) & (both["group"] == "wildfire")]) == len(alone)


def test_places_are_reached_with_the_share_of_the_members():
    made = fire_nights(spec(**WIDE, members=8), county(lon=LON + 0.009), REFERENCE)
    table = made.reach(county(lon=LON + 0.009)).set_index("place")
    # by hand: the first time that any cell whose nearest edge is within 100 m burns
    x, y = made.grid.place(np.array([[LON + 0.009, LAT]]))[0]
    row, column = np.mgrid[0 : made.grid.shape[0], 0 : made.grid.shape[1]]
    gap = np.hypot(np.maximum(abs(row + 0.5 - y) - 0.5, 0), np.maximum(abs(column + 0.5 - x) - 0.5, 0))
    arrival = made.arrival_s[:, gap <= 1.0].min(axis=1)
    comes = np.isfinite(arrival)
    assert 0 < comes.sum() < 8  # some do, some do not
    assert table.loc["V", "chance"] == comes.mean()
    assert table.loc["V", "arrival_s"] == pytest.approx(np.median(arrival[comes]))
    assert made.reach(county(lon=LON + 3)).empty


TABLE = {
    "weather": [{"time": "+0:00", "wind_m_s": 3, "wind_from_deg": 270, "temperature_c": 20, "humidity_pct": 40}],
    "hours": 1, "fuel": "grass", "reach_km": 1.0, "cell_m": 100, "centre": [LON, LAT],
}  # fmt: skip


def test_fires_that_start_unbidden_are_others_every_night_and_unforeseen(tmp_path):
    table = {**TABLE, "people_fires": 1.2, "detection": True}
    computed, problems = read_computed({"hazards.fire": table}, {}, tmp_path / "s.toml", REFERENCE, county())
    assert [(one.code, one.severity) for one in problems] == [("hazards_fire_unforeseen", "warning")]
    (made,) = computed.models
    assert computed.fire is None
    assert len(made.fires) == MEMBERS
    none = sum(not fire for fire in made.fires)
    # a Poisson number of mean 1.2: none on a night in exp(-1.2) = 0.30 of them
    assert abs(none / MEMBERS - np.exp(-1.2)) < 3.5 * np.sqrt(0.3 * 0.7 / MEMBERS)
    assert made.forecast == ()
    laid = made.over(worlds.line(), county())
    assert laid.forecast().edges.query("end_s > start_s").empty
    assert (laid.places["share"] == 0).all()
    known = {area.effect.known_s - min(one.effect.start_s for one in fire) for fire in made.fires for area in fire}
    assert min(known) > 0  # nobody knows of a fire before it is seen
    felt = laid.edges[laid.edges["end_s"] > laid.edges["start_s"]]
    assert (felt["known_s"] >= felt["start_s"]).all()
    assert (felt["known_s"] > felt["start_s"]).any()
    assert len({fire[0].effect.start_s for fire in made.fires if fire}) > 5


def test_one_drawn_fire_for_all_nights_where_that_is_asked(tmp_path):
    table = {**TABLE, "people_fires": 3, "members": 0}
    computed, problems = read_computed({"hazards.fire": table}, {}, tmp_path / "s.toml", REFERENCE, county())
    assert problems == []
    assert computed.models == ()
    assert computed.footprints


def test_what_is_drawn_decides_whether_there_are_members(tmp_path):
    def nights(**changes) -> int:
        made, problems = read_fire({**TABLE, "ignitions": [{"lon": LON, "lat": LAT, "time": 0}], **changes},
                                   tmp_path / "s.toml", REFERENCE)  # fmt: skip
        assert not problems
        return made.nights

    assert nights() == nights(wind_turn_deg=[0, 30]) == nights(moisture_factor=[1, 1, 1]) == 0
    assert nights(people_fires=1) == nights(moisture_factor=[0.9, 1, 1]) == nights(ignition_error_m=50) == MEMBERS
    assert nights(people_fires=1, members=7) == nights(members=7) == 7


def test_a_fire_that_may_lie_elsewhere_lies_on_fuel():
    made = fire_nights(spec(members=12, ignition_error_m=400.0), county(), REFERENCE)
    first = [np.unravel_index(np.argmin(arrival), made.grid.shape) for arrival in made.arrival_s]
    at = made.grid.lonlat(np.array(first)[:, ::-1] + 0.5)
    away = np.hypot(*((at - np.array([LON, LAT])) * np.array(made.grid.metres)).T)
    assert 0 < np.median(away) < 3 * 400
    assert Ignition(LON, LAT, 0.0) == spec().ignitions[0]
