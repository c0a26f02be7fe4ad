"""What an evacuation plan is worth, level by level, and how much better it could be at most.

Levels: people out in time (most), last arrival (soonest), person-minutes from being told to arriving (fewest). The
bound of the first is the linear relaxation of ``models.evacuation.upper_bound``, own cars limited to what the roads
take (``models.evacuation.road_bound``); of the second the earliest hour by which the same relaxation lets as many
arrive; of the third the flow of least cost with every way at its earliest or, if that is more, what those must wait
whom the relaxation does not let arrive sooner. The second and third bounds are for plans that get as many people out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from dispatch.clock import MINUTE_MS
from dispatch.evacuation.roads import evacuation_travel
from dispatch.evacuation.ways_out import WaysOut
from dispatch.hazards.disruption import no_disruption
from dispatch.planning.evacuation_moves import Move
from dispatch.planning.evacuation_roads import roads_out
from dispatch.roads.travel import Travel, arrivals
from dispatch.scenario import Scenario
from models.evacuation.min_cost_flow import min_cost_flow
from models.evacuation.road_bound import RoadsOut, most_arrived
from models.evacuation.upper_bound import PeopleProblem, people_bound
from models.traversal import NEVER

__all__ = ["evacuation_objective", "evacuation_values"]

_FEW_TRIPS, _NODES = 12, 500
"""Whole trips are counted where buses times places are so few, in so many nodes."""
_STEPS = 32
"""Instants at which the queue's person-minutes are counted."""
_FINE = 500
MEASURES = (("people_out_in_time", "max"), ("last_arrival_ms", "min"), ("person_minutes", "min"))


def evacuation_values(scenario: Scenario, moves: list[tuple[str, str, int, int]]) -> tuple[int, int, int]:
    """Values of the three levels for moves of (place, group, people, arrival).

    The last arrival counts from the order to leave; 0 where nobody moves.
    """
    order = scenario.evacuation
    assert order is not None
    told = {(row.place, row.group): int(row.told_ms) for row in order.groups.itertuples(index=False)}
    people = sum(count for _, _, count, _ in moves)
    last = max((arrive for *_, arrive in moves), default=order.warned_ms) - order.warned_ms
    minutes = sum(count * (arrive - told[place, group]) for place, group, count, arrive in moves) // MINUTE_MS
    return people, last, minutes


def evacuation_objective(
    scenario: Scenario, roads: Travel, options: WaysOut, moves: list[Move]
) -> list[dict[str, object]]:
    """Levels with value, bound, gap and status."""
    order = scenario.evacuation
    assert order is not None
    values = evacuation_values(scenario, [(m.place, m.group, m.people, m.arrive_ms) for m in moves])
    problem, arrive = _problem(scenario, options)
    most = math.floor(people_bound(problem) + 1e-6)
    if most > values[0] and 0 < problem.cost.size <= _FEW_TRIPS:
        most = math.floor(people_bound(problem, _NODES) + 1e-6)
    cars = roads_out(scenario, roads, options)
    if most > values[0] and cars is not None:
        through = replace(problem, by_car=float(most_arrived(cars, [NEVER])[0]))
        most = min(most, math.floor(people_bound(through) + 1e-6))
    last_ms = order.warned_ms + values[1]
    soonest_ms = _soonest(problem, arrive, values[0], last_ms, options)
    fewest = _fewest_minutes(options, values[0])
    if cars is not None and values[0] > 0:
        queue = _Queue(problem, arrive, cars, values[0])
        soonest_ms = queue.soonest_ms(soonest_ms, last_ms)
        if fewest < values[2]:
            first_ms = min(way.arrive_ms for way in options.ways)
            fewest = max(fewest, queue.least_minutes(first_ms, last_ms, options))
    soonest = soonest_ms - order.warned_ms
    rows: list[dict[str, object]] = []
    closed = True
    for level, ((measure, sense), value, bound) in enumerate(
        zip(MEASURES, values, (max(most, values[0]), min(soonest, values[1]), min(fewest, values[2])), strict=True), 1
    ):
        gap = abs(bound - value) / max(abs(value), 1)
        closed = closed and gap == 0
        rows.append({"level": level, "measure": measure, "sense": sense, "value": float(value), "bound": float(bound),
                     "gap": gap, "status": "optimal" if closed else "feasible"})  # fmt: skip
    return rows


