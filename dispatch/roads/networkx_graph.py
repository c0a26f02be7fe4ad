"""Road networks to and from networkx ``MultiDiGraph`` as OSMnx makes and saves them.

An OSMnx graph is taken as it is: its nodes, its edges, its own lengths. Where OSMnx merged ways into one edge and an
attribute holds several values, the edge gets the lowest class, limit and lanes, and counts as bridge, tunnel or ford
if any part is one. (OSMnx keeps no mark of the parts without the tag, so a long edge with a short bridge counts as a
bridge; the OSM readers of this library make each bridge an edge of its own.)
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from dispatch.roads.assemble import assemble, edge_ids, object_array
from dispatch.roads.crs import to_lon_lat
from dispatch.roads.faults import fault
from dispatch.roads.listed import listed, lowest_class
from dispatch.roads.measure import step_lengths_m
from dispatch.roads.network import ROAD_CLASSES, SURFACES, RoadNetwork
from dispatch.roads.osm import OSM_ATTRIBUTION
from dispatch.roads.tags import parse_length_m, parse_speed_kmh, parse_weight_t, surface_of
from dispatch.roads.twins import match_twins

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["from_networkx", "to_networkx"]

_CLASS = {name: position for position, name in enumerate(ROAD_CLASSES)}
_LIMITS = {"max_weight_t": "maxweight", "max_height_m": "maxheight", "max_width_m": "maxwidth",
           "max_speed_kmh": "maxspeed", "lanes": "lanes"}  # fmt: skip
_PARSE = {"max_weight_t": parse_weight_t, "max_height_m": parse_length_m, "max_width_m": parse_length_m,
          "max_speed_kmh": parse_speed_kmh, "lanes": parse_length_m}  # fmt: skip
_FLAGS = ("bridge", "tunnel", "ford")


def to_networkx(network: RoadNetwork) -> nx.MultiDiGraph[int]:
    """Return the network as OSMnx would hold it; :func:`from_networkx` gives the same network back.

    Nodes are the OSM ids with ``x``, ``y``; edges have ``osmid``, ``highway``, ``oneway``, ``reversed``, ``length``,
    ``geometry`` and the tags that are known, and ``edge_id``, ``edge_position``, ``twin``, which OSMnx ignores.
    """
    import networkx as nx
    from shapely import linestrings

    graph: nx.MultiDiGraph[int] = nx.MultiDiGraph(
        crs="epsg:4326",
        simplified=True,
        created_with="relief-dispatch",
        source=network.source,
        attribution=network.attribution,
        schematic=network.schematic,
        banned_turns=json.dumps(network.edge_id[network.banned_turns].tolist()),
    )
    for node, lon, lat in zip(
        network.node_id.tolist(), network.node_lon.tolist(), network.node_lat.tolist(), strict=True
    ):
        graph.add_node(node, x=lon, y=lat)
    points = np.column_stack([network.shape_lon, network.shape_lat])
    run = np.repeat(np.arange(network.graph.m), np.diff(network.shape_first))
    lines = np.asarray(linestrings(points, indices=run))
    tail = network.node_id[network.graph.tail].tolist()
    head = network.node_id[network.graph.head].tolist()
    for e in range(network.graph.m):
        twin = int(network.twin[e])
        ways = list(network.ways[e])
        graph.add_edge(
            tail[e],
            head[e],
            osmid=ways[0] if len(ways) == 1 else ways,
            highway=ROAD_CLASSES[network.road_class[e]],
            oneway=twin < 0,
            reversed=0 <= twin < e,
            length=float(network.length_m[e]),
            geometry=lines[e],
            edge_id=network.edge_id[e],
            edge_position=e,
            twin="" if twin < 0 else network.edge_id[twin],
            **_tags(network, e),
        )
    return graph


def _tags(network: RoadNetwork, e: int) -> dict[str, str]:
    """OSM tags of an edge that are known."""
    tags = {flag: "yes" for flag in _FLAGS if getattr(network, flag)[e]}
    for column, key in _LIMITS.items():
        value = float(getattr(network, column)[e])
        if not math.isnan(value):
            tags[key] = repr(value)
    if network.surface[e]:
        tags["surface"] = SURFACES[network.surface[e]]
    tags |= {key: text for key in ("name", "ref") if (text := getattr(network, key)[e])}
    return tags


def from_networkx(graph: nx.MultiDiGraph[Any], source: str = "networkx") -> RoadNetwork:
    """Take an OSMnx ``MultiDiGraph`` (also one read from GraphML, whose values are text) as a road network.

    Parameters
    ----------
    graph : networkx.MultiDiGraph
        Nodes with ``x``, ``y``; edges with ``length`` (else the geometry's) and, where known, ``osmid``, ``highway``,
        ``geometry``, ``surface``, ``bridge``, ``tunnel``, ``ford``, ``maxspeed``, ``maxweight``, ``maxheight``,
        ``maxwidth``, ``lanes``, ``name``, ``ref``. ``graph["crs"]`` may be projected.
    source : str
        What was read.

    Raises
    ------
    InputProblems
        If there is no edge for vehicles or a value is none.

    Notes
    -----
    Edges of classes that carry no vehicles (footways …) are left out, and the nodes that only they used. An edge
    without ``highway`` is of class ``road``.
    """
    rows = []
    for u, v, values in graph.edges(data=True):
        road_class = lowest_class(listed(values.get("highway", "road")))
        if road_class:
            rows.append((u, v, values, road_class))
    if not rows:
        raise fault(source, "roads_graph_empty")
    if all("edge_position" in values for _, _, values, _ in rows):
        rows.sort(key=lambda edge: int(edge[2]["edge_position"]))
    used = {u for u, _, _, _ in rows} | {v for _, v, _, _ in rows}
    nodes = [node for node in graph if node in used or graph.degree(node) == 0]
    try:
        return _build(graph, source, nodes, rows)
    except (LookupError, TypeError, ValueError, OverflowError) as error:
        raise fault(source, "roads_graph_value", value=f"{type(error).__name__}: {error}") from error


def _build(
    graph: nx.MultiDiGraph[Any], source: str, nodes: list[Any], rows: list[tuple[Any, Any, dict[str, Any], str]]
) -> RoadNetwork:
    """Arrays of the edges given as (from, to, attributes, class)."""
    position = {node: i for i, node in enumerate(nodes)}
    numbered = all(str(node).lstrip("-").isdecimal() for node in nodes)
    node_id = np.array([int(node) for node in nodes] if numbered else range(1, len(nodes) + 1), dtype=np.int64)
    x = np.array([float(graph.nodes[node]["x"]) for node in nodes])
    y = np.array([float(graph.nodes[node]["y"]) for node in nodes])
    tail = np.array([position[u] for u, _, _, _ in rows])
    head = np.array([position[v] for _, v, _, _ in rows])
    data = [values for _, _, values, _ in rows]
    first, px, py = _shapes(data, x, y, tail, head)
    crs = graph.graph.get("crs", "epsg:4326")
    lon, lat = to_lon_lat(source, crs, np.concatenate([x, px]), np.concatenate([y, py]))
    shape_lon, shape_lat = lon[len(nodes) :], lat[len(nodes) :]
    ways = [_ways(values, number) for number, values in enumerate(data, start=1)]
    way = np.array([w[0] for w in ways], dtype=np.int64)
    length = _lengths(data, first, shape_lon, shape_lat)
    if not (np.isfinite(length) & (length >= 0)).all():
        msg = f"length {length[~(np.isfinite(length) & (length >= 0))][0]}"
        raise ValueError(msg)
    ids = [str(values.get("edge_id", "")) for values in data]
    edge_id = object_array(ids) if all(ids) else edge_ids(way, node_id[tail], node_id[head])
    edges: dict[str, Any] = {
        "edge_id": edge_id,
        "length_m": length,
        "road_class": np.array([_CLASS[name] for _, _, _, name in rows]),
        "surface": np.array([max(_surface(v), default=0) for v in data]),
        **{flag: np.array([_flag(values.get(flag)) for values in data]) for flag in _FLAGS},
        **{column: np.array([_lowest(values.get(key), column) for values in data]) for column, key in _LIMITS.items()},
        **{key: object_array(";".join(dict.fromkeys(listed(values.get(key)))) for values in data)
           for key in ("name", "ref")},
        "way": way,
        "ways": object_array(ways),
    }  # fmt: skip
    by_id = {edge: e for e, edge in enumerate(edge_id)}
    if all("twin" in values for values in data):
        twin = np.array([by_id.get(str(values["twin"]), -1) for values in data], dtype=np.int64)
    else:
        street = [(tuple(sorted(set(w))), round(m, 2)) for w, m in zip(ways, length.tolist(), strict=True)]
        twin = match_twins(tail, head, street)
    stated = graph.graph.get("banned_turns", "[]")
    turns = np.array([[by_id[a], by_id[b]] for a, b in json.loads(stated)], dtype=np.int32).reshape(-1, 2)
    by_osmnx = str(graph.graph.get("created_with", "")).startswith("OSMnx")
    return assemble(
        node_id,
        lon[: len(nodes)],
        lat[: len(nodes)],
        tail,
        head,
        edges,
        twin,
        first,
        shape_lon,
        shape_lat,
        turns,
        source=str(graph.graph.get("source", source)),
        attribution=str(graph.graph.get("attribution", OSM_ATTRIBUTION if by_osmnx else "")),
        schematic=str(graph.graph.get("schematic", False)) == "True",
    )


def _shapes(
    data: list[dict[str, Any]],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    tail: NDArray[np.int64],
    head: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Geometry of every edge in the graph's own coordinates; a straight line where it has none."""
    import shapely

    ends = np.stack([x[tail], x[head]], axis=1), np.stack([y[tail], y[head]], axis=1)
    straight = np.asarray(shapely.linestrings(*ends))
    lines = [_line(values.get("geometry"), line) for values, line in zip(data, straight, strict=True)]
    counts = shapely.get_num_coordinates(lines)
    points = shapely.get_coordinates(lines)
    return np.concatenate([[0], np.cumsum(counts)]), points[:, 0], points[:, 1]


def _line(value: Any, straight: Any) -> Any:
    """Geometry of an edge, which may come as WKT."""
    import shapely

    if value is None or value == "":
        return straight
    try:
        line = shapely.from_wkt(value) if isinstance(value, str) else value
    except shapely.errors.ShapelyError as error:
        raise ValueError(str(error)) from error
    if getattr(line, "geom_type", "") != "LineString" or line.is_empty:
        msg = f"geometry {value}"
        raise ValueError(msg)
    return line


def _lengths(
    data: list[dict[str, Any]], first: NDArray[np.int64], lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Lengths as the graph states them, else along the geometry."""
    return np.array([
        float(values["length"]) if "length" in values else float(step_lengths_m(lon[i:j], lat[i:j]).sum())
        for values, i, j in zip(data, first[:-1].tolist(), first[1:].tolist(), strict=True)
    ])  # fmt: skip


def _ways(values: dict[str, Any], number: int) -> tuple[int, ...]:
    """Way ids of an edge, its number where it has none."""
    ids = [int(float(i)) if not str(i).lstrip("-").isdecimal() else int(i) for i in listed(values.get("osmid"))]
    return tuple(ids) if ids else (number,)


def _flag(value: Any) -> bool:
    return any(part not in {"no", "False", "0", "building_passage", "culvert"} for part in listed(value))


def _lowest(value: Any, column: str) -> float:
    known = [number for part in listed(value) if not math.isnan(number := _PARSE[column](part))]
    return min(known, default=math.nan)


def _surface(values: dict[str, Any]) -> Iterable[int]:
    """Surface groups of an edge's surface values, else of its track types."""
    found = [surface_of(part) for part in listed(values.get("surface"))]
    return found or [surface_of("", part) for part in listed(values.get("tracktype"))]
