"""``dispatch drill``: ``make``, ``batch``, and, from their own module, the commands of the review."""

from __future__ import annotations

import importlib
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from dispatch.cli import filled
from dispatch.cli.common import (
    NO,
    empty_folder,
    is_quiet,
    lang_option,
    print_problems,
    quiet_option,
    reports_problems,
    stop,
    tell,
    tell_written,
)
from dispatch.cli.language import say
from dispatch.cli.nights import bar, progress_bars
from dispatch.documents.messages import Lang, text

if TYPE_CHECKING:
    from dispatch.drill.model import Kind

__all__ = ["drill"]

PATH = click.Path(path_type=Path)
_LATER = {"review": "review", "log-template": "log_template"}
"""Commands of ``dispatch.cli.drill_review``, imported when asked for."""


class _Group(click.Group):
    """Group with commands of another module."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*super().list_commands(ctx), *_LATER]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in _LATER:
            return cast(
                "click.Command", getattr(importlib.import_module("dispatch.cli.drill_review"), _LATER[cmd_name])
            )
        return super().get_command(ctx, cmd_name)


@click.group(cls=_Group, help=say("drill_cli_help"))
def drill() -> None:
    """Group of the commands about drills."""


@drill.command(
    "make",
    short_help=say("drill_cli_make_short"),
    help=say("drill_cli_make_help"),
    epilog=say("drill_cli_make_example"),
)
@click.argument("scenario")
@click.option("--out", type=PATH, required=True, help=say("drill_cli_out"))
@click.option(
    "--kind", type=click.Choice(["tabletop", "functional", "full_scale"]), default="tabletop", show_default=True,
    help=say("drill_cli_kind"),
)  # fmt: skip
@click.option("--focus", default="", help=say("drill_cli_focus"))
@click.option(
    "--percentile", type=click.FloatRange(0, 100), default=50, show_default=True, help=say("drill_cli_percentile")
)
@click.option(
    "--difficulty", type=click.Choice(["easy", "normal", "hard"]), default="normal", show_default=True,
    help=say("drill_cli_difficulty"),
)  # fmt: skip
@click.option("--three-cuts", is_flag=True, help=say("drill_cli_three_cuts"))
@click.option("--hazard", default="", help=say("drill_cli_hazard"))
@click.option("--hours", type=click.FloatRange(min=0.5), default=None, help=say("drill_cli_hours"))
@click.option("--begins", type=click.DateTime(["%Y-%m-%d %H:%M"]), default=None, help=say("drill_cli_begins"))
@click.option("--plan", "plan_file", type=PATH, default=None, help=say("drill_cli_plan"))
@click.option("--seconds", type=click.FloatRange(min=0.1), default=5.0, show_default=True, help=say("cli_opt_seconds"))
@click.option("--nights", type=click.IntRange(min=5), default=100, show_default=True, help=say("cli_opt_nights"))
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help=say("drill_cli_seed"))
@click.option("--both", is_flag=True, help=say("drill_cli_both"))
@click.option("--overwrite", is_flag=True, help=say("cli_opt_overwrite"))
@lang_option
@quiet_option
@reports_problems
def make(
    scenario: str,
    out: Path,
    kind: Kind,
    focus: str,
    percentile: float,
    difficulty: str,
    three_cuts: bool,
    hazard: str,
    hours: float | None,
    begins: datetime | None,
    plan_file: Path | None,
    seconds: float,
    nights: int,
    seed: int,
    both: bool,
    overwrite: bool,
    lang: Lang,
) -> None:
    """Make a county's drill and write its papers."""
    from dispatch.drill.composition import composition
    from dispatch.drill.make import DrillWish, make_drill
    from dispatch.drill.norms import rows
    from dispatch.drill.papers import write_papers
    from dispatch.drill.source import load_drill_scenario
    from dispatch.planning.check import check
    from dispatch.planning.plan_world import plan_world
    from dispatch.planning.whole import plan_whole
    from dispatch.results import load_plan
    from dispatch.simulation.ensemble import simulate
    from dispatch.simulation.parts import parts_of

    if (kind == "functional") != bool(focus):
        stop(text(lang, "drill_cli_needs_focus"))
    for word, table, column in ((hazard, "hazards", "hazard"), (focus, "objectives", "objective")):
        known = list(dict.fromkeys(row[column] for row in rows(table) if row.get("level", "county") == "county"))
        if word and word not in known:
            stop(text(lang, "drill_cli_unknown", word=word, known=", ".join(known)))
    with progress_bars() as progress:
        step = bar(progress, lang, "cli_step_read")
        problem = load_drill_scenario(scenario)
        print_problems(problem.notes, lang)
        empty_folder(out, lang, overwrite=overwrite)
        step(1, 1)
        step = bar(progress, lang, "cli_step_plan")
        if plan_file is None:
            plan = plan_whole(problem, seconds=seconds)
        else:
            plan, disagreements, warnings = load_plan(plan_file, problem)
            print_problems(warnings, lang)
            problem = plan_world(plan, problem)
            broken = len(disagreements) + len(check(plan, problem))
            if broken:
                stop(text(lang, "cli_simulate_violations", count=broken), NO)
        step(1, 1)
        step = bar(progress, lang, "cli_step_simulate", nights)
        ensemble = simulate(problem, plan, replications=nights, progress=step, hooks=parts_of(problem))
        wish = DrillWish(kind, percentile / 100, difficulty, three_cuts, focus, hazard, hours or 0.0, seed)
        made = make_drill(problem, plan, ensemble, wish)
        when = None if begins is None else begins.replace(tzinfo=problem.reference_time.tzinfo)
        step = bar(progress, lang, "cli_step_write")
        written = []
        for language in ("zh", "en") if both else (lang,):
            folder = out / language if both else out
            written += write_papers(made, problem, plan, folder, lang=language, begins=when)
        step(1, 1)
    found = composition(made)
    if not is_quiet():
        tell(text(lang, "drill_cli_made", title=made.title(lang), injects=len(made.injects),
                        actions=len(made.actions), replication=made.replication, nights=made.nights,
                        percentile=round(100 * made.percentile), scale=f"{made.scale:g}"))  # fmt: skip
    tell_written(lang, *written)
    least = dict(zip("dit", found.wanted, strict=True))
    verdict = text(lang, "drill_met" if found.met else "drill_not_met")
    said = text(lang, "drill_composition_said", departments=len(found.departments), industries=len(found.industries),
                teams=len(found.team_types), verdict=verdict, **least)  # fmt: skip
    if not is_quiet() or not found.met:
        tell(said, err=not found.met)
    if not found.met and kind != "functional":
        sys.exit(NO)


