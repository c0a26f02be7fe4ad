"""Roads of a place or a bounding box from OpenStreetMap, where there is internet; answers are kept on disk.

The place is found by OSMnx (Nominatim); the roads, with all their tags, nodes and turn restrictions, come in one
Overpass answer, whole ways and not cut at the border, and are written as a file that ``read_network`` reads. Servers,
time limit and user agent are those of ``osmnx.settings``.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from dispatch.roads.faults import fault
from dispatch.roads.network import ROAD_CLASSES
from dispatch.roads.network_cache import cache_folder

__all__ = ["download_roads"]

Box = tuple[float, float, float, float]


def download_roads(out: Path, *, place: str | None = None, bbox: Box | None = None, fresh: bool = False) -> Path:
    """Download the roads of a place or a bounding box into a file.

    Parameters
    ----------
    out : Path
        ``.osm`` (OSM XML) or ``.json`` (the Overpass answer).
    place : str, optional
        Name of a place with a border, such as ``沁水县, 山西`` ; its bounding box is taken.
    bbox : tuple of float, optional
        West, south, east, north, in degrees. Exactly one of ``place`` and ``bbox`` is needed.
    fresh : bool
        Ask again even if the answer to the same question is on disk.

    Returns
    -------
    Path
        ``out``.

    Raises
    ------
    InputProblems
        If there is no internet, the place is not found, the server fails, the box is none or holds no road, or the
        file is of another kind.
    ValueError
        If not exactly one of ``place`` and ``bbox`` is given.
    """
    if (place is None) == (bbox is None):
        msg = "give either a place or a bounding box"
        raise ValueError(msg)
    if out.suffix.lower() not in {".osm", ".json"}:
        raise fault(out, "roads_download_suffix", value=out.suffix)
    box = _box_of(place) if place is not None else bbox
    west, south, east, north = box or (math.nan,) * 4
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise fault("bbox", "roads_download_box", value=str(box))
    answer = _ask(_query(west, south, east, north), fresh=fresh)
    if "error" in str(answer.get("remark", "")).lower():
        raise fault("overpass", "roads_overpass_remark", value=str(answer["remark"]))
    elements = answer.get("elements", [])
    if not any(element.get("type") == "way" for element in elements):
        raise fault("overpass", "roads_osm_no_road", value=str(box))
    temporary = out.with_name(out.name + ".part")
    if out.suffix.lower() == ".json":
        temporary.write_text(json.dumps(answer, ensure_ascii=False), encoding="utf-8")
    else:
        _write_xml(elements, temporary)
    return temporary.replace(out)


def _box_of(place: str) -> Box:
    """Bounding box of a place by its name."""
    import osmnx

    folder, osmnx.settings.cache_folder = osmnx.settings.cache_folder, str(cache_folder() / "downloads")
    try:
        found = osmnx.geocode_to_gdf(place)
    except OSError as error:
        raise fault(place, "roads_download_offline", value=type(error).__name__) from error
    except (ValueError, TypeError) as error:
        raise fault(place, "roads_download_place", value=str(error)) from error
    finally:
        osmnx.settings.cache_folder = folder
    west, south, east, north = (float(value) for value in found.total_bounds)
    return west, south, east, north


def _query(west: float, south: float, east: float, north: float) -> str:
    """Overpass query of all road ways that touch the box, their nodes and their turn restrictions."""
    box = f"({south:.6f},{west:.6f},{north:.6f},{east:.6f})"
    classes = "|".join(name for name in ROAD_CLASSES if name != "ferry")
    return (
        "[out:json][timeout:180];"
        f'(way["highway"~"^({classes})$"]{box};way["route"="ferry"]{box};)->.roads;'
        '(.roads;node(w.roads);rel(bw.roads)["type"="restriction"];);out body;'
    )


def _ask(query: str, *, fresh: bool) -> dict[str, Any]:
    """Answer of the Overpass server, or the one kept on disk."""
    import osmnx

    kept = cache_folder() / "downloads" / f"{hashlib.sha256(query.encode()).hexdigest()}.json"
    if kept.exists() and not fresh:
        try:
            answer: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            pass
        else:
            return answer
    settings = osmnx.settings
    request = urllib.request.Request(
        settings.overpass_url.rstrip("/") + "/interpreter",
        data=urllib.parse.urlencode({"data": query}).encode(),
        headers={"User-Agent": settings.http_user_agent, "Referer": settings.http_referer},
    )
    try:
        with urllib.request.urlopen(request, timeout=settings.requests_timeout) as response:
            body = response.read()
    except urllib.error.HTTPError as error:
        raise fault("overpass", "roads_download_server", value=f"{error.code} {error.reason}") from error
    except OSError as error:
        raise fault("overpass", "roads_download_offline", value=str(getattr(error, "reason", error))) from error
    try:
        answer = dict(json.loads(body))
    except (ValueError, TypeError) as error:
        raise fault("overpass", "roads_download_server", value=body[:200].decode(errors="replace")) from error
    if "remark" not in answer:
        with contextlib.suppress(OSError):
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(body)
    return answer


def _write_xml(elements: list[dict[str, Any]], out: Path) -> None:
    """Write Overpass elements as OSM XML: nodes, ways, relations, each by id."""
    root = ElementTree.Element("osm", version="0.6", generator="relief-dispatch, from OpenStreetMap by Overpass")
    order = {"node": 0, "way": 1, "relation": 2}
    for element in sorted(elements, key=lambda e: (order[e["type"]], e["id"])):
        item = ElementTree.SubElement(root, element["type"], id=str(element["id"]), version="1", visible="true")
        if element["type"] == "node":
            item.set("lat", repr(float(element["lat"])))
            item.set("lon", repr(float(element["lon"])))
        for ref in element.get("nodes", ()):
            ElementTree.SubElement(item, "nd", ref=str(ref))
        for member in element.get("members", ()):
            ElementTree.SubElement(item, "member", type=member["type"], ref=str(member["ref"]), role=member["role"])
        for key, value in element.get("tags", {}).items():
            ElementTree.SubElement(item, "tag", k=key, v=value)
    ElementTree.indent(root, " ")
    ElementTree.ElementTree(root).write(out, encoding="utf-8", xml_declaration=True)
