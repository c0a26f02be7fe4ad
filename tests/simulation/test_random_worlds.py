"""Random small worlds: no night hangs, nothing is lost, and with nothing left to chance the plan comes out."""

from __future__ import annotations

import math

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.planning.measure import reachable_places
from dispatch.scenario import travel
from dispatch.simulation.draws import RandomDraws
from dispatch.simulation.indicators import indicators
from dispatch.simulation.log_file import check_log
from dispatch.simulation.night import drawn_night
from dispatch.simulation.response import replay
from dispatch.simulation.spans import SPAN_STEPS
from dispatch.simulation.stage import prepare
from dispatch.simulation.timetable import deviations
from tests import tiny
from tests.simulation.nights import night
from tests.simulation.plans import plan_of

MINUTE = 60_000
ITEMS = {"quilt": (3.0, 0.02), "tent": (75.0, 0.4)}


@st.composite
def worlds(draw):
    """A scenario on five to seven junctions and a plan for it."""
    n = draw(st.integers(5, 7))
    km = st.integers(2, 30)
    roads = [(v - 1, v, draw(km)) for v in range(1, n)]
    for u, v in draw(st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=4)):
        if abs(u - v) > 1 and not any({u, v} == {a, b} for a, b, _ in roads):
            roads.append((min(u, v), max(u, v), draw(km)))
    network = tiny.network(roads)
    depots = draw(st.sampled_from([["D"], ["D", "E"]]))
    places = draw(st.sampled_from([["A", "B"], ["A", "B", "C"]]))
    junction = st.integers(0, n - 1)
    sites = {d: ("depot", draw(junction)) for d in depots} | {p: ("place", draw(junction)) for p in places}
    lots = draw(st.lists(st.sampled_from(["physical", "agreement"]), min_size=1, max_size=2))
    vehicles = [f"V{k}" for k in range(draw(st.integers(1, 4)))]
    tables = {
        "places": [{"place": p, "name": p, "kind": "village", "population": 100} for p in places],
        "depots": [{"depot": d, "name": d, "tier": draw(st.sampled_from(["county", "city"])),
                    "docks": draw(st.integers(1, 2)), "open_min": draw(st.sampled_from([math.nan, 10.0, 55.0]))}
                   for d in depots],
        "items": [{"item": item, "name": item, "unit": "1", "weight_kg": kg, "volume_m3": m3}
                  for item, (kg, m3) in ITEMS.items()],
        "stock": [{"depot": d, "item": item, "lot": f"L{k}", "quantity": 4000, "mode": mode,
                   "lead_time_min": draw(st.integers(0, 120)), "reliability": draw(st.sampled_from([0.0, 0.5, 1.0]))}
                  for d in depots for item in ITEMS for k, mode in enumerate(lots)],
        "vehicles": [{"vehicle": v, "base": draw(st.sampled_from(list(sites))), "class": "truck_5t",
                      "payload_kg": 5000.0, "volume_m3": 38.0, "mode": draw(st.sampled_from(["own", "requisition"])),
                      "turnout_min": draw(st.sampled_from([math.nan, 5.0, 20.0]))} for v in vehicles],
    }  # fmt: skip
    needs = [tiny.need(f"N{p}{item}", p, item, draw(st.integers(1, 300)), 100.0,
                       release_ms=draw(st.sampled_from([0, 0, 70 * MINUTE])))
             for p in places for item in ITEMS]  # fmt: skip
    edges, groups = [], []
    for k in range(draw(st.integers(0, 4))):
        start, length = draw(st.integers(0, 300)), draw(st.integers(5, 400))
        edge = draw(st.sampled_from(sorted(network.edge_id)))
        edges.append(tiny.closure(edge, start * 60.0, (start + length) * 60.0, group=f"g{k}",
                                  speed_permille=draw(st.sampled_from([0.0, 0.0, 400.0])),
                                  known_s=draw(st.sampled_from([0.0, start * 60.0, math.inf]))))  # fmt: skip
        shift = draw(st.integers(0, 240)) * 60.0
        groups.append({"group": f"g{k}", "probability": draw(st.sampled_from([0.5, 1.0])), "shift_low_s": -shift,
                       "shift_mode_s": 0.0, "shift_high_s": shift, "duration_low": 0.5, "duration_mode": 1.0,
                       "duration_high": draw(st.sampled_from([1.0, 3.0, 1000.0]))})  # fmt: skip
    scenario = tiny.scenario(
        network, sites, needs, tiny.disruption(edges, groups), tables,
        drive_limit_ms=draw(st.sampled_from([25, 240])) * MINUTE,
        drive_rest_ms=draw(st.sampled_from([10, 20])) * MINUTE, tier_request_ms={"city": 15 * MINUTE},
        pace_start_ms=(0, 100 * MINUTE), pace_permille=(1000, draw(st.sampled_from([1000, 850]))),
    )  # fmt: skip
    left = {need["need"]: need["quantity"] for need in needs}
    trips = []
    for _ in range(draw(st.integers(1, 6))):
        stops = []
        for place in draw(st.lists(st.sampled_from(places), min_size=1, max_size=2, unique=True)):
            loads = {}
            for item in ITEMS:
                quantity = min(left[f"N{place}{item}"], draw(st.sampled_from([5, 60, 300])))
                if quantity:
                    loads[f"N{place}{item}/L{draw(st.integers(0, len(lots) - 1))}"] = quantity
                    left[f"N{place}{item}"] -= quantity
            if loads:
                stops.append((place, loads))
        if stops:
            trips.append((draw(st.sampled_from(vehicles)), draw(st.sampled_from(depots)), stops))
    return scenario, plan_of(scenario, trips, home=draw(st.booleans()))


