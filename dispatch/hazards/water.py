"""Depths over time on a grid, from whichever model, turned into what roads and places suffer.

A road feels the deepest water at any point along it; a bridge only what stands above its deck, tunnels by the rule of
the norm table ``exposure``. Between two record times the greater depth counts, rounded up to whole steps, so that
closures are never shorter than the model says.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.county.county import County
from dispatch.hazards.along import street_points
from dispatch.hazards.disruption import (
    AREA_COLUMNS,
    EDGE_COLUMNS,
    GROUP_COLUMNS,
    PLACE_COLUMNS,
    Disruption,
    empty_table,
)
from dispatch.hazards.terrain import Terrain
from dispatch.norms import read_norm
from dispatch.roads.network import RoadNetwork

__all__ = ["REACHED_COLUMNS", "Depths", "Told", "reached", "suffered", "water_rules"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

REACHED_COLUMNS: dict[str, str] = {
    "place": "str",
    "name": "str",
    "arrival_s": "float64",
    "peak_s": "float64",
    "peak_m": "float64",
    "lead_s": "float64",
    "people": "float64",
    "roads_stopped": "int64",
}
"""Places that water reaches, earliest first: when it comes and when it is deepest (s from the reference instant), how
deep; ``lead_s``: from the warning to the arrival (negative: the water is first); people who live there; streets within
two kilometres on which a car would stop."""

CAR_STOPS_M = 0.3
NEAR_M = 2000.0


class Depths(Protocol):
    """Depths over time on the cells of a terrain."""

    @property
    def terrain(self) -> Terrain:
        """Grid that the cells are of."""
        ...

    @property
    def time_s(self) -> Floats:
        """Record times from the reference instant, ascending."""
        ...

    def depth_m(self, cells: Ints) -> Floats:
        """Depths of cells at the record times, float64 array (times, cells)."""
        ...

    def peak_m(self) -> Floats:
        """Greatest depth of every cell at the record times, float64 array (cells,)."""
        ...


@dataclass(frozen=True)
class Told:
    """What goes with the depths: cause and group in the disruption, when headquarters know (s).

    ``people_share``: of a place's people whom water concerns; ``cleared_s``: when water that is still there at the last
    record is gone.
    """

    cause: str
    group: str
    known_s: float
    people_share: float = 1.0
    cleared_s: float = math.inf


def water_rules() -> dict[str, float]:
    """Values of the norm table ``water_rules``."""
    return {row["rule"]: row["value"] for row in read_norm("water_rules")}


def suffered(depths: Depths, network: RoadNetwork, county: County, told: Told) -> Disruption:
    """Lay depths over time over roads and places.

    Parameters
    ----------
    depths : Depths
    network : RoadNetwork
    county : County
    told : Told

    Returns
    -------
    Disruption
        Forecast and realised times are equal; edges in the order of the network, then of time.
    """
    rules = water_rules()
    edges = _edge_rows(depths, network, told, rules)
    place, _, _, series = _at_places(depths, county)
    spans = _spans(np.arange(len(place)), depths.time_s, series, rules, np.zeros(len(place)), told.cleared_s)
    times = _first_last(spans, len(place))
    some = np.flatnonzero(np.isfinite(times[0]))
    places = pd.DataFrame(
        {"place": place[some], "start_s": times[0][some], "end_s": times[1][some], "share": told.people_share,
         "depth_m": series.max(axis=0, initial=0.0)[some], "cause": told.cause, "group": told.group},
        index=range(len(some)),
    )  # fmt: skip
    return Disruption(
        edges,
        places[list(PLACE_COLUMNS)].astype(PLACE_COLUMNS) if len(some) else empty_table(PLACE_COLUMNS),
        empty_table(AREA_COLUMNS),
        empty_table(GROUP_COLUMNS),
    )


def reached(depths: Depths, network: RoadNetwork, county: County, warned_s: float) -> pd.DataFrame:
    """Places that water reaches, in the columns of ``REACHED_COLUMNS``.

    Parameters
    ----------
    depths : Depths
    network : RoadNetwork
    county : County
    warned_s : float
        When the warning goes out, s from the reference instant.
    """
    least = water_rules()["least_depth"]
    place, lon, lat, series = _at_places(depths, county)
    wet = series >= least
    some = np.flatnonzero(wet.any(axis=0))
    first = wet[:, some].argmax(axis=0)
    arrival = _crossing(depths.time_s, series[:, some], first, least)
    names = county.table("places").set_index("place")
    stopped_lon, stopped_lat = _stopped(depths, network)
    metre = np.radians(1) * 6_371_009.0
    count = [
        int((np.hypot((stopped_lon - lon[k]) * metre * np.cos(np.radians(lat[k])),
                      (stopped_lat - lat[k]) * metre) <= NEAR_M).sum())
        for k in some
    ]  # fmt: skip
    table = pd.DataFrame(
        {
            "place": place[some],
            "name": names["name"].reindex(place[some]).to_numpy(),
            "arrival_s": arrival,
            "peak_s": depths.time_s[series[:, some].argmax(axis=0)] if len(some) else arrival,
            "peak_m": series[:, some].max(axis=0, initial=0.0),
            "lead_s": arrival - warned_s,
            "people": names["population"].reindex(place[some]).to_numpy(dtype=np.float64),
            "roads_stopped": count,
        },
        index=range(len(some)),
    ).astype(REACHED_COLUMNS)
    return table.sort_values(["arrival_s", "place"], kind="stable", ignore_index=True)


def _crossing(time_s: Floats, series: Floats, first: Ints, least: float) -> Floats:
    """When each series first reaches a depth, linear between record times."""
    each = np.arange(series.shape[1])
    after = series[first, each]
    before = series[np.maximum(first - 1, 0), each]
    share = np.where(first > 0, (least - before) / np.where(after > before, after - before, 1.0), 1.0)
    start = time_s[np.maximum(first - 1, 0)]
    when: Floats = start + np.clip(share, 0.0, 1.0) * (time_s[first] - start)
    return when


def _at_places(depths: Depths, county: County) -> tuple[NDArray[np.object_], Floats, Floats, Floats]:
    """Places where people are counted, their positions, and depths there (times, places); zero off the grid."""
    places = county.table("places")
    leaf = places[(places["kind"] != "county") & ~places["place"].isin(set(places["parent"]))]
    leaf = leaf[leaf["lon"].notna() & leaf["lat"].notna()]
    lon, lat = leaf["lon"].to_numpy(dtype=np.float64), leaf["lat"].to_numpy(dtype=np.float64)
    cell = depths.terrain.cell(lon, lat)
    series = np.zeros((len(depths.time_s), len(leaf)))
    on = np.flatnonzero(cell >= 0)
    series[:, on] = depths.depth_m(cell[on])
    return leaf["place"].to_numpy(dtype=object), lon, lat, series


def _wet_points(depths: Depths, network: RoadNetwork, least: float) -> tuple[Ints, Ints, Ints, Ints]:
    """Street and cell of every point that ever is under water, each pair once; line's edges; street of each edge."""
    points = street_points(network, 0.5 * min(depths.terrain.dx_m, depths.terrain.dy_m))
    cell = depths.terrain.cell(points.lon, points.lat)
    wet = cell >= 0
    wet[wet] = depths.peak_m()[cell[wet]] >= least
    pair = np.unique(points.street[wet] * np.int64(depths.terrain.elevation_m.size) + cell[wet])
    street, cells = np.divmod(pair, np.int64(depths.terrain.elevation_m.size))
    return street, cells, points.edge, points.street_of


