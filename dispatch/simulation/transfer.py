"""The last kilometres past a road cut: porters meet the truck at the road's end and carry its goods to the place.

The road's end is the junction, among those no farther from the place than the limit, from which the goods would be
there first: driving, mustering (which runs beside the driving), taking off and walking. A column of porters goes to
and fro; its last walk is one way. The truck goes on once it is empty.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dispatch.clock import HOUR_MS
from dispatch.simulation.depot import part_load_ms
from dispatch.simulation.distribution import hand_out
from dispatch.simulation.driving import drive_to_node
from dispatch.simulation.media import KM_PER_DEGREE
from dispatch.simulation.news import believes, visit
from dispatch.simulation.order_chain import figure_ms
from dispatch.simulation.run import Run, Vehicle
from dispatch.simulation.store import Cargo
from models.earliest_arrival import earliest_arrival
from models.traversal import NEVER

__all__ = ["carry_on", "walk_ms"]


@dataclass(frozen=True)
class _RoadEnd:
    """Where the road ends for a truck: when it can be there, and how far it is from there on foot."""

    node: int
    arrive_ms: int
    walk_km: float


def walk_ms(weight_kg: float, porters: float, load_kg: float, walk_km: float, walk_kmh: float) -> int:
    """How long porters take to carry a weight: ``columns`` walks there and one less back."""
    columns = max(math.ceil(weight_kg / (porters * load_kg)), 1)
    return round((2 * columns - 1) * walk_km / walk_kmh * HOUR_MS)


def carry_on(
    run: Run, vehicle: Vehicle, site: str, cargo: Sequence[Cargo], milestone: str
) -> Generator[Any, Any, bool]:
    """Have a stop's goods carried from the road's end; False if that cannot be done."""
    response, env, draws = run.stage.scenario.response, run.env, run.night.draws
    if "transfer" not in response or vehicle.lost or not cargo:
        return False
    weight = math.fsum(part.quantity * part.unit_kg for part in cargo)
    end = _road_end(run, vehicle, site, weight)
    if end is None:
        return False
    mustered = env.now + figure_ms(draws, "transfer.muster", site)
    there = yield from drive_to_node(run, vehicle, end.node, site, milestone)
    if not there:
        return False
    if vehicle.gave_up >= 0 and vehicle.site < 0:
        vehicle.gave_up = -1
    run.log(vehicle, "road_end", place=site, quantity=run.take_km(vehicle), detail=f"{end.walk_km:.2f}")
    if mustered > env.now:
        yield env.timeout(mustered - env.now)
    step = draws.step_ms("unloading", f"{vehicle.vehicle} {vehicle.trip} {site} road end")
    yield env.timeout(part_load_ms(run.stage.scenario, step, cargo))
    taken = run.log(vehicle, "porters_take", place=site, quantity=weight)
    numbers = {part.stop for part in cargo}
    vehicle.aboard = [part for part in vehicle.aboard if part.stop not in numbers]
    run.carried += cargo
    env.process(_carry(run, vehicle, vehicle.trip, site, cargo, end, weight, taken))
    return True


def _carry(
    run: Run, vehicle: Vehicle, trip: str, site: str, cargo: Sequence[Cargo], end: _RoadEnd, weight: float, taken: int
) -> Generator[Any, Any, None]:
    draws = run.night.draws
    yield run.env.timeout(
        walk_ms(weight, draws.figure("transfer.porters", site), draws.figure("transfer.load_kg", site), end.walk_km,
                draws.figure("transfer.walk_kmh", site))
    )  # fmt: skip
    done = run.recorder.record(
        run.env.now, "carried_in", site, "porters", taken, place=site, quantity=weight, trip=trip
    )
    visit(run, site)
    for part in cargo:
        run.carried.remove(part)
    hand_out(run, vehicle, cargo, site, done, trip)


def _road_end(run: Run, vehicle: Vehicle, site: str, weight_kg: float) -> _RoadEnd | None:
    """The best junction near a site that the truck expects to reach; None if there is none by the horizon."""
    stage = run.stage
    response, network = stage.scenario.response, stage.scenario.network
    lon, lat = stage.site_point[stage.site_index[site]]
    x = (network.node_lon - lon) * math.cos(math.radians(lat)) * KM_PER_DEGREE
    far: NDArray[np.float64] = np.hypot(x, (network.node_lat - lat) * KM_PER_DEGREE) * response.value("transfer.detour")
    near = np.flatnonzero(far <= response.value("transfer.limit_km"))
    source = vehicle.node if vehicle.site < 0 else stage.site_node[vehicle.site]
    if not len(near) or source < 0:
        return None
    graph = network.drivable
    start = run.env.now + (stage.access_ms[vehicle.site] if vehicle.site >= 0 else 0)
    at, _ = earliest_arrival(
        graph, believes(run, vehicle), source, start, near, slowness=vehicle.slowness, latest_ms=run.night.last_ms
    )
    porters, load = response.value("transfer.porters"), response.value("transfer.load_kg")
    best: tuple[int, _RoadEnd] | None = None
    for node in near.tolist():
        if at[node] < NEVER:
            walk = walk_ms(weight_kg, porters, load, float(far[node]), response.value("transfer.walk_kmh"))
            there = int(at[node]) + walk
            if best is None or there < best[0]:
                best = there, _RoadEnd(node, int(at[node]), float(far[node]))
    return None if best is None else best[1]
