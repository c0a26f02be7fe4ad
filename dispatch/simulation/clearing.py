"""Road-clearing and ploughing teams: they drive to closed roads as these become known, work, and reopen them.

What can be cleared and how long that takes is in the norm table ``response`` (section ``clearing``), by cause; a plough
also needs its time for the length of the road. First comes the closure that holds up the most planned trips, then the
one on the most of the straightest ways from the depots in use to the places in need, then the greater road. Once a crew
has set out headquarters expect the road to be open after its way and the usual work; at the spot the crew says how long
it will take. A closure that no crew can reach yet waits until another has been cleared.

Ploughs drive through snow (at ``plough_travel`` of the norm table ``snow_rules``), other crews as the smallest vehicle
may. A ploughed road is bare until the hazard's next interval on it begins.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from typing import Any

import numpy as np

from dispatch.clock import HOUR_MS, MINUTE_MS
from dispatch.norms import read_norm
from dispatch.roads.network import ROAD_CLASSES
from dispatch.simulation.advance import arrival_along, best_way
from dispatch.simulation.order_chain import figure_ms
from dispatch.simulation.run import Run
from dispatch.simulation.tasks import Task, TaskBoard, Team, read_teams, team_process
from models.earliest_arrival import earliest_arrival, path_to
from models.traversal import FULL, NEVER, TimedEdges, time_edges

__all__ = ["clear_roads"]

PLOUGHING = "ploughing"
SKILL_OF = {"slide": "road_clearing", "debris_flow": "road_clearing", "collapse": "road_clearing",
            "snow_ice": PLOUGHING}  # fmt: skip
"""Skill that a cause takes; a norm row ``clearing.CAUSE`` gives the time."""


def clear_roads(run: Run, order: int) -> None:
    """Hook: start the crews, and post every closure that they can end when headquarters know of it."""
    response = run.stage.scenario.response
    if "clearing" not in response:
        return
    people = round(response.value("clearing.people"))
    crews = read_teams(run, frozenset(SKILL_OF.values()), people)
    if not crews:
        return
    ahead = _ahead_ms(run)
    board = TaskBoard(run)
    unreached: list[Task] = []

    def work(run: Run, team: Team, task: Task) -> Generator[Any, Any, bool]:
        done = yield from _clear(run, team, task, unreached)
        if done:
            for waiting in unreached:
                board.post(waiting)
            unreached.clear()
        return done

    for crew in crews:
        site = run.stage.site_index.get(crew.base)
        crew.node = run.stage.site_node[site] if site is not None else _nearest_node(run, crew.base)
        if crew.node >= 0:
            crew.ready_ms -= ahead
            run.env.process(team_process(run, board, crew, -1 if ahead else order, work))
    urgency = _urgency(run)
    for number, rows in enumerate(_jobs(run)):
        run.env.process(_post(run, board, number, rows, urgency, people))


def _ahead_ms(run: Run) -> int:
    """How long before headquarters would give it the crews get their order."""
    return round(run.stage.scenario.response.value("clearing.ahead") * MINUTE_MS)


def _jobs(run: Run) -> list[list[int]]:
    """Closures that happen tonight and can be cleared: rows of one road that begin together, both directions."""
    stage, night, rows = run.stage, run.night, run.stage.rows
    permille = stage.scenario.disruption.edges["speed_permille"].to_numpy(dtype=np.float64)
    jobs: dict[tuple[int, int], list[int]] = {}
    for row in np.flatnonzero(night.happens & (permille == 0)).tolist():
        if rows.cause[row] in SKILL_OF and night.start_ms[row] < min(night.last_ms, night.end_ms[row]):
            jobs.setdefault((_road(run, int(rows.edge[row])), int(night.start_ms[row])), []).append(row)
    return list(jobs.values())


def _road(run: Run, edge: int) -> int:
    """Number of a road: the lower of its two directions."""
    twin = int(run.stage.scenario.network.twin[edge])
    return min(edge, twin) if twin >= 0 else edge


def _urgency(run: Run) -> dict[int, int]:
    """How urgent each road is, the lowest first: planned trips over it, ways it lies on, its class."""
    stage = run.stage
    used = Counter(
        _road(run, int(edge))
        for vehicle in stage.vehicles
        for trip in vehicle.trips
        for leg in (trip.to_depot, *(stop.leg for stop in trip.stops))
        for edge in leg.edges
    )
    ways, rank = _straightest_ways(run), _plough_order(run)
    # No road lies on a million ways, none has a rank of a hundred.
    return {
        road: -(used[road] * 10**8 + ways[road] * 10**2) + rank[road]
        for road in {_road(run, int(edge)) for edge in stage.rows.of_edge}
    }


def _straightest_ways(run: Run) -> Counter[int]:
    """Roads on the fastest ways, were nothing closed, from the depots in use to where people are in need."""
    stage = run.stage
    if "straightest_ways" not in stage.memory:
        graph, roads = stage.scenario.network.drivable, _open_roads(run, stage.free_ms[_smallest(run)])
        sites = [stage.site_node[stage.site_index[need.site]] for need in stage.needs.values()]
        depots = {stage.site_node[stage.site_index[trip.depot]] for vehicle in stage.vehicles for trip in vehicle.trips}
        found: Counter[int] = Counter()
        targets = np.unique(np.array([node for node in sites if node >= 0], dtype=np.int64))
        for depot in sorted(depots):
            at, via = earliest_arrival(graph, roads, depot, 0, targets, slowness=FULL, latest_ms=NEVER - 1)
            for target in targets.tolist():
                if at[target] < NEVER:
                    found.update({_road(run, int(edge)) for edge in path_to(graph, via, target)})
        stage.memory["straightest_ways"] = found
    ways = stage.memory["straightest_ways"]
    assert isinstance(ways, Counter)
    return ways


def _plough_order(run: Run) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Rank of every edge by its class, as the norm table ``snow_roads`` has it."""
    rank = {row["road_class"]: int(row["plough_order"]) for row in read_norm("snow_roads")}
    network = run.stage.scenario.network
    return np.array([rank[name] for name in ROAD_CLASSES], dtype=np.int64)[network.road_class]


