"""New points and their stock on a bundled county: the books balance, and today is never beaten."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from dispatch.planning.siting_ground import candidate_points
from dispatch.report.stock_points_files import points_lines, write_points
from dispatch.scenario_file import load_scenario
from dispatch.studies.stock_points import PointsStudy, PointsWish, _advised, points_and_stock, whole_units
from dispatch.studies.stock_targets import with_points
from models.stock import PointsAndStock, place_points
from tests import tiny

NOW = datetime(2026, 5, 20, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(scope="module")
def county():
    return load_scenario("qinshui/flash_flood").county


@pytest.fixture(scope="module")
def study(county) -> PointsStudy:
    wish = PointsWish(2, 900_000.0, nights=3, held_out=4, seconds=20.0, vehicle_class="pickup")
    return points_and_stock(["qinshui/flash_flood"], county, candidate_points(county), wish)


def test_the_money_and_the_goods_balance(study: PointsStudy, county) -> None:
    """What is spent is what the new points cost and what is bought beyond today's goods, none of which is given up."""
    cost = {f"new-{row['candidate']}": row["cost"] for row in study.candidates.to_dict("records")}
    stock = county.table("stock")
    for step in study.steps:
        layout = step.layout
        opened = [depot for depot, is_open in zip(study.depots, layout.opened, strict=True) if is_open]
        building = sum(cost.get(depot, 0.0) for depot in opened)
        assert layout.spent <= study.wish.budget + 1e-6
        assert layout.spent >= building - 1e-6
        assert sum(depot in cost for depot in opened) <= step.count
        assert (layout.stock == np.round(layout.stock)).all()
        assert (layout.stock.sum(axis=0) >= study.today.sum(axis=0) - 1e-6).all()
        assert (layout.stock[~layout.opened] == 0).all()
    water = stock[(stock["item"] == "water") & (stock["mode"] == "physical") & stock["depot"].isin(study.depots)]
    water = water[water["expiry"] >= "2026-07-01"]  # a lot that had expired is no stock
    assert study.today[:, study.items.index("water")].sum() == water["quantity"].sum()


def test_every_step_is_at_least_todays_stock_on_its_nights(study: PointsStudy) -> None:
    chances = [study.today_seen.chance, *(step.layout.provided.chance for step in study.steps)]
    assert all(b >= a - 1e-9 for a, b in zip(chances, chances[1:], strict=False))
    assert chances[-1] > chances[0]  # a village behind the cut road gets a point of its own
    assert study.mean_plan.chance <= chances[-1] + 1e-9
    assert study.foreseen[0] >= chances[-1] - 1e-9


def test_the_advised_step_is_no_worse_on_nights_not_seen(study: PointsStudy) -> None:
    advised = study.advised
    assert advised is not None
    assert advised.unseen.chance >= study.today_unseen.chance
    assert advised.unseen.mean_people >= study.today_unseen.mean_people
    worse = tuple(replace(step, no_worse=False) for step in study.steps)
    assert _advised(worse) is None
    same = replace(study.steps[0], count=9)
    assert _advised([study.steps[0], same]) is study.steps[0]  # of equally good ones the fewest points


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_lines_and_workbook_say_the_same(study: PointsStudy, county, lang: str, tmp_path) -> None:
    lines = points_lines(study, county, lang)
    path = write_points(study, tmp_path / "points.xlsx", lang, NOW, county)
    sheets = pd.read_excel(path, sheet_name=None, header=None)
    assert len(sheets) >= 3
    advised = study.advised
    assert advised is not None
    assert any(f"{advised.layout.spent:,.0f}" in line for line in lines)
    numbers = [float(cell) for table in sheets.values() for cell in table.to_numpy().ravel()
               if isinstance(cell, int | float) and not pd.isna(cell)]  # fmt: skip
    assert any(abs(number - advised.layout.spent) < 1 for number in numbers)


def test_whole_units_keep_room_and_money() -> None:
    """10.5 wanted at a price of 2 with 21 to spend and nothing held: ten can be paid for whole, not eleven."""
    problem = PointsAndStock(
        np.array([True]), np.zeros(1), np.array([100.0]), np.zeros(1, np.int64), np.ones(1), np.array([2.0]),
        np.zeros((1, 1)), np.array([[20.0]]), np.array([[[20.0]]]), np.ones((1, 1, 1), bool), np.ones((1, 1, 1)),
        np.ones(1), 21.0,
    )  # fmt: skip
    layout = place_points(problem, 0)
    assert layout.stock[0, 0] == pytest.approx(10.5)
    whole = whole_units(problem, layout)
    assert (whole.stock[0, 0], whole.spent, whole.provided.mean_people) == (10.0, 20.0, pytest.approx(10.0))


def test_an_empty_point_with_a_vehicle_by_agreement() -> None:
    world = tiny.one_depot()
    points = pd.DataFrame([{"candidate": "C", "name": "新点", "place": "A", "lon": 112.01, "lat": 35.5}])
    more = with_points(world.county, points, 0.0, "pickup")
    assert len(more.table("stock")) == len(world.county.table("stock"))
    vehicle = more.table("vehicles").iloc[-1]
    assert (vehicle["base"], vehicle["class"], vehicle["mode"]) == ("new-C", "pickup", "agreement")
    assert vehicle["payload_kg"] == 700
