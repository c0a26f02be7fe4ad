"""``dispatch cover``: the drone circle, shelters, stations, cameras, phones, water points, pads and fire roads."""

from __future__ import annotations

from datetime import datetime
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
from dispatch.cli.site import Minutes, pack_folder, pack_roads
from dispatch.cli.unused import refuse_unused
from dispatch.documents.messages import Lang, text

__all__ = ["cover"]

PATH = click.Path(path_type=Path)
KINDS = ("drone", "shelter", "fire_station", "camera", "satellite", "water_point", "helipad", "fire_road")

_APPLIES = {
    "within": {"drone", "shelter", "fire_station"}, "points": {"camera", "water_point", "helipad"},
    "radius": {"camera", "satellite"}, "wind": {"drone"}, "candidates": {"drone", "fire_station"},
    "terrain": {"drone", "camera"},
}  # fmt: skip


@click.command("cover", help=say("cover_help"), epilog=say("cover_example"))
@click.argument("pack")
@click.argument("kind", type=click.Choice(KINDS))
@click.option("--within", type=Minutes(), default=None, help=say("cover_opt_within"))
@click.option("--points", type=click.IntRange(min=0), default=3, show_default=True, help=say("cover_opt_points"))
@click.option("--radius", type=click.FloatRange(min=0.1), multiple=True, help=say("cover_opt_radius"))
@click.option("--wind", type=click.FloatRange(min=0), default=0.0, show_default=True, help=say("cover_opt_wind"))
@click.option("--candidates", type=click.Choice(["listed", "villages"]), default="listed", show_default=True,
              help=say("site_opt_candidates"))  # fmt: skip
@click.option("--roads", type=PATH, default=None, help=say("cli_map_roads"))
@click.option("--terrain", type=PATH, default=None, help=say("cover_opt_terrain"))
@click.option("--seconds", type=click.FloatRange(min=0.1), default=60.0, show_default=True,
              help=say("site_opt_seconds"))  # fmt: skip
@click.option("--out", type=PATH, default=None, help=say("site_opt_out"))
@click.option("--overwrite", is_flag=True, help=say("cli_opt_overwrite"))
@lang_option
@quiet_option
@reports_problems
def cover(
    pack: str, kind: str, within: float | None, points: int, radius: tuple[float, ...], wind: float, candidates: str,
    roads: Path | None, terrain: Path | None, seconds: float, out: Path | None, overwrite: bool, lang: Lang,
) -> None:  # fmt: skip
    """Coverage of one kind: table, map, and the list of what stays outside."""
    from zoneinfo import ZoneInfo

    from dispatch.county.in_language import in_language
    from dispatch.county.read import read_county
    from dispatch.report.coverage_files import coverage_lines, road_lines, write_coverage, write_fire_roads
    from dispatch.roads.read import read_network

    refuse_unused(kind, _APPLIES, lang)
    if kind == "satellite" and len(radius) > 1:
        stop(text(lang, "cover_one_radius"))
    folder = pack_folder(pack, lang)
    county, problems = read_county(folder)
    print_problems(problems, lang)
    county = in_language(county, lang)
    network = read_network(pack_roads(folder, roads, lang))
    if out is not None:
        empty_folder(out, lang, overwrite=overwrite, task=kind)
    created = datetime.now(ZoneInfo(county.zone))
    if kind == "fire_road":
        table = _fire_roads(county, network)
        for line in road_lines(table, lang):
            tell(line)
        if out is not None:
            tell_written(lang, write_fire_roads(table, out / "fire_roads.xlsx", lang, created))
        return
    found = _coverage(county, network, kind, within, points, radius, wind, candidates, _terrain(folder, terrain), lang,
                      seconds)  # fmt: skip
    for one in found.values():
        for line in coverage_lines(one, lang):
            tell(line)
    if kind in _APPLIES["candidates"] and candidates == "listed" and any(one.outside for one in found.values()):
        tell(text(lang, "cover_try_villages"))
    if out is not None:
        tell_written(lang, *write_coverage(kind, found, county, network, out, lang, created))
    if any(one.unit == "min" and not one.targets["covered_now"].all() for one in found.values()):
        raise SystemExit(NO)


