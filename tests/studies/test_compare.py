"""Comparisons and sensitivity on small worlds: common nights, right differences, known effects."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dispatch.documents.messages import has
from dispatch.planning.fingerprint import made_for
from dispatch.planning.plan_file import write_plan
from dispatch.problems import InputProblems
from dispatch.simulation.ensemble import simulate
from dispatch.studies import compare as compare_module
from dispatch.studies import sensitivity as study
from dispatch.studies.compare import CASE_COLUMNS, compare
from dispatch.studies.design import Case, design_of, is_design, read_design
from dispatch.studies.files import said_value, save_tables
from tests import tiny
from tests.simulation.plans import plan_of
from tests.simulation.test_ensemble import TRIPS, world

DESIGN = """
nights = 30
seed = 5
scenarios = ["town.toml"]
layouts = ["", "two_docks"]
plans = ["relief"]

[settings.rain]
"pace.weather" = "heavy_rain"
"""


@pytest.fixture
def small(monkeypatch):
    """Scenarios from memory: the layout "two docks" has a second dock, the setting "slow" halves the speed."""
    asked = []

    def load(name, overrides):
        asked.append((str(name), dict(overrides)))
        docks = 2 if "county" in overrides else 1
        scenario = tiny.one_depot(trucks=2, docks=docks)
        return replace(scenario, pace_permille=(500,)) if "pace.weather" in overrides else scenario

    monkeypatch.setattr(compare_module, "load_scenario", load)
    monkeypatch.setattr(compare_module, "plan_whole", lambda _scenario, **_: plan_of(tiny.one_depot(trucks=2), TRIPS))
    return asked


def test_a_design_file_names_every_combination(tmp_path):
    file = tmp_path / "design.toml"
    file.write_text(DESIGN)
    assert is_design(file)
    design = read_design(file)
    assert (design.nights, design.seed, design.seconds) == (30, 5, 5.0)
    assert design.cases == tuple(
        Case("town.toml", layout, "relief", "follow", setting)
        for setting in ("", "rain") for layout in ("", "two_docks")
    )  # fmt: skip
    assert len({case.name for case in design.cases}) == 4


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nights = 3", "studies_design_scenarios"),
        ('scenarios = ["a"]\nnights = "many"', "studies_design_value"),
        ('scenarios = ["a"]\nlayout = ["b"]', "studies_design_key"),
        ('scenarios = ["a"]\npolicies = ["pray"]', "studies_design_policy"),
        ('scenarios = ["a"]\nsettings = ["b"]', "studies_design_settings"),
        ("scenarios = [", "studies_design_unreadable"),
    ],
)
def test_bad_designs_are_named(tmp_path, text, code):
    file = tmp_path / "design.toml"
    file.write_text(text)
    with pytest.raises(InputProblems) as caught:
        read_design(file)
    assert [problem.code for problem in caught.value.problems] == [code]


def test_cases_are_played_on_common_nights(small):
    """The second dock's effect, recomputed from two ensembles with the same seed."""
    design = design_of(["town"], ["", "two docks"], nights=40, seed=3)
    found = compare(design)
    assert list(found.cases.columns) == list(CASE_COLUMNS)
    plan = plan_of(tiny.one_depot(trucks=2), TRIPS)
    one, two = (
        simulate(tiny.one_depot(trucks=2, docks=docks), plan, replications=40, seed=3).nights["t_all_ms"] / 60_000
        for docks in (1, 2)
    )
    gap = found.pairs.set_index("measure").loc["t_all_min"]
    assert gap["difference"] == pytest.approx((two - one).mean())
    assert gap["low"] < gap["difference"] < gap["high"] <= 0
    assert found.cases["t_all_mean_min"].tolist() == pytest.approx([one.mean(), two.mean()])
    assert small[1][1] == {"county": str(Path("two docks").resolve())}


def test_settings_override_the_scenarios_keys(small):
    design = design_of(["town"], settings=["", "rain"], set_keys={"rain": {"pace.weather": "heavy_rain"}}, nights=5)
    found = compare(design)
    assert small[1][1] == {"pace.weather": "heavy_rain"}
    dry, wet = found.cases["t_all_mean_min"]
    assert wet > dry


def test_tables_are_saved_in_every_form(small, tmp_path):
    found = compare(design_of(["town"], ["", "two docks"], nights=5))
    files = save_tables({"cases": found.cases, "differences": found.pairs}, tmp_path, "comparison", "zh")
    assert [file.name for file in files] == ["cases.csv", "differences.csv", "comparison.xlsx", "comparison.json"]
    assert pd.read_csv(tmp_path / "cases.csv")["p"].tolist() == found.cases["p"].tolist()
    plain = json.loads((tmp_path / "comparison.json").read_text(encoding="utf-8"))
    assert [row["case"] for row in plain["cases"]] == found.cases["case"].tolist()
    sheets = pd.read_excel(tmp_path / "comparison.xlsx", sheet_name=None)
    assert len(sheets) == 2


def linear(monkeypatch):
    """Answers that are known: P = 1 - 0.2 x - 0.1 y, T = 30 x y, over x in [0, 2] and y in [1, 2]."""

    def nothing(scenario, value):
        return scenario

    def at(self, values):
        x, y = values.get("x", 1.0), values.get("y", 1.0)
        return 1 - 0.2 * x - 0.1 * y, 30 * x * y

    monkeypatch.setattr(study._Answers, "at", at)
    return [study.Factor("x", 0.0, 2.0, nothing), study.Factor("y", 1.0, 2.0, nothing)]


