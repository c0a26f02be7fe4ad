"""The checker: a valid plan has no violation, and each rule, broken alone, is named."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings

from dispatch.documents.messages import catalogue
from dispatch.planning.check import Violation, check, violation_text
from dispatch.planning.measure import measure
from dispatch.planning.plan import Plan
from dispatch.planning.relief import plan_relief
from dispatch.scenario import Scenario
from tests import tiny
from tests.planning import worlds
from tests.planning.plans import by_hand, random_plans
from tests.planning.worlds import HOUR, MINUTE

Case = tuple[Plan, Scenario]


@cache
def _valid() -> Case:
    scenario = worlds.bit_of_everything()
    return plan_relief(scenario, seconds=2.0), scenario


def _change(table: str, which: Callable[[pd.DataFrame], pd.Series], **values: Any) -> Callable[[Plan, Scenario], Case]:
    """Mutation: set columns of the first row that ``which`` picks; a callable value gets the old one."""

    def mutate(plan: Plan, scenario: Scenario) -> Case:
        changed = getattr(plan, table).copy()
        row = changed.index[which(changed)][0]
        for column, value in values.items():
            old = changed.at[row, column]
            changed[column] = changed[column].astype(object)
            changed.at[row, column] = value(old) if callable(value) else value
            changed[column] = changed[column].astype(getattr(plan, table)[column].dtype)
        return replace(plan, **{table: changed}), scenario

    return mutate


def _drop(table: str, which: Callable[[pd.DataFrame], pd.Series]) -> Callable[[Plan, Scenario], Case]:
    def mutate(plan: Plan, scenario: Scenario) -> Case:
        rows = getattr(plan, table)
        return replace(plan, **{table: rows[~which(rows)].reset_index(drop=True)}), scenario

    return mutate


def _repeat(table: str) -> Callable[[Plan, Scenario], Case]:
    def mutate(plan: Plan, scenario: Scenario) -> Case:
        rows = getattr(plan, table)
        return replace(plan, **{table: pd.concat([rows, rows.iloc[:1]], ignore_index=True)}), scenario

    return mutate


def _world(**changed: Any) -> Callable[[Plan, Scenario], Case]:
    """The same plan in a scenario with other settings."""
    return lambda plan, scenario: (plan, replace(scenario, **changed))


def _fleet(**values: Any) -> Callable[[Plan, Scenario], Case]:
    """The same plan with every vehicle changed."""

    def mutate(plan: Plan, scenario: Scenario) -> Case:
        tables = dict(scenario.county.tables)
        tables["vehicles"] = tables["vehicles"].assign(**values)
        return plan, replace(scenario, county=replace(scenario.county, tables=tables))

    return mutate


def _both(*steps: Callable[[Plan, Scenario], Case]) -> Callable[[Plan, Scenario], Case]:
    def mutate(plan: Plan, scenario: Scenario) -> Case:
        for step in steps:
            plan, scenario = step(plan, scenario)
        return plan, scenario

    return mutate


def _weak_bridge(plan: Plan, scenario: Scenario) -> Case:
    """A sign of one tonne on the road to the shelter."""
    network = scenario.network
    limit = network.max_weight_t.copy()
    limit[network.edge_index["r15:1-5"]] = 1.0
    return plan, replace(scenario, network=replace(network, max_weight_t=limit))


def _no_turn_to_the_shelter(plan: Plan, scenario: Scenario) -> Case:
    """A sign against the first turn of a way that has one."""
    network = scenario.network
    way = next(edges for edges in plan.paths["edges"] if len(edges) > 1)
    banned = np.array([[network.edge_index[way[0]], network.edge_index[way[1]]]], dtype=np.int32)
    return plan, replace(scenario, network=replace(network, banned_turns=banned))


def _all_tents_from_the_city(plan: Plan, scenario: Scenario) -> Case:
    """The county's own tents for C stay, the city sends them too."""
    own = _of_need("C/t")
    from_county = plan.loads.index[own(plan.loads) & (plan.loads["lot"] == "T1")]
    from_city = plan.loads.index[own(plan.loads) & (plan.loads["lot"] == "T2")]
    loads = plan.loads.copy()
    loads.loc[from_city[0], "quantity"] = 12
    return replace(plan, loads=loads.drop(index=from_county).reset_index(drop=True)), scenario


