"""What is typed or handed in and cannot be: one report with file, row, key, value and what was expected."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from dispatch.cli.check import check
from dispatch.cli.county import county
from dispatch.cli.county_map import county_map
from dispatch.cli.explain import explain
from dispatch.cli.export import export
from dispatch.cli.passage import passage
from dispatch.county.in_language import in_language
from dispatch.county.problem_text import problem_text
from dispatch.documents.workbook import write_workbook
from dispatch.planning.plan_file import write_plan
from dispatch.planning.relief import plan_nearest_first
from dispatch.problems import InputProblems, Problem
from dispatch.scenario_file import load_scenario
from tests import qinshui, tiny

SCENARIO = "qinshui/flash_flood"


def _problems(tmp_path: Path, old: str, new: str) -> tuple[Problem, ...]:
    """What is wrong with the bundled flood after one change of its file."""
    text = (qinshui.PACK / "flash_flood.toml").read_text(encoding="utf-8")
    assert old in text
    for path in qinshui.PACK.iterdir():
        if path.suffix in (".csv", ".geojson", ".osm") or path.name == "county.toml":
            (tmp_path / path.name).symlink_to(path)
    (tmp_path / "s.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputProblems) as found:
        load_scenario(tmp_path / "s.toml")
    return found.value.problems


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("horizon_h = 24", "horizon_h = inf", "horizon_h"),
        ("horizon_h = 24", "horizon_h = 1e15", "horizon_h"),
        ("2026-07-20T22:00:00+08:00", "9999-12-31T22:00:00+08:00", "reference_time"),
        ('"+2:30"', '"+99999999999:30"', "order_received"),
        ("seed = 20260720", "seed = -1", "seed"),
        ("seed = 20260720", "seed = 99999999999999999999999", "seed"),
        ('weather_to = "+5:00"', 'weather_to = "-5:00"', "pace.weather_to"),
    ],
)
def test_figures_beyond_all_sense_are_named(tmp_path: Path, old: str, new: str, key: str) -> None:
    """An infinite horizon, a date no calendar adds to, a seed no generator takes, weather ending before it begins."""
    (problem,) = _problems(tmp_path, old, new)
    assert (problem.file, problem.column) == ("s.toml", key)
    assert problem.row is not None
    for lang in ("zh", "en"):
        assert key in problem_text(problem, lang)


def _changed(tmp_path: Path, table: str, column: str, value: str) -> Path:
    """A scenario beside a pack with one cell changed in its first row."""
    for path in qinshui.PACK.iterdir():
        if path.suffix in (".csv", ".geojson", ".osm") or path.name in ("county.toml", "flash_flood.toml"):
            (tmp_path / path.name).symlink_to(path)
    rows = list(csv.reader((qinshui.PACK / table).read_text(encoding="utf-8").splitlines()))
    rows[1][rows[0].index(column)] = value
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(rows)
    (tmp_path / table).unlink()
    (tmp_path / table).write_text(written.getvalue(), encoding="utf-8")
    return tmp_path / "flash_flood.toml"


@pytest.mark.parametrize(
    ("table", "column", "value", "code"),
    [
        ("stock.csv", "quantity", "9" * 23, "county_at_most"),
        ("demand_flood.csv", "affected", "1e30", "county_at_most"),
        ("closed_roads.csv", "near", "12.4, 35.7", "hazards_point_far"),
    ],
)
def test_cells_beyond_all_sense_are_named(tmp_path: Path, table: str, column: str, value: str, code: str) -> None:
    """10²³ tents and a slide in Libya are slips of the finger, and would end in an overflow or in silence."""
    with pytest.raises(InputProblems) as found:
        load_scenario(_changed(tmp_path, table, column, value))
    said = [(p.file, p.row, p.column, p.value, p.code) for p in found.value.problems if p.code == code]
    assert (table, 2, column, value, code) in said


def test_a_bundled_county_is_found_by_its_name_and_bad_packs_are_said_in_json(tmp_path: Path) -> None:
    """Site, stock, cover, map, validate and convert take the same words; a program reads the errors as rows."""
    named = CliRunner().invoke(county, ["validate", "qinshui", "--lang", "en"])
    assert named.exit_code == 0, named.stderr
    bad = CliRunner().invoke(county, ["validate", str(tmp_path / "nothing"), "--json", "--lang", "zh"])
    assert bad.exit_code == 2
    (row,) = json.loads(bad.stdout)
    assert (row["severity"], row["code"]) == ("error", "county_no_pack")
    assert "找不到" in row["text"]


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plan") / "plan.json"
    write_plan(plan_nearest_first(qinshui.scenario("flash_flood")), path)
    return path


def test_what_cannot_be_carried_out_is_not_handed_out(plan: Path, tmp_path: Path) -> None:
    """A truck that leaves in a hundred thousand years has no calendar, no track, no explanation."""
    read = json.loads(plan.read_text(encoding="utf-8"))
    read["trips"][0]["depart_ms"] = 2**52
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps(read), encoding="utf-8")
    out = tmp_path / "out"
    for command, words in (
        (export, ["--out", str(out), "--kind", "ics"]), (explain, []), (passage, []),
        (county_map, None),
    ):  # fmt: skip
        typed = [str(broken), SCENARIO, *(words or [])]
        if words is None:
            typed = [SCENARIO, "--plan", str(broken), "--out", str(tmp_path / "m.html")]
        done = CliRunner().invoke(command, [*typed, "--lang", "en"])
        assert done.exit_code == 1, (command.name, done.output)
        assert "dispatch check" in done.stderr
    assert not out.exists()
    assert not (tmp_path / "m.html").exists()


def test_another_spreadsheet_is_named_as_such(tmp_path: Path) -> None:
    for ending in (".xls", ".et", ".ods"):
        path = tmp_path / f"plan{ending}"
        path.write_bytes(b"\xd0\xcf\x11\xe0")
        done = CliRunner().invoke(check, [str(path), SCENARIO, "--lang", "en"])
        assert done.exit_code == 2
        assert ".xlsx" in done.stderr


def test_a_county_in_english_is_the_same_county() -> None:
    """Only the names of places and items that have an English one change; Chinese stays untouched."""
    own = tiny.county(
        places=[{"place": "A", "name": "甲村", "name_en": "Jia", "kind": "village"},
                {"place": "B", "name": "乙村", "kind": "village"}],
        items=[{"item": "quilt", "name": "棉被", "name_en": "quilt", "unit": "床"}],
    )  # fmt: skip
    english = in_language(own, "en")
    assert english.table("places")["name"].tolist() == ["Jia", "乙村"]
    assert english.table("items")["name"].tolist() == ["quilt"]
    assert english.table("places").drop(columns="name").equals(own.table("places").drop(columns="name"))
    assert in_language(own, "zh") is own


def test_a_workbook_that_cannot_be_written_is_the_systems_report(plan: Path, tmp_path: Path) -> None:
    """A file held open by Excel, a folder that is not there: one line and exit code 2, nothing left behind."""
    nowhere = tmp_path / "a file"
    nowhere.write_text("")
    for command, words in (
        (county, ["new", "x", "--out", str(nowhere / "a.xlsx")]),
        (county, ["convert", "qinshui", str(nowhere / "b.xlsx")]),
        (check, [str(plan), SCENARIO, "--rewrite", str(nowhere / "c.xlsx")]),
    ):
        done = CliRunner().invoke(command, [*words, "--lang", "en"])
        assert done.exit_code == 2, (words, done.exception)
        assert "a file" in done.stderr
    made = CliRunner().invoke(county, ["convert", "qinshui", str(tmp_path / "new" / "b.xlsx")])
    assert made.exit_code == 0, made.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a file", "new"]


def test_an_unwritable_workbook_raises_the_systems_error(tmp_path: Path) -> None:
    """xlsxwriter wraps it in an exception of its own, which no command knows."""
    with pytest.raises(OSError, match="nothing"):
        write_workbook(tmp_path / "nothing" / "x.xlsx", [], title="x", created=datetime(2026, 1, 1))
