"""Norm tables of wildfire in the form that the models take."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from dispatch.norms import read_norm
from models.fire.fuels import FuelModels
from models.fire.suppression import Logistic
from models.fire.wang import WangRule

__all__ = [
    "CHAIN_M",
    "FuelType",
    "fire_rules",
    "fuel_models",
    "fuel_types",
    "line_rate_m_h",
    "logistic",
    "spotting_figures",
    "wang_rule",
]

CHAIN_M = 20.1168
CREW = 20.0
"""People of the crews whose rates the table of line building gives."""


@dataclass(frozen=True)
class FuelType:
    """A stand as a person names it: fuel model, Wang's factor, canopy, and how hard a line is to build in it.

    Attributes
    ----------
    fuel : int
        Number of the fuel model.
    ks : float
        Wang Zhengfei's fuel factor.
    line_group : str
        Row of ``fire_line_rates``; ``none``: nothing to cut.
    canopy : tuple of four floats
        Cover (fraction), height (m), base (m), bulk density (kg/m³).
    """

    fuel: int
    ks: float
    line_group: str
    canopy: tuple[float, float, float, float]


@cache
def fuel_models() -> FuelModels:
    """The 13 and the 40 standard fuel models and the non-burnable ones, by number."""
    rows = sorted(read_norm("fire_fuel_models"), key=lambda row: row["fuel"])

    def columns(names: list[str]) -> NDArray[np.float64]:
        return np.array([[row[name] for name in names] for row in rows], dtype=np.float64)

    return FuelModels(
        number=np.array([row["fuel"] for row in rows], dtype=np.int64),
        load_lb_ft2=columns([f"load_{part}_lb_ft2" for part in ("1h", "10h", "100h", "herb", "woody")]),
        savr_per_ft=columns([f"savr_{part}_per_ft" for part in ("1h", "herb", "woody")]),
        depth_ft=columns(["depth_ft"])[:, 0],
        extinction=columns(["extinction"])[:, 0],
        heat_btu_lb=columns(["heat_btu_lb"])[:, 0],
        dynamic=columns(["dynamic"])[:, 0] > 0,
    )


@cache
def fuel_types() -> dict[str, FuelType]:
    """Stands by id, and by their Chinese names."""
    types = {}
    for row in read_norm("fire_fuel_types"):
        canopy = (row["canopy_cover"], row["canopy_height_m"], row["canopy_base_m"], row["canopy_bulk_kg_m3"])
        kind = FuelType(int(row["fuel"]), row["ks"], row["line_group"], canopy)
        types[row["fuel_type"]] = types[row["name_zh"]] = kind
    return types


@cache
def fire_rules() -> dict[str, float]:
    """What fire and smoke do to roads: rule → value in its unit."""
    return {row["rule"]: row["value"] for row in read_norm("fire_roads")}


def line_rate_m_h(line_group: str, people: float, *, professional: bool) -> float:
    """Line that a crew builds in an hour, m: the table's rate for 20 people, in proportion to its size.

    Raises
    ------
    KeyError
        If the group is not in the table.
    """
    column = "professional_ch_h" if professional else "semi_professional_ch_h"
    rates = {row["line_group"]: float(row[column]) for row in read_norm("fire_line_rates")}
    return rates[line_group] * CHAIN_M * people / CREW


def logistic(model: str) -> Logistic:
    """Coefficients of ``containment`` or ``breach``."""
    figures = _figures(model)
    return Logistic(figures["constant"], figures["intensity"], figures["size"], figures.get("trees", 0.0))


def spotting_figures() -> dict[str, float]:
    """What decides about spot fires besides the models: ``brands_per_ha``, ``flame`` (m), ``spread`` (degrees)."""
    return _figures("spotting")


def wang_rule() -> WangRule:
    """Coefficients of Wang Zhengfei's rule."""
    return WangRule(**_figures("wang"))


def _figures(model: str) -> dict[str, float]:
    return {row["figure"]: row["value"] for row in read_norm("fire_models") if row["model"] == model}
