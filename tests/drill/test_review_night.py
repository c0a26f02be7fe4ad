"""Drills made by the project, reviewed with logs made by the project."""

from __future__ import annotations

from pathlib import Path

import pytest

from dispatch.drill.actions import ACTION_DONE
from dispatch.drill.log_form import write_log_form
from dispatch.drill.make import DrillWish
from dispatch.drill.points import grace_s
from dispatch.drill.review import review
from dispatch.drill.review_log import read_real_log
from tests.drill import worlds

_WISHES = (
    DrillWish(seed=2),
    DrillWish(seed=5, difficulty="hard", three_cuts=True, hours=1.0),
    DrillWish(kind="functional", focus="supplies"),
    DrillWish(hazard="hazmat"),
)


@pytest.mark.parametrize("wish", _WISHES)
def test_the_specimen_of_every_drill_scores_100(wish: DrillWish, tmp_path: Path) -> None:
    """The standard's own times are in time; and nobody is done before the inject, whatever the rounding of clocks."""
    drill = worlds.drill(wish)
    log = read_real_log(write_log_form(drill, tmp_path / "log.xlsx", "zh", played=True), drill)
    found = review(drill, log)
    assert set(found.actions["verdict"]) == {"in_time"}
    assert found.score == pytest.approx(100.0)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_followed_nights_own_event_log_scores_100(seed: int, tmp_path: Path) -> None:
    """All nights in one file: the drill's own is found; all that a night plays is in time."""
    drill = worlds.drill(DrillWish(seed=seed))
    worlds.played(closed=True)[2].log.to_csv(tmp_path / "log.csv", index=False)
    log = read_real_log(tmp_path / "log.csv", drill)
    found = review(drill, log)
    rated = found.actions[found.actions["verdict"] != "not_rated"]
    assert log.simulated
    assert set(rated["verdict"]) == {"in_time"}
    assert {a.action for a in drill.actions} - set(rated["action"]) == {
        a.action for a in drill.actions if a.event == ACTION_DONE
    }
    assert found.score == pytest.approx(100.0)


def test_a_late_order_loses_exactly_what_the_rule_says(tmp_path: Path) -> None:
    """The order's row comes half its grace after its limit: half of that action's points are lost, and no others."""
    drill = worlds.drill(DrillWish(seed=1))
    order = next(action for action in drill.actions if action.event == "order_received")
    limit = order.standard.limit_s
    late_ms = drill.inject(order.inject).time_ms + round(1000 * (limit + grace_s(drill.points, limit) / 2))
    log = worlds.played(closed=True)[2].log
    log = log[log["replication"] == drill.replication].copy()
    log.loc[log["event"] == "order_received", "time_s"] = late_ms / 1000
    log.to_csv(tmp_path / "log.csv", index=False)
    found = review(drill, read_real_log(tmp_path / "log.csv", drill))
    rows = found.actions.set_index("action")
    assert rows.loc[order.action, "points"] == pytest.approx(order.points / 2, abs=1e-4)
    assert set(rows.drop(order.action)["verdict"]) <= {"in_time", "not_rated"}
    full = float(found.objectives["full"].sum())
    assert found.score == pytest.approx(100 * (full - order.points / 2) / full, abs=1e-3)


def test_points_are_those_of_the_drill_when_everything_is_rated(tmp_path: Path) -> None:
    """A log kept by people in which nothing is filled in scores nothing, and says so."""
    drill = worlds.drill(DrillWish(seed=1))
    log = read_real_log(write_log_form(drill, tmp_path / "log.xlsx", "en"), drill)
    assert [problem.code for problem in log.warnings] == ["review_empty"]
    found = review(drill, log)
    assert (found.score, float(found.objectives["full"].sum())) == (0.0, pytest.approx(100.0))
