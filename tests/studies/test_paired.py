"""Paired differences against published values and against chance."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dispatch.studies.paired import mcnemar, paired_mean, paired_share


def answers(both, only_other, only_base, neither):
    base = [True] * both + [False] * only_other + [True] * only_base + [False] * neither
    other = [True] * both + [True] * only_other + [False] * only_base + [False] * neither
    return np.array(base), np.array(other)


def test_newcombe_interval_of_the_textbook_example():
    """Altman, Machin, Bryant, Gardner, Statistics with Confidence (2000), table 6.2: 0.122, 0.011 to 0.226."""
    gap = paired_share(*answers(14, 5, 0, 22))
    assert gap.value == pytest.approx(5 / 41)
    assert (round(gap.low, 3), round(gap.high, 3)) == (0.011, 0.226)


def test_mcnemar_is_the_binomial_tail():
    """5 against 0: 2 × (1/2)^5; 6 against 2: 2 × (1 + 8 + 28) / 256."""
    assert mcnemar(5, 0) == pytest.approx(0.0625)
    assert mcnemar(2, 6) == mcnemar(6, 2) == pytest.approx(2 * 37 / 256)
    assert mcnemar(0, 0) == mcnemar(3, 3) == 1.0


def test_share_interval_covers_the_truth_at_its_level():
    """1,000 samples of 150 pairs with a true difference of 0.15 that are correlated."""
    random = np.random.default_rng(3)
    hits = 0
    for _ in range(1000):
        u = random.random(150)
        noise = random.random(150) < 0.1
        base, other = (u < 0.6) ^ noise, u < 0.75
        gap = paired_share(base, other)
        truth = 0.75 - (0.6 * 0.9 + 0.4 * 0.1)
        hits += gap.low <= truth <= gap.high
    assert 0.93 <= hits / 1000 <= 0.98


def test_swapping_base_and_other_turns_the_interval_round():
    base, other = answers(30, 12, 4, 14)
    forth, back = paired_share(base, other), paired_share(other, base)
    assert (forth.value, forth.low, forth.high) == pytest.approx((-back.value, -back.high, -back.low))


def test_paired_mean_is_students():
    """Differences 1, 2, 3: mean 2, standard error 1/√3, t(0.975; 2) = 4.302653."""
    gap = paired_mean(np.zeros(3), np.array([1.0, 2.0, 3.0]))
    half = 4.302652729911275 / math.sqrt(3)
    assert (gap.value, gap.low, gap.high) == pytest.approx((2, 2 - half, 2 + half))
    assert paired_mean(np.ones(4), np.ones(4)).p_value == 1.0
    assert math.isnan(paired_mean(np.zeros(0), np.zeros(0)).value)
