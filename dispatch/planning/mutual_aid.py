"""Neighbouring counties' trucks: called out after a delay, and what they gain.

In the county's tables a neighbour's truck is a row of ``vehicles`` with its ``owner``, the site where it enters the
county (or its own base) as ``base`` and the whole call-out delay as ``turnout_min``; a neighbour's depot is a row of
``depots`` with the delay as ``approval_min``. Here trucks that are not in the tables are tried.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from dispatch.planning.assemble import typed
from dispatch.planning.measure import measure
from dispatch.planning.news import News
from dispatch.planning.plan import Plan
from dispatch.planning.replan import Work, replan
from dispatch.scenario import Scenario

__all__ = ["AID_COLUMNS", "AidTruck", "aid_gain", "with_aid"]

_WORK = Work(0.1, 0.0, diagnosed=True)

AID_COLUMNS: dict[str, str] = {
    "place": "str", "alone_ms": "int64", "aided_ms": "int64", "on_time": "bool", "on_time_aided": "bool",
}  # fmt: skip
"""One row per place that needs a first batch: its completion from the order without and with aid, ms (-1 = never)."""


@dataclass(frozen=True)
class AidTruck:
    """A neighbour's truck: like vehicle ``like`` of the county, standing at site ``base``.

    It sets out ``call_out_min`` after the order (request, approval and turn-out together).
    """

    owner: str
    like: str
    base: str
    call_out_min: float


def with_aid(scenario: Scenario, trucks: Sequence[AidTruck]) -> Scenario:
    """The scenario with neighbours' trucks, ids ``aid-1`` and so on.

    Raises
    ------
    ValueError
        If a base is not a site of the scenario, or there is no vehicle to be like.
    """
    fleet = scenario.county.table("vehicles")
    rows = []
    for k, truck in enumerate(trucks, start=1):
        found = fleet[fleet["vehicle"] == truck.like].to_dict("records")
        if truck.base not in scenario.sites.index or not found:
            msg = f"no site {truck.base} or no vehicle {truck.like} for a neighbour's truck"
            raise ValueError(msg)
        rows.append({**found[0], "vehicle": f"aid-{k}", "name": "", "plate": "", "owner": truck.owner, "mode": "own",
                     "base": truck.base, "turnout_min": truck.call_out_min})  # fmt: skip
    new = pd.DataFrame(rows, columns=fleet.columns).astype(fleet.dtypes.to_dict())
    tables = {**scenario.county.tables, "vehicles": pd.concat([fleet, new], ignore_index=True)}
    return replace(scenario, county=replace(scenario.county, tables=tables))


def aid_gain(scenario: Scenario, plan: Plan, trucks: Sequence[AidTruck]) -> tuple[Plan, pd.DataFrame]:
    """Plan anew with neighbours' trucks from the plan without them.

    Returns
    -------
    plan : Plan
        For ``with_aid(scenario, trucks)``.
    places : DataFrame
        ``AID_COLUMNS``.
    """
    aided = with_aid(scenario, trucks)
    made = replan(aided, plan, scenario.order_ms, News(begun=frozenset()), work=_WORK)
    before = measure(plan, scenario).places
    both = before[before["first_batch_needed"]].merge(measure(made, aided).places, on="place", suffixes=("", "_aided"))
    rows = [
        {"place": row["place"], "alone_ms": _since(scenario, row["first_batch_complete_ms"]),
         "aided_ms": _since(scenario, row["first_batch_complete_ms_aided"]), "on_time": bool(row["on_time"]),
         "on_time_aided": bool(row["on_time_aided"])}
        for row in both.to_dict("records")
    ]  # fmt: skip
    return made, typed(AID_COLUMNS, rows)


def _since(scenario: Scenario, time_ms: int) -> int:
    return int(time_ms) - scenario.order_ms if time_ms >= 0 else -1
