"""From the sorties of a plan to water on the fire, and what it saves by the hour."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from dispatch.hazards.fire_drops import WaterDrop
from dispatch.planning.plan import SORTIE_COLUMNS
from dispatch.studies.fire_water import planned_drops, water_gain
from tests.hazards.fires import LAT, LON, windy


def plan(*legs: tuple[str, str, int, int]):
    blank = dict.fromkeys(SORTIE_COLUMNS, 0)
    rows = [
        {**blank, "purpose": purpose, "to_site": site, "done_ms": done, "quantity": litres}
        for purpose, site, done, litres in legs
    ]
    return SimpleNamespace(sorties=pd.DataFrame(rows, columns=list(SORTIE_COLUMNS)))


AIR = SimpleNamespace(requests=(SimpleNamespace(request="fire-1", lon=LON, lat=LAT),))


def test_every_drop_of_the_plan_and_nothing_else():
    made = plan(("bucket", "fire-1", 9_000, 3000), ("position", "fire-1", 1_000, 0), ("supply", "V", 2_000, 40),
                ("bucket", "fire-1", 5_500, 900))  # fmt: skip
    assert planned_drops(made, SimpleNamespace(air=AIR)) == (
        WaterDrop(LON, LAT, 5.5, 900.0),
        WaterDrop(LON, LAT, 9.0, 3000.0),
    )
    assert planned_drops(made, SimpleNamespace(air=None)) == ()


def test_hectares_by_the_hour_with_and_without_water():
    drops = tuple(WaterDrop(LON, LAT, 900.0 + 120 * k, 40_000.0) for k in range(60))
    spec = windy(reach_km=2.0, hours=2.5, cell_m=100.0)
    table = water_gain(spec, drops)
    assert table["time_s"].tolist() == [3600.0, 7200.0, 9000.0]
    assert table["litres"].tolist() == [23 * 40_000, 53 * 40_000, 60 * 40_000]
    assert (table["with_ha"] <= table["without_ha"]).all()
    assert table["with_ha"].iloc[-1] < 0.7 * table["without_ha"].iloc[-1]
    dry = water_gain(spec, ())
    assert dry["with_ha"].tolist() == dry["without_ha"].tolist() == table["without_ha"].tolist()
    assert dry["without_ha"].iloc[-1] == pytest.approx(dry["without_ha"].max())
