"""The timetable by hand, the stock book, and driving times against those of ``dispatch.roads.travel``."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.planning.array_search import array_search
from dispatch.planning.greedy import best_vehicle_first
from dispatch.planning.legs import RESTED, Legs
from dispatch.planning.problem import Consignment, TripOrder, read_problem
from dispatch.planning.relief import _read
from dispatch.planning.score import make_scorer
from dispatch.planning.stock_book import StockBook
from dispatch.planning.supply import Lot
from dispatch.planning.timetable import Timetable, decode
from dispatch.roads.travel import arrivals, leg
from dispatch.scenario import travel
from models.dispatch_instance import Dispatched
from models.dispatch_timetable import timetable
from models.traversal import NEVER
from tests import tiny
from tests.planning import worlds
from tests.planning.worlds import HOUR, MINUTE, vehicle


def _order(problem, vehicle_id, *stops, depot="D"):
    """A trip with (site, position of the need, quantity) stops."""
    goods = tuple(
        Consignment(depot, problem.stop(site, ((need, "quilt", quantity),))) for site, need, quantity in stops
    )
    return TripOrder(vehicle_id, depot, goods)


def _minutes(*times):
    return [time / MINUTE for time in times]


def test_trip_by_hand():
    problem = read_problem(tiny.one_depot())
    trip = decode(problem, [_order(problem, "V1", ("A", 0, 100), ("B", 1, 100))]).trips[0]
    assert _minutes(trip.start_ms, trip.load_start_ms, trip.load_end_ms, trip.depart_ms) == [30, 30, 38, 48]
    assert [_minutes(s.arrive_ms, s.unload_start_ms, s.unload_end_ms) for s in trip.stops] == [
        [58, 58, 64],
        [74, 74, 80],
    ]


def test_earlier_in_the_list_is_first_at_the_dock_and_gaps_are_used():
    problem = read_problem(tiny.one_depot(trucks=3, tables={"vehicles": [
        vehicle("V1"), vehicle("V2", turnout_min=60.0), vehicle("V3", turnout_min=35.0),
    ]}))  # fmt: skip
    orders = [
        _order(problem, "V2", ("A", 0, 100)),
        _order(problem, "V1", ("B", 1, 100)),
        _order(problem, "V3", ("C", 2, 100)),
    ]
    starts = [trip.load_start_ms / MINUTE for trip in decode(problem, orders).trips]
    # V2 cannot before 60; V1 fits in before it at 30–38, V3 at 38–46
    assert starts == [60, 30, 38]


def test_a_trip_too_long_for_the_gap_waits():
    problem = read_problem(tiny.one_depot(trucks=2, tables={"vehicles": [
        vehicle("V1", turnout_min=36.0), vehicle("V2"),
    ]}))  # fmt: skip
    orders = [_order(problem, "V1", ("A", 0, 100)), _order(problem, "V2", ("B", 1, 100))]
    # the dock is taken 36–44, and 8 minutes do not fit between the opening at 30 and 36
    assert [trip.load_start_ms / MINUTE for trip in decode(problem, orders).trips] == [36, 44]


def test_one_vehicle_is_unloaded_at_a_time():
    problem = read_problem(tiny.one_depot(trucks=2, docks=2, needs=[tiny.need("NA", "A", "quilt", 200, 1.0)]))
    orders = [_order(problem, "V1", ("A", 0, 100)), _order(problem, "V2", ("A", 0, 100))]
    stops = [trip.stops[0] for trip in decode(problem, orders).trips]
    assert [_minutes(s.arrive_ms, s.unload_start_ms, s.unload_end_ms) for s in stops] == [[58, 58, 64], [58, 64, 70]]


def test_what_is_not_there_is_left_out_from_the_last_stop_backwards():
    problem = read_problem(tiny.one_depot(quilts=150))
    decoded = decode(problem, [_order(problem, "V1", ("A", 0, 100), ("B", 1, 100))])
    assert [(d.need, d.quantity, d.cause) for d in decoded.dropped] == [(1, 50, "stock")]
    assert [load for stop in decoded.trips[0].stops for load in stop.goods.loads] == [
        (0, "quilt", 100),
        (1, "quilt", 50),
    ]


def test_stops_beyond_the_horizon_and_without_a_road_are_left_out():
    hazard = tiny.disruption([tiny.closure("r12:1-2", 0, np.inf)])
    problem = read_problem(tiny.one_depot(hazard))
    decoded = decode(problem, [_order(problem, "V1", ("B", 1, 100), ("A", 0, 100))])
    assert [(d.need, d.cause) for d in decoded.dropped] == [(1, "road")]
    short = read_problem(tiny.one_depot(horizon_ms=70 * MINUTE))
    decoded = decode(short, [_order(short, "V1", ("A", 0, 100), ("B", 1, 100))])
    assert [(d.need, d.cause) for d in decoded.dropped] == [(1, "time")]
    assert [stop.site for stop in decoded.trips[0].stops] == ["A"]


def test_later_trips_never_move_earlier_ones():
    problem = read_problem(tiny.one_depot(trucks=2))
    first = decode(problem, [_order(problem, "V1", ("A", 0, 100))])
    both = decode(problem, [_order(problem, "V2", ("B", 1, 100))], first.timetable)
    assert both.timetable.trips[0] == first.trips[0]
    assert len(first.timetable.trips) == 1


def _book(*lots, counted=()):
    return StockBook({("D", "quilt"): lots}, counted)


def _lot(name, quantity, start_ms=-NEVER, per_h=np.inf, until_ms=NEVER):
    return Lot("D", "quilt", name, "physical", quantity, start_ms, float(per_h), until_ms)


def test_reservations_made_before_are_never_starved():
    # 60 an hour from 0. Someone takes 60 at the end of the first hour: nothing is free before that.
    book = _book(_lot("L", 120, 0, 60))
    book.reserve("D", "quilt", "L", 60, HOUR)
    assert book.ready_ms("D", "quilt", 1, 0) == HOUR + MINUTE
    assert book.ready_ms("D", "quilt", 60, 0) == 2 * HOUR
    assert book.ready_ms("D", "quilt", 61, 0) == NEVER
    assert book.choose("D", [("quilt", 30, 3 * HOUR)], 90 * MINUTE) == ([(("L", 30),)], [0])


def test_lots_are_chosen_in_order_and_only_while_valid():
    book = _book(_lot("soon", 10, until_ms=HOUR), _lot("later", 20))
    chosen, missing = book.choose("D", [("quilt", 5, 30 * MINUTE), ("quilt", 28, 2 * HOUR)], 0)
    assert chosen == [(("soon", 5),), (("later", 20),)]
    assert missing == [0, 8]


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(0, 300)), max_size=12), st.integers(1, 90))
@settings(max_examples=60, deadline=None)
def test_stock_book_never_takes_more_than_is_released(requests, per_h):
    lots = (_lot("a", 50, 30 * MINUTE, per_h), _lot("b", 40))
    book = _book(*lots)
    taken = []
    for quantity, minute in requests:
        ready = book.ready_ms("D", "quilt", quantity, minute * MINUTE)
        if ready < NEVER:
            chosen, missing = book.choose("D", [("quilt", quantity, ready + HOUR)], ready)
            assert missing == [0]
            for lot, part in chosen[0]:
                book.reserve("D", "quilt", lot, part, ready)
                taken.append((ready, lot, part))
    for lot in lots:
        for time, _, _ in taken:
            assert sum(q for t, name, q in taken if name == lot.lot and t <= time) <= lot.available(time)


@given(st.integers(0, 2**20), st.integers(0, 20 * 60))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_legs_equal_travel(seed, minute):
    scenario = worlds.random_world(seed)
    roads = travel(scenario)
    legs = Legs(roads)
    for origin in roads.sites:
        depart = minute * MINUTE + 7
        known = arrivals(roads, "truck_5t", origin, depart)
        targets = np.arange(len(roads.sites))
        assert legs.table("truck_5t", origin, targets, np.array([depart]))[0].tolist() == known.tolist()
        waiting = legs.arrive_all("truck_5t", origin, depart, detours=False)
        assert (waiting >= known).all()
        for k, destination in enumerate(roads.sites):
            assert legs.arrive("truck_5t", origin, destination, depart) == known[k]
            assert legs.least("truck_5t", origin, destination) <= known[k] - depart or known[k] >= NEVER
            at, crew = legs.drive("truck_5t", origin, destination, depart)
            exact = leg(roads, "truck_5t", origin, destination, depart)
            assert at == (NEVER if exact is None else exact[1].arrive_ms)
            if exact is not None:
                assert legs.driven_ms(crew) == exact[1].driven_ms


def test_driving_since_the_last_rest_is_carried_from_leg_to_leg():
    scenario = tiny.one_depot(drive_limit_ms=25 * MINUTE)
    roads = travel(scenario)
    legs = Legs(roads)
    at_a, crew = legs.drive("truck_5t", "D", "A", 0, RESTED)
    at_b, crew = legs.drive("truck_5t", "A", "B", at_a, crew)
    at_c, crew = legs.drive("truck_5t", "B", "C", at_b, crew)
    # 10, 20, then 20 minutes of rest before the third
    assert _minutes(at_a, at_b, at_c) == [10, 20, 50]
    assert legs.driven_ms(crew) == 10 * MINUTE


def test_driving_times_follow_the_hour_of_the_general_speed():
    # at half speed until minute 60: leaving at 55, five minutes cover 2.5 km and the other 7.5 km take 7.5 minutes
    scenario = tiny.one_depot(pace_start_ms=(0, HOUR), pace_permille=(500, 1000))
    legs = Legs(travel(scenario))
    assert legs.arrive("truck_5t", "D", "A", 0) == 20 * MINUTE
    assert legs.arrive("truck_5t", "D", "A", 55 * MINUTE) == int(67.5 * MINUTE)
    assert legs.arrive("truck_5t", "D", "A", HOUR) == 70 * MINUTE
    assert legs.least("truck_5t", "D", "A") == 10 * MINUTE


@given(st.integers(0, 2**20), st.integers(0, 100))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_timetable_over_arrays_equals_the_exact_one_where_nothing_closes(seed, shuffle):
    """With open roads, no rest due and stock that only needs counting, both decoders give the same milliseconds."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 6))
    links = [(int(rng.integers(0, k)), k, float(rng.integers(1, 30))) for k in range(1, n + 2)]
    sites = {"D": ("depot", 0), "E": ("depot", 1)} | {f"P{k}": ("place", 2 + k) for k in range(n)}
    tables = {
        "depots": [{"depot": d, "name": d, "tier": "county", "docks": int(rng.integers(1, 3))} for d in "DE"],
        "stock": [{"depot": d, "item": "quilt", "lot": "L", "quantity": 9000} for d in "DE"],
        "vehicles": [vehicle(f"V{k}", "DE"[int(rng.integers(0, 2))], turnout_min=float(rng.integers(5, 90)))
                     for k in range(int(rng.integers(1, 4)))],
    }  # fmt: skip
    needs = [tiny.need(f"N{k}", f"P{k}", "quilt", int(rng.integers(1, 1500)), 10.0) for k in range(n)]
    roads = tiny.network([*links, (0, n + 2, 5.0)])
    scenario = tiny.one_depot(roads=roads, sites=sites, tables=tables, needs=needs)
    task = _read(scenario)
    problem = task.problem
    scorer = make_scorer(problem, task.places, [])
    goods = [Consignment("DE"[k % 2], problem.stop(f"P{k}", ((k, "quilt", need.quantity),)))
             for k, need in enumerate(problem.needs)]  # fmt: skip
    orders = best_vehicle_first(
        problem, goods, Timetable(problem), lambda c: hash((c.site, shuffle)), fill=bool(shuffle % 2)
    )
    search = array_search(scorer, goods, Timetable(problem))
    sequence = [(goods.index(c), order, k > 0) for order in orders for k, c in enumerate(order.consignments)]
    start = Dispatched(
        np.array([c for c, _, _ in sequence]), np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n, np.bool_)
    )
    for c, order, joined in sequence:
        start.vehicle[c], start.depot[c] = search.vehicles.index(order.vehicle), search.depots.index(order.depot)
        start.join[c] = joined
    done = timetable(search.instance, start)
    exact = {}
    for trip in decode(problem, orders).trips:
        for stop in trip.stops:
            exact |= {stop.site: stop.unload_end_ms}
    assert [int(done[k]) for k in range(n)] == [exact[f"P{k}"] for k in range(n)]