def _no_time_to_rest(_: Plan, __: Scenario) -> Case:
    """A plan made where drivers need no rest, checked where they rest after 20 minutes."""
    needs = [tiny.need("NC", "C", "quilt", 100, 100.0)]
    plan = plan_relief(tiny.one_depot(needs=needs), seconds=0.2)
    return plan, tiny.one_depot(needs=needs, drive_limit_ms=20 * MINUTE)


def _unmet_row(**changed: Any) -> Callable[[Plan, Scenario], Case]:
    """One more row in the table of unmet needs."""

    def mutate(plan: Plan, scenario: Scenario) -> Case:
        row = {"need": "A/q", "place": "A", "site": "S", "part": "first_batch", "item": "quilt", "quantity": 1,
               "cause": "stock", "detail": ""}  # fmt: skip
        rows = pd.DataFrame([{**row, **changed}]).astype({"quantity": "int64"})
        return replace(plan, unmet=pd.concat([plan.unmet, rows], ignore_index=True)), scenario

    return mutate


def _of_depot(depot: str) -> Callable[[pd.DataFrame], pd.Series]:
    return lambda rows: rows["depot"] == depot


def _of_need(need: str) -> Callable[[pd.DataFrame], pd.Series]:
    return lambda rows: rows["need"] == need


def _second_trip(rows: pd.DataFrame) -> pd.Series:
    return rows["sequence"] == 2


def _all(rows: pd.DataFrame) -> pd.Series:
    return pd.Series(True, index=rows.index)


def _first_at(site: str) -> Callable[[pd.DataFrame], pd.Series]:
    return lambda rows: (rows["site"] == site) & (rows["stop"] == 1)


def _past_closure(rows: pd.DataFrame) -> pd.Series:
    """The stop at C that is reached when the road from B opens at minute 180."""
    return (rows["site"] == "C") & (rows["arrive_ms"] == 190 * MINUTE)


def _later(by: int) -> Callable[[int], int]:
    return lambda old: old + by


