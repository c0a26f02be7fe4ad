"""Small changes to a list of trip orders: what the improvement tries.

A move returns a new list, or None where it does not apply. Goods change their depot only for one of the same or a lower
tier, so that the higher tiers are never asked for more than the shortfall.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dispatch.planning.consignments import split
from dispatch.planning.greedy import best_vehicle_first
from dispatch.planning.problem import Consignment, ReliefProblem, TripOrder
from dispatch.planning.timetable import Timetable, decode

__all__ = ["MOVES", "Move", "State"]

_REDISPATCHED = 4


@dataclass(frozen=True, eq=False)
class State:
    """What a move starts from: the orders, the timetable they make, and what it stands on."""

    problem: ReliefProblem
    orders: list[TripOrder]
    timetable: Timetable
    after: Timetable


Move = Callable[[State, int, np.random.Generator], "list[TripOrder] | None"]


def _fits(state: State, vehicle: str, consignments: tuple[Consignment, ...]) -> bool:
    return state.problem.fits(
        state.problem.vehicles[vehicle],
        sum(c.goods.weight_kg for c in consignments),
        sum(c.goods.volume_m3 for c in consignments),
    )


def _any_vehicle(state: State, consignments: tuple[Consignment, ...], rng: np.random.Generator) -> str | None:
    """A vehicle that can take these consignments."""
    able = [vehicle for vehicle in state.problem.vehicles if _fits(state, vehicle, consignments)]
    return able[int(rng.integers(len(able)))] if able else None


def _place(orders: list[TripOrder], position: int, order: TripOrder) -> list[TripOrder]:
    return [*orders[:position], order, *orders[position:]]


def _without(orders: list[TripOrder], position: int) -> list[TripOrder]:
    return orders[:position] + orders[position + 1 :]


def other_vehicle(state: State, i: int, rng: np.random.Generator) -> list[TripOrder] | None:
    """Give a trip to another vehicle."""
    vehicle = _any_vehicle(state, state.orders[i].consignments, rng)
    if vehicle is None or vehicle == state.orders[i].vehicle:
        return None
    changed = list(state.orders)
    changed[i] = TripOrder(vehicle, changed[i].depot, changed[i].consignments)
    return changed


def swap_vehicles(state: State, i: int, rng: np.random.Generator) -> list[TripOrder] | None:
    """Let two trips exchange their vehicles."""
    j = int(rng.integers(len(state.orders)))
    a, b = state.orders[i], state.orders[j]
    if a.vehicle == b.vehicle or not (
        _fits(state, a.vehicle, b.consignments) and _fits(state, b.vehicle, a.consignments)
    ):
        return None
    changed = list(state.orders)
    changed[i] = TripOrder(b.vehicle, a.depot, a.consignments)
    changed[j] = TripOrder(a.vehicle, b.depot, b.consignments)
    return changed


def shift(state: State, i: int, rng: np.random.Generator) -> list[TripOrder] | None:
    """Dispatch a trip earlier or later than others."""
    j = int(rng.integers(len(state.orders)))
    return None if i == j else _place(_without(state.orders, i), j, state.orders[i])


def exchange(state: State, i: int, rng: np.random.Generator) -> list[TripOrder] | None:
    """Let two trips exchange their places in the order of dispatch."""
    j = int(rng.integers(len(state.orders)))
    if i == j:
        return None
    changed = list(state.orders)
    changed[i], changed[j] = changed[j], changed[i]
    return changed


def move_consignment(state: State, i: int, rng: np.random.Generator) -> list[TripOrder] | None:
    """Move a consignment into another trip from the same depot."""
    j = int(rng.integers(len(state.orders)))
    a, b = state.orders[i], state.orders[j]
    if i == j or a.depot != b.depot:
        return None
    k = int(rng.integers(len(a.consignments)))
    moved = a.consignments[k]
    if not _fits(state, b.vehicle, (*b.consignments, moved)):
        return None
    same = [p for p, c in enumerate(b.consignments) if c.site == moved.site]
    at = same[0] if same else int(rng.integers(len(b.consignments) + 1))
    changed = list(state.orders)
    changed[j] = TripOrder(b.vehicle, b.depot, (*b.consignments[:at], moved, *b.consignments[at:]))
    rest = a.consignments[:k] + a.consignments[k + 1 :]
    if rest:
        changed[i] = TripOrder(a.vehicle, a.depot, rest)
        return changed
    return _without(changed, i)


def split_trip(state: State, i: int, rng: np.random.Generator) -> list[TripOrder] | None:
    """Send part of a trip's load by another vehicle; a single consignment is cut in two."""
    a = state.orders[i]
    parts = a.consignments
    if len(parts) == 1:
        whole = parts[0].goods
        halves = split(
            state.problem, a.depot, whole.site, whole.loads, 2, (whole.weight_kg * 0.51, whole.volume_m3 * 0.51)
        )
        parts = tuple(halves)
    if len(parts) < 2:
        return None
    k = int(rng.integers(1, len(parts)))
    vehicle = _any_vehicle(state, parts[k:], rng)
    if vehicle is None or vehicle == a.vehicle:
        return None
    changed = list(state.orders)
    changed[i] = TripOrder(a.vehicle, a.depot, parts[:k])
    return _place(changed, i + 1, TripOrder(vehicle, a.depot, parts[k:]))


