"""What a bureau adds to its papers: a mark, telephone numbers when asked, sheets made anew, one JSON for programs."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from dispatch.cli.check import check
from dispatch.cli.plan import plan
from dispatch.cli.run import run
from dispatch.planning.measure import measure
from dispatch.results import load_plan
from dispatch.scenario_file import load_scenario

pytestmark = pytest.mark.slow

SCENARIO = "qinshui/flash_flood"
MARK = "内部资料"
TILES = "https://tiles.example/{z}/{x}/{y}.png"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    """A short run with a mark and background tiles, in JSON."""
    out = tmp_path_factory.mktemp("papers") / "results"
    words = ["--nights", "3", "--seconds", "0.5", "--range-nights", "0", "--explain", "0", "--mark", MARK, "--json"]
    done = CliRunner().invoke(run, [SCENARIO, "--out", str(out), *words, "--tiles", TILES, "--lang", "en"])
    assert done.exit_code == 0, done.output
    return out, json.loads(done.stdout)


def test_json_is_all_that_a_program_reads(results):
    out, said = results
    assert said["scenario"] == "qinshui-flash-flood"
    assert said["nights"]["played"] == 3
    assert said["verdict"]["verdict"] == "too_few_nights"
    assert {row["place"] for row in said["missed"]} == {row["place"] for row in said["missed"] if row["reason"]}, (
        "every missed place has its reason"
    )
    assert said["plan"]["places_in_time"] + len(said["missed"]) == said["plan"]["places"]
    assert all(Path(file).exists() for file in said["files"])
    assert str(out / "report.html") in said["files"]


def test_the_mark_is_on_page_workbook_and_leaders_page(results):
    out, _ = results
    page = (out / "report.html").read_text(encoding="utf-8")
    assert page.index(MARK) < page.index('id="the-number"')
    book = load_workbook(out / "plan.xlsx")
    assert all(MARK in sheet.oddHeader.left.text for sheet in book)
    assert MARK in [cell.value for row in book.worksheets[0].iter_rows(max_row=5) for cell in row]
    with zipfile.ZipFile(out / "summary.docx") as word:
        assert MARK in word.read("word/document.xml").decode("utf-8")


def test_a_page_with_tiles_may_ask_that_server_only(results, tmp_path):
    out, _ = results
    bad = CliRunner().invoke(run, [SCENARIO, "--out", str(tmp_path / "bad"), "--tiles", "ftp://x/{z}"])
    assert bad.exit_code == 2
    assert not (tmp_path / "bad").exists()
    page = (out / "report.html").read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page).group(1)
    assert policy.endswith("img-src data: https://tiles.example")
    assert "connect-src" not in policy  # default-src 'none' holds for the rest


def edited(plan_file: Path, target: Path) -> tuple[str, int]:
    """One unit fewer of a load that has more than one: the other sheets no longer agree."""
    book = load_workbook(plan_file)
    sheet = book["Loads"]
    header = next(row for row in sheet.iter_rows() if any(cell.value == "quantity" for cell in row))
    column = {cell.value: cell.column for cell in header}["quantity"]
    for row in range(header[0].row + 1, sheet.max_row + 1):
        cell = sheet.cell(row, column)
        if isinstance(cell.value, int) and cell.value > 1:
            cell.value -= 1
            book.save(target)
            return str(cell.coordinate), cell.value
    raise AssertionError


def test_sheets_are_made_anew_after_a_legitimate_edit(results, tmp_path):
    out, _ = results
    book = tmp_path / "edited.xlsx"
    where, quantity = edited(out / "plan.xlsx", book)
    before = CliRunner().invoke(check, [str(book), SCENARIO, "--lang", "en"])
    assert before.exit_code == 1, "a delivery is short by a unit: totals on other sheets say more"
    done = CliRunner().invoke(check, [str(book), SCENARIO, "--rewrite", str(book), "--lang", "en"])
    assert done.exit_code == 0, done.output
    after = CliRunner().invoke(check, [str(book), SCENARIO, "--lang", "en"])
    assert after.exit_code == 0, after.output
    scenario = load_scenario(SCENARIO)
    read, disagreements, _ = load_plan(book, scenario)
    assert disagreements == []
    whole, _, _ = load_plan(out / "plan.json", scenario)
    assert int(whole.loads["quantity"].sum()) - int(read.loads["quantity"].sum()) == 1
    left_out = read.unmet.loc[read.unmet["detail"].str.contains("report_edited_left_out")]
    assert left_out["quantity"].tolist() == [1]
    assert measure(read, scenario).levels() == tuple(read.objective["value"])
    assert load_workbook(book)["Loads"][where].value == quantity


def test_a_plan_that_breaks_a_rule_is_not_written_anew(results, tmp_path):
    out, _ = results
    broken = json.loads((out / "plan.json").read_text(encoding="utf-8"))
    broken["loads"][0]["quantity"] = 99_999
    path, target = tmp_path / "broken.json", tmp_path / "again.xlsx"
    path.write_text(json.dumps(broken), encoding="utf-8")
    done = CliRunner().invoke(check, [str(path), SCENARIO, "--rewrite", str(target), "--lang", "en"])
    assert done.exit_code == 1
    assert not target.exists()
    target.write_bytes(b"somebody's")
    done = CliRunner().invoke(check, [str(out / "plan.json"), SCENARIO, "--rewrite", str(target), "--lang", "en"])
    assert done.exit_code == 2
    assert target.read_bytes() == b"somebody's"


def test_contacts_and_mark_need_a_workbook_and_fast_passage_drives_faster(tmp_path):
    refused = CliRunner().invoke(plan, [SCENARIO, "--out", str(tmp_path / "p.json"), "--contacts"])
    assert refused.exit_code == 2
    out = tmp_path / "fast.json"
    done = CliRunner().invoke(plan, [SCENARIO, "--out", str(out), "--seconds", "0.2", "--quiet", "--fast-passage"])
    assert done.exit_code == 0, done.output
    assert CliRunner().invoke(check, [str(out), SCENARIO, "--fast-passage"]).exit_code == 0
    slow = CliRunner().invoke(check, [str(out), SCENARIO, "--lang", "en"])
    assert slow.exit_code == 1 and "convoy" in slow.output, slow.output  # papers and convoy take longer without it


def test_a_trip_typed_into_the_workbook_gets_its_way_and_its_times(results, tmp_path):
    """Name, vehicle and depot; trip, stop and site; the goods. The command says what else it fills in."""
    out, _ = results
    made = json.loads((out / "plan.json").read_text(encoding="utf-8"))
    load = next(row for row in reversed(made["loads"]) if row["quantity"] > 1)
    trip = next(row for row in made["trips"] if row["trip"] == load["trip"])
    stop = next(row for row in made["stops"] if (row["trip"], row["stop"]) == (load["trip"], load["stop"]))
    book = load_workbook(out / "plan.xlsx")
    book["Trips"].append(["T99", trip["vehicle"], None, trip["depot"]])
    book["Stops"].append(["T99", 1, stop["site"]])
    given = [load["need"], load["item"], load["lot"]]
    book["Loads"].append(["T99", 1, *given, 1])
    for row in book["Loads"].iter_rows(min_row=4):
        if [cell.value for cell in row[:5]] == [load["trip"], load["stop"], *given]:
            row[5].value -= 1
    book.save(tmp_path / "mine.xlsx")
    told = CliRunner().invoke(check, [str(tmp_path / "mine.xlsx"), SCENARIO, "--lang", "en"])
    assert told.exit_code == 2
    assert "--rewrite" in told.stderr
    words = [str(tmp_path / "mine.xlsx"), SCENARIO, "--rewrite", str(tmp_path / "whole.xlsx"), "--lang", "en"]
    done = CliRunner().invoke(check, words)
    assert done.exit_code == 0, done.output
    assert "Filled in trip T99" in done.stdout
    read, disagreements, _ = load_plan(tmp_path / "whole.xlsx", load_scenario(SCENARIO))
    assert disagreements == []
    added = read.trips[read.trips["trip"] == "T99"].iloc[0]
    assert added["start_ms"] > 0 and added["sequence"] > trip["sequence"]
    assert read.stops.loc[read.stops["trip"] == "T99", "path"].isin(read.paths["path"]).all()
    emptied = load_workbook(tmp_path / "whole.xlsx")
    for row in emptied["Stops"].iter_rows(min_row=4):
        if row[0].value == "T99":
            row[3].value = None
    emptied.save(tmp_path / "emptied.xlsx")
    hinted = CliRunner().invoke(check, [str(tmp_path / "emptied.xlsx"), SCENARIO, "--lang", "en"])
    assert hinted.exit_code == 1
    assert "Trips without their way: T99" in hinted.stdout
