"""Nights on a Dask cluster on this machine: the same bytes, also when a worker is killed midway."""

from __future__ import annotations

import os
import signal
import sys

import pandas as pd
import pytest

from dispatch.simulation.cluster import ClusterMissing
from dispatch.simulation.ensemble import simulate
from tests.simulation.test_checkpoint import doubtful
from tests.simulation.test_ensemble import world

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, silence_logs=50
    ) as local:
        yield local


def test_a_cluster_gives_the_nights_of_one_process_though_a_worker_is_killed(cluster):
    scenario, plan = world()
    alone = simulate(scenario, plan, replications=300)
    seen = []

    def kill_one(done, asked):
        seen.append(done)
        if len(seen) == 3:
            process = next(iter(cluster.workers.values())).pid
            os.kill(process, signal.SIGKILL)

    spread = simulate(scenario, plan, replications=300, cluster=cluster.scheduler_address, progress=kill_one)
    assert len(seen) == 30  # every chunk was handed in once
    assert seen == sorted(set(seen))
    pd.testing.assert_frame_equal(alone.nights, spread.nights, check_exact=True)
    pd.testing.assert_frame_equal(alone.log, spread.log, check_exact=True)


def test_an_early_stop_on_a_cluster_stops_at_the_same_night(cluster):
    scenario, plan = doubtful()
    alone = simulate(scenario, plan, replications=300, half_width=0.08)
    spread = simulate(scenario, plan, replications=300, half_width=0.08, cluster=cluster.scheduler_address)
    assert alone.stopped_early
    pd.testing.assert_frame_equal(alone.nights, spread.nights, check_exact=True)


def test_nobody_at_the_address_is_said(monkeypatch):
    pytest.importorskip("distributed")
    from dispatch.simulation import cluster as module

    monkeypatch.setattr(module, "_PATIENCE_S", 0.5)
    scenario, plan = world()
    with pytest.raises(ClusterMissing, match=r"127\.0\.0\.1:9"):
        simulate(scenario, plan, replications=5, cluster="tcp://127.0.0.1:9")


def test_without_the_library_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    scenario, plan = world()
    with pytest.raises(ClusterMissing, match=r"relief-dispatch\[cluster\]"):
        simulate(scenario, plan, replications=5, cluster="tcp://127.0.0.1:9")
