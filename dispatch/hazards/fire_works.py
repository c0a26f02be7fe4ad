"""What a county has built against forest fires, layer by layer, and a county without one of the layers.

What each layer moves (F-01; a layer taken away must move it the stated way):

==================  ==============================================  =================================================
layer               in the county                                   without it
==================  ==============================================  =================================================
``fire_roads``      fire_lines, kind fire_road                      crews reach the forest later
                                                                    (``planning.coverage_fire``); with
                                                                    ``breaks = true`` the fire crosses them
``fire_breaks``     fire_lines, kind fire_break                     the fire crosses them: more burns (``breaks``)
``water_tanks``     facilities, kind water_tank                     lines are built by hand alone: later (``water``)
``water_points``    facilities, kind water_point                    the same, and longer bucket cycles
``cameras``         facilities, kind camera                         the fire is known later (``detection``)
``towers``          facilities, kind tower                          the fire is known later (``detection``)
``checkpoints``     facilities, kind checkpoint                     more of people's fires start (``checkpoints``);
                                                                    patrols see less (``detection``)
``helipads``        facilities, kind helipad                        aircraft start from farther away; aerial patrols
                                                                    see nothing (``detection``)
==================  ==============================================  =================================================

The words in brackets are keys of ``[hazards.fire]``. A scenario leaves layers out with its key ``without``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dispatch.county.county import County
from dispatch.norms import read_norm

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LAYERS", "FireBreak", "FireWorks", "breaks_in", "water_in", "without_layers", "works_rules"]

Floats = NDArray[np.float64]

LAYERS: dict[str, tuple[str, str]] = {
    "fire_roads": ("fire_lines", "fire_road"),
    "fire_breaks": ("fire_lines", "fire_break"),
    "water_tanks": ("facilities", "water_tank"),
    "water_points": ("facilities", "water_point"),
    "cameras": ("facilities", "camera"),
    "towers": ("facilities", "tower"),
    "checkpoints": ("facilities", "checkpoint"),
    "helipads": ("facilities", "helipad"),
}
"""Layers by name: the county's table and the kind in it."""

LITRES_PER_M3 = 1000.0


@dataclass(frozen=True, eq=False)
class FireBreak:
    """A break that is there: its line in degrees (k, 2) and its bare width."""

    name: str
    line: Floats
    width_m: float


@dataclass(frozen=True)
class FireWorks:
    """What a county brings to one fire.

    Attributes
    ----------
    breaks : tuple of FireBreak
    water : tuple of (lon, lat, litres)
        Tanks, and rivers and ponds without end (``inf``), that pumps may draw from.
    """

    breaks: tuple[FireBreak, ...] = ()
    water: tuple[tuple[float, float, float], ...] = ()


def works_rules() -> dict[str, float]:
    """Figures of the norm table ``fire_works``: rule → value in its unit."""
    return {row["rule"]: float(row["value"]) for row in read_norm("fire_works")}


def without_layers(county: County, layers: Iterable[str]) -> County:
    """The county as if layers had not been built.

    Raises
    ------
    KeyError
        If a layer is none of ``LAYERS``.
    """
    tables = dict(county.tables)
    for layer in layers:
        table, kind = LAYERS[layer]
        if table in tables:
            tables[table] = tables[table][tables[table]["kind"] != kind].reset_index(drop=True)
    return replace(county, tables=tables)


def breaks_in(county: County, *, planned: bool) -> tuple[FireBreak, ...]:
    """Fire roads and breaks of the county with a width; with ``planned`` those not yet built too."""
    import shapely

    lines = county.table("fire_lines")
    lines = lines[lines["width_m"].notna() & (planned | (lines["planned"] != True))]  # noqa: E712 - may be missing
    return tuple(
        FireBreak(str(row["name"]), np.asarray(shapely.from_wkt(row["geometry"]).coords)[:, :2], float(row["width_m"]))
        for row in lines.to_dict("records")
    )


def water_in(county: County) -> tuple[tuple[float, float, float], ...]:
    """Where pumps may draw: tanks with what they hold (``capacity``, m³), water points without end.

    A tank whose capacity is not given counts as empty.
    """
    usable = works_rules()["tank_usable"]
    tanks, points = (_placed(county.table("facilities"), kind) for kind in ("water_tank", "water_point"))
    held = [(lon, lat, 0.0 if math.isnan(volume) else volume * LITRES_PER_M3 * usable) for lon, lat, volume in tanks]
    return (*held, *((lon, lat, math.inf) for lon, lat, _ in points))


def _placed(facilities: pd.DataFrame, kind: str) -> list[tuple[float, float, float]]:
    """Position and capacity of the facilities of a kind that have a position."""
    rows = facilities[(facilities["kind"] == kind) & facilities["lon"].notna() & facilities["lat"].notna()]
    return [(float(lon), float(lat), float(volume))
            for lon, lat, volume in zip(rows["lon"], rows["lat"], rows["capacity"], strict=True)]  # fmt: skip
