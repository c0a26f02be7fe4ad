"""``dispatch county``: an empty template, validation, conversion, a pack from OSM."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from dispatch.cli.common import (
    BAD_INPUT,
    lang_option,
    print_problems,
    quiet_option,
    reports_problems,
    stop,
    tell,
    tell_written,
)
from dispatch.cli.language import say
from dispatch.cli.site import bundled_pack
from dispatch.documents.messages import text
from dispatch.problems import InputProblems

__all__ = ["county"]

PATH = click.Path(path_type=Path)


@click.group(help=say("cli_county_help"))
def county() -> None:
    """Group of the commands about a county pack."""


_FILES = frozenset({".csv", ".json", ".toml", ".txt", ".xls", ".xlsb", ".ods", ".et", ".docx", ".doc", ".pdf", ".zip"})
"""Endings of files that no pack is written as; another ending may be part of a folder's name."""


def _refuse_existing(path: Path, lang: str, known: tuple[str, ...] = (".xlsx", "")) -> None:
    """Stop rather than write over anything, or into a folder whose name is that of a file of another kind."""
    ending = path.suffix.lower()
    if ending in _FILES or (ending == ".xlsx" and ".xlsx" not in known) or (ending != ".xlsx" and "" not in known):
        named = text(lang, "common_list_comma").join(one or text(lang, "cli_folder") for one in known)
        stop(text(lang, "cli_out_ending", path=path, known=named))
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        stop(text(lang, "cli_exists", path=path))


@county.command("new", help=say("cli_county_new_help"), epilog=say("cli_county_new_example"))
@click.argument("name")
@click.option("--out", type=PATH, default=None, help=say("cli_county_new_out"))
@click.option("--form", type=click.Choice(["csv", "xlsx"]), default="xlsx", show_default=True, help=say("cli_opt_form"))
@lang_option
@quiet_option
@reports_problems
def new(name: str, out: Path | None, form: str, lang: str) -> None:
    """Write an empty, commented template."""
    from dispatch.county.files import contacts_path
    from dispatch.county.template import write_template

    path = out or Path(f"{name.removesuffix('.xlsx')}.xlsx" if form == "xlsx" else name)
    _refuse_existing(path, lang, (".xlsx",) if form == "xlsx" else ("",))
    if form == "xlsx":
        _refuse_existing(contacts_path(path), lang)
    write_template(path, Path(name).name.removesuffix(".xlsx"), lang, form)
    typed = f'"{path}"' if " " in str(path) else str(path)
    tell(text(lang, "cli_county_new_done", path=path, typed=typed))


@county.command("validate", help=say("cli_county_validate_help"), epilog=say("cli_county_validate_example"))
@click.argument("pack", type=PATH)
@click.option("--roads", type=PATH, default=None, help=say("cli_county_validate_roads"))
@click.option("--fit", type=PATH, default=None, help=say("cli_county_validate_fit"))
@click.option("--json", "as_json", is_flag=True, help=say("cli_opt_json"))
@lang_option
@quiet_option
@reports_problems
def validate(pack: Path, roads: Path | None, fit: Path | None, as_json: bool, lang: str) -> None:
    """Read a pack and report every problem; compare known driving times where roads are given."""
    from dispatch.county.read import read_county
    from dispatch.county.schema import SCHEMA

    try:
        read, warnings = read_county(bundled_pack(str(pack)) or pack)
    except InputProblems as found:
        if not as_json:
            raise
        print_problems(found.problems, lang, as_json=True)
        sys.exit(BAD_INPUT)
    if fit is not None and roads is None:
        stop(text(lang, "cli_fit_needs_roads"), BAD_INPUT)
    if fit is not None and fit.exists():
        stop(text(lang, "cli_exists", path=fit))
    print_problems(warnings, lang, as_json=as_json)
    if not as_json:
        names = {name: table.zh if lang == "zh" else name for name, table in SCHEMA.items()}
        counts = {names[name]: len(table) for name, table in read.tables.items() if len(table)}
        listed = text(lang, "common_list_comma").join(f"{name} {count}" for name, count in counts.items())
        tell(text(lang, "cli_county_valid", name=read.name_zh if lang == "zh" else read.name_en, tables=listed))
    if roads is not None:
        _compare_times(read, roads, fit, lang)


def _compare_times(read, roads: Path, fit: Path | None, lang: str) -> None:  # type: ignore[no-untyped-def]
    """Print computed beside known driving times; with ``fit`` write speeds fitted to them."""
    from dispatch.roads.known_times import compare_known_times, fit_speeds, write_speeds
    from dispatch.roads.profile_norms import read_profiles
    from dispatch.roads.read import read_network
    from dispatch.sites import shifted

    network, profiles = read_network(roads), read_profiles()
    print_problems(shifted(read, network), lang)
    if read.table("known_times").empty:
        tell(text(lang, "cli_no_known_times"))
        return
    tell(compare_known_times(read, network, profiles).to_string(index=False))
    if fit is not None:
        fitted = fit_speeds(read, network, profiles)
        write_speeds(fitted.profiles, fit, fitted.source)
        tell(text(lang, "cli_fitted", before=fitted.error_before, after=fitted.error_after, path=fit))


@county.command("convert", help=say("cli_county_convert_help"), epilog=say("cli_county_convert_example"))
@click.argument("pack", type=PATH)
@click.argument("out", type=PATH)
@click.option("--with-contacts", is_flag=True, help=say("cli_opt_contacts"))
@lang_option
@quiet_option
@reports_problems
def convert(pack: Path, out: Path, with_contacts: bool, lang: str) -> None:
    """Write a pack in its other form: a folder of CSV files, or one workbook (by the ending of OUT)."""
    from dispatch.county.read import read_county
    from dispatch.county.write import write_county

    _refuse_existing(out, lang)
    read, warnings = read_county(bundled_pack(str(pack)) or pack)
    print_problems(warnings, lang)
    write_county(read, out, lang=lang, private=with_contacts)
    tell_written(lang, out)


@county.command("from-osm", help=say("cli_county_osm_help"), epilog=say("cli_county_osm_example"))
@click.argument("osm", type=PATH)
@click.argument("out", type=PATH)
@click.option("--code", default="000000", show_default=True, help=say("cli_opt_code"))
@click.option("--name", "name_zh", required=True, help=say("cli_opt_name_zh"))
@click.option("--name-en", default=None, help=say("cli_opt_name_en"))
@click.option("--zone", default="Asia/Shanghai", show_default=True, help=say("cli_opt_zone"))
@click.option("--declare-depots", is_flag=True, help=say("cli_opt_declare_depots"))
@lang_option
@quiet_option
@reports_problems
def from_osm(
    osm: Path, out: Path, code: str, name_zh: str, name_en: str | None, zone: str, declare_depots: bool, lang: str
) -> None:
    """Build a pack from OSM tags: settlements and facilities; population by a stated rule."""
    from dispatch.county.write import write_county
    from dispatch.roads.settlements import county_from_osm

    _refuse_existing(out, lang)
    read, warnings = county_from_osm(
        osm, code=code, name_zh=name_zh, name_en=name_en or name_zh, zone=zone, declare_depots=declare_depots
    )
    print_problems(warnings, lang)
    write_county(read, out, lang=lang)
    tell(text(lang, "cli_county_osm_done", path=out, places=len(read.table("places")),
                    facilities=len(read.table("facilities"))))  # fmt: skip