def _stopped(depths: Depths, network: RoadNetwork) -> tuple[Floats, Floats]:
    """Middles of the streets (bridges apart) on which a car stops at some time."""
    street, _, edge, _ = _wet_points(depths, network, CAR_STOPS_M)
    hit = edge[np.unique(street)]
    hit = hit[~network.bridge[hit]]
    middle = (network.shape_first[hit] + network.shape_first[hit + 1]) // 2
    return network.shape_lon[middle], network.shape_lat[middle]


def _edge_rows(depths: Depths, network: RoadNetwork, told: Told, rules: dict[str, float]) -> pd.DataFrame:
    """Rows of ``Disruption.edges``."""
    street, cells, line, street_of = _wet_points(depths, network, rules["least_depth"])
    if not len(street):
        return empty_table(EDGE_COLUMNS)
    exposure = {row["cause"]: row for row in read_norm("exposure")}
    rule = exposure.get(told.cause, exposure["flood"])
    first = np.flatnonzero(np.r_[True, street[1:] != street[:-1]])
    wet = street[first]
    series = np.maximum.reduceat(depths.depth_m(cells), first, axis=1)
    bridge, tunnel = network.bridge[line[wet]], network.tunnel[line[wet]]
    above = np.where(bridge & (rule["bridges"] == "by_depth"), rule["deck_m"], 0.0)
    above[(bridge & (rule["bridges"] == "spared")) | (tunnel & (rule["tunnels"] == "spared"))] = np.inf
    spans = _spans(wet, depths.time_s, series, rules, above, told.cleared_s)
    return _both_ways(network, street_of, spans, told)


