"""MATSim networks (XML, plain or gzipped; network DTD v1 and v2) as road networks, link by link.

A link's own length is kept, its ``freespeed`` becomes the speed limit, its ``type`` (attribute or child) the class;
an untyped link is of class ``road`` (OSM's "class unknown"). Nothing is simplified: MATSim links already end at
junctions or where their author wanted a node.
"""

from __future__ import annotations

import gzip
import math
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np

from dispatch.roads.assemble import assemble, edge_ids, object_array
from dispatch.roads.crs import to_lon_lat
from dispatch.roads.faults import fault
from dispatch.roads.network import ROAD_CLASSES, RoadNetwork
from dispatch.roads.twins import match_twins

__all__ = ["read_matsim"]

_CLASS = {name: position for position, name in enumerate(ROAD_CLASSES)}
_ROAD_MODES = frozenset({"car", "truck", "freight", "emergency", "bus", "ride", "hgv"})


def read_matsim(path: Path, crs: str | int | None = None) -> RoadNetwork:
    """Read a MATSim network.

    Parameters
    ----------
    path : Path
        ``.xml`` or ``.xml.gz``.
    crs : str or int, optional
        Coordinate system of the file, such as ``EPSG:7855``; not needed where the network states its own
        (attribute ``coordinateReferenceSystem``).

    Raises
    ------
    InputProblems
        If the file is damaged, has no links, or its coordinate system is not known.
    """
    try:
        nodes, links, stated = _read(path)
    except (ElementTree.ParseError, OSError, EOFError, zlib.error, ValueError, LookupError) as error:
        raise fault(path, "roads_matsim_damaged", value=f"{type(error).__name__}: {error}") from error
    if not links:
        raise fault(path, "roads_matsim_empty")
    system = stated if crs is None else crs
    if system is None:
        raise fault(path, "roads_crs_missing", column="crs")
    index = {node: i for i, node in enumerate(nodes)}
    missing = next((link for link in links if link["from"] not in index or link["to"] not in index), None)
    if missing is not None:
        raise fault(path, "roads_matsim_node", value=f"link {missing['id']}: {missing['from']} → {missing['to']}")
    xy = np.array(list(nodes.values()), dtype=np.float64)
    lon, lat = to_lon_lat(path, system, xy[:, 0], xy[:, 1])
    node_id = _numbers(list(nodes))
    tail = np.array([index[link["from"]] for link in links])
    head = np.array([index[link["to"]] for link in links])
    ways = _ways(links)
    length = np.array([link["length"] for link in links])
    twin = match_twins(
        tail, head, [(tuple(sorted(set(w))), round(x, 3)) for w, x in zip(ways, length.tolist(), strict=True)]
    )
    permanent = np.array([link["permlanes"] for link in links])
    m = len(links)
    first_way = np.array([w[0] for w in ways], dtype=np.int64)
    blank = object_array([""] * m)
    edges: dict[str, Any] = {
        "edge_id": edge_ids(first_way, node_id[tail], node_id[head]),
        "length_m": length,
        "road_class": np.array([_CLASS.get(link["type"], _CLASS["road"]) for link in links]),
        "surface": np.zeros(m),
        "bridge": np.zeros(m, dtype=bool),
        "tunnel": np.zeros(m, dtype=bool),
        "ford": np.zeros(m, dtype=bool),
        "max_weight_t": np.full(m, np.nan),
        "max_height_m": np.full(m, np.nan),
        "max_width_m": np.full(m, np.nan),
        "max_speed_kmh": np.array([link["freespeed"] for link in links]) * 3.6,
        "lanes": permanent + np.where(twin >= 0, permanent[twin], 0.0),
        "name": blank,
        "ref": blank,
        "way": first_way,
        "ways": object_array(ways),
    }
    shape = np.column_stack([tail, head]).ravel()
    return assemble(
        node_id, lon, lat, tail, head, edges, twin,
        np.arange(0, 2 * m + 1, 2), lon[shape], lat[shape], source=path.name,
    )  # fmt: skip


def _read(path: Path) -> tuple[dict[str, tuple[float, float]], list[dict[str, Any]], str | None]:
    """Nodes by id, links open to road vehicles, and the coordinate system if the file states it."""
    nodes: dict[str, tuple[float, float]] = {}
    links: list[dict[str, Any]] = []
    stated: str | None = None
    with path.open("rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
    opener = gzip.open if packed else open
    with opener(path, "rb") as stream:
        for event, element in ElementTree.iterparse(stream, events=("start", "end")):
            if event == "start":
                continue
            if element.tag == "node":
                nodes[element.attrib["id"]] = (float(element.attrib["x"]), float(element.attrib["y"]))
            elif element.tag == "link":
                links.extend(_link(element))
            elif element.tag == "attribute" and element.get("name") == "coordinateReferenceSystem":
                stated = (element.text or "").strip() or None
            if element.tag in {"node", "link", "nodes", "links"}:
                element.clear()
    return nodes, links, stated


def _link(element: ElementTree.Element) -> Iterator[dict[str, Any]]:
    """Values of one link, if any of its modes is a road vehicle's."""
    own = element.attrib
    modes = {mode.strip() for mode in own.get("modes", "car").split(",")}
    if not modes & _ROAD_MODES:
        return
    child = {a.get("name", ""): (a.text or "").strip() for a in element.iter("attribute")}
    length = float(own["length"])
    if not 0 <= length < math.inf:
        msg = f"link {own['id']}: length {own['length']}"
        raise ValueError(msg)
    yield {
        "id": own["id"],
        "from": own["from"],
        "to": own["to"],
        "length": length,
        "freespeed": float(own["freespeed"]),
        "permlanes": float(own.get("permlanes", "nan")),
        "type": child.get("type", own.get("type", "")).removeprefix("highway."),
        "origid": child.get("origid", own.get("origid", "")),
    }


def _ways(links: list[dict[str, Any]]) -> list[tuple[int, ...]]:
    """OSM way ids of each link (``origid``, apart by ``-``); the link's number where it names none."""
    found = []
    for number, link in enumerate(links, start=1):
        parts = link["origid"].split("-")
        if all(part.isdecimal() for part in parts):
            ids = [int(part) for part in parts]
            found.append(tuple(i for k, i in enumerate(ids) if k == 0 or i != ids[k - 1]))
        else:
            found.append((int(link["id"]) if link["id"].isdecimal() else number,))
    return found


def _numbers(ids: list[str]) -> np.ndarray:
    """Node ids as numbers: their own if they all are, else 1, 2 … in the order of the file."""
    if all(node.isdecimal() and len(node) < 19 for node in ids):
        return np.array([int(node) for node in ids], dtype=np.int64)
    return np.arange(1, len(ids) + 1, dtype=np.int64)
