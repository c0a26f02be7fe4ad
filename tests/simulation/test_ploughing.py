"""The ploughing team of Qinshui in a heavy snowfall: roads come free in order, goods come sooner."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import pytest

from dispatch import load_scenario, plan_relief, simulate
from dispatch.simulation.policy import Policy
from tests.qinshui import PACK


@pytest.mark.slow
def test_ploughing_opens_roads_one_after_the_other_and_costs_no_goods():
    # 38 mm shut most roads to trucks for hours although ploughs are out; headquarters plan anew as roads come free
    snow = tomllib.loads((PACK / "snow.toml").read_text(encoding="utf-8"))["hazards"]["snow"] | {"snow_mm": 38}
    with_teams = load_scenario("qinshui/snow", {"hazards.snow": snow})
    response = with_teams.response
    without = replace(with_teams, response=replace(response, opened=response.opened - {"clearing"}))
    plan = plan_relief(with_teams, seconds=0.5)
    logs = {name: simulate(one, plan, replications=1, policy=Policy("event")).log
            for name, one in (("with", with_teams), ("without", without))}  # fmt: skip
    cleared = logs["with"][logs["with"]["event"] == "road_cleared"]
    assert len(cleared) > 20
    assert not (logs["without"]["event"] == "road_cleared").any()
    for crew, work in cleared.groupby(["replication", "actor"]):
        assert work["time_s"].is_monotonic_increasing, crew  # one road after the other
    delivered = {name: log[log["event"] == "delivered"] for name, log in logs.items()}
    quantity = {name: table["quantity"].sum() for name, table in delivered.items()}
    mean = {name: (table["time_s"] * table["quantity"]).sum() / quantity[name] for name, table in delivered.items()}
    complete = {name: int((log["event"] == "first_batch_complete").sum()) for name, log in logs.items()}
    assert complete["with"] >= complete["without"]
    assert quantity["with"] >= 0.99 * quantity["without"]  # what is short goes to other places
    assert mean["with"] < 1.1 * mean["without"]  # either night is planned anew by search, so none need be the sooner
