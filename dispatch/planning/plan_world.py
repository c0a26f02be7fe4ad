"""The world that a plan was made for: its scenario with the what-if it was asked, or the news it was made anew with.

A plan's ``meta`` carries both, so that whoever checks, plays, explains or prints it does so in that world: ``what_if``
as options of ``dispatch plan``; ``news``, everything told so far, each with when it was told; ``world``, the rows of
needs and stock that differ from the scenario's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

import pandas as pd

from dispatch.clock import day_and_time
from dispatch.county.problem_text import found
from dispatch.documents.messages import text
from dispatch.planning.changed_world import changed
from dispatch.planning.plan import Plan
from dispatch.planning.told import Told, told_row
from dispatch.planning.told_words import told_words
from dispatch.planning.told_world import held_told, roads_told, with_told_fleet
from dispatch.problems import InputProblems, Problem
from dispatch.scenario import NEED_COLUMNS, Scenario
from models.traversal import NEVER

__all__ = ["News", "differing_rows", "held_before", "news_of", "plan_world", "with_statements",
           "world_notes", "world_warnings"]  # fmt: skip

News = Sequence[tuple[int, bool, Told]]
"""Things told in order: when (ms), whether in a list's file, what."""

_STOCK = ("depot", "item", "lot")


def news_of(plan: Plan) -> News:
    """Everything that a plan was told of so far, in order.

    Raises
    ------
    InputProblems
        If the plan's ``meta`` cannot be read.
    """
    try:
        return [
            (int(row["told_ms"]), bool(row.get("listed", False)),
             told_row({k: v for k, v in row.items() if k not in ("told_ms", "listed")}))
            for row in plan.meta.get("news", ())
        ]  # fmt: skip
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise _unreadable("news", error) from None


def plan_world(plan: Plan, scenario: Scenario) -> Scenario:
    """The scenario as a plan says that it was made for; the same object where the plan has no world of its own.

    Parameters
    ----------
    plan : Plan
    scenario : Scenario
        As its file has it.

    Raises
    ------
    InputProblems
        If the plan's ``meta`` cannot be read, or names what this scenario does not have.
    """
    news = news_of(plan)
    wished, rows = plan.meta.get("what_if"), plan.meta.get("world")
    _whole(plan.meta.get("replan", {}))
    try:
        if wished:
            scenario = changed(scenario, *(tuple(wished.get(name, ())) for name in ("close", "open", "add")))
        for told_ms, group in groupby(news, key=lambda one: one[0]):
            items = [item for _, _, item in group]
            scenario = roads_told(with_told_fleet(scenario, items, told_ms), items, told_ms)
        if rows:
            scenario = _with_rows(scenario, rows)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise _unreadable("news" if news else "what_if", error) from None
    return with_statements(plan, scenario)


def _whole(again: Any) -> None:
    """Refuse what a plan says of having been made anew where it is not as this program writes it."""
    lists = dict.fromkeys(("kept", "changed", "abandoned", "lost"), list)
    kinds: dict[str, type] = {"now_ms": int, "last": int, **lists, "brought": dict, "stuck": dict}
    if not isinstance(again, Mapping):
        raise _unreadable("replan", TypeError(again))
    wrong = [name for name, kind in kinds.items() if name in again and not isinstance(again[name], kind | tuple)]
    if wrong:
        raise _unreadable("replan", TypeError(", ".join(wrong)))


def with_statements(plan: Plan, scenario: Scenario) -> Scenario:
    """The scenario that says on every page what a plan counts on; the same object where that is nothing."""
    zh, en = (world_notes(plan, scenario, lang) for lang in ("zh", "en"))
    return replace(scenario, statements=(*scenario.statements, *zip(zh, en, strict=True))) if zh else scenario


