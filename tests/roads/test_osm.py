"""OSM files as segments: published counts of real extracts, odd but valid files, and damaged ones."""

from __future__ import annotations

import bz2
import gzip
from pathlib import Path

import numpy as np
import pytest

from dispatch.problems import InputProblems
from dispatch.roads.components import component_labels, label_sizes
from dispatch.roads.osm import OSM_ATTRIBUTION, read_segments
from dispatch.roads.read import read_network
from dispatch.roads.segments import Segments
from tests.roads.osm_text import by_id, grid, osm, turns, write
from tests.shared import shared_path

PUBLISHED = {
    "roads_andorra/andorra-20250118.osm.pbf": (52_948, 99_262, 26, 51_732, 181, 51_441),
    "roads_andorra/andorra-20130528.osm.pbf": (21_538, 41_816, 15, 20_659, 43, 20_632),
    "roads_liechtenstein/liechtenstein-20210504.osm.pbf": (41_888, 84_105, 64, 40_053, 74, 40_043),
}
"""Nodes, directed edges, weak and strong components (number, largest) of "motor roads + tracks" in SOURCES.md."""


def _counts(segments: Segments, tail: np.ndarray, head: np.ndarray) -> tuple[int, ...]:
    n = len(segments.node_id)
    weak, strong = (label_sizes(component_labels(n, tail, head, kind)) for kind in ("weak", "strong"))
    pairs = len(np.unique(np.column_stack([tail, head]), axis=0))
    return n, pairs, len(weak), int(weak[0]), len(strong), int(strong[0])


@pytest.mark.parametrize("file", PUBLISHED)
def test_published_counts(file: str) -> None:
    """All six numbers of three extracts agree, read as that count was made.

    It took ``oneway=-1`` and ``oneway:motor_vehicle`` for two-way. This reader follows both tags, so here those ways
    (found in the file itself) are opened again before counting; without them both counts would be of the same roads.
    """
    import osmium

    path = shared_path("data") / file
    segments = read_segments(path)
    backward = [
        way.id
        for way in osmium.FileProcessor(str(path), osmium.osm.WAY).with_filter(osmium.filter.KeyFilter("highway"))
        if way.tags.get("oneway") in {"-1", "reverse"} or (
            way.tags.get("oneway:motor_vehicle") == "yes" and way.tags.get("oneway", "no") == "no")
    ]  # fmt: skip
    opened = np.isin(segments.way_id[segments.row], backward)
    direction = np.where(opened, 0, segments.direction)
    along, against = direction >= 0, direction <= 0
    tail = np.concatenate([segments.tail[along], segments.head[against]])
    head = np.concatenate([segments.head[along], segments.tail[against]])
    assert _counts(segments, tail, head) == PUBLISHED[file]
    assert len(backward) < 30
    assert segments.attribution == OSM_ATTRIBUTION
    assert not segments.schematic


NODES = grid(n1=(0, 0), n2=(1, 0), n3=(2, 0), n4=(2, 1))
PLAIN = osm(NODES, [(10, [1, 2, 3], {"highway": "tertiary"}), (11, [3, 4], {"highway": "track"})])


def test_compressed_files_read_the_same(tmp_path: Path) -> None:
    """The content decides, not the suffix."""
    expected = read_network(write(tmp_path, PLAIN), cache=False)
    (tmp_path / "a.osm.gz").write_bytes(gzip.compress(PLAIN.encode()))
    (tmp_path / "b.osm.bz2").write_bytes(bz2.compress(PLAIN.encode()))
    (tmp_path / "c.xml").write_text(PLAIN)
    for name in ("a.osm.gz", "b.osm.bz2", "c.xml"):
        network = read_network(tmp_path / name, cache=False)
        assert by_id(network, "length_m") == by_id(expected, "length_m")
        assert network.source == name


def test_ways_before_nodes(tmp_path: Path) -> None:
    """Some editors and Overpass write ways first; positions are then taken from a second reading."""
    head, *lines, tail = PLAIN.splitlines()
    turned = "\n".join([head, lines[0], *reversed(lines[1:]), tail])
    assert turned.index("<way") < turned.index("<node")
    plain = read_network(write(tmp_path, PLAIN), cache=False)
    network = read_network(write(tmp_path, turned, "turned.osm"), cache=False)
    assert by_id(network, "length_m") == by_id(plain, "length_m")


def test_nodes_outside_the_extract_cut_the_way(tmp_path: Path) -> None:
    """A clipped extract names nodes it does not hold: the road ends there, and is not drawn across the gap."""
    nodes = grid(n1=(0, 0), n2=(1, 0), n4=(5, 0), n5=(6, 0))
    network = read_network(write(tmp_path, osm(nodes, [(10, [1, 2, 3, 4, 5], {"highway": "primary"})])), cache=False)
    assert set(network.edge_id) == {"10:1-2", "10:2-1", "10:4-5", "10:5-4"}


@pytest.mark.parametrize(("generator", "schematic"), [("relief-dispatch schematic", True), ("JOSM", False)])
def test_schematic_is_said_by_the_generator(tmp_path: Path, generator: str, schematic: bool) -> None:
    """What was drawn here is marked so, and is not attributed to OpenStreetMap."""
    path = write(tmp_path, osm(NODES, [(10, [1, 2], {"highway": "primary"})], generator=generator))
    network = read_network(path, cache=False)
    assert network.schematic is schematic
    assert network.attribution == ("" if schematic else OSM_ATTRIBUTION)


