"""What else moves on the map: people on their way out, buses, teams, aircraft; as phases, like the trucks'.

Drives are played again over the forecast roads as far as the roads know both ends; otherwise, and in the air, the line
is straight between start and end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from dispatch.evacuation.roads import evacuation_travel
from dispatch.planning.plan import Plan
from dispatch.report.phases import Phase, VehiclePhases
from dispatch.scenario import Scenario, travel

__all__ = ["mover_phases", "site_position"]

_TABLES = (("places", "place"), ("shelters", "shelter"), ("depots", "depot"), ("facilities", "facility"))


def site_position(scenario: Scenario, site: str) -> tuple[float, float] | None:
    """Longitude and latitude of a site of the scenario or of the county's tables; None if it has none."""
    if site in scenario.sites.index:
        return float(scenario.sites.at[site, "lon"]), float(scenario.sites.at[site, "lat"])
    for table, key in _TABLES:
        rows = scenario.county.table(table)
        found = rows[rows[key] == site]
        if len(found) and not np.isnan(found["lon"].iloc[0]):
            return float(found["lon"].iloc[0]), float(found["lat"].iloc[0])
    return None


def mover_phases(plan: Plan, scenario: Scenario) -> list[Phase]:
    """Phases of evacuation, teams and aircraft; a movement between sites without a position is left out."""
    if plan.evacuations.empty and plan.deployments.empty and plan.sorties.empty:
        return []
    given = scenario.evacuation is not None
    roads = evacuation_travel(scenario) if given else travel(scenario, scenario.disruption.forecast())
    index = scenario.network.edge_index
    edges_of = {
        row["path"]: np.array([index[edge] for edge in row["edges"] if edge in index], dtype=np.int64)
        for row in plan.paths.to_dict("records")
    }
    class_of = {row["path"]: str(row["vehicle_class"]) for row in plan.paths.to_dict("records")}

    def moved(who: str, trip: str, activity: str, start: int, end: int, site: str, to: str, path: str) -> Phase:
        driver = VehiclePhases(roads, who, class_of.get(path, ""), edges_of)
        return driver.drive(trip, activity, int(start), int(end), site, to, path if path in edges_of else "")

    placed: dict[str, bool] = {"": True}

    def known(site: str) -> bool:
        if site not in placed:
            placed[site] = site_position(scenario, site) is not None
        return placed[site]

    found = [
        phase
        for phases in (_evacuations(plan, moved), _deployments(plan, moved), _sorties(plan))
        for phase in phases
        if phase.end_ms > phase.start_ms and known(phase.site) and known(phase.to_site)
    ]
    return sorted(found, key=lambda phase: (phase.vehicle, phase.start_ms))


def _evacuations(plan: Plan, moved: Any) -> Iterator[Phase]:
    """Buses once a trip, however many groups are aboard; walkers and cars once a movement."""
    seen: set[tuple[str, int]] = set()
    for row in plan.evacuations.to_dict("records"):
        who, trip = row["vehicle"] or row["move"], row["move"]
        if row["vehicle"]:
            if (who, row["sequence"]) in seen:
                continue
            seen.add((who, row["sequence"]))
            yield moved(who, trip, "drive_empty", row["start_ms"], row["board_ms"], row["start_site"], row["place"],
                        row["pickup_path"])  # fmt: skip
            yield Phase(who, trip, "boarding", int(row["board_ms"]), int(row["depart_ms"]), row["place"])
        activity = "walk" if row["mode"] == "walk" else "carry_people"
        yield moved(who, trip, activity, row["depart_ms"], row["arrive_ms"], row["place"], row["shelter"], row["path"])
        yield Phase(who, trip, "get_off", int(row["arrive_ms"]), int(row["done_ms"]), row["shelter"])


def _deployments(plan: Plan, moved: Any) -> Iterator[Phase]:
    """Teams: by road as far as it goes, on foot, at work."""
    to_site: Mapping[str, str] = dict(zip(plan.paths["path"], plan.paths["to_site"], strict=True))
    for row in plan.deployments.to_dict("records"):
        who, trip = row["team"], row["deployment"]
        to = to_site.get(row["path"], "")
        if to and row["road_end_ms"] > row["leave_ms"]:
            yield moved(
                who, trip, "drive_empty", row["leave_ms"], row["road_end_ms"], row["start_site"], to, row["path"]
            )
        here = to or row["start_site"]
        yield Phase(who, trip, "walk", int(row["road_end_ms"]), int(row["begin_ms"]), here)
        yield Phase(who, trip, "work", int(row["begin_ms"]), int(row["end_ms"]), here)


def _sorties(plan: Plan) -> Iterator[Phase]:
    """Aircraft: each leg once, whatever is aboard, in a straight line."""
    seen: set[tuple[str, int]] = set()
    for row in plan.sorties.to_dict("records"):
        if (row["sortie"], row["leg"]) in seen:
            continue
        seen.add((row["sortie"], row["leg"]))
        who, trip = row["aircraft"], row["sortie"]
        yield Phase(who, trip, "fly", int(row["takeoff_ms"]), int(row["arrive_ms"]), row["from_site"], row["to_site"])
        yield Phase(who, trip, "work", int(row["arrive_ms"]), int(row["done_ms"]), row["to_site"])
