"""Workbooks that print well: tables with frozen headers and filters, and forms of one page each (XlsxWriter).

Everything is written as a value, never as a formula: a reader that does not calculate would show 0. The creation date
is given by the caller, so that equal content makes equal bytes.
"""

from __future__ import annotations

import math
import os
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import pandas as pd

__all__ = ["CELL_LIMIT", "Column", "Form", "FormSheet", "Sheet", "close_book", "display_width", "write_workbook"]

CELL_LIMIT = 32_767
"""Characters that one cell can hold."""
_A4 = 9
_PORTRAIT = 125.0
_LINE_HEIGHT = 15
_NUMBER_FORMATS = {
    "text": "General",
    "id": "@",
    "count": "#,##0",
    "decimal": "#,##0.0",
    "exact": "0",
    "share": "0.0%",
    "clock": "mm-dd hh:mm",
    "day": "yyyy-mm-dd",
}

Rows = Sequence[tuple[Any, ...]]
Kind = Literal["text", "id", "count", "decimal", "exact", "share", "clock", "day"]


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name : str
        Column of the rows.
    title : str
        Header as printed.
    kind : Kind
        ``text``; ``id`` text that the spreadsheet must not turn into a number when typed; ``count`` whole number with
        thousands apart; ``decimal`` one decimal; ``exact`` whole number as it is; ``share`` per cent; ``clock`` date
        and time, ``day`` date (both without zone).
    widest : float
        Characters to a line at most; longer text is wrapped.
    editable : bool
        Shaded: a person may change it and it is read back.
    """

    name: str
    title: str
    kind: Kind = "text"
    widest: float = 48.0
    editable: bool = False


@dataclass(frozen=True, eq=False)
class Sheet:
    """A table on a sheet of its own; ``notes`` stand between title and header.

    A date and time in a column of another kind is shown as a clock time. ``printed`` is how many of the columns, from
    the left, go on paper (0: all).
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: pd.DataFrame
    notes: tuple[str, ...] = ()
    hidden: bool = False
    printed: int = 0


@dataclass(frozen=True, eq=False)
class Form:
    """One printed page: title, labelled fields, a table, and lines to sign.

    Attributes
    ----------
    title : str
    mark : str
        Printed in red under the title ("synthetic data"), "" for none.
    fields : tuple of (label, value)
        Two to a row.
    columns : tuple of Column
    rows : sequence of tuples
        The table, values in the order of the columns.
    closing : tuple of str
        Lines under the table, such as signature lines.
    """

    title: str
    fields: tuple[tuple[str, Any], ...]
    columns: tuple[Column, ...]
    rows: Rows
    closing: tuple[str, ...] = ()
    mark: str = ""


@dataclass(frozen=True, eq=False)
class FormSheet:
    """Forms under one another, each printed on a page of its own; all have the same columns."""

    name: str
    forms: tuple[Form, ...]
    empty: str = ""


def display_width(value: str) -> int:
    """Width of the longest line in columns of a fixed-width font: a Chinese character takes two."""
    return max((sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line) for line in value.split("\n")),
               default=0)  # fmt: skip


def close_book(book: Any) -> None:
    """Close a workbook of xlsxwriter.

    Raises
    ------
    OSError
        If it cannot be written, as the system says it: with its reason and the file's name.
    """
    from xlsxwriter.exceptions import FileCreateError

    try:
        book.close()
    except FileCreateError as error:
        cause = error.args[0] if error.args else None
        if isinstance(cause, OSError):
            raise cause from None
        raise


