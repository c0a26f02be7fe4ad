"""Find a table's header in a sheet: below title rows, in Chinese or English, with units; leave out sums and notes."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from dispatch.county.grid import Grid, column_letters
from dispatch.county.problem_text import found, hints
from dispatch.county.reading import clean_text
from dispatch.county.schema import SCHEMA
from dispatch.county.table import Column, Table
from dispatch.county.units import conversion, is_unit, plain
from dispatch.problems import Problem

__all__ = ["CONTINUED", "Sheet", "SheetColumn", "find_table", "header_score"]

CONTINUED = "~"
"""Between a header and 2, 3 …: columns that continue a text too long for one cell."""
_HEADER_ROWS = 30
_SERIAL = frozenset({"序号", "序", "no", "no.", "#", "sn"})
_SUM = re.compile(r"(?:合计|总计|小计|共计|累计|(?:sub|grand)?total|sum)(?::.*)?", re.IGNORECASE)
_FOOTNOTE = re.compile(
    r"(?:注|备注|说明|填表人?|填报人?|制表人?|审核人?|复核人?|负责人|联系人|填报单位|报送单位|填表日期|填报日期|制表日期|日期"
    r"|notes?|preparedby|checkedby|approvedby|date)\d*:.*",
    re.IGNORECASE | re.DOTALL,
)
_HEADING = re.compile(r"(?:[一二三四五六七八九十]{1,3}、|\([一二三四五六七八九十]{1,3}\)).*", re.DOTALL)
_BRACKET = re.compile(r"(.+?)[(\[](.*)[)\]]")
_NO_UNIT = frozenset({"", "必填", "选填", "可选", "可空", "required", "optional"})
_UNIT_ENDINGS = ("_kg", "_m3", "_min", "_h", "_m2", "_m", "_km", "_kmh", "_d", "_l", "_ms", "_mm")


@dataclass
class SheetColumn:
    """One column of a table as it stands in a sheet: its header, what its unit is in the schema's, its cells."""

    header: str
    factor: float
    index: int
    cells: list[Any] = field(default_factory=list)


@dataclass
class Sheet:
    """Rows of a table as they stand in a file.

    Attributes
    ----------
    file : str
    table : Table
    header_row : int
    numbers : list of int
        Row number of each row, as the spreadsheet shows it.
    columns : dict
        By the schema's column name; only those the sheet has.
    filled : dict
        As in ``Grid``.
    """

    file: str
    table: Table
    header_row: int
    numbers: list[int]
    columns: dict[str, SheetColumn]
    filled: dict[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True)
class _Match:
    column: str
    also: bool
    unit: str = ""


def header_score(table: Table, rows: list[list[str]]) -> int:
    """Most headers of ``table`` that stand in one of these rows."""
    return max((_score(table, row) for row in rows), default=0)


def find_table(grid: Grid, table: Table) -> tuple[Sheet | None, list[Problem]]:
    """Find the header and take the rows below it.

    The header is that of the first 30 rows which names most columns. Left out: empty rows, sums (合计 …), repeated
    headers, headings and footnotes.

    Returns
    -------
    sheet : Sheet or None
        None if no row names any column.
    problems : list of Problem
        Unknown, doubled and missing columns, units that do not fit.
    """
    candidates = grid.rows[:_HEADER_ROWS]
    scores = [_score(table, cells) for _, cells in candidates]
    if not any(scores):
        wanted = [column for column in table.columns if column.required]
        return None, [found("county_no_header", grid.file, columns_zh="、".join(c.zh for c in wanted),
                            columns_en=", ".join(c.name for c in wanted))]  # fmt: skip
    at = scores.index(max(scores))
    header_row, headers = candidates[at]
    columns, ignored, problems = _columns(grid, table, header_row, headers)
    sheet = Sheet(grid.file, table, header_row, [], columns, grid.filled)
    problems += _missing(sheet, headers)
    continued = _continuations(headers, columns)
    stray: set[int] = set()
    for number, cells in grid.rows[at + 1 :]:
        verdict = _verdict(sheet, number, cells)
        if verdict == "row":
            sheet.numbers.append(number)
            for name, column in columns.items():
                column.cells.append(_joined(cells, [column.index, *continued.get(name, ())]))
        elif verdict == "note":
            shown = next(str(cell) for cell in cells if not _is_empty(cell))
            problems.append(found("county_note_row", grid.file, number, "", shown, "warning"))
        stray.update(i for i, cell in enumerate(cells) if i not in ignored and not _is_empty(cell))
    for index in sorted(stray - {column.index for column in columns.values()}):
        title = _header_text(headers, index)
        if title:
            near = _nearest(table, columns, title)
            hint = hints(near.zh, near.name) if near else hints("", "")
            problems.append(found("county_unknown_column", grid.file, header_row, title, "", "warning", **hint))
        else:
            letters = column_letters(index)
            problems.append(found("county_no_column_name", grid.file, header_row, letters, "", "warning"))
    return sheet, problems


