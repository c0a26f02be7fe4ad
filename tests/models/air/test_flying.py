"""Lift, light, buckets and relays against published values, hand-worked cases and trying everything."""

from __future__ import annotations

import itertools
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.air import (
    BucketLegs,
    best_bucket_run,
    bucket_run,
    choose_relays,
    density_ratio,
    hover_gross_kg,
    nearest_water,
    sun_utc_min,
    two_way_speed,
)


@pytest.mark.parametrize(("altitude_m", "published"), [(0, 1.0), (1000, 0.9075), (2000, 0.8217), (3000, 0.7423),
                                                       (5000, 0.6009)])  # fmt: skip
def test_density_of_the_standard_atmosphere(altitude_m, published):
    """ICAO standard atmosphere tables by geopotential height (Doc 7488): 0.7361 kg/m³ at 5 000 m, 1.225 at 0."""
    assert density_ratio(altitude_m) == pytest.approx(published, abs=2e-4)


def test_a_helicopter_hovers_its_published_weight_at_its_ceiling_and_less_above_or_when_warm():
    """The curve goes through the published point; structure limits it below."""
    assert hover_gross_kg(13000, 11100, 3980, 3980) == pytest.approx(11100)
    assert hover_gross_kg(13000, 11100, 3980, 0) == 13000
    assert hover_gross_kg(13000, 11100, 3980, 4500) < 11100
    assert hover_gross_kg(13000, 11100, 3980, 3980, warmer_c=20) < 11100


@pytest.mark.parametrize(("day", "lat", "lon", "zone_h", "rise", "sets"), [
    (date(2026, 6, 21), 39.905, 116.391, 8, (4, 46), (19, 46)),
    (date(2026, 12, 22), 39.905, 116.391, 8, (7, 33), (16, 53)),
    (date(2026, 3, 20), 51.4769, 0.0, 0, (6, 4), (18, 14)),
])  # fmt: skip
def test_sunrise_and_sunset_as_almanacs_print_them(day, lat, lon, zone_h, rise, sets):
    """Beijing at the solstices, Greenwich at the equinox; within three minutes (the series knows no leap years)."""
    sun = sun_utc_min(day.timetuple().tm_yday, lat, lon)
    assert sun is not None
    for found, (hour, minute) in zip(sun, (rise, sets), strict=True):
        assert found + 60 * zone_h == pytest.approx(60 * hour + minute, abs=3)


def test_polar_night_and_day():
    """No sunrise at 80 degrees north in December; the sun stays up in June."""
    assert sun_utc_min(355, 80, 0) is None
    assert sun_utc_min(172, 80, 0) == (pytest.approx(0, abs=5), pytest.approx(1440, abs=5))


def test_wind_slows_the_way_there_and_back():
    """60 m/s in 20 m/s of wind: 80 out, 40 back; mean 53.3."""
    assert two_way_speed(60, 20) == pytest.approx(2 / (1 / 80 + 1 / 40))
    assert two_way_speed(20, 20) == 0


def test_buckets_by_hand():
    """10-t bucket at 160 km/h over 50 km from a pad by the water: three drops, 30 t, in 2.5 h (published figure)."""
    way = round(50 / 160 * 3_600_000)
    legs = BucketLegs(0, way, way, way, 90_000, 30_000)
    run = best_bucket_run(legs, limit_ms=9_000_000, stop_ms=900_000, bucket_l=10_000, lift_kg=30_000, burn_kg_h=3000,
                          reserve_ms=1_200_000)  # fmt: skip
    assert run is not None
    assert run.litres == (10_000,) * 3


def test_fuel_makes_the_first_buckets_lighter():
    """Cycles of 30 min at 200 kg/h, 1 000 kg to lift, no reserve: 1.5 h, 1 h and 0.5 h of fuel at the three fills."""
    legs = BucketLegs(0, 900_000, 900_000, 900_000, 0, 0)
    run = bucket_run(legs, 3, bucket_l=2000, lift_kg=1000, burn_kg_h=200, reserve_ms=0)
    assert run.airborne_ms == 3 * 1_800_000
    assert run.litres == (700, 800, 900)


times = st.integers(60_000, 900_000)


@settings(max_examples=40, deadline=None)
@given(st.builds(BucketLegs, times, times, times, times, times, times), st.integers(300_000, 7_200_000),
       st.floats(100, 5000), st.floats(10, 800))  # fmt: skip
def test_the_best_run_is_the_best_of_all_numbers_of_cycles(legs, limit, lift, burn):
    """No number of cycles that fits gives more litres per hour; what is chosen fits."""
    about = {"bucket_l": 3000.0, "lift_kg": lift, "burn_kg_h": burn, "reserve_ms": 1_200_000}
    best = best_bucket_run(legs, limit_ms=limit, stop_ms=600_000, **about)
    runs = [bucket_run(legs, k, **about) for k in range(1, 40)]
    rates = [sum(run.litres) / (run.airborne_ms + 600_000) for run in runs if run.airborne_ms <= limit]
    if best is None:
        assert max(rates, default=0) == 0
    else:
        assert best.airborne_ms <= limit
        assert sum(best.litres) / (best.airborne_ms + 600_000) == pytest.approx(max(rates))


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000))
def test_taking_a_water_point_away_never_shortens_the_way_to_water(seed):
    """Monotone for every fire and every water point taken away."""
    rng = np.random.default_rng(seed)
    ways = rng.integers(1, 100, (4, 5)).astype(float)
    before, which = nearest_water(ways)
    for gone in range(5):
        after, _ = nearest_water(np.delete(ways, gone, axis=1))
        assert (after >= before).all()
        assert (after[which != gone] == before[which != gone]).all()
    assert np.isinf(nearest_water(ways[:, :0])[0]).all()


@pytest.mark.parametrize("seed", range(8))
def test_relays_as_good_as_trying_everything(seed):
    """Weight covered, then the weighted time of arrival (idle places count as later than the latest)."""
    rng = np.random.default_rng(seed)
    drones, stations, places = 2, 4, 5
    arrive = np.where(rng.random((drones, stations)) < 0.8, rng.integers(0, 500, (drones, stations)), -1)
    covers = rng.random((stations, places)) < 0.4
    weight = rng.integers(1, 20, places)
    late = int(arrive.max()) + 1

    def value(choice):
        best = np.full(places, late)
        for d, s in enumerate(choice):
            if s >= 0:
                best = np.where(covers[s], np.minimum(best, arrive[d, s]), best)
        return -int(weight[best < late].sum()), int((weight * best).sum())

    every = itertools.product(*[[-1, *(s for s in range(stations) if arrive[d, s] >= 0)] for d in range(drones)])
    found = choose_relays(arrive, covers, weight)
    assert found.optimal
    assert value(found.station) == min(value(choice) for choice in every)
