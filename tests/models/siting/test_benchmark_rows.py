"""The benchmark's JSON: one object per row, our value beside the published one, recomputed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import _siting_published, siting
from benchmarks._siting_page import TITLES, Family
from benchmarks.harness import Options, Row, main
from tests.shared import shared_path


def test_rows_written_as_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader of the file needs no table: case, measure, value, reference and whether it was confirmed."""
    target = tmp_path / "rows.json"
    bench = str(shared_path("bench"))
    monkeypatch.setattr("sys.argv", ["siting", "--quick", "--bench", bench, "--json", str(target)])
    main("siting", _siting_published.spopt_sample)
    rows = json.loads(target.read_text(encoding="utf-8"))
    values = {row["case"]: row for row in rows if row["measure"] == "objective"}
    assert set(values) == {"SF LSCP", "SF MCLP p=4", "SF p-median p=4"}
    assert values["SF LSCP"]["ours"] == values["SF LSCP"]["reference"] == 8
    assert all(row["agrees"] and row["gap"] < 1e-6 for row in values.values())
    assert all(row["ours"] > 0 and row["unit"] == "s" for row in rows if row["measure"] == "time")


def test_a_stopped_run_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is stored is not run again unless it is named; the page has all of it."""
    ran: list[str] = []

    def family(name: str):  # type: ignore[no-untyped-def]
        def call(_: Options):  # type: ignore[no-untyped-def]
            ran.append(name)
            yield Row(name, "objective", "", 5.0, reference=4.0, gap=0.25, note="feasible")
            yield Row(name, "time", "s", 1.5)

        return call

    monkeypatch.setattr(
        siting, "FAMILIES", {name: family(name) for name in ("medians", "centers", "beside_spopt_pairs")}
    )
    options, keep = Options(True, tmp_path, None), tmp_path / "kept"
    list(siting.rows(options, ["centers"], keep, []))
    done: list[Family] = []
    list(siting.rows(options, [], keep, done))
    assert ran == ["centers", "medians"]
    assert [each.name for each in done] == ["medians", "centers"]
    list(siting.rows(options, ["centers"], keep, []))
    assert ran == ["centers", "medians", "centers"]
    siting.write_page(tmp_path / "page.md", done)
    page = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert page.count(TITLES["centers"]) == 2
    assert "centers 25.00%" in page


def test_every_family_has_a_title() -> None:
    assert set(siting.FAMILIES) == set(TITLES)


def test_a_family_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After its time nothing more is begun, and the rows say so."""

    def endless(_: Options):  # type: ignore[no-untyped-def]
        while True:
            yield Row("one", "objective", "", 1.0)
            yield Row("one", "time", "s", 1.0)

    monkeypatch.setattr(siting, "_compile", lambda: None)
    monkeypatch.setattr(siting, "FAMILIES", {"medians": endless})
    monkeypatch.setattr(siting, "_MOST_S", 0.0)
    rows = list(siting.rows(Options(True, tmp_path, None), [], None, []))
    assert [row.measure for row in rows] == ["objective", "time", "stopped"]
