"""A plan made ready to be played: its tables as trips of vehicles, its paths as edge numbers.

What the plan decides is kept: who carries what in which order along which way. Its times are kept only where the plan
lets a vehicle wait on purpose (it stands ready, its turn has come, and yet it goes later); everything else happens as
soon as it can.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dispatch.county.problem_text import found
from dispatch.planning.plan import Plan
from dispatch.planning.supply import Lot, read_lots
from dispatch.problems import InputProblems, Problem
from dispatch.scenario import Scenario
from dispatch.simulation.draws import PlanningValues
from dispatch.simulation.mobilisation import CalledVehicle, called_depots, called_vehicles, open_ms, ready_ms
from models.traversal import NEVER

__all__ = ["Leg", "PlannedLoad", "PlannedStop", "PlannedTrip", "PlannedVehicle", "later_playbook", "read_playbook"]

AT_ONCE = -NEVER
"""Earliest time of something that need not wait."""


@dataclass(frozen=True)
class PlannedLoad:
    """One row of the plan's loads; ``place`` is the place whose need it meets."""

    need: str
    place: str
    item: str
    lot: str
    quantity: int
    unit_kg: float
    unit_m3: float


@dataclass(frozen=True, eq=False)
class Leg:
    """A planned way between two sites."""

    path: str
    origin: str
    destination: str
    edges: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class PlannedStop:
    """A stop.

    ``pause_ms``: how long the plan lets the driver pause before setting out to it; ``arrive_ms``: when it has him
    arrive; ``rank``: position of its unloading among all of the plan, planned for ``unload_start_ms`` and to take
    ``unload_ms``.
    """

    number: int
    site: str
    leg: Leg
    pause_ms: int
    rank: int
    arrive_ms: int
    unload_start_ms: int
    unload_ms: int
    loads: tuple[PlannedLoad, ...]


@dataclass(frozen=True, eq=False)
class PlannedTrip:
    """A trip.

    Attributes
    ----------
    rank : int
        Position of its loading among all of the plan.
    dock, load_start_ms, load_ms : int
        Where and when the plan loads it, and how long that takes.
    start_from_ms, load_from_ms, depart_from_ms : int
        Waits on purpose: not before; ``AT_ONCE`` where the plan has none.
    release_ms : int
        When the last of the demand reports that it serves is in.
    at_depot_ms, return_ms : int
        When the plan has it arrive there.
    back : Leg or None
        Return after the last stop.
    """

    trip: str
    sequence: int
    rank: int
    depot: str
    dock: int
    load_start_ms: int
    load_ms: int
    to_depot: Leg
    start_from_ms: int
    load_from_ms: int
    depart_from_ms: int
    release_ms: int
    release_report: str
    stops: tuple[PlannedStop, ...]
    back: Leg | None
    at_depot_ms: int
    return_ms: int


@dataclass(frozen=True, eq=False)
class PlannedVehicle:
    """A vehicle with its trips in order."""

    vehicle: str
    vehicle_class: str
    base: str
    trips: tuple[PlannedTrip, ...]


def read_playbook(scenario: Scenario, plan: Plan) -> tuple[PlannedVehicle, ...]:
    """Vehicles of a plan, in the order of their first appearance.

    Raises
    ------
    InputProblems
        If the plan names a vehicle, depot, site, need, item, path or road that the scenario does not have.
    """
    problems = _unknown(scenario, plan)
    if problems:
        raise InputProblems(problems)
    return _played(scenario, plan, _load_holds(scenario, plan), called_vehicles(scenario))


def later_playbook(
    scenario: Scenario,
    plan: Plan,
    begun: frozenset[str],
    first_rank: int,
    vehicles: Mapping[str, CalledVehicle],
) -> tuple[PlannedVehicle, ...]:
    """Vehicles of a plan re-made on a night, with the trips that have not begun; each goes as soon as it can.

    Ranks count from ``first_rank``.
    """
    left = {
        name: table[~table["trip"].isin(begun)]
        for name, table in (("trips", plan.trips), ("stops", plan.stops), ("loads", plan.loads))
    }
    used = {*left["trips"]["to_depot_path"], *left["trips"]["return_path"], *left["stops"]["path"]}
    paths = plan.paths[plan.paths["path"].isin(used)]
    return _played(scenario, replace(plan, **left, paths=paths), None, vehicles, first_rank)


