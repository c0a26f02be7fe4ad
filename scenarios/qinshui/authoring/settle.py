"""Where villages stand along the drawn roads, and the lanes that lead to them. All of it is synthetic."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np

from scenarios.qinshui.authoring.drawing import Drawing
from scenarios.qinshui.authoring.frame import Line, along, length_km, place_on
from scenarios.qinshui.authoring.roads import River, Road

__all__ = ["Settlement", "settle"]

_CLEAR_OF_RIVER_KM = 0.16
_CLEAR_OF_ROAD_KM = 0.07


@dataclass(frozen=True, eq=False)
class Settlement:
    """A village: its middle, the road it belongs to ("" in the county town), and whether a river lies between."""

    name: str
    at: Line
    road: str
    across: bool = False


def settle(drawing: Drawing) -> tuple[dict[str, Settlement], list[Road]]:
    """Place every village of the drawing and lay out its lanes.

    Returns
    -------
    settlements : dict of ``township/name`` to Settlement
    lanes : list of Road
        From the road to the village's middle, and a short street in it.
    """
    settlements: dict[str, Settlement] = {}
    lanes: list[Road] = []
    main = [road for road in drawing.roads.values() if not road.road_class.startswith("motorway")]
    for road in main:
        for name, km in _stations(road):
            draw = random.Random(f"village {name}")
            across = name.rpartition("/")[2] in road.across
            start = along(road.line, km)
            if km >= length_km(road.line) - 1e-9:
                at = start + (start - along(road.line, km - 0.15)) * 0.8
            elif across:
                at = _beyond(road, km, drawing.rivers, draw)
            else:
                at = _beside(road, km, drawing, main, draw)
            settlements[name] = Settlement(name, at, road.key, across)
            lanes += _lanes(name, start, at, draw)
    for name, junction in drawing.seats.items():
        draw = random.Random(f"village {name}")
        start = drawing.junctions[junction]
        ring = [start + 0.2 * np.array([np.cos(a), np.sin(a)]) for a in np.arange(0.0, 6.28, 0.3)]
        at = max(ring, key=lambda p: min(place_on(road.line, p)[1] for road in main))
        settlements[name] = Settlement(name, at, "", False)
        lanes += _lanes(name, start, at, draw)
    for name, at in drawing.town.items():
        road = min(main, key=lambda road: place_on(road.line, at)[1])
        start = along(road.line, place_on(road.line, at)[0])
        settlements[name] = Settlement(name, at, road.key, False)
        lanes += _lanes(name, start, at, random.Random(f"village {name}"))
    return settlements, lanes


def _stations(road: Road) -> list[tuple[str, float]]:
    """Village names and where on the road, km from its start: about evenly, a quarter of a gap either way."""
    n, (first, last) = len(road.villages), road.between
    total = length_km(road.line)
    gap = (last - first) / max(n - 1, 1)
    stations = []
    for i, name in enumerate(road.villages):
        drift = random.Random(f"station {name}").uniform(-0.25, 0.25) * gap if 0 < i < n - 1 else 0.0
        stations.append((name, min((first + i * gap + drift), 1.0) * total))
    return stations


def _normal(road: Road, km: float) -> Line:
    ahead = along(road.line, km + 0.05) - along(road.line, km - 0.05)
    size = float(np.hypot(*ahead))
    return np.array([-ahead[1], ahead[0]]) / max(size, 1e-9)


def _beside(road: Road, km: float, drawing: Drawing, main: list[Road], draw: random.Random) -> Line:
    """A point 100–300 m off the road, clear of rivers and other roads as far as can be."""
    normal, start = _normal(road, km), along(road.line, km)
    best, best_score = start, -np.inf
    for _ in range(12):
        at = start + normal * draw.choice((-1.0, 1.0)) * draw.uniform(0.10, 0.30)
        to_river = min(place_on(river.line, at)[1] for river in drawing.rivers.values())
        to_road = min(place_on(other.line, at)[1] for other in main)
        score = min(to_river / _CLEAR_OF_RIVER_KM, 1.0) + min(to_road / _CLEAR_OF_ROAD_KM, 1.0) + 0.05 * draw.random()
        if score > best_score:
            best, best_score = at, score
    return best


def _beyond(road: Road, km: float, rivers: dict[str, River], draw: random.Random) -> Line:
    """A point on the far bank of the nearest river, 200–300 m from the water."""
    start = along(road.line, km)
    river = min(rivers.values(), key=lambda river: place_on(river.line, start)[1])
    water = along(river.line, place_on(river.line, start)[0])
    towards = (water - start) / max(float(np.hypot(*(water - start))), 1e-9)
    return water + towards * draw.uniform(0.20, 0.30)


def _lanes(name: str, start: Line, at: Line, draw: random.Random) -> list[Road]:
    """The lane to the village's middle, and a street from there."""
    label = name.rpartition("/")[2]
    ahead = at - start
    size = max(float(np.hypot(*ahead)), 1e-9)
    side = np.array([-ahead[1], ahead[0]]) / size
    bow = 0.5 * (start + at) + side * draw.uniform(-0.03, 0.03)
    lanes = [Road(f"lane {name}", f"{label}村道(示意)", "", "residential", np.vstack([start, bow, at]))]
    end = at + side * draw.choice((1.0, -1.0)) * draw.uniform(0.10, 0.20) + ahead / size * draw.uniform(-0.03, 0.06)
    lanes.append(Road(f"street {name}", "", "", "residential", np.vstack([at, end])))
    return lanes
