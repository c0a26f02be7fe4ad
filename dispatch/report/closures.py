"""Closed and slowed streets by the hour, as a person sees them: one street, not two directed edges and many classes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dispatch.clock import SECOND_MS
from dispatch.hazards.disruption import Disruption
from dispatch.roads.network import RoadNetwork
from dispatch.roads.profiles import VehicleProfile
from models.traversal import NEVER

__all__ = ["STATES", "Closure", "closure_table", "closures", "road_name"]

STATES: tuple[str, ...] = ("closed", "partial", "slowed")
"""Closed to every class of the fleet; to some of them; to none, but slower."""


@dataclass(frozen=True, order=True)
class Closure:
    """One street out of use or slowed from ``start_ms`` to before ``end_ms`` (``NEVER`` = no end)."""

    street: int
    start_ms: int
    end_ms: int
    state: str
    cause: str
    depth_m: float


def closures(
    network: RoadNetwork, disruption: Disruption, profiles: Mapping[str, VehicleProfile], *, forecast: bool
) -> list[Closure]:
    """Closures of a disruption, as forecast or as realised, sorted by street and time.

    A street is named by the smaller position of its two directed edges. Depth is the largest given for the interval.
    """
    start, end = ("forecast_start_s", "forecast_end_s") if forecast else ("start_s", "end_s")
    met: dict[tuple[int, int, int, str], dict[str, str]] = {}
    depth: dict[tuple[int, int, int, str], float] = {}
    for row in disruption.edges.to_dict("records"):
        edge = network.edge_index[row["edge"]]
        twin = int(network.twin[edge])
        street = min(edge, twin) if twin >= 0 else edge
        key = (street, _ms(row[start]), _ms(row[end]), row["cause"])
        classes = [row["vehicle_class"]] if row["vehicle_class"] else list(profiles)
        states = met.setdefault(key, {})
        for name in classes:
            if name in profiles:
                states[name] = min(states.get(name, "slowed"), _state(row, profiles[name]))
        depth[key] = float(np.fmax(depth.get(key, np.nan), row["depth_m"]))
    found = [
        Closure(key[0], key[1], key[2], _overall(states.values(), len(profiles)), key[3], depth[key])
        for key, states in met.items()
        if key[2] > key[1] and states
    ]
    return sorted(found, key=lambda c: (c.street, c.start_ms, c.end_ms, c.cause))


def _state(row: Mapping[str, float], profile: VehicleProfile) -> str:
    """``closed`` or ``slowed`` for one class."""
    depth = row["depth_m"]
    if np.isnan(depth):
        return "closed" if row["speed_permille"] <= 0 else "slowed"
    return "closed" if depth > 0 and depth >= profile.wading_m else "slowed"


def _overall(states: Iterable[str], classes: int) -> str:
    """State of a street for the fleet."""
    closed = sum(state == "closed" for state in states)
    return "closed" if closed == classes else "partial" if closed else "slowed"


def _ms(seconds: float) -> int:
    """Seconds to ms; an infinite end is ``NEVER``."""
    if not np.isfinite(seconds):
        return NEVER if seconds > 0 else -NEVER
    return int(np.floor(seconds * SECOND_MS + 0.5))


def closure_table(network: RoadNetwork, found: Iterable[Closure]) -> pd.DataFrame:
    """Closures by road, cause and state.

    Returns
    -------
    DataFrame
        ``road`` ("" for roads without number or name), ``cause``, ``state``, ``streets`` (how many pieces),
        ``start_ms`` (the first), ``end_ms`` (the last), ``length_m`` (together), ``depth_m`` (largest, NaN if none).
    """
    rows = [(road_name(network, c.street), c.cause, c.state, c.street, c.start_ms, c.end_ms, c.depth_m) for c in found]
    table = pd.DataFrame(rows, columns=["road", "cause", "state", "street", "start_ms", "end_ms", "depth_m"])
    grouped = table.groupby(["road", "cause", "state"], as_index=False, sort=False).agg(
        streets=("street", "nunique"),
        start_ms=("start_ms", "min"),
        end_ms=("end_ms", "max"),
        depth_m=("depth_m", "max"),
    )
    length = table.drop_duplicates(["road", "cause", "state", "street"])
    length = length.assign(length_m=network.length_m[length["street"].to_numpy(dtype=np.int64)])
    together = length.groupby(["road", "cause", "state"], as_index=False, sort=False)["length_m"].sum()
    joined = grouped.merge(together, on=["road", "cause", "state"])
    joined["_unnamed"] = joined["road"] == ""
    joined["_rank"] = joined["state"].map({state: rank for rank, state in enumerate(STATES)})
    joined = joined.sort_values(["_unnamed", "_rank", "start_ms", "road"], ignore_index=True, kind="stable")
    return joined[["road", "cause", "state", "streets", "start_ms", "end_ms", "length_m", "depth_m"]]


def road_name(network: RoadNetwork, edge: int) -> str:
    """Number and name of a road, "" where it has neither."""
    return " ".join(str(word) for word in (network.ref[edge], network.name[edge]) if word)
