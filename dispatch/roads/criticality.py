"""Which roads a county cannot lose: places cut off, detours and person-minutes for the loss of every single edge.

All edges at once and exactly (``models.paths``): dominators say which edges are somebody's last road, replacement
searches in the tree of fastest ways give the detour after every single cut, and a least cut how many edges must be lost
to isolate one place. A cut takes both directions of a street; that changes no answer (see ``single_cuts``). Banned
turns are left aside: what counts here is the road itself, and in need a turn is waved through.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.clock import MINUTE_MS
from dispatch.roads.network import RoadNetwork
from dispatch.roads.travel import NEVER
from models.paths.isolating_cut import isolating_cut
from models.paths.last_roads import last_roads
from models.paths.single_cuts import single_cuts

__all__ = ["CUT_COLUMNS", "DETOUR_COLUMNS", "detours", "isolating_edges", "lifelines", "rank_edges"]

DETOUR_COLUMNS: dict[str, str] = {
    "edge": "str",
    "place": "str",
    "before_min": "float64",
    "after_min": "float64",
    "detour_min": "float64",
}
"""One row per edge and place whose fastest way from the nearest source gets longer; ``inf``: the place is lost."""

CUT_COLUMNS: dict[str, str] = {
    "edge": "str",
    "name": "str",
    "ref": "str",
    "bridge": "bool",
    "places_cut_off": "int64",
    "people_cut_off": "float64",
    "places_delayed": "int64",
    "person_minutes": "float64",
    "longest_detour_min": "float64",
}
"""``person_minutes``: people × minutes lost by those who still have a way; those without are in ``people_cut_off``."""


def detours(
    network: RoadNetwork,
    crossing_ms: NDArray[np.int64],
    sources: Sequence[int],
    places: Mapping[str, int],
    *,
    bridges_only: bool = False,
) -> pd.DataFrame:
    """Time from the nearest source to every place after the loss of every single edge.

    Parameters
    ----------
    network : RoadNetwork
    crossing_ms : int64 array (m,)
        Of one vehicle class, as from ``profiles.travel_ms``; ``NEVER`` where it may not go.
    sources : sequence of int
        Network nodes (depots).
    places : mapping of place to int
        Network node of each place, -1 if no road is near (such places are left out).
    bridges_only : bool
        Only the loss of edges tagged as bridges.

    Returns
    -------
    DataFrame
        ``DETOUR_COLUMNS``; edges in network order. What is not listed does not change.
    """
    ids = [place for place, node in places.items() if node >= 0]
    nodes = np.array([places[place] for place in ids], dtype=np.int64)
    cuttable = network.bridge if bridges_only else None
    found = single_cuts(network.graph, _weight(crossing_ms), np.asarray(sources), nodes, cuttable=cuttable)
    order = np.lexsort((found.target, found.edge))
    before = found.before[found.target[order]] / MINUTE_MS
    after = found.after[order] / MINUTE_MS
    columns = {
        "edge": network.edge_id[found.edge[order]],
        "place": np.array(ids, dtype=object)[found.target[order]],
        "before_min": before,
        "after_min": after,
        "detour_min": after - before,
    }
    return pd.DataFrame({name: pd.Series(columns[name], dtype=kind) for name, kind in DETOUR_COLUMNS.items()})


def rank_edges(network: RoadNetwork, table: pd.DataFrame, people: Mapping[str, float]) -> pd.DataFrame:
    """Edges by what their loss costs: people cut off first, then people × minutes lost.

    Parameters
    ----------
    network : RoadNetwork
    table : DataFrame
        From :func:`detours`.
    people : mapping of place to float

    Returns
    -------
    DataFrame
        ``CUT_COLUMNS``, worst first; edges whose loss costs nothing are left out.

    Raises
    ------
    KeyError
        If a place of the table has no number of people.
    """
    heads = np.array([people[place] for place in table["place"]], dtype=np.float64)
    lost = np.isinf(table["detour_min"].to_numpy())
    minutes = np.where(lost, 0.0, table["detour_min"].to_numpy())
    edge, position = np.unique(
        np.array([network.edge_index[e] for e in table["edge"]], dtype=np.int64), return_inverse=True
    )
    longest = np.zeros(len(edge))
    np.maximum.at(longest, position, minutes)
    columns = {
        "edge": network.edge_id[edge],
        "name": network.name[edge],
        "ref": network.ref[edge],
        "bridge": network.bridge[edge],
        "places_cut_off": np.bincount(position, lost, len(edge)),
        "people_cut_off": np.bincount(position, lost * heads, len(edge)),
        "places_delayed": np.bincount(position, ~lost, len(edge)),
        "person_minutes": np.bincount(position, minutes * heads, len(edge)),
        "longest_detour_min": longest,
    }
    ranked = pd.DataFrame({name: pd.Series(columns[name]).astype(kind) for name, kind in CUT_COLUMNS.items()})
    return ranked.sort_values(
        ["people_cut_off", "places_cut_off", "person_minutes", "edge"], ascending=[False, False, False, True]
    ).reset_index(drop=True)


def lifelines(
    network: RoadNetwork, crossing_ms: NDArray[np.int64], sources: Sequence[int], places: Mapping[str, int]
) -> dict[str, tuple[str, ...] | None]:
    """Edges that every way to a place uses: the loss of any one of them cuts it off.

    Returns
    -------
    dict of place to tuple of edge ids
        In driving order; empty where a second way always exists; None where the place is out of reach as it is.
    """
    roads = last_roads(network.graph, np.asarray(crossing_ms) < NEVER, np.asarray(sources, dtype=np.int64))
    result: dict[str, tuple[str, ...] | None] = {}
    for place, node in places.items():
        if node < 0 or not roads.reached[node]:
            result[place] = None
        else:
            result[place] = tuple(str(network.edge_id[edge]) for edge in roads.edges_to(node))
    return result


def isolating_edges(
    network: RoadNetwork,
    crossing_ms: NDArray[np.int64],
    sources: Sequence[int],
    node: int,
    *,
    bridges_only: bool = False,
) -> tuple[str, ...] | None:
    """Fewest edges (or bridges) whose loss isolates a node from all sources.

    Returns
    -------
    tuple of edge ids or None
        Empty if it is isolated as it is; None if no such cut exists.
    """
    cuttable = network.bridge if bridges_only else None
    is_open = np.asarray(crossing_ms) < NEVER
    edges = isolating_cut(network.graph, is_open, np.asarray(sources, dtype=np.int64), node, cuttable)
    return None if edges is None else tuple(str(network.edge_id[edge]) for edge in edges)


def _weight(crossing_ms: NDArray[np.int64]) -> NDArray[np.float64]:
    crossing = np.asarray(crossing_ms)
    return np.where(crossing >= NEVER, np.inf, crossing.astype(np.float64))