@settings(max_examples=24, deadline=None)
@given(worlds())
def test_replay_is_the_timetable(world):
    scenario, plan = world
    log = replay(scenario, plan)
    apart = deviations(log, plan)
    assert apart[apart["planned_ms"] <= scenario.end_ms].empty, apart
    assert not check_log(log)


@settings(max_examples=24, deadline=None)
@given(worlds(), st.integers(0, 3))
def test_night_ends_and_every_unit_is_accounted_for(world, replication):
    scenario, plan = world
    log = night(scenario, plan, replication)
    assert log["event"].iloc[-1] == "end"
    assert log["time_s"].iloc[-1] * 1000 == scenario.end_ms
    assert not check_log(log)
    moved = log.pivot_table(index=["item", "lot"], columns="event", values="quantity", aggfunc="sum", fill_value=0.0)

    def units(event):
        return moved[event] if event in moved else pd.Series(0.0, index=moved.index)

    out = units("delivered") + units("stock_returned") + units("load_stranded") + units("load_under_way")
    assert (units("stock_issued") == out).all()
    asked = scenario.needs.set_index("need")["quantity"]
    delivered = log[log["event"] == "delivered"].groupby("detail")["quantity"].sum().reindex(asked.index, fill_value=0)
    unmet = log[log["event"] == "need_unmet"].set_index("detail")["quantity"].reindex(asked.index, fill_value=0)
    assert (delivered + unmet == asked).all()
    # no dock serves two trucks at once
    for depot, docks in scenario.county.table("depots")[["depot", "docks"]].itertuples(index=False):
        here = log[(log["place"] == depot) & log["event"].isin(["load_start", "load_end"])]
        assert (here["event"].map({"load_start": 1, "load_end": -1}).cumsum() <= docks).all()
    # nor does a place unload two, and every vehicle's time is told without gap or overlap
    for _, here in log[log["event"].isin(["unload_start", "unload_end"])].groupby("place"):
        assert here["event"].map({"unload_start": 1, "unload_end": -1}).cumsum().isin([0, 1]).all()
    found = indicators(log, scenario)
    assert (found.vehicles[[f"{step}_ms" for step in SPAN_STEPS]].sum(axis=1) == scenario.horizon_ms).all()
    at = log[log["event"] == "first_batch_complete"].set_index("place")["time_s"]
    complete = (at * 1000).round().astype("int64") - scenario.order_ms
    said = found.places[found.places["complete_ms"] >= 0].set_index("place")["complete_ms"]
    assert said.to_dict() == complete.to_dict()


@settings(max_examples=15, deadline=None)
@given(worlds(), st.integers(0, 3))
def test_roads_of_a_night_are_those_of_the_contract(world, replication):
    """Against ``scenario.travel`` and ``planning.measure``, which build the same from the sampled disruption."""
    scenario, plan = world
    found = drawn_night(prepare(scenario, plan), 1, replication)
    hazard = scenario.disruption.sample(RandomDraws(scenario, 1, replication).generator("disruption"))
    roads = travel(scenario, hazard)
    ours, theirs = found.timed("truck_5t"), roads.timed["truck_5t"]
    for name in ("free_ms", "first", "start_ms", "end_ms", "permille", "pace_start_ms", "pace_permille"):
        assert getattr(ours, name).tolist() == getattr(theirs, name).tolist(), name
    reachable = reachable_places(scenario, roads)
    assert set(found.cut_off()) == {place for place, reached in reachable.items() if not reached}
