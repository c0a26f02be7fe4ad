"""A routing problem with one depot and a fleet of equal vehicles, as arrays."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["RoutingInstance", "routing_instance"]


class RoutingInstance(NamedTuple):
    """Arrays of one problem; node 0 is the depot, nodes 1 … n are customers.

    Attributes
    ----------
    cost : float64 array (n + 1, n + 1)
        Of driving from one node to another; ignored where arrivals count.
    time : float64 array (n + 1, n + 1)
    demand, service, ready, due, release : float64 arrays (n + 1,)
        A vehicle arrives by ``due`` and starts service from ``ready`` on; it leaves the depot when everything it
        carries is released. Node 0: when vehicles may leave first and must be back last.
    weight : float64 array (n + 1,)
        Of a customer's arrival time.
    capacity : float
    vehicles : int
    by_arrival : bool
        Minimise the weighted sum of arrival times; else the cost driven.
    reload : bool
        Whether a vehicle may come back for another trip.
    timed : bool
        Whether a window, a release or the depot's closing time can bind.
    """

    cost: NDArray[np.float64]
    time: NDArray[np.float64]
    demand: NDArray[np.float64]
    service: NDArray[np.float64]
    ready: NDArray[np.float64]
    due: NDArray[np.float64]
    release: NDArray[np.float64]
    weight: NDArray[np.float64]
    capacity: float
    vehicles: int
    by_arrival: bool
    reload: bool
    timed: bool


def routing_instance(
    time: ArrayLike,
    demand: ArrayLike,
    capacity: float,
    *,
    vehicles: int | None = None,
    cost: ArrayLike | None = None,
    service: ArrayLike | None = None,
    ready: ArrayLike | None = None,
    due: ArrayLike | None = None,
    release: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    by_arrival: bool = False,
    reload: bool = False,
) -> RoutingInstance:
    """Make an instance, with what is not given left free.

    Parameters
    ----------
    time : array (n + 1, n + 1)
        Driving times, row to column; node 0 is the depot.
    demand : array (n + 1,)
    capacity : float
    vehicles : int, optional
        One for each customer by default.
    cost : array (n + 1, n + 1), optional
        The times by default.
    service, ready, due, release, weight : arrays (n + 1,), optional
        0, 0, no end, 0 and 1 by default.
    by_arrival, reload : bool

    Raises
    ------
    ValueError
        If shapes differ, a number is negative or not finite where it must be, a demand exceeds the capacity, or
        arrivals are to count while something makes vehicles wait (windows or releases).
    """
    times = np.ascontiguousarray(time, dtype=np.float64)
    if times.ndim != 2 or times.shape[0] != times.shape[1] or not len(times):
        raise ValueError(f"time must be square with a depot, got shape {times.shape}")
    nodes = len(times)

    def column(given: ArrayLike | None, default: float, name: str) -> NDArray[np.float64]:
        values = np.full(nodes, default) if given is None else np.array(given, dtype=np.float64)
        if values.shape != (nodes,):
            raise ValueError(f"{name} must have shape ({nodes},), got {values.shape}")
        if np.isnan(values).any() or (values < 0).any():
            raise ValueError(f"{name} must not be negative or missing")
        return values

    costs = times if cost is None else np.ascontiguousarray(cost, dtype=np.float64)
    if costs.shape != times.shape:
        raise ValueError(f"cost must have shape {times.shape}, got {costs.shape}")
    if not (np.isfinite(times).all() and np.isfinite(costs).all()) or (times < 0).any():
        raise ValueError("times and costs must be finite, times not negative")
    demands = column(demand, 0.0, "demand")
    if (demands[1:] > capacity).any():
        raise ValueError("a demand exceeds the capacity: split it first")
    readies, dues, releases = column(ready, 0.0, "ready"), column(due, np.inf, "due"), column(release, 0.0, "release")
    timed = bool((readies > 0).any() or np.isfinite(dues).any() or (releases > 0).any())
    if by_arrival and ((readies > 0).any() or (releases > 0).any()):
        raise ValueError("arrivals are only counted where no vehicle has to wait: no ready or release times")
    fleet = max(1, nodes - 1) if vehicles is None else vehicles
    if fleet < 1:
        raise ValueError(f"at least one vehicle is needed, got {fleet}")
    return RoutingInstance(
        costs, times, demands, column(service, 0.0, "service"), readies, dues, releases, column(weight, 1.0, "weight"),
        float(capacity), int(fleet), by_arrival, reload, timed,
    )  # fmt: skip