def test_tornado_of_known_answers(monkeypatch):
    scenario, plan = world()
    table = study.tornado(scenario, plan, replications=1, of=linear(monkeypatch)).set_index("factor")
    assert table.index.tolist() == ["x", "y"]
    assert table.loc["x", ["p_at_low", "p_at_high", "p_swing"]].tolist() == pytest.approx([0.9, 0.5, 0.4])
    assert table.loc["y", ["t_all_min_base", "t_all_min_swing"]].tolist() == pytest.approx([30, 30])


def test_morris_of_known_answers(monkeypatch):
    """P is linear: every effect over the whole range is -0.4 and -0.1. T is a product, so that effects differ."""
    scenario, plan = world()
    table = study.morris(scenario, plan, replications=1, trajectories=20, of=linear(monkeypatch))
    found = table.set_index(["answer", "factor"])
    assert found.loc[("p", "x"), ["mu", "mu_star"]].tolist() == pytest.approx([-0.4, 0.4])
    assert found.loc[("p", "y"), ["mu", "mu_star"]].tolist() == pytest.approx([-0.1, 0.1])
    assert found.loc[("p", "x"), "sigma"] == pytest.approx(0, abs=1e-12)
    assert found.loc[("t_all_min", "x"), "sigma"] > 1


def test_sobol_of_known_answers(monkeypatch):
    """Linear P: variances (0.4)² / 12 and (0.1)² / 12, so that x has 16 / 17 of it."""
    scenario, plan = world()
    table = study.sobol(scenario, plan, replications=1, base_samples=256, of=linear(monkeypatch))
    found = table.set_index(["answer", "factor"])
    assert found.loc[("p", "x"), "st"] == pytest.approx(16 / 17, abs=0.03)
    assert found.loc[("p", "y"), "s1"] == pytest.approx(1 / 17, abs=0.03)
    with pytest.raises(ValueError, match="power of 2"):
        study.sobol(scenario, plan, replications=1, base_samples=6)


def test_factors_move_the_nights_the_way_they_should():
    """Slower steps, speeds and roads never bring the last place forward on common nights."""
    scenario, plan = world()
    of = [factor for factor in study.factors(scenario) if factor.name != "people"]
    assert {"step_loading", "speed", "pace", "closure_length"} <= {factor.name for factor in of}
    assert "step_vehicle_arrival" not in {factor.name for factor in of}  # it does not vary
    table = study.tornado(scenario, plan, replications=10, of=of).set_index("factor")
    for factor in table.index:
        slow, fast = ("low", "high") if factor in ("speed", "pace") else ("high", "low")
        assert table.at[factor, f"t_all_min_at_{slow}"] >= table.at[factor, f"t_all_min_at_{fast}"]
    assert np.isfinite(table.to_numpy(dtype=float)).all()


def test_every_assumption_and_answer_of_a_study_has_words_in_both_languages(monkeypatch):
    """The console once showed ``step_loading``, ``p_at_low`` and ``t_all_min`` to people who read Chinese."""
    linear(monkeypatch)
    found = study.tornado(*world(), replications=1)
    for lang in ("zh", "en"):
        for factor in found["factor"]:
            assert said_value(lang, "factor", factor) not in {factor, ""} or (lang, factor) in SAME
        assert [column for column in found.columns if not has(f"studies_column_{column}")] == []
    assert said_value("zh", "case", "flash_flood · relief · follow") == "flash_flood · 优化方案 · 按方案执行"
    assert said_value("zh", "measure", "p") == "按时概率"
    assert said_value("zh", "nights", 4) == 4


SAME = {("en", "speed")}


def test_nights_never_complete_stand_beside_the_mean(small, monkeypatch):
    """A plan that serves A alone never completes: share 1, and the mean is the end of the simulation, as said."""
    trips = TRIPS[:1]
    monkeypatch.setattr(compare_module, "plan_whole", lambda _scenario, **_: plan_of(tiny.one_depot(trucks=2), trips))
    found = compare(design_of(["town"], ["", "two docks"], nights=6))
    row = found.cases.iloc[0]
    assert row["never_share"] == 1.0
    assert row["t_all_mean_min"] == row["horizon_min"] == tiny.one_depot().horizon_ms / 60_000
    gap = found.pairs.set_index("measure").loc["never_share"]
    assert (gap["difference"], gap["p_value"]) == (0.0, 1.0)


def test_a_plan_of_a_scenario_since_changed_is_said_to_be_so(small, tmp_path):
    """100 quilts fewer than when the plan was made: a note, a column, words in the workbook, codes in the JSON."""
    before = tiny.one_depot(trucks=2, quilts=600)
    made = plan_of(before, TRIPS)
    write_plan(replace(made, meta={**made.meta, "scenario": before.name, **made_for(before)}), tmp_path / "p.json")
    design = replace(design_of(["town"], plans=("p.json", "relief"), nights=3), folder=tmp_path)
    found = compare(design)
    assert [note.code for note in found.notes] == ["plan_made_for_changed"]
    assert found.cases["plan_differs_in"].tolist() == ["stock", ""]
    save_tables({"cases": found.cases}, tmp_path, "comparison", "zh")
    assert json.loads((tmp_path / "comparison.json").read_text(encoding="utf-8"))["cases"][0]["plan_differs_in"] == (
        "stock"
    )
    assert "库存" in pd.read_excel(tmp_path / "comparison.xlsx", header=None).to_string()
