"""A plan survives its files, and a broken file is reported cell by cell."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import jsonschema
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.planning.plan import LOAD_COLUMNS, Plan, empty_plan_table
from dispatch.planning.plan_file import plan_schema, read_plan, write_plan
from dispatch.planning.plan_rows import PLAN_TABLES
from dispatch.problems import InputProblems, Problem
from tests.planning.plans import by_hand, random_plans, same

SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "schema" / "plan.schema.json"
NAMES = ["plan.json", "plan", "plan.xlsx"]


def _problems(path: Path) -> tuple[Problem, ...]:
    with pytest.raises(InputProblems) as found:
        read_plan(path)
    return found.value.problems


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plan=random_plans())
def test_any_plan_survives_its_file(name: str, plan: Plan) -> None:
    """Tables, dtypes and meta, whatever text, number or control character they hold."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        write_plan(plan, path)
        same(plan, read_plan(path))


@pytest.mark.parametrize("name", NAMES)
def test_equal_plans_make_equal_bytes(name: str, tmp_path: Path) -> None:
    for part in "ab":
        (tmp_path / part).mkdir()
        write_plan(by_hand(), tmp_path / part / name)
    files = [sorted(f for f in (tmp_path / part).rglob("*") if f.is_file()) for part in "ab"]
    assert [f.read_bytes() for f in files[0]] == [f.read_bytes() for f in files[1]]
    assert [f.name for f in files[0]] == [f.name for f in files[1]]


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_plan_keeps_its_columns(name: str, tmp_path: Path) -> None:
    """A plan that delivers nothing is still a plan."""
    plan = Plan(**{table: empty_plan_table(columns) for table, columns in PLAN_TABLES.items()})
    write_plan(plan, tmp_path / name)
    same(plan, read_plan(tmp_path / name))


@pytest.mark.parametrize("name", NAMES)
def test_a_path_longer_than_a_cell_survives(name: str, tmp_path: Path) -> None:
    """20,000 edges of 12 characters are nine times what a cell holds."""
    plan = by_hand()
    paths = plan.paths.copy()
    paths.at[1, "edges"] = tuple(f"{k:06d}:{k % 7}-1" for k in range(20_000))
    long = Plan(plan.trips, plan.stops, plan.loads, paths, plan.unmet, plan.objective, plan.meta)
    write_plan(long, tmp_path / name)
    same(long, read_plan(tmp_path / name))


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\.docx"):
        write_plan(by_hand(), tmp_path / "plan.docx")


# ---------------------------------------------------------------- schema


def test_the_published_schema_is_the_one_in_force() -> None:
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == plan_schema()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plan=random_plans())
def test_every_plan_file_obeys_the_schema(plan: Plan) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.json"
        write_plan(plan, path)
        jsonschema.validate(json.loads(path.read_text(encoding="utf-8")), plan_schema())


def _document(tmp_path: Path) -> dict[str, Any]:
    if not (tmp_path / "plan.json").exists():
        write_plan(by_hand(), tmp_path / "plan.json")
    read: dict[str, Any] = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    return read


_NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
_JUNK = st.one_of(st.none(), st.booleans(), _NUMBERS, st.text(max_size=3), st.just([]), st.just({}))


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(choice=st.data())
def test_reader_and_schema_agree_on_what_is_a_plan(choice: st.DataObject, tmp_path: Path) -> None:
    """One random change of a valid file: the reader reports a problem exactly when the schema does, and never fails."""
    document = _document(tmp_path)
    table = choice.draw(st.sampled_from([*PLAN_TABLES, "format", "version", "meta", "extra"]))
    rows = document.get(table)
    where = choice.draw(st.sampled_from(["whole", "drop", "row", "cell", "drop_cell", "add_cell"]))
    if not isinstance(rows, list) or not rows or where in {"whole", "drop"}:
        if where == "drop":
            document.pop(table, None)
        else:
            document[table] = choice.draw(_JUNK)
    else:
        row = choice.draw(st.integers(0, len(rows) - 1))
        column = choice.draw(st.sampled_from(list(rows[row])))
        if where == "row":
            rows[row] = choice.draw(_JUNK)
        elif where == "drop_cell":
            del rows[row][column]
        else:
            rows[row]["extra" if where == "add_cell" else column] = choice.draw(_JUNK)
    path = tmp_path / "changed.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    valid = jsonschema.Draft202012Validator(plan_schema()).is_valid(document)
    try:
        read_plan(path)
    except InputProblems as found:
        assert not valid, found
        assert found.problems
    else:
        assert valid


# ---------------------------------------------------------------- broken files


def test_bad_cells_of_a_json_file_are_all_named(tmp_path: Path) -> None:
    document = _document(tmp_path)
    document["loads"][1]["quantity"] = "100"
    document["stops"][0]["arrive_ms"] = 1.5
    del document["trips"][0]["dock"]
    (tmp_path / "plan.json").write_text(json.dumps(document), encoding="utf-8")
    found = {(p.file, p.column, p.value, p.expected) for p in _problems(tmp_path / "plan.json")}
    assert found == {
        ("plan.json", "loads[1].quantity", "100", "a whole number"),
        ("plan.json", "stops[0].arrive_ms", "1.5", "a whole number"),
        ("plan.json", "trips[0].dock", "", "this column, which must not be missing"),
    }


