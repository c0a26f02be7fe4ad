"""``dispatch drill review`` and ``dispatch drill log-template``."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click

from dispatch.cli.common import (
    empty_folder,
    lang_option,
    new_file,
    print_problems,
    quiet_option,
    reports_problems,
    stop,
    tell,
    tell_written,
)
from dispatch.cli.language import say
from dispatch.documents.messages import Lang, text

__all__ = ["log_template", "review"]

PATH = click.Path(path_type=Path)


@click.command("log-template", help=say("cli_drill_template_help"), epilog=say("cli_drill_template_example"))
@click.argument("drill", type=PATH)
@click.option("--out", type=PATH, required=True, help=say("cli_drill_template_out"))
@click.option("--played", is_flag=True, help=say("cli_drill_template_played"))
@lang_option
@quiet_option
@reports_problems
def log_template(drill: Path, out: Path, played: bool, lang: Lang) -> None:
    """Write the form in which evaluators keep the log."""
    from dispatch.drill.drill_file import read_drill
    from dispatch.drill.log_form import write_log_form

    new_file(out, lang, (".xlsx",))
    tell_written(lang, write_log_form(read_drill(_file(drill)), out, lang, played=played))


@click.command(help=say("cli_drill_review_help"), epilog=say("cli_drill_review_example"))
@click.argument("log", type=PATH)
@click.argument("drill", type=PATH)
@click.option("--out", type=PATH, required=True, help=say("cli_run_out"))
@click.option("--start", type=click.DateTime(["%Y-%m-%d %H:%M"]), default=None, help=say("cli_drill_start"))
@click.option("--scenario", default=None, help=say("cli_drill_scenario"))
@click.option("--what-if", "words", multiple=True, help=say("cli_drill_what_if"))
@click.option("--nights", type=click.IntRange(min=1), default=100, show_default=True, help=say("cli_opt_nights"))
@click.option("--years", type=PATH, multiple=True, help=say("cli_drill_years"))
@click.option("--overwrite", is_flag=True, help=say("cli_opt_overwrite"))
@lang_option
@quiet_option
@reports_problems
def review(
    log: Path,
    drill: Path,
    out: Path,
    start: datetime | None,
    scenario: str | None,
    words: tuple[str, ...],
    nights: int,
    years: tuple[Path, ...],
    overwrite: bool,
    lang: Lang,
) -> None:
    """Score what really happened against the drill's standard."""
    from dispatch.drill.drill_file import read_drill
    from dispatch.drill.review import early_rows
    from dispatch.drill.review import review as compare
    from dispatch.drill.review_counterfactual import changes_of, what_if
    from dispatch.drill.review_log import read_real_log
    from dispatch.drill.review_report import past_reviews, save_review
    from dispatch.drill.source import load_drill_scenario

    made = read_drill(_file(drill))
    problem = load_drill_scenario(scenario) if scenario is not None else None
    if words and problem is None:
        stop(text(lang, "cli_drill_what_if_scenario"))
    for folder in years:
        if not (folder / "review.json").is_file():
            stop(text(lang, "cli_drill_no_review", path=folder))
    known = frozenset() if problem is None else _ids(problem)
    read = read_real_log(log, made, known, start)
    print_problems([*read.warnings, *early_rows(made, read, log.name)], lang)
    changes = [] if problem is None else changes_of(words, problem)
    empty_folder(out, lang, overwrite=overwrite)
    found = compare(made, read)
    outcomes = what_if(problem, changes, nights=nights) if problem is not None and changes else ()
    held = (read.start or start or made.clock(made.start_ms)).date()
    past = past_reviews(years) if years else None
    paths = save_review(found, out, lang, held=date(held.year, held.month, held.day), outcomes=outcomes, past=past)
    tell(text(lang, "review_score", score=f"{found.score:.1f}"))
    tell_written(lang, *paths)


def _file(drill: Path) -> Path:
    """The drill's JSON file, given itself or the folder of the drill."""
    return drill / "drill.json" if drill.is_dir() else drill


def _ids(scenario: object) -> frozenset[str]:
    """Ids that a log may name: places, depots, vehicles, teams, shelters, facilities, roles."""
    from dispatch.county.schema import SCHEMA
    from dispatch.scenario import Scenario

    assert isinstance(scenario, Scenario)
    tables = ("places", "depots", "vehicles", "teams", "shelters", "facilities", "roles", "aircraft", "drones")
    return frozenset(str(name) for table in tables for name in scenario.county.table(table)[SCHEMA[table].key[0]]) | {
        "county",
        "headquarters",
    }
