"""From a scenario's teams and tasks to whole minutes: parts of long tasks, ways by departure, windows, hospitals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from dispatch.clock import MINUTE_MS
from dispatch.roads.travel import Travel, arrivals
from dispatch.scenario import Scenario
from dispatch.scenario_tasks import team_rules
from dispatch.teams.called import AMBULANCE, TeamCalled, TeamRoads, able
from models.assignment.team_tasks import Piece, TeamTasks
from models.traversal import NEVER

__all__ = ["Parts", "hospital_minutes", "parts_of", "problem_of"]

_SLOT = 30
"""Minutes between two departures at which ways are timed where roads change."""
_NEAR = 15
"""Ways whose times at the two ends of a slot differ by no more are taken to last as long as the longer of them."""
_SCALE = 1000


@dataclass(frozen=True)
class Parts:
    """Tasks cut into parts, in order: the task's id, its site, its row in the scenario's table, its person-minutes."""

    task: tuple[str, ...]
    site: tuple[str, ...]
    row: tuple[int, ...]
    work: tuple[int, ...]


def parts_of(scenario: Scenario, teams: Sequence[TeamCalled]) -> Parts:
    """Cut tasks for which the strongest able team would need longer than a stint into parts of equal work."""
    assert scenario.tasks is not None
    stint = round(team_rules()["stint"] * 60)
    made: list[tuple[str, str, int, int]] = []
    for number, row in enumerate(scenario.tasks.tasks.itertuples(index=False)):
        people = max((min(row.most, team.strength) for team in teams if able(team, row)), default=1)
        count = max(math.ceil(row.person_min / (max(people, 1) * stint)), 1)
        done = [row.person_min * k // count for k in range(count + 1)]
        made += [(row.task, row.site, number, b - a) for a, b in zip(done, done[1:], strict=False)]
    columns = tuple(zip(*made, strict=True)) or ((), (), (), ())
    return Parts(*columns)


def problem_of(
    scenario: Scenario,
    teams: Sequence[TeamCalled],
    roads: TeamRoads,
    parts: Parts,
    late: Mapping[tuple[int, int, int], int] = MappingProxyType({}),
) -> tuple[TeamTasks, tuple[str, ...]]:
    """The problem in whole minutes from the order, and the hospitals in its order.

    ``late``: how often the time of a leg (team, from, to) was too short; once: it counts with the arrival of the later
    end of every slot; twice: it is not used.
    """
    assert scenario.tasks is not None
    tasks, rules = scenario.tasks.tasks, team_rules()
    rows = list(tasks.itertuples(index=False))
    of = [rows[k] for k in parts.row]
    n = len(of)
    horizon = scenario.horizon_ms // MINUTE_MS
    ready = [math.ceil((team.ready_ms - scenario.order_ms) / MINUTE_MS) for team in teams]
    can = np.zeros((len(teams), n), dtype=np.bool_)
    for k, team in enumerate(teams):
        can[k] = [able(team, one) and site in roads.travel.index for one, site in zip(of, parts.site, strict=True)]
    incidents = {name: k for k, name in enumerate(dict.fromkeys(one.incident for one in of if one.incident))}
    first: dict[int, int] = {}
    for j, k in enumerate(parts.row):
        first.setdefault(k, j)
    last = {k: j for j, k in enumerate(parts.row)}
    begins = [first[k] == j for j, k in enumerate(parts.row)]
    number = {row.task: k for k, row in enumerate(rows)}
    after = [(j, j + 1) for j in range(n - 1) if parts.row[j] == parts.row[j + 1]]
    after += [(last[number[before]], first[k]) for k, row in enumerate(rows)
              for before in row.after.split(";") if before]  # fmt: skip
    hospitals, beds, minutes = hospital_minutes(scenario, roads, tuple(parts.site))
    if n == 0 or not (tasks["patients"] > 0).any():
        beds = np.zeros(len(beds), dtype=np.int64)

    def ints(values: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
        return np.asarray(values, dtype=np.int64)

    release = ints([math.ceil((one.release_ms - scenario.order_ms) / MINUTE_MS) for one in of])
    due = ints([(one.due_ms - scenario.order_ms) // MINUTE_MS for one in of])
    return TeamTasks(
        ready=ints(ready), strength=ints([team.strength for team in teams]),
        duty=ints([team.duty_ms // MINUTE_MS for team in teams]),
        fresh=ints([team.fresh_ms // MINUTE_MS for team in teams]), rank=ints([team.echelon for team in teams]),
        tired_permille=round(rules["tired_rate"] * _SCALE), able=can,
        travel=_travel(scenario, teams, roads.travel, parts, can, late, horizon),
        release=np.clip(release, 0, horizon), due=np.clip(due, 0, horizon), work=ints(parts.work),
        least=ints([one.least for one in of]), most=ints([one.most for one in of]),
        alone=np.array([not one.together for one in of], dtype=bool), whole=ints(parts.row), after=tuple(after),
        lives=ints([one.lives if begins[j] else 0 for j, one in enumerate(of)]),
        priority=ints([round(one.priority * _SCALE) if begins[j] else 0 for j, one in enumerate(of)]),
        incident=ints([incidents.get(one.incident, -1) for one in of]), commanders=scenario.tasks.commanders,
        patients=ints([one.patients if begins[j] else 0 for j, one in enumerate(of)]), beds=beds, to_hospital=minutes,
        horizon=horizon,
    ), hospitals  # fmt: skip


def hospital_minutes(
    scenario: Scenario, roads: TeamRoads, sites: Sequence[str]
) -> tuple[tuple[str, ...], NDArray[np.int64], NDArray[np.int64]]:
    """Hospitals on the roads, the patients each takes, and an ambulance's minutes from each site (-1: no way).

    A hospital whose ``capacity`` is not known takes nobody in a plan.
    """
    table = scenario.county.table("facilities")
    table = table[(table["kind"] == "hospital") & table["facility"].isin(set(scenario.sites.index))]
    table = table[table["capacity"] > 0]
    minutes = np.full((len(sites), len(table)), -1, dtype=np.int64)
    for j, site in enumerate(sites):
        if site in roads.travel.index and len(table):
            at = arrivals(roads.travel, AMBULANCE, site, scenario.order_ms)
            for h, hospital in enumerate(table["facility"]):
                there = int(at[roads.travel.index[hospital]])
                if there < NEVER:
                    minutes[j, h] = math.ceil((there - scenario.order_ms) / MINUTE_MS)
    return tuple(table["facility"]), table["capacity"].to_numpy(dtype=np.float64).astype(np.int64), minutes


def _travel(
    scenario: Scenario, teams: Sequence[TeamCalled], roads: Travel, parts: Parts, can: NDArray[np.bool_],
    late: Mapping[tuple[int, int, int], int], horizon: int,
) -> dict[tuple[int, int, int], tuple[Piece, ...]]:  # fmt: skip
    """Pieces of every way that a team may need."""
    known: dict[tuple[str, str, bool], dict[str, tuple[Piece, ...]]] = {}
    found = {}
    for k, team in enumerate(teams):
        mine = np.flatnonzero(can[k]).tolist()
        for i in (-1, *mine):
            origin = team.base if i < 0 else parts.site[i]
            for j in mine:
                if i == j or late.get((k, i, j), 0) > 1:
                    continue
                careful = (k, i, j) in late
                key = (team.vehicle_class, origin, careful)
                if key not in known:
                    known[key] = _pieces(scenario, roads, team.vehicle_class, origin, horizon, careful=careful)
                pieces = known[key].get(parts.site[j])
                if pieces:
                    found[k, i, j] = pieces
    return found


def _pieces(
    scenario: Scenario, roads: Travel, vehicle_class: str, origin: str, horizon: int, *, careful: bool
) -> dict[str, tuple[Piece, ...]]:
    """Ways from a site to every other by departure, whole minutes, never shorter than the roads allow at the slots."""
    breaks = roads.timed[vehicle_class].breakpoints_ms() if vehicle_class in roads.timed else np.empty(0)
    inside = ((breaks > scenario.order_ms) & (breaks < scenario.end_ms)).any()
    slots = np.arange(0, horizon + _SLOT, _SLOT) if inside or careful else np.zeros(1, dtype=np.int64)
    at = np.stack([arrivals(roads, vehicle_class, origin, scenario.order_ms + int(m) * MINUTE_MS) for m in slots])
    made: dict[str, tuple[Piece, ...]] = {}
    for site, s in roads.index.items():
        if site == origin:
            made[site] = (Piece(0, horizon + 1, 0),)
            continue
        there = [-(-(int(t) - scenario.order_ms) // MINUTE_MS) if t < NEVER else -1 for t in at[:, s]]
        lasts = [_rested(roads, t - int(m)) if t >= 0 else -1 for t, m in zip(there, slots, strict=True)]
        pieces = _merged(slots.tolist(), lasts, horizon, careful=careful)
        if pieces:
            made[site] = pieces
    return made


def _rested(roads: Travel, minutes: int) -> int:
    """A drive with the rests that fall due on the way."""
    limit, rest = roads.drive_limit_ms // MINUTE_MS, math.ceil(roads.drive_rest_ms / MINUTE_MS)
    return minutes + max(minutes - 1, 0) // max(limit, 1) * rest


def _merged(slots: list[int], lasts: list[int], horizon: int, *, careful: bool) -> tuple[Piece, ...]:
    """Pieces from durations at the slots; -1: no way when leaving then."""
    if len(slots) == 1:
        return (Piece(0, horizon + 1, lasts[0]),) if lasts[0] >= 0 else ()
    pieces: list[Piece] = []
    for q in range(len(slots) - 1):
        a, b, start, end = lasts[q], lasts[q + 1], slots[q], slots[q + 1]
        if a < 0 or b < 0:
            if b < 0:
                continue
            piece = Piece(start, end, 0, until=end + b)
        elif abs(a - b) <= _NEAR and not careful:
            piece = Piece(start, end, max(a, b))
        else:
            piece = Piece(start, end, 0, until=end + b)
        last = pieces[-1] if pieces else None
        if last and last.end == start and last.minutes == piece.minutes and last.until == piece.until:
            pieces[-1] = Piece(last.start, end, last.minutes, last.until)
        else:
            pieces.append(piece)
    return tuple(pieces)
