"""One vehicle on its way: closures met, ways changed, waits, rests.

The driver follows the planned way. At every departure he asks headquarters; if his way is known to be closed and
another is sooner, he takes that. Where the next edge cannot be crossed when he gets there, he learns at the spot when
it reopens and then does what he expects to bring him there first: wait, turn round, or take another road; of equals, he
waits. He also waits where the plan foresaw the closure and he is still in the plan's time. If nothing brings him there
before the horizon he gives that stop up.

A road that closes, unforeseen, while he is on it: he sees it close ahead of him, turns on the spot and drives back to
where he entered it, as long as he drove in. A closing that is known beforehand follows the rule of
``models.traversal``: he does not enter an edge he could not leave in time.
"""

from __future__ import annotations

from collections.abc import Generator
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dispatch.simulation.advance import ARRIVED, REST, STOPPED, advance, arrival_along, best_way
from dispatch.simulation.news import believes, hear, tell
from dispatch.simulation.night import closing_after, closure_at
from dispatch.simulation.playbook import Leg
from dispatch.simulation.run import Run, Vehicle
from dispatch.simulation.trouble import break_down, refuel
from models.traversal import FULL, NEVER

__all__ = ["drive", "drive_to_node"]


def drive(
    run: Run, vehicle: Vehicle, destination: str, planned: Leg, by_plan_ms: int, event: str, milestone: str
) -> Generator[Any, Any, bool]:
    """Drive to a site; False if there is no way (the vehicle then stands where it gave up).

    Parameters
    ----------
    run : Run
    vehicle : Vehicle
    destination : str
    planned : Leg
        Followed if the vehicle stands where it begins.
    by_plan_ms : int
        When the plan has it arrive.
    event : str
        What setting out is called: ``leave``, ``depart`` or ``return``.
    milestone : str
    """
    stage, env = run.stage, run.env
    scenario = stage.scenario
    goal = stage.site_index[destination]
    if vehicle.lost:
        return False
    hear(run, vehicle)
    rested = env.now - vehicle.stopped_ms >= scenario.drive_rest_ms
    driven = 0 if rested else vehicle.driven_ms
    if vehicle.site == goal:
        run.log(vehicle, event, path=planned.path, origin=destination, destination=destination, milestone=milestone)
        vehicle.driven_ms, vehicle.stopped_ms = driven, env.now
        vehicle.departed = vehicle.departed or event == "depart"
        return True
    target = stage.site_node[goal]
    source = vehicle.node if vehicle.site < 0 else stage.site_node[vehicle.site]
    if target < 0 or source < 0:
        vehicle.gave_up = vehicle.last
        return False
    if vehicle.tank_m < inf and vehicle.site >= 0:
        yield from refuel(run, vehicle, planned)
    start = env.now + (stage.access_ms[vehicle.site] if vehicle.site >= 0 else 0)
    due = by_plan_ms - stage.access_ms[goal]
    chosen = _choose(run, vehicle, planned, goal, source, target, start, due)
    if chosen is None:
        return False
    edges, as_planned, cause = chosen
    origin = run.site_names[vehicle.site] if vehicle.site >= 0 else ""
    run.log(vehicle, event, path=planned.path if as_planned else "", origin=origin, destination=destination,
            milestone=milestone)  # fmt: skip
    vehicle.departed = vehicle.departed or event == "depart"
    if not as_planned:
        _log_way(run, vehicle, "reroute", edges, destination, cause)
    vehicle.site, vehicle.node, vehicle.driven_ms = -1, source, driven
    if start > env.now:
        yield env.timeout(start - env.now)
    arrived = yield from _follow(run, vehicle, edges, target, destination, due if as_planned else -NEVER)
    if not arrived:
        vehicle.stopped_ms = env.now
        return False
    if stage.access_ms[goal]:
        yield env.timeout(stage.access_ms[goal])
    vehicle.site, vehicle.node, vehicle.stopped_ms = goal, target, env.now
    return True


