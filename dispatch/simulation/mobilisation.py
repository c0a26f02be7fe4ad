"""When store staff and vehicles are ready on one night: the planner's rules (``planning.supply``) with drawn times.

A time given in the pack for one depot or vehicle (``open_min``, ``approval_min``, ``turnout_min``) is its planning
value; on a night it varies around it as the step ``call_up`` varies around its mean.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dispatch.clock import MINUTE_MS
from dispatch.planning.supply import TIER_RANK
from dispatch.scenario import Scenario
from dispatch.simulation.draws import Draws
from models.traversal import NEVER

__all__ = ["CalledDepot", "CalledVehicle", "called_depots", "called_vehicles", "open_ms", "ready_ms"]

_TIER_OF_RANK = {1: "city", 2: "province"}


@dataclass(frozen=True)
class CalledDepot:
    """A depot as it is called up: ``asked_ms`` is when the order reaches it, minutes are NaN where not given."""

    depot: str
    docks: int
    asked_ms: int
    readiness: str
    open_min: float
    approval_min: float


@dataclass(frozen=True)
class CalledVehicle:
    """A vehicle as it is called up."""

    vehicle: str
    vehicle_class: str
    base: str
    asked_ms: int
    turnout_min: float
    hired: bool


def called_depots(scenario: Scenario) -> dict[str, CalledDepot]:
    """Depots by id."""
    return {
        row["depot"]: CalledDepot(
            row["depot"], int(row["docks"]), _asked_ms(scenario, row["tier"]), row["readiness"],
            float(row["open_min"]), float(row["approval_min"]),
        )
        for row in _rows(scenario, "depots")
    }  # fmt: skip


def called_vehicles(scenario: Scenario) -> dict[str, CalledVehicle]:
    """Vehicles by id."""
    table = scenario.county.table("depots")
    tiers = dict(zip(table["depot"], table["tier"], strict=True))
    return {
        row["vehicle"]: CalledVehicle(
            row["vehicle"], row["class"], row["base"], _asked_ms(scenario, tiers.get(row["base"], "")),
            float(row["turnout_min"]), row["mode"] != "own",
        )
        for row in _rows(scenario, "vehicles")
    }  # fmt: skip


def _rows(scenario: Scenario, table: str) -> list[Mapping[str, Any]]:
    rows: list[Mapping[str, Any]] = scenario.county.table(table).to_dict("records")
    return rows


def _asked_ms(scenario: Scenario, tier: str) -> int:
    """When the order reaches a tier."""
    asked = _TIER_OF_RANK.get(TIER_RANK.get(tier, 0))
    return scenario.order_ms + (scenario.tier_request_ms.get(asked, 0) if asked else 0)


def open_ms(depot: CalledDepot, draws: Draws) -> int:
    """When a depot is staffed and its owner has approved; ``NEVER`` if it stays closed."""
    if depot.readiness == "closed":
        return NEVER
    staffed = _given_ms(depot.open_min, draws, "opening", depot.depot)
    if depot.readiness != "ready":
        staffed = max(staffed, draws.step_ms("call_up", f"depot {depot.depot}"))
    return depot.asked_ms + max(staffed, _given_ms(depot.approval_min, draws, "approval", depot.depot))


def ready_ms(vehicle: CalledVehicle, draws: Draws) -> int:
    """When a vehicle with its crew may set out from its base."""
    if math.isnan(vehicle.turnout_min):
        ready = vehicle.asked_ms + draws.step_ms("call_up", f"vehicle {vehicle.vehicle}")
    else:
        ready = vehicle.asked_ms + _given_ms(vehicle.turnout_min, draws, "turnout", vehicle.vehicle)
    return ready + (draws.step_ms("vehicle_arrival", vehicle.vehicle) if vehicle.hired else 0)


def _given_ms(minutes: float, draws: Draws, purpose: str, entity: str) -> int:
    """A time of the pack on this night; not given counts as none."""
    if math.isnan(minutes) or minutes == 0:
        return 0
    return math.ceil(round(minutes * MINUTE_MS * draws.spread("call_up", purpose, entity), 3))
