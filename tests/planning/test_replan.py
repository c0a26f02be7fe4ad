"""Plans made anew in the middle of a night: what has begun stays, nothing starts in the past, every rule holds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.planning.check import check
from dispatch.planning.measure import measure
from dispatch.planning.news import News, known_scenario, with_closures
from dispatch.planning.plan import Plan
from dispatch.planning.relief import plan_nearest_first
from dispatch.planning.replan import IN_ENSEMBLE, INTERACTIVE, Work, basis_of, replan
from dispatch.scenario import Scenario
from models.traversal import NEVER
from tests import tiny
from tests.planning.worlds import MINUTE, random_world, vehicle

QUICK = Work(0.003, 0.0, diagnosed=True)


def _sound(scenario: Scenario, news: News, plan: Plan) -> None:
    assert check(plan, known_scenario(scenario, news, plan)) == []


def _delivered(plan: Plan) -> dict[str, int]:
    return {n: int(q) for n, q in plan.loads.groupby("need")["quantity"].sum().items()}


def _stop(plan: Plan, site: str) -> dict[str, object]:
    return plan.stops[plan.stops["site"] == site].to_dict("records")[0]


def _ring(**other: object) -> Scenario:
    """D 0 – A 1 – B 2 – C 3, 10 km each, and a way round from A to B over node 4, 15 + 15 km."""
    roads = tiny.network([(0, 1, 10), (1, 2, 10), (2, 3, 10), (1, 4, 15), (4, 2, 15)])
    return tiny.one_depot(roads=roads, **other)  # type: ignore[arg-type]


def test_no_news_changes_nothing() -> None:
    """A night that follows the plan: the same stops at the same times."""
    scenario = tiny.one_depot(trucks=2)
    plan = plan_nearest_first(scenario)
    for now in (0, 45 * MINUTE, 200 * MINUTE):
        again = replan(scenario, plan, now, News(), work=QUICK)
        _sound(scenario, News(), again)
        assert measure(again, scenario).levels()[:3] <= measure(plan, scenario).levels()[:3] or now == 0
        kept = again.meta["replan"]["kept"]
        for name in ("trips", "stops"):
            before, after = getattr(plan, name), getattr(again, name)
            times = [c for c in before.columns if c.endswith("_ms")]
            one = before[before["trip"].isin(kept)].sort_values(["trip", *times])[times].to_numpy()
            other = after[after["trip"].isin(kept)].sort_values(["trip", *times])[times].to_numpy()
            assert np.array_equal(one, other)


def test_a_leg_under_way_is_led_round_a_bridge_that_falls() -> None:
    """Leaves D at 48+… min; between A and the closed A–B it turns into the way round: 30 km instead of 10."""
    scenario = _ring(needs=[tiny.need("NB", "B", "quilt", 100, 100.0)])
    plan = plan_nearest_first(scenario)
    before = _stop(plan, "B")
    now = int(before["leave_ms"]) + 5 * MINUTE  # between D and A
    news = News(roads=with_closures(scenario.disruption, [(f"r12:{e}", "", now, NEVER) for e in ("1-2", "2-1")]))
    again = replan(scenario, plan, now, news, work=QUICK)
    _sound(scenario, news, again)
    after = _stop(again, "B")
    assert after["leave_ms"] == before["leave_ms"]
    assert after["arrive_ms"] == before["arrive_ms"] + 20 * MINUTE
    assert again.meta["replan"]["changed"] == ["T01"]
    path = again.paths.set_index("path").at[after["path"], "edges"]
    assert path == ("r01:0-1", "r14:1-4", "r24:4-2")


def test_a_leg_that_is_past_the_bridge_goes_on() -> None:
    """A closure behind the truck does not concern it."""
    scenario = _ring(needs=[tiny.need("NB", "B", "quilt", 100, 100.0)])
    plan = plan_nearest_first(scenario)
    now = int(_stop(plan, "B")["leave_ms"]) + 11 * MINUTE
    news = News(roads=with_closures(scenario.disruption, [("r01:0-1", "", now, NEVER)]))
    again = replan(scenario, plan, now, news, work=QUICK)
    assert again.meta["replan"]["changed"] == []
    assert _stop(again, "B")["arrive_ms"] == _stop(plan, "B")["arrive_ms"]


def test_cargo_for_a_place_cut_off_goes_to_another_that_needs_the_same() -> None:
    """B is cut off with its 100 quilts 5 minutes down the road; A, unserved, has them instead."""
    scenario = tiny.one_depot(quilts=100, needs=[tiny.need("NB", "B", "quilt", 100, 100.0),
                                                 tiny.need("NA", "A", "quilt", 100, 50.0, release_ms=0)])  # fmt: skip
    plan = plan_nearest_first(scenario)
    to = "B" if "B" in set(plan.stops["site"]) else "A"
    assert to == "B"  # the dearer need has the only quilts
    now = int(_stop(plan, "B")["leave_ms"]) + 5 * MINUTE
    news = News(roads=with_closures(scenario.disruption, [(f"r12:{e}", "", 0, NEVER) for e in ("1-2", "2-1")]))
    again = replan(scenario, plan, now, news, work=QUICK)
    _sound(scenario, news, again)
    assert _delivered(again) == {"NA": 100}
    assert again.meta["replan"]["lost"] == []
    assert _stop(again, "A")["arrive_ms"] == int(_stop(plan, "B")["leave_ms"]) + 10 * MINUTE


def test_goods_of_a_lost_truck_are_sent_again_from_what_is_left() -> None:
    """The truck breaks down for good with 300 quilts aboard; 200 of the depot's 500 are left for the second truck."""
    scenario = tiny.one_depot(trucks=2)
    plan = plan_nearest_first(scenario)
    (lost,) = set(plan.trips["vehicle"])
    news = News(held={lost: NEVER})
    now = int(plan.trips["depart_ms"].iloc[0]) + MINUTE
    again = replan(scenario, plan, now, news, work=QUICK)
    _sound(scenario, news, again)
    assert again.meta["replan"]["abandoned"] == ["T01"]
    assert [tuple(row) for row in again.meta["replan"]["lost"]] == [("D", "quilt", "L1", 100)] * 3
    assert sum(_delivered(again).values()) == 200
    assert set(again.trips["vehicle"]) == {"V1", "V2"} - {lost}
    assert int(again.trips["start_ms"].min()) >= now
    assert "T01" not in set(again.trips["trip"])


