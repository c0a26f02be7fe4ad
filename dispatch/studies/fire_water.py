"""What the water of planned sorties does to the fire they fly to: the second of the two steps (F-01, T-04).

The first is the plan, made against the fire as it burns without water; see ``dispatch.hazards.fire_drops``.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd

from dispatch.clock import SECOND_MS
from dispatch.hazards.fire_drops import WaterDrop, watered
from dispatch.hazards.fire_spec import FireSpec
from dispatch.hazards.wildfire import forecast, wildfire
from dispatch.planning.plan import Plan
from dispatch.scenario import Scenario

__all__ = ["GAIN_COLUMNS", "planned_drops", "water_gain"]

GAIN_COLUMNS: dict[str, str] = {"time_s": "float64", "litres": "int64", "without_ha": "float64", "with_ha": "float64"}
"""By hour, at ``time_s`` from the reference instant: water dropped by then, and land burnt without it and with it."""


def planned_drops(plan: Plan, scenario: Scenario) -> tuple[WaterDrop, ...]:
    """Every drop of a plan's sorties, in the order of time, on the fire for which it was asked."""
    requests = {} if scenario.air is None else {request.request: request for request in scenario.air.requests}
    legs = plan.sorties[(plan.sorties["purpose"] == "bucket") & plan.sorties["to_site"].isin(set(requests))]
    drops = [
        WaterDrop(requests[row["to_site"]].lon, requests[row["to_site"]].lat, row["done_ms"] / SECOND_MS,
                  float(row["quantity"]))
        for row in legs.to_dict("records") if row["quantity"] > 0
    ]  # fmt: skip
    return tuple(sorted(drops, key=lambda drop: (drop.time_s, drop.lon, drop.lat)))


def water_gain(spec: FireSpec, drops: tuple[WaterDrop, ...]) -> pd.DataFrame:
    """The fire as forecast with and without water from the air, by the hour (``GAIN_COLUMNS``).

    Without spot fires, whose chances would hide what the water does.

    Parameters
    ----------
    spec : FireSpec
        As it is in its county (``dispatch.hazards.fire_in_county``).
    drops : tuple of WaterDrop

    Raises
    ------
    InputProblems
        As ``dispatch.hazards.wildfire.wildfire``.
    """
    fire = wildfire(replace(spec, spotting=False), spec.wind_factor[1])
    free, wet = (forecast(one, spec.until_s) for one in (fire, watered(fire, drops)))
    hectares = spec.cell_m**2 / 1e4
    first = min(one.time for one in spec.ignitions)
    hours = [first + 3600.0 * k for k in range(1, math.ceil((spec.until_s - first) / 3600.0))] + [spec.until_s]
    rows = [
        (time, round(sum(drop.litres for drop in drops if drop.time_s <= time)),
         float(np.sum(free <= time)) * hectares, float(np.sum(wet <= time)) * hectares)
        for time in hours
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(GAIN_COLUMNS)).astype(GAIN_COLUMNS)
