"""``dispatch replan``: a plan made anew in the night with what headquarters were told."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dispatch.cli.common import (
    NO,
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
from dispatch.documents.messages import Lang, text

if TYPE_CHECKING:
    from dispatch.planning.plan import Plan
    from dispatch.planning.told import Told
    from dispatch.scenario import Scenario

__all__ = ["replan"]

PATH = click.Path(path_type=Path)
_OPTIONS: tuple[tuple[str, str, str], ...] = (
    ("close", "--close", "ROAD[=FROM-TO]"),
    ("slow", "--slow", "ROAD=FACTOR[,FROM-TO]"),
    ("open", "--open-road", "ROAD[=TIME]"),
    ("without", "--without", "VEHICLE"),
    ("late", "--late", "VEHICLE=TIME"),
    ("vehicle", "--add-vehicle", "CLASS@BASE[=TIME]"),
    ("people", "--people", "PLACE=PEOPLE[@SITE]"),
    ("need", "--need", "PLACE=ITEM:QUANTITY"),
    ("stock", "--stock", "DEPOT=ITEM[/LOT]:QUANTITY"),
    ("not_begun", "--not-begun", "TRIP"),
    ("begun", "--begun", "TRIP"),
)
"""Kind of news (``planning.told``), option, what it takes."""


def _news_options(command: Callable[..., None]) -> Callable[..., None]:
    """An option for each kind of news."""
    for kind, option, metavar in reversed(_OPTIONS):
        command = click.option(option, f"news_{kind}", multiple=True, metavar=metavar,
                               help=say(f"cli_replan_{kind}"))(command)  # fmt: skip
    return command


@click.command(help=say("cli_replan_help"), epilog=say("cli_replan_example"))
@click.argument("plan_file", metavar="PLAN", type=PATH)
@click.argument("scenario")
@click.option("--now", "now", required=True, metavar="TIME", help=say("cli_replan_now"))
@click.option("--out", type=PATH, required=True, help=say("cli_replan_out"))
@_news_options
@click.option("--news", "news_file", type=PATH, default=None, metavar="FILE", help=say("cli_replan_news"))
@click.option("--changes", type=PATH, default=None, metavar="FILE", help=say("cli_replan_changes"))
@click.option("--seed", type=click.IntRange(min=0), default=None, help=say("cli_opt_seed"))
@fast_passage_option
@lang_option
@quiet_option
@reports_problems
def replan(
    plan_file: Path, scenario: str, now: str, out: Path, news_file: Path | None, changes: Path | None,
    seed: int | None, fast_passage: bool, lang: Lang, **words: tuple[str, ...],
) -> None:  # fmt: skip
    """Plan anew with news: what has begun goes on, the rest answers to what is known now."""
    from dispatch.planning.plan_world import plan_world
    from dispatch.planning.replan_told import new_things, replan_told
    from dispatch.planning.wishes import WishError
    from dispatch.report.change_words import Changed, write_changes
    from dispatch.results import load_plan, save_plan
    from dispatch.scenario_file import load_scenario

    new_file(out, lang, (".json", ".xlsx", ""))
    if changes is not None:
        new_file(changes, lang, (".xlsx", ".html"))
    problem = load_scenario(scenario, overrides(fast_passage=fast_passage))
    read, disagreements, warnings = load_plan(plan_file, problem)
    print_problems((*problem.notes, *warnings), lang)
    known = plan_world(read, problem)
    _fit_to_go_on(plan_file, read, known, bool(disagreements), lang)
    started, begun_s = time.perf_counter(), time.process_time()
    now_ms = _now(known, read, now, lang)
    items, listed = _news(known, read, words, news_file, lang)
    fresh = new_things(read, listed)
    try:
        made = replan_told(problem, read, now_ms, items, fresh, seed=seed)
    except WishError as wrong:
        stop(text(lang, "cli_replan_cannot", reasons=wrong.said(lang)))
    took, worked = time.perf_counter() - started, time.process_time() - begun_s
    _must_hold(made.plan, made.after, lang)
    changed = Changed(read, made.plan, made.before, made.after, lang)
    save_plan(made.plan, made.after, out, lang)
    if changes is not None:
        write_changes(changed, changes)
    if not is_quiet():
        if len(listed) > len(fresh):
            tell(text(lang, "cli_replan_known", count=len(listed) - len(fresh), path=news_file))
        for line in changed.lines():
            tell(line)
        tell(text(lang, "cli_replan_took", seconds=f"{took:.1f}", worked=f"{worked:.1f}"))
    tell_written(lang, *([out] if changes is None else [out, changes]))


def _fit_to_go_on(plan_file: Path, plan: Plan, known: Scenario, disagrees: bool, lang: Lang) -> None:
    """Refuse a plan that is not true: whatever stands of it would not be."""
    from dispatch.planning.check import check
    from dispatch.planning.restate import restate

    broken = check(plan, known)
    if disagrees or (broken and check(restate(plan, known), known)):
        stop(text(lang, "cli_plan_not_sound", path=plan_file, count=max(1, len(broken))), NO)


def _now(known: Scenario, plan: Plan, word: str, lang: Lang) -> int:
    """The instant of planning: of this night, and not before the plan was made anew the last time."""
    from dispatch.clock import day_and_time
    from dispatch.planning.told import clock_ms
    from dispatch.planning.wishes import WishError

    try:
        now_ms = clock_ms(known, word, f"--now {word}")
    except WishError as wrong:
        stop(text(lang, "cli_replan_cannot", reasons=wrong.said(lang)))
    first = max(known.order_ms, int(plan.meta.get("replan", {}).get("now_ms", known.order_ms)))
    if not first <= now_ms < known.end_ms:
        first_said, now_said, last_said = (
            day_and_time(known.reference_time, at_ms) for at_ms in (first, now_ms, known.end_ms)
        )
        stop(text(lang, "cli_replan_when", time=now_said, first=first_said, last=last_said))
    return now_ms


def _news(
    known: Scenario, plan: Plan, words: Mapping[str, tuple[str, ...]], file: Path | None, lang: Lang
) -> tuple[list[Told], list[Told]]:  # fmt: skip
    """What was typed, and what a list says; all that cannot be understood is said at once."""
    from dispatch.planning.news_table import read_news
    from dispatch.planning.told import told
    from dispatch.planning.wishes import WishError

    items: list[Told] = []
    wrong: list[str] = []
    for kind, option, _ in _OPTIONS:
        for word in words[f"news_{kind}"]:
            try:
                items.append(told(known, plan, kind, word))
            except WishError as error:
                wrong.append(f"{option} {word}: {error.said(lang)}" if word not in error.said(lang)
                             else f"{option}: {error.said(lang)}")  # fmt: skip
    if wrong:
        stop(text(lang, "cli_replan_cannot", reasons=text(lang, "common_list_semicolon").join(wrong)))
    return items, [] if file is None else read_news(file, known, plan)


def _must_hold(plan: Plan, known: Scenario, lang: Lang) -> None:
    """Refuse to write a plan that breaks a rule: news can shut the roads of what is not planned anew here."""
    from dispatch.planning.check import check
    from dispatch.planning.violation import violation_text

    broken: list[Any] = check(plan, known)
    if not broken:
        return
    for violation in broken[:20]:
        click.echo(violation_text(violation, known, lang), err=True)
    others = len(plan.evacuations) + len(plan.deployments) + len(plan.sorties)
    stop(
        text(lang, "cli_replan_others" if others else "cli_internal_violations", count=len(broken)), NO if others else 3
    )
