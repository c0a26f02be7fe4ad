"""Road geometry for drawing: the encoding is the published one, and simplifying moves no junction."""

from __future__ import annotations

import dataclasses

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from dispatch.report.shapes import Lines, decode, drawn_edges, encode, simplify
from tests import tiny

degrees = st.integers(-17_999_999, 17_999_999).map(lambda n: n / 1e5)
latitudes = st.integers(-8_999_999, 8_999_999).map(lambda n: n / 1e5)
points = st.lists(st.tuples(degrees, latitudes), min_size=1, max_size=6)


def lines_of(parts: list[list[tuple[float, float]]]) -> Lines:
    flat = np.array([point for part in parts for point in part]).reshape(-1, 2)
    first = np.concatenate([[0], np.cumsum([len(part) for part in parts])]).astype(np.int64)
    return Lines(first, flat[:, 0], flat[:, 1])


def test_the_published_example_of_the_format():
    # Google's own worked example of the Encoded Polyline Algorithm Format
    line = [(-120.2, 38.5), (-120.95, 40.7), (-126.453, 43.252)]
    assert encode(lines_of([line])) == "_p~iF~ps|U_ulLnnqC_mqNvxq`@"


@given(st.lists(points, max_size=8))
def test_what_was_written_is_read_back(parts):
    assert decode(encode(lines_of(parts))) == [[(x, y) for x, y in part] for part in parts]


def bent(m: int, points_per_edge: int, seed: int):
    """The tiny network with each edge's middle made crooked."""
    roads = tiny.network([(k, k + 1, 1) for k in range(m)])
    rng = np.random.default_rng(seed)
    first = np.arange(0, points_per_edge * roads.graph.m + 1, points_per_edge)
    lon, lat = [], []
    for edge in range(roads.graph.m):
        a, b = roads.graph.tail[edge], roads.graph.head[edge]
        share = np.linspace(0, 1, points_per_edge)
        wobble = rng.normal(0, 4e-4, points_per_edge)
        wobble[[0, -1]] = 0
        lon.append(roads.node_lon[a] * (1 - share) + roads.node_lon[b] * share)
        lat.append(np.full(points_per_edge, 35.5) + wobble)
    return dataclasses.replace(
        roads, shape_first=first, shape_lon=np.concatenate(lon), shape_lat=np.concatenate(lat)
    )  # fmt: skip


@given(st.integers(0, 20))
def test_simplified_lines_stay_within_the_tolerance_and_keep_their_ends(seed):
    roads = bent(4, 30, seed)
    drawn = simplify(roads, 20.0)
    scale = np.array([111_195 * np.cos(np.radians(35.5)), 111_195])
    assert len(drawn.lon) < len(roads.shape_lon)
    for edge in range(roads.graph.m):
        part = slice(int(roads.shape_first[edge]), int(roads.shape_first[edge + 1]))
        surveyed = np.column_stack([roads.shape_lon[part], roads.shape_lat[part]])
        line = np.column_stack(drawn.line(edge))
        assert np.abs(line[[0, -1]] - surveyed[[0, -1]]).max() < 1e-5
        away = shapely.hausdorff_distance(shapely.LineString(line * scale), shapely.LineString(surveyed * scale))
        assert away < 20.0 + 2.0  # and two metres for rounding to five decimals


def test_a_street_is_drawn_once_and_a_one_way_street_too():
    two_way = tiny.network([(0, 1, 1), (1, 2, 1)])
    assert len(drawn_edges(two_way)) == 2
    one_way = tiny.network([(0, 1, 1), (1, 2, 1)], two_way=False)
    assert drawn_edges(one_way).tolist() == [0, 1]


def test_lines_are_taken_in_the_order_asked_for():
    lines = lines_of([[(0, 0), (1, 1)], [(2, 2), (3, 3), (4, 4)], [(5, 5)]])
    assert decode(encode(lines.take(np.array([2, 1])))) == [[(5, 5)], [(2, 2), (3, 3), (4, 4)]]
    assert len(lines.take(np.array([], dtype=np.int64))) == 0
