"""Turn restrictions are kept by everybody: planner, checker, simulation, and searches by the hour."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.planning.check import check, violation_text
from dispatch.planning.relief import plan_relief
from dispatch.roads.travel import NEVER, arrivals, drive, forbidden_turn, leg
from dispatch.scenario import travel
from dispatch.simulation.advance import best_way
from dispatch.simulation.response import replay
from dispatch.simulation.timetable import deviations
from models.earliest_arrival import earliest_arrival, path_to
from models.graph import build_graph
from models.traversal import time_edges, traverse_path
from models.turns import split_turns
from tests import tiny

MINUTE = 60_000


def no_left_turn(**other):
    """0-1 and 1-2 of 10 km, 0-2 of 25 km; coming from 0 one may not turn at 1 into 1-2. Goods for B at node 2."""
    roads = tiny.network([(0, 1, 10), (1, 2, 10), (0, 2, 25)])
    banned = np.array([[roads.edge_index["r01:0-1"], roads.edge_index["r12:1-2"]]], dtype=np.int32)
    return tiny.one_depot(roads=replace(roads, banned_turns=banned), needs=[tiny.need("NB", "B", "quilt", 100, 100.0)],
                          sites={"D": ("depot", 0), "A": ("place", 1), "B": ("place", 2)}, **other)  # fmt: skip


def test_planner_goes_round_checker_agrees_simulation_repeats_it():
    scenario = no_left_turn()
    plan = plan_relief(scenario, seconds=0.2)
    way = plan.paths[plan.paths["to_site"] == "B"].iloc[0]
    assert list(way["edges"]) == ["r02:0-2"]
    assert check(plan, scenario) == []
    stop = plan.stops[plan.stops["site"] == "B"].iloc[0]
    assert stop["arrive_ms"] - stop["leave_ms"] == 25 * MINUTE
    log = replay(scenario, plan)
    assert deviations(log, plan).empty
    assert (log["milestone"] == "place B first batch").any()


def test_checker_names_the_forbidden_turn():
    # a plan made where the turn is allowed, checked where it is not
    scenario = no_left_turn()
    free = replace(scenario, network=replace(scenario.network, banned_turns=np.empty((0, 2), dtype=np.int32)))
    plan = plan_relief(free, seconds=0.2)
    assert check(plan, free) == []
    found = [violation for violation in check(plan, scenario) if violation.code == "turn_forbidden"]
    assert [(v.value, v.limit) for v in found] == [("r01:0-1", "r12:1-2")]
    assert "r01:0-1" in violation_text(found[0], scenario, "en")
    assert "禁止" in violation_text(found[0], scenario, "zh")


def test_the_turn_is_a_matter_of_the_way_by_which_one_came():
    scenario = no_left_turn()
    roads = travel(scenario)
    assert arrivals(roads, "truck_5t", "D", 0).tolist() == [0, 10 * MINUTE, 25 * MINUTE]
    edges, driven = leg(roads, "truck_5t", "A", "B", 0)  # one that has stopped at A may set out as he likes
    assert driven.arrive_ms == 10 * MINUTE
    assert forbidden_turn(roads.network, edges) is None
    index = roads.network.edge_index
    turning = np.array([index["r01:0-1"], index["r12:1-2"]])
    assert forbidden_turn(roads.network, turning) == ("r01:0-1", "r12:1-2")
    assert drive(roads, "truck_5t", "D", "B", turning, 0).arrive_ms == 20 * MINUTE  # the clock knows no signs
    # a driver who stands at node 1 and came from 0 must turn round: 1-0, 0-2
    graph, timed = roads.network.drivable, roads.timed["truck_5t"]
    at, way = best_way(graph, timed, graph.end(index["r01:0-1"]), 2, 0, 1000, NEVER - 1)
    assert (at, [roads.network.edge_id[e] for e in way]) == (35 * MINUTE, ["r01:1-0", "r02:0-2"])
    assert best_way(graph, timed, 1, 2, 0, 1000, NEVER - 1)[0] == 10 * MINUTE


def test_a_closure_holds_on_every_copy_of_an_edge():
    # r02 closed until minute 60: the forbidden turn is no way out, so the truck waits at the depot
    night = tiny.disruption([tiny.closure("r02:0-2", 0, 3600)])
    roads = travel(no_left_turn(hazard=night))
    assert arrivals(roads, "truck_5t", "D", 0)[2] == 85 * MINUTE
    # r12 is copied behind the split; closed too, A's own way to B waits
    both = tiny.disruption([tiny.closure("r02:0-2", 0, np.inf), tiny.closure("r12:1-2", 0, 1800)])
    roads = travel(no_left_turn(hazard=both))
    assert arrivals(roads, "truck_5t", "A", 0)[2] == 40 * MINUTE
    assert arrivals(roads, "truck_5t", "D", 0)[2] == NEVER


NODES = 6
node = st.integers(0, NODES - 1)
arc = st.tuples(node, node, st.integers(0, 20))
closure = st.tuples(st.integers(0, 13), st.integers(0, 40), st.integers(1, 40), st.sampled_from([0, 400]))


@settings(max_examples=200, deadline=None)
@given(st.lists(arc, min_size=1, max_size=14), st.lists(closure, max_size=6),
       st.lists(st.tuples(st.integers(0, 13), st.integers(0, 13)), max_size=20), node, st.integers(0, 30))  # fmt: skip
def test_equals_relaxation_over_edges_as_states(arcs, closures, wanted, source, depart):
    graph, order = build_graph(NODES, np.array([a[0] for a in arcs]), np.array([a[1] for a in arcs]))
    hit = [(e % graph.m, a, a + n, p) for e, a, n, p in closures]
    table = np.array(hit, dtype=np.int64).reshape(-1, 4).T
    timed = time_edges(np.array([arcs[k][2] for k in order], dtype=np.int64), *table)
    banned = {(a, b) for a, b in wanted if max(a, b) < graph.m and graph.head[a] == graph.tail[b]}
    split = split_turns(graph, np.array(sorted(banned), dtype=np.int64).reshape(-1, 2))
    at, via = earliest_arrival(split, timed, source, depart)

    def leave(edge, now):
        return NEVER if now >= NEVER else int(traverse_path(timed, np.array([edge]), now)[1][0])

    at_end = [leave(e, depart) if graph.tail[e] == source else NEVER for e in range(graph.m)]
    for _ in range(graph.m):
        for a in range(graph.m):
            for b in range(graph.first_out[graph.head[a]], graph.first_out[graph.head[a] + 1]):
                if (a, b) not in banned:
                    at_end[b] = min(at_end[b], leave(b, at_end[a]))
    expected = [min([NEVER, *(at_end[e] for e in range(graph.m) if graph.head[e] == v)]) for v in range(NODES)]
    expected[source] = depart
    assert at.tolist() == expected
    some, _ = earliest_arrival(split, timed, source, depart, np.arange(NODES))
    assert some.tolist() == expected
    for target in range(NODES):
        if at[target] < NEVER and target != source:
            way = path_to(split, via, target)
            assert traverse_path(timed, way, depart)[1][-1] == at[target]
            assert not banned.intersection(zip(way[:-1].tolist(), way[1:].tolist(), strict=True))
