"""Coverage of villages or land by drones, shelters, stations, cameras and phones: one form for all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.county.county import County
from dispatch.planning.siting_ground import township_of
from dispatch.roads.measure import great_circle_m
from models.siting import Layout, choice, fewest_sites
from models.siting.layout import Choice

__all__ = ["POINT_COLUMNS", "TARGET_COLUMNS", "Coverage", "away_m", "cover_with_fewest", "land_cells", "points_of",
           "targets_of"]  # fmt: skip

Floats = NDArray[np.float64]
TARGET_COLUMNS = ("target", "name", "township", "people", "lon", "lat", "now", "after", "covered_now", "covered_after")
POINT_COLUMNS = ("point", "name", "lon", "lat", "existing", "chosen")


@dataclass(frozen=True, eq=False)
class Coverage:
    """What is covered now, and with the fewest further points.

    Attributes
    ----------
    kind : str
        ``drone_video`` …, ``shelter``, ``fire_station``, ``camera_3`` …, ``satellite``, ``water_point``, ``fire_road``.
    limit : float
        Within which a target counts as covered, in the unit of ``now``.
    unit : str
        ``min``, ``m`` or ``share``.
    targets : DataFrame
        ``TARGET_COLUMNS``; ``now`` and ``after`` are the value that counts (NaN: out of reach).
    points : DataFrame
        ``POINT_COLUMNS``.
    layout : Layout
        The answer of the model, with value, bound, gap and status.
    extra : mapping
        Further numbers to be said, by message key.
    """

    kind: str
    limit: float
    unit: str
    targets: pd.DataFrame
    points: pd.DataFrame
    layout: Layout
    extra: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def outside(self) -> list[str]:
        """Names of targets that stay uncovered."""
        return list(self.targets.loc[~self.targets["covered_after"].astype(bool), "name"])


def away_m(lon: Floats, lat: Floats, other_lon: Floats, other_lat: Floats) -> Floats:
    """Great-circle distances of every point to every other, (n, m)."""
    lon, lat, other_lon, other_lat = (np.asarray(one, dtype=np.float64) for one in (lon, lat, other_lon, other_lat))
    found: Floats = great_circle_m(lon[:, None], lat[:, None], other_lon[None, :], other_lat[None, :])
    return found


def targets_of(clients: pd.DataFrame) -> pd.DataFrame:
    """Villages as targets."""
    return clients.rename(columns={"place": "target"})[["target", "name", "township", "people", "lon", "lat"]]


def points_of(county: County, facility: str, candidate: str) -> pd.DataFrame:
    """Facilities of a kind, which stand, and candidates for it; rows without a position lie at their place."""
    places = county.table("places").set_index("place")
    rows = []
    for table, key, kind, stands in (("facilities", "facility", facility, True),
                                     ("candidates", "candidate", candidate, False)):  # fmt: skip
        chosen = county.table(table)
        chosen = chosen[chosen["kind"] == kind]
        for row in chosen.to_dict("records"):
            lon, lat = row["lon"], row["lat"]
            if np.isnan(lon) and row["place"] in places.index:
                lon, lat = places.at[row["place"], "lon"], places.at[row["place"], "lat"]
            if np.isnan(lon) or (not stands and row["forbidden"]):
                continue
            rows.append({
                "candidate": row[key], "name": row["name"], "place": row["place"], "lon": lon, "lat": lat,
                "cost": 0.0, "existing": stands or bool(row.get("existing", False)), "forbidden": False,
                "radius_km": row.get("radius_km", np.nan), "depth_m": row.get("depth_m", np.nan),
            })  # fmt: skip
    above = township_of(county.table("places"))
    columns = ["candidate", "name", "place", "lon", "lat", "cost", "existing", "forbidden", "radius_km", "depth_m"]
    table = pd.DataFrame(rows, columns=columns).astype({"existing": bool, "forbidden": bool, "cost": "float64"})
    table["township"] = [above.get(place, "") for place in table["place"]]
    return table


def land_cells(county: County, kind: str = "wildfire", side_m: float = 500.0) -> pd.DataFrame:
    """Middles of square cells in the county's risk zones of a kind: target, name, township, people (1), lon, lat."""
    import shapely

    zones = county.table("risk_zones")
    shapes = [shapely.from_wkt(wkt) for wkt in zones.loc[zones["kind"] == kind, "geometry"]]
    if not shapes:
        return pd.DataFrame(columns=["target", "name", "township", "people", "lon", "lat"])
    land = shapely.union_all(shapes)
    west, south, east, north = land.bounds
    dlat = side_m / 111_195.0
    dlon = dlat / float(np.cos(np.radians((south + north) / 2)))
    lon, lat = np.meshgrid(np.arange(west + dlon / 2, east, dlon), np.arange(south + dlat / 2, north, dlat))
    inside = shapely.contains_xy(land, lon.ravel(), lat.ravel())
    lon, lat = lon.ravel()[inside], lat.ravel()[inside]
    names = [f"{x:.4f}, {y:.4f}" for x, y in zip(lon, lat, strict=True)]
    return pd.DataFrame({"target": names, "name": names, "township": "", "people": 1.0, "lon": lon, "lat": lat})


def cover_with_fewest(
    kind: str,
    limit: float,
    unit: str,
    targets: pd.DataFrame,
    points: pd.DataFrame,
    value: Floats,
    *,
    seconds: float = 60.0,
    extra: dict[str, dict[str, Any]] | None = None,
    beyond: NDArray[np.bool_] | None = None,
) -> Coverage:
    """Fewest points, those that stand among them, that cover every target which any point can cover.

    How few would do if nothing stood yet is told besides (``coverage_anew``).

    Parameters
    ----------
    kind, limit, unit : see :class:`Coverage`
    targets : DataFrame
        target, name, township, people, lon, lat.
    points : DataFrame
        candidate, name, lon, lat, existing.
    value : float64 array (n, m)
        What counts (minutes, metres) from each point to each target; ``inf`` = out of reach.
    seconds : float
    extra : mapping, optional
    beyond : bool array (n,), optional
        Targets that need not be covered (already served otherwise).
    """
    stands = points["existing"].to_numpy(dtype=bool)
    cover = value <= limit
    possible = cover.any(axis=1)
    if beyond is not None:
        possible &= ~beyond
    among: Choice = choice(len(points), np.flatnonzero(stands))
    layout = fewest_sites(cover, possible.astype(np.int64), among, seconds=seconds)
    said = dict(extra or {})
    anew = fewest_sites(cover, possible.astype(np.int64), seconds=seconds)
    if anew.status == "optimal":
        said["coverage_anew"] = {"count": f"{anew.value:.0f}", "targets": int(possible.sum())}
    opened = np.zeros(len(points), bool)
    opened[layout.sites] = True
    opened |= stands
    now = value[:, stands].min(axis=1, initial=np.inf)
    after = value[:, opened].min(axis=1, initial=np.inf)
    already = np.zeros(len(targets), bool) if beyond is None else beyond
    table = targets.assign(
        now=np.where(np.isfinite(now), now, np.nan), after=np.where(np.isfinite(after), after, np.nan),
        covered_now=(now <= limit) | already, covered_after=(after <= limit) | already,
    )[list(TARGET_COLUMNS)]  # fmt: skip
    chosen = points.rename(columns={"candidate": "point"}).assign(chosen=opened & ~stands)[list(POINT_COLUMNS)]
    return Coverage(kind, limit, unit, table.reset_index(drop=True), chosen.reset_index(drop=True), layout, said)
