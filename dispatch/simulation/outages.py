"""Where and when power and network fail on one night, by place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from dispatch.clock import SECOND_MS
from models.traversal import NEVER

__all__ = ["NO_OUTAGES", "Outages", "night_outages"]

Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, eq=False)
class Outages:
    """Intervals [start, end), ms, by (place, medium), ``medium`` being ``power`` or ``network``."""

    spans: Mapping[tuple[str, str], Spans]

    def since(self, place: str, medium: str, now_ms: int) -> int | None:
        """Since when a medium has failed at a place; None if it has not."""
        for start, end in self.spans.get((place, medium), ()):
            if start <= now_ms < end:
                return start
        return None

    def back_ms(self, place: str, medium: str, now_ms: int) -> int:
        """When a medium that has failed works again; ``now_ms`` if it works, ``NEVER`` if it does not come back."""
        at = now_ms
        for start, end in sorted(self.spans.get((place, medium), ())):
            if start <= at < end:
                at = end
        return at


NO_OUTAGES = Outages({})


def night_outages(areas: pd.DataFrame) -> Outages:
    """Outages of a (sampled) disruption's areas; a township's own are its villages' too if they are rows there."""
    if areas.empty:
        return NO_OUTAGES
    found: defaultdict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    columns = (areas[name].tolist() for name in ("place", "medium", "start_s", "end_s"))
    for place, medium, start, end in zip(*columns, strict=True):
        found[place, medium].append((_ms(start), _ms(end)))
    return Outages({key: tuple(spans) for key, spans in found.items()})


def _ms(seconds: float) -> int:
    if seconds in (float("inf"), float("-inf")):
        return NEVER if seconds > 0 else -NEVER
    return round(seconds * SECOND_MS)
