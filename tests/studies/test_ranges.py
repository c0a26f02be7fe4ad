"""The range beside the interval, measured step times, the verdict."""

from __future__ import annotations

from dataclasses import replace

import openpyxl
import pandas as pd
import pytest

from dispatch.problems import InputProblems
from dispatch.scenario import StepTime
from dispatch.simulation.ensemble import simulate
from dispatch.studies import verdict as verdict_module
from dispatch.studies.distributions import distributions, write_distributions
from dispatch.studies.measured import read_measured
from dispatch.studies.ranges import RANGE_COLUMNS, ranges, spread
from dispatch.studies.variants import with_people, with_steps_at
from dispatch.studies.verdict import judge
from dispatch.studies.words import ranges_lines, verdict_line
from tests.simulation.test_ensemble import world


def tight():
    """A world whose deadline about half of the nights keep."""
    scenario, plan = world()
    typical = simulate(scenario, plan, replications=40, keep_log=0).nights["t_all_ms"].median()
    return replace(scenario, deadline_ms=int(typical)), plan


def test_ranges_are_the_same_nights_under_other_steps():
    """Each row equals an ensemble played by hand with the steps at that end."""
    scenario, plan = tight()
    table = ranges(scenario, plan, replications=20, seconds=0.2)
    assert list(table.columns) == list(RANGE_COLUMNS)
    assert table["case"].tolist()[0] == "as_planned"
    p = table.set_index("case")["p"]
    slow = simulate(with_steps_at(scenario, ["call_up", "vehicle_arrival", "loading"], "high"), plan, replications=20)
    assert p["both high"] == slow.summary.p_on_time.value
    assert p["as_planned"] == simulate(scenario, plan, replications=20).summary.p_on_time.value
    assert p["both high"] < p["as_planned"] < p["both low"]
    both = spread(table, "both")
    assert (both.low, both.high) == (p["both high"], p["both low"])
    assert table.set_index("case").loc["people high", "factor"] == 1.3
    assert table.loc[table["replanned"], "kind"].tolist() == ["people", "people"]
    said = "\n".join(ranges_lines(table, "en"))
    assert f"{100 * both.low:.1f} %" in said
    assert "held" in said


def test_nights_played_already_are_not_played_again():
    """Given 30 nights of the plan, the first 20 stand for the first case; other seeds and fewer nights do not."""
    scenario, plan = tight()
    own = ranges(scenario, plan, replications=20, seconds=0.2)
    played = simulate(scenario, plan, replications=30)
    for given in (played, simulate(scenario, plan, replications=30, seed=99), simulate(scenario, plan, replications=5)):
        pd.testing.assert_frame_equal(ranges(scenario, plan, replications=20, seconds=0.2, as_planned=given), own)
    # what stands for the first case is really taken from what was played
    none = replace(played.indicators, nights=played.indicators.nights.assign(t_all_ms=10**9, on_time=False))
    other = ranges(scenario, plan, replications=20, seconds=0.2, as_planned=replace(played, indicators=none))
    assert not other.loc[0].equals(own.loc[0])


def test_more_people_need_more_whole_units():
    scenario, _ = world()
    more = with_people(scenario, 1.3).needs
    assert (more["quantity"] == [130, 130, 130]).all()
    odd = with_people(scenario, 1.005).needs  # 100.5 is rounded up
    assert (odd["quantity"] == 101).all()
    assert more["people"].to_numpy() == pytest.approx(scenario.needs["people"].to_numpy() * 1.3)


def test_verdict_needs_enough_nights(monkeypatch):
    scenario, plan = world()
    nights = simulate(scenario, plan, replications=30, keep_log=0)
    assert nights.summary.p_on_time.value == 1.0
    assert judge(nights).verdict == "too_few_nights"
    monkeypatch.setattr(verdict_module, "rule_values", lambda: {"pass_share": 0.95, "pass_nights": 20})
    passed = judge(nights)
    assert (passed.verdict, passed.surely) == ("pass", False)  # 30 of 30: the interval reaches down to 0.886
    assert passed.low == pytest.approx(0.8865, abs=5e-4)
    assert "88.6 %" in verdict_line(passed, "en")
    hard = replace(scenario, deadline_ms=1000)
    failed = judge(simulate(hard, plan, replications=30, keep_log=0))
    assert (failed.verdict, failed.surely) == ("fail", True)


def test_measured_samples_and_ranges_replace_the_defaults(tmp_path):
    """Samples 20, 30, 40, 50: mean 35, so that the mode is 3 × 35 - 20 - 50 = 35."""
    samples = tmp_path / "drill.csv"
    samples.write_text(
        "步骤,分钟\n装车（基准车）,20\nloading,30\nloading,40\nloading,50\nconvoy,12\n", encoding="utf-8-sig"
    )
    found = read_measured(samples)
    assert found["loading"] == StepTime(20, 35, 50, "measured: drill.csv, n = 4")
    assert (found["convoy"].low_min, found["convoy"].high_min) == (12, 12)
    book = tmp_path / "drill.xlsx"
    pd.DataFrame({"step": ["unloading"], "low": [10], "mode": [15], "high": [30]}).to_excel(book, index=False)
    assert read_measured(book) == {"unloading": StepTime(10, 15, 30, "measured: drill.xlsx")}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a,b\n1,2\n", "studies_measured_columns"),
        ("step,minutes\nflying,3\n", "studies_measured_step"),
        ("step,minutes\nloading,-3\n", "studies_measured_minutes"),
        ("step,minutes\nloading,soon\n", "studies_measured_minutes"),
        ("step,low,mode,high\nloading,30,20,10\n", "studies_measured_minutes"),
        ("step,minutes,low,mode,high\nloading,30,,,\nloading,,1,2,3\n", "studies_measured_twice"),
        ("step,minutes\n", "studies_measured_empty"),
    ],
)
def test_bad_measurements_are_named(tmp_path, text, code):
    file = tmp_path / "drill.csv"
    file.write_text(text)
    with pytest.raises(InputProblems) as caught:
        read_measured(file)
    assert [problem.code for problem in caught.value.problems] == [code]


def test_distributions_in_use_are_written_with_their_sources(tmp_path):
    scenario, _ = world()
    scenario = replace(scenario, steps={**scenario.steps, "convoy": StepTime(5, 10, 18, "a drill")})
    table = distributions(scenario)
    convoy = table[table["name"] == "convoy"].iloc[0]
    assert (convoy["low"], convoy["mean"], convoy["source"]) == (5, 11, "a drill")
    assert table.loc[table["name"] == "vehicle_arrival", "shape"].tolist() == ["fixed"]
    assert table.loc[table["kind"] == "hazard", "mode"].tolist() == [0.6, 0, 1]
    write_distributions(scenario, tmp_path / "d.xlsx", "zh")
    cells = [cell.value for row in openpyxl.load_workbook(tmp_path / "d.xlsx").active for cell in row]
    assert "a drill" in cells
    assert "编队和手续" in cells
