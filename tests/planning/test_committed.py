"""Trips that are committed stand as they are; everything else is planned on top of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.planning.check import check
from dispatch.planning.plan import Plan
from dispatch.planning.relief import plan_nearest_first, plan_relief
from tests import tiny
from tests.planning.worlds import random_world


def _only(plan: Plan, trips: list[str]) -> Plan:
    """The plan with only these trips."""
    rows = {name: getattr(plan, name) for name in ("trips", "stops", "loads")}
    return replace(plan, **{name: table[table["trip"].isin(trips)] for name, table in rows.items()})


def _same(plan: Plan, committed: Plan) -> None:
    for name in ("trips", "stops"):
        columns = [c for c in getattr(plan, name).columns if c.endswith("_ms") or c in ("vehicle", "depot", "site")]
        columns = [c for c in columns if c != "return_ms"]
        kept = getattr(plan, name)
        kept = kept[kept["trip"].isin(committed.trips["trip"])].sort_values(["trip", columns[-1]])
        before = getattr(committed, name).sort_values(["trip", columns[-1]])
        assert kept[columns].to_numpy().tolist() == before[columns].to_numpy().tolist()


def test_a_detour_that_was_promised_is_driven_and_the_rest_goes_after_it() -> None:
    """One truck that is promised to the farthest place first is not free for the others before."""
    scenario = tiny.one_depot()
    alone = plan_relief(scenario, seconds=0.02)
    last = alone.stops.sort_values("unload_end_ms").iloc[-1]["site"]
    only = tiny.one_depot()
    only = replace(only, needs=only.needs[only.needs["site"] == last])
    committed = plan_nearest_first(only)
    plan = plan_relief(scenario, seconds=0.02, committed=committed)
    assert check(plan, scenario) == []
    _same(plan, committed)
    end_ms = int(committed.stops["unload_end_ms"].max())
    others = plan.stops[plan.stops["site"] != last]
    assert len(others)
    assert int(others["unload_end_ms"].min()) > end_ms
    assert int(plan.loads["quantity"].sum()) == int(alone.loads["quantity"].sum())


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**20), st.integers(0, 2**20))
def test_committed_trips_stand_and_the_whole_passes_the_checker(world: int, draw: int) -> None:
    scenario = random_world(world)
    first = plan_nearest_first(scenario)
    by_vehicle = first.trips.sort_values("sequence").groupby("vehicle")["trip"].apply(list)
    kept = [trip for k, trips in enumerate(by_vehicle) for trip in trips[: (draw >> k) % (len(trips) + 1)]]
    committed = _only(first, kept)
    plan = plan_relief(scenario, seconds=0.01, committed=committed)
    assert check(plan, scenario) == []
    _same(plan, committed)
    again = plan_relief(scenario, seconds=0.01, committed=committed)
    assert again.stops.equals(plan.stops)


def test_wishes_that_would_not_be_kept_beside_committed_trips_are_refused() -> None:
    scenario = tiny.one_depot()
    with pytest.raises(ValueError, match="committed"):
        plan_relief(scenario, committed=plan_nearest_first(scenario), least_share=0.5)
