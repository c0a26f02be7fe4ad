"""Spot fires: brands from hot cells start new fires downwind, found hour by hour.

How far a brand can fly is Albini's (1983) longest distance; how far it does is drawn evenly up to it. Whether it
ignites what it falls on is Schroeder's (1969) probability. How many brands a hectare throws is a norm
(``fire_models``: ``spotting``).
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dispatch.hazards.fire_norms import spotting_figures
from dispatch.hazards.fire_spec import FireSpec, FireWeather
from dispatch.hazards.wildfire import WIND_10M_PER_20FT, Wildfire, advance, forecast
from models.fire.moisture import equilibrium_moisture
from models.fire.spotting import ignition_probability, spot_distance_m

__all__ = ["with_spots"]

Floats = NDArray[np.float64]


def with_spots(fire: Wildfire, until_s: float) -> tuple[Wildfire, Floats]:
    """Let the fire burn with spotting; the same seed gives the same spots.

    Returns
    -------
    fire : Wildfire
        With the spot fires among its origins.
    arrival_s : float64 array (rows, columns)
        As ``forecast``.
    """
    rng = np.random.default_rng(fire.spec.seed)
    figures = spotting_figures()
    edges = [hour.time for hour in fire.spec.weather]
    first = min(one.time for one in fire.spec.ignitions)
    ticks = [first + 3600.0 * k for k in range(1, math.ceil((until_s - first) / 3600.0))]
    for tick in ticks:
        before = fire.burnt_s
        fire = advance(fire, tick)
        fresh = np.isfinite(fire.burnt_s) & ~np.isfinite(before)
        period = max(int(np.searchsorted(edges, tick - 3600.0, side="right")) - 1, 0)
        fire = _spotted(fire, fresh, period, tick, rng, figures)
    return fire, forecast(fire, until_s)


def _spotted(
    fire: Wildfire, fresh: NDArray[np.bool_], period: int, now_s: float, rng: np.random.Generator,
    figures: dict[str, float],
) -> Wildfire:  # fmt: skip
    """Throw brands from the cells that burnt in the last hour."""
    hour, spec, grid = fire.spec.weather[period], fire.spec, fire.grid
    flame = fire.behaviours[period].flame_m.reshape(grid.shape)
    row, column = np.nonzero(fresh & (flame >= figures["flame"]))
    brands = rng.poisson(figures["brands_per_ha"] * grid.cell_m**2 / 1e4, len(row))
    row, column = np.repeat(row, brands), np.repeat(column, brands)
    height = grid.canopy.height_m.reshape(grid.shape)[row, column]
    wind = np.full(len(row), hour.wind_m_s / WIND_10M_PER_20FT)
    flight = rng.random(len(row)) * spot_distance_m(flame[row, column], wind, height) / grid.cell_m
    bearing = np.radians(hour.wind_from_deg + 180.0 + figures["spread"] * rng.standard_normal(len(row)))
    to_row = np.floor(row + 0.5 - flight * np.cos(bearing)).astype(np.int64)
    to_column = np.floor(column + 0.5 + flight * np.sin(bearing)).astype(np.int64)
    lights = rng.random(len(row)) < ignition_probability(np.array(_fine(spec, hour)),
                                                         np.array(hour.temperature_c))  # fmt: skip
    inside = (to_row >= 0) & (to_row < grid.shape[0]) & (to_column >= 0) & (to_column < grid.shape[1])
    to_row, to_column = to_row[inside & lights], to_column[inside & lights]
    falls = ~np.isfinite(fire.burnt_s[to_row, to_column]) & (fire.front.a[period, to_row, to_column] > 0)
    falls &= (fire.closed_s[to_row, to_column] > now_s) | (fire.opens_s[to_row, to_column] <= now_s)
    starts = fire.starts_s.copy()
    at = (to_row[falls], to_column[falls])
    starts[at] = np.minimum(starts[at], now_s)
    return replace(fire, starts_s=starts, origins=np.concatenate([fire.origins, np.column_stack(at)]))


def _fine(spec: FireSpec, hour: FireWeather) -> float:
    if spec.moisture_1h_pct is not None:
        fine = spec.moisture_1h_pct / 100
    else:
        fine = float(equilibrium_moisture(np.array(hour.temperature_c), np.array(hour.humidity_pct)))
    return fine * spec.moisture_factor[1]
