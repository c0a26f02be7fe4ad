"""Read a county pack, a folder of CSV files or one workbook: every problem is found, and all are reported once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from dispatch.county.boundary import boundary_from_geojson, converted, parse_wkt, to_wkt
from dispatch.county.coordinates import to_wgs84
from dispatch.county.county import County
from dispatch.county.csv_file import read_csv
from dispatch.county.files import WORKBOOKS, contacts_path, lock_warnings, read_bytes, workbook_grids
from dispatch.county.findings import Findings, Origin
from dispatch.county.grid import Grid
from dispatch.county.headers import find_table, header_score
from dispatch.county.problem_text import found, hints
from dispatch.county.references import resolve_references
from dispatch.county.schema import SCHEMA
from dispatch.county.settings import SHEET, Settings, settings_from_grid, settings_from_toml
from dispatch.county.table import Table
from dispatch.county.typed import empty_table, typed_table
from dispatch.county.units import plain
from dispatch.county.validate import check_columns, check_tables
from dispatch.problems import InputProblems, Problem, errors

__all__ = ["read_county", "read_table"]

_TOML = "county.toml"
_SHEET_ENDINGS = ("一览表", "统计表", "明细表", "信息表", "台账", "清单", "明细", "表")
_NOT_TABLES = frozenset({"说明", "填表说明", "readme", "explanation", "目录"})


def read_county(path: Path) -> tuple[County, tuple[Problem, ...]]:
    """Read and validate a county pack.

    Parameters
    ----------
    path : Path
        A folder with ``county.toml`` and one CSV file (or single-sheet workbook) per table, named by the table's
        English or Chinese name; or one ``.xlsx``/``.xlsm`` workbook with sheets so named and a sheet ``county`` (县域)
        for what ``county.toml`` holds (contacts may stand in ``NAME.contacts.xlsx`` beside it). Title rows, merged
        cells, sums, units in cells and headers, GB18030, GCJ-02 … are understood; see the modules ``headers``,
        ``cells`` and ``references``.

    Returns
    -------
    county : County
        Coordinates in WGS 84, references as ids.
    warnings : tuple of Problem

    Raises
    ------
    InputProblems
        Once, with every error and warning, if there is an error.
    """
    pack = _Pack(Path(path))
    if pack.path.name == _TOML:
        pack.path = pack.path.parent
    if pack.path.is_dir():
        _open_folder(pack)
    elif pack.path.suffix.lower() in WORKBOOKS:
        _open_workbook(pack)
    else:
        code = "county_not_a_pack" if pack.path.exists() else "county_no_pack"
        raise InputProblems([found(code, pack.path.name or str(pack.path))])
    county = _county(pack) if pack.opened else None
    problems = _ordered(pack.findings.all(), pack.origins)
    if county is None or errors(problems):
        raise InputProblems(problems)
    return county, tuple(problems)


def read_table(
    path: Path,
    name: str,
    county: County | None = None,
    *,
    zone: str = "Asia/Shanghai",
    coordinates: str = "wgs84",
) -> tuple[pd.DataFrame, list[Problem]]:
    """Read a single table, such as a scenario's own demand.

    Parameters
    ----------
    path : Path
        A CSV file, or a workbook: its sheet of the table's name, else its first.
    name : str
        Table of ``SCHEMA``.
    county : County, optional
        With it, references may be names and are checked, its rules are applied and its zone holds. Without, only the
        table's own columns are.
    zone, coordinates : str
        Time zone of clock times without one (where no county is given) and coordinate system of the table.

    Returns
    -------
    table : DataFrame
        As in ``County.tables``; empty if it cannot be read.
    problems : list of Problem
        Errors and warnings.
    """
    findings = Findings()
    grid, problems = _single_grid(Path(path), SCHEMA[name])
    for problem in problems:
        findings.add(problem)
    if grid is None:
        return empty_table(name), findings.all()
    settings = Settings(Path(path).name, zone=county.zone if county else zone, coordinates={"default": coordinates})
    frame, origin = _typed(grid, SCHEMA[name], settings, findings)
    if county is None:
        check_columns(SCHEMA[name], frame, origin, findings)
        return frame, _ordered(findings.all(), {name: origin})
    tables = {**county.tables, name: frame}
    origins = {other: Origin.in_memory(other, tables[other]) for other in SCHEMA} | {name: origin}
    resolve_references(tables, origins, findings)
    check_tables(tables, origins, findings, county.boundary_wkt, county.code)
    own = [problem for problem in findings.all() if problem.file == origin.file or problem.file == Path(path).name]
    return tables[name], _ordered(own, {name: origin})


@dataclass
class _Pack:
    """A pack while it is read."""

    path: Path
    findings: Findings = field(default_factory=Findings)
    settings: Settings = field(default_factory=lambda: Settings(""))
    grids: dict[str, Grid] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    origins: dict[str, Origin] = field(default_factory=dict)
    opened: bool = False

    def take(self, problems: Iterable[Problem]) -> None:
        """Note problems."""
        for problem in problems:
            self.findings.add(problem)


def _open_folder(pack: _Pack) -> None:
    """Find each table's file in a folder and read its rows."""
    content, problems = read_bytes(pack.path / _TOML)
    pack.opened = True
    if content is None:
        pack.take(problems)
        pack.settings = Settings(_TOML)
    else:
        pack.settings, problems = settings_from_toml(content, _TOML)
        pack.take(problems)
    try:
        files = sorted(file for file in pack.path.iterdir() if file.is_file() and not file.name.startswith((".", "~$")))
    except OSError as error:
        pack.take([found("county_unreadable", pack.path.name, value=error.strerror or str(error))])
        return
    ledgers = [file for file in files if file.suffix.lower() in {".csv", ".xls", *WORKBOOKS}]
    of_table: dict[str, list[Path]] = {name: [] for name in SCHEMA}
    for file in ledgers:
        name = _table_of(file.stem)
        if name:
            of_table[name].append(file)
        elif near := _nearest(file.stem):
            pack.take([found("county_unknown_file", file.name, None, "", "", "warning", **near)])
    for name, named in of_table.items():
        if len(named) > 1:
            pack.take([found("county_two_files", named[1].name, None, "", named[0].name)])
        if named:
            grid, problems = _single_grid(named[0], SCHEMA[name])
            pack.take(problems)
            if grid is None:
                pack.broken.add(name)
            else:
                pack.grids[name] = grid


