"""Fire crews and the forest: minutes until a crew is at a cell, by road and then on foot (T-01).

A crew is called, turns out, drives the roads by the vehicle of its type and walks straight to the cell, at the norm's
walking speed and detour, from the junction from which it is there first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.clock import MINUTE_MS
from dispatch.county.county import County
from dispatch.norms import read_norm
from dispatch.planning.coverage import away_m, land_cells
from dispatch.planning.siting_ground import township_of
from dispatch.roads.attach import main_roads
from dispatch.roads.network import RoadNetwork
from dispatch.roads.profile_norms import read_profiles
from dispatch.roads.profiles import travel_ms
from dispatch.scenario_tasks import team_rules
from dispatch.sites import site_points
from models.earliest_arrival import earliest_arrival
from models.traversal import NEVER, time_edges

__all__ = ["REACH_COLUMNS", "WITHIN_MIN", "FireCrew", "crew_minutes", "crew_reach", "fire_crews", "new_crew",
           "with_townships"]  # fmt: skip

Floats = NDArray[np.float64]
WITHIN_MIN = (30, 60, 120)
SKILLS = frozenset({"fire_line", "fire"})
REACH_COLUMNS = (
    "township", "name", "forest_km2", "share_30", "share_60", "share_120", "crew_30", "crews", "own_30_km2",
    "own_60_km2", "own_120_km2",
)  # fmt: skip


@dataclass(frozen=True)
class FireCrew:
    """A crew that builds fire line: where it starts (degrees), how many, when it leaves (minutes after the alarm)."""

    crew: str
    name: str
    lon: float
    lat: float
    people: int
    leaves_min: float
    vehicle_class: str
    professional: bool
    township: str = ""


def fire_crews(county: County, *, night: bool = False) -> list[FireCrew]:
    """Crews of the county (skills ``fire_line`` or ``fire``) whose base has a position, in the order of calling."""
    types = {str(row["type"]): row for row in read_norm("team_types")}
    rules, table = team_rules(), county.table("teams")
    points, _ = site_points(county, set(table["base"]))
    points = points.drop_duplicates("site").set_index("site")
    above = township_of(county.table("places"))
    made = []
    for row in table.to_dict("records"):
        skills = {word.strip() for word in str(row["skills"]).split(";")}
        if not skills & SKILLS or row["base"] not in points.index:
            continue
        kind = types[row["type"]]
        day, now = float(kind["turnout_day_min"]), float(kind["turnout_night_min" if night else "turnout_day_min"])
        turnout = now if math.isnan(row["turnout_min"]) else float(row["turnout_min"]) * now / day
        asked = float(kind["called_after_min"]) + (rules["border_delay"] if row["type"] == "mutual_aid" else 0.0)
        at = points.loc[row["base"]]
        made.append(FireCrew(
            row["team"], row["name"], float(at["lon"]), float(at["lat"]), int(row["strength"]), asked + turnout,
            str(kind["vehicle_class"]), bool(kind["professional"]),
            above.get(row["jurisdiction"], "") or above.get(str(at["place"]), ""),
        ))  # fmt: skip
    here = with_townships(county, pd.DataFrame({"lon": [c.lon for c in made], "lat": [c.lat for c in made]}))
    made = [crew if crew.township else replace(crew, township=str(own))
            for crew, own in zip(made, here["township"], strict=True)]  # fmt: skip
    return sorted(made, key=lambda crew: (crew.leaves_min, crew.crew))


def new_crew(county: County, place: str, *, night: bool = False) -> FireCrew:
    """A further standard crew (30 people, semi-professional) at a place.

    Raises
    ------
    KeyError
        If the county has no such place, or it has no position.
    """
    points, missing = site_points(county, {place})
    if missing:
        raise KeyError(place)
    kind = next(row for row in read_norm("team_types") if row["type"] == "semi_professional")
    leaves = float(kind["called_after_min"]) + float(kind["turnout_night_min" if night else "turnout_day_min"])
    at = points.iloc[0]
    above = township_of(county.table("places"))
    return FireCrew(f"new {place}", str(at["name"]), float(at["lon"]), float(at["lat"]),
                    int(team_rules()["crew_standard"]), leaves, str(kind["vehicle_class"]), professional=False,
                    township=above.get(place, ""))  # fmt: skip


def crew_minutes(network: RoadNetwork, crews: list[FireCrew], lon: Floats, lat: Floats, *, night: bool = False
                 ) -> Floats:  # fmt: skip
    """Minutes from the alarm until each crew is at each point: float64 array (points, crews), ``inf`` where never."""
    rules, profiles = team_rules(), read_profiles()
    per_m = 60 / (rules["walk_speed"] * 1000) * rules["walk_detour"] / (rules["walk_night"] if night else 1.0)
    limit_m = rules["walk_limit"] * 1000 / rules["walk_detour"]
    reached: dict[tuple[float, float, str], Floats] = {}
    free = {name: travel_ms(network, profiles[name]) for name in {crew.vehicle_class for crew in crews}}
    minutes = np.full((len(lon), len(crews)), np.inf)
    for j, crew in enumerate(crews):
        key = (crew.lon, crew.lat, crew.vehicle_class)
        if key not in reached:
            reached[key] = _driven(network, free[crew.vehicle_class], crew.lon, crew.lat, per_m)
        minutes[:, j] = crew.leaves_min + _walked(network, reached[key], lon, lat, per_m, limit_m)
    return minutes


def _driven(network: RoadNetwork, free: NDArray[np.int64], lon: float, lat: float, per_m: float) -> Floats:
    """Minutes from a base to every junction; the base is walked from, to the nearest junction of the main roads."""
    main = main_roads(network, free)
    nodes = np.unique(np.concatenate([network.graph.tail[main], network.graph.head[main]]))
    away = away_m(np.array([lon]), np.array([lat]), network.node_lon[nodes], network.node_lat[nodes])[0]
    nearest = int(np.argmin(away))
    at, _ = earliest_arrival(network.drivable, time_edges(free), int(nodes[nearest]), 0)
    driven: Floats = np.where(at < NEVER, at / MINUTE_MS, np.inf) + float(away[nearest]) * per_m
    return driven


def _walked(network: RoadNetwork, driven: Floats, lon: Floats, lat: Floats, per_m: float, limit_m: float) -> Floats:
    """Least of driving and walking over all junctions within the limit, in blocks."""
    known = np.isfinite(driven)
    at_lon, at_lat, start = network.node_lon[known], network.node_lat[known], driven[known]
    best = np.full(len(lon), np.inf)
    for begin in range(0, len(lon), 256):
        part = slice(begin, begin + 256)
        away = away_m(lon[part], lat[part], at_lon, at_lat)
        there = np.where(away <= limit_m, start[None] + away * per_m, np.inf)
        best[part] = there.min(axis=1, initial=np.inf)
    return best


def with_townships(county: County, cells: pd.DataFrame) -> pd.DataFrame:
    """Cells with the township of the nearest place that has a position."""
    places = county.table("places")
    places = places[places["lon"].notna() & (places["kind"] != "county")]
    above = township_of(county.table("places"))
    away = away_m(cells["lon"].to_numpy(), cells["lat"].to_numpy(), places["lon"].to_numpy(), places["lat"].to_numpy())
    nearest = away.argmin(axis=1) if len(places) else np.zeros(0, dtype=np.int64)
    own = places["place"].to_numpy()[nearest]
    return cells.assign(township=[above.get(place, "") for place in own])


def crew_reach(county: County, network: RoadNetwork, *, night: bool = False, side_m: float = 500.0) -> pd.DataFrame:
    """Forest reached by at least one crew, by township; and each township's own crew of 30, or none.

    Returns
    -------
    DataFrame
        ``REACH_COLUMNS``, one row per township with forest (cells of the county's wildfire zones): area, shares
        within 30, 60 and 120 minutes of the alarm, whether a crew of the standard strength is stationed there, how
        many crews, and the forest (anywhere) that its own standard crews reach; the county's sum last.
    """
    cells = with_townships(county, land_cells(county, side_m=side_m))
    crews = fire_crews(county, night=night)
    minutes = crew_minutes(network, crews, cells["lon"].to_numpy(), cells["lat"].to_numpy(), night=night)
    first = minutes.min(axis=1, initial=np.inf)
    names = dict(zip(county.table("places")["place"], county.table("places")["name"], strict=True))
    standard = team_rules()["crew_standard"]
    km2 = (side_m / 1000) ** 2
    rows = []
    for township in [*dict.fromkeys(sorted(cells["township"])), ""]:
        here = (cells["township"] == township).to_numpy() if township else np.ones(len(cells), dtype=bool)
        own = [j for j, crew in enumerate(crews) if crew.township == township or not township]
        strong = [j for j in own if crews[j].people >= standard]
        mine = minutes[:, strong].min(axis=1, initial=np.inf) if strong else np.full(len(cells), np.inf)
        rows.append({
            "township": township, "name": names.get(township, ""), "forest_km2": float(here.sum() * km2),
            **{f"share_{m}": float((first[here] <= m).mean()) if here.any() else 0.0 for m in WITHIN_MIN},
            "crew_30": bool(strong), "crews": len(own),
            **{f"own_{m}_km2": float((mine <= m).sum() * km2) for m in WITHIN_MIN},
        })  # fmt: skip
    return pd.DataFrame(rows, columns=list(REACH_COLUMNS))
