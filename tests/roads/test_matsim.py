"""MATSim networks: the published counts of two real ones, and each attribute on a small one."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from dispatch.problems import InputProblems
from dispatch.roads.components import component_sizes
from dispatch.roads.network import ROAD_CLASSES
from dispatch.roads.read import read_network
from tests.roads.osm_text import assert_sound, by_id
from tests.shared import shared_path


@pytest.mark.parametrize(
    ("file", "crs", "nodes", "links", "km", "box"),
    [
        ("evac_lithgow/lithgow_surrounds_network_epsg7855.xml.gz", "EPSG:7855", 26_331, 51_178, 18_357,
         (148.36, -34.90, 152.54, -31.63)),
        ("roads_yarra_ranges/yarra_cardinia_bawbaw_shires_network.xml.gz", 28355, 39_312, 78_216, 24_262,
         (145.08, -38.66, 150.56, -34.55)),
    ],
)  # fmt: skip
def test_published_counts(file: str, crs: str | int, nodes: int, links: int, km: int, box: tuple[float, ...]) -> None:
    """Counts, total of the links' own lengths, one component, and the place, as SOURCES.md says."""
    network = read_network(shared_path("data") / file, crs=crs, cache=False)
    assert (network.graph.n, network.graph.m) == (nodes, links)
    assert round(network.length_m.sum() / 1000) == km
    assert component_sizes(network, "weak").tolist() == component_sizes(network, "strong").tolist() == [nodes]
    there = (network.node_lon.min(), network.node_lat.min(), network.node_lon.max(), network.node_lat.max())
    np.testing.assert_allclose(there, box, atol=0.15)  # the page rounds projected corners
    assert np.isfinite(network.max_speed_kmh).all()
    assert len(set(network.edge_id)) == links


SMALL = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE network SYSTEM "http://www.matsim.org/files/dtd/network_v2.dtd">
<network>
<attributes><attribute name="coordinateReferenceSystem" class="java.lang.String">EPSG:4549</attribute></attributes>
<nodes>
<node id="1" x="500000" y="3950000"/><node id="2" x="501000" y="3950000"/><node id="3" x="501000" y="3951000"/>
</nodes>
<links capperiod="01:00:00">
<link id="a" from="1" to="2" length="1234.5" freespeed="13.8888888888889" capacity="600" permlanes="1" modes="car,bus">
<attributes><attribute name="type">primary</attribute><attribute name="origid">77-77-78</attribute></attributes></link>
<link id="b" from="2" to="1" length="1234.5" freespeed="8.333333333333334" capacity="600" permlanes="2" modes="car">
<attributes><attribute name="type">primary</attribute><attribute name="origid">78-77</attribute></attributes></link>
<link id="c" from="2" to="3" length="1000" freespeed="5" capacity="600" permlanes="1" modes="car"/>
<link id="d" from="3" to="2" length="900" freespeed="30" capacity="600" permlanes="1" modes="pt"/>
</links></network>
"""


def test_links_keep_what_they_say(tmp_path: Path) -> None:
    """Own length and speed, type, way ids; a railway's link is no road; the network states its own CGCS2000 zone."""
    path = tmp_path / "network.xml"
    path.write_text(SMALL)
    network = read_network(path, cache=False)
    assert by_id(network, "length_m") == {"77:1-2": 1234.5, "78:2-1": 1234.5, "3:2-3": 1000.0}
    assert by_id(network, "max_speed_kmh") == pytest.approx({"77:1-2": 50.0, "78:2-1": 30.0, "3:2-3": 18.0})
    assert by_id(network, "ways") == {"77:1-2": (77, 78), "78:2-1": (78, 77), "3:2-3": (3,)}
    assert by_id(network, "lanes") == {"77:1-2": 3.0, "78:2-1": 3.0, "3:2-3": 1.0}  # of the whole street, as in OSM
    classes = {edge: ROAD_CLASSES[c] for edge, c in by_id(network, "road_class").items()}  # type: ignore[call-overload]
    assert classes == {"77:1-2": "primary", "78:2-1": "primary", "3:2-3": "road"}
    assert network.node_lon[0] == pytest.approx(120.0, abs=1e-6)  # false easting: the central meridian of the zone
    assert_sound(network)


BROKEN = {
    "cut": SMALL[:700],
    "no_node": SMALL.replace('to="3" length="1000"', 'to="9" length="1000"'),
    "word": SMALL.replace('length="1000"', 'length="far"'),
    "no_length": SMALL.replace('length="1000"', ""),
    "no_links": SMALL[: SMALL.index("<link id")] + "</links></network>",
    "no_crs": SMALL.replace("EPSG:4549", ""),
    "odd_crs": SMALL.replace("EPSG:4549", "Atlantis"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_networks_are_reported(tmp_path: Path, name: str) -> None:
    path = tmp_path / "network.xml"
    path.write_text(BROKEN[name])
    with pytest.raises(InputProblems) as found:
        read_network(path, cache=False)
    assert found.value.problems[0].file == "network.xml"


def test_cut_gzip_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "network.xml.gz"
    path.write_bytes(gzip.compress(SMALL.encode())[:-30])
    with pytest.raises(InputProblems):
        read_network(path, cache=False)


def test_the_wrong_zone_is_reported(tmp_path: Path) -> None:
    """Metres read as degrees lie outside the world."""
    path = tmp_path / "network.xml"
    path.write_text(SMALL)
    with pytest.raises(InputProblems):
        read_network(path, crs=4326, cache=False)
