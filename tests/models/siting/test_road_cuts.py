"""Scenario tables of single cuts, worked by hand; the curve of cover never falls, however short the time."""

from __future__ import annotations

import numpy as np

from models import siting
from models.graph import build_graph
from models.paths import prepare
from models.siting.road_cuts import tables_under_cuts


def test_a_ring_and_a_spur() -> None:
    """Ring 0-1-2-3 (10 each, 3-0 takes 50) and a spur 2-4: a cut ring road makes a detour, the cut spur an island."""
    ends = [(0, 1, 10.0), (1, 2, 10.0), (2, 3, 10.0), (3, 0, 50.0), (2, 4, 5.0)]
    tail = np.array([a for a, b, _ in ends] + [b for a, b, _ in ends])
    head = np.array([b for a, b, _ in ends] + [a for a, b, _ in ends])
    graph, order = build_graph(5, tail, head)
    weight = np.array([w for *_, w in ends] * 2)[order]
    cuts = [np.flatnonzero((order % 5) == road) for road in (0, 4)]
    whole, ring, spur = tables_under_cuts(prepare(graph), weight, cuts, np.array([0, 3]), np.array([1, 4]))
    assert whole.tolist() == [[10, 20], [25, 15]]
    assert ring.tolist() == [[70, 20], [65, 15]]
    assert spur.tolist() == [[10, 20], [np.inf, np.inf]]
    worst = siting.robust_median([whole, ring], 1, "worst", 500.0)
    assert (worst.value, worst.sites.tolist()) == (35, [1])


def test_curve_of_cover_never_falls_even_without_time() -> None:
    """Each point starts from the one before, so a limit that stops every proof cannot make it fall."""
    random = np.random.default_rng(4)
    cover = random.random((150, 120)) < 0.04
    people = random.integers(1, 90, 150).astype(float)
    curve = siting.cover_curve(cover, range(1, 40), people, seconds=1e-3)
    values = [layout.value for layout in curve]
    assert values == sorted(values)
    assert all(layout.bound >= layout.value for layout in curve)
    assert all(people[cover[:, x.sites].any(axis=1)].sum() == x.value and len(x.sites) == p + 1
               for p, x in enumerate(curve))  # fmt: skip
