"""``dispatch map``."""

from __future__ import annotations

from pathlib import Path

import click

from dispatch.cli.common import lang_option, print_problems, quiet_option, reports_problems, stop, tell_written
from dispatch.cli.language import say
from dispatch.cli.plans import sound_plan
from dispatch.cli.site import bundled_pack
from dispatch.documents.messages import Lang, text

__all__ = ["county_map"]

PATH = click.Path(path_type=Path)
_ROADS = ("roads.osm.pbf", "roads.pbf", "roads.osm", "roads.graphml", "roads.gpkg", "roads.geojson")


@click.command("map", help=say("cli_map_help"), epilog=say("cli_map_example"))
@click.argument("county_or_scenario", metavar="PACK|SCENARIO")
@click.option("--plan", "plan_file", type=PATH, default=None, help=say("cli_map_plan"))
@click.option("--roads", type=PATH, default=None, help=say("cli_map_roads"))
@click.option("--out", type=PATH, required=True, help=say("cli_map_out"))
@click.option("--tiles", default="", help=say("cli_opt_tiles"))
@click.option("--overwrite", is_flag=True, help=say("cli_opt_overwrite"))
@lang_option
@quiet_option
@reports_problems
def county_map(
    county_or_scenario: str,
    plan_file: Path | None,
    roads: Path | None,
    out: Path,
    tiles: str,
    overwrite: bool,
    lang: Lang,
) -> None:
    """Draw every layer of a county on one map: HTML and PNG."""
    from dispatch.county.read import read_county
    from dispatch.report.county_features import county_groups, plan_groups
    from dispatch.report.county_map import write_county_map, write_county_picture
    from dispatch.roads.read import read_network
    from dispatch.scenario_file import load_scenario

    page = out if out.suffix.lower() in {".html", ".htm"} else out.with_name(out.name + ".html")
    picture = page.with_suffix(".png")
    for path in (page, picture):
        if path.exists() and not overwrite:
            stop(text(lang, "cli_exists", path=path))
    pack = bundled_pack(county_or_scenario) or Path(county_or_scenario)
    statements: list[str] = []
    if pack.is_dir() or (pack.suffix.lower() in {".xlsx", ".xlsm"} and plan_file is None):
        county, problems = read_county(pack)
        print_problems(problems, lang)
        file = roads or next((pack / name for name in _ROADS if (pack / name).is_file()), None)
        network = None if file is None else read_network(file)
        groups = county_groups(county, lang)
        if plan_file is not None:
            stop(text(lang, "cli_map_needs_scenario"))
    else:
        problem = load_scenario(county_or_scenario)
        county, network = problem.county, problem.network
        groups = county_groups(county, lang)
        if plan_file is not None:
            plan, problem = sound_plan(plan_file, problem, lang)
            groups += plan_groups(problem, plan, lang)
        statements = [zh if lang == "zh" else en for zh, en in problem.statements]
    if network is not None and network.schematic and not statements:
        statements.append(text(lang, "report_schematic"))
    page.parent.mkdir(parents=True, exist_ok=True)
    write_county_map(page, county, network, groups, lang=lang, statements=statements, tiles=tiles)
    tell_written(lang, page)
    if write_county_picture(picture, county, network, groups, lang=lang):
        tell_written(lang, picture)
    else:
        from dispatch.documents.fonts import missing_font

        click.echo(missing_font(lang), err=True)
