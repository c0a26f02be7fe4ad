"""Junction networks: small cases by hand, and on any roads the same distances and components as the segments."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.roads.components import component_labels
from dispatch.roads.measure import great_circle_m
from dispatch.roads.network import RoadNetwork
from dispatch.roads.osm import read_segments
from dispatch.roads.segments import Segments, Way, arcs, make_segments
from dispatch.roads.simplify import simplify
from dispatch.roads.tags import road_tags
from tests.roads.osm_text import Node, assert_sound, by_id, distances, grid, shape, turns
from tests.shared import shared_path

ROW = grid(n1=(0, 0), n2=(1, 0), n3=(2, 0), n4=(3, 0), n5=(4, 0), n6=(5, 0))


Road = tuple[int, list[int], dict[str, str]]


def network(nodes: dict[int, Node], *ways: Road, keep: tuple[int, ...] = ()) -> RoadNetwork:
    made = simplify(segments(nodes, *ways, keep=keep))
    assert_sound(made)
    return made


def segments(nodes: dict[int, Node], *ways: Road, keep: tuple[int, ...] = ()) -> Segments:
    listed = []
    for number, refs, tags in ways:
        road = road_tags({"highway": "residential", **tags})
        assert road is not None
        listed.append(Way(number, road, refs, [nodes[ref][0] for ref in refs], [nodes[ref][1] for ref in refs]))
    return make_segments(listed, keep=keep)


def ids(made: RoadNetwork) -> set[str]:
    return {str(edge) for edge in made.edge_id}


def test_a_plain_road_is_one_edge_each_way() -> None:
    """Nodes in between become geometry; the length is the sum of the steps, 0.001° of longitude each."""
    made = network(ROW, (10, [1, 2, 3, 4, 5, 6], {}))
    assert ids(made) == {"10:1-6", "10:6-1"}
    assert shape(made, "10:1-6") == [ROW[i] for i in range(1, 7)]
    step = float(great_circle_m(*(np.array(v) for v in (*ROW[1], *ROW[2]))))  # type: ignore[arg-type]
    assert made.length_m == pytest.approx([5 * step] * 2, rel=1e-9)


def test_an_arc_minute_of_latitude_is_a_nautical_mile() -> None:
    """Haversine on 6,371,009 m: one minute of latitude is 1,853.25 m (the metre's definition is 1,852)."""
    made = network({1: (112.0, 35.0), 2: (112.0, 35.0 + 1 / 60)}, (10, [1, 2], {}))
    assert made.length_m[0] == pytest.approx(6_371_009 * np.pi / 180 / 60, abs=1e-6)
    assert made.length_m[0] == pytest.approx(1853.25, abs=0.01)


def test_ways_that_go_on_unchanged_are_one_edge() -> None:
    """OSM cuts roads into ways at will; the edge is named by the first way of its direction and lists all."""
    made = network(
        ROW, (11, [1, 2, 3], {"name": "S331"}), (12, [3, 4], {"name": "S331"}), (13, [6, 5, 4], {"name": "S331"})
    )
    assert by_id(made, "ways") == {"11:1-6": (11, 12, 13), "13:6-1": (13, 12, 11)}


def test_bridges_tunnels_fords_and_limits_are_edges_of_their_own() -> None:
    made = network(
        ROW,
        (11, [1, 2], {}), (12, [2, 3], {"bridge": "yes"}), (13, [3, 4], {"tunnel": "yes"}),
        (14, [4, 5], {"ford": "yes"}), (15, [5, 6], {"maxweight": "10"}),
    )  # fmt: skip
    assert made.graph.n == 6
    for column, edge in (("bridge", "12:2-3"), ("tunnel", "13:3-4"), ("ford", "14:4-5")):
        values = by_id(made, column)
        assert [name for name, value in values.items() if value] == [edge, f"{edge[:3]}{edge[5]}-{edge[3]}"]
    assert by_id(made, "max_weight_t")["15:5-6"] == 10


@pytest.mark.parametrize(
    "tags",
    [{"highway": "tertiary"}, {"surface": "gravel"}, {"name": "沁河街"}, {"ref": "X668"}, {"lanes": "2"},
     {"maxspeed": "30"}, {"oneway": "yes"}, {"maxheight": "3"}, {"maxwidth": "2.5"}],
)  # fmt: skip
def test_every_change_of_the_road_splits(tags: dict[str, str]) -> None:
    made = network(ROW, (11, [1, 2, 3], {}), (12, [3, 4, 5], tags))
    assert made.graph.n == 3
    assert 3 in made.node_id


def test_speed_limits_by_direction_follow_the_drawing() -> None:
    """Two ways drawn towards each other, each with the limit of one direction swapped, are one road."""
    made = network(
        ROW,
        (11, [1, 2, 3], {"maxspeed:forward": "60", "maxspeed:backward": "40"}),
        (12, [5, 4, 3], {"maxspeed:forward": "40", "maxspeed:backward": "60"}),
    )
    assert by_id(made, "max_speed_kmh") == {"11:1-5": 60.0, "12:5-1": 40.0}


def test_one_way_roads() -> None:
    """Against the drawing with -1; two one-way roads that collide stay two."""
    made = network(
        ROW, (11, [1, 2, 3], {"oneway": "-1"}), (12, [3, 4], {"oneway": "-1"}), (13, [6, 5, 4], {"oneway": "-1"})
    )
    assert ids(made) == {"12:4-1", "13:4-6"}
    assert (made.twin == -1).all()


def test_junctions_and_dead_ends() -> None:
    nodes = {**ROW, 7: (112.002, 35.701)}
    made = network(nodes, (10, [1, 2, 3, 4, 5], {}), (11, [3, 7], {}))
    assert sorted(made.node_id.tolist()) == [1, 3, 5, 7]
    assert ids(made) == {"10:1-3", "10:3-1", "10:3-5", "10:5-3", "11:3-7", "11:7-3"}


SQUARE = grid(n1=(0, 0), n2=(1, 0), n3=(1, 1), n4=(0, 1), n5=(-1, 0))


def test_a_loop_on_a_stem() -> None:
    """A cul-de-sac loop is an edge from its junction to itself, driven either way round."""
    made = network(SQUARE, (10, [5, 1, 2, 3, 4, 1], {}))
    assert ids(made) == {"10:5-1", "10:1-5", "10:1-1", "10:1-1:2"}
    assert made.twin[made.edge_index["10:1-1"]] == made.edge_index["10:1-1:2"]
    assert len(shape(made, "10:1-1")) == 5


def test_a_ring_without_junction_keeps_one_node() -> None:
    """Its node of lowest id, whichever the file draws first."""
    made = network(SQUARE, (10, [3, 4, 1, 2, 3], {"junction": "roundabout"}))
    assert (made.node_id.tolist(), ids(made)) == ([1], {"10:1-1"})
    assert shape(made, "10:1-1") == [SQUARE[i] for i in (1, 2, 3, 4, 1)]


def test_parallel_arcs() -> None:
    """Two ways round a block between the same junctions and of the same way get ``:2``; a twin pairs with its own."""
    nodes = {**SQUARE, 6: (112.002, 35.701)}
    made = network(nodes, (10, [1, 2, 3, 4, 1], {}), (11, [5, 1], {}), (12, [3, 6], {}))
    assert {"10:1-3", "10:3-1", "10:1-3:2", "10:3-1:2"} <= ids(made)
    assert shape(made, "10:1-3")[1] == SQUARE[2]
    back = made.edge_id[made.twin[made.edge_index["10:1-3"]]]
    assert shape(made, back)[1] == SQUARE[2]


def test_a_roundabout_runs_one_way_between_its_arms() -> None:
    nodes = {**SQUARE, 6: (112.002, 35.701)}
    made = network(nodes, (10, [1, 2, 3, 4, 1], {"junction": "roundabout"}), (11, [5, 1], {}), (12, [3, 6], {}))
    assert ids(made) == {"10:1-3", "10:3-1", "11:5-1", "11:1-5", "12:3-6", "12:6-3"}


def test_barred_ways_are_gone_and_make_no_junction() -> None:
    nodes = {**ROW, 7: (112.002, 35.701)}
    made = network(nodes, (10, [1, 2, 3, 4], {}), (11, [3, 7], {"access": "no"}))
    assert ids(made) == {"10:1-4", "10:4-1"}


def test_nodes_to_keep_stay() -> None:
    assert sorted(network(ROW, (10, [1, 2, 3, 4], {}), keep=(3,)).node_id.tolist()) == [1, 3, 4]


def test_the_order_of_ways_in_the_file_does_not_matter() -> None:
    """Edge ids are what plans and closures refer to: the same roads, the same ids."""
    ways = [(10, [1, 2, 3, 4, 1], {}), (11, [5, 1], {}), (12, [3, 5], {})]
    one, other = network(SQUARE, *ways), network(SQUARE, *ways[::-1])
    assert one.edge_id.tolist() == other.edge_id.tolist()
    assert one.length_m.tolist() == other.length_m.tolist()


@st.composite
def towns(draw: st.DrawFn) -> Segments:
    """Random walks on a 5 × 5 lattice with a few kinds of road: junctions, loops, rings, doubled segments, one-ways."""
    ways = []
    for number in range(draw(st.integers(1, 7))):
        x, y = draw(st.integers(0, 4)), draw(st.integers(0, 4))
        refs = [5 * y + x]
        for dx, dy in draw(st.lists(st.sampled_from([(0, 1), (1, 0), (0, -1), (-1, 0)]), min_size=1, max_size=9)):
            x, y = min(max(x + dx, 0), 4), min(max(y + dy, 0), 4)
            refs.append(5 * y + x)
        tags = draw(st.sampled_from([{}, {}, {"oneway": "yes"}, {"oneway": "-1"}, {"bridge": "yes"}]))
        ways.append((100 + number, refs, tags))
    jitter = np.random.default_rng(draw(st.integers(0, 99))).uniform(0, 0.0004, (25, 2))
    nodes = {i: (112 + 0.001 * (i % 5) + jitter[i, 0], 35 + 0.001 * (i // 5) + jitter[i, 1]) for i in range(25)}
    return segments(nodes, *ways)


@settings(max_examples=150)
@given(towns())
def test_any_town_keeps_its_distances_and_components(town: Segments) -> None:
    """All pairs of junctions, against scipy on the unsimplified segments; and not a metre of road is lost."""
    if not len(town.tail):
        return
    made = simplify(town)
    assert_sound(made)
    _, _, segment = arcs(town)
    assert made.length_m.sum() == pytest.approx(town.length_m[segment].sum(), rel=1e-12)
    _same_distances(town, made, np.arange(made.graph.n))
    _same_components(town, made)


def _same_distances(town: Segments, made: RoadNetwork, sources: np.ndarray) -> None:
    tail, head, segment = arcs(town)
    where = np.searchsorted(town.node_id, made.node_id)
    fine = distances(len(town.node_id), tail, head, town.length_m[segment], where[sources])[:, where]
    coarse = distances(made.graph.n, made.graph.tail, made.graph.head, made.length_m, sources)
    np.testing.assert_allclose(coarse, fine, rtol=1e-9)


def _same_components(town: Segments, made: RoadNetwork) -> None:
    """The nodes of the network are parted by its components exactly as by those of the segments."""
    tail, head, _ = arcs(town)
    where = np.searchsorted(town.node_id, made.node_id)
    for connection in ("weak", "strong"):
        fine = component_labels(len(town.node_id), tail, head, connection)  # type: ignore[arg-type]
        coarse = component_labels(made.graph.n, made.graph.tail, made.graph.head, connection)  # type: ignore[arg-type]
        pairs = np.unique(np.column_stack([fine[where], coarse]), axis=0)
        assert len(pairs) == len(np.unique(coarse)) == len(np.unique(fine[where]))
        if connection == "weak":
            assert len(np.unique(coarse)) == len(np.unique(fine))


@pytest.mark.parametrize(
    "file", ["roads_andorra/andorra-20250118.osm.pbf", "roads_liechtenstein/liechtenstein-20210504.osm.pbf"]
)
def test_a_real_county_keeps_its_distances_and_components(file: str) -> None:
    """50 random junctions to all junctions of the simplified network, on some 50,000 nodes; components of all."""
    town = read_segments(shared_path("data") / file)
    made = simplify(town)
    assert_sound(made)
    town = _open(town)
    assert made.graph.n < 0.2 * len(town.node_id)
    _same_distances(town, made, np.random.default_rng(7).choice(made.graph.n, 50, replace=False))
    _same_components(town, made)


def _open(town: Segments) -> Segments:
    """Only the segments that are not barred, and their nodes."""
    kept = ~town.barred
    used = np.unique(np.concatenate([town.tail[kept], town.head[kept]]))
    names = ("row", "length_m", "ford", "max_weight_t", "max_height_m", "max_width_m")
    columns = {name: getattr(town, name)[kept] for name in names}
    return replace(
        town, node_id=town.node_id[used], node_lon=town.node_lon[used], node_lat=town.node_lat[used],
        tail=np.searchsorted(used, town.tail[kept]), head=np.searchsorted(used, town.head[kept]), **columns,
    )  # fmt: skip


def test_every_bridge_and_tunnel_of_andorra_is_edges_of_its_own() -> None:
    """The length of bridge edges is that of the ways tagged as bridge in the file, to the millimetre."""
    town = _open(read_segments(shared_path("data/roads_andorra/andorra-20250118.osm.pbf")))
    made = simplify(town)
    _, _, segment = arcs(town)
    for flag in ("bridge", "tunnel"):
        tagged = np.array([getattr(tags, flag) for tags in town.way_tags])[town.row[segment]]
        assert made.length_m[getattr(made, flag)].sum() == pytest.approx(town.length_m[segment][tagged].sum(), abs=1e-3)
        assert getattr(made, flag).sum() > 50


def test_turns_survive_simplification(tmp_path: Path) -> None:
    """The banned pair is of the edges that meet at the via, though their ways were cut and merged on both sides."""
    from dispatch.roads.read import read_network
    from tests.roads.osm_text import osm, write

    nodes = {**ROW, 7: (112.002, 35.701), 8: (112.002, 35.702)}
    road = {"highway": "primary"}
    ways = [(11, [1, 2], road), (12, [2, 3], road), (13, [3, 4, 5], road), (14, [3, 7], road), (15, [7, 8], road)]
    made = read_network(write(tmp_path, osm(nodes, ways, [("no_left_turn", 12, 3, 14)])), cache=False)
    assert turns(made) == {("11:1-3", "14:3-8")}
