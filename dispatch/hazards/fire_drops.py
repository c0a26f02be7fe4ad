"""Water from the air: what planned sorties drop, laid as a wet line before the front, hour by hour.

Two steps, for a plan needs the fire and the fire the plan: sorties are planned against the fire as it burns without
them (``[air]``); what they drop, ``water_drops.csv``, is then named by the key ``water_drops`` of ``[hazards.fire]``,
and the fire is computed again with it, for roads and places and for every night's own fire (``fire_nights``).

A drop wets a line as long as its litres allow: coverage asked for by the fuel (norm ``fire_drops``) over the width of
the line, after what misses (norms ``fire_works``: ``drop_width``, ``drop_on_target``). A cell is closed to the fire
when drops have wetted a line across it, for ``drop_hold``, and can be wetted again. Crews fly by sight: each cell is
chosen when the water for it is there, next to cells that stand wet, the soonest to burn first; where none stands, at
the head, where the front is fastest; never where the fire is too hot for water (``drop_intensity``: then the flanks)
or has been.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dispatch.county.problem_text import found
from dispatch.hazards.fire_works import works_rules
from dispatch.hazards.wildfire import Wildfire, forecast
from dispatch.norms import read_norm
from dispatch.problems import InputProblems

__all__ = ["WATER_COLUMNS", "WaterDrop", "line_litres", "read_water_drops", "watered", "write_water_drops"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

WATER_COLUMNS = ("lon", "lat", "time_s", "litres")
"""Columns of a table of drops: the fire that is watered, seconds from the reference instant, litres."""
GPC_L_M2 = 3.785411784 / 9.290304
"""A US gallon per 100 square feet, in litres per square metre."""
LOOK_S = 1200.0
"""How soon fire must come to a cell for water to be put there; also how often the front is looked at anew."""


@dataclass(frozen=True)
class WaterDrop:
    """Water dropped on a fire: near ``lon``, ``lat`` where the front of that fire is."""

    lon: float
    lat: float
    time_s: float
    litres: float


def read_water_drops(path: Path) -> tuple[WaterDrop, ...]:
    """Drops of a table, in the order of time.

    Raises
    ------
    InputProblems
        If a column is missing or a row holds no finite numbers, or no water.
    """
    drops = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            table = csv.DictReader(stream)
            if missing := set(WATER_COLUMNS) - set(table.fieldnames or ()):
                raise KeyError(sorted(missing)[0])
            for row in table:
                drop = WaterDrop(*(float(row[name]) for name in WATER_COLUMNS))
                if not all(map(math.isfinite, (drop.lon, drop.lat, drop.time_s))) or not 0 < drop.litres < math.inf:
                    raise ValueError(", ".join(map(str, row.values())))
                drops.append(drop)
    except (KeyError, TypeError, ValueError, OSError) as error:
        reason = f"{len(drops) + 2}: {error}"
        columns = ", ".join(WATER_COLUMNS)
        problem = found("hazards_fire_water_drops", path.name, len(drops) + 2, "", reason=reason, columns=columns)
        raise InputProblems([problem]) from None
    return tuple(sorted(drops, key=lambda drop: (drop.time_s, drop.lon, drop.lat)))


def write_water_drops(drops: Iterable[WaterDrop], path: Path) -> None:
    """Write the table that ``read_water_drops`` reads."""
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(WATER_COLUMNS)
        table.writerows((drop.lon, drop.lat, drop.time_s, drop.litres) for drop in drops)


def line_litres(fire: Wildfire) -> Floats:
    """Litres to be dropped for a wet line across each cell (rows, columns); ``inf`` where there is nothing to wet."""
    rules = works_rules()
    gpc = {row["line_group"]: float(row["coverage_gpc"]) for row in read_norm("fire_drops")}
    a_metre = rules["drop_width"] * GPC_L_M2 / rules["drop_on_target"]
    groups, at = np.unique(fire.grid.line_group.astype(str), return_inverse=True)
    per_metre = np.array([gpc.get(str(group), math.inf) * a_metre for group in groups])
    litres: Floats = (per_metre[at] * fire.grid.cell_m).reshape(fire.grid.shape)
    return litres


def watered(fire: Wildfire, drops: Sequence[WaterDrop]) -> Wildfire:
    """The fire before its first ignition, with the cells that these drops keep from burning.

    Parameters
    ----------
    fire : Wildfire
        As ``dispatch.hazards.wildfire.wildfire``.
    drops : sequence of WaterDrop
        In the order of time.
    """
    if not drops or not len(fire.origins):
        return fire
    rules, litres = works_rules(), line_litres(fire)
    targets = sorted({(drop.lon, drop.lat) for drop in drops})
    mine = _nearest(fire, targets)
    bank = dict.fromkeys(targets, (0.0, -math.inf))
    state = fire
    windows = np.array([math.floor(drop.time_s / LOOK_S) for drop in drops])
    for window in np.unique(windows).tolist():
        now = window * LOOK_S
        arrival = forecast(state, now + 2 * LOOK_S)
        state = replace(state, burnt_s=np.where(arrival <= now, arrival, np.inf), now_s=now)
        speed = _speed(arrival, fire.grid.cell_m)
        cool = _intensity(fire, now, speed) <= rules["drop_intensity"]
        closed, opens = state.closed_s.copy(), state.opens_s.copy()
        for k in np.flatnonzero(windows == window).tolist():
            drop, target = drops[k], (drops[k].lon, drops[k].lat)
            held, since = bank[target]
            held = drop.litres + (held if drop.time_s - since <= 60.0 * rules["drop_hold"] else 0.0)
            until = drop.time_s + 60.0 * rules["drop_hold"]
            while True:
                soon = cool & (arrival >= drop.time_s) & (arrival <= drop.time_s + LOOK_S) & (litres < np.inf)
                soon &= ~((closed <= drop.time_s) & (opens >= until))
                cell = _chosen(soon & (mine == targets.index(target)), soon, closed, opens, arrival, speed, drop.time_s)
                if cell is None:
                    held = 0.0  # nothing in reach that water would stop
                    break
                if litres[cell] > held:
                    break
                held -= float(litres[cell])
                opens[cell] = max(opens[cell], until) if closed[cell] < np.inf else until
                closed[cell] = min(closed[cell], drop.time_s)
            bank[target] = (held, drop.time_s)
        state = replace(state, closed_s=closed, opens_s=opens)
    return replace(fire, closed_s=state.closed_s, opens_s=state.opens_s)


def _nearest(fire: Wildfire, targets: Sequence[tuple[float, float]]) -> NDArray[np.int64]:
    """Number of the target nearest to each cell."""
    rows, columns = fire.grid.shape
    at = fire.grid.place(np.array(targets, dtype=np.float64))
    down, across = np.mgrid[0:rows, 0:columns] + 0.5
    away = np.stack([np.hypot(across - x, down - y) for x, y in at])
    return np.asarray(np.argmin(away, axis=0), dtype=np.int64)


def _speed(arrival: Floats, cell_m: float) -> Floats:
    """How fast the front crosses each cell, m/s, from the arrival times of the neighbours it has passed before."""
    padded = np.pad(arrival, 1, constant_values=np.inf)
    before = (np.minimum(padded[1:-1, :-2], padded[1:-1, 2:]), np.minimum(padded[:-2, 1:-1], padded[2:, 1:-1]))
    with np.errstate(invalid="ignore"):
        slopes = [np.where(arrival > side, arrival - side, 0.0) for side in before]
    slow = np.hypot(*slopes) / cell_m
    fast: Floats = np.divide(1.0, slow, out=np.zeros_like(slow), where=(slow > 0) & np.isfinite(slow))
    return fast


def _intensity(fire: Wildfire, now_s: float, speed: Floats) -> Floats:
    """Intensity of the front as it crosses each cell, kW/m: the head's, less where it runs slower (Byram 1959)."""
    edges = [hour.time for hour in fire.spec.weather]
    behaviour = fire.behaviours[max(int(np.searchsorted(edges, now_s, side="right")) - 1, 0)]
    head = behaviour.ros_m_min.reshape(fire.grid.shape) / 60.0
    share = np.divide(speed, head, out=np.ones_like(head), where=head > 0)
    hot: Floats = behaviour.intensity_kw_m.reshape(fire.grid.shape) * np.minimum(share, 1.0)
    return hot


def _chosen(
    own: Bools, any_fire: Bools, closed: Floats, opens: Floats, arrival: Floats, speed: Floats, now_s: float
) -> tuple[int, int] | None:
    """Cell for the next line: beside wet ones the soonest to burn, else the fastest; of another fire if this has none.

    Of equal ones the first in rows.
    """
    own = own if own.any() else any_fire
    if not own.any():
        return None
    wet = np.pad((closed > -np.inf) & (closed <= now_s) & (opens > now_s) & np.isfinite(opens), 1)
    beside = np.zeros(own.shape, dtype=bool)
    rows, columns = own.shape
    for down in (0, 1, 2):
        for across in (0, 1, 2):
            beside |= wet[down : down + rows, across : across + columns]
    beside &= own
    value = np.where(beside, -arrival, -np.inf) if beside.any() else np.where(own, speed, -np.inf)
    row, column = np.unravel_index(int(np.argmax(value)), own.shape)
    return int(row), int(column)
