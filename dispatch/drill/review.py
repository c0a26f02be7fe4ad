"""What really happened in a drill against its standard: measured times, percentiles, points, what was late or missing.

An action is done at the first row of the log, not before its inject, that names it, or whose event is the action's and
whose actor, place and milestone are, where the action has them. Its time runs from the moment at which its inject was
given (the log's, else the drill's own), in scenario time. Points follow ``dispatch.drill.points``; clock times are
written to the second, so that less than one second of the exercise beyond the limit is not late.

The log of a simulated night holds nothing of what people alone decide; those actions are not rated with it, and the
score is the share of the points of the others.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dispatch.county.problem_text import found
from dispatch.drill.actions import ACTION_DONE
from dispatch.drill.model import QUANTILES, Action, Drill, Standard
from dispatch.drill.points import points
from dispatch.drill.review_log import RealLog
from dispatch.problems import Problem

__all__ = ["ACTION_COLUMNS", "OBJECTIVE_COLUMNS", "Review", "early_rows", "percentile", "review"]

ACTION_COLUMNS: dict[str, str] = {
    "action": "str",
    "inject": "str",
    "objective": "str",
    "role": "str",
    "given_ms": "int64",
    "done_ms": "int64",
    "measured_s": "float64",
    "limit_s": "float64",
    "p50_s": "float64",
    "p90_s": "float64",
    "percentile": "float64",
    "points": "float64",
    "full": "float64",
    "verdict": "str",
    "row": "int64",
}
"""One row per expected action. ``given_ms``: when its inject was given, ``done_ms``: when it was done (-1: never);
``measured_s`` between them, NaN if never; ``percentile``: share of the simulated nights that were not slower, NaN for a
norm; ``verdict``: ``in_time``, ``late``, ``missed`` or ``not_rated`` (``points`` NaN); ``row``: of the log, -1 if
none."""

OBJECTIVE_COLUMNS: dict[str, str] = {
    "objective": "str",
    "points": "float64",
    "full": "float64",
    "share": "float64",
    "done": "int64",
    "late": "int64",
    "missed": "int64",
}
"""One row per objective of the drill, in its order; ``full``: of the actions that are rated."""


@dataclass(frozen=True, eq=False)
class Review:
    """A drill reviewed.

    Attributes
    ----------
    drill : Drill
    actions : DataFrame
        ``ACTION_COLUMNS``, in the drill's order.
    objectives : DataFrame
        ``OBJECTIVE_COLUMNS``.
    score : float
        0 … 100, of what is rated.
    chain : tuple of str
        Actions of the critical chain, first to last: what the last action waited for.
    """

    drill: Drill
    actions: pd.DataFrame
    objectives: pd.DataFrame
    score: float
    chain: tuple[str, ...]


def percentile(standard: Standard, measured_s: float) -> float:
    """Share of simulated nights that took no longer than ``measured_s`` (linear between quantiles); NaN for a norm."""
    times = standard.quantiles_s
    if not times or math.isnan(measured_s):
        return math.nan
    if measured_s >= times[-1]:
        return 1.0
    if measured_s < times[0]:
        return 0.0
    k = bisect_right(times, measured_s)
    gap = times[k] - times[k - 1]
    return QUANTILES[k - 1] + (QUANTILES[k] - QUANTILES[k - 1]) * (
        (measured_s - times[k - 1]) / gap if gap > 0 else 0.0
    )


def review(drill: Drill, log: RealLog) -> Review:
    """Compare a log with the drill's standard."""
    given = _given(drill, log)
    rows = [_action_row(drill, action, log, given[action.inject]) for action in drill.actions]
    actions = pd.DataFrame({c: pd.Series([row[c] for row in rows], dtype=kind) for c, kind in ACTION_COLUMNS.items()})
    objectives = _objectives(drill, actions)
    full = float(objectives["full"].sum())
    total = float(actions["points"].sum())
    score = total if full == 0 or not (actions["verdict"] == "not_rated").any() else 100 * total / full
    return Review(drill, actions, objectives, score, _chain(drill, actions))


def early_rows(drill: Drill, log: RealLog, file: str) -> list[Problem]:
    """Warnings of rows that name an action outright, but at a time before its inject was given."""
    given = _given(drill, log)
    inject = {action.action: action.inject for action in drill.actions}
    return [
        found("review_early", file, int(row["row"]), "", row["action"], "warning", inject=inject[row["action"]])
        for row in log.rows.to_dict("records")
        if row["action"] in inject and row["time_ms"] < given[inject[row["action"]]]
    ]


