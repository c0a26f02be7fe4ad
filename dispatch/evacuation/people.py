"""Who is in the hazard's way, and when each group is told and ready.

People of a place are those in the hazard's footprint: its population times the largest share of it that any footprint
holds. A share of them needs help. Visitors are counted apart: they belong to no household and are told later.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from dispatch.clock import MINUTE_MS, SECOND_MS
from dispatch.county.county import County
from dispatch.evacuation_order import GROUP_COLUMNS, EvacuationOrder, Trigger
from dispatch.hazards.disruption import Disruption
from dispatch.norms.response import Response
from models.traversal import NEVER

__all__ = ["groups_of", "hazard_at", "latest_ms", "notice_ms", "ready_ms", "with_forecast"]


def hazard_at(disruption: Disruption) -> dict[str, int]:
    """When the hazard first reaches each place (ms), of those where it finds anybody."""
    reached = disruption.places
    reached = reached[reached["share"] > 0]
    first = reached.groupby("place")["start_s"].min()
    return {
        str(place): -NEVER if start == -math.inf else math.floor(start * SECOND_MS + 0.5)
        for place, start in first.items()
    }


def groups_of(
    county: County,
    disruption: Disruption,
    assisted_share: float,
    warned_ms: int,
    visitors: Mapping[str, int],
    triggers: Iterable[Trigger] = (),
) -> pd.DataFrame:
    """People to be moved, by place and group.

    Parameters
    ----------
    county : County
    disruption : Disruption
        Its ``places``, as forecast.
    assisted_share : float
        Share of the residents who need help.
    warned_ms : int
    visitors : mapping of place to people
        Counted where the hazard reaches the place.
    triggers : iterable of Trigger
        Those that act move their place's people, or their site's, from the moment they act, if that is earlier.

    Returns
    -------
    DataFrame
        ``GROUP_COLUMNS``, by place in the order of the county.
    """
    table = county.table("places").set_index("place")
    arrival = hazard_at(disruption)
    share = disruption.places.groupby("place")["share"].max()
    ordered = [trigger for trigger in triggers if trigger.fires_ms is not None]
    early = {t.place: t for t in ordered if t.action == "evacuate"}
    sites: dict[str, list[Trigger]] = {}
    for trigger in ordered:
        if trigger.action == "close_site":
            sites.setdefault(trigger.place, []).append(trigger)
    inhabited = {str(place) for place, kind in zip(table.index, table["kind"], strict=True) if kind != "county"}
    rows = []
    for place in table.index:
        if place not in inhabited or (place not in arrival and place not in early and place not in sites):
            continue
        hazard = arrival.get(place, NEVER)
        told = warned_ms
        if place in early:
            told = min(told, early[place].fires_ms or 0)
        if place in arrival or place in early:
            whole = float(table.at[place, "population"]) if place in early else float(
                table.at[place, "population"]) * float(share.get(place, 0.0))  # fmt: skip
            residents = 0 if math.isnan(whole) else math.ceil(round(whole, 6))
            assisted = round(residents * assisted_share)
            rows += [(place, "residents", residents - assisted, told, hazard),
                     (place, "assisted", assisted, told, hazard)]  # fmt: skip
        guests = visitors.get(place, 0) if place in arrival or place in early else 0
        guests_told = told
        for trigger in sites.get(place, ()):
            guests += trigger.people
            guests_told = min(guests_told, trigger.fires_ms or 0)
        rows.append((place, "visitors", guests, guests_told, hazard))
    rows = [row for row in rows if row[2] > 0]
    return pd.DataFrame(
        {name: pd.Series([row[k] for row in rows], dtype=kind) for k, (name, kind) in enumerate(GROUP_COLUMNS.items())}
    )


def with_forecast(order: EvacuationOrder, disruption: Disruption) -> EvacuationOrder:
    """The same people under another forecast of the hazard's arrival."""
    arrival = hazard_at(disruption)
    hazard = np.array([arrival.get(place, NEVER) for place in order.groups["place"]], dtype=np.int64)
    return replace(order, groups=order.groups.assign(hazard_ms=hazard))


def notice_ms(response: Response, group: str, told_ms: int) -> int:
    """When a group has been told, by planning values."""
    return told_ms + round(response.value(f"evacuation.notice_{group}") * MINUTE_MS)


def ready_ms(response: Response, group: str, told_ms: int) -> int:
    """When a group is ready to leave, by planning values."""
    return notice_ms(response, group, told_ms) + round(response.value(f"evacuation.prepare_{group}") * MINUTE_MS)


def latest_ms(response: Response, hazard_ms: int) -> int:
    """Until when a place must have been left by plan: the hazard's arrival less the safety margin."""
    if abs(hazard_ms) >= NEVER:
        return hazard_ms
    return hazard_ms - round(response.value("evacuation.margin") * MINUTE_MS)
