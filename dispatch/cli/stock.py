"""``dispatch stock``: is every depot ready, what falls due over the years, and where the goods should lie."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from dispatch.cli.common import (
    NO,
    empty_folder,
    lang_option,
    print_problems,
    quiet_option,
    reports_problems,
    stop,
    tell,
    tell_written,
)
from dispatch.cli.language import say
from dispatch.cli.site import pack_folder
from dispatch.cli.unused import refuse_unused
from dispatch.documents.messages import Lang, text

__all__ = ["stock"]

PATH = click.Path(path_type=Path)

_BOTH = {"optimise", "points"}
_APPLIES = {
    "season": {"check"}, "level": {"check", "plan"}, "people": {"check", "plan"}, "norm": {"check", "plan"},
    "day": {"check", "plan"}, "years": {"plan"}, "yearly_use": {"plan"}, "budget": _BOTH, "sampled": _BOTH,
    "nights": _BOTH, "seconds": _BOTH, "target": {"optimise"}, "candidates": {"points"}, "goods": {"points"},
    "aim": {"points"}, "point_vehicle": {"points"},
}  # fmt: skip


class Day(click.ParamType):  # type: ignore[type-arg]
    """A day, ``2026-05-20``."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Parse an ISO date."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(say("stock_bad_day", value=value), param, ctx)


@click.command("stock", help=say("stock_help"), epilog=say("stock_example"))
@click.argument("pack")
@click.option("--check", "task", flag_value="check", default="check", help=say("stock_opt_check"))
@click.option("--plan", "task", flag_value="plan", help=say("stock_opt_plan"))
@click.option("--optimise", "scenarios", multiple=True, metavar="SCENARIO", help=say("stock_opt_optimise"))
@click.option("--season", type=click.Choice(["flood", "fire"]), default="flood", show_default=True,
              help=say("stock_opt_season"))  # fmt: skip
@click.option("--level", type=click.Choice(["I", "II", "III", "IV"]), default="II", show_default=True,
              help=say("stock_opt_level"))  # fmt: skip
@click.option("--people", type=click.FloatRange(min=0), default=None, help=say("stock_opt_people"))
@click.option("--norm", type=PATH, default=None, help=say("stock_opt_norm"))
@click.option("--date", "day", type=Day(), default=None, help=say("stock_opt_date"))
@click.option("--years", type=click.IntRange(1, 30), default=5, show_default=True, help=say("stock_opt_years"))
@click.option("--use", "yearly_use", type=click.FloatRange(0, 1), default=0.0, show_default=True,
              help=say("stock_opt_use"))  # fmt: skip
@click.option("--budget", type=click.FloatRange(min=0), default=None, help=say("stock_opt_budget"))
@click.option("--points", type=click.IntRange(min=0), default=None, help=say("stock_opt_points"))
@click.option("--candidates", type=click.Choice(["listed", "villages"]), default="listed", show_default=True,
              help=say("site_opt_candidates"))  # fmt: skip
@click.option("--goods", type=click.Choice(["move", "stay"]), default="move", show_default=True,
              help=say("stock_opt_goods"))  # fmt: skip
@click.option("--aim", type=click.Choice(["everyone", "people"]), default="everyone", show_default=True,
              help=say("stock_opt_aim"))  # fmt: skip
@click.option("--point-vehicle", default="pickup", show_default=True, help=say("stock_opt_point_vehicle"))
@click.option("--target", type=click.FloatRange(0, 1), default=0.95, show_default=True, help=say("stock_opt_target"))
@click.option("--sampled", type=click.IntRange(min=2), default=6, show_default=True, help=say("stock_opt_sampled"))
@click.option("--nights", type=click.IntRange(min=0), default=0, show_default=True, help=say("stock_opt_nights"))
@click.option("--seconds", type=click.FloatRange(min=1), default=60.0, show_default=True,
              help=say("site_opt_seconds"))  # fmt: skip
@click.option("--out", type=PATH, default=None, help=say("stock_opt_out"))
@click.option("--overwrite", is_flag=True, help=say("cli_opt_overwrite"))
@lang_option
@quiet_option
@reports_problems
def stock(
    pack: str, task: str, scenarios: tuple[str, ...], season: str, level: str, people: float | None, norm: Path | None,
    day: date | None, years: int, yearly_use: float, budget: float | None, points: int | None, candidates: str,
    goods: str, aim: str, point_vehicle: str, target: float, sampled: int, nights: int,
    seconds: float, out: Path | None, overwrite: bool, lang: Lang,
) -> None:  # fmt: skip
    """Check, plan or optimise the stock of a county."""
    from zoneinfo import ZoneInfo

    from dispatch.county.in_language import in_language
    from dispatch.county.read import read_county

    asked = "points" if points is not None else "optimise" if scenarios else task
    refuse_unused(asked, _APPLIES, lang)
    folder = pack_folder(pack, lang)
    county, problems = read_county(folder)
    print_problems(problems, lang)
    county = in_language(county, lang)
    if norm is not None and not norm.is_file():
        stop(text(lang, "common_file_not_found", path=norm))
    now = datetime.now(ZoneInfo(county.zone))
    today = now.date() if day is None else day
    if points is not None and not scenarios:
        stop(text(lang, "stock_points_no_scenario"))
    if points is not None and budget is None:
        stop(text(lang, "stock_points_no_budget"))
    if out is not None:
        empty_folder(out, lang, overwrite=overwrite, task=asked)
    if points is not None:
        wish = {"points": points, "budget": budget, "keep": goods == "stay", "aim": aim, "nights": sampled,
                "held_out": 3 * sampled, "seconds": seconds, "simulated": nights,
                "vehicle_class": "" if point_vehicle == "none" else point_vehicle}  # fmt: skip
        _points(county, scenarios, wish, candidates == "villages", out, lang, now)
    elif scenarios:
        _optimise(county, scenarios, budget, target, sampled, nights, seconds, out, lang, now)
    elif task == "plan":
        _plan(county, level, people, norm, today, years, yearly_use, out, lang, now)
    else:
        _check(county, season, level, people, norm, today, out, lang, now)


