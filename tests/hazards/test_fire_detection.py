"""Detection by six channels: closed forms, samples against them, and coverage."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dispatch.hazards.fire_detection import Channel, Watch, blind_cells, channels, detected_by, sample_detection_s

NOON = 12 * 60.0
HERE = np.zeros((1, 2))


def _watch(probability: float = 0.5, reach: float = 1000.0, duty: tuple[float, float] = (0.0, 1440.0)) -> Watch:
    return Watch(Channel("video", reach, 10.0, probability, 5.0, duty), HERE)


def test_the_six_channels_are_there():
    assert set(channels()) == {"satellite", "aircraft", "video", "tower", "patrol", "public"}


def test_one_channel_by_hand():
    # looks every 10 min, report 5 min later: within 25 min there are exactly two looks, whatever the phase
    assert detected_by([_watch()], HERE, 25.0, NOON)[0] == pytest.approx(0.75)
    # within 10 min: a look falls into the first five minutes in half of all phases
    assert detected_by([_watch()], HERE, 10.0, NOON)[0] == pytest.approx(0.25)
    assert detected_by([_watch()], HERE, 5.0, NOON)[0] == 0.0


def test_channels_are_independent_and_only_those_in_reach_on_duty_count():
    two = detected_by([_watch(), _watch()], HERE, 25.0, NOON)[0]
    assert two == pytest.approx(1 - 0.25**2)
    far = np.array([[2000.0, 0.0]])
    assert detected_by([_watch()], far, 25.0, NOON)[0] == 0.0
    assert detected_by([_watch(reach=math.inf)], far, 25.0, NOON)[0] == pytest.approx(0.75)
    assert detected_by([_watch(duty=(0.0, 60.0))], HERE, 25.0, NOON)[0] == 0.0


def test_sampled_times_follow_the_distribution():
    rng, watches = np.random.default_rng(3), [_watch(0.3), _watch(0.2, duty=(NOON, 1440.0))]
    drawn = np.array([sample_detection_s(watches, (0.0, 0.0), NOON, rng) for _ in range(4000)]) / 60
    for minutes in (12.0, 25.0, 60.0):
        chance = detected_by(watches, HERE, minutes, NOON)[0]
        assert abs((drawn <= minutes).mean() - chance) < 4 * math.sqrt(0.25 / 4000)


def test_blind_cells_are_those_below_the_standard():
    points = np.array([[0.0, 0.0], [900.0, 0.0], [1100.0, 0.0]])
    assert blind_cells([_watch(0.95)], points, NOON).tolist() == [2]
    assert blind_cells([_watch(0.3)], points, NOON).tolist() == [0, 1, 2]


def test_a_fire_that_nobody_watches_is_never_detected():
    assert math.isinf(sample_detection_s([], (0.0, 0.0), NOON, np.random.default_rng(1)))