def _open_workbook(pack: _Pack) -> None:
    """Find each table's sheet in a workbook and read its rows."""
    file = pack.path.name
    pack.take(lock_warnings(pack.path))
    sheets: dict[str, str] = {}

    def wanted(titles: list[str]) -> list[str]:
        for title in titles:
            name = "county" if _is_settings(title) else _table_of(title)
            if name in sheets.values():
                pack.take([found("county_two_sheets", file, None, "", title)])
            elif name:
                sheets[title] = name
        return list(sheets)

    grids, titles, problems = workbook_grids(pack.path, wanted)
    pack.take(problems)
    pack.opened = bool(titles)
    if not titles:
        return
    for title, name in sheets.items():
        if title not in grids:
            pack.broken.add(name)
        elif name == "county":
            pack.settings, problems = settings_from_grid(grids[title])
            pack.take(problems)
        else:
            pack.grids[name] = grids[title]
    for title in titles:
        if title not in sheets and plain(title).casefold() not in _NOT_TABLES and not title.startswith("Sheet"):
            near = _nearest(title)
            hint = hints(near.get("near_zh", ""), near.get("near_en", ""))
            pack.take([found("county_unknown_sheet", f"{file}!{title}", None, "", "", "warning", **hint)])
    if "contacts" not in sheets.values():
        _open_contacts(pack)
    if "county" not in sheets.values():
        pack.settings = Settings(file)
        pack.take([found("county_no_settings_sheet", file)])


def _open_contacts(pack: _Pack) -> None:
    """Read contacts from the workbook of their own beside the pack's, if there is one."""
    path = contacts_path(pack.path)
    if path.exists():
        grid, problems = _single_grid(path, SCHEMA["contacts"])
        pack.take(problems)
        if grid is None:
            pack.broken.add("contacts")
        else:
            pack.grids["contacts"] = grid


def _single_grid(path: Path, table: Table) -> tuple[Grid | None, list[Problem]]:
    """Rows of a file that holds one table."""
    problems = lock_warnings(path)
    if path.suffix.lower() not in WORKBOOKS:
        content, unread = read_bytes(path)
        if content is None:
            return None, problems + unread
        grid, unread = read_csv(content, path.name, path.stem, lambda rows: header_score(table, rows))
        return grid, problems + unread

    def wanted(titles: list[str]) -> list[str]:
        own = [title for title in titles if _table_of(title) == table.name]
        return (own or titles)[:1]

    grids, _, unread = workbook_grids(path, wanted)
    return next(iter(grids.values()), None), problems + unread


def _county(pack: _Pack) -> County:
    """Typed, resolved, validated tables of a pack."""
    settings = pack.settings
    tables: dict[str, pd.DataFrame] = {}
    for name, table in SCHEMA.items():
        if name in pack.grids:
            tables[name], pack.origins[name] = _typed(pack.grids[name], table, settings, pack.findings)
        else:
            tables[name] = empty_table(name)
            pack.origins[name] = Origin(_file_of(pack, name), whole=name not in pack.broken)
        _check_presence(pack, table, tables[name])
    resolve_references(tables, pack.origins, pack.findings)
    boundary = _boundary(pack)
    check_tables(tables, pack.origins, pack.findings, boundary, settings.code)
    return County(settings.code, settings.name_zh, settings.name_en, settings.zone, tables, settings.sources, boundary)


