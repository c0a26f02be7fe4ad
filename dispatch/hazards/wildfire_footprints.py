"""What a computed wildfire does to roads and places: footprints by bands of time, as if drawn by hand.

The area burnt in a band closes the roads in and near it from the band's beginning until patrols have passed; smoke
slows the roads round the active front and downwind of it. How uncertain the wind is, is played as a shift of the
whole fire in time, from runs with less and with more wind.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dispatch.hazards.effect import Effect
from dispatch.hazards.fire_drops import read_water_drops, watered
from dispatch.hazards.fire_norms import fire_rules
from dispatch.hazards.fire_spec import FireSpec
from dispatch.hazards.footprints import Footprint
from dispatch.hazards.wildfire import Wildfire, forecast, wildfire
from dispatch.hazards.wildfire_spots import with_spots

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

__all__ = ["CAUSE", "arrival_at", "footprints_of", "wildfire_footprints"]

Floats = NDArray[np.float64]

CAUSE = "wildfire"
SMOKE_HALF_ANGLE_DEG = 15.0
"""Half the opening of the sector downwind that smoke is drawn in; a plume's usual width in neutral air."""


def wildfire_footprints(spec: FireSpec) -> list[Footprint]:
    """Compute the fire and return its footprints (``footprints_of``).

    Raises
    ------
    InputProblems
        As ``dispatch.hazards.wildfire.wildfire``.
    """
    until = spec.until_s
    fire, arrival = _run(spec, spec.wind_factor[1], until)
    return footprints_of(fire, arrival, _shift(spec, until))


def footprints_of(fire: Wildfire, arrival: Floats, shift: tuple[float, ...] = ()) -> list[Footprint]:
    """Footprints of a fire that has been computed, in the order of time, smoke after the fire of the same band.

    Parameters
    ----------
    fire : Wildfire
    arrival : float64 array (rows, columns)
        As ``dispatch.hazards.wildfire.forecast``.
    shift : tuple of three floats, optional
        How much sooner or later the whole fire may come: low, mode, high, s.
    """
    spec, rules = fire.spec, fire_rules()
    begin, until = min(one.time for one in spec.ignitions), spec.until_s
    band = 60.0 * rules["band"]
    known = begin if spec.detected is None else spec.detected
    footprints: list[Footprint] = []
    for k in range(math.ceil((until - begin) / band)):
        start = begin + k * band
        burnt = (arrival >= start) & (arrival < start + band)
        if not burnt.any():
            continue
        area = _area(fire, burnt)
        near = area.buffer(rules["closed_within"])
        effect = Effect(
            start, start + band, max(start, known), speed_permille=math.floor(1000 * rules["smoke_speed"] + 0.5),
            cause=CAUSE, group=CAUSE, shift_s=shift,
        )  # fmt: skip
        closed = replace(effect, end_s=start + band + 3600.0 * rules["closed_after"], speed_permille=0.0)
        name = f"fire +{(start - begin) / 60:.0f} min"
        footprints.append(Footprint(name, _lonlat(fire, near), closed, file=spec.file))
        smoke = _smoke(fire, area, start, rules)
        name = f"smoke +{(start - begin) / 60:.0f} min"
        footprints.append(Footprint(name, _lonlat(fire, smoke), effect, people_share=0.0, file=spec.file))
    return footprints


def arrival_at(fire: Wildfire, lon: Floats, lat: Floats, until_s: float) -> Floats:
    """When the fire arrives at points, seconds from the reference instant; ``inf``: not by then, or off the grid."""
    at = fire.grid.cells(np.column_stack([lon, lat]))
    arrival = forecast(fire, until_s)
    return np.where(at[:, 0] >= 0, arrival[at[:, 0], at[:, 1]], np.inf)


def _run(spec: FireSpec, wind_factor: float, until_s: float) -> tuple[Wildfire, Floats]:
    """Fire and arrival times at one strength of the wind."""
    fire = wildfire(spec, wind_factor)
    if spec.water_drops is not None:
        fire = watered(fire, read_water_drops(spec.water_drops))
    return (fire, forecast(fire, until_s)) if not spec.spotting else with_spots(fire, until_s)


def _shift(spec: FireSpec, until_s: float) -> tuple[float, ...]:
    """How much sooner or later the fire comes with more or less wind: medians over what burns, s (low, mode, high).

    Without spot fires and water from the air, which would hide what the wind does.
    """
    low, mode, high = spec.wind_factor
    if low == mode == high:
        return ()
    plain = replace(spec, spotting=False, water_drops=None)
    late, usual, early = (_run(plain, factor, until_s)[1] for factor in spec.wind_factor)
    reached = np.isfinite(usual) & np.isfinite(late) & np.isfinite(early)
    later = float(np.median(late[reached] - usual[reached]))
    sooner = float(np.median(early[reached] - usual[reached]))
    return (round(min(sooner, 0.0)), 0.0, round(max(later, 0.0)))


def _area(fire: Wildfire, cells: NDArray[np.bool_]) -> BaseGeometry:
    """Cells as an area in metres from the grid's corner (x to the east, y to the north)."""
    import shapely
    from rasterio.features import shapes
    from rasterio.transform import from_origin

    size = fire.grid.cell_m
    drawn = shapes(cells.astype(np.uint8), mask=cells, transform=from_origin(0.0, 0.0, size, size))
    return shapely.union_all([shapely.geometry.shape(polygon) for polygon, _ in drawn])


def _smoke(fire: Wildfire, area: BaseGeometry, start_s: float, rules: dict[str, float]) -> BaseGeometry:
    """Where smoke lies: round the front, and a sector downwind of its middle, m."""
    import shapely
    from shapely import affinity

    hours = [hour for hour in fire.spec.weather if hour.time <= start_s] or [fire.spec.weather[0]]
    round_about = area.buffer(rules["smoke_within"])
    if hours[-1].wind_m_s == 0:
        return round_about
    downwind = math.radians(hours[-1].wind_from_deg + 180.0)
    half = math.radians(SMOKE_HALF_ANGLE_DEG)
    reach = rules["smoke_reach"]
    edges = [(reach * math.sin(downwind + turn), reach * math.cos(downwind + turn)) for turn in (-half, 0.0, half)]
    hull = area.convex_hull
    moved = [affinity.translate(hull, *step) for step in edges]
    return shapely.union_all([round_about, *(shapely.union_all([hull, part]).convex_hull for part in moved)])


def _lonlat(fire: Wildfire, area: BaseGeometry) -> BaseGeometry:
    """An area from metres to degrees, its outline eased by half a cell."""
    import shapely

    eased = area.simplify(fire.grid.cell_m / 2)
    size = fire.grid.cell_m
    return shapely.transform(eased, lambda xy: fire.grid.lonlat(np.column_stack([xy[:, 0] / size, -xy[:, 1] / size])))
