"""The smallest change that would serve a missed place in time, found by planning again; or why none of them would.

Tried for each missed place: 1 to 3 more trucks at a depot, 1 to 3 more docks, more of an item that is short, closed
roads opened, each alone. The size is the smallest for which the planner's new plan serves the place and every place
that was in time before; one less fails. Where nothing helps, a certificate says what stands against it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from dispatch.clock import MINUTE_MS
from dispatch.hazards.disruption import no_disruption
from dispatch.planning.assemble import typed
from dispatch.planning.legs import Legs
from dispatch.planning.measure import measure
from dispatch.planning.plan import Plan
from dispatch.planning.plan_world import held_before, news_of
from dispatch.planning.problem import ReliefProblem
from dispatch.planning.replan import Basis, basis_of
from dispatch.planning.what_if import Answer, least, makes, more_docks, more_stock, more_trucks, roads_open
from dispatch.roads.travel import way
from dispatch.scenario import Scenario, travel
from models.earliest_arrival import earliest_arrival
from models.traversal import NEVER

__all__ = ["CERTIFICATE_COLUMNS", "RELAXATION_COLUMNS", "relaxations"]

RELAXATION_COLUMNS: dict[str, str] = {
    "place": "str",
    "rank": "int64",
    "kind": "str",
    "where": "str",
    "what": "str",
    "size": "int64",
    "by_ms": "int64",
    "share": "float64",
    "then_ms": "int64",
}
"""``kind``: ``truck`` (``what``: the vehicle it is like), ``dock``, ``stock`` (``what``: the item) at the depot
``where``, or ``road`` (``where``: edge ids apart by ``;``, ``size``: how many roads, ``by_ms``: open from then on at
the latest, from the reference instant, else -1). ``share``: size against what there is (fleet, docks of the depot,
stock of the item in all depots; of a road, the part of the deadline by which it must open before the six-hour line),
by which they are ranked. ``then_ms``: completion then, from the order."""

CERTIFICATE_COLUMNS: dict[str, str] = {
    "place": "str",
    "kind": "str",
    "earliest_ms": "int64",
    "edges": "str",
}
"""``kind``: ``cut`` (every way from every depot crosses one of the closed ``edges`` before the deadline), ``no_road``
(no vehicle can drive there on any day), ``far`` (trucks, crews, docks and goods without limit come at ``earliest_ms``
from the order, after the deadline) or ``several`` (only several things together would do)."""

_MOST = 3
_DEPOTS = 3
_QUARTER_MS = 15 * MINUTE_MS


@dataclass(frozen=True, eq=False)
class _Case:
    """One missed place."""

    problem: ReliefProblem
    plan: Plan
    place: str
    served: frozenset[str]
    basis: Basis
    start_ms: int
    held: Mapping[str, int] | None

    @property
    def scenario(self) -> Scenario:
        """As it is."""
        return self.problem.scenario

    @property
    def sites(self) -> tuple[str, ...]:
        """Where its first batch is handed over."""
        return tuple(dict.fromkeys(n.site for n in self.problem.needs if n.place == self.place
                                   and n.part == "first_batch"))  # fmt: skip

    def answer(self, relaxed: Scenario) -> Answer | None:
        """The plan of a relaxed scenario, if it makes the place."""
        return makes(relaxed, self.plan, self.place, self.served, self.basis, self.held)


def relaxations(
    problem: ReliefProblem, plan: Plan, missed: list[str], earliest: Mapping[str, int]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Find what would make each missed place, and certificates for those that nothing of it makes.

    Parameters
    ----------
    problem : ReliefProblem
    plan : Plan
    missed : list of place ids
    earliest : mapping of place to ms
        Earliest completion over the roads as they are with everything else without limit, from the order.

    Returns
    -------
    relaxations, certificates : DataFrame
        ``RELAXATION_COLUMNS`` and ``CERTIFICATE_COLUMNS``.
    """
    scenario = problem.scenario
    places = measure(plan, scenario, problem.legs.roads).places
    served = frozenset(places.loc[places["on_time"], "place"])
    rows: list[dict[str, Any]] = []
    certificates: list[dict[str, Any]] = []
    basis = basis_of(scenario)
    start_ms, held = scenario.order_ms, None
    if plan.meta.get("planner") == "replan":  # what has begun cannot be undone
        start_ms = int(plan.meta["replan"]["now_ms"])
        held = held_before(plan, news_of(plan), start_ms)
    for place in missed:
        case = _Case(problem, plan, place, served, basis, start_ms, held)
        possible = earliest[place] <= scenario.deadline_ms
        found = list(_found(case, roads_only=not possible))
        found.sort(key=lambda row: (row["share"], row["kind"], row["where"]))
        rows += [{**row, "rank": k} for k, row in enumerate(found, start=1)]
        if not possible or not found:
            certificates.append(_certificate(case, earliest[place]))
    return typed(RELAXATION_COLUMNS, rows), typed(CERTIFICATE_COLUMNS, certificates)


