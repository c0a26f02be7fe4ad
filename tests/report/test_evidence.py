"""What stands beside the answer: verdict, what would change it, ranges, a comparison, the two clocks."""

from __future__ import annotations

import dataclasses
import json
import re

import numpy as np
import pandas as pd
import pytest

from dispatch.county.problem_text import problem_text
from dispatch.planning.explain import Explanation, explain
from dispatch.planning.fingerprint import fingerprint
from dispatch.planning.plan import Plan, empty_plan_table
from dispatch.planning.relief import plan_relief
from dispatch.problems import InputProblems
from dispatch.report.evidence import NOTHING, Cases, Evidence, gather, places_to_explain, read_cases
from dispatch.report.findings import find
from dispatch.report.page import write_report
from dispatch.report.page_answer import sentences
from dispatch.report.page_change import changes, range_line, range_table, verdict_sentence, ways_in_words
from dispatch.report.page_response import clocks, comparison, docks_shown, pairs_shown, response_shown
from dispatch.report.summary import run_json, run_summary
from dispatch.studies.compare import CASE_COLUMNS, PAIR_COLUMNS
from dispatch.studies.ranges import RANGE_COLUMNS
from dispatch.studies.verdict import Verdict
from tests import tiny
from tests.report.conftest import COMMAND, VERSIONS
from tests.report.worlds import MINUTE


def cut_off() -> tuple:
    """The only road to B and C is closed all night: A is served, B and C are missed."""
    closures = [tiny.closure(edge, 0, 24 * 3600) for edge in ("r12:1-2", "r12:2-1")]
    scenario = tiny.one_depot(hazard=tiny.disruption(closures))
    return scenario, plan_relief(scenario, seconds=0.2)


@pytest.fixture(scope="module")
def missed() -> tuple:
    scenario, plan = cut_off()
    findings = find(scenario, plan, None, "en")
    return scenario, plan, findings, gather(scenario, plan, None, findings, explain_places=1, range_nights=0)


def ranges_of(**p: float) -> pd.DataFrame:
    """A table of ranges with these values of P by ``kind_end``."""
    rows = []
    for key, value in p.items():
        kind, _, end = key.rpartition("_")
        case = {"kind": kind or "as_planned", "end": "" if not kind or kind == "as" else end, "p": value}
        if key == "as_planned":
            case |= {"kind": "as_planned", "end": ""}
        rows.append({"case": key, "factor": {"low": 0.7, "high": 1.3}.get(end, 1.0), "replanned": kind == "people",
                     "nights": 40, "p_low": max(value - 0.1, 0.0), "p_high": min(value + 0.1, 1.0),
                     "t_all_mean_ms": 1e7, "places_in_time": 3.0, "people_share_in_time": 1.0, **case})  # fmt: skip
    return pd.DataFrame(rows)[list(RANGE_COLUMNS)].astype(RANGE_COLUMNS)


RANGES = ranges_of(as_planned=0.5, loading_low=0.6, loading_high=0.4, mobilisation_low=0.55, mobilisation_high=0.1,
                   both_low=0.65, both_high=0.05, people_low=0.9, people_high=0.2)  # fmt: skip


def test_only_the_largest_missed_places_are_planned_anew_and_the_rest_is_said(missed):
    scenario, _, findings, evidence = missed
    assert set(findings.missed["place"]) == {"B", "C"}
    assert evidence.explained == places_to_explain(findings, 1)
    said = changes(scenario, findings, evidence, "en")
    assert "Missed places left out here (those with fewer people): 1" in said
    assert "What would change it" in said
    all_of_them = dataclasses.replace(evidence, explained=("B", "C"))
    assert "left out" not in changes(scenario, findings, all_of_them, "en")


