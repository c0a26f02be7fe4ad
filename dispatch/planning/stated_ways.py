"""Ways that a plan states, driven again, and new ones added by name where it states none that fits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.planning.assemble import typed
from dispatch.planning.plan import PATH_COLUMNS
from dispatch.roads.travel import Travel, drive, leg
from models.traversal import NEVER

__all__ = ["Stand", "Ways"]


@dataclass
class Stand:
    """Where a vehicle stands, since when, from when it may go on, and its driving since the last rest."""

    site: str
    arrived_ms: int
    free_ms: int
    driven_ms: int


class Ways:
    """The ways of a plan.

    Parameters
    ----------
    paths : DataFrame
        ``PATH_COLUMNS``.
    roads : Travel
    rest_ms : int
        Standing as long counts as a rest.
    """

    def __init__(self, paths: pd.DataFrame, roads: Travel, rest_ms: int) -> None:
        self._roads, self._rest_ms = roads, rest_ms
        self._rows: dict[str, dict[str, Any]] = {}
        for path in paths.to_dict("records"):
            self._rows.setdefault(path["path"], path)
        self._names = {
            (row["vehicle_class"], row["from_site"], row["to_site"], tuple(row["edges"])): name
            for name, row in self._rows.items()
        }

    def table(self) -> pd.DataFrame:
        """All ways, those added last."""
        return typed(PATH_COLUMNS, list(self._rows.values()))

    def leg(self, vehicle_class: str, stand: Stand, to: str, path: str, leave_ms: int) -> tuple[str, int] | None:
        """Drive to a site by the stated way, or by the fastest where that is none of this leg's; None if there is none.

        Returns
        -------
        path : str
            The way's name, "" where the vehicle is there already.
        arrive_ms : int
            ``stand`` is moved there.
        """
        origin, driven_ms = stand.site, self._driven_ms(stand, leave_ms)
        edges = self._stated(vehicle_class, origin, to, path)
        gone = None if edges is None else drive(self._roads, vehicle_class, origin, to, edges, leave_ms, driven_ms)
        if gone is None or gone.arrive_ms >= NEVER:
            found = leg(self._roads, vehicle_class, origin, to, leave_ms, driven_ms)
            if found is None:
                return None
            path, gone = self._named(vehicle_class, origin, to, found[0]), found[1]
        stand.site, stand.arrived_ms, stand.driven_ms = to, gone.arrive_ms, gone.driven_ms
        return path, int(gone.arrive_ms)

    def driven(
        self, vehicle_class: str, stand: Stand, to: str, path: str, leave_ms: int, arrive_ms: int, free_ms: int
    ) -> Stand:
        """Where a vehicle stands after a leg with stated times; only its driving since the last rest is worked out."""
        driven_ms = 0
        edges = self._stated(vehicle_class, stand.site, to, path)
        if edges is not None:
            before_ms = self._driven_ms(stand, leave_ms)
            driven_ms = drive(self._roads, vehicle_class, stand.site, to, edges, leave_ms, before_ms).driven_ms
        return Stand(to, arrive_ms, free_ms, driven_ms)

    def _driven_ms(self, stand: Stand, leave_ms: int) -> int:
        return 0 if leave_ms - stand.arrived_ms >= self._rest_ms else stand.driven_ms

    def _stated(self, vehicle_class: str, origin: str, to: str, path: str) -> NDArray[np.int64] | None:
        """Edges of a stated way if it is one of this class between these sites; None otherwise."""
        row = self._rows.get(path)
        if not path or row is None:
            return np.empty(0, dtype=np.int64) if origin == to and not path else None
        if (row["vehicle_class"], row["from_site"], row["to_site"]) != (vehicle_class, origin, to):
            return None
        index, graph = self._roads.network.edge_index, self._roads.network.graph
        if not row["edges"] or any(edge not in index for edge in row["edges"]):
            return None
        edges = np.array([index[edge] for edge in row["edges"]], dtype=np.int64)
        start, end = (int(self._roads.node[self._roads.index[site]]) for site in (origin, to))
        whole = int(graph.tail[edges[0]]) == start and int(graph.head[edges[-1]]) == end
        return edges if whole and bool((graph.head[edges[:-1]] == graph.tail[edges[1:]]).all()) else None

    def _named(self, vehicle_class: str, origin: str, to: str, edges: NDArray[np.integer]) -> str:
        """Name of a way, which is added where the plan does not have it."""
        if not len(edges):
            return ""
        network = self._roads.network
        ids = tuple(str(edge) for edge in network.edge_id[edges])
        key = (vehicle_class, origin, to, ids)
        if key not in self._names:
            number = len(self._rows) + 1
            while f"P{number}" in self._rows:
                number += 1
            name = self._names[key] = f"P{number}"
            self._rows[name] = {
                "path": name, "from_site": origin, "to_site": to, "vehicle_class": vehicle_class, "edges": ids,
                "length_m": float(network.length_m[edges].sum()),
            }  # fmt: skip
        return self._names[key]
