"""``dispatch run`` and ``dispatch simulate``."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Unpack

import click

from dispatch.cli.common import empty_folder, lang_option, print_problems, quiet_option, reports_problems, stop
from dispatch.cli.language import say
from dispatch.cli.nights import (
    INTERRUPTED,
    NightWords,
    bar,
    measured,
    night_options,
    play_nights,
    progress_bars,
    save_honest,
)
from dispatch.documents.messages import Lang, text

__all__ = ["run", "simulate"]

PATH = click.Path(path_type=Path)


@click.command(help=say("cli_run_help"), epilog=say("cli_run_example"))
@click.argument("scenario")
@click.option("--out", type=PATH, required=True, help=say("cli_run_out"))
@click.option("--seconds", type=click.FloatRange(min=0.1), default=10.0, show_default=True, help=say("cli_opt_seconds"))
@click.option("--limit", type=click.FloatRange(min=0.1), default=None, help=say("cli_opt_limit"))
@night_options
@lang_option
@quiet_option
@reports_problems
def run(
    scenario: str,
    out: Path,
    seconds: float,
    limit: float | None,
    lang: Lang,
    quiet: bool,
    **words: Unpack[NightWords],
) -> None:
    """Plan, check, simulate and report."""
    from dispatch.planning.relief import plan_relief
    from dispatch.planning.violation import violation_text
    from dispatch.report.summary import files_summary, run_summary
    from dispatch.results import InvalidPlan, checked, save_results
    from dispatch.scenario_file import load_scenario

    with progress_bars(quiet) as progress:
        step = bar(progress, lang, "cli_step_read")
        problem = measured(load_scenario(scenario), words)
        print_problems(problem.notes, lang)
        empty_folder(out, lang, overwrite=words["overwrite"])
        step(1, 1)
        step = bar(progress, lang, "cli_step_plan")
        plan = plan_relief(problem, seconds=seconds, limit_s=limit, seed=words["seed"])
        step(1, 1)
        step = bar(progress, lang, "cli_step_check")
        try:
            checked(plan, problem)
        except InvalidPlan as invalid:
            for violation in invalid.violations:
                click.echo(violation_text(violation, problem, lang), err=True)
            stop(text(lang, "cli_internal_violations"), 3)
        step(1, 1)
        ensemble = play_nights(problem, plan, words, progress, lang)
        step = bar(progress, lang, "cli_step_write")
        files, missing = save_results(problem, plan, ensemble, out, lang=lang, command=_command_line())
        step(1, 1)
        more, said = save_honest(problem, plan, ensemble, out, words, progress, lang)
    if not quiet:
        lines = (*run_summary(problem, plan, ensemble, lang), *said, *files_summary(out, [*files, *more], lang))
        for line in (*lines, *missing):
            click.echo(line)
    if ensemble.interrupted:
        sys.exit(INTERRUPTED)


@click.command(help=say("cli_simulate_help"), epilog=say("cli_simulate_example"))
@click.argument("plan_file", metavar="PLAN", type=PATH)
@click.argument("scenario")
@click.option("--out", type=PATH, required=True, help=say("cli_run_out"))
@night_options
@lang_option
@quiet_option
@reports_problems
def simulate(
    plan_file: Path,
    scenario: str,
    out: Path,
    lang: Lang,
    quiet: bool,
    **words: Unpack[NightWords],
) -> None:
    """Simulate a plan that passes the checker."""
    from dispatch.planning.check import check
    from dispatch.report.summary import files_summary, run_summary
    from dispatch.results import load_plan, save_nights
    from dispatch.scenario_file import load_scenario

    with progress_bars(quiet) as progress:
        problem = measured(load_scenario(scenario), words)
        plan, disagreements, warnings = load_plan(plan_file, problem)
        print_problems((*problem.notes, *warnings), lang)
        broken = len(disagreements) + len(check(plan, problem))
        if broken:
            stop(text(lang, "cli_simulate_violations", count=broken), 1)
        empty_folder(out, lang, overwrite=words["overwrite"])
        ensemble = play_nights(problem, plan, words, progress, lang)
        files = save_nights(ensemble, out)
        more, said = save_honest(problem, plan, ensemble, out, words, progress, lang)
    if not quiet:
        for line in (*run_summary(problem, plan, ensemble, lang), *said, *files_summary(out, [*files, *more], lang)):
            click.echo(line)
    if ensemble.interrupted:
        sys.exit(INTERRUPTED)


def _command_line() -> str:
    """The command as typed, without the path of the program."""
    return shlex.join(["dispatch", *sys.argv[1:]])
