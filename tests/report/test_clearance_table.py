"""The clearance curve as a table: shares of the curve, rows until nobody comes any more."""

from __future__ import annotations

from types import SimpleNamespace

from dispatch.planning.evacuation import plan_evacuation
from dispatch.report.clearance_table import clearance_shown
from dispatch.simulation.ensemble import simulate
from dispatch.simulation.evacuation import evacuate
from tests.planning.evacuation_worlds import world


def test_rows_until_the_last_has_come():
    """One move on foot from 0:20 to 1:08: nobody at half an hour, nobody at an hour, all at 1:10."""
    scenario = world(walk_limit=5)
    ensemble = simulate(scenario, plan_evacuation(scenario), replications=1, hooks=(evacuate,))
    rows = clearance_shown(scenario, ensemble, "en")
    assert rows["after_order"].tolist() == ["0:30", "1:00", "1:10"]
    assert rows["share_out"].tolist() == ["0.0%", "0.0%", "100.0%"]
    assert rows["share_out_range"].tolist()[-1] == "100%–100%"


def test_nothing_without_nights():
    scenario = world(walk_limit=5)
    assert clearance_shown(scenario, None, "zh").empty
    assert clearance_shown(SimpleNamespace(evacuation=None), None, "zh").empty
