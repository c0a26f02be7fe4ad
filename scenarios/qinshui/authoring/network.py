"""From drawn lines to OSM nodes and ways: junctions where roads meet, bridges and fords where they cross water.

Roads that cross share a node, except at the expressway and its ramps, which pass over. A road that crosses a river
gets a bridge; lanes over a brook get a ford or a bridge signed for 10 t.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from scenarios.qinshui.authoring.frame import Line, along, kilometres, length_km, lonlat
from scenarios.qinshui.authoring.roads import River, Road, Stretch

__all__ = ["Crossing", "OsmNetwork", "Way", "build"]

FIRST_NODE, FIRST_WAY = 10_000_001, 20_000_001
"""Ids of the schematic: far below those that OSM gives today, positive so that every reader takes them."""

_SURFACE = {"motorway": "asphalt", "motorway_link": "asphalt", "trunk": "asphalt", "primary": "asphalt",
            "secondary": "asphalt", "tertiary": "asphalt", "unclassified": "concrete", "residential": "concrete",
            "track": "gravel"}  # fmt: skip
_LANES = {"motorway": "2", "trunk": "2", "primary": "2", "secondary": "2"}
_SMALL = ("unclassified", "residential", "track")
_SAME_POINT_KM = 2e-6
_MAX_NODES_IN_WAY = 60


@dataclass(frozen=True)
class Way:
    """One OSM way: node ids in order, and tags."""

    way: int
    nodes: tuple[int, ...]
    tags: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Crossing:
    """A road over a river: where, and what was built there."""

    name: str
    road: str
    river: str
    lon: float
    lat: float
    kind: str
    max_weight_t: float | None


@dataclass
class OsmNetwork:
    """Nodes (lon, lat by id), ways, and the crossings of rivers."""

    nodes: dict[int, tuple[float, float]] = field(default_factory=dict)
    ways: list[Way] = field(default_factory=list)
    crossings: list[Crossing] = field(default_factory=list)
    _ids: dict[tuple[float, float], int] = field(default_factory=dict, repr=False)

    def node(self, point: Line) -> int:
        """Id of the node at a point, made if there is none."""
        at = lonlat(point)
        if at not in self._ids:
            self._ids[at] = FIRST_NODE + len(self._ids)
            self.nodes[self._ids[at]] = at
        return self._ids[at]

    def add(self, nodes: Sequence[int], tags: Iterable[tuple[str, str]]) -> None:
        """Add a way, in pieces if it is long."""
        for first in range(0, len(nodes) - 1, _MAX_NODES_IN_WAY):
            piece = tuple(nodes[first : first + _MAX_NODES_IN_WAY + 1])
            self.ways.append(Way(FIRST_WAY + len(self.ways), piece, tuple(tags)))


@dataclass(frozen=True, eq=False)
class _Segments:
    """All straight pieces of all roads: ends, road index, and km of the start along the road."""

    a: Line
    b: Line
    road: NDArray[np.int64]
    km: NDArray[np.float64]


def build(roads: Sequence[Road], rivers: Iterable[River]) -> OsmNetwork:
    """Work out junctions, bridges and fords, and write all as nodes and ways."""
    segments = _segments([road.line for road in roads])
    cuts: list[list[tuple[float, Line]]] = [[] for _ in roads]
    stretches: list[list[Stretch]] = [list(road.stretches) for road in roads]
    _join_ends(roads, segments, cuts)
    _meet(roads, segments, cuts, stretches)
    network = OsmNetwork()
    for river in rivers:
        _cross(roads, river, segments, stretches, network)
    for road, cut, stretch in zip(roads, cuts, stretches, strict=True):
        _write(network, road, cut, stretch)
    for river in rivers:
        nodes = [network.node(point) for point in river.line]
        kind = "river" if river.width_m >= 20 else "stream"
        tags = [("waterway", kind), ("name", river.name), ("name:en", river.name_en), ("width", f"{river.width_m:g}")]
        network.add(nodes, [*tags, ("source", "schematic")])
    return network


def _segments(lines: Sequence[Line]) -> _Segments:
    counts = [len(line) - 1 for line in lines]
    return _Segments(
        np.vstack([line[:-1] for line in lines]),
        np.vstack([line[1:] for line in lines]),
        np.repeat(np.arange(len(lines)), counts),
        np.concatenate([kilometres(line)[:-1] for line in lines]),
    )


def _join_ends(roads: Sequence[Road], segments: _Segments, cuts: list[list[tuple[float, Line]]]) -> None:
    """Where a road ends on another, the other gets a vertex."""
    d = segments.b - segments.a
    square = np.maximum((d**2).sum(axis=1), 1e-15)
    for road in roads:
        for end in (road.line[0], road.line[-1]):
            t = np.clip(((end - segments.a) * d).sum(axis=1) / square, 0.0, 1.0)
            gap = np.hypot(*(segments.a + t[:, None] * d - end).T)
            for i in np.flatnonzero(gap < _SAME_POINT_KM):
                cuts[segments.road[i]].append((float(segments.km[i] + t[i] * np.sqrt(square[i])), end))


def _intersections(
    a: Line, b: Line, c: Line, d: Line
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Proper crossings of segments a–b (n) with c–d (m): indices and the shares along each."""
    r, s = (b - a)[:, None, :], (d - c)[None, :, :]
    q = c[None, :, :] - a[:, None, :]
    cross = r[..., 0] * s[..., 1] - r[..., 1] * s[..., 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        t = (q[..., 0] * s[..., 1] - q[..., 1] * s[..., 0]) / cross
        u = (q[..., 0] * r[..., 1] - q[..., 1] * r[..., 0]) / cross
    hit = (np.abs(cross) > 1e-12) & (t > 1e-6) & (t < 1 - 1e-6) & (u > 1e-6) & (u < 1 - 1e-6)
    i, j = np.nonzero(hit)
    return i, j, t[i, j], u[i, j]


def _meet(
    roads: Sequence[Road],
    segments: _Segments,
    cuts: list[list[tuple[float, Line]]],
    stretches: list[list[Stretch]],
) -> None:
    """Junctions where roads cross on the level; bridges where the expressway or a ramp is one of them."""
    for x in range(len(roads)):
        mine, later = np.flatnonzero(segments.road == x), np.flatnonzero(segments.road > x)
        if not len(later):
            break
        i, j, t, u = _intersections(segments.a[mine], segments.b[mine], segments.a[later], segments.b[later])
        for i_, j_, t_, u_ in zip(mine[i], later[j], t, u, strict=True):
            y = int(segments.road[j_])
            point = segments.a[i_] + t_ * (segments.b[i_] - segments.a[i_])
            km_x = float(segments.km[i_] + t_ * np.hypot(*(segments.b[i_] - segments.a[i_])))
            km_y = float(segments.km[j_] + u_ * np.hypot(*(segments.b[j_] - segments.a[j_])))
            over = [(z, km) for z, km in ((x, km_x), (y, km_y)) if roads[z].road_class.startswith("motorway")]
            if any(stretch.from_km <= km <= stretch.to_km for z, km in over for stretch in roads[z].stretches):
                continue  # the expressway is in a tunnel below
            if over:
                over.sort(key=lambda pair: roads[pair[0]].road_class != "motorway_link")
                z, km = over[0]
                stretches[z].append(Stretch(km - 0.03, km + 0.03, (("bridge", "yes"), ("layer", "1"))))
            else:
                cuts[x].append((km_x, point))
                cuts[y].append((km_y, point))


def _cross(
    roads: Sequence[Road], river: River, segments: _Segments, stretches: list[list[Stretch]], network: OsmNetwork
) -> None:
    """Bridges and fords of one river, numbered downstream."""
    water = _segments([river.line])
    i, j, t, u = _intersections(segments.a, segments.b, water.a, water.b)
    found = []
    for i_, j_, t_, u_ in zip(i, j, t, u, strict=True):
        step, flow = segments.b[i_] - segments.a[i_], water.b[j_] - water.a[j_]
        size, fall = float(np.hypot(*step)), float(np.hypot(*flow))
        sine = abs(step[0] * flow[1] - step[1] * flow[0]) / (size * fall)
        point = segments.a[i_] + t_ * step
        found.append((float(water.km[j_] + u_ * fall), int(segments.road[i_]), float(segments.km[i_] + t_ * size),
                      sine, point))  # fmt: skip
    number = 0
    for _, x, km, sine, point in sorted(found, key=lambda crossing: crossing[0]):
        road = roads[x]
        if any(stretch.from_km <= km <= stretch.to_km and ("tunnel", "yes") in stretch.tags
               for stretch in stretches[x]):  # fmt: skip
            continue
        number += 1
        half = (river.width_m / 2000.0 + 0.012) / max(sine, 0.4)
        half = min(half, 0.45 * length_km(road.line))
        name = f"{river.name}{number}号桥(示意)"
        tags: tuple[tuple[str, str], ...] = (("bridge", "yes"), ("layer", "1"), ("bridge:name", name))
        weight: float | None = None
        if road.road_class in _SMALL:
            draw = random.Random(f"crossing {road.key} {river.key}").random()
            if river.width_m <= 25 and draw < 0.4:
                name = name.replace("桥", "漫水路")
                tags = (("ford", "yes"),)
            else:
                weight = 10.0
                tags = (*tags, ("maxweight", "10"))
        stretches[x].append(Stretch(km - half, km + half, tags))
        lon, lat = lonlat(point)
        kind = "ford" if tags[0][0] == "ford" else "bridge"
        network.crossings.append(Crossing(name, road.key, river.key, lon, lat, kind, weight))


def _write(network: OsmNetwork, road: Road, cuts: list[tuple[float, Line]], stretches: list[Stretch]) -> None:
    """Write a road as ways, a new one wherever its tags change."""
    total = length_km(road.line)
    vertices = {round(km, 7): point for km, point in zip(kilometres(road.line), road.line, strict=True)}
    for km, point in cuts:
        near = [other for other in vertices if abs(other - km) < _SAME_POINT_KM]
        for other in near:
            del vertices[other]
        vertices[round(km, 7)] = point
    bounds = {0.0, total}
    for stretch in stretches:
        for km in (stretch.from_km, stretch.to_km):
            if 0.002 < km < total - 0.002:
                nearest = min(vertices, key=lambda other: abs(other - km))
                if abs(nearest - km) > 0.002:
                    nearest = round(km, 7)
                    vertices[nearest] = along(road.line, km)
                bounds.add(nearest)
    order = sorted(vertices)
    edges = sorted(bounds)
    for from_km, to_km in zip(edges[:-1], edges[1:], strict=True):
        middle = 0.5 * (from_km + to_km)
        tags = dict(_base_tags(road))
        for stretch in stretches:
            if stretch.from_km <= middle <= stretch.to_km:
                tags |= dict(stretch.tags)
        nodes = [network.node(vertices[km]) for km in order if from_km - 1e-6 <= km <= to_km + 1e-6]
        nodes = [node for k, node in enumerate(nodes) if k == 0 or node != nodes[k - 1]]
        if len(nodes) > 1:
            network.add(nodes, sorted(tags.items()))


def _base_tags(road: Road) -> list[tuple[str, str]]:
    tags = [("highway", road.road_class), ("surface", _SURFACE[road.road_class]), ("source", "schematic")]
    if road.name:
        tags.append(("name", road.name))
    if road.ref:
        tags.append(("ref", road.ref))
    if road.oneway:
        tags.append(("oneway", "yes"))
    if road.road_class in _LANES:
        tags.append(("lanes", _LANES[road.road_class]))
    return tags
