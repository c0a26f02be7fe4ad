"""The waiting line of docks and unloading places, alone in a SimPy environment."""

from __future__ import annotations

from statistics import mean, stdev

import numpy as np
import simpy

from dispatch.simulation.line import Booking, Line


def serve(arrivals, servers=1, bookings=(), length=10):
    """Start time and server of each arrival (time, rank); every service takes ``length``."""
    env = simpy.Environment()
    line = Line(env, servers, bookings)
    started = {}

    def customer(at, rank):
        yield env.timeout(at)
        server, cause = yield line.request(rank, length)
        started[rank] = (env.now, server, cause)
        yield env.timeout(length)
        line.release(server, rank)

    for at, rank in arrivals:
        env.process(customer(at, rank))
    env.run()
    return started


def test_first_come_first_served_and_equal_arrivals_in_rank_order():
    # 7 and 5 come at the same instant, 7 first in the program's order: rank decides
    started = serve([(0, 9), (3, 7), (3, 5), (1, 8)])
    assert {rank: start for rank, (start, _, _) in started.items()} == {9: 0, 8: 10, 5: 20, 7: 30}


def test_the_one_before_is_named_as_the_cause_of_a_wait():
    started = serve([(0, 1), (3, 2), (50, 3)])
    assert [started[rank][2] for rank in (1, 2, 3)] == [-1, 1, -1]


def test_two_servers_work_side_by_side():
    started = serve([(0, 1), (1, 2), (2, 3)], servers=2)
    assert [started[rank][:2] for rank in (1, 2, 3)] == [(0, 1), (1, 2), (10, 1)]


def test_booked_server_is_kept_until_the_hour_of_the_truck_it_is_booked_for():
    # 1 is booked for minute 8; 2 stands there from 5 on and would not be done by 8: it goes second, at 18
    bookings = [Booking(8, 1, 1), Booking(18, 2, 1)]
    assert serve([(8, 1), (5, 2)], bookings=bookings) == {1: (8, 1, -1), 2: (18, 1, 1)}


def test_nobody_waits_for_a_truck_that_is_late():
    # 1 comes at 30 instead of 8: from 8 on its booking does not hold, and 2 goes first
    bookings = [Booking(8, 1, 1), Booking(18, 2, 1)]
    assert serve([(30, 1), (5, 2)], bookings=bookings) == {2: (8, 1, -1), 1: (30, 1, -1)}


def test_a_gap_that_is_long_enough_is_used():
    # 1 is booked for 20; 2 comes at 5 and is done at 15
    bookings = [Booking(20, 1, 1), Booking(30, 2, 1)]
    assert serve([(20, 1), (5, 2)], bookings=bookings) == {2: (5, 1, -1), 1: (20, 1, -1)}


def test_those_who_wait_go_in_the_order_of_the_plan():
    # both wait behind 0; 1 came later but the plan has it first
    bookings = [Booking(0, 0, 1), Booking(3, 1, 1), Booking(4, 2, 1)]
    started = serve([(0, 0), (6, 1), (5, 2)], bookings=bookings)
    assert [started[rank][0] for rank in (0, 1, 2)] == [0, 10, 20]


def test_cancelled_booking_frees_the_server_at_once():
    env = simpy.Environment()
    line = Line(env, 1, [Booking(8, 1, 1), Booking(18, 2, 1)])
    started = []

    def truck():
        yield env.timeout(5)
        yield line.request(2, 10)
        started.append(env.now)

    def breakdown():
        yield env.timeout(6)
        line.cancel(1)

    env.process(truck())
    env.process(breakdown())
    env.run()
    assert started == [6]


def test_mean_wait_is_erlangs():
    """M/M/3, arrivals 2 an hour and server, service 1 h: W_q = C(3, 2) / (3 - 2) = 4/9 h (Erlang 1917)."""

    def replication(seed):
        rng = np.random.default_rng(seed)
        env = simpy.Environment()
        line = Line(env, 3)
        waits = []

        def customer(rank, service):
            came = env.now
            server, _ = yield line.request(rank)
            waits.append(env.now - came)
            yield env.timeout(service)
            line.release(server)

        def source():
            for rank in range(1500):
                yield env.timeout(rng.exponential(0.5))
                env.process(customer(rank, rng.exponential(1.0)))

        env.process(source())
        env.run()
        return mean(waits[300:])

    found = [replication(seed) for seed in range(30)]
    half = 3.0 * stdev(found) / len(found) ** 0.5
    assert half < 0.08, "too few replications to tell anything"
    assert abs(mean(found) - 4 / 9) < half
