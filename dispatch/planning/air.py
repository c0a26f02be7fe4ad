"""The air plan: goods and lifts where no road leads in time, relays, pictures, water on a fire; trucks for the rest.

First the trucks are planned alone (:func:`dispatch.planning.relief.plan_relief`). What they leave of the first batch
goes to the schedule of sorties (``models.air.sorties``) together with the lifts asked for; what flies is taken out of
needs and stock and the trucks are planned anew, so that nothing is sent twice. If that serves fewer people in time than
before, goods stay on the ground. Helicopters with a bucket fill their free hours with water.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pandas as pd

from dispatch.air.sky import Aircraft, Sky, sky_of
from dispatch.air.values import AIR_LEVELS, air_values, supplied_people
from dispatch.air_order import AirRequest
from dispatch.planning.air_bounds import joint_objective
from dispatch.planning.air_bucket import best_bucket, bucket_sorties
from dispatch.planning.air_gain import gains
from dispatch.planning.air_ground import flown_goods, ground_scenario
from dispatch.planning.air_legs import Sortie, scheduled_sorties, sortie_table
from dispatch.planning.air_relay import relay_sorties, silences
from dispatch.planning.air_supply import carries
from dispatch.planning.air_tasks import Task, air_instance, carry_group, lift_tasks
from dispatch.planning.assemble import typed
from dispatch.planning.fingerprint import made_for
from dispatch.planning.measure import measure
from dispatch.planning.plan import SORTIE_COLUMNS, UNMET_COLUMNS, UNSERVED_COLUMNS, Plan, empty_plan_table
from dispatch.planning.relief import plan_relief
from dispatch.roads.travel import Travel
from dispatch.scenario import Scenario, travel
from dispatch.teams.cleared import with_cleared_roads
from models.air.sorties import AirSchedule, schedule_sorties

__all__ = ["plan_air", "with_air"]

Group = tuple[str, int, int, tuple[tuple[Task, ...], ...]]

_LEAST, _MOST, _SECONDS_A_UNIT = 0.2, 2.0, 20.0
"""Deterministic work of each level of the schedule: the least, the most, and the seconds asked for a unit of it."""


def plan_air(scenario: Scenario, *, seconds: float = 10.0, seed: int | None = None, work: float | None = None) -> Plan:
    """Plan trucks and aircraft together; see :func:`with_air`."""
    plan = plan_relief(scenario, seconds=seconds, seed=seed)
    return with_air(plan, scenario, seconds=seconds, seed=seed, work=work)


def with_air(
    plan: Plan, scenario: Scenario, *, seconds: float = 10.0, seed: int | None = None, work: float | None = None
) -> Plan:
    """Add sorties to a plan of relief, and plan its trucks anew where goods fly.

    Parameters
    ----------
    plan : Plan
        Of the trucks alone.
    scenario : Scenario
        Without the section ``air`` the plan is returned as it is.
    seconds : float
        Work of planning the trucks anew, as for :func:`dispatch.planning.relief.plan_relief`.
    seed : int, optional
        The scenario's by default.
    work : float, optional
        Deterministic time of each level of the schedule; by ``seconds`` if missing.

    Returns
    -------
    Plan
        With tables ``sorties`` and ``unserved``; ``meta["air"]``: the levels with bound and status, the buckets, and
        what is gained against the ground alone. Bounds of the objective hold for trucks and aircraft together
        (:mod:`dispatch.planning.air_bounds`).
    """
    if scenario.air is None:
        return plan
    seed = scenario.seed if seed is None else seed
    work = min(_MOST, max(_LEAST, seconds / _SECONDS_A_UNIT)) if work is None else work
    sky = sky_of(scenario)
    relays = relay_sorties(sky, {})
    away = {sortie.aircraft for sortie in relays}
    away |= {request.aircraft for request in scenario.air.requests}
    free = [craft for craft in sky.fleet if craft.aircraft not in away]
    ground = with_cleared_roads(scenario, plan.deployments)
    roads = travel(ground, ground.disruption.forecast())
    found, why = carries(sky, plan) if scenario.air.supply else ([], {})
    groups: list[Group] = [carry_group(carry, scenario.due_ms) for carry in found]
    subjects = [carry.place for carry in found]
    flown, schedule = _scheduled(sky, free, groups, subjects, work, seed)
    made = _with_goods(plan, ground, flown[0], seconds, seed, roads)
    if made is None:
        groups, subjects = [], []
        why |= {carry.place: "ground" for carry in found}
        flown, schedule = _scheduled(sky, free, [], [], work, seed)
        made = replace(plan, sorties=empty_plan_table(SORTIE_COLUMNS))
    sorties = [*flown[0], *relays]
    sorties += bucket_sorties(sky, _by_craft(sorties))
    table = sortie_table(sorties)
    unserved = _unserved(sky, table, schedule, flown[1], flown[2], why)
    made = replace(made, unmet=_with_late(made, sky, table))
    kept = plan.unserved[plan.unserved["kind"] != "sortie"]
    planned = replace(made, sorties=table, unserved=pd.concat([kept, unserved]).astype(UNSERVED_COLUMNS)
                      .reset_index(drop=True))  # fmt: skip
    if scenario.air.supply:
        of_both = measure(planned, ground, roads)
        planned = replace(planned, objective=joint_objective(sky, ground, plan.objective, of_both))
    air = {"objective": _objective(sky, table, schedule, flown[1]), "buckets": _buckets(sky),
           "gains": gains(sky, plan, planned, roads)}  # fmt: skip
    return replace(planned, meta={**planned.meta, **made_for(scenario), "air": air})


def _with_late(plan: Plan, sky: Sky, table: pd.DataFrame) -> pd.DataFrame:
    """The plan's unmet needs, and what comes by air after the deadline."""
    scenario = sky.scenario
    needs = scenario.needs.set_index("need")
    goods = table[(table["purpose"] == "supply") & (table["item"] != "") & (table["done_ms"] > scenario.due_ms)]
    rows = []
    for need, of in goods.groupby("need", sort=True):
        asked = needs.loc[need]
        detail = {"key": "air_late", "arrives_ms": int(of["done_ms"].max())}
        rows.append({"need": need, "place": asked["place"], "site": asked["site"], "part": asked["part"],
                     "item": asked["item"], "quantity": int(of["quantity"].sum()), "cause": "late",
                     "detail": json.dumps(detail, ensure_ascii=False)})  # fmt: skip
    return pd.concat([plan.unmet, typed(UNMET_COLUMNS, rows)], ignore_index=True).astype(UNMET_COLUMNS)