@drill.command(
    "batch",
    short_help=say("drill_cli_batch_short"),
    help=say("drill_cli_batch_help"),
    epilog=say("drill_cli_batch_example"),
)
@click.argument("scenario_or_pack", metavar="SCENARIO|PACK")
@click.option("--out", type=PATH, required=True, help=say("drill_cli_out"))
@click.option("--place", "wanted", multiple=True, help=say("drill_cli_place"))
@click.option("--hazard", default="", help=say("drill_cli_hazard"))
@click.option("--four-plans", is_flag=True, help=say("drill_cli_four_plans"))
@click.option("--seconds", type=click.FloatRange(min=0.1), default=5.0, show_default=True, help=say("cli_opt_seconds"))
@click.option("--nights", type=click.IntRange(min=5), default=50, show_default=True, help=say("cli_opt_nights"))
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help=say("drill_cli_seed"))
@click.option("--overwrite", is_flag=True, help=say("cli_opt_overwrite"))
@lang_option
@quiet_option
@reports_problems
def batch(
    scenario_or_pack: str,
    out: Path,
    wanted: tuple[str, ...],
    hazard: str,
    four_plans: bool,
    seconds: float,
    nights: int,
    seed: int,
    overwrite: bool,
    lang: Lang,
) -> None:
    """Write a small pack for every township and village."""
    import numpy as np

    from dispatch.county.names import find_place
    from dispatch.drill.batch import drill_places, write_batch
    from dispatch.drill.night import choose_night
    from dispatch.drill.norms import rows
    from dispatch.drill.source import load_drill_scenario, scenario_of
    from dispatch.drill.standards import EventTimes
    from dispatch.drill.village import CountyBasis
    from dispatch.planning.whole import plan_whole
    from dispatch.simulation.ensemble import simulate
    from dispatch.simulation.parts import parts_of

    known = [row["hazard"] for row in rows("hazards")]
    if hazard and hazard not in known:
        stop(text(lang, "drill_cli_unknown", word=hazard, known=", ".join(known)))
    file = scenario_of(scenario_or_pack)
    with progress_bars() as progress:
        step = bar(progress, lang, "cli_step_read")
        problem = load_drill_scenario(file)
        print_problems(problem.notes, lang)
        places = drill_places(problem.county)
        for word in wanted:
            if word not in places and not set(find_place(problem.county, word)) & set(places):
                stop(text(lang, "drill_cli_no_place", word=word))
        if wanted:
            chosen = set(wanted) | {place for word in wanted for place in find_place(problem.county, word)}
            places = [place for place in places if place in chosen]
        empty_folder(out, lang, overwrite=overwrite, task=" ".join(places) if wanted else "")
        step(1, 1)
        step = bar(progress, lang, "cli_step_plan")
        plan = plan_whole(problem, seconds=seconds)
        step(1, 1)
        step = bar(progress, lang, "cli_step_simulate", nights)
        ensemble = simulate(problem, plan, replications=nights, progress=step, hooks=parts_of(problem))
        night = choose_night(ensemble, 0.5, np.random.default_rng(seed)).replication
        basis = CountyBasis.of(problem, hazard, EventTimes(ensemble.log), night, nights)
        step = bar(progress, lang, "cli_step_write", len(places))
        made = write_batch(basis, places, out, lang=lang, seed=seed, four_plans=four_plans, progress=step)
    filled.record([out])
    if not is_quiet():
        townships = sum(one.level == "township" for one in made)
        tell(text(lang, "drill_cli_batch_done", townships=townships, villages=len(made) - townships, path=out))
