"""Snow and ice on roads: what falls and lies, what grip is left on which gradient, and when ploughs reopen it.

Snow gathers on every street (more above the snow line) until a plough comes by; then it gathers again. The surface
(wet, snow-covered, deep, blocked, icy) gives a speed and a friction coefficient: a vehicle goes no faster than it can
stop within its sight on that gradient, and a street steeper than its driven wheels can climb is shut to its class.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dispatch.county.county import County
from dispatch.hazards.disruption import (
    AREA_COLUMNS,
    EDGE_COLUMNS,
    GROUP_COLUMNS,
    PLACE_COLUMNS,
    Disruption,
    empty_table,
)
from dispatch.hazards.ground_spec import Snow
from dispatch.hazards.outcomes import one_of
from dispatch.hazards.snow_streets import Streets, streets_of
from dispatch.hazards.storm import factors
from dispatch.hazards.terrain import Terrain, read_terrain
from dispatch.norms import read_norm
from dispatch.roads.network import ROAD_CLASSES, RoadNetwork
from models.ground.snow import climbable, lying_cm, plough_times_s, safe_speed_kmh

__all__ = ["SnowModel", "snow"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CAUSE = "snow_ice"
GROUP = "snow"


@dataclass(frozen=True, eq=False)
class SnowModel:
    """A snowfall, ready to be laid over a county."""

    spec: Snow
    terrain: Terrain | None
    rules: dict[str, float]

    def over(self, network: RoadNetwork, county: County) -> Disruption:
        """Lay it over roads."""
        streets = streets_of(network, self.terrain, self.rules["gradient_window"])
        low, mode, high = self.spec.snow_factor
        forecast = self._roads(network, county, streets, mode)
        if low == high:
            return forecast
        ways = [
            self._roads(network, county, streets, float(one)) for one in factors(low, mode, high, self.spec.outcomes)
        ]
        return one_of(forecast, ways, GROUP)

    def time_s(self) -> Floats:
        """Beginnings of the steps, and the end of the last."""
        step = 60.0 * self.rules["step"]
        time: Floats = self.spec.start + step * np.arange(
            math.ceil(self.spec.hours * 3600.0 / step) + 1, dtype=np.float64
        )
        return time

    def ploughed(self, network: RoadNetwork, factor: float = 1.0) -> pd.DataFrame:
        """Streets in the order of ploughing, all on which snow falls.

        Columns edge, name, ref, order, lying_cm (at the end, without a plough), done_s, team.
        """
        streets = streets_of(network, self.terrain, self.rules["gradient_window"])
        order, done, team = self._ploughing(network, streets, factor)
        edge = streets.edge[order]
        fallen = self._fallen(streets, factor)[order, -1]
        return pd.DataFrame({
            "edge": network.edge_id[edge], "name": network.name[edge], "ref": network.ref[edge],
            "order": np.arange(1, len(order) + 1), "lying_cm": fallen, "done_s": done[order], "team": team[order],
        })  # fmt: skip

    def stranded(self, network: RoadNetwork, county: County) -> pd.DataFrame:
        """Travellers caught where a street is shut to cars or trucks for hours: people by the place that takes them in.

        Columns place, people, from_s. On each road the worst street counts: vehicles an hour × how long traffic runs on
        before it is turned back × people in a vehicle × how much of the traffic cannot go on.
        """
        from dispatch.hazards.snow_stranded import stranded_travellers

        return stranded_travellers(self.over(network, county), network, county, self.rules)

    def _fallen(self, streets: Streets, factor: float) -> Floats:
        """Snow fallen on each street up to each time, cm."""
        spec, time = self.spec, self.time_s()
        if spec.snow_cm:
            at = spec.start + 60.0 * spec.snow_step_min * np.arange(len(spec.snow_cm) + 1)
            total = np.interp(time, at, np.concatenate([[0.0], np.cumsum(spec.snow_cm)]))
        else:
            deep = spec.snow_mm * self.rules["cm_per_mm"]
            total = deep * np.clip((time - spec.start) / (3600.0 * spec.fall_h), 0.0, 1.0)
        share = np.ones(len(streets.edge))
        if not math.isnan(spec.snow_line_m):
            share = np.clip((streets.height_m - spec.snow_line_m) / self.rules["transition"] + 0.5, 0.0, 1.0)
        fallen: Floats = share[:, None] * (spec.lying_cm + factor * total)[None, :]
        fallen[streets.covered] = 0.0
        return fallen

    def _ploughing(self, network: RoadNetwork, streets: Streets, factor: float) -> tuple[Ints, Floats, Ints]:
        """Order of the streets that are ploughed, and by street when and by whom."""
        spec, edge = self.spec, streets.edge
        rank = self._roads_norm("plough_order")[network.road_class[edge]]
        for number, name in enumerate(reversed(spec.plough_first), start=1):
            named = (network.ref[edge] == name) | (network.name[edge] == name)
            rank = np.where(named, -float(number), rank)
        # every street with any snow, so that more snow never brings a plough to a street that less leaves wet
        snowy = self._fallen(streets, factor)[:, -1] > 0
        x, y = streets.x_m, streets.y_m
        place = _along(rank, network, edge)
        order = np.array([k for k in place if snowy[k]], dtype=np.int64)
        done, team = np.full(len(edge), math.inf), np.full(len(edge), -1, dtype=np.int64)
        if spec.ploughs and len(order):
            base = np.array([streets.metres_of(*plough["at"]) for plough in spec.ploughs])
            when, who = plough_times_s(
                streets.length_m[order], np.array([plough["start"] for plough in spec.ploughs]),
                np.array([plough["speed_kmh"] for plough in spec.ploughs]), x[order], y[order], base,
                self.rules["plough_travel"],
            )  # fmt: skip
            done[order], team[order] = when, who
        return order, done, team

    @cached_property
    def _surfaces(self) -> list[dict[str, Any]]:
        return sorted(
            (row for row in read_norm("snow_surfaces") if row["surface"] != "ice"), key=lambda r: float(r["from_cm"])
        )

    def _surface(self, name: str) -> dict[str, Any]:
        return next(row for row in read_norm("snow_surfaces") if row["surface"] == name)

    def _roads_norm(self, column: str) -> Floats:
        rows = {row["road_class"]: row for row in read_norm("snow_roads")}
        return np.array([rows[name][column] for name in ROAD_CLASSES], dtype=np.float64)

    def _levels(self, streets: Streets, done_s: Floats, factor: float) -> Ints:
        """Surface of each street in each step: 0 bare, 1 … the surfaces from the thinnest on, (streets, steps).

        Of a step the deeper of its ends counts, so that a closure is never shorter than the snow says.
        """
        time = self.time_s()
        lying = lying_cm(self._fallen(streets, factor), time, done_s)
        falls = np.diff(lying, axis=1) > 1e-9
        stopped = np.cumsum(np.where(falls, 0.0, 1.0), axis=1) * (time[1] - time[0]) / 3600.0
        gone = np.concatenate([np.zeros((len(lying), 1)), stopped], axis=1) * self.rules["melt"]
        worn = np.maximum(lying - gone, 0.0)
        deep = np.maximum(worn[:, 1:], worn[:, :-1])
        starts = np.array([row["from_cm"] for row in self._surfaces])
        return np.searchsorted(starts, deep, side="right").astype(np.int64)

    def _roads(self, network: RoadNetwork, county: County, streets: Streets, factor: float) -> Disruption:
        _, done, _ = self._ploughing(network, streets, factor)
        level = self._levels(streets, done, factor)
        surfaces = [*self._surfaces]
        if self.spec.ice:
            ice = self._surface("ice")
            surfaces = [{**row, "friction": min(row["friction"], ice["friction"]),
                         "speed": min(row["speed"], ice["speed"])} for row in surfaces]  # fmt: skip
        which, start, end, state = _runs(level, self.time_s())
        gradient = np.minimum(streets.gradient, self._roads_norm("greatest_gradient")[network.road_class[streets.edge]])
        sight = self._roads_norm("sight_m")[network.road_class[streets.edge]]
        friction = np.array([row["friction"] for row in surfaces])[state]
        usual = np.array([row["speed"] for row in surfaces])[state]
        tables = [self._rows(network, streets, which, start, end, "", self._permille(
            which, friction, usual, gradient, sight, network, streets))]  # fmt: skip
        classes = set(county.table("vehicles")["class"]) | {"car", "truck_5t"}
        for row in read_norm("snow_vehicles"):
            if row["vehicle_class"] not in classes:
                continue
            grip = friction + np.where(friction > 0, row["chains"] * self.rules["chains_gain"], 0.0)
            # state 0 (first surface) is wet road, on which no class is short of grip on its own gradients
            shut = gradient[which] > climbable(grip, row["driven_share"], self.rules["rolling"])
            shut &= usual > 0
            tables.append(
                self._rows(network, streets, which[shut], start[shut], end[shut], row["vehicle_class"],
                           np.zeros(int(shut.sum())))
            )  # fmt: skip
        edges = pd.concat([t for t in tables if len(t)], ignore_index=True) if any(map(len, tables)) else None
        edges = empty_table(EDGE_COLUMNS) if edges is None else edges[list(EDGE_COLUMNS)].astype(EDGE_COLUMNS)
        empty = empty_table(PLACE_COLUMNS), empty_table(AREA_COLUMNS), empty_table(GROUP_COLUMNS)
        return Disruption(edges, *empty)

    def _permille(
        self, which: Ints, friction: Floats, usual: Floats, gradient: Floats, sight: Floats, network: RoadNetwork,
        streets: Streets,
    ) -> Floats:  # fmt: skip
        """Speed left: the surface's share, and no more than stops within sight; beside the speed of a loaded truck."""
        speeds = {row["road_class"]: row["truck_5t"] for row in read_norm("speeds")}
        dry = np.array([speeds[name] for name in ROAD_CLASSES])[network.road_class[streets.edge]]
        safe = safe_speed_kmh(friction, gradient[which], sight[which], self.rules["reaction"])
        share = np.minimum(usual, safe / dry[which])
        # a road that nobody can hold on is shut by class below; here it is slow, never shut, unless snow blocks it
        share = np.where(usual > 0, np.maximum(share, 0.05), 0.0)
        permille: Floats = np.floor(1000 * np.minimum(share, 1.0) + 0.5)
        return permille

    def _rows(
        self, network: RoadNetwork, streets: Streets, which: Ints, start: Floats, end: Floats, vehicle_class: str,
        permille: Floats,
    ) -> pd.DataFrame:  # fmt: skip
        """Rows of both directions of streets."""
        edge = streets.edge[which]
        twin = network.twin[edge].astype(np.int64)
        both = np.concatenate([edge, twin[twin >= 0]])
        pick = np.concatenate([np.arange(len(edge)), np.flatnonzero(twin >= 0)])
        order = np.lexsort((start[pick], both))
        both, pick = both[order], pick[order]
        return pd.DataFrame({
            "edge": network.edge_id[both], "vehicle_class": vehicle_class, "forecast_start_s": start[pick],
            "forecast_end_s": end[pick], "start_s": start[pick], "end_s": end[pick], "depth_m": np.nan,
            "speed_permille": permille[pick], "known_s": start[pick], "cause": CAUSE, "group": "",
        })  # fmt: skip