def _spans(
    of: Ints, time_s: Floats, series: Floats, rules: dict[str, float], above_m: Floats, cleared_s: float
) -> pd.DataFrame:
    """Spans of one depth each (columns of, start_s, end_s, depth_m), by ``of`` and time.

    Water still there at the last record stays until ``cleared_s``: the model does not say when it goes.
    """
    step, least = rules["depth_step"], rules["least_depth"]
    if len(time_s) < 2 or not len(of):
        return pd.DataFrame({"of": np.empty(0, dtype=np.int64), "start_s": [], "end_s": [], "depth_m": []})
    depth = np.maximum(series[1:], series[:-1]) - above_m
    with np.errstate(invalid="ignore"):
        coarse = round(rules["depth_coarse_step"] / step)
        level = np.where(depth >= least, np.ceil(depth / step - 1e-9), 0.0).astype(np.int64).T
    level = np.where(level * step > rules["depth_fine_up_to"] + 1e-9, -(-level // coarse) * coarse, level)
    changed = np.ones(level.shape, dtype=bool)
    changed[:, 1:] = level[:, 1:] != level[:, :-1]
    at = np.argwhere(changed).astype(np.int64)
    which, start = at[:, 0].copy(), at[:, 1].copy()
    last = np.full(len(which), level.shape[1], dtype=np.int64)
    end: Ints = np.where(np.r_[which[1:] == which[:-1], False], np.r_[start[1:], 0], last)
    kept = level[which, start] > 0
    which, start, end = which[kept], start[kept], end[kept]
    stands = (end == level.shape[1]) & (series[-1] - above_m >= least)[which]
    until = np.where(stands, max(cleared_s, float(time_s[-1])), time_s[end])
    return pd.DataFrame(
        {"of": of[which], "start_s": time_s[start], "end_s": until, "depth_m": level[which, start] * step}
    )


def _first_last(spans: pd.DataFrame, count: int) -> tuple[Floats, Floats]:
    """First start and last end of each, infinite where there is none."""
    first, last = np.full(count, np.inf), np.full(count, -np.inf)
    of = spans["of"].to_numpy(dtype=np.int64)
    np.minimum.at(first, of, spans["start_s"].to_numpy(dtype=np.float64))
    np.maximum.at(last, of, spans["end_s"].to_numpy(dtype=np.float64))
    return first, last


def _both_ways(network: RoadNetwork, street_of: Ints, spans: pd.DataFrame, told: Told) -> pd.DataFrame:
    """Spans of streets as rows of the edges in both directions, in the order of the edges."""
    of = spans["of"].to_numpy(dtype=np.int64)
    streets = int(street_of.max(initial=-1)) + 1
    count = np.bincount(of, minlength=streets)
    begin = np.cumsum(count) - count
    edge = np.flatnonzero(count[street_of] > 0)
    rows = count[street_of[edge]]
    place = np.repeat(begin[street_of[edge]], rows) + np.arange(rows.sum()) - np.repeat(np.cumsum(rows) - rows, rows)
    start, end = (spans[name].to_numpy(dtype=np.float64)[place] for name in ("start_s", "end_s"))
    return pd.DataFrame(
        {
            "edge": np.repeat(network.edge_id[edge], rows), "vehicle_class": "", "forecast_start_s": start,
            "forecast_end_s": end, "start_s": start, "end_s": end,
            "depth_m": spans["depth_m"].to_numpy(dtype=np.float64)[place], "speed_permille": np.nan,
            "known_s": told.known_s, "cause": told.cause, "group": told.group,
        }
    )[list(EDGE_COLUMNS)].astype(EDGE_COLUMNS)  # fmt: skip
