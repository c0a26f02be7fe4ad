"""``compare``, ``sensitivity`` and the options of nights, as a user types them."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from click.testing import CliRunner

from dispatch.cli.run import run
from dispatch.cli.studies import compare, sensitivity

SCENARIO = "qinshui/flash_flood"


def call(command, *words):
    return CliRunner().invoke(command, [*map(str, words), "--lang", "en"])


@pytest.mark.slow
def test_compare_prints_and_writes_cases_and_differences(tmp_path):
    out = tmp_path / "comparison"
    done = call(compare, SCENARIO, "--plan", "relief", "--plan", "nearest_first", "--nights", 4, "--seconds", 0.5,
                "--out", out)  # fmt: skip
    assert done.exit_code == 0, done.output
    cases = pd.read_csv(out / "cases.csv")
    assert cases["plan"].tolist() == ["relief", "nearest_first"]
    assert cases["nights"].tolist() == [4, 4]
    differences = json.loads((out / "comparison.json").read_text(encoding="utf-8"))["differences"]
    gap = next(row for row in differences if row["measure"] == "t_all_min")
    assert gap["difference"] == pytest.approx(cases["t_all_mean_min"][1] - cases["t_all_mean_min"][0])
    assert "nearest first" in done.output


def test_a_design_file_and_levels_exclude_each_other(tmp_path):
    file = tmp_path / "design.toml"
    file.write_text('scenarios = ["a"]\n')
    done = call(compare, file, "--plan", "relief", "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert not (tmp_path / "out").exists()


def test_unknown_policies_and_sizes_are_refused(tmp_path):
    assert call(compare, SCENARIO, "--policy", "pray", "--out", tmp_path / "out").exit_code == 2
    wrong = call(sensitivity, SCENARIO, "--method", "sobol", "--size", 6, "--out", tmp_path / "out")
    assert wrong.exit_code == 2
    assert not (tmp_path / "out").exists()


def test_measurements_that_cannot_be_read_stop_the_run(tmp_path):
    file = tmp_path / "drill.csv"
    file.write_text("step,minutes\nflying,3\n")
    done = call(run, SCENARIO, "--out", tmp_path / "out", "--measured", file)
    assert done.exit_code == 2
    assert "flying" in done.output
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_run_says_verdict_and_ranges_and_can_be_taken_up_again(tmp_path):
    words = (SCENARIO, "--nights", 10, "--explain", 0, "--seconds", 0.5, "--checkpoint", tmp_path / "nights")
    first = call(run, *words, "--range-nights", 2, "--out", tmp_path / "one")
    assert first.exit_code == 0, first.output
    assert "Verdict: none, too few nights" in first.output
    assert "mobilisation" in first.output
    assert {"ranges.csv", "distributions.xlsx"} <= {path.name for path in (tmp_path / "one").iterdir()}
    assert len(pd.read_csv(tmp_path / "one" / "ranges.csv")) == 9
    again = call(run, *words, "--range-nights", 0, "--out", tmp_path / "two")
    assert again.exit_code == 0, again.output
    for name in ("event_log.parquet", "indicators.json", "nights.csv"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    other = call(run, *words, "--seed", 99, "--out", tmp_path / "three")
    assert other.exit_code == 2
    assert "another run" in other.output
