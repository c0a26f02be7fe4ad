"""P(T_all ≤ deadline) of a stock: what is held where decides it, and nothing else in the county changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from dispatch.studies.stock_targets import target_of, with_points, with_stock
from tests import tiny


def test_only_the_named_stock_is_laid_anew() -> None:
    world = tiny.one_depot()
    other = with_stock(world.county, ["D"], ["quilt"], np.array([[120.0]]))
    assert list(other.table("stock")["quantity"]) == [120.0]
    assert list(other.table("stock").columns) == list(world.county.table("stock").columns)
    for name in ("places", "depots", "items", "vehicles"):
        assert other.table(name) is world.county.table(name)


def test_too_little_stock_misses_and_enough_keeps_the_promise() -> None:
    """300 quilts are wanted 10, 20 and 30 km away: 200 can never do, 300 do on every night."""
    world = tiny.one_depot(trucks=3)
    short = replace(world, county=with_stock(world.county, ["D"], ["quilt"], np.array([[200.0]])))
    enough = replace(world, county=with_stock(world.county, ["D"], ["quilt"], np.array([[300.0]])))
    few, many = (target_of(one, nights=10, seconds=0.5, seed=3) for one in (short, enough))
    assert few.probability == 0.0
    assert many.probability == 1.0
    assert many.people_on_time > few.people_on_time
    assert few.low <= few.probability <= few.high


def test_a_further_point_is_a_depot_with_the_first_batch() -> None:
    batch = [{"preset": "summer", "item": "quilt", "quantity_per_person": 1.0, "people_share": 0.5}]
    world = tiny.one_depot(tables={"first_batch": batch})
    points = pd.DataFrame([{"candidate": "C", "name": "新点", "place": "A", "lon": 112.01, "lat": 35.5}])
    more = with_points(world.county, points, 101)
    assert list(more.table("depots")["depot"]) == ["D", "new-C"]
    added = more.table("stock").iloc[-1]
    assert (added["depot"], added["item"], added["quantity"]) == ("new-C", "quilt", 51.0)
