"""What a plan does not deliver, or delivers after the deadline, and why: a stated diagnosis, not a guess.

Goods no depot could supply lack an open ``road`` where none leads to the site; else, as far as stock is left over
anywhere, what keeps that from coming (``road``, expiry, ``time``), and beyond it ``stock``.

Goods that were assigned but did not come, or came too late, are timed again with one thing relaxed at a time: no
closures (road), stock released at once (stock), a vehicle of the county's own kinds for every trip (vehicle), a dock
and unloading place for every trip (dock). What makes good soonest is the reason; if nothing does, even trucks and docks
without number would come too late (``time``), or only several of these together would help.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from dispatch.clock import day_and_time, hours_minutes
from dispatch.documents.messages import Lang, text
from dispatch.hazards.disruption import no_disruption
from dispatch.planning.assemble import typed
from dispatch.planning.bounds import Bounds
from dispatch.planning.earliest import Earliest
from dispatch.planning.names import item_name, site_name
from dispatch.planning.plan import UNMET_COLUMNS
from dispatch.planning.problem import ReliefProblem, TripOrder
from dispatch.planning.slices import Slice
from dispatch.planning.supply import Vehicle
from dispatch.planning.timetable import Timetable, decode
from dispatch.scenario import Scenario, travel
from models.traversal import NEVER

__all__ = ["unmet_reason", "unmet_table"]

_RELAXED = ("road", "stock", "vehicle", "dock")

_VARIANTS = 25
"""Timing the orders with one thing after the other relaxed takes at most so many times as long as timing them again."""

_TIMED = frozenset({"arrives_ms", "earliest_ms", "would_ms"})


def unmet_reason(row: Mapping[str, Any], lang: Lang, scenario: Scenario) -> str:
    """The reason of one row of ``Plan.unmet`` in words; a reason that a person wrote is returned as it is."""
    try:
        detail = json.loads(row["detail"])
    except json.JSONDecodeError:
        return str(row["detail"])
    if not isinstance(detail, dict) or "key" not in detail:
        return str(row["detail"])
    values: dict[str, Any] = {}
    for name, value in detail.items():
        if name in _TIMED:
            values[name] = day_and_time(scenario.reference_time, value)
            values[name + "_since"] = hours_minutes(value - scenario.order_ms)
        elif name == "item":
            values[name] = item_name(scenario, value, lang)
        elif name == "depots":
            values[name] = ("、" if lang == "zh" else ", ").join(site_name(scenario, depot, lang) for depot in value)
        elif name != "key":
            values[name] = value
    return text(lang, detail["key"], place=site_name(scenario, row["place"], lang),
                site=site_name(scenario, row["site"], lang), **values)  # fmt: skip


@dataclass(frozen=True)
class _Reason:
    """Why a quantity of a need is not delivered, or late."""

    need: int
    quantity: int
    cause: str
    detail: Mapping[str, Any]


def unmet_table(
    problem: ReliefProblem,
    slices: tuple[Slice, ...],
    left: tuple[Slice, ...],
    bounds: Bounds,
    orders: list[TripOrder],
    timetable: Timetable,
    unsupplied: Mapping[int, int],
    too_big: Mapping[int, int],
    stop_at: float = math.inf,
) -> pd.DataFrame:
    """The plan's table of unmet needs.

    Parameters
    ----------
    problem : ReliefProblem
    slices : tuple of Slice
        All usable stock, before anything was assigned.
    left : tuple of Slice
        What of it is not assigned.
    bounds : Bounds
    orders : list of TripOrder
        In order of dispatch.
    timetable : Timetable
        What they make.
    unsupplied, too_big : mapping of position of the need to quantity
        What the allocation left out, and what no vehicle can take.
    stop_at : float
        Instant (``time.monotonic``) by which to be done: reasons that are not found by then are said to be missing.
    """
    came = _deliveries(timetable)
    reasons: list[_Reason] = []
    reasons += _without_supply(problem, slices, left, unsupplied)
    reasons += [_Reason(n, quantity, "vehicle", {"key": "planning_unmet_too_big"}) for n, quantity in too_big.items()]
    dropped: dict[int, int] = {}
    late: dict[int, int] = {}
    due_ms = problem.scenario.due_ms
    for n, need in enumerate(problem.needs):
        delivered = came.get(n, [])
        missing = need.quantity - sum(q for _, q in delivered) - unsupplied.get(n, 0) - too_big.get(n, 0)
        overdue = sum(q for at, q in delivered if at > due_ms) if need.part == "first_batch" else 0
        dropped.update({n: missing} if missing else {})
        late.update({n: overdue} if overdue else {})
    if dropped or late:
        relaxed = _relaxed(problem, orders, stop_at)
        reasons += [_why_dropped(problem, relaxed, n, quantity) for n, quantity in dropped.items()]
        reasons += [_why_late(problem, bounds, relaxed, came, n, quantity) for n, quantity in late.items()]
    return _table(problem, reasons)


def _table(problem: ReliefProblem, reasons: list[_Reason]) -> pd.DataFrame:
    """Rows in the order of the scenario's needs; needs without a point on the map come as they are."""
    by_need: dict[str, list[_Reason]] = {}
    for reason in reasons:
        by_need.setdefault(problem.needs[reason.need].need, []).append(reason)
    known = {need.need for need in problem.needs}
    rows: list[dict[str, Any]] = []
    for row in problem.scenario.needs.itertuples(index=False):
        found: list[tuple[int, str, Mapping[str, Any]]] = [
            (reason.quantity, reason.cause, reason.detail) for reason in by_need.get(row.need, [])
        ]
        if row.need not in known and row.quantity > 0:
            found = [(int(row.quantity), "road", {"key": "planning_unmet_no_point"})]
        rows.extend(
            {"need": row.need, "place": row.place, "site": row.site, "part": row.part, "item": row.item,
             "quantity": quantity, "cause": cause, "detail": json.dumps(dict(detail), ensure_ascii=False)}
            for quantity, cause, detail in found
        )  # fmt: skip
    return typed(UNMET_COLUMNS, rows)