def test_a_truck_held_for_an_hour_is_an_hour_late_everywhere() -> None:
    """One truck, three places: every stop that has not begun moves by the hour."""
    scenario = tiny.one_depot()
    plan = plan_nearest_first(scenario)
    now = int(_stop(plan, "A")["unload_end_ms"]) + MINUTE
    news = News(held={"V1": now + 60 * MINUTE})
    again = replan(scenario, plan, now, news, work=QUICK)
    _sound(scenario, news, again)
    assert _stop(again, "A")["unload_end_ms"] == _stop(plan, "A")["unload_end_ms"]
    for site in "BC":
        assert _stop(again, site)["arrive_ms"] == int(_stop(plan, site)["arrive_ms"]) + 60 * MINUTE


def test_a_new_need_is_served_and_a_smaller_one_frees_its_goods() -> None:
    """C asks for 150 instead of 100, B for 20; nothing has begun."""
    scenario = tiny.one_depot(quilts=270)
    plan = plan_nearest_first(scenario)
    needs = scenario.needs.assign(quantity=[100, 20, 150])
    news = News(needs=needs)
    again = replan(scenario, plan, MINUTE, news, work=QUICK)
    _sound(scenario, news, again)
    assert _delivered(again) == {"NA": 100, "NB": 20, "NC": 150}


def test_what_begun_trips_bring_is_not_called_back() -> None:
    """B reports that it needs nothing once its goods are on the way."""
    scenario = tiny.one_depot()
    plan = plan_nearest_first(scenario)
    news = News(needs=scenario.needs[scenario.needs["need"] != "NB"])
    again = replan(scenario, plan, int(plan.trips["depart_ms"].iloc[0]) + MINUTE, news, work=QUICK)
    _sound(scenario, news, again)
    assert _delivered(again)["NB"] == 100


def test_stock_that_is_less_than_the_book_says_limits_what_is_sent() -> None:
    """A count finds 150 quilts instead of 500."""
    scenario = tiny.one_depot()
    plan = plan_nearest_first(scenario)
    news = News(stock={("D", "quilt", "L1"): 150})
    again = replan(scenario, plan, MINUTE, news, work=QUICK)
    _sound(scenario, news, again)
    assert sum(_delivered(again).values()) == 150


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**20), st.integers(0, 2**20))
def test_any_news_leaves_a_plan_without_violations(world: int, draw: int) -> None:
    """Random worlds, random instants, random closures and breakdowns: begun ids stay, nothing new starts before now."""
    scenario = random_world(world)
    plan = plan_nearest_first(scenario)
    rng = np.random.default_rng(draw)
    last = int(plan.stops["unload_end_ms"].max()) if len(plan.stops) else 60 * MINUTE
    now = int(rng.integers(0, last + 1))
    edges = rng.choice(scenario.network.edge_id, size=int(rng.integers(0, 4)))
    closures = [(str(e), "", now, now + int(rng.choice([30, 120, 10_000])) * MINUTE) for e in edges]
    fleet = scenario.county.table("vehicles")["vehicle"].tolist()
    held = {v: int(rng.choice([now + 40 * MINUTE, NEVER])) for v in fleet if rng.random() < 0.3}
    news = News(with_closures(scenario.disruption, closures), held)
    for work in (QUICK, IN_ENSEMBLE):
        again = replan(scenario, plan, now, news, work=work)
        _sound(scenario, news, again)
        kept = set(again.meta["replan"]["kept"])
        fresh = again.trips[~again.trips["trip"].isin(kept)]
        assert (fresh["start_ms"] >= now).all()
        assert not set(fresh["trip"]) & set(plan.trips["trip"])
        lost = {v for v, until in held.items() if until >= NEVER}
        assert not set(fresh["vehicle"]) & lost
        twice = replan(scenario, again, min(now + 30 * MINUTE, last), news, work=QUICK)
        assert set(twice.meta["replan"]["kept"]) >= kept - set(twice.meta["replan"]["abandoned"])