def _by_craft(sorties: Iterable[Sortie]) -> dict[str, list[Sortie]]:
    found: defaultdict[str, list[Sortie]] = defaultdict(list)
    for sortie in sorties:
        found[sortie.aircraft].append(sortie)
    return found


def _scheduled(
    sky: Sky, free: list[Aircraft], supply: list[Group], subjects: list[str], work: float, seed: int
) -> tuple[tuple[list[Sortie], list[Group], list[str]], AirSchedule]:
    """Sorties of goods, lifts and looks; the groups with their subjects; and the schedule."""
    groups, named = list(supply), list(subjects)
    for request in sky.order.requests:
        if request.kind == "medical":
            groups.append(("medical", request.people * request.priority, request.by_ms, lift_tasks(sky, request)))
            named.append(request.request)
        elif request.kind == "reconnaissance":
            look = Task("reconnaissance", request.request, request.request, request.from_ms, None, request.request)
            groups.append(("reconnaissance", request.priority, request.by_ms, ((look,),)))
            named.append(request.request)
    instance, tasks = air_instance(sky, free, groups)
    schedule = schedule_sorties(instance, work=work, seed=seed)
    sorties = [sortie for craft, order in zip(free, schedule.flown, strict=True)
               for sortie in scheduled_sorties(sky, craft, order, tasks)]  # fmt: skip
    return (sorties, groups, named), schedule


def _with_goods(
    plan: Plan, ground: Scenario, sorties: list[Sortie], seconds: float, seed: int, roads: Travel
) -> Plan | None:
    """The trucks planned anew over their roads without what flies; None if that is worse than the ground alone."""
    table = sortie_table(sorties)
    flying = replace(plan, sorties=table)
    if flown_goods(table).empty:
        return flying
    trucks = plan_relief(ground_scenario(ground, flying), seconds=seconds, seed=seed)
    meta = {**plan.meta, **trucks.meta}
    others = {*plan.evacuations["path"], *plan.evacuations["pickup_path"], *plan.deployments["path"]}
    paths = pd.concat([trucks.paths, plan.paths[plan.paths["path"].isin(others)]], ignore_index=True)
    made = replace(trucks, sorties=table, paths=paths, evacuations=plan.evacuations, deployments=plan.deployments,
                   unserved=plan.unserved, meta=meta)  # fmt: skip
    after, before = measure(made, ground, roads), measure(plan, ground, roads)
    if after.levels()[0] < before.levels()[0]:
        return None
    return made


