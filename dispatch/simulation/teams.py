"""The teams on one night: turned out, on the road, on foot, at work, relieved, done; or cut off and not done.

A hook of the simulation. Teams keep the plan's order of tasks; turn-out, speed and work vary, roads close sooner or
later. The teams of one part of a task begin together. Where a task opens a road again, it is open for the trucks from
then on, and headquarters reckon with the planned hour until then. Without randomness this is the plan's own timetable.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np

from dispatch.roads.travel import Travel
from dispatch.simulation.draws import RandomDraws, triangular
from dispatch.simulation.evacuation_roads import TonightsRoads, journey
from dispatch.simulation.party_roads import roads_tonight
from dispatch.simulation.run import Run
from dispatch.teams.called import TeamCalled, team_profiles, teams_called, walk_ms
from dispatch.teams.cleared import CLEARED, cleared_rows

__all__ = ["deploy"]

Row = dict[str, Any]


@dataclass(frozen=True, eq=False)
class _Cast:
    """The plan's deployments made ready for any number of nights.

    ``groups``: rows of one task that begin together, in the order of time; ``part_of``: group of each deployment.
    """

    teams: dict[str, TeamCalled]
    rows: dict[str, tuple[Row, ...]]
    groups: tuple[tuple[Row, ...], ...]
    part_of: dict[str, int]
    edges: dict[str, np.ndarray[Any, np.dtype[np.int64]]]
    tasks: dict[str, Row]
    ends: dict[str, tuple[int, int]]
    cleared: dict[str, tuple[int, ...]]
    unserved: tuple[Row, ...]


@dataclass(eq=False)
class _Group:
    """Teams that work on one part of a task: who has come, and the events that others wait for."""

    rows: tuple[Row, ...]
    here: list[Row] = field(default_factory=list)
    lost: int = 0
    all_here: Any = None
    done: Any = None
    finished: bool = False
    last: int = -1


def deploy(run: Run, order: int) -> None:
    """Hook: start every team that the plan sends, and write down what it does not do."""
    if run.stage.scenario.tasks is None:
        return
    _Night(run, _cast(run), order).start()


def _cast(run: Run) -> _Cast:
    stage = run.stage
    if "teams" in stage.memory:
        return stage.memory["teams"]  # type: ignore[return-value]
    scenario, plan = stage.scenario, stage.plan
    assert scenario.tasks is not None
    rows: list[Row] = plan.deployments.sort_values(["team", "sequence"], kind="stable").to_dict("records")
    by_team: dict[str, list[Row]] = defaultdict(list)
    by_part: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for row in rows:
        by_team[row["team"]].append(row)
        by_part[row["task"], row["begin_ms"]].append(row)
    groups = tuple(tuple(by_part[key]) for key in sorted(by_part, key=lambda key: (key[1], key[0])))
    index = scenario.network.edge_index
    used = set(plan.deployments["path"])
    edges = {
        path: np.array([index[edge] for edge in of], dtype=np.int64)
        for path, of in zip(plan.paths["path"], plan.paths["edges"], strict=True) if path in used
    }  # fmt: skip
    tasks = {row["task"]: row for row in scenario.tasks.tasks.to_dict("records")}
    unserved = plan.unserved[plan.unserved["kind"] == "task"]
    made = _Cast(
        teams={team.team: team for team in teams_called(scenario)},
        rows={team: tuple(of) for team, of in by_team.items()},
        groups=groups,
        part_of={row["deployment"]: k for k, group in enumerate(groups) for row in group},
        edges=edges,
        tasks=tasks,
        ends=_road_ends(run, rows, edges, tasks),
        cleared={
            task: tuple(cleared_rows(scenario, task).tolist())
            for task in dict.fromkeys(plan.deployments["task"]) if tasks[task]["kind"] in CLEARED
        },
        unserved=tuple(unserved.to_dict("records")),
    )  # fmt: skip
    stage.memory["teams"] = made
    return made


def _road_ends(run: Run, rows: list[Row], edges: dict[str, Any], tasks: dict[str, Row]) -> dict[str, tuple[int, int]]:
    """Sites that teams reach on foot: the junction at which their vehicle stays, and the walk."""
    scenario, network = run.stage.scenario, run.stage.scenario.network
    ends = {}
    for row in rows:
        _, last = _walked(run, row)
        if last:
            way = edges[row["path"]][-last:]
            metres = float(network.length_m[way].sum())
            ends[tasks[row["task"]]["site"]] = (int(network.graph.tail[way[0]]), walk_ms(scenario, metres))
    return ends


def _walked(run: Run, row: Row) -> tuple[int, int]:
    """Edges walked at the beginning and at the end of a deployment's way."""
    out, back = run.stage.plan.meta.get("teams", {}).get("on_foot", {}).get(row["deployment"], (0, 0))
    return int(out), int(back)


