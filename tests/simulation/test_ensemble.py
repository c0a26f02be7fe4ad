"""Many nights: reproducible on any number of workers, interruptible, and equal to the plan where nothing varies."""

from __future__ import annotations

import subprocess
import sys

import pandas as pd
import pytest

from dispatch.simulation import chunk as module
from dispatch.simulation.ensemble import simulate
from dispatch.simulation.log import LOG_COLUMNS
from dispatch.simulation.log_file import write_log
from dispatch.simulation.response import replay
from tests import tiny
from tests.simulation.nights import certain
from tests.simulation.plans import plan_of

TRIPS = [("V1", "D", [("A", {"NA": 100}), ("B", {"NB": 100})]), ("V2", "D", [("C", {"NC": 100})])]
GROUP = {"group": "g", "probability": 0.6, "shift_low_s": -1800.0, "shift_mode_s": 0.0, "shift_high_s": 1800.0,
         "duration_low": 0.5, "duration_mode": 1.0, "duration_high": 2.0}  # fmt: skip


def world():
    hazard = tiny.disruption([tiny.closure("r12:1-2", 3000, 6000, group="g")], [GROUP])
    scenario = tiny.one_depot(hazard, trucks=2)
    return scenario, plan_of(scenario, TRIPS, home=True)


def test_one_and_two_workers_give_the_same_bytes(tmp_path):
    scenario, plan = world()
    one = simulate(scenario, plan, replications=25, workers=1)
    two = simulate(scenario, plan, replications=25, workers=2)
    for name in ("nights", "places", "vehicles"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name), check_exact=True)
    for number, ensemble in enumerate((one, two)):
        write_log(ensemble.log, tmp_path / f"{number}.parquet")
        write_log(ensemble.log, tmp_path / f"{number}.csv")
    for suffix in ("parquet", "csv"):
        assert (tmp_path / f"0.{suffix}").read_bytes() == (tmp_path / f"1.{suffix}").read_bytes()
    assert one.nights["t_all_ms"].nunique() > 5


def test_first_nights_of_a_longer_run_are_those_of_a_shorter_one():
    scenario, plan = world()
    short, long = (simulate(scenario, plan, replications=n).nights for n in (7, 23))
    pd.testing.assert_frame_equal(short, long.iloc[:7])


def test_nothing_random_makes_every_night_the_plan():
    scenario = certain(tiny.one_depot(trucks=2))
    plan = plan_of(scenario, TRIPS, home=True)
    played = replay(scenario, plan)
    ensemble = simulate(scenario, plan, replications=3)
    for replication in range(3):
        one = ensemble.log[ensemble.log["replication"] == replication].reset_index(drop=True)
        assert one.drop(columns="replication").equals(played.drop(columns="replication"))


def test_seed_is_that_of_the_scenario_unless_given():
    scenario, plan = world()
    assert simulate(scenario, plan, replications=2).seed == scenario.seed
    same = simulate(scenario, plan, replications=2, seed=scenario.seed)
    other = simulate(scenario, plan, replications=2, seed=99)
    assert same.nights.equals(simulate(scenario, plan, replications=2).nights)
    assert not other.nights["t_all_ms"].equals(same.nights["t_all_ms"])


def test_kept_log_is_of_the_first_nights_and_changes_no_figure():
    scenario, plan = world()
    whole = simulate(scenario, plan, replications=15)
    part = simulate(scenario, plan, replications=15, keep_log=12)
    none = simulate(scenario, plan, replications=15, keep_log=0)
    assert list(whole.log.columns) == list(LOG_COLUMNS)
    assert part.log.equals(whole.log[whole.log["replication"] < 12].reset_index(drop=True))
    assert none.log.empty
    assert whole.nights.equals(part.nights)
    assert whole.nights.equals(none.nights)


def test_progress_is_reported_up_to_the_end():
    scenario, plan = world()
    seen = []
    simulate(scenario, plan, replications=24, progress=lambda done, asked: seen.append((done, asked)))
    assert seen == [(10, 24), (20, 24), (24, 24)]


def test_interrupt_keeps_the_nights_that_are_finished(monkeypatch):
    scenario, plan = world()
    whole = simulate(scenario, plan, replications=30)
    played = []

    def play(night):
        if len(played) == 14:
            raise KeyboardInterrupt
        played.append(night.replication)
        return original(night)

    original = module.play
    monkeypatch.setattr(module, "play", play)
    part = simulate(scenario, plan, replications=30)
    assert part.interrupted
    assert (part.asked, part.replications) == (30, 14)
    pd.testing.assert_frame_equal(part.nights, whole.nights.iloc[:14])
    assert part.summary.replications == 14


def test_interrupt_during_worker_runs_keeps_what_came_back():
    scenario, plan = world()

    def stop(done, asked):
        raise KeyboardInterrupt

    part = simulate(scenario, plan, replications=400, workers=2, progress=stop)
    assert part.interrupted
    assert 10 <= part.replications < 400
    whole = simulate(scenario, plan, replications=400)
    expected = whole.nights[whole.nights["replication"].isin(part.nights["replication"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(part.nights, expected)


@pytest.mark.parametrize("wrong", [{"replications": 0}, {"workers": 0}, {"keep_log": -1}])
def test_numbers_out_of_range_are_refused(wrong):
    scenario, plan = world()
    with pytest.raises(ValueError, match="positive"):
        simulate(scenario, plan, **wrong)


def test_a_second_dock_never_makes_a_night_worse():
    """Common random numbers: with two docks every truck loads no later than with one."""
    scenario = tiny.one_depot(trucks=2)
    plan = plan_of(scenario, TRIPS)
    one = simulate(scenario, plan, replications=60).nights["t_all_ms"]
    two = simulate(tiny.one_depot(trucks=2, docks=2), plan, replications=60).nights["t_all_ms"]
    assert (two <= one).all()
    assert (two < one).any()


def test_importing_the_room_loads_no_heavy_library():
    heavy = {"simpy", "ortools", "matplotlib", "osmium", "osmnx", "geopandas", "highspy"}
    code = (
        "import dispatch.simulation.ensemble, dispatch.simulation.log_file, sys;"
        f"print(sorted({heavy} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
