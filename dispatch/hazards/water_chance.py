"""Whether a modelled flood comes at all."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from dispatch.hazards.disruption import GROUP_COLUMNS, Disruption

__all__ = ["with_chance"]


def with_chance(disruption: Disruption, probability: float, group: str) -> Disruption:
    """The same disruption, its one group with this probability, on time and as long as computed."""
    row = (group, probability, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0)
    return replace(disruption, groups=pd.DataFrame([row], columns=list(GROUP_COLUMNS)).astype(GROUP_COLUMNS))
