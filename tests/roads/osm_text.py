"""Small OSM files written by hand, and what tests of networks compare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from dispatch.roads.network import RoadNetwork

Node = tuple[float, float]
Way = tuple[int, Sequence[int], Mapping[str, str]]
Turn = tuple[str, int, int, int]


def grid(**at: tuple[int, int]) -> dict[int, Node]:
    """Nodes by name ``n1=(column, row)`` on a lattice of 0.001° (about 90 × 111 m) near Qinshui."""
    return {int(name[1:]): (112.0 + 0.001 * x, 35.7 + 0.001 * y) for name, (x, y) in at.items()}


def osm(
    nodes: Mapping[int, Node],
    ways: Iterable[Way],
    turns: Iterable[Turn] = (),
    *,
    generator: str = "test",
    node_tags: Mapping[int, Mapping[str, str]] | None = None,
) -> str:
    """OSM XML of nodes, ways and turn restrictions (kind, from way, via node, to way)."""

    def tagged(tags: Mapping[str, str]) -> str:
        return "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items())

    parts = [
        f'<node id="{i}" version="1" lon="{lon!r}" lat="{lat!r}">{tagged((node_tags or {}).get(i, {}))}</node>'
        for i, (lon, lat) in nodes.items()
    ]
    for i, refs, tags in ways:
        listed = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        parts.append(f'<way id="{i}" version="1">{listed}{tagged(tags)}</way>')
    for number, (kind, start, via, end) in enumerate(turns, start=1):
        parts.append(
            f'<relation id="{number}" version="1"><member type="way" role="from" ref="{start}"/>'
            f'<member type="node" role="via" ref="{via}"/><member type="way" role="to" ref="{end}"/>'
            f"{tagged({'type': 'restriction', 'restriction': kind})}</relation>"
        )
    body = "\n".join(parts)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6" generator="{generator}">\n{body}\n</osm>\n'


def write(folder: Path, text: str, name: str = "roads.osm") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def by_id(network: RoadNetwork, column: str) -> dict[str, object]:
    """A column of the network by edge id."""
    return dict(zip(network.edge_id, getattr(network, column).tolist(), strict=True))


def shape(network: RoadNetwork, edge: str) -> list[tuple[float, float]]:
    """Points of an edge."""
    e = network.edge_index[edge]
    run = slice(int(network.shape_first[e]), int(network.shape_first[e + 1]))
    return list(zip(network.shape_lon[run].tolist(), network.shape_lat[run].tolist(), strict=True))


def turns(network: RoadNetwork) -> set[tuple[str, str]]:
    return {(str(network.edge_id[a]), str(network.edge_id[b])) for a, b in network.banned_turns.tolist()}


def distances(n: int, tail: np.ndarray, head: np.ndarray, length_m: np.ndarray, sources: np.ndarray) -> np.ndarray:
    """Shortest path lengths by scipy; of parallel edges the shortest counts."""
    order = np.lexsort((length_m, head, tail))
    tail, head, length_m = tail[order], head[order], length_m[order]
    first = np.ones(len(tail), dtype=bool)
    first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    matrix = csr_array((length_m[first], (tail[first], head[first])), shape=(n, n))
    return dijkstra(matrix, indices=sources)


def assert_sound(network: RoadNetwork) -> None:
    """What holds in every network: ids unique, geometry from tail to head, twins each other's mirror."""
    graph = network.graph
    assert len(set(network.edge_id)) == graph.m
    assert (np.diff(network.shape_first) >= 2).all()
    start, stop = network.shape_first[:-1], network.shape_first[1:] - 1
    for shape_at, node_at in ((network.shape_lon, network.node_lon), (network.shape_lat, network.node_lat)):
        np.testing.assert_array_equal(shape_at[start], node_at[graph.tail])
        np.testing.assert_array_equal(shape_at[stop], node_at[graph.head])
    assert (network.way == [ways[0] for ways in network.ways]).all()
    e = np.flatnonzero(network.twin >= 0)
    twin = network.twin[e]
    assert (twin != e).all()
    np.testing.assert_array_equal(network.twin[twin], e)
    np.testing.assert_array_equal(graph.tail[e], graph.head[twin])
    np.testing.assert_array_equal(network.length_m[e], network.length_m[twin])
    for a, b in zip(e.tolist(), twin.tolist(), strict=True):
        assert shape(network, network.edge_id[a]) == shape(network, network.edge_id[b])[::-1]
    if len(network.banned_turns):
        np.testing.assert_array_equal(graph.head[network.banned_turns[:, 0]], graph.tail[network.banned_turns[:, 1]])


def assert_same(a: RoadNetwork, b: RoadNetwork) -> None:
    """Every array and word of two networks equal."""
    np.testing.assert_array_equal(a.graph.first_out, b.graph.first_out)
    np.testing.assert_array_equal(a.graph.head, b.graph.head)
    for field in fields(RoadNetwork):
        if field.name == "graph":
            continue
        one, other = getattr(a, field.name), getattr(b, field.name)
        if isinstance(one, np.ndarray):
            assert one.dtype == other.dtype, field.name
            np.testing.assert_array_equal(one, other, err_msg=field.name)
        else:
            assert one == other, field.name
