"""The drone circle: every village within two hours of the alert, for each payload (T-05).

Alert, preparation (while driving has not begun), the drive to a village from whose road the drone takes off, the climb
over the highest ground on the way, and the flight. A drone that does not travel (tethered) works round its take-off.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.clock import MINUTE_MS
from dispatch.county.county import County
from dispatch.hazards.terrain import Terrain
from dispatch.planning.coverage import Coverage, away_m, cover_with_fewest, targets_of
from dispatch.planning.siting_ground import Ground, siting_rules
from models.siting.sight import highest_between

__all__ = ["PAYLOADS", "base_points", "drone_coverage", "flight_min", "reach_min"]

Floats = NDArray[np.float64]
PAYLOADS = ("video", "mapping", "communications")


def base_points(county: County) -> pd.DataFrame:
    """Where drones stand today (once each), and candidates for further bases."""
    from dispatch.planning.coverage import points_of
    from dispatch.sites import site_points

    listed = points_of(county, "", "drone_base")
    stands, _ = site_points(county, set(county.table("drones")["base"]))
    rows = [
        {"candidate": row["site"], "name": row["name"], "place": row["place"], "lon": row["lon"], "lat": row["lat"],
         "cost": 0.0, "existing": True, "forbidden": False, "radius_km": np.nan, "depth_m": np.nan, "township": ""}
        for row in stands.to_dict("records")
    ]  # fmt: skip
    both = pd.concat([pd.DataFrame(rows, columns=list(listed.columns)), listed], ignore_index=True)
    return both.astype({"existing": bool, "forbidden": bool, "cost": "float64"})


def flight_min(drone: Mapping[str, Any], away: Floats, climb_m: Floats | float, wind_ms: float) -> Floats:
    """Minutes in the air to each distance (m); ``inf`` beyond what the drone can do.

    Against the wind both ways: cruise - wind; there and back must fit into the endurance less its reserve, and the way
    into the radius of control. Above its wind limit a drone stays down.
    """
    rules = siting_rules()
    radius = drone["range_km"] if not np.isnan(drone["range_km"]) else rules["drone_default_range"]
    limit = drone["max_wind_ms"]
    if not np.isnan(limit) and wind_ms > limit:
        return np.full(np.shape(away), np.inf)
    kmh = drone["cruise_kmh"]
    if np.isnan(kmh) or kmh <= 0:
        return np.where(away <= radius * 1000, 0.0, np.inf)
    speed = kmh / 3.6 - wind_ms
    if speed <= 0:
        return np.full(np.shape(away), np.inf)
    up = np.maximum(climb_m, 0.0) / rules["drone_climb"] / 60
    minutes = away / speed / 60 + np.where(away > 0, up, 0.0)
    endurance = drone["endurance_min"] if not np.isnan(drone["endurance_min"]) else np.inf
    fits = (2 * minutes <= endurance * (1 - rules["drone_reserve"])) & (away <= radius * 1000)
    return np.where(fits, minutes, np.inf)


def reach_min(ground: Ground, drone: Mapping[str, Any], away: Floats, climb_m: Floats, wind_ms: float) -> Floats:
    """Minutes from the alert until the drone is over each village, (n, m), from each base.

    Least of flying from the base itself (only for villages at the base's own place: take-off is modelled at villages)
    and of driving to any village and flying on from there.
    """
    rules = siting_rules()
    prepare = drone["prepare_min"] if not np.isnan(drone["prepare_min"]) else 10.0
    fly = flight_min(drone, away, climb_m, wind_ms)
    drive = ground.time_ms / MINUTE_MS
    reached = np.full(drive.shape, np.inf)
    for j in range(drive.shape[1]):
        reached[:, j] = (drive[:, j][:, None] + fly).min(axis=0)
    direct = flight_min(
        drone, away_m(ground.clients["lon"].to_numpy(), ground.clients["lat"].to_numpy(),
                      ground.candidates["lon"].to_numpy(), ground.candidates["lat"].to_numpy()),
        float(climb_m.mean()) if climb_m.size else 0.0, wind_ms,
    )  # fmt: skip
    total: Floats = rules["drone_alert"] + prepare + np.minimum(reached, direct)
    return total


def climbs(ground: Ground, terrain: Terrain | None) -> Floats:
    """Climb from each village to ``drone_clearance`` above the highest ground on the way to each other, m."""
    clearance = siting_rules()["drone_clearance"]
    n = len(ground.clients)
    if terrain is None:
        return np.full((n, n), clearance)
    x = (ground.clients["lon"].to_numpy() - terrain.west) / terrain.dlon - 0.5
    y = (terrain.north - ground.clients["lat"].to_numpy()) / terrain.dlat - 0.5
    top = highest_between(terrain.elevation_m, x[:, None], y[:, None], x[None, :], y[None, :])
    here = highest_between(terrain.elevation_m, x, y, x, y, 1)
    climb: Floats = top + clearance - here[:, None]
    return climb


def drone_coverage(
    ground: Ground, terrain: Terrain | None, *, limit_min: float | None = None, wind_ms: float = 0.0,
    seconds: float = 60.0,
) -> dict[str, Coverage]:  # fmt: skip
    """Coverage by payload: today's drones at their bases; at a further base stands the type that reaches most.

    Returns
    -------
    dict
        By payload, those that some drone of the county carries.
    """
    rules = siting_rules()
    limit = rules["drone_circle"] if limit_min is None else limit_min
    table = ground.county.table("drones")
    lon, lat = ground.clients["lon"].to_numpy(), ground.clients["lat"].to_numpy()
    away, climb = away_m(lon, lat, lon, lat), climbs(ground, terrain)
    found = {}
    for payload in PAYLOADS:
        carrying = [row for row in table.to_dict("records") if payload in row["payloads"].split(";")]
        if not carrying:
            continue
        by_drone = {row["drone"]: reach_min(ground, row, away, climb, wind_ms) for row in carrying}
        stands = ground.candidates["existing"].to_numpy(dtype=bool)
        best = max(carrying, key=lambda row: (float((by_drone[row["drone"]][:, ~stands] <= limit).sum())
                                              if (~stands).any() else 0.0))  # fmt: skip
        value = by_drone[best["drone"]].copy()
        value[:, stands] = np.inf
        for row in carrying:
            at = ground.index.get(row["base"])
            if at is not None:
                value[:, at] = np.minimum(value[:, at], by_drone[row["drone"]][:, at])
        extra = {"coverage_drone_model": {"drone": best["name"], "wind": f"{wind_ms:g}",
                                          "alert": f"{rules['drone_alert']:g}"},
                 **({} if terrain is not None else {"coverage_no_terrain": {}})}  # fmt: skip
        found[payload] = cover_with_fewest(f"drone_{payload}", limit, "min", targets_of(ground.clients),
                                           ground.candidates, value, seconds=seconds, extra=extra)  # fmt: skip
    return found
