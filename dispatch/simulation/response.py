"""One night of the response, from the order to the horizon: a plan played out in time with SimPy.

Depots open, vehicles mobilise, load, drive and unload as processes of their own; what happens is written down as
events. With the planning values and the roads as forecast, this is the plan's own timetable.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pandas as pd

from dispatch.planning.plan import Plan
from dispatch.scenario import Scenario
from dispatch.simulation.air_relay import with_relays
from dispatch.simulation.asking import ask_tiers
from dispatch.simulation.clearing import clear_roads
from dispatch.simulation.depot import opening, supplies
from dispatch.simulation.news import reports
from dispatch.simulation.night import Night, planned_night
from dispatch.simulation.recorder import Recorder, log_table
from dispatch.simulation.replanning import command
from dispatch.simulation.run import Run
from dispatch.simulation.stage import prepare
from dispatch.simulation.vehicle import vehicle_process
from dispatch.simulation.warning import warn

__all__ = ["play", "replay"]


def replay(scenario: Scenario, plan: Plan) -> pd.DataFrame:
    """Play a plan with all randomness off: planning values of every step, roads as forecast.

    Returns
    -------
    DataFrame
        Event log (``LOG_COLUMNS``) of one replication, 0; it reproduces the timetable of a plan that breaks no rule.

    Raises
    ------
    InputProblems
        If the plan names what the scenario does not have.
    """
    stage = prepare(scenario, plan)
    return log_table([play(planned_night(stage))])


def play(night: Night) -> Recorder:
    """Play the plan of a stage on one night.

    Raises
    ------
    ConservationError
        If a unit of stock appears or vanishes.
    """
    import simpy

    stage = night.stage
    env = simpy.Environment(initial_time=stage.begin_ms)
    run = Run(env, stage, night)
    night.outages = with_relays(run)
    run.orders = {planned.vehicle: planned.trips for planned in stage.vehicles}
    order = _known_beforehand(run)
    used = dict.fromkeys(trip.depot for vehicle in stage.vehicles for trip in vehicle.trips)
    if stage.policy.replans:
        used |= dict.fromkeys(stage.called_depots)
    for depot in used:
        run.opened[depot] = env.event()
        env.process(opening(run, stage.called_depots[depot], order))
    for planned in stage.vehicles:
        vehicle = run.add_vehicle(planned.vehicle, planned.vehicle_class, planned.base)
        env.process(vehicle_process(run, vehicle, planned.base, order))
    command(run, order)
    clear_roads(run, order)
    for hook in stage.hooks:
        hook(run, order)
    if stage.begin_ms <= night.due_ms <= night.last_ms:
        env.process(_deadline(run))
    env.run(until=night.last_ms + 1)
    _close(run)
    run.store.check([part for vehicle in run.vehicles for part in vehicle.aboard] + run.carried)
    return run.recorder


def _known_beforehand(run: Run) -> int:
    """Write down the order, the reports, what is cut off, the closures of planned roads; return the order's event."""
    stage, record = run.stage, run.recorder.record
    scenario = stage.scenario
    cause = warn(run) if "warning" in scenario.response else -1
    order = record(run.night.order_ms, "order_received", "county", "headquarters", cause, milestone="order")
    ask_tiers(run, order)
    reports(run)
    for place in run.night.cut_off():
        record(run.night.order_ms, "cut_off", place, "place", order, place=place)
    for vehicle_class, edges in stage.path_edges.items():
        roads = run.night.timed(vehicle_class)
        for edge in edges:
            for k in range(int(roads.first[edge]), int(roads.first[edge + 1])):
                start, end = int(roads.start_ms[k]), int(roads.end_ms[k])
                if roads.permille[k] == 0 and start <= run.night.last_ms and end > stage.begin_ms:
                    run.record_closure(vehicle_class, edge, start)
    supplies(run, order)
    return order


def _deadline(run: Run) -> Generator[Any, Any, None]:
    """At the deadline, write down which places still lack first-batch goods, and what their vehicle was held up by."""
    yield run.env.timeout(run.night.due_ms - run.env.now)
    for place, open_needs in run.waiting_for.items():
        if not open_needs:
            continue
        bringing = [
            vehicle
            for vehicle in run.vehicles
            if any(load.need in open_needs for trip in run.trips_of(vehicle.vehicle)
                   if trip.trip not in run.closed_trips for stop in trip.stops for load in stop.loads)
            or any(part.need in open_needs for part in vehicle.aboard)
        ]  # fmt: skip
        last = max(bringing, key=lambda vehicle: vehicle.last, default=None)
        run.recorder.record(
            run.env.now, "late", place, "place", -1 if last is None else last.last, place=place,
            detail="" if last is None else last.vehicle,
        )  # fmt: skip


def _close(run: Run) -> None:
    """Write down, at the horizon, everything that is not done."""
    end_ms, record = run.night.last_ms, run.recorder.record
    for vehicle in run.vehicles:
        for trip in run.trips_of(vehicle.vehicle):
            if trip.trip not in run.closed_trips:
                record(end_ms, "trip_unfinished", vehicle.vehicle, "vehicle", vehicle.last, trip=trip.trip,
                       detail="horizon")  # fmt: skip
        event = "load_under_way" if vehicle.gave_up < 0 else "load_stranded"
        for part in vehicle.aboard:
            run.why[part.need] = vehicle.last
            record(end_ms, event, vehicle.vehicle, "vehicle", vehicle.last, place=part.place, item=part.item,
                   lot=part.lot, quantity=float(part.quantity), detail=part.need, trip=vehicle.trip)  # fmt: skip
    for part in run.carried:
        record(end_ms, "load_under_way", part.place, "place", -1, place=part.place, item=part.item, lot=part.lot,
               quantity=float(part.quantity), detail=part.need)  # fmt: skip
    for need, left in run.left.items():
        if left > 0:
            row = run.stage.needs[need]
            record(end_ms, "need_unmet", row.place, "place", run.why.get(need, -1), place=row.place,
                   item=row.item, quantity=float(left),
                   detail=need)  # fmt: skip
    record(end_ms, "end", "county", "headquarters", milestone="end")
