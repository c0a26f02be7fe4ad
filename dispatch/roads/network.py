"""The road network as arrays: a directed graph simplified to junctions, with what each edge is."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from models.graph import Graph
from models.turns import SplitGraph, split_turns

__all__ = ["ROAD_CLASSES", "SURFACES", "RoadNetwork"]

ROAD_CLASSES: tuple[str, ...] = (
    "motorway", "trunk", "primary", "secondary", "tertiary", "unclassified", "residential", "living_street",
    "service", "track", "motorway_link", "trunk_link", "primary_link", "secondary_link", "tertiary_link", "road",
    "ferry",
)  # fmt: skip
"""Values of OSM's ``highway`` (and ``ferry``) that carry vehicles; ``road_class`` holds positions in this tuple."""

SURFACES: tuple[str, ...] = ("unknown", "paved", "gravel", "unpaved")
"""Surface groups; ``surface`` holds positions in this tuple."""


@dataclass(frozen=True, eq=False)
class RoadNetwork:
    """Directed road graph; all edge arrays are in the graph's edge order (sorted by tail).

    Attributes
    ----------
    graph : Graph
        n nodes, m directed edges; a two-way street is two edges.
    node_id : int64 array (n,)
        OSM node id; negative for nodes made here (a place attached to the middle of a road).
    node_lon, node_lat : float64 arrays (n,)
        WGS 84 degrees.
    edge_id : object array of str (m,)
        Stable across runs: ``way:from-to`` of OSM ids (``way:from-to:k`` for parallel arcs). An edge split at an
        attached place keeps the id with ``/1``, ``/2`` … appended.
    length_m : float64 array (m,)
    road_class, surface : int8 arrays (m,)
        Positions in ``ROAD_CLASSES`` and ``SURFACES``.
    bridge, tunnel, ford : bool arrays (m,)
    max_weight_t, max_height_m, max_width_m, max_speed_kmh : float32 arrays (m,)
        NaN where not signed.
    lanes : float32 array (m,)
        NaN where not tagged.
    name, ref : object arrays of str (m,)
    way : int64 array (m,)
        Id of the (first) OSM way the edge was made of; the others are in ``ways``.
    ways : object array of tuple of int (m,)
    twin : int32 array (m,)
        The same street in the other direction, -1 if one-way.
    shape_first : int64 array (m + 1,)
    shape_lon, shape_lat : float64 arrays
        Geometry: points ``shape_first[e] … shape_first[e + 1] - 1`` of edge ``e``, from tail to head, ends included.
    banned_turns : int32 array (k, 2)
        (from edge, to edge) that may not follow each other.
    source : str
        What was read, e.g. the file's name.
    attribution : str
        What must be printed with a map or figure of it.
    schematic : bool
        Drawn for lack of a survey; every report says so.
    """

    graph: Graph
    node_id: NDArray[np.int64]
    node_lon: NDArray[np.float64]
    node_lat: NDArray[np.float64]
    edge_id: NDArray[np.object_]
    length_m: NDArray[np.float64]
    road_class: NDArray[np.int8]
    surface: NDArray[np.int8]
    bridge: NDArray[np.bool_]
    tunnel: NDArray[np.bool_]
    ford: NDArray[np.bool_]
    max_weight_t: NDArray[np.float32]
    max_height_m: NDArray[np.float32]
    max_width_m: NDArray[np.float32]
    max_speed_kmh: NDArray[np.float32]
    lanes: NDArray[np.float32]
    name: NDArray[np.object_]
    ref: NDArray[np.object_]
    way: NDArray[np.int64]
    ways: NDArray[np.object_]
    twin: NDArray[np.int32]
    shape_first: NDArray[np.int64]
    shape_lon: NDArray[np.float64]
    shape_lat: NDArray[np.float64]
    banned_turns: NDArray[np.int32] = field(default_factory=lambda: np.empty((0, 2), dtype=np.int32))
    source: str = ""
    attribution: str = ""
    schematic: bool = False

    @cached_property
    def edge_index(self) -> dict[str, int]:
        """Position of each edge by its id."""
        return {edge: position for position, edge in enumerate(self.edge_id)}

    @cached_property
    def drivable(self) -> SplitGraph:
        """The graph that vehicles drive on: banned turns are taken out of it, node and edge numbers stay."""
        return split_turns(self.graph, self.banned_turns)
