"""Vehicles that no plan can load because their mass or volume is 0: which, and which of them look like a slip."""

from __future__ import annotations

import pandas as pd

from dispatch.county.county import County
from dispatch.county.problem_text import found
from dispatch.norms import read_norm
from dispatch.problems import Problem

__all__ = ["idle_vehicles", "unloadable"]

_BOOT_M3 = 1.0
"""A class with less room (norm table ``vehicle_profiles``) is made for people: goods it cannot take are no slip."""


def idle_vehicles(county: County) -> pd.DataFrame:
    """Rows of the vehicles that can carry nothing."""
    vehicles = county.table("vehicles")
    return vehicles[~((vehicles["payload_kg"] > 0) & (vehicles["volume_m3"] > 0))]


def unloadable(county: County) -> list[Problem]:
    """A warning, by class, of vehicles that plans leave out and that were perhaps meant to carry something.

    That is: only one of mass and volume is 0, another of the class carries goods, or the class is one for goods.
    Buses, ambulances or fire engines without payload are as they should be.
    """
    vehicles, idle = county.table("vehicles"), idle_vehicles(county)
    carrying = set(vehicles.loc[~vehicles["vehicle"].isin(idle["vehicle"]), "class"])
    goods = {row["vehicle_class"] for row in read_norm("vehicle_profiles") if row["volume_m3"] >= _BOOT_M3}
    half = (idle["payload_kg"] > 0) | (idle["volume_m3"] > 0)
    slips = idle[half | idle["class"].isin(carrying | goods)]
    return [
        found("scenario_unloadable", "vehicles", None, "payload_kg, volume_m3", ", ".join(of["vehicle"]), "warning",
              count=len(of), vehicle_class=name)
        for name, of in slips.groupby("class", sort=False)
    ]  # fmt: skip
