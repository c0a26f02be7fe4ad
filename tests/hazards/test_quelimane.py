"""Routes published for a flooded town (Quelimane, Deltares ra2ce): every one of them, by our network and closures.

Lengths there are whole metres. At 3,600 km/h a metre takes a millisecond, so times here are those lengths exactly; the
flood goes the whole way, from a depth per edge through ``Disruption`` rows and ``timed_edges`` to the search.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dispatch.hazards.disruption import Disruption, no_disruption
from dispatch.hazards.timed import timed_edges
from dispatch.roads.network import ROAD_CLASSES, RoadNetwork
from dispatch.roads.profiles import VehicleProfile, travel_ms
from dispatch.roads.read import read_network
from models.earliest_arrival import earliest_arrival
from models.traversal import NEVER
from tests import tiny
from tests.shared import shared_path

METRE_A_MS = VehicleProfile("walker", "", "", 0.0, 0.0, 0.0, 0.0, dict.fromkeys(ROAD_CLASSES, 3600.0), {})
"""3,600 km/h on every road, stopped by any water."""
FOLDER = "data/access_quelimane_ra2ce"
EDGES = "OD_accessibility_analysis_results_edges.gpkg"


@pytest.fixture(scope="module")
def town() -> tuple[RoadNetwork, pd.DataFrame]:
    """The network, every road in both directions, and the rows of the edge table (row k is way k + 1)."""
    import pyogrio

    path = shared_path(FOLDER) / EDGES
    columns = {"from": "u", "to": "v", "length": "length", "class": "highway", "oneway": [], "maxspeed": [], "id": []}
    network = read_network(path, cache=False, columns=columns)
    # the reader spreads a stated length over the points of its line: whole metres but for the last bit
    whole = np.round(network.length_m)
    assert np.abs(whole - network.length_m).max() < 1e-9
    return replace(network, length_m=whole), pyogrio.read_dataframe(path, read_geometry=False)


def _routes(name: str) -> pd.DataFrame:
    path = shared_path(FOLDER) / f"OD_accessibility_analysis_optimal_routes_{name}_hazard.csv"
    return pd.read_csv(path).astype({"o_node": "int64", "d_node": "int64"})


def _flood(network: RoadNetwork, table: pd.DataFrame) -> Disruption:
    """Every road with water on it, at its published depth."""
    depth = table["EV1_ma"].to_numpy(dtype=float)[network.way - 1]
    return tiny.disruption(
        [
            tiny.closure(network.edge_id[e], 0, np.inf, depth_m=depth[e], speed_permille=np.nan)
            for e in np.flatnonzero(depth > 0)
        ]
    )


def _lengths(network: RoadNetwork, routes: pd.DataFrame, flood: Disruption) -> dict[int, np.ndarray]:
    """Length from each route's origin to every published destination, m, by destination."""
    timed = timed_edges(network, travel_ms(network, METRE_A_MS), "walker", METRE_A_MS.wading_m, flood)
    node = {int(osm_id): position for position, osm_id in enumerate(network.node_id)}
    origin = routes["o_node"].map(node).to_numpy()
    # every road runs both ways, so the way from a destination is as long as the way to it
    return {
        destination: earliest_arrival(network.graph, timed, node[destination], 0)[0][origin]
        for destination in sorted(set(_routes("without")["d_node"]))
    }


def _own_and_nearest(lengths: dict[int, np.ndarray], routes: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Length of each route to its published destination, and to the nearest of all."""
    own = np.array([lengths[destination][k] for k, destination in enumerate(routes["d_node"])])
    return own, np.min(list(lengths.values()), axis=0)


def test_the_network_is_the_published_one(town: tuple[RoadNetwork, pd.DataFrame]) -> None:
    network, table = town
    assert (network.graph.n, network.graph.m) == (2957, 2 * 3536)
    assert np.array_equal(network.length_m, table["length"].to_numpy()[network.way - 1])
    assert (network.twin[network.twin] == np.arange(network.graph.m)).all()


def test_every_route_without_flood(town: tuple[RoadNetwork, pd.DataFrame]) -> None:
    routes = _routes("without")
    assert len(routes) == 1263
    own, nearest = _own_and_nearest(_lengths(town[0], routes, no_disruption()), routes)
    assert np.array_equal(own, routes["lengthNorm"].to_numpy(dtype="int64"))
    assert np.array_equal(nearest, own)  # the published destination is the nearest one


def test_every_route_through_the_flood(town: tuple[RoadNetwork, pd.DataFrame]) -> None:
    routes = _routes("with")
    assert len(routes) == 920
    own, nearest = _own_and_nearest(_lengths(town[0], routes, _flood(*town)), routes)
    assert np.array_equal(own, routes["lengthDisr"].to_numpy(dtype="int64"))
    assert np.array_equal(nearest, own)


def test_origins_without_a_published_flood_route_are_cut_off(town: tuple[RoadNetwork, pd.DataFrame]) -> None:
    """The other direction of the published result: whoever has a route only without the flood gets nowhere in it."""
    dry = _routes("without")
    cut = dry[~dry["o_node"].isin(set(_routes("with")["o_node"]))]
    assert len(cut) > 0
    assert np.min(list(_lengths(town[0], cut, _flood(*town)).values())) == NEVER
