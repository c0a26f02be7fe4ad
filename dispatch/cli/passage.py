"""``dispatch passage``."""

from __future__ import annotations

from pathlib import Path

import click

from dispatch.cli.common import lang_option, print_problems, reports_problems, stop
from dispatch.cli.language import say
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
    from dispatch.clock import MINUTE_MS, hours_minutes
    from dispatch.planning.fast_passage import passage_report
    from dispatch.planning.names import site_name
    from dispatch.results import load_plan, save_plan
    from dispatch.scenario_file import load_scenario

    if out is not None and out.exists():
        stop(text(lang, "cli_exists", path=out))
    problem = load_scenario(scenario)
    read, _, warnings = load_plan(plan_file, problem)
    print_problems(warnings, lang)
    found = passage_report(problem, read)
    places, trips = found.places, found.trips
    click.echo(text(lang, "passage_head"))
    for row in places[places["fast_ms"] >= 0].to_dict("records"):
        normal = hours_minutes(row["normal_ms"]) if row["normal_ms"] >= 0 else text(lang, "explain_never")
        click.echo(text(lang, "passage_place", place=site_name(problem, row["place"], lang), normal=normal,
                        fast=hours_minutes(row["fast_ms"]), saved=f"{row['saved_ms'] / MINUTE_MS:.0f}"))  # fmt: skip
    click.echo(text(
        lang, "passage_sum", before=int(places["on_time"].sum()), after=int(places["on_time_fast"].sum()),
        mean=f"{places['saved_ms'].mean() / MINUTE_MS if len(places) else 0:.1f}", trips=len(trips),
        driving=f"{trips['driving_saved_ms'].sum() / MINUTE_MS:.0f}",
    ))  # fmt: skip
    if out is not None:
        save_plan(found.plan, found.scenario, out, lang)
        click.echo(text(lang, "cli_written", path=out))