def write_workbook(
    path: Path,
    sheets: Sequence[Sheet | FormSheet],
    *,
    title: str,
    created: datetime,
    footer: str = "",
    header: str = "",
) -> None:
    """Write a workbook; the old file is replaced only when the new one is complete.

    Parameters
    ----------
    path : Path
    sheets : sequence of Sheet or FormSheet
    title : str
        Document title.
    created : datetime
        Creation date put into the file.
    footer : str
        Printed at the foot of every page, left of the page number.
    header : str
        Printed at the head of every page, such as 内部资料.

    Raises
    ------
    ValueError
        If a text is longer than a cell can hold.
    OSError
        If the file cannot be written, for instance because another program has it open.
    """
    import xlsxwriter

    part = path.with_name(path.name + ".part")
    book = xlsxwriter.Workbook(str(part), {"strings_to_urls": False, "strings_to_formulas": False})
    try:
        book.set_properties({"title": title, "created": created.replace(tzinfo=None)})
        styles = _Styles(book)
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            page.set_paper(_A4)
            page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
            page.fit_to_pages(1, 0)
            if header:
                page.set_header(f"&L&12{header.replace('&', '&&')}")
            page.set_footer(f"&L&8{footer.replace('&', '&&')}&R&8&P / &N")
            if isinstance(sheet, Sheet):
                _write_table(page, sheet, styles)
            else:
                _write_forms(page, sheet, styles)
        close_book(book)
        os.replace(part, path)  # noqa: PTH105 - Path.replace is the same call
    finally:
        part.unlink(missing_ok=True)


