"""Driving times that people know, beside those computed; and class speeds fitted to them.

The time of a known drive is linear in the slowness of each road class along its way, t = f + Σ T_c x_c, with T_c its
time on class c at the present speeds, x_c the factor sought, and f what the factors do not touch (access, roads driven
at their signed limit). A bounded fit that single wrong entries do not spoil (``robust_fit``) alternates with fresh
fastest ways, since these change with the speeds; the best round is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.clock import HOUR_MS, MINUTE_MS
from dispatch.county.county import County
from dispatch.norms import read_norm
from dispatch.roads.attach import attach, main_roads
from dispatch.roads.network import ROAD_CLASSES, SURFACES, RoadNetwork
from dispatch.roads.profile_norms import write_speeds
from dispatch.roads.profiles import VehicleProfile, travel_ms
from dispatch.roads.robust_fit import biweight_loss, relative_error, robust_factors
from models.earliest_arrival import earliest_arrival, path_to
from models.traversal import NEVER, TimedEdges, time_edges

__all__ = ["KNOWN_COLUMNS", "SpeedFit", "compare_known_times", "fit_speeds", "write_speeds"]

KNOWN_COLUMNS: dict[str, str] = {
    "from": "str",
    "to": "str",
    "class": "str",
    "known_min": "float64",
    "computed_min": "float64",
    "ratio": "float64",
    "flag": "str",
}
"""``ratio``: computed by known. ``flag``: ``ok``; ``slow`` or ``fast`` where the computed drive takes longer or shorter
than known by more than the tolerance; ``no_way``, ``no_road`` (an end has no position or no road near) and
``no_class`` (no such vehicle class) where none is computed."""

TOLERANCE = 0.25
"""Relative deviation that is still called ``ok``."""

_TABLES = {"places": "place", "depots": "depot", "facilities": "facility", "shelters": "shelter"}
_SIGNED = 1e-9


@dataclass(frozen=True, eq=False)
class SpeedFit:
    """Speeds fitted to known drives.

    Attributes
    ----------
    profiles : dict of str to VehicleProfile
        Every class, its speeds multiplied.
    multiplier : dict of str to float
        Speed factor by road class (a class stands for its ramps too); 1 where no known drive came to use it.
    at_bound : tuple of str
        Road classes whose factor stands at its limit: look for an error in the roads or the known drives.
    before, after : DataFrame
        As from :func:`compare_known_times`.
    error_before, error_after : float
        Mean relative error of the drives computed, each relative to the longer of the two times; NaN if there is none.
    rounds : int
        Rounds of fitting and searching ways.
    source : str
        What the speeds rest on, in words.
    """

    profiles: dict[str, VehicleProfile]
    multiplier: dict[str, float]
    at_bound: tuple[str, ...]
    before: pd.DataFrame
    after: pd.DataFrame
    error_before: float
    error_after: float
    rounds: int
    source: str


@dataclass(frozen=True, eq=False)
class _Drives:
    """Known drives that can be computed, on a network with their ends attached."""

    network: RoadNetwork
    row: NDArray[np.int64]
    vehicle_class: list[str]
    origin: NDArray[np.int64]
    target: NDArray[np.int64]
    access_ms: NDArray[np.int64]
    known_ms: NDArray[np.float64]


def compare_known_times(
    county: County, network: RoadNetwork, profiles: Mapping[str, VehicleProfile], *, tolerance: float = TOLERANCE
) -> pd.DataFrame:
    """Compare the drives of the county's table ``known_times`` with the fastest ways on open roads.

    Parameters
    ----------
    county : County
    network : RoadNetwork
        Without the county's sites; the ends of the drives are attached here.
    profiles : mapping of vehicle class to VehicleProfile
    tolerance : float
        Relative deviation up to which a drive is ``ok``.

    Returns
    -------
    DataFrame
        ``KNOWN_COLUMNS``, in the order of the table.
    """
    drives, flag = _drives(county, network, profiles)
    computed_ms, _ = _search(drives, profiles, paths=False)
    return _table(county, drives, flag, computed_ms, tolerance)


def fit_speeds(
    county: County,
    network: RoadNetwork,
    profiles: Mapping[str, VehicleProfile],
    *,
    bounds: tuple[float, float] = (0.5, 2.0),
    ridge: float = 0.01,
    tolerance: float = TOLERANCE,
    max_rounds: int = 30,
) -> SpeedFit:
    """Multiply the speeds of each road class so that computed drives agree with those of ``known_times``.

    All vehicle classes share the factor of a road class, so drives known for one class speak for the others too.

    Parameters
    ----------
    county, network, profiles
        As for :func:`compare_known_times`.
    bounds : tuple of two floats
        Smallest and largest speed factor.
    ridge : float
        Weight of (factor of slowness - 1)² beside a drive's squared relative error; larger keeps closer to the norm.
    tolerance : float
        For the flags.
    max_rounds : int

    Returns
    -------
    SpeedFit
    """
    drives, flag = _drives(county, network, profiles)
    factor = np.ones(len(ROAD_CLASSES))
    group = _groups()
    computed, ways = _search(drives, profiles, paths=True)
    before = _table(county, drives, flag, computed, tolerance)
    best = (_loss(drives, computed, factor, ridge), factor, computed)
    tried = [factor]
    while len(tried) <= max_rounds:
        fixed, by_class = _composition(drives, _scaled(profiles, factor), ways)
        factor = _fit(drives, fixed, by_class, computed, factor, group, bounds, ridge)
        if any(np.allclose(factor, other, rtol=1e-6) for other in tried):
            break  # settled, or going round between the same ways
        tried.append(factor)
        computed, ways = _search(drives, _scaled(profiles, factor), paths=True)
        loss = _loss(drives, computed, factor, ridge)
        if loss < best[0]:
            best = (loss, factor, computed)
    _, factor, computed = best
    after = _table(county, drives, flag, computed, tolerance)
    source = f"norm speeds fitted to {len(drives.row)} known drives of {county.name_en or county.name_zh}"
    fitted = {name: replace(profile, source=source) for name, profile in _scaled(profiles, factor).items()}
    leaders = [k for k in range(len(ROAD_CLASSES)) if group[k] == k]
    return SpeedFit(
        profiles=fitted,
        multiplier={ROAD_CLASSES[k]: float(factor[k]) for k in leaders},
        at_bound=tuple(ROAD_CLASSES[k] for k in leaders if not bounds[0] < round(float(factor[k]), 9) < bounds[1]),
        before=before,
        after=after,
        error_before=_error(before),
        error_after=_error(after),
        rounds=len(tried) - 1,
        source=source,
    )


def _drives(county: County, network: RoadNetwork, profiles: Mapping[str, VehicleProfile]) -> tuple[_Drives, list[str]]:
    """Known drives whose ends have a road, and a flag for each row of the table ("" where it is computed)."""
    known = county.table("known_times")
    rules = {row["rule"]: row["value"] for row in read_norm("rules")}
    ends = list(dict.fromkeys([*known["from"], *known["to"]]))
    lon, lat = _positions(county, ends)
    usable = np.zeros(network.graph.m, dtype=bool)
    for name in sorted(set(known["class"]) & set(profiles)):
        usable |= main_roads(network, travel_ms(network, profiles[name]))
    attached, node, access_m = attach(network, lon, lat, limit_m=rules["site_limit"], usable=usable)
    at = {end: int(node[k]) for k, end in enumerate(ends)}
    access = {end: float(access_m[k]) / 1000 / rules["walk_speed"] * HOUR_MS for k, end in enumerate(ends)}
    flag: list[str] = []
    for row in known.to_dict("records"):
        if row["class"] not in profiles:
            flag.append("no_class")
        else:
            flag.append("" if min(at[row["from"]], at[row["to"]]) >= 0 else "no_road")
    rows = np.array([k for k, word in enumerate(flag) if not word], dtype=np.int64)
    kept = known.iloc[rows]
    return (
        _Drives(
            attached,
            rows,
            list(kept["class"]),
            np.array([at[end] for end in kept["from"]], dtype=np.int64),
            np.array([at[end] for end in kept["to"]], dtype=np.int64),
            np.array([np.ceil(access[a]) + np.ceil(access[b]) for a, b in zip(kept["from"], kept["to"], strict=True)],
                     dtype=np.int64),
            kept["minutes"].to_numpy(dtype=np.float64) * MINUTE_MS,
        ),
        flag,
    )  # fmt: skip


def _positions(county: County, ids: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lon and lat of each id, its own or its place's; NaN where neither is known."""
    found: dict[str, tuple[float, float]] = {}
    places = {row["place"]: (row["lon"], row["lat"]) for row in county.table("places").to_dict("records")}
    for name, key in _TABLES.items():
        for row in county.table(name).to_dict("records"):
            own = (row["lon"], row["lat"])
            found.setdefault(row[key], places.get(row["place"], own) if np.isnan(own).any() else own)
    nowhere = (np.nan, np.nan)
    at = np.array([found.get(end, nowhere) for end in ids], dtype=np.float64).reshape(-1, 2)
    return at[:, 0], at[:, 1]


