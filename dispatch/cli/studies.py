"""``dispatch compare`` and ``dispatch sensitivity``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

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
    import pandas as pd

    from dispatch.studies.design import Design

__all__ = ["compare", "sensitivity"]

PATH = click.Path(path_type=Path)


@click.command(help=say("cli_compare_help"), epilog=say("cli_compare_example"))
@click.argument("scenarios", nargs=-1, required=True)
@click.option("--out", type=PATH, required=True, help=say("cli_run_out"))
@click.option("--layout", "layouts", multiple=True, help=say("cli_opt_layout"))
@click.option("--plan", "plans", multiple=True, help=say("cli_opt_plan"))
@click.option("--policy", "policies", multiple=True, help=say("cli_opt_policy"))
@click.option("--nights", type=click.IntRange(min=2), default=None, help=say("cli_opt_compare_nights"))
@click.option("--seed", type=click.IntRange(min=0), default=None, help=say("cli_opt_seed"))
@click.option("--seconds", type=click.FloatRange(min=0.1), default=None, help=say("cli_opt_seconds"))
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help=say("cli_opt_workers"))
@click.option("--overwrite", is_flag=True, help=say("cli_opt_overwrite"))
@lang_option
@quiet_option
@reports_problems
def compare(
    scenarios: tuple[str, ...],
    out: Path,
    layouts: tuple[str, ...],
    plans: tuple[str, ...],
    policies: tuple[str, ...],
    nights: int | None,
    seed: int | None,
    seconds: float | None,
    workers: int,
    overwrite: bool,
    lang: Lang,
) -> None:
    """Play several combinations on the same nights."""
    from dispatch.studies.compare import compare as play
    from dispatch.studies.files import save_tables

    levels = {"layouts": layouts, "plans": plans, "policies": policies}
    numbers = {"nights": nights, "seed": seed, "seconds": seconds}
    design = _design(scenarios, {key: value for key, value in levels.items() if value},
                     {key: value for key, value in numbers.items() if value is not None})  # fmt: skip
    empty_folder(out, lang, overwrite=overwrite)
    with progress_bars() as progress:
        found = play(design, workers=workers, progress=bar(progress, lang, "cli_step_cases", len(design.cases)))
    files = save_tables({"cases": found.cases, "differences": found.pairs}, out, "comparison", lang)
    print_problems(found.notes, lang)
    if not is_quiet():
        shown = ["case", "nights", "p", "p_low", "p_high", "never_share", "t_all_mean_min", "people_share_in_time"]
        if (found.cases["plan_differs_in"] != "").any():
            shown.append("plan_differs_in")
        _print(found.cases[shown], lang)
        if (found.cases["never_share"] > 0).any():
            hours = ", ".join(f"{minutes / 60:g}" for minutes in found.cases["horizon_min"].unique())
            tell(text(lang, "cli_compare_never", hours=hours))
        if len(found.pairs):
            _print(found.pairs.drop(columns=["against", "method"]), lang)
    tell_written(lang, *files)


def _design(scenarios: tuple[str, ...], levels: dict[str, tuple[str, ...]], numbers: dict[str, Any]) -> Design:
    """A design file, or the combinations of the options; numbers on the command line win."""
    from dataclasses import replace

    from dispatch.simulation.policy import POLICIES
    from dispatch.studies.design import design_of, is_design, read_design

    if len(scenarios) == 1 and is_design(Path(scenarios[0])):
        if levels:
            raise click.UsageError(say("cli_compare_either"))
        return replace(read_design(Path(scenarios[0])), **numbers)
    for policy in levels.get("policies", ()):
        if policy not in POLICIES:
            raise click.BadParameter(f"{policy}: {', '.join(POLICIES)}", param_hint="--policy")
    layouts = levels.get("layouts")
    if layouts is not None:
        levels = {**levels, "layouts": tuple("" if layout == "own" else layout for layout in layouts)}
    return design_of(scenarios, **levels, **numbers)


@click.command(help=say("cli_sensitivity_help"), epilog=say("cli_sensitivity_example"))
@click.argument("scenario")
@click.option("--plan", "plan_file", type=PATH, default=None, help=say("cli_opt_sensitivity_plan"))
@click.option("--out", type=PATH, required=True, help=say("cli_run_out"))
@click.option(
    "--method",
    type=click.Choice(["one", "morris", "sobol"]),
    default="one",
    show_default=True,
    help=say("cli_opt_method"),
)
@click.option("--size", type=click.IntRange(min=2), default=8, show_default=True, help=say("cli_opt_size"))
@click.option("--nights", type=click.IntRange(min=1), default=100, show_default=True, help=say("cli_opt_case_nights"))
@click.option("--seed", type=click.IntRange(min=0), default=None, help=say("cli_opt_seed"))
@click.option("--seconds", type=click.FloatRange(min=0.1), default=5.0, show_default=True, help=say("cli_opt_seconds"))
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help=say("cli_opt_workers"))
@click.option("--overwrite", is_flag=True, help=say("cli_opt_overwrite"))
@lang_option
@quiet_option
@reports_problems
def sensitivity(
    scenario: str,
    plan_file: Path | None,
    out: Path,
    method: str,
    size: int,
    nights: int,
    seed: int | None,
    seconds: float,
    workers: int,
    overwrite: bool,
    lang: Lang,
) -> None:
    """Say on which assumptions the answer hangs."""
    from dispatch.planning.check import check
    from dispatch.planning.plan_world import plan_world
    from dispatch.planning.whole import plan_whole
    from dispatch.results import checked, load_plan
    from dispatch.scenario_file import load_scenario
    from dispatch.studies import sensitivity as study
    from dispatch.studies.files import save_tables

    if method == "sobol" and size & (size - 1):
        raise click.BadParameter(say("cli_size_power"), param_hint="--size")
    problem = load_scenario(scenario)
    print_problems(problem.notes, lang)
    with progress_bars() as progress:
        if plan_file is None:
            empty_folder(out, lang, overwrite=overwrite, task=method)
            plan = plan_whole(problem, seconds=seconds, seed=seed)
        else:
            plan, disagreements, warnings = load_plan(plan_file, problem)
            print_problems(warnings, lang)
            problem = plan_world(plan, problem)
            broken = len(disagreements) + len(check(plan, problem))
            if broken:
                stop(text(lang, "cli_simulate_violations", count=broken), NO)
            empty_folder(out, lang, overwrite=overwrite, task=method)
        plan = checked(plan, problem)
        how: dict[str, Any] = {
            "replications": nights, "seed": seed, "workers": workers, "progress": bar(progress, lang, "cli_step_cases"),
        }  # fmt: skip
        if method == "one":
            table = study.tornado(problem, plan, **how)
        elif method == "morris":
            table = study.morris(problem, plan, trajectories=size, **how)
        else:
            table = study.sobol(problem, plan, base_samples=size, **how)
    files = save_tables({f"sensitivity_{method}": table}, out, "sensitivity", lang)
    if not is_quiet():
        _print(table, lang)
    tell_written(lang, *files)


def _print(table: pd.DataFrame, lang: Lang) -> None:
    """Print a table to the console."""
    from rich.console import Console
    from rich.table import Table

    from dispatch.documents.messages import has
    from dispatch.studies.files import said_value

    shown = Table(box=None, pad_edge=False)
    for column, of in table.dtypes.items():
        key = f"studies_column_{column}"
        shown.add_column(text(lang, key) if has(key) else str(column), justify="left" if of == "str" else "right")
    for row in table.itertuples(index=False):
        said = [said_value(lang, column, value) for column, value in zip(table.columns, row, strict=True)]
        shown.add_row(*(f"{value:.4g}" if isinstance(value, float) else str(value) for value in said))
    console = Console()
    (console if console.is_terminal else Console(width=200)).print(shown)
