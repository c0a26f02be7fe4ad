"""From a night's event log to drafts of injects: events that a template tells of, and library injects set beside them.

A template with an event takes the events of the night that follows; one without, or whose event did not happen though
it must be in every drill, is set a drawn number of minutes after the inject it is anchored to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dispatch.clock import MINUTE_MS
from dispatch.drill.facts import Facts
from dispatch.drill.norms import drill_rule, rows
from dispatch.drill.standards import whole_ms

__all__ = ["Draft", "draft_injects"]

_BEFORE_ORDER_MS = 75 * MINUTE_MS
"""Between detection and the order, where the night's log holds only the order (highest values of the norm's steps)."""

_PLACE_WORDS = ("{place", "{shelter}", "{road}", "{people}", "{distance_km}", "{onset}", "{first}", "{worse}")
"""Placeholders that say something of one place."""


@dataclass(frozen=True, eq=False)
class Draft:
    """An inject before it has words: its template's row, when, where, and the event it tells of (or none)."""

    key: str
    row: Mapping[str, Any]
    time_ms: int
    place: str
    event: Mapping[str, Any] | None
    after: tuple[str, ...]


def draft_injects(
    facts: Facts,
    log: pd.DataFrame | None,
    hazard: str,
    due_ms: int,
    *,
    difficulty: str,
    three_cuts: bool,
    rng: np.random.Generator,
) -> list[Draft]:
    """Drafts in the order of time.

    Parameters
    ----------
    facts : Facts
    log : DataFrame or None
        Event log of the night to follow; None: everything comes from the library.
    hazard : str
    due_ms : int
        The six-hour line; events later than it are left to the review.
    difficulty : {"easy", "normal", "hard"}
        How many contingencies are drawn.
    three_cuts : bool
    rng : numpy Generator
    """
    chosen = [row for row in _templates(hazard, three_cuts=three_cuts) if log is not None or row["anchor"] != "due"]
    log = _empty_log() if log is None else log[log["time_s"] * 1000 <= due_ms]
    start_ms = _start_ms(log)
    drafts: dict[str, list[Draft]] = {}
    for row in _anchored_order(chosen):
        events = _events(row, log, facts)
        anchor = drafts.get(row["anchor"])
        if row["anchor"] not in ("start", "due") and not anchor:
            continue
        if events:
            drafts[row["inject"]] = [_told(row, event, anchor, facts) for event in events]
        elif _in_every_drill(row):
            base = start_ms if row["anchor"] == "start" else due_ms if row["anchor"] == "due" else anchor[0].time_ms  # type: ignore[index]
            low, high = row["after_low_min"] * MINUTE_MS, row["after_high_min"] * MINUTE_MS
            time = base + round(float(rng.uniform(low, high)) / MINUTE_MS) * MINUTE_MS
            if time <= due_ms:
                same = anchor is not None and anchor[0].row["objective"] == row["objective"] == "evacuation"
                place = anchor[0].place if anchor and same else _drawn_place(facts, rng) if _of_a_place(row) else ""
                after = (anchor[0].key,) if anchor else ()
                drafts[row["inject"]] = [Draft(row["inject"], row, time, place, None, after)]
    kept = _with_contingencies([draft for found in drafts.values() for draft in found], difficulty, rng)
    return sorted(
        kept, key=lambda draft: (draft.time_ms, -1 if draft.event is None else draft.event["event_id"], draft.key)
    )


def _empty_log() -> pd.DataFrame:
    from dispatch.simulation.log import empty_log

    return empty_log()


def _templates(hazard: str, *, three_cuts: bool) -> list[Mapping[str, Any]]:
    return [
        row
        for row in rows("injects")
        if (not row["hazards"] or hazard in row["hazards"].split(";")) and (not row["needs"] or three_cuts)
    ]


def _start_ms(log: pd.DataFrame) -> int:
    """When the drill begins if no event says it: before the order, if there is one, else at the reference instant."""
    order = log.loc[log["event"] == "order_received", "time_s"]
    return whole_ms(float(order.iloc[0])) - _BEFORE_ORDER_MS if len(order) else 0


def _anchored_order(chosen: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Templates with each after the one it is anchored to; one whose anchor is not there is left out."""
    done: dict[str, Mapping[str, Any]] = {}
    waiting = list(chosen)
    while waiting:
        ready = [row for row in waiting if row["anchor"] in ("start", "due") or row["anchor"] in done]
        if not ready:
            break
        done |= {row["inject"]: row for row in ready}
        waiting = [row for row in waiting if row["inject"] not in done]
    return list(done.values())


def _in_every_drill(row: Mapping[str, Any]) -> bool:
    """Whether a template is used also where the night holds no event for it: what is not tied to one place of a log."""
    return (
        not row["event"] or row["type"] == "contingency" or (row["type"] == "expected_action" and row["pick"] != "road")
    )


def _events(row: Mapping[str, Any], log: pd.DataFrame, facts: Facts) -> list[dict[str, Any]]:
    """Events of the night that a template tells of, at most as many as it says."""
    if not row["event"]:
        return []
    found: list[dict[str, Any]] = log[log["event"] == row["event"]].to_dict("records")
    if row["pick"] == "people":
        rank = {place: k for k, place in enumerate(facts.affected)}
        found = [event for event in found if event["place"] in rank]
        found.sort(key=lambda event: (rank[event["place"]], event["time_s"], event["event_id"]))
        found = list({event["place"]: event for event in reversed(found)}.values())[::-1]
    elif row["pick"] == "road":
        found = list({facts.road(event["edge"]).zh + event["place"]: event for event in reversed(found)}.values())[::-1]
    return found[: int(row["most"])]


def _told(row: Mapping[str, Any], event: dict[str, Any], anchor: list[Draft] | None, facts: Facts) -> Draft:
    """Draft of an event; it comes after its anchor if that was earlier."""
    time = whole_ms(event["time_s"])
    place = event["place"]
    if not place and event["edge"]:
        place = facts.nearest_place(*facts.edge_position(event["edge"]))
    if not place and facts.affected and _of_a_place(row):
        place = facts.affected[0]
    about = event["place"] or event["edge"] or event["actor"]
    key = row["inject"] if row["most"] == 1 else f"{row['inject']} {about}"
    after = tuple(draft.key for draft in (anchor or [])[:1] if draft.time_ms <= time)
    return Draft(key, row, time, place, event, after)


def _of_a_place(row: Mapping[str, Any]) -> bool:
    """Whether a template, or an action that follows it, speaks of one place."""
    actions = [action for action in rows("actions") if action["inject"] == row["inject"]]
    words = [row["text_zh"], row["text_en"], *(a[name] for a in actions for name in ("text_zh", "text_en", "match"))]
    return any(mark in word for word in words for mark in _PLACE_WORDS) or any(
        action["match"] in {"walk", "place"} for action in actions
    )


def _drawn_place(facts: Facts, rng: np.random.Generator) -> str:
    """One of the places with most people, drawn."""
    places = facts.affected[:5]
    return places[int(rng.integers(len(places)))] if places else ""


def _with_contingencies(drafts: list[Draft], difficulty: str, rng: np.random.Generator) -> list[Draft]:
    """Keep as many contingencies as the difficulty asks, drawn."""
    spare = [draft for draft in drafts if draft.row["type"] == "contingency"]
    count = min(len(spare), int(drill_rule(f"contingencies_{difficulty}")))
    drawn = {spare[k].key for k in rng.choice(len(spare), size=count, replace=False).tolist()} if count else set()
    return [draft for draft in drafts if draft.row["type"] != "contingency" or draft.key in drawn]
