"""The night's roads for those who are not trucks, evacuees and teams: what stays the same is worked out once.

Gives what :func:`dispatch.scenario.travel` gives for the night's disruption, class by class, from arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dispatch.clock import SECOND_MS
from dispatch.hazards.timed import timed_edges
from dispatch.roads.profiles import VehicleProfile, travel_ms
from dispatch.roads.travel import Travel
from dispatch.scenario import Scenario, travel
from dispatch.simulation.run import Run
from models.traversal import time_edges

__all__ = ["roads_tonight"]


@dataclass(frozen=True, eq=False)
class _Classes:
    """By class: free crossing times, and the rows of the hazard that matter to it with its speed in them."""

    free_ms: Mapping[str, NDArray[np.int64]]
    rows: Mapping[str, tuple[NDArray[np.int64], NDArray[np.int64]]]
    usual: Travel


def roads_tonight(run: Run, name: str, profiles: Callable[[Scenario], Mapping[str, VehicleProfile]]) -> Travel:
    """Roads on the clock for the classes of ``profiles`` as they are tonight, with what has been cleared so far.

    ``name``: of the party, under which its classes are remembered.
    """
    stage, night = run.stage, run.night
    key = f"roads {name}"
    if key not in stage.memory:
        stage.memory[key] = _classes(stage.scenario, profiles(stage.scenario))
    of: _Classes = stage.memory[key]  # type: ignore[assignment]
    pace = (np.array(stage.scenario.pace_start_ms, dtype=np.int64),
            np.array(stage.scenario.pace_permille, dtype=np.int64))  # fmt: skip
    timed = {}
    for vehicle_class, (row, permille) in of.rows.items():
        happens = night.happens[row]
        there = row[happens]
        timed[vehicle_class] = time_edges(of.free_ms[vehicle_class], stage.rows.edge[there], night.start_ms[there],
                                          night.end_ms[there], permille[happens], *pace)  # fmt: skip
    return replace(of.usual, timed=timed)


def _classes(scenario: Scenario, profiles: Mapping[str, VehicleProfile]) -> _Classes:
    """Asked of ``timed_edges``, which knows what depth does to a class, with each row in a second of its own."""
    table = scenario.disruption.edges.reset_index(drop=True)
    seconds = np.arange(len(table), dtype=np.float64)
    apart = replace(scenario.disruption, edges=table.assign(start_s=seconds, end_s=seconds + 1.0))
    free = {name: travel_ms(scenario.network, profile) for name, profile in profiles.items()}
    rows = {}
    for name, profile in profiles.items():
        timed = timed_edges(scenario.network, free[name], name, profile.wading_m, apart)
        rows[name] = (timed.start_ms // SECOND_MS, timed.permille)
    nothing = replace(scenario.disruption, edges=table.iloc[:0])
    return _Classes(free, rows, travel(replace(scenario, profiles={}), nothing))
