"""``dispatch evacuate``; and what ``dispatch run`` adds where a scenario has an evacuation."""

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
from dispatch.documents.messages import Lang, text

if TYPE_CHECKING:
    import pandas as pd

    from dispatch.planning.plan import Plan
    from dispatch.scenario import Scenario

__all__ = ["evacuate", "evacuation_lines", "save_evacuation"]

PATH = click.Path(path_type=Path)


@click.command(help=say("evacuation_help"), epilog=say("evacuation_example"))
@click.argument("scenario")
@click.option("--out", type=PATH, required=True, help=say("evacuation_opt_out"))
@click.option("--nights", type=click.IntRange(min=1), default=200, show_default=True, help=say("evacuation_opt_nights"))
@click.option("--seed", type=click.IntRange(min=0), default=None, help=say("evacuation_opt_seed"))
@overwrite_option
@lang_option
@quiet_option
@reports_problems
def evacuate(scenario: str, out: Path, nights: int, seed: int | None, overwrite: bool, lang: Lang) -> None:
    """Plan, check and play an evacuation without the relief."""
    from dispatch.planning.check_evacuation import check_evacuation
    from dispatch.planning.evacuation import plan_evacuation
    from dispatch.results import save_plan
    from dispatch.scenario_file import load_scenario
    from dispatch.simulation.ensemble import simulate
    from dispatch.simulation.evacuation import evacuate as hook

    problem = load_scenario(scenario)
    print_problems(problem.notes, lang)
    if problem.evacuation is None:
        stop(text(lang, "evacuation_missing"))
    empty_folder(out, lang, overwrite=overwrite)
    plan = plan_evacuation(problem, seed=seed)
    stop_at_violations(check_evacuation(plan, problem), problem, lang)
    log = simulate(problem, plan, replications=nights, seed=seed, hooks=(hook,)).log
    save_plan(plan, problem, out / "plan.json", lang)
    files = [out / "plan.json", *save_evacuation(problem, plan, log, out, lang)]
    lines = evacuation_lines(problem, plan, log, lang)
    for line in lines:
        tell(line)
    tell_written(lang, *files)


def save_evacuation(scenario: Scenario, plan: Plan, log: pd.DataFrame, out: Path, lang: Lang) -> list[Path]:
    """Write the sheets as a workbook, and nights, clearance curve and rules as CSV files."""
    from dispatch.evacuation.triggers import trigger_balance
    from dispatch.planning.evacuation_page import evacuation_pages
    from dispatch.planning.plan_view import PlanView
    from dispatch.planning.plan_workbook import write_pages
    from dispatch.simulation.evacuation_indicators import evacuation_nights

    view = PlanView(plan, scenario, lang)
    files = write_pages(evacuation_pages(view), view, out / "evacuation.xlsx")
    tables: dict[str, Any] = {}
    found = evacuation_nights(log)
    if found is not None:
        tables |= {"evacuation_nights": found.nights, "clearance_curve": found.curve}
    rules = trigger_balance(scenario)
    if len(rules):
        tables["evacuation_rules"] = rules
    for name, table in tables.items():
        files.append(out / f"{name}.csv")
        table.to_csv(files[-1], index=False, encoding="utf-8-sig", lineterminator="\n")
    return files


def evacuation_lines(scenario: Scenario, plan: Plan, log: pd.DataFrame, lang: Lang) -> list[str]:
    """The answer for the console: people, levels, who is left and why, nights, rules."""
    from dispatch.clock import hours_minutes
    from dispatch.evacuation.triggers import trigger_balance
    from dispatch.report.names import site_name
    from dispatch.simulation.evacuation_indicators import evacuation_nights

    unserved = plan.unserved[plan.unserved["kind"] == "evacuation"]
    out, left = int(plan.evacuations["people"].sum()), int(unserved["amount"].sum())
    lines = [text(lang, "evacuation_line_people", people=f"{out + left:,}", out=f"{out:,}", left=f"{left:,}")]
    for row in plan.meta.get("evacuation", {}).get("objective", ()):
        timed = row["measure"].endswith("_ms")
        value, bound = (hours_minutes(int(row[k])) if timed else f"{row[k]:,.0f}" for k in ("value", "bound"))
        lines.append(text(lang, "evacuation_line_level", measure=text(lang, f"evacuation_level_{row['measure']}"),
                          value=value, bound=bound, gap=f"{row['gap']:.1%}",
                          status=text(lang, f"evacuation_level_status_{row['status']}")))  # fmt: skip
    lines += [
        text(lang, "evacuation_line_left", place=site_name(scenario, row["subject"], lang), people=row["amount"],
             group=text(lang, f"evacuation_group_{row['group']}"), cause=_why(lang, row["cause"], row["detail"]))
        for row in unserved.to_dict("records")
    ]  # fmt: skip
    found = evacuation_nights(log)
    if found is not None:
        nights = found.nights
        share = (nights["out"] / nights["people"]).mean()
        nine = nights["nine_tenths_out_ms"].where(nights["nine_tenths_out_ms"] >= 0, float("inf")).median()
        lines.append(text(
            lang, "evacuation_line_nights", nights=len(nights), share=f"{share:.1%}",
            all_out=f"{(nights['out'] == nights['people']).mean():.0%}",
            nine=text(lang, "evacuation_nine", time=hours_minutes(int(nine))) if nine < float("inf")
            else text(lang, "evacuation_nine_never"),
        ))  # fmt: skip
    lines += [_rule(scenario, row, lang) for row in trigger_balance(scenario).to_dict("records")]
    return lines


def _why(lang: Lang, cause: str, detail: str) -> str:
    from dispatch.planning.evacuation_page import detail_words, unserved_words

    figure = detail_words(lang, cause, detail)
    return unserved_words(lang, cause) + (f"{'：' if lang == 'zh' else ': '}{figure}" if figure else "")


def _rule(scenario: Scenario, row: dict[str, Any], lang: Lang) -> str:
    """One rule on rain: when it acts, what a false alarm costs, what acting spares and at what price."""
    from dispatch.clock import day_and_time

    order = scenario.evacuation
    assert order is not None
    fires = next(trigger.fires_ms for trigger in order.triggers if trigger.name == row["trigger"])
    if fires is None:
        return text(lang, "evacuation_line_trigger_never", name=row["trigger"])
    said = {
        "name": row["trigger"], "when": day_and_time(scenario.reference_time, fires),
        "people": f"{row['people']:,}", "cost": f"{row['cost_person_h']:,.0f}",
    }  # fmt: skip
    if row["action"] == "close_road":
        return text(lang, "evacuation_line_trigger_road", name=said["name"], when=said["when"])
    if not row["expected_saved_person_h"]:
        return text(lang, "evacuation_line_trigger_spares_nobody", **said)
    price = row["cost_person_h"] / row["expected_saved_person_h"]
    return text(lang, "evacuation_line_trigger", **said, saved=f"{row['saved_person_h']:,.0f}",
                chance=f"{row['probability']:.0%}", price=f"{price:,.1f}")  # fmt: skip
