"""``dispatch export`` and ``dispatch open``."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dispatch.cli import filled
from dispatch.cli.common import (
    empty_folder,
    lang_option,
    overwrite_option,
    quiet_option,
    reports_problems,
    stop,
    tell_written,
)
from dispatch.cli.language import say
from dispatch.cli.plans import sound_plan
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
@overwrite_option
@lang_option
@quiet_option
@reports_problems
def export(
    plan_file: Path, scenario: str, out: Path, kinds: tuple[str, ...], actual: bool, mark: str, overwrite: bool,
    lang: Lang,
) -> None:  # fmt: skip
    """Write a plan's layers, tracks, calendars, alerts and leader's page."""
    from dispatch.report.exports import export_folders, export_targets, write_exports
    from dispatch.report.figures import write_figures
    from dispatch.scenario_file import load_scenario

    chosen = kinds or KINDS
    there = [path for path in export_targets(out, chosen) if path.is_file() or (path.is_dir() and any(path.iterdir()))]
    if there and not overwrite:
        stop(text(lang, "cli_export_exists", paths=text(lang, "common_list_comma").join(map(str, there))))
    problem = load_scenario(scenario)
    plan, problem = sound_plan(plan_file, problem, lang)
    empty_folder(out, lang, overwrite=True, task=" ".join(kind for kind in KINDS if kind in chosen),
                 renewed=export_folders(chosen))  # fmt: skip
    if "summary" in chosen:
        write_figures(out / "figures", problem, plan, None, lang=lang)
    status: Status = "Actual" if actual else "Exercise"
    written = write_exports(out, problem, plan, None, lang=lang, kinds=chosen, status=status, mark=mark)
    filled.record([out / "figures"] if "summary" in chosen else [])
    tell_written(lang, *written)


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
