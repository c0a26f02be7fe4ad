"""``dispatch teams reach``, ``attack``, ``standby`` and ``preposition``: what crews can do before anything happens."""

from __future__ import annotations

import math
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dispatch.cli.common import (
    NO,
    empty_folder,
    lang_option,
    overwrite_option,
    print_problems,
    quiet_option,
    reports_problems,
    stop,
    tell,
    tell_written,
)
from dispatch.cli.language import say
from dispatch.cli.site import pack_folder, pack_roads
from dispatch.documents.messages import Lang, text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["attack", "preposition", "reach", "standby"]

PATH = click.Path(path_type=Path)


def _ground(pack: str, roads: Path | None, lang: Lang) -> tuple[Any, Any]:
    """County and roads of a pack."""
    from dispatch.county.read import read_county
    from dispatch.roads.read import read_network

    folder = pack_folder(pack, lang)
    county, problems = read_county(folder)
    print_problems(problems, lang)
    return county, read_network(pack_roads(folder, roads, lang))


def _ready(out: Path | None, names: tuple[str, ...], lang: Lang, *, overwrite: bool) -> None:
    """Make the folder for these tables; refuse to write over one that is there, unless told to."""
    if out is None:
        return
    there = [out / f"{name}.csv" for name in names if (out / f"{name}.csv").exists()]
    if there and not overwrite:
        stop(text(lang, "cli_export_exists", paths=text(lang, "common_list_comma").join(map(str, there))))
    empty_folder(out, lang, overwrite=True)


def _save(table: pd.DataFrame, out: Path | None, name: str, lang: Lang) -> None:
    """Write a table into the folder, if there is one."""
    if out is None:
        return
    path = out / f"{name}.csv"
    table.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")
    tell_written(lang, path)


@click.command("reach", help=say("teams_reach_help"))
@click.argument("pack")
@click.option("--roads", type=PATH, default=None, help=say("cli_map_roads"))
@click.option("--night", is_flag=True, help=say("teams_opt_night"))
@click.option("--out", type=PATH, default=None, help=say("teams_opt_out"))
@overwrite_option
@lang_option
@quiet_option
@reports_problems
def reach(pack: str, roads: Path | None, night: bool, out: Path | None, overwrite: bool, lang: Lang) -> None:
    """Forest within 30, 60 and 120 minutes of a crew; townships with and without a crew of 30."""
    from dispatch.planning.teams_reach import crew_reach

    county, network = _ground(pack, roads, lang)
    if (county.table("risk_zones")["kind"] == "wildfire").sum() == 0:
        stop(text(lang, "teams_no_forest"))
    _ready(out, ("crew_reach",), lang, overwrite=overwrite)
    table = crew_reach(county, network, night=night)
    for row in table.to_dict("records"):
        tell(text(
            lang, "teams_line_reach" if row["township"] else "teams_line_reach_all", name=row["name"],
            km2=f"{row['forest_km2']:,.0f}", m30=f"{row['share_30']:.0%}", m60=f"{row['share_60']:.0%}",
            m120=f"{row['share_120']:.0%}", crew=text(lang, "teams_crew_yes" if row["crew_30"] else "teams_crew_no"),
            own=f"{row['own_60_km2']:,.0f}", own2=f"{row['own_120_km2']:,.0f}",
        ))  # fmt: skip
    _save(table, out, "crew_reach", lang)
    if not table.loc[table["township"] != "", "crew_30"].all():
        raise SystemExit(NO)


