"""Guarantees for single places: hand-worked on the tiny line D – A – B – C (10 minutes apart)."""

from __future__ import annotations

import pytest

from dispatch.planning.check import check
from dispatch.planning.fairness import worst_share
from dispatch.planning.plan import Plan
from dispatch.planning.relief import plan_relief
from dispatch.scenario import Scenario
from tests import tiny
from tests.planning.worlds import HOUR


def _planned(scenario: Scenario, **options) -> Plan:
    plan = plan_relief(scenario, seconds=0.6, **options)
    assert check(plan, scenario) == []
    return plan


def _short() -> Scenario:
    """300 quilts for 200 at A (900 people) and 200 at C (100 people)."""
    needs = [tiny.need("NA", "A", "quilt", 200, 900.0), tiny.need("NC", "C", "quilt", 200, 100.0)]
    return tiny.one_depot(needs=needs, quilts=300)


def _brought(plan: Plan) -> dict[str, int]:
    return plan.loads.groupby("need")["quantity"].sum().to_dict()


def test_the_crowd_is_completed_first_where_goods_are_short():
    assert _brought(_planned(_short())) == {"NA": 200, "NC": 100}


def test_a_minimum_share_goes_to_every_place_first():
    # three quarters of both (150 + 150) leave nothing to complete A
    plan = _planned(_short(), least_share=0.75)
    assert _brought(plan) == {"NA": 150, "NC": 150}
    cost = plan.meta["guarantee"]
    assert (cost["levels_unrestricted"][0], cost["levels"][0]) == (900.0, 0.0)
    assert (cost["worst_share_unrestricted"], cost["worst_share"]) == (0.5, 0.75)


def test_a_minimum_that_everybody_has_anyhow_costs_nobody():
    plan = _planned(_short(), least_share=0.5)
    assert _brought(plan) == {"NA": 200, "NC": 100}
    assert plan.meta["guarantee"]["levels"][0] == 900.0


def test_the_fairest_plan_lifts_the_worst_place():
    plan = _planned(_short(), fair=True)
    assert worst_share(plan, _short()) == 0.75
    assert plan.meta["guarantee"]["worst_share_unrestricted"] == 0.5


def test_priority_turns_who_is_completed():
    # C's 100 people count twenty times
    plan = _planned(_short(), priority={"C": 20.0})
    assert _brought(plan) == {"NA": 100, "NC": 200}
    assert plan.objective["value"].iloc[0] == 100.0
    assert plan.meta["guarantee"]["levels_unrestricted"][0] == 900.0


def test_a_vehicle_left_at_home_drives_nothing():
    scenario = tiny.one_depot(trucks=2, docks=2)
    used = sorted(_planned(scenario).trips["vehicle"].unique())
    plan = _planned(scenario, without=used[:1])
    assert used[0] not in set(plan.trips["vehicle"])
    assert plan.meta["guarantee"]["levels"][1] >= plan.meta["guarantee"]["levels_unrestricted"][1]


@pytest.mark.parametrize(
    ("options", "words"),
    [({"least_share": 1.5}, "between 0 and 1"), ({"priority": {"X": 2.0}}, "needs nothing"),
     ({"priority": {"A": 0.0}}, "above 0"), ({"without": ["V99"]}, "V99")],
)  # fmt: skip
def test_impossible_wishes_are_refused(options, words):
    with pytest.raises(ValueError, match=words):
        plan_relief(_short(), seconds=0.1, **options)


def test_everybody_in_time_is_fair_already():
    plan = _planned(tiny.one_depot(), fair=True)
    assert worst_share(plan, tiny.one_depot()) == 1.0
    assert plan.objective["value"].iloc[1] < 6 * HOUR


def test_the_fairest_share_is_found_between_the_steps():
    """250 quilts for 200 and 200: 0.625 each is the most, which no quarter is."""
    needs = [tiny.need("NA", "A", "quilt", 200, 900.0), tiny.need("NC", "C", "quilt", 200, 100.0)]
    scenario = tiny.one_depot(needs=needs, quilts=250)
    assert worst_share(_planned(scenario, fair=True), scenario) == 0.625


def _agreed(physical: int) -> Scenario:
    """Quilts in D, and 500 more agreed at S beside C, of which two offers differ in how sure they are."""
    scenario = tiny.one_depot(trucks=2)
    tables = {name: scenario.county.table(name) for name in ("depots", "stock", "vehicles")}
    lot = {"depot": "S", "item": "quilt", "mode": "agreement", "quantity": 250, "expiry": "2030-01-01"}
    more = {
        "depots": [{"depot": "S", "name": "商场", "tier": "county", "docks": 1}],
        "stock": [{**lot, "lot": "L2", "reliability": 0.8}, {**lot, "lot": "L3", "reliability": 0.95}],
        "vehicles": [],
    }
    rows = {name: [*table.to_dict("records"), *more[name]] for name, table in tables.items()}
    rows["stock"][0]["quantity"] = physical
    rows["vehicles"][1]["base"] = "S"
    sites = {"D": ("depot", 0), "A": ("place", 1), "B": ("place", 2), "C": ("place", 3), "S": ("depot", 3)}
    return tiny.one_depot(trucks=2, tables=rows, sites=sites)


def _from(plan: Plan) -> dict[str, int]:
    return plan.loads.groupby("lot")["quantity"].sum().to_dict()


def test_agreed_stock_that_is_nearer_is_used_unless_physical_stock_goes_first():
    free = _planned(_agreed(physical=300))
    assert _from(free).get("L2", 0) + _from(free).get("L3", 0) > 0
    plan = _planned(_agreed(physical=300), physical_first=True)
    assert _from(plan) == {"L1": 300}
    cost = plan.meta["guarantee"]
    assert cost["physical_first"]
    assert cost["levels"][0] == cost["levels_unrestricted"][0] == 300.0
    assert cost["levels"][1] > cost["levels_unrestricted"][1]


def test_agreed_stock_covers_what_physical_stock_does_not_the_surest_first():
    assert _from(_planned(_agreed(physical=230), physical_first=True)) == {"L1": 230, "L3": 70}


def test_without_agreed_stock_physical_first_changes_nothing():
    plan = _planned(tiny.one_depot(), physical_first=True)
    assert plan.meta["guarantee"]["levels"] == plan.meta["guarantee"]["levels_unrestricted"]
