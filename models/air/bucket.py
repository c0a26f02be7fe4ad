"""Water by helicopter bucket: the cycle between water and fire, and a run of cycles on one filling of fuel.

A run begins and ends at a pad. The machine takes the fuel that the run burns and its reserve, no more; at each fill it
lifts what the hover leaves after its own weight, the bucket and the fuel still aboard. More cycles mean more fuel at
the start and lighter buckets: the number of cycles is the one with the most litres per hour, the stop at the pad
included.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["BucketLegs", "BucketRun", "best_bucket_run", "bucket_run", "nearest_water"]

Floats = NDArray[np.float64]
KG_PER_L = 1.0


@dataclass(frozen=True)
class BucketLegs:
    """Times of a run's parts, ms: pad to water, water to fire (loaded), back, fire to pad, filling, dropping."""

    to_water_ms: int
    to_fire_ms: int
    back_ms: int
    to_pad_ms: int
    fill_ms: int
    drop_ms: int

    @property
    def cycle_ms(self) -> int:
        """From one drop to the next."""
        return self.back_ms + self.fill_ms + self.to_fire_ms + self.drop_ms

    def airborne_ms(self, cycles: int) -> int:
        """From take-off to landing at the pad with so many cycles."""
        if cycles <= 0:
            return 0
        first = self.to_water_ms + self.fill_ms + self.to_fire_ms + self.drop_ms
        return first + (cycles - 1) * self.cycle_ms + self.to_pad_ms


@dataclass(frozen=True)
class BucketRun:
    """Cycles of one run.

    Attributes
    ----------
    litres : tuple of int
        Dropped in each cycle.
    airborne_ms : int
    """

    litres: tuple[int, ...]
    airborne_ms: int


def nearest_water(to_water_ms: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Time to the nearest water and which it is, by fire; infinite and -1 where there is none.

    Parameters
    ----------
    to_water_ms : float64 array (fires, water points)

    Returns
    -------
    time_ms : float64 array (fires,)
    which : int64 array (fires,)
    """
    if to_water_ms.shape[1] == 0:
        none = np.full(len(to_water_ms), np.inf)
        return none, np.full(len(to_water_ms), -1, dtype=np.int64)
    which = np.argmin(to_water_ms, axis=1)
    time: Floats = to_water_ms[np.arange(len(which)), which]
    return time, np.where(np.isfinite(time), which, -1).astype(np.int64)


def bucket_run(
    legs: BucketLegs, cycles: int, *, bucket_l: float, lift_kg: float, burn_kg_h: float, reserve_ms: int
) -> BucketRun:
    """Litres of each cycle of a run.

    Parameters
    ----------
    legs : BucketLegs
    cycles : int
    bucket_l : float
        Size of the bucket.
    lift_kg : float
        What is hovered at the higher of water and fire less the machine with crew and empty bucket: water and fuel.
    burn_kg_h : float
    reserve_ms : int
        Flight for which fuel is kept.
    """
    airborne = legs.airborne_ms(cycles)
    litres = []
    flown = legs.to_water_ms
    for _ in range(max(cycles, 0)):
        flown += legs.fill_ms
        fuel_kg = burn_kg_h * (airborne - flown + reserve_ms) / 3_600_000
        litres.append(max(0, math.floor(min(bucket_l, (lift_kg - fuel_kg) / KG_PER_L) + 1e-9)))
        flown += legs.to_fire_ms + legs.drop_ms + legs.back_ms
    return BucketRun(tuple(litres), airborne)


def best_bucket_run(
    legs: BucketLegs,
    *,
    limit_ms: int,
    stop_ms: int,
    bucket_l: float,
    lift_kg: float,
    burn_kg_h: float,
    reserve_ms: int,
) -> BucketRun | None:
    """The run with the most litres per hour that fits; None if no drop does.

    Parameters
    ----------
    limit_ms : int
        Longest from take-off to landing.
    stop_ms : int
        Stop at the pad after a run, which counts into the hour.
    """
    if legs.airborne_ms(1) > limit_ms:
        return None
    most = 1 + (limit_ms - legs.airborne_ms(1)) // max(legs.cycle_ms, 1)
    runs = (
        bucket_run(legs, k, bucket_l=bucket_l, lift_kg=lift_kg, burn_kg_h=burn_kg_h, reserve_ms=reserve_ms)
        for k in range(1, int(most) + 1)
    )
    best = max(runs, key=lambda run: sum(run.litres) / (run.airborne_ms + stop_ms))
    return best if sum(best.litres) > 0 else None