def _post(
    run: Run, board: TaskBoard, number: int, rows: list[int], urgency: dict[int, int], people: int
) -> Generator[Any, Any, None]:
    """Post a job when headquarters know of the closure and have the order."""
    night, stage, env = run.night, run.stage, run.env
    edges = {int(stage.rows.edge[row]) for row in rows}
    start, end = int(night.start_ms[rows[0]]), max(int(night.end_ms[row]) for row in rows)
    known = max(min(int(stage.rows.known_ms[row]) for row in rows), night.order_ms)
    known = max(known - _ahead_ms(run), start)
    if known >= min(night.last_ms, end):
        return
    yield env.timeout(max(known - env.now, 0))
    active = _closing_now(run, rows)
    if not active:
        return
    cause = stage.rows.cause[rows[0]]
    name = run.edge_name(min(edges))
    closed = run.record_hazard(min(edges), start, end)
    for edge in edges:
        if edge not in run.cleared:
            run.cleared[edge] = env.event()
    run.clearing.setdefault(name, []).extend(rows)
    posted = run.recorder.record(
        env.now, "task_posted", "county", "headquarters", closed, edge=name, detail=SKILL_OF[cause],
        role=stage.roles.get("clearing", ""),
    )  # fmt: skip
    work = _work_ms(run, cause, min(edges), name)
    board.post(Task(f"clear {number}", SKILL_OF[cause], name, people, work, urgency[_road(run, min(edges))], posted))


def _work_ms(run: Run, cause: str, edge: int, name: str) -> int:
    """Work at a closure: the drawn time of its cause, and for a plough the way over the whole road."""
    draws = run.night.draws
    work = figure_ms(draws, f"clearing.{cause}", name)
    if SKILL_OF[cause] == PLOUGHING:
        km = float(run.stage.length_m[edge]) / 1000.0
        work += round(km / draws.figure("clearing.plough_kmh", name) * HOUR_MS)
    return work


def _usual_ms(run: Run, cause: str, edge: int) -> int:
    """What headquarters reckon with before the crew has seen it: the means of ``_work_ms``."""
    value = run.stage.scenario.response.value
    usual = value(f"clearing.{cause}") * MINUTE_MS
    if SKILL_OF[cause] == PLOUGHING:
        usual += float(run.stage.length_m[edge]) / 1000.0 / value("clearing.plough_kmh") * HOUR_MS
    return round(usual)


def _closing_now(run: Run, rows: list[int]) -> list[int]:
    """Those of these rows that close their road at this instant."""
    night, now = run.night, run.env.now
    return [row for row in rows if int(night.start_ms[row]) <= now < int(night.end_ms[row])]


def _ended_by(run: Run, rows: list[int]) -> list[int]:
    """Rows that end when a crew is done: what closes the road now, after a plough what slows it too."""
    ended = _closing_now(run, rows)
    if SKILL_OF[run.stage.rows.cause[rows[0]]] != PLOUGHING:
        return ended
    of_edge, cause = run.stage.rows.of_edge, run.stage.rows.cause
    edges = {int(run.stage.rows.edge[row]) for row in rows}
    snowy = [int(row) for edge in sorted(edges) for row in of_edge[edge] if cause[int(row)] == cause[rows[0]]]
    return _closing_now(run, snowy)


