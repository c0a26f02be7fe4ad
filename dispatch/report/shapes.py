"""Road geometry light enough for a page: simplified for drawing only, five decimals, written as encoded polylines.

Simplification: Douglas & Peucker (1973), by shapely, in local metres; junctions never move. Encoding: Google's Encoded
Polyline Algorithm Format (1e-5 degrees, about a metre; zigzag differences in 5-bit groups), one string per group of
lines, the lines apart by a space and each starting where the one before ended.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch.roads.network import ROAD_CLASSES, RoadNetwork

__all__ = ["ROAD_GROUPS", "Lines", "decode", "drawn_edges", "encode", "road_group", "simplify"]

ROAD_GROUPS: dict[str, tuple[str, ...]] = {
    "major": ("motorway", "trunk", "primary", "motorway_link", "trunk_link", "primary_link"),
    "middle": ("secondary", "tertiary", "secondary_link", "tertiary_link"),
    "minor": ("unclassified", "residential", "living_street", "service", "track", "road", "ferry"),
}
"""Road classes as they are drawn."""

_METRES_PER_DEGREE = 111_195.0  # mean Earth radius 6371.0088 km × π / 180
_SCALE = 100_000


@dataclass(frozen=True, eq=False)
class Lines:
    """Many lines as arrays: points ``first[k] … first[k + 1] - 1`` of line ``k``, degrees."""

    first: NDArray[np.int64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]

    def __len__(self) -> int:
        """Number of lines."""
        return len(self.first) - 1

    def line(self, k: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Longitudes and latitudes of line ``k``."""
        part = slice(int(self.first[k]), int(self.first[k + 1]))
        return self.lon[part], self.lat[part]

    def take(self, which: NDArray[np.integer]) -> Lines:
        """Those lines, in that order."""
        which = np.asarray(which, dtype=np.int64)
        counts = (self.first[1:] - self.first[:-1])[which]
        first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        points = np.repeat(self.first[which] - first[:-1], counts) + np.arange(first[-1])
        return Lines(first, self.lon[points], self.lat[points])


def simplify(network: RoadNetwork, tolerance_m: float) -> Lines:
    """Every edge of the network, simplified so that no point lies farther than the tolerance from its line."""
    import shapely

    shrink = float(np.cos(np.radians(np.mean(network.node_lat)))) if len(network.node_lat) else 1.0
    metres = np.array([_METRES_PER_DEGREE * shrink, _METRES_PER_DEGREE])
    points = np.column_stack([network.shape_lon, network.shape_lat]) * metres
    counts = np.diff(network.shape_first)
    of_line = np.repeat(np.arange(len(counts)), counts)
    lines = shapely.simplify(
        shapely.linestrings(points, indices=of_line), tolerance_m, preserve_topology=False
    )  # fmt: skip
    kept, of_kept = shapely.get_coordinates(lines, return_index=True)
    first = np.concatenate([[0], np.cumsum(np.bincount(of_kept, minlength=len(counts)))]).astype(np.int64)
    degrees = np.round(kept / metres, 5)
    return Lines(first, degrees[:, 0], degrees[:, 1])


def road_group(network: RoadNetwork) -> NDArray[np.object_]:
    """Name in ``ROAD_GROUPS`` of every edge."""
    group_of = {name: group for group, names in ROAD_GROUPS.items() for name in names}
    return np.array([group_of[name] for name in ROAD_CLASSES], dtype=object)[network.road_class]


def drawn_edges(network: RoadNetwork) -> NDArray[np.int64]:
    """Edges to draw: each street once, though it has an edge for each direction."""
    edge = np.arange(network.graph.m)
    return edge[(network.twin < 0) | (edge <= network.twin)]


def encode(lines: Lines) -> str:
    """Write lines as one string; :func:`decode` is its inverse to 1e-5 degrees."""
    n = len(lines.lon)
    if n == 0:
        return ""
    scaled = np.rint(np.column_stack([lines.lat, lines.lon]) * _SCALE).astype(np.int64)
    step = np.diff(scaled, axis=0, prepend=np.zeros((1, 2), dtype=np.int64)).ravel()
    zigzag = np.where(step < 0, ~(step << 1), step << 1)
    groups = np.ones(len(zigzag), dtype=np.int64)
    for bits in range(5, 35, 5):
        groups += zigzag >= (1 << bits)
    ends = np.cumsum(groups)
    position = np.arange(ends[-1]) - np.repeat(ends - groups, groups)
    value = np.repeat(zigzag, groups) >> (5 * position) & 31
    more = position < np.repeat(groups, groups) - 1
    letters = (value + np.where(more, 32, 0) + 63).astype(np.uint8)
    inner = lines.first[1:-1]
    if len(inner):
        letters = np.insert(letters, ends[2 * inner - 1], np.uint8(32))
    return str(letters.tobytes().decode("ascii"))


def decode(text: str) -> list[list[tuple[float, float]]]:
    """Read lines of (lon, lat) back from :func:`encode`'s string, as the page does."""
    lines: list[list[tuple[float, float]]] = []
    lat = lon = 0
    for part in text.split(" ") if text else []:
        line: list[tuple[float, float]] = []
        numbers: list[int] = []
        value = shift = 0
        for letter in part:
            bits = ord(letter) - 63
            value |= (bits & 31) << shift
            shift += 5
            if bits < 32:
                numbers.append(~(value >> 1) if value & 1 else value >> 1)
                value = shift = 0
        for north, east in zip(numbers[::2], numbers[1::2], strict=True):
            lat += north
            lon += east
            line.append((lon / _SCALE, lat / _SCALE))
        lines.append(line)
    return lines
