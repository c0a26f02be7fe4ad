"""The random draws of one night, each from a stream of its own.

A draw belongs to a purpose (``loading``) and an entity (``V3/2``, the second trip of vehicle V3): its number is a hash
(BLAKE2b, Aumasson et al. 2013, whose output is uniform) of the run's seed, the replication and the two names. So
replication *i* depends on (seed, *i*) alone, and adding a truck changes no draw of the others (common random numbers).
"""

from __future__ import annotations

import hashlib
import math
import struct
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np

from dispatch.clock import MINUTE_MS
from dispatch.scenario import Scenario
from models.traversal import FULL

__all__ = ["Draws", "PlanningValues", "RandomDraws", "triangular"]

_WORDS = struct.Struct("<QQQ")
_LARGEST = 2**64 - 1


class Draws(Protocol):
    """What a night asks of chance."""

    def step_ms(self, step: str, entity: str) -> int:
        """Duration of a timed step for one entity, ms."""
        ...

    def spread(self, step: str, purpose: str, entity: str) -> float:
        """Factor on another planning value that varies as this step does around its mean."""
        ...

    def slowness(self, vehicle: str) -> int:
        """Crossing times of a vehicle as permille of the usual."""
        ...

    def kept(self, lot: str, reliability: float) -> bool:
        """Whether an agreed supply comes."""
        ...

    def figure(self, name: str, entity: str) -> float:
        """Value of a figure of the scenario's response (``section.figure``) for one entity, in the norm's unit."""
        ...

    def chance(self, purpose: str, entity: str, probability: float) -> bool:
        """Whether something of this probability happens."""
        ...

    def until_failure_h(self, entity: str, per_h: float) -> float:
        """Hours of driving until the next failure at this rate."""
        ...


def triangular(u: float, low: float, mode: float, high: float) -> float:
    """Inverse of the triangular distribution function at ``u``; ``mode`` where low and high coincide."""
    if high <= low:
        return mode
    cut = (mode - low) / (high - low)
    if u < cut:
        return low + math.sqrt(u * (high - low) * (mode - low))
    return high - math.sqrt((1 - u) * (high - low) * (high - mode))


@dataclass(frozen=True, eq=False)
class PlanningValues:
    """No randomness: every step takes its planning value (the mean), every supplier delivers."""

    scenario: Scenario

    def step_ms(self, step: str, entity: str) -> int:  # noqa: ARG002 - the same for every entity
        """Planning value of the step."""
        return self.scenario.step_ms(step)

    def spread(self, step: str, purpose: str, entity: str) -> float:  # noqa: ARG002 - no spread
        """No variation."""
        return 1.0

    def slowness(self, vehicle: str) -> int:  # noqa: ARG002 - the same for every vehicle
        """Usual speed."""
        return FULL

    def kept(self, lot: str, reliability: float) -> bool:  # noqa: ARG002 - the plan counts on every lot
        """Every agreed supply comes."""
        return True

    def figure(self, name: str, entity: str) -> float:  # noqa: ARG002 - the same for every entity
        """Planning value of the figure."""
        return self.scenario.response.value(name)

    def chance(self, purpose: str, entity: str, probability: float) -> bool:  # noqa: ARG002 - the likelier outcome
        """The likelier outcome."""
        return probability >= 0.5

    def until_failure_h(self, entity: str, per_h: float) -> float:  # noqa: ARG002 - nothing fails
        """Nothing fails."""
        return math.inf


@dataclass(frozen=True, eq=False)
class RandomDraws:
    """Draws of replication ``replication`` of the run with this seed."""

    scenario: Scenario
    seed: int
    replication: int

    def uniform(self, purpose: str, entity: str) -> float:
        """Uniform number in [0, 1) of this purpose and entity."""
        words = _WORDS.pack(self.seed & _LARGEST, self.replication, _key(purpose, entity))
        return (int.from_bytes(hashlib.blake2b(words, digest_size=8).digest(), "little") >> 11) * 2.0**-53

    def generator(self, purpose: str) -> np.random.Generator:
        """Generator for a purpose that draws by itself (the disruption)."""
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(self.replication, _key(purpose, ""))))

    def step_ms(self, step: str, entity: str) -> int:
        """Triangular time of the step."""
        return round(self._minutes(step, step, entity) * MINUTE_MS)

    def spread(self, step: str, purpose: str, entity: str) -> float:
        """Triangular time of the step over its mean, drawn for this purpose."""
        time = self.scenario.steps[step]
        mean = (time.low_min + time.mode_min + time.high_min) / 3
        return self._minutes(step, purpose, entity) / mean if mean > 0 else 1.0

    def _minutes(self, step: str, purpose: str, entity: str) -> float:
        time = self.scenario.steps[step]
        return triangular(self.uniform(purpose, entity), time.low_min, time.mode_min, time.high_min)

    def slowness(self, vehicle: str) -> int:
        """1000 over the vehicle's own triangular speed factor."""
        low, mode, high = self.scenario.speed_spread
        return round(FULL / triangular(self.uniform("speed", vehicle), low, mode, high))

    def kept(self, lot: str, reliability: float) -> bool:
        """All or nothing: the supply comes in full with probability ``reliability``, else not at all."""
        return reliability >= 1.0 or self.uniform("supply", lot) < reliability

    def figure(self, name: str, entity: str) -> float:
        """Triangular value of the figure."""
        of = self.scenario.response.figures[name]
        if of.low >= of.high:
            return of.mode
        return triangular(self.uniform(name, entity), of.low, of.mode, of.high)

    def chance(self, purpose: str, entity: str, probability: float) -> bool:
        """Whether a uniform number lies below the probability."""
        return probability >= 1.0 or (probability > 0.0 and self.uniform(purpose, entity) < probability)

    def until_failure_h(self, entity: str, per_h: float) -> float:
        """Exponential time."""
        return -math.log1p(-self.uniform("failure", entity)) / per_h if per_h > 0 else math.inf


@lru_cache(maxsize=65536)
def _key(purpose: str, entity: str) -> int:
    """A number for a name that is the same in every process and version (64 bits of BLAKE2b)."""
    digest = hashlib.blake2b(f"{purpose}\0{entity}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little")