def _found(case: _Case, *, roads_only: bool) -> Iterator[dict[str, Any]]:
    """Relaxations that make the place; where even everything without limit comes too late, only roads can."""
    if not roads_only:
        yield from _trucks(case)
        yield from _docks(case)
        yield from _stock(case)
    yield from _roads(case)


def _row(case: _Case, answer: Answer, **of: Any) -> dict[str, Any]:
    places = measure(answer.plan, answer.scenario).places.set_index("place")
    then_ms = int(places.at[case.place, "first_batch_complete_ms"]) - case.scenario.order_ms
    return {"place": case.place, "rank": 0, "by_ms": -1, "then_ms": then_ms, **of}


def _depots(case: _Case) -> list[str]:
    """Depots nearest to the place over the roads as they are that can load before the deadline."""
    problem, scenario = case.problem, case.scenario
    arrive: dict[str, int] = {}
    for depot, of in problem.depots.items():
        if of.open_ms < scenario.due_ms:
            start = max(of.open_ms, scenario.order_ms + scenario.step_ms("call_up")) + problem.convoy_ms
            arrive[depot] = max(
                (min((problem.legs.arrive(c, depot, site, start) for c in problem.classes), default=NEVER)
                 for site in case.sites), default=NEVER,
            )  # fmt: skip
    near = sorted((at, depot) for depot, at in arrive.items() if at <= scenario.due_ms)
    return [depot for _, depot in near[:_DEPOTS]]


def _trucks(case: _Case) -> Iterator[dict[str, Any]]:
    like: dict[str, tuple[float, str]] = {}
    for vehicle in case.problem.vehicles.values():
        size = (-vehicle.payload_kg, vehicle.vehicle)
        like[vehicle.vehicle_class] = min(size, like.get(vehicle.vehicle_class, size))
    fleet = max(1, len(case.problem.vehicles))
    for depot in _depots(case):
        for _, name in sorted(like.values()):
            found = least(_MOST, lambda k, d=depot, n=name: case.answer(more_trucks(case.scenario, n, d, k)))  # type: ignore[misc]
            if found is not None:
                yield _row(case, found[1], kind="truck", where=depot, what=name, size=found[0], share=found[0] / fleet)


def _docks(case: _Case) -> Iterator[dict[str, Any]]:
    for depot in sorted(set(case.plan.trips["depot"])):
        found = least(_MOST, lambda k, d=depot: case.answer(more_docks(case.scenario, d, k)))  # type: ignore[misc]
        if found is not None:
            there = case.problem.depots[depot].docks
            yield _row(case, found[1], kind="dock", where=depot, what="", size=found[0], share=found[0] / there)


def _stock(case: _Case) -> Iterator[dict[str, Any]]:
    """More of each item that the place asks for, up to what it asks for."""
    wanted: dict[str, int] = {}
    for need in case.problem.needs:
        if need.place == case.place and need.part == "first_batch":
            wanted[need.items[0]] = wanted.get(need.items[0], 0) + need.quantity
    for item, most in wanted.items():
        have = sum(lot.quantity for (_, of), lots in case.problem.lots.items() if of == item for lot in lots)
        for depot in _depots(case):
            found = least(most, lambda k, d=depot, i=item: case.answer(more_stock(case.scenario, d, i, k)))  # type: ignore[misc]
            if found is not None:
                yield _row(case, found[1], kind="stock", where=depot, what=item, size=found[0],
                           share=found[0] / max(1, have))  # fmt: skip


def _roads(case: _Case) -> Iterator[dict[str, Any]]:
    """Closed roads on the ways that would be fastest if all were open: as few of them as do, as late as does."""
    scenario = case.scenario
    quarters = max(0, scenario.due_ms - case.start_ms) // _QUARTER_MS
    seen: set[frozenset[str]] = set()
    for roads in _blocked_ways(case):
        needed = list(roads)
        if case.answer(roads_open(scenario, _edges(needed), case.start_ms)) is None:
            continue
        for road in list(needed):
            fewer = [other for other in needed if other != road]
            if fewer and case.answer(roads_open(scenario, _edges(fewer), case.start_ms)) is not None:
                needed = fewer
        edges = _edges(needed)
        if edges in seen:
            continue
        seen.add(edges)

        def opened(k: int, edges: frozenset[str] = edges) -> Answer | None:
            return case.answer(roads_open(scenario, edges, scenario.due_ms - k * _QUARTER_MS))

        found = least(quarters, opened)
        if found is not None:
            early_ms = found[0] * _QUARTER_MS
            yield _row(case, found[1], kind="road", where=";".join(sorted(edges)), what="", size=len(needed),
                       by_ms=scenario.due_ms - early_ms, share=early_ms / scenario.deadline_ms)  # fmt: skip


