"""Relief trips on a grid of time and load, as arrays: what a bound is computed from.

All times are rounded down and all loads are taken as small as they can be, so that what holds on the grid holds for
every plan in continuous time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Portions", "Supply", "TripInstance", "portions"]


@dataclass(frozen=True, eq=False)
class Supply:
    """Who can send how much of what: a transport problem beside the trips.

    Attributes
    ----------
    depot, task, stock, need : int64 arrays (a,)
        Of each arc: which depot, for which task, out of which stock, for which need.
    group : int64 array (a,)
        Limit that it counts against; -1 = none.
    credit : float64 array (a,)
        Share of the task that one unit is.
    available : float64 array (stocks,)
    asked : float64 array (needs,)
    limit : float64 array (groups,)
    """

    depot: NDArray[np.int64]
    task: NDArray[np.int64]
    stock: NDArray[np.int64]
    need: NDArray[np.int64]
    group: NDArray[np.int64]
    credit: NDArray[np.float64]
    available: NDArray[np.float64]
    asked: NDArray[np.float64]
    limit: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TripInstance:
    """Trips of vehicle types from depots to tasks (what one place is to be given at one site).

    Time is counted from an origin in slots of ``step_ms``; loading starts, docks and vehicles in blocks of ``block``
    slots. Sizes are shares of a reference truck.

    Attributes
    ----------
    step_ms, block : int
    size : float64 array (p,)
    capacity : float64 array (k,)
        Largest load of a type.
    units : int
        A full load of each type has so many units.
    parts : int
        Round parts that a task is cut into at most.
    vehicle_type : int64 array (v,)
    stand : int64 array (d,)
        Where vehicles of a depot stand: a depot each, or one for all (from where a vehicle is at any depot at once).
    at_ms : int64 array (v, l)
        Earliest time at which a vehicle can stand there; ``NEVER`` if it cannot.
    start_ms : int64 array (k, d)
        Earliest start of loading; ``NEVER`` if a type cannot be at a depot.
    docks : int64 array (d,)
    leg_ms : int32 array (k, d + p, p)
        Least driving time at any hour from a depot or a task to a task; ``pricing.NO_WAY`` if there is none. Between
        tasks of one site, which are unloaded together: only from an earlier one to a later one, less the least time of
        an unloading.
    arrive_ms : int32 array (k, d + p, p, t)
        Earliest arrival when leaving at slot ``t * leg_slots`` or later; 0 = not known, -1 = none.
    leg_slots : int
    back_ms : int64 array (k, p, l)
        Least driving time from a task to where vehicles stand.
    loading_ms, unloading_ms, convoy_ms : int
    floor : float
    apart_ms : int
        Time by which the unloadings of two vehicles at one place end apart at least.
    open_roads : bool
        Whether driving times are the same at all hours.
    supply : Supply or None
    """

    step_ms: int
    block: int
    size: NDArray[np.float64]
    capacity: NDArray[np.float64]
    units: int
    parts: int
    vehicle_type: NDArray[np.int64]
    stand: NDArray[np.int64]
    at_ms: NDArray[np.int64]
    start_ms: NDArray[np.int64]
    docks: NDArray[np.int64]
    leg_ms: NDArray[np.int32]
    arrive_ms: NDArray[np.int32]
    leg_slots: int
    back_ms: NDArray[np.int64]
    loading_ms: int
    unloading_ms: int
    convoy_ms: int
    floor: float
    apart_ms: int
    open_roads: bool
    supply: Supply | None = None

    @property
    def block_ms(self) -> int:
        """Length of a block."""
        return self.step_ms * self.block

    def load_times(self, vehicle_type: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Least duration of loading, and least dock time, by units loaded (ms): (units + 1,) each.

        The duration is that of a load one unit smaller, the dock time that of the load itself: the latter is linear
        in the load above the floor, so that means of loads are loads of means.
        """
        unit = self.capacity[vehicle_type] / self.units
        load = np.arange(self.units + 1) * unit
        before = np.maximum(0.0, load - unit)
        duration = self.loading_ms * np.maximum(self.floor, before)
        dock = self.loading_ms * np.where(before >= self.floor, load, self.floor)
        return duration, dock


@dataclass(frozen=True, eq=False)
class Portions:
    """Parts of each task's goods that one stop of a vehicle type may hand over.

    Portion ``i`` of task ``p`` (``first[p] ≤ i < first[p + 1]``) is the share ``credit[i]`` of it and takes ``low[i]``
    units of the load; ``unload_ms`` is the least time that unloading it takes. Of those with ``odd``, one trip needs
    at most one: the loads of a trip are means of loads that are round but for one stop.
    """

    first: NDArray[np.int64]
    low: NDArray[np.int64]
    credit: NDArray[np.float64]
    unload_ms: NDArray[np.float64]
    odd: NDArray[np.bool_]


def portions(instance: TripInstance, vehicle_type: int, split: bool = True) -> Portions:
    """Cut the goods of each task into round parts for a vehicle type, with the odd ones between them.

    Parts between two neighbouring round ones are taken to unload as fast as the smaller. For any load of a truck, with
    a total between two neighbouring numbers of units, the parts of its stops are a mean of the corners of a polytope
    (each part between two round ones, the total between its two numbers), at each of which all parts but one are round.
    Without ``split``, only whole tasks.
    """
    unit = instance.capacity[vehicle_type] / instance.units
    first: list[int] = [0]
    rows: list[tuple[int, float, int, bool]] = []
    for size in instance.size:
        whole = int(np.floor(size / unit + 1e-9))
        last = min(max(int(np.ceil(size / unit - 1e-9)) - 1, 0), instance.units)
        width = max(1, -(-last // instance.parts))
        edges = [*range(0, last, width), last]
        for begin, end in zip(edges[:-1], edges[1:], strict=True) if split else ():
            share = min(1.0, end * unit / size)
            rows += [(end, share, begin, False), (begin, share, begin, True)]
        if whole <= instance.units:
            rows.append((whole, 1.0, last, False))
            if whole > last and split:
                rows.append((last, 1.0, last, True))
        first.append(len(rows))
    return Portions(
        np.array(first, dtype=np.int64),
        np.array([row[0] for row in rows], dtype=np.int64),
        np.array([row[1] for row in rows], dtype=np.float64),
        instance.unloading_ms * np.maximum(instance.floor, np.array([row[2] for row in rows], dtype=np.float64) * unit),
        np.array([row[3] for row in rows], dtype=np.bool_),
    )
