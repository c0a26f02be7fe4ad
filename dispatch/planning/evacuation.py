"""The evacuation plan: who leaves from where to which shelter, on foot, by car or by bus, when and by which road.

People are assigned to shelters already (``dispatch.evacuation.shelters``). Walkers leave when ready; cars are spread
over time so that no road is asked for more than it takes; buses make several trips. Whoever is left over is tried on
foot once more, then listed with the cause. Every time is driven over the roads as forecast.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from dispatch.clock import MINUTE_MS
from dispatch.evacuation.people import notice_ms
from dispatch.evacuation.roads import evacuation_travel, walk_class
from dispatch.evacuation.ways_out import WaysOut, ways_out
from dispatch.planning.assemble import typed
from dispatch.planning.evacuation_bounds import evacuation_objective
from dispatch.planning.evacuation_buses import bus_moves
from dispatch.planning.evacuation_cars import car_moves
from dispatch.planning.evacuation_moves import Ledger, Move
from dispatch.planning.fingerprint import made_for
from dispatch.planning.named_paths import NamedPaths
from dispatch.planning.plan import EVACUATION_COLUMNS, PATH_COLUMNS, UNSERVED_COLUMNS, Plan, empty_plan
from dispatch.roads.travel import Travel, leg
from dispatch.scenario import Scenario

__all__ = ["plan_evacuation", "with_evacuation"]

ROUNDS = 3000
"""Tries at improving the buses' trips; equal numbers give equal plans."""


def plan_evacuation(scenario: Scenario, *, rounds: int = ROUNDS, seed: int | None = None) -> Plan:
    """Plan the evacuation alone, without relief; see :func:`with_evacuation`."""
    return with_evacuation(empty_plan(), scenario, rounds=rounds, seed=seed)


def with_evacuation(plan: Plan, scenario: Scenario, *, rounds: int = ROUNDS, seed: int | None = None) -> Plan:
    """Add the evacuation to a plan of relief.

    Parameters
    ----------
    plan : Plan
    scenario : Scenario
        Without an evacuation the plan is returned as it is.
    rounds : int
        Tries at improving the buses' trips.
    seed : int, optional
        Of the improvement; the scenario's by default.

    Returns
    -------
    Plan
        With tables ``evacuations`` and ``unserved``, paths added, and ``meta["evacuation"]["objective"]``: people out
        in time (most), last arrival (soonest), person-minutes from being told to arriving (fewest), each with bound,
        gap and status.
    """
    order = scenario.evacuation
    if order is None:
        return plan
    roads = evacuation_travel(scenario)
    options = ways_out(scenario, roads)
    ledger = Ledger.of(scenario, options)
    moves = _walkers(scenario, roads, ledger)
    moves += car_moves(scenario, roads, ledger)
    moves += bus_moves(scenario, roads, options, ledger, rounds, scenario.seed if seed is None else seed)
    moves += _last_walkers(roads, options, ledger)
    moves.sort(key=lambda m: (m.depart_ms, m.place, m.group, m.mode, m.vehicle, m.shelter))
    paths = NamedPaths(scenario, "E")
    table = _table(scenario, moves, paths)
    unserved = pd.concat([plan.unserved[plan.unserved["kind"] != "evacuation"], _unserved(ledger, options)])
    objective = evacuation_objective(scenario, roads, options, moves)
    return replace(
        plan,
        evacuations=table,
        unserved=unserved.astype(UNSERVED_COLUMNS).reset_index(drop=True),
        paths=pd.concat([plan.paths, paths.table()], ignore_index=True).astype(PATH_COLUMNS),
        meta={**made_for(scenario), **plan.meta, "evacuation": {"scenario": scenario.name, "objective": objective}},
    )


def _walkers(scenario: Scenario, roads: Travel, ledger: Ledger) -> list[Move]:
    """Assigned walkers, all of a place and group to one shelter together, as soon as they are ready."""
    assert scenario.evacuation is not None
    rows = scenario.evacuation.assignment
    moves = []
    for row in rows[rows["mode"] == "walk"].itertuples(index=False):
        move = _walk(roads, ledger, row.place, row.group, row.shelter, int(row.people))
        moves += [] if move is None else [move]
    return moves


def _walk(roads: Travel, ledger: Ledger, place: str, group: str, shelter: str, people: int) -> Move | None:
    """Send people on foot, as many as are left and find room; None if nobody."""
    people = ledger.takeable(place, group, shelter, people)
    depart = ledger.depart_ms(place, group)
    if people <= 0 or depart > ledger.latest_ms(place, group):
        return None
    walking = walk_class(group)
    found = leg(roads, walking, place, shelter, depart)
    if found is None:
        return None
    edges, driven = found
    ledger.take(place, group, shelter, people)
    return Move(
        place, group, people, "walk", shelter, depart, depart, driven.arrive_ms, driven.arrive_ms, walking, edges
    )


def _last_walkers(roads: Travel, options: WaysOut, ledger: Ledger) -> list[Move]:
    """Whoever is left over and could walk to a shelter with room."""
    moves = []
    for way in sorted(options.ways, key=lambda way: way.arrive_ms):
        part = options.parts[way.part]
        if way.mode == "walk" and ledger.left[part.place, part.group] > 0:
            shelter = options.shelters[way.shelter]
            move = _walk(roads, ledger, part.place, part.group, shelter, ledger.left[part.place, part.group])
            moves += [] if move is None else [move]
    return moves


def _table(scenario: Scenario, moves: list[Move], paths: NamedPaths) -> pd.DataFrame:
    """Rows of ``EVACUATION_COLUMNS``."""
    order = scenario.evacuation
    assert order is not None
    of = {(row.place, row.group): row for row in order.groups.itertuples(index=False)}
    rows = []
    for number, move in enumerate(moves, start=1):
        group = of[move.place, move.group]
        never = group.hazard_ms > scenario.end_ms + 100 * 365 * 24 * 60 * MINUTE_MS
        rows.append({
            "move": f"M{number}", "place": move.place, "group": move.group, "people": move.people, "mode": move.mode,
            "vehicle": move.vehicle, "sequence": move.sequence, "start_site": move.start_site,
            "start_ms": move.start_ms,
            "pickup_path": paths.name(move.vehicle_class, move.start_site, move.place, move.pickup_edges)
            if move.vehicle else "",
            "notice_ms": notice_ms(scenario.response, move.group, int(group.told_ms)), "board_ms": move.board_ms,
            "depart_ms": move.depart_ms, "shelter": move.shelter,
            "path": paths.name(move.vehicle_class, move.place, move.shelter, move.edges),
            "arrive_ms": move.arrive_ms, "done_ms": move.done_ms, "hazard_ms": -1 if never else int(group.hazard_ms),
        })  # fmt: skip
    return typed(EVACUATION_COLUMNS, rows)


def _unserved(ledger: Ledger, options: WaysOut) -> pd.DataFrame:
    """Who is not out in time, and why."""
    rows = []
    for (place, group), people in ledger.left.items():
        if people > 0:
            cause, detail = ledger.cause(place, group, options)
            rows.append(("evacuation", place, group, people, cause, detail))
    return pd.DataFrame(
        {
            name: pd.Series([row[k] for row in rows], dtype=kind)
            for k, (name, kind) in enumerate(UNSERVED_COLUMNS.items())
        }
    )
