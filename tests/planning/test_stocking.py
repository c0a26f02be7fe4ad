"""Readiness, norms and the shelf over the years, by hand; the advised stock on a county of one depot too many."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from dispatch.county.county import County
from dispatch.planning.stocking_check import check_stock, season_end
from dispatch.planning.stocking_norm import level_people, need_by_norm, stock_groups
from dispatch.planning.stocking_optimise import night_problem, optimise_stock, served, stock_today
from dispatch.planning.stocking_shelf import plan_years
from tests import tiny

ITEMS = [
    {"item": "quilt", "name": "棉被", "unit": "床", "weight_kg": 3.0, "volume_m3": 0.02, "category": "bedding",
     "shelf_life_d": 2920},
    {"item": "blanket", "name": "毛毯", "unit": "条", "weight_kg": 1.6, "volume_m3": 0.01, "category": "bedding"},
    {"item": "water", "name": "水", "unit": "箱", "weight_kg": 12.5, "volume_m3": 0.018, "category": "water",
     "shelf_life_d": 365},
]  # fmt: skip
MAY = date(2026, 5, 20)


def county(stock: list[dict[str, object]]) -> County:
    return tiny.county(
        places=[{"place": "T", "name": "东镇", "kind": "township", "population": 1000.0},
                {"place": "v", "name": "村", "kind": "village", "parent": "T", "population": 1000.0}],
        depots=[{"depot": "D", "name": "县库", "tier": "county", "docks": 1},
                {"depot": "P", "name": "镇点", "tier": "township", "place": "T", "docks": 1},
                {"depot": "X", "name": "市库", "tier": "city", "docks": 1}],
        items=ITEMS, stock=stock,
    )  # fmt: skip


def lot(depot: str, item: str, quantity: float, **more: object) -> dict[str, object]:
    return {"depot": depot, "item": item, "lot": f"{item}{quantity}", "quantity": quantity, "unit_cost": 10.0, **more}


def row(found, depot: str, item: str):
    table = found.rows
    return table[(table["depot"] == depot) & (table["item"] == item)].iloc[0]


def test_need_of_a_level_from_the_norm() -> None:
    """Level II is 1 600 people: 1 600 quilts and 400 cases of water (250 for 1 000)."""
    need = need_by_norm(county([]), level_people("II"), "flood").set_index("item")["quantity"]
    assert (need["quilt"], need["water"], need["woven_bag"]) == (1600, 400, 20000)
    assert "blower" not in need.index


def test_an_own_norm_table_replaces_the_figure(tmp_path) -> None:
    own = tmp_path / "norm.csv"
    own.write_text("tier,season,item,per_1000\ncounty,any,quilt,500\n", encoding="utf-8")
    assert need_by_norm(county([]), 1000, "flood", own=own).set_index("item")["quantity"]["quilt"] == 500


def test_city_depots_are_not_the_countys() -> None:
    assert stock_groups(county([])) == {"D": "county", "P": "T"}


def test_what_expires_before_the_season_ends_does_not_count() -> None:
    """Norm for 100 people: 100 quilts; 60 valid, 30 expire in August, 20 have expired."""
    stock = [lot("D", "quilt", 60, expiry="2030-01-01"), lot("D", "quilt", 30, expiry="2026-08-01"),
             lot("D", "quilt", 20, expiry="2025-01-01")]  # fmt: skip
    found = check_stock(county(stock), "flood", MAY, people=100)
    quilt = row(found, "D", "quilt")
    assert (quilt["norm"], quilt["valid"], quilt["expires_in_season"], quilt["expired"]) == (100, 60, 30, 20)
    assert quilt["gap"] == 40
    assert not quilt["passed"]
    assert list(found.due["days"]) == [-504, 73]


def test_substitutes_and_agreements_close_the_gap() -> None:
    """20 blankets stand in; of an agreement of 50 an hour after 5 h only 50 come within the 6 h."""
    stock = [lot("D", "quilt", 30), lot("D", "blanket", 20),
             lot("D", "quilt", 400, mode="agreement", lead_time_min=300.0, release_per_h=50.0)]  # fmt: skip
    quilt = row(check_stock(county(stock), "flood", MAY, people=100), "D", "quilt")
    assert (quilt["valid"], quilt["substitutes"], quilt["agreement"], quilt["gap"]) == (30, 20, 50, 0)


def test_a_ready_group_passes_and_a_township_without_a_depot_fails() -> None:
    one = county([])
    found = check_stock(one, "flood", MAY, people=100)
    assert set(found.groups["group"]) == {"county", "T"}
    assert not found.passed
    need = need_by_norm(one, 100, "flood")
    full = county([lot("D", item, quantity) for item, quantity in zip(need["item"], need["quantity"], strict=True)
                   if item in {"quilt", "water"}])  # fmt: skip
    rows = check_stock(full, "flood", MAY, people=100).rows
    assert rows[(rows["depot"] == "D") & rows["item"].isin(["quilt", "water"])]["passed"].all()


@pytest.mark.parametrize(("season", "today", "end"), [
    ("flood", date(2026, 5, 20), date(2026, 9, 30)), ("flood", date(2026, 10, 1), date(2027, 9, 30)),
    ("fire", date(2026, 9, 20), date(2027, 5, 31)), ("fire", date(2026, 3, 1), date(2026, 5, 31)),
])  # fmt: skip
def test_the_season_that_runs_or_comes_next(season: str, today: date, end: date) -> None:
    assert season_end(season, today) == end


def test_five_years_of_water_by_hand() -> None:
    """100 cases that keep a year, reviewed every 90 days: renewed whenever less than 90 days are left, so every
    270 days; the first lot of 60 lasts to day 100 and is renewed on day 90 with the gap of 40 bought on day 0."""
    stock = [lot("D", "water", 60, expiry="2026-08-28")]
    found = plan_years(county(stock), MAY, {"water": 100.0})
    bought = found.purchases[["day", "quantity", "reason"]].values.tolist()
    assert bought[0] == ["2026-05-20", 40.0, "gap"]
    assert bought[1] == ["2026-08-18", 60.0, "renewal"]
    assert found.items["lowest_valid_share"].min() == 1.0
    assert found.items["short"].max() <= 1e-9
    assert found.budget["total"].sum() == pytest.approx(found.purchases["cost"].sum())
    assert len(found.budget) == 5


def test_stock_moves_to_where_the_people_are() -> None:
    """Two depots on a road cut between them: what lies at the wrong end helps nobody, the optimum moves it."""
    hazard = tiny.disruption([tiny.closure(f"r12:{a}-{b}", -1e6, 1e6) for a, b in ((1, 2), (2, 1))])
    tables = {
        "places": [{"place": p, "name": p, "kind": "village", "population": 100.0} for p in "AB"],
        "depots": [{"depot": d, "name": d, "tier": "county", "docks": 1, "floor_m2": 100.0, "readiness": "ready"}
                   for d in ("D", "E")],
        "items": [ITEMS[0]],
        "stock": [lot("D", "quilt", 300)],
        "vehicles": [{"vehicle": f"V{d}", "base": d, "class": "truck_5t", "payload_kg": 5000.0, "volume_m3": 38.0}
                     for d in ("D", "E")],
    }  # fmt: skip
    needs = [tiny.need("NA", "A", "quilt", 100, 100.0), tiny.need("NB", "B", "quilt", 100, 100.0)]
    world = tiny.scenario(
        tiny.network([(0, 1, 5), (1, 2, 5), (2, 3, 5)]),
        {"D": ("depot", 0), "A": ("place", 1), "B": ("place", 2), "E": ("depot", 3)}, needs, hazard, tables,
    )  # fmt: skip
    found = optimise_stock([world], nights=3, held_out=4, seconds=20)
    assert list(found.nights.depots) == ["D", "E"]
    assert found.today.tolist() == [[300.0], [0.0]]
    assert found.status == "optimal"
    assert found.improved
    assert found.all_found == 1.0
    assert found.all_today == 0.0
    assert found.best.min() >= 130  # 100 people, and up to 30 % more, at either end
    assert (found.best @ found.nights.problem.purchase).sum() <= found.budget + 1e-6


def test_a_depot_that_no_vehicle_can_come_to_serves_nobody() -> None:
    """The road beyond A is cut and every vehicle is on this side: what lies in E is of no use, even next door."""
    hazard = tiny.disruption([tiny.closure(f"r12:{a}-{b}", -1e6, 1e6) for a, b in ((1, 2), (2, 1))])
    tables = {
        "items": [ITEMS[0]],
        "stock": [lot("D", "quilt", 300)],
        "depots": [{"depot": d, "name": d, "tier": "county", "docks": 1, "floor_m2": 100.0, "readiness": "ready"}
                   for d in ("D", "E")],
        "vehicles": [{"vehicle": "V", "base": "D", "class": "truck_5t", "payload_kg": 5000.0, "volume_m3": 38.0}],
    }  # fmt: skip
    needs = [tiny.need("NA", "A", "quilt", 100, 100.0), tiny.need("NB", "B", "quilt", 100, 100.0)]
    world = tiny.scenario(
        tiny.network([(0, 1, 5), (1, 2, 5), (2, 3, 5)]),
        {"D": ("depot", 0), "A": ("place", 1), "B": ("place", 2), "E": ("depot", 3)}, needs, hazard, tables,
    )  # fmt: skip
    nights = night_problem([world], 2, 1)
    assert np.isfinite(nights.problem.carriage).tolist() == [[[True, False], [False, False]]] * 2
    assert (nights.arrival_h[:, 0, 0] >= nights.problem.carriage[:, 0, 0]).all()


def test_served_share_recomputed_by_hand() -> None:
    world = tiny.one_depot()
    nights = night_problem([world], 1, 1, spread_evenly=True)  # 130 % of the people: 130 quilts a place
    stock = stock_today(world, nights.depots, {"quilt": ()})
    assert stock.tolist() == [[500.0]]
    share, everything = served(nights, stock)
    assert (share[0], everything[0]) == (1.0, True)
    share, everything = served(nights, np.array([[195.0]]))
    assert share[0] == pytest.approx(0.5)
    assert not everything[0]
