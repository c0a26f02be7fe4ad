"""Write a county pack: a folder of CSV files or one workbook; either reads back as the same county."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import shutil
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from dispatch.county.boundary import boundary_to_geojson
from dispatch.county.county import County
from dispatch.county.files import WORKBOOKS, contacts_path
from dispatch.county.headers import CONTINUED
from dispatch.county.reading import clean_text
from dispatch.county.schema import SCHEMA
from dispatch.county.settings import KEYS
from dispatch.county.table import Column, Table
from dispatch.documents.messages import text
from dispatch.documents.workbook import close_book, display_width

__all__ = [
    "add_settings_sheet",
    "add_table_sheet",
    "csv_bytes",
    "header",
    "new_book",
    "refuse_existing",
    "sheet_title",
    "toml_text",
    "write_county",
]

BOUNDARY_FILE = "boundary.geojson"
_CREATED = datetime(2000, 1, 1)
"""Creation date in every workbook, so that the same county makes the same bytes."""
_CELL_PIECE = 32_000
"""Characters of a longer text in one cell; the rest goes into columns named ``geometry~2`` and so on."""
_FIRST_DATE = "1900-03-01"
"""From here on spreadsheets agree on what day a number is."""
_WIDEST, _NARROWEST = 42, 8
_SPARE_ROWS = 500
"""Rows below the last one that still have drop-downs."""


def write_county(county: County, path: Path, lang: str = "zh", *, private: bool = False) -> None:
    """Write a county as a pack.

    Tables without rows are left out unless a pack must have them. Coordinates are WGS 84.

    Parameters
    ----------
    county : County
    path : Path
        Ending in ``.xlsx`` a workbook with a sheet per table, else a folder of CSV files (UTF-8 with mark).
    lang : {"zh", "en"}
        Of headers, sheet names and words for choices; either reads back as the same.
    private : bool
        Whether the contacts (names and telephone numbers) are written: ``contacts.csv`` in the folder, or a workbook
        of their own beside the pack (``NAME.contacts.xlsx``).

    Raises
    ------
    FileExistsError
        If there is a file, or a folder that is not empty.
    OSError
        If it cannot be written.
    """
    path = Path(path)
    names = [name for name, table in SCHEMA.items()
             if (table.required or len(county.table(name))) and not table.private]  # fmt: skip
    if path.suffix.lower() in WORKBOOKS:
        contacts = contacts_path(path)
        with_contacts = private and len(county.table("contacts")) > 0
        refuse_existing(path, *([contacts] if with_contacts else []))
        _write_book(path, county, names, lang)
        if with_contacts:
            _write_book(contacts, county, ["contacts"], lang, settings=False)
        return
    if private and len(county.table("contacts")):
        names.append("contacts")
    refuse_existing(path)
    _write_folder(path, county, names, lang)


def header(column: Column, lang: str) -> str:
    """Header of a column; the Chinese one names the unit where the English name does."""
    if lang == "en":
        return column.name
    ends_in_unit = column.unit not in {"", "人", "户", "个", "°", "元"}
    return f"{column.zh}({column.unit})" if ends_in_unit else column.zh


def sheet_title(table: Table, lang: str) -> str:
    """Name of a table's sheet."""
    return table.zh if lang == "zh" else table.name


class _ExactFloat(float):
    """A number that XlsxWriter writes with all its digits (its own format keeps 16)."""

    def __format__(self, _: str) -> str:
        return repr(float(self))