def test_bad_cells_of_a_csv_folder_are_all_named(tmp_path: Path) -> None:
    """Row numbers are those a spreadsheet shows: the header is row 1."""
    write_plan(by_hand(), tmp_path / "plan")
    loads = tmp_path / "plan" / "loads.csv"
    loads.write_text(
        loads.read_text(encoding="utf-8-sig").replace("NB,quilt,L1,100", "NB,quilt,L1,many"), encoding="utf-8"
    )
    (tmp_path / "plan" / "stops.csv").unlink()
    trips = tmp_path / "plan" / "trips.csv"
    trips.write_text(trips.read_text(encoding="utf-8-sig").replace("dock", "ramp", 1), encoding="utf-8")
    found = {(p.file, p.row, p.column, p.value) for p in _problems(tmp_path / "plan")}
    assert ("loads.csv", 3, "quantity", "many") in found
    assert ("trips.csv", 1, "dock", "") in found
    assert any(file == "stops.csv" for file, *_ in found)
    assert len(found) == 3


def test_a_csv_that_excel_saved_in_gb18030_is_read(tmp_path: Path) -> None:
    plan = by_hand()
    plan.unmet.loc[0, "detail"] = "没有剩余车辆"
    write_plan(plan, tmp_path / "plan")
    unmet = tmp_path / "plan" / "unmet.csv"
    unmet.write_bytes(unmet.read_text(encoding="utf-8-sig").encode("gb18030"))
    same(plan, read_plan(tmp_path / "plan"))


def test_csv_files_open_in_excel_as_chinese(tmp_path: Path) -> None:
    """Excel takes UTF-8 only with a byte-order mark."""
    write_plan(by_hand(), tmp_path / "plan")
    files = list((tmp_path / "plan").iterdir())
    assert sorted(f.stem for f in files) == sorted([*PLAN_TABLES, "meta"])
    assert all(f.read_bytes().startswith(b"\xef\xbb\xbf") for f in files)


def test_bad_cells_of_a_workbook_are_all_named(tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    write_plan(by_hand(), path)
    book = openpyxl.load_workbook(path)
    head = {
        cell.value: cell.column
        for row in book["loads"].iter_rows()
        for cell in row
        if cell.value in {"quantity", "stop"}
    }
    rows = [row[0].row for row in book["loads"].iter_rows() if row[0].value == "T1"]
    book["loads"].cell(rows[0], head["quantity"]).value = 99.5
    book["loads"].cell(rows[1], head["stop"]).value = None
    del book["paths"]
    book.save(path)
    found = {(p.file, p.row, p.column, p.value) for p in _problems(path)}
    assert found == {
        ("plan.xlsx!loads", rows[0], "quantity", "99.5"),
        ("plan.xlsx!loads", rows[1], "stop", ""),
        ("plan.xlsx", None, "paths", ""),
    }


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("plan.json", b""), ("plan.json", b"\xff\xfe\x00"), ("plan.json", b"[1, 2"), ("plan.json", b"[]"),
        ("plan.json", b"NaN"), ("plan.json", b"[" * 100_000),
        ("plan.json", b'{"format": "relief-dispatch plan", "version": 99}'),
        ("plan.xlsx", b""), ("plan.xlsx", b"PK\x03\x04 not a workbook"), ("plan.xlsx", b"<html/>"),
        ("no_such.json", None), ("no_such.xlsx", None),
    ],
)  # fmt: skip
def test_a_file_that_is_no_plan_is_reported(name: str, content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    problems = _problems(path)
    assert len(problems) == 1
    assert name in problems[0].file


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(choice=st.data())
def test_damaged_bytes_never_make_a_traceback(choice: st.DataObject, tmp_path: Path) -> None:
    """Truncate, or overwrite some bytes of, any of the three forms: a plan or a report of problems, nothing else."""
    name = choice.draw(st.sampled_from(NAMES))
    path = tmp_path / name
    if not path.exists():
        write_plan(by_hand(), path)
    victim = choice.draw(st.sampled_from(sorted(path.iterdir()))) if path.is_dir() else path
    whole = victim.read_bytes()
    raw = bytearray(whole)
    at = choice.draw(st.integers(0, len(raw) - 1))
    if choice.draw(st.booleans()):
        del raw[at:]
    else:
        raw[at : at + 4] = choice.draw(st.binary(min_size=1, max_size=4))
    victim.write_bytes(bytes(raw))
    try:
        read = read_plan(path)
    except InputProblems as found:
        assert found.problems
    else:
        assert list(read.loads.columns) == list(LOAD_COLUMNS)
    finally:
        victim.write_bytes(whole)
