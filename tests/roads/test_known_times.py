"""Known driving times beside computed ones, and class speeds found again from drives made with planted factors."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dispatch.county.county import County
from dispatch.roads.known_times import KNOWN_COLUMNS, compare_known_times, fit_speeds, write_speeds
from dispatch.roads.network import ROAD_CLASSES, RoadNetwork
from dispatch.roads.profile_norms import read_profiles
from dispatch.roads.profiles import VehicleProfile
from tests import tiny

PROFILES = {
    "truck_5t": tiny.TRUCK,
    "car": replace(tiny.TRUCK, vehicle_class="car", speed_kmh=dict.fromkeys(ROAD_CLASSES, 90.0)),
}
"""60 and 90 km/h on every road: the truck takes a minute a kilometre."""
SITES = [{"place": name, "name": name, "kind": "village", "lon": 112.0 + 0.01 * k, "lat": 35.5}
         for k, name in enumerate("ABCDEFGHIJ")]  # fmt: skip


def _county(known: list[tuple[str, str, str, float]], **tables: Any) -> County:
    rows = [{"from": a, "to": b, "class": name, "minutes": minutes} for a, b, name, minutes in known]
    return tiny.county(**{"places": SITES, **tables, "known_times": rows})


def _classed(roads: list[tuple[int, int, float, str]], **arrays: Any) -> RoadNetwork:
    """Two-way roads (from, to, km, class) between the nodes at which the sites stand."""
    network = tiny.network([(u, v, km) for u, v, km, _ in roads])
    of = {frozenset((u, v)): ROAD_CLASSES.index(name) for u, v, _, name in roads}
    graph = network.graph
    road_class = [of[frozenset((int(u), int(v)))] for u, v in zip(graph.tail, graph.head, strict=True)]
    return replace(network, road_class=np.array(road_class, dtype=np.int8), **arrays)


ROAD = _classed([(0, 1, 10, "trunk"), (1, 2, 10, "tertiary"), (2, 3, 10, "tertiary")])


def test_every_drive_is_compared_and_flagged() -> None:
    """A to D is 30 km: 30 minutes for the truck, 20 for the car."""
    county = _county([
        ("A", "D", "truck_5t", 30), ("A", "D", "truck_5t", 23), ("A", "D", "truck_5t", 45), ("A", "D", "car", 20),
        ("A", "Z", "car", 5), ("A", "B", "tank", 5),
    ], places=[*SITES, {"place": "Z", "name": "Z", "kind": "village", "lon": 113.0, "lat": 35.5}])  # fmt: skip
    table = compare_known_times(county, ROAD, PROFILES)
    assert {name: str(kind) for name, kind in table.dtypes.items()} == KNOWN_COLUMNS
    assert table["computed_min"].tolist() == pytest.approx([30, 30, 30, 20, np.nan, np.nan], nan_ok=True)
    assert table["flag"].tolist() == ["ok", "slow", "fast", "ok", "no_road", "no_class"]
    assert table["ratio"].tolist()[1] == pytest.approx(30 / 23)


def test_the_way_to_the_road_counts() -> None:
    """A stands 300 m off the road: six minutes on foot at 3 km/h."""
    off = {"place": "O", "name": "O", "kind": "village", "lon": 112.0, "lat": 35.5 - 300 / 111_195}
    county = _county([("O", "B", "truck_5t", 16)], places=[*SITES, off])
    assert compare_known_times(county, ROAD, PROFILES)["computed_min"].tolist() == pytest.approx([16], abs=0.01)


def test_a_depot_without_position_stands_at_its_place() -> None:
    county = _county(
        [("DEPOT", "B", "truck_5t", 10)], depots=[{"depot": "DEPOT", "name": "x", "tier": "county", "place": "A"}]
    )
    assert compare_known_times(county, ROAD, PROFILES)["flag"].tolist() == ["ok"]


def test_no_known_times_nothing_to_fit() -> None:
    fit = fit_speeds(_county([]), ROAD, PROFILES)
    assert set(fit.multiplier.values()) == {1.0}
    assert np.isnan(fit.error_before)
    assert fit.rounds == 0


def _planted(
    network: RoadNetwork, factor: dict[str, float], pairs: list[tuple[str, str]], name: str = "truck_5t"
) -> pd.DataFrame:
    """Minutes that drives take if the class speeds are multiplied by the planted factors."""
    true = {}
    for key, profile in PROFILES.items():
        speed = {road: kmh * factor.get(road, 1.0) for road, kmh in profile.speed_kmh.items()}
        true[key] = replace(profile, speed_kmh=speed)
    county = _county([(a, b, name, 1.0) for a, b in pairs])
    return compare_known_times(county, network, true)


def _known(planted: pd.DataFrame) -> list[tuple[str, str, str, float]]:
    return list(zip(planted["from"], planted["to"], planted["class"], planted["computed_min"], strict=True))


MIXED = _classed([
    (0, 1, 12, "trunk"), (1, 2, 7, "secondary"), (2, 3, 5, "tertiary"), (3, 4, 9, "secondary"),
    (4, 5, 4, "unclassified"), (5, 6, 6, "tertiary"), (6, 7, 8, "trunk"), (7, 8, 3, "unclassified"),
])  # fmt: skip
PAIRS = [("A", "B"), ("A", "D"), ("B", "E"), ("C", "F"), ("D", "G"), ("E", "H"), ("F", "I"), ("A", "I"), ("I", "C")]
PLANTED = {"trunk": 0.8, "secondary": 1.3, "tertiary": 0.7, "unclassified": 1.1}


def test_planted_factors_are_recovered() -> None:
    """Nine drives over four classes on a road without detours: the least squares are exact but for the ridge."""
    fit = fit_speeds(_county(_known(_planted(MIXED, PLANTED, PAIRS))), MIXED, PROFILES, ridge=1e-9)
    assert {name: fit.multiplier[name] for name in PLANTED} == pytest.approx(PLANTED, rel=1e-4)
    assert fit.error_before > 0.1
    assert fit.error_after < 1e-4
    assert set(fit.after["flag"]) == {"ok"}
    assert fit.at_bound == ()


def test_drives_of_one_class_speak_for_the_others() -> None:
    known = _known(_planted(MIXED, PLANTED, PAIRS, "car"))
    fit = fit_speeds(_county(known), MIXED, PROFILES, ridge=1e-9)
    assert fit.profiles["truck_5t"].speed_kmh["tertiary"] == pytest.approx(60 * 0.7, rel=1e-4)
    assert fit.profiles["car"].speed_kmh["tertiary"] == pytest.approx(90 * 0.7, rel=1e-4)


def test_a_class_without_a_drive_keeps_its_speed_and_ramps_follow_their_road() -> None:
    fit = fit_speeds(_county(_known(_planted(MIXED, PLANTED, PAIRS))), MIXED, PROFILES)
    assert fit.multiplier["motorway"] == 1.0
    assert "trunk_link" not in fit.multiplier
    speed = fit.profiles["truck_5t"].speed_kmh
    assert speed["motorway"] == 60.0
    assert speed["trunk_link"] == speed["trunk"] == pytest.approx(60 * fit.multiplier["trunk"])


def test_factors_are_found_though_the_fastest_ways_change_with_them() -> None:
    """Two ways from A to D: 20 km of trunk, or 15 km of county road. By the norm's speeds (all 60 km/h) the county road
    is faster, with the planted factors (county road at 0.6) the trunk road is; the known drives took the trunk road."""
    network = _classed([(0, 1, 10, "trunk"), (1, 3, 10, "trunk"), (0, 2, 7.5, "secondary"), (2, 3, 7.5, "secondary"),
                        (3, 4, 6, "tertiary")])  # fmt: skip
    planted = {"secondary": 0.6, "tertiary": 0.75}
    pairs = [("A", "D"), ("A", "B"), ("A", "C"), ("C", "D"), ("D", "E"), ("A", "E")]
    known = _planted(network, planted, pairs)
    assert known["computed_min"].tolist()[0] == pytest.approx(20)  # along the trunk road
    fit = fit_speeds(_county(_known(known)), network, PROFILES, ridge=1e-6)
    assert fit.multiplier["secondary"] == pytest.approx(0.6, rel=1e-3)
    assert fit.multiplier["tertiary"] == pytest.approx(0.75, rel=1e-3)
    assert fit.error_after < 1e-3
    assert fit.rounds >= 2


def test_one_wrong_entry_does_not_spoil_the_rest() -> None:
    """Minutes entered as hours: the other eight still decide."""
    known = _known(_planted(MIXED, PLANTED, PAIRS))
    known[3] = (*known[3][:3], known[3][3] / 60)
    fit = fit_speeds(_county(known), MIXED, PROFILES, ridge=1e-6)
    assert {name: fit.multiplier[name] for name in PLANTED} == pytest.approx(PLANTED, rel=1e-3)
    assert fit.after["flag"].tolist() == ["ok"] * 3 + ["slow"] + ["ok"] * 5


def test_signed_limits_stay_what_they_are() -> None:
    """The trunk road is signed 30 km/h: what the drives say about it cannot change the class."""
    limited = replace(
        MIXED, max_speed_kmh=np.where(MIXED.road_class == ROAD_CLASSES.index("trunk"), 30, np.nan).astype(np.float32)
    )
    planted = {key: value for key, value in PLANTED.items() if key != "trunk"}
    fit = fit_speeds(_county(_known(_planted(limited, planted, PAIRS))), limited, PROFILES, ridge=1e-9)
    assert fit.multiplier["trunk"] == 1.0
    assert {name: fit.multiplier[name] for name in planted} == pytest.approx(planted, rel=1e-4)


def test_a_factor_at_its_limit_is_named() -> None:
    """Ten kilometres in 22 minutes, three times over: 27 km/h, below half of the norm's 60."""
    fit = fit_speeds(
        _county([("A", "B", "truck_5t", 22), ("B", "A", "truck_5t", 22), ("A", "B", "car", 15)]), ROAD, PROFILES
    )
    assert fit.multiplier["trunk"] == pytest.approx(0.5)
    assert fit.at_bound == ("trunk",)


