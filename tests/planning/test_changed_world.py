"""What if a road were shut or open, or a vehicle more: worked out by hand on the line D–A–B–C, 10 minutes each."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from dispatch.planning.changed_world import changed, close_road, open_road, with_vehicle
from dispatch.planning.check import check
from dispatch.planning.relief import plan_relief
from dispatch.planning.road_words import road_edges
from dispatch.planning.wishes import WishError, wished_place
from tests import qinshui, tiny

MINUTE = 60_000


def _last(scenario):
    plan = plan_relief(scenario, seconds=0.1)
    assert check(plan, scenario) == []
    return plan.objective["value"].iloc[1] / MINUTE


def test_a_road_shut_for_ever_cuts_off_what_lies_beyond():
    """C hangs on the road B–C alone."""
    world = close_road(tiny.one_depot(), "r23:2-3", -math.inf, math.inf)
    plan = plan_relief(world, seconds=0.1)
    assert check(plan, world) == []
    assert plan.objective["value"].iloc[0] == 200
    assert plan.unmet["place"].tolist() == ["C"]
    assert plan.unmet["cause"].tolist() == ["road"]


def test_opening_a_road_undoes_its_closing():
    free = tiny.one_depot()
    shut = close_road(free, "r23:2-3", 0, 5 * 3600)
    assert _last(shut) > _last(free)
    assert _last(open_road(shut, "r23:2-3", 0)) == _last(free)


def test_a_closure_before_anybody_comes_costs_nothing():
    """No truck reaches B before minute 60: call-up, loading and convoy take longer."""
    assert _last(close_road(tiny.one_depot(), "r23:2-3", 0, 3600)) == _last(tiny.one_depot())


def test_one_more_truck_and_dock_never_makes_the_last_later():
    one = tiny.one_depot(docks=2)
    two = with_vehicle(one, "truck_5t", "D")
    assert list(two.county.table("vehicles")["vehicle"]) == ["V1", "truck_5t+1"]
    assert _last(two) < _last(one)


def test_words_are_read_and_wrong_ones_named():
    world = changed(tiny.one_depot(), ("r23:2-3=+0:00-+5:00",), (), ("truck_5t@D", "truck_5t@D"))
    assert set(world.disruption.edges["edge"]) == {"r23:2-3", "r23:3-2"}
    assert world.disruption.edges["end_s"].tolist() == [18000.0, 18000.0]
    assert world.county.table("vehicles")["vehicle"].tolist()[1:] == ["truck_5t+1", "truck_5t+2"]
    for close, opened, add in (
        (("G999=+0:00-+1:00",), (), ()), (("r23:2-3",), (), ()), (("r23:2-3=+2:00-+1:00",), (), ()),
        ((), ("r23:2-3=",), ()), ((), (), ("crane@D",)), ((), (), ("truck_5t@X",)), ((), (), ("truck_5t",)),
    ):  # fmt: skip
        with pytest.raises(ValueError):
            changed(tiny.one_depot(), close, opened, add)


def test_wishes_name_places_as_people_do_and_are_refused_in_their_language():
    """A planner writes 武安村, not its twelve digits; two villages of one name are not mixed up."""
    scenario = qinshui.scenario("flash_flood")
    code = wished_place(scenario, "武安村")
    assert (scenario.needs["place"] == code).any()
    assert wished_place(scenario, code) == code
    assert wished_place(scenario, "苏庄村（端氏镇）") == wished_place(scenario, "苏庄村")  # the other has no need
    for wrong in ("无此村", "G342"):
        with pytest.raises(WishError) as refused:
            wished_place(scenario, wrong)
        assert wrong in refused.value.said("zh")
        assert not re.search("[A-Za-z]{4}", refused.value.said("zh"))
    with pytest.raises(WishError) as clock:
        changed(tiny.one_depot(), ("r23:2-3=soon-later",), (), ())
    assert "soon" in clock.value.said("zh")


def test_a_name_that_two_roads_bear_is_asked_back_and_a_place_tells_which():
    """Two High Streets 2.7 km apart: between nodes 0 and 1 near A, between 4 and 5 near C."""
    roads = tiny.network([(0, 1, 10), (1, 2, 10), (2, 3, 10), (3, 4, 10), (4, 5, 10)])
    name = ["High Street" if {edge.split(":")[0]} & {"r01", "r45"} else "" for edge in roads.edge_id]
    roads = replace(roads, name=np.array(name, dtype=object))
    places = [{"place": p, "name": f"{p}村", "kind": "village", "population": 100, "lon": 112 + 0.01 * k, "lat": 35.5}
              for p, k in (("A", 1), ("B", 2), ("C", 5))]  # fmt: skip
    world = tiny.one_depot(roads=roads, tables={"places": places})
    with pytest.raises(WishError) as refused:
        road_edges(world, "High Street")
    assert "High Street@A村" in refused.value.said("zh")
    assert road_edges(world, "high-street@C村") == ("r45:4-5", "r45:5-4")
    assert road_edges(world, "@112.045,35.5") == ("r45:4-5", "r45:5-4")
    with pytest.raises(WishError) as unknown:
        road_edges(world, "Hihg Street")
    assert "High Street" in unknown.value.said("en")
