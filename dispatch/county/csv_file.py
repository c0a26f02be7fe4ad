"""Rows of a CSV file as Excel, WPS and databases save them: UTF-8 with or without mark, GB18030, UTF-16; , ; or tab."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable

from dispatch.county.grid import MOST_ROWS, Grid
from dispatch.county.problem_text import found
from dispatch.problems import Problem

__all__ = ["decode", "read_csv"]

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DELIMITERS = (",", "\t", ";", "，")
_LONGEST_CELL = 1 << 24
_LARGEST_BYTES = 256 << 20
_SAMPLE_ROWS = 30


def decode(content: bytes) -> tuple[str, str]:
    """Text of a file in one of the encodings met here, and the encoding's name.

    Raises
    ------
    UnicodeDecodeError
        If it is in none of them, or is UTF-8 with a few bytes damaged.
    """
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "")
    if encoding:
        return content.decode(encoding), encoding
    head = content[:4096]
    if b"\x00" in head:
        encoding = "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
        return content.decode(encoding), encoding
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        if _is_damaged_utf8(content):
            raise
        return content.decode("gb18030"), "gb18030"


def _is_damaged_utf8(content: bytes) -> bool:
    """Whether most of what is not ASCII is UTF-8: read as GB18030 it would be garbled without any error."""
    text = content.decode("utf-8", "replace")
    return sum(c > "\x7f" for c in text) > 2 * text.count("\ufffd")


def read_csv(
    content: bytes, file: str, title: str, score: Callable[[list[list[str]]], int]
) -> tuple[Grid | None, list[Problem]]:
    """Rows of a CSV file.

    Parameters
    ----------
    content : bytes
    file, title : str
        As in ``Grid``.
    score : callable
        Of the first rows, how many headers are understood; decides between comma, tab and semicolon.

    Returns
    -------
    grid : Grid or None
        None where there is an error. Rows are numbered as a spreadsheet does: a cell with line breaks is in one row.
    problems : list of Problem
    """
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return None, [found("county_csv_is_workbook", file)]
    if len(content) > _LARGEST_BYTES:
        return None, [found("county_too_large", file)]
    try:
        text, _ = decode(content)
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        return None, [found("county_encoding", file, row, "", f"0x{content[error.start]:02x}")]
    if "\x00" in text:
        return None, [found("county_not_text", file, text.count("\n", 0, text.index("\x00")) + 1)]
    before = csv.field_size_limit(_LONGEST_CELL)
    try:
        delimiter = max(_DELIMITERS, key=lambda sign: score(_sample(text, sign)))
        return _rows(text, delimiter, file, title)
    finally:
        csv.field_size_limit(before)


def _sample(text: str, delimiter: str) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if any(cell.strip() for cell in row):
                rows.append(row)
            if len(rows) == _SAMPLE_ROWS:
                break
    except csv.Error:
        pass
    return rows


def _rows(text: str, delimiter: str, file: str, title: str) -> tuple[Grid | None, list[Problem]]:
    rows: list[tuple[int, list[object]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, row in enumerate(reader, 1):
            if any(cell and not cell.isspace() for cell in row):
                rows.append((number, list(row)))
            if len(rows) > MOST_ROWS:
                return None, [found("county_too_large", file, number)]
    except csv.Error as error:
        return None, [found("county_csv_quotes", file, number + 1, "", str(error))]
    return Grid(file, title, rows), []
