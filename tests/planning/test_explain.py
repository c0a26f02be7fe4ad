"""Explanations: pieces add up, each relaxation makes its place and one less does not, certificates are true."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from dispatch.planning.check import check
from dispatch.planning.explain import PIECES, explain
from dispatch.planning.measure import measure
from dispatch.planning.plan import Plan
from dispatch.planning.problem import Consignment, ReliefProblem, TripOrder, read_problem
from dispatch.planning.relief import plan_nearest_first, plan_relief
from dispatch.planning.timetable import decode
from dispatch.planning.what_if import more_docks, more_stock, more_trucks, roads_open
from dispatch.scenario import Scenario
from tests import tiny
from tests.planning.worlds import HOUR, MINUTE, bit_of_everything, random_world, three_tiers, vehicle


def _best(scenario: Scenario) -> set[frozenset[str]]:
    """Every set of places that some plan serves in time: all orders and vehicles of whole-place consignments."""
    problem = read_problem(scenario)
    found: set[frozenset[str]] = set()
    _extend(problem, [], list(range(len(problem.needs))), found)
    return found


def _extend(problem: ReliefProblem, orders: list[TripOrder], left: list[int], found: set[frozenset[str]]) -> None:
    decoded = decode(problem, orders)
    done: dict[str, int] = {}
    for trip in decoded.timetable.trips:
        for stop in trip.stops:
            for n, _, quantity in stop.goods.loads:
                if stop.unload_end_ms <= problem.scenario.due_ms:
                    done[problem.needs[n].place] = done.get(problem.needs[n].place, 0) + quantity
    found.add(frozenset(n.place for n in problem.needs if done.get(n.place, 0) >= n.quantity))
    for count in range(1, len(left) + 1):
        for together in permutations(left, count):
            rest = [n for n in left if n not in together]
            for name in problem.vehicles:
                for depot in problem.depots:
                    goods = tuple(
                        Consignment(depot, problem.stop(problem.needs[n].site,
                                                        ((n, "quilt", problem.needs[n].quantity),)))
                        for n in together
                    )  # fmt: skip
                    _extend(problem, [*orders, TripOrder(name, depot, goods)], rest, found)


def _relaxed(scenario: Scenario, row: dict[str, object], size: int) -> Scenario:
    where, what = str(row["where"]), str(row["what"])
    if row["kind"] == "truck":
        return more_trucks(scenario, what, where, size)
    if row["kind"] == "dock":
        return more_docks(scenario, where, size)
    return more_stock(scenario, where, what, size)


SHORT = {
    "truck": {"trucks": 1, "deadline_ms": 75 * MINUTE},
    "stock": {"trucks": 3, "docks": 3, "quilts": 270},
    "far": {"trucks": 3, "docks": 3, "deadline_ms": 66 * MINUTE},
}


@pytest.mark.parametrize("kind", SHORT)
def test_each_relaxation_makes_the_place_and_one_less_cannot(kind: str) -> None:
    """Against every plan there is: with the size given some plan adds the place to those in time, with less none."""
    scenario = tiny.one_depot(**SHORT[kind])  # type: ignore[arg-type]
    plan = plan_nearest_first(scenario)
    found = explain(scenario, plan)
    places = measure(plan, scenario).places
    served = frozenset(places.loc[places["on_time"], "place"])
    missed = set(found.arrivals.loc[~found.arrivals["on_time"], "place"])
    assert missed
    if kind != "far":
        assert kind in set(found.relaxations["kind"])
    for row in found.relaxations.to_dict("records"):
        wanted = served | {row["place"]}
        assert any(wanted <= made for made in _best(_relaxed(scenario, row, row["size"])))
        if row["size"] > 1:
            assert not any(wanted <= made for made in _best(_relaxed(scenario, row, row["size"] - 1)))
    for row in found.certificates.to_dict("records"):
        if row["kind"] == "far":
            assert not any(row["place"] in made for made in _best(tiny.one_depot(trucks=3, docks=3, quilts=900,
                           deadline_ms=scenario.deadline_ms)))  # fmt: skip
    assert missed == set(found.relaxations["place"]) | set(found.certificates["place"])


def test_thirty_quilts_are_what_is_missing() -> None:
    """270 quilts for 3 × 100: exactly 30 more."""
    scenario = tiny.one_depot(trucks=3, docks=3, quilts=270)
    found = explain(scenario, plan_nearest_first(scenario))
    stock = found.relaxations[found.relaxations["kind"] == "stock"]
    assert stock[["where", "what", "size"]].to_numpy().tolist() == [["D", "quilt", 30]]


def test_a_closed_bridge_is_a_cut_and_the_hour_by_which_it_must_open() -> None:
    """B–C closed for ever. The truck reaches B's end at 30 + 8 + 10 + 20 = 68 min, C 10 min on, 6 min to unload.

    In quarter hours before the deadline of 120 minutes: opening at 90 makes 106 ≤ 120, at 105 it does not (121).
    """
    hazard = tiny.disruption([tiny.closure(f"r23:{way}", 0, float("inf")) for way in ("2-3", "3-2")])
    scenario = tiny.one_depot(hazard, trucks=3, docks=3, deadline_ms=120 * MINUTE)
    plan = plan_nearest_first(scenario)
    found = explain(scenario, plan)
    row = found.relaxations.to_dict("records")[0]
    assert (row["place"], row["kind"], row["where"], row["by_ms"]) == ("C", "road", "r23:2-3;r23:3-2", 90 * MINUTE)
    assert found.certificates[["place", "kind", "edges"]].to_numpy().tolist() == [["C", "cut", "r23:2-3"]]
    opened = roads_open(scenario, row["where"].split(";"), 90 * MINUTE)
    assert any("C" in made for made in _best(opened))
    assert not any("C" in made for made in _best(roads_open(scenario, row["where"].split(";"), 105 * MINUTE)))


def test_pieces_worked_out_by_hand() -> None:
    """One truck, one dock, A alone: 8 min to load, 10 convoy, 10 road, 6 to unload; 30 of call-up is the crew's."""
    scenario = tiny.one_depot(needs=[tiny.need("NA", "A", "quilt", 100, 100.0)])
    row = explain(scenario, plan_nearest_first(scenario)).arrivals.to_dict("records")[0]
    assert row["plan_ms"] == 64 * MINUTE
    assert row["earliest_ms"] == row["open_ms"] == 34 * MINUTE
    assert {name: row[name] for name in PIECES if row[name]} == {"crew_ms": 30 * MINUTE}


