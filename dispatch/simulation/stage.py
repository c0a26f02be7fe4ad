"""What is the same on every night: the plan made ready, roads as forecast, and which intervals of the hazard are whose.

One stage is built per worker; a night (``dispatch.simulation.night``) adds what chance decides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.clock import MINUTE_MS, SECOND_MS
from dispatch.hazards.disruption import Disruption
from dispatch.hazards.timed import timed_edges
from dispatch.planning.plan import Plan
from dispatch.planning.supply import Lot, agreed_reliability, read_lots
from dispatch.roads.profiles import travel_ms
from dispatch.scenario import Scenario
from dispatch.scenario_response import ORDER_STEPS
from dispatch.simulation.line import Booking
from dispatch.simulation.media import Media, read_media
from dispatch.simulation.mobilisation import CalledDepot, CalledVehicle, called_depots, called_vehicles
from dispatch.simulation.playbook import Leg, PlannedVehicle, read_playbook
from dispatch.simulation.policy import FOLLOW, Policy, first_plan
from dispatch.simulation.reach import Reach, prepare_reach
from dispatch.simulation.roles import roles_of
from dispatch.simulation.store import LotKey, PlannedIssue, planned_issues
from models.traversal import NEVER, TimedEdges, time_edges

__all__ = [
    "HazardRows",
    "Need",
    "Report",
    "Stage",
    "dock_bookings",
    "milliseconds",
    "prepare",
    "timed_roads",
    "unload_bookings",
]


@dataclass(frozen=True)
class Need:
    """One need with where it is handed over; ``first_batch`` tells its part."""

    need: str
    report: str
    place: str
    site: str
    item: str
    quantity: int
    first_batch: bool


@dataclass(frozen=True)
class Report:
    """One demand report."""

    report: str
    place: str
    site: str
    people: float
    release_ms: int


@dataclass(frozen=True, eq=False)
class HazardRows:
    """Intervals of the hazard, one per row of ``Disruption.edges``.

    Attributes
    ----------
    cause : tuple of str (r,)
    forecast_start_ms, forecast_end_ms : int64 arrays (r,)
    known_ms : int64 array (r,)
        When headquarters learn how an interval turns out.
    edge : int64 array (r,)
    of_class : mapping of vehicle class to (int64 array, int64 array)
        Rows that close or slow an edge for the class, and its speed there, permille.
    of_edge : mapping of edge number to int array
        Rows on an edge.
    thresholds_ms : int64 array
        Distinct values of ``known_ms``, sorted.
    """

    cause: tuple[str, ...]
    forecast_start_ms: NDArray[np.int64]
    forecast_end_ms: NDArray[np.int64]
    known_ms: NDArray[np.int64]
    edge: NDArray[np.int64]
    of_class: Mapping[str, tuple[NDArray[np.int64], NDArray[np.int64]]]
    of_edge: Mapping[int, NDArray[np.int64]]
    thresholds_ms: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Stage:
    """Everything that does not change from night to night.

    ``forecast`` and ``free_ms`` are by vehicle class; ``touched`` names, by (vehicle class, path), the planned paths
    on which the hazard has intervals, ``barred`` those that the class may not drive; ``path_edges`` holds, by class,
    every edge of a planned path with an interval. ``begin_ms`` is the order, or the first report if that is earlier.
    ``outage_areas`` holds the forecast outages where the response asks for them, ``media`` what carries news.
    ``roles`` names who is responsible for a step (``dispatch.simulation.roles``); ``policy`` says who decides on the
    way, ``hooks`` start processes of other rooms (``dispatch.simulation.tasks``).
    ``memory`` keeps answers that are the same on many nights.
    """

    scenario: Scenario
    vehicles: tuple[PlannedVehicle, ...]
    called_vehicles: Mapping[str, CalledVehicle]
    called_depots: Mapping[str, CalledDepot]
    lots: Mapping[tuple[str, str], tuple[Lot, ...]]
    needs: Mapping[str, Need]
    disruption: Disruption
    rows: HazardRows
    free_ms: Mapping[str, NDArray[np.int64]]
    forecast: Mapping[str, TimedEdges]
    reach: Reach
    reports: tuple[Report, ...]
    site_index: Mapping[str, int]
    site_node: tuple[int, ...]
    site_point: tuple[tuple[float, float], ...]
    access_ms: tuple[int, ...]
    length_m: NDArray[np.float64]
    touched: frozenset[tuple[str, str]]
    barred: frozenset[tuple[str, str]]
    path_edges: Mapping[str, tuple[int, ...]]
    issues: Mapping[LotKey, tuple[PlannedIssue, ...]]
    reliability: Mapping[LotKey, float]
    dock_bookings: Mapping[str, tuple[Booking, ...]]
    unload_bookings: Mapping[str, tuple[Booking, ...]]
    begin_ms: int
    plan: Plan
    outage_areas: pd.DataFrame
    media: Media
    roles: Mapping[str, str]
    policy: Policy = FOLLOW
    hooks: tuple[Callable[[Any, int], None], ...] = ()
    memory: dict[str, object] = field(default_factory=dict, repr=False)

    @cached_property
    def report_of(self) -> dict[str, Report]:
        """Reports by id."""
        return {report.report: report for report in self.reports}

    def hazard_of(self, edge: int) -> str:
        """What the hazard on an edge is called, "" if there is none."""
        rows = self.rows.of_edge.get(edge)
        return "" if rows is None else self.rows.cause[int(rows[0])]


def prepare(
    scenario: Scenario, plan: Plan, policy: Policy = FOLLOW, hooks: tuple[Callable[[Any, int], None], ...] = ()
) -> Stage:
    """Make a scenario and a plan ready for any number of nights.

    Parameters
    ----------
    scenario : Scenario
    plan : Plan
    policy : Policy
        Who decides what on a night once things turn out otherwise than planned.
    hooks : tuple of callables (run, order)
        Called when a night begins with its ``Run`` and the event of the order; they start processes in ``run.env``.

    Raises
    ------
    InputProblems
        If the plan names what the scenario does not have.
    """
    plan = first_plan(policy, scenario, plan)
    vehicles = read_playbook(scenario, plan)
    free = {name: travel_ms(scenario.network, profile) for name, profile in scenario.profiles.items()}
    table = scenario.disruption.edges.reset_index(drop=True)
    rows = _hazard_rows(scenario, table, free)
    every = np.ones(len(table), dtype=np.bool_)
    forecast = {
        name: timed_roads(scenario, free, rows, name, every, rows.forecast_start_ms, rows.forecast_end_ms)
        for name in free
    }
    areas = _areas(scenario)
    touched, barred, on_paths = _touched(vehicles, rows, free)
    needs = {
        row.need: Need(row.need, row.report, row.place, row.site, row.item, int(row.quantity),
                       row.part == "first_batch")
        for row in scenario.needs.itertuples(index=False) if row.quantity > 0
    }  # fmt: skip
    return Stage(
        scenario=scenario,
        vehicles=vehicles,
        called_vehicles=called_vehicles(scenario),
        called_depots=called_depots(scenario),
        lots=read_lots(scenario),
        needs=needs,
        disruption=_plain(scenario.disruption, table, areas),
        rows=rows,
        free_ms=free,
        forecast=forecast,
        reach=prepare_reach(scenario, free, np.unique(rows.edge)),
        reports=_reports(scenario),
        site_index={site: i for i, site in enumerate(scenario.sites.index)},
        site_node=tuple(int(node) for node in scenario.sites["node"]),
        site_point=tuple(zip(scenario.sites["lon"].tolist(), scenario.sites["lat"].tolist(), strict=True)),
        access_ms=tuple(int(access) for access in scenario.sites["access_ms"]),
        length_m=scenario.network.length_m,
        touched=touched,
        barred=barred,
        path_edges=on_paths,
        issues=planned_issues(vehicles),
        reliability=agreed_reliability(scenario),
        dock_bookings=dock_bookings(vehicles),
        unload_bookings=unload_bookings(vehicles),
        begin_ms=_begin_ms(scenario),
        plan=plan,
        outage_areas=areas,
        media=read_media(scenario),
        roles=roles_of(scenario),
        policy=policy,
        hooks=hooks,
    )


def dock_bookings(vehicles: tuple[PlannedVehicle, ...]) -> dict[str, tuple[Booking, ...]]:
    """When a plan has which dock of a depot load which trip."""
    found: defaultdict[str, list[Booking]] = defaultdict(list)
    for vehicle in vehicles:
        for trip in vehicle.trips:
            found[trip.depot].append(Booking(trip.load_start_ms, trip.rank, trip.dock))
    return {depot: tuple(sorted(bookings)) for depot, bookings in found.items()}


def unload_bookings(vehicles: tuple[PlannedVehicle, ...]) -> dict[str, tuple[Booking, ...]]:
    """When a plan has which stop unloaded at a site."""
    found: defaultdict[str, list[Booking]] = defaultdict(list)
    for vehicle in vehicles:
        for trip in vehicle.trips:
            for stop in trip.stops:
                found[stop.site].append(Booking(stop.unload_start_ms, stop.rank, 1))
    return {site: tuple(sorted(bookings)) for site, bookings in found.items()}


def timed_roads(
    scenario: Scenario,
    free_ms: Mapping[str, NDArray[np.int64]],
    rows: HazardRows,
    vehicle_class: str,
    there: NDArray[np.bool_],
    start_ms: NDArray[np.int64],
    end_ms: NDArray[np.int64],
) -> TimedEdges:
    """Roads on the clock for one class, as ``dispatch.scenario.travel`` gives them, from intervals by row.

    ``there`` (r,) tells which rows happen; ``start_ms``, ``end_ms`` (r,) when.
    """
    row, permille = rows.of_class[vehicle_class]
    if not there.all():
        happens = there[row]
        row, permille = row[happens], permille[happens]
    return time_edges(
        free_ms[vehicle_class], rows.edge[row], start_ms[row], end_ms[row], permille,
        np.array(scenario.pace_start_ms, dtype=np.int64), np.array(scenario.pace_permille, dtype=np.int64),
    )  # fmt: skip


def _hazard_rows(scenario: Scenario, table: pd.DataFrame, free: Mapping[str, NDArray[np.int64]]) -> HazardRows:
    index = scenario.network.edge_index
    edge = np.array([index[name] for name in table["edge"]], dtype=np.int64)
    of_edge: defaultdict[int, list[int]] = defaultdict(list)
    for row, number in enumerate(edge.tolist()):
        of_edge[number].append(row)
    known = milliseconds(table["known_s"].to_numpy(dtype=np.float64))
    return HazardRows(
        cause=tuple(table["cause"]),
        forecast_start_ms=milliseconds(table["forecast_start_s"].to_numpy(dtype=np.float64)),
        forecast_end_ms=milliseconds(table["forecast_end_s"].to_numpy(dtype=np.float64)),
        known_ms=known,
        edge=edge,
        of_class={name: _rows_of_class(scenario, table, name, free[name]) for name in free},
        of_edge={number: np.array(of) for number, of in of_edge.items()},
        thresholds_ms=np.unique(known),
    )


def _rows_of_class(
    scenario: Scenario, table: pd.DataFrame, vehicle_class: str, free_ms: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows that matter to a class and the speed in them.

    Asked of ``timed_edges``, which knows what depth does to a vehicle, with each row in a second of its own.
    """
    seconds = np.arange(len(table), dtype=np.float64)
    apart = replace(scenario.disruption, edges=table.assign(start_s=seconds, end_s=seconds + 1.0))
    timed = timed_edges(scenario.network, free_ms, vehicle_class, scenario.profiles[vehicle_class].wading_m, apart)
    return timed.start_ms // SECOND_MS, timed.permille


