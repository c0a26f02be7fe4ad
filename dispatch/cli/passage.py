"""``dispatch passage``."""

from __future__ import annotations

import math
from pathlib import Path

import click

from dispatch.cli.common import lang_option, new_file, quiet_option, reports_problems, tell, tell_written
from dispatch.cli.language import say
from dispatch.cli.plans import sound_plan
from dispatch.clock import MINUTE_MS, hours_minutes
from dispatch.documents.messages import Lang, text

__all__ = ["passage"]

PATH = click.Path(path_type=Path)


@click.command(help=say("passage_help"), epilog=say("passage_example"))
@click.argument("plan_file", metavar="PLAN", type=PATH)
@click.argument("scenario")
@click.option("--out", type=PATH, default=None, help=say("passage_out"))
@lang_option
@quiet_option
@reports_problems
def passage(scenario: str, plan_file: Path, out: Path | None, lang: Lang) -> None:
    """Minutes saved by fast passage; the timetable and route sheets under it."""
    from dispatch.planning.fast_passage import passage_report
    from dispatch.planning.names import site_name
    from dispatch.results import save_plan
    from dispatch.scenario_file import load_scenario

    if out is not None:
        new_file(out, lang, (".json", ".xlsx", ""))
    problem = load_scenario(scenario)
    read, problem = sound_plan(plan_file, problem, lang)
    found = passage_report(problem, read)
    places, trips = found.places, found.trips
    tell(text(lang, "passage_head"))
    for row in places[places["fast_ms"] >= 0].to_dict("records"):
        line = _place_line(site_name(problem, row["place"], lang), row["normal_ms"], row["fast_ms"], lang)
        tell(line + _of_plan(row["plan_ms"], row["normal_ms"], lang))
    tell(text(
        lang, "passage_sum", before=int(places["on_time"].sum()), after=int(places["on_time_fast"].sum()),
        mean=f"{places['saved_ms'].mean() / MINUTE_MS if len(places) else 0:.1f}", trips=len(trips),
        driving=f"{trips['driving_saved_ms'].sum() / MINUTE_MS:.0f}",
    ))  # fmt: skip
    other = places[[_minutes(a) != _minutes(b) for a, b in zip(places["plan_ms"], places["normal_ms"], strict=True)]]
    if len(other):
        tell(text(lang, "passage_differs", count=len(other), on_time=int(places["on_time_plan"].sum())))
    if out is not None:
        save_plan(found.plan, found.scenario, out, lang)
        tell_written(lang, out)


def _minutes(time_ms: int) -> int:
    """Minutes as they are shown; -1 for never."""
    return -1 if time_ms < 0 else math.ceil(time_ms / MINUTE_MS)


def _of_plan(plan_ms: int, normal_ms: int, lang: Lang) -> str:
    """The plan's own time, where it is another than that of its trips timed anew."""
    if _minutes(plan_ms) == _minutes(normal_ms):
        return ""
    shown = text(lang, "passage_never") if plan_ms < 0 else hours_minutes(plan_ms)
    return text(lang, "passage_of_plan", time=shown)


def _place_line(name: str, normal_ms: int, fast_ms: int, lang: Lang) -> str:
    """One place; the minutes between the two times as shown, so that the line adds up."""
    if normal_ms < 0:
        return text(lang, "passage_place_new", place=name, fast=hours_minutes(fast_ms))
    saved = _minutes(normal_ms) - _minutes(fast_ms)
    key = "passage_place" if saved >= 0 else "passage_place_later"
    return text(lang, key, place=name, normal=hours_minutes(normal_ms), fast=hours_minutes(fast_ms), saved=abs(saved))
