"""From the hand-drawn control points (``lines.toml``) to rivers and roads as polylines of the local frame."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from scenarios.qinshui.authoring.expressway import carriageways, ramps
from scenarios.qinshui.authoring.frame import (
    MEANDERS,
    ROAD_BENDS,
    Line,
    along,
    bend,
    kilometres,
    length_km,
    offset,
    place_on,
    resample,
    simplify,
    smooth,
    xy,
)
from scenarios.qinshui.authoring.roads import River, Road, Stretch

__all__ = ["Drawing", "draw"]

_LINES = Path(__file__).parent / "lines.toml"
_TOLERANCE_KM = 0.02
_TUNNEL = (("tunnel", "yes"), ("layer", "-1"))
_VIADUCT = (("bridge", "viaduct"), ("layer", "1"))


@dataclass(frozen=True, eq=False)
class Drawing:
    """All of it.

    Attributes
    ----------
    junctions : dict of str to array (2,)
    rivers, roads : dict by key
        Roads include both carriageways of the expressway and its ramps.
    seats : dict of ``township/village`` to junction
        Villages at a township's seat.
    town : dict of ``township/community`` to array (2,)
        The county town's communities.
    """

    junctions: dict[str, Line]
    rivers: dict[str, River]
    roads: dict[str, Road]
    seats: dict[str, str]
    town: dict[str, Line]


def draw() -> Drawing:
    """Read ``lines.toml`` and work out every line."""
    with _LINES.open("rb") as file:
        lines = tomllib.load(file)
    junctions = {key: xy([point])[0] for key, point in lines["junctions"].items()}
    rivers = {entry["key"]: _river(entry) for entry in lines["river"]}
    roads: dict[str, Road] = {}
    for entry in lines["road"]:
        roads[entry["key"]] = _road(entry, junctions, rivers, roads)
    for axis in [road for road in roads.values() if road.road_class == "motorway"]:
        there, back = carriageways(axis)
        del roads[axis.key]
        roads |= {there.key: there, back.key: back}
        for entry in lines["interchange"]:
            gate = _on(roads, entry["gate"])
            for ramp in ramps(entry["name"], axis, there, back, xy([entry["at"]])[0], gate):
                roads[ramp.key] = ramp
    town = {name: xy([point])[0] for name, point in lines["town"].items()}
    return Drawing(junctions, rivers, roads, lines["seats"], town)


def _river(entry: dict[str, Any]) -> River:
    spine = bend(smooth(xy(entry["course"]), 0.15), entry["bends_km"], f"river {entry['key']}", 1.5, MEANDERS)
    line = bend(spine, 0.05, f"water {entry['key']}", 0.5, ROAD_BENDS)
    return River(entry["key"], entry["name"], entry["name_en"], entry["width_m"], spine, simplify(line, 0.03))


def _on(roads: dict[str, Road], step: dict[str, Any]) -> Line:
    """Point on another road, at a share of its length."""
    host = roads[step["on"]].line
    return along(host, step["at"] * length_km(host))


def _road(entry: dict[str, Any], junctions: dict[str, Line], rivers: dict[str, River], roads: dict[str, Road]) -> Road:
    points: list[Line] = []
    for step in entry["course"]:
        if isinstance(step, str):
            points.append(junctions[step][None])
        elif isinstance(step, list):
            points.append(xy([step]))
        elif "on" in step:
            points.append(_on(roads, step)[None])
        else:
            points.append(_beside(rivers[step["river"]], step))
    curve = smooth(np.vstack(points), 0.1)
    bent = bend(curve, entry["bends_km"], f"road {entry['key']}", 0.6, ROAD_BENDS)
    line = simplify(resample(bent, entry.get("step_km", 0.2)), _TOLERANCE_KM)
    total = length_km(line)
    stretches = [Stretch(a, b, (*_TUNNEL, ("name", name))) for a, b, name in entry.get("tunnels", ())]
    stretches += [Stretch(a, b, _VIADUCT) for a, b in entry.get("viaducts", ())]
    for from_share, to_share, road_class, surface in entry.get("rough", ()):
        tags = (("highway", road_class), ("surface", surface))
        stretches.append(Stretch(from_share * total, to_share * total, tags))
    township = entry.get("township", "")
    first, last = entry.get("between", (0.1, 0.9))
    return Road(
        entry["key"],
        entry["name"],
        entry["ref"],
        entry["class"],
        line,
        villages=tuple(name if "/" in name else f"{township}/{name}" for name in entry.get("villages", ())),
        across=frozenset(entry.get("across", ())),
        between=(first, last),
        stretches=tuple(stretches),
    )


def _beside(river: River, step: dict[str, Any]) -> Line:
    """Control points along a bank; left and right are those of someone who looks downstream."""
    gap = step["gap_m"] / 1000.0 * (1.0 if step["bank"] == "left" else -1.0)
    start, _ = place_on(river.spine, xy([step["from"]])[0])
    end, _ = place_on(river.spine, xy([step["to"]])[0])
    bank = offset(river.spine, gap)
    station = np.linspace(start, end, max(round(abs(end - start) / 0.7), 1) + 1)
    spine_km = kilometres(river.spine)
    return np.column_stack([np.interp(station, spine_km, bank[:, 0]), np.interp(station, spine_km, bank[:, 1])])
