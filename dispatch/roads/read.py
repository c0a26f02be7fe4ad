"""Any road file → ``RoadNetwork``: which reader, by name and content, and networks once read kept on disk."""

from __future__ import annotations

import bz2
import gzip
import re
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from dispatch.roads.columns import read_column_map
from dispatch.roads.faults import fault
from dispatch.roads.network import RoadNetwork
from dispatch.roads.network_cache import cache_key, load_network, store_network

__all__ = ["Kind", "kind_of", "read_network"]

Kind = Literal["osm", "overpass", "graphml", "matsim", "layer"]

_HEAD_BYTES = 4096


def read_network(
    path: Path | str,
    *,
    cache: bool = True,
    crs: str | int | None = None,
    columns: Mapping[str, Any] | Path | None = None,
) -> RoadNetwork:
    """Read a road network from a file of any known kind.

    Parameters
    ----------
    path : Path or str
        OSM PBF or XML (``.osm.pbf``, ``.osm``, also ``.gz``/``.bz2``), Overpass JSON, GraphML of OSMnx, MATSim
        network (``.xml``, ``.xml.gz``), Shapefile (also zipped), GeoPackage, GeoJSON. Kinds are told apart by content.
    cache : bool
        Whether a network once read may come from disk, and is kept there. The result is the same.
    crs : str or int, optional
        Coordinate system of a MATSim network or a road layer that does not state its own.
    columns : mapping or Path, optional
        Column map of a road layer (see ``dispatch.roads.columns``).

    Raises
    ------
    InputProblems
        If the file cannot be used; also if ``crs`` or ``columns`` is given for a file that has no use for it.
    """
    path = Path(path)
    kind = kind_of(path)
    if crs is not None and kind not in {"matsim", "layer"}:
        raise fault(path, "roads_crs_not_used", value=str(crs), column="crs")
    if columns is not None and kind != "layer":
        raise fault(path, "roads_columns_not_used", value=str(columns), column="columns")
    if not cache or path.suffix.lower() == ".shp":  # a Shapefile is several files
        return _read(path, kind, crs, columns)
    options = (kind, str(crs), read_column_map(columns) if kind == "layer" else "")
    key = cache_key(path, options)
    network = load_network(key, path.name)
    if network is None:
        network = _read(path, kind, crs, columns)
        store_network(key, network)
    return network


def kind_of(path: Path) -> Kind:
    """Kind of a road file by its content.

    Raises
    ------
    InputProblems
        If there is no such file, or it is none of the known kinds.
    """
    if path.is_dir():
        raise fault(path, "roads_file_unknown", value=str(path))
    try:
        with path.open("rb") as stream:
            head = _unpacked(stream.read(_HEAD_BYTES * 16))[:_HEAD_BYTES]
    except OSError as error:
        raise fault(path, "roads_file_missing", value=str(error.strerror or error)) from error
    name = path.name.lower()
    if not head.strip():
        raise fault(path, "roads_file_empty")
    if b"OSMHeader" in head[:64] or name.endswith(".pbf"):
        return "osm"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"<"):
        for tag, kind in _ROOTS.items():
            if tag in head:
                return kind
        if name.endswith((".osm", ".osm.gz", ".osm.bz2")):
            return "osm"
    elif start.startswith(b"{"):
        return "layer" if _FEATURES.search(head) else "overpass"
    elif name.endswith((".shp", ".shp.zip", ".zip", ".gpkg", ".fgb", ".geojson", ".json", ".gdb.zip")):
        return "layer"
    raise fault(path, "roads_file_unknown", value=path.suffix)


_FEATURES = re.compile(rb'"type"\s*:\s*"(Feature|Geometry|(Multi)?LineString)')
_ROOTS: dict[bytes, Kind] = {b"<osm": "osm", b"<graphml": "graphml", b"<network": "matsim"}


def _unpacked(head: bytes) -> bytes:
    """Begin of a compressed file's content; of any other file, the bytes as they are."""
    try:
        if head.startswith(b"\x1f\x8b"):
            return zlib.decompressobj(wbits=31).decompress(head, _HEAD_BYTES)
        if head.startswith(b"BZh"):
            return bz2.BZ2Decompressor().decompress(head, _HEAD_BYTES)
    except (OSError, zlib.error, gzip.BadGzipFile):
        return b""
    return head


def _read(path: Path, kind: Kind, crs: str | int | None, columns: Mapping[str, Any] | Path | None) -> RoadNetwork:
    """Read with the reader of the kind."""
    from dispatch.roads.simplify import simplify

    if kind == "graphml":
        from dispatch.roads.graphml import read_graphml

        return read_graphml(path)
    if kind == "matsim":
        from dispatch.roads.matsim import read_matsim

        return read_matsim(path, crs)
    if kind == "layer":
        from dispatch.roads.vector import read_layer

        segments = read_layer(path, crs=crs, columns=columns)
    elif kind == "overpass":
        from dispatch.roads.overpass import read_overpass

        segments = read_overpass(path)
    else:
        from dispatch.roads.osm import read_segments

        segments = read_segments(path)
    network = simplify(segments)
    if not network.graph.m:
        raise fault(path, "roads_all_barred")
    return network
