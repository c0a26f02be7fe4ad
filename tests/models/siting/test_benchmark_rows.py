"""The benchmark's JSON: one object per row, our value beside the published one, recomputed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import siting as benchmark
from benchmarks.harness import main
from tests.shared import shared_path


def test_rows_written_as_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader of the file needs no table: case, measure, value, reference and whether it was confirmed."""
    target = tmp_path / "rows.json"
    bench = str(shared_path("bench"))
    monkeypatch.setattr("sys.argv", ["siting", "--quick", "--bench", bench, "--json", str(target)])
    main("siting", benchmark.spopt_sample)
    rows = json.loads(target.read_text(encoding="utf-8"))
    values = {row["case"]: row for row in rows if row["measure"] == "objective"}
    assert set(values) == {"SF LSCP", "SF MCLP p=4", "SF p-median p=4"}
    assert values["SF LSCP"]["ours"] == values["SF LSCP"]["reference"] == 8
    assert all(row["agrees"] and row["gap"] < 1e-6 for row in values.values())
    assert all(row["ours"] > 0 and row["unit"] == "s" for row in rows if row["measure"] == "time")
