"""``dispatch check``: a plan checked, and written anew after a person edited it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dispatch.cli.common import NO, lang_option, new_file, print_problems, reports_problems, stop
from dispatch.cli.language import say
from dispatch.cli.nights import fast_passage_option, overrides
from dispatch.documents.messages import Lang, text

if TYPE_CHECKING:
    from dispatch.planning.plan import Plan
    from dispatch.scenario import Scenario

__all__ = ["check"]

PATH = click.Path(path_type=Path)


@click.command(help=say("cli_check_help"), epilog=say("cli_check_example"))
@click.argument("plan_file", metavar="PLAN", type=PATH)
@click.argument("scenario")
@click.option("--rewrite", type=PATH, default=None, metavar="XLSX", help=say("cli_check_rewrite"))
@click.option("--json", "as_json", is_flag=True, help=say("cli_opt_json"))
@fast_passage_option
@lang_option
@reports_problems
def check(plan_file: Path, scenario: str, rewrite: Path | None, as_json: bool, fast_passage: bool, lang: Lang) -> None:
    """Check a plan, also one a person edited; exit code 1 if it breaks a constraint."""
    from dispatch.planning.check import check as find_violations
    from dispatch.planning.fill_trips import fill_trips, open_trips
    from dispatch.planning.restate import restate
    from dispatch.planning.violation import violation_text
    from dispatch.results import load_plan, save_plan
    from dispatch.scenario_file import load_scenario

    if rewrite is not None:
        _may_write(rewrite, plan_file, lang)
    problem = load_scenario(scenario, overrides(fast_passage=fast_passage))
    read, disagreements, warnings = load_plan(plan_file, problem, to_fill=rewrite is not None)
    print_problems(warnings, lang)
    unfilled = open_trips(read) if rewrite is None else ()
    corrected = len(disagreements)
    written = filled_in = False
    if rewrite is not None:
        filled = fill_trips(read, problem)
        if not filled.trips and not filled.impossible:
            corrected += len(find_violations(read, problem))
        read = restate(filled.plan, problem)
        violations = [*filled.impossible, *find_violations(read, problem)]
        written, filled_in = not violations, bool(filled.trips)
        if written:
            save_plan(read, problem, rewrite, lang)
        elif not filled.trips:
            violations += disagreements
        for line in _filled_lines(read, problem, filled.trips, lang):
            click.echo(line, err=as_json)
    else:
        violations = [*find_violations(read, problem), *disagreements]
    lines = [violation_text(violation, problem, lang) for violation in violations]
    if as_json:
        rows = [{"code": v.code, "text": line} for v, line in zip(violations, lines, strict=True)]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        for line in lines:
            click.echo(line)
        click.echo(text(lang, "cli_check_violations" if lines else "cli_check_ok", count=len(lines), path=plan_file))
        if written and (corrected or not filled_in):
            click.echo(text(lang, "cli_check_rewritten", path=rewrite, count=corrected))
        elif written:
            click.echo(text(lang, "cli_written", path=rewrite))
        elif rewrite is not None:
            click.echo(text(lang, "cli_check_not_rewritten", path=rewrite))
        elif unfilled:
            click.echo(text(lang, "cli_check_fillable", trips=text(lang, "common_list_comma").join(unfilled)))
        elif lines and not find_violations(restate(read, problem), problem):
            click.echo(text(lang, "cli_check_restatable"))
    if lines:
        raise SystemExit(NO)


def _may_write(rewrite: Path, plan_file: Path, lang: Lang) -> None:
    """Refuse another ending than a workbook's, and a file that exists and is not the plan itself."""
    if rewrite.suffix.lower() != ".xlsx":
        stop(text(lang, "cli_check_rewrite_ending", path=rewrite))
    if not rewrite.exists() or rewrite.resolve() != plan_file.resolve():
        new_file(rewrite, lang)


def _filled_lines(plan: Plan, scenario: Scenario, trips: Iterable[str], lang: Lang) -> list[str]:
    """What was filled in, trip by trip."""
    from dispatch.planning.names import vehicle_name
    from dispatch.planning.plan_view import PlanView

    view = PlanView(plan, scenario, lang)

    def clock(time_ms: int) -> str:
        at = view.clock(time_ms)
        return at if isinstance(at, str) else f"{at:%m-%d %H:%M}"

    lines = []
    for name in trips:
        trip = view.trips[name,]
        stops = [row for (of, _), row in sorted(view.stops.items()) if of == name]
        said = [text(lang, "cli_check_filled_stop", site=view.site(row["site"]), time=clock(row["arrive_ms"]),
                     done=clock(row["unload_end_ms"])) for row in stops]  # fmt: skip
        lines.append(text(
            lang, "cli_check_filled", trip=name, vehicle=vehicle_name(scenario, trip["vehicle"]),
            origin=view.site(trip["start_site"]), start=clock(trip["start_ms"]), depot=view.site(trip["depot"]),
            dock=trip["dock"], load_start=clock(trip["load_start_ms"]), load_end=clock(trip["load_end_ms"]),
            depart=clock(trip["depart_ms"]), stops=text(lang, "common_list_semicolon").join(said),
        ))  # fmt: skip
    return lines
