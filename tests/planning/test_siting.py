"""Layouts on a county worked out by hand: covering, median, center, failures, curve, townships, proposals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.clock import MINUTE_MS
from dispatch.planning.siting import Wish, best_layout, fewest_for_all, gain_curve
from dispatch.planning.siting_compare import compare_layouts
from dispatch.planning.siting_cuts import bridge_cuts, cut_tables, street_cuts
from dispatch.planning.siting_ground import candidate_points
from dispatch.planning.siting_measure import measure_layout
from dispatch.planning.siting_proposal import read_proposal
from dispatch.problems import InputProblems
from models.siting import choice, max_cover
from tests.planning.siting_world import PEOPLE, at, county, ground

EVERYTHING = np.arange(4)  # D, C2, C3, C5


def chosen(layout, base) -> list[str]:
    return [base.candidates["candidate"].iloc[j] for j in layout.sites]


def test_times_are_kilometres() -> None:
    """60 km/h and points on the road: minutes are kilometres."""
    minutes = ground().time_ms / MINUTE_MS
    assert minutes[:, 0] == pytest.approx([0, 10, 30, 40, 70, 80], abs=0.01)
    assert minutes[:, 2] == pytest.approx([40, 30, 10, 0, 30, 40], abs=0.01)


def test_today_measured_by_hand() -> None:
    base = ground()
    m = measure_layout(base, base.existing, 15)
    assert m.people_covered == 200
    assert m.people_within == {30: 300, 60: 600, 120: 850, 360: 850}
    assert (m.worst_place, round(m.worst_min)) == ("村5", 80)
    mean = np.dot(PEOPLE, [0, 10, 30, 40, 70, 80]) / 850
    assert m.mean_min == pytest.approx(mean, abs=0.01)
    assert (m.townships_with_point, m.townships) == (1, 2)
    assert list(m.by_township["people_within"]) == [200, 0]


def test_one_more_point_of_equal_cover_is_the_nearer_one() -> None:
    """Candidates 2 and 3 both add 400 people; 3 has the lower mean time."""
    base = ground()
    layout = best_layout(base, Wish(1, 15))
    assert (layout.value, layout.bound, layout.status) == (600, 600, "optimal")
    assert chosen(layout, base) == ["D", "C3"]


def test_median_and_center_by_hand() -> None:
    base = ground()
    median = best_layout(base, Wish(1, 15, objective="median"))
    assert chosen(median, base) == ["D", "C3"]
    assert median.value / MINUTE_MS == pytest.approx(100 * 10 + 100 * 10 + 200 * 30 + 50 * 40, rel=1e-4)
    center = best_layout(base, Wish(1, 15, objective="center"))
    assert center.value / MINUTE_MS == pytest.approx(40, rel=1e-4)


def test_free_layout_may_leave_the_depot() -> None:
    """One point for everybody: 3 is the middle of the people."""
    base = ground()
    layout = best_layout(base, Wish(1, 15, existing="free", objective="median"))
    assert chosen(layout, base) == ["C3"]


def test_the_curve_never_falls_and_says_what_each_point_adds() -> None:
    base = ground()
    found = compare_layouts(base, Wish(3, 15), curve_to=3)
    assert list(found.curve["people_covered"]) == [200, 600, 850, 850]
    assert list(found.curve["gain"])[1:] == [400, 250, 0]
    assert (found.curve["status"] == "optimal").all()
    assert list(found.curve["cost"])[2] == 8000  # candidates 3 and 5


def test_losing_the_bridge_counts_whom_it_cuts_off() -> None:
    base = ground()
    cuts = bridge_cuts(base)
    assert len(cuts) == 1  # both directions are one bridge
    times = cut_tables(base, cuts, EVERYTHING)
    now = measure_layout(base, [0], 60, cuts, times[:, :, [0]])
    assert (now.bridges["places_cut_off"][0], now.bridges["people_cut_off"][0]) == (3, 550)
    assert now.share_cut_off_somewhere == 0.5
    assert now.people_always == 300
    both = measure_layout(base, [0, 2], 60, cuts, times[:, :, [0, 2]])
    assert both.bridges.empty
    assert both.people_always == 850


def test_prepared_for_the_bridge_the_cover_counts_every_failure() -> None:
    """With candidate 3 people of 0, 1 and 3 stay covered; village 2 loses it with the bridge."""
    base = ground()
    times = cut_tables(base, bridge_cuts(base), EVERYTHING)
    layout = best_layout(base, Wish(1, 15), times)
    assert chosen(layout, base) == ["D", "C3"]
    assert layout.value == 500
    assert measure_layout(base, layout.sites, 15, bridge_cuts(base), times[:, :, layout.sites]).people_always == 500


def test_every_street_of_the_line_matters() -> None:
    assert len(street_cuts(ground())) == 5


def test_fewest_points_and_who_is_out_of_reach() -> None:
    base = ground()
    assert fewest_for_all(base, 15, keep=True).value == 3  # D, one of 2 and 3, and 5
    none = fewest_for_all(base, 5, keep=True)
    assert [base.clients["name"].iloc[i] for i in none.unreached] == ["村1", "村4"]


def test_forbidden_candidates_are_left_alone() -> None:
    rows = [{"candidate": "C3", "name": "候选3", "kind": "depot", "place": "v3", "forbidden": True, **at(3)},
            {"candidate": "C2", "name": "候选2", "kind": "depot", "place": "v2", **at(2)}]  # fmt: skip
    base = ground(county(candidates=rows))
    assert chosen(best_layout(base, Wish(1, 15)), base) == ["D", "C2"]


def test_a_built_candidate_beside_a_depot_is_that_depot() -> None:
    rows = [{"candidate": "K", "name": "已建", "kind": "depot", "place": "v0", "existing": True, "opening_cost": 5.0,
             "lon": 112.001, "lat": 35.5}]  # fmt: skip
    assert list(candidate_points(county(candidates=rows))["candidate"]) == ["D"]


def test_the_proposal_stands_beside_the_optimum(tmp_path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("candidate,name,lon,lat\nC5,候选5,,\nX1,村4,112.04,35.5\n", encoding="utf-8")
    one = county()
    points, proposed, _ = read_proposal(file, one, candidate_points(one))
    assert proposed == ["C5", "X1"]
    from dispatch.planning.siting_ground import lay_ground
    from tests import tiny
    from tests.planning.siting_world import roads

    base = lay_ground(one, roads(), tiny.TRUCK, points, limit_m=2000, walk_kmh=3)
    found = compare_layouts(base, Wish(2, 15), proposed=proposed)
    hand, best = found.variant("proposed"), found.variant("optimal")
    assert hand.measures.people_covered == 450  # 0, 1, 4 and 5
    assert best.measures.people_covered == 850
    assert best.measures.people_covered >= hand.measures.people_covered


def test_a_bad_proposal_names_file_row_and_column(tmp_path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text("candidate,name,lon,lat\nX1,某点,abc,35.5\nX2,某点,,\n", encoding="utf-8")
    one = county()
    with pytest.raises(InputProblems) as found:
        read_proposal(file, one, candidate_points(one))
    places = {(p.file, p.row, p.column) for p in found.value.problems}
    assert ("bad.csv", 2, "lon") in places
    assert ("bad.csv", 3, "lon") in places


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 4))
def test_a_further_candidate_never_hurts(seed: int, p: int) -> None:
    """More to choose from, same number of points: cover cannot fall, median and center cannot rise."""
    from models.siting import p_center, p_median

    rng = np.random.default_rng(seed)
    time, people = rng.integers(1, 60, (12, 7)).astype(float), rng.integers(1, 9, 12).astype(float)
    fewer = time[:, :6]
    assert max_cover(time <= 15, p, people).value >= max_cover(fewer <= 15, p, people).value
    assert p_median(time, p, people).value <= p_median(fewer, p, people).value + 1e-9
    assert p_center(time, p).value <= p_center(fewer, p).value + 1e-9


def test_points_of_the_curve_are_asked_for_one_by_one() -> None:
    asked: list[int] = []
    gain_curve(ground(), Wish(2, 15), 2, ask=asked.append)
    assert asked == [0, 1, 2]
    assert choice(3).m == 3