def milliseconds(seconds: NDArray[np.float64]) -> NDArray[np.int64]:
    """Seconds to integer ms (half up); infinite ones become ``NEVER`` or its negative."""
    finite = np.isfinite(seconds)
    whole = np.floor(np.where(finite, seconds, 0.0) * SECOND_MS + 0.5).astype(np.int64)
    return np.where(finite, whole, np.where(seconds > 0, NEVER, -NEVER))


def _begin_ms(scenario: Scenario) -> int:
    """The order on the earliest of nights, or the first report if that is earlier."""
    order_ms = scenario.order_ms
    response = scenario.response
    if response.detected_ms is not None:
        shortest = sum(response.figures[f"warning.{step}"].low for step in ORDER_STEPS)
        order_ms = min(order_ms, response.detected_ms + int(shortest * MINUTE_MS))
    return int(min([order_ms, *scenario.needs["release_ms"].tolist()]))


def _areas(scenario: Scenario) -> pd.DataFrame:
    """Outages, a township's standing for its villages too; none where the response does not ask for them."""
    areas = scenario.disruption.areas
    if "news" not in scenario.response and "warning" not in scenario.response:
        areas = areas.iloc[:0]
    places = scenario.county.table("places")
    villages = places.loc[places["parent"] != "", ["place", "parent"]].rename(columns={"place": "village"})
    below = areas.merge(villages, left_on="place", right_on="parent")
    below = below.assign(place=below["village"])[list(areas.columns)]
    return _objects(pd.concat([areas, below], ignore_index=True) if len(below) else areas)