def snow(spec: Snow) -> SnowModel:
    """Read what a snowfall needs.

    Raises
    ------
    InputProblems
        If the terrain cannot be read.
    """
    rules = {row["rule"]: row["value"] for row in read_norm("snow_rules")}
    return SnowModel(spec, None if spec.terrain is None else read_terrain(spec.terrain), rules)


def _along(rank: Floats, network: RoadNetwork, edge: Ints) -> Ints:
    """Streets by rank, within it road by road (ref, else name), in the order of the edges."""
    road = np.array([str(ref) or str(name) for ref, name in zip(network.ref[edge], network.name[edge], strict=True)])
    _, code = np.unique(road, return_inverse=True)
    return np.lexsort((edge, code, rank)).astype(np.int64)


def _runs(level: Ints, time_s: Floats) -> tuple[Ints, Floats, Floats, Ints]:
    """Stretches of one surface by street and time, bare ones left out: street, start, end, surface (from 0)."""
    changed = np.ones(level.shape, dtype=bool)
    changed[:, 1:] = level[:, 1:] != level[:, :-1]
    street, step = np.nonzero(changed)
    last = np.r_[street[1:] != street[:-1], True] if len(street) else np.empty(0, dtype=bool)
    until = np.where(last, level.shape[1], np.r_[step[1:], 0] if len(step) else step)
    state = level[street, step] - 1
    kept = state >= 0
    # what lies at the end of what is followed stays: the model does not say when it goes
    end = np.where(until == level.shape[1], np.inf, time_s[np.minimum(until, level.shape[1])])
    return street[kept], time_s[step][kept], end[kept], state[kept]
