"""A night's event log read back into what the vehicles did, against the plan and against the log itself."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from dispatch.report.findings import find
from dispatch.report.night_film import chosen_nights, night_films, night_phases, realised_disruption
from dispatch.report.phases import pieces, plan_phases
from dispatch.scenario import travel
from dispatch.simulation.draws import RandomDraws
from dispatch.simulation.ensemble import simulate
from dispatch.simulation.response import replay
from models.traversal import FULL
from tests import tiny
from tests.report.worlds import MINUTE, one_truck


def played(ran, night):
    """Phases of one night."""
    rows = ran.ensemble.log[ran.ensemble.log["replication"] == night].to_dict("records")
    roads = travel(ran.scenario, realised_disruption(ran.scenario, ran.ensemble, night))
    draws = RandomDraws(ran.scenario, ran.ensemble.seed, night)
    return rows, night_phases(ran.scenario, ran.plan, rows, roads, draws.slowness)


def test_the_plan_played_with_all_randomness_off_is_the_plan():
    scenario, plan = one_truck()
    roads = travel(scenario, scenario.disruption.forecast())
    found = night_phases(scenario, plan, replay(scenario, plan).to_dict("records"), roads, lambda _: FULL)
    expected = plan_phases(plan, scenario)
    assert [list(pieces(phase)) for phase in found] == [list(pieces(phase)) for phase in expected]
    for a, b in zip(found, expected, strict=True):
        assert (a.site, a.to_site, a.path) == (b.site, b.to_site, b.path)
        np.testing.assert_array_equal(a.leave_ms, b.leave_ms)


def test_every_arrival_wait_and_unloading_of_the_log_is_where_the_film_has_it(ran):
    for night in ran.ensemble.nights["replication"]:
        rows, phases = played(ran, night)
        for row in rows:
            now = round(row["time_s"] * 1000)
            if row["event"] == "arrive":
                drive = next(p for p in phases if p.activity == "drive_loaded" and p.end_ms == now)
                assert drive.to_site == row["place"]
                assert drive.leave_ms[-1] == now
            elif row["event"] == "unload_end":
                assert any(p.activity == "unloading" and p.end_ms == now and p.site == row["place"] for p in phases)
            elif row["event"] == "wait":
                met = [q for p in phases for q in pieces(p) if q[0] == "wait_road" and q[1] == now]
                assert (met[0][2] - met[0][1]) // 1000 == int(row["detail"])


def test_between_the_events_the_way_is_driven_as_the_night_has_it(ran):
    # The vehicle's own speed explains every crossing, so nothing had to be stretched: 10 km in 10 minutes × slowness.
    for night in ran.ensemble.nights["replication"]:
        _, phases = played(ran, night)
        slowness = RandomDraws(ran.scenario, ran.ensemble.seed, night).slowness("V1")
        for phase in phases:
            if phase.activity.startswith("drive"):
                np.testing.assert_array_equal(phase.leave_ms - phase.enter_ms, 10 * MINUTE * slowness // 1000)


def test_phases_of_a_night_follow_each_other(ran):
    for night in ran.ensemble.nights["replication"]:
        _, phases = played(ran, night)
        for a, b in zip(phases, phases[1:], strict=False):
            assert a.end_ms == b.start_ms
            assert (a.to_site or a.site) == b.site


def test_good_median_bad_and_worst_night_are_shown_each_once(ran):
    findings = find(ran.scenario, ran.plan, ran.ensemble, "zh")
    chosen = dict(chosen_nights(findings, range(12)))
    times = ran.ensemble.nights["t_all_ms"].to_numpy()
    order = np.argsort(times, kind="stable")
    assert chosen == {"best": order[1], "median": order[6], "bad": order[10], "worst": order[11]}
    assert dict(chosen_nights(findings, [order[3]])) == {"best": order[3]}
    assert chosen_nights(findings, []) == []


def test_a_film_serves_a_place_when_the_indicators_say_so(ran):
    findings = find(ran.scenario, ran.plan, ran.ensemble, "zh")
    films = night_films(ran.scenario, ran.plan, ran.ensemble, findings, "zh")
    assert len(films) == 4
    table = ran.ensemble.indicators.places
    for film in films:
        night = int(film.name.split()[1])
        rows = table[(table["replication"] == night) & (table["complete_ms"] >= 0)]
        assert film.served_ms == dict(zip(rows["place"], rows["complete_ms"] + ran.scenario.order_ms, strict=True))


def test_a_detour_is_driven_on_the_other_road():
    # A second road from A to B round by node 4, 15 km: r12 closes at 40 unforeseen and known at once, so the driver,
    # leaving A about 64, takes it.
    roads = tiny.network([(0, 1, 10), (1, 2, 10), (2, 3, 10), (1, 4, 7.5), (4, 2, 7.5)])
    closure = tiny.closure("r12:1-2", 1e6, 2e6, group="river", known_s=0.0)
    sure = {"group": "river", "probability": 1.0, "shift_low_s": 2400 - 1e6, "shift_mode_s": 2400 - 1e6,
            "shift_high_s": 2400 - 1e6, "duration_low": 1.0, "duration_mode": 1.0, "duration_high": 1.0}  # fmt: skip
    scenario, plan = one_truck(hazard=tiny.disruption([closure], [sure]), roads=roads)
    ensemble = simulate(scenario, plan, replications=1)
    findings = find(scenario, plan, ensemble, "zh")
    (film,) = night_films(scenario, plan, ensemble, findings, "zh")
    drive = next(p for p in film.phases if p.to_site == "B")
    assert [scenario.network.edge_id[e] for e in drive.edges] == ["r14:1-4", "r24:4-2"]
    assert [closure.start_ms for closure in film.closures] == [40 * MINUTE]


@pytest.mark.parametrize("known_s", [0.0, 1e9])
def test_a_vehicle_that_no_road_leads_on_is_shown_where_it_gave_up(known_s):
    # r12 closes for good at minute 20: B and C are out of reach
    closure = tiny.closure("r12:1-2", 1e6, np.inf, group="river", known_s=known_s)
    sure = {"group": "river", "probability": 1.0, "shift_low_s": 1200 - 1e6, "shift_mode_s": 1200 - 1e6,
            "shift_high_s": 1200 - 1e6, "duration_low": 1.0, "duration_mode": 1.0, "duration_high": 1.0}  # fmt: skip
    scenario, plan = one_truck(hazard=tiny.disruption([closure], [sure]))
    ensemble = simulate(scenario, plan, replications=1)
    findings = find(scenario, plan, ensemble, "zh")
    (film,) = night_films(scenario, plan, ensemble, findings, "zh")
    assert set(film.served_ms) == {"A"}
    for phase in film.phases:
        assert "r12:1-2" not in [scenario.network.edge_id[e] for e in phase.edges]


def test_goods_are_shown_where_they_are_handed_over_not_where_the_people_are_from():
    # A's quilts go to the shelter at B with B's own: 200 quilts are unloaded there at 68 … 74, and B is done then.
    needs = [tiny.need("NA", "A", "quilt", 100, 100.0, site="B"), tiny.need("NB", "B", "quilt", 100, 100.0)]
    scenario, plan = one_truck(needs=needs)
    way = plan.paths.assign(edges=[("r01:0-1", "r12:1-2"), *plan.paths["edges"][1:]], to_site=["B", "B", "C", "D"])
    stops = plan.stops[:1].assign(
        site="B", arrive_ms=68 * MINUTE, unload_start_ms=68 * MINUTE, unload_end_ms=74 * MINUTE
    )
    loads = plan.loads[:2].assign(stop=1)
    plan = dataclasses.replace(
        plan, paths=way, stops=stops, loads=loads,
        trips=plan.trips.assign(return_site="", return_path="", return_ms=-1),
    )  # fmt: skip
    ensemble = simulate(scenario, plan, replications=1)
    (film,) = night_films(scenario, plan, ensemble, find(scenario, plan, ensemble, "zh"), "zh")
    assert film.goods == {("T1", "B"): "棉被 200床"}
    assert set(film.served_ms) == {"B"}
