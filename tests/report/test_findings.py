"""The numbers of the report are those of the plan's measures and of the nights' summary, and the words fit them."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest

from dispatch.clock import HOUR_MS
from dispatch.documents.messages import has
from dispatch.planning.measure import measure
from dispatch.planning.plan import UNMET_COLUMNS
from dispatch.report.figure_time import share_served
from dispatch.report.findings import duration, find, share
from dispatch.report.names import site_name, source_text
from dispatch.report.page_answer import sentences
from dispatch.report.summary import files_summary, plan_summary, run_summary
from dispatch.scenario_file import load_scenario
from dispatch.simulation.ensemble import simulate
from tests import tiny
from tests.report.worlds import MINUTE, one_truck


def without_c(cause="stock", **other):
    """The plan leaves C out and says why; B comes 4 minutes after a deadline of 76 minutes."""
    scenario, plan = one_truck(deadline_ms=76 * MINUTE, **other)
    unmet = {"need": "NC", "place": "C", "site": "C", "part": "first_batch", "item": "quilt", "quantity": 100,
             "cause": cause, "detail": "C"}  # fmt: skip
    late = {**unmet, "need": "NB", "place": "B", "site": "B", "cause": "late"}
    return scenario, dataclasses.replace(
        plan,
        stops=plan.stops[plan.stops["site"] != "C"],
        loads=plan.loads[plan.loads["need"] != "NC"],
        unmet=tiny.frame(UNMET_COLUMNS, [unmet, late]),
    )


def test_places_are_served_late_or_missed_as_measured():
    scenario, plan = without_c()
    places = find(scenario, plan, None, "en").places.set_index("place")
    assert places["verdict"].to_dict() == {"A": "served", "B": "late", "C": "missed"}
    assert places["planned_ms"].to_dict() == {"A": 64 * MINUTE, "B": 80 * MINUTE, "C": -1}
    assert places.at["C", "reason"] == "stock: C"
    assert places.at["A", "reason"] == ""


def test_the_missed_are_listed_from_never_to_late():
    scenario, plan = without_c()
    assert find(scenario, plan, None, "zh").missed["place"].tolist() == ["C", "B"]


@pytest.mark.parametrize("cause", ["road", "stock", "vehicle", "dock", "time", "late"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_cause_of_the_plan_has_words(cause, lang):
    scenario, plan = without_c(cause)
    reason = find(scenario, plan, None, lang).places.set_index("place").at["C", "reason"]
    assert re.fullmatch(r".+[:：] ?C", reason)


def test_numbers_are_those_of_measure_and_of_the_summary(ran):
    findings = find(ran.scenario, ran.plan, ran.ensemble, "en")
    measures, summary = measure(ran.plan, ran.scenario), ran.ensemble.summary
    assert findings.measures.levels() == measures.levels()
    np.testing.assert_array_equal(findings.places["planned_ms"], measures.places["first_batch_complete_ms"])
    assert findings.nights.reachable == summary.p_on_time
    assert findings.nights.everywhere == summary.p_on_time_places
    assert findings.nights.met == round(summary.p_on_time.value * 12)
    np.testing.assert_array_equal(findings.places["on_time"], summary.places["p_in_time"])
    np.testing.assert_array_equal(findings.places["median_ms"], summary.places["arrival_p50_ms"])


def test_the_curve_of_the_figure_is_the_measured_one(ran):
    findings = find(ran.scenario, ran.plan, ran.ensemble, "en")
    people = findings.places["people"].to_numpy()
    served = measure(ran.plan, ran.scenario).served
    at = served["time_ms"].to_numpy()
    of_plan = share_served(findings.places["planned_ms"].to_numpy(), people, at)
    np.testing.assert_allclose(of_plan, served["people_share"])
    grid = ran.ensemble.indicators.grid_ms
    of_nights = share_served(findings.nights.complete_ms, people, grid)
    np.testing.assert_allclose(of_nights, ran.ensemble.indicators.served["people_share"])


def test_nobody_to_serve_is_no_share():
    assert share_served(np.empty((3, 0), dtype=np.int64), np.empty(0), np.arange(4)).tolist() == [[0.0] * 4] * 3


@pytest.mark.parametrize(
    ("value", "words"),
    [(0, "0%"), (0.001, "<1%"), (0.005, "0%"), (0.5, "50%"), (0.9949, "99%"), (0.999, ">99%"), (1, "100%")],
)
def test_only_all_reads_100_and_only_none_reads_0_or_rounds_to_it(value, words):
    assert share(value) == words


def test_durations_never_read_better_than_they_are():
    assert duration("en", 6 * HOUR_MS + 1, 24 * HOUR_MS) == "6:01"
    assert duration("en", 24 * HOUR_MS, 24 * HOUR_MS) == "> 24:00"
    assert duration("zh", None, 24 * HOUR_MS) == "未到位"


def test_the_sentences_say_what_the_numbers_are(ran):
    findings = find(ran.scenario, ran.plan, ran.ensemble, "en")
    met = int(ran.ensemble.nights["on_time"].sum())
    said = sentences(ran.scenario, findings, "en")
    assert f"on {met} of 12 simulated nights" in said[0]
    assert "within 2.5 hours" in said[0]
    assert "has its first batch 1:36 after the order, within the 2.5 hours" in said[2]


def test_a_plan_that_misses_a_reachable_place_says_so():
    scenario, plan = without_c()
    assert "at this many reachable places: 1" in sentences(scenario, find(scenario, plan, None, "en"), "en")[0]
    scenario, plan = one_truck(deadline_ms=90 * MINUTE)
    assert (
        "only 1:36 after the order, beyond the 1.5 hours"
        in sentences(scenario, find(scenario, plan, None, "en"), "en")[0]
    )


def test_the_console_names_the_missed_and_the_files(ran, tmp_path):
    scenario, plan = without_c()
    lines = plan_summary(scenario, plan, "zh")
    assert any(line.strip().startswith("C村") and "库存" in line for line in lines)
    assert any("1:04" in line and "1/3" in line for line in lines)
    listed = files_summary(tmp_path, [tmp_path / "report.html", tmp_path / "other.bin"], "en")
    assert str(tmp_path) in listed[0]
    assert listed[1].split()[0] == "report.html"
    assert "browser" in listed[1]
    assert listed[2].strip() == "other.bin"
    assert run_summary(ran.scenario, ran.plan, ran.ensemble, "en")[0] in ran.pages["en"].read_text(encoding="utf-8")


def test_a_scenario_without_needs_has_an_answer_too():
    scenario, plan = one_truck(needs=[])
    empty = dataclasses.replace(plan, trips=plan.trips[:0], stops=plan.stops[:0], loads=plan.loads[:0])
    assert plan_summary(scenario, empty, "en") == ["No place needs a first batch."]


def test_sources_are_shown_in_the_readers_language():
    beijing = "Beijing depot 2014: vehicles and staff on site in 1 h, 5 container trucks loaded in 5 h"
    assumed = "assumption (general knowledge, no published source read)"
    said = source_text(f"{beijing}; shorter in duty hours: {assumed}", "zh")
    assert (
        said
        == "北京储备库2014年：车辆和人员1小时到位，5辆集装箱车5小时装完；工作时间较短：假定（一般知识，未查到公开来源）"
    )
    assert source_text(beijing, "en") == beijing
    assert source_text("人口：2022年 | People: 2022", "en") == "People: 2022"
    assert source_text("a drill of ours: 2025", "zh") == "a drill of ours: 2025"  # not known: not guessed


def test_every_source_on_the_embedded_countys_page_has_a_chinese_text():
    scenario = load_scenario("qinshui/flash_flood")
    shown = [*scenario.first_batch["source"], *(time.source for time in scenario.steps.values()),
             *(profile.source for profile in scenario.profiles.values()), *scenario.county.sources]  # fmt: skip
    assert [source for source in shown if re.search("[a-z]{4,}.* [a-z]{3,}", source_text(source, "zh"))] == []


def test_every_first_batch_of_the_embedded_county_is_named_and_sourced_in_chinese():
    table = load_scenario("qinshui/flash_flood").county.table("first_batch")
    assert [preset for preset in set(table["preset"]) if not has(f"report_preset_{preset}")] == []
    assert [said for said in table["source"] if re.search("[a-z]{4,}.* [a-z]{3,}", source_text(said, "zh"))] == []


def test_sites_without_an_english_name_are_called_by_place_and_kind():
    scenario = load_scenario("qinshui/flash_flood")
    for site in scenario.sites.index:
        if scenario.sites.at[site, "kind"] in {"depot", "shelter"}:
            assert not re.search("[\u4e00-\u9fff]", site_name(scenario, site, "en")), site
    depots = scenario.county.table("depots")["depot"]
    assert len({site_name(scenario, depot, "en") for depot in depots}) == len(depots)
    assert site_name(scenario, depots.iloc[0], "zh") == scenario.county.table("depots")["name"].iloc[0]


@pytest.mark.parametrize(("reliability", "short"), [(0.0, 3), (1.0, 0)])
def test_nights_lost_for_an_agreement_not_kept_are_said(reliability, short):
    """All quilts are an agreement's: never kept, every night is lost for want of goods, and the answer says why."""
    stock = [{"depot": "D", "item": "quilt", "lot": "L1", "quantity": 500, "mode": "agreement", "lead_time_min": 5.0,
              "reliability": reliability, "expiry": "2030-01-01"}]  # fmt: skip
    scenario, plan = one_truck(tables={"stock": stock})
    findings = find(scenario, plan, simulate(scenario, plan, replications=3), "zh")
    assert findings.nights is not None
    assert (findings.nights.short, findings.nights.met) == (short, 3 - short)
    assert any("协议" in line for line in sentences(scenario, findings, "zh")) == (short > 0)
