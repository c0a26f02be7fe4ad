"""Every rule of flying broken once: the checker says which."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pandas as pd
import pytest

from dispatch.clock import HOUR_MS, MINUTE_MS
from dispatch.documents.messages import LANGUAGES
from dispatch.planning.air import plan_air
from dispatch.planning.check import check
from dispatch.planning.plan import Plan
from dispatch.planning.violation import violation_text
from dispatch.scenario import Scenario
from tests.planning.air_worlds import DRONE, air_world, request

FIRE = request("fire", "bucket", from_ms=2 * HOUR_MS, until_ms=3 * HOUR_MS)
HURT = request("hurt", "medical", 112.03, 35.5)
LOOK = request("look", "reconnaissance", 112.1, 35.5)


@cache
def _world() -> tuple[Scenario, Plan]:
    """Goods, a lift, water for an hour, a look."""
    scenario = air_world(requests=[FIRE, HURT, LOOK], drones=[{**DRONE, "payloads": "video"}])
    return scenario, plan_air(scenario, seconds=0.3, work=0.5)


def _set(purpose: str, column: str, value: Any, leg: int = 0) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Change a cell of the first row of a purpose (or of leg ``leg`` of the same sortie); a callable gets the cell."""

    def change(table: pd.DataFrame) -> pd.DataFrame:
        made = table.copy()
        at = made.index[made["purpose"] == purpose][0]
        if leg:
            at = made.index[(made["sortie"] == made.at[at, "sortie"]) & (made["leg"] == leg)][0]
        made.at[at, column] = value(made.at[at, column]) if callable(value) else value
        return made

    return change


def _later(purpose: str, by_ms: int) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Shift the whole sortie with the first row of a purpose."""

    def change(table: pd.DataFrame) -> pd.DataFrame:
        made = table.copy()
        sortie = made.loc[made["purpose"] == purpose, "sortie"].iloc[0]
        for column in ("takeoff_ms", "arrive_ms", "done_ms"):
            made.loc[made["sortie"] == sortie, column] += by_ms
        return made

    return change


def _without(purpose: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda table: table[table["purpose"] != purpose].reset_index(drop=True)


def _end_elsewhere(table: pd.DataFrame) -> pd.DataFrame:
    made = table.copy()
    last = made.index[made["sortie"] == made["sortie"].iloc[0]][-1]
    made.at[last, "to_site"] = "W1"
    return made


def _stretched(table: pd.DataFrame) -> pd.DataFrame:
    """The last landing of the first sortie of the helicopter four hours later: longer than the fuel."""
    made = table.copy()
    mine = made[made["aircraft"] == "H1"]
    last = mine.index[mine["sortie"] == mine["sortie"].iloc[0]][-1]
    made.loc[last, ["takeoff_ms", "arrive_ms", "done_ms"]] += 4 * HOUR_MS
    return made


BROKEN = {
    "air_aircraft": _set("supply", "aircraft", "H9"),
    "unknown_site": _set("bucket", "to_site", "nowhere"),
    "air_purpose": _set("medical", "purpose", "joyride"),
    "unknown_need": _set("supply", "need", "N?"),
    "quantity_not_positive": _set("supply", "quantity", 0),
    "air_request": _set("medical", "need", "fire"),
    "air_sequence": lambda table: table.assign(sequence=table["sequence"] + 1),
    "air_legs": lambda table: table.assign(leg=table["leg"] + 1),
    "air_not_ready": _later("supply", -20 * MINUTE_MS),
    "air_pad": _end_elsewhere,
    "air_fuel": _stretched,
    "air_window": _later("bucket", 9 * HOUR_MS),
    "wrong_start": _set("supply", "from_site", "P2"),
    "air_too_soon": _set("supply", "takeoff_ms", lambda at: at - MINUTE_MS),
    "arrival_wrong": _set("supply", "arrive_ms", lambda at: at - 1000),
    "air_handling": _set("supply", "done_ms", lambda at: at - MINUTE_MS),
    "air_stretchers": _set("medical", "people", 9),
    "air_lift": _set("medical", "to_site", "P2"),
    "air_water": _set("bucket", "from_site", "W2"),
    "air_bucket": _set("bucket", "quantity", 5000),
    "air_wrong_point": _set("bucket", "to_site", "hurt"),
    "air_payload": _set("reconnaissance", "purpose", "relay"),
    "air_depot": _set("supply", "from_site", "P1"),
    "over_payload": _set("supply", "quantity", 400),
    "over_volume": _set("supply", "quantity", 400),
    "above_need": _set("supply", "quantity", 101),
    "wrong_site": _set("supply", "to_site", "B"),
    "unknown_lot": _set("supply", "lot", "L9"),
    "stock_exceeded": _set("supply", "quantity", 400),
    "air_lifted_twice": _set("medical", "people", 2),
    "air_unserved": _without("medical"),
    "air_objective": _set("bucket", "quantity", lambda litres: litres - 1),
    "unmet_wrong": _without("supply"),
    "objective_wrong": _without("supply"),
}


def test_the_plan_itself_breaks_nothing():
    """All four kinds of task are in it."""
    scenario, plan = _world()
    assert check(plan, scenario) == []
    assert {"supply", "medical", "bucket", "reconnaissance"} <= set(plan.sorties["purpose"])


@pytest.mark.parametrize("code", BROKEN)
def test_each_rule_broken_once(code):
    """The checker names the rule, in both languages."""
    scenario, plan = _world()
    broken = replace(plan, sorties=BROKEN[code](plan.sorties))
    found = check(broken, scenario)
    assert code in {violation.code for violation in found}
    for violation in found:
        assert all(violation_text(violation, scenario, lang) for lang in LANGUAGES)


def test_rules_that_hang_on_the_scenario():
    """Goods not yet asked for, people not yet there, a crew that may fly less, a drone out of its radius."""
    scenario, plan = _world()

    def codes(other: Scenario) -> set[str]:
        return {violation.code for violation in check(plan, other)}

    late = scenario.needs.assign(release_ms=[5 * HOUR_MS if need == "NC" else 0 for need in scenario.needs["need"]])
    assert "air_load_early" in codes(replace(scenario, needs=late))
    assert scenario.air is not None
    asked = tuple(replace(one, from_ms=5 * HOUR_MS) for one in scenario.air.requests)
    assert "air_before_asked" in codes(replace(scenario, air=replace(scenario.air, requests=asked)))
    drones = scenario.county.table("drones").assign(range_km=1.0)
    near = replace(scenario.county, tables={**scenario.county.tables, "drones": drones})
    assert "air_range" in codes(replace(scenario, county=near))
    assert "air_none" in codes(replace(scenario, air=None))


def test_a_crew_that_flies_too_long():
    """Two hundred sorties of the same length put behind each other: more than eight hours of flying."""
    scenario, plan = _world()
    own = plan.sorties[plan.sorties["aircraft"] == "H1"]
    more = [own.assign(sortie=own["sortie"] + f"-{k}", sequence=own["sequence"] + 9 * k) for k in range(30)]
    many = replace(plan, sorties=pd.concat(more, ignore_index=True))
    assert "air_crew" in {violation.code for violation in check(many, scenario)}


def test_rows_of_a_leg_that_disagree():
    """Two kinds of goods on one leg arrive at two times."""
    scenario, plan = _world()
    row = plan.sorties[plan.sorties["purpose"] == "supply"].assign(quantity=1, arrive_ms=lambda t: t["arrive_ms"] + 1)
    both = replace(plan, sorties=pd.concat([plan.sorties, row], ignore_index=True))
    assert "air_leg_differs" in {violation.code for violation in check(both, scenario)}
