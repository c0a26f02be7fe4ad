"""The limit on time: kept, with a good plan long before, and said where it cut something."""

from __future__ import annotations

import time

import pytest

from dispatch.planning.check import check
from dispatch.planning.relief import plan_nearest_first, plan_relief
from dispatch.scenario_file import load_scenario
from tests.planning import worlds


@pytest.fixture
def idle_clock(monkeypatch):
    """Processor time for the clock, so that other programmes do not count."""
    monkeypatch.setattr(time, "monotonic", time.process_time)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["qinshui/flash_flood", "qinshui/forest_fire"])
def test_a_county_has_a_good_plan_within_two_seconds_and_the_limit_is_kept(name, idle_clock):
    scenario = load_scenario(name)
    plan_relief(scenario, limit_s=1.0)  # what is compiled at the first call does not count
    begun = time.process_time()
    plan = plan_relief(scenario, seconds=60, limit_s=2.0)
    took = time.process_time() - begun
    assert took <= 2.0 * 1.05
    assert plan.meta["stopped_by"] == "clock"
    assert check(plan, scenario) == []
    assert plan.objective["status"].iloc[0] == "optimal"
    by_hand = plan_nearest_first(scenario)
    people, t_all = plan.objective["value"].iloc[:2]
    hand_people, hand_t_all = by_hand.objective["value"].iloc[:2]
    assert (-people, t_all) < (-hand_people, hand_t_all)


def test_no_time_at_all_still_gives_nearest_first_and_says_what_was_cut():
    scenario = worlds.bit_of_everything()
    plan = plan_relief(scenario, limit_s=1e-6)
    assert (plan.meta["stopped_by"], plan.meta["bounds"]) == ("clock", "cut")
    assert check(plan, scenario) == []
    by_hand = plan_nearest_first(scenario)
    assert plan.objective["value"].tolist() == by_hand.objective["value"].tolist()
    whole = plan_relief(scenario, seconds=0.1)
    assert whole.meta["bounds"] == "all"
    # places one by one bound no more tightly than all together
    assert plan.objective["bound"].iloc[0] >= whole.objective["bound"].iloc[0]
    assert plan.objective["bound"].iloc[1] <= whole.objective["bound"].iloc[1]


def test_reasons_not_looked_into_are_said_to_be_missing():
    """One truck and an hour: what comes late has no reason if there is no time to find it."""
    scenario = worlds.tiny.one_depot(deadline_ms=worlds.HOUR)
    hasty = plan_relief(scenario, limit_s=1e-6)
    assert hasty.unmet["detail"].str.contains("not_looked_into").all()
    assert not plan_relief(scenario, seconds=0.1).unmet["detail"].str.contains("not_looked_into").any()