def _deliveries(timetable: Timetable) -> dict[int, list[tuple[int, int]]]:
    """(Time unloaded, quantity) by position of the need."""
    result: dict[int, list[tuple[int, int]]] = {}
    for trip in timetable.trips:
        for stop in trip.stops:
            for need, _, quantity in stop.goods.loads:
                result.setdefault(need, []).append((stop.unload_end_ms, quantity))
    return result


def _without_supply(
    problem: ReliefProblem, slices: tuple[Slice, ...], left: tuple[Slice, ...], unsupplied: Mapping[int, int]
) -> list[_Reason]:
    """Why the allocation found no goods: no vehicle, no open road to the site, stock that cannot come, or none left."""
    earliest = Earliest(problem)
    over = [piece.quantity for piece in left]
    result: list[_Reason] = []
    for n, quantity in unsupplied.items():
        need = problem.needs[n]
        if not problem.vehicles:
            result.append(_Reason(n, quantity, "vehicle", {"key": "planning_unmet_no_vehicle"}))
            continue
        ways = {d: earliest.unload_start_ms(d, need.site, need.release_ms) for d in problem.depots}
        if min(ways.values(), default=NEVER) > problem.end_ms:
            road = any(problem.legs.least(c, d, need.site) < NEVER for c in problem.classes for d in problem.depots)
            key = "planning_unmet_closed" if road else "planning_unmet_no_road"
            result.append(_Reason(n, quantity, "road", {"key": key}))
            continue
        lacking = quantity
        for k, piece in sorted(enumerate(left), key=lambda pair: (pair[1].rank, pair[0])):
            part = min(lacking, over[k]) if piece.item in need.items else 0
            if part:
                over[k] -= part
                lacking -= part
                result.append(_Reason(n, part, *_cannot_come(problem, piece, ways[piece.depot])))
        if lacking:
            have = sum(piece.quantity for piece in slices if piece.item in need.items)
            asked = sum(other.quantity for other in problem.needs if set(other.items) & set(need.items))
            detail = {"key": "planning_unmet_stock", "item": need.items[0], "have": have, "asked": asked}
            result.append(_Reason(n, lacking, "stock", detail))
    return _together(result)


