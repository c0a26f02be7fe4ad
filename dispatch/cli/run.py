"""``dispatch run`` and ``dispatch simulate``."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import click

from dispatch.cli import filled
from dispatch.cli.air import air_lines, save_air
from dispatch.cli.common import (
    empty_folder,
    is_quiet,
    lang_option,
    print_problems,
    quiet_option,
    reports_problems,
    stop,
    stop_at_violations,
    tell,
)
from dispatch.cli.evacuate import evacuation_lines, save_evacuation
from dispatch.cli.language import say
from dispatch.cli.nights import (
    INTERRUPTED,
    NightWords,
    bar,
    fast_passage_option,
    gather_evidence,
    measured,
    night_options,
    overrides,
    play_nights,
    progress_bars,
    save_evidence,
)
from dispatch.cli.plan import guarantee_lines
from dispatch.cli.teams import save_teams, team_lines
from dispatch.documents.messages import Lang, text

if TYPE_CHECKING:
    import pandas as pd

    from dispatch.planning.plan import Plan
    from dispatch.scenario import Scenario

__all__ = ["run", "simulate"]

PATH = click.Path(path_type=Path)


@click.command(help=say("cli_run_help"), epilog=say("cli_run_example"))
@click.argument("scenario")
@click.option("--out", type=PATH, required=True, help=say("cli_run_out"))
@click.option("--seconds", type=click.FloatRange(min=0.1), default=10.0, show_default=True, help=say("cli_opt_seconds"))
@click.option("--limit", type=click.FloatRange(min=0.1), default=None, help=say("cli_opt_limit"))
@click.option("--physical-first", is_flag=True, help=say("cli_plan_physical_first"))
@click.option("--explain", type=click.IntRange(min=0), default=2, show_default=True, help=say("cli_opt_explain"))
@click.option("--compare", type=PATH, default=None, metavar="JSON", help=say("cli_opt_comparison"))
@click.option("--tiles", default="", help=say("cli_opt_tiles"))
@click.option("--mark", default="", help=say("cli_opt_mark"))
@click.option("--contacts", is_flag=True, help=say("cli_run_contacts"))
@click.option("--json", "as_json", is_flag=True, help=say("cli_run_json"))
@fast_passage_option
@night_options
@lang_option
@quiet_option
@reports_problems
def run(
    scenario: str,
    out: Path,
    seconds: float,
    limit: float | None,
    physical_first: bool,
    explain: int,
    compare: Path | None,
    tiles: str,
    mark: str,
    contacts: bool,
    as_json: bool,
    fast_passage: bool,
    lang: Lang,
    **words: Unpack[NightWords],
) -> None:
    """Plan, check, simulate and report."""
    from dispatch.planning.whole import plan_whole
    from dispatch.report.evidence import read_cases
    from dispatch.report.exports import KINDS, export_folders
    from dispatch.report.findings import find
    from dispatch.report.page_map import tile_origin
    from dispatch.report.summary import files_summary, run_json, run_summary
    from dispatch.results import InvalidPlan, checked, save_results
    from dispatch.scenario_file import load_scenario

    try:
        tile_origin(tiles)
    except ValueError:
        stop(text(lang, "cli_tiles_bad", tiles=tiles))
    with progress_bars(hidden=as_json) as progress:
        step = bar(progress, lang, "cli_step_read")
        problem = measured(load_scenario(scenario, overrides(fast_passage=fast_passage)), words)
        comparison, other = (None, []) if compare is None else read_cases(compare, problem)
        print_problems((*problem.notes, *other), lang)
        empty_folder(out, lang, overwrite=words["overwrite"], renewed=export_folders(KINDS))
        step(1, 1)
        step = bar(progress, lang, "cli_step_plan")
        plan = plan_whole(problem, seconds=seconds, limit_s=limit, seed=words["seed"], physical_first=physical_first)
        step(1, 1)
        step = bar(progress, lang, "cli_step_check")
        try:
            checked(plan, problem)
        except InvalidPlan as invalid:
            stop_at_violations(invalid.violations, problem, lang)
        step(1, 1)
        ensemble = play_nights(problem, plan, words, progress, lang)
        findings = find(problem, plan, ensemble, lang)
        evidence = gather_evidence(
            problem, plan, ensemble, findings, words, progress, lang, explain_places=explain, comparison=comparison
        )
        step = bar(progress, lang, "cli_step_write")
        files, missing = save_results(
            problem, plan, ensemble, out, lang=lang, command=_command_line(), findings=findings, evidence=evidence,
            tiles=tiles, mark=mark, contacts=contacts,
        )  # fmt: skip
        more, said = save_evidence(problem, evidence, out, lang)
        said = [*guarantee_lines(plan.meta, lang), *said]
        if not physical_first and findings.nights is not None and findings.nights.short:
            said = [text(lang, "cli_run_physical_first"), *said]
        of_parts, lines = _save_parts(problem, plan, ensemble.log, out, lang)
        more, said = [*more, *of_parts], [*said, *lines]
        step(1, 1)
    filled.record([*files, *more])
    if as_json:
        click.echo(
            json.dumps(run_json(problem, findings, evidence, [*files, *more], lang), ensure_ascii=False, indent=1)
        )
    elif not is_quiet():
        summary = run_summary(problem, plan, ensemble, lang, findings, evidence)
        for line in (*summary, *said, *files_summary(out, [*files, *more], lang), *missing):
            tell(line)
    if ensemble.interrupted:
        sys.exit(INTERRUPTED)


@click.command(help=say("cli_simulate_help"), epilog=say("cli_simulate_example"))
@click.argument("plan_file", metavar="PLAN", type=PATH)
@click.argument("scenario")
@click.option("--out", type=PATH, required=True, help=say("cli_run_out"))
@fast_passage_option
@night_options
@lang_option
@quiet_option
@reports_problems
def simulate(
    plan_file: Path,
    scenario: str,
    out: Path,
    fast_passage: bool,
    lang: Lang,
    **words: Unpack[NightWords],
) -> None:
    """Simulate a plan that passes the checker."""
    from dispatch.planning.check import check
    from dispatch.planning.plan_world import plan_world
    from dispatch.report.findings import find
    from dispatch.report.summary import files_summary, run_summary
    from dispatch.results import load_plan, save_nights
    from dispatch.scenario_file import load_scenario

    with progress_bars() as progress:
        problem = measured(load_scenario(scenario, overrides(fast_passage=fast_passage)), words)
        plan, disagreements, warnings = load_plan(plan_file, problem)
        print_problems((*problem.notes, *warnings), lang)
        problem = plan_world(plan, problem)
        broken = len(disagreements) + len(check(plan, problem))
        if broken:
            stop(text(lang, "cli_simulate_violations", count=broken), 1)
        empty_folder(out, lang, overwrite=words["overwrite"])
        ensemble = play_nights(problem, plan, words, progress, lang)
        findings = find(problem, plan, ensemble, lang)
        evidence = gather_evidence(problem, plan, ensemble, findings, words, progress, lang)
        files = save_nights(ensemble, out)
        more, said = save_evidence(problem, evidence, out, lang)
        of_parts, lines = _save_parts(problem, plan, ensemble.log, out, lang)
        more, said = [*more, *of_parts], [*said, *lines]
    filled.record([*files, *more])
    if not is_quiet():
        summary = run_summary(problem, plan, ensemble, lang, findings)
        for line in (*summary, *said, *files_summary(out, [*files, *more], lang)):
            tell(line)
    if ensemble.interrupted:
        sys.exit(INTERRUPTED)


def _command_line() -> str:
    """The command as typed, without the path of the program."""
    return shlex.join(["dispatch", *sys.argv[1:]])


def _save_parts(
    scenario: Scenario, plan: Plan, log: pd.DataFrame, out: Path, lang: Lang
) -> tuple[list[Path], list[str]]:
    """Files and lines of what a plan holds besides the goods by road."""
    parts = (
        (scenario.evacuation, save_evacuation, evacuation_lines),
        (scenario.tasks, save_teams, team_lines),
        (scenario.air, save_air, air_lines),
    )
    asked = [(save, lines) for part, save, lines in parts if part is not None]
    files = [file for save, _ in asked for file in save(scenario, plan, log, out, lang)]
    return files, [line for _, lines in asked for line in lines(scenario, plan, log, lang)]