def _edges(roads: list[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*roads)


def _blocked_ways(case: _Case) -> Iterator[list[frozenset[str]]]:
    """Roads (both directions) that are closed on the fastest open-road way from each of the nearest depots."""
    problem, scenario = case.problem, case.scenario
    network = scenario.network
    disturbed = set(scenario.disruption.edges["edge"])
    if not disturbed:
        return
    free = travel(scenario, no_disruption())
    legs = Legs(free)
    ways: list[tuple[int, str, str]] = []
    for vehicle_class in problem.classes:
        for depot in problem.depots:
            durations = [legs.least(vehicle_class, depot, site) for site in case.sites]
            if max(durations, default=NEVER) < NEVER:
                ways.append((max(durations), depot, vehicle_class))
    seen: set[frozenset[frozenset[str]]] = set()
    for _, depot, vehicle_class in sorted(ways):
        roads: dict[frozenset[str], None] = {}
        for site in case.sites:
            edges = way(free, vehicle_class, depot, site, scenario.order_ms)
            for edge in [] if edges is None else edges.tolist():
                pair = [edge, int(network.twin[edge])] if network.twin[edge] >= 0 else [edge]
                names = frozenset(str(network.edge_id[e]) for e in pair)
                if names & disturbed:
                    roads[names] = None
        key = frozenset(roads)
        if roads and key not in seen:
            seen.add(key)
            yield list(roads)
        if len(seen) >= _DEPOTS:
            return


def _certificate(case: _Case, earliest_ms: int) -> dict[str, Any]:
    problem, scenario = case.problem, case.scenario
    row = {"place": case.place, "earliest_ms": -1, "edges": ""}
    if earliest_ms <= scenario.deadline_ms:
        return {**row, "kind": "several", "earliest_ms": earliest_ms}
    free = Legs(replace(problem.legs.roads, timed=travel(scenario, no_disruption()).timed))
    if any(min((free.least(c, d, site) for c in problem.classes for d in problem.depots), default=NEVER) >= NEVER
           for site in case.sites):  # fmt: skip
        return {**row, "kind": "no_road"}
    cut = _cut(case)
    if cut:
        return {**row, "kind": "cut", "edges": ";".join(cut)}
    return {**row, "kind": "far", "earliest_ms": earliest_ms}


def _cut(case: _Case) -> list[str]:
    """Closed edges that every way from any depot to the place must cross before the deadline; empty if one is open.

    With R all nodes that some class reaches from some depot between order and deadline: every edge out of R that could
    be driven on another day.
    """
    problem, scenario = case.problem, case.scenario
    roads = problem.legs.roads
    graph = scenario.network.graph
    reached = np.zeros(graph.n, dtype=np.bool_)
    usable = np.zeros(len(graph.head), dtype=np.bool_)
    everywhere = np.arange(graph.n)
    for vehicle_class in problem.classes:
        timed = roads.timed[vehicle_class]
        usable |= timed.free_ms < NEVER
        for depot in problem.depots:
            node = int(roads.node[roads.index[depot]])
            if node >= 0:
                at, _ = earliest_arrival(graph, timed, node, scenario.order_ms, everywhere)
                reached |= at[: graph.n] <= scenario.due_ms
    targets = [int(roads.node[roads.index[site]]) for site in case.sites]
    if all(reached[node] for node in targets):
        return []
    out = reached[graph.tail] & ~reached[graph.head] & usable
    needed = _leads_to(graph, usable & ~(reached[graph.tail] & reached[graph.head]), targets)
    return sorted(str(edge) for edge in scenario.network.edge_id[out & needed[graph.head]])


def _leads_to(graph: Any, usable: np.ndarray, targets: list[int]) -> np.ndarray:
    """Nodes from which a target can be reached over usable edges."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import breadth_first_order

    edges = np.flatnonzero(usable)
    back = csr_array((np.ones(len(edges)), (graph.head[edges], graph.tail[edges])), shape=(graph.n, graph.n))
    result = np.zeros(graph.n, dtype=np.bool_)
    for target in targets:
        result[breadth_first_order(back, target, return_predecessors=False)] = True
    return result