BROKEN: dict[str, Callable[[Plan, Scenario], Case]] = {
    "table_columns": lambda plan, scenario: (replace(plan, trips=plan.trips.drop(columns="dock")), scenario),
    "duplicate_id": _repeat("trips"),
    "impossible_time": _change("stops", _all, arrive_ms=10**15),
    "unknown_trip": _change("stops", _all, trip="T99"),
    "unknown_stop": _change("loads", _all, stop=9),
    "unknown_vehicle": _change("trips", _all, vehicle="V99"),
    "unknown_depot": _change("trips", _all, depot="A"),
    "unknown_site": _change("trips", _all, start_site="nowhere"),
    "unknown_need": _change("loads", _all, need="N99"),
    "unknown_item": _change("loads", _all, item="boat"),
    "unknown_path": _change("stops", _all, path="P99"),
    "unknown_edge": _change("paths", _all, edges=("r99:9-9",)),
    "trip_without_stop": _drop("stops", lambda rows: rows["trip"] == "T01"),
    "stop_numbers": _change("stops", _all, stop=3),
    "sequence_numbers": _change("trips", _second_trip, sequence=3),
    "quantity_not_positive": _change("loads", _all, quantity=0),
    "unknown_lot": _change("loads", _all, lot="Q9"),
    "stock_exceeded": _change("loads", lambda rows: rows["lot"] == "Q2", quantity=_later(1)),
    "stock_not_released": _change("loads", _of_need("B/b"), quantity=_later(20)),
    "lot_expired": _change("loads", _of_need("A/r"), lot="Q0"),
    "later_lot_first": _change("loads", lambda rows: rows["lot"] == "Q1", quantity=_later(-1)),
    "item_not_for_need": _change("loads", _of_need("C/t"), item="quilt", lot="QK"),
    "wrong_site": _change("loads", _of_need("A/r"), need="C/q"),
    "above_need": _change("loads", _of_need("B/b"), quantity=_later(1)),
    "over_payload": _fleet(payload_kg=300.0),
    "over_volume": _fleet(volume_m3=2.0),
    "beyond_shortfall": _all_tents_from_the_city,
    "vehicle_not_ready": _change(
        "trips", lambda rows: rows["vehicle"] == "V2", start_ms=19 * MINUTE, at_depot_ms=19 * MINUTE
    ),
    "trips_overlap": _change("trips", _second_trip, start_ms=_later(-1), at_depot_ms=_later(-1)),
    "wrong_start": _change("trips", _second_trip, start_site="C"),
    "leave_too_early": _change("stops", _first_at("S"), leave_ms=_later(-1), arrive_ms=_later(-1)),
    "return_incomplete": _change("trips", _all, return_path="P1"),
    "path_of_other": _change("paths", _all, from_site="C"),
    "path_missing": _change("stops", _all, path=""),
    "path_broken": _change("paths", lambda rows: rows["edges"].map(len) > 1, edges=lambda old: old[::-1]),
    "path_length": _change("paths", _all, length_m=_later(100)),
    "edge_barred": _weak_bridge,
    "turn_forbidden": _no_turn_to_the_shelter,
    "road_closed": _change("stops", _past_closure, arrive_ms=lambda old: old - 56 * MINUTE),
    "no_rest": _no_time_to_rest,
    "arrival_wrong": _change("stops", _first_at("S"), arrive_ms=_later(1)),
    "unknown_dock": _change("trips", _all, dock=7),
    "dock_overlap": _change("trips", _second_trip, dock=1, load_start_ms=50 * MINUTE),
    "load_before_arrival": _change("trips", _second_trip, load_start_ms=lambda old: old - 5 * MINUTE),
    "depot_not_open": _change("trips", _of_depot("K"), load_start_ms=39 * MINUTE),
    "not_approved": _change("trips", _of_depot("D"), load_start_ms=34 * MINUTE),
    "need_not_reported": _change("trips", _of_depot("K"), load_start_ms=44 * MINUTE),
    "loading_too_short": _change("trips", _of_depot("K"), load_end_ms=_later(-1)),
    "depart_too_early": _change("trips", _of_depot("K"), depart_ms=_later(-1)),
    "unload_before_arrival": _change("stops", _first_at("S"), unload_start_ms=_later(-1)),
    "unloading_too_short": _change("stops", _first_at("S"), unload_end_ms=_later(-1)),
    "unload_overlap": _change("stops", lambda rows: rows["site"] == "B", unload_end_ms=119 * MINUTE),
    "after_horizon": _world(horizon_ms=2 * HOUR),
    "unmet_wrong": _drop("loads", _of_need("A/r")),
    "late_wrong": _world(deadline_ms=70 * MINUTE),
    "unmet_of_other": _unmet_row(place="B"),
    "unmet_cause": _unmet_row(cause="weather"),
    "objective_levels": _drop("objective", lambda rows: rows["level"] == 5),
    "objective_wrong": _change("objective", lambda rows: rows["level"] == 3, value=lambda old: old + 1),
    "bound_crossed": _change("objective", lambda rows: rows["level"] == 2, bound=lambda old: old * 2),
    "status_unknown": _change("objective", _all, status="perfect"),
    "status_unproven": _change("objective", lambda rows: rows["level"] == 3, status="optimal"),
}


def _codes(plan: Plan, scenario: Scenario) -> list[str]:
    return [violation.code for violation in check(plan, scenario)]


def test_a_valid_plan_has_no_violation():
    plan, scenario = _valid()
    assert check(plan, scenario) == []
    # the plan has what the broken ones need: two tiers, a second trip, a wait at the closure, agreed stock, two lots
    assert set(plan.trips["depot"]) == {"D", "K"}
    assert _second_trip(plan.trips).any()
    assert _past_closure(plan.stops).any()
    assert {"Q1", "Q2", "B1", "T1", "T2"} == set(plan.loads["lot"])


@pytest.mark.parametrize("code", BROKEN)
def test_a_broken_rule_is_named(code):
    plan, scenario = BROKEN[code](*_valid())
    found = check(plan, scenario)
    assert code in [violation.code for violation in found]
    for violation in found:
        for lang in ("zh", "en"):
            assert violation_text(violation, scenario, lang)


def test_every_rule_of_the_catalogue_has_a_broken_plan():
    # what a workbook's derived sheets say otherwise is found where they are read
    # evacuation, teams and aircraft have such tests of their own: test_check_evacuation, _teams, _air; so has what is
    # found when trips typed by hand are filled in: test_fill_trips; a plan made anew with news: test_replan_told
    apart = (
        "check_line", "check_where_", "check_sheet_", "check_evacuation_", "check_teams_", "check_air_", "check_no_way",
        "check_news_",
    )  # fmt: skip
    rules = {
        key.removeprefix("check_") for key in catalogue() if key.startswith("check_") and not key.startswith(apart)
    }
    assert rules == set(BROKEN)


