"""Roads as evacuees use them: on foot, by own car, by bus; and how many cars a road takes.

Evacuees keep the rule of closures of everybody else: nobody is on an edge while the hazard is. Cars that enter an edge
within one time slot are no more than its lanes take (norm table ``evacuation_capacity``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dispatch.clock import MINUTE_MS
from dispatch.hazards.disruption import Disruption
from dispatch.norms import read_norm
from dispatch.norms.response import Response
from dispatch.roads.network import ROAD_CLASSES, SURFACES, RoadNetwork
from dispatch.roads.profile_norms import read_profiles
from dispatch.roads.profiles import VehicleProfile
from dispatch.roads.travel import Travel
from dispatch.scenario import Scenario, travel

__all__ = ["CAR", "RoadUse", "bus_rows", "evacuation_travel", "profiles_of", "slot_capacity", "walk_class"]

CAR = "car"
_NO_WALKING = ("motorway", "motorway_link", "ferry")


def walk_class(group: str) -> str:
    """Class of a group on foot."""
    return "walk_assisted" if group == "assisted" else "walk"


def profiles_of(scenario: Scenario) -> dict[str, VehicleProfile]:
    """Profiles of all that evacuees use: on foot (fit, and in need of help), own car, the fleet's buses."""
    response = scenario.response
    made = {}
    for name, figure in (("walk", "walk_kmh"), ("walk_assisted", "walk_assisted_kmh")):
        kmh = response.value(f"evacuation.{figure}")
        speeds = {road: 0.0 if road in _NO_WALKING else kmh for road in ROAD_CLASSES}
        wading = response.value("evacuation.walk_wading")
        made[name] = VehicleProfile(
            name, "步行", "on foot", 0.1, 2.0, 0.5, wading, speeds, dict.fromkeys(SURFACES, 1.0)
        )
    car = scenario.profiles.get(CAR)
    made[CAR] = read_profiles()[CAR] if car is None else car
    for row in bus_rows(scenario):
        made[str(row["class"])] = scenario.profiles[str(row["class"])]
    return made


def bus_rows(scenario: Scenario) -> list[dict[str, object]]:
    """Vehicles of the county that carry people: with seats, and no goods (those are kept for the relief)."""
    vehicles = scenario.county.table("vehicles")
    chosen = vehicles[(vehicles["seats"] > 0) & (vehicles["payload_kg"] == 0)]
    return [row for row in chosen.to_dict("records") if row["base"] in scenario.sites.index]


def evacuation_travel(scenario: Scenario, disruption: Disruption | None = None) -> Travel:
    """Roads on the clock for evacuees; the forecast's unless a night is given."""
    hazard = scenario.disruption.forecast() if disruption is None else disruption
    return travel(replace(scenario, profiles=profiles_of(scenario)), hazard)


def slot_capacity(
    network: RoadNetwork, response: Response, *, contraflow: bool = False
) -> tuple[NDArray[np.int64], int]:
    """Cars that may enter each edge in one time slot, and the slot's length (ms).

    Per lane by road class; a street's ``lanes`` are shared by its two directions, one lane where they are not tagged
    (two on a motorway). With contraflow the other direction's lanes but one are used too.
    """
    per_lane = {row["road_class"]: float(row["cars_per_h"]) for row in read_norm("evacuation_capacity")}
    by_class = np.array([per_lane[name] for name in ROAD_CLASSES])
    motorway = network.road_class == ROAD_CLASSES.index("motorway")
    two_way = network.twin >= 0
    tagged = network.lanes.astype(np.float64)
    own = np.where(two_way, np.maximum(np.floor(tagged / 2), 1.0), tagged)
    lanes = np.where(np.isnan(tagged), np.where(motorway, 2.0, 1.0), np.maximum(own, 1.0))
    if contraflow:
        lanes = lanes + np.where(two_way, np.maximum(lanes[network.twin] - 1.0, 0.0), 0.0)
    slot = round(response.value("evacuation.slot") * MINUTE_MS)
    cars = by_class[network.road_class] * lanes * slot / (60 * MINUTE_MS)
    return np.maximum(np.floor(cars), 1.0).astype(np.int64), slot


@dataclass(eq=False)
class RoadUse:
    """Cars entered so far, by edge and time slot."""

    network: RoadNetwork
    response: Response
    contraflow: bool

    @cached_property
    def _limits(self) -> tuple[NDArray[np.int64], int]:
        return slot_capacity(self.network, self.response, contraflow=self.contraflow)

    @cached_property
    def used(self) -> dict[tuple[int, int], int]:
        """Cars by (edge, slot)."""
        return {}

    @property
    def slot_ms(self) -> int:
        """Length of a slot."""
        return self._limits[1]

    def room(self, edges: NDArray[np.integer], enter_ms: NDArray[np.int64]) -> NDArray[np.int64]:
        """Cars that may still enter each edge at its time."""
        capacity, slot = self._limits
        used = self.used
        taken = [used.get(key, 0) for key in zip(edges.tolist(), (enter_ms // slot).tolist(), strict=True)]
        left: NDArray[np.int64] = capacity[edges] - np.array(taken, dtype=np.int64)
        return left

    def wait_ms(self, edges: NDArray[np.integer], enter_ms: NDArray[np.int64]) -> int:
        """How much later cars must leave until each of these edges has room at its time."""
        capacity, slot = self._limits
        slots = 0
        for edge, entered in zip(edges.tolist(), (enter_ms // slot).tolist(), strict=True):
            while self.used.get((edge, entered + slots), 0) >= capacity[edge]:
                slots += 1
        return slots * slot

    def take(self, edges: NDArray[np.integer], enter_ms: NDArray[np.int64], cars: int) -> None:
        """So many cars go this way."""
        for key in zip(edges.tolist(), (enter_ms // self.slot_ms).tolist(), strict=True):
            self.used[key] = self.used.get(key, 0) + cars
