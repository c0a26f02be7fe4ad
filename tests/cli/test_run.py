"""The main job as a newcomer types it: run, check, edit, check again, simulate; on the embedded county."""

from __future__ import annotations

import filecmp
import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook

from dispatch.cli.filled import LIST
from dispatch.county.read import read_county
from dispatch.scenario_file import find_scenario

pytestmark = pytest.mark.slow

SCENARIO = "qinshui/flash_flood"


def dispatch(*words: object, lang: str = "en") -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, as a user does."""
    command = [sys.executable, "-m", "dispatch", *map(str, words), "--lang", lang]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=600, check=False)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run") / "results"
    done = dispatch("run", SCENARIO, "--out", out, "--nights", 12, "--seconds", 1)
    assert done.returncode == 0, done.stderr
    assert str(out) in done.stdout
    return out


def test_everything_promised_is_there(results):
    names = {path.name for path in results.iterdir()}
    assert {"report.html", "plan.json", "plan.xlsx", "event_log.parquet", "event_log.csv", "indicators.json"} <= names
    figures = {path.name for path in (results / "figures").iterdir()}
    assert len([name for name in figures if name.endswith(".svg")]) >= 4


def test_the_written_plan_passes_the_check_in_both_forms(results):
    for name in ("plan.json", "plan.xlsx"):
        done = dispatch("check", results / name, SCENARIO)
        assert done.returncode == 0, done.stdout + done.stderr


def test_one_quantity_above_the_stock_is_named(results, tmp_path):
    book = load_workbook(results / "plan.xlsx")
    sheet = book["Loads"]
    header = next(row for row in sheet.iter_rows() if any(cell.value == "quantity" for cell in row))
    columns = {cell.value: cell.column for cell in header}
    first = header[0].row + 1
    item = sheet.cell(first, columns["item name"]).value
    lot = sheet.cell(first, columns["lot"]).value
    sheet.cell(first, columns["quantity"]).value = 99_999
    book.save(tmp_path / "edited.xlsx")
    done = dispatch("check", tmp_path / "edited.xlsx", SCENARIO)
    assert done.returncode == 1
    assert any(lot in line and item in line for line in done.stdout.splitlines()), done.stdout
    in_chinese = dispatch("check", tmp_path / "edited.xlsx", SCENARIO, lang="zh")
    assert in_chinese.returncode == 1
    assert lot in in_chinese.stdout
    assert "库存只有" in in_chinese.stdout
    refused = dispatch("simulate", tmp_path / "edited.xlsx", SCENARIO, "--out", tmp_path / "nights")
    assert refused.returncode == 1
    assert not (tmp_path / "nights").exists()


def test_same_seed_same_bytes_with_one_and_two_workers(results, tmp_path):
    """The run's nights, played by one worker, and the same nights played again from its plan by two."""
    two = tmp_path / "workers2"
    done = dispatch("simulate", results / "plan.json", SCENARIO, "--out", two, "--nights", 12, "--workers", 2)
    assert done.returncode == 0, done.stderr
    names = sorted(path.name for path in two.iterdir() if path.name != LIST)
    assert {"event_log.parquet", "indicators.json", "nights.csv", "places.csv", "ranges.csv", "vehicles.csv"} <= {
        *names
    }
    assert filecmp.cmpfiles(results, two, names, shallow=False) == (names, [], [])


def test_what_a_plan_was_made_without_stands_in_it(tmp_path):
    path = tmp_path / "without.json"
    done = dispatch("plan", SCENARIO, "--out", path, "--seconds", 0.5, "--without", "V-001")
    assert done.returncode == 0, done.stderr
    wished = json.loads(path.read_text(encoding="utf-8"))["meta"]["what_if"]
    assert wished == {"add": [], "close": [], "open": [], "without": ["V-001"]}


def test_same_work_same_plan(results, tmp_path):
    done = dispatch("plan", SCENARIO, "--out", tmp_path / "plan.json", "--seconds", 1)
    assert done.returncode == 0, done.stderr
    assert filecmp.cmp(tmp_path / "plan.json", results / "plan.json", shallow=False)


def test_figures_agree_between_indicators_and_log(results):
    shown = json.loads((results / "indicators.json").read_text(encoding="utf-8"))
    log = pd.read_parquet(results / "event_log.parquet")
    assert log["replication"].nunique() == 12
    assert "12" in json.dumps(shown)


def test_results_are_never_written_over_unasked(results):
    before = (results / "plan.xlsx").read_bytes()
    done = dispatch("run", SCENARIO, "--out", results, "--nights", 1, "--seconds", 1)
    assert done.returncode == 2
    assert "--overwrite" in done.stderr
    assert (results / "plan.xlsx").read_bytes() == before


@pytest.mark.parametrize(
    "words",
    [
        ("run", "no/such", "--out", "x"),
        ("check", "nothing.xlsx", SCENARIO),
        ("check", __file__, SCENARIO),
        ("county", "validate", "nowhere"),
        ("county", "validate", __file__),
        ("county", "from-osm", __file__, "x", "--name", "x"),
        ("roads", "show", __file__),
        ("plan", "no/such", "--out", "x.json"),
    ],
    ids=lambda words: " ".join(Path(word).name for word in words),
)
def test_bad_input_is_one_report_and_exit_code_2(words, tmp_path):
    done = dispatch(*[tmp_path / word if word in {"x", "x.json"} else word for word in words])
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()
    assert not list(tmp_path.iterdir())


def test_template_reads_back_and_conversion_keeps_everything(tmp_path):
    assert dispatch("county", "new", "mine", "--out", tmp_path / "mine.xlsx").returncode == 0
    assert dispatch("county", "new", "mine", "--out", tmp_path / "mine", "--form", "csv", lang="zh").returncode == 0
    assert dispatch("county", "validate", tmp_path / "mine.xlsx").returncode == 2  # required tables are empty
    again = dispatch("county", "new", "mine", "--out", tmp_path / "mine.xlsx")
    assert again.returncode == 2
    pack = find_scenario(SCENARIO).parent
    assert dispatch("county", "convert", pack, tmp_path / "q.xlsx").returncode == 0
    assert dispatch("county", "convert", tmp_path / "q.xlsx", tmp_path / "q").returncode == 0
    before, after = read_county(pack)[0], read_county(tmp_path / "q")[0]
    for name, table in before.tables.items():
        pd.testing.assert_frame_equal(table, after.tables[name])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_help_and_list(lang):
    helped = dispatch("run", "--help", lang=lang)
    assert helped.returncode == 0
    assert ("示例" if lang == "zh" else "Example") in helped.stdout
    listed = dispatch("list", lang=lang)
    assert "qinshui/flash_flood" in listed.stdout
    assert ("山洪" if lang == "zh" else "flash flood") in listed.stdout
