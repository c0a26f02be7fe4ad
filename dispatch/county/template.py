"""An empty pack to fill in, with everything a person needs to know beside the cells: comments, drop-downs, a README."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from dispatch.county.describe import describe_column
from dispatch.county.files import contacts_path
from dispatch.county.schema import SCHEMA
from dispatch.county.settings import KEYS
from dispatch.county.table import Table
from dispatch.county.write import (
    add_settings_sheet,
    add_table_sheet,
    csv_bytes,
    header,
    new_book,
    refuse_existing,
    sheet_title,
    toml_text,
)
from dispatch.documents.messages import text
from dispatch.documents.workbook import close_book

__all__ = ["write_template"]

_ZONE = "Asia/Shanghai"
_SCENARIO_KEYS = ("name", "roads", "reference_time", "order_received", "first_batch.preset", "deadline_h",
                  "hazards.closed_roads", "hazards.footprints", "pace.weather")  # fmt: skip


def write_template(path: Path, name: str, lang: str, form: str) -> None:
    """Write an empty pack, explained.

    Parameters
    ----------
    path : Path
        Workbook or folder to write.
    name : str
        The county's.
    lang : {"zh", "en"}
    form : {"xlsx", "csv"}
        A workbook with comments at the headers, drop-downs and an explanation sheet (contacts in a workbook of their
        own beside it), or a folder of CSV files with a commented ``county.toml`` and a README.

    Raises
    ------
    FileExistsError
        If there is a file, or a folder that is not empty.
    ValueError
        If ``form`` or ``lang`` is none of these.
    OSError
        If it cannot be written.
    """
    if form not in {"xlsx", "csv"} or lang not in {"zh", "en"}:
        msg = f"no template in form {form!r} and language {lang!r}"
        raise ValueError(msg)
    path = Path(path)
    if form == "csv":
        refuse_existing(path)
        _write_folder(path, name, lang)
        return
    refuse_existing(path, contacts_path(path))
    _write_book(path, [table for table in SCHEMA.values() if not table.private], name, lang)
    _write_book(contacts_path(path), [SCHEMA["contacts"]], name, lang)


def _write_book(path: Path, tables: list[Table], name: str, lang: str) -> None:
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        book = new_book(part, name)
        _add_explanation(book, tables, lang)
        if not tables[0].private:
            add_settings_sheet(book, _setting_rows(name, lang), lang)
        for table in tables:
            rows = _scenario_rows(lang) if table.name == "scenario" else []
            page = add_table_sheet(book, table, rows, lang, spare=3000)
            for j, column in enumerate(table.columns):
                page.write_comment(0, j, describe_column(table, column, lang), {"x_scale": 2.2, "y_scale": 1.4})
        close_book(book)
        os.replace(part, path)  # noqa: PTH105 - Path.replace is the same call
    finally:
        part.unlink(missing_ok=True)


def _scenario_rows(lang: str) -> list[list[str]]:
    """Keys that every scenario of a workbook needs, and those that most have, to be filled in."""
    return [[key, "", text(lang, f"scenario_key_{key.replace('.', '_')}")] for key in _SCENARIO_KEYS]


def _add_explanation(book: Any, tables: list[Table], lang: str) -> None:
    """First sheet: how to fill the workbook in, then every column of every table."""
    page = book.add_worksheet(text(lang, "county_explanation"))
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    bold = book.add_format({"bold": True, "bg_color": "#E7E6E6", "valign": "top"})
    page.set_column(0, 1, 22, wrap)
    page.set_column(2, 2, 100, wrap)
    row = 0
    for line in text(lang, "county_howto").split("\n"):
        page.write_string(row, 2, line, wrap)
        row += 1
    row += 1
    for j, word in enumerate(("county_word_table", "county_word_column", "county_word_content")):
        page.write_string(row, j, text(lang, word), bold)
    for table in tables:
        row += 1
        page.write_string(row, 0, sheet_title(table, lang), bold)
        page.write_string(row, 1, "", bold)
        page.write_string(row, 2, _about_table(table, lang), bold)
        for column in table.columns:
            row += 1
            page.write_string(row, 1, header(column, lang), wrap)
            page.write_string(row, 2, describe_column(table, column, lang), wrap)


def _about_table(table: Table, lang: str) -> str:
    need = text(lang, "county_table_required" if table.required else "county_table_optional")
    return f"{text(lang, f'county_table_{table.name}')} {need}"


def _setting_rows(name: str, lang: str) -> list[tuple[str, str, str]]:
    given = {"name_zh": name, "zone": _ZONE, "coordinates": "wgs84"}
    return [(KEYS[key] if lang == "zh" else key, given.get(key, ""), text(lang, f"county_about_setting_{key}"))
            for key in KEYS]  # fmt: skip


def _write_folder(path: Path, name: str, lang: str) -> None:
    part = path.with_name(path.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        part.mkdir(parents=True)
        (part / "county.toml").write_text(_toml(name, lang), encoding="utf-8", newline="\n")
        (part / "README.md").write_text(_readme(name, lang), encoding="utf-8", newline="\n")
        for table in SCHEMA.values():
            (part / f"{table.name}.csv").write_bytes(csv_bytes([[header(column, lang) for column in table.columns]]))
        if path.is_dir():
            path.rmdir()
        os.replace(part, path)  # noqa: PTH105 - Path.replace is the same call
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _toml(name: str, lang: str) -> str:
    given = {"code": '""', "name_zh": toml_text(name), "name_en": '""', "zone": f'"{_ZONE}"', "sources": "[]",
             "coordinates": '"wgs84"'}  # fmt: skip
    lines = []
    for key in KEYS:
        lines += [f"# {text(lang, f'county_about_setting_{key}')}", f"{key} = {given.get(key, '')}", ""]
    return "\n".join(line if line != "boundary = " else '# boundary = "boundary.geojson"' for line in lines)


def _readme(name: str, lang: str) -> str:
    lines = [f"# {name}", "", *(f"- {line}" for line in text(lang, "county_howto").split("\n")), ""]
    words = [text(lang, word) for word in ("county_word_column", "county_word_content")]
    for table in SCHEMA.values():
        lines += [f"## {table.name}.csv · {table.zh}", "", _about_table(table, lang), "",
                  f"| {words[0]} | {words[1]} |", "|---|---|"]  # fmt: skip
        lines += [f"| {header(column, lang)} | {describe_column(table, column, lang)} |" for column in table.columns]
        lines.append("")
    return "\n".join(lines)
