"""From a disruption to the hours at which each vehicle class can use each edge."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dispatch.clock import SECOND_MS
from dispatch.hazards.disruption import Disruption
from dispatch.roads.network import RoadNetwork
from models.traversal import FULL, NEVER, TimedEdges, time_edges

__all__ = ["timed_edges"]


def timed_edges(
    network: RoadNetwork,
    free_ms: NDArray[np.int64],
    vehicle_class: str,
    wading_m: float,
    disruption: Disruption,
    pace_start_ms: tuple[int, ...] = (0,),
    pace_permille: tuple[int, ...] = (FULL,),
) -> TimedEdges:
    """Crossing times of one vehicle class under the realised intervals of a disruption.

    Water slows linearly to a stop at the wading depth (Pregnolato et al. 2017): factor 1 - depth / wading depth.

    Parameters
    ----------
    network : RoadNetwork
    free_ms : int64 array (m,)
        Crossing times without the hazard; ``NEVER`` where the class may not go.
    vehicle_class : str
    wading_m : float
        Depth at which the class stops; 0 = any water stops it.
    disruption : Disruption
    pace_start_ms, pace_permille : tuples of int
        General speed factor.

    Raises
    ------
    KeyError
        If the disruption names an edge the network does not have.
    """
    table = disruption.edges
    table = table[(table["vehicle_class"] == "") | (table["vehicle_class"] == vehicle_class)]
    edge = np.array([network.edge_index[name] for name in table["edge"]], dtype=np.int64)
    depth = table["depth_m"].to_numpy(dtype=np.float64)
    given = table["speed_permille"].to_numpy(dtype=np.float64)
    if wading_m > 0:
        wet = np.clip(np.floor(FULL * (1.0 - depth / wading_m)), 0, FULL)
    else:
        wet = np.where(depth > 0, 0.0, float(FULL))
    permille = np.where(np.isnan(depth), given, wet).astype(np.int64)
    return time_edges(
        free_ms,
        edge,
        _to_ms(table["start_s"].to_numpy(dtype=np.float64)),
        _to_ms(table["end_s"].to_numpy(dtype=np.float64)),
        permille,
        np.array(pace_start_ms, dtype=np.int64),
        np.array(pace_permille, dtype=np.int64),
    )


def _to_ms(seconds: NDArray[np.float64]) -> NDArray[np.int64]:
    """Seconds to integer ms; infinite ends become ``NEVER``."""
    finite = np.isfinite(seconds)
    milliseconds = np.floor(np.where(finite, seconds, 0.0) * SECOND_MS + 0.5).astype(np.int64)
    return np.where(finite, milliseconds, np.where(seconds > 0, NEVER, -NEVER))
