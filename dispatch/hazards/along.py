"""Points along every street, close enough together that no cell of a raster is stepped over."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch.roads.measure import EARTH_RADIUS_M
from dispatch.roads.network import RoadNetwork

__all__ = ["StreetPoints", "edge_middles", "street_points"]


@dataclass(frozen=True, eq=False)
class StreetPoints:
    """Points along streets (of a two-way street: along the direction that comes first).

    Attributes
    ----------
    street : int64 array (points,)
        Street of each point, ascending.
    lon, lat : float64 arrays (points,)
    edge : int64 array (streets,)
        Edge whose line a street follows.
    street_of : int64 array (m,)
        Street of each edge.
    """

    street: NDArray[np.int64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    edge: NDArray[np.int64]
    street_of: NDArray[np.int64]


def street_points(network: RoadNetwork, spacing_m: float) -> StreetPoints:
    """Points at both ends of every street and no more than ``spacing_m`` apart between."""
    each = np.arange(network.graph.m, dtype=np.int64)
    twin = network.twin.astype(np.int64)
    edge = each[(twin < 0) | (each < twin)]
    street_of = np.empty(len(each), dtype=np.int64)
    street_of[edge] = np.arange(len(edge))
    back = each[(twin >= 0) & (each > twin)]
    street_of[back] = street_of[twin[back]]
    first, last = network.shape_first[edge], network.shape_first[edge + 1] - 1
    lon, lat = network.shape_lon, network.shape_lat
    metre = math.radians(1) * EARTH_RADIUS_M
    east = np.diff(lon) * metre * np.cos(np.radians(0.5 * (lat[1:] + lat[:-1])))
    # one long chain: where it runs over the gap between two lines, no point falls
    chain = np.concatenate([[0.0], np.cumsum(np.hypot(east, np.diff(lat) * metre))])
    length = chain[last] - chain[first]
    parts = np.maximum(np.ceil(length / spacing_m).astype(np.int64), 1)
    street = np.repeat(np.arange(len(edge)), parts + 1)
    number = np.arange(len(street)) - np.repeat(np.cumsum(parts + 1) - (parts + 1), parts + 1)
    at = chain[first][street] + length[street] * (number / parts[street])
    piece = np.clip(np.searchsorted(chain, at, side="right") - 1, first[street], np.maximum(last[street] - 1, 0))
    whole = chain[piece + 1] - chain[piece]
    share = np.clip(np.where(whole > 0, (at - chain[piece]) / np.where(whole > 0, whole, 1.0), 0.0), 0.0, 1.0)
    return StreetPoints(
        street,
        lon[piece] + share * (lon[piece + 1] - lon[piece]),
        lat[piece] + share * (lat[piece + 1] - lat[piece]),
        edge,
        street_of,
    )


def edge_middles(
    network: RoadNetwork, edge: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:  # fmt: skip
    """Points half-way along edges, longitude and latitude."""
    first, last = network.shape_first[edge], network.shape_first[edge + 1] - 1
    lon, lat = network.shape_lon, network.shape_lat
    east = np.diff(lon) * np.cos(np.radians(0.5 * (lat[1:] + lat[:-1])))
    chain = np.concatenate([[0.0], np.cumsum(np.hypot(east, np.diff(lat)))])
    at = 0.5 * (chain[first] + chain[last])
    piece = np.clip(np.searchsorted(chain, at, side="right") - 1, first, np.maximum(last - 1, first))
    ahead = np.minimum(piece + 1, len(chain) - 1)
    whole = chain[ahead] - chain[piece]
    share = np.where(whole > 0, (at - chain[piece]) / np.where(whole > 0, whole, 1.0), 0.0)
    return lon[piece] + share * (lon[ahead] - lon[piece]), lat[piece] + share * (lat[ahead] - lat[piece])
