"""Which night a drill follows."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from dispatch.drill.night import choose_night, severity_order


def nights(shares, t_all):
    n = len(shares)
    return pd.DataFrame({"replication": range(n), "people_share_in_time": shares, "t_all_ms": t_all, "closures_met": 0})


def ensemble(table):
    log = pd.DataFrame({"replication": table["replication"], "event_id": 0})
    return SimpleNamespace(nights=table, log=log)


def test_people_served_count_first_then_the_last_arrival():
    assert severity_order(nights([1.0, 0.8, 1.0, 0.9], [5, 1, 4, 9])) == [2, 0, 3, 1]


def test_percentile_picks_its_rank():
    """101 nights, each worse than the one before: percentile 0.5 ± 0.04 is night 46 … 54."""
    table = nights(np.linspace(1, 0, 101), [0] * 101)
    drawn = {choose_night(ensemble(table), 0.5, np.random.default_rng(seed)).replication for seed in range(200)}
    assert drawn == set(range(46, 55))
    assert choose_night(ensemble(table), 1.0, np.random.default_rng(0)).percentile >= 0.96


def test_only_nights_whose_log_was_kept():
    table = nights(np.linspace(1, 0, 11), [0] * 11)
    kept = SimpleNamespace(nights=table, log=pd.DataFrame({"replication": [3], "event_id": [0]}))
    assert choose_night(kept, 0.9, np.random.default_rng(0)).replication == 3


def test_percentile_out_of_range():
    with pytest.raises(ValueError, match="percentile"):
        choose_night(ensemble(nights([1.0], [0])), 90, np.random.default_rng(0))
