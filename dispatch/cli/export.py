"""``dispatch export`` and ``dispatch open``."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dispatch.cli.common import lang_option, print_problems, reports_problems, stop
from dispatch.cli.language import say
from dispatch.documents.messages import Lang, text

if TYPE_CHECKING:
    from dispatch.report.cap_messages import Status

__all__ = ["export", "open_page"]

PATH = click.Path(path_type=Path)
KINDS = ("summary", "geopackage", "geojson", "gpx", "ics", "cap")


@click.command(help=say("cli_export_help"), epilog=say("cli_export_example"))
@click.argument("plan_file", metavar="PLAN", type=PATH)
@click.argument("scenario")
@click.option("--out", type=PATH, required=True, help=say("cli_run_out"))
@click.option("--kind", "kinds", type=click.Choice(KINDS), multiple=True, help=say("cli_opt_kind"))
@click.option("--actual", is_flag=True, help=say("cli_opt_actual"))
@click.option("--mark", default="", help=say("cli_opt_mark"))
@lang_option
@reports_problems
def export(
    plan_file: Path, scenario: str, out: Path, kinds: tuple[str, ...], actual: bool, mark: str, lang: Lang
) -> None:
    """Write a plan's layers, tracks, calendars, alerts and leader's page."""
    from dispatch.report.exports import write_exports
    from dispatch.report.figures import write_figures
    from dispatch.results import load_plan
    from dispatch.scenario_file import load_scenario

    problem = load_scenario(scenario)
    plan, _, warnings = load_plan(plan_file, problem)
    print_problems((*problem.notes, *warnings), lang)
    if out.exists() and not out.is_dir():
        stop(text(lang, "cli_out_is_file", path=out))
    out.mkdir(parents=True, exist_ok=True)
    chosen = kinds or KINDS
    if "summary" in chosen:
        write_figures(out / "figures", problem, plan, None, lang=lang)
    status: Status = "Actual" if actual else "Exercise"
    for path in write_exports(out, problem, plan, None, lang=lang, kinds=chosen, status=status, mark=mark):
        click.echo(text(lang, "cli_written", path=path))


@click.command("open", help=say("cli_open_help"), epilog=say("cli_open_example"))
@click.argument("folder", type=PATH)
@lang_option
def open_page(folder: Path, lang: Lang) -> None:
    """Show the page of a results folder in the browser."""
    page = folder if folder.suffix == ".html" else folder / "report.html"
    if not page.is_file():
        stop(text(lang, "cli_open_missing", path=page))
    if not webbrowser.open(page.resolve().as_uri()):
        stop(text(lang, "cli_open_no_browser", path=page.resolve()), 1)
    click.echo(str(page))
