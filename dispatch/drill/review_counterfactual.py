"""Had the order come earlier, had the stock lain elsewhere: the scenario changed, planned and played on equal nights.

Every change is planned by the planner and simulated with the seed and nights of the case it is compared with, so that
the difference is the change's alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dispatch.clock import MINUTE_MS
from dispatch.county.problem_text import found
from dispatch.norms.response import Figure
from dispatch.problems import InputProblems
from dispatch.scenario import Scenario, StepTime

__all__ = ["Change", "Outcome", "changes_of", "what_if"]


@dataclass(frozen=True)
class Change:
    """One counterfactual.

    ``kind`` is ``order`` (minutes earlier), ``clearing`` (the order to clear roads, minutes earlier), ``stock`` (all
    lots of a depot in another) or ``step`` (a step's minutes).
    """

    kind: str
    subject: str
    value: str


@dataclass(frozen=True)
class Outcome:
    """What a change gives, beside the case without it (``change`` None).

    Attributes
    ----------
    change : Change or None
    on_time : float
        Share of nights on which every reachable place was served in time.
    people : float
        Mean share of the people whose place was served in time.
    t_all_ms : float
        Mean over the nights, from the order; the horizon where a reachable place was never served.
    before_ms : float
        Mean change of the last arrival on the clock against the case without it; negative is earlier.
    nights : int
    """

    change: Change | None
    on_time: float
    people: float
    t_all_ms: float
    before_ms: float
    nights: int


def changes_of(words: Sequence[str], scenario: Scenario) -> list[Change]:
    """Changes as typed.

    ``order=20`` and, where road clearing is part of the scenario, ``clearing=20`` (minutes earlier); ``stock=D1>D2``;
    ``loading=30`` (minutes of a step).

    Raises
    ------
    InputProblems
        If one cannot be understood or names what the scenario does not have.
    """
    problems, changes = [], []
    depots = set(scenario.county.table("depots")["depot"])
    for word in words:
        name, _, value = word.partition("=")
        if name == "order" and _minutes(value):
            changes.append(Change("order", "", value))
        elif name == "clearing" and "clearing" in scenario.response and _minutes(value):
            changes.append(Change("clearing", "", value))
        elif name == "stock" and len(ends := value.split(">")) == 2 and set(ends) <= depots:
            changes.append(Change("stock", ends[0], ends[1]))
        elif name in scenario.steps and _minutes(value):
            changes.append(Change("step", name, value))
        else:
            problems.append(found("review_what_if", "--what-if", None, name, word, steps=", ".join(scenario.steps)))
    if problems:
        raise InputProblems(problems)
    return changes


def _minutes(value: str) -> bool:
    return value.replace(".", "", 1).isdecimal()


def what_if(
    scenario: Scenario,
    changes: Sequence[Change],
    *,
    nights: int = 100,
    seconds: float = 5.0,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> list[Outcome]:
    """Plan and play the scenario as it is and under each change.

    Returns
    -------
    list of Outcome
        The case without a change first.
    """
    from dispatch.planning.whole import plan_whole
    from dispatch.simulation.ensemble import simulate
    from dispatch.simulation.parts import parts_of

    hooks = parts_of(scenario)
    outcomes: list[Outcome] = []
    last: Mapping[int, float] = {}
    for k, change in enumerate([None, *changes]):
        case = scenario if change is None else _changed(scenario, change)
        plan = plan_whole(case, seconds=seconds)
        ensemble = simulate(
            case, plan, replications=nights, seed=scenario.seed, workers=workers, keep_log=0, hooks=hooks
        )
        played = ensemble.nights
        t_all_ms = played["t_all_ms"].where(played["t_all_ms"] >= 0, case.horizon_ms)
        clock = dict(zip(played["replication"], t_all_ms + case.order_ms, strict=True))
        if change is None:
            last = clock
        moved = float(np.mean([clock[night] - last[night] for night in clock]))
        on_time, people = float(played["on_time"].mean()), float(played["people_share_in_time"].mean())
        outcomes.append(Outcome(change, on_time, people, float(t_all_ms.mean()), moved, len(played)))
        if progress is not None:
            progress(k + 1, len(changes) + 1)
    return outcomes


def _changed(scenario: Scenario, change: Change) -> Scenario:
    """The scenario under a change."""
    if change.kind == "order":  # in time is then what is there by the same hour as without the change
        sooner = round(float(change.value) * MINUTE_MS)
        response = scenario.response
        if response.detected_ms is not None:
            response = replace(response, detected_ms=response.detected_ms - sooner)
        return replace(scenario, order_ms=scenario.order_ms - sooner, deadline_ms=scenario.deadline_ms + sooner,
                       response=response)  # fmt: skip
    if change.kind == "clearing":
        sooner_min = scenario.response.value("clearing.ahead") + float(change.value)
        ahead = Figure(sooner_min, sooner_min, sooner_min, "--what-if")
        figures = {**scenario.response.figures, "clearing.ahead": ahead}
        return replace(scenario, response=replace(scenario.response, figures=figures))
    if change.kind == "step":
        minutes = float(change.value)
        return replace(
            scenario, steps={**scenario.steps, change.subject: StepTime(minutes, minutes, minutes, "--what-if")}
        )
    tables: dict[str, Any] = dict(scenario.county.tables)
    stock = tables["stock"].copy()
    moved = stock["depot"] == change.subject
    stock.loc[moved, "lot"] = change.subject + "-" + stock.loc[moved, "lot"]
    stock.loc[moved, "depot"] = change.value
    tables["stock"] = stock
    return replace(scenario, county=replace(scenario.county, tables=tables))
