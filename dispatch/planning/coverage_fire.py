"""Forest fire: cameras in line of sight (F-03), water points by bucket cycle and candidate fire roads (T-07, F-06)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.clock import MINUTE_MS
from dispatch.county.county import County
from dispatch.hazards.terrain import Terrain
from dispatch.planning.coverage import TARGET_COLUMNS, Coverage, away_m, land_cells, points_of
from dispatch.planning.siting_ground import Ground, siting_rules
from dispatch.roads.matrices import times_to_all
from models.siting import choice, max_cover, p_median
from models.siting.sight import in_sight

__all__ = ["ROAD_COLUMNS", "bucket_cycles", "camera_coverage", "rank_fire_roads", "water_coverage"]

Floats = NDArray[np.float64]
ROAD_COLUMNS = ("fire_line", "name", "length_km", "cells_faster", "mean_saved_min", "cell_minutes", "minutes_per_km")


def camera_coverage(county: County, terrain: Terrain, radius_km: float, *, new: int, seconds: float = 60.0) -> Coverage:
    """Forest cells and hidden-danger points seen by cameras and towers, and by ``new`` further ones at best.

    A cell is covered within the radius (a camera's own if the table gives one) and in line of sight from the mast to
    the height at which smoke is seen. Candidates: those listed and the watch towers without a camera.
    """
    rules = siting_rules()
    cells = land_cells(county)
    points = county.table("hazard_points")
    points = points[points["lon"].notna()]
    more = pd.DataFrame({"target": points["hazard_point"], "name": points["name"], "township": "", "people": 1.0,
                         "lon": points["lon"], "lat": points["lat"]})  # fmt: skip
    targets = pd.concat([cells, more], ignore_index=True)
    sites = points_of(county, "camera", "camera")
    towers = points_of(county, "tower", "").assign(existing=False)
    sites = pd.concat([sites, towers], ignore_index=True).astype({"existing": bool})
    lon, lat = targets["lon"].to_numpy(np.float64), targets["lat"].to_numpy(np.float64)
    away = away_m(lon, lat, sites["lon"].to_numpy(np.float64), sites["lat"].to_numpy(np.float64))
    x, y = (lon - terrain.west) / terrain.dlon - 0.5, (terrain.north - lat) / terrain.dlat - 0.5
    value = np.full(away.shape, np.inf)
    for j, row in enumerate(sites.to_dict("records")):
        reach = row["radius_km"] if row["existing"] and not np.isnan(row["radius_km"]) else radius_km
        near = np.flatnonzero(away[:, j] <= min(reach, radius_km) * 1000)
        eye = ((row["lon"] - terrain.west) / terrain.dlon - 0.5, (terrain.north - row["lat"]) / terrain.dlat - 0.5)
        seen = in_sight(terrain.elevation_m, (terrain.dx_m, terrain.dy_m), eye, rules["camera_mast"], x[near], y[near],
                        rules["smoke_height"], refraction=rules["refraction"])  # fmt: skip
        value[near[seen], j] = away[near[seen], j]
    stands = sites["existing"].to_numpy(dtype=bool)
    count = int(min(stands.sum() + new, len(sites)))
    layout = max_cover(np.isfinite(value), max(count, 1), None, choice(len(sites), np.flatnonzero(stands)),
                       seconds=seconds)  # fmt: skip
    opened = np.zeros(len(sites), bool)
    opened[layout.sites] = True
    now, after = value[:, stands].min(axis=1, initial=np.inf), value[:, opened].min(axis=1, initial=np.inf)
    table = targets.assign(
        now=np.where(np.isfinite(now), now, np.nan),
        after=np.where(np.isfinite(after), after, np.nan),
        covered_now=np.isfinite(now),
        covered_after=np.isfinite(after),
    )[list(TARGET_COLUMNS)]
    chosen = sites.rename(columns={"candidate": "point"}).assign(chosen=opened & ~stands)
    is_cell = np.arange(len(targets)) < len(cells)
    extra = {
        "coverage_camera_cells": {
            "now": _share(table["covered_now"], is_cell),
            "after": _share(table["covered_after"], is_cell),
            "count": int(is_cell.sum()),
        },
        "coverage_camera_points": {
            "now": _share(table["covered_now"], ~is_cell),
            "after": _share(table["covered_after"], ~is_cell),
            "count": int((~is_cell).sum()),
        },
    }
    return Coverage(f"camera_{radius_km:g}", radius_km * 1000, "m", table,
                    chosen[["point", "name", "lon", "lat", "existing", "chosen"]], layout, extra)  # fmt: skip


def _share(covered: pd.Series, which: NDArray[np.bool_]) -> str:
    return f"{covered.to_numpy(dtype=bool)[which].mean():.1%}" if which.any() else "0.0%"


def bucket_cycles(cells: pd.DataFrame, water: pd.DataFrame, pads: pd.DataFrame) -> Floats:
    """Minutes between two drops on each cell from each water point, (n, m), stops at the nearest pad included.

    Cycle = there and back at the bucket's speed + filling and dropping; every ``bucket_refuel`` minutes of flight a
    visit to the nearest pad, whose time is spread over the cycles between.
    """
    rules = siting_rules()
    lon, lat = cells["lon"].to_numpy(np.float64), cells["lat"].to_numpy(np.float64)
    metres_per_min = rules["bucket_speed"] * 1000 / 60
    to_water = away_m(lon, lat, water["lon"].to_numpy(np.float64), water["lat"].to_numpy(np.float64))
    cycle = 2 * to_water / metres_per_min + rules["bucket_turn"]
    if not len(pads):
        return np.full(cycle.shape, np.inf)
    to_pad = away_m(lon, lat, pads["lon"].to_numpy(np.float64), pads["lat"].to_numpy(np.float64)).min(axis=1)
    lost = (2 * to_pad / metres_per_min + rules["pad_stop"]) / rules["bucket_refuel"]
    total: Floats = cycle * (1 + lost[:, None])
    return total


def water_coverage(county: County, *, new: int, kind: str = "water_point", seconds: float = 60.0) -> Coverage:
    """Water points, or pads, that make the mean bucket cycle over the forest cells least: now and with ``new`` more.

    Water less deep than ``bucket_depth`` is left out where its depth is known.
    """
    depth = siting_rules()["bucket_depth"]
    cells = land_cells(county)
    water, pads = points_of(county, "water_point", "water_point"), points_of(county, "helipad", "helipad")
    water = water[water["depth_m"].isna() | (water["depth_m"] >= depth)].reset_index(drop=True)
    if kind == "water_point":
        sites = water
        value = bucket_cycles(cells, water, pads[pads["existing"]])
    else:
        sites = pads
        standing = water[water["existing"]]
        value = np.stack([bucket_cycles(cells, standing, pads.iloc[[j]]).min(axis=1, initial=np.inf)
                          for j in range(len(pads))], axis=1)  # fmt: skip
    stands = sites["existing"].to_numpy(dtype=bool)
    count = int(min(stands.sum() + new, len(sites)))
    layout = p_median(value, max(count, 1), None, choice(len(sites), np.flatnonzero(stands)), unserved=1e6,
                      seconds=seconds)  # fmt: skip
    opened = np.zeros(len(sites), bool)
    opened[layout.sites] = True
    now, after = value[:, stands].min(axis=1, initial=np.inf), value[:, opened].min(axis=1, initial=np.inf)
    table = cells.assign(
        now=np.where(np.isfinite(now), now, np.nan),
        after=np.where(np.isfinite(after), after, np.nan),
        covered_now=np.isfinite(now),
        covered_after=np.isfinite(after),
    )[list(TARGET_COLUMNS)]
    chosen = sites.rename(columns={"candidate": "point"}).assign(chosen=opened & ~stands)
    extra = {"coverage_cycle": {"now": f"{np.mean(now):.2f}", "after": f"{np.mean(after):.2f}", "count": len(cells)}}
    return Coverage(kind, np.inf, "min", table, chosen[["point", "name", "lon", "lat", "existing", "chosen"]], layout,
                    extra)  # fmt: skip


def rank_fire_roads(ground: Ground, *, planned_only: bool = True, side_m: float = 500.0) -> pd.DataFrame:
    """Candidate fire roads by minutes saved per kilometre, for a crew that drives and then walks to every forest cell.

    The crew starts at the ground's candidates (fire stations and teams), drives the roads, and walks straight from any
    junction or bend; a new road is driven at ``fire_road_speed`` from its ends, which are walked to from the nearest
    junction if they do not touch a road.

    Returns
    -------
    DataFrame
        ``ROAD_COLUMNS``, best first. ``cell_minutes`` is the sum over cells.
    """
    import shapely

    rules = siting_rules()
    county, network = ground.county, ground.network
    cells = land_cells(county, side_m=side_m)
    lines = county.table("fire_lines")
    lines = lines[lines["kind"] == "fire_road"]
    if planned_only:
        lines = lines[lines["planned"].astype(bool)]
    if cells.empty or lines.empty:
        return pd.DataFrame(columns=list(ROAD_COLUMNS))
    sources = np.unique(ground.candidate_node[ground.candidate_node >= 0])
    drive = times_to_all(ground.roads, ground.crossing_ms, sources).min(axis=0) / MINUTE_MS
    walk = 60 / (rules["walk_to_fire"] * 1000)
    lon, lat = cells["lon"].to_numpy(), cells["lat"].to_numpy()
    before = _least(lon, lat, network.node_lon, network.node_lat, drive, walk)
    rows = []
    for row in lines.to_dict("records"):
        shape = shapely.from_wkt(row["geometry"])
        points = shapely.get_coordinates(shapely.segmentize(shape, 0.002))
        steps = np.concatenate([[0.0], np.cumsum(_steps(points))])
        ends = np.array([_least(points[[k], 0], points[[k], 1], network.node_lon, network.node_lat, drive, walk)[0]
                         for k in (0, -1)])  # fmt: skip
        per_m = 60 / (rules["fire_road_speed"] * 1000)
        at = np.minimum(ends[0] + steps * per_m, ends[1] + (steps[-1] - steps) * per_m)
        after = np.minimum(before, _least(lon, lat, points[:, 0], points[:, 1], at, walk))
        saved = before - after
        length = float(steps[-1]) / 1000
        rows.append({
            "fire_line": row["fire_line"], "name": row["name"], "length_km": length,
            "cells_faster": int((saved > 0.01).sum()), "mean_saved_min": float(saved.mean()),
            "cell_minutes": float(saved.sum()), "minutes_per_km": float(saved.sum()) / length if length else 0.0,
        })  # fmt: skip
    table = pd.DataFrame(rows, columns=list(ROAD_COLUMNS))
    return table.sort_values(["minutes_per_km", "fire_line"], ascending=[False, True]).reset_index(drop=True)


def _steps(points: Floats) -> Floats:
    from dispatch.roads.measure import great_circle_m

    found: Floats = great_circle_m(points[:-1, 0], points[:-1, 1], points[1:, 0], points[1:, 1])
    return found


def _least(lon: Floats, lat: Floats, at_lon: Floats, at_lat: Floats, start_min: Floats, walk: float) -> Floats:
    """Least of start + walk over all points, for each cell; in blocks."""
    known = np.isfinite(start_min)
    at_lon, at_lat, start = at_lon[known], at_lat[known], start_min[known]
    best = np.empty(len(lon))
    for begin in range(0, len(lon), 500):
        part = slice(begin, begin + 500)
        best[part] = (start[None] + away_m(lon[part], lat[part], at_lon, at_lat) * walk).min(axis=1, initial=np.inf)
    return best
