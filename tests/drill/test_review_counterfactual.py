"""Counterfactuals: planned and simulated again on the same nights."""

from __future__ import annotations

import pytest

from dispatch.drill.review_counterfactual import changes_of, what_if
from dispatch.problems import InputProblems
from tests import tiny
from tests.simulation.test_clearing import world as clearing_world


def test_an_earlier_order_brings_the_last_arrival_forward_by_as_much() -> None:
    """Nothing closes and nobody is called up by the clock, so all is the same twenty minutes earlier."""
    scenario = tiny.one_depot()
    as_was, earlier = what_if(scenario, changes_of(["order=20"], scenario), nights=5, seconds=1)
    assert as_was.change is None
    assert earlier.before_ms == pytest.approx(-20 * 60_000)
    assert earlier.t_all_ms == as_was.t_all_ms
    assert earlier.on_time >= as_was.on_time  # by the same hour, not within six hours of an earlier order


def test_slower_loading_is_later_and_equal_loading_is_the_mean() -> None:
    scenario = tiny.one_depot()
    minutes = scenario.step_ms("loading") / 60_000
    as_was, same, slow = what_if(
        scenario, changes_of([f"loading={minutes}", f"loading={minutes * 2}"], scenario), nights=5, seconds=1
    )
    assert same.t_all_ms < slow.t_all_ms
    assert as_was.nights == slow.nights == 5


def test_an_order_to_clear_needs_road_clearing_and_comes_as_much_earlier() -> None:
    with pytest.raises(InputProblems):
        changes_of(["clearing=20"], tiny.one_depot())
    scenario = clearing_world(clearing_slide=60)
    (change,) = changes_of(["clearing=8"], scenario)
    as_was, earlier = what_if(scenario, [change], nights=3, seconds=1)
    assert earlier.before_ms == pytest.approx(-8 * 60_000)
    assert earlier.t_all_ms < as_was.t_all_ms


def test_what_cannot_be_understood_is_named() -> None:
    scenario = tiny.one_depot()
    with pytest.raises(InputProblems) as raised:
        changes_of(["order=soon", "stock=D>nowhere", "flying=3", "order=10"], scenario)
    assert [problem.value for problem in raised.value.problems] == ["order=soon", "stock=D>nowhere", "flying=3"]
