"""``dispatch site``: today's layout, a proposal and the optimal one, side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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
from dispatch.documents.messages import Lang, text

__all__ = ["Minutes", "bundled_pack", "pack_folder", "pack_roads", "site"]

PATH = click.Path(path_type=Path)
_ROADS = ("roads.osm.pbf", "roads.pbf", "roads.osm", "roads.graphml", "roads.gpkg", "roads.geojson")


class Minutes(click.ParamType):  # type: ignore[type-arg]
    """A length of time: ``60``, ``60min``, ``1.5h``, ``60分钟``, ``1小时``; minutes inside."""

    name = "minutes"
    _UNITS = {"min": 1.0, "m": 1.0, "分钟": 1.0, "分": 1.0, "h": 60.0, "小时": 60.0, "时": 60.0, "": 1.0}  # noqa: RUF012

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Parse; fails with a message of the command line."""
        if isinstance(value, float | int):
            return float(value)
        text_given = str(value).strip()
        digits = text_given.rstrip("abcdefghijklmnopqrstuvwxyz分钟小时 ")
        unit = text_given[len(digits) :].strip()
        try:
            minutes = float(digits) * self._UNITS[unit]
        except (ValueError, KeyError):
            self.fail(say("site_bad_minutes", value=value), param, ctx)
        if minutes <= 0:
            self.fail(say("site_bad_minutes", value=value), param, ctx)
        return minutes


def pack_folder(name: str, lang: str) -> Path:
    """Folder or workbook of a pack, given as a path or by the name of a bundled county."""
    found = Path(name) if Path(name).exists() else bundled_pack(name)
    return found if found is not None else stop(text(lang, "site_no_pack", pack=name))


def bundled_pack(name: str) -> Path | None:
    """Folder of a county that comes with the library; None where a file has that name, or there is no such county."""
    from importlib.resources import files

    folder = Path(str(files("scenarios"))) / name
    return folder if not Path(name).exists() and (folder / "county.toml").is_file() else None


def pack_roads(pack: Path, roads: Path | None, lang: str) -> Path:
    """Road file: the one named, or the pack's own."""
    if roads is not None:
        if not roads.is_file():
            stop(text(lang, "common_file_not_found", path=roads))
        return roads
    folder = pack if pack.is_dir() else pack.parent
    found = next((folder / name for name in _ROADS if (folder / name).is_file()), None)
    if found is None:
        stop(text(lang, "site_no_roads", pack=pack, names=", ".join(_ROADS)))
    return found


@click.command("site", help=say("site_help"), epilog=say("site_example"))
@click.argument("pack")
@click.option("--points", type=click.IntRange(min=0), default=10, show_default=True, help=say("site_opt_points"))
@click.option("--within", type=Minutes(), default="60min", show_default=True, help=say("site_opt_within"))
@click.option("--existing", type=click.Choice(["keep", "free"]), default="keep", show_default=True,
              help=say("site_opt_existing"))  # fmt: skip
@click.option("--objective", type=click.Choice(["cover", "median", "center"]), default="cover", show_default=True,
              help=say("site_opt_objective"))  # fmt: skip
@click.option("--robust", type=click.Choice(["none", "bridges", "edges"]), default="none", show_default=True,
              help=say("site_opt_robust"))  # fmt: skip
@click.option("--proposal", type=PATH, default=None, help=say("site_opt_proposal"))
@click.option("--candidates", type=click.Choice(["listed", "villages"]), default="listed", show_default=True,
              help=say("site_opt_candidates"))  # fmt: skip
@click.option("--curve", type=click.IntRange(min=0), default=None, help=say("site_opt_curve"))
@click.option("--vehicle", default="light_truck", show_default=True, help=say("site_opt_vehicle"))
@click.option("--roads", type=PATH, default=None, help=say("cli_map_roads"))
@click.option("--seconds", type=click.FloatRange(min=0.1), default=60.0, show_default=True,
              help=say("site_opt_seconds"))  # fmt: skip
