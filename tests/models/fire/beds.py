"""Fuel beds and behaviours that the tests of fire models share."""

from __future__ import annotations

import numpy as np

from dispatch.hazards.fire_norms import fuel_models
from models.fire.behaviour import Behaviour, Canopy, spread
from models.fire.fuels import FuelBeds, wet_fuel_beds

CHAIN_H_M_MIN = 20.1168 / 60
MPH_M_S = 0.44704


def bed_row(number: int) -> int:
    """Row of a fuel model."""
    return int(fuel_models().rows(np.array([number]))[0])


def beds(*moisture_pct: float) -> FuelBeds:
    """Beds at moistures in percent."""
    return wet_fuel_beds(fuel_models(), np.array(moisture_pct) / 100)


def canopy(n: int = 1, cover: float = 0.0, height: float = 0.0, base: float = 0.0, bulk: float = 0.0) -> Canopy:
    """The same canopy in every cell."""
    return Canopy(*(np.full(n, value) for value in (cover, height, base, bulk)))


def one(number: int, wet: FuelBeds, slope: float, aspect: float, above: Canopy, wind: float, wind_from: float,
        crown: bool = False) -> Behaviour:  # fmt: skip
    """Behaviour in one cell."""
    return spread(
        wet, np.array([bed_row(number)], dtype=np.int32), np.array([slope]), np.array([aspect]), above,
        np.array([wind]), np.array([wind_from]), 1.2, bed_row(10) if crown else -1,
    )  # fmt: skip


def uniform(n: int, ros: float, ratio: float, heading: float) -> Behaviour:
    """The same ellipse everywhere."""
    e = np.sqrt(ratio**2 - 1) / ratio
    ones = np.ones(n)
    return Behaviour(ones * ros, ones * heading, ones * e, ones, ones, np.ones(n, dtype=np.int8))