def _check(county, season, level, people, norm, today, out, lang, now) -> None:  # type: ignore[no-untyped-def]
    from dispatch.planning.stocking_check import check_stock
    from dispatch.planning.stocking_norm import need_by_norm
    from dispatch.report.stock_files import check_lines, write_check

    found = check_stock(county, season, today, level=level, people=people, own=norm)
    for line in check_lines(found, lang):
        tell(line)
    if out is not None:
        need = need_by_norm(county, found.people, season, "county", norm)
        tell_written(lang, write_check(found, need, out / "stock_check.xlsx", lang, now, county))
    if not found.passed:
        stop(text(lang, "stock_not_ready", count=int((~found.groups["passed"]).sum())), NO)


def _plan(county, level, people, norm, today, years, yearly_use, out, lang, now) -> None:  # type: ignore[no-untyped-def]
    from dispatch.planning.stocking_norm import level_people, need_by_norm
    from dispatch.planning.stocking_shelf import plan_years
    from dispatch.report.stock_files import plan_lines, write_plan

    heads = level_people(level) if people is None else people
    need: dict[str, float] = {}
    for one in ("flood", "fire"):
        table = need_by_norm(county, heads, one, "county", norm)
        need |= dict(zip(table["item"], table["quantity"], strict=True))
    known = set(county.table("items")["item"])
    found = plan_years(county, today, {item: q for item, q in need.items() if item in known}, years=years,
                       yearly_use=yearly_use)  # fmt: skip
    for line in plan_lines(found, lang):
        tell(line)
    if out is not None:
        tell_written(lang, write_plan(found, out / "stock_plan.xlsx", lang, now, county))


def _optimise(county, scenarios, budget, target, sampled, nights, seconds, out, lang, now) -> None:  # type: ignore[no-untyped-def]
    from dataclasses import replace

    from dispatch.planning.stocking_optimise import optimise_stock, split_items
    from dispatch.report.stock_files import optimise_lines, write_optimised
    from dispatch.scenario_file import load_scenario
    from dispatch.studies.stock_targets import Target, target_of, with_stock

    problems = [load_scenario(name) for name in scenarios]
    if any(one.county.code != county.code for one in problems):
        stop(text(lang, "stock_other_county", county=county.name_zh if lang == "zh" else county.name_en))
    found = optimise_stock(problems, nights=sampled, held_out=3 * sampled, budget=budget, seconds=seconds)
    split = split_items(problems, found.nights, target)
    targets: list[tuple[Target, Target]] = []
    for one in problems if nights else []:
        other = replace(one, county=with_stock(one.county, found.nights.depots, found.nights.items, found.found))
        # Today's stock laid by the same rule, so that expiry days and substitutes do not differ.
        plain = replace(one, county=with_stock(one.county, found.nights.depots, found.nights.items, found.today))
        targets.append((target_of(plain, nights=nights), target_of(other, nights=nights)))
    for line in optimise_lines(found, split, targets, target, county, lang, scenarios=len(problems)):
        tell(line)
    if out is not None:
        path = write_optimised(found, split, out / "stock_layout.xlsx", lang, now, county)
        tell_written(lang, path)


def _points(county, scenarios, wish, villages, out, lang, now) -> None:  # type: ignore[no-untyped-def]
    from dispatch.norms import read_norm
    from dispatch.planning.siting_ground import candidate_points
    from dispatch.report.stock_points_files import points_lines, write_points
    from dispatch.scenario_file import load_scenario
    from dispatch.studies.stock_points import PointsWish, points_and_stock

    known = [row["vehicle_class"] for row in read_norm("vehicle_profiles")]
    if wish["vehicle_class"] not in {"", *known}:
        stop(text(lang, "site_unknown_vehicle", vehicle=wish["vehicle_class"], known=", ".join(["none", *known])))
    if any(load_scenario(name).county.code != county.code for name in scenarios):
        stop(text(lang, "stock_other_county", county=county.name_zh if lang == "zh" else county.name_en))
    offered = candidate_points(county, villages=villages)
    if not (~offered["existing"] & ~offered["forbidden"]).any():
        stop(text(lang, "stock_points_no_candidates"))
    found = points_and_stock(scenarios, county, offered, PointsWish(**wish))
    for line in points_lines(found, county, lang):
        tell(line)
    if out is not None:
        path = write_points(found, out / "stock_points.xlsx", lang, now, county)
        tell_written(lang, path)