def _cannot_come(problem: ReliefProblem, piece: Slice, way_ms: int) -> tuple[str, dict[str, Any]]:
    """Why stock that is left over does not come: cut off, expired before, too far, or of a tier that is not asked."""
    if way_ms > problem.end_ms:
        return "road", {"key": "planning_unmet_cut_off", "depots": [piece.depot]}
    if piece.until_ms <= problem.end_ms:
        return "stock", {"key": "planning_unmet_expired", "item": piece.item}
    if piece.rank:
        return "stock", {"key": "planning_unmet_not_asked", "item": piece.item}
    return "time", {"key": "planning_unmet_too_far", "depots": [piece.depot]}


def _together(reasons: list[_Reason]) -> list[_Reason]:
    """Put equal reasons of a need into one, with all the depots they name."""
    merged: dict[tuple[int, str, str, str], _Reason] = {}
    for reason in reasons:
        key = (reason.need, reason.cause, str(reason.detail["key"]), str(reason.detail.get("item", "")))
        before = merged.get(key)
        if before is None:
            merged[key] = reason
            continue
        detail = dict(before.detail)
        if "depots" in detail:
            detail["depots"] = sorted({*detail["depots"], *reason.detail["depots"]})
        merged[key] = _Reason(reason.need, before.quantity + reason.quantity, reason.cause, detail)
    return list(merged.values())


Relaxed = Mapping[str, Mapping[int, list[tuple[int, int]]]]


def _relaxed(problem: ReliefProblem, orders: list[TripOrder], stop_at: float) -> Relaxed:
    """Deliveries by position of the need if one thing were no limit, by that thing; as far as there is time."""
    begun = time.monotonic()
    if math.isfinite(stop_at):
        decode(problem, orders)
        if begun + _VARIANTS * (time.monotonic() - begun) >= stop_at:
            return {}
    many = max(1, len(orders))
    open_roads = replace(problem, legs=problem.legs.under(travel(problem.scenario, no_disruption())))
    at_once = {
        key: tuple(replace(lot, start_ms=-NEVER, per_h=float("inf")) for lot in lots)
        for key, lots in problem.lots.items()
    }
    docks = {depot: replace(of, docks=many) for depot, of in problem.depots.items()}
    fleet, sent = _own_vehicles(problem, orders)
    variants = {
        "road": (open_roads, orders),
        "stock": (replace(problem, lots=at_once), orders),
        "vehicle": (replace(problem, vehicles=fleet), sent),
        "dock": (replace(problem, depots=docks, unload_places=many), orders),
    }
    result = {}
    for cause, (changed, of) in variants.items():
        at = time.monotonic()
        if at >= stop_at:
            break
        result[cause] = _deliveries(decode(changed, of).timetable)
        if 2 * time.monotonic() - at >= stop_at:
            break
    return result


