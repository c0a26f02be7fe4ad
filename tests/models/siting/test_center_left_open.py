"""Radii whose question stays open: the search asks below them, and the bound is what it could prove."""

from __future__ import annotations

import itertools
import sys

import numpy as np
import pytest

from models import siting


@pytest.mark.parametrize("seed", range(4))
def test_the_bound_rises_to_what_was_left_open(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(seed)
    points = random.random((14, 2)) * 100
    d = np.round(np.hypot(*(points[:, None] - points).transpose(2, 0, 1)), 1)
    reached = [d[:, list(sites)].min(axis=1).max() for sites in itertools.combinations(range(14), 4)]
    least = min(reached)
    radii = np.unique(d)
    module = sys.modules["models.siting.p_center"]  # the package's name of it is the function
    within, asked = module._within, []

    def unsure(row, site, n, among, p, seconds, quick, near):  # type: ignore[no-untyped-def]
        radius = radii[np.searchsorted(np.cumsum([(d == each).sum() for each in radii]), len(row))]
        if quick:  # nothing is known at once of radii up to the least
            yes = radius > least
            return within(row, site, n, among, p, seconds, False, near) if yes else (None, None)
        asked.append(float(radius))
        return (None, None) if radius > 0.9 * least else within(row, site, n, among, p, seconds, quick, near)

    monkeypatch.setattr(module, "_within", unsure)
    found = siting.p_center(d, 4)
    below = radii[radii <= 0.9 * least]
    assert found.bound == radii[len(below)]  # the least radius that nobody could rule out
    assert found.bound <= least <= found.value
    assert found.value == d[:, found.sites].min(axis=1).max()
    assert found.status == "feasible"
    assert asked[0] == max(asked)  # just below the best first, lower ones after that
    assert len(asked) > 2
