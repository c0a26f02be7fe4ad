"""Shortfall by tier, stock assigned to needs, and goods packed for the fleet."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from dispatch.planning.allocation import Assigned, allot
from dispatch.planning.consignments import pack
from dispatch.planning.problem import read_problem
from dispatch.planning.slices import cut_lots, shortfall
from tests import tiny
from tests.planning import worlds
from tests.planning.worlds import HOUR, MINUTE, vehicle


def _quotas(scenario):
    problem = read_problem(scenario)
    return shortfall(problem, cut_lots(problem))


def test_shortfall_is_asked_of_the_city_first_then_of_the_province():
    assert _quotas(worlds.three_tiers(county=60, city=30)) == {(1, ("quilt",)): 30, (2, ("quilt",)): 10}
    assert _quotas(worlds.three_tiers(county=60, city=500)) == {(1, ("quilt",)): 40}
    assert _quotas(worlds.three_tiers(county=100)) == {}


def test_substitutes_are_kept_for_those_who_can_take_nothing_else():
    # 30 blankets: 20 people take only blankets, 80 take either; 60 quilts. The county lacks 100 - 90 = 10.
    stock = [
        {"depot": "D", "item": "quilt", "lot": "L", "quantity": 60},
        {"depot": "D", "item": "blanket", "lot": "L", "quantity": 30},
        {"depot": "K", "item": "quilt", "lot": "L", "quantity": 500},
        {"depot": "K", "item": "blanket", "lot": "L", "quantity": 500},
    ]
    needs = [
        tiny.need("either", "A", "quilt", 80, 80.0, substitutes="blanket"),
        tiny.need("blanket", "A", "blanket", 20, 20.0),
    ]
    scenario = worlds.three_tiers(needs=needs, tables={"items": [worlds.QUILT, worlds.BLANKET], "stock": stock})
    assert sum(_quotas(scenario).values()) == 10


def test_stock_that_cannot_come_out_or_is_gone_by_the_deadline_does_not_count():
    # the county's depot is cut off, so all is asked of the city
    cut = tiny.disruption([tiny.closure("r01:0-1", 0, float("inf"))])
    assert _quotas(worlds.three_tiers(county=100, city=500, hazard=cut)) == {(1, ("quilt",)): 100}
    # a lot that expires on the evening of the order does not count for a deadline next morning
    stock = [
        {"depot": "D", "item": "quilt", "lot": "L", "quantity": 100, "expiry": "2026-07-20"},
        {"depot": "K", "item": "quilt", "lot": "L", "quantity": 500},
    ]
    assert _quotas(worlds.three_tiers(tables={"stock": stock})) == {(1, ("quilt",)): 100}


def test_slices_follow_the_release():
    stock = [{"depot": "D", "item": "quilt", "lot": "L", "quantity": 100, "mode": "agreement", "lead_time_min": 60.0,
              "release_per_h": 60.0}]  # fmt: skip
    slices = cut_lots(read_problem(tiny.one_depot(tables={"stock": stock})))
    assert [piece.quantity for piece in slices] == [25, 25, 25, 25]
    # one a minute from minute 60 on
    assert [(p.first_ms // MINUTE, p.ready_ms // MINUTE) for p in slices] == [
        (61, 85),
        (86, 110),
        (111, 135),
        (136, 160),
    ]


def test_only_what_is_released_within_the_horizon_is_cut():
    stock = [{"depot": "D", "item": "quilt", "lot": "L", "quantity": 100, "mode": "agreement", "lead_time_min": 60.0,
              "release_per_h": 10.0}]  # fmt: skip
    slices = cut_lots(read_problem(tiny.one_depot(tables={"stock": stock}, horizon_ms=5 * HOUR)))
    assert sum(piece.quantity for piece in slices) == 40


def test_goods_come_from_the_depot_that_brings_them_first():
    # E lies 5 km beyond C: to B it is 15 km from E and 20 km from D
    sites = {"D": ("depot", 0), "A": ("place", 1), "B": ("place", 2), "C": ("place", 3), "E": ("depot", 4)}
    roads = tiny.network([(0, 1, 10), (1, 2, 10), (2, 3, 10), (3, 4, 5)])
    tables = {
        "depots": [{"depot": d, "name": d, "tier": "county", "docks": 5} for d in "DE"],
        "stock": [{"depot": d, "item": "quilt", "lot": "L", "quantity": 500} for d in "DE"],
        "vehicles": [vehicle("V1"), vehicle("V2", "E")],
    }
    problem = read_problem(tiny.one_depot(roads=roads, sites=sites, tables=tables))
    assigned = allot(problem, cut_lots(problem), {}, "first_batch", ()).assigned
    assert {(problem.needs[a.need].place, a.depot) for a in assigned} == {("A", "D"), ("B", "E"), ("C", "E")}


@given(worlds.random_worlds())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_assigned_and_unmet_add_up_and_keep_to_stock_and_quotas(scenario):
    problem = read_problem(scenario)
    slices = left = cut_lots(problem)
    quotas = shortfall(problem, slices)
    asked = dict(quotas)
    sent: dict[tuple[int, tuple[str, ...]], int] = {}
    for part in ("first_batch", "rest"):
        allotment = allot(problem, left, asked, part, ())
        for n, need in enumerate(problem.needs):
            if need.part == part:
                got = sum(a.quantity for a in allotment.assigned if a.need == n)
                assert got + allotment.unmet.get(n, 0) == need.quantity
        for a in allotment.assigned:
            need = problem.needs[a.need]
            assert a.item in need.items
            rank = problem.depots[a.depot].rank
            sent[rank, need.items] = sent.get((rank, need.items), 0) + a.quantity
        before = sum(piece.quantity for piece in left)
        left, asked = allotment.left, allotment.quotas
        assert sum(a.quantity for a in allotment.assigned) == before - sum(piece.quantity for piece in left)
    for (rank, items), quantity in sent.items():
        assert rank == 0 or quantity <= quotas[rank, items]


def _assigned(n, quantity, depot="D", item="quilt"):
    return Assigned(depot, n, item, quantity, 0, 0)


def test_consignments_fit_a_usual_vehicle_and_keep_a_place_together():
    # 600 quilts (1.8 t) for each of three villages at one school; trucks of 2 t, 2 t and 5 t: a usual one takes 2 t.
    needs = [tiny.need(f"N{p}", p, "quilt", 600, 10.0, site="A") for p in "ABC"]
    vehicles = [vehicle("V1", payload_kg=2000.0), vehicle("V2", payload_kg=2000.0), vehicle("V3")]
    problem = read_problem(tiny.one_depot(needs=needs, tables={"vehicles": vehicles}))
    packed, too_big = pack(problem, [_assigned(n, 600) for n in range(3)])
    assert too_big == []
    assert [c.goods.loads for c in packed] == [((n, "quilt", 600),) for n in range(3)]


def test_a_place_that_exceeds_a_vehicle_is_cut():
    problem = read_problem(tiny.one_depot(needs=[tiny.need("NA", "A", "quilt", 3000, 10.0)]))
    packed, _ = pack(problem, [_assigned(0, 3000)])
    assert sum(quantity for c in packed for _, _, quantity in c.goods.loads) == 3000
    assert all(c.goods.weight_kg <= 5000 and c.goods.volume_m3 <= 38 for c in packed)
    assert len(packed) == 2


def test_goods_released_later_travel_apart():
    problem = read_problem(tiny.one_depot())
    packed, _ = pack(problem, [_assigned(0, 50), Assigned("D", 0, "quilt", 50, 3 * HOUR, 0)])
    assert sorted(c.ready_ms for c in packed) == [0, 3 * HOUR]


def test_what_no_vehicle_can_take_is_returned():
    items = [worlds.QUILT, {**worlds.TENT, "weight_kg": 9000.0}]
    needs = [tiny.need("NA", "A", "tent", 2, 10.0), tiny.need("NB", "A", "quilt", 5, 10.0)]
    problem = read_problem(tiny.one_depot(needs=needs, tables={"items": items}))
    packed, too_big = pack(problem, [_assigned(0, 2, item="tent"), _assigned(1, 5)])
    assert too_big == [(0, "tent", 2)]
    assert [c.goods.loads for c in packed] == [((1, "quilt", 5),)]
