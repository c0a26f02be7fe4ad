"""The honest headline: how far P(T_all ≤ deadline) moves when its assumptions do.

The Wilson interval speaks of sampling alone. Beside it stand the same nights played with the times of loading and of
mobilisation always at their low and at their high end, and with fewer and more people, for whom the plan is made anew.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import pandas as pd

from dispatch.planning.plan import Plan
from dispatch.planning.whole import plan_whole
from dispatch.scenario import Scenario
from dispatch.simulation.ensemble import Ensemble, simulate
from dispatch.simulation.parts import parts_of
from dispatch.step_norms import rule_values
from dispatch.studies.variants import with_people, with_steps_at

__all__ = ["LOADING", "MOBILISATION", "RANGE_COLUMNS", "Spread", "ranges", "spread"]

LOADING: tuple[str, ...] = ("loading",)
MOBILISATION: tuple[str, ...] = ("call_up", "vehicle_arrival")
"""Steps that make up loading and mobilisation."""

RANGE_COLUMNS: dict[str, str] = {
    "case": "str",
    "kind": "str",
    "end": "str",
    "factor": "float64",
    "replanned": "bool",
    "nights": "int64",
    "p": "float64",
    "p_low": "float64",
    "p_high": "float64",
    "t_all_mean_ms": "float64",
    "places_in_time": "float64",
    "people_share_in_time": "float64",
}
"""One row per case, the first the plan as it is. ``kind``: ``as_planned``, ``loading``, ``mobilisation``, ``both``
(steps) or ``people``; ``end``: ``low`` or ``high``; ``factor``: on people; ``replanned``: whether the plan was made
anew; ``p`` with ``p_low``, ``p_high``: share of nights in time and its Wilson 95 % interval; the rest: means."""


@dataclass(frozen=True)
class Spread:
    """Lowest and highest P over a kind of cases (and the plan as it is)."""

    kind: str
    low: float
    high: float


def ranges(
    scenario: Scenario,
    plan: Plan,
    *,
    replications: int,
    seed: int | None = None,
    workers: int = 1,
    seconds: float = 1.0,
    progress: Callable[[int, int], None] | None = None,
    as_planned: Ensemble | None = None,
) -> pd.DataFrame:
    """Play the same nights under low and high assumptions.

    Roads, hazard, fleet, docks, stock and every other step are held as they are; with other numbers of people the plan
    of the goods is made anew with ``seconds`` of work, teams and evacuation as they are. The draws are common to all
    cases.

    Parameters
    ----------
    scenario : Scenario
    plan : Plan
    replications : int
        Nights of each case.
    seed : int, optional
    workers : int
    seconds : float
        Work of the planner for each number of people.
    progress : callable (done, of), optional
        Called after every case.
    as_planned : Ensemble, optional
        Nights of this plan played already, followed as it is: with the same seed the first of them stand for the first
        case.

    Returns
    -------
    DataFrame
        ``RANGE_COLUMNS``.
    """
    cases = list(_cases(scenario, plan, seconds))
    rows = []
    for number, (row, variant, variant_plan) in enumerate(cases, start=1):
        nights = _first(as_planned, scenario, replications, seed) if number == 1 else None
        if nights is None:
            nights = simulate(
                variant, variant_plan(), replications=replications, seed=seed, workers=workers, keep_log=0,
                hooks=parts_of(variant, goods_only=True),
            )  # fmt: skip
        rows.append({**row, **_figures(nights)})
        if progress is not None:
            progress(number, len(cases))
        if nights.interrupted:
            raise KeyboardInterrupt
    return pd.DataFrame({name: pd.Series([row[name] for row in rows], dtype=of) for name, of in RANGE_COLUMNS.items()})


def spread(table: pd.DataFrame, kind: str) -> Spread:
    """Lowest and highest P of a kind of case, and of the plan as it is."""
    p = table.loc[table["kind"].isin([kind, "as_planned"]), "p"]
    return Spread(kind, float(p.min()), float(p.max()))


Case = tuple[dict[str, object], Scenario, Callable[[], Plan]]


def _cases(scenario: Scenario, plan: Plan, seconds: float) -> Iterator[Case]:
    def row(kind: str, end: str = "", factor: float = 1.0, *, replanned: bool = False) -> dict[str, object]:
        return {"case": f"{kind} {end}".strip(), "kind": kind, "end": end, "factor": factor, "replanned": replanned}

    def same() -> Plan:
        return plan

    yield row("as_planned"), scenario, same
    for kind, steps in (("loading", LOADING), ("mobilisation", MOBILISATION), ("both", LOADING + MOBILISATION)):
        yield row(kind, "low"), with_steps_at(scenario, steps, "low"), same
        yield row(kind, "high"), with_steps_at(scenario, steps, "high"), same
    change = rule_values()["population_spread"]
    for end, factor in (("low", 1 - change), ("high", 1 + change)):
        people = with_people(scenario, factor)
        yield row("people", end, factor, replanned=True), people, partial(_planned, people, plan, seconds)


def _planned(scenario: Scenario, plan: Plan, seconds: float) -> Plan:
    return plan_whole(scenario, seconds=seconds, like=plan)


def _first(played: Ensemble | None, scenario: Scenario, replications: int, seed: int | None) -> Ensemble | None:
    """The first nights of those played already; None if they are others, or too few."""
    own = scenario.seed if seed is None else seed
    if played is None or played.seed != own or played.replications < replications:
        return None
    of = played.indicators
    numbers = of.nights["replication"].iloc[:replications]
    tables = {name: getattr(of, name) for name in ("nights", "places", "vehicles", "depots", "stock")}
    kept = {name: table[table["replication"].isin(numbers)].reset_index(drop=True) for name, table in tables.items()}
    rows = slice(replications)
    served = {name: share[rows] for name, share in of.served.items()}
    figures = replace(of, **kept, served=served, need_share=of.need_share[rows], seat_ms=of.seat_ms[rows])
    return replace(played, asked=replications, interrupted=False, indicators=figures, stopped_early=False)


def _figures(nights: Ensemble) -> dict[str, object]:
    summary = nights.summary
    t_all = summary.times.set_index("measure").loc["t_all"]
    return {
        "nights": nights.replications,
        "p": summary.p_on_time.value,
        "p_low": summary.p_on_time.low,
        "p_high": summary.p_on_time.high,
        "t_all_mean_ms": float(t_all["mean_ms"]) if nights.replications else math.nan,
        "places_in_time": summary.counts["places_in_time"],
        "people_share_in_time": summary.counts["people_share_in_time"],
    }