def test_what_was_left_out_is_tried_again_in_an_ensemble_when_its_road_opens_early() -> None:
    """C is cut off all night, then found open at minute 100: it is served, but not before anything has changed."""
    open_road = tiny.one_depot(trucks=2)
    shut = [(f"r23:{way}", "", 0, NEVER) for way in ("2-3", "3-2")]
    scenario = tiny.one_depot(trucks=2, hazard=with_closures(open_road.disruption, shut))
    plan = plan_nearest_first(scenario)
    assert "C" not in set(plan.stops["site"])
    basis = basis_of(scenario)
    nothing_new = replan(scenario, plan, 100 * MINUTE, News(), work=IN_ENSEMBLE, basis=basis)
    assert "C" not in set(nothing_new.stops["site"])
    news = News(roads=open_road.disruption)
    again = replan(scenario, plan, 100 * MINUTE, news, work=IN_ENSEMBLE, basis=basis)
    assert _delivered(again)["NC"] == 100
    _sound(scenario, news, again)


def test_kilometres_are_bounded_by_the_roads_that_join_the_places() -> None:
    """One truck of three times 10 km: the chain of A, B and C is 30 km, and nothing shorter reaches all of them."""
    scenario = tiny.one_depot()
    again = replan(scenario, plan_nearest_first(scenario), 0, News(), work=QUICK)
    km = again.objective.iloc[4]
    assert float(km["bound"]) == pytest.approx(30.0)
    assert float(km["value"]) >= 30.0


def test_equal_input_gives_an_equal_plan() -> None:
    """Work is counted, not timed."""
    scenario = random_world(7)
    plan = plan_nearest_first(scenario)
    news = News(held={"V0": NEVER})
    one, other = (replan(scenario, plan, 30 * MINUTE, news, work=INTERACTIVE, basis=basis_of(scenario)) for _ in "ab")
    for name in ("trips", "stops", "loads"):
        assert getattr(one, name).equals(getattr(other, name))


@pytest.mark.parametrize("work", [QUICK, IN_ENSEMBLE])
def test_a_waiting_trip_of_a_lost_truck_goes_with_another(work: Work) -> None:
    """Two trucks for three truckloads; the one with two trips is lost before its second."""
    scenario = tiny.one_depot(
        trucks=2, tables={"vehicles": [vehicle("V1", volume_m3=2.0), vehicle("V2", volume_m3=2.0)]}
    )
    plan = plan_nearest_first(scenario)
    assert len(plan.trips) == 3
    busy = plan.trips["vehicle"].mode()[0]
    first = plan.trips[plan.trips["vehicle"] == busy].iloc[0]
    end = int(plan.stops.set_index("trip").at[first["trip"], "unload_end_ms"])
    news = News(held={busy: NEVER})
    again = replan(scenario, plan, end, news, work=work)
    _sound(scenario, news, again)
    assert sum(_delivered(again).values()) == 300


def test_what_a_begun_trip_was_loaded_short_of_is_sent_anew() -> None:
    """T01 is to bring A, B and C 100 each and took only 40 for the last: 60 more go with the second truck."""
    scenario = tiny.one_depot(trucks=2)
    plan = plan_nearest_first(scenario)
    rows = plan.loads[plan.loads["trip"] == "T01"].sort_values("stop").to_dict("records")
    taken = [(int(r["stop"]), r["need"], r["item"], r["lot"], int(r["quantity"])) for r in rows]
    taken[-1] = (*taken[-1][:4], 40)
    news = News(loaded={"T01": taken})
    again = replan(scenario, plan, int(plan.trips["depart_ms"].iloc[0]) + MINUTE, news, work=QUICK)
    _sound(scenario, news, again)
    assert _delivered(again) == dict.fromkeys(("NA", "NB", "NC"), 100)
    new = again.loads[again.loads["trip"] != "T01"]
    assert new["quantity"].sum() == 60
    assert set(new["need"]) == {taken[-1][1]}
