"""Fires that are drawn, not given: people's near homes, fewer past manned checkpoints, and lightning's anywhere.

Checkpoints thin out a fixed draw: with the same seed, the fires that start with one are among those without it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dispatch.county.county import County
from dispatch.hazards.fire_grid import FireGrid
from dispatch.hazards.fire_spec import FireSpec, Ignition
from dispatch.hazards.fire_works import works_rules
from dispatch.hazards.wildfire import Wildfire, burnable_land
from models.fire.ignitions import draw_ignitions

__all__ = ["with_drawn_fires"]

Floats = NDArray[np.float64]


def with_drawn_fires(spec: FireSpec, county: County, land: Wildfire | None = None) -> FireSpec:
    """The fire with those that were drawn by its seed, in the order of time, besides those given.

    ``land``: as ``dispatch.hazards.wildfire.burnable_land``, where it has been prepared already.

    Raises
    ------
    InputProblems
        As ``dispatch.hazards.wildfire.wildfire``.
    """
    land = burnable_land(spec) if land is None else land
    burns = (land.front.a > 0).any(axis=0)
    rules = works_rules()
    middle = _middles(land.grid)
    places = county.table("places")
    villages = places[(places["kind"] == "village") & places["lon"].notna() & places["lat"].notna()]
    people = _people_weight(land.grid, middle, villages[["lon", "lat"]].to_numpy(dtype=np.float64),
                            rules["people_scale"]) * burns.ravel()  # fmt: skip
    rng = np.random.default_rng(spec.seed)
    cell, time, lightning = draw_ignitions(
        people, burns.ravel().astype(np.float64),
        spec.people_fires if people.sum() > 0 else 0.0, spec.lightning_storms if burns.any() else 0.0, spec.strokes,
        3600.0 * spec.hours, 60.0 * rules["storm"], rng,
    )  # fmt: skip
    luck = rng.random(len(cell))
    guarded = np.zeros(len(cell), dtype=bool)
    if spec.checkpoints:
        guarded = _guarded(land.grid, middle[cell], county, rules["checkpoint_reach"])
    starts = lightning | ~guarded | (luck >= rules["checkpoint_effect"])
    at = land.grid.lonlat(middle[cell[starts]])
    drawn = [Ignition(float(lon), float(lat), spec.weather[0].time + float(when))
             for (lon, lat), when in zip(at, time[starts], strict=True)]  # fmt: skip
    return replace(spec, ignitions=tuple(sorted([*spec.ignitions, *drawn], key=lambda fire: fire.time)))


def _middles(grid: FireGrid) -> Floats:
    """Column and row of the middle of every cell, row by row (n, 2)."""
    row, column = np.mgrid[0 : grid.shape[0], 0 : grid.shape[1]]
    return np.column_stack([column.ravel(), row.ravel()]) + 0.5


def _away_m(grid: FireGrid, at: Floats, lonlat: Floats) -> Floats:
    """Distance from every point (in columns and rows) to the nearest of some positions, m; ``inf`` without any."""
    from scipy.spatial import cKDTree

    if not len(lonlat):
        return np.full(len(at), np.inf)
    away, _ = cKDTree(grid.place(lonlat)).query(at)
    return np.asarray(away, dtype=np.float64) * grid.cell_m


def _people_weight(grid: FireGrid, middle: Floats, homes: Floats, scale_m: float) -> Floats:
    """Relative rate of people's fires by cell."""
    weight: Floats = np.exp(-_away_m(grid, middle, homes) / scale_m)
    return weight


def _guarded(grid: FireGrid, at: Floats, county: County, reach_m: float) -> NDArray[np.bool_]:
    """Whether points lie behind a checkpoint of the county."""
    posts = county.table("facilities")
    posts = posts[(posts["kind"] == "checkpoint") & posts["lon"].notna() & posts["lat"].notna()]
    near: NDArray[np.bool_] = _away_m(grid, at, posts[["lon", "lat"]].to_numpy(dtype=np.float64)) <= reach_m
    return near
