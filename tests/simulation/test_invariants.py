"""What holds on every night: nothing appears or vanishes, an impossible night ends, more means never hurt."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from dispatch.planning.relief import plan_relief
from dispatch.simulation.ensemble import simulate
from dispatch.simulation.night import drawn_night
from dispatch.simulation.recorder import log_table
from dispatch.simulation.response import play
from dispatch.simulation.stage import prepare
from tests import tiny
from tests.simulation.nights import chain, night, surprise
from tests.simulation.plans import plan_of
from tests.simulation.responses import sure

EVERYTHING = ("warning", "news", "breakdowns", "fuel", "distribution", "transfer", "clearing")


def test_every_unit_is_accounted_for_at_every_minute():
    """Trucks break down, roads close, goods are carried past the cut: the books balance all the time."""
    hazard = surprise(("r12:1-2", 55, math.inf), ("r01:0-1", 80, 140))
    base = tiny.one_depot(hazard, trucks=3)
    scenario = sure(base, *EVERYTHING, breakdowns_per_h=3.0, transfer_muster=5, counted=True)
    plan = plan_of(scenario, [
        ("V1", "D", [("A", {"NA": 50}), ("B", {"NB": 100})]), ("V2", "D", [("C", {"NC": 100})]),
        ("V3", "D", [("A", {"NA": 50})]),
    ])  # fmt: skip
    checks = []

    def audit(run, order):
        def every_minute():
            while True:
                run.store.check([part for vehicle in run.vehicles for part in vehicle.aboard] + run.carried)
                checks.append(run.env.now)
                yield run.env.timeout(60_000)

        run.env.process(every_minute())

    for replication in range(10):
        log = log_table([play(drawn_night(prepare(scenario, plan, hooks=(audit,)), 1, replication))])
        moved = log.groupby("event")["quantity"].sum()
        kept = moved.get("load_stranded", 0) + moved.get("load_under_way", 0) + moved.get("stock_returned", 0)
        assert moved["stock_issued"] == moved.get("delivered", 0) + kept
    assert len(checks) == 10 * (24 * 60 + 1 - round(min(0, checks[0]) / 60_000))


def test_an_impossible_night_ends_and_says_why():
    scenario = sure(tiny.one_depot(surprise(("r01:0-1", 5, math.inf, 6))))
    plan = plan_of(scenario, [("V1", "D", [("A", {"NA": 100})])])
    log = night(scenario, plan)
    assert log["event"].iloc[-1] == "end"
    assert sorted(log.loc[log["event"] == "cut_off", "place"]) == ["A", "B", "C"]
    unmet = log[log["event"] == "need_unmet"].set_index("detail")
    assert set(unmet.index) == {"NA", "NB", "NC"}
    assert log["event"].iloc[int(unmet.loc["NA", "cause"])] == "trip_cancelled"
    assert "edge_closed" in chain(log, "trip_cancelled")


@pytest.mark.slow
@pytest.mark.parametrize(("deadline_min", "quantity"), [(100, 100), (150, 900)])
def test_with_no_hazard_a_truck_or_a_dock_more_never_lowers_the_probability(deadline_min, quantity):
    """Family: three villages on a line, one to three trucks, one or two docks, a plan made for each."""
    needs = [tiny.need(f"N{p}", p, "quilt", quantity, 100.0) for p in "ABC"]
    chance = {}
    for trucks in (1, 2, 3):
        for docks in (1, 2):
            base = tiny.one_depot(trucks=trucks, docks=docks, quilts=5000, needs=needs)
            scenario = replace(base, deadline_ms=deadline_min * 60_000)
            plan = plan_relief(scenario, seconds=0.2)
            chance[trucks, docks] = simulate(scenario, plan, replications=30, keep_log=0).nights["on_time"].mean()
    for (trucks, docks), p in chance.items():
        assert p <= chance.get((trucks + 1, docks), 1.0)
        assert p <= chance.get((trucks, docks + 1), 1.0)
    assert len(set(chance.values())) >= 2 and any(0 < p < 1 for p in chance.values())  # neither always nor never
