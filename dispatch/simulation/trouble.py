"""What befalls a vehicle on the way: it breaks down, or its tank does not last.

A breakdown comes after an exponential time of driving (memoryless, the rate per hour drawn for each vehicle and night)
and shows at the next junction. It is repaired on the spot, or the vehicle is towed away and its load with it.
"""

from __future__ import annotations

from collections.abc import Generator
from math import inf
from typing import Any

from dispatch.clock import HOUR_MS
from dispatch.simulation.order_chain import figure_ms
from dispatch.simulation.playbook import Leg
from dispatch.simulation.run import Run, Vehicle
from models.traversal import NEVER

__all__ = ["break_down", "fit_out", "refuel"]


def fit_out(run: Run, vehicle: Vehicle) -> None:
    """Draw when a vehicle first fails and what is in its tank."""
    response, draws = run.stage.scenario.response, run.night.draws
    if "breakdowns" in response:
        vehicle.fails_ms = _next_failure_ms(run, vehicle)
    if "fuel" in response:
        full_m = draws.figure("fuel.range_km", vehicle.vehicle_class) * 1000.0
        vehicle.tank_m = full_m * draws.figure("fuel.start", vehicle.vehicle)


def _next_failure_ms(run: Run, vehicle: Vehicle) -> int:
    draws = run.night.draws
    per_h = draws.figure("breakdowns.per_h", vehicle.vehicle)
    hours = draws.until_failure_h(f"{vehicle.vehicle} {vehicle.failures}", per_h)
    return NEVER if hours == inf else min(vehicle.wheel_ms + round(hours * HOUR_MS), NEVER)


def break_down(run: Run, vehicle: Vehicle) -> Generator[Any, Any, None]:
    """Stand until repaired; the vehicle is ``lost`` if it has to be towed."""
    draws, response = run.night.draws, run.stage.scenario.response
    entity = f"{vehicle.vehicle} {vehicle.failures}"
    run.log(vehicle, "breakdown")
    if draws.chance("breakdowns.towed", entity, response.value("breakdowns.towed")):
        vehicle.lost = True
        vehicle.gave_up = run.log(vehicle, "vehicle_lost", milestone=f"vehicle {vehicle.vehicle} lost")
        run.learn(vehicle.last)
        return
    yield run.env.timeout(figure_ms(draws, "breakdowns.repair", entity))
    vehicle.failures += 1
    vehicle.fails_ms = _next_failure_ms(run, vehicle)
    vehicle.driven_ms = 0
    run.log(vehicle, "repaired")
    run.log(vehicle, "go_on")


def refuel(run: Run, vehicle: Vehicle, leg: Leg) -> Generator[Any, Any, None]:
    """Refuel before a way there and back that the tank, less its reserve, does not last."""
    draws = run.night.draws
    full_m = draws.figure("fuel.range_km", vehicle.vehicle_class) * 1000.0
    way_m = 2.0 * float(run.stage.length_m[leg.edges].sum())
    if vehicle.tank_m - way_m >= full_m * run.stage.scenario.response.value("fuel.reserve") or vehicle.tank_m >= full_m:
        return
    run.log(vehicle, "refuel", place=run.site_names[vehicle.site])
    yield run.env.timeout(figure_ms(draws, "fuel.refuel", f"{vehicle.vehicle} {run.env.now}"))
    vehicle.tank_m = full_m
    run.log(vehicle, "refuelled", place=run.site_names[vehicle.site])