def _problem(scenario: Scenario, options: WaysOut) -> tuple[PeopleProblem, tuple[np.ndarray, np.ndarray]]:
    """The relaxation's arrays, and the earliest arrivals of its arcs on foot or by car, and by bus."""
    places = list(dict.fromkeys(part.place for part in options.parts))
    number = {place: k for k, place in enumerate(places)}
    own = [way for way in options.ways if way.mode != "bus"]
    bus = [way for way in options.ways if way.mode == "bus"]
    cost, last, ready = _least_trips(scenario, options, places)
    deadline = np.full(len(places), np.inf)
    for part in options.parts:
        if part.latest_ms < NEVER:
            deadline[number[part.place]] = max(part.latest_ms, -NEVER) / MINUTE_MS
    problem = PeopleProblem(
        people=np.array([part.people for part in options.parts], dtype=np.int64),
        place=np.array([number[part.place] for part in options.parts], dtype=np.int64),
        room=np.array(options.room, dtype=np.int64),
        arc_group=np.array([way.part for way in own], dtype=np.int64),
        arc_shelter=np.array([way.shelter for way in own], dtype=np.int64),
        bus_group=np.array([way.part for way in bus], dtype=np.int64),
        bus_shelter=np.array([way.shelter for way in bus], dtype=np.int64),
        seats=np.array([one.seats for one in options.buses], dtype=np.int64),
        ready=ready,
        cost=cost,
        last=last,
        deadline=deadline,
        alight=scenario.response.value("evacuation.alight"),
        arc_by_car=np.array([way.mode == "car" for way in own], dtype=np.bool_),
    )
    arrive = (np.array([way.arrive_ms for way in own], dtype=np.int64),
              np.array([way.arrive_ms for way in bus], dtype=np.int64))  # fmt: skip
    return problem, arrive


