"""County + roads + hazard + orders + clock: one problem to solve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import pandas as pd

from dispatch.air_order import AirOrder
from dispatch.clock import HOUR_MS
from dispatch.county.county import County
from dispatch.evacuation_order import EvacuationOrder
from dispatch.hazards.disruption import Disruption
from dispatch.hazards.timed import timed_edges
from dispatch.norms.response import Response
from dispatch.problems import Problem
from dispatch.roads.network import RoadNetwork
from dispatch.roads.profiles import VehicleProfile, travel_ms
from dispatch.roads.travel import Travel
from dispatch.task_order import TaskOrder

__all__ = ["NEED_COLUMNS", "SITE_COLUMNS", "STEPS", "Scenario", "StepTime", "travel"]

NEED_COLUMNS: dict[str, str] = {
    "need": "str",
    "report": "str",
    "place": "str",
    "site": "str",
    "part": "str",
    "item": "str",
    "quantity": "int64",
    "people": "float64",
    "weight": "float64",
    "release_ms": "int64",
    "substitutes": "str",
    "rule": "str",
}
"""What must arrive, one row per demand report, part and item. ``site``: where it is handed over (delivery point);
``part``: ``first_batch`` or ``rest``; ``people``: people of the report (the same in each of its rows); ``weight``:
people × priority; ``release_ms``: the report's time, no loading for it before; ``substitutes``: items that may stand in
one for one, apart by ``;``; ``rule``: "" if reported, else the rule that made the figure."""

SITE_COLUMNS: dict[str, str] = {
    "site": "str",
    "kind": "str",
    "name": "str",
    "place": "str",
    "lon": "float64",
    "lat": "float64",
    "node": "int64",
    "access_m": "float64",
    "access_ms": "int64",
}
"""Points on the network, index = ``site`` (a depot, facility, shelter or place id; ids are unique across these tables
in one scenario). ``node``: node of the scenario's network, -1 if no road is near; ``access_m``/``access_ms``: the last
stretch between the road and the point, walked or driven at walking pace; it counts at every arrival and departure."""

STEPS: tuple[str, ...] = ("call_up", "vehicle_arrival", "loading", "convoy", "unloading")
"""Timed steps after the order: call up store staff and drivers; a hired vehicle's coming to its base; picking and
loading one reference truck at one dock; convoy forming and papers; unloading, counting and signing one reference
truck."""


@dataclass(frozen=True)
class StepTime:
    """Triangular time of one step, minutes (source in the norm file); the planning value is the mean."""

    low_min: float
    mode_min: float
    high_min: float
    source: str = ""

    @property
    def mean_ms(self) -> int:
        """Mean of the triangular distribution, (low + mode + high) / 3, in ms rounded to the second."""
        return round((self.low_min + self.mode_min + self.high_min) / 3 * 60) * 1000


@dataclass(frozen=True, eq=False)
class Scenario:
    """One problem to solve. Times are ms from ``reference_time`` (time zero, which closures use too).

    Attributes
    ----------
    name, title_zh, title_en, hazard : str
    county : County
    network : RoadNetwork
        With every site attached as a node.
    sites : DataFrame
        ``SITE_COLUMNS``.
    profiles : mapping of vehicle class to VehicleProfile
        Every class that occurs in the county's vehicles.
    disruption : Disruption
    reference_time : datetime
        Aware.
    order_ms : int
        When the allocation order is received at the county; the six hours start here.
    deadline_ms : int
        Length of the promise, 6 h unless told otherwise; the line is at ``order_ms + deadline_ms``.
    horizon_ms : int
        End of the plan and of the simulation, measured from ``order_ms``.
    tier_deadline_ms : mapping of tier to int
        Limits by tier of depot (county 6 h, city 8 h, province 10 h), from the order.
    needs : DataFrame
        ``NEED_COLUMNS``.
    first_batch : DataFrame
        Rows of the first-batch table in force.
    first_batch_preset : str
    steps : mapping of step to StepTime
        In force at the hour of the order.
    loading_reference_kg, loading_reference_m3 : float
        The reference truck of the steps ``loading`` and ``unloading``; a part load takes its share of the time (the
        larger of kg and m³), but not less than ``loading_floor``.
    loading_floor : float
    pace_start_ms, pace_permille : tuples of int
        General speed factor (night, weather) from each instant; see ``models.traversal``.
    speed_spread : tuple of three floats
        Low, mode, high of a vehicle's own speed factor on a night (triangular).
    drive_limit_ms, drive_rest_ms : int
        Continuous driving allowed, and the rest then due (4 h, 20 min: 道路交通安全法实施条例 §62(7)).
    tier_request_ms : mapping of tier to int
        Time from the county's order until a city or province depot has its own order.
    walk_kmh : float
        Speed of the last stretch between road and site.
    response : Response
        What a night holds beside loading and driving (``dispatch.norms.response``); nothing unless the scenario says.
    evacuation : EvacuationOrder or None
        Who must be moved out of the hazard's way, if the scenario has the section ``evacuation``.
    air : AirOrder or None
        Weather for flying and what is asked of aircraft, if the scenario has the section ``air``.
    tasks : TaskOrder or None
        What teams have to do, if the scenario has the section ``tasks``.
    seed : int
    notes : tuple of Problem
        Warnings of loading (a place far from any road …), printed in the report.
    statements : tuple of (zh, en) pairs
        What must be said on page 1: synthetic data, schematic roads, fictional hazard.
    path : Path or None
        File it was read from.
    """

    name: str
    county: County
    network: RoadNetwork
    sites: pd.DataFrame
    profiles: Mapping[str, VehicleProfile]
    disruption: Disruption
    reference_time: datetime
    needs: pd.DataFrame
    first_batch: pd.DataFrame
    steps: Mapping[str, StepTime]
    order_ms: int = 0
    deadline_ms: int = 6 * HOUR_MS
    horizon_ms: int = 24 * HOUR_MS
    tier_deadline_ms: Mapping[str, int] = None  # type: ignore[assignment]
    tier_request_ms: Mapping[str, int] = None  # type: ignore[assignment]
    title_zh: str = ""
    title_en: str = ""
    hazard: str = "none"
    first_batch_preset: str = ""
    loading_reference_kg: float = 5000.0
    loading_reference_m3: float = 38.0
    loading_floor: float = 0.2
    pace_start_ms: tuple[int, ...] = (0,)
    pace_permille: tuple[int, ...] = (1000,)
    speed_spread: tuple[float, float, float] = (0.85, 1.0, 1.1)
    drive_limit_ms: int = 4 * HOUR_MS
    drive_rest_ms: int = HOUR_MS // 3
    walk_kmh: float = 3.0
    response: Response = field(default_factory=Response)
    evacuation: EvacuationOrder | None = None
    air: AirOrder | None = None
    tasks: TaskOrder | None = None
    seed: int = 1
    notes: tuple[Problem, ...] = ()
    statements: tuple[tuple[str, str], ...] = ()
    path: Path | None = None

    def __post_init__(self) -> None:
        tiers = {"county": 6 * HOUR_MS, "city": 8 * HOUR_MS, "province": 10 * HOUR_MS}
        object.__setattr__(self, "tier_deadline_ms", {**tiers, **(self.tier_deadline_ms or {})})
        object.__setattr__(self, "tier_request_ms", dict(self.tier_request_ms or {"city": 0, "province": 0}))

    @property
    def due_ms(self) -> int:
        """The six-hour line: when the first batch must be unloaded at the last place."""
        return self.order_ms + self.deadline_ms

    @property
    def end_ms(self) -> int:
        """End of the horizon."""
        return self.order_ms + self.horizon_ms

    def step_ms(self, step: str) -> int:
        """Planning value (mean) of a step, ms."""
        return self.steps[step].mean_ms

    def load_share(self, weight_kg: float, volume_m3: float) -> float:
        """Share of a reference truck's loading or unloading time that a load takes; 0 for no load."""
        if weight_kg <= 0 and volume_m3 <= 0:
            return 0.0
        share = max(weight_kg / self.loading_reference_kg, volume_m3 / self.loading_reference_m3)
        return max(share, self.loading_floor)

    def with_disruption(self, disruption: Disruption) -> Scenario:
        """Return the same scenario under another hazard outcome."""
        return replace(self, disruption=disruption)


def travel(scenario: Scenario, disruption: Disruption | None = None) -> Travel:
    """Roads of a scenario on the clock: realised times of ``disruption``, or of the scenario's own.

    Planners pass ``scenario.disruption.forecast()``; the simulation passes a sampled night.
    """
    hazard = scenario.disruption if disruption is None else disruption
    timed = {
        name: timed_edges(
            scenario.network,
            travel_ms(scenario.network, profile),
            name,
            profile.wading_m,
            hazard,
            scenario.pace_start_ms,
            scenario.pace_permille,
        )
        for name, profile in scenario.profiles.items()
    }
    return Travel(
        scenario.network,
        timed,
        tuple(scenario.sites.index),
        scenario.sites["node"].to_numpy(dtype="int64"),
        scenario.sites["access_ms"].to_numpy(dtype="int64"),
        scenario.drive_limit_ms,
        scenario.drive_rest_ms,
    )
