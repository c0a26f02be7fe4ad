"""Aircraft on a night: the plan's own times without chance; wind keeps them down; relays give places a voice."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from dispatch.clock import HOUR_MS
from dispatch.norms.response import Figure, Response
from dispatch.planning.air import plan_air
from dispatch.planning.plan import Plan
from dispatch.scenario import Scenario
from dispatch.simulation.air import fly
from dispatch.simulation.air_indicators import air_nights
from dispatch.simulation.ensemble import simulate
from dispatch.simulation.night import planned_night
from dispatch.simulation.recorder import log_table
from dispatch.simulation.response import play
from dispatch.simulation.stage import prepare
from tests.planning.air_worlds import DRONE, air_world, request


@cache
def _world(*, silent: bool = False) -> tuple[Scenario, Plan]:
    asked = [request("hurt", "medical", 112.03, 35.5), request("fire", "bucket", until_ms=6 * HOUR_MS)]
    scenario = air_world(requests=asked, drones=[DRONE] if silent else [], silent=silent)
    return scenario, plan_air(scenario, seconds=0.3, work=0.5)


def _windy(scenario: Scenario, factor: float) -> Scenario:
    """The same with the night's wind at this factor of the forecast."""
    response = scenario.response
    figures = {**response.figures, "air.wind": Figure(factor, factor, factor)}
    return replace(scenario, response=Response(response.opened, figures))


@pytest.mark.parametrize("silent", [False, True])
def test_without_chance_the_log_is_the_plan(silent):
    """Every take-off, hand-over, drop and relay at the plan's own millisecond."""
    scenario, plan = _world(silent=silent)
    log = log_table([play(planned_night(prepare(scenario, plan, hooks=(fly,))))])
    table = plan.sorties

    def times(event: str) -> list[int]:
        return sorted(round(1000 * t) for t in log.loc[log["event"] == event, "time_s"])

    def planned(purpose: str) -> list[int]:
        return sorted(table.loc[table["purpose"] == purpose, "done_ms"])

    assert times("aircraft_took_off") == sorted(table.groupby("sortie")["takeoff_ms"].min())
    assert times("aircraft_landed") == sorted(table.groupby("sortie")["arrive_ms"].max())
    assert times("water_dropped") == planned("bucket")
    assert times("lifted") == planned("medical")
    assert times("relay_on") == planned("relay")
    by_air = log[(log["event"] == "delivered") & (log["actor"] == "H1")]
    assert sorted(round(1000 * t) for t in by_air["time_s"]) == planned("supply")
    assert set(log.loc[log["event"] == "first_batch_complete", "place"]) == {"A", "B", "C"}
    assert not (log["event"] == "need_unmet").any()


def test_the_night_s_wind_keeps_aircraft_down():
    """Forecast 12 of 15 m/s: at 1.3 times nobody flies, and what was to fly stays in the store and unmet."""
    scenario, _ = _world()
    assert scenario.air is not None
    breezy = replace(scenario, air=replace(scenario.air, wind_ms=(12.0,)))
    flown = plan_air(breezy, seconds=0.3, work=0.5)
    calm = simulate(_windy(breezy, 1.0), flown, replications=3, hooks=(fly,)).log
    storm = simulate(_windy(breezy, 1.3), flown, replications=3, hooks=(fly,)).log
    assert air_nights(calm)["sorties"].min() > 0
    nights = air_nights(storm)
    assert (nights["sorties"] == 0).all()
    assert (nights["cancelled"] == flown.sorties["sortie"].nunique()).all()
    assert set(storm.loc[storm["event"] == "need_unmet", "place"]) == {"C"}


def test_nights_lose_nothing_and_keep_fuel_and_light():
    """Thirty nights: each landing follows its take-off within the fuel; whatever is dropped was filled."""
    scenario, plan = _world()
    log = simulate(scenario, plan, replications=30, hooks=(fly,)).log
    own = log[log["actor"] == "H1"].sort_values(["replication", "time_s"], kind="stable")
    off, land = own[own["event"] == "aircraft_took_off"], own[own["event"] == "aircraft_landed"]
    assert len(off) == len(land)
    assert ((land["time_s"].to_numpy() - off["time_s"].to_numpy()) <= 180 * 60 + 15 * 60).all()
    count = own["event"].value_counts()
    assert count["bucket_filled"] == count["water_dropped"]
    nights = air_nights(log)
    assert nights["litres"].to_numpy() == pytest.approx(
        log[log["event"] == "water_dropped"].groupby("replication")["quantity"].sum().to_numpy()
    )
    assert nights["litres"].nunique() > 1


def test_a_relay_gives_a_silent_place_its_voice_back():
    """Its report, due while the relay is on station, comes by telephone; without the relay it comes on foot."""
    scenario, plan = _world(silent=True)
    late = scenario.needs.assign(release_ms=[2 * HOUR_MS if need == "NC" else 0 for need in scenario.needs["need"]])
    waiting = replace(scenario, needs=late)
    grounded = replace(plan, sorties=plan.sorties[plan.sorties["aircraft"] != "U1"].reset_index(drop=True))
    medium, silent = {}, {}
    for name, of in (("relay", plan), ("none", grounded)):
        log = log_table([play(planned_night(prepare(waiting, of, hooks=(fly,))))])
        medium[name] = set(log.loc[(log["event"] == "demand_reported") & (log["place"] == "C"), "medium"])
        silent[name] = bool((log["event"] == "place_silent").any())
    assert medium["relay"] == {"mobile"}
    assert not silent["relay"]
    assert silent["none"]
    assert "mobile" not in medium["none"]


def test_trucks_planned_anew_do_not_take_what_flies():
    """Under a policy that re-plans, nothing is delivered twice and stock is conserved."""
    from dispatch.simulation.policy import Policy

    scenario, plan = _world()
    log = simulate(scenario, plan, replications=5, hooks=(fly,), policy=Policy("periodic")).log
    came = log[log["event"] == "delivered"].groupby(["replication", "detail"])["quantity"].sum()
    assert (came == 100).all()
    assert len(came) == 15
