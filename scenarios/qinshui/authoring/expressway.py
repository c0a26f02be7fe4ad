"""The expressway: two carriageways beside its axis, and the ramps of its interchanges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scenarios.qinshui.authoring.frame import Line, along, length_km, offset, place_on
from scenarios.qinshui.authoring.roads import Road

__all__ = ["carriageways", "ramps"]

_HALF_WIDTH_KM = 0.02
_RAMP_KM = 0.5


def carriageways(axis: Road) -> tuple[Road, Road]:
    """Carriageway there and carriageway back, one-way, traffic on the right; they meet at the axis's ends."""
    right = offset(axis.line, -_HALF_WIDTH_KM)
    left = offset(axis.line, _HALF_WIDTH_KM)
    for side in (right, left):
        side[0], side[-1] = axis.line[0], axis.line[-1]
    total = length_km(axis.line)
    back = tuple(
        replace(stretch, from_km=total - stretch.to_km, to_km=total - stretch.from_km) for stretch in axis.stretches
    )
    there = replace(axis, key=f"{axis.key}_there", line=right, oneway=True)
    return there, replace(axis, key=f"{axis.key}_back", line=left[::-1], stretches=back, oneway=True)


def ramps(name: str, axis: Road, there: Road, back: Road, at: Line, gate: Line) -> list[Road]:
    """Four ramps between a gate on another road and both carriageways, half a kilometre either side of ``at``."""
    km, _ = place_on(axis.line, at)
    made = []
    for way, sense in ((there, 1.0), (back, -1.0)):
        for kind, shift in (("exit", -_RAMP_KM), ("entry", _RAMP_KM)):
            near, _ = place_on(way.line, along(axis.line, km + sense * shift))
            on_way = along(way.line, near)
            ends = (on_way, gate) if kind == "exit" else (gate, on_way)
            middle = 0.5 * (on_way + gate) + 0.12 * (along(axis.line, km + sense * shift) - along(axis.line, km))
            line = np.vstack([ends[0], middle, ends[1]])
            key = f"{way.key}_{name}_{kind}"
            made.append(Road(key, f"{name}互通(示意)", "", "motorway_link", line, oneway=True))
    return made