@click.command("attack", help=say("teams_attack_help"))
@click.argument("scenario")
@click.option(
    "--ignitions", type=click.IntRange(min=1), default=100, show_default=True, help=say("teams_opt_ignitions")
)
@click.option("--crew", "place", default=None, metavar="PLACE", help=say("teams_opt_crew"))
@click.option("--wind", type=click.FloatRange(min=0), default=None, help=say("teams_opt_wind"))
@click.option("--night", is_flag=True, help=say("teams_opt_night"))
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help=say("teams_opt_seed_ignitions"))
@click.option("--out", type=PATH, default=None, help=say("teams_opt_out"))
@overwrite_option
@lang_option
@quiet_option
@reports_problems
def attack(
    scenario: str, ignitions: int, place: str | None, wind: float | None, night: bool, seed: int, out: Path | None,
    overwrite: bool, lang: Lang,
) -> None:  # fmt: skip
    """Share of ignitions contained while small, within 2 h and 24 h, with and without a further crew."""
    from dispatch.planning.initial_attack import attack_ground, attack_table, attacked, best_further_crew
    from dispatch.planning.teams_reach import fire_crews, new_crew

    county, network, spec = _fire(scenario, wind, lang)
    try:
        ground = attack_ground(county, spec, per_township=ignitions, seed=seed)
    except ValueError as wrong:
        stop(text(lang, "teams_no_forest") + f" ({wrong})")
    _ready(out, ("initial_attack", "ignitions_now", "ignitions_with_crew"), lang, overwrite=overwrite)
    if place is None:
        now, more, place = best_further_crew(county, ground, network, night=night)
    else:
        crews = fire_crews(county, night=night)
        try:
            further = new_crew(county, place, night=night)
        except KeyError:
            stop(text(lang, "teams_no_place", place=place))
        now = attacked(ground, network, crews, night=night)
        more = attacked(ground, network, crews, further, night=night)
    names = dict(zip(county.table("places")["place"], county.table("places")["name"], strict=True))
    table = attack_table(county, now, more)
    tell(text(lang, "teams_line_attack_crew", place=names.get(place, place)))
    for row in table.to_dict("records"):
        shown = {name: f"{row[name]:.0%}" for name in row if name.endswith(("_now", "_with"))}
        tell(text(lang, "teams_line_attack", name=row["name"] or text(lang, "teams_whole_county"),
                        count=row["ignitions"], first=f"{row['first_crew_min']:,.0f}", **shown))  # fmt: skip
    _save(table, out, "initial_attack", lang)
    _save(now.fires, out, "ignitions_now", lang)
    _save(more.fires, out, "ignitions_with_crew", lang)


def _fire(scenario: str, wind: float | None, lang: Lang) -> tuple[Any, Any, Any]:
    """County, roads and wildfire of a scenario file."""
    from dataclasses import replace
    from zoneinfo import ZoneInfo

    from dispatch.county.read import read_county
    from dispatch.hazards.fire_spec import read_fire
    from dispatch.problems import InputProblems, errors
    from dispatch.roads.read import read_network
    from dispatch.scenario_file import find_scenario
    from dispatch.scenario_text import read_scenario_text

    written = read_scenario_text(find_scenario(scenario))
    if errors(written.problems):
        raise InputProblems(written.problems)
    if "hazards.fire" not in written.values:
        stop(text(lang, "teams_no_fire"))
    county, problems = read_county(written.path.parent / written.values["county"])
    print_problems(problems, lang)
    reference = datetime.fromisoformat(written.values["reference_time"])
    reference = reference if reference.tzinfo else reference.replace(tzinfo=ZoneInfo(county.zone))
    spec, found = read_fire(written.values["hazards.fire"], written.path, reference)
    if spec is None:
        raise InputProblems(found)
    if wind is not None:
        spec = replace(spec, weather=(replace(spec.weather[0], wind_m_s=wind),))
    return county, read_network(written.path.parent / written.values["roads"]), spec