def _search(
    drives: _Drives, profiles: Mapping[str, VehicleProfile], *, paths: bool
) -> tuple[NDArray[np.float64], list[NDArray[np.int32]]]:
    """Time of each drive (ms, inf where there is no way) and, if asked for, its edges."""
    graph = drives.network.drivable
    timed: dict[str, TimedEdges] = {
        name: time_edges(travel_ms(drives.network, profiles[name])) for name in dict.fromkeys(drives.vehicle_class)
    }
    computed = np.full(len(drives.row), np.inf)
    ways: list[NDArray[np.int32]] = [np.empty(0, dtype=np.int32)] * len(drives.row)
    jobs: dict[tuple[str, int], list[int]] = {}
    for k, name in enumerate(drives.vehicle_class):
        jobs.setdefault((name, int(drives.origin[k])), []).append(k)
    for (name, origin), rows in jobs.items():
        arrival, via = earliest_arrival(graph, timed[name], origin, 0, drives.target[rows])
        for k in rows:
            if arrival[drives.target[k]] < NEVER:
                computed[k] = float(arrival[drives.target[k]] + drives.access_ms[k])
                ways[k] = path_to(graph, via, int(drives.target[k])) if paths else ways[k]
    return computed, ways


def _composition(
    drives: _Drives, profiles: Mapping[str, VehicleProfile], ways: list[NDArray[np.int32]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Time of each drive on each road class (k, classes), and what no class factor touches (k,), ms."""
    network = drives.network
    fixed = drives.access_ms.astype(np.float64)
    by_class = np.zeros((len(drives.row), len(ROAD_CLASSES)))
    free: dict[str, tuple[NDArray[np.int64], NDArray[np.bool_]]] = {}
    for name in dict.fromkeys(drives.vehicle_class):
        profile = profiles[name]
        own = np.array([profile.speed_kmh.get(road, 0.0) for road in ROAD_CLASSES])[network.road_class]
        own = own * np.array([profile.surface_factor.get(surface, 1.0) for surface in SURFACES])[network.surface]
        free[name] = (travel_ms(network, profile), network.max_speed_kmh < own - _SIGNED)
    for k, name in enumerate(drives.vehicle_class):
        edges = ways[k]
        crossing, signed = free[name]
        fixed[k] += crossing[edges[signed[edges]]].sum()
        own_speed = edges[~signed[edges]]
        by_class[k] = np.bincount(network.road_class[own_speed], crossing[own_speed], len(ROAD_CLASSES))
    return fixed, by_class


def _fit(
    drives: _Drives,
    fixed: NDArray[np.float64],
    by_class: NDArray[np.float64],
    computed: NDArray[np.float64],
    factor: NDArray[np.float64],
    group: NDArray[np.int64],
    bounds: tuple[float, float],
    ridge: float,
) -> NDArray[np.float64]:
    """Speed factors that fit the drives along their present ways best."""
    reached = np.isfinite(computed) & (drives.known_ms > 0)
    leaders = np.unique(group)
    at_norm = np.zeros((len(computed), len(leaders)))  # time by group if its factor were 1
    for k in range(len(ROAD_CLASSES)):
        at_norm[:, np.searchsorted(leaders, group[k])] += by_class[:, k] * factor[k]
    used = leaders[at_norm[reached].sum(axis=0) > 0]
    if not len(used):
        return factor
    parts = at_norm[reached][:, np.searchsorted(leaders, used)]
    slowness = robust_factors(
        parts, fixed[reached], drives.known_ms[reached], 1 / factor[used], (1 / bounds[1], 1 / bounds[0]), ridge
    )
    fresh = factor.copy()  # a class that no way uses any more keeps the factor that drove them off it
    fresh[used] = 1 / slowness
    return fresh[group]


def _loss(drives: _Drives, computed: NDArray[np.float64], factor: NDArray[np.float64], ridge: float) -> float:
    """Tukey's loss of the relative errors plus the ridge, on the ways as they are driven."""
    reached = np.isfinite(computed) & (drives.known_ms > 0)
    error = relative_error(computed[reached], drives.known_ms[reached])
    leaders = np.unique(_groups())
    return biweight_loss(error) + ridge * float(((1 / factor[leaders] - 1) ** 2).sum())


def _groups() -> NDArray[np.int64]:
    """Road class with which each class shares its factor: ramps with the road they serve."""
    return np.array([ROAD_CLASSES.index(name.removesuffix("_link")) for name in ROAD_CLASSES])


def _scaled(profiles: Mapping[str, VehicleProfile], factor: NDArray[np.float64]) -> dict[str, VehicleProfile]:
    """Profiles with the speed of each road class multiplied."""
    by_class = dict(zip(ROAD_CLASSES, factor.tolist(), strict=True))
    return {
        name: replace(profile, speed_kmh={road: speed * by_class[road] for road, speed in profile.speed_kmh.items()})
        for name, profile in profiles.items()
    }


def _table(
    county: County, drives: _Drives, flag: list[str], computed_ms: NDArray[np.float64], tolerance: float
) -> pd.DataFrame:
    """Rows of ``KNOWN_COLUMNS``."""
    known = county.table("known_times")
    minutes = np.full(len(known), np.nan)
    minutes[drives.row] = np.where(np.isfinite(computed_ms), computed_ms / MINUTE_MS, np.nan)
    ratio = minutes / np.where(known["minutes"] > 0, known["minutes"], np.nan)
    words = [
        word or ("no_way" if np.isnan(at) else "slow" if r > 1 + tolerance else "fast" if r < 1 - tolerance else "ok")
        for word, at, r in zip(flag, minutes, ratio, strict=True)
    ]
    table = pd.DataFrame({
        "from": known["from"], "to": known["to"], "class": known["class"], "known_min": known["minutes"],
        "computed_min": minutes, "ratio": ratio, "flag": words,
    })  # fmt: skip
    return table.astype(KNOWN_COLUMNS)


def _error(table: pd.DataFrame) -> float:
    """Mean relative error of the drives computed."""
    rows = table[table["ratio"].notna()]
    off = relative_error(rows["computed_min"].to_numpy(), rows["known_min"].to_numpy())
    return float(off.mean()) if len(off) else float("nan")