def drive_to_node(run: Run, vehicle: Vehicle, node: int, destination: str, milestone: str) -> Generator[Any, Any, bool]:
    """Drive to a junction on the way to a site that no road leads to; False if it cannot be reached."""
    stage, env = run.stage, run.env
    source = vehicle.node if vehicle.site < 0 else stage.site_node[vehicle.site]
    start = env.now + (stage.access_ms[vehicle.site] if vehicle.site >= 0 else 0)
    expected = believes(run, vehicle)
    by, way = best_way(
        stage.scenario.network.drivable, expected, source, node, start, vehicle.slowness, run.night.last_ms
    )
    if by >= NEVER:
        vehicle.gave_up = vehicle.last
        return False
    origin = run.site_names[vehicle.site] if vehicle.site >= 0 else ""
    run.log(vehicle, "depart", origin=origin, destination=destination, milestone="" if vehicle.departed else milestone)
    vehicle.departed = True
    if len(way):
        _log_way(run, vehicle, "reroute", way, destination, vehicle.last)
    vehicle.site, vehicle.node = -1, source
    if start > env.now:
        yield env.timeout(start - env.now)
    arrived = yield from _follow(run, vehicle, way, node, destination, -NEVER)
    vehicle.stopped_ms = env.now
    return bool(arrived)


def _choose(
    run: Run, vehicle: Vehicle, planned: Leg, goal: int, source: int, target: int, start_ms: int, due_ms: int
) -> tuple[NDArray[np.int64], bool, int] | None:
    """Way to set out on, whether it is the planned one, and the cause of a change; None if no way is known."""
    stage = run.stage
    at_origin = vehicle.site >= 0 and stage.site_index.get(planned.origin) == vehicle.site
    key = (vehicle.vehicle_class, planned.path)
    follows = at_origin and stage.site_index.get(planned.destination) == goal and key not in stage.barred
    follows = follows and (planned.path != "" or source == target)
    if follows and key not in stage.touched:
        return planned.edges, True, -1
    expected = believes(run, vehicle)
    along, cause = NEVER, vehicle.last
    if follows:
        along, k, at = arrival_along(expected, planned.edges, 0, start_ms, vehicle.slowness)
        if k < 0 or (along <= due_ms and _foreseen(run, vehicle, int(planned.edges[k]), at)):
            return planned.edges, True, -1
        cause = run.closure_event(vehicle.vehicle_class, int(planned.edges[k]), run.env.now, vehicle.last)
    by, way = best_way(
        stage.scenario.network.drivable, expected, source, target, start_ms, vehicle.slowness, run.night.last_ms
    )
    if by < along:
        return way, False, cause
    if along <= run.night.last_ms:
        return planned.edges, True, -1
    vehicle.gave_up = cause
    return None