@click.command("standby", help=say("teams_standby_help"))
@click.argument("pack")
@click.option("--roads", type=PATH, default=None, help=say("cli_map_roads"))
@click.option("--busy", type=click.FloatRange(0, 0.95), default=None, help=say("teams_opt_busy"))
@click.option("--away", multiple=True, metavar="TEAM", help=say("teams_opt_away"))
@click.option("--night", is_flag=True, help=say("teams_opt_night"))
@click.option("--out", type=PATH, default=None, help=say("teams_opt_out"))
@overwrite_option
@lang_option
@quiet_option
@reports_problems
def standby(
    pack: str,
    roads: Path | None,
    busy: float | None,
    away: tuple[str, ...],
    night: bool,
    out: Path | None,
    overwrite: bool,
    lang: Lang,
) -> None:
    """Expected cover at the bases and at best by number of free crews; who moves up."""
    from dispatch.planning.standby import move_up, standby_cover

    county, network = _ground(pack, roads, lang)
    try:
        cover = standby_cover(county, network, busy=busy, night=night)
    except ValueError:
        stop(text(lang, "teams_no_crews"))
    _ready(out, ("standby", "move_up"), lang, overwrite=overwrite)
    everybody = float(cover.people.sum())
    for row in cover.table.to_dict("records"):
        tell(text(lang, "teams_line_standby", free=int(row["free"]), bases=f"{row['at_bases'] / everybody:.1%}",
                        best=f"{row['best'] / everybody:.1%}"))  # fmt: skip
    _save(cover.table, out, "standby", lang)
    if away:
        try:
            moves, before, after = move_up(cover, network, away, night=night)
        except KeyError as unknown:
            stop(text(lang, "teams_no_team", team=unknown.args[0]))
        named = text(lang, "common_list_comma").join(away)
        tell(text(lang, "teams_line_move_up", away=named, before=f"{before / everybody:.1%}",
                        after=f"{after / everybody:.1%}"))  # fmt: skip
        for row in moves.to_dict("records"):
            tell(text(lang, "teams_line_move", **{**row, "minutes": f"{row['minutes']:.0f}"}))
        _save(moves, out, "move_up", lang)


@click.command("preposition", help=say("teams_preposition_help"))
@click.argument("scenario")
@click.option("--nights", type=click.IntRange(min=2), default=16, show_default=True, help=say("teams_opt_training"))
@click.option("--held-out", type=click.IntRange(min=2), default=40, show_default=True, help=say("teams_opt_held_out"))
@click.option("--moves", type=click.IntRange(min=0), default=10, show_default=True, help=say("teams_opt_moves"))
@click.option("--seconds", type=click.FloatRange(min=1), default=60.0, show_default=True, help=say("cli_opt_seconds"))
@click.option("--seed", type=click.IntRange(min=0), default=None, help=say("teams_opt_seed"))
@click.option("--out", type=PATH, default=None, help=say("teams_opt_out"))
@overwrite_option
@lang_option
@quiet_option
@reports_problems
def preposition(
    scenario: str, nights: int, held_out: int, moves: int, seconds: float, seed: int | None, out: Path | None,
    overwrite: bool, lang: Lang,
) -> None:  # fmt: skip
    """Which teams and loaded trucks to move forward, and what that is worth on nights not seen."""
    from dispatch.planning.prepositioning import preposition as choose
    from dispatch.scenario_file import load_scenario

    problem = load_scenario(scenario)
    print_problems(problem.notes, lang)
    _ready(out, ("preposition", "preposition_nights"), lang, overwrite=overwrite)
    try:
        found = choose(problem, nights=nights, held_out=held_out, most_moves=moves, seed=seed, seconds=seconds)
    except ValueError as wrong:
        stop(text(lang, "teams_no_hits") + f" ({wrong})")
    worth, placed = found.worth, found.placed
    tell(text(lang, "teams_line_placed", home=f"{worth.home:,.0f}", placed=f"{worth.placed:,.0f}",
                    bound=f"{placed.bound:,.0f}", mean=f"{worth.mean_value:,.0f}", perfect=f"{worth.perfect:,.0f}",
                    vss=f"{worth.stochastic_solution:,.1f}", evpi=f"{worth.perfect_information:,.1f}"))  # fmt: skip
    low, high = (f"{value:,.0f}" if math.isfinite(value) else "–" for value in (found.low, found.high))
    tell(text(lang, "teams_line_held_out", nights=held_out, gain=f"{found.gain:,.0f}", low=low, high=high))
    for row in found.moves.to_dict("records"):
        tell(text(lang, "teams_line_forward", kind=text(lang, f"teams_kind_{row['kind']}"), unit=row["unit"],
                        name=row["name"], origin=row["from_site"], to=row["to_site"]))  # fmt: skip
    _save(found.moves, out, "preposition", lang)
    _save(found.held_out, out, "preposition_nights", lang)