def _clear(run: Run, team: Team, task: Task, unreached: list[Task]) -> Generator[Any, Any, bool]:
    """Drive to the closure, work, reopen the road; one out of reach, which clearing may change, to ``unreached``."""
    env, night, stage = run.env, run.night, run.stage
    network = stage.scenario.network
    rows = run.clearing[task.site]
    edge = network.edge_index[task.site]
    ends = (int(network.graph.tail[edge]), int(network.graph.head[edge]))
    if not _closing_now(run, rows):
        return False
    team.last = run.recorder.record(env.now, "team_sets_out", team.team, "team", task.cause, edge=task.site)
    there, node = _drive(run, team, ends, task.skill)
    if there >= night.last_ms or max(int(night.end_ms[row]) for row in rows) <= there:
        run.recorder.record(env.now, "task_dropped", team.team, "team", team.last, edge=task.site)
        if there >= night.last_ms and task.skill != PLOUGHING:
            unreached.append(task)
        return False
    cause = stage.rows.cause[rows[0]]
    coming = _closing_now(run, rows)
    night.estimate(coming, there + _usual_ms(run, cause, edge), env.now)
    run.learn(team.last)
    yield env.timeout(there - env.now)
    team.node = node
    finish = env.now + task.work_ms
    night.estimate(_closing_now(run, rows), finish, env.now)
    begun = run.recorder.record(
        env.now, "clearing_starts", team.team, "team", team.last, edge=task.site, detail=str(task.work_ms // 1000)
    )
    yield env.timeout(task.work_ms)
    ended = _ended_by(run, rows)
    if not ended:
        return False
    night.reopen(ended, env.now)
    team.last = run.recorder.record(
        env.now, "road_cleared", team.team, "team", begun, edge=task.site, milestone=f"road {task.site} cleared"
    )
    for row in ended:
        one = int(stage.rows.edge[row])
        run.note_reopened(one, int(night.start_ms[row]), team.last)
        event = run.cleared.pop(one, None)
        if event is not None:
            event.succeed()
    run.learn(team.last)
    return True


def _drive(run: Run, team: Team, ends: tuple[int, int], skill: str) -> tuple[int, int]:
    """When a crew is at the nearer end of a closure, and which end; ``NEVER`` if it cannot go.

    A plough drives through snow at its own speed; others take the best way that is known, and wait where it turns out
    closed.
    """
    night, stage, now = run.night, run.stage, run.env.now
    graph, smallest = stage.scenario.network.drivable, _smallest(run)
    if skill == PLOUGHING:
        roads = _ploughable(run)
        ways = [best_way(graph, roads, team.node, end, now, FULL, night.last_ms) for end in ends]
        (there, _), node = min(zip(ways, ends, strict=True), key=lambda found: found[0][0])
        return there, node
    known = night.believed(smallest, now)
    ways = [best_way(graph, known, team.node, end, now, FULL, night.last_ms) for end in ends]
    (_, way), node = min(zip(ways, ends, strict=True), key=lambda found: found[0][0])
    return _drive_blind(run, smallest, team.node, node, way), node


def _smallest(run: Run) -> str:
    """The vehicle class that most roads let pass."""
    profiles = run.stage.scenario.profiles
    return min(run.stage.free_ms, key=lambda name: (profiles[name].gross_t, name))


def _ploughable(run: Run) -> TimedEdges:
    """Roads of the night as a plough sees them: no snow, and nowhere faster than it travels."""
    stage = run.stage
    if "ploughable" not in stage.memory:
        kmh = {row["rule"]: float(row["value"]) for row in read_norm("snow_rules")}["plough_travel"]
        free = stage.free_ms[_smallest(run)]
        own = np.floor(stage.length_m / 1000.0 / kmh * HOUR_MS + 0.5).astype(np.int64)
        stage.memory["ploughable"] = _open_roads(run, np.where(free >= NEVER, NEVER, np.maximum(free, own)))
    roads = stage.memory["ploughable"]
    assert isinstance(roads, TimedEdges)
    return roads


def _open_roads(run: Run, free_ms: np.ndarray[Any, np.dtype[np.int64]]) -> TimedEdges:
    """These crossing times without any hazard."""
    empty, pace = np.empty(0, dtype=np.int64), run.stage.scenario
    return time_edges(
        free_ms, empty, empty, empty, empty, np.array(pace.pace_start_ms, dtype=np.int64),
        np.array(pace.pace_permille, dtype=np.int64),
    )  # fmt: skip


def _drive_blind(run: Run, vehicle_class: str, source: int, target: int, way: Any) -> int:
    """When a crew is there: along the way it knows, waiting where it turns out closed; ``NEVER`` if it cannot go."""
    if source == target:
        return int(run.env.now)
    if not len(way):
        return NEVER
    at, _, _ = arrival_along(run.night.timed(vehicle_class), way, 0, run.env.now, FULL)
    return at


def _nearest_node(run: Run, base: str) -> int:
    """Junction nearest to a facility or place that is no site of the scenario; -1 if it has no position."""
    county, network = run.stage.scenario.county, run.stage.scenario.network
    for table, key in (("facilities", "facility"), ("depots", "depot"), ("places", "place")):
        rows = county.table(table)
        rows = rows[(rows[key] == base) & rows["lon"].notna()]
        if len(rows):
            lon, lat = float(rows["lon"].iloc[0]), float(rows["lat"].iloc[0])
            x = (network.node_lon - lon) * np.cos(np.radians(lat))
            return int(np.argmin(np.hypot(x, network.node_lat - lat)))
    return -1
