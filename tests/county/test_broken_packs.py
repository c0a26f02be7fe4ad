"""Five hundred broken packs: each gives a county or a report of problems, never another exception."""

from __future__ import annotations

import io
import shutil
import struct
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.county.county import County
from dispatch.county.problem_text import problem_text
from dispatch.county.read import read_county
from dispatch.county.schema import SCHEMA
from dispatch.county.validate import validate_county
from dispatch.county.write import write_county
from dispatch.problems import InputProblems, errors
from tests.county.pack import TOML, assert_same_county, csv_text, good, write_xlsx_pack

pytestmark = pytest.mark.slow

NASTY = st.one_of(
    st.sampled_from([
        "", " ", "-1", "1e309", "-inf", "nan", "NaN", "None", "#REF!", "=1+1", "1.40521E+11", "1E+99", "9" * 400,
        "0x1F",
        "合计", "小计", "注：x", "一、x", "50顶", "5吨", "约5", "1/0", "2023.13", "2023.1", "0000-00-00",
        "9999-99-99", "24:61",
        "2026-07-20T22:40:00+99:00", "是", "苏庄", "苏庄村（柿庄镇）", "140521106201", ";", "；；", "a;b", "~2",
        "geometry~2",
        "POLYGON((", "POLYGON((0 0, 1e400 0, 1 1, 0 0))", "GEOMETRYCOLLECTION EMPTY", "\ufeff", "\u202e", "𬒗", '"',
        "'",
        "D1", "tent", "-0", "1,2,3", "１２３", "°", "112°61′", "经度", "place", "\x01", "a\nb", "1" * 5000,
        "999999999999999999999",
    ]),
    st.text(max_size=8), st.floats().map(repr), st.integers().map(str),
)  # fmt: skip
TABLES = st.sampled_from(sorted(good()))
INDEX = st.integers(0, 30)
CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("cell"), TABLES, INDEX, INDEX, NASTY),
        st.tuples(st.just("cell"), TABLES, INDEX, INDEX, NASTY),
        st.tuples(st.just("drop_column"), TABLES, INDEX),
        st.tuples(st.just("double_column"), TABLES, INDEX),
        st.tuples(st.just("drop_row"), TABLES, INDEX),
        st.tuples(st.just("double_row"), TABLES, INDEX),
        st.tuples(st.just("swap_tables"), TABLES, TABLES),
        st.tuples(st.just("drop_table"), TABLES),
        st.tuples(st.just("title"), TABLES, NASTY),
    ),
    max_size=4,
)
BYTES = st.lists(
    st.one_of(
        st.tuples(st.just("flip"), st.integers(0, 10**6), st.integers(1, 255)),
        st.tuples(st.just("insert"), st.integers(0, 10**6), st.binary(max_size=6)),
        st.tuples(st.just("cut"), st.integers(0, 10**6), st.integers(1, 60)),
        st.tuples(st.just("truncate"), st.integers(0, 10**6)),
    ),
    max_size=3,
)
ENCODINGS = st.sampled_from(
    [
        "utf-8",
        "utf-8",
        "utf-8-sig",
        "gb18030",
        "utf-16",
        "utf-16-be",
        "big5",
        "shift_jis",
        "latin-1",
        "utf-7",
        "utf-32",
        "cp037",
    ]
)


def _changed(changes: list[tuple[Any, ...]]) -> dict[str, list[list[Any]]]:
    tables = good()
    for kind, name, *rest in changes:
        rows = tables.get(name)
        if not rows or not rows[0]:
            continue
        if kind == "cell":
            row = rows[rest[0] % len(rows)]
            if row:
                row[rest[1] % len(row)] = rest[2]
        elif kind == "drop_column":
            tables[name] = [row[: rest[0] % len(rows[0])] + row[rest[0] % len(rows[0]) + 1 :] for row in rows]
        elif kind == "double_column":
            tables[name] = [[*row, row[rest[0] % len(row)] if row else ""] for row in rows]
        elif kind == "drop_row":
            del rows[rest[0] % len(rows)]
        elif kind == "double_row":
            rows.append(list(rows[rest[0] % len(rows)]))
        elif kind == "swap_tables":
            tables[name], tables[rest[0]] = tables.get(rest[0], []), rows
        elif kind == "drop_table":
            del tables[name]
        elif kind == "title":
            rows.insert(0, [rest[0]])
    return tables


def _bent(content: bytes, changes: list[tuple[Any, ...]]) -> bytes:
    for kind, *rest in changes:
        if not content:
            break
        at = rest[0] % len(content)
        if kind == "flip":
            content = content[:at] + bytes([content[at] ^ rest[1]]) + content[at + 1 :]
        elif kind == "insert":
            content = content[:at] + rest[1] + content[at:]
        elif kind == "cut":
            content = content[:at] + content[at + rest[1] :]
        else:
            content = content[:at]
    return content