def _follow(
    run: Run, vehicle: Vehicle, edges: NDArray[np.int64], target: int, destination: str, due_ms: int
) -> Generator[Any, Any, bool]:
    """Drive along edges, deciding anew where the road is closed, until the target node (by plan at ``due_ms``)."""
    stage, env = run.stage, run.env
    scenario = stage.scenario
    end_ms = run.night.last_ms
    graph, twin = scenario.network.drivable, scenario.network.twin
    came_by = -1
    k = 0
    while True:
        roads = run.night.timed(vehicle.vehicle_class)
        before, since = k, env.now
        stop_ms = NEVER if vehicle.fails_ms >= NEVER else since + vehicle.fails_ms - vehicle.wheel_ms
        k, at, vehicle.driven_ms, why, _ = advance(
            roads, edges, k, env.now, vehicle.driven_ms, vehicle.slowness, scenario.drive_limit_ms,
            scenario.drive_rest_ms, stop_ms,
        )  # fmt: skip
        metres = float(stage.length_m[edges[before:k]].sum())
        vehicle.driven_m += metres
        vehicle.tank_m -= metres
        vehicle.wheel_ms += at - since
        if at > env.now:
            yield env.timeout(at - env.now)
        if k > 0:
            came_by = int(edges[k - 1])
            vehicle.node = int(scenario.network.graph.head[came_by])
        if why == ARRIVED:
            return True
        if why == REST:
            run.log(vehicle, "rest", detail=str(scenario.drive_rest_ms // 1000))
            yield env.timeout(scenario.drive_rest_ms)
            run.log(vehicle, "go_on")
            vehicle.driven_ms = 0
            continue
        if why == STOPPED:
            yield from break_down(run, vehicle)
            if vehicle.lost:
                return False
            continue
        blocking = int(edges[k])
        foreseen = _foreseen(run, vehicle, blocking, env.now)
        turned = yield from _meet(run, vehicle, blocking)
        expected = believes(run, vehicle)
        along, _, _ = arrival_along(expected, edges, k, env.now, vehicle.slowness)
        if foreseen and along <= due_ms:
            yield from _wait(run, vehicle, blocking)
            continue
        if turned:  # he came back against the direction he drove in
            came_by = int(twin[blocking])
        stands = graph.end(came_by) if came_by >= 0 else vehicle.node
        by, way = best_way(graph, expected, stands, target, env.now, vehicle.slowness, min(along, end_ms))
        if by < along:
            if not turned and came_by >= 0 and int(twin[came_by]) == int(way[0]):
                run.log(vehicle, "turn_round", edge=run.edge_name(blocking))
            _log_way(run, vehicle, "reroute", way, destination, vehicle.last)
            edges, k, due_ms = way, 0, -NEVER
        elif along <= end_ms:
            yield from _wait(run, vehicle, blocking)
        else:
            vehicle.gave_up = vehicle.last
            return False


def _foreseen(run: Run, vehicle: Vehicle, edge: int, at_ms: int) -> bool:
    """Whether the edge could not be crossed at that time by forecast either."""
    forecast = run.stage.forecast[vehicle.vehicle_class]
    _, blocked, _ = arrival_along(forecast, np.array([edge], dtype=np.int64), 0, at_ms, vehicle.slowness)
    return blocked == 0


def _meet(run: Run, vehicle: Vehicle, edge: int) -> Generator[Any, Any, bool]:
    """Stand before an edge that cannot be crossed; True if the driver was on it when it closed and came back."""
    env, night = run.env, run.night
    roads = night.timed(vehicle.vehicle_class)
    closing = None if closure_at(roads, edge, env.now) is not None else closing_after(roads, edge, env.now)
    caught = closing is not None and not night.expected(edge, closing, env.now)
    if caught and closing is not None:
        drove = closing - env.now
        yield env.timeout(drove)
        run.meet_closure(vehicle, edge, None, "on it")
        run.log(vehicle, "turn_round", edge=run.edge_name(edge))
        yield env.timeout(drove)
        vehicle.driven_ms += 2 * drove
        crossing = max(int(roads.free_ms[edge]) * vehicle.slowness // FULL, 1)
        vehicle.driven_m += 2 * float(run.stage.length_m[edge]) * min(drove / crossing, 1.0)
    else:
        run.meet_closure(vehicle, edge, closing, "" if closing is None else "closing")
    hear(run, vehicle)
    tell(run, vehicle, edge)
    return caught


def _wait(run: Run, vehicle: Vehicle, edge: int) -> Generator[Any, Any, None]:
    """Wait before an edge until it can be crossed, or a team has cleared it."""
    env, scenario = run.env, run.stage.scenario
    roads = run.night.timed(vehicle.vehicle_class)
    one = np.array([edge], dtype=np.int64)
    _, _, _, _, enter = advance(roads, one, 0, env.now, 0, vehicle.slowness, NEVER, NEVER)
    if enter <= env.now:
        return
    begun, expected = env.now, min(enter, run.night.last_ms + 1) - env.now
    run.log(vehicle, "wait", edge=run.edge_name(edge), detail=str(expected // 1000))
    cleared = run.cleared.get(edge)
    yield env.timeout(expected) if cleared is None else env.any_of([env.timeout(expected), cleared])
    waited = env.now - begun
    if waited >= scenario.drive_rest_ms:
        vehicle.driven_ms = 0
    run.log(vehicle, "go_on", edge=run.edge_name(edge), cause=run.reopen_event(edge, vehicle.last))


def _log_way(run: Run, vehicle: Vehicle, event: str, edges: NDArray[np.int64], destination: str, cause: int) -> None:
    """Write down a way that is not in the plan: its edges stand in ``detail``, apart by spaces."""
    names = run.stage.scenario.network.edge_id
    run.log(vehicle, event, cause=cause, destination=destination, detail=" ".join(names[e] for e in edges))
