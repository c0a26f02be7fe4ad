"""Readers of the published siting instances and best-known values (conventions: SOURCES.md of the bench folder)."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "BestKnown", "best_known", "read_cap", "read_cover", "read_cpmp", "read_holmberg", "read_mclp", "read_pmed",
    "read_spopt", "read_sslp",
]  # fmt: skip

EARTH_M = 6_378_100.0
"""Radius that the covering instances use."""


@dataclass(frozen=True)
class BestKnown:
    """One row of bks.csv."""

    instance: str
    objective: str
    value: float
    optimal: str
    params: dict[str, float]


def best_known(bench: Path, family: str) -> list[BestKnown]:
    """Rows of a family's bks.csv."""
    rows = []
    with (bench / family / "bks.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            params = dict(pair.split("=") for pair in row["params"].split(";") if pair)
            rows.append(BestKnown(row["instance"], row["objective"], float(row["bks"]), row["optimal"],
                                  {key: float(value) for key, value in params.items()}))  # fmt: skip
    return rows


def read_pmed(path: Path) -> tuple[NDArray[np.float64], int]:
    """Distances between all vertices and p; of parallel edges the last one counts."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    words = np.array(path.read_text().split(), dtype=np.int64)
    n, m, p = words[:3]
    length = {}
    for u, v, cost in words[3 : 3 + 3 * m].reshape(-1, 3).tolist():
        length[min(u, v) - 1, max(u, v) - 1] = float(cost)
    ends = np.array(list(length))
    graph = csr_array((np.array(list(length.values())), (ends[:, 0], ends[:, 1])), shape=(n, n))
    return np.asarray(dijkstra(graph, directed=False)), int(p)


def read_cpmp(path: Path) -> tuple[NDArray[np.float64], NDArray[np.float64], int, float]:
    """Truncated distances, demands, p, capacity of each median."""
    words = path.read_text().split()
    n, p, capacity = int(words[2]), int(words[3]), float(words[4])
    table = np.array(words[5 : 5 + 4 * n], dtype=np.float64).reshape(n, 4)
    between = table[:, None, 1:3] - table[None, :, 1:3]
    return np.floor(np.hypot(between[..., 0], between[..., 1])), table[:, 3], p, capacity


def read_cap(path: Path, capacity: float | None = None):  # type: ignore[no-untyped-def]
    """Whole-demand costs (customers × warehouses), demands, capacities, opening costs."""
    words = [str(capacity) if word == "capacity" else word for word in path.read_text().split()]
    m, n = int(words[0]), int(words[1])
    sites = np.array([word if word != "None" else "inf" for word in words[2 : 2 + 2 * m]], dtype=np.float64).reshape(
        m, 2
    )
    rest = np.array(words[2 + 2 * m : 2 + 2 * m + n * (m + 1)], dtype=np.float64).reshape(n, m + 1)
    return rest[:, 1:].copy(), rest[:, 0].copy(), sites[:, 0].copy(), sites[:, 1].copy()


def read_holmberg(path: Path):  # type: ignore[no-untyped-def]
    """Whole-demand costs (customers × facilities), demands, capacities, opening costs."""
    words = np.array(path.read_text().replace("\x00", " ").split(), dtype=np.float64)
    m, n = int(words[0]), int(words[1])
    sites = words[2 : 2 + 2 * m].reshape(m, 2)
    demand = words[2 + 2 * m : 2 + 2 * m + n]
    cost = words[2 + 2 * m + n : 2 + 2 * m + n + m * n].reshape(m, n).T
    return cost.copy(), demand.copy(), sites[:, 0].copy(), sites[:, 1].copy()


def read_cover(path: Path) -> tuple[Any, NDArray[np.float64]]:
    """Rows × columns (sparse, bool) and column costs."""
    from scipy.sparse import csr_array

    words = np.array(path.read_text().split(), dtype=np.int64)
    n, m = int(words[0]), int(words[1])
    cost = words[2 : 2 + m].astype(np.float64)
    row, column, at = [], [], 2 + m
    for i in range(n):
        count = int(words[at])
        row += [i] * count
        column += (words[at + 1 : at + 1 + count] - 1).tolist()
        at += 1 + count
    return csr_array((np.ones(len(row), bool), (row, column)), shape=(n, m)), cost


def read_mclp(path: Path, radius_m: float) -> tuple[Any, NDArray[np.float64]]:
    """Who covers whom within the radius (sparse, bool), and demands."""
    from scipy.sparse import csr_array
    from scipy.spatial import cKDTree

    words = path.read_text().split()
    coordinates, demands = words.index("NODE_COORD_SECTION") + 1, words.index("DEMAND_SECTION") + 1
    table = np.radians(np.array(words[coordinates : demands - 1], dtype=np.float64).reshape(-1, 2))
    lat, lon = table[:, 0], table[:, 1]
    demand = np.array(words[demands : demands + len(table)], dtype=np.float64)
    unit = np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    pairs = cKDTree(unit).query_pairs(2 * np.sin((radius_m * 1.001) / EARTH_M / 2), output_type="ndarray")
    half = (lat[pairs[:, 0]] - lat[pairs[:, 1]]) / 2, (lon[pairs[:, 0]] - lon[pairs[:, 1]]) / 2
    haversine = np.sin(half[0]) ** 2 + np.cos(lat[pairs[:, 0]]) * np.cos(lat[pairs[:, 1]]) * np.sin(half[1]) ** 2
    pairs = pairs[2 * EARTH_M * np.arcsin(np.sqrt(haversine)) <= radius_m]
    n = len(table)
    row = np.concatenate([pairs[:, 0], pairs[:, 1], np.arange(n)])
    column = np.concatenate([pairs[:, 1], pairs[:, 0], np.arange(n)])
    return csr_array((np.ones(len(row), bool), (row, column)), shape=(n, n)), demand


def read_spopt(folder: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distances (205 × 16) and demand (POP2000)."""
    import pandas as pd

    distance = pd.read_csv(folder / "SF_network_distance_candidateStore_16_censusTract_205_new.csv")
    demand = pd.read_csv(folder / "SF_demand_205_centroid_uniform_weight.csv")
    table = distance.pivot_table(values="distance", index="DestinationName", columns="name")
    weight = demand.set_index("NAME").loc[table.index, "POP2000"] if "NAME" in demand else demand["POP2000"]
    return table.to_numpy(), weight.to_numpy(dtype=np.float64)


def read_sslp(path: Path) -> dict[str, Any]:
    """The JSON as it is."""
    return dict(json.loads(path.read_text()))
