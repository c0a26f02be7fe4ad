"""Values of an XLSX workbook, read straight from its XML.

A ledger from Excel, WPS or another program must not fail over its fonts, its drop-downs or a million formatted empty
rows: only sheets, shared strings, number formats and cell values are read (ECMA-376 part 1, chapters 18.2–18.4, 18.8),
transitional or strict, in memory bounded by the values themselves.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.parsers import expat

from dispatch.county.grid import MOST_COLUMNS, MOST_ROWS, Grid
from dispatch.county.reading import BadCell

__all__ = ["TooLargeError", "Workbook", "read_workbook"]

_CHUNK = 1 << 20
_LARGEST_SHEET = 1 << 30
"""Bytes of a sheet's XML, formatting and all."""
_LARGEST_CONTENT = 160 << 20
"""Bytes of a sheet's XML up to its last value."""
_LARGEST_STRINGS = 128 << 20
_MOST_FILLED = 2_000_000
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_MERGE = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})[\"']")
_LAST_VALUE = re.compile(rb"</(?:\w+:)?(?:v|is|f)>|<(?:\w+:)?f(?:\s[^>]*)?/>")
_CONTENT_END = re.compile(rb"</(?:\w+:)?sheetData>")
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


class TooLargeError(ValueError):
    """A sheet holds more than any county's ledger does."""


class Workbook:
    """An open workbook: names of its sheets, and their rows when asked for."""

    def __init__(self, archive: zipfile.ZipFile, file: str) -> None:
        self._archive = archive
        self._file = file
        self._sheets, self._strings_part, self._styles_part, self._epoch_1904 = _structure(archive)
        self._strings: list[str] | None = None
        self._dates: set[int] | None = None

    @property
    def titles(self) -> list[str]:
        """Names of the worksheets, in order."""
        return list(self._sheets)

    def grid(self, title: str) -> Grid:
        """Rows of one sheet.

        Raises
        ------
        TooLargeError
        """
        if self._strings is None:
            self._strings = _strings(self._archive, self._strings_part)
            self._dates = _date_styles(self._archive, self._styles_part)
        part = self._sheets[title]
        end, merges = _survey(self._archive, part)
        sheet = _SheetReader(self._strings, self._dates or set(), self._epoch_1904)
        _parse(self._archive, part, sheet, end)
        filled = _fill(sheet.rows, merges)
        rows = [(number, cells) for number, cells in sorted(sheet.rows.items()) if _is_own(number, cells, filled)]
        if len(rows) > MOST_ROWS:
            raise TooLargeError(title)
        return Grid(f"{self._file}!{title}", title, rows, filled)


@contextmanager
def read_workbook(path: Path) -> Iterator[Workbook]:
    """Open a workbook.

    Raises
    ------
    zipfile.BadZipFile, expat.ExpatError, KeyError, ValueError …
        For a damaged file, while it is open too (the caller says so once).
    """
    with zipfile.ZipFile(path) as archive:
        yield Workbook(archive, path.name)


def _structure(archive: zipfile.ZipFile) -> tuple[dict[str, str], str, str, bool]:
    """Sheet title → part, the parts of strings and styles ("" for none), and whether days count from 1904."""
    roots = _related(archive, "").values()
    book = next((target for kind, target in roots if kind == "officeDocument"), "xl/workbook.xml")
    related = _related(archive, book)
    named: list[tuple[str, str]] = []
    epoch_1904 = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal epoch_1904
        if tag == "sheet":
            relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            named.append((attributes["name"], relation))
        elif tag == "workbookPr":
            epoch_1904 = attributes.get("date1904", "0") in {"1", "true"}

    _walk(_bounded(archive, book), start)
    sheets = {title: related[key][1] for title, key in named if related.get(key, ("", ""))[0] == "worksheet"}
    parts = {kind: target for kind, target in related.values() if kind in {"sharedStrings", "styles"}}
    return sheets, parts.get("sharedStrings", ""), parts.get("styles", ""), epoch_1904


