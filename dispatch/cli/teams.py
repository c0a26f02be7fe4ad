"""``dispatch teams``: tasks planned and played; reach of crews, initial attack, stand-by, places taken beforehand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

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
from dispatch.clock import HOUR_MS
from dispatch.documents.messages import Lang, text

if TYPE_CHECKING:
    import pandas as pd

    from dispatch.planning.plan import Plan
    from dispatch.scenario import Scenario

__all__ = ["save_teams", "team_lines", "teams"]

PATH = click.Path(path_type=Path)


class _Teams(click.Group):
    """Group whose first command is meant where none is named: ``dispatch teams SCENARIO``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("-h", "--help"):
            args = ["plan", *args]
        return super().parse_args(ctx, args)


@click.group("teams", cls=_Teams, help=say("teams_help"), epilog=say("teams_example"))
def teams() -> None:
    """Teams."""


@teams.command("plan", help=say("teams_plan_help"))
@click.argument("scenario")
@click.option("--out", type=PATH, required=True, help=say("teams_opt_out"))
@click.option("--work", type=click.FloatRange(min=1), default=None, help=say("teams_opt_work"))
@click.option("--nights", type=click.IntRange(min=1), default=200, show_default=True, help=say("teams_opt_nights"))
@click.option("--seed", type=click.IntRange(min=0), default=None, help=say("teams_opt_seed"))
@click.option("--joint/--no-joint", default=True, show_default=True, help=say("teams_opt_joint"))
@overwrite_option
@lang_option
@quiet_option
@reports_problems
def plan(
    scenario: str,
    out: Path,
    work: float | None,
    nights: int,
    seed: int | None,
    joint: bool,
    overwrite: bool,
    lang: Lang,
) -> None:
    """Plan, check and play the teams without the relief."""
    from dispatch.planning.check_teams import check_teams
    from dispatch.planning.teams import WORK, plan_teams
    from dispatch.results import save_plan
    from dispatch.scenario_file import load_scenario
    from dispatch.simulation.ensemble import simulate
    from dispatch.simulation.teams import deploy

    problem = load_scenario(scenario)
    print_problems(problem.notes, lang)
    if problem.tasks is None:
        stop(text(lang, "teams_missing"))
    empty_folder(out, lang, overwrite=overwrite)
    made = plan_teams(problem, work=work or WORK, seed=seed)
    stop_at_violations(check_teams(made, problem), problem, lang)
    log = simulate(problem, made, replications=nights, seed=seed, hooks=(deploy,)).log
    save_plan(made, problem, out / "plan.json", lang)
    files = [out / "plan.json", *save_teams(problem, made, log, out, lang)]
    lines = team_lines(problem, made, log, lang)
    if joint and (problem.county.table("teams")["type"] == "mutual_aid").any():
        gain, file = _joint(problem, made, out, lang, work or WORK, seed)
        lines, files = [*lines, *gain], [*files, file]
    lines = [*lines, *_trucks(problem, made, lang, seed)]
    for line in lines:
        tell(line)
    tell_written(lang, *files)


def _joint(
    scenario: Scenario, made: Plan, out: Path, lang: Lang, work: float, seed: int | None
) -> tuple[list[str], Path]:
    """Hours gained by help from across the border, as lines and a table."""
    from dispatch.planning.teams_roads import joint_gain

    table = joint_gain(scenario, plan=made, work=work, seed=seed)
    file = out / "joint_gain.csv"
    _write(table, file)
    gained = table["gained_h"].dropna()
    return [text(lang, "teams_line_joint", tasks=int((gained > 0.01).sum()), hours=f"{gained.clip(lower=0).sum():.1f}",
                 only=int((table["alone_end_h"].isna() & table["joint_end_h"].notna()).sum()))], file  # fmt: skip


