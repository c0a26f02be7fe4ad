"""The points a scenario's vehicles go between, attached to its roads."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pandas as pd

from dispatch.clock import HOUR_MS
from dispatch.county.coordinates import looks_shifted
from dispatch.county.county import County
from dispatch.county.problem_text import found
from dispatch.problems import Problem
from dispatch.roads.attach import attach, main_roads
from dispatch.roads.network import RoadNetwork
from dispatch.scenario import SITE_COLUMNS

__all__ = ["SITE_TABLES", "attach_sites", "shifted", "site_points"]

SITE_TABLES: dict[str, str] = {"depots": "depot", "facilities": "facility", "shelters": "shelter", "places": "place"}
"""Tables whose rows can be sites, with the name of their id column; ids are unique across them."""


def site_points(county: County, wanted: Iterable[str]) -> tuple[pd.DataFrame, list[str]]:
    """Position, kind and name of each wanted id; a point without coordinates lies at its place.

    Returns
    -------
    points : DataFrame
        site, kind, name, place, lon, lat; one row per id that has a position, in the order of ``SITE_TABLES``.
    missing : list of str
        Wanted ids without a position, or of no table.
    """
    places = county.table("places").set_index("place")
    rows = []
    left = set(wanted)
    for table_name, key in SITE_TABLES.items():
        for row in county.table(table_name).to_dict("records"):
            site = row[key]
            if site not in left:
                continue
            lon, lat = row["lon"], row["lat"]
            place = row["place"]
            if math.isnan(lon) or math.isnan(lat):
                lon, lat = (places.at[place, "lon"], places.at[place, "lat"]) if place in places.index else (lon, lat)
            if math.isnan(lon) or math.isnan(lat):
                continue
            left.discard(site)
            rows.append({"site": site, "kind": key, "name": row["name"], "place": place, "lon": lon, "lat": lat})
    return pd.DataFrame(rows, columns=["site", "kind", "name", "place", "lon", "lat"]), sorted(left)


def attach_sites(
    network: RoadNetwork, points: pd.DataFrame, free_ms: np.ndarray, *, limit_m: float, walk_kmh: float
) -> tuple[RoadNetwork, pd.DataFrame]:
    """Attach points to the main roads; the stretch between road and point takes walking pace.

    Parameters
    ----------
    network : RoadNetwork
    points : DataFrame
        As from :func:`site_points`.
    free_ms : int64 array (m,)
        Crossing times of the vehicle class that decides which roads count.
    limit_m : float
        A point farther from every road has no node.
    walk_kmh : float

    Returns
    -------
    network : RoadNetwork
        With a node for every attached point.
    sites : DataFrame
        ``SITE_COLUMNS``, index = site.
    """
    network, node, access_m = attach(
        network,
        points["lon"].to_numpy(),
        points["lat"].to_numpy(),
        limit_m=limit_m,
        usable=main_roads(network, free_ms),
    )
    reached = node >= 0
    walked = np.where(reached, access_m, 0.0)
    sites = points.assign(
        node=node.astype(np.int64),
        access_m=access_m.astype(np.float64),
        access_ms=np.ceil(walked / 1000 / walk_kmh * HOUR_MS).astype(np.int64),
    )[list(SITE_COLUMNS)]
    return network, sites.set_index("site", drop=False)


def shifted(county: County, network: RoadNetwork) -> list[Problem]:
    """Warn of each table whose points look like GCJ-02 or BD-09 beside the roads."""
    problems = []
    for name in SITE_TABLES:
        table = county.table(name)
        shift = looks_shifted(table["lon"], table["lat"], network.shape_lon, network.shape_lat)
        if shift:
            problems.append(
                found("scenario_shifted", name, None, "lon, lat", "", "warning", system=shift.system.upper(),
                      given=f"{shift.as_given_m:.0f}", undone=f"{shift.unshifted_m:.0f}")
            )  # fmt: skip
    return problems
