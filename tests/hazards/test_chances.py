"""Groups that exclude each other, and groups of one factor that come on the same nights."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dispatch.hazards.disruption import CHANCE_COLUMNS, GROUP_COLUMNS, Disruption
from dispatch.hazards.outcomes import one_of
from tests import tiny

SURE = {"shift_low_s": 0.0, "shift_mode_s": 0.0, "shift_high_s": 0.0,
        "duration_low": 1.0, "duration_mode": 1.0, "duration_high": 1.0}  # fmt: skip
COLUMNS = {**GROUP_COLUMNS, **CHANCE_COLUMNS}


def hazard(rows: list[tuple[str, float, str, str, float]]) -> Disruption:
    """One edge for each group: (group, probability, alternative, factor, correlation)."""
    groups = [
        {"group": g, "probability": p, "alternative": a, "factor": f, "correlation": c, **SURE}
        for g, p, a, f, c in rows
    ]
    plain = tiny.disruption([tiny.closure(row[0], 0, 100, group=row[0]) for row in rows], [])
    return Disruption(plain.edges, plain.places, plain.areas, pd.DataFrame(groups)[list(COLUMNS)].astype(COLUMNS))


def came(source: Disruption, nights: int, seed: int = 3) -> np.ndarray:
    """Nights by groups: whether it happened."""
    names = source.groups["group"].tolist()
    found = [set(source.sample(np.random.default_rng((seed, k))).edges["edge"]) for k in range(nights)]
    return np.array([[name in night for name in names] for night in found])


def test_exactly_one_of_alternatives_that_add_up_to_one():
    rows = [("a", 0.2, "fire", "", 0.0), ("b", 0.5, "fire", "", 0.0), ("c", 0.3, "fire", "", 0.0)]
    happened = came(hazard(rows), 600)
    assert (happened.sum(axis=1) == 1).all()
    assert happened.mean(axis=0) == pytest.approx([0.2, 0.5, 0.3], abs=4 * np.sqrt(0.25 / 600))


def test_none_of_them_with_what_is_left():
    happened = came(hazard([("a", 0.2, "x", "", 0.0), ("b", 0.3, "x", "", 0.0)]), 600)
    assert (happened.sum(axis=1) <= 1).all()
    assert (happened.sum(axis=1) == 0).mean() == pytest.approx(0.5, abs=0.08)


def test_two_sets_draw_apart_and_others_alone():
    rows = [("a", 0.5, "x", "", 0.0), ("c", 0.5, "y", "", 0.0), ("b", 0.5, "x", "", 0.0), ("d", 0.5, "y", "", 0.0),
            ("e", 0.5, "", "", 0.0)]  # fmt: skip
    happened = came(hazard(rows), 600)
    assert (happened[:, [0, 2]].sum(axis=1) == 1).all()
    assert (happened[:, [1, 3]].sum(axis=1) == 1).all()
    for one, other in ((0, 1), (0, 4), (1, 4)):
        assert abs(np.corrcoef(happened[:, one], happened[:, other])[0, 1]) < 0.165  # 4 standard errors


def test_a_common_factor_makes_groups_come_together_as_often_as_alone():
    # orthant probability of two standard normals: both below 0 with 1/4 + arcsin(rho) / (2 pi) (Sheppard 1899)
    rows = [("a", 0.5, "", "zone", 0.6), ("b", 0.5, "", "zone", 0.6), ("c", 0.5, "", "other", 0.6)]
    happened = came(hazard(rows), 900)
    assert happened.mean(axis=0) == pytest.approx([0.5] * 3, abs=4 * np.sqrt(0.25 / 900))
    both = (happened[:, 0] & happened[:, 1]).mean()
    assert both == pytest.approx(0.25 + np.arcsin(0.6) / (2 * np.pi), abs=0.06)
    assert (happened[:, 0] & happened[:, 2]).mean() == pytest.approx(0.25, abs=0.06)


def test_columns_of_chance_leave_other_draws_as_they_were():
    plain = hazard([("a", 0.5, "", "", 0.0), ("b", 0.4, "", "", 0.0)])
    bare = Disruption(plain.edges, plain.places, plain.areas, plain.groups[list(GROUP_COLUMNS)])
    more = hazard([("a", 0.5, "", "", 0.0), ("b", 0.4, "", "", 0.0), ("c", 0.4, "", "z", 0.5)])
    for seed in range(30):
        nights = [one.sample(np.random.default_rng(seed)).edges for one in (plain, bare)]
        assert nights[0].equals(nights[1])
    assert came(more, 50).shape == (50, 3)


def test_one_of_keeps_the_forecast_for_planners_and_gives_the_night_one_outcome():
    ways = [tiny.disruption([tiny.closure(name, start, start + 50)], []) for name, start in (("a", 0), ("b", 30))]
    fire = one_of(ways[0], ways, "fire", probability=0.8, weights=(3, 1))
    lasting = fire.forecast().edges
    lasting = lasting[lasting["end_s"] > lasting["start_s"]]
    assert lasting["edge"].tolist() == ["a"]
    count = {"a": 0, "b": 0, "": 0}
    for k in range(600):
        night = fire.sample(np.random.default_rng(k)).edges
        night = night[night["end_s"] > night["start_s"]]
        assert len(night) <= 1
        count[night["edge"].iloc[0] if len(night) else ""] += 1
    assert count["a"] / 600 == pytest.approx(0.6, abs=0.08)
    assert count["b"] / 600 == pytest.approx(0.2, abs=0.066)


def test_drawn_floods_that_exclude_each_other(tmp_path):
    from dispatch.hazards.footprints import read_footprints
    from dispatch.hazards.overlay import disrupt
    from tests.hazards import worlds

    either = [
        (worlds.box(111.99, 112.005), {"name": "west", "closed": True, "alternative": "gate", "probability": 0.3}),
        (worlds.box(112.025, 112.04), {"name": "east", "closed": True, "alternative": "gate", "probability": 0.7}),
    ]
    file = worlds.geojson(tmp_path / "f.geojson", either)
    footprints, problems = read_footprints(file, tiny.REFERENCE)
    assert problems == []
    made, problems = disrupt(worlds.line(), tiny.one_depot().county, footprints, [])
    assert {problem.severity for problem in problems} <= {"warning"}
    seen = made.forecast().edges
    assert {edge[:3] for edge in seen.loc[seen["end_s"] > seen["start_s"], "edge"]} == {"r23"}  # the likelier
    nights = [set(made.sample(np.random.default_rng(k)).edges["group"]) for k in range(200)]
    assert all(len(night) == 1 for night in nights)
    assert np.mean([night == {"west"} for night in nights]) == pytest.approx(0.3, abs=0.13)