def _file_of(pack: _Pack, name: str) -> str:
    return f"{name}.csv" if pack.path.is_dir() else f"{pack.path.name}!{name}"


def _check_presence(pack: _Pack, table: Table, frame: pd.DataFrame) -> None:
    """A required table is there and has rows."""
    if not table.required or table.name in pack.broken:
        return
    origin = pack.origins[table.name]
    if table.name not in pack.grids:
        origin.whole = False
        form = "county_no_table" if pack.path.is_dir() else "county_no_sheet"
        pack.take([found(form, pack.path.name, None, "", "", zh=table.zh, en=table.name)])
    elif frame.empty:
        pack.take([found("county_empty_table", origin.file, zh=table.zh, en=table.name)])


def _typed(grid: Grid, table: Table, settings: Settings, findings: Findings) -> tuple[pd.DataFrame, Origin]:
    """One table from its rows, coordinates in WGS 84."""
    sheet, problems = find_table(grid, table)
    for problem in problems:
        findings.add(problem)
    if sheet is None:
        return empty_table(table.name), Origin(grid.file, whole=False)
    frame, origin = typed_table(sheet, settings.zone_info(), findings)
    system = settings.system(table.name)
    if system != "wgs84" and len(frame):
        _convert(frame, origin, system, findings)
    return frame, origin


def _convert(frame: pd.DataFrame, origin: Origin, system: str, findings: Findings) -> None:
    """Turn a table's points and geometries into WGS 84, in place."""
    if "lon" in frame:
        lon, lat = to_wgs84(frame["lon"].to_numpy(dtype=float), frame["lat"].to_numpy(dtype=float), system)
        given = (frame["lon"].notna() & frame["lat"].notna()).to_numpy(dtype=bool)
        good = np.isfinite(lon) & np.isfinite(lat)
        for i in np.flatnonzero(given & ~good).tolist():
            findings.cell(origin, i, "lon", "county_not_converted", system=system)
        for name, moved in (("lon", lon), ("lat", lat)):
            frame[name] = np.where(given, np.where(good, moved, np.nan), frame[name])
    if "geometry" in frame:
        texts: list[Any] = frame["geometry"].tolist()
        for i, shape in enumerate(shapely.from_wkt(np.array(texts, dtype=object), on_invalid="ignore")):
            there = None if shape is None else converted(shape, system)
            if there is not None:
                texts[i] = to_wkt(there)
            elif shape is not None:
                findings.cell(origin, i, "geometry", "county_not_converted", system=system)
        frame["geometry"] = pd.Series(texts, dtype="str")


def _boundary(pack: _Pack) -> str:
    """Boundary as WKT in WGS 84, "" where none is given or it cannot be read."""
    settings = pack.settings
    given, row = settings.boundary, settings.rows.get("boundary")
    if not given:
        return ""
    if plain(given).upper().startswith(("POLYGON", "MULTIPOLYGON")):
        shape, problems = parse_wkt(given, settings.file, row)
    else:
        folder = pack.path if pack.path.is_dir() else pack.path.parent
        try:
            content, problems = read_bytes(folder / given)
        except ValueError:  # a name no file system takes
            content, problems = None, [found("county_no_file", given)]
        if content is None:
            pack.take([found("county_boundary_file", settings.file, row, "boundary", given)])
            return ""
        shape, problems = boundary_from_geojson(content, given, settings.code)
    pack.take(problems)
    if shape is None:
        return ""
    moved = converted(shape, settings.system("boundary"))
    if moved is None:
        pack.take([found("county_not_converted", settings.file, row, "boundary", given,
                         system=settings.system("boundary"))])  # fmt: skip
        return ""
    return to_wkt(moved)


def _table_of(word: str) -> str:
    """Table that a file or sheet name means, "" if none."""
    name = "".join(plain(word).casefold().split())
    names = {table.zh: key for key, table in SCHEMA.items()} | {key: key for key in SCHEMA}
    if name in names:
        return names[name]
    stem = next((name.removesuffix(ending) for ending in _SHEET_ENDINGS if name.endswith(ending)), name)
    return names.get(stem, "")


def _is_settings(title: str) -> bool:
    return plain(title).casefold() in SHEET


def _nearest(word: str) -> dict[str, str]:
    """The table whose name is much like a word, as detail of a message; empty if none is."""
    words = {table.zh: key for key, table in SCHEMA.items()} | {key: key for key in SCHEMA}
    close = difflib.get_close_matches(plain(word).casefold(), words, n=1, cutoff=0.75)
    return {"near_zh": SCHEMA[words[close[0]]].zh, "near_en": words[close[0]]} if close else {}


def _ordered(problems: list[Problem], origins: dict[str, Origin]) -> list[Problem]:
    """Problems in the order of the tables, then of rows; those of the pack as a whole first."""
    place = {origin.file: i for i, origin in enumerate(origins.values())}
    return sorted(problems, key=lambda p: (place.get(p.file, -1), p.row or 0, p.column, p.code))
