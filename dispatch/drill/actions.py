"""Expected actions of drafted injects, each with its standard time and what shows it done in a log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dispatch.clock import SECOND_MS
from dispatch.drill.draft import Draft
from dispatch.drill.facts import Facts, fill
from dispatch.drill.model import Standard, Words
from dispatch.drill.norms import both, rows
from dispatch.drill.standards import EventTimes, computed_standard, norm_standard, simulated_standard

__all__ = ["ACTION_DONE", "DraftAction", "draft_actions"]

ACTION_DONE = "action_done"
"""Event of what the simulation does not play."""


@dataclass(frozen=True, eq=False)
class DraftAction:
    """An action before it has a number and points."""

    row: Mapping[str, Any]
    draft: Draft
    text: Words
    note: Words
    standard: Standard
    event: str
    same: Mapping[str, str]


def draft_actions(drafts: list[Draft], facts: Facts, times: EventTimes | None, replication: int) -> list[DraftAction]:
    """Actions of every draft, in order; one for which neither the nights nor a norm give a time is left out."""
    replications = times.replications if times is not None else []
    found: list[DraftAction] = []
    seen: set[tuple[str, tuple[tuple[str, str], ...]]] = set()
    for draft in drafts:
        values = facts.words(draft.place, draft.event)
        since = _since(draft, times, replications)
        before: Standard | None = None
        for row in rows("actions"):
            if row["inject"] != draft.row["inject"]:
                continue
            same = _same(row["match"], draft, {name: value.zh for name, value in values.items()})
            standard = _standard(row, draft, facts, times, since, same, before, replication)
            shown = (row["event"], tuple(sorted(same.items())))
            simulated = standard is not None and standard.source == "simulated"
            if standard is None or (simulated and shown in seen):
                continue
            if simulated:
                seen.add(shown)
                before = standard
            found.append(
                DraftAction(row, draft, fill(both(row, "text"), values), both(row, "evaluator"), standard,
                            row["event"] if simulated else ACTION_DONE, same if simulated else {})
            )  # fmt: skip
            before = before or standard
    return found


def _since(draft: Draft, times: EventTimes | None, replications: list[int]) -> pd.Series:
    """Seconds by night at which an inject's event happened; the same on all nights for an inject of the library."""
    event = draft.event
    if times is None or event is None:
        return pd.Series(draft.time_ms / SECOND_MS, index=replications, dtype="float64")
    if event["milestone"]:
        return times.first(event["event"], milestone=event["milestone"])
    same = {column: event[column] for column in ("place", "edge") if event[column]}
    if not same and event["actor"]:
        same = {"actor": event["actor"]}
    return times.first(event["event"], **same)


def _same(match: str, draft: Draft, values: Mapping[str, str]) -> dict[str, str]:
    """Columns of the answering event that must agree."""
    kind, _, pattern = match.partition(":")
    if kind == "milestone":
        return {"milestone": pattern.format(**values)}
    if kind == "edge" and draft.event is not None and draft.event["edge"]:
        return {"edge": draft.event["edge"]}
    if kind == "place":
        return {"place": draft.place}
    return {}


def _standard(
    row: Mapping[str, Any],
    draft: Draft,
    facts: Facts,
    times: EventTimes | None,
    since: pd.Series,
    same: Mapping[str, str],
    before: Standard | None,
    replication: int,
) -> Standard | None:
    if row["match"] == "walk":
        return computed_standard(facts.spot(draft.place).walk.walk_s, before)
    tied = row["match"] == "any" or bool(same)
    if times is not None and row["event"] and row["match"] != "norm" and tied and len(since):
        until = times.first_after(since, row["event"], **same)
        found = simulated_standard(since, until, replication)
        if found is not None:
            return found
        if draft.event is not None:
            return None
    limit = row["limit_min"]
    return norm_standard(limit, row["source"]) if limit == limit else None