@pytest.mark.parametrize(
    "code", ["stock_exceeded", "lot_expired", "over_payload", "loading_too_short", "unload_before_arrival",
             "road_closed", "objective_wrong", "bound_crossed", "path_length", "edge_barred", "turn_forbidden"]
)  # fmt: skip
def test_a_rule_broken_alone_is_the_first_named(code):
    assert code in _codes(*BROKEN[code](*_valid()))[:2]


def test_what_is_said_names_place_depot_and_item():
    plan, scenario = BROKEN["stock_exceeded"](*_valid())
    violation = next(v for v in check(plan, scenario) if v.code == "stock_exceeded")
    assert violation_text(violation, scenario, "en") == "县库 sends 261 of quilt lot Q2 in all, but holds 260"
    assert violation_text(violation, scenario, "zh") == "县库的棉被批次Q2共发出261，库存只有260"
    plan, scenario = BROKEN["road_closed"](*_valid())
    violation = next(v for v in check(plan, scenario) if v.code == "road_closed")
    said = violation_text(violation, scenario, "en")
    assert said.endswith(
        "is said to arrive at 07-21 00:14:00, but a road on the way is closed: it can at 07-21 01:10:00"
    )
    assert said.startswith(f"trip {violation.trip} stop {violation.stop}: ")


def test_a_plan_that_states_no_results_is_not_held_to_them():
    plan, scenario = _valid()
    bare = replace(plan, unmet=plan.unmet.iloc[:0], objective=plan.objective.iloc[:0])
    loads = bare.loads[bare.loads["need"] != "A/r"].reset_index(drop=True)
    assert check(replace(bare, loads=loads), scenario) == []


def test_the_plan_by_hand_is_true_but_for_what_it_says_of_itself():
    # its objective has two levels only, and T_all leaves out the unserved C, which counts as the horizon
    assert set(_codes(by_hand(), tiny.one_depot())) == {"objective_levels", "objective_wrong"}


def test_times_may_be_later_than_need_be():
    """A person may let a truck wait: everything after it moves along, nothing is broken but the stated objective."""
    plan, scenario = plan_relief(tiny.one_depot(), seconds=0.2), tiny.one_depot()
    wait = 17 * MINUTE + 3
    trips = plan.trips.assign(**{c: plan.trips[c] + wait for c in ("load_start_ms", "load_end_ms", "depart_ms")})
    times = ["leave_ms", "arrive_ms", "unload_start_ms", "unload_end_ms"]
    stops = plan.stops.assign(**{column: plan.stops[column] + wait for column in times})
    moved = replace(plan, trips=trips, stops=stops)
    assert set(_codes(moved, scenario)) == {"objective_wrong"}
    restated = measure(moved, scenario).objective
    assert check(replace(moved, objective=restated), scenario) == []


def test_standing_as_long_as_a_rest_is_a_rest():
    # 20 minutes of driving allowed and 5 of rest: the 6 minutes of unloading at B are a rest, C comes without another.
    scenario = tiny.one_depot(drive_limit_ms=20 * MINUTE, drive_rest_ms=5 * MINUTE)
    plan = plan_relief(scenario, seconds=0.2)
    assert check(plan, scenario) == []
    assert plan.stops["arrive_ms"].tolist()[-1] == 90 * MINUTE


@given(random_plans())
@settings(max_examples=75, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_tables_give_violations_and_never_an_error(plan):
    scenario = tiny.one_depot()
    with np.errstate(all="ignore"):
        found = check(plan, scenario)
    for violation in found:
        assert isinstance(violation, Violation)
        assert str(violation).startswith(violation.code)
        assert violation_text(violation, scenario, "zh")


def test_the_checker_uses_nothing_of_the_planner():
    script = (
        "import sys, dispatch.planning.check as c; "
        "own = {'check', 'measure', 'names', 'plan', 'violation'}; "
        "used = {m.split('.')[2] for m in sys.modules if m.startswith('dispatch.planning.')}; "
        "print(sorted(m for m in used if m not in own and not m.startswith('check_')), 'ortools' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[] False"


def test_a_length_that_is_missing_is_a_wrong_length() -> None:
    plan, scenario = _valid()
    paths = plan.paths.assign(length_m=plan.paths["length_m"].where(plan.paths.index > 0))
    found = check(replace(plan, paths=paths), scenario)
    assert {violation.code for violation in found} == {"path_length", "objective_wrong"}  # kilometres too
    assert all(violation_text(violation, scenario, lang) for violation in found for lang in ("zh", "en"))