def new_book(path: Path, title: str) -> Any:
    """Empty workbook that writes text as text."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"strings_to_urls": False, "strings_to_formulas": False})
    book.set_properties({"title": title, "created": _CREATED})
    return book


def add_settings_sheet(book: Any, rows: Iterable[tuple[str, str, str]], lang: str) -> None:
    """Sheet ``county`` (县域): key, value, note."""
    page = book.add_worksheet("县域" if lang == "zh" else "county")
    bold, plain = book.add_format({"bold": True, "bg_color": "#E7E6E6"}), book.add_format({"num_format": "@"})
    for j, word in enumerate(("项目", "内容", "说明") if lang == "zh" else ("key", "value", "note")):
        page.write_string(0, j, word, bold)
    for i, cells in enumerate(rows, 1):
        for j, cell in enumerate(cells):
            page.write_string(i, j, cell, plain) if cell else page.write_blank(i, j, None, plain)
    page.set_column(0, 0, 14)
    page.set_column(1, 1, 60)
    page.set_column(2, 2, 70)
    page.freeze_panes(1, 1)


def add_table_sheet(book: Any, table: Table, rows: list[list[Any]], lang: str, spare: int = _SPARE_ROWS) -> Any:
    """Sheet of one table: frozen header, widths that fit, codes as text, drop-downs for choices.

    Parameters
    ----------
    book : xlsxwriter Workbook
    table : Table
    rows : list of list
        Cells in the schema's order, as :func:`_cells` makes them.
    lang : {"zh", "en"}
    spare : int
        Empty rows below that are formatted in the same way.

    Returns
    -------
    xlsxwriter Worksheet
    """
    page = book.add_worksheet(sheet_title(table, lang))
    bold = {"bold": True, "bg_color": "#E7E6E6", "border": 1, "text_wrap": True, "valign": "vcenter"}
    needed, optional = book.add_format(bold | {"bg_color": "#FFE699"}), book.add_format(bold)
    as_text, as_day = book.add_format({"num_format": "@"}), book.add_format({"num_format": "yyyy-mm-dd"})
    extra = len(table.columns)
    for j, column in enumerate(table.columns):
        written = header(column, lang)
        page.write_string(0, j, written, needed if column.required else optional)
        cells = [row[j] for row in rows]
        widest = max((display_width(str(cell)) for cell in (written, *cells[:300])), default=0)
        body = None if column.kind in {"number", "integer"} else as_day if column.kind == "date" else as_text
        page.set_column(j, j, min(max(widest + 2, _NARROWEST), _WIDEST), body)
        for i, cell in enumerate(cells, 1):
            _write_cell(page, i, j, cell, as_text, as_day)
        for k in range(1, math.ceil(max((len(c) for c in cells if isinstance(c, str)), default=0) / _CELL_PIECE)):
            page.write_string(0, extra, f"{written}{CONTINUED}{k + 1}", optional)
            for i, cell in enumerate(cells, 1):
                if piece := str(cell)[k * _CELL_PIECE : (k + 1) * _CELL_PIECE]:
                    page.write_string(i, extra, piece, as_text)
            extra += 1
        words = _choices(column, lang)
        if words:
            page.data_validation(1, j, len(rows) + spare, j,
                                 {"validate": "list", "source": words, "error_type": "information"})  # fmt: skip
    page.freeze_panes(1, 2 if len(table.columns) > 1 else 1)
    return page


def _write_cell(page: Any, i: int, j: int, cell: Any, as_text: Any, as_day: Any) -> None:
    if isinstance(cell, datetime):
        page.write_datetime(i, j, cell, as_day)
    elif isinstance(cell, float):
        page.write_number(i, j, _ExactFloat(cell))
    elif cell != "":
        page.write_string(i, j, cell[:_CELL_PIECE], as_text)


def _choices(column: Column, lang: str) -> list[str]:
    if column.kind == "flag":
        return [text(lang, "common_yes"), text(lang, "common_no")]
    if column.kind == "choice" and column.choices:
        return list(column.choices.values() if lang == "zh" else column.choices)
    return []


def refuse_existing(*paths: Path) -> None:
    """Write over nothing.

    Raises
    ------
    FileExistsError
        If there is a file, or a folder that is not empty.
    """
    for path in paths:
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise FileExistsError(path)


def _cells(county: County, table: Table, lang: str, *, dates: bool) -> list[list[Any]]:
    """Rows of a table as written: float for a number, datetime for a day if ``dates``, else text; "" for nothing."""
    frame = county.table(table.name)
    columns = [[_cell(value, column, lang, dates) for value in frame[column.name].tolist()] for column in table.columns]
    return [list(row) for row in zip(*columns, strict=True)]


def _cell(value: Any, column: Column, lang: str, dates: bool) -> Any:
    match column.kind:
        case "number" | "integer":
            return "" if math.isnan(value) else float(value)
        case "flag":
            return text(lang, "common_yes" if value else "common_no")
        case "choice":
            return (column.choices or {}).get(value, value) if lang == "zh" else value
        case "date" if dates and value >= _FIRST_DATE:
            return datetime.fromisoformat(value)
        case _:
            return clean_text(value)


def _write_book(path: Path, county: County, names: list[str], lang: str, *, settings: bool = True) -> None:
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        book = new_book(part, county.name_zh if lang == "zh" else county.name_en)
        if settings:
            add_settings_sheet(book, _setting_rows(county, lang), lang)
        for name in names:
            add_table_sheet(book, SCHEMA[name], _cells(county, SCHEMA[name], lang, dates=True), lang)
        close_book(book)
        os.replace(part, path)  # noqa: PTH105 - Path.replace is the same call
    finally:
        part.unlink(missing_ok=True)


def _setting_rows(county: County, lang: str) -> Iterator[tuple[str, str, str]]:
    word = KEYS if lang == "zh" else {key: key for key in KEYS}
    for key, value in (("code", county.code), ("name_zh", county.name_zh), ("name_en", county.name_en),
                       ("zone", county.zone), ("coordinates", "wgs84")):  # fmt: skip
        yield word[key], clean_text(value), ""
    for source in county.sources:
        yield word["sources"], clean_text(source), ""
    for start in range(0, len(county.boundary_wkt), _CELL_PIECE):
        yield word["boundary"], county.boundary_wkt[start : start + _CELL_PIECE], ""


def _write_folder(path: Path, county: County, names: list[str], lang: str) -> None:
    part = path.with_name(path.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir(parents=True)
        (part / "county.toml").write_text(_toml(county), encoding="utf-8", newline="\n")
        if county.boundary_wkt:
            geojson = boundary_to_geojson(county.boundary_wkt, county.name_zh)
            (part / BOUNDARY_FILE).write_text(geojson, encoding="utf-8", newline="\n")
        for name in names:
            table = SCHEMA[name]
            rows = [[header(column, lang) for column in table.columns], *_cells(county, table, lang, dates=False)]
            (part / f"{name}.csv").write_bytes(csv_bytes(rows))
        if path.is_dir():
            path.rmdir()
        os.replace(part, path)  # noqa: PTH105 - Path.replace is the same call
    finally:
        shutil.rmtree(part, ignore_errors=True)


def csv_bytes(rows: Iterable[list[Any]]) -> bytes:
    """CSV in UTF-8 with the mark by which Excel knows it; whole numbers without a decimal point."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    for row in rows:
        writer.writerow([_csv_cell(cell) for cell in row])
    return out.getvalue().encode("utf-8-sig")


def _csv_cell(cell: Any) -> str:
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    return str(cell)


def _toml(county: County) -> str:
    lines = [f"{key} = {toml_text(value)}" for key, value in (
        ("code", county.code), ("name_zh", county.name_zh), ("name_en", county.name_en), ("zone", county.zone),
        ("coordinates", "wgs84"), *((("boundary", BOUNDARY_FILE),) if county.boundary_wkt else ()))]  # fmt: skip
    sources = "".join(f"    {toml_text(source)},\n" for source in county.sources)
    return "\n".join([*lines, f"sources = [\n{sources}]" if sources else "sources = []"]) + "\n"


def toml_text(value: str) -> str:
    """A TOML basic string: JSON's escapes are a part of TOML's."""
    return json.dumps(clean_text(value), ensure_ascii=False)