def test_what_stands_at_a_node_limits_the_road_beside_it(tmp_path: Path) -> None:
    """A ford or a height bar mapped as a node makes its two neighbouring stretches an edge of their own."""
    nodes = grid(n1=(0, 0), n2=(1, 0), n3=(2, 0), n4=(3, 0), n5=(4, 0), n6=(5, 0), n7=(6, 0))
    text = osm(nodes, [(10, list(nodes), {"highway": "unclassified", "maxheight": "4.5"})],
               node_tags={3: {"ford": "yes"}, 6: {"barrier": "height_restrictor", "maxheight": "2.8"}})  # fmt: skip
    network = read_network(write(tmp_path, text), cache=False)
    assert by_id(network, "ford") == {
        "10:1-2": False, "10:2-1": False, "10:2-4": True, "10:4-2": True, "10:4-5": False, "10:5-4": False,
        "10:5-7": False, "10:7-5": False,
    }  # fmt: skip
    assert by_id(network, "max_height_m")["10:5-7"] == pytest.approx(2.8)
    assert by_id(network, "max_height_m")["10:1-2"] == pytest.approx(4.5)


CROSS = grid(n1=(0, 0), n2=(1, 0), n3=(2, 0), n4=(1, 1), n5=(1, -1))
ROADS = [(10, [1, 2], {"highway": "primary"}), (11, [2, 3], {"highway": "primary"}),
         (12, [2, 4], {"highway": "primary"}), (13, [2, 5], {"highway": "primary"})]  # fmt: skip


def test_turn_restrictions(tmp_path: Path) -> None:
    """No left turn bans one pair; only-straight bans all the others, the turn back among them."""
    text = osm(CROSS, ROADS, [("no_left_turn", 10, 2, 12), ("only_straight_on", 11, 2, 10), ("no_u_turn", 13, 2, 13)])
    assert turns(read_network(write(tmp_path, text), cache=False)) == {
        ("10:1-2", "12:2-4"),
        ("11:3-2", "11:2-3"), ("11:3-2", "12:2-4"), ("11:3-2", "13:2-5"),
        ("13:5-2", "13:2-5"),
    }  # fmt: skip


def test_ambiguous_restrictions_are_left_out(tmp_path: Path) -> None:
    """A way that passes through the via node could be meant in either direction: nothing is banned by guess."""
    ways = [(10, [1, 2, 3], {"highway": "primary"}), *ROADS[2:]]
    banned = [("no_left_turn", 10, 2, 12), ("no_left_turn", 99, 2, 12), ("restricted", 12, 2, 13)]
    assert turns(read_network(write(tmp_path, osm(CROSS, ways, banned)), cache=False)) == set()


def test_andorra_keeps_its_turn_restrictions() -> None:
    """76 restrictions: 12 have a way as via or several ways; the others with a plain reading are kept as edge pairs."""
    path = shared_path("data/roads_andorra/andorra-20250118.osm.pbf")
    segments = read_segments(path)
    network = read_network(path, cache=False)
    kept = {int(network.node_id[network.graph.head[a]]) for a, _ in network.banned_turns.tolist()}
    listed = {restriction.via_node for restriction in segments.restrictions}
    assert kept <= listed
    assert len(kept) > 0.8 * len(listed)


DAMAGED = {
    "empty.osm": b"",
    "empty.osm.pbf": b"",
    "garbage.osm": b"\x00\x01\x02 not xml at all",
    "garbage.osm.pbf": b"not a pbf at all, but long enough to be looked at" * 20,
    "cut.osm": PLAIN[: len(PLAIN) * 2 // 3].encode(),
    "cut.osm.gz": gzip.compress(PLAIN.encode())[:-20],
    "page.osm": b"<html><body>503 Service unavailable</body></html>",
    "letters.osm": b'<osm version="0.6"><node id="a" lat="x" lon="1"/></osm>',
    "bare.osm": b'<osm version="0.6"></osm>',
    "rivers.osm": osm(NODES, [(10, [1, 2], {"waterway": "river"})]).encode(),
    "nodeless.osm": osm({}, [(10, [1, 2], {"highway": "primary"})]).encode(),
    "barred.osm": osm(NODES, [(10, [1, 2], {"highway": "primary", "access": "no"})]).encode(),
    "single.osm": osm(NODES, [(10, [1], {"highway": "primary"})]).encode(),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_files_are_reported(tmp_path: Path, name: str) -> None:
    """One problem that names the file and what was expected; never a traceback."""
    path = tmp_path / name
    path.write_bytes(DAMAGED[name])
    with pytest.raises(InputProblems) as found:
        read_network(path, cache=False)
    (problem,) = found.value.problems
    assert problem.file == name
    assert problem.code.startswith("roads_")
    assert len(problem.expected) > 10


@pytest.mark.parametrize("share", [0.001, 0.3, 0.999])
def test_truncated_pbf_is_reported(tmp_path: Path, share: float) -> None:
    """A download that broke off must not pass for a smaller county."""
    whole = shared_path("data/roads_andorra/andorra-20130528.osm.pbf").read_bytes()
    path = tmp_path / "cut.osm.pbf"
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(InputProblems):
        read_network(path, cache=False)