def _played(
    scenario: Scenario,
    plan: Plan,
    held: Mapping[str, int] | None,
    vehicles: Mapping[str, CalledVehicle],
    first_rank: int = 0,
) -> tuple[PlannedVehicle, ...]:
    """Vehicles of a plan; without ``held`` nothing waits for the plan's hour."""
    legs = _legs(scenario, plan)
    loads = _loads(scenario, plan)
    draws = PlanningValues(scenario)
    released = dict(zip(scenario.needs["need"], scenario.needs["release_ms"].tolist(), strict=True))
    report_of = dict(zip(scenario.needs["need"], scenario.needs["report"], strict=True))
    rank = {
        trip: first_rank + k for k, trip in enumerate(plan.trips.sort_values("load_start_ms", kind="stable")["trip"])
    }
    ordered = plan.stops.sort_values("unload_start_ms", kind="stable").reset_index(drop=True)
    ordered = ordered.assign(rank=ordered.index + first_rank)
    stops: defaultdict[str, list[Any]] = defaultdict(list)
    for row in ordered.sort_values("stop", kind="stable").itertuples(index=False):
        stops[row.trip].append(row)
    by_vehicle: dict[str, list[Any]] = {vehicle: [] for vehicle in plan.trips["vehicle"]}
    for row in plan.trips.sort_values("sequence", kind="stable").itertuples(index=False):
        by_vehicle[row.vehicle].append(row)
    played: list[PlannedVehicle] = []
    for vehicle, rows in by_vehicle.items():
        called = vehicles[vehicle]
        free_ms = ready_ms(called, draws)
        trips: list[PlannedTrip] = []
        for row in rows:
            planned, last_site, done_ms = _stops(row, stops.get(row.trip, ()), legs, loads)
            convoyed_ms = int(row.load_end_ms) + scenario.step_ms("convoy")
            wanted = [load.need for stop in planned for load in stop.loads]
            last = max(wanted, key=released.__getitem__, default=None)
            back = None
            if row.return_site:
                back = legs.get(row.return_path) or Leg("", last_site, row.return_site, _NO_EDGES)
            trips.append(PlannedTrip(
                trip=row.trip, sequence=int(row.sequence), rank=rank[row.trip], depot=row.depot,
                dock=int(row.dock), load_start_ms=int(row.load_start_ms),
                load_ms=int(row.load_end_ms) - int(row.load_start_ms),
                to_depot=legs.get(row.to_depot_path) or Leg("", row.start_site, row.depot, _NO_EDGES),
                start_from_ms=AT_ONCE if held is None else _hold(int(row.start_ms), free_ms),
                load_from_ms=AT_ONCE if held is None else held.get(row.trip, AT_ONCE),
                depart_from_ms=AT_ONCE if held is None else _hold(int(row.depart_ms), convoyed_ms),
                release_ms=AT_ONCE if last is None else int(released[last]),
                release_report="" if last is None else str(report_of[last]),
                stops=planned, back=back, at_depot_ms=int(row.at_depot_ms), return_ms=int(row.return_ms),
            ))  # fmt: skip
            free_ms = int(row.return_ms) if row.return_site and row.return_ms >= 0 else done_ms
        played.append(PlannedVehicle(str(vehicle), called.vehicle_class, called.base, tuple(trips)))
    return tuple(played)


_NO_EDGES: NDArray[np.int64] = np.empty(0, dtype=np.int64)


def _hold(planned_ms: int, possible_ms: int) -> int:
    return planned_ms if planned_ms > possible_ms else AT_ONCE


def _stops(
    trip: Any, rows: Sequence[Any], legs: Mapping[str, Leg], loads: Mapping[tuple[str, int], tuple[PlannedLoad, ...]]
) -> tuple[tuple[PlannedStop, ...], str, int]:
    """Stops of a trip, the site of the last one and when it is done."""
    made: list[PlannedStop] = []
    site, free_ms = str(trip.depot), int(trip.depart_ms)
    for row in rows:
        leg = legs.get(row.path) or Leg("", site, row.site, _NO_EDGES)
        pause = max(int(row.leave_ms) - free_ms, 0)
        made.append(PlannedStop(
            int(row.stop), row.site, leg, pause, int(row.rank), int(row.arrive_ms), int(row.unload_start_ms),
            int(row.unload_end_ms) - int(row.unload_start_ms), loads.get((trip.trip, int(row.stop)), ()),
        ))  # fmt: skip
        site, free_ms = row.site, int(row.unload_end_ms)
    return tuple(made), site, free_ms


def _legs(scenario: Scenario, plan: Plan) -> dict[str, Leg]:
    index = scenario.network.edge_index
    return {
        row.path: Leg(row.path, row.from_site, row.to_site, np.array([index[e] for e in row.edges], dtype=np.int64))
        for row in plan.paths.itertuples(index=False)
    }