def _given(drill: Drill, log: RealLog) -> dict[str, int]:
    """When each inject was given: by the log where it says so, else by the drill."""
    times = {inject.key: inject.time_ms for inject in drill.injects}
    numbers = {str(inject.number): inject.key for inject in drill.injects}
    for row in reversed(log.rows.to_dict("records")):
        key = numbers.get(row["inject"], row["inject"])
        if key in times and not row["action"]:
            times[key] = int(row["time_ms"])
    return times


def _action_row(drill: Drill, action: Action, log: RealLog, given_ms: int) -> dict[str, Any]:
    done = next((row for row in log.rows.to_dict("records") if _shows(row, action, given_ms)), None)
    measured = math.nan if done is None else (int(done["time_ms"]) - given_ms) / 1000
    standard = action.standard
    in_time = measured <= standard.limit_s or (log.start is not None and measured - standard.limit_s < drill.scale)
    got = points(action, drill.points, None if done is None else standard.limit_s if in_time else measured)
    verdict = "missed" if done is None else "in_time" if in_time else "late"
    if done is None and log.simulated and action.event == ACTION_DONE:
        verdict, got = "not_rated", math.nan
    return {
        "action": action.action, "inject": action.inject, "objective": action.objective, "role": action.role,
        "given_ms": given_ms, "done_ms": -1 if done is None else int(done["time_ms"]), "measured_s": measured,
        "limit_s": standard.limit_s, "p50_s": standard.p50_s, "p90_s": standard.p90_s,
        "percentile": percentile(standard, measured), "points": got, "full": action.points, "verdict": verdict,
        "row": -1 if done is None else int(done["row"]),
    }  # fmt: skip


def _shows(row: dict[str, Any], action: Action, given_ms: int) -> bool:
    """Whether a row of the log shows an action done."""
    if row["action"]:
        return bool(row["action"] == action.action and row["time_ms"] >= given_ms)
    if row["event"] != action.event or row["time_ms"] < given_ms or row["inject"]:
        return False
    if action.milestone and row["milestone"]:
        return bool(row["milestone"] == action.milestone)
    same_actor = not action.actor or not row["actor"] or row["actor"] == action.actor
    same_place = not action.place or not row["place"] or row["place"] == action.place
    return same_actor and same_place


def _objectives(drill: Drill, actions: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for objective in drill.objectives:
        own = actions[(actions["objective"] == objective.objective) & (actions["verdict"] != "not_rated")]
        full = float(own["full"].sum())
        got = float(own["points"].sum())
        verdicts = own["verdict"].value_counts()
        rows.append({
            "objective": objective.objective, "points": got, "full": full,
            "share": got / full if full > 0 else math.nan,
            "done": int(len(own) - verdicts.get("missed", 0)), "late": int(verdicts.get("late", 0)),
            "missed": int(verdicts.get("missed", 0)),
        })  # fmt: skip
    return pd.DataFrame({c: pd.Series([row[c] for row in rows], dtype=kind) for c, kind in OBJECTIVE_COLUMNS.items()})


def _chain(drill: Drill, actions: pd.DataFrame) -> tuple[str, ...]:
    """From the action done last (a missed one counts as done last) back along the injects it waited for.

    Of the actions of the injects before it, the one that was done last is the one that held it up.
    """
    by_action = {row["action"]: row for row in actions.to_dict("records") if row["verdict"] != "not_rated"}
    of_inject: dict[str, list[str]] = {}
    for action in drill.actions:
        if action.action in by_action:
            of_inject.setdefault(action.inject, []).append(action.action)
    after = {inject.key: inject.after for inject in drill.injects}

    def ended(action: str) -> float:
        done = by_action[action]["done_ms"]
        return math.inf if done < 0 else float(done)

    if not by_action:
        return ()
    last = max(by_action, key=ended)
    chain = [last]
    seen = {by_action[last]["inject"]}
    while True:
        waiting, earlier = list(after.get(by_action[chain[0]]["inject"], ())), []
        while waiting:
            inject = waiting.pop()
            if inject in seen:
                continue
            seen.add(inject)
            own = of_inject.get(inject, [])
            earlier += own
            if not own:
                waiting += after.get(inject, ())
        if not earlier:
            return tuple(chain)
        chain.insert(0, max(earlier, key=ended))