def _least_trips(scenario: Scenario, options: WaysOut, places: list[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Least minutes of a bus's trip to each place, roads open and at full speed; of its part after leaving; its begin.

    A bus's first trip boards at a place when the bus is there and people are ready; less the least way in, of all
    places the earliest, that is when its trips can be thought to begin.
    """
    cost = np.full((len(options.buses), len(places)), np.inf)
    last, begin = np.full_like(cost, np.inf), np.full_like(cost, np.inf)
    if not options.buses or not options.shelters:
        return cost, last, np.array([bus.free_ms / MINUTE_MS for bus in options.buses])
    free = replace(scenario, pace_start_ms=(0,), pace_permille=(max(1000, *scenario.pace_permille),))
    roads = evacuation_travel(free, no_disruption())
    board, alight = (scenario.response.value(f"evacuation.{step}") for step in ("board", "alight"))
    shelters = [roads.index[name] for name in options.shelters]
    ready = {place: min(part.ready_ms for part in options.parts if part.place == place) for place in places}
    columns = [k for k, place in enumerate(places) if place in roads.index]
    at = [roads.index[places[k]] for k in columns]
    waiting = np.array([ready[places[k]] for k in columns], dtype=np.int64)
    for vehicle_class in dict.fromkeys(bus.vehicle_class for bus in options.buses):
        back = np.min([arrivals(roads, vehicle_class, name, 0)[at] for name in options.shelters], axis=0)
        out = np.array([arrivals(roads, vehicle_class, places[k], 0)[shelters].min() for k in columns])
        for number, bus in enumerate(options.buses):
            if bus.vehicle_class != vehicle_class:
                continue
            first = arrivals(roads, vehicle_class, bus.base, 0)[at]
            into = np.minimum(back, first)
            able = (into < NEVER) & (out < NEVER)
            rows = np.array(columns)[able]
            last[number, rows] = out[able] / MINUTE_MS + alight
            cost[number, rows] = into[able] / MINUTE_MS + board + last[number, rows]
            there = np.maximum(bus.free_ms + np.minimum(first, NEVER >> 1), waiting)
            begin[number, rows] = (there - into)[able] / MINUTE_MS
    return cost, last, np.where(np.isfinite(begin), begin, np.inf).min(axis=1, initial=np.inf)


def _soonest(
    problem: PeopleProblem, arrive: tuple[np.ndarray, np.ndarray], people: int, known_ms: int, options: WaysOut
) -> int:
    """Earliest instant by which the relaxation lets so many arrive, at most the known one."""
    if people == 0 or not options.ways:
        return known_ms
    low, high = min(way.arrive_ms for way in options.ways) - 1, known_ms
    while high - low > 1:
        middle = (low + high) // 2
        if people_bound(_until(problem, arrive, middle)) >= people - 1e-6:
            high = middle
        else:
            low = middle
    return high


@dataclass(frozen=True, eq=False)
class _Queue:
    """The relaxation with roads that take only so many cars."""

    problem: PeopleProblem
    arrive: tuple[np.ndarray, np.ndarray]
    cars: RoadsOut
    people: int

    def most(self, until_ms: int) -> float:
        """People that can have arrived by an instant, as many as are asked about at most."""
        by_car = float(most_arrived(self.cars, [until_ms])[0])
        reduced = replace(_until(self.problem, self.arrive, until_ms), by_car=by_car)
        return min(people_bound(reduced), float(self.people))

    def soonest_ms(self, low: int, high: int) -> int:
        """Instant before which not all of them can have arrived: within a five-hundredth of what is to be closed."""
        if low >= high or self.most(low) >= self.people - 1e-6:
            return low
        fine = (high - low) // _FINE
        while high - low > 1 + fine:
            middle = (low + high) // 2
            if self.most(middle) >= self.people - 1e-6:
                high = middle
            else:
                low = middle
        return low + 1

    def least_minutes(self, first_ms: int, last_ms: int, options: WaysOut) -> int:
        """Minutes that they need together: at every instant those count who cannot have arrived by the next."""
        instants = np.linspace(first_ms, last_ms, _STEPS + 1).astype(np.int64)
        waiting = [max(0.0, self.people - self.most(int(instant))) for instant in instants[1:]]
        told = np.repeat([part.told_ms for part in options.parts], [part.people for part in options.parts])
        latest_told = int(np.sort(told)[::-1][: self.people].sum())
        total = self.people * first_ms + float(np.dot(np.diff(instants), waiting)) - latest_told
        return max(0, math.floor(total / MINUTE_MS))


def _until(problem: PeopleProblem, arrive: tuple[np.ndarray, np.ndarray], until_ms: int) -> PeopleProblem:
    """The relaxation without what arrives later."""
    own, bus = arrive[0] <= until_ms, arrive[1] <= until_ms
    return replace(
        problem,
        arc_group=problem.arc_group[own],
        arc_shelter=problem.arc_shelter[own],
        arc_by_car=None if problem.arc_by_car is None else problem.arc_by_car[own],
        bus_group=problem.bus_group[bus],
        bus_shelter=problem.bus_shelter[bus],
        until=until_ms / MINUTE_MS,
    )


def _fewest_minutes(options: WaysOut, people: int) -> int:
    """Least person-minutes of so many people, every way at its earliest and taking everybody."""
    parts, shelters = len(options.parts), len(options.shelters)
    start, end = parts + shelters, parts + shelters + 1
    arcs = [(start, k, part.people, 0) for k, part in enumerate(options.parts)]
    arcs += [(parts + s, end, room, 0) for s, room in enumerate(options.room)]
    arcs += [
        (way.part, parts + way.shelter, options.parts[way.part].people,
         max(0, way.arrive_ms - options.parts[way.part].told_ms))
        for way in options.ways
    ]  # fmt: skip
    if not arcs:
        return 0
    supply = np.zeros(end + 1, dtype=np.int64)
    supply[start], supply[end] = people, -people
    tail, head, capacity, cost = (np.array(column, dtype=np.int64) for column in zip(*arcs, strict=True))
    flow = min_cost_flow(tail, head, capacity, cost, supply)
    return flow.cost // MINUTE_MS if flow.feasible else 0