def _nearest(table: Table, present: dict[str, SheetColumn], title: str) -> Column | None:
    """Column that a title unknown may have meant: one not in the sheet, with a name much like it."""
    names = {
        word: column for column in table.columns if column.name not in present for word in (column.zh, column.name)
    }
    close = difflib.get_close_matches(title, names, n=1, cutoff=0.6)
    return names[close[0]] if close else None


def _columns(
    grid: Grid, table: Table, header_row: int, headers: list[object]
) -> tuple[dict[str, SheetColumn], set[int], list[Problem]]:
    """Schema's columns among the headers, the columns to leave out silently, and problems."""
    problems: list[Problem] = []
    found_at: dict[str, list[tuple[int, _Match]]] = defaultdict(list)
    ignored: set[int] = set()
    for index, header in enumerate(headers):
        if _normal(header) in _SERIAL or _is_continuation(header):
            ignored.add(index)
            continue
        match = _match(table.name, _normal(header))
        if match is None:
            continue
        widened = (header_row, index) in grid.filled and index and _normal(headers[index - 1]) == _normal(header)
        if not widened:
            found_at[match.column].append((index, match))
    columns: dict[str, SheetColumn] = {}
    for name, places in found_at.items():
        own = [place for place in places if not place[1].also] or places
        if len(own) > 1:
            letters = ", ".join(column_letters(index) for index, _ in own)
            problems.append(found("county_double_column", grid.file, header_row, _header_text(headers, own[0][0]),
                                  letters))  # fmt: skip
        ignored.update(index for index, _ in own)
        for index, _ in places:
            if index not in ignored:
                problems.append(found("county_second_column", grid.file, header_row, _header_text(headers, index),
                                      "", "warning", used=_header_text(headers, own[0][0])))  # fmt: skip
                ignored.add(index)
        index, match = own[0]
        title = _header_text(headers, index)
        factor, problem = _factor(table.column(name), match.unit, grid.file, header_row, title)
        columns[name] = SheetColumn(title, factor, index)
        problems += problem
    return columns, ignored, problems


def _factor(column: Column, unit: str, file: str, row: int, title: str) -> tuple[float, list[Problem]]:
    """How many of the column's unit the header's unit is."""
    if column.kind not in {"number", "integer"} or unit in _NO_UNIT:
        return 1.0, []
    if unit == "%" and column.high == 1:
        return 0.01, []
    factor = conversion(unit, column.unit)
    if factor is not None:
        return factor, []
    if column.unit and is_unit(unit):
        return 1.0, [found("county_header_unit", file, row, title, unit, unit=column.unit)]
    if column.unit:
        return 1.0, [found("county_header_word", file, row, title, unit, "warning", unit=column.unit)]
    return 1.0, []


def _missing(sheet: Sheet, headers: list[object]) -> list[Problem]:
    chinese = any(re.search("[一-鿿]", str(header)) for header in headers if header is not None)
    return [
        found("county_missing_column", sheet.file, sheet.header_row, column.zh if chinese else column.name, "",
              zh=column.zh, en=column.name)
        for column in sheet.table.columns if column.required and column.name not in sheet.columns
    ]  # fmt: skip


