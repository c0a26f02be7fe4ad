"""When a wildfire is detected: the earliest of six channels, each with its reach, its rounds and its delay.

A channel looks every ``revisit_min``, first at an even chance within one round, and sees the fire each time with its
probability while it is on duty; its report arrives ``delay_min`` later.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch.norms import read_norm

__all__ = ["Channel", "Watch", "blind_cells", "channels", "detected_by", "sample_detection_s"]

Floats = NDArray[np.float64]

DAY_MIN = 1440.0


@dataclass(frozen=True)
class Channel:
    """One of the six channels.

    Attributes
    ----------
    reach_m : float
        ``inf``: sees everywhere.
    revisit_min, delay_min : float
    probability : float
        Of seeing a fire at one look.
    duty : tuple of two floats
        Minutes of the day between which it looks.
    """

    name: str
    reach_m: float
    revisit_min: float
    probability: float
    delay_min: float
    duty: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Watch:
    """Where a channel stands: positions (k, 2) in metres; none needed where it sees everywhere."""

    channel: Channel
    at_m: Floats


def channels() -> dict[str, Channel]:
    """The six channels of the norm table ``fire_detection``."""
    return {
        row["channel"]: Channel(
            row["channel"],
            math.inf if math.isnan(row["reach_m"]) else row["reach_m"],
            row["revisit_min"],
            row["probability"],
            row["delay_min"],
            (_minute(row["from_clock"], 0.0), _minute(row["to_clock"], DAY_MIN)),
        )
        for row in read_norm("fire_detection")
    }


def _minute(clock: str, otherwise: float) -> float:
    if not clock:
        return otherwise
    hour, minute = clock.split(":")
    return 60.0 * int(hour) + int(minute)


def detected_by(watches: Sequence[Watch], at_m: Floats, minutes: float, clock_min: float) -> Floats:
    """Probability that a fire at each point is known within some minutes of its start.

    Channels are independent; the phase of each one's rounds is even.

    Parameters
    ----------
    watches : sequence of Watch
    at_m : float64 array (n, 2)
    minutes : float
    clock_min : float
        Minute of the day at which the fire starts.
    """
    missed = np.ones(len(at_m))
    for watch in watches:
        missed[_seen(watch, at_m)] *= 1.0 - _channel_probability(watch.channel, minutes, clock_min)
    found: Floats = 1.0 - missed
    return found


def blind_cells(
    watches: Sequence[Watch], at_m: Floats, clock_min: float, minutes: float = 30.0, least: float = 0.9
) -> NDArray[np.int64]:
    """Points at which a fire is known within ``minutes`` with less than ``least`` probability (F-02: 30 min, 90 %)."""
    return np.flatnonzero(detected_by(watches, at_m, minutes, clock_min) < least)


def sample_detection_s(
    watches: Sequence[Watch], at_m: tuple[float, float], clock_min: float, rng: np.random.Generator
) -> float:
    """Draw when a fire is known, seconds after its start; ``inf`` if no channel sees it within two days."""
    best = math.inf
    for watch in watches:
        channel = watch.channel
        offset = rng.random() * channel.revisit_min
        looks = offset + channel.revisit_min * np.arange(math.ceil(2 * DAY_MIN / channel.revisit_min))
        saw = (rng.random(len(looks)) < channel.probability) & _on_duty(channel, clock_min + looks)
        if saw.any() and _seen(watch, np.array([at_m]))[0]:
            best = min(best, 60.0 * (float(looks[saw][0]) + channel.delay_min))
    return best


def _seen(watch: Watch, at_m: Floats) -> NDArray[np.bool_]:
    """Whether points lie within reach of a channel."""
    if math.isinf(watch.channel.reach_m):
        return np.ones(len(at_m), dtype=bool)
    if not len(watch.at_m):
        return np.zeros(len(at_m), dtype=bool)
    from scipy.spatial import cKDTree

    away, _ = cKDTree(watch.at_m).query(at_m)
    near: NDArray[np.bool_] = away <= watch.channel.reach_m
    return near


def _on_duty(channel: Channel, minute: NDArray[np.floating]) -> NDArray[np.bool_]:
    since, until = channel.duty
    of_day = np.mod(minute, DAY_MIN)
    on: NDArray[np.bool_] = np.logical_and(of_day >= since, of_day < until)
    return on


_PHASES = (np.arange(64) + 0.5) / 64


def _channel_probability(channel: Channel, minutes: float, clock_min: float) -> float:
    """Mean over the phase of the rounds of 1 - (1 - p) ** looks made on duty and reported in time."""
    last = minutes - channel.delay_min
    if last <= 0:
        return 0.0
    first = _PHASES * channel.revisit_min
    count = max(math.ceil(last / channel.revisit_min) + 1, 1)
    looks = first[:, None] + channel.revisit_min * np.arange(count)
    made = ((looks <= last) & _on_duty(channel, clock_min + looks)).sum(axis=1)
    return float(np.mean(1.0 - (1.0 - channel.probability) ** made))
