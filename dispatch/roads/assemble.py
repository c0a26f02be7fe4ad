"""From edges in any order to a :class:`RoadNetwork`: sorted by tail, everything that points to an edge renumbered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dispatch.roads.network import RoadNetwork
from models.graph import build_graph

__all__ = ["EDGE_DTYPES", "assemble", "edge_ids", "gather_runs", "object_array"]

EDGE_DTYPES: dict[str, Any] = {
    "edge_id": object, "length_m": np.float64, "road_class": np.int8, "surface": np.int8, "bridge": np.bool_,
    "tunnel": np.bool_, "ford": np.bool_, "max_weight_t": np.float32, "max_height_m": np.float32,
    "max_width_m": np.float32, "max_speed_kmh": np.float32, "lanes": np.float32, "name": object, "ref": object,
    "way": np.int64, "ways": object,
}  # fmt: skip
"""The columns by edge of a ``RoadNetwork`` that are plain values."""


def assemble(
    node_id: NDArray[np.int64],
    node_lon: NDArray[np.float64],
    node_lat: NDArray[np.float64],
    tail: NDArray[np.integer],
    head: NDArray[np.integer],
    edges: Mapping[str, NDArray[Any]],
    twin: NDArray[np.integer],
    shape_first: NDArray[np.int64],
    shape_lon: NDArray[np.float64],
    shape_lat: NDArray[np.float64],
    banned_turns: NDArray[np.integer] | None = None,
    *,
    source: str = "",
    attribution: str = "",
    schematic: bool = False,
) -> RoadNetwork:
    """Sort edges by tail (otherwise as given) and renumber twins, turns and geometry.

    Parameters
    ----------
    node_id, node_lon, node_lat : arrays (n,)
    tail, head : integer arrays (m,)
    edges : mapping of str to array (m,)
        Every column of ``EDGE_DTYPES``.
    twin : integer array (m,)
        Positions in the order given, -1 for none.
    shape_first, shape_lon, shape_lat : arrays (m + 1,), (p,), (p,)
        Geometry of each edge from tail to head.
    banned_turns : integer array (k, 2), optional
        Positions in the order given.
    source, attribution, schematic
        As in ``RoadNetwork``.
    """
    m = len(tail)
    graph, order = build_graph(len(node_id), np.asarray(tail), np.asarray(head))
    position = np.empty(m + 1, dtype=np.int32)
    position[order] = np.arange(m, dtype=np.int32)
    position[m] = -1
    first, points = gather_runs(shape_first, order)
    turns = np.empty((0, 2), dtype=np.int32) if banned_turns is None else position[np.asarray(banned_turns)]
    turns = turns.reshape(-1, 2)
    return RoadNetwork(
        graph=graph,
        node_id=np.asarray(node_id, dtype=np.int64),
        node_lon=np.asarray(node_lon, dtype=np.float64),
        node_lat=np.asarray(node_lat, dtype=np.float64),
        **{name: np.asarray(edges[name], dtype=dtype)[order] for name, dtype in EDGE_DTYPES.items()},
        twin=position[np.asarray(twin)[order]],
        shape_first=first,
        shape_lon=np.asarray(shape_lon, dtype=np.float64)[points],
        shape_lat=np.asarray(shape_lat, dtype=np.float64)[points],
        banned_turns=turns[np.lexsort((turns[:, 1], turns[:, 0]))],
        source=source,
        attribution=attribution,
        schematic=schematic,
    )


def gather_runs(
    first: NDArray[np.int64], rows: NDArray[np.integer], backward: NDArray[np.bool_] | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions that take the runs ``first[r] … first[r + 1] - 1`` in the order of ``rows``, some back to front.

    Returns
    -------
    first : int64 array (len(rows) + 1,)
        Bounds of the runs in the result.
    points : int64 array
    """
    rows = np.asarray(rows)
    length = np.diff(first)[rows]
    bounds = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum(length, out=bounds[1:])
    step = np.arange(bounds[-1]) - np.repeat(bounds[:-1], length)
    if backward is not None:
        step = np.where(np.repeat(backward, length), np.repeat(length, length) - 1 - step, step)
    return bounds, np.repeat(first[:-1][rows], length) + step


def edge_ids(way: NDArray[np.int64], from_id: NDArray[np.int64], to_id: NDArray[np.int64]) -> NDArray[np.object_]:
    """Name edges ``way:from-to``; the second, third … of the same three gets ``:2``, ``:3`` appended and so on."""
    seen: Counter[str] = Counter()
    ids = []
    for w, u, v in zip(way.tolist(), from_id.tolist(), to_id.tolist(), strict=True):
        edge = f"{w}:{u}-{v}"
        seen[edge] += 1
        ids.append(edge if seen[edge] == 1 else f"{edge}:{seen[edge]}")
    return object_array(ids)


def object_array(values: Iterable[object]) -> NDArray[np.object_]:
    """One-dimensional object array, also of tuples."""
    listed = list(values)
    array = np.empty(len(listed), dtype=object)
    array[:] = listed
    return array
