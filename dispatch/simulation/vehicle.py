"""One vehicle from the call to its last stop: mobilise, go to the depot, load, drive, unload, next trip.

A stop that no road leads to any more is left out and the next one tried, unless porters can carry its goods from the
road's end; what could not be delivered is handed back when the vehicle loads again, or stays on it.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from dispatch.simulation.asking import asked_of
from dispatch.simulation.depot import load, part_load_ms
from dispatch.simulation.distribution import hand_out
from dispatch.simulation.driving import drive
from dispatch.simulation.mobilisation import ready_ms
from dispatch.simulation.news import equip, order_passed, visit
from dispatch.simulation.playbook import PlannedStop, PlannedTrip
from dispatch.simulation.run import Run, Vehicle
from dispatch.simulation.transfer import carry_on
from dispatch.simulation.trouble import fit_out
from models.traversal import NEVER

__all__ = ["vehicle_process"]

_UNLOADED = ("nothing to load", "no way to the depot")
"""Why a trip is given up that took nothing from the store: it may be planned anew."""


def vehicle_process(run: Run, vehicle: Vehicle, base: str, order: int) -> Generator[Any, Any, None]:
    """SimPy process of one vehicle, called now or, before the order, with it.

    Its trips are those of ``run.orders`` that have not begun.
    """
    env = run.env
    called = run.stage.called_vehicles[vehicle.vehicle]
    later_ms = max(env.now, run.night.order_ms) - run.stage.scenario.order_ms
    ready = ready_ms(called, run.night.draws) + later_ms
    fit_out(run, vehicle)
    order = asked_of(run, base, order)
    if "news" in run.stage.scenario.response:
        equip(run, vehicle)
        yield env.timeout(called.asked_ms + later_ms - env.now)
        order, passed_ms = order_passed(run, base, order)
        if passed_ms >= NEVER:
            return
        ready += passed_ms
    yield env.timeout(ready - env.now)
    run.log(vehicle, "vehicle_ready", cause=order, place=base, milestone=f"vehicle {vehicle.vehicle} ready")
    vehicle.stopped_ms = vehicle.heard_ms = env.now
    while not vehicle.lost:
        trip = run.next_trip(vehicle.vehicle)
        if trip is not None:
            run.begin(vehicle, trip)
            yield from _trip(run, vehicle, trip)
        elif run.stage.policy.replans:
            yield run.new_orders()
        else:
            break
    while vehicle.lost and (left := run.next_trip(vehicle.vehicle)) is not None:
        run.begin(vehicle, left)
        _cancel(run, vehicle, left, "vehicle lost")
    if vehicle.site < 0:
        run.log(vehicle, "stranded", cause=vehicle.gave_up, quantity=run.take_km(vehicle))


def _trip(run: Run, vehicle: Vehicle, trip: PlannedTrip) -> Generator[Any, Any, None]:
    env = run.env
    name = f"trip {trip.trip}"
    if trip.start_from_ms > env.now:
        yield env.timeout(trip.start_from_ms - env.now)
    there = yield from drive(run, vehicle, trip.depot, trip.to_depot, trip.at_depot_ms, "leave", f"{name} leave")
    if not there:
        _cancel(run, vehicle, trip, "vehicle lost" if vehicle.lost else "no way to the depot")
        return
    run.log(vehicle, "arrive_depot", place=trip.depot, quantity=run.take_km(vehicle), milestone=f"{name} at depot")
    loaded = yield from load(run, vehicle, trip)
    if not loaded:
        _cancel(run, vehicle, trip, "nothing to load")
        return
    run.note_delay(vehicle, trip.load_start_ms + trip.load_ms)
    draws = run.night.draws
    yield env.timeout(draws.step_ms("convoy", f"{vehicle.vehicle} {trip.sequence}"))
    if trip.depart_from_ms > env.now:
        yield env.timeout(trip.depart_from_ms - env.now)
    vehicle.departed = False
    left_out = False
    for stop in trip.stops:
        served = yield from _stop(run, vehicle, trip, stop)
        left_out = left_out or not served
    if left_out and not vehicle.departed:
        _cancel(run, vehicle, trip, "no way to any stop")
        return
    run.closed_trips.add(trip.trip)
    if left_out:
        run.log(vehicle, "trip_unfinished", detail="stops left out")
        return
    run.log(vehicle, "trip_done", milestone=f"{name} done")
    if trip.back is not None:
        back = yield from drive(
            run, vehicle, trip.back.destination, trip.back, trip.return_ms, "return", f"{name} return"
        )
        if back:
            run.log(vehicle, "returned", place=trip.back.destination, quantity=run.take_km(vehicle),
                    milestone=f"{name} returned")  # fmt: skip


def _stop(run: Run, vehicle: Vehicle, trip: PlannedTrip, stop: PlannedStop) -> Generator[Any, Any, bool]:
    """Serve one stop; False if it is left out."""
    env = run.env
    name = f"trip {trip.trip} stop {stop.number}"
    line = run.unloading(stop.site)
    cargo = [part for part in vehicle.aboard if part.stop == stop.number]
    if stop.loads and not cargo:
        run.log(vehicle, "stop_skipped", place=stop.site, detail="nothing to deliver")
        run.blame(stop, vehicle.last)
        line.cancel(stop.rank)
        return False
    if stop.pause_ms:
        run.log(vehicle, "rest", detail=str(stop.pause_ms // 1000))
        yield env.timeout(stop.pause_ms)
    milestone = f"{name} leave" if vehicle.departed else f"trip {trip.trip} departed"
    there = yield from drive(run, vehicle, stop.site, stop.leg, stop.arrive_ms, "depart", milestone)
    if not there:
        line.cancel(stop.rank)
        carried = yield from carry_on(run, vehicle, stop.site, cargo, milestone)
        if not carried:
            run.log(vehicle, "stop_skipped", cause=vehicle.gave_up, place=stop.site, detail="no way")
            run.blame(stop, vehicle.last)
        return bool(carried)
    run.log(vehicle, "arrive", place=stop.site, quantity=run.take_km(vehicle), milestone=f"{name} arrived")
    visit(run, stop.site)
    if line.busy:
        run.log(vehicle, "unload_wait", place=stop.site)
    place, freed = yield line.request(stop.rank, stop.unload_ms)
    run.log(vehicle, "unload_start", cause=freed if freed >= 0 else None, place=stop.site,
            milestone=f"{name} unload start")  # fmt: skip
    step = run.night.draws.step_ms("unloading", f"{vehicle.vehicle} {trip.sequence} {stop.site}")
    yield env.timeout(part_load_ms(run.stage.scenario, step, cargo))
    done = run.log(vehicle, "unload_end", place=stop.site, milestone=f"{name} unloaded")
    line.release(place, done)
    run.note_delay(vehicle, stop.unload_start_ms + stop.unload_ms)
    vehicle.aboard = [part for part in vehicle.aboard if part.stop != stop.number]
    hand_out(run, vehicle, cargo, stop.site, done)
    return True


def _cancel(run: Run, vehicle: Vehicle, trip: PlannedTrip, why: str) -> None:
    """Give a trip up: its dock, its stock and its unloading places are free for others."""
    run.closed_trips.add(trip.trip)
    run.docks[trip.depot].cancel(trip.rank)
    run.store.forget(trip.rank)
    for stop in trip.stops:
        run.unloading(stop.site).cancel(stop.rank)
    cause = vehicle.gave_up if vehicle.gave_up >= 0 else vehicle.last
    run.log(vehicle, "trip_cancelled", cause=cause, place=trip.depot, detail=why)
    if why in _UNLOADED:
        run.given_up.add(trip.trip)
    if run.stage.policy.replans:
        run.learn(vehicle.last)
    for stop in trip.stops:
        run.blame(stop, vehicle.last)