def test_waiting_for_the_only_dock_is_the_docks() -> None:
    """Two trucks of 100 quilts each at one dock: the second loads 8 minutes later, for A or B."""
    needs = [tiny.need("NA", "A", "quilt", 100, 100.0), tiny.need("NB", "B", "quilt", 100, 100.0)]
    tables = {"vehicles": [vehicle("V1", volume_m3=2.0), vehicle("V2", volume_m3=2.0)]}
    scenario = tiny.one_depot(needs=needs, tables=tables)
    arrivals = explain(scenario, plan_nearest_first(scenario)).arrivals
    assert sorted(arrivals["dock_ms"]) == [0, 8 * MINUTE]


@pytest.mark.parametrize("seed", range(8))
def test_pieces_add_up_in_any_world(seed: int) -> None:
    """plan = open + pieces, each not negative, open ≤ earliest ≤ plan."""
    scenario = bit_of_everything() if seed == 0 else random_world(seed * 77)
    found = explain(scenario, plan_nearest_first(scenario), places=()) if seed else explain(
        scenario, plan_nearest_first(scenario))  # fmt: skip
    whole = explain(scenario, plan_nearest_first(scenario), places=["P0"]) if seed else found
    for row in whole.arrivals.to_dict("records"):
        assert row["plan_ms"] == row["open_ms"] + sum(row[name] for name in PIECES)
        assert all(row[name] >= 0 for name in PIECES)
        assert row["earliest_ms"] == row["open_ms"] + row["road_ms"] <= row["plan_ms"]


def test_tiers_are_asked_for_the_shortfall_only() -> None:
    """60 in the county, 30 in the city: of 100 the city is asked 40 as far as it has (30), the province 10."""
    from dispatch.planning.tiers import tier_items, tier_table

    scenario = three_tiers(deadline_ms=6 * HOUR)
    plan = plan_relief(scenario, seconds=0.5)
    assert check(plan, scenario) == []
    table = tier_table(scenario, plan).set_index("tier")
    assert table["sent"].to_dict() == {"county": 60, "city": 30, "province": 10}
    assert table.loc[["city", "province"], "asked"].to_dict() == {"city": 30, "province": 10}
    # city: asked at 20 min, call-up 30, load 8, convoy 10, 40 km; province: approval at 40 + 50, load 8, 10, 90 km
    assert table["first_arrival_ms"].to_dict() == {
        "county": 58 * MINUTE, "city": 108 * MINUTE, "province": 198 * MINUTE,
    }  # fmt: skip
    enough = three_tiers(county=100)
    assert tier_items(enough, plan_nearest_first(enough)).empty


