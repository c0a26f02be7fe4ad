"""A plan made anew with what headquarters were told: in one go from the words to a plan that carries its world.

The trucks are planned anew (:mod:`dispatch.planning.replan`); evacuation, teams and aircraft stay as they are, and what
they do still counts: roads that teams open, goods that fly. A trip that comes out as it was keeps its name, and where
the search finds nothing that anybody would notice, all of them do: papers are handed out already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from dispatch.clock import MINUTE_MS
from dispatch.planning.air_ground import flown_goods, ground_scenario
from dispatch.planning.basis import Basis, Work, basis_of
from dispatch.planning.fingerprint import made_for
from dispatch.planning.measure import measure
from dispatch.planning.news import News, known_scenario
from dispatch.planning.plan import Plan
from dispatch.planning.plan_world import differing_rows, held_before, news_of, plan_world
from dispatch.planning.replan import replan
from dispatch.planning.replan_change import with_old_names
from dispatch.planning.restate import restate
from dispatch.planning.told import KINDS, Told
from dispatch.planning.told_world import (
    begun_told,
    held_told,
    needs_told,
    roads_told,
    stock_told,
    with_told_fleet,
)
from dispatch.scenario import Scenario
from dispatch.teams.cleared import with_cleared_roads

__all__ = ["WORK", "Remade", "new_things", "replan_told"]

WORK = Work(0.1, 0.15, diagnosed=True)
"""Under 2 s for a county with what must be read anew."""
_STEADY = Work(0.0, 0.0, diagnosed=True, rules=0)
"""What has not begun stays as it is; only what is missing is sent."""
_NOTICED_MS, _NOTICED_SHARE = 5 * MINUTE_MS, 0.02
"""Later last arrivals, and worse sums of arrivals, that are worth new papers for trips that could stay."""
_HELPS = ("open", "vehicle", "people", "need", "stock", "not_begun")
"""What may make more possible than the plan has."""


@dataclass(frozen=True, eq=False)
class Remade:
    """A plan made anew.

    Attributes
    ----------
    plan : Plan
    before, after : Scenario
        The world that the old plan was made for, and the one of the new plan.
    """

    plan: Plan
    before: Scenario
    after: Scenario


def new_things(plan: Plan, listed: Sequence[Told]) -> list[Told]:
    """Of the rows of a list those that the plan does not know from an earlier state of the list."""
    known = Counter(repr(item) for _, of_list, item in news_of(plan) if of_list)
    result = []
    for item in listed:
        if known[repr(item)] > 0:
            known[repr(item)] -= 1
        else:
            result.append(item)
    return result


def replan_told(
    scenario: Scenario,
    plan: Plan,
    now_ms: int,
    items: Sequence[Told],
    listed: Sequence[Told] = (),
    *,
    work: Work = WORK,
    seed: int | None = None,
) -> Remade:
    """Plan anew at ``now_ms`` with what is told.

    Parameters
    ----------
    scenario : Scenario
        As its file has it.
    plan : Plan
        In force; itself made anew or not.
    now_ms : int
        From the reference instant; not before the plan's own re-planning.
    items, listed : sequence of Told
        As typed, and of a list's file (see :func:`new_things`).
    work : Work
    seed : int, optional

    Raises
    ------
    WishError
        If something told cannot be put in force.
    """
    told = sorted([*items, *listed], key=lambda item: KINDS.index(item.kind))
    before = plan_world(plan, scenario)
    fleet = with_told_fleet(before, told, now_ms)
    roads = roads_told(fleet, told, now_ms)
    needs = needs_told(fleet, told, now_ms)
    held = held_before(plan, news_of(plan), now_ms) | held_told(told, now_ms)
    ground = _ground(fleet, plan)
    changed_ground = _ground(roads if needs is None else replace(roads, needs=needs), plan)
    basis = basis_of(ground)
    news = News(
        roads=changed_ground.disruption if roads is not fleet else None,
        held=held,
        begun=begun_told(basis.problem, plan, told, now_ms),
        stock=stock_told(told),
        needs=None if needs is None else changed_ground.needs,
    )
    search = any(item.kind in _HELPS for item in told)
    made = _best(ground, plan, now_ms, news, basis, work, seed, search=search)
    after = known_scenario(roads, replace(news, roads=None, needs=needs), made)
    made = with_old_names(plan, made)
    if len(flown_goods(plan.sorties)):
        made = restate(made, with_cleared_roads(after, plan.deployments))
    rows = [{"told_ms": at, **({"listed": True} if of_list else {}), **item.row()} for at, of_list, item in
            [*news_of(plan), *((now_ms, item in listed, item) for item in told)]]  # fmt: skip
    meta: dict[str, Any] = {**made.meta, "news": rows, "world": differing_rows(scenario, after), **made_for(after)}
    meta["replan"] = {**meta["replan"], "stuck": _stuck(held, meta["replan"]["stuck"], told, now_ms)}
    meta.pop("proof", None)
    made = replace(made, meta=meta)
    return Remade(made, before, plan_world(made, scenario))


def _ground(scenario: Scenario, plan: Plan) -> Scenario:
    """What the trucks have: roads as the plan's teams open them, without what flies."""
    return ground_scenario(with_cleared_roads(scenario, plan.deployments), plan)


def _stuck(held: dict[str, int], stuck: dict[str, int], told: Sequence[Told], now_ms: int) -> dict[str, int]:
    """Vehicles that stand although nobody said so: their trips could not go on, now or the times before."""
    said = {item.what for item in told if item.kind in ("without", "late")}
    return {v: until for v, until in sorted({**held, **stuck}.items()) if v not in said - set(stuck) and until > now_ms}


def _best(
    scenario: Scenario, plan: Plan, now_ms: int, news: News, basis: Basis, work: Work, seed: int | None, *, search: bool
) -> Plan:  # fmt: skip
    """The plan with as few changes as can be, unless the search finds one that is worth the papers.

    ``search``: whether it looks in any case; else only where something was lost against the plan in force.
    """
    steady = replan(scenario, plan, now_ms, news, work=_STEADY, basis=basis, seed=seed)
    own = _levels(scenario, steady, news, basis)
    if not search and _as_good(own, measure(plan, scenario, basis.problem.legs.roads).levels()):
        return steady
    searched = replan(scenario, plan, now_ms, news, work=work, basis=basis, seed=seed)
    return steady if _as_good(own, _levels(scenario, searched, news, basis)) else searched


def _levels(scenario: Scenario, plan: Plan, news: News, basis: Basis) -> tuple[float, ...]:
    known = known_scenario(scenario, news, plan)
    return measure(plan, known, basis.legs(known.disruption).roads).levels()


def _as_good(own: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """Whether nobody would notice that the other levels are better."""
    more = 1 + _NOTICED_SHARE
    return own[0] >= other[0] and own[1] <= other[1] + _NOTICED_MS and all(own[k] <= other[k] * more for k in (2, 3))
