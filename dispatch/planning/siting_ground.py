"""What a siting question stands on: places with their people, candidate points, and the driving times between them.

Times are from point to place for one class of vehicle by day on open, dry roads, access on foot included at both ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.clock import HOUR_MS
from dispatch.county.county import County
from dispatch.norms import read_norm
from dispatch.roads.attach import attach, main_roads
from dispatch.roads.matrices import time_matrix
from dispatch.roads.measure import great_circle_m
from dispatch.roads.network import RoadNetwork
from dispatch.roads.prepared import PreparedRoads, prepare_roads
from dispatch.roads.profiles import VehicleProfile, travel_ms

__all__ = ["CANDIDATE_COLUMNS", "CLIENT_COLUMNS", "Ground", "candidate_points", "client_places", "lay_ground",
           "siting_rules", "township_of", "with_access"]  # fmt: skip

Floats = NDArray[np.float64]
CLIENT_COLUMNS = ("place", "name", "township", "people", "lon", "lat")
CANDIDATE_COLUMNS = ("candidate", "name", "place", "lon", "lat", "cost", "existing", "forbidden", "township")
_OWN_TIERS = ("county", "township", "village")


@dataclass(frozen=True, eq=False)
class Ground:
    """Places (n), candidate points (m) and the roads between them.

    Attributes
    ----------
    county : County
    network : RoadNetwork
        With a node for every place and point.
    roads : PreparedRoads
    crossing_ms : int64 array (edges,)
    vehicle_class : str
    clients : DataFrame (n rows)
        ``CLIENT_COLUMNS``; people never NaN.
    candidates : DataFrame (m rows)
        ``CANDIDATE_COLUMNS``; cost in yuan, never NaN.
    client_node, candidate_node : int64 arrays
        -1 where no road is near.
    client_access_ms, candidate_access_ms : float64 arrays
    time_ms : float64 array (n, m)
        ``inf`` where there is no way.
    unplaced : tuple of str
        Names of places without coordinates, which nothing can be said about.
    assumed_people : int
        Places whose number of people is not known; they count as the mean of the known ones (1 if none is known).
    """

    county: County
    network: RoadNetwork
    roads: PreparedRoads
    crossing_ms: NDArray[np.int64]
    vehicle_class: str
    clients: pd.DataFrame
    candidates: pd.DataFrame
    client_node: NDArray[np.int64]
    candidate_node: NDArray[np.int64]
    client_access_ms: Floats
    candidate_access_ms: Floats
    time_ms: Floats
    unplaced: tuple[str, ...] = ()
    assumed_people: int = 0
    index: Mapping[str, int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "index", {name: j for j, name in enumerate(self.candidates["candidate"])})

    @property
    def people(self) -> Floats:
        """People of each place."""
        people: Floats = self.clients["people"].to_numpy(dtype=np.float64)
        return people

    @property
    def existing(self) -> NDArray[np.int64]:
        """Candidates that stand already."""
        return np.flatnonzero(self.candidates["existing"].to_numpy(dtype=bool))

    @property
    def cost(self) -> Floats:
        """Cost of opening each candidate, yuan; 0 for those that stand already."""
        cost: Floats = self.candidates["cost"].to_numpy(dtype=np.float64).copy()
        cost[self.existing] = 0.0
        return cost


def siting_rules() -> dict[str, float]:
    """Figures of the norm table ``siting`` by name."""
    return {row["rule"]: row["value"] for row in read_norm("siting")}


def township_of(places: pd.DataFrame) -> dict[str, str]:
    """Township to which each place belongs: itself or the nearest above; "" for the county itself."""
    kind = dict(zip(places["place"], places["kind"], strict=True))
    parent = dict(zip(places["place"], places["parent"], strict=True))
    found: dict[str, str] = {}
    for place in places["place"]:
        at, seen = place, set()
        while at and kind.get(at) != "township" and at not in seen:
            seen.add(at)
            at = parent.get(at, "")
        found[place] = at if kind.get(at) == "township" else ""
    return found


def client_places(county: County) -> tuple[pd.DataFrame, tuple[str, ...], int]:
    """Villages with a position (townships where the county lists no village), those without one, and assumed numbers.

    Returns
    -------
    clients : DataFrame
        ``CLIENT_COLUMNS``.
    unplaced : tuple of str
    assumed : int
        Rows whose number of people was not known.
    """
    places = county.table("places")
    kind = "village" if (places["kind"] == "village").any() else "township"
    chosen = places[places["kind"] == kind]
    here = chosen["lon"].notna() & chosen["lat"].notna()
    unplaced = tuple(chosen.loc[~here, "name"])
    chosen = chosen[here]
    people = chosen["population"].astype("float64")
    unknown = int(people.isna().sum())
    people = people.fillna(people.mean() if people.notna().any() else 1.0)
    above = township_of(places)
    rows = pd.DataFrame({
        "place": chosen["place"].to_numpy(), "name": chosen["name"].to_numpy(),
        "township": [above[place] for place in chosen["place"]], "people": people.to_numpy(),
        "lon": chosen["lon"].to_numpy(), "lat": chosen["lat"].to_numpy(),
    })  # fmt: skip
    return rows, unplaced, unknown


def candidate_points(county: County, kind: str = "depot", *, villages: bool = False) -> pd.DataFrame:
    """Points that stand already, then the candidates of that kind, then (if asked) every village.

    Depots count that belong to the county and are not closed; an existing candidate within ``same_site`` of a depot is
    that depot. Where a row has no position it lies at its place; a row without either is left out.

    Returns
    -------
    DataFrame
        ``CANDIDATE_COLUMNS``.
    """
    rules = siting_rules()
    places = county.table("places").set_index("place", drop=False)
    above = township_of(county.table("places"))
    rows = [
        {"candidate": row["depot"], "name": row["name"], "place": row["place"], "lon": row["lon"], "lat": row["lat"],
         "cost": 0.0, "existing": True, "forbidden": False}
        for row in county.table("depots").to_dict("records")
        if kind == "depot" and row["tier"] in _OWN_TIERS and row["readiness"] != "closed"
    ]  # fmt: skip
    listed = county.table("candidates")
    listed = listed[listed["kind"] == kind]
    rows += [
        {"candidate": row["candidate"], "name": row["name"], "place": row["place"], "lon": row["lon"],
         "lat": row["lat"], "cost": row["opening_cost"], "existing": bool(row["existing"]),
         "forbidden": bool(row["forbidden"])}
        for row in listed.to_dict("records")
    ]  # fmt: skip
    if villages:
        seats, _, _ = client_places(county)
        rows += [
            {"candidate": row["place"], "name": row["name"], "place": row["place"], "lon": row["lon"],
             "lat": row["lat"], "cost": np.nan, "existing": False, "forbidden": False}
            for row in seats.to_dict("records")
        ]  # fmt: skip
    kept: list[dict[str, object]] = []
    for row in rows:
        if np.isnan(row["lon"]) and row["place"] in places.index:
            row |= {"lon": places.at[row["place"], "lon"], "lat": places.at[row["place"], "lat"]}
        if np.isnan(row["lon"]):
            continue
        if row["existing"] and row["cost"] != 0.0 and _built_already(row, kept, rules["same_site"]):
            continue
        kept.append(row)
    points = pd.DataFrame(kept, columns=list(CANDIDATE_COLUMNS[:-1]))
    points["cost"] = points["cost"].astype("float64").fillna(rules["opening_cost"])
    for column in ("existing", "forbidden"):
        points[column] = points[column].astype(bool)
    points["township"] = [above.get(place, "") for place in points["place"]]
    return points.drop_duplicates("candidate").reset_index(drop=True)


def _built_already(row: Mapping[str, object], kept: list[dict[str, object]], within_m: float) -> bool:
    """Whether a point that stands already is in the list, so near that it is the same."""
    built = [(other["lon"], other["lat"]) for other in kept if other["existing"]]
    if not built:
        return False
    lon, lat = np.array(built, dtype=np.float64).T
    away = great_circle_m(np.array(row["lon"]), np.array(row["lat"]), lon, lat)
    return bool((away <= within_m).any())


def lay_ground(
    county: County,
    network: RoadNetwork,
    profile: VehicleProfile,
    candidates: pd.DataFrame,
    *,
    limit_m: float,
    walk_kmh: float,
    clients: pd.DataFrame | None = None,
) -> Ground:
    """Attach places and candidates to the roads and drive between all of them.

    Parameters
    ----------
    county : County
    network : RoadNetwork
    profile : VehicleProfile
        Whose times count.
    candidates : DataFrame
        ``CANDIDATE_COLUMNS``.
    limit_m : float
        A point farther from every road has no road.
    walk_kmh : float
        Between road and point.
    clients : DataFrame, optional
        ``CLIENT_COLUMNS``; the county's villages if not given.
    """
    unplaced: tuple[str, ...] = ()
    assumed = 0
    if clients is None:
        clients, unplaced, assumed = client_places(county)
    lon = np.concatenate([clients["lon"].to_numpy(np.float64), candidates["lon"].to_numpy(np.float64)])
    lat = np.concatenate([clients["lat"].to_numpy(np.float64), candidates["lat"].to_numpy(np.float64)])
    network, node, access_m = attach(
        network, lon, lat, limit_m=limit_m, usable=main_roads(network, travel_ms(network, profile))
    )
    access_ms = np.where(node >= 0, np.ceil(access_m / 1000 / walk_kmh * HOUR_MS), np.inf)
    roads = prepare_roads(network)
    crossing_ms = travel_ms(network, profile)
    n = len(clients)
    ground = Ground(
        county, network, roads, crossing_ms, profile.vehicle_class, clients.reset_index(drop=True),
        candidates.reset_index(drop=True), node[:n], node[n:], access_ms[:n], access_ms[n:],
        np.empty((n, len(candidates))), unplaced, assumed,
    )  # fmt: skip
    used = np.unique(node[node >= 0])
    position = np.searchsorted(used, node)
    sources = np.unique(ground.candidate_node[ground.candidate_node >= 0])
    time = time_matrix(roads, crossing_ms, sources, used)
    full = np.full((n, len(candidates)), np.inf)
    rows, columns = ground.client_node >= 0, ground.candidate_node >= 0
    from_row = np.searchsorted(sources, ground.candidate_node[columns])
    full[np.ix_(rows, columns)] = time[np.ix_(from_row, position[:n][rows])].T
    return replace(ground, time_ms=with_access(ground, full))


def with_access(ground: Ground, driving_ms: Floats) -> Floats:
    """Driving times (…, n, m) with the access stretches; nought between a place and a point at the same spot."""
    total = driving_ms + ground.client_access_ms[:, None] + ground.candidate_access_ms[None, :]
    here = (ground.clients["lon"].to_numpy()[:, None] == ground.candidates["lon"].to_numpy()[None, :]) & (
        ground.clients["lat"].to_numpy()[:, None] == ground.candidates["lat"].to_numpy()[None, :]
    )
    return np.where(here, 0.0, total)