def _trucks(scenario: Scenario, made: Plan, lang: Lang, seed: int | None) -> list[str]:
    """What roads cleared by teams gain for the trucks, where there are any."""
    from dispatch.planning.relief import plan_relief
    from dispatch.planning.teams_roads import truck_gain
    from dispatch.teams.cleared import CLEARED

    assert scenario.tasks is not None
    kinds = dict(zip(scenario.tasks.tasks["task"], scenario.tasks.tasks["kind"], strict=True))
    if scenario.needs.empty or not any(kinds[task] in CLEARED for task in made.deployments["task"]):
        return []
    gain = truck_gain(scenario, made, lambda one: plan_relief(one, seconds=5.0, seed=seed))
    people = {"without": f"{gain['people_without']:,.0f}", "people": f"{gain['people_with']:,.0f}"}
    if gain["t_all_with_h"] >= scenario.horizon_ms / HOUR_MS:
        return [text(lang, "teams_line_trucks_never", **people)]
    return [text(lang, "teams_line_trucks", **people,
                 before=f"{gain['t_all_without_h']:.1f}", after=f"{gain['t_all_with_h']:.1f}",
                 hours=f"{gain['gained_h']:.1f}")]  # fmt: skip


def _write(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")


def save_teams(scenario: Scenario, made: Plan, log: pd.DataFrame, out: Path, lang: Lang) -> list[Path]:
    """Write the sheets as a workbook, and the nights by task as CSV files."""
    from dispatch.planning.plan_view import PlanView
    from dispatch.planning.plan_workbook import write_pages
    from dispatch.planning.teams_page import team_pages
    from dispatch.simulation.teams_indicators import task_nights, task_summary

    view = PlanView(made, scenario, lang)
    files = write_pages(team_pages(view), view, out / "teams.xlsx")
    nights = task_nights(log)
    if len(nights) and scenario.tasks is not None:
        summary = task_summary(nights, scenario.tasks.tasks, scenario.order_ms)
        for name, table in (("task_nights", nights), ("task_summary", summary)):
            files.append(out / f"{name}.csv")
            _write(table, files[-1])
    return files


def team_lines(scenario: Scenario, made: Plan, log: pd.DataFrame, lang: Lang) -> list[str]:
    """The answer for the console: tasks done, levels, what is not done and why, nights."""
    from dispatch.planning.teams_page import cause_words, detail_words
    from dispatch.planning.teams_roads import commander_use
    from dispatch.report.names import site_name
    from dispatch.simulation.teams_indicators import task_nights, task_summary

    if scenario.tasks is None:
        return []
    tasks = scenario.tasks.tasks
    unserved = made.unserved[made.unserved["kind"] == "task"]
    names = {task: site_name(scenario, task, lang) for task in tasks["task"]}
    lines = [text(lang, "teams_line_tasks", tasks=len(tasks), done=made.deployments["task"].nunique(),
                  teams=made.deployments["team"].nunique(), left=len(unserved))]  # fmt: skip
    for row in made.meta.get("teams", {}).get("objective", ()):
        shown = _shown(row)
        lines.append(text(lang, "teams_line_level", measure=text(lang, f"teams_level_{row['measure']}"),
                          value=shown[0], bound=shown[1], gap=f"{row['gap']:.1%}",
                          status=text(lang, f"evacuation_level_status_{row['status']}")))  # fmt: skip
    lines += [
        text(lang, "teams_line_left", task=names.get(row["subject"], row["subject"]),
             cause=cause_words(lang, row["cause"]),
             detail=detail_words(scenario, lang, row["cause"], row["detail"])).replace("（）", "").replace(" ()", "")
        for row in unserved.to_dict("records")
    ]  # fmt: skip
    if (tasks["incident"] != "").any():
        lines.append(text(lang, "teams_line_commanders", commanders=scenario.tasks.commanders,
                          share=f"{commander_use(scenario, made):.0%}"))  # fmt: skip
    nights = task_nights(log)
    if len(nights):
        summary = task_summary(nights, tasks, scenario.order_ms)
        lines += [text(lang, "teams_line_night", task=names.get(row["task"], row["task"]),
                       share=f"{row['in_time']:.0%}", median=f"{row['median_h']:.1f}")
                  for row in summary.to_dict("records")]  # fmt: skip
    return lines


def _shown(row: dict[str, Any]) -> tuple[str, str]:
    """Value and bound of a level in the unit in which people read it."""
    per = {"priority_served": 1000, "lives_minutes": 60, "priority_minutes": 60_000, "patient_minutes": 60}
    by = per.get(row["measure"], 1)
    return f"{row['value'] / by:,.1f}".removesuffix(".0"), f"{row['bound'] / by:,.1f}".removesuffix(".0")


def _more() -> None:
    """Commands that stand in a file of their own."""
    from dispatch.cli.teams_ground import attack, preposition, reach, standby

    for command in (reach, attack, standby, preposition):
        teams.add_command(command)


_more()
