"""A good small pack to take apart: rows as a person would write them, and the county they mean."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from dispatch.county.county import County
from dispatch.county.read import read_county
from dispatch.county.schema import SCHEMA
from dispatch.problems import InputProblems, Problem

Rows = Sequence[Sequence[Any]]
TOML = """code = "140521"
name_zh = "沁水县"
name_en = "Qinshui"
zone = "Asia/Shanghai"
sources = ["hand-made for tests"]
"""
SETTINGS: Rows = (
    ("key", "value"),
    ("code", "140521"),
    ("name_zh", "沁水县"),
    ("name_en", "Qinshui"),
    ("zone", "Asia/Shanghai"),
    ("sources", "hand-made for tests"),
)


def good() -> dict[str, list[list[Any]]]:
    """Tables of a small pack: two townships with a village of the same name each, two depots, a first batch."""
    return {
        "places": [
            ["place", "name", "kind", "parent", "aliases", "lon", "lat", "population"],
            ["140521", "沁水县", "county", "", "", 112.18, 35.69, ""],
            ["140521102", "郑庄镇", "township", "140521", "", 112.39, 35.73, ""],
            ["140521106", "柿庄镇", "township", "140521", "", 112.60, 35.90, ""],
            ["140521102231", "苏庄村", "village", "140521102", "", 112.41, 35.71, 520],
            ["140521106201", "苏庄村", "village", "140521106", "苏庄乡", 112.61, 35.91, 310],
            ["140521106205", "峪里村", "village", "140521106", "", 112.62, 35.92, 150],
        ],
        "depots": [
            ["depot", "name", "tier", "place", "lon", "lat", "docks", "readiness"],
            ["D1", "县储备库", "county", "140521", 112.19, 35.70, 2, "standby"],
            ["D2", "郑庄储备点", "township", "140521102", "", "", 1, "standby"],
        ],
        "items": [
            ["item", "name", "unit", "weight_kg", "volume_m3", "category"],
            ["tent", "帐篷", "顶", 75, 0.4, "shelter"],
            ["quilt", "棉被", "床", 3, 0.02, "bedding"],
        ],
        "stock": [
            ["depot", "item", "lot", "quantity", "mode", "produced", "expiry", "lead_time_min", "supplier"],
            ["D1", "tent", "2023", 120, "physical", "2023-05-01", "2031-05-31", "", ""],
            ["D1", "quilt", "2022", 1000, "physical", "", "", "", ""],
            ["D2", "quilt", "2024", 60, "agreement", "", "", 120, "S1"],
        ],
        "suppliers": [["supplier", "name"], ["S1", "供销社"]],
        "vehicles": [
            ["vehicle", "base", "class", "payload_kg", "volume_m3", "mode"],
            ["V1", "D1", "truck_5t", 5000, 38, "own"],
            ["V2", "D2", "pickup", 800, 3, "agreement"],
        ],
        "first_batch": [
            ["preset", "item", "quantity_per_person", "people_share", "basis", "substitutes"],
            ["summer", "quilt", 1, 1, "sheltered", ""],
            ["summer", "tent", 0.25, 0.333, "sheltered", "quilt"],
        ],
        "demand": [
            ["report", "place", "affected", "relocated", "sheltered", "delivery_point", "report_time", "priority"],
            ["R1", "140521106205", 150, 100, 60, "H1", "2026-07-20T22:40:00+08:00", 1],
        ],
        "shelters": [["shelter", "name", "place", "capacity", "indoor"], ["H1", "柿庄小学", "140521106", 300, "yes"]],
        "contacts": [["contact", "name", "phone", "depot"], ["C1", "王某", "13800000000", "D1"]],
    }


def csv_text(rows: Rows) -> str:
    """Rows as CSV text."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def write_csv_pack(folder: Path, tables: Mapping[str, Rows] | None = None, toml: str = TOML) -> Path:
    """Folder of CSV files in UTF-8; file names are the tables' names."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "county.toml").write_text(toml, encoding="utf-8")
    for name, rows in (tables or good()).items():
        (folder / f"{name}.csv").write_text(csv_text(rows), encoding="utf-8")
    return folder


def write_xlsx_pack(path: Path, tables: Mapping[str, Rows] | None = None, settings: Rows = SETTINGS) -> Path:
    """Workbook written by another library than the one that reads it."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in {"county": settings, **(tables or good())}.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([None if cell == "" else cell for cell in row])
    book.save(path)
    return path


def set_cell(tables: dict[str, list[list[Any]]], name: str, row: int, column: str, value: Any) -> dict[str, Any]:
    """Put a value into the row that a spreadsheet numbers so."""
    tables[name][row - 1][tables[name][0].index(column)] = value
    return tables


def problems_of(path: Path) -> list[Problem]:
    """What a pack with errors is reported for."""
    with pytest.raises(InputProblems) as caught:
        read_county(path)
    return list(caught.value.problems)


def place_of(problem: Problem) -> tuple[str, int | None, str, str, str]:
    """What identifies a problem: file, row, column, value, kind."""
    return problem.file, problem.row, problem.column, problem.value, problem.code


def assert_same_county(left: County, right: County) -> None:
    """Every table and every attribute equal, to the last bit of every number."""
    for name in SCHEMA:
        pd.testing.assert_frame_equal(left.table(name), right.table(name), check_exact=True, obj=name)
    for attribute in ("code", "name_zh", "name_en", "zone", "sources", "boundary_wkt"):
        assert getattr(left, attribute) == getattr(right, attribute), attribute
