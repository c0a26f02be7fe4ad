"""``dispatch plan`` and ``dispatch list``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dispatch.cli.common import (
    is_quiet,
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
from dispatch.cli.nights import fast_passage_option, overrides
from dispatch.clock import HOUR_MS
from dispatch.documents.messages import Lang, text

if TYPE_CHECKING:
    from dispatch.scenario import Scenario

__all__ = ["guarantee_lines", "list_scenarios", "plan"]

PATH = click.Path(path_type=Path)


@click.command(help=say("cli_plan_help"), epilog=say("cli_plan_example"))
@click.argument("scenario")
@click.option("--out", type=PATH, required=True, help=say("cli_plan_out"))
@click.option("--seconds", type=click.FloatRange(min=0.1), default=10.0, show_default=True, help=say("cli_opt_seconds"))
@click.option("--limit", type=click.FloatRange(min=0.1), default=None, help=say("cli_opt_limit"))
@click.option("--prove", type=click.FloatRange(min=1.0), default=None, help=say("cli_plan_prove"))
@click.option("--least-share", type=click.FloatRange(0, 1), default=0.0, help=say("cli_plan_least_share"))
@click.option("--fair", is_flag=True, help=say("cli_plan_fair"))
@click.option("--priority", multiple=True, metavar="PLACE=FACTOR", help=say("cli_plan_priority"))
@click.option("--without", multiple=True, metavar="VEHICLE", help=say("cli_plan_without"))
@click.option("--physical-first", is_flag=True, help=say("cli_plan_physical_first"))
@click.option("--committed", type=PATH, default=None, metavar="PLAN", help=say("cli_plan_committed"))
@click.option("--committed-until", "until", default=None, metavar="TIME", help=say("cli_plan_committed_until"))
@click.option("--close", multiple=True, metavar="ROAD=FROM-TO", help=say("cli_plan_close"))
@click.option("--open-road", "opened", multiple=True, metavar="ROAD=TIME", help=say("cli_plan_open"))
@click.option("--add-vehicle", "add", multiple=True, metavar="CLASS@BASE", help=say("cli_plan_add_vehicle"))
@click.option("--contacts", is_flag=True, help=say("cli_run_contacts"))
@click.option("--mark", default="", help=say("cli_opt_mark"))
@fast_passage_option
@lang_option
@quiet_option
@reports_problems
def plan(
    scenario: str, out: Path, seconds: float, limit: float | None, prove: float | None,
    least_share: float, fair: bool,
    priority: tuple[str, ...], without: tuple[str, ...], physical_first: bool,
    committed: Path | None, until: str | None,
    close: tuple[str, ...], opened: tuple[str, ...], add: tuple[str, ...],
    contacts: bool, mark: str, fast_passage: bool, lang: Lang,
) -> None:  # fmt: skip
    """Plan and check; write the plan as JSON, XLSX or a folder of CSV files by the ending of OUT."""
    from dispatch.cli.standing import committed_plan, committed_trips, fits_committed, standing_lines
    from dispatch.planning.changed_world import changed
    from dispatch.planning.plan_world import with_statements
    from dispatch.planning.whole import plan_whole
    from dispatch.planning.wishes import WishError
    from dispatch.report.summary import plan_summary
    from dispatch.results import checked, save_plan
    from dispatch.scenario_file import load_scenario

    new_file(out, lang, (".json", ".xlsx", ""))
    if (contacts or mark) and out.suffix.lower() != ".xlsx":
        stop(text(lang, "cli_plan_paper", path=out))
    beside = {"--limit": limit, "--prove": prove, "--least-share": least_share, "--fair": fair, "--priority": priority,
              "--without": without, "--physical-first": physical_first}  # fmt: skip
    fits_committed(committed, until, [name for name, given in beside.items() if given], lang)
    problem = load_scenario(scenario, overrides(fast_passage=fast_passage))
    print_problems(problem.notes, lang)
    wished = {"close": list(close), "open": list(opened), "add": list(add), "without": list(without)}
    read = None if committed is None else committed_plan(committed, problem, lang)
    if read is not None:  # what its trips count on holds still
        before = read[0].meta.get("what_if", {})
        wished |= {name: [*before.get(name, ()), *wished[name]] for name in ("close", "open", "add")}
    try:
        problem = changed(problem, *(tuple(wished[name]) for name in ("close", "open", "add")))
        standing = {} if committed is None or read is None else committed_trips(committed, read, until, problem, lang)
        made = plan_whole(
            problem, seconds=seconds, limit_s=limit, least_share=least_share, fair=fair,
            priority=_factors(problem, priority, lang), without=without,
            physical_first=physical_first, prove_s=prove or 0.0, **standing,
        )  # fmt: skip
    except ValueError as wrong:
        stop(text(lang, "cli_plan_wish", reason=wrong.said(lang) if isinstance(wrong, WishError) else wrong))
    if any(wished.values()) or "what_if" in made.meta:
        made = replace(made, meta={**made.meta, "what_if": wished})
    checked(made, problem)
    problem = with_statements(made, problem)
    save_plan(made, problem, out, lang, contacts=contacts, mark=mark)
    if not is_quiet():
        for line in (*plan_summary(problem, made, lang), *standing_lines(made, standing, lang)):
            tell(line)
        for line in (*guarantee_lines(made.meta, lang), *_proof_lines(made.meta, made.objective, lang)):
            tell(line)
    tell_written(lang, out)


def _factors(problem: Scenario, words: tuple[str, ...], lang: Lang) -> dict[str, float]:
    """Factors by place from ``PLACE=FACTOR``; the place by its code or name."""
    from dispatch.planning.wishes import wished_place

    factors = {}
    for word in words:
        place, _, number = word.rpartition("=")
        try:
            factor = float(number)
        except ValueError:
            stop(text(lang, "cli_plan_factor", word=word))
        factors[wished_place(problem, place)] = factor
    return factors


def guarantee_lines(meta: Mapping[str, Any], lang: Lang) -> list[str]:
    """What a guarantee costs, level by level."""
    cost = meta.get("guarantee")
    if cost is None:
        return []
    people, last = cost["levels"][:2]
    free_people, free_last = cost["levels_unrestricted"][:2]
    return [
        text(lang, "cli_plan_guarantee_people", people=f"{people:,.0f}", free=f"{free_people:,.0f}"),
        text(lang, "cli_plan_guarantee_last", hours=f"{last / HOUR_MS:.2f}", free=f"{free_last / HOUR_MS:.2f}"),
        text(lang, "cli_plan_guarantee_worst", share=f"{100 * cost['worst_share']:.0f} %",
             free=f"{100 * cost['worst_share_unrestricted']:.0f} %"),
    ]  # fmt: skip


def _proof_lines(meta: Mapping[str, Any], objective: Any, lang: Lang) -> list[str]:
    """How far each level is from what no plan can beat."""
    proof = meta.get("proof")
    if proof is None:
        return []
    gaps = "; ".join(
        text(lang, f"cli_plan_proof_{status}", level=level, gap=f"{100 * gap:.1f} %")
        for level, gap, status in zip(objective["level"], objective["gap"], objective["status"], strict=True)
        if not math.isnan(gap)
    )
    lines = [text(lang, "cli_plan_proof", grid=f"{proof['grid_s']:g}", gaps=gaps)]
    lines += [text(lang, "cli_plan_proof_conditional", level=level) for level in proof.get("conditional_levels", ())]
    return lines


@click.command("list", help=say("cli_list_help"), epilog=say("cli_list_example"))
@lang_option
def list_scenarios(lang: Lang) -> None:
    """List the scenarios that come with the library."""
    import tomllib

    from dispatch.scenario_file import bundled_scenarios

    bundled = bundled_scenarios()
    width = max(map(len, bundled), default=0) + 2
    for name, path in bundled.items():
        title = tomllib.loads(path.read_text(encoding="utf-8")).get(f"title_{lang}", "")
        tell(f"{name:<{width}}{title}")