def _terrain(folder: Path, named: Path | None) -> Any:
    """Heights: the file named, or the pack's own; None if there is neither."""
    from dispatch.hazards.terrain import read_terrain

    file = named if named is not None else folder / "terrain.tif"
    return read_terrain(file) if named is not None or file.is_file() else None


def _ground(county: Any, network: Any, vehicle: str, points: Any) -> Any:
    from dispatch.planning.siting_ground import lay_ground
    from dispatch.roads.profile_norms import read_profiles
    from dispatch.step_norms import rule_values

    rules = rule_values()
    return lay_ground(county, network, read_profiles()[vehicle], points, limit_m=rules["site_limit"],
                      walk_kmh=rules["walk_speed"])  # fmt: skip


def _with_villages(county: Any, points: Any) -> Any:
    import pandas as pd

    from dispatch.planning.siting_ground import client_places

    clients = client_places(county)[0]
    more = clients.assign(candidate="new-" + clients["place"], cost=0.0, existing=False, forbidden=False)
    joined = pd.concat([points, more.reindex(columns=points.columns)], ignore_index=True)
    return joined.astype({"existing": bool, "forbidden": bool, "cost": "float64"})


def _fire_roads(county: Any, network: Any) -> Any:
    import pandas as pd

    from dispatch.planning.coverage import points_of
    from dispatch.planning.coverage_fire import rank_fire_roads

    crews = pd.concat([points_of(county, "fire_station", ""), points_of(county, "fire_team", "")], ignore_index=True)
    return rank_fire_roads(_ground(county, network, "fire_engine", crews))


def _coverage(
    county: Any, network: Any, kind: str, within: float | None, points: int, radius: tuple[float, ...], wind: float,
    candidates: str, terrain: Any, lang: Lang, seconds: float,
) -> dict[str, Any]:  # fmt: skip
    """The coverages asked for, by name."""
    from dispatch.planning.coverage import points_of
    from dispatch.planning.coverage_drone import base_points, drone_coverage
    from dispatch.planning.coverage_fire import camera_coverage, water_coverage
    from dispatch.planning.coverage_walk import satellite_coverage, shelter_coverage, station_coverage
    from dispatch.planning.siting_ground import siting_rules

    if kind == "drone":
        bases = base_points(county)
        if county.table("drones").empty or bases.empty:
            stop(text(lang, "cover_nothing", what=text(lang, "cover_what_drones")))
        if candidates == "villages":
            bases = _with_villages(county, bases)
        ground = _ground(county, network, "pickup", bases)
        made = drone_coverage(ground, terrain, limit_min=within, wind_ms=wind, seconds=seconds)
        return {f"drone_{payload}": one for payload, one in made.items()}
    if kind == "shelter":
        return {"shelter": shelter_coverage(county, limit_min=within, seconds=seconds)}
    if kind == "fire_station":
        stations = points_of(county, "fire_station", "fire_station")
        if candidates == "villages":
            stations = _with_villages(county, stations)
        if stations.empty:
            stop(text(lang, "cover_nothing", what=text(lang, "cover_what_stations")))
        return {"fire_station": station_coverage(_ground(county, network, "fire_engine", stations), limit_min=within,
                                                 seconds=seconds)}  # fmt: skip
    if kind == "satellite":
        return {"satellite": satellite_coverage(county, limit_km=radius[0] if radius else None, seconds=seconds)}
    if kind == "camera":
        if terrain is None:
            stop(text(lang, "cover_nothing", what=text(lang, "cover_what_terrain")))
        rules = siting_rules()
        wanted = radius or (rules["camera_radius_near"], rules["camera_radius_far"])
        if points_of(county, "camera", "camera").empty:
            stop(text(lang, "cover_nothing", what=text(lang, "cover_what_cameras")))
        return {f"camera_{km:g}": camera_coverage(county, terrain, km, new=points, seconds=seconds) for km in wanted}
    if county.table("risk_zones").empty or points_of(county, "water_point", "water_point").empty:
        stop(text(lang, "cover_nothing", what=text(lang, "cover_what_water")))
    return {kind: water_coverage(county, new=points, kind=kind, seconds=seconds)}
