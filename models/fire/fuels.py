"""Fuel models of surface fire, and what a fuel bed does at given moistures.

Rothermel (1972, INT-115) with the corrections of Albini (1976, GTR INT-30): two categories (dead, live), size classes
lumped by surface area, dynamic transfer of cured herbs (Scott and Burgan 2005). Published in English units, so the
tables are in them; every rate that leaves ``models.fire`` is metric.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["FuelBeds", "FuelModels", "wet_fuel_beds"]

Floats = NDArray[np.float64]

MINERALS = 0.0555
"""Total mineral content of wood (Rothermel 1972)."""
MINERAL_DAMPING = 0.174 * 0.01**-0.19
"""At an effective (silica-free) mineral content of 0.01."""
PARTICLE_DENSITY_LB_FT3 = 32.0
SIZE_CLASSES_PER_FT = (16.0, 48.0, 96.0, 192.0, 1200.0)
"""Bounds of the size classes by surface area to volume (Albini 1976)."""
SAVR_10H_PER_FT, SAVR_100H_PER_FT = 109.0, 30.0
CURED_BELOW, GREEN_ABOVE = 0.30, 1.20
"""Herb moisture at which all, and none, of a dynamic model's herbs count as dead (Burgan 1979; in between the
rounded line 1.333 - 1.11 m, as BehavePlus has it)."""


@dataclass(frozen=True, eq=False)
class FuelModels:
    """Fuel models, n of them.

    Attributes
    ----------
    number : int64 array (n,)
        As in a fuel raster, ascending.
    load_lb_ft2 : float64 array (n, 5)
        Oven-dry load: dead 1 h, 10 h, 100 h, live herbs, live woody.
    savr_per_ft : float64 array (n, 3)
        Surface area to volume of 1 h dead, live herbs, live woody.
    depth_ft, extinction, heat_btu_lb : float64 arrays (n,)
        Bed depth, dead fuel moisture of extinction (fraction), heat content.
    dynamic : bool array (n,)
        Whether cured herbs count as dead fuel.
    """

    number: NDArray[np.int64]
    load_lb_ft2: Floats
    savr_per_ft: Floats
    depth_ft: Floats
    extinction: Floats
    heat_btu_lb: Floats
    dynamic: NDArray[np.bool_]

    def rows(self, number: NDArray[np.integer]) -> NDArray[np.int32]:
        """Row of each fuel number, -1 for one that is not among the models; int32 array of the same shape."""
        at = np.clip(np.searchsorted(self.number, number), 0, len(self.number) - 1)
        return np.where(self.number[at] == number, at, -1).astype(np.int32)


@dataclass(frozen=True, eq=False)
class FuelBeds:
    """What each fuel model does at one set of moistures; a bed that cannot burn has rate 0.

    Attributes
    ----------
    no_wind_ft_min : float64 array (n,)
        Rate of spread without wind or slope.
    slope_factor : float64 array (n,)
        Slope coefficient phi_s = slope_factor · tan²(slope).
    wind_factor, wind_power : float64 arrays (n,)
        Wind coefficient phi_w = wind_factor · U ** wind_power, U midflame in ft/min.
    reaction_btu_ft2_min : float64 array (n,)
    heat_btu_ft2 : float64 array (n,)
        Heat per unit area: reaction intensity times residence time 384 / savr.
    savr_per_ft : float64 array (n,)
        Characteristic surface area to volume.
    depth_ft : float64 array (n,)
    dead_moisture, live_moisture, live_extinction : float64 arrays (n,)
        Weighted moistures of the categories and the live one's moisture of extinction.
    """

    no_wind_ft_min: Floats
    slope_factor: Floats
    wind_factor: Floats
    wind_power: Floats
    reaction_btu_ft2_min: Floats
    heat_btu_ft2: Floats
    savr_per_ft: Floats
    depth_ft: Floats
    dead_moisture: Floats
    live_moisture: Floats
    live_extinction: Floats


def wet_fuel_beds(fuels: FuelModels, moisture: Floats) -> FuelBeds:
    """Beds of every fuel model at one set of moistures.

    Parameters
    ----------
    fuels : FuelModels
    moisture : float64 array (5,)
        Fractions of dry mass: dead 1 h, 10 h, 100 h, live herbs, live woody.
    """
    n = len(fuels.number)
    load, savr, wet = _classes(fuels, moisture)
    dead, live = slice(0, 4), slice(4, 6)
    area = load * savr / PARTICLE_DENSITY_LB_FT3
    total = area.sum(axis=1)
    category = np.stack([area[:, dead].sum(axis=1), area[:, live].sum(axis=1)], axis=1)
    share = _ratio(area, np.repeat(category, (4, 2), axis=1))
    weight = _ratio(category, total[:, None])
    class_of = np.searchsorted(SIZE_CLASSES_PER_FT, savr, side="right")
    lumped = _lumped(share, class_of)
    net = load * (1 - MINERALS)
    net_load = np.stack([(lumped * net)[:, part].sum(axis=1) for part in (dead, live)], axis=1)
    moist = np.stack([(share * wet)[:, part].sum(axis=1) for part in (dead, live)], axis=1)
    extinction = np.stack([fuels.extinction, _live_extinction(fuels, load, savr, wet)], axis=1)
    damping = _moisture_damping(moist, extinction)
    bed_savr = np.stack([(share * savr)[:, part].sum(axis=1) for part in (dead, live)], axis=1)
    sigma = (weight * bed_savr).sum(axis=1)
    burns = total > 0
    sigma_safe = np.where(burns, sigma, 1.0)
    bulk = load.sum(axis=1) / fuels.depth_ft
    packing = np.where(burns, bulk / PARTICLE_DENSITY_LB_FT3, 1.0)
    best_packing = 3.348 * sigma_safe**-0.8189
    relative = packing / best_packing
    shape = 133.0 * sigma_safe**-0.7913
    fastest = sigma_safe**1.5 / (495.0 + 0.0594 * sigma_safe**1.5)
    velocity = fastest * (relative * np.exp(1.0 - relative)) ** shape
    reaction = velocity * (net_load * fuels.heat_btu_lb[:, None] * damping).sum(axis=1) * MINERAL_DAMPING
    flux = np.exp((0.792 + 0.681 * np.sqrt(sigma_safe)) * (packing + 0.1)) / (192.0 + 0.2595 * sigma_safe)
    heating = np.exp(-138.0 / savr) * (250.0 + 1116.0 * wet)
    sink = bulk * (np.repeat(weight, (4, 2), axis=1) * share * heating).sum(axis=1)
    no_wind = np.where(burns, reaction * flux / np.where(burns, sink, 1.0), 0.0)
    heat = np.where(burns, reaction * 384.0 / sigma_safe, 0.0)
    power = 0.02526 * sigma_safe**0.54
    steep = 0.715 * np.exp(-3.59e-4 * sigma_safe)
    return FuelBeds(
        no_wind_ft_min=no_wind,
        slope_factor=5.275 * packing**-0.3,
        wind_factor=7.47 * np.exp(-0.133 * sigma_safe**0.55) * relative**-steep,
        wind_power=power,
        reaction_btu_ft2_min=np.where(burns, reaction, 0.0),
        heat_btu_ft2=heat,
        savr_per_ft=np.where(burns, sigma, np.zeros(n)),
        depth_ft=fuels.depth_ft,
        dead_moisture=moist[:, 0],
        live_moisture=moist[:, 1],
        live_extinction=extinction[:, 1],
    )


def _classes(fuels: FuelModels, moisture: Floats) -> tuple[Floats, Floats, Floats]:
    """Load, savr and moisture of six classes: dead 1 h, 10 h, 100 h, cured herbs; live herbs, live woody."""
    n = len(fuels.number)
    curing = 1.333 - 1.11 * moisture[3]
    cured = np.where(
        moisture[3] < CURED_BELOW, 1.0, np.where(moisture[3] > GREEN_ABOVE, 0.0, np.clip(curing, 0.0, 1.0))
    )
    herbs = fuels.load_lb_ft2[:, 3]
    dead_herbs = np.where(fuels.dynamic, herbs * cured, 0.0)
    load = np.column_stack([fuels.load_lb_ft2[:, :3], dead_herbs, herbs - dead_herbs, fuels.load_lb_ft2[:, 4]])
    one_hour, herb, woody = fuels.savr_per_ft.T
    ten, hundred = np.full(n, SAVR_10H_PER_FT), np.full(n, SAVR_100H_PER_FT)
    savr = np.column_stack([one_hour, ten, hundred, herb, herb, woody])
    wet = np.broadcast_to(moisture[[0, 1, 2, 0, 3, 4]], (n, 6))
    return load, savr, wet


def _lumped(share: Floats, class_of: NDArray[np.integer]) -> Floats:
    """Share of each class's size class within its category (Albini 1976); 0 below 16 per ft."""
    lumped = np.zeros_like(share)
    for part in (range(4), range(4, 6)):
        for i in part:
            for j in part:
                lumped[:, i] += np.where(class_of[:, i] == class_of[:, j], share[:, j], 0.0)
    return np.where(class_of == 0, 0.0, lumped)


def _live_extinction(fuels: FuelModels, load: Floats, savr: Floats, wet: Floats) -> Floats:
    """Moisture of extinction of the live category, never below the dead one's (Albini 1976)."""
    fine_dead = (load * np.exp(-138.0 / savr))[:, :4]
    fine_live = (load * np.exp(-500.0 / savr))[:, 4:].sum(axis=1)
    fine = fine_dead.sum(axis=1)
    dead_moisture = _ratio((fine_dead * wet[:, :4]).sum(axis=1), fine)
    live = 2.9 * _ratio(fine, fine_live) * (1.0 - dead_moisture / fuels.extinction) - 0.226
    return np.where(fine_live > 0, np.maximum(live, fuels.extinction), fuels.extinction)


def _moisture_damping(moisture: Floats, extinction: Floats) -> Floats:
    r = np.minimum(moisture / extinction, 1.0)
    return np.where(r < 1.0, np.maximum(1.0 - 2.59 * r + 5.11 * r**2 - 3.52 * r**3, 0.0), 0.0)


def _ratio(a: Floats, b: Floats) -> Floats:
    """``a / b``, 0 where b is 0."""
    return np.divide(a, b, out=np.zeros(np.broadcast_shapes(a.shape, b.shape)), where=b > 0)
