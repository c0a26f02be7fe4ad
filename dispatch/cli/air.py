"""``dispatch air``: trucks and aircraft planned together and played; and what ``dispatch run`` adds for the air."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from dispatch.cli.common import (
    empty_folder,
    lang_option,
    overwrite_option,
    print_problems,
    quiet_option,
    reports_problems,
    stop,
    stop_at_violations,
    tell,
    tell_written,
)
from dispatch.cli.language import say
from dispatch.documents.messages import Lang, has, text

if TYPE_CHECKING:
    import pandas as pd

    from dispatch.planning.plan import Plan
    from dispatch.scenario import Scenario

__all__ = ["air", "air_lines", "save_air"]

PATH = click.Path(path_type=Path)
_SAVED_H = 0.05
"""Less is no gain worth the name."""


@click.command(help=say("air_help"), epilog=say("air_example"))
@click.argument("scenario")
@click.option("--out", type=PATH, required=True, help=say("air_opt_out"))
@click.option("--seconds", type=click.FloatRange(min=0.1), default=10.0, show_default=True, help=say("air_opt_seconds"))
@click.option("--nights", type=click.IntRange(min=1), default=100, show_default=True, help=say("air_opt_nights"))
@click.option("--seed", type=click.IntRange(min=0), default=None, help=say("air_opt_seed"))
@click.option("--layers", is_flag=True, help=say("air_opt_layers"))
@overwrite_option
@lang_option
@quiet_option
@reports_problems
def air(
    scenario: str, out: Path, seconds: float, nights: int, seed: int | None, layers: bool, overwrite: bool, lang: Lang
) -> None:
    """Plan trucks and aircraft, check and play the plan."""
    from dispatch.planning.air import plan_air
    from dispatch.results import InvalidPlan, checked, save_plan
    from dispatch.scenario_file import load_scenario
    from dispatch.simulation.air import fly
    from dispatch.simulation.ensemble import simulate

    problem = load_scenario(scenario)
    print_problems(problem.notes, lang)
    if problem.air is None:
        stop(text(lang, "air_missing"))
    empty_folder(out, lang, overwrite=overwrite)
    plan = plan_air(problem, seconds=seconds, seed=seed)
    try:
        checked(plan, problem)
    except InvalidPlan as invalid:
        stop_at_violations(invalid.violations, problem, lang)
    log = simulate(problem, plan, replications=nights, seed=seed, hooks=(fly,)).log
    save_plan(plan, problem, out / "plan.json", lang)
    files = [out / "plan.json", *save_air(problem, plan, log, out, lang)]
    lines = air_lines(problem, plan, log, lang)
    if layers:
        said, file = _layers(scenario, out, lang)
        lines, files = [*lines, *said], [*files, file]
    for line in lines:
        tell(line)
    tell_written(lang, *files)


def _layers(scenario: str, out: Path, lang: Lang) -> tuple[list[str], Path]:
    """What each layer of works against fire is worth, as lines and a table."""
    from dispatch.studies.fire_layers import fire_layers

    try:
        table = fire_layers(scenario)
    except ValueError:
        stop(text(lang, "air_no_fire"))
    file = out / "fire_layers.csv"
    table.to_csv(file, index=False, encoding="utf-8-sig", lineterminator="\n")
    return [
        text(lang, "air_line_layer", layer=text(lang, f"air_layer_{row['layer']}"),
             measure=text(lang, f"air_measure_{row['measure']}"), before=f"{row['with_it']:,.1f}",
             after=f"{row['without_it']:,.1f}", unit=row["unit"],
             stated=text(lang, "common_yes" if row["as_stated"] else "common_no"))
        for row in table.to_dict("records")
    ], file  # fmt: skip


def save_air(scenario: Scenario, plan: Plan, log: pd.DataFrame, out: Path, lang: Lang) -> list[Path]:
    """Write the sheets as a workbook, and the nights as a CSV file."""
    from dispatch.planning.air_page import air_pages
    from dispatch.planning.plan_view import PlanView
    from dispatch.planning.plan_workbook import write_pages
    from dispatch.simulation.air_indicators import air_nights

    view = PlanView(plan, scenario, lang)
    files = write_pages(air_pages(view), view, out / "air.xlsx")
    files.append(out / "air_nights.csv")
    air_nights(log).to_csv(files[-1], index=False, encoding="utf-8-sig", lineterminator="\n")
    return files


def air_lines(scenario: Scenario, plan: Plan, log: pd.DataFrame, lang: Lang) -> list[str]:
    """The answer for the console: levels, buckets, hours gained, what is left and why, nights."""
    from dispatch.report.names import site_name
    from dispatch.simulation.air_indicators import air_nights

    table = plan.sorties
    lines = [text(lang, "air_line_sorties", sorties=table["sortie"].nunique(), aircraft=table["aircraft"].nunique())]
    known = plan.meta.get("air", {})
    lines += [
        text(lang, "air_line_level", measure=text(lang, f"air_level_{row['measure']}"), value=f"{row['value']:,.0f}",
             status=text(lang, f"air_status_{row['status']}"))
        for row in known.get("objective", ()) if row["value"] > 0
    ]  # fmt: skip
    lines += [
        text(lang, "air_line_bucket", aircraft=row["aircraft"], request=site_name(scenario, row["request"], lang),
             water=site_name(scenario, row["water"], lang), pad=site_name(scenario, row["pad"], lang),
             cycle=f"{row['cycle_s'] / 60:.1f}", litres=f"{row['litres_h']:,.0f}")
        for row in known.get("buckets", ())
    ]  # fmt: skip
    lines += [
        text(lang, "air_line_gain" if row["saved_h"] >= _SAVED_H else "air_line_no_gain",
             subject=site_name(scenario, row["subject"], lang),
             purpose=_word(lang, "air_purpose", row["purpose"]), air=f"{row['air_h']:.1f}",
             ground=f"{row['ground_h']:.1f}", saved=f"{row['saved_h']:.1f}")
        for row in known.get("gains", ())
    ]  # fmt: skip
    left = plan.unserved[plan.unserved["kind"] == "sortie"]
    lines += [
        text(lang, "air_line_left", subject=site_name(scenario, row["subject"], lang),
             purpose=_word(lang, "air_purpose", row["group"]), cause=_word(lang, "air_cause", row["cause"]))
        for row in left.to_dict("records")
    ]  # fmt: skip
    nights = air_nights(log)
    if len(nights):
        lines.append(text(
            lang, "air_line_nights", nights=len(nights), flown=f"{nights['sorties'].mean():.1f}",
            cancelled=f"{nights['cancelled'].mean():.1f}", litres=f"{nights['litres'].mean():,.0f}",
            lifted=f"{nights['lifted'].mean():.1f}",
        ))  # fmt: skip
    return lines


def _word(lang: Lang, prefix: str, value: str) -> str:
    key = f"{prefix}_{value}"
    return text(lang, key) if has(key) else value