def world_notes(plan: Plan, scenario: Scenario, lang: str) -> list[str]:
    """What a plan counts on that its scenario does not say, one line for each thing; empty for most plans."""
    lines = []
    wished = plan.meta.get("what_if")
    if wished and any(wished.values()):
        comma = text(lang, "common_list_comma")
        words = [f"--{name} {word}" for name in ("close", "open", "add", "without") for word in wished.get(name, ())]
        lines.append(text(lang, "replan_note_what_if", words=comma.join(words)))
    for told_ms, _, item in news_of(plan):
        lines.append(
            text(
                lang,
                "replan_note_news",
                clock=day_and_time(scenario.reference_time, told_ms),
                words=told_words(scenario, item, lang, told_ms),
            )
        )
    return lines


def held_before(plan: Plan, news: News, now_ms: int) -> dict[str, int]:
    """Until when vehicles stand by what was known before ``now_ms``.

    A vehicle that was said to be late and has begun a trip since is not held again: that trip is later already.
    """
    again: Mapping[str, Any] = plan.meta.get("replan", {})
    held = {str(vehicle): int(until) for vehicle, until in again.get("stuck", {}).items()}
    for told_ms, group in groupby(news, key=lambda one: one[0]):
        held |= held_told([item for _, _, item in group], told_ms)
    ends = plan.stops.groupby("trip")["unload_end_ms"].max().to_dict()
    vehicle = dict(zip(plan.trips["trip"], plan.trips["vehicle"], strict=True))
    under_way = {vehicle[t] for t in again.get("kept", ()) if t in vehicle and ends.get(t, 0) > now_ms}
    return {v: until for v, until in held.items() if until >= NEVER or (until > now_ms and v not in under_way)}


def differing_rows(base: Scenario, known: Scenario) -> dict[str, Any]:
    """Rows of needs and stock in which a scenario differs from the one of the file, as JSON values."""
    before = {row["need"]: row for row in base.needs.to_dict("records")}
    needs = [row for row in known.needs.to_dict("records") if before.get(row["need"]) != row]
    held = _quantities(base)
    stock = [[*key, quantity] for key, quantity in _quantities(known).items() if held.get(key) != quantity]
    return {"needs": [{name: row[name] for name in NEED_COLUMNS} for row in needs], "stock": stock}


def _quantities(scenario: Scenario) -> dict[tuple[str, str, str], float]:
    stock = scenario.county.table("stock")
    keys = zip(*(stock[name] for name in _STOCK), strict=True)
    return {key: float(q) for key, q in zip(keys, stock["quantity"], strict=True) if q == q}


def _with_rows(scenario: Scenario, rows: Mapping[str, Any]) -> Scenario:
    """The scenario with the needs and stock that a plan states."""
    stated = {row["need"]: row for row in rows.get("needs", ())}
    if stated:
        whole = [stated.pop(row["need"], row) for row in scenario.needs.to_dict("records")] + list(stated.values())
        columns = {n: pd.Series([row[n] for row in whole], dtype=kind) for n, kind in NEED_COLUMNS.items()}
        scenario = replace(scenario, needs=pd.DataFrame(columns))
    left = {tuple(row[:3]): float(row[3]) for row in rows.get("stock", ())}
    if left:
        stock = scenario.county.table("stock")
        keys = zip(*(stock[name] for name in _STOCK), strict=True)
        quantity = [left.get(key, q) for key, q in zip(keys, stock["quantity"], strict=True)]
        tables = {**scenario.county.tables, "stock": stock.assign(quantity=quantity)}
        scenario = replace(scenario, county=replace(scenario.county, tables=tables))
    return scenario


def _unreadable(key: str, error: Exception) -> InputProblems:
    return InputProblems([found("replan_world_unreadable", "plan", None, f"meta.{key}", "", reason=error)])


def world_warnings(plan: Plan, scenario: Scenario, file: str) -> Iterable[Problem]:
    """A warning that a plan has a world of its own."""
    zh, en = ("; ".join(world_notes(plan, scenario, lang)) for lang in ("zh", "en"))
    if zh:
        yield found("plan_with_news", file, severity="warning", news_zh=zh, news_en=en)
