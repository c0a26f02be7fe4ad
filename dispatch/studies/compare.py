"""Several scenarios, layouts, plans and policies on the same nights, and how they differ, with intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dispatch.clock import MINUTE_MS
from dispatch.county.problem_text import found
from dispatch.planning.check import check
from dispatch.planning.fingerprint import changed_since, fingerprint
from dispatch.planning.load_plan import load_plan
from dispatch.planning.plan import Plan
from dispatch.planning.plan_world import plan_world
from dispatch.planning.relief import plan_nearest_first
from dispatch.planning.whole import plan_whole
from dispatch.problems import InputProblems, Problem
from dispatch.scenario import Scenario
from dispatch.scenario_file import load_scenario
from dispatch.simulation.ensemble import Ensemble, simulate
from dispatch.simulation.parts import parts_of
from dispatch.simulation.policy import Policy
from dispatch.studies.design import PLANNERS, Case, Design
from dispatch.studies.paired import Difference, paired_mean, paired_share

__all__ = ["CASE_COLUMNS", "PAIR_COLUMNS", "Comparison", "compare"]

CASE_COLUMNS: dict[str, str] = {
    "case": "str", "scenario": "str", "settings": "str", "layout": "str", "plan": "str", "policy": "str",
    "nights": "int64", "p": "float64", "p_low": "float64", "p_high": "float64", "p_places": "float64",
    "never_share": "float64", "t1_p50_min": "float64", "t_all_mean_min": "float64", "t_all_p50_min": "float64",
    "t_all_p95_min": "float64", "horizon_min": "float64",
    "places_in_time": "float64", "people_share_in_time": "float64", "need_share_in_time": "float64",
    "stranded": "float64", "trips_done": "float64", "km": "float64",
    "plan_differs_in": "str", "scenario_name": "str", "fingerprint": "str",
}  # fmt: skip
"""One row per case. ``p``: P(T_all ≤ deadline) over reachable places with its Wilson 95 % interval, ``p_places``: over
all; ``never_share``: of the nights on which the first batch of some reachable place never comes; times from the order
in minutes, such a night counted as ``horizon_min`` (the mean is the restricted mean, a lower bound); the rest: means
per night. ``plan_differs_in``: in what the scenario differs from the one that the plan was made for (``PARTS`` of
``planning.fingerprint``, ``other_scenario`` or ``earlier_version``, joined by " · "), "" where in nothing.
``scenario_name`` and ``fingerprint``: of what was played, to tell whether it is what somebody shows it beside."""

PAIR_COLUMNS: dict[str, str] = {
    "case": "str", "against": "str", "measure": "str", "difference": "float64", "low": "float64", "high": "float64",
    "p_value": "float64", "method": "str",
}  # fmt: skip
"""One row per case but the first of its scenario, and measure: case minus the first, on the same nights."""

_SHARES = {"p": "on_time", "p_places": "on_time_places", "never_share": "never"}
_MEANS = {"t_all_min": "t_all_ms", "t_all_places_min": "t_all_places_ms",
          "people_share_in_time": "people_share_in_time"}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Comparison:
    """Tables ``CASE_COLUMNS`` and ``PAIR_COLUMNS``, the nights of every case, and what was noticed on the way."""

    cases: pd.DataFrame
    pairs: pd.DataFrame
    nights: dict[str, pd.DataFrame]
    notes: tuple[Problem, ...] = ()


def compare(design: Design, *, workers: int = 1, progress: Callable[[int, int], None] | None = None) -> Comparison:
    """Play every case of a design on the same nights (common random numbers).

    Raises
    ------
    InputProblems
        If a scenario or plan cannot be read, or a plan breaks a constraint of its scenario or contradicts itself.
    KeyboardInterrupt
        On Ctrl-C; a comparison is whole or not at all.
    """
    worlds: dict[tuple[str, str, str], Scenario] = {}
    plans: dict[tuple[str, ...], Plan] = {}
    notes: list[Problem] = []
    rows, nights = [], {}
    for number, case in enumerate(design.cases, start=1):
        key = (case.scenario, case.settings, case.layout)
        if key not in worlds:
            worlds[key] = _world(design, case)
            notes += worlds[key].notes
        if (*key, case.plan) not in plans:
            plans[*key, case.plan], said = _plan(design, case, worlds[key])
            notes += said
        here = plan_world(plans[*key, case.plan], worlds[key])
        played = simulate(
            here, plans[*key, case.plan], replications=design.nights, seed=design.seed, workers=workers,
            keep_log=0, policy=Policy(case.policy), hooks=parts_of(here),
        )  # fmt: skip
        if played.interrupted:
            raise KeyboardInterrupt
        rows.append(_row(case, played, plans[*key, case.plan], worlds[key]))
        nights[case.name] = played.nights.assign(never=played.nights["t_all_ms"] >= worlds[key].horizon_ms)
        if progress is not None:
            progress(number, len(design.cases))
    return Comparison(_table(rows, CASE_COLUMNS), _table(_pairs(design, nights), PAIR_COLUMNS), nights,
                      tuple(dict.fromkeys(notes)))  # fmt: skip


def _world(design: Design, case: Case) -> Scenario:
    overrides: dict[str, Any] = dict(design.set_keys.get(case.settings, {}))
    if case.layout:
        overrides["county"] = str((design.folder / case.layout).resolve())
    beside = design.folder / case.scenario
    return load_scenario(beside if beside.is_file() else case.scenario, overrides)


def _plan(design: Design, case: Case, scenario: Scenario) -> tuple[Plan, list[Problem]]:
    """The plan of a case, and what is to be said of it."""
    if case.plan == "relief":
        return plan_whole(scenario, seconds=design.seconds, seed=design.seed), []
    if case.plan == "nearest_first":
        return plan_nearest_first(scenario), []
    path = design.folder / case.plan
    if not path.exists():
        raise InputProblems([found("studies_design_plan", case.plan, known=", ".join(PLANNERS))])
    plan, disagreements, warnings = load_plan(path, scenario)
    broken = len(check(plan, plan_world(plan, scenario))) + len(disagreements)
    if broken:
        raise InputProblems([found("studies_design_violations", Path(case.plan).name, count=broken, case=case.name)])
    return plan, warnings


def _differs_in(plan: Plan, scenario: Scenario) -> str:
    """Codes of what a plan was not made for."""
    changed = changed_since(plan.meta, scenario)
    if changed is None:
        return ""
    if plan.meta.get("scenario", "") not in ("", scenario.name):
        return "other_scenario"
    return " · ".join(changed) or "earlier_version"


def _row(case: Case, played: Ensemble, plan: Plan, scenario: Scenario) -> dict[str, object]:
    summary = played.summary
    times = summary.times.set_index("measure")
    counts = ("places_in_time", "people_share_in_time", "need_share_in_time", "stranded", "trips_done", "km")
    return {
        "case": case.name, **asdict(case), "nights": played.replications,
        "p": summary.p_on_time.value, "p_low": summary.p_on_time.low, "p_high": summary.p_on_time.high,
        "p_places": summary.p_on_time_places.value,
        "never_share": 1.0 - times.at["t_all", "share"],
        "t1_p50_min": times.at["t1", "p50_ms"] / MINUTE_MS,
        **{f"t_all_{name}_min": times.at["t_all", f"{name}_ms"] / MINUTE_MS for name in ("mean", "p50", "p95")},
        "horizon_min": scenario.horizon_ms / MINUTE_MS,
        **{name: summary.counts[name] for name in counts}, "plan_differs_in": _differs_in(plan, scenario),
        "scenario_name": scenario.name, "fingerprint": fingerprint(scenario),
    }  # fmt: skip


def _pairs(design: Design, nights: dict[str, pd.DataFrame]) -> list[dict[str, object]]:
    first: dict[str, str] = {}
    rows: list[dict[str, object]] = []
    for case in design.cases:
        against = first.setdefault(case.scenario, case.name)
        if against == case.name:
            continue
        base, other = nights[against], nights[case.name]
        found_: dict[str, Difference] = {
            name: paired_share(base[column].to_numpy(), other[column].to_numpy()) for name, column in _SHARES.items()
        }
        for name, column in _MEANS.items():
            scale = MINUTE_MS if name.endswith("_min") else 1
            pair = (table[column].to_numpy(dtype=np.float64) / scale for table in (base, other))
            found_[name] = paired_mean(*pair)
        rows += [
            {"case": case.name, "against": against, "measure": name, "difference": gap.value, "low": gap.low,
             "high": gap.high, "p_value": gap.p_value, "method": gap.method}
            for name, gap in found_.items()
        ]  # fmt: skip
    return rows


def _table(rows: list[dict[str, object]], columns: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series([row[name] for row in rows], dtype=of) for name, of in columns.items()})