def _related(archive: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """Relation id → (kind, part it leads to) of a part of the package."""
    folder, name = posixpath.split(part)
    where = posixpath.join(folder, "_rels", f"{name}.rels")
    found: dict[str, tuple[str, str]] = {}
    if where not in archive.namelist():
        return found

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes["Target"]
            target = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
            found[attributes["Id"]] = (attributes["Type"].rsplit("/", 1)[-1], posixpath.normpath(target))

    _walk(_bounded(archive, where), start)
    return found


def _bounded(archive: zipfile.ZipFile, part: str, limit: int = 16 << 20) -> bytes:
    with archive.open(part) as stream:
        content = stream.read(limit + 1)
    if len(content) > limit:
        raise TooLargeError(part)
    return content


def _parser(
    start: Callable[[str, dict[str, str]], None] | None = None,
    end: Callable[[str], None] | None = None,
    characters: Callable[[str], None] | None = None,
) -> Any:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _no_doctype
    if start is not None:
        parser.StartElementHandler = lambda tag, attributes: start(tag.rpartition(":")[2], attributes)
    if end is not None:
        parser.EndElementHandler = lambda tag: end(tag.rpartition(":")[2])
    if characters is not None:
        parser.CharacterDataHandler = characters
    return parser


def _no_doctype(*_: object) -> None:
    """No part of a workbook declares a document type; one that does may hold entities that explode."""
    msg = "a document type declaration"
    raise ValueError(msg)


def _walk(content: bytes, start: Callable[[str, dict[str, str]], None]) -> None:
    _parser(start).Parse(content, True)


def _strings(archive: zipfile.ZipFile, part: str) -> list[str]:
    """Texts that cells refer to by number; phonetic guides left out."""
    texts: list[str] = []
    if not part:
        return texts
    pieces: list[str] = []
    state = {"text": False, "phonetic": False}

    def start(tag: str, _: dict[str, str]) -> None:
        if tag == "rPh":
            state["phonetic"] = True
        elif tag == "t":
            state["text"] = not state["phonetic"]

    def end(tag: str) -> None:
        if tag == "si":
            texts.append(unescape("".join(pieces)))
            pieces.clear()
        elif tag == "rPh":
            state["phonetic"] = False
        elif tag == "t":
            state["text"] = False

    def characters(text: str) -> None:
        if state["text"]:
            pieces.append(text)

    _parser(start, end, characters).Parse(_bounded(archive, part, _LARGEST_STRINGS), True)
    return texts


def unescape(text: str) -> str:
    """Text with ``_x000D_`` and the like turned into the characters they stand for."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def _date_styles(archive: zipfile.ZipFile, part: str) -> set[int]:
    """Indices of the cell formats that show a number as a date."""
    from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format

    formats: dict[int, str] = dict(BUILTIN_FORMATS)
    formats |= dict.fromkeys([*range(27, 37), *range(50, 59)], "yyyy-mm-dd")  # dates of Chinese and Japanese Excel
    styles: list[int] = []
    inside = {"cellXfs": False}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "numFmt" and "numFmtId" in attributes:
            formats[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
        elif tag == "cellXfs":
            inside[tag] = True
        elif tag == "xf" and inside["cellXfs"]:
            styles.append(int(attributes.get("numFmtId", 0)))

    def end(tag: str) -> None:
        if tag == "cellXfs":
            inside[tag] = False

    if part:
        _parser(start, end).Parse(_bounded(archive, part), True)
    return {i for i, number in enumerate(styles) if is_date_format(formats.get(number, ""))}


def _survey(archive: zipfile.ZipFile, part: str) -> tuple[int, list[tuple[int, int, int, int]]]:
    """Byte at which a sheet's last value ends, and its merged ranges (first row, first column, last row, last column).

    What lies behind the last value (empty formatted rows, often a million of them) is never parsed.
    """
    end, offset, closed = 0, 0, False
    merges: dict[tuple[int, int, int, int], None] = {}
    tail = b""
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            window = tail + chunk
            start = offset - len(tail)
            if start == 0 and window[:2] in {b"\xff\xfe", b"\xfe\xff"}:
                msg = "a sheet in UTF-16"
                raise ValueError(msg)
            if not closed:
                close = _CONTENT_END.search(window)
                closed = close is not None
                for match in _LAST_VALUE.finditer(window, 0, close.start() if close else len(window)):
                    end = max(end, start + match.end())
            for match in _MERGE.finditer(window):
                top, bottom = int(match[2]), int(match[4])
                left, right = _column(match[1].decode()), _column(match[3].decode())
                merges[top, left, bottom, right] = None
            offset += len(chunk)
            tail = window[-4096:]
            if offset > _LARGEST_SHEET:
                raise TooLargeError(part)
    if end > _LARGEST_CONTENT:
        raise TooLargeError(part)
    return end, list(merges)


def _column(letters: str) -> int:
    """Index of a column by its letters: A is 0."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


class _SheetReader:
    """Gathers the cells of a sheet that hold a value."""

    def __init__(self, strings: list[str], dates: set[int], epoch_1904: bool) -> None:
        self.rows: dict[int, list[object]] = {}
        self._strings, self._dates, self._epoch_1904 = strings, dates, epoch_1904
        self._row, self._column = 0, -1
        self._cell: dict[str, str] = {}
        self._pieces: list[str] = []
        self._formula: list[str] | None = None
        self._collect: list[str] | None = None
        self._phonetic = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            self._column += 1
            match = _REFERENCE.fullmatch(attributes.get("r", ""))
            if match is not None:
                self._column = _column(match[1])
            self._cell, self._pieces, self._formula = attributes, [], None
        elif tag == "row":
            self._row = int(float(attributes["r"])) if "r" in attributes else self._row + 1
            self._column = -1
        elif tag == "f":
            self._formula = self._collect = []
        elif tag == "rPh":
            self._phonetic = True
        elif tag in {"v", "t"} and not self._phonetic:
            self._collect = self._pieces

    def characters(self, text: str) -> None:
        if self._collect is not None:
            self._collect.append(text)

    def end(self, tag: str) -> None:
        if tag == "c":
            value = self._value("".join(self._pieces))
            if value is not None and not (isinstance(value, str) and (value == "" or value.isspace())):
                self._put(value)
        elif tag == "rPh":
            self._phonetic = False
        elif tag in {"v", "t", "f"}:
            self._collect = None

    def _put(self, value: object) -> None:
        if self._column >= MOST_COLUMNS or (len(self.rows) >= MOST_ROWS and self._row not in self.rows):
            raise TooLargeError(self._row)
        cells = self.rows.setdefault(self._row, [])
        if self._column >= len(cells):
            cells.extend([None] * (self._column + 1 - len(cells)))
        cells[self._column] = value

    def _value(self, text: str) -> object:
        kind = self._cell.get("t", "n")
        if text == "":
            unknown = self._formula is not None and kind == "n"
            return BadCell("=" + "".join(self._formula or ()), formula=True) if unknown else None
        match kind:
            case "s":
                return self._strings[int(text)]
            case "n":
                return self._number(text)
            case "b":
                return text.strip() not in {"0", "false"}
            case "e":
                return BadCell(text)
            case "d":
                from openpyxl.utils.datetime import from_ISO8601

                return from_ISO8601(text)  # type: ignore[no-untyped-call]
            case _:
                return unescape(text)

    def _number(self, text: str) -> object:
        number = int(text) if len(text) < 16 and text.removeprefix("-").isdecimal() else float(text)
        if int(self._cell.get("s", 0)) not in self._dates:
            return number
        from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

        try:
            return from_excel(number, CALENDAR_MAC_1904 if self._epoch_1904 else CALENDAR_WINDOWS_1900)
        except (OverflowError, ValueError):
            return number


def _parse(archive: zipfile.ZipFile, part: str, sheet: _SheetReader, end: int) -> None:
    """Feed a sheet's XML to ``sheet`` up to byte ``end``, and to the end of the cell there."""
    parser = _parser(sheet.start, sheet.end, sheet.characters)
    read = 0
    with archive.open(part) as stream:
        while read < end and (chunk := stream.read(min(_CHUNK, end - read))):
            parser.Parse(chunk, False)
            read += len(chunk)
    sheet.end("c")


def _is_own(number: int, cells: list[object], filled: dict[tuple[int, int], tuple[int, int]]) -> bool:
    """Whether a row holds anything but what a merge from above put there."""
    return any(cell is not None and filled.get((number, i), (number,))[0] == number for i, cell in enumerate(cells))


def _fill(
    rows: dict[int, list[object]], merges: list[tuple[int, int, int, int]]
) -> dict[tuple[int, int], tuple[int, int]]:
    """Give every cell of a merged range the value of its first; say which cells those are."""
    filled: dict[tuple[int, int], tuple[int, int]] = {}
    last_row = max(rows, default=0)
    for top, left, bottom, right in merges:
        first = rows.get(top, [])
        value = first[left] if left < len(first) else None
        if value is None:
            continue
        for number in range(top, min(bottom, last_row) + 1):
            cells = rows.setdefault(number, [])
            cells.extend([None] * (min(right, MOST_COLUMNS) + 1 - len(cells)))
            for index in range(left, min(right, MOST_COLUMNS) + 1):
                if (number, index) != (top, left):
                    cells[index] = value
                    filled[number, index] = (top, bottom)
        if len(filled) > _MOST_FILLED:
            raise TooLargeError(last_row)
    return filled
