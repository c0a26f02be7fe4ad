"""What an OSM way's tags say about a road: class, direction, surface, limits, structures, and who may pass.

Rules, after the OSM wiki ("Key:access", "Key:oneway", "Key:maxspeed", "Key:maxweight", "Key:surface"):

- **Roads** are ways whose ``highway`` is a class of ``ROAD_CLASSES``, and ferries that take motor vehicles.
- **Direction**: ``oneway=yes|true|1`` and ``-1|reverse``; without the tag, roundabouts and motorways run one way.
  ``oneway:motor_vehicle`` counts where ``oneway`` names no direction; alternating and reversible roads are two-way.
- **Access**: a way is barred only where its most telling tag (``motorcar``, ``motor_vehicle``, ``vehicle``,
  ``access``) says *no*: it may be blocked, or not made for wheels. Permits of any kind (``private``, ``destination``,
  ``customers``, ``forestry``, ``agricultural`` …) do not bar it: relief vehicles under an emergency order use such
  roads, and farm and forest roads are often the only way to a village. Nor is a way barred that is open to lorries,
  buses or emergency vehicles by a tag of its own (``hgv``, ``goods``, ``bus``, ``psv``, ``emergency``).
- ``hgv=no`` alone leaves the road to vehicles up to 3.5 t (the wiki's meaning of ``hgv``), as a weight limit.
- Everything ``:conditional`` is ignored: it names hours and seasons, not the roads of tonight.
- ``tunnel=building_passage`` (a gateway under a house) and ``avalanche_protector`` (an open gallery) are not tunnels:
  water and fire reach them as they do the street. ``bridge=low_water_crossing`` is a bridge and a ford.
- Units: km/h, t, m unless written (``40 mph``, ``16000 lbs``, ``12'6"``, ``350 cm``); of several values the lowest.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dispatch.roads.network import ROAD_CLASSES, SURFACES

__all__ = ["RoadTags", "parse_length_m", "parse_speed_kmh", "parse_weight_t", "road_tags", "surface_of"]

NAN = math.nan
HGV_T = 3.5
"""A heavy goods vehicle is one above this gross weight (OSM wiki, Key:hgv)."""

_NO = frozenset({"no", "none", "false", "0"})
_CLASS = {name: position for position, name in enumerate(ROAD_CLASSES)}
_FORWARD, _BACKWARD = frozenset({"yes", "true", "1"}), frozenset({"-1", "reverse"})
_SURFACE_GROUPS = {
    "paved": "paved asphalt chipseal concrete concrete:lanes concrete:plates paving_stones paving_stones:lanes sett "
             "cobblestone bricks brick metal metal_grid wood plastic rubber tar",
    "gravel": "gravel fine_gravel compacted pebblestone unhewn_cobblestone shells grade2",
    "unpaved": "unpaved dirt earth ground soil clay mud sand grass grass_paver rock stone woodchips salt snow ice "
               "grade3 grade4 grade5",
}  # fmt: skip
_SURFACE = {word: SURFACES.index(group) for group, words in _SURFACE_GROUPS.items() for word in words.split()}
_SURFACE["grade1"] = SURFACES.index("paved")

_SPEED_UNIT = {"": 1.0, "km/h": 1.0, "kmh": 1.0, "kph": 1.0, "mph": 1.609344, "knots": 1.852}
_WEIGHT_UNIT = {"": 1.0, "t": 1.0, "kg": 0.001, "lbs": 0.00045359237, "lb": 0.00045359237, "st": 0.90718474,
                "cwt": 0.045359237, "吨": 1.0}  # fmt: skip
_LENGTH_UNIT = {"": 1.0, "m": 1.0, "cm": 0.01, "ft": 0.3048, "in": 0.0254, "米": 1.0}
_NUMBER = re.compile(r"(\d+(?:[.,]\d+)?)\s*([a-z/吨米]*)")
_FEET = re.compile(r"(\d+(?:\.\d+)?)\s*(?:'|ft|′)\s*(?:(\d+(?:\.\d+)?)\s*(?:\"|''|in|″)?)?")
WALK_KMH = 6.0
"""``maxspeed=walk``: OSM wiki, Key:maxspeed, 4 to 7 km/h by country."""


@dataclass(frozen=True, slots=True)
class RoadTags:
    """One way as a road.

    Attributes
    ----------
    road_class, surface : int
        Positions in ``ROAD_CLASSES`` and ``SURFACES``.
    direction : int
        1 only as drawn, -1 only against it, 0 both.
    bridge, tunnel, ford : bool
    max_weight_t, max_height_m, max_width_m, speed_forward_kmh, speed_backward_kmh, lanes : float
        NaN where not signed or tagged; ``lanes`` is that of the whole street, both directions together.
    name, ref : str
    barred : bool
        No motor vehicle may pass.
    """

    road_class: int
    surface: int = 0
    direction: int = 0
    bridge: bool = False
    tunnel: bool = False
    ford: bool = False
    max_weight_t: float = NAN
    max_height_m: float = NAN
    max_width_m: float = NAN
    speed_forward_kmh: float = NAN
    speed_backward_kmh: float = NAN
    lanes: float = NAN
    name: str = ""
    ref: str = ""
    barred: bool = False


def road_tags(tags: Mapping[str, str]) -> RoadTags | None:
    """Return what the tags of a way say, or None if it carries no motor vehicles at all."""
    highway = tags.get("highway", "")
    ferry = tags.get("route") == "ferry" and highway not in _CLASS
    if ferry and not _ferry_takes_vehicles(tags):
        return None
    if not ferry and (highway not in _CLASS or highway == "ferry"):
        return None
    speed = parse_speed_kmh(tags.get("maxspeed", ""))
    forward = parse_speed_kmh(tags.get("maxspeed:forward", ""))
    backward = parse_speed_kmh(tags.get("maxspeed:backward", ""))
    bridge = tags.get("bridge", "no")
    return RoadTags(
        road_class=_CLASS["ferry" if ferry else highway],
        surface=surface_of(tags.get("surface", ""), tags.get("tracktype", "")),
        direction=_direction(tags, highway),
        bridge=bridge not in _NO,
        tunnel=tags.get("tunnel", "no") not in _NO | {"building_passage", "avalanche_protector", "culvert"},
        ford=tags.get("ford", "no") not in _NO or bridge == "low_water_crossing",
        max_weight_t=_max_weight(tags),
        max_height_m=_least(parse_length_m(tags.get(key, "")) for key in ("maxheight", "maxheight:physical")),
        max_width_m=_least(parse_length_m(tags.get(key, "")) for key in ("maxwidth", "maxwidth:physical")),
        speed_forward_kmh=speed if math.isnan(forward) else forward,
        speed_backward_kmh=speed if math.isnan(backward) else backward,
        lanes=_number(tags.get("lanes", "")),
        name=tags.get("name", ""),
        ref=tags.get("ref", ""),
        barred=_barred(tags),
    )


def surface_of(surface: str, tracktype: str = "") -> int:
    """Position in ``SURFACES`` of an OSM ``surface`` value or, where that says nothing, of a ``tracktype``."""
    groups = [_SURFACE[word] for word in re.split(r"[;,\s]+", surface) if word in _SURFACE]
    return max(groups) if groups else _SURFACE.get(tracktype, 0)


def parse_speed_kmh(value: str) -> float:
    """Speed in km/h of a ``maxspeed`` value, the lowest of several; NaN if it states none (``none``, ``signals``)."""
    return _least(_speed(part) for part in value.split(";"))


def parse_weight_t(value: str) -> float:
    """Weight in t of a ``maxweight`` value (``5.5``, ``5.5 t``, ``7500 kg``, ``10 st``); NaN if it states none."""
    return _least(_with_unit(part, _WEIGHT_UNIT) for part in value.split(";"))


def parse_length_m(value: str) -> float:
    """Length in m of a ``maxheight`` or ``maxwidth`` value (``3.5``, ``11'``, ``3'6"``, ``350 cm``); else NaN."""
    return _least(_length(part) for part in value.split(";"))


def _ferry_takes_vehicles(tags: Mapping[str, str]) -> bool:
    """A ferry does so only if a tag says so."""
    return any(tags.get(key, "no") not in _NO for key in ("motor_vehicle", "motorcar", "hgv", "vehicle"))


def _direction(tags: Mapping[str, str], highway: str) -> int:
    oneway = tags.get("oneway", "")
    if oneway not in _FORWARD | _BACKWARD:
        oneway = tags.get("oneway:motor_vehicle", oneway)
    if oneway in _FORWARD:
        return 1
    if oneway in _BACKWARD:
        return -1
    if oneway == "":
        return int(highway == "motorway" or tags.get("junction") in {"roundabout", "circular"})
    return 0


def _barred(tags: Mapping[str, str]) -> bool:
    """Whether the most telling access tag says no."""
    if tags.get("emergency", "no") in {"yes", "designated", "official"}:
        return False
    if any(tags.get(key, "no") != "no" for key in ("hgv", "goods", "bus", "psv")):
        return False
    for key in ("motorcar", "motor_vehicle", "vehicle", "access"):
        if key in tags:
            return tags[key] == "no"
    return False


def _max_weight(tags: Mapping[str, str]) -> float:
    keys = ("maxweight", "maxweightrating", "maxweightrating:hgv")
    limit = _least(parse_weight_t(tags.get(key, "")) for key in keys)
    return _least((limit, HGV_T)) if tags.get("hgv") == "no" else limit


def _least(values: Iterable[float]) -> float:
    """Smallest of the numbers that are none NaN; NaN if there is none."""
    known = [value for value in values if not math.isnan(value)]
    return min(known, default=NAN)


def _number(value: str) -> float:
    found = re.match(r"\s*(\d+(?:\.\d+)?)", value)
    return float(found[1]) if found else NAN


def _speed(value: str) -> float:
    value = value.strip().lower()
    if value == "walk":
        return WALK_KMH
    speed = _with_unit(value, _SPEED_UNIT)
    return speed if speed > 0 else NAN


def _length(value: str) -> float:
    value = value.strip().lower()
    feet = _FEET.fullmatch(value)
    if feet:
        return (float(feet[1]) * 12 + float(feet[2] or 0)) * 0.0254
    return _with_unit(value, _LENGTH_UNIT)


def _with_unit(value: str, units: Mapping[str, float]) -> float:
    found = _NUMBER.fullmatch(value.strip().lower())
    if not found or found[2] not in units:
        return NAN
    return float(found[1].replace(",", ".")) * units[found[2]]