def _plain(disruption: Disruption, table: pd.DataFrame, areas: pd.DataFrame) -> Disruption:
    """What sampling the roads needs, with each interval's number as column ``row``, in columns quick to sample."""
    columns = ["row", "group", "forecast_start_s", "forecast_end_s", "start_s", "end_s"]
    return Disruption(
        edges=_objects(table.assign(row=np.arange(len(table)))[columns]),
        places=disruption.places.iloc[:0],
        areas=areas,
        groups=_objects(disruption.groups),
    )


def _objects(table: pd.DataFrame) -> pd.DataFrame:
    return table.astype({name: object for name in table.columns if pd.api.types.is_string_dtype(table[name])})


def _reports(scenario: Scenario) -> tuple[Report, ...]:
    first = scenario.needs.drop_duplicates("report")
    return tuple(
        Report(row.report, row.place, row.site, float(row.people), int(row.release_ms))
        for row in first.itertuples(index=False)
        if row.release_ms <= scenario.end_ms
    )


def _touched(
    vehicles: tuple[PlannedVehicle, ...], rows: HazardRows, free: Mapping[str, NDArray[np.int64]]
) -> tuple[frozenset[tuple[str, str]], frozenset[tuple[str, str]], dict[str, tuple[int, ...]]]:
    """Planned paths with intervals on them, paths the class may not drive, and by class the edges with intervals."""
    touched: set[tuple[str, str]] = set()
    barred: set[tuple[str, str]] = set()
    edges: defaultdict[str, set[int]] = defaultdict(set)
    for vehicle in vehicles:
        for leg in _legs(vehicle):
            key = (vehicle.vehicle_class, leg.path)
            if (free[vehicle.vehicle_class][leg.edges] >= NEVER).any():
                barred.add(key)
            met = [int(edge) for edge in leg.edges if int(edge) in rows.of_edge]
            if met:
                touched.add(key)
                edges[vehicle.vehicle_class].update(met)
    return frozenset(touched), frozenset(barred), {name: tuple(sorted(found)) for name, found in edges.items()}


def _legs(vehicle: PlannedVehicle) -> list[Leg]:
    legs: list[Leg] = []
    for trip in vehicle.trips:
        legs.append(trip.to_depot)
        legs.extend(stop.leg for stop in trip.stops)
        if trip.back is not None:
            legs.append(trip.back)
    return legs
