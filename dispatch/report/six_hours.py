"""Where the six hours went: the chain of steps from the order to the delivery that completes a place's first batch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from dispatch.planning.plan import Plan
from dispatch.report.phases import Phase, pieces
from dispatch.scenario import Scenario

__all__ = ["SPENT", "last_delivery", "time_spent"]

SPENT: tuple[str, ...] = (
    "prepare", "earlier_trip", "drive_empty", "wait_dock", "loading", "papers", "drive_loaded", "wait_road", "rest",
    "other_stop", "wait_site", "unloading",
)  # fmt: skip
"""Steps in the order in which they follow; ``earlier_trip``: the vehicle was still on the trip before; ``other_stop``:
it served other places first."""


def last_delivery(scenario: Scenario, plan: Plan, place: str, complete_ms: int) -> tuple[str, str] | None:
    """Trip and site of the delivery that completes a place's first batch; None if there is none."""
    needs = set(
        scenario.needs.loc[(scenario.needs["place"] == place) & (scenario.needs["part"] == "first_batch"), "need"]
    )
    served = set(map(tuple, plan.loads.loc[plan.loads["need"].isin(needs), ["trip", "stop"]].to_numpy().tolist()))
    for row in plan.stops.to_dict("records"):
        if row["unload_end_ms"] == complete_ms and (row["trip"], row["stop"]) in served:
            return row["trip"], row["site"]
    return None


def time_spent(
    scenario: Scenario, plan: Plan, phases: Iterable[Phase], places: Sequence[tuple[str, int]]
) -> pd.DataFrame:
    """Time by step for each place with a first batch.

    Parameters
    ----------
    places : sequence of (place, int)
        Place and the instant at which its first batch is complete by plan (not negative).

    Returns
    -------
    DataFrame
        A row per place, a column per step of ``SPENT``, ms; a row sums to the time since the order.
    """
    of_trip: dict[str, list[Phase]] = {}
    for phase in phases:
        of_trip.setdefault(phase.trip, []).append(phase)
    rows = []
    for place, complete_ms in places:
        spent = dict.fromkeys(SPENT, 0)
        delivery = last_delivery(scenario, plan, place, complete_ms)
        if delivery is not None:
            trip, site = delivery
            _add(spent, of_trip[trip], site, scenario.order_ms, complete_ms)
        rows.append(spent)
    return pd.DataFrame(rows, columns=list(SPENT), index=[place for place, _ in places])


def _add(spent: dict[str, int], phases: Sequence[Phase], site: str, order_ms: int, complete_ms: int) -> None:
    """Add up one trip until the delivery."""
    spent["earlier_trip"] += max(phases[0].start_ms - order_ms, 0)
    for phase in phases:
        at_other = phase.activity in {"unloading", "wait_site"} and phase.site != site
        for activity, start_ms, end_ms in pieces(phase):
            end_ms = min(end_ms, complete_ms)
            start_ms = max(start_ms, order_ms)
            if end_ms > start_ms:
                spent["other_stop" if at_other else activity] += end_ms - start_ms
