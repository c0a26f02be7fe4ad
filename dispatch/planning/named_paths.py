"""Ways of a plan by name, each written once."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from dispatch.planning.assemble import typed
from dispatch.planning.plan import PATH_COLUMNS
from dispatch.scenario import Scenario

__all__ = ["NamedPaths"]


class NamedPaths:
    """Ways by name; the names begin with the part of the plan that they belong to."""

    def __init__(self, scenario: Scenario, prefix: str) -> None:
        self._network, self._prefix = scenario.network, prefix
        self._names: dict[tuple[str, str, str, tuple[int, ...]], str] = {}

    def name(self, vehicle_class: str, origin: str, destination: str, edges: Iterable[int]) -> str:
        """Name of a way, "" for no way at all."""
        way = tuple(int(edge) for edge in edges)
        if origin == destination and not way:
            return ""
        key = (vehicle_class, origin, destination, way)
        return self._names.setdefault(key, f"{self._prefix}{len(self._names) + 1}")

    def table(self) -> pd.DataFrame:
        """Rows of ``PATH_COLUMNS``."""
        network = self._network
        rows = [
            {"path": name, "from_site": origin, "to_site": destination, "vehicle_class": of,
             "edges": tuple(str(network.edge_id[edge]) for edge in edges),
             "length_m": float(network.length_m[list(edges)].sum())}
            for (of, origin, destination, edges), name in self._names.items()
        ]  # fmt: skip
        return typed(PATH_COLUMNS, rows)
