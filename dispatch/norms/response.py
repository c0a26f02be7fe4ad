"""What may happen on a night beside loading and driving, as figures: one part of it for each section a scenario opens.

A figure is triangular (low, mode, high); one that does not vary has all three equal. Figures come from the norm table
``response``, by the shift of the order, and a scenario's own keys (``[news] decide = [3, 8, 20]``) replace them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dispatch.norms.read import read_norm

__all__ = ["SECTIONS", "Figure", "Response", "response_figures"]

SECTIONS: dict[str, str] = {
    "warning": "detection, report, verification, approval, order; call and answer; households by channel",
    "news": "what is met on the road is known when a medium that works there has carried it; silent villages",
    "breakdowns": "vehicles fail by hours of driving, are repaired on the spot or towed away",
    "fuel": "vehicles refuel before a way that their tank does not last",
    "distribution": "handing out to households after unloading, beside the six hours unless told",
    "transfer": "porters carry goods over the last kilometres where a road is cut",
    "clearing": "road-clearing and ploughing teams reopen closed roads",
    "evacuation": "people in the hazard's way are told, get ready and leave on foot, by car or by bus",
    "air": "helicopters and drones: goods and lifts where no road leads in time, water on a fire, pictures, relays",
}
"""Sections and what each adds to a night; a section that a scenario does not open changes nothing."""


@dataclass(frozen=True)
class Figure:
    """A triangular figure in its norm's unit."""

    low: float
    mode: float
    high: float
    source: str = ""

    @property
    def mean(self) -> float:
        """Mean of the triangular distribution."""
        return (self.low + self.mode + self.high) / 3


@dataclass(frozen=True, eq=False)
class Response:
    """What a scenario opens beside loading and driving.

    Attributes
    ----------
    opened : frozenset of str
        Sections in force.
    figures : mapping of ``section.figure`` to Figure
        Of those sections.
    detected_ms : int or None
        When the hazard is detected, if the scenario says so: then each night's order follows from it. Otherwise the
        order is given and the chain before it is laid out backwards.
    counted : bool
        Whether handing out to households counts into the six hours.
    """

    opened: frozenset[str] = frozenset()
    figures: Mapping[str, Figure] = field(default_factory=dict)
    detected_ms: int | None = None
    counted: bool = False

    def __contains__(self, section: str) -> bool:
        return section in self.opened

    def value(self, name: str) -> float:
        """Planning value (mean) of a figure."""
        return self.figures[name].mean


def response_figures(shift: str) -> dict[str, Figure]:
    """Figures of every section in a shift (``duty`` or ``night``), by ``section.figure``."""
    return {
        f"{row['section']}.{row['figure']}": Figure(row["low"], row["mode"], row["high"], row["source"])
        for row in read_norm("response")
        if row["shift"] in ("any", shift)
    }
