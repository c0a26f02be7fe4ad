"""Wildfires that the tests share: a uniform stand on level ground."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from dispatch.hazards.fire_spec import FireSpec, FireWeather, Ignition

REFERENCE = datetime.fromisoformat("2026-04-09T13:00:00+08:00")
LON, LAT = 112.0, 35.5


def calm(**changes: Any) -> FireSpec:
    """A grass fire of three hours without wind, 20 cells of 50 m to each side."""
    spec = FireSpec(
        ignitions=(Ignition(LON, LAT, 0.0),),
        weather=(FireWeather(0.0, 0.0, 270.0, 20.0, 40.0),),
        hours=3.0,
        fuel="grass",
        reach_km=1.0,
        cell_m=50.0,
        moisture_1h_pct=6.0,
        herb_pct=30.0,
        file="fire.toml",
    )
    return replace(spec, **changes)


def windy(**changes: Any) -> FireSpec:
    """The same with a west wind of 3 m/s, followed for longer over more land."""
    return calm(**{"weather": (FireWeather(0.0, 3.0, 270.0, 20.0, 40.0),), "reach_km": 3.0, "hours": 2.0, **changes})
