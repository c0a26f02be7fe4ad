"""City and province depots give only what the lower tiers lack.

By quantity, before any routing: what a tier sends must leave the lower tiers' usable stock as much in use as without
it. With F(d) the most that the lower tiers can cover of the needs d (substitutes counted) and u what comes from above,
the rule is F(d - u) = F(d): nothing from above stands in for stock that then lies idle.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from dispatch.clock import clock_time
from dispatch.planning.check_stock import stock_lots
from dispatch.planning.check_tables import Tables
from dispatch.planning.check_times import opening_ms
from dispatch.planning.check_vehicles import mobilised_ms
from dispatch.planning.violation import Violation
from dispatch.roads.travel import Travel, arrivals
from dispatch.scenario import Scenario

__all__ = ["check_tiers"]

_RANK = {"county": 0, "township": 0, "village": 0, "city": 1, "province": 2}
_TIERS = ((1, "city"), (2, "province"))

Group = frozenset[str]
"""Items that may be sent for a need."""


def check_tiers(
    tables: Tables, scenario: Scenario, roads: Travel, begun: frozenset[str] = frozenset()
) -> list[Violation]:
    """Check that no tier sends beyond the shortfall of those below it.

    A tier all of whose trips have ``begun`` (a plan made anew keeps them) was asked for the shortfall known before.
    """
    tiers = {row["depot"]: row["tier"] for row in scenario.county.table("depots").to_dict("records")}
    sent: dict[int, dict[Group, int]] = {1: defaultdict(int), 2: defaultdict(int)}
    first_trip: dict[int, str] = {}
    for trip in tables.trips.values():
        rank = _RANK[tiers[trip["depot"]]]
        if rank:
            if trip["trip"] not in begun:
                first_trip.setdefault(rank, trip["trip"])
            for _, loads in tables.of_trip(trip["trip"]):
                for load in loads:
                    sent[rank][_group(tables.needs[load["need"]])] += load["quantity"]
    if not first_trip:
        return []
    needs: dict[Group, int] = defaultdict(int)
    for need in tables.needs.values():
        needs[_group(need)] += int(need["quantity"])
    usable = _usable(tables, scenario, roads, tiers)
    result = []
    for rank, tier in _TIERS:
        below: dict[str, int] = defaultdict(int)
        for (of, item), quantity in usable.items():
            if of < rank:
                below[item] += quantity
        above = {g: sum(sent[k].get(g, 0) for k in sent if k >= rank) for g in needs}
        rest = {group: max(0, quantity - above[group]) for group, quantity in needs.items()}
        idle = _most(below, needs) - _most(below, rest)
        if rank in first_trip and idle > 0:
            total = sum(above.values())
            result.append(Violation("beyond_shortfall", trip=first_trip[rank], what=tier, value=float(total),
                                    limit=float(total - idle), unit="quantity"))  # fmt: skip
    return result


def _group(need: Mapping[str, object]) -> Group:
    substitutes = str(need["substitutes"]).split(";")
    return frozenset([str(need["item"]), *(s.strip() for s in substitutes if s.strip())])


def _usable(tables: Tables, scenario: Scenario, roads: Travel, tiers: Mapping[str, str]) -> dict[tuple[int, str], int]:
    """Stock by (rank, item) that is released within the horizon, valid on the day of the deadline, and can get out."""
    live = _connected(tables, scenario, roads)
    day = clock_time(scenario.reference_time, scenario.due_ms).date()
    result: dict[tuple[int, str], int] = defaultdict(int)
    for (depot, item, _), lot in stock_lots(scenario).items():
        if depot in live and (lot.expiry is None or lot.expiry >= day):
            result[_RANK[tiers[depot]], item] += int(lot.released(scenario.end_ms))
    return result


def _connected(tables: Tables, scenario: Scenario, roads: Travel) -> set[str]:
    """Depots that open, that some vehicle reaches, and from which it reaches a delivery point within the horizon."""
    asked = {need["site"] for need in tables.needs.values() if need["quantity"] > 0} & set(roads.index)
    targets = np.array(sorted(roads.index[site] for site in asked), dtype=np.int64)
    result: set[str] = set()
    for depot in scenario.county.table("depots").to_dict("records"):
        opened = max(opening_ms(scenario, depot))
        if math.isinf(opened) or depot["depot"] not in roads.index or not len(targets):
            continue
        for vehicle in tables.vehicles.values():
            if vehicle["base"] not in roads.index or vehicle["class"] not in roads.timed:
                continue
            if not (vehicle["payload_kg"] > 0 and vehicle["volume_m3"] > 0):
                continue
            ready = mobilised_ms(scenario, vehicle)
            at = int(arrivals(roads, vehicle["class"], vehicle["base"], ready)[roads.index[depot["depot"]]])
            start = max(at, int(opened))
            if start > scenario.end_ms:
                continue
            if arrivals(roads, vehicle["class"], depot["depot"], start)[targets].min() <= scenario.end_ms:
                result.add(depot["depot"])
                break
    return result


def _most(stock: Mapping[str, int], needs: Mapping[Group, int]) -> int:
    """Most units of stock that needs can take (maximum flow)."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_flow

    items, groups = list(stock), list(needs)
    n = len(items) + len(groups) + 2
    total = min(sum(stock.values()), sum(needs.values()))
    capacity = np.zeros((n, n), dtype=np.int32)
    for k, item in enumerate(items, start=1):
        capacity[0, k] = min(stock[item], total)
        for j, group in enumerate(groups, start=1 + len(items)):
            if item in group:
                capacity[k, j] = total
    for j, group in enumerate(groups, start=1 + len(items)):
        capacity[j, n - 1] = min(needs[group], total)
    return int(maximum_flow(csr_array(capacity), 0, n - 1).flow_value)