def test_fast_passage_saves_what_the_norm_says() -> None:
    """Secondary roads × 1.1 and half the convoy: A at 10 km saves 5 min + 10 min × (1 - 1 / 1.1)."""
    from dispatch.planning.fast_passage import passage_report

    scenario = tiny.one_depot(needs=[tiny.need("NA", "A", "quilt", 100, 100.0)])
    found = passage_report(scenario, plan_nearest_first(scenario))
    saved = found.places["saved_ms"].iloc[0]
    assert abs(saved - (5 * MINUTE + 600_000 * (1 - 1 / 1.1))) <= 1
    assert abs(found.trips["driving_saved_ms"].iloc[0] - 600_000 * (1 - 1 / 1.1)) <= 1
    assert check(found.plan, found.scenario) == []


def test_waiting_that_a_plan_holds_is_no_merit_of_fast_passage() -> None:
    """A plan that sets out ten minutes late: its own time stands beside that of its trips timed anew."""
    from dispatch.planning.fast_passage import passage_report

    scenario = tiny.one_depot(needs=[tiny.need("NA", "A", "quilt", 100, 100.0)])
    plan = plan_nearest_first(scenario)
    late = {name: getattr(plan, name).copy() for name in ("trips", "stops")}
    for table in late.values():
        for column in (column for column in table if column.endswith("_ms") and column != "return_ms"):
            table[column] += 10 * MINUTE
    found = passage_report(scenario, replace(plan, **late)).places.iloc[0]
    on_time = passage_report(scenario, plan).places.iloc[0]
    assert found["plan_ms"] - found["normal_ms"] == 10 * MINUTE
    assert (on_time["plan_ms"], on_time["saved_ms"]) == (on_time["normal_ms"], found["saved_ms"])


def test_what_the_planner_timed_better_is_no_merit_of_fast_passage_either(monkeypatch: pytest.MonkeyPatch) -> None:
    """Timed anew without fast passage the trips come 10 min later than the plan has them: the plan's time counts."""
    from dispatch.planning import fast_passage as module

    scenario = tiny.one_depot(needs=[tiny.need("NA", "A", "quilt", 100, 100.0)])
    plan = plan_nearest_first(scenario)
    saved = module.passage_report(scenario, plan).places["saved_ms"].iloc[0]
    timed = module._timed

    def slower(of: Scenario, plan: Plan) -> Plan:
        made = timed(of, plan)
        if of is not scenario:
            return made
        return replace(made, stops=made.stops.assign(unload_end_ms=made.stops["unload_end_ms"] + 10 * MINUTE))

    monkeypatch.setattr(module, "_timed", slower)
    found = module.passage_report(scenario, plan).places.iloc[0]
    assert found["normal_ms"] == found["plan_ms"]
    assert (found["saved_ms"], found["on_time"]) == (saved, True)


def test_a_neighbours_truck_helps_only_if_its_call_out_is_short() -> None:
    """One own truck with room for one place: the aid brings the other at 40 + 8 + 10 minutes, or too late."""
    from dispatch.planning.mutual_aid import AidTruck, aid_gain, with_aid

    needs = [tiny.need("NA", "A", "quilt", 100, 100.0), tiny.need("NB", "B", "quilt", 100, 100.0)]
    scenario = tiny.one_depot(needs=needs, tables={"vehicles": [vehicle("V1", volume_m3=2.0)]}, deadline_ms=90 * MINUTE)
    plan = plan_nearest_first(scenario)
    near, far = [AidTruck("邻县", "V1", "D", 40.0)], [AidTruck("邻县", "V1", "D", 300.0)]
    made, gain = aid_gain(scenario, plan, near)
    assert check(made, with_aid(scenario, near)) == []
    assert gain["on_time"].sum() == 1
    assert gain["on_time_aided"].sum() == 2
    assert aid_gain(scenario, plan, far)[1]["on_time_aided"].sum() == 1
    with pytest.raises(ValueError, match="no site"):
        with_aid(scenario, [AidTruck("邻县", "V1", "nowhere", 1.0)])


def test_the_scenario_key_grants_fast_passage() -> None:
    """``passage.fast`` changes the speeds of a bundled scenario by the norm's factors, and nothing else of them."""
    from dispatch.norms import read_norm
    from dispatch.scenario_file import load_scenario

    plain, fast = (load_scenario("qinshui/flash_flood", overrides=of) for of in (None, {"passage.fast": True}))
    factor = {row["measure"]: row["factor"] for row in read_norm("fast_passage")}
    for name, profile in plain.profiles.items():
        for road, kmh in profile.speed_kmh.items():
            assert fast.profiles[name].speed_kmh[road] == kmh * factor.get(road, 1.0)
    assert fast.step_ms("convoy") == plain.step_ms("convoy") / 2
