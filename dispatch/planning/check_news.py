"""Trips of a plan made anew against its news: nobody sets out in the past, or with a vehicle that is out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dispatch.planning.plan import Plan
from dispatch.planning.violation import Violation
from models.traversal import NEVER

__all__ = ["check_news"]


def check_news(plan: Plan) -> Iterator[Violation]:
    """Rules for trips that have not begun; none for a plan that carries no news."""
    again, news = plan.meta.get("replan"), plan.meta.get("news")
    if not isinstance(again, Mapping) or not isinstance(news, list | tuple):
        return
    now_ms, kept = again.get("now_ms"), again.get("kept")
    if not isinstance(now_ms, int) or not isinstance(kept, list | tuple):
        return
    held = _held(again.get("stuck"), news)
    for trip in plan.trips.to_dict("records"):
        if trip["trip"] in kept:
            continue
        name, vehicle = str(trip["trip"]), str(trip["vehicle"])
        start_ms = int(trip["start_ms"] if trip["to_depot_path"] else trip["load_start_ms"])
        until_ms = held.get(vehicle, -NEVER)
        if until_ms >= NEVER:
            yield Violation("news_vehicle_out", name, vehicle=vehicle)
        elif start_ms < until_ms:
            yield Violation("vehicle_not_ready", name, vehicle=vehicle, value=start_ms, limit=until_ms, unit="time")
        if start_ms < now_ms:
            yield Violation("news_in_past", name, vehicle=vehicle, value=start_ms, limit=now_ms, unit="time")


def _held(stuck: Any, news: Any) -> dict[str, int]:
    """Until when vehicles stand: those whose trips could not go on, and those told of; the last word counts."""
    held = {str(v): until for v, until in stuck.items() if isinstance(until, int)} if isinstance(stuck, Mapping) else {}
    for row in news:
        if isinstance(row, Mapping) and row.get("kind") == "without":
            held[str(row.get("what"))] = NEVER
        elif isinstance(row, Mapping) and row.get("kind") == "late" and isinstance(row.get("until_ms"), int):
            held[str(row.get("what"))] = int(row["until_ms"])
    return held