def test_the_words_are_those_of_the_plans_made_anew(missed):
    scenario, plan, _, evidence = missed
    place = evidence.explained[0]
    found = explain(scenario, plan, [place])
    road = found.relaxations[found.relaxations["kind"] == "road"].iloc[0]
    lines = ways_in_words(scenario, evidence, place, "en")
    hours, minutes = divmod(int(road["then_ms"]) // MINUTE, 60)
    assert any(f"complete after {hours}:{minutes:02d}" in line for line in lines)
    assert any(line.startswith("Proof: until the deadline every way from every depot crosses") for line in lines)
    assert not any("[" in line for line in lines), "edge ids are for the command explain"
    assert any(line.startswith("证明：时限前") for line in ways_in_words(scenario, evidence, place, "zh"))
    said = run_summary(scenario, plan, None, "en", None, evidence)  # the console says the first of them too
    assert sum(line.strip().endswith(lines[0]) for line in said) == 1


def test_a_road_opened_as_said_serves_the_place(missed):
    # recomputation: the change that the page names is put into the scenario, and the planner serves the place
    _scenario, _, _, evidence = missed
    place = evidence.explained[0]
    road = evidence.explanation.relaxations.query("kind == 'road'").iloc[0]
    closures = [tiny.closure(edge, 0, road["by_ms"] / 1000) for edge in ("r12:1-2", "r12:2-1")]
    opened = tiny.one_depot(hazard=tiny.disruption(closures))
    findings = find(opened, plan_relief(opened, seconds=0.2), None, "en").places.set_index("place")
    assert findings.at[place, "verdict"] == "served"


def test_nothing_asked_is_said_and_nothing_missed_needs_nothing(missed, ran):
    scenario, _, findings, _ = missed
    assert "dispatch explain" in changes(scenario, findings, NOTHING, "en")
    served = find(ran.scenario, ran.plan, ran.ensemble, "en")
    assert changes(ran.scenario, served, NOTHING, "en") == ""


@pytest.mark.parametrize(
    ("kind", "surely", "words"),
    [("pass", True, "Verdict: pass"), ("fail", False, "interval crosses the line"),
     ("too_few_nights", False, "No verdict: 12 nights"), ("no_need", False, "No verdict: no place")],
)  # fmt: skip
def test_the_verdict_says_its_rule(kind, surely, words):
    verdict = Verdict(kind, 0.96, 0.94, 0.97, 12, 0.95, 1000, surely)
    said = verdict_sentence(verdict, "en")
    assert words in said
    if kind != "no_need":
        assert "95%" in said
        assert "1,000" in said


def test_ranges_show_each_end_and_the_widest(ran):
    shown = range_table(ran.scenario, RANGES, "en")
    cells = re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", shown)
    row = cells[cells.index("people in need (-30% to +30%)") :][:5]
    assert row[1:] == ["90% (80%–100%)", "50% (40%–60%)", "20% (10%–30%)", "20%–90%"]
    loading = ran.scenario.steps["loading"]
    assert f"loading ({loading.low_min:g} to {loading.high_min:g} min" in shown
    assert range_line(RANGES, "en").endswith("5%–90%")


def test_the_page_says_verdict_range_and_mark_at_the_top(ran, tmp_path):
    verdict = Verdict("too_few_nights", 0.5, 0.3, 0.7, 12, 0.95, 1000, surely=False)
    page = write_report(tmp_path, ran.scenario, ran.plan, ran.ensemble, lang="zh", command=COMMAND, versions=VERSIONS,
                        evidence=Evidence(ranges=RANGES, verdict=verdict), mark="内部资料 <1>")  # fmt: skip
    html = page.read_text(encoding="utf-8")
    body = html[html.index("<body>") :]
    assert body.index("内部资料 &lt;1&gt;") < body.index('id="the-number"')
    assert body.index("不作判定：只推演了 12 夜") < body.index('id="map"')
    assert body.index("5%–90%") < body.index('id="map"')


def test_gathered_twice_is_the_same_and_counts_what_was_asked(ran):
    findings = find(ran.scenario, ran.plan, ran.ensemble, "en")
    one = gather(ran.scenario, ran.plan, ran.ensemble, findings, explain_places=2, range_nights=3)
    two = gather(ran.scenario, ran.plan, ran.ensemble, findings, explain_places=2, range_nights=3)
    pd.testing.assert_frame_equal(one.ranges, two.ranges)
    assert set(one.ranges["nights"]) == {3}
    assert one.explanation is None  # the plan misses no place
    assert one.verdict.verdict == "too_few_nights"
    without = gather(ran.scenario, ran.plan, ran.ensemble, findings, explain_places=0, range_nights=0)
    assert without.ranges is None


def cases() -> Cases:
    """Two cases and one difference."""
    row = dict.fromkeys(CASE_COLUMNS, 0.0) | {"scenario": "s", "settings": "", "layout": "", "plan": "relief"}
    one = row | {"case": "now", "policy": "follow", "nights": 100, "p": 0.4, "p_low": 0.3, "p_high": 0.5,
                 "t_all_p50_min": 350.0, "t_all_p95_min": 400.0, "people_share_in_time": 0.8, "km": 1234.0}  # fmt: skip
    two = one | {"case": "event", "policy": "event", "p": 0.5}
    pair = {"case": "event", "against": "now", "measure": "p", "difference": 0.1, "low": 0.02, "high": 0.18,
            "p_value": 0.013, "method": "exact"}  # fmt: skip
    late = pair | {"measure": "t_all_min", "difference": -12.4, "low": -20.0, "high": -5.0}
    return Cases(pd.DataFrame([one, two])[list(CASE_COLUMNS)].astype(CASE_COLUMNS),
                 pd.DataFrame([pair, late])[list(PAIR_COLUMNS)].astype(PAIR_COLUMNS))  # fmt: skip


def test_a_comparison_names_what_differs_with_intervals():
    said = comparison(cases(), "en")
    assert "what differs: policy" in said
    assert '<td class="n">5:50</td>' in said
    rows = pairs_shown(cases(), "en").to_numpy().tolist()
    assert rows == [["event", "now", "P in time", "+10%", "+2% … +18%", "0.013"],
                    ["event", "now", "T_all, min", "-12", "-20 … -5", "0.013"]]  # fmt: skip
    assert comparison(None, "en") == ""


def test_a_comparison_file_is_read_back_and_another_file_is_refused(tmp_path):
    scenario = tiny.one_depot()
    found = cases()
    found.cases.loc[0, ["scenario_name", "fingerprint"]] = [scenario.name, fingerprint(scenario)]
    path = tmp_path / "comparison.json"
    plain = {"cases": found.cases.to_dict("records"), "differences": found.pairs.to_dict("records")}
    path.write_text(json.dumps(plain), encoding="utf-8")
    again, warnings = read_cases(path, scenario)
    assert warnings == []
    pd.testing.assert_frame_equal(again.cases, found.cases)
    pd.testing.assert_frame_equal(again.pairs, found.pairs)
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(InputProblems):
        read_cases(path, scenario)
    with pytest.raises(InputProblems):
        read_cases(tmp_path / "absent.json", scenario)


@pytest.mark.parametrize(
    ("name", "made_of", "code"),
    [
        ("own", "0123456789abcdef", "report_comparison_before"),
        ("", "", "report_comparison_before"),
        ("elsewhere", "0123456789abcdef", "report_comparison_other"),
    ],
)
def test_a_comparison_of_something_else_is_refused_or_said_to_be_so(tmp_path, name, made_of, code):
    """Probabilities of another scenario on this one's page would be taken for its own; "" as in earlier versions."""
    scenario = tiny.one_depot()
    rows = cases().cases.drop(columns=["scenario_name", "fingerprint"] if not name else []).to_dict("records")
    for row in rows if name else []:
        row |= {"scenario_name": scenario.name if name == "own" else name, "fingerprint": made_of}
    path = tmp_path / "comparison.json"
    path.write_text(json.dumps({"cases": rows, "differences": []}), encoding="utf-8")
    if code == "report_comparison_other":
        with pytest.raises(InputProblems) as refused:
            read_cases(path, scenario)
        said = list(refused.value.problems)
    else:
        said = read_cases(path, scenario)[1]
    assert [problem.code for problem in said] == [code]
    assert (said[0].severity == "error") == (code == "report_comparison_other")
    for lang in ("zh", "en"):
        assert problem_text(said[0], lang)


def with_response(ensemble, **columns):
    """The ensemble with other figures of the response on every night."""
    nights = ensemble.nights.assign(**columns)
    return dataclasses.replace(ensemble, indicators=dataclasses.replace(ensemble.indicators, nights=nights))


def test_the_two_clocks_stand_side_by_side_only_where_there_are_two(ran):
    assert clocks(ran.ensemble, "en") == ""
    assert clocks(None, "en") == ""
    minutes = np.arange(30, 30 + len(ran.ensemble.nights)) * MINUTE  # 30 … 41
    told = with_response(ran.ensemble, before_order_ms=minutes, warning_ms=5 * MINUTE, push_ms=-1)
    said = clocks(told, "en")
    assert re.search(r"before the order, in all</th><td[^>]*>0:35</td><td[^>]*>0:30–0:41<", said)
    assert "0:35 at the median" in said
    assert "before the order, in all" in said
    assert "call-out" not in said  # nobody was called
    findings = find(ran.scenario, ran.plan, told, "en")
    assert any("another 0:35 pass" in line for line in sentences(ran.scenario, findings, "en"))
    assert find(ran.scenario, ran.plan, ran.ensemble, "en").nights.before_order_ms is None


def test_the_response_shows_only_what_the_scenario_has(ran):
    before = set(response_shown(ran.ensemble, "en")["measure"])
    assert not before & {"new orders given", "vehicle breakdowns"}
    told = with_response(ran.ensemble, orders=3, answered_on_target=0.9)
    rows = {row[0]: row[1:] for row in response_shown(told, "en").to_numpy().tolist()}
    assert rows["new orders given"] == ["3", "3–3"]
    assert rows["responsible persons up within the target"] == ["90%", "90%–90%"]


def test_docks_are_those_of_the_summary(ran):
    rows = docks_shown(ran.scenario, ran.ensemble, "en").to_numpy().tolist()
    of = ran.ensemble.summary.depots.iloc[0]
    assert rows[0][:4] == ["县库", f"{of['docks']}", f"{of['dock_use'] * 100:.0f}%", f"{of['trucks']:.1f}"]


def test_the_run_as_json_is_plain_and_says_the_same(ran, missed):
    findings = find(ran.scenario, ran.plan, ran.ensemble, "en")
    said = json.loads(json.dumps(run_json(ran.scenario, findings, Evidence(ranges=RANGES), [], "en"), allow_nan=False))
    assert said["nights"]["p_on_time"]["value"] == ran.ensemble.summary.p_on_time.value
    assert said["plan"]["t_all_ms"] == 96 * MINUTE
    assert said["missed"] == []
    assert len(said["ranges"]) == 9
    scenario, _, lacking, evidence = missed
    rows = run_json(scenario, lacking, evidence, [], "en")["missed"]
    assert {row["place"]: bool(row["changes"]) for row in rows} == {
        place: place in evidence.explained for place in ("B", "C")
    }


def test_explanations_of_a_plan_without_trips_do_not_fail():
    scenario, _ = cut_off()
    empty = Plan(*(empty_plan_table(columns) for columns in _columns()))
    findings = find(scenario, empty, None, "zh")
    evidence = gather(scenario, empty, None, findings, explain_places=1, range_nights=0)
    assert isinstance(evidence.explanation, Explanation)
    assert changes(scenario, findings, evidence, "zh")


def _columns() -> list[dict[str, str]]:
    from dispatch.planning import plan

    return [plan.TRIP_COLUMNS, plan.STOP_COLUMNS, plan.LOAD_COLUMNS, plan.PATH_COLUMNS]