def merge_trips(state: State, i: int, rng: np.random.Generator) -> list[TripOrder] | None:
    """Put two trips from one depot on one vehicle."""
    same = [j for j, b in enumerate(state.orders) if j != i and b.depot == state.orders[i].depot]
    if not same:
        return None
    j = same[int(rng.integers(len(same)))]
    a, b = state.orders[i], state.orders[j]
    if not _fits(state, a.vehicle, (*a.consignments, *b.consignments)):
        return None
    changed = list(state.orders)
    changed[i] = TripOrder(a.vehicle, a.depot, (*a.consignments, *b.consignments))
    return _without(changed, j)


def reorder_stops(state: State, i: int, rng: np.random.Generator) -> list[TripOrder] | None:
    """Exchange two consignments in the order of handing over."""
    a = state.orders[i]
    if len(a.consignments) < 2:
        return None
    p, q = (int(x) for x in rng.choice(len(a.consignments), size=2, replace=False))
    order = list(a.consignments)
    order[p], order[q] = order[q], order[p]
    changed = list(state.orders)
    changed[i] = TripOrder(a.vehicle, a.depot, tuple(order))
    return changed


def other_depot(state: State, i: int, rng: np.random.Generator) -> list[TripOrder] | None:
    """Take a consignment from another depot that has the goods, with a vehicle of its own."""
    problem = state.problem
    a = state.orders[i]
    k = int(rng.integers(len(a.consignments)))
    moved = a.consignments[k]
    able = [
        depot
        for depot, of in problem.depots.items()
        if depot != a.depot
        and of.rank <= problem.depots[a.depot].rank
        and of.open_ms <= problem.end_ms
        and all(state.timetable.stock.left(depot, item) >= quantity for item, quantity in moved.goods.items)
    ]
    vehicle = _any_vehicle(state, (moved,), rng)
    if not able or vehicle is None:
        return None
    depot = able[int(rng.integers(len(able)))]
    changed = list(state.orders)
    rest = a.consignments[:k] + a.consignments[k + 1 :]
    sent = TripOrder(vehicle, depot, (Consignment(depot, moved.goods),))
    if rest:
        changed[i] = TripOrder(a.vehicle, a.depot, rest)
        return _place(changed, i, sent)
    changed[i] = sent
    return changed


def redispatch(state: State, i: int, rng: np.random.Generator) -> list[TripOrder] | None:
    """Call back a few trips and send their goods anew, each by the vehicle that is first to complete it."""
    count = min(len(state.orders), 1 + int(rng.integers(_REDISPATCHED)))
    back = {i, *(int(x) for x in rng.choice(len(state.orders), size=count, replace=False))}
    kept = [order for k, order in enumerate(state.orders) if k not in back]
    goods = [c for k in sorted(back) for c in state.orders[k].consignments]
    place = {id(c): int(p) for c, p in zip(goods, rng.permutation(len(goods)), strict=True)}
    timetable = decode(state.problem, kept, state.after).timetable
    again = best_vehicle_first(state.problem, goods, timetable, lambda c: place[id(c)], fill=bool(rng.integers(2)))
    return kept + again if sum(len(order.consignments) for order in again) == len(goods) else None


MOVES: tuple[Move, ...] = (
    other_vehicle, swap_vehicles, shift, exchange, move_consignment, split_trip, merge_trips, reorder_stops,
    other_depot, redispatch, redispatch,
)  # fmt: skip
