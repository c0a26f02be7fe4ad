"""Are the teams' deployments true? Every rule of the table ``deployments``, from it and the scenario alone.

Nothing of the planner is used: ways are driven again over the forecast roads, work is counted minute by minute of each
team's duty, and the figures of ``meta["teams"]`` are recomputed.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Generator, Iterable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from dispatch.clock import MINUTE_MS
from dispatch.planning.plan import DEPLOYMENT_COLUMNS, Plan
from dispatch.planning.violation import Violation
from dispatch.roads.travel import Travel, arrivals, forbidden_turn
from dispatch.scenario import Scenario
from dispatch.scenario_tasks import team_rules
from dispatch.teams.called import AMBULANCE, TeamCalled, team_roads, team_travel, teams_called, walk_ms, walkable
from models.traversal import NEVER, traverse_path

__all__ = ["check_teams"]

Row = dict[str, Any]


def check_teams(plan: Plan, scenario: Scenario) -> list[Violation]:
    """Find what breaks a rule of deployments.

    Rules: rows name what exists; a team has the skill, is not called before its echelon or sent before it has turned
    out, puts no more people to work than it has, is at one task at a time, goes connected ways that are open to its
    vehicle, on foot no farther than the limit, and works within its shift; a task is worked on within its window,
    after what comes before it, by enough and not too many people, by one team where only one may; it is done in full
    (tired teams work slower) or listed with a cause; no more fires are fought at once than there are commanders;
    patients are taken to hospitals with room; the objective says what the deployments say.

    Parameters
    ----------
    plan : Plan
    scenario : Scenario

    Returns
    -------
    list of Violation
        Empty where the scenario has no tasks and the plan no deployments.
    """
    order = scenario.tasks
    if order is None:
        return [Violation("teams_none", value=len(plan.deployments))] if len(plan.deployments) else []
    unserved = plan.unserved[plan.unserved["kind"] == "task"]
    if plan.deployments.empty and unserved.empty and "teams" not in plan.meta:
        return []
    missing = [name for name in DEPLOYMENT_COLUMNS if name not in plan.deployments.columns]
    if missing:
        return [Violation("table_columns", what=f"deployments.{missing[0]}", value="–", limit="–")]
    checker = _Checker(plan, scenario)
    rows: list[Row] = [row for row in plan.deployments.to_dict("records") if not checker.unknown(row)]
    return [
        *checker.found,
        *checker.teams(rows),
        *(wrong for row in rows for wrong in checker.window(row)),
        *checker.tasks(rows, unserved.to_dict("records")),
        *checker.commanders(rows),
        *checker.hospitals(rows),
        *checker.objective(rows),
    ]


class _Checker:
    """The scenario's facts, looked up once."""

    def __init__(self, plan: Plan, scenario: Scenario) -> None:
        assert scenario.tasks is not None
        self.plan, self.scenario = plan, scenario
        self.meta: Row = dict(plan.meta.get("teams", {}))
        self.called = {team.team: team for team in teams_called(scenario, without=tuple(self.meta.get("without", ())))}
        self.tasks_of: dict[str, Row] = {row["task"]: row for row in scenario.tasks.tasks.to_dict("records")}
        self.roads: Travel = team_travel(scenario)
        self.rules = team_rules()
        self.paths: dict[str, Row] = {row["path"]: row for row in plan.paths.to_dict("records")}
        self.found: list[Violation] = []
        self.duty_from: dict[str, int] = {}
        self.may_walk = walkable(scenario)

    def unknown(self, row: Row) -> bool:
        """Note what a row names that does not exist; True if it cannot be looked at further."""
        where = {"what": row["deployment"]}
        wrong = []
        if row["team"] not in self.called:
            wrong.append(Violation("teams_team", **where, value=row["team"]))
        if row["task"] not in self.tasks_of:
            wrong.append(Violation("teams_task", **where, value=row["task"]))
        elif self.tasks_of[row["task"]]["site"] not in self.roads.index:
            wrong.append(Violation("unknown_site", **where, value=self.tasks_of[row["task"]]["site"]))
        if row["start_site"] not in self.roads.index:
            wrong.append(Violation("unknown_site", **where, value=row["start_site"]))
        if row["path"] and row["path"] not in self.paths:
            wrong.append(Violation("unknown_path", **where, path=row["path"], value=row["path"]))
        elif row["path"]:
            lost = [edge for edge in self.paths[row["path"]]["edges"] if edge not in self.scenario.network.edge_index]
            wrong += [Violation("unknown_edge", **where, path=row["path"], value=edge) for edge in lost[:1]]
        self.found += wrong
        return bool(wrong)

    def teams(self, rows: list[Row]) -> Iterator[Violation]:
        """One team after the other through its rows."""
        of: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            of[row["team"]].append(row)
        for name, mine in of.items():
            mine.sort(key=lambda row: row["sequence"])
            team = self.called[name]
            self.duty_from[name] = int(mine[0]["leave_ms"])
            if [row["sequence"] for row in mine] != list(range(1, len(mine) + 1)):
                listed = ", ".join(str(row["sequence"]) for row in mine)
                yield Violation("teams_sequence", what=name, value=listed)
            stands, free = team.base, team.ready_ms
            node: int = int(self.roads.node[self.roads.index[team.base]])
            for row in mine:
                task = self.tasks_of[row["task"]]
                where = {"what": row["deployment"], "place": task["site"]}
                if row["skill"] not in team.skills or row["skill"] not in _words(task["skills"]):
                    yield Violation("teams_skill", **where, value=row["skill"])
                if not 0 < row["strength"] <= team.strength:
                    yield Violation("teams_people", **where, value=row["strength"], limit=team.strength)
                if row["start_site"] != stands:
                    yield Violation("teams_start", **where, value=row["start_site"], limit=stands)
                if row["leave_ms"] < free:
                    yield Violation("teams_busy", **where, value=row["leave_ms"], limit=free, unit="time")
                node = yield from self._way(row, team, task, node)
                stands, free = task["site"], int(row["end_ms"])
            end = self.duty_from[name] + team.duty_ms
            if free > end:
                yield Violation("teams_shift", what=name, value=free, limit=end, unit="time")

    def _way(self, row: Row, team: TeamCalled, task: Row, vehicle: int) -> Generator[Violation, None, int]:
        """Drive a row's way again; where its vehicle stands afterwards."""
        where = {"what": row["deployment"], "place": task["site"], "path": row["path"]}
        to, origin = self.roads.index[task["site"]], self.roads.index[row["start_site"]]
        if row["start_site"] == task["site"] and not row["path"]:
            if row["begin_ms"] < row["leave_ms"]:
                yield Violation("teams_begin", **where, value=row["begin_ms"], limit=row["leave_ms"], unit="time")
            return vehicle
        graph, network = self.roads.network.graph, self.roads.network
        edges = [network.edge_index[name] for name in self.paths[row["path"]]["edges"]] if row["path"] else []
        used_as = self.paths[row["path"]]["vehicle_class"] if row["path"] else team.vehicle_class
        if used_as != team.vehicle_class:
            yield Violation("teams_vehicle", **where, value=used_as, limit=team.vehicle_class)
            return vehicle
        at = node = int(self.roads.node[origin])
        for edge in edges:
            if int(graph.tail[edge]) != at:
                yield Violation("teams_broken_way", **where, value=str(network.edge_id[edge]))
                return vehicle
            at = int(graph.head[edge])
        turn = forbidden_turn(network, np.array(edges, dtype=np.int64)) if edges else None
        if turn is not None:
            yield Violation("teams_broken_way", **where, value=" ".join(turn))
        out, back = (int(count) for count in self.meta.get("on_foot", {}).get(row["deployment"], (0, 0)))
        walked = [edges[:out], edges[len(edges) - back :]]
        stands = int(graph.tail[edges[out]]) if len(edges) > out + back else node
        if (out and stands != vehicle) or (not out and node != vehicle and edges):
            yield Violation("teams_broken_way", **where, value=row["start_site"])
        for part in walked:
            metres = float(network.length_m[part].sum()) if part else 0.0
            if metres > self.rules["walk_limit"] * 1000 or (part and not self.may_walk[part].all()):
                yield Violation("teams_walk", **where, value=metres, limit=self.rules["walk_limit"] * 1000)
        now = int(row["leave_ms"]) + self._walk(origin, walked[0])
        now = self._driven(now, edges[out : len(edges) - back], team)
        if now >= NEVER or row["road_end_ms"] != now:
            limit = now if now < NEVER else math.nan
            yield Violation("teams_road_end", **where, value=row["road_end_ms"], limit=limit, unit="time")
        if at != int(self.roads.node[to]):
            yield Violation("teams_broken_way", **where, value=task["site"])
        begin = int(row["road_end_ms"]) + self._walk(to, walked[1])
        if row["begin_ms"] < begin:
            yield Violation("teams_begin", **where, value=row["begin_ms"], limit=begin, unit="time")
        driven = edges[out : len(edges) - back]
        return int(graph.head[driven[-1]]) if driven else vehicle

    def _driven(self, now: int, edges: list[int], team: TeamCalled) -> int:
        """When a way is driven to its end, with rests; ``NEVER`` if it is closed for good."""
        timed, driven = self.roads.timed[team.vehicle_class], 0
        k = 0
        while k < len(edges):
            enter, leave = traverse_path(timed, np.array(edges[k : k + 1], dtype=np.int64), now)
            if leave[0] >= NEVER:
                return NEVER
            driven = 0 if enter[0] - now >= self.roads.drive_rest_ms else driven
            if driven > 0 and driven + int(leave[0] - enter[0]) > self.roads.drive_limit_ms:
                now, driven = now + self.roads.drive_rest_ms, 0
                continue
            driven += int(leave[0] - enter[0])
            now = int(leave[0])
            k += 1
        return now

    def _walk(self, index: int, edges: list[int]) -> int:
        """On foot between a site and the junction at which the vehicle stands."""
        metres = float(self.roads.network.length_m[edges].sum()) if edges else 0.0
        return int(self.roads.access_ms[index]) + (walk_ms(self.scenario, metres) if edges else 0)

    def window(self, row: Row) -> Iterator[Violation]:
        """Within the task's window, and not backwards."""
        task = self.tasks_of[row["task"]]
        where = {"what": row["deployment"], "place": task["site"], "unit": "time"}
        if row["begin_ms"] < task["release_ms"]:
            yield Violation("teams_early", **where, value=row["begin_ms"], limit=task["release_ms"])
        if row["end_ms"] > task["due_ms"]:
            yield Violation("teams_late", **where, value=row["end_ms"], limit=task["due_ms"])
        if row["end_ms"] < row["begin_ms"]:
            yield Violation("teams_backwards", **where, value=row["end_ms"], limit=row["begin_ms"])

    def tasks(self, rows: list[Row], unserved: list[Row]) -> Iterator[Violation]:
        """Done in full by enough people in the right order, or listed."""
        of: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            of[row["task"]].append(row)
        listed = {row["subject"]: row for row in unserved}
        for name in listed.keys() - self.tasks_of.keys():
            yield Violation("teams_task", what=name, value=name)
        for name, task in self.tasks_of.items():
            where = {"what": name, "place": task["site"]}
            mine = of.get(name, [])
            if name in listed:
                if mine:
                    yield Violation("teams_both", **where, value=len(mine))
                if int(listed[name]["amount"]) != int(task["person_min"]) or not listed[name]["cause"]:
                    yield Violation("teams_amount", **where, value=int(listed[name]["amount"]),
                                    limit=int(task["person_min"]))  # fmt: skip
                continue
            if not mine:
                yield Violation("teams_forgotten", **where, value=int(task["person_min"]))
                continue
            done = math.fsum(self._work(row) for row in mine)
            if done < task["person_min"] - 1e-6:
                yield Violation("teams_work", **where, value=done, limit=int(task["person_min"]))
            yield from self._crowd(where, task, mine)
            begin = min(row["begin_ms"] for row in mine)
            for before in _words(task["after"]):
                ended = max((row["end_ms"] for row in of.get(before, ())), default=NEVER)
                if begin < ended:
                    yield Violation("teams_order", **where, value=before)

    def _work(self, row: Row) -> float:
        """Person-minutes of a row, slower after the team's fresh hours."""
        team = self.called[row["team"]]
        tired_from = self.duty_from[row["team"]] + team.fresh_ms
        fresh = min(max(tired_from - row["begin_ms"], 0), row["end_ms"] - row["begin_ms"])
        rest = row["end_ms"] - row["begin_ms"] - fresh
        return float(row["strength"] * (fresh + self.rules["tired_rate"] * rest) / MINUTE_MS)

    def _crowd(self, where: Row, task: Row, rows: list[Row]) -> Iterator[Violation]:
        """People at work between any two changes."""
        for start, end in pairwise(sorted({row[name] for row in rows for name in ("begin_ms", "end_ms")})):
            there = [row for row in rows if row["begin_ms"] <= start and row["end_ms"] >= end]
            people = sum(row["strength"] for row in there)
            if there and people < task["least"]:
                yield Violation("teams_few", **where, value=people, limit=int(task["least"]))
            if people > task["most"]:
                yield Violation("teams_many", **where, value=people, limit=int(task["most"]))
            if len(there) > 1 and not task["together"]:
                yield Violation("teams_together", **where, value=len(there), limit=1)

    def commanders(self, rows: list[Row]) -> Iterator[Violation]:
        """Fires fought at once."""
        assert self.scenario.tasks is not None
        spans: dict[str, tuple[int, int]] = {}
        for row in rows:
            fire = self.tasks_of[row["task"]]["incident"]
            if fire:
                start, end = spans.get(fire, (row["begin_ms"], row["end_ms"]))
                spans[fire] = (min(start, row["begin_ms"]), max(end, row["end_ms"]))
        for start, _ in spans.values():
            at_once = sum(1 for a, b in spans.values() if a <= start < b)
            if at_once > self.scenario.tasks.commanders:
                yield Violation("teams_commanders", value=at_once, limit=self.scenario.tasks.commanders)
                return

    def hospitals(self, rows: list[Row]) -> Iterator[Violation]:
        """Patients of every task done are taken to a hospital with room."""
        table = self.scenario.county.table("facilities")
        beds = dict(zip(table["facility"], table["capacity"], strict=True))
        kind = dict(zip(table["facility"], table["kind"], strict=True))
        taken, at = Counter[str](), Counter[str]()
        for row in self.meta.get("hospitals", ()):
            taken[row["task"]] += row["patients"]
            at[row["hospital"]] += row["patients"]
            if kind.get(row["hospital"]) != "hospital" or row["hospital"] not in self.roads.index:
                yield Violation("teams_hospital", what=row["task"], value=row["hospital"])
        for hospital, people in at.items():
            if people > beds.get(hospital, 0):
                yield Violation("teams_beds", place=hospital, value=people, limit=float(beds.get(hospital, 0)))
        done = {row["task"] for row in rows}
        for name, task in self.tasks_of.items():
            wanted = int(task["patients"]) if name in done else 0
            if taken[name] != wanted:
                yield Violation("teams_patients", what=name, value=taken[name], limit=wanted)

    def objective(self, rows: list[Row]) -> Iterator[Violation]:
        """Levels recomputed; no bound is beaten."""
        ends: dict[str, int] = {}
        for row in rows:
            ends[row["task"]] = max(ends.get(row["task"], 0), int(row["end_ms"]) - self.scenario.order_ms)
        done = [self.tasks_of[name] for name in ends]
        ranks = {self.called[row["team"]].team: self.called[row["team"]].echelon for row in rows}
        values = {
            "lives_served": sum(task["lives"] for task in done),
            "priority_served": sum(round(task["priority"] * 1000) for task in done),
            "lives_minutes": sum(task["lives"] * ends[task["task"]] for task in done) / MINUTE_MS,
            "priority_minutes": sum(round(t["priority"] * 1000) * ends[t["task"]] for t in done) / MINUTE_MS,
            "call_out": sum(ranks.values()),
            "patient_minutes": self._patient_minutes(self.meta.get("hospitals", ())),
        }
        stated = {row["measure"]: row for row in self.meta.get("objective", ())}
        for measure, value in values.items():
            level = stated.get(measure)
            if level is None or abs(float(level["value"]) - value) > 1e-6:
                said = math.nan if level is None else float(level["value"])
                yield Violation("teams_objective", what=measure, value=said, limit=float(value))
            elif (level["bound"] < value) if level["sense"] == "max" else (level["bound"] > value):
                yield Violation("teams_bound", what=measure, value=float(value), limit=float(level["bound"]))

    def _patient_minutes(self, taken: Iterable[Row]) -> float:
        """Patients × minutes of an ambulance that leaves with the order; from the road's end where there is no road."""
        total, rows = 0, list(taken)
        roads = team_roads(self.scenario, list(self.called.values())).travel if rows else self.roads
        for row in rows:
            site, hospital = str(self.tasks_of.get(row["task"], {}).get("site", "")), str(row["hospital"])
            if site in roads.index and hospital in roads.index:
                at = int(arrivals(roads, AMBULANCE, site, self.scenario.order_ms)[roads.index[hospital]])
                total += row["patients"] * -(-(at - self.scenario.order_ms) // MINUTE_MS)
        return float(total)


def _words(value: object) -> list[str]:
    return [word.strip() for word in str(value).split(";") if word.strip()]
