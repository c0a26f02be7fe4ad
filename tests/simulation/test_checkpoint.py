"""A run that stops early, is killed or taken up again ends with the same nights."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

from dispatch.simulation.checkpoint import CheckpointMismatch
from dispatch.simulation.ensemble import simulate
from dispatch.simulation.interval import wilson
from dispatch.simulation.stopping import LEAST
from tests.simulation.test_ensemble import world

LONG = 400
CODE = f"""
import sys
from pathlib import Path
from dispatch.simulation.ensemble import simulate
from dispatch.simulation.log_file import write_log
from tests.simulation.test_ensemble import world

scenario, plan = world()
out = Path(sys.argv[1])
nights = simulate(scenario, plan, replications={LONG}, checkpoint=out / "checkpoint" if len(sys.argv) > 2 else None)
write_log(nights.log, out / "log.parquet")
nights.nights.to_csv(out / "nights.csv", index=False)
"""


def doubtful():
    """The world with a deadline that about half of the nights keep."""
    scenario, plan = world()
    typical = simulate(scenario, plan, replications=40, keep_log=0).nights["t_all_ms"].median()
    return dataclasses.replace(scenario, deadline_ms=int(typical)), plan


def same(one, other):
    for field in dataclasses.fields(one.indicators):
        a, b = getattr(one.indicators, field.name), getattr(other.indicators, field.name)
        if isinstance(a, pd.DataFrame):
            pd.testing.assert_frame_equal(a, b, check_exact=True)
    pd.testing.assert_frame_equal(one.log, other.log, check_exact=True)


def test_stops_at_the_first_chunk_that_is_narrow_enough():
    """The rule recomputed from all nights: the first whole chunk, from the hundredth night on, within ± 8 %."""
    scenario, plan = doubtful()
    stopped = simulate(scenario, plan, replications=300, half_width=0.08)
    whole = simulate(scenario, plan, replications=300)
    widths = {
        n: (lambda ends: (ends[1] - ends[0]) / 2)(wilson(int(whole.nights["on_time"][:n].sum()), n))
        for n in range(LEAST, 301, 10)
    }
    first = min(n for n, width in widths.items() if width <= 0.08)
    assert LEAST < first < 300
    assert stopped.stopped_early
    assert not stopped.interrupted
    assert stopped.replications == first
    pd.testing.assert_frame_equal(stopped.nights, whole.nights.iloc[:first])


def test_workers_do_not_change_where_it_stops():
    scenario, plan = doubtful()
    one, two = (simulate(scenario, plan, replications=300, half_width=0.09, workers=n) for n in (1, 2))
    assert LEAST < one.replications < 300
    same(one, two)


def test_interval_that_stays_too_wide_plays_every_night():
    scenario, plan = doubtful()
    nights = simulate(scenario, plan, replications=110, half_width=0.01)
    assert (nights.replications, nights.stopped_early) == (110, False)


@pytest.mark.parametrize("width", [0.0, 0.5, -1.0])
def test_widths_that_mean_nothing_are_refused(width):
    scenario, plan = world()
    with pytest.raises(ValueError, match="half_width"):
        simulate(scenario, plan, half_width=width)


def test_a_checkpoint_is_not_played_again_and_changes_nothing(tmp_path, monkeypatch):
    scenario, plan = world()
    fresh = simulate(scenario, plan, replications=45)
    simulate(scenario, plan, replications=20, checkpoint=tmp_path)
    done = []
    resumed = simulate(scenario, plan, replications=45, checkpoint=tmp_path, progress=lambda n, _: done.append(n))
    assert done == [30, 40, 45]
    same(fresh, resumed)
    monkeypatch.setattr("dispatch.simulation.ensemble.play_here", None)  # nothing is left to play
    same(fresh, simulate(scenario, plan, replications=45, checkpoint=tmp_path))


def test_a_checkpoint_of_another_run_is_refused(tmp_path):
    scenario, plan = world()
    simulate(scenario, plan, replications=10, checkpoint=tmp_path)
    with pytest.raises(CheckpointMismatch, match="seed"):
        simulate(scenario, plan, replications=10, checkpoint=tmp_path, seed=99)
    wider = dataclasses.replace(scenario, speed_spread=(0.5, 1.0, 1.1))
    with pytest.raises(CheckpointMismatch, match="fingerprint"):
        simulate(wider, plan, replications=10, checkpoint=tmp_path)


@pytest.mark.slow
def test_a_run_killed_midway_ends_with_the_same_bytes(tmp_path):
    folder = tmp_path / "killed"
    folder.mkdir()
    (tmp_path / "whole").mkdir()
    command = [sys.executable, "-c", CODE, str(folder), "resumable"]
    first = subprocess.Popen(command)
    try:
        for _ in range(6000):  # a busy machine takes a minute to start
            finished = len(list(folder.glob("checkpoint/nights_*.zip")))
            if finished >= 5 or first.poll() is not None:
                break
            time.sleep(0.02)
        os.kill(first.pid, signal.SIGKILL)
    finally:
        first.wait()
    assert first.returncode == -signal.SIGKILL
    assert 5 <= len(list(folder.glob("checkpoint/nights_*.zip"))) < LONG // 10
    subprocess.run(command, check=True)
    subprocess.run([sys.executable, "-c", CODE, str(tmp_path / "whole")], check=True)
    for name in ("log.parquet", "nights.csv"):
        assert (folder / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