def _loads(scenario: Scenario, plan: Plan) -> dict[tuple[str, int], tuple[PlannedLoad, ...]]:
    items = scenario.county.table("items").set_index("item")
    kg, m3 = items["weight_kg"].to_dict(), items["volume_m3"].to_dict()
    place = dict(zip(scenario.needs["need"], scenario.needs["place"], strict=True))
    by_stop: defaultdict[tuple[str, int], list[PlannedLoad]] = defaultdict(list)
    for row in plan.loads.itertuples(index=False):
        by_stop[row.trip, int(row.stop)].append(
            PlannedLoad(row.need, place[row.need], row.item, row.lot, int(row.quantity), kg[row.item], m3[row.item])
        )
    return {key: tuple(rows) for key, rows in by_stop.items()}


def _load_holds(scenario: Scenario, plan: Plan) -> dict[str, int]:
    """Trips loaded later than they could be: neither arrival, opening, report, supply nor a dock explains it."""
    draws = PlanningValues(scenario)
    opened = {depot: open_ms(called, draws) for depot, called in called_depots(scenario).items()}
    release = dict(zip(scenario.needs["need"], scenario.needs["release_ms"], strict=True))
    lots: dict[tuple[str, str, str], Lot] = {
        (lot.depot, lot.item, lot.lot): lot for group in read_lots(scenario).values() for lot in group
    }
    loads = dict(list(plan.loads.groupby("trip", sort=False)))
    freed = set(zip(plan.trips["depot"], plan.trips["load_end_ms"], strict=True))
    issued: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    held: dict[str, int] = {}
    for row in plan.trips.sort_values("load_start_ms", kind="stable").itertuples(index=False):
        possible = max(int(row.at_depot_ms), opened.get(row.depot, AT_ONCE))
        for load in loads[row.trip].itertuples(index=False) if row.trip in loads else ():
            key = (row.depot, load.item, load.lot)
            issued[key] += int(load.quantity)
            possible = max(possible, int(release[load.need]))
            if key in lots:
                possible = max(possible, lots[key].released_ms(issued[key]))
        if possible < row.load_start_ms and (row.depot, row.load_start_ms) not in freed:
            held[row.trip] = int(row.load_start_ms)
    return held


def _unknown(scenario: Scenario, plan: Plan) -> list[Problem]:
    """Names in the plan that the scenario does not have, and paths a vehicle class may not take."""
    county = scenario.county
    sites = set(scenario.sites.index)
    depots = set(county.table("depots")["depot"])
    items = set(county.table("items")["item"])
    vehicles = county.table("vehicles")
    usable = set(vehicles.loc[vehicles["class"].isin(list(scenario.profiles)), "vehicle"])
    needs, paths, trips = set(scenario.needs["need"]), set(plan.paths["path"]) | {""}, set(plan.trips["trip"])
    asked: list[tuple[str, str, set[str], str]] = [
        ("trips", "vehicle", usable, "vehicle"),
        ("trips", "depot", depots & sites, "depot"),
        ("trips", "start_site", sites, "site"),
        ("trips", "return_site", sites | {""}, "site"),
        ("trips", "to_depot_path", paths, "path"),
        ("trips", "return_path", paths, "path"),
        ("stops", "trip", trips, "trip"),
        ("stops", "site", sites, "site"),
        ("stops", "path", paths, "path"),
        ("loads", "trip", trips, "trip"),
        ("loads", "need", needs, "need"),
        ("loads", "item", items, "item"),
        ("paths", "from_site", sites, "site"),
        ("paths", "to_site", sites, "site"),
    ]
    problems = [
        found(f"simulation_unknown_{what}", f"plan!{table}", row + 1, column, value)
        for table, column, known, what in asked
        for row, value in _outside(getattr(plan, table)[column], known)
    ]
    edges = scenario.network.edge_index
    for row, way in enumerate(plan.paths["edges"]):
        strange = [edge for edge in way if edge not in edges]
        problems += [found("simulation_unknown_edge", "plan!paths", row + 1, "edges", edge) for edge in strange]
    return problems or _broken(scenario, plan)


def _broken(scenario: Scenario, plan: Plan) -> list[Problem]:
    """Paths that do not lead, edge by edge, from their first site to their last."""
    graph, node, index = scenario.network.graph, scenario.sites["node"], scenario.network.edge_index
    problems: list[Problem] = []
    for row, path in enumerate(plan.paths.itertuples(index=False)):
        at = int(node[path.from_site])
        for edge in path.edges:
            if int(graph.tail[index[edge]]) != at:
                at = -1
                break
            at = int(graph.head[index[edge]])
        if at < 0 or at != int(node[path.to_site]):
            problems.append(found("simulation_broken_path", "plan!paths", row + 1, "path", path.path))
    return problems


def _outside(values: Iterable[Any], known: set[str]) -> list[tuple[int, Any]]:
    return [(row, value) for row, value in enumerate(values) if value not in known]
