"""Points fall evenly from the limit to a grace beyond it: worked by hand."""

from __future__ import annotations

import pytest

from dispatch.drill.make import DrillWish
from dispatch.drill.model import Action, PointsRule, Standard, Words
from dispatch.drill.points import grace_s, points, score
from tests.drill import worlds

RULE = PointsRule(1.0, 300.0, "test")


def action(limit_s: float) -> Action:
    standard = Standard(-1.0, limit_s, limit_s, limit_s, "norm: test")
    return Action("A01", "i", 0, Words("", ""), "R", "command", "c", "E", Words("", ""), "depart", standard, 10.0)


@pytest.mark.parametrize(
    ("measured_s", "expected"),
    [(0, 10), (1200, 10), (1500, 7.5), (1800, 5), (2400, 0), (9999, 0), (None, 0)],
)
def test_twenty_minutes_with_as_much_grace(measured_s, expected):
    assert points(action(1200), RULE, measured_s) == pytest.approx(expected)


def test_grace_is_no_less_than_five_minutes():
    assert grace_s(RULE, 120) == 300
    assert points(action(120), RULE, 120 + 150) == pytest.approx(5)


def test_own_times_score_full_and_a_late_one_loses_exactly_its_share():
    drill = worlds.drill(DrillWish(percentile=0.9))
    own = {a.action: a.standard.own_s if a.standard.own_s >= 0 else a.standard.p50_s for a in drill.actions}
    assert score(drill, own) == pytest.approx(100)
    late = drill.actions[3]
    own[late.action] = late.standard.limit_s + grace_s(drill.points, late.standard.limit_s) / 4
    assert score(drill, own) == pytest.approx(100 - late.points / 4)
    assert score(drill, {}) == 0