def _objective(sky: Sky, table: pd.DataFrame, schedule: AirSchedule, groups: list[Group]) -> list[dict[str, Any]]:
    values = air_values(table, sky.scenario, supplied_people(table, sky.scenario))
    present = sorted({{"medical": 1, "supply": 2, "reconnaissance": 3}[kind] for kind, *_ in groups})
    proven = {level: schedule.levels[k][2] for k, level in enumerate(present) if k < len(schedule.levels)}
    rows = []
    for level, ((name, sense), value) in enumerate(zip(AIR_LEVELS, values, strict=True), start=1):
        status = "feasible" if level == len(AIR_LEVELS) else proven.get(level, "optimal")
        rows.append({"level": level, "measure": name, "sense": sense, "value": value, "status": status})
    return rows


def _buckets(sky: Sky) -> list[dict[str, Any]]:
    """For each helicopter and fire: water, pad, minutes of a cycle, litres of a run and litres per hour."""
    rows = []
    for request in sky.order.requests:
        for craft in sky.fleet if request.kind == "bucket" else ():
            best = best_bucket(sky, craft, request)
            if best is not None:
                rows.append({
                    "aircraft": craft.aircraft, "request": request.request, "water": best.water, "pad": best.pad,
                    "cycle_s": best.legs.cycle_ms // 1000, "drops": len(best.run.litres),
                    "litres": sum(best.run.litres), "litres_h": round(best.litres_h, 1),
                })  # fmt: skip
    return rows


def _unserved(
    sky: Sky, table: pd.DataFrame, schedule: AirSchedule, groups: list[Group], subjects: list[str], why: dict[str, str]
) -> pd.DataFrame:
    """Places and requests that no aircraft serves in time, and why."""
    people = sky.scenario.needs.drop_duplicates("report").groupby("place")["people"].sum()
    rows: list[dict[str, Any]] = [
        _row(place, "supply", round(float(people.get(place, 0))), cause) for place, cause in why.items()
    ]
    for g, ((kind, weight, _, ways), subject) in enumerate(zip(groups, subjects, strict=True)):
        if g not in schedule.on_time:
            cause = "late" if g in schedule.served else _cause(sky, kind, ways)
            rows.append(_row(subject, kind, weight, cause))
    wet = set(table.loc[table["purpose"] == "bucket", "need"])
    rows += [_row(request.request, "bucket", 1, _no_water(sky, request)) for request in sky.order.requests
             if request.kind == "bucket" and request.request not in wet]  # fmt: skip
    radius = 1000 * sky.rules["relay_radius"]
    stations = set(table.loc[table["purpose"] == "relay", "to_site"])
    rows += [_row(silence.site, "relay", silence.people, "fleet") for silence in silences(sky)
             if all(sky.away_m(station, silence.site) > radius for station in stations)]  # fmt: skip
    return typed(UNSERVED_COLUMNS, rows)


def _row(subject: str, group: str, amount: int, cause: str) -> dict[str, Any]:
    return {"kind": "sortie", "subject": subject, "group": group, "amount": amount, "cause": cause, "detail": ""}


def _cause(sky: Sky, kind: str, ways: tuple[tuple[Task, ...], ...]) -> str:
    """Why a group is not flown: nobody can, it is too heavy or too far, there are no hour to fly, or too few fly."""
    from dispatch.planning.air_tasks import task_ms
    from models.traversal import NEVER

    able = [craft for craft in sky.fleet for way in ways if all(task_ms(sky, craft, task) < NEVER for task in way)]
    if not able:
        return "aircraft" if not ways or kind != "supply" else "payload"
    instance, _ = air_instance(sky, able, [(kind, 1, 0, ways)])
    if (instance.duration_s < 0).all(axis=0).any():
        return "range"
    ready = [max(craft.ready_ms, 0) for craft in able]
    if not any(end > since for craft, since in zip(able, ready, strict=True) for _, end in sky.windows(craft)):
        return "weather"
    return "fleet"


def _no_water(sky: Sky, request: AirRequest) -> str:
    """Why no water falls on a fire."""
    crafts = [craft for craft in sky.fleet if craft.bucket_l > 0]
    if not crafts:
        return "aircraft"
    if not sky.water_sites():
        return "water"
    able = [craft for craft in crafts if best_bucket(sky, craft, request) is not None]
    if not able:
        return "range"
    flies = any(end > max(craft.ready_ms, request.from_ms) for craft in able for _, end in sky.windows(craft))
    return "fleet" if flies else "weather"
