"""``dispatch passage``."""

from __future__ import annotations

import math
from pathlib import Path

import click

from dispatch.cli.common import lang_option, new_file, print_problems, reports_problems
from dispatch.cli.language import say
from dispatch.clock import MINUTE_MS, hours_minutes
from dispatch.documents.messages import Lang, text

__all__ = ["passage"]

PATH = click.Path(path_type=Path)


@click.command(help=say("passage_help"), epilog=say("passage_example"))
@click.argument("plan_file", metavar="PLAN", type=PATH)
@click.argument("scenario")
@click.option("--out", type=PATH, default=None, help=say("passage_out"))
@lang_option
@reports_problems
def passage(scenario: str, plan_file: Path, out: Path | None, lang: Lang) -> None:
    """Minutes saved by fast passage; the timetable and route sheets under it."""
    from dispatch.planning.fast_passage import passage_report
    from dispatch.planning.names import site_name
    from dispatch.results import load_plan, save_plan
    from dispatch.scenario_file import load_scenario

    if out is not None:
        new_file(out, lang, (".json", ".xlsx", ""))
    problem = load_scenario(scenario)
    read, _, warnings = load_plan(plan_file, problem)
    print_problems(warnings, lang)
    found = passage_report(problem, read)
    places, trips = found.places, found.trips
    click.echo(text(lang, "passage_head"))
    for row in places[places["fast_ms"] >= 0].to_dict("records"):
        click.echo(_place_line(site_name(problem, row["place"], lang), row["normal_ms"], row["fast_ms"], lang))
    click.echo(text(
        lang, "passage_sum", before=int(places["on_time"].sum()), after=int(places["on_time_fast"].sum()),
        mean=f"{places['saved_ms'].mean() / MINUTE_MS if len(places) else 0:.1f}", trips=len(trips),
        driving=f"{trips['driving_saved_ms'].sum() / MINUTE_MS:.0f}",
    ))  # fmt: skip
    if out is not None:
        save_plan(found.plan, found.scenario, out, lang)
        click.echo(text(lang, "cli_written", path=out))


def _place_line(name: str, normal_ms: int, fast_ms: int, lang: Lang) -> str:
    """One place; the minutes between the two times as shown, so that the line adds up."""
    if normal_ms < 0:
        return text(lang, "passage_place_new", place=name, fast=hours_minutes(fast_ms))
    saved = math.ceil(normal_ms / MINUTE_MS) - math.ceil(fast_ms / MINUTE_MS)
    key = "passage_place" if saved >= 0 else "passage_place_later"
    return text(lang, key, place=name, normal=hours_minutes(normal_ms), fast=hours_minutes(fast_ms), saved=abs(saved))