@click.option("--scenario", default=None, help=say("site_opt_scenario"))
@click.option("--nights", type=click.IntRange(min=1), default=40, show_default=True, help=say("site_opt_nights"))
@click.option("--out", type=PATH, required=True, help=say("site_opt_out"))
@click.option("--overwrite", is_flag=True, help=say("cli_opt_overwrite"))
@lang_option
@quiet_option
@reports_problems
def site(
    pack: str, points: int, within: float, existing: str, objective: str, robust: str, proposal: Path | None,
    candidates: str, curve: int | None, vehicle: str, roads: Path | None, seconds: float, scenario: str | None,
    nights: int, out: Path, overwrite: bool,
    lang: Lang,
) -> None:  # fmt: skip
    """Compare now, proposed and optimal layouts of stock points."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from dispatch.county.in_language import in_language
    from dispatch.county.read import read_county
    from dispatch.planning.siting import Wish, count_range
    from dispatch.planning.siting_compare import compare_layouts
    from dispatch.planning.siting_ground import candidate_points, lay_ground
    from dispatch.planning.siting_proposal import read_proposal
    from dispatch.report.siting_files import comparison_rows, gap_text, write_siting_files
    from dispatch.report.siting_report import advice, findings, write_siting_report
    from dispatch.roads.profile_norms import read_profiles
    from dispatch.roads.read import read_network
    from dispatch.step_norms import rule_values

    folder = pack_folder(pack, lang)
    county, problems = read_county(folder)
    print_problems(problems, lang)
    profiles = read_profiles()
    if vehicle not in profiles:
        stop(text(lang, "site_unknown_vehicle", vehicle=vehicle, known=", ".join(profiles)))
    named = in_language(county, lang)
    listed = candidate_points(named, villages=candidates == "villages")
    proposed: list[str] = []
    if proposal is not None:
        listed, proposed, warnings = read_proposal(proposal, county, listed)
        print_problems(warnings, lang)
    if listed.empty or not (~listed["existing"]).any():
        stop(text(lang, "site_no_candidates", pack=pack))
    network = read_network(pack_roads(folder, roads, lang))
    rules = rule_values()
    county = named
    ground = lay_ground(county, network, profiles[vehicle], listed, limit_m=rules["site_limit"],
                        walk_kmh=rules["walk_speed"])  # fmt: skip
    if ground.clients.empty:
        stop(text(lang, "site_no_places", pack=pack))
    empty_folder(out, lang, overwrite=overwrite)
    wish = Wish(points, within, existing, objective, seconds)  # type: ignore[arg-type]
    low, high = count_range(ground, existing)
    if not low <= points <= high:
        tell(text(lang, "site_points_cut", points=points, low=low, high=high), err=True)
    compared = compare_layouts(ground, wish, proposed=proposed, robust=robust, curve_to=curve)  # type: ignore[arg-type]
    created = datetime.now(ZoneInfo(county.zone))
    title = text(lang, "siting_title", county=county.name_zh if lang == "zh" else county.name_en)
    paths = write_siting_files(compared, out, lang, created, title)
    report = out / text(lang, "siting_report_file")
    write_siting_report(compared, report, lang, created, title)
    if not is_quiet():
        header, rows = comparison_rows(compared, lang)
        tell(title)
        for line in (header, *rows):
            tell("  " + " | ".join(line))
        tell(gap_text(compared, lang))
        for line in (*findings(compared, lang), *advice(compared, lang)):
            tell(f"- {line}")
    if scenario is not None:
        for line in _promise(scenario, county, compared, nights, lang):
            tell(line)
    tell_written(lang, report, *paths)
    layout = compared.variants[-1].layout
    if layout is None or not len(layout.sites):
        stop(text(lang, "siting_no_layout"), NO)


def _promise(scenario: str, county: Any, compared: Any, nights: int, lang: Lang) -> list[str]:
    """P(T_all ≤ deadline) with each further point of the optimal layout, in the order of what each adds."""
    from dispatch.planning.siting_ground import siting_rules
    from dispatch.planning.siting_order import by_gain
    from dispatch.studies.stock_targets import gain_of_points

    points = compared.ground.candidates.iloc[by_gain(compared)]
    people = siting_rules()["township_cap"]
    found = gain_of_points(scenario, county, points, people=people, nights=nights)
    lines = [text(lang, "siting_promise_head", scenario=scenario, nights=nights, people=f"{people:g}")]
    names = ["", *points["name"]]
    for name, one in zip(names, found, strict=True):
        lines.append(text(lang, "siting_promise_line", name=name or text(lang, "siting_now"),
                          share=f"{one.probability:.1%}", low=f"{one.low:.1%}", high=f"{one.high:.1%}",
                          people=f"{one.people_on_time:,.0f}"))  # fmt: skip
    return lines