def _read(path: Path) -> County | None:
    """Read a pack; what comes must be a sound county or a report that can be printed."""
    try:
        county, warnings = read_county(path)
    except InputProblems as found:
        assert errors(found.problems)
        problems = found.problems
        county = None
    else:
        assert not errors(warnings)
        assert errors(validate_county(county)) == []  # what was let in keeps every rule
        problems = warnings
        for name, table in SCHEMA.items():
            kinds = {"number": "f", "integer": "f", "flag": "b"}
            for column in table.columns:
                assert county.table(name)[column.name].dtype.kind == kinds.get(column.kind, "O"), (name, column.name)
    for problem in problems:
        assert problem.file
        assert problem_text(problem, "zh")
        assert problem_text(problem, "en")
    return county


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("broken")


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(CHANGES, TABLES, ENCODINGS, st.sampled_from(["toml", "table", "none", "none"]), BYTES)
def test_broken_folders(room: Path, changes: list[Any], name: str, encoding: str, where: str, bend: list[Any]) -> None:
    folder = room / "pack"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    toml = TOML.encode()
    (folder / "county.toml").write_bytes(_bent(toml, bend) if where == "toml" else toml)
    for table, rows in _changed(changes).items():
        content = csv_text(rows).encode("utf-8", "replace")
        if table == name:
            content = csv_text(rows).encode(encoding, "replace")
            content = _bent(content, bend) if where == "table" else content
        (folder / f"{table}.csv").write_bytes(content)
    county = _read(folder)
    if county is not None and len(changes) % 3 == 0:
        shutil.rmtree(room / "again", ignore_errors=True)
        write_county(county, room / "again", private=True)
        assert_same_county(read_county(room / "again")[0], county)  # what was let in is written and read as the same


@cache
def _workbook() -> tuple[tuple[str, bytes], ...]:
    """Parts of the good pack as a workbook."""
    out = io.BytesIO()
    write_xlsx_pack(out)  # type: ignore[arg-type]
    with zipfile.ZipFile(out) as archive:
        return tuple((name, archive.read(name)) for name in archive.namelist())


PARTS = st.sampled_from([name for name, _ in _workbook()])
XML = st.sampled_from([
    b"<c/>", b"<row r='x'/>", b"<c r='A1' t='s'><v>999999</v></c>", b"<v>", b"</row>", b"&bomb;",
    b"<c t='d'><v>x</v></c>",
    b"<c r='ZZZ9999999'><v>1</v></c>", b"<c><f>A1</f></c>", b"<mergeCell ref='A1:XFD1048576'/>",
    b"<c t='b'><v>q</v></c>",
    b"<row r='1e400'><c><v>1</v></c></row>", b"<!DOCTYPE a>", b"<sheet name='x' r:id='rId1'/>",
    b"<c s='77'><v>1</v></c>",
    b"<row r='1048576'><c><v>5</v></c></row>", b"<c t='e'><v>#N/A</v></c>", b"<c s='-1'><v>1e999</v></c>", b"\x00",
])  # fmt: skip


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    PARTS,
    st.one_of(
        st.tuples(st.just("bytes"), BYTES),
        st.tuples(st.just("xml"), st.integers(0, 10**6), XML),
        st.tuples(st.just("xml"), st.integers(0, 10**6), XML),
        st.tuples(st.just("drop")),
        st.tuples(st.just("empty")),
        st.tuples(st.just("archive"), BYTES),
        st.tuples(st.just("method"), st.integers(0, 99)),
    ),
)
def test_broken_workbooks(room: Path, part: str, change: tuple[Any, ...]) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _workbook():
            if name != part or change[0] in {"archive", "method"}:
                archive.writestr(name, content)
            elif change[0] == "bytes":
                archive.writestr(name, _bent(content, change[1]))
            elif change[0] == "xml":
                gaps = [i for i in range(len(content)) if content[i : i + 1] == b"<"] or [0]
                at = gaps[change[1] % len(gaps)]
                archive.writestr(name, content[:at] + change[2] + content[at:])
            elif change[0] == "empty":
                archive.writestr(name, b"")
    book = out.getvalue()
    if change[0] == "archive":
        book = _bent(book, change[1])
    elif change[0] == "method":  # a compression that is not known, or encryption, in the first central entry
        at = book.index(b"PK\x01\x02")
        book = book[: at + 8] + struct.pack("<HH", change[1] % 2, change[1]) + book[at + 12 :]
    (room / "pack.xlsx").write_bytes(book)
    _read(room / "pack.xlsx")


@pytest.mark.parametrize("length", [*range(0, 200, 7), 1000, 5000, 9000])
def test_a_truncated_workbook(room: Path, length: int) -> None:
    """A copy from a memory stick that was pulled out too early."""
    write_xlsx_pack(room / "whole.xlsx")
    (room / "pack.xlsx").write_bytes((room / "whole.xlsx").read_bytes()[:length])
    with pytest.raises(InputProblems):
        read_county(room / "pack.xlsx")
