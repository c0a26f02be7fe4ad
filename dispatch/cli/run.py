"""``dispatch run`` and ``dispatch simulate``."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dispatch.cli.common import empty_folder, lang_option, print_problems, quiet_option, reports_problems, stop
from dispatch.cli.language import say
from dispatch.documents.messages import Lang, text

if TYPE_CHECKING:
    from rich.progress import Progress

    from dispatch.planning.plan import Plan
    from dispatch.scenario import Scenario
    from dispatch.simulation.ensemble import Ensemble

__all__ = ["run", "simulate"]

PATH = click.Path(path_type=Path)
INTERRUPTED = 130


@contextmanager
def _progress(quiet: bool) -> Iterator[Progress]:
    """Progress bars on standard error, gone when done; none if quiet or where nobody watches."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as progress:
        yield progress


def _step(progress: Progress, lang: Lang, key: str, total: int = 1) -> Callable[[int, int], None]:
    """Add a bar; the returned function sets it."""
    task = progress.add_task(text(lang, key), total=total)
    return lambda done, of: progress.update(task, completed=done, total=of)


def _nights(
    scenario: Scenario, plan: Plan, nights: int, seed: int | None, workers: int, progress: Progress, lang: Lang
) -> Ensemble:
    """Simulate with a bar; what was interrupted is said."""
    from dispatch.simulation.ensemble import simulate as play

    ensemble = play(
        scenario,
        plan,
        replications=nights,
        seed=seed,
        workers=workers,
        progress=_step(progress, lang, "cli_step_simulate", nights),
    )
    if ensemble.interrupted:
        if not ensemble.replications:
            raise KeyboardInterrupt
        click.echo(text(lang, "cli_partial_nights", done=ensemble.replications), err=True)
    return ensemble


def _common(command: Callable[..., None]) -> Callable[..., None]:
    """Options of both commands."""
    for option in (
        click.option(
            "--nights", type=click.IntRange(min=1), default=200, show_default=True, help=say("cli_opt_nights")
        ),
        click.option("--seed", type=click.IntRange(min=0), default=None, help=say("cli_opt_seed")),
        click.option(
            "--workers", type=click.IntRange(min=1), default=1, show_default=True, help=say("cli_opt_workers")
        ),
        click.option("--overwrite", is_flag=True, help=say("cli_opt_overwrite")),
    ):
        command = option(command)
    return command


@click.command(help=say("cli_run_help"), epilog=say("cli_run_example"))
@click.argument("scenario")
@click.option("--out", type=PATH, required=True, help=say("cli_run_out"))
@click.option("--seconds", type=click.FloatRange(min=0.1), default=10.0, show_default=True, help=say("cli_opt_seconds"))
@click.option("--limit", type=click.FloatRange(min=0.1), default=None, help=say("cli_opt_limit"))
@_common
@lang_option
@quiet_option
@reports_problems
def run(
    scenario: str,
    out: Path,
    seconds: float,
    limit: float | None,
    nights: int,
    seed: int | None,
    workers: int,
    overwrite: bool,
    lang: Lang,
    quiet: bool,
) -> None:
    """Plan, check, simulate and report."""
    from dispatch.planning.relief import plan_relief
    from dispatch.planning.violation import violation_text
    from dispatch.report.summary import files_summary, run_summary
    from dispatch.results import InvalidPlan, checked, save_results
    from dispatch.scenario_file import load_scenario

    with _progress(quiet) as progress:
        step = _step(progress, lang, "cli_step_read")
        problem = load_scenario(scenario)
        print_problems(problem.notes, lang)
        empty_folder(out, lang, overwrite=overwrite)
        step(1, 1)
        step = _step(progress, lang, "cli_step_plan")
        plan = plan_relief(problem, seconds=seconds, limit_s=limit, seed=seed)
        step(1, 1)
        step = _step(progress, lang, "cli_step_check")
        try:
            checked(plan, problem)
        except InvalidPlan as invalid:
            for violation in invalid.violations:
                click.echo(violation_text(violation, problem, lang), err=True)
            stop(text(lang, "cli_internal_violations"), 3)
        step(1, 1)
        ensemble = _nights(problem, plan, nights, seed, workers, progress, lang)
        step = _step(progress, lang, "cli_step_write")
        files, missing = save_results(problem, plan, ensemble, out, lang=lang, command=_command_line())
        step(1, 1)
    if not quiet:
        for line in (*run_summary(problem, plan, ensemble, lang), *files_summary(out, files, lang), *missing):
            click.echo(line)
    if ensemble.interrupted:
        sys.exit(INTERRUPTED)


@click.command(help=say("cli_simulate_help"), epilog=say("cli_simulate_example"))
@click.argument("plan_file", metavar="PLAN", type=PATH)
@click.argument("scenario")
@click.option("--out", type=PATH, required=True, help=say("cli_run_out"))
@_common
@lang_option
@quiet_option
@reports_problems
def simulate(
    plan_file: Path,
    scenario: str,
    out: Path,
    nights: int,
    seed: int | None,
    workers: int,
    overwrite: bool,
    lang: Lang,
    quiet: bool,
) -> None:
    """Simulate a plan that passes the checker."""
    from dispatch.planning.check import check
    from dispatch.report.summary import files_summary, run_summary
    from dispatch.results import load_plan, save_nights
    from dispatch.scenario_file import load_scenario

    with _progress(quiet) as progress:
        problem = load_scenario(scenario)
        plan, disagreements, warnings = load_plan(plan_file, problem)
        print_problems((*problem.notes, *warnings), lang)
        broken = len(disagreements) + len(check(plan, problem))
        if broken:
            stop(text(lang, "cli_simulate_violations", count=broken), 1)
        empty_folder(out, lang, overwrite=overwrite)
        ensemble = _nights(problem, plan, nights, seed, workers, progress, lang)
        files = save_nights(ensemble, out)
    if not quiet:
        for line in (*run_summary(problem, plan, ensemble, lang), *files_summary(out, files, lang)):
            click.echo(line)
    if ensemble.interrupted:
        sys.exit(INTERRUPTED)


def _command_line() -> str:
    """The command as typed, without the path of the program."""
    return shlex.join(["dispatch", *sys.argv[1:]])
