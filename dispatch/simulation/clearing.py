"""Road-clearing and ploughing teams: they drive to closed roads as these become known, work, and reopen them.

What can be cleared and how long that takes is in the norm table ``response`` (section ``clearing``), by cause. The
closure that holds up the most planned trips is cleared first. Once a crew has set out headquarters expect the road to
be open after its way and the usual work; at the spot the crew says how long it will take.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from typing import Any

import numpy as np

from dispatch.clock import MINUTE_MS
from dispatch.simulation.advance import arrival_along, best_way
from dispatch.simulation.order_chain import figure_ms
from dispatch.simulation.run import Run
from dispatch.simulation.tasks import Task, TaskBoard, Team, read_teams, team_process
from models.traversal import FULL, NEVER

__all__ = ["clear_roads"]

SKILL_OF = {"slide": "road_clearing", "debris_flow": "road_clearing", "collapse": "road_clearing", "snow": "ploughing"}
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
    board = TaskBoard(run)
    for crew in crews:
        site = run.stage.site_index.get(crew.base)
        crew.node = run.stage.site_node[site] if site is not None else _nearest_node(run, crew.base)
        if crew.node >= 0:
            run.env.process(team_process(run, board, crew, order, _clear))
    used = Counter(
        int(edge)
        for vehicle in run.stage.vehicles
        for trip in vehicle.trips
        for leg in (trip.to_depot, *(stop.leg for stop in trip.stops))
        for edge in leg.edges
    )
    for number, rows in enumerate(_jobs(run)):
        run.env.process(_post(run, board, number, rows, used, people))


def _jobs(run: Run) -> list[list[int]]:
    """Closures that happen tonight and can be cleared: rows of one road, both directions and all classes together."""
    stage, night, rows = run.stage, run.night, run.stage.rows
    table = stage.scenario.disruption.edges
    permille = table["speed_permille"].to_numpy(dtype=np.float64)
    twin = stage.scenario.network.twin
    jobs: dict[tuple[int, int, int], list[int]] = {}
    for row in np.flatnonzero(night.happens & (permille == 0)).tolist():
        if rows.cause[row] in SKILL_OF and night.start_ms[row] < night.last_ms:
            edge = int(rows.edge[row])
            road = min(edge, int(twin[edge])) if twin[edge] >= 0 else edge
            jobs.setdefault((road, int(night.start_ms[row]), int(night.end_ms[row])), []).append(row)
    return list(jobs.values())


def _post(
    run: Run, board: TaskBoard, number: int, rows: list[int], used: Counter[int], people: int
) -> Generator[Any, Any, None]:
    """Post a job when headquarters know of the closure and have the order."""
    night, stage, env = run.night, run.stage, run.env
    edges = {int(stage.rows.edge[row]) for row in rows}
    start = int(night.start_ms[rows[0]])
    known = max(min(int(stage.rows.known_ms[row]) for row in rows), start, night.order_ms)
    if known >= night.last_ms:
        return
    yield env.timeout(max(known - env.now, 0))
    if night.end_ms[rows[0]] <= env.now:
        return
    cause = stage.rows.cause[rows[0]]
    name = run.edge_name(min(edges))
    closed = run.record_hazard(min(edges), start, int(night.end_ms[rows[0]]))
    for edge in edges:
        run.cleared.setdefault(edge, env.event())
    run.clearing[name] = rows
    posted = run.recorder.record(
        env.now, "task_posted", "county", "headquarters", closed, edge=name, detail=SKILL_OF[cause],
        role=stage.roles.get("clearing", ""),
    )  # fmt: skip
    work = figure_ms(night.draws, f"clearing.{cause}", name)
    urgency = -sum(used[edge] for edge in edges)
    board.post(Task(f"clear {number}", SKILL_OF[cause], name, people, work, urgency, posted))


def _clear(run: Run, team: Team, task: Task) -> Generator[Any, Any, bool]:
    """Drive to the closure, work, reopen the road."""
    env, night, stage = run.env, run.night, run.stage
    network = stage.scenario.network
    rows = run.clearing[task.site]
    edge = network.edge_index[task.site]
    vehicle_class = min(stage.free_ms, key=lambda name: (stage.scenario.profiles[name].gross_t, name))
    ends = (int(network.graph.tail[edge]), int(network.graph.head[edge]))
    known = night.believed(vehicle_class, env.now)
    ways = [best_way(network.drivable, known, team.node, end, env.now, FULL, night.last_ms) for end in ends]
    (_, way), node = min(zip(ways, ends, strict=True), key=lambda found: found[0][0])
    team.last = run.recorder.record(env.now, "team_sets_out", team.team, "team", task.cause, edge=task.site)
    there = _drive_blind(run, vehicle_class, team.node, node, way)
    if there >= night.last_ms or int(night.end_ms[rows[0]]) <= there:
        run.recorder.record(env.now, "task_dropped", team.team, "team", team.last, edge=task.site)
        return False
    usual = run.stage.scenario.response.value(f"clearing.{stage.rows.cause[rows[0]]}")
    night.estimate(rows, there + round(usual * MINUTE_MS), env.now)
    run.learn(team.last)
    yield env.timeout(there - env.now)
    team.node = node
    finish = env.now + task.work_ms
    night.estimate(rows, finish, env.now)
    begun = run.recorder.record(
        env.now, "clearing_starts", team.team, "team", team.last, edge=task.site, detail=str(task.work_ms // 1000)
    )
    yield env.timeout(task.work_ms)
    if int(night.end_ms[rows[0]]) <= env.now:
        return False
    night.reopen(rows, env.now)
    team.last = run.recorder.record(
        env.now, "road_cleared", team.team, "team", begun, edge=task.site, milestone=f"road {task.site} cleared"
    )
    for row in rows:
        one = int(stage.rows.edge[row])
        run.note_reopened(one, int(night.start_ms[row]), team.last)
        event = run.cleared.pop(one, None)
        if event is not None:
            event.succeed()
    run.learn(team.last)
    return True


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
