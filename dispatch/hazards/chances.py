"""Things that may fail, each in one of several ways, as intervals of roads: slopes, bridges, stretches of road.

Every way of failing is a group of its own and the ways of one thing exclude each other; things of one zone, or of one
earthquake, fail on the same nights more often than by chance (``Disruption.sample``). Planners see what is at least as
probable as not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.hazards.disruption import (
    AREA_COLUMNS,
    CHANCE_COLUMNS,
    EDGE_COLUMNS,
    GROUP_COLUMNS,
    PLACE_COLUMNS,
    Disruption,
    empty_table,
)
from dispatch.roads.network import RoadNetwork

__all__ = ["Outcome", "Unit", "chance_disruption", "foreseen_outcome"]


@dataclass(frozen=True)
class Outcome:
    """One way in which a thing may fail.

    Attributes
    ----------
    probability : float
        Of this way and no other.
    start_s : float
    hours : tuple of three floats
        Low, mode, high of how long the road is shut (or slow).
    known_s : float
    speed_permille : float
        0 = closed.
    """

    probability: float
    start_s: float
    hours: tuple[float, float, float]
    known_s: float
    speed_permille: float = 0.0


@dataclass(frozen=True, eq=False)
class Unit:
    """A thing that may fail.

    Attributes
    ----------
    name : str
        Of its groups: ``name/1`` … in the order of the outcomes.
    edges : int64 array
        That feel it.
    cause : str
    outcomes : tuple of Outcome
        Worst first.
    factor : str
        Things with one factor tend to fail together; "": alone.
    correlation : float
    foreseen_known_s : float
        When headquarters expect what is probable.
    """

    name: str
    edges: NDArray[np.int64]
    cause: str
    outcomes: tuple[Outcome, ...]
    factor: str = ""
    correlation: float = 0.0
    foreseen_known_s: float = 0.0


def foreseen_outcome(unit: Unit, foreseen: float) -> int:
    """Number of the outcome that planners see: the one at which the probabilities, worst first, reach ``foreseen``.

    -1 if they never do.
    """
    total = 0.0
    for number, outcome in enumerate(unit.outcomes):
        total += outcome.probability
        if total >= foreseen:
            return number
    return -1


def chance_disruption(network: RoadNetwork, units: Sequence[Unit], foreseen: float) -> Disruption:
    """Intervals of every way in which every unit may fail.

    Parameters
    ----------
    network : RoadNetwork
    units : sequence of Unit
    foreseen : float
        Probability from which planners see a failure.

    Returns
    -------
    Disruption
        Without places and areas. Ways without probability are left out.
    """
    edges: list[dict[str, Any]] = []
    groups = []
    for unit in units:
        seen = foreseen_outcome(unit, foreseen)
        for number, outcome in enumerate(unit.outcomes, start=1):
            if outcome.probability <= 0 or not len(unit.edges):
                continue
            low, mode, high = outcome.hours
            group, start, end = f"{unit.name}/{number}", outcome.start_s, outcome.start_s + 3600.0 * mode
            expected = number - 1 == seen
            edges.append({
                "edge": network.edge_id[unit.edges], "vehicle_class": "", "forecast_start_s": start,
                "forecast_end_s": end if expected else start, "start_s": start, "end_s": end, "depth_m": np.nan,
                "speed_permille": outcome.speed_permille,
                "known_s": min(unit.foreseen_known_s, outcome.known_s) if expected else outcome.known_s,
                "cause": unit.cause, "group": group,
            })  # fmt: skip
            groups.append((group, outcome.probability, 0.0, 0.0, 0.0, low / mode, 1.0, high / mode, unit.name,
                           unit.factor, unit.correlation))  # fmt: skip
    columns = {**GROUP_COLUMNS, **CHANCE_COLUMNS}
    table = pd.DataFrame(groups, columns=list(columns)).astype(columns)
    empty = (empty_table(PLACE_COLUMNS), empty_table(AREA_COLUMNS))
    if not edges:
        return Disruption(empty_table(EDGE_COLUMNS), *empty, table)
    count = [len(row["edge"]) for row in edges]
    stacked = {
        name: np.concatenate([row["edge"] for row in edges]) if name == "edge"
        else np.repeat([row[name] for row in edges], count)
        for name in EDGE_COLUMNS
    }  # fmt: skip
    return Disruption(pd.DataFrame(stacked).astype(EDGE_COLUMNS), *empty, table)
