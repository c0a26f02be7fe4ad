"""What a plan is worth, on the plan worked out by hand: A done at 64 and B at 80 minutes, C not at all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dispatch.planning.measure import PLACE_MEASURE_COLUMNS, SERVED_COLUMNS, measure, need_times, reachable_places
from tests import tiny
from tests.planning.plans import by_hand
from tests.planning.worlds import HOUR, MINUTE


def test_levels_by_hand():
    scenario = tiny.one_depot()
    measures = measure(by_hand(), scenario)
    people, t_all, first, rest, km = measures.levels()
    assert people == 200.0
    assert t_all == 24 * HOUR
    assert first == 100.0 * (64 + 80 + 24 * 60) * MINUTE
    assert rest == 0.0
    assert km == 10 + 10 + 20
    assert (measures.t1_ms, measures.t_all_ms, measures.t_all_reachable_ms) == (64 * MINUTE, 24 * HOUR, 24 * HOUR)


def test_levels_count_from_the_order():
    plan = by_hand()
    hour = HOUR
    trips = plan.trips.assign(**{c: plan.trips[c] + hour for c in plan.trips if c.endswith("_ms")})
    stops = plan.stops.assign(**{c: plan.stops[c] + hour for c in plan.stops if c.endswith("_ms")})
    later = replace(plan, trips=trips, stops=stops)
    assert measure(later, tiny.one_depot(order_ms=hour)).levels() == measure(plan, tiny.one_depot()).levels()


def test_table_by_place():
    places = measure(by_hand(), tiny.one_depot()).places
    assert {name: str(kind) for name, kind in places.dtypes.items()} == PLACE_MEASURE_COLUMNS
    assert places["place"].tolist() == ["A", "B", "C"]
    assert places["first_batch_complete_ms"].tolist() == [64 * MINUTE, 80 * MINUTE, -1]
    assert places["on_time"].tolist() == [True, True, False]
    assert places["first_batch_share"].tolist() == [1.0, 1.0, 0.0]
    assert places["reachable"].tolist() == [True, True, True]


def test_on_time_to_the_millisecond():
    at_line = tiny.one_depot(deadline_ms=80 * MINUTE)
    just_missed = tiny.one_depot(deadline_ms=80 * MINUTE - 1)
    assert measure(by_hand(), at_line).levels()[0] == 200.0
    assert measure(by_hand(), just_missed).levels()[0] == 100.0


def test_place_without_an_open_road_is_left_out_of_the_reachable_figure():
    hazard = tiny.disruption([tiny.closure("r23:2-3", 0, np.inf)])
    measures = measure(by_hand(), tiny.one_depot(hazard))
    assert measures.t_all_reachable_ms == 80 * MINUTE
    assert measures.t_all_ms == 24 * HOUR
    assert measures.levels()[1] == 80 * MINUTE
    assert measures.served["people_share_reachable"].iloc[-1] == 1.0
    assert measures.served["people_share"].iloc[-1] == pytest.approx(2 / 3)


def test_reachable_ignores_call_up_stock_docks_and_fleet_but_not_the_deadline():
    # C is half an hour away: at a deadline of 30 minutes a road still reaches it, a minute less and none does
    assert reachable_places(tiny.one_depot(deadline_ms=30 * MINUTE, quilts=0))["C"]
    assert not reachable_places(tiny.one_depot(deadline_ms=29 * MINUTE))["C"]
    # the road opens at minute 20 and A is 10 minutes behind it
    hazard = tiny.disruption([tiny.closure("r01:0-1", 0, 1200)])
    assert reachable_places(tiny.one_depot(hazard, deadline_ms=30 * MINUTE))["A"]
    assert not reachable_places(tiny.one_depot(hazard, deadline_ms=29 * MINUTE))["A"]


def test_a_need_is_complete_with_its_last_part():
    plan = by_hand()
    loads = pd.concat([plan.loads, plan.loads.iloc[:1].assign(stop=2, quantity=60)], ignore_index=True)
    loads.loc[0, "quantity"] = 40
    parts = replace(plan, loads=loads)
    assert need_times(parts, tiny.one_depot())["NA"] == [(64 * MINUTE, 40), (80 * MINUTE, 60)]
    places = measure(parts, tiny.one_depot()).places.set_index("place")
    assert places.loc["A", "first_unloaded_ms"] == 64 * MINUTE
    assert places.loc["A", "first_batch_complete_ms"] == 80 * MINUTE


def test_served_share_over_time():
    served = measure(by_hand(), tiny.one_depot()).served
    assert {name: str(kind) for name, kind in served.dtypes.items()} == SERVED_COLUMNS
    assert served["time_ms"].tolist() == [0, 64 * MINUTE, 80 * MINUTE]
    assert served["people_share"].tolist() == pytest.approx([0, 1 / 3, 2 / 3])
    assert served["need_share"].tolist() == pytest.approx([0, 1 / 3, 2 / 3])


def test_a_place_of_several_items_is_served_by_halves():
    needs = [tiny.need("NA", "A", "quilt", 100, 100.0), tiny.need("NB", "A", "quilt", 100, 100.0)]
    measures = measure(by_hand(), tiny.one_depot(needs=needs))
    # NB is handed over at B's stop in the plan by hand; where does not matter to the figures
    assert measures.served["need_share"].tolist() == pytest.approx([0, 0.5, 1.0])
    assert measures.served["people_share"].tolist() == pytest.approx([0, 0.0, 1.0])
    assert measures.places["people"].tolist() == [100.0]


def test_people_of_several_reports_add_up_once_each():
    needs = [
        tiny.need("NA", "A", "quilt", 100, 100.0), tiny.need("N2", "A", "quilt", 10, 100.0),
        tiny.need("N3", "A", "quilt", 10, 30.0, report="R-late", weight=60.0),
    ]  # fmt: skip
    places = measure(by_hand(), tiny.one_depot(needs=needs)).places
    assert places[["people", "weight"]].to_numpy().tolist() == [[130.0, 160.0]]


def test_places_that_ask_for_no_first_batch_count_in_the_rest_only():
    needs = [tiny.need("NA", "A", "quilt", 100, 100.0), tiny.need("NB", "B", "quilt", 100, 50.0, part="rest")]
    measures = measure(by_hand(), tiny.one_depot(needs=needs))
    assert measures.levels()[:4] == (100.0, 64.0 * MINUTE, 100.0 * 64 * MINUTE, 50.0 * 80 * MINUTE)
    places = measures.places.set_index("place")
    assert places["first_batch_needed"].to_dict() == {"A": True, "B": False}
    assert places["rest_needed"].to_dict() == {"A": False, "B": True}


def test_no_needs_no_figures():
    measures = measure(by_hand(), tiny.one_depot(needs=[]))
    assert measures.levels()[:4] == (0.0, 0.0, 0.0, 0.0)
    assert (measures.t1_ms, measures.t_all_ms, measures.t_all_reachable_ms) == (None, None, None)