@pytest.mark.parametrize("seed", range(5))
def test_the_fit_is_never_worse_than_the_norm(seed: int) -> None:
    """Noisy drives on a random network, ways changing as they may; judged by the fit's own loss without the ridge."""
    rng = np.random.default_rng(seed)
    names = ["trunk", "secondary", "tertiary", "unclassified"]
    ends = {(k, k + 1) for k in range(9)} | {tuple(sorted(rng.choice(10, 2, replace=False).tolist())) for _ in range(8)}
    network = _classed([(u, v, float(rng.uniform(3, 20)), str(rng.choice(names))) for u, v in sorted(ends)])
    pairs = [tuple(rng.choice(list("ABCDEFGHIJ"), 2, replace=False)) for _ in range(15)]
    planted = _planted(network, dict(zip(names, rng.uniform(0.6, 1.5, 4), strict=True)), pairs)
    noisy = [(a, b, name, minutes * rng.uniform(0.95, 1.05)) for a, b, name, minutes in _known(planted)]
    fit = fit_speeds(_county(noisy), network, PROFILES, ridge=1e-9)
    assert fit.error_after <= fit.error_before
    assert fit.error_after < 0.05


def test_fitted_speeds_written_and_read_again(tmp_path: Path) -> None:
    """The table that ``--fit`` writes is one that a scenario reads as its own speeds."""
    norm = read_profiles()
    fit = fit_speeds(_county([("A", "D", "truck_5t", 75)]), ROAD, norm)
    assert fit.error_after < fit.error_before
    write_speeds(fit.profiles, tmp_path / "speeds.csv", fit.source)
    again = read_profiles(speeds=tmp_path / "speeds.csv")
    for name, profile in fit.profiles.items():
        assert again[name].speed_kmh == pytest.approx(dict(profile.speed_kmh), abs=0.006)
    assert fit.source in (tmp_path / "speeds.csv").read_text(encoding="utf-8-sig")


def test_profiles_are_left_alone() -> None:
    before = {name: VehicleProfile(**vars(profile)) for name, profile in PROFILES.items()}
    fit_speeds(_county([("A", "D", "truck_5t", 60)]), ROAD, PROFILES)
    assert before == PROFILES
