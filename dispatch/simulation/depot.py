"""Depots on one night: staff called up, agreed goods coming in, trucks loaded dock by dock."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Generator, Iterable, Iterator
from typing import Any

from dispatch.scenario import Scenario
from dispatch.simulation.asking import asked_of
from dispatch.simulation.mobilisation import CalledDepot, open_ms
from dispatch.simulation.news import order_passed
from dispatch.simulation.playbook import PlannedTrip
from dispatch.simulation.run import Run, Vehicle
from dispatch.simulation.store import Cargo, LotKey
from models.traversal import NEVER

__all__ = ["load", "opening", "part_load_ms", "supplies"]


def opening(run: Run, depot: CalledDepot, order: int) -> Generator[Any, Any, None]:
    """Open a depot when its staff is there and its owner has approved."""
    at = open_ms(depot, run.night.draws)
    if at >= NEVER:
        return
    yield run.env.timeout(depot.asked_ms + run.night.late_ms - run.env.now)
    order, passed_ms = order_passed(run, depot.depot, asked_of(run, depot.depot, order))
    if passed_ms >= NEVER:
        return
    at += run.night.late_ms + passed_ms
    yield run.env.timeout(at - run.env.now)
    run.open_event[depot.depot] = run.recorder.record(
        run.env.now, "depot_open", depot.depot, "depot", order, place=depot.depot, milestone=f"depot {depot.depot} open"
    )
    run.opened[depot.depot].succeed()


def supplies(run: Run, order: int) -> None:
    """Write down when the agreed goods that the plan uses begin to come in, or that they do not."""
    for key in run.stage.issues:
        lot = run.store.lot(key)
        if lot is not None and -NEVER < lot.start_ms <= run.stage.scenario.end_ms:
            event = "supply_failed" if key in run.store.failed else "supply_ready"
            run.supply_event[key] = run.recorder.record(
                lot.start_ms + run.night.late_ms, event, lot.depot, "depot", order, place=lot.depot, item=lot.item,
                lot=lot.lot,
                quantity=float(lot.quantity), milestone=f"supply {lot.depot} {lot.item} {lot.lot}",
            )  # fmt: skip
            if event == "supply_failed" and run.stage.policy.replans:
                run.env.process(_let_down(run, lot.start_ms + run.night.late_ms, run.supply_event[key]))


def _let_down(run: Run, at_ms: int, event: int) -> Generator[Any, Any, None]:
    """Headquarters learn that a supplier does not deliver."""
    yield run.env.timeout(max(at_ms - run.env.now, 0))
    run.learn(event)


def load(run: Run, vehicle: Vehicle, trip: PlannedTrip) -> Generator[Any, Any, bool]:
    """Load a vehicle that stands at its depot; False if there is nothing for it."""
    env = run.env
    yield from _ready_to_load(run, vehicle, trip)
    cargo = yield from _collect(run, vehicle, trip)
    planned = any(stop.loads for stop in trip.stops)
    line = run.docks[trip.depot]
    if planned and not cargo:
        line.cancel(trip.rank)
        return False
    if run.stage.policy.replans:
        _tell_if_other(run, vehicle, trip, cargo)
    if trip.load_from_ms > env.now:
        yield env.timeout(trip.load_from_ms - env.now)
    if line.busy:
        run.log(vehicle, "dock_wait", cause=vehicle.last, place=trip.depot)
    dock, freed = yield line.request(trip.rank, trip.load_ms)
    if vehicle.aboard:
        yield from _hand_back(run, vehicle, trip.depot)
    run.log(vehicle, "load_start", cause=freed if freed >= 0 else None, place=trip.depot, detail=f"dock {dock}",
            milestone=f"trip {trip.trip} load start")  # fmt: skip
    step = run.night.draws.step_ms("loading", f"{vehicle.vehicle} {trip.sequence}")
    yield env.timeout(part_load_ms(run.stage.scenario, step, cargo))
    done = run.log(vehicle, "load_end", place=trip.depot, milestone=f"trip {trip.trip} loaded")
    for part in cargo:
        run.store.issue(part)
        run.recorder.record(
            env.now, "stock_issued", vehicle.vehicle, "vehicle", done, place=trip.depot, item=part.item, lot=part.lot,
            quantity=float(part.quantity), detail=part.need, trip=trip.trip,
        )  # fmt: skip
    vehicle.aboard = list(cargo)
    line.release(dock, done)
    return True


def part_load_ms(scenario: Scenario, step_ms: int, cargo: Iterable[Cargo]) -> int:
    """Loading or unloading time of a part load whose reference truck takes ``step_ms`` (rounded up, as planned)."""
    total: defaultdict[tuple[str, float, float], int] = defaultdict(int)
    for part in cargo:
        total[part.item, part.unit_kg, part.unit_m3] += part.quantity
    weight_kg = math.fsum(kg * quantity for (_, kg, _), quantity in total.items())
    volume_m3 = math.fsum(m3 * quantity for (_, _, m3), quantity in total.items())
    return math.ceil(round(step_ms * scenario.load_share(weight_kg, volume_m3), 6))


def _ready_to_load(run: Run, vehicle: Vehicle, trip: PlannedTrip) -> Generator[Any, Any, None]:
    """Wait until the depot is open and the demand that the trip serves has been reported."""
    env = run.env
    opened = run.opened[trip.depot]
    if not opened.processed:
        yield opened
        vehicle.last = run.open_event[trip.depot]
    for report in _awaited(run, trip):
        run.log(vehicle, "stock_wait", place=trip.depot, detail="report")
        yield run.awaited[report]
        vehicle.last = run.report_event[report]
    if trip.release_ms > env.now:
        run.log(vehicle, "stock_wait", place=trip.depot, detail="report")
        yield env.timeout(trip.release_ms - env.now)
        vehicle.last = run.report_event.get(trip.release_report, vehicle.last)


def _awaited(run: Run, trip: PlannedTrip) -> Iterator[str]:
    """Reports that the trip serves and that have not come in; asked anew after each wait."""
    if run.awaited:
        needs = run.stage.needs
        for report in sorted({needs[row.need].report for stop in trip.stops for row in stop.loads}):
            if report in run.awaited:
                yield report


def _collect(run: Run, vehicle: Vehicle, trip: PlannedTrip) -> Generator[Any, Any, list[Cargo]]:
    """Have the goods of a trip set aside, lot by lot, and wait for those that are still to come."""
    env, store = run.env, run.store
    wanted: dict[LotKey, int] = {}
    for stop in trip.stops:
        for row in stop.loads:
            key = (trip.depot, row.item, row.lot)
            wanted[key] = wanted.get(key, 0) + row.quantity
    granted: dict[LotKey, int] = {}
    ready, slowest = env.now, None
    for key, quantity in wanted.items():
        granted[key], at = store.set_aside(key, trip.rank, quantity, env.now - run.night.late_ms)
        at += run.night.late_ms
        if at > ready:
            ready, slowest = at, key
    if slowest is not None:
        run.log(vehicle, "stock_wait", place=trip.depot, item=slowest[1], lot=slowest[2], detail="supply")
        yield env.timeout(ready - env.now)
        vehicle.last = run.supply_event.get(slowest, vehicle.last)
    supply: dict[LotKey, list[tuple[LotKey, int]]] = {}
    for key, quantity in wanted.items():
        supply[key] = [(key, granted[key])] if granted[key] else []
        if granted[key] < quantity:
            supply[key] += _make_up(run, vehicle, trip, key, quantity - granted[key])
    cargo: list[Cargo] = []
    for stop in trip.stops:
        for row in stop.loads:
            open_parts = supply[trip.depot, row.item, row.lot]
            left = row.quantity
            while left and open_parts:
                (depot, item, lot), there = open_parts[0]
                take = min(left, there)
                cargo.append(Cargo(stop.number, row.need, row.place, depot, item, lot, take, row.unit_kg, row.unit_m3))
                left -= take
                open_parts[0] = ((depot, item, lot), there - take)
                if there == take:
                    open_parts.pop(0)
    return cargo


def _tell_if_other(run: Run, vehicle: Vehicle, trip: PlannedTrip, cargo: Iterable[Cargo]) -> None:
    """Headquarters hear what a trip takes where it is not what was planned: what is short is missing somewhere."""
    planned: Counter[tuple[int, str, str, str]] = Counter()
    for stop in trip.stops:
        for row in stop.loads:
            planned[stop.number, row.need, row.item, row.lot] += row.quantity
    taken: Counter[tuple[int, str, str, str]] = Counter()
    for part in cargo:
        taken[part.stop, part.need, part.item, part.lot] += part.quantity
    if taken != planned:
        run.loaded[trip.trip] = tuple((*key, quantity) for key, quantity in taken.items())
        if taken.total() < planned.total():
            run.learn(vehicle.last)


def _make_up(run: Run, vehicle: Vehicle, trip: PlannedTrip, key: LotKey, missing: int) -> list[tuple[LotKey, int]]:
    """Take another lot for what is missing, and write down what cannot be had."""
    found = run.store.substitute(key, missing, run.env.now - run.night.late_ms)
    for other, quantity in found:
        run.log(vehicle, "lot_substituted", place=trip.depot, item=other[1], lot=other[2], quantity=float(quantity),
                detail=key[2])  # fmt: skip
    short = missing - sum(quantity for _, quantity in found)
    if short:
        run.log(vehicle, "stock_short", place=trip.depot, item=key[1], lot=key[2], quantity=float(short))
        for stop in trip.stops:
            run.why.update((row.need, vehicle.last) for row in stop.loads if (row.item, row.lot) == key[1:])
    return found


def _hand_back(run: Run, vehicle: Vehicle, depot: str) -> Generator[Any, Any, None]:
    """Take off, at the dock, what could not be delivered on the trip before."""
    entity = f"{vehicle.vehicle} {depot} {run.env.now}"
    step = run.night.draws.step_ms("unloading", entity)
    yield run.env.timeout(part_load_ms(run.stage.scenario, step, vehicle.aboard))
    for part in vehicle.aboard:
        run.store.hand_back(part)
        run.log(vehicle, "stock_returned", place=depot, item=part.item, lot=part.lot, quantity=float(part.quantity),
                detail=part.need)  # fmt: skip
    vehicle.aboard = []