class _Styles:
    """Cell formats of one workbook, made when first asked for."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[frozenset[tuple[str, Any]], Any] = {}

    def __call__(self, **properties: Any) -> Any:
        wanted = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "vcenter", **properties}
        key = frozenset(wanted.items())
        if key not in self._made:
            self._made[key] = self._book.add_format(wanted)
        return self._made[key]

    def header(self, column: Column) -> Any:
        return self(
            bold=True, border=1, text_wrap=True, align="center", bg_color="#FFF2CC" if column.editable else "#E7E6E6"
        )

    def body(self, column: Column) -> Any:
        shade = {"bg_color": "#FFFBEB"} if column.editable else {}
        form = {"text_wrap": True, "indent": 1, "align": "left"} if column.kind in {"text", "id"} else {}
        return self(border=1, num_format=_NUMBER_FORMATS[column.kind], **form, **shade)


def _write_table(page: Any, sheet: Sheet, styles: _Styles) -> None:
    page.write_string(0, 0, sheet.title, styles(bold=True, font_size=14))
    page.set_row(0, 24)
    for i, note in enumerate(sheet.notes, 1):
        page.write_string(i, 0, note, styles(font_color="#595959"))
    head = len(sheet.notes) + 1
    for j, column in enumerate(sheet.columns):
        page.write_string(head, j, column.title, styles.header(column))
    rows = list(zip(*(sheet.rows[column.name].tolist() for column in sheet.columns), strict=True))
    widths = _set_widths(page, sheet.columns, rows)
    _write_rows(page, head + 1, sheet.columns, rows, styles, widths)
    printed = sheet.printed or len(sheet.columns)
    page.set_portrait() if sum(widths[:printed]) <= _PORTRAIT else page.set_landscape()
    last = head + len(sheet.rows)
    page.freeze_panes(head + 1, 1)
    page.repeat_rows(head)
    page.autofilter(head, 0, last, len(sheet.columns) - 1)
    page.print_area(0, 0, last, printed - 1)
    if sheet.hidden:
        page.hide()


def _write_rows(
    page: Any, top: int, columns: Sequence[Column], rows: Rows, styles: _Styles, widths: Sequence[float]
) -> None:
    """Rows of a table, each as high as its wrapped text needs: not every program finds that out for itself."""
    looks = [(styles.body(c), styles.body(c if c.kind == "day" else replace(c, kind="clock"))) for c in columns]
    for i, row in enumerate(rows, top):
        lines = 1
        for j, (value, (plain, timed)) in enumerate(zip(row, looks, strict=True)):
            _write_cell(page, i, j, value, timed if isinstance(value, datetime) else plain)
            if isinstance(value, str) and value:
                lines = max(lines, _line_count(value, widths[j] - 2))
        page.set_row(i, _LINE_HEIGHT * min(lines, 20) + 3)


def _line_count(value: str, width: float) -> int:
    """Lines that a text takes when it is wrapped at so many characters."""
    return sum(max(1, math.ceil(display_width(line) / width)) for line in value.split("\n"))


def _write_cell(page: Any, row: int, column: int, value: Any, style: Any) -> None:
    """One value; NaN, NaT, None and "" are blank."""
    if isinstance(value, str):
        if len(value) > CELL_LIMIT:
            msg = f"{len(value)} characters do not fit into a cell: {value[:40]!r}…"
            raise ValueError(msg)
        page.write_string(row, column, value, style) if value else page.write_blank(row, column, None, style)
    elif value is None or value is pd.NaT or (isinstance(value, float) and not math.isfinite(value)):
        page.write_blank(row, column, None, style)
    elif isinstance(value, datetime):
        page.write_datetime(row, column, value.replace(tzinfo=None), style)
    else:
        page.write_number(row, column, value, style)


def _set_widths(page: Any, columns: Sequence[Column], rows: Rows) -> list[float]:
    widths = [_fitting_width(column, [row[j] for row in rows]) for j, column in enumerate(columns)]
    for j, width in enumerate(widths):
        page.set_column(j, j, width)
    return widths


def _fitting_width(column: Column, values: Iterable[Any]) -> float:
    if column.kind in {"clock", "day"}:
        widest = 9
    else:
        cells = {_shown(value, column.kind) for value in values}
        widest = max((display_width(cell) for cell in cells), default=0)
    heading = max((display_width(word) for word in column.title.split()), default=0)
    return min(max(widest, heading, 4) * 1.12 + 3, column.widest)


def _shown(value: Any, kind: str) -> str:
    if isinstance(value, str):
        return value
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    return f"{value:,.1f}" if kind == "decimal" else f"{value:.1%}" if kind == "share" else f"{value:,}"


def _write_forms(page: Any, sheet: FormSheet, styles: _Styles) -> None:
    if not sheet.forms:
        page.write_string(0, 0, sheet.empty, styles())
        return
    columns = sheet.forms[0].columns
    widths = _set_widths(page, columns, [row for form in sheet.forms for row in form.rows])
    top, breaks = 0, []
    for form in sheet.forms:
        top = _write_form(page, top, form, styles, widths) + 2
        breaks.append(top)
    page.set_h_pagebreaks(breaks[:-1])
    page.print_area(0, 0, top - 2, len(columns) - 1)
    page.set_landscape()


def _write_form(page: Any, top: int, form: Form, styles: _Styles, widths: Sequence[float]) -> int:
    """Write one form from row ``top`` on and return its last row."""
    last = len(form.columns) - 1
    _over(page, top, 0, last, form.title, styles(bold=True, font_size=16, align="center"))
    page.set_row(top, 30)
    row = top + 1
    if form.mark:
        _over(page, row, 0, last, form.mark, styles(bold=True, font_color="#C00000", align="center"))
        row += 1
    for fields in _field_rows(form.fields, last):
        for (left, right), (label, value) in fields:
            _write_field(page, row, left, right, label, value, styles)
        page.set_row(row, _LINE_HEIGHT + 6)
        row += 1
    for j, column in enumerate(form.columns):
        page.write_string(row, j, column.title, styles.header(column))
    _write_rows(page, row + 1, form.columns, form.rows, styles, widths)
    row += 1 + len(form.rows)
    for line in form.closing:
        _over(page, row, 0, last, line, styles(text_wrap=True))
        page.set_row(row, 2 * _LINE_HEIGHT)
        row += 1
    return row - 1


def _field_rows(fields: Sequence[tuple[str, Any]], last: int) -> list[list[tuple[tuple[int, int], tuple[str, Any]]]]:
    """Fields with the columns they span: two to a row where there are columns enough."""
    half = (last + 1) // 2
    spans = [(0, half - 1), (half, last)] if half >= 3 else [(0, last)]
    return [list(zip(spans, fields[i : i + len(spans)], strict=False)) for i in range(0, len(fields), len(spans))]


def _write_field(page: Any, row: int, left: int, right: int, label: str, value: Any, styles: _Styles) -> None:
    """A label and, over the rest of the columns, its value."""
    middle = left + (2 if right - left >= 3 else 1)
    kind = "clock" if isinstance(value, datetime) else "text"
    style = styles(border=1, num_format=_NUMBER_FORMATS[kind], align="left", text_wrap=True)
    _over(page, row, left, middle - 1, label, styles(border=1, bg_color="#F2F2F2"))
    _over(page, row, middle, right, value, style)


def _over(page: Any, row: int, left: int, right: int, value: Any, style: Any) -> None:
    """A value over one or more columns."""
    if right > left:
        page.merge_range(row, left, row, right, "", style)
    _write_cell(page, row, left, value, style)