def _verdict(sheet: Sheet, number: int, cells: list[object]) -> str:
    """Whether a row below the header is a ``row`` of the table, ``nothing``, or a ``note`` to be named."""
    own = {name: cells[column.index] for name, column in sheet.columns.items() if column.index < len(cells)}
    given = {name: cell for name, cell in own.items() if not _is_empty(cell)}
    if not given:
        return "nothing"
    if all(_normal(cell) == _normal(sheet.columns[name].header) for name, cell in given.items()):
        return "nothing"
    texts = [cell for cell in cells if not _is_empty(cell)]
    key = [given.get(name) for name in sheet.table.key]
    keyless = any(cell is None or _SUM.fullmatch(_squeezed(cell)) for cell in key)
    if keyless and any(isinstance(cell, str) and _SUM.fullmatch(_squeezed(cell)) for cell in texts[:3]):
        return "nothing"
    first = _squeezed(texts[0])
    if keyless and _FOOTNOTE.fullmatch(first):
        return "note"
    if isinstance(texts[0], str) and all(cell == texts[0] for cell in texts):
        widely = len(texts) > max(2, len(sheet.columns) // 2) and any(
            (number, i) in sheet.filled for i in range(len(cells))
        )
        if widely or _HEADING.fullmatch(first) or _FOOTNOTE.fullmatch(first):
            return "note"
    return "row"


def _score(table: Table, cells: list[Any]) -> int:
    matches = (_match(table.name, _normal(cell)) for cell in cells if isinstance(cell, str) and len(cell) < 60)
    return len({match.column for match in matches if match is not None})


@cache
def _match(table: str, header: str) -> _Match | None:
    """Column that a (normalised) header means, and the unit it names."""
    names = _names(table)
    if header in names:
        return _Match(*names[header])
    split = _BRACKET.fullmatch(header)
    word, unit = (split[1], split[2]) if split else header.rpartition("/")[::2]
    if word in names and (split or is_unit(unit)):
        return _Match(*names[word], unit.removeprefix("单位:").removeprefix("单位"))
    return None


@cache
def _names(table: str) -> dict[str, tuple[str, bool]]:
    """Every (normalised) header → its column, and whether it is a name beside the column's own two."""
    names: dict[str, tuple[str, bool]] = {}
    columns = SCHEMA[table].columns
    for column in columns:
        for ending in _UNIT_ENDINGS:
            if column.kind in {"number", "integer"} and column.name.endswith(ending):
                names[_normal(column.name.removesuffix(ending))] = (column.name, True)
    names.update({_normal(header): (column.name, True) for column in columns for header in column.zh_also})
    names.update({_normal(header): (column.name, False) for column in columns for header in (column.zh, column.name)})
    return names


def _normal(header: object) -> str:
    """Header without blanks, underscores, stars and colons, half-width, lower case."""
    if not isinstance(header, str):
        return ""
    return re.sub(r"[\s_*＊]+", "", plain(header)).strip(":").casefold()


def _squeezed(cell: object) -> str:
    return re.sub(r"\s+", "", plain(str(cell)))


def _header_text(headers: list[object], index: int) -> str:
    return clean_text(str(headers[index])) if index < len(headers) and headers[index] is not None else ""


def _is_empty(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and (cell == "" or cell.isspace()))


def _is_continuation(header: object) -> bool:
    return isinstance(header, str) and re.fullmatch(rf".+{CONTINUED}\d+", header.strip()) is not None


def _continuations(headers: list[object], columns: dict[str, SheetColumn]) -> dict[str, list[int]]:
    """Column name → indices of the columns that continue it, in order."""
    continued: dict[str, list[int]] = defaultdict(list)
    titles = {column.header: name for name, column in columns.items()}
    for index, header in enumerate(headers):
        if _is_continuation(header):
            title = clean_text(str(header)).rpartition(CONTINUED)[0]
            if title in titles:
                continued[titles[title]].append(index)
    return continued


def _joined(cells: list[Any], indices: list[int]) -> object:
    parts = [cells[i] for i in indices if i < len(cells) and cells[i] is not None]
    if len(parts) < 2:
        return parts[0] if parts else None
    return "".join(str(part) for part in parts)