def _own_vehicles(problem: ReliefProblem, orders: list[TripOrder]) -> tuple[dict[str, Vehicle], list[TripOrder]]:
    """A vehicle of its own for every trip: a copy of that vehicle of the county that is first at the depot."""
    fleet: dict[str, Vehicle] = {}
    sent: list[TripOrder] = []
    alike: dict[tuple[str, str, int, float, float], Vehicle] = {}
    for vehicle in sorted(problem.vehicles.values(), key=lambda v: v.vehicle):
        key = (vehicle.vehicle_class, vehicle.base, vehicle.ready_ms, vehicle.payload_kg, vehicle.volume_m3)
        alike.setdefault(key, vehicle)
    for k, order in enumerate(orders):
        weight_kg = sum(c.goods.weight_kg for c in order.consignments)
        volume_m3 = sum(c.goods.volume_m3 for c in order.consignments)
        able = [
            vehicle
            for vehicle in alike.values()
            if problem.fits(vehicle, weight_kg, volume_m3)
            and all(problem.legs.least(vehicle.vehicle_class, order.depot, c.site) < NEVER for c in order.consignments)
        ] or [problem.vehicles[order.vehicle]]
        best = min(
            able, key=lambda v: (problem.legs.arrive(v.vehicle_class, v.base, order.depot, v.ready_ms), v.vehicle)
        )
        name = f"{best.vehicle}+{k}"
        fleet[name] = replace(best, vehicle=name)
        sent.append(TripOrder(name, order.depot, order.consignments))
    return fleet, sent


def _complete(deliveries: list[tuple[int, int]], quantity: int) -> int:
    """When so much has come; ``NEVER`` if it does not."""
    total = 0
    for at, part in sorted(deliveries):
        total += part
        if total >= quantity:
            return at
    return NEVER


def _why_dropped(problem: ReliefProblem, relaxed: Relaxed, n: int, quantity: int) -> _Reason:
    """Why assigned goods did not come within the horizon."""
    whole = problem.needs[n].quantity
    if len(relaxed) < len(_RELAXED):
        return _Reason(n, quantity, "time", {"key": "planning_unmet_not_looked_into"})
    times = {cause: _complete(list(came.get(n, [])), whole) for cause, came in relaxed.items()}
    best = min(times, key=lambda cause: (times[cause], cause))
    if times[best] < NEVER:
        return _Reason(n, quantity, best, {"key": f"planning_unmet_for_{best}", "would_ms": times[best]})
    more = {cause: sum(q for _, q in came.get(n, [])) for cause, came in relaxed.items()}
    most = max(more, key=lambda cause: (more[cause], cause))
    if more[most] > whole - quantity:
        return _Reason(
            n, quantity, most, {"key": f"planning_unmet_partly_for_{most}", "more": more[most] - whole + quantity}
        )
    return _Reason(n, quantity, "time", {"key": "planning_unmet_time"})


def _why_late(
    problem: ReliefProblem,
    bounds: Bounds,
    relaxed: Relaxed,
    came: Mapping[int, list[tuple[int, int]]],
    n: int,
    quantity: int,
) -> _Reason:
    """Why goods come after the deadline."""
    need = problem.needs[n]
    arrives_ms = max(at for at, _ in came[n])
    if len(relaxed) < len(_RELAXED):
        return _Reason(n, quantity, "late", {"key": "planning_late_not_looked_into", "arrives_ms": arrives_ms})
    brought = sum(q for _, q in came[n])
    times = {cause: _complete(list(of.get(n, [])), brought) for cause, of in relaxed.items()}
    best = min(times, key=lambda cause: (times[cause], cause))
    if times[best] <= problem.scenario.due_ms:
        return _Reason(n, quantity, "late",
                       {"key": f"planning_late_{best}", "arrives_ms": arrives_ms, "would_ms": times[best]})  # fmt: skip
    earliest_ms = bounds.first_batch_ms.get(need.place, NEVER)
    if earliest_ms > problem.scenario.due_ms:
        if earliest_ms >= NEVER:
            return _Reason(n, quantity, "late", {"key": "planning_late_incomplete", "arrives_ms": arrives_ms})
        return _Reason(n, quantity, "late",
                       {"key": "planning_late_time", "arrives_ms": arrives_ms, "earliest_ms": earliest_ms})  # fmt: skip
    return _Reason(n, quantity, "late", {"key": "planning_late_several", "arrives_ms": arrives_ms,
                                         "earliest_ms": earliest_ms})  # fmt: skip