class _Night:
    """One night's teams."""

    def __init__(self, run: Run, cast: _Cast, order: int) -> None:
        import simpy

        self.run, self.cast, self.order = run, cast, order
        self.record = run.recorder.record
        self.groups = [_Group(rows, all_here=run.env.event(), done=run.env.event()) for rows in cast.groups]
        self.late_ms = run.night.late_ms
        assert run.stage.scenario.tasks is not None
        self.commanders = simpy.Resource(run.env, run.stage.scenario.tasks.commanders)
        self.fires: dict[str, Any] = {}
        self.posted: dict[str, int] = {}
        self._roads: Travel | None = None

    def start(self) -> None:
        """Tasks are given; every team and every part of a task is a process."""
        env, night = self.run.env, self.run.night
        begin = max(env.now, night.order_ms)
        for task in dict.fromkeys(rows[0]["task"] for rows in self.cast.groups):
            of = self.cast.tasks[task]
            self.posted[task] = self.record(begin, "task_posted", "county", "headquarters", self.order,
                                            place=of["site"], quantity=float(of["person_min"]),
                                            detail=task)  # fmt: skip
            rows = self.cast.cleared.get(task, ())
            if rows:
                ends = max(group[0]["end_ms"] for group in self.cast.groups if group[0]["task"] == task)
                night.estimate(rows, ends + self.late_ms, begin)
                for closure in rows:
                    self.run.cleared.setdefault(int(self.run.stage.rows.edge[closure]), env.event())
        for row in self.cast.unserved:
            self.record(begin, "task_dropped", "county", "headquarters", self.order,
                        place=self.cast.tasks[row["subject"]]["site"],
                        detail=f"{row['subject']} {row['cause']}")  # fmt: skip
        for team in self.cast.rows:
            env.process(self._team(team))
        for number in range(len(self.groups)):
            env.process(self._work(number))
        env.process(self._end())

    def _team(self, name: str) -> Generator[Any, Any, None]:
        """Turn out, then one task after the other."""
        run, env, cast = self.run, self.run.env, self.cast
        team, draws = cast.teams[name], run.night.draws
        waits = team.ready_ms - run.stage.scenario.order_ms
        yield env.timeout(
            max(run.night.order_ms + round(waits * draws.spread("call_up", "turnout", name)) - env.now, 0)
        )
        last = self.record(env.now, "team_ready", name, "team", self.order, place=team.base,
                           quantity=float(team.strength), milestone=f"team {name} ready")  # fmt: skip
        slowness, site = draws.slowness(name), team.base
        for row in cast.rows[name]:
            group = self.groups[cast.part_of[row["deployment"]]]
            yield env.timeout(max(row["leave_ms"] + self.late_ms - env.now, 0))
            task = cast.tasks[row["task"]]
            mark = f"team {name} task {row['sequence']}"
            arrived = True
            if row["path"] or site != task["site"]:
                last = self.record(env.now, "team_sets_out", name, "team", last, place=task["site"],
                                   path=row["path"], origin=site, destination=task["site"], detail=row["task"],
                                   milestone=f"{mark} sets out")  # fmt: skip
                arrived, last = yield from self._go(row, team, site, slowness, last, mark)
            if not arrived:
                group.lost += 1
                self._check_all(group)
                self.record(env.now, "task_dropped", name, "team", last, place=task["site"], detail=row["task"])
                continue
            site = task["site"]
            group.here.append(row)
            group.last = last
            self._check_all(group)
            yield group.done
            last = group.last

    def _go(
        self, row: Row, team: TeamCalled, site: str, slowness: int, last: int, mark: str
    ) -> Generator[Any, Any, tuple[bool, int]]:
        """Drive as planned, round or wait where the road is closed; then walk."""
        env, to = self.run.env, self.cast.tasks[row["task"]]["site"]
        tonight = TonightsRoads(self._travel(), {}, (to,))
        edges = self.cast.edges.get(row["path"], np.zeros(0, dtype=np.int64))
        out, back = _walked(self.run, row)
        edges = edges[out : len(edges) - back]
        went = journey(tonight, team.vehicle_class, site, (to,), edges, env.now, 0, slowness)
        if went.met >= 0:
            last = self.record(went.met_ms, "closure_met", team.team, "team", last, place=to,
                               edge=self.run.edge_name(went.met))  # fmt: skip
        if went.arrive_ms >= self.run.night.last_ms:
            yield env.timeout(max(min(went.met_ms, self.run.night.last_ms) - env.now, 0) if went.met >= 0 else 0)
            last = self.record(env.now, "team_cut_off", team.team, "team", last, place=to, detail=row["task"])
            return False, last
        roads = tonight.roads
        walk = int(roads.access_ms[roads.index[to]])
        yield env.timeout(max(went.arrive_ms - walk - env.now, 0))
        if walk > 0:
            last = self.record(env.now, "team_walks", team.team, "team", last, place=to, detail=row["task"],
                               milestone=f"{mark} on foot")  # fmt: skip
            yield env.timeout(walk)
        last = self.record(env.now, "team_arrived", team.team, "team", last, place=to, detail=row["task"],
                           milestone=f"{mark} there")  # fmt: skip
        return True, last

    def _check_all(self, group: _Group) -> None:
        if len(group.here) + group.lost == len(group.rows) and not group.all_here.triggered:
            group.all_here.succeed()

    def _work(self, number: int) -> Generator[Any, Any, None]:
        """One part of a task: everybody is there, what comes before is done, a commander is free; then the work."""
        env, group = self.run.env, self.groups[number]
        name = group.rows[0]["task"]
        task = self.cast.tasks[name]
        yield group.all_here
        yield env.timeout(max(group.rows[0]["begin_ms"] + self.late_ms - env.now, 0))
        before = [self.groups[k] for k, rows in enumerate(self.cast.groups)
                  if rows[0]["task"] in str(task["after"]).split(";")
                  or (rows[0]["task"] == name and k < number)]  # fmt: skip
        for earlier in before:
            if not earlier.done.triggered:
                yield earlier.done
        people = sum(row["strength"] for row in group.here)
        if any(not earlier.finished for earlier in before) or people < task["least"]:
            self._drop(group, task)
            return
        if task["incident"]:
            yield from self._commander(task["incident"])
        for row in group.here:
            group.last = self.record(env.now, "team_at_work", row["team"], "team", group.last, place=task["site"],
                                     quantity=float(row["strength"]), detail=name,
                                     milestone=f"team {row['team']} task {row['sequence']} at work")  # fmt: skip
        planned = sum(row["strength"] for row in group.rows)
        lasts = (group.rows[0]["end_ms"] - group.rows[0]["begin_ms"]) * planned / people * self._spread(name, number)
        yield env.timeout(round(lasts))
        group.finished = True
        later = any(rows[0]["task"] == name for rows in self.cast.groups[number + 1 :])
        for row in group.here:
            event = "team_relieved" if later else "team_done"
            group.last = self.record(env.now, event, row["team"], "team", group.last,
                                     place=task["site"], quantity=float(row["strength"]), detail=name,
                                     milestone=f"team {row['team']} task {row['sequence']} done")  # fmt: skip
        if not later:
            group.last = self.record(env.now, "task_done", "county", "headquarters", group.last, place=task["site"],
                                     quantity=float(task["person_min"]), detail=name,
                                     milestone=f"task {name} done")  # fmt: skip
            self._opens(name, group)
        self._free_commander(task["incident"], number)
        group.done.succeed()

    def _drop(self, group: _Group, task: Row) -> None:
        """What cannot be done is given up; its teams are free."""
        group.last = self.record(self.run.env.now, "task_dropped", "county", "headquarters",
                                 group.last if group.last >= 0 else self.posted[task["task"]], place=task["site"],
                                 detail=task["task"])  # fmt: skip
        self._free_commander(task["incident"], self.groups.index(group))
        group.done.succeed()

    def _commander(self, fire: str) -> Generator[Any, Any, None]:
        """Wait until a commander takes the fire on, if nobody has yet."""
        if fire not in self.fires:
            self.fires[fire] = self.commanders.request()
        if not self.fires[fire].triggered:
            yield self.fires[fire]

    def _free_commander(self, fire: str, number: int) -> None:
        """The fire's last part is over: its commander is free."""
        others = [k for k, rows in enumerate(self.cast.groups)
                  if fire and self.cast.tasks[rows[0]["task"]]["incident"] == fire and k != number
                  and not self.groups[k].done.triggered]  # fmt: skip
        if fire in self.fires and not others:
            self.commanders.release(self.fires.pop(fire))

    def _opens(self, name: str, group: _Group) -> None:
        """The roads that a task clears are open from now on."""
        run, night = self.run, self.run.night
        rows = [row for row in self.cast.cleared.get(name, ()) if night.happens[row]
                and int(night.start_ms[row]) < run.env.now < int(night.end_ms[row])]  # fmt: skip
        if not rows:
            return
        night.reopen(rows, run.env.now)
        self._roads = None
        for edge in dict.fromkeys(int(run.stage.rows.edge[row]) for row in rows):
            name = run.edge_name(edge)
            group.last = self.record(run.env.now, "road_cleared", group.rows[0]["team"], "team", group.last,
                                     edge=name, milestone=f"road {name} cleared")  # fmt: skip
        for row in rows:
            edge = int(run.stage.rows.edge[row])
            run.note_reopened(edge, int(night.start_ms[row]), group.last)
            waiting = run.cleared.pop(edge, None)
            if waiting is not None:
                waiting.succeed()
        run.learn(group.last)

    def _spread(self, task: str, number: int) -> float:
        """Tonight's work over the planned work."""
        draws = self.run.night.draws
        if not isinstance(draws, RandomDraws):
            return 1.0
        low, mode, high = _work_spread()
        return triangular(draws.uniform("team work", f"{task} {number}"), low, mode, high) / ((low + mode + high) / 3)

    def _travel(self) -> Travel:
        """Tonight's roads for teams, with the roads' ends as planned."""
        if self._roads is None:
            roads = roads_tonight(self.run, "teams", team_profiles)
            node, access = roads.node.copy(), roads.access_ms.copy()
            for site, (end, walk) in self.cast.ends.items():
                node[roads.index[site]], access[roads.index[site]] = end, access[roads.index[site]] + walk
            self._roads = replace(roads, node=node, access_ms=access)
        return self._roads

    def _end(self) -> Generator[Any, Any, None]:
        """At the horizon, tasks that are still open."""
        env = self.run.env
        yield env.timeout(max(self.run.night.last_ms - env.now, 0))
        for group in self.groups:
            if not group.done.triggered:
                task = group.rows[0]["task"]
                self.record(env.now, "task_unfinished", "county", "headquarters", self.posted[task],
                            place=self.cast.tasks[task]["site"], detail=task)  # fmt: skip


@cache
def _work_spread() -> tuple[float, float, float]:
    from dispatch.norms import read_norm

    row = next(row for row in read_norm("team_rules") if row["rule"] == "work_spread")
    return float(row["low"]), float(row["value"]), float(row["high"])
