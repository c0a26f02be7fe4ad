"""A plan says what it was made for: read with another scenario, or after a change, its reader is told what changed."""

from __future__ import annotations

from dataclasses import replace

from dispatch.county.problem_text import problem_text
from dispatch.planning.fingerprint import PARTS, changed_since, fingerprint_parts, made_for
from dispatch.planning.plan_file import write_plan
from dispatch.planning.whole import plan_whole
from dispatch.results import load_plan
from tests import tiny


def test_the_part_that_changed_is_named(tmp_path):
    """One quilt more asked for: the needs have changed, and nothing else; the same scenario is not remarked on."""
    scenario = tiny.one_depot()
    plan = plan_whole(scenario, seconds=0.2)
    assert tuple(fingerprint_parts(scenario)) == PARTS
    path = tmp_path / "plan.json"
    write_plan(plan, path)
    assert load_plan(path, scenario)[2] == []
    asked = scenario.needs.assign(quantity=scenario.needs["quantity"] + 1)
    later = replace(scenario, needs=asked, deadline_ms=scenario.deadline_ms + 1)
    assert changed_since(plan.meta, later) == ("needs", "times")
    warnings = load_plan(path, later)[2]
    assert [(warning.code, warning.severity) for warning in warnings] == [("plan_made_for_changed", "warning")]
    assert "（此后改动：需求、时限、作业时间或车速）" in problem_text(warnings[0], "zh")
    assert "(changed since: needs, clock, step times or speeds)" in problem_text(warnings[0], "en")


def test_a_plan_of_another_scenario_is_named_and_one_typed_in_is_left_alone(tmp_path):
    scenario = tiny.one_depot()
    plan = plan_whole(scenario, seconds=0.2)
    path = tmp_path / "plan.json"
    write_plan(plan, path)
    other = replace(scenario, name="other", deadline_ms=scenario.deadline_ms + 1)
    assert [warning.code for warning in load_plan(path, other)[2]] == ["plan_made_for_other"]
    assert changed_since({}, scenario) is None  # a plan typed in by hand says nothing
    older = {"fingerprint": made_for(scenario)["fingerprint"]}  # written before parts were told apart
    assert changed_since(older, replace(scenario, deadline_ms=1)) == ()
