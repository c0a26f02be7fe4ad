"""``dispatch check``: a plan checked, and written anew after a person edited it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dispatch.cli.common import (
    NO,
    lang_option,
    new_file,
    print_problems,
    quiet_option,
    reports_problems,
    tell,
    tell_written,
)
from dispatch.cli.language import say
from dispatch.cli.nights import fast_passage_option, overrides
from dispatch.documents.messages import Lang, text

if TYPE_CHECKING:
    from dispatch.planning.plan import Plan
    from dispatch.scenario import Scenario

__all__ = ["check"]

PATH = click.Path(path_type=Path)
_SHOWN = 200
"""So many violations on the console; a plan of another scenario has thousands."""


@click.command(help=say("cli_check_help"), epilog=say("cli_check_example"))
@click.argument("plan_file", metavar="PLAN", type=PATH)
@click.argument("scenario")
@click.option("--rewrite", type=PATH, default=None, metavar="PLAN", help=say("cli_check_rewrite"))
@click.option("--json", "as_json", is_flag=True, help=say("cli_opt_json"))
@fast_passage_option
@lang_option
@quiet_option
@reports_problems
def check(plan_file: Path, scenario: str, rewrite: Path | None, as_json: bool, fast_passage: bool, lang: Lang) -> None:
    """Check a plan, also one a person edited; exit code 1 if it breaks a constraint."""
    from dispatch.planning.check import check as find_violations
    from dispatch.planning.fill_trips import fill_trips, open_trips
    from dispatch.planning.plan_world import plan_world
    from dispatch.planning.restate import restate
    from dispatch.planning.violation import violation_text
    from dispatch.results import load_plan, save_plan
    from dispatch.scenario_file import load_scenario

    if rewrite is not None:
        _may_write(rewrite, plan_file, lang)
    problem = load_scenario(scenario, overrides(fast_passage=fast_passage))
    read, disagreements, warnings = load_plan(plan_file, problem, to_fill=rewrite is not None)
    print_problems(warnings, lang)
    problem = plan_world(read, problem)
    unfilled = open_trips(read) if rewrite is None else ()
    corrected = len(disagreements)
    written = False
    if rewrite is not None:
        filled = fill_trips(read, problem)
        if not filled.trips and not filled.impossible:
            corrected += len(find_violations(read, problem))
        read = restate(filled.plan, problem)
        violations = [*filled.impossible, *find_violations(read, problem)]
        written = not violations
        if written:
            save_plan(read, problem, rewrite, lang)
        elif not filled.trips:
            violations += disagreements
        for line in _filled_lines(read, problem, filled.trips, lang):
            tell(line, err=as_json)
    else:
        violations = [*find_violations(read, problem), *disagreements]
    lines = [violation_text(violation, problem, lang) for violation in violations]
    if as_json:
        rows = [{"code": v.code, "text": line} for v, line in zip(violations, lines, strict=True)]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        for line in lines[:_SHOWN]:
            click.echo(line)
        if len(lines) > _SHOWN:
            click.echo(text(lang, "cli_check_more", count=len(lines) - _SHOWN))
        tell(text(lang, "cli_check_violations" if lines else "cli_check_ok", count=len(lines), path=plan_file))
        if written and corrected:
            tell(text(lang, "cli_check_rewritten", path=rewrite, count=corrected))
        elif written and rewrite is not None:
            tell_written(lang, rewrite)
        elif rewrite is not None:
            tell(text(lang, "cli_check_not_rewritten", path=rewrite))
        elif unfilled:
            tell(text(lang, "cli_check_fillable", trips=text(lang, "common_list_comma").join(unfilled)))
        elif lines and not find_violations(restate(read, problem), problem):
            tell(text(lang, "cli_check_restatable"))
    if lines:
        raise SystemExit(NO)


def _may_write(rewrite: Path, plan_file: Path, lang: Lang) -> None:
    """Refuse what is no form of a plan, and a file or folder that exists and is not the plan itself."""
    if not rewrite.exists() or rewrite.resolve() != plan_file.resolve():
        new_file(rewrite, lang, (".xlsx", ".json", ""))


def _filled_lines(plan: Plan, scenario: Scenario, trips: Iterable[str], lang: Lang) -> list[str]:
    """What was filled in, trip by trip."""
    from dispatch.planning.plan_view import PlanView
    from dispatch.report.names import vehicle_name

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
            lang, "cli_check_filled", trip=name, vehicle=vehicle_name(scenario, trip["vehicle"], lang),
            origin=view.site(trip["start_site"]), start=clock(trip["start_ms"]), depot=view.site(trip["depot"]),
            dock=trip["dock"], load_start=clock(trip["load_start_ms"]), load_end=clock(trip["load_end_ms"]),
            depart=clock(trip["depart_ms"]), stops=text(lang, "common_list_semicolon").join(said),
        ))  # fmt: skip
    return lines
